"""Sound files that tests make, and how long they are."""

import math
import struct
import wave
from pathlib import Path


def tone(file: Path, hz: int, seconds: float) -> None:
    """Writes a soft tone as 8 kHz mono WAV; folders are made where they are missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    samples = [int(4000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(int(8000 * seconds))]
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, len(samples), "NONE", "not compressed"))
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def seconds_of(file: Path) -> float:
    """The file's length in seconds, by its frames."""
    with wave.open(str(file)) as sound:
        return float(sound.getnframes() / sound.getframerate())
