"""Who is heard in a recording, on which side, and when: every telephone of the scenarios hums a tone of its own.

A recording has the caller's side on the left and what he heard, thus the agents', on the right.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from acd.sipp.actors import CALLER_HZ
from tests.support.sipp_telephone import AGENTS, hz_of

WINDOW_S = 0.1
LOUD = 300.0
"""Amplitude, of 32767, from which a tone counts as heard; they hum with 900 to 9,000."""
SHARE = 0.05
"""Of the window's energy: less than this beside something loud is a trace of the codec, not a voice."""

MUSIC_HZ = 300
WHO = {"caller": CALLER_HZ, "music": MUSIC_HZ} | {agent: hz_of(agent) for agent in AGENTS}


class Heard:
    """One recording, taken apart."""

    def __init__(self, file: Path) -> None:
        sound, rate = soundfile.read(file, dtype="int16", always_2d=True)
        assert sound.shape[1] == 2, f"{file.name} has {sound.shape[1]} sides"
        self.file, self.seconds = file, len(sound) / rate
        self._sides = [_windows(sound[:, side].astype(np.float64), rate) for side in (0, 1)]

    @property
    def caller(self) -> dict[str, float]:
        """Seconds for which each person is heard on the caller's side; who is not heard is not there."""
        return self._told(0)

    @property
    def agents(self) -> dict[str, float]:
        """The same of the other side."""
        return self._told(1)

    def spans(self, who: str, side: int) -> list[tuple[float, float]]:
        """From when to when somebody is heard, pauses of less than half a second not counted."""
        found: list[tuple[float, float]] = []
        for number, here in enumerate(self._sides[side][who]):
            if not here:
                continue
            begin, end = number * WINDOW_S, (number + 1) * WINDOW_S
            if found and begin - found[-1][1] < 0.5:
                found[-1] = (found[-1][0], end)
            else:
                found.append((begin, end))
        return found

    def _told(self, side: int) -> dict[str, float]:
        sums = {who: float(np.sum(here)) * WINDOW_S for who, here in self._sides[side].items()}
        return {who: round(seconds, 1) for who, seconds in sums.items() if seconds >= 0.3}

    def __str__(self) -> str:
        return f"{self.file.name} ({self.seconds:.2f} s): caller's side {self.caller}, agents' side {self.agents}"


def tones_in(samples: bytes, rate: int) -> dict[str, float]:
    """Seconds for which each person is heard in 16-bit mono sound; who is not heard is not there."""
    found = _windows(np.frombuffer(samples, dtype=np.int16).astype(np.float64), rate)
    sums = {who: float(np.sum(here)) * WINDOW_S for who, here in found.items()}
    return {who: round(seconds, 1) for who, seconds in sums.items() if seconds >= 0.3}


def _windows(side: NDArray[np.float64], rate: int) -> dict[str, NDArray[np.bool_]]:
    """For each person, window by window, whether his tone is heard."""
    length = int(rate * WINDOW_S)
    count = len(side) // length
    pieces = side[: count * length].reshape(count, length)
    shape = np.hanning(length)
    energy = np.sum((pieces * shape) ** 2, axis=1)
    time = np.arange(length) / rate
    told: dict[str, NDArray[np.bool_]] = {}
    for who, hz in WHO.items():
        wave = shape * np.exp(-2j * np.pi * hz * time)
        found = np.abs(pieces @ wave)
        amplitude = 2 * found / np.sum(shape)
        own = amplitude**2 / 2 * np.sum(shape**2)
        told[who] = (amplitude >= LOUD) & (own >= SHARE * energy)
    return told
