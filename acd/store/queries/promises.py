"""Promised callbacks as they were kept: one, those of a span, and the share that was kept in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.promise_tables import PromiseRow
from acd.store.queries.part import Part
from acd.store.tables import LogRow

MOST = 1000
STEPS = ("promise", "callback")
"""Kinds of rows of the call log that tell a promise's story."""


@dataclass(frozen=True, slots=True)
class Promised:
    """As in `promise_tables.PromiseRow`."""

    promise: str
    number: str
    customer: str
    queue: str
    brand: str
    language: str
    area: str
    source: str
    how: str
    by: str
    owner: str
    note: str
    of_call: str
    made_at: datetime
    begins: datetime | None
    until: datetime | None
    asked: int
    tries: int
    late_at: datetime | None
    outcome: str
    in_time: bool
    ended_at: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class PromiseStep:
    """One thing that happened to a promise: a row of the call log."""

    at: datetime
    kind: str
    agent: str
    queue: str
    detail: dict[str, object]


_PROMISED = [getattr(PromiseRow, each) for each in Promised.__dataclass_fields__]


async def one(connection: AsyncConnection, promise: str) -> Promised | None:
    """This promise; None: there is none."""
    row = (await connection.execute(select(*_PROMISED).where(PromiseRow.promise == promise))).first()
    return None if row is None else Promised(*row)


async def ended(
    connection: AsyncConnection, since: datetime, until: datetime, part: Part | None = None, limit: int = MOST
) -> list[Promised]:
    """Those that were over in this span, the latest first."""
    query = (
        select(*_PROMISED)
        .where(PromiseRow.ended_at >= since, PromiseRow.ended_at < until)
        .order_by(PromiseRow.ended_at.desc())
        .limit(min(limit, MOST))
    )
    if part is not None and part.brands is not None:
        query = query.where(PromiseRow.brand.in_(part.brands))
    if part is not None and part.teams is not None:
        query = query.where(PromiseRow.queue.in_(part.teams.queues) | PromiseRow.owner.in_(part.teams.agents))
    return [Promised(*row) for row in await connection.execute(query)]


async def steps(connection: AsyncConnection, promise: str) -> Sequence[PromiseStep]:
    """What happened to it: changes and tries, oldest first."""
    query = (
        select(LogRow.at, LogRow.kind, LogRow.agent, LogRow.queue, LogRow.detail)
        .where(LogRow.call == promise, LogRow.kind.in_(STEPS))
        .order_by(LogRow.at, LogRow.spool, LogRow.line, LogRow.idx)
        .limit(500)
    )
    return [PromiseStep(*row) for row in await connection.execute(query)]


CONTACT = 20
"""A contact has at most so many calls; a row that leads further is a mistake, or a customer of many years."""


async def of_contact(connection: AsyncConnection, call: str) -> dict[str, str]:
    """Each call of this call's contact to the call in which it was promised, "" where none promised it; `call` itself is among them.

    A call and the callbacks that were promised in it are one contact, and so are those that were promised in these."""
    found, new = {call: ""}, {call}
    while new and len(found) < CONTACT:
        query = (
            select(PromiseRow.promise, PromiseRow.of_call)
            .where(
                PromiseRow.of_call != "",
                PromiseRow.of_call != PromiseRow.promise,
                or_(PromiseRow.promise.in_(new), PromiseRow.of_call.in_(new)),
            )
            .order_by(PromiseRow.made_at)
            .limit(CONTACT)
        )
        new = set()
        for promise, of_call in await connection.execute(query):
            for each in (promise, of_call):
                if each not in found and len(found) < CONTACT:
                    found[each] = ""
                    new.add(each)
            if promise in found and of_call in found:
                found[promise] = of_call
    return found
