"""How long recordings are kept: their days, those that are held, and the mark of a deletion. Classes: acd/store/retention/.

A row outlives its sound. `deleted_at`, `deleted_by` and `deleted_why` say what became of it; `deleted_path` names the file until it is
removed, so that a crash between the two leaves no sound that nobody knows of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import SQLColumnExpression, and_, case, exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from acd.store.retention_tables import CallRetentionRow
from acd.store.tables import CallRow, RecordingRow

AT_ONCE = 200
"""Recordings of one transaction."""
_DELETING = 0x73616E78
"""The lock that deletions and holds share ("sanx")."""


@dataclass(frozen=True, slots=True)
class KeepDays:
    """For how many days sound is kept after its talk; 0: until somebody deletes it."""

    hotline: int = 0
    brands: Mapping[str, int] | None = None
    """Brand to its own, which goes before the hotline's."""
    queues: Mapping[str, int] | None = None
    """Queue to its own, which goes before the brand's."""

    @property
    def any(self) -> bool:
        """Whether anything is ever deleted by age."""
        return any((self.hotline, *(self.brands or {}).values(), *(self.queues or {}).values()))


@dataclass(frozen=True, slots=True)
class Removal:
    """A file that is to be removed: its row says already that it is deleted."""

    offer: str
    call: str
    path: str
    """Under the recordings folder."""
    at: datetime
    by: str
    why: str


_REMOVAL = (
    RecordingRow.offer,
    RecordingRow.call,
    RecordingRow.deleted_path,
    RecordingRow.deleted_at,
    RecordingRow.deleted_by,
    RecordingRow.deleted_why,
)


def general_days(keep: KeepDays, queue: SQLColumnExpression[str]) -> ColumnElement[int]:
    """For how many days the sound of a call of this queue is kept, classes apart; 0: until somebody deletes it. For queries with CallRow."""
    whens = [(queue == name, literal(days)) for name, days in (keep.queues or {}).items()]
    whens += [(CallRow.brand == brand, literal(days)) for brand, days in (keep.brands or {}).items()]
    return case(*whens, else_=literal(keep.hotline)) if whens else literal(keep.hotline)


async def one_after_another(connection: AsyncConnection) -> None:
    """From here to the end of the transaction nobody else deletes or holds: what is read next is true until then."""
    await connection.execute(select(func.pg_advisory_xact_lock(_DELETING)))


async def mark_deleted(
    connection: AsyncConnection, offers: Sequence[str], at: datetime, by: str, why: str
) -> list[Removal]:
    """Marks those that have sound and are not held, nor their call; what is to be removed now."""
    await one_after_another(connection)
    call_held = exists().where(CallRetentionRow.call == RecordingRow.call, CallRetentionRow.held_at.is_not(None))
    rows = await connection.execute(
        update(RecordingRow)
        .where(RecordingRow.offer.in_(offers), RecordingRow.path != "", RecordingRow.held_at.is_(None), ~call_held)
        .values(deleted_at=at, deleted_by=by, deleted_why=why, deleted_path=RecordingRow.path, path="")
        .returning(*_REMOVAL)
    )
    return [_removal(row) for row in rows]


async def to_remove(connection: AsyncConnection) -> list[Removal]:
    """Files of deleted recordings that were not removed yet, AT_ONCE at most."""
    rows = await connection.execute(select(*_REMOVAL).where(RecordingRow.deleted_path != "").limit(AT_ONCE))
    return [_removal(row) for row in rows]


def _removal(row: Any) -> Removal:
    return Removal(*row)


async def removed(connection: AsyncConnection, offers: Iterable[str]) -> None:
    """The files of these are gone."""
    await connection.execute(update(RecordingRow).where(RecordingRow.offer.in_([*offers])).values(deleted_path=""))


async def hold(connection: AsyncConnection, offer: str, at: datetime | None, by: str, why: str) -> bool:
    """Holds a recording that has sound; `at` None: releases it. False: there was nothing to do."""
    wanted = and_(RecordingRow.path != "", RecordingRow.held_at.is_(None)) if at else RecordingRow.held_at.is_not(None)
    found = await connection.execute(
        update(RecordingRow).where(RecordingRow.offer == offer, wanted).values(held_at=at, held_by=by, held_why=why)
    )
    return bool(found.rowcount)
