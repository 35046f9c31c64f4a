"""Sounds as numbers: read from any file, converted to what Asterisk plays, trimmed, levelled, measured."""

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from acd.errors import SanxiangError
from ivr.prompts import RATE
from ivr.voice import LOUDNESS, PEAK

Samples = np.ndarray[Any, np.dtype[np.float64]]
"""One side, between -1 and 1."""
FULL = 32768.0
SOUNDS = 200 / FULL
"""Louder than this is sound; what is below is silence or the noise of a line."""
LONGEST_S = 600.0
MOST_MB = 100
HALF_TAPS = 32
CUT = 0.45
"""Of the lower of two rates: where the filter cuts, so that hisses do not fold back as whistles (3.6 kHz at 8 kHz)."""


class NotASound(SanxiangError):
    """{file} can't be taken: {why}. A prompt is WAV, MP3, Ogg or FLAC, at any rate, of at most ten minutes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a sound is like."""

    seconds: float
    level_dbfs: float
    """RMS where it sounds; -inf of silence. A sine of full scale has -3."""
    peak_dbfs: float
    clipped: int
    """Samples in runs of three or more at full scale: the tops are cut off."""
    lead_s: float
    """Silence before the first sound, and after the last one."""
    tail_s: float
    longest_pause_s: float
    """Within it."""
    offset: float
    """Mean of all samples, of full scale: a recording with a direct current clicks where it begins and ends."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file as it was given."""

    samples: Samples
    rate: int
    channels: int
    form: str
    """As "MP3" or "WAV PCM_16"."""


def read(file: Path) -> Recording:
    """Any file that libsndfile reads, its sides mixed into one. Raises NotASound."""
    try:
        size = file.stat().st_size
        if not size:
            raise NotASound(file=file, why="it is empty")
        if size > MOST_MB * 1_000_000:
            raise NotASound(file=file, why=f"it has {size // 1_000_000} MB, and {MOST_MB} is the most")
        with soundfile.SoundFile(file) as opened:
            rate, channels, form = opened.samplerate, opened.channels, f"{opened.format} {opened.subtype}"
            sides = opened.read(round(LONGEST_S * rate) + 1, dtype="float64", always_2d=True)
    except FileNotFoundError:
        raise NotASound(file=file, why="there is no such file") from None
    except soundfile.LibsndfileError:
        raise NotASound(file=file, why="it is no sound that is known here, or it is damaged") from None
    except OSError as error:
        raise NotASound(file=file, why=error.strerror or "it can't be read") from None
    except (RuntimeError, ValueError, TypeError) as error:
        raise NotASound(file=file, why=str(error).rstrip(".")) from None
    if len(sides) > LONGEST_S * rate:
        raise NotASound(file=file, why="it is longer than ten minutes")
    if told_frames(file) > len(sides):
        raise NotASound(file=file, why="it is cut off: its end is missing")
    if not len(sides):
        raise NotASound(file=file, why="there is no sound in it")
    return Recording(sides.mean(axis=1), rate, channels, form)


def told_frames(file: Path) -> int:
    """How many samples of each side a WAV file says that it holds; 0 where it says nothing. libsndfile takes what there is."""
    with file.open("rb") as opened:
        head = opened.read(4096)
        size = opened.seek(0, 2)
    at = head.find(b"data", 12) if head[:4] == b"RIFF" and head[8:12] == b"WAVE" else -1
    if at < 0:
        return 0
    told, frame = int.from_bytes(head[at + 4 : at + 8], "little"), int.from_bytes(head[32:34], "little") or 1
    # A program that writes into a pipe does not know the length, and writes the most there can be.
    return told // frame if told < 0x7FFFF000 and told > size - at - 8 else 0


def resampled(samples: Samples, rate: int, to: int = RATE) -> Samples:
    """The same sound at another rate: windowed sinc, cut below half of the lower rate."""
    if rate == to:
        return samples
    cut = CUT * min(rate, to) / rate
    half = int(np.ceil(HALF_TAPS * max(1.0, rate / to)))
    padded = np.concatenate([np.zeros(half), samples, np.zeros(half + 1)])
    offsets = np.arange(-half + 1, half + 1)
    result = np.empty(len(samples) * to // rate)
    for begin in range(0, len(result), 2048):  # in pieces: a minute at once would be hundreds of MB
        places = np.arange(begin, min(begin + 2048, len(result))) * (rate / to)
        whole = places.astype(int)
        x = offsets[None, :] - (places - whole)[:, None]
        taps = 2 * cut * np.sinc(2 * cut * x) * (0.54 + 0.46 * np.cos(np.pi * x / half))
        window = padded[whole[:, None] + half + offsets[None, :]]
        result[begin : begin + len(places)] = (window * taps).sum(axis=1) / taps.sum(axis=1)
    return result


def trimmed(samples: Samples, pause_s: float, rate: int = RATE) -> Samples:
    """Without the silence around it, but with this pause before and after; empty where nothing sounds."""
    loud = np.flatnonzero(np.abs(samples) > SOUNDS)
    if not loud.size:
        return samples[:0]
    edge, pause = rate // 100, np.zeros(round(pause_s * rate))
    return np.concatenate([pause, samples[max(0, loud[0] - edge) : loud[-1] + 2 * edge], pause])


def levelled(samples: Samples) -> Samples:
    """As loud as every other prompt, measured where it sounds; never so loud that it clips."""
    ready = samples
    for _ in range(3):  # what was too soft to be measured counts once it has been made louder
        sounding = ready[np.abs(ready) > SOUNDS]
        if not sounding.size:
            return samples
        gain = min(LOUDNESS / FULL / np.sqrt((sounding**2).mean()), PEAK / FULL / np.abs(ready).max())
        ready = np.asarray(ready * gain)
    return ready


def measured(samples: Samples, rate: int) -> Measured:
    """See Measured."""
    loud = np.flatnonzero(np.abs(samples) > SOUNDS)
    full = np.abs(samples) >= 32766 / FULL
    edges = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(int), [0]])))
    runs = edges[1::2] - edges[::2]
    sounding = samples[loud]
    return Measured(
        seconds=len(samples) / rate,
        level_dbfs=_db(float(np.sqrt((sounding**2).mean()))) if loud.size else float("-inf"),
        peak_dbfs=_db(float(np.abs(samples).max(initial=0.0))),
        clipped=int(runs[runs >= 3].sum()),
        lead_s=float(loud[0] / rate) if loud.size else len(samples) / rate,
        tail_s=float((len(samples) - 1 - loud[-1]) / rate) if loud.size else 0.0,
        longest_pause_s=float(np.diff(loud).max(initial=0) / rate) if loud.size else 0.0,
        offset=float(samples.mean()) if len(samples) else 0.0,
    )


def as_words(samples: Samples) -> "array[int]":
    """Samples of 16 bit, as `ivr.voice.write_wav` takes them."""
    return array("h", np.clip(np.round(samples * FULL), -32768, 32767).astype("<i2").tobytes())


def _db(share: float) -> float:
    return float(20 * np.log10(share)) if share > 0 else float("-inf")
