"""The journal's place in PostgreSQL: found at the start and after every trouble, claimed for this process, watched while it runs.

What is recognised (codes of acd/words/journal.py) and told by a `Notice`:
* `state-older`: PostgreSQL has rows under the journal's name that the journal has not: it is an older copy of itself;
* `second-writer`: another process has taken the journal's name over while this one runs;
* `other-hotline`: the journal of another hotline is being written into the same database;
* `other-journal`: the journal is new to a database that has been in use;
* `database-older`, `lines-missing`: PostgreSQL lacks lines that it once had; those that the journal keeps are shipped again.
In the first two cases the journal goes on under a new name, from the first line that PostgreSQL does not have.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.store.journal import journal_match, spool
from acd.store.journal.journal import Journal
from acd.store.journal.journal_match import Position

SHOWN_FOR = timedelta(hours=24)
"""How long `status` shows what happened once."""
BEAT_S = 10.0
"""Between two signs of life in PostgreSQL: one small transaction."""
OTHER_IS_THERE_FOR_S = 6 * BEAT_S
"""After its last sign of life, by our own clock."""

_PLACE = text(
    "SELECT line, checked_line, checksum, writer, parent, from_line, why, begun_at FROM spools WHERE spool = :spool FOR UPDATE"
)
_BEGIN = text(
    "INSERT INTO spools (spool, line, parent, from_line, why) VALUES (:spool, :line, :parent, :from_line, :why) ON CONFLICT DO NOTHING"
)
_CLAIM = text("UPDATE spools SET writer = :writer, seen_at = clock_timestamp() WHERE spool = :spool")
_MOVE = text(
    "UPDATE spools SET line = :line, checked_line = :line, checksum = :checksum, shipped_at = now(), seen_at = clock_timestamp()"
    " WHERE spool = :spool"
)
_OTHERS = text("SELECT spool, writer, seen_at, shipped_at FROM spools WHERE spool <> :spool")
_LINKS = text("SELECT spool, parent FROM spools")
_TOLD_BEFORE = text("SELECT at FROM call_log WHERE spool = :spool AND line < :line ORDER BY line DESC LIMIT 1")
_ENDED_ELSEWHERE = text(
    "SELECT call FROM calls WHERE arrived_at <= :at AND ended_at >= :at AND EXISTS (SELECT 1 FROM call_log"
    " WHERE call_log.call = calls.call AND kind = 'ended' AND spool = ANY(:others) AND line >= :line)"
    # A promised callback whose call had not begun then, or that a person has made.
    " UNION SELECT promise FROM callback_promises WHERE made_at <= :at AND ended_at >= :at"
).bindparams(bindparam("others", type_=ARRAY(Text())), bindparam("at", type_=DateTime(timezone=True)))
_ABANDON_LEGS = text(
    "UPDATE offers SET talk_s = GREATEST(0, EXTRACT(EPOCH FROM now() - connected_at)), ended_at = now(), ended_by = 'lost'"
    " WHERE connected_at IS NOT NULL AND talk_s IS NULL"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the operator should know; told once by an alarm, shown for a day or as long as it is so."""

    code: str
    at: datetime
    words: tuple[str, ...] = ()


class MovedElsewhere(Exception):
    """The place in PostgreSQL is not the one that was found or left there."""


