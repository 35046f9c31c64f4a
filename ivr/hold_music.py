"""The music on hold and the sound of a menu that listens, both computed: nothing foreign is shipped or owed for."""

from __future__ import annotations  # array[int] has no subscript at run time before Python 3.12

from array import array
from functools import lru_cache
from math import exp, pi, sin

from ivr.prompts import RATE

BEAT_S = 0.5
BARS = 20
# Five notes without a half-tone between them (gong, shang, jue, zhi, yu): any two of them go together.
SCALE = (261.63, 293.66, 329.63, 392.00, 440.00, 523.25, 587.33, 659.25)
MELODY = (
    *(4, 5, 3, 2), *(3, 4, 2, -1), *(2, 3, 4, 5), *(4, 3, 2, -1), *(5, 6, 5, 4),
    *(3, 4, 5, -1), *(4, 3, 2, 1), *(2, 1, 0, -1), *(2, 4, 3, 5), *(4, 5, 7, -1),
    *(6, 5, 4, 3), *(5, 4, 3, -1), *(4, 5, 3, 2), *(3, 2, 1, -1), *(0, 2, 1, 3),
    *(2, 3, 4, -1), *(5, 4, 3, 4), *(3, 2, 1, 2), *(1, 0, 2, 1), *(0, -1, 0, -1),
)  # fmt: skip
BASS = (0, 3, 4, 2, 0, 3, 1, 0, 4, 0)


def tune() -> array[int]:
    """Forty seconds of a quiet pentatonic tune that ends where it begins."""
    length = round(BARS * 4 * BEAT_S * RATE)
    sound = [0.0] * length
    for beat, note in enumerate(MELODY):
        if note >= 0:
            pluck(sound, beat * BEAT_S, SCALE[note], 2.2, 4200)
    for half, note in enumerate(BASS * (2 * BARS // len(BASS))):
        pluck(sound, half * 2 * BEAT_S, SCALE[note] / 2, 3.5, 3000)
        pluck(sound, (half * 2 + 0.5) * BEAT_S, SCALE[note] * 0.75, 2.5, 1200)
    return array("h", [round(value) for value in sound])


def pluck(sound: list[float], at_s: float, pitch: float, long_s: float, loud: float) -> None:
    """A string is touched; it rings over the end of the tune into its beginning."""
    begin = round(at_s * RATE)
    for index, value in enumerate(string(pitch, long_s), begin):
        sound[index % len(sound)] += loud * value


@lru_cache(maxsize=64)
def string(pitch: float, long_s: float) -> list[float]:
    """One touch of a string, at most 1.5 loud: it sets in softly and dies away."""
    values = []
    for index in range(round(long_s * RATE)):
        time = index / RATE
        angle = 2 * pi * pitch * time
        swell = min(1.0, time / 0.015) * exp(-3.2 * time / long_s) * min(1.0, (long_s - time) / 0.05)
        values.append(swell * (sin(angle) + 0.35 * sin(2 * angle) + 0.1 * sin(3 * angle)))
    return values


def beep() -> array[int]:
    """Half a second that says: speak now."""
    long = RATE // 2
    swell = [min(1.0, index / 80, (long - index) / 80) for index in range(long)]
    return array("h", [round(7000 * loud * sin(2 * pi * 880 * index / RATE)) for index, loud in enumerate(swell)])


def listening() -> array[int]:
    """One second that tells the caller the line is alive while the menu waits for a key: a soft low tap, then rest."""
    sound = [0.0] * RATE
    pluck(sound, 0.3, SCALE[3], 0.5, 900)
    pluck(sound, 0.42, SCALE[5], 0.5, 700)
    return array("h", [round(value) for value in sound])
