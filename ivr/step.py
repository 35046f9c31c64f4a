"""All that a story may ask for. A step is a wish; what came of it is sent back into the story's generator.

A story returns one of the endings (GoToQueue, TurnAway, Goodbye, Done, Hangup). `NEXT` on the caller's channel tells the
dialplan which it was; a story that broke off leaves it unset, and the dialplan goes its own way.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

ALL_KEYS = "0123456789*#ABCD"

Spoken = str | int
"""A prompt's name, or a number that is put together from the language's number prompts, or PAUSE."""

PAUSE = "…"
"""A breath among prompts, as between the groups of a long number; a key ends it like a prompt."""

Skills = tuple[tuple[str, int], ...]


def spoken(prompts: Spoken | tuple[Spoken, ...]) -> tuple[Spoken, ...]:
    return prompts if isinstance(prompts, tuple) else (prompts,)


@dataclass(frozen=True, slots=True)
class Play:
    """Plays prompts one after the other; answers the key that cut them short, or ""."""

    prompts: Spoken | tuple[Spoken, ...]
    language: str = ""
    """Other than the call's, for what is said before the caller has chosen."""
    keys: str = ALL_KEYS
    """The keys that cut it short. Others are not heard."""
    whole: bool = False
    """Said to its end whatever is keyed (the notice of recording); keys are kept for the next step that wants one."""


@dataclass(frozen=True, slots=True)
class Say:
    """Says a text of digits one by one; answers the key that cut it short, or ""."""

    digits: str
    keys: str = ALL_KEYS


@dataclass(frozen=True, slots=True)
class Hear:
    """What the caller may say in the place of keys. Where nobody listens, keys are all there is, and nothing of it is said."""

    kind: Literal["choice", "number"]
    hints: tuple[str, ...] = ()
    """The phrases that are expected."""
    say: tuple[Spoken, ...] = ()
    """Said behind the prompts, where somebody listens."""


Outcome = Literal["speech", "silence", "key", "failed"]
"""Of listening to a caller."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller has said; empty where it was not speech."""

    text: str = field(repr=False)
    confidence: float = 1.0
    """0 to 1: how likely the text is, by the recogniser's own measure."""


@dataclass(frozen=True, slots=True)
class Collect:
    """Plays prompts and takes digits; answers them without the end key, or None when no key came at all; Heard where the caller has spoken
    instead (`hear`)."""

    prompts: Spoken | tuple[Spoken, ...]
    digits: int = 1
    first_s: float = 5.0
    """Silence after the prompts before it is given up."""
    between_s: float = 4.0
    end: str = ""
    """The key that ends the entry; it is not part of the answer."""
    hear: Hear | None = None


@dataclass(frozen=True, slots=True)
class PlayIn:
    """Plays each prompt in its own language; answers like Collect for one key. For the choice of a language."""

    prompts: tuple[tuple[str, str], ...]
    """(language, prompt) in the order they are said."""
    first_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Music:
    """Music on hold, from now until the next prompt or `on=False`. It outlives the story: waiting is never silent."""

    on: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Waits with the music on; answers the key that ended it, or "" after the whole time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class LookUp:
    """Asks the daemon; answers a dict, or None when it does not answer in time. A story must go on without."""

    what: Literal[
        "queue",
        "call",
        "callback",
        "login",
        "caller",
        "lookup",
        "lookup-answer",
        "told",
        "identity",
        "survey",
        "fault",
        "fault-news",
    ]
    key: str
    parameters: dict[str, str] = field(default_factory=dict, repr=False)  # may hold a PIN, or what a caller has keyed
    within_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the log with the call in it; nothing that a caller has keyed or said."""

    sentence: str


@dataclass(frozen=True, slots=True)
class SetVariable:
    """Sets a variable on the caller's channel."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """All further prompts in this language; `LANG` on the channel tells the dialplan."""

    language: str


@dataclass(frozen=True, slots=True)
class Language:
    """Answers the language in which the caller is spoken to at the moment."""


@dataclass(frozen=True, slots=True)
class Now:
    """Answers the machine's seconds since it was switched on: one clock for all processes that never steps back."""


@dataclass(frozen=True, slots=True)
class OwnStory:
    """Plays a story of the house's own, in a process of its own; answers "served", "person" (also where it broke), "back"."""

    file: str
    about: dict[str, Any] = field(default_factory=dict, repr=False)
    """What it may know of call and caller."""


Step = (
    Play | Say | Collect | PlayIn | Music | Wait | LookUp | Note | SetVariable | SetLanguage | Language | Now | OwnStory
)


@dataclass(frozen=True, slots=True)
class GoToQueue:
    """To a person: the caller waits in this queue for an agent with these skills."""

    queue: str
    skills: Skills = ()
    path: str = ""
    agent: str = ""
    """The agent who owns the matter, and is asked first; empty: nobody does."""
    wish: Literal["", "message", "callback"] = ""
    """What the caller has chosen in the place of waiting in a queue that is closed."""


@dataclass(frozen=True, slots=True)
class TurnAway:
    """Let go without a person, and told why: "closed" or "unstaffed"."""

    reason: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Served in full, or wants no more."""

    path: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """The story is over, and the dialplan knows itself what comes next."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """Ends the call."""


Ending = GoToQueue | TurnAway | Goodbye | Done | Hangup
Story = Generator[Step, Any, Ending]

T = TypeVar("T")
Part = Generator[Step, Any, T]
"""A piece of a story, for `yield from`; it answers a T."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a story knows of its call when it begins; read from the caller's channel, never from a caller's text."""

    id: str = ""
    dialled: str = ""
    language: str = ""
    queue: str = ""
    agent: str = ""
    """The extension that logs in (agent_login only)."""
    notice: str = ""
    """"said" when the dialplan has told the caller already of the recording."""
    caller: str = ""
    """The caller's number in digits only, as the carrier has written it, or "unknown", also where it is withheld.
    The daemon, which is asked about it, knows which number that is."""
    within_s: int = 0
    """What the policy promises who takes a callback (callback_offer only)."""
    survey: str = ""
    """What the caller has answered in the survey already, as "satisfied.4-solved.1" (survey only)."""
    subject: str = ""
    """What the story of a call out is about (fault_news: the fault's number)."""
    ask_key: bool = False
    """Who answers such a call is asked for a key before the story begins."""
    said: str = ""
    """What the waiting room said last, as "<position>@<clock>": it is left every 30 s and must not begin anew."""
