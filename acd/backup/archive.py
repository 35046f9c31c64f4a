"""The tar in a back-up: `manifest.json`, the files, `left-out.json` where recordings could not be read, `sums.jsonl` with name, size
and SHA-256 of each, and `sha256` of all before it.

A plain back-up can be unpacked by `tar` in an emergency. Reading trusts nothing: only plain files with plain names, each byte under
a sum (the last one covers heads, names and padding too), nothing after the end, and never more than a megabyte in memory.
"""

import hashlib
import io
import itertools
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import acd
from acd.backup import manifest
from acd.backup.container import MOST_AT_ONCE, Reading, Sink, Source, open_source
from acd.backup.errors import Damaged, FromNewerVersion, NotABackup, NotWritten, Unreadable
from acd.backup.manifest import Manifest, NewerFormat
from acd.errors import SanxiangError

MANIFEST, LEFT_OUT, SUMS, SUM = "manifest.json", "left-out.json", "sums.jsonl", "sha256"
PARTS = ("database", "state", "configuration", "recordings")
CHUNK = 262_144
MOST_LEFT_OUT = 500
"""Sentences about recordings that could not be read, of 400 characters at most: less than MOST_AT_ONCE. Of more the number is said."""
_IN_MEMORY = 4 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a back-up."""

    name: str
    size: int
    mtime: int


Take = Callable[[Entry], Callable[[bytes], object] | None]
"""Told of each file before its bytes; gives back where they go, None: nowhere."""


@dataclass(slots=True)
class Totals:
    files: int = 0
    bytes: int = 0


class _Hash(Protocol):
    def update(self, data: bytes, /) -> object: ...


class _Counted:
    """What `tarfile` writes to: counts and sums it on the way to the sink."""

    def __init__(self, sink: Sink) -> None:
        self._sink, self._place, self.sum = sink, 0, hashlib.sha256()

    def write(self, data: bytes, /) -> object:
        self.sum.update(data)
        self._place += len(data)
        return self._sink.write(data)

    def tell(self) -> int:
        return self._place


class Writer:
    def __init__(self, sink: Sink, said: Manifest, scratch: Path) -> None:
        """`scratch`: a folder with room for a line for each file."""
        self._below = _Counted(sink)
        self._tar = tarfile.TarFile(
            fileobj=self._below,  # type: ignore[arg-type]
            mode="w",
            format=tarfile.PAX_FORMAT,
            copybufsize=CHUNK,
        )
        self._scratch = scratch
        self._sums = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(scratch))  # noqa: SIM115  (closed by `close`)
        self.totals = Totals()
        self.add_bytes(MANIFEST, said.text())

    def add_bytes(self, name: str, data: bytes) -> None:
        self._add(name, len(data), io.BytesIO(data), 0)

    def add_file(self, name: str, file: Path) -> bool:
        """The file as long as it is now; whether it was still there. Raises Unreadable."""
        try:
            opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise Unreadable(file=file, why=error.strerror) from None
        with os.fdopen(opened, "rb", buffering=0) as source:
            about = os.fstat(opened)
            try:
                self._add(name, about.st_size, source, int(about.st_mtime))
            except OSError as error:
                why = error.strerror or "it became shorter while it was read"
                raise Unreadable(file=file, why=why) from None
        return True

    def add_sound(self, name: str, file: Path) -> str:
        """A recording, as far as it can be read; the rest of one that breaks off is zeros. Returned: what is wrong with it, as the end
        of a sentence; empty where nothing is, or where it is not there any more."""
        try:
            opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"can't be read ({error.strerror}) and was left out"
        with os.fdopen(opened, "rb", buffering=0) as source:
            about, sound = os.fstat(opened), _AsFarAsItGoes(source)
            self._add(name, about.st_size, sound, int(about.st_mtime))
        return f"could be read up to byte {sound.read_bytes} only ({sound.why}); zeros follow" if sound.why else ""

    def add_left_out(self, sentences: Sequence[str]) -> None:
        """What could not be read, of what is not known before the manifest is written."""
        more = len(sentences) - MOST_LEFT_OUT
        shown = [
            *(each[:400] for each in sentences[:MOST_LEFT_OUT]),
            *([f"{more} more of the recordings were left out"] if more > 0 else []),
        ]
        self.add_bytes(LEFT_OUT, json.dumps(shown).encode())

    def close(self) -> None:
        """The two sums and the end of the tar."""
        length = self._sums.tell()
        self._sums.seek(0)
        self._tar.addfile(_head(SUMS, length), self._sums)
        self._sums.close()
        said = _sum_text(self._below.sum.hexdigest())
        self._tar.addfile(_head(SUM, len(said)), io.BytesIO(said))
        self._tar.close()

    def _add(self, name: str, size: int, source: "IO[bytes] | _AsFarAsItGoes", mtime: int) -> None:
        summed = _Summed(source)
        self._tar.addfile(_head(name, size, mtime), summed)  # type: ignore[arg-type]
        self._tar.members = []  # type: ignore[attr-defined]  # it would keep every head in memory
        self._note(_line(name, size, summed.sum.hexdigest()))
        self.totals.files += 1
        self.totals.bytes += size

    def _note(self, line: bytes) -> None:
        """Raises NotWritten: many lines are more than memory should hold, and go to the disk of the back-up."""
        try:
            self._sums.write(line)
        except OSError as error:
            raise NotWritten(file=self._scratch, why=error.strerror) from None


class _Summed:
    def __init__(self, source: "IO[bytes] | _AsFarAsItGoes") -> None:
        self._source, self.sum = source, hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        data = bytearray()
        while len(data) < size and (part := self._source.read(size - len(data))):
            data += part
        self.sum.update(data)
        return bytes(data)


class _AsFarAsItGoes:
    """A file of which there are always more bytes: zeros from where it can't be read on."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.read_bytes, self.why = source, 0, ""

    def read(self, size: int, /) -> bytes:
        if not self.why:
            try:
                if part := self._source.read(size):
                    self.read_bytes += len(part)
                    return part
                self.why = "it became shorter while it was read"
            except OSError as error:
                self.why = error.strerror or type(error).__name__
        return bytes(size)


