"""How high and how loud a voice is: facts of its sound, and no statement about feelings. Pure functions on arrays."""

import numpy as np
from numpy.typing import NDArray

from recordings.analysis.activity import FRAME, Levels, Mask
from recordings.analysis.sound import Samples
from recordings.wav import RATE

HOP = RATE // 8
"""One look at the pitch each 125 ms."""
WINDOW = 512
LOWEST_HZ, HIGHEST_HZ = 70.0, 500.0
PERIODIC = 0.45
"""Of the energy so much must come again after a period, or it is no vowel."""
STRETCH_S = 0.5
"""Loudness and pitch are told for stretches of this length."""

Pitches = NDArray[np.float32]


def pitches(samples: Samples) -> Pitches:
    """The pitch in Hz at every `HOP` samples, 0 where there is none: the peak of the autocorrelation."""
    count = max(0, (len(samples) - WINDOW) // HOP + 1)
    if not count:
        return np.zeros(len(samples) // HOP, np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
    windows = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(WINDOW).astype(np.float32)
    spectrum = np.fft.rfft(windows, 2 * WINDOW, axis=1)
    # Above 1 kHz a telephone's voice has little of its pitch, and a codec much of its noise.
    spectrum[:, round(1000 / RATE * 2 * WINDOW) :] = 0
    same = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :WINDOW]
    shortest, longest = int(RATE / HIGHEST_HZ), int(RATE / LOWEST_HZ)
    # A window has less of itself the further it is shifted.
    taper = np.correlate(np.hanning(WINDOW), np.hanning(WINDOW), "full")[WINDOW - 1 :]
    taper = taper / taper[0]
    share = same[:, shortest:longest] / (same[:, :1] + 1e-9) / taper[shortest:longest]
    best = share.max(axis=1)
    # The first peak that is nearly the best: a later one is an octave too low.
    first = (share >= best[:, None] * 0.9).argmax(axis=1)
    climb = np.minimum(first + 8, share.shape[1])
    place = np.array([f + int(np.argmax(row[f:c])) for row, f, c in zip(share, first, climb, strict=True)], dtype=int)
    hertz = RATE / (place + shortest)
    found = np.where((best > PERIODIC) & (same[:, 0] > 1e-6), hertz, 0.0).astype(np.float32)
    result: Pitches = np.pad(found, (0, max(0, len(samples) // HOP - count)))
    return result


def stretches(levels: Levels, pitch: Pitches, mask: Mask) -> list[tuple[float, float, float]]:
    """(from_s, level dBFS, pitch Hz or 0) of each stretch of `STRETCH_S` that is half full of speech."""
    step = round(STRETCH_S * RATE / FRAME)
    looks = round(STRETCH_S * RATE / HOP)
    found: list[tuple[float, float, float]] = []
    for number in range(len(mask) // step):
        frames = slice(number * step, (number + 1) * step)
        spoken = mask[frames]
        if spoken.mean() < 0.5:
            continue
        power = float(np.mean(10 ** (levels[frames][spoken] / 10)))
        tones = pitch[number * looks : (number + 1) * looks]
        tones = tones[tones > 0]
        hertz = float(np.median(tones)) if len(tones) else 0.0
        found.append((number * STRETCH_S, round(10 * float(np.log10(power + 1e-12)), 1), round(hertz, 0)))
    return found
