"""A filed recording as two sides of numbers, block by block; and why a file is none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from acd.errors import SanxiangError
from recordings.wav import RATE, chunks, is_wav

BLOCK_S = 60
"""So much is in memory at a time."""
LONGEST_S = 6 * 3600
Samples = NDArray[np.float32]
"""One side, between -1 and 1."""


class NotAnalysable(SanxiangError):
    """The sound can't be analysed: {why}. What the call log tells of the talk is checked all the same."""


def blocks(file: BinaryIO) -> Iterator[tuple[Samples, Samples]]:
    """Caller's and agent's side in pieces of `BLOCK_S` seconds, the last one shorter. WAV, FLAC or Ogg at 8 kHz with two channels.

    Raises NotAnalysable: the file is empty, cut short, still written, mono, at another rate, too long, or no sound.
    """
    _whole(file)
    with _opened(file) as opened:
        if opened.channels != 2:
            raise NotAnalysable(why=f"it has {opened.channels} channel(s), and each side needs one of its own")
        if opened.samplerate != RATE:
            raise NotAnalysable(why=f"it has {opened.samplerate} samples a second, and a talk has {RATE}")
        if len(opened) > LONGEST_S * RATE:
            raise NotAnalysable(why=f"it is longer than {LONGEST_S // 3600} hours")
        read = 0
        while read < len(opened):
            try:
                both = opened.read(BLOCK_S * RATE, dtype="float32", always_2d=True)
            except (soundfile.LibsndfileError, RuntimeError):
                raise NotAnalysable(why=f"it is damaged after {read / RATE:.0f} s") from None
            if not len(both):
                raise NotAnalysable(why=f"it ends after {read / RATE:.1f} s of {len(opened) / RATE:.1f} s") from None
            read += len(both)
            yield np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])
        if not read:
            raise NotAnalysable(why="there is no sound in it")


@contextmanager
def _opened(file: BinaryIO) -> Iterator[soundfile.SoundFile]:
    try:
        opened = soundfile.SoundFile(file)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError):
        raise NotAnalysable(why="it is no sound that is known here, or its beginning is damaged") from None
    with opened:
        yield opened


def _whole(file: BinaryIO) -> None:
    """Raises NotAnalysable where a WAV file's header and length disagree, which libsndfile takes without a word."""
    file.seek(0)
    head = file.read(4096)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        raise NotAnalysable(why="the file is empty")
    if not is_wav(head):
        return
    at, length = next(((at, length) for name, at, length in chunks(head) if name == b"data"), (0, 0))
    if not at:
        raise NotAnalysable(why="its header names no sound")
    held = size - at
    if length == 0 and held:
        raise NotAnalysable(why="it is still being written, or was never closed")
    if length > held:
        raise NotAnalysable(why=f"it is cut short: {held} of {length} bytes of sound are there")
    if length < held - 1:
        raise NotAnalysable(why="it has grown since its header was written")
