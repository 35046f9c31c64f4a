"""The test signals of a call of the hotline to itself, and what became of them: level, loss, delay.

A signal is a chirp, two seconds of a tone, and the chirp again. A chirp is found to within a sample by its correlation; the tone
gives level and loss. Each end plays its own signal, so that no end can take its own sound for the other's.

The delay needs no common clock. Each end's recorder writes what its channel said and heard on one time line. The near end hears
the far signal x after it began its own; the far end begins its own y after it heard the near one. x - y is what both ways take
together, whenever either recorder began.
"""

from __future__ import annotations

import io
import os
import secrets
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from acd.self_call import Direction, Sound
from recordings import wav

RATE = wav.RATE
SENT_DBOV = -18.0
"""Level of the tone: speech is at -26 dBov (ITU-T P.56), tests of lines use some 10 dB below the overload."""
_CHIRP_DBOV = -14.0
_CHIRP_S, _GAP_S, _TONE_S, _BEFORE_S = 0.25, 0.15, 2.0, 0.2
_FRAME = RATE // 50
"""20 ms, one packet."""
_FOUND = 0.35
"""Correlation (0 to 1) from which on a chirp counts as found; one through G.711 has 0.99, noise and speech some 0.1."""
_QUIETEST_DBOV = -60.0
_PURE = 0.5
"""Part of a frame's power that must be the tone's."""
_DELAY_UP_TO_PERCENT = 3.0
"""With more loss no delay is told."""
_HEARD_FRAMES = 15
"""Frames of the tone, 0.3 s, from which on a direction counts as heard."""

Samples = NDArray[np.float64]
End = Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class Signal:
    """What one end plays."""

    tone_hz: float
    from_hz: float
    to_hz: float

    @property
    def chirp(self) -> Samples:
        """A sweep with soft ends."""
        t = np.arange(int(_CHIRP_S * RATE)) / RATE
        phase = 2 * np.pi * (self.from_hz * t + (self.to_hz - self.from_hz) * t**2 / (2 * _CHIRP_S))
        return np.asarray(np.sin(phase) * np.sin(np.pi * t / _CHIRP_S) ** 0.5 * _amplitude(_CHIRP_DBOV))

    @property
    def samples(self) -> Samples:
        """The whole signal."""
        gap, before = np.zeros(int(_GAP_S * RATE)), np.zeros(int(_BEFORE_S * RATE))
        t = np.arange(int(_TONE_S * RATE)) / RATE
        tone = np.sin(2 * np.pi * self.tone_hz * t) * _amplitude(SENT_DBOV)
        return np.concatenate([before, self.chirp, gap, tone, gap, self.chirp, before])


SIGNALS: dict[End, Signal] = {"out": Signal(1020, 400, 3000), "in": Signal(560, 3000, 400)}
"""By the end that plays it. The tones are far from those of telephone keys, and divide no sampling rate."""


def write_signals(folder: Path) -> None:
    """Writes `signal-out.wav` and `signal-in.wav` into the folder, for its group to read. Raises OSError.

    Asterisk may write into this folder as another user, so no name in it is followed.
    """
    for end, signal in SIGNALS.items():
        held = io.BytesIO()
        with wave.open(held, "wb") as file:
            file.setparams((1, wav.SAMPLE, RATE, 0, "NONE", "not compressed"))
            file.writeframes(np.round(signal.samples).astype("<i2").tobytes())
        beside = folder / f".signal-{end}.{secrets.token_hex(4)}"
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
        with os.fdopen(opened, "wb") as out:
            os.fchown(opened, -1, folder.stat().st_gid)
            os.fchmod(opened, 0o640)
            out.write(held.getvalue())
        beside.replace(folder / f"signal-{end}.wav")


def _amplitude(dbov: float) -> float:
    """Of a sine at this level: 0 dBov is the power of a full square wave, so a full sine is at -3.01 dBov."""
    return float(32768 * np.sqrt(2) * 10 ** (dbov / 20))


def samples_of(file: Path) -> Samples:
    """The sound of a WAV file as numbers; nothing where there is none."""
    side = wav.read(file)
    return np.frombuffer(side.sound if side else b"", dtype="<i2").astype(np.float64)


