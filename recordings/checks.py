"""What makes a recording good: as long as the talk, and with somebody on each side."""

import numpy as np

from recordings.wav import RATE

LENGTH_TOLERANCE_S = 1.0
"""Sound and talk may differ by so much; docs/definitions.md#recording-whole."""
SILENT_BELOW = 10 ** (-50 / 20) * 32768
"""-50 dBFS: a quiet room on an open line lies above it, a muted or one-way line below."""
JUDGED_FROM_S = 3.0
"""In less time than this a person may well have said nothing."""
_WINDOW = RATE // 10


def loudest(sound: bytes) -> float:
    """RMS of the loudest tenth of a second, 0 to 32768; 0.0 for no sound."""
    samples = np.frombuffer(sound, dtype="<i2")
    if not len(samples):
        return 0.0
    whole = len(samples) // _WINDOW * _WINDOW
    if not whole:
        return float(np.sqrt(np.mean(samples.astype(np.float32) ** 2)))
    windows = samples[:whole].astype(np.float32).reshape(-1, _WINDOW)
    return float(np.sqrt((windows**2).mean(axis=1).max()))


def silent_sides(sides: tuple[bytes, bytes], speakers: tuple[str, str], seconds: float) -> str:
    """Which of the speakers is not to be heard; "both", or empty."""
    if seconds < JUDGED_FROM_S:
        return ""
    mute = [name for name, sound in zip(speakers, sides, strict=True) if loudest(sound) < SILENT_BELOW]
    return "both" if len(mute) == 2 else "".join(mute)


def length_fault(seconds: float, expected_s: float | None, of_what: str = "talk") -> str:
    """Why the length is wrong, in words; empty when it is right."""
    if expected_s is None:
        return "how long they talked is not known"
    if abs(seconds - expected_s) <= LENGTH_TOLERANCE_S:
        return ""
    return f"{seconds:.1f} s of sound for {expected_s:.1f} s of {of_what}"
