"""Rows that only their owner may read: a JSON file, 0600, which several processes may change, each change whole."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from acd.errors import SanxiangError
from acd.files import give_to_folders_owner, write_private

Rows = dict[str, dict[str, Any]]


class NotReadable(SanxiangError):
    """{file} is not JSON ({why}). Mend it, or move it away and add anew."""


class PrivateJson:
    """The file is the truth: it is read again when another process has changed it."""

    def __init__(self, file: Path, lock: Path) -> None:
        self._file, self._lock = file, lock
        self._read_at: tuple[int, int, int] | None = None
        self._known: Rows = {}

    def current(self) -> Rows:
        """The rows as they are now; not to be changed."""
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            self._read_at, self._known = None, {}
            return self._known
        mark = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if mark != self._read_at:
            self._known, self._read_at = _load(self._file), mark
        return self._known

    @contextmanager
    def changing(self) -> Iterator[Rows]:
        """The rows, to be changed in place; written whole when the block ends well."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
            give_to_folders_owner(lock.fileno(), self._lock.parent)
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = _load(self._file)
            yield rows
            write_private(self._file, json.dumps(rows, indent=1, ensure_ascii=False), for_folders_owner=True)


def _load(file: Path) -> Rows:
    try:
        loaded: Rows = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise NotReadable(file=file, why=error) from None
    return loaded
