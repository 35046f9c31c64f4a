"""Sound files as Asterisk leaves them: whole, still open, cut short, damaged."""

import struct
from pathlib import Path

import numpy as np

RATE = 8000


def tone_samples(seconds: float, hertz: float = 440.0, level: float = 0.3) -> bytes:
    at = np.arange(int(seconds * RATE)) / RATE
    return bytes((np.sin(2 * np.pi * hertz * at) * level * 32767).astype("<i2").tobytes())


def speech(seconds: float, seed: int = 1) -> bytes:
    """Noise in bursts: no two seeds sound alike."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(0, 3000, int(seconds * RATE))
    return bytes(np.clip(noise, -32000, 32000).astype("<i2").tobytes())


def header(length: int) -> bytes:
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", length + 36, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16, b"data", length
    )


def write(file: Path, sound: bytes, said: int | None = None) -> None:
    """`said`: what the header claims; the true length when it is None."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(header(len(sound) if said is None else said) + sound)


def left_over(root: Path) -> list[str]:
    """What lies in `live`, but for the file by which the disk is tried now and then."""
    return sorted(each.name for each in (root / "live").iterdir() if each.name != ".probe")


def talk(root: Path, offer: str, caller: bytes, agent: bytes, said: int | None = None) -> None:
    """The three files of one leg."""
    live = root / "live"
    longest = max(len(caller), len(agent))
    mixed = (
        np.frombuffer(caller.ljust(longest, b"\0"), "<i2") // 2 + np.frombuffer(agent.ljust(longest, b"\0"), "<i2") // 2
    )
    write(live / f"{offer}.wav", mixed.astype("<i2").tobytes(), said)
    write(live / f"{offer}-caller.wav", caller, said)
    write(live / f"{offer}-agent.wav", agent, said)
