"""Classes that people give to calls, and calls that are held: set, taken back, listed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.queries.part import Part, calls_of
from acd.store.queries.recording_keeping import one_after_another
from acd.store.retention.rules import Rules, of_call, of_recording
from acd.store.retention_tables import CallRetentionRow
from acd.store.tables import CallRow, RecordingRow


@dataclass(frozen=True, slots=True)
class CallRetention:
    """How long what is stored of a call is kept."""

    call: str
    class_name: str
    """That of the recording that is kept longest; without sound that of the call."""
    known: bool
    """False: the class was given by hand, and the configuration has it no longer; nothing is deleted then."""
    days: int
    """0: until somebody deletes it."""
    until: datetime | None
    """When its time is over; None: it is not, or the call goes on."""
    recordings: int
    """That have sound."""
    held_recordings: int
    """Of them, those that are held one by one."""
    deleted_recordings: int
    """Whose sound was deleted."""
    given: str
    """The class that was given by hand; empty: none."""
    given_at: datetime | None
    given_by: str
    given_why: str
    held_at: datetime | None
    """Since when the call is held as a whole."""
    held_by: str
    held_why: str


@dataclass(frozen=True, slots=True)
class HeldCall:
    """A call that is held, or has recordings that are."""

    call: str
    recordings: int
    """That have sound and are held by this."""
    offer: str
    """The recording that is held by itself; empty: the call is."""
    held_at: datetime
    held_by: str
    held_why: str


async def of_one(connection: AsyncConnection, rules: Rules, call: str) -> CallRetention | None:
    """None: there is no such call."""
    kept = of_call(rules)
    row = (
        await connection.execute(
            select(
                CallRow.ended_at,
                kept.class_name.label("class_name"),
                kept.known.label("known"),
                kept.days.label("days"),
                CallRetentionRow.class_name.label("given"),
                CallRetentionRow.class_at.label("given_at"),
                CallRetentionRow.class_by.label("given_by"),
                CallRetentionRow.class_why.label("given_why"),
                CallRetentionRow.held_at,
                CallRetentionRow.held_by,
                CallRetentionRow.held_why,
            )
            .outerjoin(CallRetentionRow, CallRetentionRow.call == CallRow.call)
            .where(CallRow.call == call)
        )
    ).first()
    if row is None:
        return None
    legs = await _legs(connection, rules, call)
    whole = _Leg(row.ended_at, row.class_name, row.days, held=False)
    longest = max(legs or [whole], key=lambda each: each.until or datetime.max.replace(tzinfo=UTC))
    return CallRetention(
        call=call,
        class_name=longest.class_name,
        known=bool(row.known),
        days=longest.days,
        until=longest.until,
        recordings=len(legs),
        held_recordings=sum(each.held for each in legs),
        deleted_recordings=await _deleted(connection, call),
        given=row.given or "",
        given_at=row.given_at,
        given_by=row.given_by or "",
        given_why=row.given_why or "",
        held_at=row.held_at,
        held_by=row.held_by or "",
        held_why=row.held_why or "",
    )


@dataclass(frozen=True, slots=True)
class _Leg:
    ended_at: datetime | None
    class_name: str
    days: int
    held: bool

    @property
    def until(self) -> datetime | None:
        """None: nothing is over yet, or ever."""
        return None if self.ended_at is None or not self.days else self.ended_at + timedelta(days=self.days)


async def _legs(connection: AsyncConnection, rules: Rules, call: str) -> list[_Leg]:
    """Those that have sound."""
    kept = of_recording(rules)
    ended = func.coalesce(RecordingRow.talk_ended_at, RecordingRow.filed_at, RecordingRow.offered_at)
    rows = await connection.execute(
        select(ended, kept.class_name, kept.days, RecordingRow.held_at)
        .outerjoin(CallRow, CallRow.call == RecordingRow.call)
        .outerjoin(CallRetentionRow, CallRetentionRow.call == RecordingRow.call)
        .where(RecordingRow.call == call, RecordingRow.path != "")
    )
    return [_Leg(at, name, days, held_at is not None) for at, name, days, held_at in rows]


async def _with_sound(connection: AsyncConnection, call: str) -> int:
    sound = select(func.count()).where(RecordingRow.call == call, RecordingRow.path != "")
    return await connection.scalar(sound) or 0


async def _deleted(connection: AsyncConnection, call: str) -> int:
    gone = select(func.count()).where(RecordingRow.call == call, RecordingRow.deleted_at.is_not(None))
    return await connection.scalar(gone) or 0


async def give_class(connection: AsyncConnection, call: str, class_name: str, at: datetime, by: str, why: str) -> None:
    """The call is of this class from now on, beside those whose rules apply; empty: of none but those."""
    await one_after_another(connection)
    values = {"class_name": class_name, "class_at": at, "class_by": by, "class_why": why}
    await _put(connection, call, values)


async def hold(connection: AsyncConnection, call: str, at: datetime, by: str, why: str) -> int | None:
    """Holds the call: nothing deletes its recordings, those that are filed later too. How many have sound now; None: it is held already."""
    await one_after_another(connection)
    if await connection.scalar(select(CallRetentionRow.held_at).where(CallRetentionRow.call == call)) is not None:
        return None
    await _put(connection, call, {"held_at": at, "held_by": by, "held_why": why})
    return await _with_sound(connection, call)


async def release(connection: AsyncConnection, call: str) -> bool:
    """Its recordings are kept as others are. False: it was not held."""
    await one_after_another(connection)
    found = await connection.execute(
        update(CallRetentionRow)
        .where(CallRetentionRow.call == call, CallRetentionRow.held_at.is_not(None))
        .values(held_at=None, held_by="", held_why="")
    )
    return bool(found.rowcount)


async def _put(connection: AsyncConnection, call: str, values: dict[str, Any]) -> None:
    put = insert(CallRetentionRow).values(call=call, **values)
    await connection.execute(put.on_conflict_do_update(index_elements=[CallRetentionRow.call], set_=values))


async def held(connection: AsyncConnection, limit: int, part: Part | None = None) -> list[HeldCall]:
    """What is held, the oldest hold first: calls, and recordings one by one."""
    sound = (
        select(func.count())
        .where(RecordingRow.call == CallRetentionRow.call, RecordingRow.path != "")
        .correlate(CallRetentionRow)
        .scalar_subquery()
    )
    whole = select(
        CallRetentionRow.call, sound, CallRetentionRow.held_at, CallRetentionRow.held_by, CallRetentionRow.held_why
    ).where(CallRetentionRow.held_at.is_not(None))
    single = select(
        RecordingRow.call, RecordingRow.offer, RecordingRow.held_at, RecordingRow.held_by, RecordingRow.held_why
    ).where(RecordingRow.held_at.is_not(None))
    if part is not None:
        seen = select(CallRow.call).where(calls_of(part))
        whole, single = whole.where(CallRetentionRow.call.in_(seen)), single.where(RecordingRow.call.in_(seen))
    whole = whole.order_by(CallRetentionRow.held_at, CallRetentionRow.call).limit(limit)
    single = single.order_by(RecordingRow.held_at, RecordingRow.offer).limit(limit)
    rows: list[Any] = [(call, count, "", at, by, why) for call, count, at, by, why in await connection.execute(whole)]
    rows += [(call, 1, offer, at, by, why) for call, offer, at, by, why in await connection.execute(single)]
    found = [HeldCall(*row) for row in rows]
    return sorted(found, key=lambda each: (each.held_at, each.call, each.offer))[:limit]
