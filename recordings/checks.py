"""What makes a recording good: as long as the talk, with somebody on each side, neither too soft nor cut off at full scale."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from acd.config.quality import RecordingChecks
from acd.engine.commands import Span
from recordings.wav import RATE, SAMPLE

LENGTH_TOLERANCE_S = 1.0
"""Sound and talk may differ by so much; docs/definitions.md#recording-whole."""
JUDGED_FROM_S = 3.0
"""In less time than this a person may well have said nothing."""
LIMITS = RecordingChecks()
NOTHING_DB = -96.0
_WINDOW = RATE // 10
_SPEECH_DB = 20.0
"""What is so much softer than the loud tenths of a second is a pause."""
_HEARD = 10 ** (-50 / 20) * 32768
"""In softer tenths of a second nothing stands at full scale."""
_FULL = 32000
"""The highest step of A-law is 32256, of mu-law 32124; the next ones are below 31300."""


@dataclass(frozen=True, slots=True)
class Level:
    """How loud one side is, in dBFS."""

    loudest_db: float
    """Of the loudest tenth of a second."""
    speech_db: float
    """Of the tenths of a second in which somebody speaks, together."""
    clipped_percent: float
    """Of the samples in which something is heard, those at full scale."""


def unmasked(sound: bytes, spans: Iterable[Span]) -> bytes:
    """The sound without its masked spans, which hold nothing that could be judged."""
    kept, at = [], 0
    for begin, end in sorted((span["from_s"], span["to_s"]) for span in spans if span["kind"] == "masked"):
        until = max(at, round(begin * RATE) * SAMPLE)
        kept.append(sound[at:until])
        at = max(until, round(end * RATE) * SAMPLE)
    return b"".join((*kept, sound[at:]))


def level_of(sound: bytes) -> Level:
    """16 bit little-endian samples at 8 kHz; looked at once."""
    samples = np.frombuffer(sound, dtype="<i2")
    if not len(samples):
        return Level(NOTHING_DB, NOTHING_DB, 0.0)
    width = min(_WINDOW, len(samples))
    pieces = samples[: len(samples) // width * width].reshape(-1, width)
    power = np.square(pieces, dtype=np.float32).mean(axis=1)
    rms = np.sqrt(power)
    loud = float(np.percentile(rms, 98))
    spoken = power[rms >= loud * 10 ** (-_SPEECH_DB / 20)]
    heard = pieces[rms >= _HEARD]
    full = float(((heard >= _FULL) | (heard <= -_FULL)).mean()) if len(heard) else 0.0
    return Level(_db(float(rms.max())), _db(float(np.sqrt(spoken.mean()))), round(100 * full, 2))


def _db(rms: float) -> float:
    return max(NOTHING_DB, round(20 * float(np.log10(rms / 32768 + 1e-9)), 1))


def silent_sides(levels: Mapping[str, Level], seconds: float, limits: RecordingChecks = LIMITS) -> str:
    """Which of the speakers is not to be heard; "both" of two, or empty."""
    if seconds < JUDGED_FROM_S:
        return ""
    mute = [name for name, level in levels.items() if level.loudest_db < limits.silent_below_db]
    return "both" if len(mute) == 2 else "".join(mute)


def level_faults(levels: Mapping[str, Level], seconds: float, limits: RecordingChecks = LIMITS) -> tuple[str, ...]:
    """Whose level is wrong, in words; of a silent side nothing, for that is said already."""
    if seconds < limits.levels_from_s:
        return ()
    found = []
    for name, level in levels.items():
        if level.loudest_db < limits.silent_below_db:
            continue
        if level.speech_db < limits.quiet_below_db:
            found.append(f"the {name}'s side is too quiet: {level.speech_db:.0f} dBFS, below {limits.quiet_below_db:g}")
        if level.clipped_percent > limits.clipped_percent:
            found.append(
                f"the {name}'s side is clipped: {level.clipped_percent:.1f} % of its samples at full scale, more than {limits.clipped_percent:g}"
            )
    return tuple(found)


def length_fault(seconds: float, expected_s: float | None, of_what: str = "talk") -> str:
    """Why the length is wrong, in words; empty when it is right."""
    if expected_s is None:
        return "how long they talked is not known"
    if abs(seconds - expected_s) <= LENGTH_TOLERANCE_S:
        return ""
    return f"{seconds:.1f} s of sound for {expected_s:.1f} s of {of_what}"
