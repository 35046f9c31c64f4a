"""WAV files as they really are: what the header says, what the file holds, and whether Asterisk is done with it.

Asterisk writes the lengths into the header when it closes the file. Until then the header says 0; if Asterisk is killed
it says 0 for ever; when the disk is full it says what fitted. The usual readers take each of these without a word.
It hands its sound to the disk in pieces of 32 kB: a file grows every 2 s only, and a kill costs the last of them.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RATE = 8000
HEADER = 44
SAMPLE = 2
_RIFF = b"RIFF"


@dataclass(frozen=True, slots=True)
class Shape:
    """A sound file from outside."""

    size: int
    """Bytes of the whole file."""
    start: int
    """Where the sound begins."""
    said: int | None
    """Bytes of sound by the header; None when there is no header of 8 kHz mono 16 bit."""

    @property
    def held(self) -> int:
        """Bytes of sound that are there, whole samples only."""
        return max(0, self.size - self.start) // SAMPLE * SAMPLE

    @property
    def empty(self) -> bool:
        """Whether there is no sound."""
        return self.held == 0

    @property
    def sealed(self) -> bool:
        """Header and size agree: Asterisk has closed it."""
        return self.said is not None and self.said == self.size - self.start and self.said > 0

    @property
    def fault(self) -> str:
        """What is wrong with the header, in words; empty when nothing is."""
        if self.said is None:
            return "the header is damaged"
        if self.said == 0 and not self.empty:
            return "the file was never closed (Asterisk was killed)"
        if self.said > self.size - self.start:
            return "the file is cut short"
        if self.said < self.size - self.start - 1:
            return "the header tells of less sound than there is"
        return ""


@dataclass(frozen=True, slots=True)
class Side:
    """The sound of one file, 8 kHz mono 16 bit, little-endian."""

    sound: bytes
    fault: str

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return len(self.sound) / SAMPLE / RATE


def shape(file: Path) -> Shape | None:
    """None when there is no file."""
    try:
        with file.open("rb") as opened:
            begin = opened.read(4096)
            size = file.stat().st_size
    except FileNotFoundError:
        return None
    return shape_of(begin, size)


def shape_of(begin: bytes, size: int) -> Shape:
    """`begin`: the file's first bytes, with the whole header."""
    good = False
    for name, at, length in chunks(begin):
        if name == b"fmt " and at + 16 <= len(begin):
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", begin, at)
            good = (kind, channels, rate, bits) == (1, 1, RATE, 16)
        elif name == b"data":
            return Shape(size, at, length if good else None)
    return Shape(size, min(size, HEADER), None)


def is_wav(begin: bytes) -> bool:
    """Whether a file that begins so is a WAV file, or wants to be one."""
    return len(begin) >= 12 and begin[:4] == _RIFF and begin[8:12] == b"WAVE"


def chunks(begin: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, where it begins, and length as the header says it, of each part of a WAV file whose first bytes are these; of no other file any."""
    at = 12
    while is_wav(begin) and at + 8 <= len(begin):
        name, length = begin[at : at + 4], int.from_bytes(begin[at + 4 : at + 8], "little")
        yield name, at + 8, length
        at += 8 + length + length % 2


def read(file: Path) -> Side | None:
    """All the sound that is there, whatever the header says; None when there is no file."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    found = shape_of(content[:4096], len(content))
    end = found.start + found.held
    if found.said and not found.fault:
        end = min(end, found.start + found.said)
    return Side(content[found.start : end], found.fault)
