"""Events of the mask over a call's recording."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MaskAsked:
    """The recording of the call is to hold silence from now on (`masked`), or sound again."""

    call: str
    agent: str
    """Who must have the caller; empty: any agent."""
    masked: bool
    by: str = ""
    """The account that asks in the place of the agent; empty: the agent."""


@dataclass(frozen=True, slots=True)
class MaskFailed:
    """Asterisk has not masked the recorder: what is said is recorded."""

    call: str
    why: str
    """"no-recorder": none runs on the channel; "refused"; "no-answer"; "no-link"."""


MaskEvent = MaskAsked | MaskFailed
