"""What an agent is told who has dialled a code of the telephone: done, or refused. By what the engine made of the event."""

from collections.abc import Iterable
from typing import Literal

from acd.engine.calls.agent_events import IS_READY, NOT_LOGGED_IN, NOT_READY_ALREADY
from acd.engine.commands import Command, Kind, Log
from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, Event
from acd.engine.supervision.events import ASKED_ALREADY, HelpAsked, QueueJoined, QueueLeft

Answer = Literal["done", "refused"]

_ALREADY_SO: dict[type[Event], str] = {
    AgentLoggedOut: NOT_LOGGED_IN,
    AgentReady: IS_READY,
    AgentNotReady: NOT_READY_ALREADY,
    HelpAsked: ASKED_ALREADY,
    QueueLeft: "left-already",
    QueueJoined: "not-left",
}
"""Event to why it was ignored although the agent has what the code asks for: that is done, whoever did it."""


def answer(event: Event, commands: Iterable[Command]) -> Answer:
    """`commands`: what the engine answered to the event. Ignored means refused, but where it was so already."""
    for each in commands:
        if isinstance(each, Log) and each.kind is Kind.IGNORED and each.detail["event"] == type(event).__name__:
            return "done" if each.detail["why"] == _ALREADY_SO.get(type(event)) else "refused"
    return "done"
