"""Carries the spool into PostgreSQL: in order, exactly once, behind the calls and never in their way.

What lives here: a cursor into the spool, and how well PostgreSQL is. The truth about how far we are stands in
PostgreSQL itself (`spools.line`), moved in the same transaction as the rows; after every trouble it is read again, so
a commit whose answer was lost is neither repeated nor missed. The second wall is the natural key of the log row.
Whether what stands there is this journal's own at all is the matter of journal_in_database.py.

PostgreSQL away, frozen or slow: every step has a deadline, then the connection is thrown away and the next try waits
0.2 s, 0.4 s … 5 s. A row that PostgreSQL will never take goes to `dead_letters` with its reason (log_rows.py), a line
that is damaged or missing in the journal too; the rest goes on.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.connection import in_words, sqlstate, transaction
from acd.store.errors import StoreError
from acd.store.journal import spool
from acd.store.journal.journal import Journal
from acd.store.journal.journal_in_database import (
    BEAT_S,
    SHOWN_FOR,
    AnotherName,
    JournalInDatabase,
    MovedElsewhere,
    Notice,
)
from acd.store.shipping.log_rows import Aside, LogWriter, Row, RowRefused, is_internal, of_the_row
from acd.store.store import Store
from acd.words import journal as words

logger = logging.getLogger("acd.store")

BATCH_ROWS = 250
"""In one transaction. More would ship faster and hold the event loop longer: 250 rows, 6,000 rows/s and some 10 ms at a
time; 2,000 rows, 15,000 rows/s and 75 ms, which a caller could feel while the shipper catches up."""
MOST_ROWS = 1000
"""In one transaction of a PostgreSQL that takes longer than `SLOW_S` for one: what it costs then is the number of statements."""
SLOW_S = 1.0
STEP_WITHIN_S = 8.0
"""A transaction that takes longer than this is given up and tried again, with twice the time."""
LONGEST_STEP_S = 64.0
"""Answers that each come half a second late make one transaction of some twenty statements that long."""
GATHER_S = 0.25
"""Rows gather so long before they are shipped: a transaction for each event cost most of the daemon's CPU."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0

