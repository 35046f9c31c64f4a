"""Today's figures: counted as calls end, per queue and in total. For the page and the wallboard; the figures of record are
the store's.

In short (exactly: docs/definitions.md), of calls that have ended today:
connect rate      (answered by a person + served by the menu) / all
within 15 s       answered within the target / asked for a person (a call that was abandoned counts as missed)
three-ring rate   offers answered within three rings / offers that rang, without those whose caller left
ASA               mean time from asking for a person to the bridge, of answered calls except callbacks
AHT               (talk + hold + wrap-up) / answered calls; consults not counted
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from acd.engine.commands import Ending
from acd.engine.model import Rules

RECENT_MINUTES = 30
"""The span of the figure that says how it goes at the moment."""


@dataclass(slots=True)
class Counts:
    """What was counted today, of one queue or in total. Seconds (`_s`) are sums.

    Calls and offers count when they end; `arrived` and `asked` at once.
    """

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
    """Gave up in less than Rules.short_abandon; among the abandoned."""
    lost: int = 0
    offers_rang: int = 0
    offers_in_time: int = 0
    wait_s: float = 0.0
    """Of answered calls, from asking to the bridge; of callbacks nothing."""
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


def counted(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of several queues together, from the figures of each (`Counts.figures`)."""
    found = Counts()
    for row in rows:
        for each in fields(Counts):
            setattr(found, each.name, getattr(found, each.name) + row[each.name])
    return found.figures()


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
    """The counts of a day. A new day begins with the first event after local midnight."""

    def __init__(self, rules: Rules, queues: Iterable[str]) -> None:
        self._rules = rules
        self.day = ""
        self._midnights: tuple[datetime, datetime] | None = None
        """Between which it is that day; known from the first event on."""
        self.total = Counts()
        self.queues: dict[str, Counts] = {name: Counts() for name in queues}
        self.brands: dict[str, dict[str, Counts]] = {}
        """Of the calls of each brand: queue to counts, "" what no queue has. A brand without calls today is absent."""
        self._recent: dict[tuple[str, str], deque[list[int]]] = {}
        """Queue and brand to minutes of the last half hour: minute, asked, within the target; the oldest first."""

    def follow(self, rules: Rules, queues: Iterable[str]) -> None:
        """Take a changed configuration. What was counted stays, of queues that are gone too."""
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
            self.brands = {}

    def _of(self, queue: str, brand: str) -> list[Counts]:
        found = [self.total]
        if queue:
            found.append(self.queues.setdefault(queue, Counts()))
        if brand:
            found.append(self.brands.setdefault(brand, {}).setdefault(queue, Counts()))
        return found

    def arrived(self) -> None:
        """A call has arrived."""
        self.total.arrived += 1

    def arrived_at_brand(self, brand: str) -> None:
        """The brand of a call that has arrived is known."""
        self.brands.setdefault(brand, {}).setdefault("", Counts()).arrived += 1

    def asked(self, queue: str, brand: str) -> None:
        """A caller has asked for a person, in this queue. `brand`: of the call, here and below; empty: none."""
        for counts in self._of(queue, brand):
            counts.asked += 1

    def ended(
        self,
        queue: str,
        ending: Ending,
        brand: str,
        *,
        asked: bool,
        called_back: bool,
        within_target: bool,
        short: bool,
        wait_s: float,
    ) -> None:
        """A call has ended. `asked`: for a person; `called_back`: reached by a callback, so its wait is not counted;
        `wait_s`: as the call's ENDED row says, so that the log gives the same figures."""
        name = ENDINGS[ending]
        for counts in self._of(queue, brand):
            setattr(counts, name, getattr(counts, name) + 1)
            counts.ended += 1
            counts.ended_asked += asked
            counts.within_target += within_target
            counts.short += short
            if ending is Ending.ANSWERED and called_back:
                counts.called_back += 1
            elif ending is Ending.ANSWERED:
                counts.wait_s += wait_s

    def decided(self, queue: str, brand: str, now: datetime, *, in_time: bool) -> None:
        """It is known whether a caller who asked for a person was answered within the target: at the first bridge, else at the end.
        `now`: inner time."""
        minute = _minute(now)
        rows = self._recent.setdefault((queue, brand), deque())
        while rows and rows[0][0] <= minute - RECENT_MINUTES:
            rows.popleft()
        if not rows or rows[-1][0] != minute:
            rows.append([minute, 0, 0])
        rows[-1][1] += 1
        rows[-1][2] += in_time

    def recent(self, now: datetime) -> list[dict[str, Any]]:
        """Of each queue and brand with callers who were decided in the last 30 minutes: queue, brand, asked, within_target."""
        first = _minute(now) - RECENT_MINUTES
        found = []
        for (queue, brand), rows in self._recent.items():
            fresh = [row for row in rows if row[0] > first]
            if fresh:
                asked, within = (sum(row[place] for row in fresh) for place in (1, 2))
                found.append({"queue": queue, "brand": brand, "asked": asked, "within_target": within})
        return found

    def rang(self, queue: str, brand: str, *, in_time: bool) -> None:
        """An offer of this queue that rang has ended, not by the caller. `in_time`: answered within Rules.rings."""
        for counts in self._of(queue, brand):
            counts.offers_rang += 1
            counts.offers_in_time += in_time

    def crossed(self, queue: str, brand: str) -> None:
        """Uncount an offer that was counted today as rung out: it was answered in the same instant."""
        for counts in self._of(queue, brand):
            counts.offers_rang -= 1

    def talked(self, queue: str, brand: str, talk_s: float, hold_s: float, consult_s: float) -> None:
        """A talk has ended. Seconds of talk, and of the hold and consult within its leg."""
        for counts in self._of(queue, brand):
            counts.talk_s += talk_s
            counts.hold_s += hold_s
            counts.consult_s += consult_s

    def wrapped_up(self, queue: str, brand: str, wrap_up_s: float) -> None:
        """After-call work has ended. Seconds."""
        for counts in self._of(queue, brand):
            counts.wrap_up_s += wrap_up_s

    def snapshot(self, now: datetime) -> dict[str, Any]:
        """{day, total: figures, queues: {name: figures}, recent}, as `Counts.figures` and `recent` say; public through the API. Where a
        brand had calls today also brands: {brand: {total: figures, queues: {name: figures}}}."""
        brands = {brand: _of_brand(queues) for brand, queues in self.brands.items()}
        return {
            "day": self.day,
            "total": self.total.figures(),
            "queues": {name: counts.figures() for name, counts in self.queues.items()},
            "recent": self.recent(now),
            **({"brands": brands} if brands else {}),
        }

    def checkpoint(self) -> dict[str, Any]:
        """The counts alone, JSON-able, for `restore`."""
        return {
            "day": self.day,
            "total": asdict(self.total),
            "queues": {name: asdict(counts) for name, counts in self.queues.items()},
            "brands": {
                brand: {name: asdict(counts) for name, counts in queues.items()}
                for brand, queues in self.brands.items()
            },
            "recent": [[queue, brand, [*map(list, rows)]] for (queue, brand), rows in self._recent.items()],
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `checkpoint` gave; counts that this version does not have are passed over."""
        known = {field.name for field in fields(Counts)}
        self.day = kept["day"]
        self.total = _counts(kept["total"], known)
        self.queues = {name: _counts(counts, known) for name, counts in kept["queues"].items()}
        self.brands = {
            brand: {name: _counts(counts, known) for name, counts in queues.items()}
            for brand, queues in kept.get("brands", {}).items()  # a checkpoint of a former version has none
        }
        self._recent = {(queue, brand): deque(map(list, rows)) for queue, brand, rows in kept.get("recent", ())}


def _minute(inner: datetime) -> int:
    """Whole minutes since the year 1, in which the engine's time stands before the first event."""
    return (inner.replace(tzinfo=None) - datetime.min) // timedelta(minutes=1)


def _of_brand(queues: Mapping[str, Counts]) -> dict[str, Any]:
    figures = {name: counts.figures() for name, counts in queues.items()}
    return {"total": counted(figures.values()), "queues": {name: row for name, row in figures.items() if name}}


def _counts(kept: dict[str, Any], known: set[str]) -> Counts:
    return Counts(**{name: value for name, value in kept.items() if name in known})
