"""What a recording sounds like: which tone is heard on which side. SIPp's agents hum 440 Hz, its callers 660."""

from pathlib import Path

import numpy as np
import soundfile

from acd.demo_actors import AGENT_HZ, CALLER_HZ
from acd.store.recordings import Recording

SILENCE = 100
"""RMS, of 32767, under which a side counts as silent."""


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
