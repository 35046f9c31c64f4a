"""Takes recordings out: their sound, the manifests of their calls and a table, into a folder or a tar.

Each sound is checked against its checksum first, and what is written is what was checked. What is no longer as it was filed is left out and
named; the table has a row for it all the same.
"""

import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import BinaryIO, Protocol

from acd import csv_table
from acd.errors import SanxiangError
from acd.store.queries.recordings import Recording
from recordings import manifest
from recordings.catalogue import NotAsFiled, open_verified

TABLE = "recordings.csv"
COLUMNS = [
    *("recording", "call", "caller", "agent", "queue", "brand", "kind", "offered_at", "seconds", "talk_s", "state"),
    *("reason", "sha256", "deleted_at", "deleted_by", "deleted_why", "held_at", "held_why", "file", "left_out"),
]


class NotExported(SanxiangError):
    """{target} can't be written ({why}). Name a new folder, or a new file that ends in .tar or .tar.gz."""


@dataclass(slots=True)
class Made:
    """What came of it."""

    sounds: int = 0
    left_out: list[str] = field(default_factory=list)
    """A sentence for each recording whose sound is not in it."""


class _Sink(Protocol):
    def put(self, name: str, data: BinaryIO, size: int) -> None:
        """A file of it. OSError."""


def export(
    root: Path,
    recordings: Sequence[Recording],
    target: Path,
    caller: Callable[[Recording], str],
    first: Callable[[], None] = lambda: None,
) -> Made:
    """Writes them. `caller`: the caller's number as the table shall have it. `first` is called when the target can be written, before
    anything of a recording is in it. Raises NotExported; what was begun is taken away then."""
    made, calls, rows = Made(), dict[str, None](), []
    try:
        with _sink(target) as sink:
            first()
            for one in recordings:
                file, why = "", ""
                try:
                    with open_verified(root, one) as sound:
                        file = f"{one.offer}.wav"
                        sink.put(file, sound, os.fstat(sound.fileno()).st_size)
                        made.sounds += 1
                except NotAsFiled as error:
                    file, why = "", _why(one, str(error))
                    made.left_out.append(why)
                calls[one.call] = None
                rows.append(_row(one, caller(one), file, why))
            for call in calls:
                path = manifest.path_of(root, call)
                if path is not None:
                    text = path.read_bytes()
                    sink.put(f"{call}.json", io.BytesIO(text), len(text))
            table = csv_table.csv(COLUMNS, rows)
            sink.put(TABLE, io.BytesIO(table), len(table))
    except OSError as error:
        raise NotExported(target=target, why=error.strerror or str(error)) from None
    return made


def _why(one: Recording, said: str) -> str:
    if one.deleted_at is not None:
        at = f"{one.deleted_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return f"{one.offer}: its sound was deleted at {at} by {one.deleted_by}: {one.deleted_why}"
    return said


def _row(one: Recording, caller: str, file: str, why: str) -> dict[str, object]:
    named: dict[str, object] = {name: getattr(one, name) for name in COLUMNS if hasattr(one, name)}
    moments = ("offered_at", "deleted_at", "held_at")
    named |= {name: at.isoformat() for name in moments if (at := getattr(one, name)) is not None}
    return {**named, "recording": one.offer, "caller": caller, "file": file, "left_out": why}


@contextmanager
def _sink(target: Path) -> Iterator[_Sink]:
    if target.name.endswith((".tar", ".tar.gz", ".tgz")):
        with _Tar(target) as tar:
            yield tar
        return
    target.mkdir(mode=0o700)
    try:
        yield _Folder(target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: BinaryIO, size: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._folder / name, flags, 0o600), "wb") as file:
            shutil.copyfileobj(data, file)


class _Tar:
    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> "_Tar":
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._opened = os.fdopen(os.open(self._file, flags, 0o600), "wb")
        self._tar = tarfile.open(fileobj=self._opened, mode="w" if self._file.name.endswith(".tar") else "w:gz")
        return self

    def put(self, name: str, data: BinaryIO, size: int) -> None:
        head = tarfile.TarInfo(f"{self._file.name.partition('.tar')[0].removesuffix('.tgz')}/{name}")
        head.size, head.mode = size, 0o600
        self._tar.addfile(head, data)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if error is None:
                self._tar.close()
        finally:
            self._opened.close()
            if error is not None:
                self._file.unlink(missing_ok=True)
