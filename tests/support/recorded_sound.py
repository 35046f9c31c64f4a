"""What a recording sounds like: which tone is heard on which side, and when.

SIPp's agents hum 440 Hz, its callers 660; where several hum, each has a tone of his own, 50 Hz apart or more and none a
multiple of another.
"""

from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from acd.sipp.actors import AGENT_HZ, CALLER_HZ
from acd.store.queries.recordings import Recording

SILENCE = 100
"""RMS, of 32767, under which a side counts as silent."""


Side = Literal["left", "right"]
"""Left is the caller, right the agent; of a consult left the first agent, right the receiver."""

WINDOW_S, HOP_S = 0.1, 0.05
PART = 0.1
"""Of the power of a window: what a tone must have. Three who hum at once have a third each; what a codec or an overdriven
sum makes of a tone has less than a hundredth."""


def stretches(
    file: Path, hz: float, side: Side, at_least_s: float = 0.3, gap_s: float = 0.3
) -> list[tuple[float, float]]:
    """(from, to) in seconds, to 0.1 s: where this tone is heard on this side, also when others sound with it.

    A gap of up to `gap_s` (lost packets, a change of bridge) does not end a stretch; what lasts less than `at_least_s`
    (a note of the music) is none.
    """
    found: list[tuple[float, float]] = []
    for number in np.flatnonzero(_has(file, hz, side)):
        begin, end = float(number * HOP_S), float(number * HOP_S + WINDOW_S)
        if found and begin - found[-1][1] <= gap_s:
            begin = found.pop()[0]
        found.append((begin, end))
    return [(round(begin, 2), round(end, 2)) for begin, end in found if end - begin >= at_least_s]


def hears(file: Path, hz: float, side: Side, from_s: float = 0.0, to_s: float | None = None) -> bool:
    """Whether the tone is heard on this side for nine tenths of the time between `from_s` and `to_s` (the file's end).

    AssertionError when the file has no sound there. That a tone is *not* heard is `stretches(…) == []`.
    """
    has = _has(file, hz, side)
    at = np.arange(len(has)) * HOP_S
    within = has[(at >= from_s) & (at + WINDOW_S <= (np.inf if to_s is None else to_s))]
    assert len(within), f"{file.name} has no sound from {from_s:g} s to {to_s} s"
    return float(np.mean(within)) >= 0.9


def _has(file: Path, hz: float, side: Side) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Window by window: is the tone in it?"""
    sound, rate = soundfile.read(file, dtype="int16", always_2d=True)
    assert sound.shape[1] == 2, f"{file.name} has {sound.shape[1]} sides"
    width = round(WINDOW_S * rate)
    one = sound[:, 0 if side == "left" else 1].astype(np.float64)
    if len(one) < width:
        return np.zeros(0, dtype=np.bool_)
    windows = np.lib.stride_tricks.sliding_window_view(one, width)[:: round(HOP_S * rate)]
    shape = np.hanning(width)
    wave = np.exp(-2j * np.pi * hz / rate * np.arange(width))
    tone = 2 * np.abs(windows @ (shape * wave) / shape.sum()) ** 2
    whole = windows**2 @ shape / shape.sum()
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (tone > PART * whole) & (whole > SILENCE**2)
    return found


def heard(file: Path) -> tuple[float, float, float]:
    """(Hz on the left, Hz on the right, seconds): the loudest tone of each side, 0 for silence."""
    sound, rate = soundfile.read(file, dtype="int16", always_2d=True)
    assert sound.shape[1] == 2, f"{file.name} has {sound.shape[1]} sides"
    left, right = (_loudest(sound[:, side].astype(np.float64), rate) for side in (0, 1))
    return left, right, len(sound) / rate


def _loudest(side: "np.ndarray[tuple[int], np.dtype[np.float64]]", rate: int) -> float:
    if not len(side) or np.sqrt(np.mean(side**2)) < SILENCE:
        return 0.0
    spectrum = np.abs(np.fft.rfft(side * np.hanning(len(side))))
    return float(np.argmax(spectrum) * rate / len(side))


def well_recorded(folder: Path, leg: Recording | None) -> bool:
    """The leg is complete, as long as its talk, and both people are heard, each on his side. AssertionError, if not."""
    assert leg is not None
    assert leg.state == "complete", f"{leg.offer}: {leg.state}, {leg.reason}"
    assert leg.seconds is not None
    assert leg.talk_s is not None
    assert abs(leg.seconds - leg.talk_s) <= 1, f"{leg.offer}: {leg.seconds} s of sound for {leg.talk_s} s of talk"
    assert not leg.silent, f"{leg.offer}: silent side {leg.silent}"
    caller, agent, seconds = heard(folder / leg.path)
    assert abs(seconds - leg.seconds) < 0.05
    assert abs(caller - CALLER_HZ) < 5, f"{leg.offer}: the caller's side sounds at {caller:.0f} Hz"
    assert abs(agent - AGENT_HZ) < 5, f"{leg.offer}: the agent's side sounds at {agent:.0f} Hz"
    return True
