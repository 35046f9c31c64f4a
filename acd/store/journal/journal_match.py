"""Whether PostgreSQL's rows under this journal's name are the ones that this journal holds, and from which line on they are not.

PostgreSQL keeps, beside how far a spool is in, the checksum of its last line (`spools.checksum`, of line `checked_line`). A journal
whose line of that number is another one, or that does not reach so far, is an older copy of itself: the state folder was restored
or copied, and rows have been written under the same name since. It then goes on under another name (journal_identity.py) from the
first line that PostgreSQL does not have.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.store.database_text import MOST_OF_A_BODY, clean
from acd.store.journal import spool
from acd.store.journal.codec import to_json

AT_A_TIME = 500
"""Lines that are compared with one question."""

_ROWS = text(
    "SELECT line, idx, at, kind, call, agent, offer FROM call_log WHERE spool = ANY(:spools) AND line = ANY(:lines)"
).bindparams(bindparam("spools", type_=ARRAY(Text())), bindparam("lines", type_=ARRAY(BigInteger())))
_ASIDE = text("SELECT line, idx, body FROM dead_letters WHERE spool = ANY(:spools) AND line = ANY(:lines)").bindparams(
    bindparam("spools", type_=ARRAY(Text())), bindparam("lines", type_=ARRAY(BigInteger()))
)
_LAST_ROW = text("SELECT max(line) FROM call_log WHERE spool = :spool AND line <= :line")

EndOf = Callable[[Path], int | None]
Each = spool.Line | spool.Damaged


@dataclass(frozen=True, slots=True)
class Position:
    """How far a spool is in, as PostgreSQL has it."""

    line: int
    checked_line: int | None
    checksum: int | None


def whole(segment: Path) -> None:
    """All of the segment may be read: no process writes it."""


async def is_ours(
    connection: AsyncConnection, name: str, at: Position, folder: Path, synced: int, end_of: EndOf = whole
) -> bool:
    """Whether what PostgreSQL has under this name up to there is this journal's. `synced`: the journal's last line."""
    if at.line > synced:
        return False
    if at.line == 0:
        return True
    if at.checked_line == at.line and at.checksum is not None:
        found = await asyncio.to_thread(spool.checksum_of, folder, at.line, end_of)
        if found is not None:
            return found == at.checksum
    # Shipped by a former version, or the line is damaged or no longer kept: the last row that is in says it.
    last = (await connection.execute(_LAST_ROW, {"spool": name, "line": at.line})).scalar()
    if last is None:
        return True
    kept, lines = await asyncio.to_thread(_line, folder, int(last), end_of)
    if not lines:
        return not kept
    return await _known(connection, [name], lines) >= {each.number for each in lines}


async def first_unknown(
    connection: AsyncConnection, spools: Sequence[str], folder: Path, synced: int, end_of: EndOf = whole
) -> int:
    """The first line of this journal that PostgreSQL has under none of these names; one after its last when it has all."""
    present = await asyncio.to_thread(spool.segments, folder)
    start = 0
    for index in range(len(present) - 1, -1, -1):
        first = await asyncio.to_thread(lambda each=present[index]: next(_telling(each, end_of), None))  # type: ignore[misc]
        if first is not None and await _known(connection, spools, [first]):
            start = index
            break
    for segment in present[start:]:
        telling = _telling(segment, end_of)
        while lines := await asyncio.to_thread(_some, telling):
            known = await _known(connection, spools, lines)
            for each in lines:
                if each.number not in known:
                    return each.number
    return synced + 1


def _some(telling: Iterator[Each]) -> list[Each]:
    return [each for each, _ in zip(telling, range(AT_A_TIME), strict=False)]


def _telling(segment: Path, end_of: EndOf) -> Iterator[Each]:
    """The lines that have rows, or are damaged: all others leave nothing in PostgreSQL."""
    for each, _ in spool.lines(segment, end_of(segment)):
        if isinstance(each, spool.Damaged) or each.logs:
            yield each


def _line(folder: Path, number: int, end_of: EndOf) -> tuple[bool, list[Each]]:
    """Whether the journal still keeps the line, and what of it leaves something in PostgreSQL."""
    before = [each for each in spool.segments(folder) if spool.first_line(each) <= number]
    return bool(before), [each for each in (_telling(before[-1], end_of) if before else ()) if each.number == number]


async def _known(connection: AsyncConnection, spools: Sequence[str], lines: Collection[Each]) -> set[int]:
    """Which of these lines PostgreSQL has, every row of it, as it stands here or put aside."""
    named = {"spools": list(spools), "lines": [each.number for each in lines]}
    rows = {tuple(row) for row in await connection.execute(_ROWS, named)}
    aside = {tuple(row) for row in await connection.execute(_ASIDE, named)}
    return {each.number for each in lines if _is_known(each, rows, aside)}


def _is_known(each: Each, rows: set[tuple[object, ...]], aside: set[tuple[object, ...]]) -> bool:
    if isinstance(each, spool.Damaged):
        return any(line == each.number and idx == each.idx for line, idx, _ in aside)
    for idx, said in enumerate(each.logs):
        form = clean(said) if isinstance(said, dict) else {}
        names = (form.get(name) or "" for name in ("kind", "call", "agent", "offer"))
        if (each.number, idx, each.at, *names) in rows:
            continue
        wanted = clean(to_json(said))[:MOST_OF_A_BODY]
        if not any((line, i) == (each.number, idx) and body == wanted for line, i, body in aside):
            return False
    return True
