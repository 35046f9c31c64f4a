"""Rows of the call log into PostgreSQL: into the log and what is worked out of it, or aside where PostgreSQL won't have them.

A batch that fails is halved until the faulty row stands alone, each half in a savepoint of its own: one faulty row among 250 costs
some sixteen savepoints, and the 249 others arrive in their order. What counts as the row's fault: everything that our own code
raises over it, and what PostgreSQL says of data (`of_the_row`). Whatever else PostgreSQL says is its own trouble: the rows wait.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Kind, Log
from acd.store.connection import in_words, sqlstate
from acd.store.database_text import MOST_OF_A_BODY, clean
from acd.store.journal.codec import log_from, to_json
from acd.store.shipping.projections import Fold

logger = logging.getLogger("acd.store")

_DATA = ("21", "22", "23", "27", "44", "54", "P0")
"""Classes of SQLSTATE that speak of the data: cardinality, data, integrity, a limit of PostgreSQL's (a value too long for an index),
what a trigger or check of the operator's own says. Not 0A, 26, 42: those come when the tables are changed under us."""
_INTERNAL = "XX"
"""PostgreSQL's own fault or a damaged page: of one row's place, perhaps, and never of all rows for ever."""
_CONSTRAINTS = text("SET CONSTRAINTS ALL IMMEDIATE"), text("SET CONSTRAINTS ALL DEFERRED")

