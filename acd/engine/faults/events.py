"""Events of faults. See acd/engine/events.py for how events are kept."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FaultWords:
    """What callers hear of a fault, as it was declared. Empty in one language: its callers hear the general sentence."""

    zh: str = ""
    en: str = ""
    other_zh: str = ""
    """The other channel, as "也可以在我们的微信公众号上查看进展"; empty: none is named."""
    other_en: str = ""


@dataclass(frozen=True, slots=True)
class FaultScope:
    """Whom a fault concerns. A caller must fit the areas and the numbers; queues and keys say where in the call it is told."""

    areas: tuple[str, ...] = ()
    """Areas of the customers' records; empty: wherever the caller lives."""
    unknown_area: bool = False
    """Callers whose area nobody knows are concerned too."""
    numbers: tuple[str, ...] = ()
    """Numbers of ours that were dialled; empty: all (of the brand)."""
    brand: str = ""
    """Callers of this brand alone."""
    queues: tuple[str, ...] = ()
    """Told when the caller is about to wait in one of them; with no queue and no key: at the beginning."""
    keys: tuple[str, ...] = ()
    """Told at these keys of the menu, as "2" or "2/1"."""


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """What the class of the fault says is done, as it was when the fault was declared."""

    register: bool = True
    """Callers may ask to be told when it is mended."""
    queue: str = ""
    """Where its callers wait for a person; empty: where they would anyway."""
    priority: int = 0
    """Points of priority for callers who have heard it and go on to a person."""
    at_a_time: int = 5
    """So many are called back with the news at a time."""
    pauses_s: tuple[float, ...] = (900.0, 7200.0)
    """Between the tries to reach one."""


@dataclass(frozen=True, slots=True)
class FaultDeclared:
    """A person declares a fault. It gets the next number."""

    words: FaultWords
    scope: FaultScope = FaultScope()
    plan: FaultPlan = FaultPlan()
    fault_class: str = ""
    """As in [faults.classes]."""
    expected: datetime | None = None
    """When it should be mended, by the outer clock, aware; callers hear it."""
    by: str = ""
    alarm: str = ""
    """The alarm that has shown it, as "waiting (orders)"; empty: a person has noticed it."""
    detected: datetime | None = None
    """When that alarm was raised."""
    note: str = ""
    """For the record; callers do not hear it."""


@dataclass(frozen=True, slots=True)
class FaultChanged:
    """Words, scope and expected end of an open fault are now these, whole."""

    fault: str
    words: FaultWords
    scope: FaultScope = FaultScope()
    expected: datetime | None = None
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class FaultCleared:
    """It is mended. Everybody registered is called with the news, unless `quietly`."""

    fault: str
    zh: str = ""
    """What they hear; empty: the general sentence."""
    en: str = ""
    by: str = ""
    quietly: bool = False
    """Nobody is called: it was declared by mistake."""


@dataclass(frozen=True, slots=True)
class FaultHeard:
    """The caller hears the announcement of an open fault."""

    call: str
    fault: str
    whole: bool = False
    """To its end."""


@dataclass(frozen=True, slots=True)
class FaultRegistered:
    """The caller wants to be told, at this number, when it is mended."""

    call: str
    fault: str
    number: str
    """The canonical number."""
    language: str = ""


@dataclass(frozen=True, slots=True)
class FaultForgotten:
    """This number is told of no fault any more: its customer was erased, or has said so."""

    number: str


FaultEvent = FaultDeclared | FaultChanged | FaultCleared | FaultHeard | FaultRegistered | FaultForgotten
