"""A call, and all that happened in it. How calls are found: call_search.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.tables import CallRow, LogRow, OfferRow, OperatorDeedRow

LONGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Call:
    """As in `tables.CallRow`."""

    call: str
    caller: str
    dialled: str
    language: str
    menu_path: str
    queue: str
    arrived_at: datetime
    asked_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    agent: str
    offers: int
    wait_s: float | None
    talk_s: float | None
    ending: str | None
    asked_for_person: bool | None
    within_target: bool | None
    short: bool | None
    asked_queue: str = ""
    skills: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    returned_s: float | None = None
    position: int | None = None
    median_s: float | None = None
    p90_s: float | None = None
    kept_for: str = ""
    kept_why: str = ""
    policy: list[Any] = field(default_factory=list)
    called_back: bool = False
    callback_state: str = ""
    callback_at: datetime | None = None
    callback_attempts: int = 0
    sent_to: str = ""
    written: str = ""
    withheld: bool = False
    brand: str = ""
    customer: str = ""
    customer_name: str = ""
    customer_class: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """As in `tables.OperatorDeedRow`."""

    at: datetime
    by: str
    did: str
    call: str
    agent: str
    queue: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the call log."""

    at: datetime
    kind: str
    call: str
    agent: str
    offer: str
    queue: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """As in `tables.OfferRow`."""

    offer: str
    call: str
    agent: str
    queue: str
    number: int
    offered_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    cause: int | None
    crossed: bool
    ring_s: float | None
    rings: int | None
    wait_s: float | None
    talk_s: float | None
    ended_by: str | None
    explanation: dict[str, Any]
    hold_s: float = 0.0
    consult_s: float = 0.0
    consulted_s: float = 0.0


CALL_COLUMNS = [getattr(CallRow, each) for each in Call.__dataclass_fields__]
_OFFER = [getattr(OfferRow, each) for each in Offer.__dataclass_fields__]
_DEED = [getattr(OperatorDeedRow, each) for each in Deed.__dataclass_fields__]
_HAPPENING = [getattr(LogRow, each) for each in Happening.__dataclass_fields__]


async def one(connection: AsyncConnection, call: str) -> Call | None:
    """The call of this id, or None."""
    row = (await connection.execute(select(*CALL_COLUMNS).where(CallRow.call == call))).first()
    return _as_call(row) if row else None


async def timeline(connection: AsyncConnection, call: str) -> list[Happening]:
    """The call's log in order."""
    # A call that lived through a change of spool is ordered by time first; within a spool by its lines.
    rows = await connection.execute(
        select(*_HAPPENING).where(LogRow.call == call).order_by(LogRow.at, LogRow.spool, LogRow.line, LogRow.idx)
    )
    return [Happening(*row) for row in rows]


async def offers(connection: AsyncConnection, call: str) -> list[Offer]:
    """The call's offers in order."""
    rows = await connection.execute(
        select(*_OFFER).where(OfferRow.call == call).order_by(OfferRow.number, OfferRow.offered_at)
    )
    return [Offer(*row) for row in rows]


async def deeds(connection: AsyncConnection, bounds: tuple[datetime, datetime] | None, call: str) -> list[Deed]:
    """Of operators, in order: within these bounds, to this call."""
    query: Select[Any] = select(*_DEED).order_by(OperatorDeedRow.at, OperatorDeedRow.line, OperatorDeedRow.idx)
    if bounds:
        query = query.where(OperatorDeedRow.at >= bounds[0], OperatorDeedRow.at < bounds[1])
    if call:
        query = query.where(OperatorDeedRow.call == call)
    return [Deed(*row) for row in await connection.execute(query)]


def _as_call(row: Row[Any] | Sequence[Any]) -> Call:
    return Call(*row)
