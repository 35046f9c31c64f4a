"""Events of callbacks, and of other calls to outside numbers. See events.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallbackAsked:
    """The caller wants to be called back at this number, which they have keyed; not confirmed yet."""

    call: str
    number: str


@dataclass(frozen=True, slots=True)
class CallbackAccepted:
    """The caller takes the callback that they were offered; the call keeps its place, the caller hangs up."""

    call: str
    number: str = ""
    """Where the caller wants to be called; empty: the number they call from."""


@dataclass(frozen=True, slots=True)
class CallbackAnswered:
    """The customer who was called back has answered and is in the waiting room."""

    call: str
    trunk: str = ""
    """The trunk that carried the call."""


@dataclass(frozen=True, slots=True)
class CallbackFailed:
    """The customer of a callback was not reached in this attempt."""

    call: str
    reason: str
    """"busy", "no answer", "refused", "no key" (a mailbox, or a person who pressed none), "failed"."""
    cause: int = 0
    trunk: str = ""
    """The last trunk that was tried."""
    code: int = 0
    """What its carrier answered, as 486; 0: nothing."""


@dataclass(frozen=True, slots=True)
class CallOutRefused:
    """Somebody asked for a call to an outside number and was refused; an alarm says so."""

    call: str
    number: str
    why: str
    """A limit, as "per-hour", or why the number may not be called, as "not-allowed"."""


@dataclass(frozen=True, slots=True)
class CallSentOn:
    """The outside number to which a policy or a transfer sent the caller has answered."""

    call: str
    trunk: str = ""
    """The trunk that carried the call; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class SelfCallAsked:
    """The hotline wants to dial one of its own numbers over a trunk, to try it. It is no call of a queue; it counts among the
    calls out. The answer is CallSelf, or nothing where a limit of calls out is reached."""

    number: str


CallbackEvent = (
    CallbackAsked | CallbackAccepted | CallbackAnswered | CallbackFailed | CallOutRefused | CallSentOn | SelfCallAsked
)
