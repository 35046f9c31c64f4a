"""Carries the spool into PostgreSQL: in order, exactly once, behind the calls and never in their way.

What lives here: a cursor into the spool, and how well PostgreSQL is. The truth about how far we are stands in
PostgreSQL itself (`spools.line`), moved in the same transaction as the rows; after every trouble it is read again, so
a commit whose answer was lost is neither repeated nor missed. The second wall is the natural key of the log row.

PostgreSQL away, frozen or slow: every step has a deadline, then the connection is thrown away and the next try waits
0.2 s, 0.4 s … 5 s. A row that PostgreSQL will never take goes to `dead_letters` with its reason; the rest goes on.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Log
from acd.store import spool
from acd.store.codec import log_from, to_json
from acd.store.connection import in_words, sqlstate, transaction
from acd.store.errors import NotAnEvent, StoreError
from acd.store.journal import Journal
from acd.store.projections import Fold, clean
from acd.store.store import Store

logger = logging.getLogger("acd.store")

BATCH_ROWS = 250
"""In one transaction. More would ship faster and hold the event loop longer: 250 rows, 6,000 rows/s and some 10 ms at a
time; 2,000 rows, 15,000 rows/s and 75 ms, which a caller could feel while the shipper catches up."""
STEP_WITHIN_S = 8.0
"""A transaction that takes longer than this is given up and tried again."""
GATHER_S = 0.25
"""Rows gather so long before they are shipped: a transaction for each event cost most of the daemon's CPU."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0

