"""The journal's name in PostgreSQL, and which names it had before. Files alone: whoever restores a state folder imports this.

Rows of the call log are named (spool, line, index), where the spool is a journal's name: 16 hexadecimal digits in
`journal/id`, made once. A journal that can't go on under its name (PostgreSQL has other rows under it: the state folder
is an older copy, or another process writes under the same name) gets a new one and goes on with the same numbers.
`journal/ancestors` keeps the former names: what PostgreSQL has under one of them is not shipped again.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from acd.files import write_private

MOST_ANCESTORS = 100
"""A journal that was renewed more often forgets its first names: 14 days of lines are kept, not years."""


@dataclass(frozen=True, slots=True)
class Identity:
    spool: str
    ancestors: tuple[str, ...] = ()
    """Its former names, the latest first."""


def read(folder: Path) -> Identity:
    """The identity of the journal in this folder; a new one is made where there is none. Raises OSError."""
    known = known_in(folder)
    if known is None:
        known = Identity(secrets.token_hex(8))
        write_private(folder / "id", known.spool)
    return known


def known_in(folder: Path) -> Identity | None:
    """The identity of the journal in this folder; None where there is none. Changes nothing. Raises OSError."""
    try:
        spool = (folder / "id").read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not spool:
        return None
    try:
        kept = json.loads((folder / "ancestors").read_bytes())
        said = kept["ancestors"] if kept["spool"] == spool else []
    except (OSError, ValueError, KeyError, TypeError):
        said = []
    return Identity(spool, tuple(str(each) for each in said))


def renew(folder: Path) -> Identity:
    """Gives the journal in this folder a new name; on disk when it returns. Raises OSError.

    To be called by the process that holds the journal, or while no process does: after a state folder was restored.
    What PostgreSQL has under the former names is found there by the shipper and not shipped again.
    """
    before = known_in(folder)
    former = () if before is None else (before.spool, *before.ancestors)[:MOST_ANCESTORS]
    renewed = Identity(secrets.token_hex(8), former)
    # First the file that counts for the new name alone: killed in between, the journal still has its former name.
    write_private(folder / "ancestors", json.dumps({"spool": renewed.spool, "ancestors": former}))
    write_private(folder / "id", renewed.spool)
    return renewed
