"""Backs up a hotline while calls go on. What is read in which order: acd/backup/__init__.py."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import acd
from acd.backup import contents
from acd.backup.archive import Totals, Writer
from acd.backup.container import NewFile, Sealer, Sink
from acd.backup.contents import Hotline
from acd.backup.database import Snapshot
from acd.backup.errors import InsideState, NotWritten, Unreadable
from acd.backup.manifest import ConfigurationFile, Manifest, Recordings
from acd.backup.sealing import read_key
from acd.config.versions import files_of_menus
from acd.setup.installation import Installation

SUFFIX = ".backup"


@dataclass(frozen=True, slots=True)
class Made:
    file: Path
    totals: Totals
    left_out: list[str]
    """A sentence for each thing that could not be taken along."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator has asked for."""

    target: Path
    """The file, or a folder in which it gets a name of its own."""
    recordings: Recordings = "copy"
    key_file: Path | None = None
    replace: bool = False


def make(installation: Installation, wanted: Wanted, told: Callable[[str], None] = lambda _: None) -> Made:
    """The hotline's back-up, whole or not at all. `told`: what is being read.

    Raises NothingToBackUp, BackupExists, NotWritten, DiskNearlyFull, Unreadable, BadKey, InsideState, NoDatabase,
    DatabaseAway, SecretUnreadable.
    """
    hotline = Hotline.of(installation)
    now = datetime.now(UTC).astimezone(ZoneInfo(hotline.config.hotline.timezone))
    file = _file(hotline, wanted.target, now)
    secret = read_key(wanted.key_file) if wanted.key_file else None
    least = hotline.config.recordings.min_free_mb << 20
    keep_free = ((installation.state, least), (hotline.recordings, least))
    with NewFile(file, replace=wanted.replace, keep_free=keep_free) as new:
        sink = Sealer(new, secret) if secret is not None else new
        totals, left_out = asyncio.run(_fill(hotline, wanted, now, sink, file.parent, told))
        if isinstance(sink, Sealer):
            sink.finish()
        new.finish()
    return Made(file, totals, left_out)


async def _fill(
    hotline: Hotline, wanted: Wanted, now: datetime, sink: Sink, scratch: Path, told: Callable[[str], None]
) -> tuple[Totals, list[str]]:
    files, left_out = contents.configuration_files(hotline)
    left_out += contents.links_in(hotline.installation)
    async with Snapshot.taken(hotline.database_url()) as snapshot:
        said = Manifest(
            program=acd.__version__,
            made_at=now.isoformat(timespec="seconds"),
            zone=hotline.config.hotline.timezone,
            hotline=hotline.config.hotline.name,
            schema=snapshot.schema,
            spool=_spool(hotline.installation),
            recordings=wanted.recordings,
            tables=snapshot.tables,
            configuration=files,
            left_out=left_out,
        )
        archive = Writer(sink, said, scratch)
        await snapshot.write(archive, told)
    with _read_faults():
        for name, file in contents.state_files(hotline.installation):
            told(name)
            archive.add_file(f"state/{name}", file)
        for each in files:
            _add_configuration(archive, hotline, each)
    lacking = _add_recordings(archive, hotline, wanted.recordings, told)
    with _read_faults():
        archive.close()
    return archive.totals, [*left_out, *lacking]


def _add_recordings(archive: Writer, hotline: Hotline, what: Recordings, told: Callable[[str], None]) -> list[str]:
    """A sentence for each that could not be read: one bad block of a disk must not keep the whole hotline from being backed up."""
    lacking: list[str] = []

    def unlisted(error: OSError) -> None:
        lacking.append(f"recordings: {error.filename} can't be read ({error.strerror}) and was left out")

    for name, file in contents.recording_files(hotline.recordings, what, unlisted):
        told(name)
        if fault := archive.add_sound(f"recordings/{name}", file):
            lacking.append(f"recordings: {file} {fault}")
    if lacking:
        archive.add_left_out(lacking)
    return lacking


def _add_configuration(archive: Writer, hotline: Hotline, each: ConfigurationFile) -> None:
    """What is in force comes from the state folder: somebody may be editing the operator's file just now."""
    in_force = {0: hotline.texts.config, 1: hotline.texts.agents}.get(each.number)
    if each.field:
        in_force = contents.text_in_force(hotline.texts, each.field) or None
    name, path = f"configuration/{each.number}", Path(each.was)
    if in_force is not None and each.folder and (files := files_of_menus(in_force)) is not None:
        for file_name, text in files.items():
            archive.add_bytes(f"{name}/{file_name}", text.encode())
    elif in_force is not None:
        archive.add_bytes(f"{name}/{path.name}", in_force.encode())
    elif each.folder:
        for file in contents.files_below(path):
            archive.add_file(f"{name}/{file.relative_to(path).as_posix()}", file)
    else:
        # A certificate is often a link to the newest one.
        archive.add_file(f"{name}/{path.name}", path.resolve())


def _file(hotline: Hotline, target: Path, now: datetime) -> Path:
    """Raises InsideState, NotWritten."""
    if target.is_dir():
        name = re.sub(r"[^\w-]+", "-", hotline.config.hotline.name).strip("-")[:60] or "hotline"
        target = target / f"{name}-{now:%Y%m%d-%H%M%S}{SUFFIX}"
    if not target.parent.is_dir():
        raise NotWritten(file=target, why="there is no such folder")
    place = target.parent.resolve()
    for folder in (hotline.installation.state, hotline.recordings):
        if place.is_relative_to(folder.resolve()):
            raise InsideState(file=target, folder=folder)
    return target


def _spool(installation: Installation) -> str:
    try:
        return (installation.journal / "id").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(file=installation.journal / "id", why=str(error)) from None


@contextlib.contextmanager
def _read_faults() -> Iterator[None]:
    """A folder that can't be listed. A back-up that lacks it would be found out too late."""
    try:
        yield
    except OSError as error:
        raise Unreadable(file=error.filename or "A folder", why=error.strerror or str(error)) from None