class AnotherName(Exception):
    """The journal can't go on under its name; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class JournalInDatabase:
    """Where one process of one journal stands in PostgreSQL. Its methods are called inside the caller's transaction."""

    def __init__(self, journal: Journal, tell: Callable[[Notice], None]) -> None:
        self._journal, self._tell = journal, tell
        self._writer = secrets.token_hex(8)
        self._claimed = ""
        """The name under which this process writes."""
        self._why = ""
        """Why the journal has got its present name, until PostgreSQL has it."""
        self._seen: dict[str, Any] = {}
        """Of every other spool, when its process was seen at our last look."""
        self._other_until = 0.0
        self.line = 0
        """The last line that is in."""
        self.ended_elsewhere: frozenset[str] = frozenset()
        """Calls that are open in the older state and have ended meanwhile, by the rows of the newer one."""
        self.notices: dict[str, Notice] = {}

    # -- finding it ----------------------------------------------------------------------------------------------

    async def find(self, connection: AsyncConnection) -> None:
        """Sets `line`, and claims the place for this process. Raises AnotherName."""
        name = self._journal.spool
        place = (await connection.execute(_PLACE, {"spool": name})).one_or_none()
        if place is None:
            line, parent = await self._begin(connection, name)
            from_line = line + 1
        else:
            line, parent, from_line = int(place.line), place.parent, place.from_line or 1
            await self._check(connection, name, Position(line, place.checked_line, place.checksum), place.writer)
            if place.why and place.begun_at > datetime.now(UTC) - SHOWN_FOR:
                self.notices.setdefault(place.why, Notice(place.why, place.begun_at, (str(from_line),)))
        if parent:
            others = sorted(await self._family(connection, [parent]) - {name})
            self.ended_elsewhere = await _ended_elsewhere(connection, others, from_line)
        if self._claimed != name:
            await self._look_for_lost_lines(line)
        elif line < self.line:
            self._notice("database-older", str(self.line - line))
        await connection.execute(_CLAIM, {"spool": name, "writer": self._writer})
        self.line, self._claimed = line, name

    async def _check(self, connection: AsyncConnection, name: str, position: Position, writer: str) -> None:
        """Raises AnotherName when the rows under this name are not ours alone."""
        journal = self._journal
        # A place before ours is no other writer's: the database was put back from a copy under us.
        taken_over = self._claimed == name and writer != self._writer and position.line >= self.line
        if taken_over or not await journal_match.is_ours(
            connection, name, position, journal.folder, journal.synced, journal.end_of
        ):
            raise AnotherName("second-writer" if self._claimed == name else "state-older")

    async def another_name(self, code: str) -> None:
        """Gives the journal a new name, on disk; the next `find` ships under it what PostgreSQL does not have. OSError."""
        await asyncio.to_thread(self._journal.renew_identity)
        self._why = code

    async def _begin(self, connection: AsyncConnection, name: str) -> tuple[int, str]:
        """Makes the place of a name that PostgreSQL has never seen: the last line that is in, and the parent."""
        line, parent, why = 0, "", ""
        ancestors = list(self._journal.identity.ancestors)
        family = await self._family(connection, ancestors)
        if family:
            first = await journal_match.first_unknown(
                connection, sorted(family), self._journal.folder, self._journal.synced, self._journal.end_of
            )
            line, parent = first - 1, next(each for each in ancestors if each in family)
            why = self._why or "state-older"
            self._notice(why, str(first))
        elif others := (await connection.execute(_OTHERS, {"spool": name})).all():
            last = max(row.shipped_at for row in others)
            self._notice("other-journal", f"{last:%Y-%m-%d %H:%M} UTC")
        values = {"spool": name, "line": line, "parent": parent, "from_line": line + 1, "why": why}
        await connection.execute(_BEGIN, values)
        # Whatever legs an older spool left open are nobody's any more; where one is, the end of its talk is written over this.
        await connection.execute(_ABANDON_LEGS)
        return line, parent

    async def _family(self, connection: AsyncConnection, names: Sequence[str]) -> set[str]:
        """Of PostgreSQL's spools those that are, or go on from, or were gone on from by one of these."""
        if not names:
            return set()
        links = [(row.spool, row.parent) for row in await connection.execute(_LINKS)]
        family, before = {name for name, _ in links if name in names}, set[str]()
        while family != before:
            before = set(family)
            family |= {name for name, parent in links if parent in family}
            family |= {parent for name, parent in links if name in family and parent}
        return family

    async def _look_for_lost_lines(self, line: int) -> None:
        """Says so when PostgreSQL lacks lines that it once had."""
        first, had = await asyncio.to_thread(spool.kept_lines, self._journal.folder)
        if first > line + 1:
            self._notice("lines-missing", str(line + 1), str(first - 1))
        elif had > line and not self._journal.identity.ancestors:
            self._notice("database-older", str(had - line))

    def _notice(self, code: str, *words: str) -> None:
        """Told once, also when the transaction is tried again."""
        known = self.notices.get(code)
        if known is None or known.words != words:
            self.notices[code] = Notice(code, datetime.now(UTC), words)
            self._tell(self.notices[code])

    # -- keeping it ----------------------------------------------------------------------------------------------

    async def expect(self, connection: AsyncConnection) -> None:
        """Silent when the place is as this process left it, which no other can change until the transaction ends."""
        place = (await connection.execute(_PLACE, {"spool": self._claimed})).one_or_none()
        if place is None or int(place.line) != self.line or place.writer != self._writer:
            raise MovedElsewhere

    async def move(self, connection: AsyncConnection, line: int, checksum: int | None) -> None:
        """The rows up to this line are in. `checksum`: of the line as it stands in the journal; None: it is damaged."""
        await connection.execute(_MOVE, {"spool": self._claimed, "line": line, "checksum": checksum})

    async def beat(self, connection: AsyncConnection) -> None:
        """Says that this process is there, and looks whether another hotline is. Raises MovedElsewhere."""
        await self.expect(connection)
        await connection.execute(_CLAIM, {"spool": self._claimed, "writer": self._writer})
        others = {
            row.spool: row.seen_at
            for row in await connection.execute(_OTHERS, {"spool": self._claimed})
            if row.writer != self._writer and row.seen_at is not None
        }
        if any(name in self._seen and self._seen[name] != at for name, at in others.items()):
            self._other_until = time.monotonic() + OTHER_IS_THERE_FOR_S
            self._notice("other-hotline")
        elif time.monotonic() > self._other_until:
            self.notices.pop("other-hotline", None)
        self._seen = others


async def _ended_elsewhere(connection: AsyncConnection, others: Sequence[str], from_line: int) -> frozenset[str]:
    """Calls that were open when the older state was copied, and ended by rows of these spools after that line."""
    told = [(await connection.execute(_TOLD_BEFORE, {"spool": each, "line": from_line})).scalar() for each in others]
    at = max((each for each in told if each is not None), default=None)
    if at is None:
        return frozenset()
    found = await connection.execute(_ENDED_ELSEWHERE, {"others": list(others), "at": at, "line": from_line})
    return frozenset(found.scalars())
