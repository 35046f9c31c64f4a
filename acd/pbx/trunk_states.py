"""How each trunk is: registered, answering, resolved. Pure: what was seen goes in, states and alarms come out; time is an argument.

A trunk is *well* while everything that it is watched for is well. What is seen for less than GRACE counts for nothing: a
registration takes a moment, and a carrier's registrar may answer 401 once to the right password. A trunk of which nothing can be seen
(it takes calls only, or the link to Asterisk is lost) is neither well nor ill.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Trouble = Literal["not-registered", "no-answer", "unresolved", "closed"]
"""Codes; their sentences stand in acd/words. "closed": Asterisk did not take the trunk's addresses."""
GRACE = timedelta(seconds=20)
SILENT_S = 6.0
"""A trunk that has not answered the INVITE at all by then is left for the next one."""
SILENCE = timedelta(minutes=5)
"""A trunk that has left a call out unanswered is tried behind the others for so long, whatever it answers to OPTIONS: the next
caller must not wait for it again."""
REFUSALS = frozenset({401, 402, 403, 405, 407, 420, 421, 488, 494, 606})
"""SIP answers to a call out that are about us and not about the number: our account, our From, our sound."""


NEXT_TRUNK_CODES = "100|40[0-8]|415|42[01]|48[2348]|49[1-4]|5[0-9][0-9]|606"
"""SIP answers to a call out after which another trunk may carry it, as alternatives of a regular expression: 100 alone, which is
silence, a refusal of our account, From or sound, an unknown number, which is also what carriers say of one that they have no
route to, and every fault of a server. No answer at all (silence, no way there) is like 100. Not: busy, declined, nobody there,
forwarded."""
_NEXT_TRUNK = re.compile(NEXT_TRUNK_CODES)
_SILENT = (0, 100)
"""What a trunk that is silent has answered to a call out."""


def another_trunk_may_do(code: int) -> bool:
    """Whether another trunk may carry a call out that was answered so; 0: it was not answered at all."""
    return not code or _NEXT_TRUNK.fullmatch(str(code)) is not None


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a trunk. None: nothing can be said of it."""

    registered: bool | None = None
    registrar: int | None = None
    """What the registrar answered to the last try that failed; 0: nothing, None: not known."""
    answers: bool | None = None
    """Whether the way out has answered OPTIONS."""
    unresolved: tuple[str, ...] = ()
    """Names that could not be resolved at the last try."""
    taken: bool | None = None
    """Whether Asterisk has the trunk's addresses."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is not well, the gravest first."""
        found: list[Trouble] = []
        if self.taken is False:
            found.append("closed")
        if self.registered is False:
            found.append("not-registered")
        if self.answers is False:
            found.append("no-answer")
        if self.unresolved:
            found.append("unresolved")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Alarm:
    """For the supervisor, once: a trouble begins, or is over."""

    name: str
    """"trunk-" and a Trouble, "trunk-well", "trunk-refuses" or "trunk-silent"."""
    detail: str
    """Words without a language, for the sentence, with a bar between: the trunk, the time, the name …"""


@dataclass(slots=True)
class TrunkState:
    """What the page, the metrics and the command line show of a trunk."""

    name: str
    registers: bool = False
    watched: bool = False
    """OPTIONS are sent to its way out."""
    dials_out: bool = False
    seen: Seen = Seen()
    since: dict[Trouble, datetime] = field(default_factory=dict)
    """Trouble to the time at which it was first seen."""
    alarmed: set[Trouble] = field(default_factory=set)
    refused: int = 0
    """The SIP answer with which it refuses our calls out; 0: the last one went through, or none was made."""
    carried: int = 0
    """Calls out that it has carried since the daemon began."""
    failed: int = 0
    """Calls out that it has not."""
    silent_at: datetime | None = None
    """When a call out was last left unanswered; None: one went through since."""

    def trouble(self, now: datetime) -> Trouble | None:
        """The gravest one that has lasted for GRACE."""
        return next((each for each in self.seen.troubles if now - self.since.get(each, now) >= GRACE), None)

    def state(self, now: datetime) -> str:
        """A Trouble, or "registered", "answers", "resolved", "not-watched" or "unknown"."""
        if (trouble := self.trouble(now)) is not None:
            return trouble
        if self.registers:
            return "registered" if self.seen.registered else "unknown"
        if self.watched:
            return "answers" if self.seen.answers else "unknown"
        return "not-watched"

    def row(self, now: datetime) -> dict[str, object]:
        """For /api/state: a code and the time since when it is so."""
        trouble = self.trouble(now)
        return {
            "name": self.name,
            "state": self.state(now),
            "well": trouble is None,
            "since": self.since[trouble] if trouble else None,
            "registrar": self.seen.registrar if trouble == "not-registered" and not self.seen.unresolved else None,
            "unresolved": list(self.seen.unresolved),
            "dials_out": self.dials_out,
            "refused": self.refused,
            "carried": self.carried,
            "failed": self.failed,
        }