FIND_WITHIN_S = 60.0
"""Comparing a journal that has got a new name with what PostgreSQL has takes longer than a step."""
INTERNAL_ERRORS = 5
"""So often do the same rows fail by an internal error of PostgreSQL until the one that it is about is put aside."""
CROSSED = ("40001", "40P01")
"""SQLSTATE of a transaction that crossed with another and is to be tried again."""
TELL_AGAIN_S = 600.0
"""Between two alarms about rows put aside, at least."""
ROWS_SET_ASIDE = "rows-set-aside"
LASTING = ("other-hotline", "lines-missing")
"""Notices that are shown for as long as the daemon runs and it is so."""
_COUNT_ASIDE = text("SELECT count(*) FROM dead_letters")


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where the next line begins in the spool."""

    segment: Path
    offset: int
    following: int
    """The number that it should have."""


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: list[Row]
    aside: list[Aside]
    """Lines that are damaged, and runs of lines that are missing."""
    last_line: int
    checksum: int | None
    cursor: _Cursor


class Shipper:
    """Carries the call log from the spool to PostgreSQL."""

    def __init__(self, store: Store, journal: Journal, *, migrate: bool = True, batch_rows: int = BATCH_ROWS) -> None:
        """`migrate`: brings the tables to this version when PostgreSQL is first reached."""
        self._store, self._journal, self._migrate, self._batch_rows = store, journal, migrate, batch_rows
        self._place = JournalInDatabase(journal, self._tell)
        self._cursor: _Cursor | None = None
        self._line = 0
        self._known = False
        self._ready = False
        self._beat_at = 0.0
        self._rows = batch_rows
        """So many rows does the next transaction take."""
        self._internal_errors = 0
        self._told_aside_at = -TELL_AGAIN_S
        self._wake, self._moved = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._pause = FIRST_PAUSE_S
        self._patience = 1
        """How many times `STEP_WITHIN_S` a transaction may take now."""
        self.healthy = False
        """PostgreSQL took what we gave it last."""
        self.trouble = "PostgreSQL has not been reached yet"
        """Why it is not healthy, in words."""
        self.dead_letters = 0
        """Rows put aside since the start."""
        self.set_aside = 0
        """Rows that are put aside in PostgreSQL, by whichever daemon; as last looked at."""
        self.on_notice: Callable[[Notice], None] = lambda notice: None
        """Called for each notice, once: an alarm."""
        self.on_ended_elsewhere: Callable[[frozenset[str]], None] = lambda calls: None
        """Called with the calls that this older state takes for open and that have ended meanwhile."""

        self.on_found: Callable[[], None] = lambda: None
        """Called each time that the journal's place in PostgreSQL was found; what has ended elsewhere was told before."""

    @property
    def behind(self) -> int:
        """Events that are on disk and not yet known to be in PostgreSQL."""
        return max(0, self._journal.synced - self._line)

    @property
    def notices(self) -> list[Notice]:
        """What the operator should know now, the latest first."""
        since = datetime.now(UTC) - SHOWN_FOR
        found = [each for each in self._place.notices.values() if each.at >= since or each.code in LASTING]
        if self.set_aside:
            found.append(Notice(ROWS_SET_ASIDE, datetime.now(UTC), (str(self.set_aside),)))
        return sorted(found, key=lambda each: each.at, reverse=True)

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
        try:
            await self._crossing(self._take_place)
            batch = await asyncio.to_thread(self._read)
            if batch is None:
                return False
            begin = time.monotonic()
            await self._ship(batch)
        except MovedElsewhere:
            self._known = False
            return True
        slow = time.monotonic() - begin > SLOW_S
        self._rows = max(self._batch_rows, min(self._rows * 2, MOST_ROWS)) if slow else self._batch_rows
        self._line, self._cursor = batch.last_line, batch.cursor
        self._place.line, self._internal_errors = batch.last_line, 0
        self._moved.set()
        await asyncio.to_thread(self._journal.shipped, self._line, datetime.now(UTC))
        return True

    async def _take_place(self) -> None:
        if not self._known:
            await self._find()
        if time.monotonic() >= self._beat_at:
            await self._beat()

    @staticmethod
    async def _crossing(work: Callable[[], Awaitable[None]]) -> None:
        """Does it, again where it crossed with another transaction: four times at most."""
        for _ in range(3):
            try:
                await work()
                return
            except DBAPIError as reason:
                if sqlstate(reason) not in CROSSED:
                    raise
        await work()

    async def _find(self) -> None:
        """Where this journal stands in PostgreSQL. Where its rows there are not its own, it gets another name."""
        ended = self._place.ended_elsewhere
        try:
            async with self._transaction(FIND_WITHIN_S if self._journal.identity.ancestors else None) as connection:
                await self._place.find(connection)
        except AnotherName as reason:
            await self._place.another_name(reason.code)
            raise MovedElsewhere from None
        self._line, self._cursor, self._known, self._beat_at = self._place.line, None, True, 0.0
        self._moved.set()
        if self._place.ended_elsewhere != ended:
            self.on_ended_elsewhere(self._place.ended_elsewhere)
        self.on_found()

    async def _beat(self) -> None:
        async with self._transaction() as connection:
            await self._place.beat(connection)
            self.set_aside = int((await connection.execute(_COUNT_ASIDE)).scalar_one())
        self._beat_at = time.monotonic() + BEAT_S

    async def _ship(self, batch: _Batch) -> None:
        try:
            await self._crossing(lambda: self._ship_whole(batch))
            return
        except RowRefused as reason:
            logger.debug("a log row is not as its kind promises: %r", reason.__cause__)
        except DBAPIError as reason:
            internal = is_internal(reason)
            self._internal_errors += internal
            if not of_the_row(reason) and not (internal and self._internal_errors > INTERNAL_ERRORS):
                raise
        await self._ship_in_halves(batch)

    async def _ship_whole(self, batch: _Batch) -> None:
        writer = self._writer()
        async with self._transaction() as connection:
            await self._place.expect(connection)
            await self._put_aside(connection, batch, writer)
            await writer.write(connection, batch.rows)
            await self._place.move(connection, batch.last_line, batch.checksum)
        self._tell_aside(writer)

    async def _ship_in_halves(self, batch: _Batch) -> None:
        """The same batch; only rows that PostgreSQL refuses, each alone, are put aside."""
        writer = self._writer()
        async with self._transaction(STEP_WITHIN_S * 8) as connection:
            await self._place.expect(connection)
            await self._put_aside(connection, batch, writer)
            if batch.rows:
                await writer.write_or_put_aside(connection, batch.rows)
            await self._place.move(connection, batch.last_line, batch.checksum)
        self._tell_aside(writer)

    def _writer(self) -> LogWriter:
        return LogWriter(
            self._journal.spool, self._place.ended_elsewhere, last_resort=self._internal_errors > INTERNAL_ERRORS
        )

    @staticmethod
    async def _put_aside(connection: AsyncConnection, batch: _Batch, writer: LogWriter) -> None:
        for each in batch.aside:
            await writer.aside(connection, each)

    # -- what is told --------------------------------------------------------------------------------------------

    def _tell_aside(self, writer: LogWriter) -> None:
        if not writer.put_aside:
            return
        for each in writer.put_aside:
            why = each.kind or each.reason
            logger.error("log row %d/%d was put aside (%s): `sanxiang db set-aside list`", each.line, each.idx, why)
        self.dead_letters += len(writer.put_aside)
        self.set_aside += len(writer.put_aside)
        # An alarm is a row, too: one that is refused each time must not make the next.
        if time.monotonic() - self._told_aside_at >= TELL_AGAIN_S:
            self._told_aside_at = time.monotonic()
            self._tell(Notice(ROWS_SET_ASIDE, datetime.now(UTC), (str(self.set_aside),)))

    def _tell(self, notice: Notice) -> None:
        logger.warning("%s", words.detail(notice.code, notice.words))
        self.on_notice(notice)

    # -- reading -------------------------------------------------------------------------------------------------

    def _read(self) -> _Batch | None:
        """The next rows behind the cursor, as far as the disk has them; runs in a thread."""
        present = spool.segments(self._journal.folder)
        if not present:
            return None
        cursor = self._cursor if self._cursor and self._cursor.segment in present else self._from(present)
        rows: list[Row] = []
        aside: list[Aside] = []
        last, checksum = self._line, None
        while len(rows) < self._rows and last - self._line < self._rows:
            segment, offset, following = cursor.segment, cursor.offset, cursor.following
            for line, end in spool.lines(segment, self._journal.end_of(segment), offset, following):
                offset, following = end, max(following, line.number + 1)
                extra = isinstance(line, spool.Damaged) and line.idx < -1
                if line.number < self._line or (line.number == self._line and not extra):
                    continue
                if line.number > last + 1:
                    aside.append(_missing(last + 1, line.number - 1))
                last = line.number
                if isinstance(line, spool.Damaged):
                    checksum = None
                    aside.append(Aside(line.number, line.idx, line.reason, line.raw.decode(errors="replace")))
                    continue
                checksum = line.whole_crc
                rows += [Row(line.number, idx, line.at, form) for idx, form in enumerate(line.logs)]
                if len(rows) >= self._rows or last - self._line >= self._rows:
                    break
            else:
                index = present.index(segment) + 1
                if index < len(present):
                    cursor = _Cursor(present[index], 0, spool.first_line(present[index]))
                    continue
            cursor = _Cursor(segment, offset, following)
            break
        return _Batch(rows, aside, last, checksum, cursor) if last > self._line or aside else None

    def _from(self, present: list[Path]) -> _Cursor:
        index = max((i for i, each in enumerate(present) if spool.first_line(each) <= self._line + 1), default=0)
        return _Cursor(present[index], 0, spool.first_line(present[index]))

    # -- how PostgreSQL is ---------------------------------------------------------------------------------------

    def _transaction(self, seconds: float | None = None) -> contextlib.AbstractAsyncContextManager[AsyncConnection]:
        within_s = max(STEP_WITHIN_S, min(STEP_WITHIN_S * self._patience, LONGEST_STEP_S))
        return transaction(self._store.writer, max(within_s, seconds or 0.0))

    async def _away(self, reason: BaseException) -> None:
        said = in_words(reason)
        self._patience = min(self._patience * 2, 64) if isinstance(reason, TimeoutError) else 1
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
        self.healthy, self.trouble, self._pause, self._patience = True, "", FIRST_PAUSE_S, 1


def _missing(first: int, last: int) -> Aside:
    said = f"line {first} is" if first == last else f"lines {first} to {last} are"
    return Aside(first, -1, f"{said} missing in the journal", "")
