"""Sound for the player: the shape of both channels, and a stretch cut out."""

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
from pydub import AudioSegment


def peaks(file: Path | BinaryIO, columns: int = 800) -> list[list[float]]:
    """Per channel (caller, agent) the loudest sample of each column, 0.0 to 1.0, rounded to three places.

    There are at most `columns` of them, fewer when there are fewer samples. Reads in blocks: an hour costs no memory.
    """
    with soundfile.SoundFile(file) as opened:
        width = max(1, -(-len(opened) // max(1, columns)))
        loudest = [
            np.abs(block.astype(np.int32)).max(axis=0)
            for block in opened.blocks(blocksize=width, dtype="int16", always_2d=True)
            if len(block)
        ]
        channels = opened.channels
    if not loudest:
        return [[] for _ in range(channels)]
    return [[round(float(each) / 32768, 3) for each in channel] for channel in np.array(loudest).T]


def seconds(file: Path | BinaryIO) -> float:
    """By the samples that are there, not by what the header promises."""
    with soundfile.SoundFile(file) as opened:
        return float(len(opened) / opened.samplerate)


def cut(file: Path, from_s: float, to_s: float) -> bytes:
    """A WAV of the stretch from `from_s` to `to_s`, kept inside the file; ValueError when that leaves nothing."""
    whole = AudioSegment.from_file(str(file), format="wav")
    begin, end = max(0.0, from_s), min(to_s, whole.duration_seconds)
    if not begin < end:
        raise ValueError(f"from {from_s:g} s to {to_s:g} s is no stretch of {whole.duration_seconds:.1f} s of sound")
    made = io.BytesIO()
    whole[int(begin * 1000) : int(end * 1000)].export(made, format="wav")
    return made.getvalue()
