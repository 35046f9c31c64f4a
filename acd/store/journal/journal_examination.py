"""What a start would find between a state folder's journal and its database. Looks only: no row, file or name is changed.

For `sanxiang doctor`, and for whoever puts a state folder or a database back from a copy.
"""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from acd.store.connection import spoken, transaction
from acd.store.errors import SchemaMissing
from acd.store.journal import journal_identity, journal_match, spool
from acd.store.journal.journal_match import Position
from acd.store.store import STATEMENT_WITHIN_S, Store

_PLACE = text("SELECT line, checked_line, checksum FROM spools WHERE spool = :spool")
_OTHERS = text("SELECT max(shipped_at) FROM spools WHERE spool <> :spool")


async def would_find(folder: Path, url: str) -> tuple[str, tuple[str, ...]]:
    """(code of acd/words/journal.py, words to fill into its sentence); ("", ()) when all is well or nothing can be said: no journal
    yet, no tables yet. `folder`: the journal's. Raises DatabaseAway, BadDatabaseUrl, OSError."""
    identity = journal_identity.known_in(folder) if folder.is_dir() else None
    store = await Store.open(url)
    try:
        await store.ping()
        with spoken():
            async with transaction(store.reader, STATEMENT_WITHIN_S) as connection:
                name = identity.spool if identity else ""
                place = (await connection.execute(_PLACE, {"spool": name})).one_or_none()
                if identity is None or (place is None and not identity.ancestors):
                    last = (await connection.execute(_OTHERS, {"spool": name})).scalar()
                    if last:
                        return "other-journal", (f"{last:%Y-%m-%d %H:%M} UTC",)
                if identity is None or (place is None and identity.ancestors):
                    return "", ()
                line = int(place.line) if place else 0
                synced = _last_line(folder)
                if place is not None:
                    position = Position(line, place.checked_line, place.checksum)
                    if not await journal_match.is_ours(connection, name, position, folder, synced):
                        return "state-older", (str(synced + 1),)
                first, had = spool.kept_lines(folder)
                if first > line + 1:
                    return "lines-missing", (str(line + 1), str(first - 1))
                if had > line and not identity.ancestors:
                    return "database-older", (str(had - line),)
    except (SQLAlchemyError, SchemaMissing):
        return "", ()  # no tables yet, or those of another version: whoever starts is told so
    finally:
        await store.close()
    return "", ()


def _last_line(folder: Path) -> int:
    present = spool.segments(folder)
    return spool.whole_until(present[-1])[2] - 1 if present else 0
