"""What is over its time: recordings, and calls whose caller is to be forgotten. The dry run and the night ask the same questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.promise_tables import PromiseRow
from acd.store.queries import erasure
from acd.store.queries.recording_keeping import Removal, mark_deleted, one_after_another
from acd.store.retention.rules import GENERAL, Rules, not_held, of_call, of_recording, over
from acd.store.retention_tables import CallRetentionRow
from acd.store.tables import CallRow, RecordingRow

BY_AGE = "keep_days"
"""Who deleted it, in the row of a recording whose time is over."""
FOUND_AT_ONCE = 2_000
"""All old rows are looked at to find the oldest that are over: so many are taken then."""


@dataclass(frozen=True, slots=True)
class DueRecording:
    """A recording whose time is over."""

    offer: str
    call: str
    class_name: str
    days: int
    path: str
    """Under the recordings folder."""
    ended_at: datetime

    @property
    def why(self) -> str:
        """As it stands in its row and its manifest."""
        kept = f"kept for {self.days} days"
        return kept if self.class_name == GENERAL else f"{self.class_name}: {kept}"


@dataclass(frozen=True, slots=True)
class DueCall:
    """A call whose caller is to be forgotten."""

    call: str
    caller: str
    written: str
    class_name: str
    ended_at: datetime | None


_ENDED: Any = func.coalesce(RecordingRow.talk_ended_at, RecordingRow.filed_at, RecordingRow.offered_at)


def _over(rules: Rules, now: datetime, *conditions: Any) -> Select[Any]:
    """Recordings that have sound and are over their time, held or not."""
    kept = of_recording(rules)
    old = (
        select(
            RecordingRow.offer,
            RecordingRow.call,
            kept.class_name.label("class_name"),
            kept.days.label("days"),
            RecordingRow.path,
            _ENDED.label("ended_at"),
            RecordingRow.held_at,
        )
        .outerjoin(CallRow, CallRow.call == RecordingRow.call)
        .outerjoin(CallRetentionRow, CallRetentionRow.call == RecordingRow.call)
        .where(RecordingRow.path != "", over(_ENDED, kept.shortest, now), *conditions)
        .subquery("old")
    )
    return select(old).where(over(old.c.ended_at, old.c.days, now))


def _deletable(rules: Rules, now: datetime, *conditions: Any) -> Select[Any]:
    return _over(rules, now, RecordingRow.held_at.is_(None), not_held(RecordingRow.call), *conditions)


async def recordings(
    connection: AsyncConnection,
    rules: Rules,
    now: datetime,
    after: DueRecording | None = None,
    only: Sequence[str] | None = None,
) -> list[DueRecording]:
    """The recordings that are over their time and not held, the oldest first, FOUND_AT_ONCE at most. `after`: the last of the page before. `only`:
    those of these offers."""
    wanted = _deletable(rules, now, *([RecordingRow.offer.in_(only)] if only is not None else []))
    old = wanted.get_final_froms()[0].c
    if after is not None:
        wanted = wanted.where(tuple_(old.ended_at, old.offer) > (after.ended_at, after.offer))
    rows = await connection.execute(wanted.order_by(old.ended_at, old.offer).limit(FOUND_AT_ONCE))
    return [DueRecording(*row[:6]) for row in rows]


async def mark(
    connection: AsyncConnection, rules: Rules, offers: Sequence[str], now: datetime, at: datetime
) -> list[Removal]:
    """Marks those of them as deleted that are still over their time: not held meanwhile, nor given another class."""
    await one_after_another(connection)
    by_reason: dict[str, list[str]] = {}
    for each in await recordings(connection, rules, now, only=offers):
        by_reason.setdefault(each.why, []).append(each.offer)
    return [
        removal
        for why, marked in by_reason.items()
        for removal in await mark_deleted(connection, marked, at, BY_AGE, why)
    ]


async def held(connection: AsyncConnection, rules: Rules, now: datetime) -> int:
    """How many recordings are over their time, and are kept because they are held, or their call is."""
    all_over = select(func.count()).select_from(_over(rules, now).subquery())
    free = select(func.count()).select_from(_deletable(rules, now).subquery())
    return (await connection.scalar(all_over) or 0) - (await connection.scalar(free) or 0)


async def unknown_classes(connection: AsyncConnection, rules: Rules) -> dict[str, int]:
    """Classes that were given by hand and are no longer in the configuration, and how many recordings are kept for that."""
    rows = await connection.execute(
        select(CallRetentionRow.class_name, func.count())
        .join(RecordingRow, RecordingRow.call == CallRetentionRow.call)
        .where(
            RecordingRow.path != "",
            CallRetentionRow.class_name != "",
            CallRetentionRow.class_name.not_in([*rules.classes]),
        )
        .group_by(CallRetentionRow.class_name)
        .order_by(CallRetentionRow.class_name)
    )
    return {row[0]: row[1] for row in rows}


async def calls(
    connection: AsyncConnection,
    rules: Rules,
    now: datetime,
    after: DueCall | None = None,
    only: Sequence[str] | None = None,
) -> list[DueCall]:
    """Calls that are over their time, are not held, owe nobody a callback and have no sound but what is over its time, too; the oldest first,
    FOUND_AT_ONCE at most."""
    if not rules.forget_callers:
        return []
    kept = of_call(rules)
    going = _deletable(rules, now).subquery("going")
    sound = exists().where(
        RecordingRow.call == CallRow.call,
        (RecordingRow.path != "") | (RecordingRow.deleted_path != ""),
        RecordingRow.offer.not_in(select(going.c.offer)),
    )
    owed = exists().where(
        (PromiseRow.promise == CallRow.call) | (PromiseRow.of_call == CallRow.call), PromiseRow.ended_at.is_(None)
    )
    query = (
        select(CallRow.call, CallRow.caller, CallRow.written, kept.class_name.label("class_name"), CallRow.ended_at)
        .outerjoin(CallRetentionRow, CallRetentionRow.call == CallRow.call)
        .where(
            and_(CallRow.ended_at.is_not(None), CallRow.erased_at.is_(None)),
            over(CallRow.ended_at, kept.shortest, now),
            over(CallRow.ended_at, kept.days, now),
            not_held(CallRow.call),
            ~sound.correlate(CallRow),
            ~owed.correlate(CallRow),
        )
    )
    if after is not None:
        query = query.where(tuple_(CallRow.ended_at, CallRow.call) > (after.ended_at, after.call))
    if only is not None:
        query = query.where(CallRow.call.in_(only))
    rows = await connection.execute(query.order_by(CallRow.ended_at, CallRow.call).limit(FOUND_AT_ONCE))
    return [DueCall(*row) for row in rows]


async def forget(
    connection: AsyncConnection,
    rules: Rules,
    wanted: Sequence[str],
    now: datetime,
    at: datetime,
    writings_of: Callable[[str], Sequence[str]],
) -> list[str]:
    """Takes the caller out of those of these calls that are still over their time, as `caller erase` does; which these are. `writings_of`: a
    number in all its writings."""
    await one_after_another(connection)
    found = await calls(connection, rules, now, only=wanted)
    for each in found:
        writings = [*writings_of(each.caller), *([each.written] if each.written else [])]
        named = [] if each.caller == erasure.GONE else list(dict.fromkeys(writings))
        await erasure.erase(connection, [each.call], named, at, others=False)
    return [each.call for each in found]


async def known_offers(connection: AsyncConnection, offers: Sequence[str]) -> set[str]:
    """Those of these offers that have a row."""
    return set(await connection.scalars(select(RecordingRow.offer).where(RecordingRow.offer.in_(offers))))