class TrunkStates:
    """All trunks of the configuration in force, in its order."""

    def __init__(self, clock: Callable[[datetime], str]) -> None:
        """`clock`: a time as the hotline's people read it, as 12:03."""
        self._clock = clock
        self._trunks: dict[str, TrunkState] = {}

    def configured(self, trunks: Iterable[TrunkState]) -> None:
        """The trunks of a new configuration; what is known of one that stays is kept."""
        known, self._trunks = self._trunks, {}
        for new in trunks:
            if (old := known.get(new.name)) is not None:
                old.registers, old.watched, old.dials_out = new.registers, new.watched, new.dials_out
            self._trunks[new.name] = old or new

    def look(self, seen: Mapping[str, Seen], now: datetime) -> list[Alarm]:
        """Takes over what was seen of the trunks now; the alarms that it brings."""
        return [
            alarm for trunk in self._trunks.values() for alarm in self._look(trunk, seen.get(trunk.name, Seen()), now)
        ]

    def _look(self, trunk: TrunkState, seen: Seen, now: datetime) -> Iterable[Alarm]:
        trunk.seen = seen
        for each in seen.troubles:
            since = trunk.since.setdefault(each, now)
            if now - since >= GRACE and each not in trunk.alarmed:
                trunk.alarmed.add(each)
                yield Alarm(f"trunk-{each}", "|".join((trunk.name, self._clock(since), *_facts(seen, each))))
        for each in [each for each in trunk.since if _clears(seen, each) or not _watched(trunk, each)]:
            lasted = now - trunk.since.pop(each)
            if each in trunk.alarmed:
                trunk.alarmed.remove(each)
                yield Alarm(
                    "trunk-well", f"{trunk.name}|{self._clock(now)}|{each}|{round(lasted.total_seconds() / 60)}"
                )

    def carried(self, name: str) -> None:
        """A call out went through this trunk."""
        if (trunk := self._trunks.get(name)) is not None:
            trunk.carried += 1
            trunk.refused = 0
            trunk.silent_at = None

    def not_carried(self, name: str, code: int, now: datetime) -> list[Alarm]:
        """A call out failed at this trunk with this SIP answer (0: none). An alarm when the trunk begins to refuse us, or to be
        silent."""
        trunk = self._trunks.get(name)
        if trunk is None:
            return []
        trunk.failed += 1
        if code in _SILENT:
            first, trunk.silent_at = trunk.silent_at is None, now
            return [Alarm("trunk-silent", f"{name}|{self._clock(now)}")] if first else []
        if code not in REFUSALS or trunk.refused == code:
            return []
        trunk.refused = code
        return [Alarm("trunk-refuses", f"{name}|{code}")]

    def rows(self, now: datetime) -> list[dict[str, object]]:
        """Each trunk's row."""
        return [trunk.row(now) for trunk in self._trunks.values()]

    def ways_out(self, now: datetime) -> list[str]:
        """The trunks that can be dialled, in the configuration's order, those in trouble or silent behind all others."""
        able = [trunk for trunk in self._trunks.values() if trunk.dials_out]
        ill = [
            trunk
            for trunk in able
            if {"not-registered", "no-answer"} & set(trunk.seen.troubles)
            or (trunk.silent_at is not None and now - trunk.silent_at < SILENCE)
        ]
        return [trunk.name for trunk in (*(each for each in able if each not in ill), *ill)]


def _facts(seen: Seen, trouble: Trouble) -> tuple[str, ...]:
    """What else an alarm of this trouble says."""
    if trouble == "unresolved":
        return (", ".join(seen.unresolved),)
    # A registrar whose name can't be resolved was never asked.
    told = trouble == "not-registered" and seen.registrar is not None and not seen.unresolved
    return (str(seen.registrar),) if told else ()


def _clears(seen: Seen, trouble: Trouble) -> bool:
    """Whether this look shows that the trouble is over, and not only that nothing can be seen."""
    match trouble:
        case "closed":
            return seen.taken is True
        case "not-registered":
            return seen.registered is True
        case "no-answer":
            return seen.answers is True
        case "unresolved":
            return not seen.unresolved


def _watched(trunk: TrunkState, trouble: Trouble) -> bool:
    """Whether the configuration still watches for it."""
    return (trouble != "not-registered" or trunk.registers) and (trouble != "no-answer" or trunk.watched)
