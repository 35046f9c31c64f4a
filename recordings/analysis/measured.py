"""The facts of a talk's sound, small enough to be kept in a row, and from which every finding about the sound is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from recordings.analysis import activity, voice
from recordings.analysis.activity import Spans
from recordings.analysis.sound import blocks
from recordings.wav import RATE

VERSION = 1
"""Of how facts are written; others are measured again."""


@dataclass(frozen=True, slots=True)
class Side:
    """One channel."""

    speech: Spans
    """When somebody speaks, seconds from the beginning of the recording."""
    voice: list[tuple[float, float, float]]
    """Stretches of half a second that have speech: (from_s, level in dBFS, pitch in Hz; 0: not known)."""

    @property
    def spoken_s(self) -> float:
        """For how long somebody speaks."""
        return sum(end - begin for begin, end in self.speech)


@dataclass(frozen=True, slots=True)
class Measured:
    seconds: float
    caller: Side
    agent: Side

    def as_json(self) -> dict[str, Any]:
        """For a column; `from_json` reads it."""
        return {"version": VERSION, "seconds": self.seconds} | {
            name: {"speech": side.speech, "voice": side.voice}
            for name, side in (("caller", self.caller), ("agent", self.agent))
        }


def from_json(kept: Mapping[str, Any] | None) -> Measured | None:
    """What `as_json` gave; None where there is nothing, or it is of another version."""
    if not kept or kept.get("version") != VERSION:
        return None
    sides = [
        Side([(a, b) for a, b in kept[name]["speech"]], [(a, b, c) for a, b, c in kept[name]["voice"]])
        for name in ("caller", "agent")
    ]
    return Measured(float(kept["seconds"]), *sides)


def measure(file: BinaryIO) -> Measured:
    """Reads the recording once. Raises NotAnalysable."""
    levels: tuple[list[activity.Levels], list[activity.Levels]] = ([], [])
    pitches: tuple[list[voice.Pitches], list[voice.Pitches]] = ([], [])
    samples = 0
    for both in blocks(file):
        samples += len(both[0])
        for number, side in enumerate(both):
            levels[number].append(activity.levels(side))
            pitches[number].append(voice.pitches(side))
    caller, agent = (np.concatenate(each) for each in levels)
    sides = []
    for own, other, pitch in ((caller, agent, pitches[0]), (agent, caller, pitches[1])):
        mask = activity.spoken(own, other)
        sides.append(Side(activity.spans_of(mask), voice.stretches(own, np.concatenate(pitch), mask)))
    return Measured(round(samples / RATE, 2), *sides)
