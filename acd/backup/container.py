"""The file of a back-up: plain, or sealed in pieces. Written under another name first, and read at any place.

A sealed one is: MAGIC, salt (16 bytes), prefix of the nonces (7), check of the key (16); then pieces of 64 KiB, each with its tag.
A piece's nonce is the prefix, its number and whether it is the last: none can be changed, moved, repeated, or cut off unseen.
"""

import contextlib
import io
import os
import secrets
import shutil
from pathlib import Path
from typing import Protocol

from acd.backup.errors import BackupExists, Damaged, DiskNearlyFull, NeedsKey, NotABackup, NotWritten, WrongKey
from acd.backup.sealing import SALT_BYTES, TAG_BYTES, Cipher, Forged, read_key
from acd.files import sync_folder

MAGIC = b"sanxiang back-up, encrypted, 1\n"
PIECE = 65_536
MOST_AT_ONCE = 1 << 20
"""Bytes that are read at once. More is asked for only by the damaged or forged head of a member, before its sum is looked at."""
_PREFIX_BYTES, _CHECK_BYTES = 7, 16
_HEAD_BYTES = len(MAGIC) + SALT_BYTES + _PREFIX_BYTES + _CHECK_BYTES
_LOOK_EVERY = 16 << 20


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class NewFile:
    """A private file that appears under its name when all of it is on the disk, and never otherwise.

    with NewFile(path) as file:
        file.write(b"…")
        file.finish()
    """

    def __init__(self, path: Path, *, replace: bool = False, keep_free: tuple[tuple[Path, int], ...] = ()) -> None:
        """`keep_free`: folders and how many bytes their disks keep free. Raises BackupExists, NotWritten."""
        self.path, self._replace, self._keep_free = path, replace, keep_free
        if not replace and os.path.lexists(path):
            raise BackupExists(file=path)
        self._aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        self._unlooked = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._file = os.open(self._aside, flags, 0o600)
        except OSError as error:
            raise NotWritten(file=path, why=error.strerror) from None

    def __enter__(self) -> "NewFile":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        self._aside.unlink(missing_ok=True)

    def write(self, data: bytes, /) -> object:
        """Raises NotWritten, DiskNearlyFull."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise NotWritten(file=self.path, why=error.strerror) from None
        self._unlooked += len(data)
        if self._unlooked >= _LOOK_EVERY:
            self._unlooked = 0
            self._leave_room()
        return len(data)

    def finish(self) -> None:
        """On the disk, under its name. Raises NotWritten, BackupExists."""
        try:
            os.fsync(self._file)
            if self._replace:
                self._aside.replace(self.path)
            else:
                self._take_name()
            sync_folder(self.path.parent)
        except FileExistsError:
            raise BackupExists(file=self.path) from None
        except OSError as error:
            raise NotWritten(file=self.path, why=error.strerror) from None

    def _take_name(self) -> None:
        try:
            os.link(self._aside, self.path)  # unlike a rename, it never takes the place of another file
        except FileExistsError:
            raise
        except OSError:
            if os.path.lexists(self.path):
                raise FileExistsError from None
            self._aside.rename(self.path)  # a file system without hard links

    def _leave_room(self) -> None:
        here = self.path.parent.stat().st_dev
        for folder, least in self._keep_free:
            if folder.exists() and folder.stat().st_dev == here and shutil.disk_usage(folder).free < least:
                raise DiskNearlyFull(folder=folder, least_mb=least >> 20)


class Sealer:
    """Seals what is written to it, and writes that to `below`."""

    def __init__(self, below: Sink, secret: bytes) -> None:
        head = MAGIC + secrets.token_bytes(SALT_BYTES + _PREFIX_BYTES)
        self._cipher = Cipher(secret, head[len(MAGIC) : len(MAGIC) + SALT_BYTES])
        self._prefix = head[-_PREFIX_BYTES:]
        self._below, self._number, self._waiting = below, 0, bytearray()
        below.write(head + self._cipher.check(head))

    def write(self, data: bytes, /) -> object:
        self._waiting += data
        while len(self._waiting) > PIECE:  # the last piece is never empty, and is known at the end
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, plain: bytes, *, last: bool) -> None:
        self._below.write(self._cipher.seal(_nonce(self._prefix, self._number, last=last), plain))
        self._number += 1


class Source(Protocol):
    """What stands in a back-up, at any place."""

    path: Path
    size: int

    def at(self, place: int, length: int) -> bytes:
        """Up to `length` bytes; less at the end alone. Raises Damaged."""
        ...

    def close(self) -> None: ...


class PlainSource:
    def __init__(self, path: Path, file: int) -> None:
        self.path, self._file = path, file
        self.size = os.fstat(file).st_size

    def at(self, place: int, length: int) -> bytes:
        try:
            return os.pread(self._file, length, place)
        except OSError as error:
            raise Damaged(file=self.path, why=error.strerror) from None

    def close(self) -> None:
        os.close(self._file)


class SealedSource:
    def __init__(self, path: Path, file: int, key_file: Path) -> None:
        """Raises BadKey, WrongKey, Damaged."""
        self.path, self._file = path, file
        head = os.pread(file, _HEAD_BYTES, 0)
        body = os.fstat(file).st_size - _HEAD_BYTES
        self._pieces, rest = divmod(body, PIECE + TAG_BYTES)
        if body <= TAG_BYTES or 0 < rest <= TAG_BYTES:
            raise Damaged(file=path, why="its end is missing")
        self._pieces += bool(rest)
        self.size = body - self._pieces * TAG_BYTES
        said, check = head[:-_CHECK_BYTES], head[-_CHECK_BYTES:]
        self._prefix = said[-_PREFIX_BYTES:]
        self._cipher = Cipher(read_key(key_file), said[len(MAGIC) : len(MAGIC) + SALT_BYTES])
        if not secrets.compare_digest(self._cipher.check(said), check):
            raise WrongKey(file=path, key_file=key_file)
        self._kept = (-1, b"")

    def at(self, place: int, length: int) -> bytes:
        found = bytearray()
        while length > 0 and place < self.size:
            number, start = divmod(place, PIECE)
            part = self._piece(number)[start : start + length]
            found += part
            place, length = place + len(part), length - len(part)
        return bytes(found)

    def close(self) -> None:
        os.close(self._file)

    def _piece(self, number: int) -> bytes:
        if self._kept[0] != number:
            nonce = _nonce(self._prefix, number, last=number == self._pieces - 1)
            place = _HEAD_BYTES + number * (PIECE + TAG_BYTES)
            try:
                plain = self._cipher.open(nonce, os.pread(self._file, PIECE + TAG_BYTES, place))
            except Forged:
                end = "or its end is missing" if number == self._pieces - 1 else "so it was altered"
                why = f"piece {number + 1} of {self._pieces} does not open with its key, {end}"
                raise Damaged(file=self.path, why=why) from None
            except OSError as error:
                raise Damaged(file=self.path, why=error.strerror) from None
            self._kept = (number, plain)
        return self._kept[1]


def open_source(path: Path, key_file: Path | None) -> Source:
    """The back-up in this file. Raises NotABackup, NeedsKey, WrongKey, BadKey, Damaged."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe is refused below, not waited for
    except OSError as error:
        raise NotABackup(file=path, why=f"it can't be read ({error.strerror})") from None
    try:
        if not os.path.isfile(file):  # noqa: PTH113  (a descriptor)
            raise NotABackup(file=path, why="it is no file")
        if os.pread(file, len(MAGIC), 0) != MAGIC:
            return PlainSource(path, file)
        if key_file is None:
            raise NeedsKey(file=path)
        return SealedSource(path, file, key_file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(file)
        raise


class Reading(io.RawIOBase):
    """A Source as the file object that `tarfile` reads."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source, self._place = source, 0

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= MOST_AT_ONCE:
            raise Damaged(file=self._source.path, why="the head of one of its files is far too long")
        found = self._source.at(self._place, size)
        self._place += len(found)
        return found

    def seek(self, place: int, whence: int = 0, /) -> int:
        self._place = place
        return place

    def tell(self) -> int:
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
