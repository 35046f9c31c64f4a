"""The table [whisper]: what agents are told by voice about a call that they have answered, and who is told."""

from typing import Literal

from acd.config.types import Part

WhenWhispered = Literal["always", "without-page", "never"]


class WhisperTable(Part):
    when: WhenWhispered = "without-page"
    """For agents who say nothing of their own (agents.1001.whisper): always, when the agent has no page open, or never."""
    queue_name: bool = False
    """Whether the name of the queue is said of each of its callers; a queue's own switch (queues.orders.whisper) goes before."""
