"""Events of calls out that run a story. See acd/engine/events.py for how events are kept."""

from dataclasses import dataclass
from typing import Literal

StoryResult = Literal["told", "person", "declined", "no key", "hung up"]
"""How a story went that a customer has answered: heard to its end; asked for a person; did not want it; pressed no key (a mailbox,
perhaps); hung up before the end."""


@dataclass(frozen=True, slots=True)
class StoryCallAsked:
    """This number is to be called, and hears a story. Ignored where a call with this id is there already."""

    call: str
    """The id of the call (acd.identifiers.CALL_ID), given by who asks: the same id is one call, however often it is asked for."""
    story: str
    """A name of outcomes.STORIES."""
    number: str
    """The canonical number."""
    subject: str = ""
    """What the story is about, as the id of a fault, for the story and for whoever asked."""
    language: str = ""
    dialled: str = ""
    """The number of ours that the call shows, and whose brand it has; empty: the first of ours."""
    pauses_s: tuple[float, ...] = ()
    """How long after a try that failed the next one comes; as many further tries as there are pauses."""
    at_a_time: int = 0
    """So many calls about this subject are up at a time at most; 0: as many as the wall allows."""
    not_before_s: float = 0.0
    """The first try comes so long from now at the earliest."""
    area: str = ""
    """Of the customer's record, for the hours of their region; empty: not known."""


@dataclass(frozen=True, slots=True)
class StoryCallAnswered:
    """The customer has answered, and the story begins."""

    call: str
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class StoryCallOver:
    """The story is over."""

    call: str
    result: str
    """A StoryResult."""


@dataclass(frozen=True, slots=True)
class StoryCallFailed:
    """The customer was not reached in this try."""

    call: str
    reason: str
    """As of a CallbackFailed; and "lost": nobody knows what came of it."""
    cause: int = 0
    trunk: str = ""
    code: int = 0
    """What the carrier answered, as 486; 0: nothing."""


@dataclass(frozen=True, slots=True)
class StoryCallWithdrawn:
    """The call is not wanted any more. One that is under way goes on to its end."""

    call: str


StoryCallEvent = StoryCallAsked | StoryCallAnswered | StoryCallOver | StoryCallFailed | StoryCallWithdrawn