class Archive:
    """A back-up that is read. Close it after use."""

    def __init__(self, path: Path, key_file: Path | None = None) -> None:
        """Raises NotABackup, NeedsKey, WrongKey, BadKey, Damaged, FromNewerVersion."""
        self.path = path
        self.left_out: list[str] = []
        """What could not be read of the recordings, as `walk` or `look_for_left_out` has found it."""
        self._source: Source = open_source(path, key_file)
        try:
            self.manifest = self._read_manifest()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._source.close()

    def walk(self, take: Take) -> Totals:
        """Reads all, checks every sum, hands each file's bytes on, and says how much it was. What was handed on counts only when
        this returns. Raises Damaged, and what `take` raises."""
        totals, whole, place = Totals(), hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as sums:
            for member in self._members():
                if member.name == SUM:
                    self._feed(whole, place, member.offset)
                    self._check_end(member, whole.hexdigest())
                    return totals
                self._feed(whole, place, member.offset_data)
                place = member.offset_data + member.size
                if member.name == SUMS:
                    self._check_sums(sums, member, whole)
                    continue
                if member.name == LEFT_OUT:
                    self._read_left_out(member)
                ours = member.name in (MANIFEST, LEFT_OUT)
                give = None if ours else take(Entry(member.name, member.size, int(member.mtime)))
                one = hashlib.sha256()
                for data in self._data(member):
                    whole.update(data)
                    one.update(data)
                    if give is not None:
                        give(data)
                sums.write(_line(member.name, member.size, one.hexdigest()))
                totals.files += 1
                totals.bytes += member.size
        raise self._damaged("its end is missing")

    def verify(self) -> Totals:
        """Every byte against its sums. Raises Damaged."""
        return self.walk(lambda _: None)

    def look_for_left_out(self) -> None:
        """Reads the heads of all files, and no more. Raises Damaged."""
        for member in self._members():
            if member.name == LEFT_OUT:
                self._read_left_out(member)

    # -- inside --------------------------------------------------------------------------------------------------

    def _read_left_out(self, member: tarfile.TarInfo) -> None:
        try:
            said = json.loads(self._source.at(member.offset_data, min(member.size, MOST_AT_ONCE)))
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
            raise self._damaged(f"{LEFT_OUT} in it is not as this program writes it")
        self.left_out = said

    def _damaged(self, why: str) -> Damaged:
        return Damaged(file=self.path, why=why)

    def _read_manifest(self) -> Manifest:
        try:
            first = next(self._members())
        except (Damaged, StopIteration) as error:
            if self._source.at(0, 1 << 10).rstrip(b"\0")[257:262] == b"ustar" and isinstance(error, Damaged):
                raise
            raise NotABackup(file=self.path, why="it does not begin as one") from None
        if first.name != MANIFEST or first.size > MOST_AT_ONCE:
            raise NotABackup(file=self.path, why="it does not begin with a manifest")
        try:
            return manifest.read(self._source.at(first.offset_data, first.size))
        except NewerFormat as newer:
            raise FromNewerVersion(file=self.path, theirs=newer, ours=acd.__version__) from None
        except ValueError as error:
            raise self._damaged(str(error)) from None

    def _members(self) -> Iterator[tarfile.TarInfo]:
        tar: tarfile.TarFile | None = None
        while True:
            try:
                if tar is None:
                    tar = tarfile.TarFile(fileobj=Reading(self._source), mode="r")
                member = tar.next()
            except SanxiangError:
                raise
            except Exception as error:
                # A forged head can raise nearly anything in `tarfile`.
                raise self._damaged(f"the head of a file in it is broken ({type(error).__name__})") from None
            if member is None:
                return
            tar.members = []  # type: ignore[attr-defined]
            self._check_member(member)
            yield member

    def _check_member(self, member: tarfile.TarInfo) -> None:
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
            raise self._damaged(f"{member.name[:200]!r} in it is a link, a device or the like, which no back-up has")
        parts = member.name.split("/")
        fixed = member.name in (MANIFEST, LEFT_OUT, SUMS, SUM)
        if not fixed and (
            len(parts) < 2 or parts[0] not in PARTS or {"", ".", ".."} & set(parts) or "\0" in member.name
        ):
            raise self._damaged(f"{member.name[:200]!r} in it is no name that a back-up has")
        if member.size < 0 or member.offset_data + member.size > self._source.size:
            raise self._damaged("its end is missing")

    def _data(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        end = member.offset_data + member.size
        for place in range(member.offset_data, end, CHUNK):
            data = self._source.at(place, min(CHUNK, end - place))
            if len(data) != min(CHUNK, end - place):
                raise self._damaged("its end is missing")
            yield data

    def _feed(self, whole: _Hash, place: int, until: int) -> None:
        """Padding and heads between two files."""
        if not 0 <= until - place <= MOST_AT_ONCE:
            raise self._damaged("the head of one of its files is far too long")
        whole.update(self._source.at(place, until - place))

    def _check_sums(self, ours: IO[bytes], member: tarfile.TarInfo, whole: _Hash) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as theirs:
            for data in self._data(member):
                whole.update(data)
                theirs.write(data)
            theirs.seek(0)
            ours.seek(0)
            for one, other in itertools.zip_longest(_lines(ours), _lines(theirs), fillvalue=b""):
                if one != other:
                    name = json.loads(one)["name"] if one else "a file"
                    raise self._damaged(f"{name} in it is not what was backed up")

    def _check_end(self, member: tarfile.TarInfo, computed: str) -> None:
        said = _sum_text(computed)
        end = _head(SUM, len(said)).tobuf(tarfile.PAX_FORMAT) + said.ljust(tarfile.BLOCKSIZE, b"\0")
        length = member.offset + len(end) + 2 * tarfile.BLOCKSIZE
        length += -length % tarfile.RECORDSIZE
        if self._source.size != length:
            raise self._damaged("its end is missing, or there is something behind it")
        if self._source.at(member.offset, length - member.offset) != end.ljust(length - member.offset, b"\0"):
            raise self._damaged("the sum over all of it is another")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MOST_AT_ONCE):
        yield line


def _head(name: str, size: int, mtime: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mtime, made.mode = size, mtime, 0o600
    return made


def _line(name: str, size: int, sha256: str) -> bytes:
    return (json.dumps({"name": name, "size": size, "sha256": sha256}) + "\n").encode()


def _sum_text(digest: str) -> bytes:
    return f"{digest}\n".encode()
