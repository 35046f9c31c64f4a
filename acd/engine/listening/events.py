"""Events about supervisors who listen: what is asked, and what became of their telephone."""

from dataclasses import dataclass
from typing import Literal

ListenMode = Literal["listen", "whisper", "barge", "take-over"]
"""listen: the supervisor hears both; whisper: the agent hears the supervisor, too; barge: all three talk; take-over: the agent leaves the
talk, and the caller stays with the supervisor."""
NoListener = Literal["busy", "rejected", "no answer", "unreachable", "failed", "hung up", "lost"]
"""Why the supervisor's telephone is out: it did not answer, or was hung up; lost: its channel was gone when the link came back."""


@dataclass(frozen=True, slots=True)
class ListenAsked:
    """A supervisor wants to listen: their telephone is to ring."""

    listener: str
    """A new id (acd.identifiers.LISTENER_ID)."""
    call: str
    account: str
    telephone: str
    """The extension whose telephone rings."""
    mode: ListenMode = "listen"
    teams: tuple[str, ...] = ()
    """The account is limited to calls of these teams' agents; empty: it is not."""


@dataclass(frozen=True, slots=True)
class ListenSwitched:
    """From now on the listener does this."""

    listener: str
    mode: ListenMode
    by: str = ""
    """The account; empty: by a key of the telephone."""


@dataclass(frozen=True, slots=True)
class ListenEnded:
    """The listener is to be hung up."""

    listener: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ListenerAnswered:
    """The supervisor's telephone was answered."""

    listener: str


@dataclass(frozen=True, slots=True)
class ListenerJoined:
    """The supervisor is in one bridge with the caller."""

    listener: str


@dataclass(frozen=True, slots=True)
class ListenerLeft:
    """The supervisor has left the caller's bridge, and is still on the telephone."""

    listener: str


@dataclass(frozen=True, slots=True)
class ListenerGone:
    """The supervisor's telephone has not answered, or was hung up."""

    listener: str
    why: NoListener = "hung up"
    cause: int = 0


ListenEvent = (
    ListenAsked | ListenSwitched | ListenEnded | ListenerAnswered | ListenerJoined | ListenerLeft | ListenerGone
)