_POSITION = text("SELECT line FROM spools WHERE spool = :spool FOR UPDATE")
_NEW_SPOOL = text("INSERT INTO spools (spool, line) VALUES (:spool, 0) ON CONFLICT DO NOTHING")
_MOVE = text("UPDATE spools SET line = :line, shipped_at = now() WHERE spool = :spool")
_ABANDON_LEGS = text(
    "UPDATE offers SET talk_s = GREATEST(0, EXTRACT(EPOCH FROM now() - connected_at)), ended_at = now(), ended_by = 'lost'"
    " WHERE connected_at IS NOT NULL AND talk_s IS NULL"
)
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
_DEAD = text(
    "INSERT INTO dead_letters (spool, line, idx, reason, body) VALUES (:spool, :line, :idx, :reason, :body)"
    " ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    idx: int
    at: datetime
    form: dict[str, Any]

    def log(self) -> Log:
        """NotAnEvent when this version does not know its kind."""
        return log_from(clean(self.form))


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: list[_Row]
    damaged: list[spool.Damaged]
    last_line: int
    segment: Path
    offset: int


class _MovedElsewhere(Exception):
    """PostgreSQL's position is not the one that the batch was read for."""


class Shipper:
    """Carries the call log from the spool to PostgreSQL."""

    def __init__(self, store: Store, journal: Journal, *, migrate: bool = True, batch_rows: int = BATCH_ROWS) -> None:
        """`migrate`: brings the tables to this version when PostgreSQL is first reached."""
        self._store, self._journal, self._migrate, self._batch_rows = store, journal, migrate, batch_rows
        self._cursor: tuple[Path, int] | None = None
        self._line = 0
        self._known = False
        self._ready = False
        self._wake, self._moved = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._pause = FIRST_PAUSE_S
        self.healthy = False
        """PostgreSQL took what we gave it last."""
        self.trouble = "PostgreSQL has not been reached yet"
        """Why it is not healthy, in words."""
        self.dead_letters = 0
        """Rows put aside since the start."""

    @property
    def behind(self) -> int:
        """Events that are on disk and not yet known to be in PostgreSQL."""
        return max(0, self._journal.synced - self._line)

    async def run(self) -> None:
        """Ships until `stop`, or until it is cancelled."""
        loop = asyncio.get_running_loop()

        def woken() -> None:
            with contextlib.suppress(RuntimeError):  # the loop may be closed while the last sync is under way
                loop.call_soon_threadsafe(self._wake.set)

        self._journal.when_synced(woken)
        while not self._stopping:
            self._wake.clear()
            try:
                more = await self._step()
            except (OSError, TimeoutError, SQLAlchemyError, StoreError) as reason:
                await self._away(reason)
                continue
            except Exception as reason:
                # A fault of ours must not end the daemon: the rows are on disk, and the next version ships them.
                if self.trouble != in_words(reason):
                    logger.exception("the shipper failed")
                await self._away(reason)
                continue
            self._well()
            if not more and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), 1.0)
                if self.behind and not self._stopping:
                    await asyncio.sleep(GATHER_S)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def catch_up(self, within_s: float) -> bool:
        """Waits until PostgreSQL has everything that is on disk now; False when it takes longer."""
        aim = self._journal.synced
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._line < aim:
                    self._moved.clear()
                    await self._moved.wait()
        return self._line >= aim

    # -- one step ------------------------------------------------------------------------------------------------

    async def _step(self) -> bool:
        """Ships one batch; True when there may be more."""
        if not self._ready:
            await (self._store.migrate() if self._migrate else self._store.check_schema())
            self._ready = True
        if not self._known:
            async with self._transaction() as connection:
                self._line = await self._position(connection)
            self._cursor, self._known = None, True
            self._moved.set()
        batch = await asyncio.to_thread(self._read)
        if batch is None:
            return False
        try:
            await self._ship(batch)
        except _MovedElsewhere:
            self._known = False
            return True
        self._line, self._cursor = batch.last_line, (batch.segment, batch.offset)
        self._moved.set()
        await asyncio.to_thread(self._journal.shipped, self._line, datetime.now(UTC))
        return True

    async def _ship(self, batch: _Batch) -> None:
        for attempt in range(4):
            try:
                async with self._transaction() as connection:
                    await self._expect_position(connection)
                    for each in batch.damaged:
                        await self._put_aside(
                            connection, each.number, -1, each.reason, each.raw.decode(errors="replace")
                        )
                    await self._write(connection, batch.rows)
                    await self._move(connection, batch.last_line)
                return
            except (NotAnEvent, ValueError, TypeError, KeyError) as reason:
                logger.debug("a log row is not as its kind promises: %s", reason)
                break
            except DBAPIError as reason:
                state = sqlstate(reason)
                if state in ("40001", "40P01") and attempt < 3:
                    continue
                if not _is_poison(reason):
                    raise
                break
        await self._ship_singly(batch)

    async def _ship_singly(self, batch: _Batch) -> None:
        """The same batch, line by line, so that only the row that PostgreSQL refuses is put aside."""
        async with self._transaction(seconds=STEP_WITHIN_S * 8) as connection:
            await self._expect_position(connection)
            for each in batch.damaged:
                await self._put_aside(connection, each.number, -1, each.reason, each.raw.decode(errors="replace"))
            for row in batch.rows:
                try:
                    async with connection.begin_nested():
                        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                        await self._write(connection, [row])
                    await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
                except (NotAnEvent, ValueError, TypeError, KeyError) as reason:
                    await self._put_aside(connection, row.line, row.idx, f"{type(reason).__name__}: {reason}", row.form)
                except DBAPIError as reason:
                    if not _is_poison(reason):
                        raise
                    await self._put_aside(connection, row.line, row.idx, in_words(reason), row.form)
            await self._move(connection, batch.last_line)

    async def _write(self, connection: AsyncConnection, rows: Sequence[_Row]) -> None:
        if not rows:
            return
        logs = [row.log() for row in rows]
        new = await connection.execute(
            _LOG,
            {
                "spool": self._journal.spool,
                "line": [row.line for row in rows],
                "idx": [row.idx for row in rows],
                "at": [row.at for row in rows],
                "kind": [log.kind.value for log in logs],
                "call": [log.call for log in logs],
                "agent": [log.agent for log in logs],
                "offer": [log.offer for log in logs],
                "queue": [log.queue for log in logs],
                "detail": [to_json(log.detail) for log in logs],
            },
        )
        unseen = {(line, idx) for line, idx in new}
        fold = Fold()
        for row, log in zip(rows, logs, strict=True):
            if (row.line, row.idx) in unseen:
                fold.take(row.at, log, (self._journal.spool, row.line, row.idx))
        await fold.write(connection)

    async def _put_aside(self, connection: AsyncConnection, line: int, idx: int, reason: str, body: object) -> None:
        self.dead_letters += 1
        logger.error("log row %d/%d was put aside in dead_letters: %s", line, idx, reason)
        said = body if isinstance(body, str) else to_json(body)
        await connection.execute(
            _DEAD,
            {"spool": self._journal.spool, "line": line, "idx": idx, "reason": clean(reason), "body": clean(said)},
        )

    # -- the position --------------------------------------------------------------------------------------------

    async def _position(self, connection: AsyncConnection) -> int:
        found = (await connection.execute(_POSITION, {"spool": self._journal.spool})).scalar()
        if found is not None:
            return int(found)
        # A spool that PostgreSQL has never seen: whatever legs an older one left open are nobody's any more.
        await connection.execute(_NEW_SPOOL, {"spool": self._journal.spool})
        await connection.execute(_ABANDON_LEGS)
        return 0

    async def _expect_position(self, connection: AsyncConnection) -> None:
        if await self._position(connection) != self._line:
            raise _MovedElsewhere

    async def _move(self, connection: AsyncConnection, line: int) -> None:
        await connection.execute(_MOVE, {"spool": self._journal.spool, "line": line})

    def _read(self) -> _Batch | None:
        """The next rows behind the cursor, as far as the disk has them; runs in a thread."""
        present = spool.segments(self._journal.folder)
        if not present:
            return None
        if self._cursor is None or self._cursor[0] not in present:
            index = max((i for i, each in enumerate(present) if spool.first_line(each) <= self._line + 1), default=0)
            segment, offset = present[index], 0
        else:
            (segment, offset), index = self._cursor, present.index(self._cursor[0])
        rows: list[_Row] = []
        damaged: list[spool.Damaged] = []
        last = self._line
        while True:
            for line, end in spool.lines(segment, self._journal.end_of(segment), offset):
                offset = end
                if line.number <= self._line:
                    continue
                last = line.number
                if isinstance(line, spool.Damaged):
                    damaged.append(line)
                else:
                    rows += [_Row(line.number, idx, line.at, form) for idx, form in enumerate(line.logs)]
                if len(rows) >= self._batch_rows or last - self._line >= self._batch_rows:
                    return _Batch(rows, damaged, last, segment, offset)
            if index + 1 >= len(present):
                break
            index += 1
            segment, offset = present[index], 0
        return _Batch(rows, damaged, last, segment, offset) if last > self._line else None

    # -- how PostgreSQL is ---------------------------------------------------------------------------------------

    def _transaction(self, seconds: float | None = None) -> contextlib.AbstractAsyncContextManager[AsyncConnection]:
        return transaction(self._store.writer, seconds or STEP_WITHIN_S)

    async def _away(self, reason: BaseException) -> None:
        said = in_words(reason)
        if self.healthy or self.trouble != said:
            logger.warning("PostgreSQL does not take the call log (%s): it stays in the spool, calls go on", said)
        self.healthy, self.trouble, self._known = False, said, False
        if isinstance(reason, DBAPIError) and sqlstate(reason) == "42P01":
            self._ready = False  # Another database, without our tables: they are made there.
        # A connection on which a statement was cut off is not to be trusted again.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(STEP_WITHIN_S):
                await self._store.reconnect()
        if not self._stopping:
            await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE_S)

    def _well(self) -> None:
        if not self.healthy:
            logger.info("PostgreSQL takes the call log; %d events to catch up", self.behind)
        self.healthy, self.trouble, self._pause = True, "", FIRST_PAUSE_S


def _is_poison(reason: DBAPIError) -> bool:
    """The data is at fault (SQL classes 21, 22, 23, or refused by the driver before sending), not the server."""
    state = sqlstate(reason)
    if state:
        return state[:2] in ("21", "22", "23")
    cause = getattr(reason.orig, "__cause__", None)
    return isinstance(cause, ValueError | TypeError | OverflowError) or "invalid input for query argument" in str(
        reason
    )