_LOG = text(
    "INSERT INTO call_log (spool, line, idx, at, kind, call, agent, offer, queue, detail)"
    " SELECT :spool, new.line, new.idx, new.at, new.kind, new.call, new.agent, new.offer, new.queue,"
    " CAST(new.detail AS jsonb) FROM unnest(:line, :idx, :at, :kind, :call, :agent, :offer, :queue, :detail)"
    " AS new(line, idx, at, kind, call, agent, offer, queue, detail) ON CONFLICT DO NOTHING RETURNING line, idx"
).bindparams(
    bindparam("line", type_=ARRAY(BigInteger())),
    bindparam("idx", type_=ARRAY(Integer())),
    bindparam("at", type_=ARRAY(DateTime(timezone=True))),
    *(bindparam(each, type_=ARRAY(Text())) for each in ("kind", "call", "agent", "offer", "queue", "detail")),
)
_ASIDE = text(
    "INSERT INTO dead_letters (spool, line, idx, reason, body, told_at)"
    " VALUES (:spool, :line, :idx, :reason, :body, :told_at) ON CONFLICT DO NOTHING RETURNING line"
).bindparams(bindparam("told_at", type_=DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the log, as the journal has it."""

    line: int
    idx: int
    at: datetime
    form: dict[str, Any]

    def log(self) -> Log:
        """NotAnEvent when this version does not know its kind; any other error when it has no row's form."""
        return log_from(clean(self.form))


@dataclass(frozen=True, slots=True)
class Aside:
    """A row, or (with a negative index) a line of the journal, that is put aside."""

    line: int
    idx: int
    reason: str
    body: object
    told_at: datetime | None = None
    """The row's own time, where it is known."""
    kind: str = ""
    """Of the reason, without what the row says: for logs."""


class RowRefused(Exception):
    """Our own code can't make anything of a row. The cause says why."""


@dataclass
class LogWriter:
    """Writes rows of one spool, inside the caller's transaction."""

    spool: str
    ended: Collection[str] = ()
    """Calls that ended by rows of another spool, of which this one has an older state: what it tells of them stays in the log, and
    changes nothing that is worked out, but the cards that people write on."""
    last_resort: bool = False
    """The same rows have failed again and again by an internal error of PostgreSQL: the one that it is about goes aside, too."""
    put_aside: list[Aside] = field(default_factory=list)
    """What this writer has put aside; for nothing where the transaction is rolled back."""
    taken: int = 0
    """Rows that are in."""

    async def write(self, connection: AsyncConnection, rows: Sequence[Row]) -> None:
        """All rows, or an error: RowRefused, DBAPIError. A row that is there already is passed over."""
        if not rows:
            return
        try:
            logs = [row.log() for row in rows]
            values = _columns(rows, logs)
        except Exception as reason:
            raise RowRefused from reason
        new = await connection.execute(_LOG, {"spool": self.spool, **values})
        unseen = {(line, idx) for line, idx in new}
        fold = Fold()
        try:
            for row, log in zip(rows, logs, strict=True):
                if (row.line, row.idx) in unseen and (log.call not in self.ended or log.kind is Kind.CARD):
                    fold.take(row.at, log, (self.spool, row.line, row.idx))
        except Exception as reason:
            raise RowRefused from reason
        try:
            await fold.write(connection)
        except (OSError, TimeoutError, SQLAlchemyError):
            raise
        except Exception as reason:
            raise RowRefused from reason

    async def write_or_put_aside(self, connection: AsyncConnection, rows: Sequence[Row]) -> None:
        """All rows, but those that are at fault: these are put aside. DBAPIError when PostgreSQL is in trouble of its own, which an
        internal error is where no row at all is taken."""
        trouble = await self._in_halves(connection, rows)
        if trouble is not None and not self.taken:
            raise trouble

    async def _in_halves(self, connection: AsyncConnection, rows: Sequence[Row]) -> DBAPIError | None:
        """An internal error for which a row was put aside; None: there was none."""
        try:
            async with connection.begin_nested():
                await connection.execute(_CONSTRAINTS[0])
                await self.write(connection, rows)
                await connection.execute(_CONSTRAINTS[1])
            self.taken += len(rows)
            return None
        except RowRefused as reason:
            why: BaseException = reason.__cause__ or reason
        except DBAPIError as reason:
            if not of_the_row(reason) and not (self.last_resort and is_internal(reason)):
                raise
            why = reason
        if len(rows) > 1:
            half = len(rows) // 2
            first = await self._in_halves(connection, rows[:half])
            return await self._in_halves(connection, rows[half:]) or first
        if isinstance(why, DBAPIError):
            said, kind = in_words(why), f"SQLSTATE {sqlstate(why)}" if sqlstate(why) else type(why).__name__
        else:
            said, kind = f"{type(why).__name__}: {why}", type(why).__name__
        row = rows[0]
        await self.aside(connection, Aside(row.line, row.idx, said, row.form, row.at, kind))
        return why if isinstance(why, DBAPIError) and is_internal(why) else None

    async def aside(self, connection: AsyncConnection, each: Aside) -> None:
        """Puts it aside, once."""
        body = clean(each.body if isinstance(each.body, str) else to_json(each.body))
        values = {
            "spool": self.spool,
            "line": each.line,
            "idx": each.idx,
            "reason": clean(each.reason)[:2000],
            "body": body[:MOST_OF_A_BODY],
            "told_at": each.told_at,
        }
        if (await connection.execute(_ASIDE, values)).first() is not None:
            self.put_aside.append(each)


def _columns(rows: Sequence[Row], logs: Sequence[Log]) -> dict[str, list[Any]]:
    return {
        "line": [row.line for row in rows],
        "idx": [row.idx for row in rows],
        "at": [row.at for row in rows],
        "kind": [log.kind.value for log in logs],
        "call": [log.call for log in logs],
        "agent": [log.agent for log in logs],
        "offer": [log.offer for log in logs],
        "queue": [log.queue for log in logs],
        "detail": [to_json(log.detail) for log in logs],
    }


def of_the_row(reason: DBAPIError) -> bool:
    """The data is at fault, by PostgreSQL or refused by the driver before sending; not the server."""
    state = sqlstate(reason)
    if state:
        return state[:2] in _DATA
    cause = getattr(reason.orig, "__cause__", None)
    return isinstance(cause, ValueError | TypeError | OverflowError) or "invalid input for query argument" in str(
        reason
    )


def is_internal(reason: DBAPIError) -> bool:
    """PostgreSQL met a fault of its own, such as a damaged page."""
    return sqlstate(reason)[:2] == _INTERNAL
