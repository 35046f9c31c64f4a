"""Takes an installation off the machine: its state folder, a demo's embedded PostgreSQL, and its recordings when asked.

What is removed is known by name. Whatever else lies there is left alone, and told; links are taken away and not followed.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.backup import contents
from acd.backup.contents import Hotline
from acd.backup.errors import NothingToBackUp, NotOurs, NotRemoved, StillRunning
from acd.config import BadConfiguration
from acd.setup.held_locks import holder
from acd.setup.installation import Installation
from acd.store.embedded import EmbeddedPostgres

_DATA_ELSEWHERE = "/var/tmp/sanxiang-postgres-*"


@dataclass(frozen=True, slots=True)
class Plan:
    """What `purge` would remove."""

    hotline: str
    remove: list[Path]
    leave: list[Path]
    """What lies beside it and is none of ours, or was not asked for."""
    database: str
    """The operator's own database, without its password, which is not touched; empty: there is none."""

    def sizes(self) -> Iterator[tuple[Path, int]]:
        """Each with its bytes on the disk."""
        for each in self.remove:
            yield each, _bytes(each)


def plan(installation: Installation, *, recordings: bool) -> Plan:
    """Changes nothing. Raises NotOurs, StillRunning."""
    state = installation.state
    if not (installation.journal.is_dir() and installation.run.is_dir()):
        raise NotOurs(folder=state)
    if pid := holder(installation):
        raise StillRunning(state=state, pid=pid)
    name, database, root = "", "", installation.recordings
    try:
        hotline = Hotline.of(installation)
        name, root = hotline.config.hotline.name, hotline.recordings
        database = hotline.config.database.url or ""
    except (NothingToBackUp, BadConfiguration):
        name = state.name
    entries = sorted(state.iterdir())
    ours = [each for each in entries if each.name in contents.OURS and each.name != "recordings"]
    sound = [*contents.years(root), *(root / name for name in contents.BEING_WRITTEN if (root / name).is_dir())]
    remove = [*ours, *(sound if recordings else [])]
    kept = {*remove, installation.recordings} if recordings else set(remove)
    leave = [each for each in entries if each not in kept]
    if recordings:
        leave += [each for each in sorted(root.iterdir()) if each not in sound] if root.is_dir() else []
    elif root != installation.recordings:
        leave.append(root)
    return Plan(name, remove, leave, database)


def purge(installation: Installation, what: Plan) -> None:
    """Raises NotRemoved; what was removed before that is gone."""
    for each in what.remove:
        try:
            if each.name == "postgresql" and each.parent == installation.state:
                _remove_database(each)
            elif each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink(missing_ok=True)
        except OSError as error:
            raise NotRemoved(place=error.filename or each, why=error.strerror) from None
    for folder in (*{each.parent for each in what.remove}, installation.recordings, installation.state):
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            with contextlib.suppress(OSError):  # a mounted volume, or a folder above that is not ours
                folder.rmdir()


def _remove_database(folder: Path) -> None:
    """Stopped and gone. Where its data lie elsewhere, it is where the embedded PostgreSQL puts them, or they stay."""
    data = folder / "data"
    if data.is_symlink() and not data.resolve().parent.match(_DATA_ELSEWHERE):
        data.unlink()
    EmbeddedPostgres(folder).remove()


def _bytes(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_blocks * 512
    return sum(_bytes(each) for each in path.iterdir())
