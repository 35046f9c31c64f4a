"""The hotline's figures, each with its definition above its query (docs/definitions.md has them all).

Everything is counted *when it happens*, as the engine counts it for the wallboard (acd/engine/service_level.py): a call
when it ends, an offer when it is over, a talk and a wrap-up when they end. So the figures of a day by the hotline's clock
are the engine's own of that day, count by count, and a call that lasts over midnight belongs to the day of its ending.
`tests/store/queries/test_recount.py` holds the two against each other.

A queue's figures are those of the calls that stood in it last; the total counts besides who never came to a queue. A brand's are
those of the calls to its numbers, whatever queue they stood in.
Sums of seconds are exact to the microsecond.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import DateTime, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

THREE_RINGS = 3


@dataclass(frozen=True, slots=True)
class Kpi:
    """The counts of one queue, or of all calls, in one span of time, and what follows from them.

    A rate is None when there was nothing to divide by: no calls is neither 0 % nor 100 %.
    """

    since: datetime
    until: datetime
    queue: str = ""
    """Empty: all calls."""
    arrived: int = 0
    """Of all calls only: no call arrives in a queue."""
    live: int = 0
    """Of the arrived, whose call goes on."""
    asked: int = 0
    """Asked for a person, of this queue."""
    ended: int = 0
    ended_asked: int = 0
    """Of the ended, who had asked for a person."""
    answered: int = 0
    called_back: int = 0
    """Answered by calling them back; among the answered."""
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
    lost: int = 0
    short: int = 0
    """Gave up under 5 s after asking: missed, and shown apart."""
    callbacks: int = 0
    """Took a callback in this span, whatever has become of it."""
    promises: int = 0
    """Promised callbacks that were over in this span, or whose time was; without those that the customer did not want any more."""
    promises_in_time: int = 0
    offers: int = 0
    offers_rang: int = 0
    offers_in_time: int = 0
    wait_s: float = 0.0
    """Of the answered, in all; of those who were called back nothing."""
    talk_s: float = 0.0
    hold_s: float = 0.0
    consult_s: float = 0.0
    """Callers were on hold for a consult; in no other figure."""
    wrap_up_s: float = 0.0

    @property
    def connect_rate(self) -> float | None:
        """(Answered by a person + served in full by the menu) / calls that ended in the span; from 0 to 1.

        A call that goes on has not failed yet. docs/definitions.md#connect-rate
        """
        return share(self.answered + self.served, self.ended)

    @property
    def within_15_s(self) -> float | None:
        """Service level: calls connected within the target (15 s, or the queue's own) / calls that asked for a person.

        `within_target` is the engine's: from asking to a bridge that lasts at least 1 s, by the target in force then. A
        caller who gives up counts as missed, under 5 s too; so does one who was called back.
        docs/definitions.md#service-level
        """
        return share(self.within_target, self.ended_asked)

    @property
    def three_ring_rate(self) -> float | None:
        """Offers answered within three rings / offers that rang, without those whose caller left; from 0 to 1.

        docs/definitions.md#three-ring-rate
        """
        return share(self.offers_in_time, self.offers_rang)

    @property
    def promises_kept_rate(self) -> float | None:
        """Promised callbacks kept within the promised time / those that were due; from 0 to 1. docs/definitions.md#promises-kept"""
        return share(self.promises_in_time, self.promises)

    @property
    def asa_s(self) -> float | None:
        """Mean wait in seconds from asking for a person to the bridge, over answered calls except callbacks.

        docs/definitions.md#asa
        """
        return share(self.wait_s, self.answered - self.called_back)

    @property
    def aht_s(self) -> float | None:
        """(Talk + hold + wrap-up) / answered calls, in seconds.

        Talk: the caller and any agent of the call hear each other. Hold: the caller waits for the agent. Wrap-up is the
        agents' own time in that state. Consults count apart. docs/definitions.md#aht
        """
        return share(self.talk_s + self.hold_s + self.wrap_up_s, self.answered)


def share(part: float, whole: float) -> float | None:
    """part / whole; None where there is nothing to divide by."""
    return part / whole if whole else None


# Calls: of those that ended in the span, by the queue that they stood in last. The words are the engine's (Ending).
_ENDED = """
    SELECT width_bucket(ended_at, :edges) AS slot, queue,
           count(*) AS ended,
           count(*) FILTER (WHERE asked_for_person) AS ended_asked,
           count(*) FILTER (WHERE within_target) AS within_target,
           count(*) FILTER (WHERE short) AS short,
           count(*) FILTER (WHERE ending = 'answered') AS answered,
           count(*) FILTER (WHERE ending = 'answered' AND called_back) AS called_back,
           count(*) FILTER (WHERE ending = 'served by menu') AS served,
           count(*) FILTER (WHERE ending = 'turned away') AS turned_away,
           count(*) FILTER (WHERE ending = 'abandoned in IVR') AS abandoned_ivr,
           count(*) FILTER (WHERE ending = 'abandoned in queue') AS abandoned_queue,
           count(*) FILTER (WHERE ending = 'abandoned while ringing') AS abandoned_ringing,
           count(*) FILTER (WHERE ending = 'sent to another number') AS sent_on,
           count(*) FILTER (WHERE ending = 'left a message') AS message,
           count(*) FILTER (WHERE ending = 'withdrawn') AS withdrawn,
           count(*) FILTER (WHERE ending = 'callback not reached') AS not_reached,
           count(*) FILTER (WHERE ending = 'lost') AS lost,
           sum(CAST(wait_s AS numeric(20, 6))) FILTER (WHERE ending = 'answered' AND NOT called_back) AS wait_s
    FROM calls WHERE ended_at >= :since AND ended_at < :until {of_brand}
    GROUP BY slot, queue
"""

# Arrived, live: of all calls, by the first row of the call.
_ARRIVED = """
    SELECT width_bucket(arrived_at, :edges) AS slot, '' AS queue,
           count(*) AS arrived, count(*) FILTER (WHERE ended_at IS NULL) AS live
    FROM calls WHERE arrived_at >= :since AND arrived_at < :until {of_brand}
    GROUP BY slot
"""

# Asked: callers who asked for a person, by the queue that they asked for, when it was told.
_ASKED = """
    SELECT width_bucket(at, :edges) AS slot, queue, count(*) AS asked
    FROM call_log WHERE kind = 'queued' AND at >= :since AND at < :until {of_brands_call}
    GROUP BY slot, queue
"""

# Callbacks: who took one in the span.
_CALLBACKS = """
    SELECT width_bucket(callback_at, :edges) AS slot, queue, count(*) AS callbacks
    FROM calls WHERE callback_at >= :since AND callback_at < :until {of_brand}
    GROUP BY slot, queue
"""

# Promises: of those that ended in the span; and of those that are open, where their time was over in it. A promise that was cancelled, or
# whose caller was served before, was not broken.
_PROMISES = """
    SELECT width_bucket(COALESCE(ended_at, until), :edges) AS slot, queue, count(*) AS promises,
           count(*) FILTER (WHERE in_time) AS promises_in_time
    FROM callback_promises
    WHERE COALESCE(ended_at, until) >= :since AND COALESCE(ended_at, until) < :until
      AND outcome NOT IN ('cancelled', 'otherwise') AND (ended_at IS NOT NULL OR late_at IS NOT NULL) {of_brand}
    GROUP BY slot, queue
"""

# An offer rang when its telephone gave a sign of life (ringing, progress, or up at once) and its caller had not left
# when it was over; it is counted when it was over for the first time. An answer that crossed the taking back counts
# neither way. In time: it had gone up by then, within three rings. Offers that still ring are not counted.
_OFFERS = """
    SELECT width_bucket(closed_at, :edges) AS slot, queue, count(*) AS offers,
           count(*) FILTER (WHERE rang AND NOT crossed) AS offers_rang,
           count(*) FILTER (WHERE rang AND NOT crossed AND closed_answered AND closed_rings <= :rings) AS offers_in_time
    FROM offers WHERE closed_at >= :since AND closed_at < :until {of_brands_call}
    GROUP BY slot, queue
"""

# Talk: caller and agent hear each other. Hold, consult: the caller was on hold meanwhile, for itself or for a consult.
# All three are counted when the talk ends.
_TALK = """
    SELECT width_bucket(talk_ended_at, :edges) AS slot, queue, sum(CAST(talk_s AS numeric(20, 6))) AS talk_s,
           sum(CAST(hold_s AS numeric(20, 6))) AS hold_s, sum(CAST(consult_s AS numeric(20, 6))) AS consult_s
    FROM offers WHERE talk_ended_at >= :since AND talk_ended_at < :until {of_brands_call}
    GROUP BY slot, queue
"""

# Wrap-up: the agents' own time in that state, by the queue of the talk before it, counted when it ends.
_WRAP_UP = """
    SELECT width_bucket(to_at, :edges) AS slot, queue, sum(CAST(lasted_s AS numeric(20, 6))) AS wrap_up_s
    FROM agent_time WHERE state = 'wrap-up' AND lasted_s IS NOT NULL AND to_at >= :since AND to_at < :until {of_brands_call}
    GROUP BY slot, queue
"""

_ALL = {"of_brand": "", "of_brands_call": ""}
_BRANDS = {
    "of_brand": "AND brand = ANY(:brands)",
    "of_brands_call": "AND call IN (SELECT call FROM calls WHERE brand = ANY(:brands))",
}
"""All calls, or those of some brands; what belongs to a call (offers, talks, wrap-ups) belongs to the brand of that call."""

_EDGES = bindparam("edges", type_=ARRAY(DateTime(timezone=True)))
_NAMED = bindparam("brands", type_=ARRAY(Text()))


def _questions(which: Mapping[str, str]) -> list[TextClause]:
    asked = (_ENDED, _ARRIVED, _ASKED, _CALLBACKS, _PROMISES, _OFFERS, _TALK, _WRAP_UP)
    named = [_EDGES, _NAMED] if which is _BRANDS else [_EDGES]
    return [text(each.format(**which)).bindparams(*named) for each in asked]


_QUESTIONS, _OF_BRANDS = _questions(_ALL), _questions(_BRANDS)
_COUNTS = [each.name for each in fields(Kpi) if each.name not in ("since", "until", "queue")]
_SECONDS = ("wait_s", "talk_s", "hold_s", "consult_s", "wrap_up_s")


async def by_interval(
    connection: AsyncConnection,
    edges: Sequence[datetime],
    rings: int = THREE_RINGS,
    brands: Collection[str] | None = None,
) -> list[dict[str, Kpi]]:
    """The figures of each span between two neighbouring edges: queue to its figures, "" all calls. `rings`: in time. `brands`: of
    their calls alone; None: of all."""
    sums: dict[tuple[int, str], dict[str, Any]] = {}
    for question in _QUESTIONS if brands is None else _OF_BRANDS:
        period: dict[str, Any] = {"edges": list(edges), "since": edges[0], "until": edges[-1]}
        if ":rings" in question.text:
            period["rings"] = rings
        if brands is not None:
            period["brands"] = list(brands)
        for row in await connection.execute(question, period):
            named = row._asdict()
            slot, queue = named.pop("slot") - 1, named.pop("queue")
            for place in {(slot, queue), (slot, "")}:
                into = sums.setdefault(place, {})
                for name, value in named.items():
                    into[name] = into.get(name, 0) + (value or 0)
    spans = []
    for number, (since, until) in enumerate(pairwise(edges)):
        queues = sorted({queue for slot, queue in sums if slot == number} | {""})
        spans.append({queue: _kpi(since, until, queue, sums.get((number, queue), {})) for queue in queues})
    return spans


def _kpi(since: datetime, until: datetime, queue: str, sums: Mapping[str, int | Decimal]) -> Kpi:
    counts: dict[str, Any] = {name: sums.get(name, 0) for name in _COUNTS}
    return Kpi(since, until, queue, **(counts | {name: float(counts[name]) for name in _SECONDS}))


def together(since: datetime, until: datetime, queues: Iterable[Kpi]) -> Kpi:
    """The figures of these queues of one span as those of one."""
    sums: dict[str, Any] = {}
    for one in queues:
        for name in _COUNTS:
            sums[name] = sums.get(name, 0) + getattr(one, name)
    return _kpi(since, until, "", sums)


def edges_of(since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """`since`, every whole step after it, and `until`. A step of whole days keeps to the wall clock of `since`'s zone."""
    found = [since]
    while True:
        if step % timedelta(days=1):
            following = (found[-1].astimezone(UTC) + step).astimezone(since.tzinfo)
        else:
            following = found[-1] + step  # of the same zone: by the wall clock
        if following >= until:
            return [*found, until]
        found.append(following)
