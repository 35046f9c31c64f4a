"""Today's figures as they stand: counted as calls end, per queue and in total. The store's figures are the book; these
are for the page and the wallboard, and cost nothing to keep.

Definitions (docs/definitions.md), of calls that have ended:
connect rate      (answered by a person + served by the menu) / all
within 15 s       answered within the target / asked for a person (who gave up counts as missed)
three-ring rate   offers answered within three rings / offers that rang, without those whose caller left
ASA               mean time from asking for a person to the bridge, of answered calls but callbacks
AHT               (talk + hold + wrap-up) / answered calls; consults apart
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from acd.engine.commands import Ending
from acd.engine.model import Rules

if TYPE_CHECKING:
    from acd.engine.entities import Call


@dataclass(slots=True)
class Counts:
    arrived: int = 0
    asked: int = 0
    ended: int = 0
    ended_asked: int = 0
    answered: int = 0
    within_target: int = 0
    served: int = 0
    turned_away: int = 0
    abandoned_ivr: int = 0
    abandoned_queue: int = 0
    abandoned_ringing: int = 0
    sent_on: int = 0
    message: int = 0
    withdrawn: int = 0
    not_reached: int = 0
    """Callbacks that were given up."""
    called_back: int = 0
    """Answered by a callback; among the answered."""
    short: int = 0
    """Gave up under 5 s; among the abandoned."""
    lost: int = 0
    offers_rang: int = 0
    offers_in_time: int = 0
    wait_s: float = 0.0
    """Of answered calls, in all; of those who were called back nothing."""
    talk_s: float = 0.0
    hold_s: float = 0.0
    consult_s: float = 0.0
    """Of first agents, while their callers were on hold."""
    wrap_up_s: float = 0.0

    def figures(self) -> dict[str, Any]:
        """The counts with what follows from them; None where there is nothing to divide by."""
        return asdict(self) | {
            "connect_rate": _share(self.answered + self.served, self.ended),
            "within_15_s": _share(self.within_target, self.ended_asked),
            "three_ring_rate": _share(self.offers_in_time, self.offers_rang),
            "asa_s": _share(self.wait_s, self.answered - self.called_back),
            "aht_s": _share(self.talk_s + self.hold_s + self.wrap_up_s, self.answered),
        }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


ENDINGS = {
    Ending.ANSWERED: "answered",
    Ending.SERVED: "served",
    Ending.TURNED_AWAY: "turned_away",
    Ending.ABANDONED_IVR: "abandoned_ivr",
    Ending.ABANDONED_QUEUE: "abandoned_queue",
    Ending.ABANDONED_RINGING: "abandoned_ringing",
    Ending.SENT_ON: "sent_on",
    Ending.MESSAGE: "message",
    Ending.WITHDRAWN: "withdrawn",
    Ending.NOT_REACHED: "not_reached",
    Ending.LOST: "lost",
}


class ServiceLevel:
    """The counts of the house's day. A new day begins with the first event after midnight by the house's clock."""

    def __init__(self, rules: Rules, queues: Iterable[str]) -> None:
        self._rules = rules
        self.day = ""
        self._midnights: tuple[datetime, datetime] | None = None
        """Between which it is that day; known from the first event on."""
        self.total = Counts()
        self.queues: dict[str, Counts] = {name: Counts() for name in queues}

    def follow(self, rules: Rules, queues: Iterable[str]) -> None:
        """The configuration has changed. What was counted stays, of queues that are gone too."""
        self._rules = rules
        self._midnights = None
        for name in queues:
            self.queues.setdefault(name, Counts())

    def date(self, now: datetime) -> None:
        """Begin a new day's counts if `now` is in another day than the last event."""
        if self._midnights is not None and self._midnights[0] <= now < self._midnights[1]:
            return
        local = now + self._rules.utc_offset
        midnight = now - timedelta(
            hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        self._midnights = (midnight, midnight + timedelta(days=1))
        day = local.date().isoformat()
        if day != self.day:
            self.day = day
            self.total = Counts()
            self.queues = {name: Counts() for name in self.queues}

    def _of(self, queue: str) -> tuple[Counts, ...]:
        if not queue:
            return (self.total,)
        counts = self.queues.get(queue)
        if counts is None:
            counts = self.queues[queue] = Counts()
        return (self.total, counts)

    def arrived(self) -> None:
        self.total.arrived += 1

    def asked(self, queue: str) -> None:
        for counts in self._of(queue):
            counts.asked += 1

    def ended(self, call: "Call", ending: Ending, within_target: bool, short: bool, wait_s: float) -> None:
        """`wait_s`: as its last row says, so that the log gives the same figures."""
        name = ENDINGS[ending]
        for counts in self._of(call.queue):
            setattr(counts, name, getattr(counts, name) + 1)
            counts.ended += 1
            if call.asked_at is not None:
                counts.ended_asked += 1
            counts.within_target += within_target
            counts.short += short
            if ending is Ending.ANSWERED and call.called_back:
                counts.called_back += 1
            elif ending is Ending.ANSWERED:
                counts.wait_s += wait_s

    def rang(self, queue: str, in_time: bool) -> None:
        for counts in self._of(queue):
            counts.offers_rang += 1
            counts.offers_in_time += in_time

    def crossed(self, queue: str) -> None:
        """An offer that was counted today as rung out was answered in the same instant: it counts neither way."""
        for counts in self._of(queue):
            counts.offers_rang -= 1

    def talked(self, queue: str, talk_s: float, hold_s: float, consult_s: float) -> None:
        for counts in self._of(queue):
            counts.talk_s += talk_s
            counts.hold_s += hold_s
            counts.consult_s += consult_s

    def wrapped_up(self, queue: str, wrap_up_s: float) -> None:
        for counts in self._of(queue):
            counts.wrap_up_s += wrap_up_s

    def snapshot(self) -> dict[str, Any]:
        return {
            "day": self.day,
            "total": self.total.figures(),
            "queues": {name: counts.figures() for name, counts in self.queues.items()},
        }

    def checkpoint(self) -> dict[str, Any]:
        return {
            "day": self.day,
            "total": asdict(self.total),
            "queues": {name: asdict(counts) for name, counts in self.queues.items()},
        }

    def restore(self, kept: dict[str, Any]) -> None:
        known = {field.name for field in fields(Counts)}
        self.day = kept["day"]
        self.total = _counts(kept["total"], known)
        self.queues = {name: _counts(counts, known) for name, counts in kept["queues"].items()}


def _counts(kept: dict[str, Any], known: set[str]) -> Counts:
    return Counts(**{name: value for name, value in kept.items() if name in known})