def chirp_at(sound: Samples, signal: Signal) -> float | None:
    """At which second the first chirp of this signal begins; None where none is found."""
    chirp = signal.chirp
    if len(sound) < len(chirp):
        return None
    size = 1 << (len(sound) + len(chirp)).bit_length()
    found = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(chirp, size)), size)
    found = np.abs(found[: len(sound) - len(chirp) + 1])
    summed = np.concatenate([[0.0], np.cumsum(sound**2)])
    power = summed[len(chirp) :] - summed[: -len(chirp)]
    floor = len(chirp) * (32768 * 10 ** (_QUIETEST_DBOV / 20)) ** 2
    likeness = found / np.sqrt(np.maximum(power, floor) * np.sum(chirp**2))
    # The same chirp comes twice, before the tone and after it. Lost packets may have spoilt the first.
    middle = _middle_of_tone(sound, signal)
    if middle is None:
        middle = len(likeness)
    for part, begin, earlier in (
        (likeness[:middle], 0, 0.0),
        (likeness[middle:], middle, _CHIRP_S + 2 * _GAP_S + _TONE_S),
    ):
        if len(part) and float(part.max()) >= _FOUND:
            return float(begin + int(np.argmax(part))) / RATE - earlier
    return None


def _frames_of_tone(sound: Samples, signal: Signal) -> tuple[Samples, NDArray[np.bool_]]:
    """Of each 20 ms: the mean square of what is the tone, and whether it is nothing but the tone."""
    whole = len(sound) // _FRAME
    frames = sound[: whole * _FRAME].reshape(whole, _FRAME)
    turning = np.exp(-2j * np.pi * signal.tone_hz * np.arange(_FRAME) / RATE)
    # Half the square of its amplitude.
    tone = 2 * np.abs(frames @ turning / _FRAME) ** 2
    everything = np.maximum((frames**2).mean(axis=1), 1e-9)
    audible = tone > (32768 * 10 ** (_QUIETEST_DBOV / 20)) ** 2
    return tone, audible & (tone / everything > _PURE)


def _middle_of_tone(sound: Samples, signal: Signal) -> int | None:
    """The sample in the middle of the tone; None where there is no tone."""
    _, pure = _frames_of_tone(sound, signal)
    places = np.flatnonzero(pure)
    return int(np.median(places)) * _FRAME if len(places) >= _HEARD_FRAMES else None


def heard(sound: Samples, signal: Signal) -> Direction:
    """How the tone of this signal was heard: its level, and how much of it is missing."""
    tone, pure = _frames_of_tone(sound, signal)
    if pure.sum() < _HEARD_FRAMES:
        return Direction()
    loud = np.median(tone[pure])
    good = pure & (tone > loud / 10)
    expected = int(_TONE_S * 50)
    # The tone begins and ends somewhere within a packet: two frames may be halves.
    missing = max(0, expected - 2 - int(good.sum()))
    level = 10 * float(np.log10(loud / 32768**2))
    return Direction(
        heard=True,
        level_dbov=round(level, 1),
        lost_db=round(SENT_DBOV - level, 1),
        loss_percent=round(100 * missing / expected, 1),
    )


def measured(said_out: Samples, heard_out: Samples, said_in: Samples, heard_in: Samples) -> Sound:
    """Both directions. `out` and `in` are the two ends; each has said and heard something on a time line of its own."""
    out, back = heard(heard_in, SIGNALS["out"]), heard(heard_out, SIGNALS["in"])
    places = (
        chirp_at(heard_out, SIGNALS["in"]),
        chirp_at(said_out, SIGNALS["out"]),
        chirp_at(said_in, SIGNALS["in"]),
        chirp_at(heard_in, SIGNALS["out"]),
    )
    round_trip: float | None = None
    # A recorder that missed packets has a time line with gaps: no delay is better than a wrong one.
    whole = max(out.loss_percent, back.loss_percent) < _DELAY_UP_TO_PERCENT
    if out.heard and back.heard and whole and None not in places:
        x, y = places[0] - places[1], places[2] - places[3]  # type: ignore[operator]
        round_trip = round(max(0.0, 1000 * (x - y)), 1)
    return Sound(out, back, round_trip)
