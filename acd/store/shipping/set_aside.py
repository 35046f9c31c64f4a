"""Rows of the call log that were set aside (`dead_letters`): which, why, and another try.

A row goes aside when PostgreSQL or this version can't take it; a line when the journal holds no readable one. Another try
helps after an update that knows the row, or after whatever refused it in PostgreSQL was mended.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind
from acd.store.connection import in_words
from acd.store.database_text import MOST_OF_A_BODY
from acd.store.journal import spool
from acd.store.shipping.log_rows import LogWriter, Row, RowRefused, of_the_row

_FIND = text(
    "SELECT spool, line, idx, at, told_at, reason, length(body) AS characters FROM dead_letters ORDER BY at, spool, line, idx LIMIT :limit"
)
_ONE = text("SELECT body FROM dead_letters WHERE spool = :spool AND line = :line AND idx = :idx")
_ALL = text("SELECT spool, line, idx, told_at, at, body FROM dead_letters ORDER BY spool, line, idx FOR UPDATE")
_TOLD_NEAR = text("SELECT at FROM call_log WHERE spool = :spool AND line <= :line ORDER BY line DESC LIMIT 1")
_GONE = text("DELETE FROM dead_letters WHERE spool = :spool AND line = :line AND idx = :idx")
_FORGET_MISSING = text("DELETE FROM dead_letters WHERE idx = -1 AND body = ''")
_STILL = text("UPDATE dead_letters SET reason = :reason WHERE spool = :spool AND line = :line AND idx = :idx")
_LATER_STATE = text("SELECT 1 FROM agents WHERE agent = :agent AND state_since > :at")
_NOW_ONLY = (Kind.AGENT_STATE, Kind.PHONE)
"""Rows that say how an agent is now: late ones would take the place of what was told since."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """One row, or a whole line of the journal where `idx` is negative."""

    spool: str
    line: int
    idx: int
    at: datetime
    """When it was set aside."""
    told_at: datetime | None
    """When it was told, where that is known."""
    reason: str
    characters: int
    """Length of what is kept of it."""


@dataclass(frozen=True, slots=True)
class Retried:
    """How another try went: how many rows are in now, and how many are still aside."""

    taken: int
    left: int


async def find(connection: AsyncConnection, limit: int) -> list[SetAside]:
    """The oldest first."""
    return [SetAside(*row) for row in await connection.execute(_FIND, {"limit": limit})]


async def body(connection: AsyncConnection, name: str, line: int, idx: int) -> str | None:
    """What is kept of it, with callers' numbers in it; None: there is no such row."""
    found: str | None = (await connection.execute(_ONE, {"spool": name, "line": line, "idx": idx})).scalar()
    return found


async def forget(connection: AsyncConnection, name: str, line: int, idx: int) -> bool:
    """Deletes it for good; False: there is no such row."""
    return bool((await connection.execute(_GONE, {"spool": name, "line": line, "idx": idx})).rowcount)


async def forget_missing(connection: AsyncConnection) -> int:
    """Deletes the entries of lines that the journal did not hold, of which nothing is kept; how many there were."""
    return int((await connection.execute(_FORGET_MISSING)).rowcount)


async def retry(connection: AsyncConnection) -> Retried:
    """Tries all again, inside the caller's transaction. What is refused again stays, with the new reason."""
    taken = left = 0
    for each in (await connection.execute(_ALL)).all():
        key = {"spool": each.spool, "line": each.line, "idx": each.idx}
        why = await _again(connection, each.spool, each.line, each.idx, each.told_at or each.at, each.body)
        if why:
            left += 1
            await connection.execute(_STILL, {**key, "reason": why[:2000]})
        else:
            taken += 1
            await connection.execute(_GONE, key)
    return Retried(taken, left)


async def _again(connection: AsyncConnection, name: str, line: int, idx: int, at: datetime, said: str) -> str:
    """Why it can't be taken; empty: it is in."""
    try:
        rows = [Row(line, idx, at, json.loads(said))] if idx >= 0 else _rows(line, idx, said)
    except (ValueError, RecursionError) as reason:
        cut = f"; only its first {MOST_OF_A_BODY:,} characters are kept" if len(said) >= MOST_OF_A_BODY else ""
        return f"{reason}{cut}"
    try:
        async with connection.begin_nested():
            await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            await _write(connection, name, rows)
            await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    except RowRefused as refused:
        return f"{type(refused.__cause__).__name__}: {refused.__cause__}"
    except DBAPIError as reason:
        if not of_the_row(reason):
            raise
        return in_words(reason)
    return ""


def _rows(line: int, idx: int, said: str) -> list[Row]:
    """The rows of a whole line. ValueError when it is none, or not the one that stands at this number."""
    if not said:
        raise ValueError("the journal does not hold it")
    found = spool.parse(said.encode())
    if idx < -1 or found.number != line:
        raise ValueError(f"it says that it is line {found.number}, which is another one")
    return [Row(line, number, found.at, form) for number, form in enumerate(found.logs)]


async def _write(connection: AsyncConnection, name: str, rows: list[Row]) -> None:
    for row in rows:
        # Whatever was told of the agent since then stays.
        ended = set()
        if row.form.get("kind") in _NOW_ONLY:
            later = {"agent": row.form.get("agent"), "at": row.at}
            if (await connection.execute(_LATER_STATE, later)).first():
                ended = {row.form.get("call", "")}
        await LogWriter(name, ended).write(connection, [row])
