"""When somebody speaks: the energy of frames against the noise of the line. Pure functions on arrays.

A line's noise is the least that its frames have around a moment; speech stands well above it. Steady noise of a room, the codec's own noise and
digital silence are no speech. docs/analysis.md has the measured recall, and decision 63 the comparison with WebRTC's detector.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from recordings.analysis.sound import Samples
from recordings.wav import RATE

FRAME = RATE // 50
"""Samples in 20 ms."""
FRAME_S = FRAME / RATE
NOTHING_DB = -96.0
"""Of a frame of zeros."""
LEAST_DB = -48.0
"""What is softer is no speech, however quiet the line is."""
ABOVE_NOISE_DB = 8.0
"""Speech begins with a frame that is so much louder than the noise …"""
GOES_ON_DB = 4.5
"""… and lasts, before it and after it, while frames are so much louder."""
BELOW_SPEECH_DB = 30.0
"""What is so much softer than the side's loud speech is breath or an echo."""
AROUND_S = 4.0
"""The noise of a moment is looked for so far before and after it."""
ECHO_DB = 22.0
"""While the other side is so much louder, it is their voice that comes back."""
SHORTEST_S = 0.1
GAP_S = 0.3
"""A shorter pause is one between words."""

Levels = NDArray[np.float32]
"""dBFS of each frame."""
Mask = NDArray[np.bool_]
Spans = list[tuple[float, float]]
"""From and to, in seconds, in order, apart from each other."""


def levels(samples: Samples) -> Levels:
    """The level of each whole frame; hum and direct current, which are no voice, are weakened."""
    count = len(samples) // FRAME
    if not count:
        return np.zeros(0, np.float32)
    frames = samples[: count * FRAME].reshape(count, FRAME)
    frames = frames - frames.mean(axis=1, keepdims=True)
    power = np.einsum("ij,ij->i", frames, frames) / FRAME
    result: Levels = np.maximum(10 * np.log10(power + 1e-12), NOTHING_DB).astype(np.float32)
    return result


def spoken(own: Levels, other: Levels) -> Mask:
    """For each frame whether this side speaks. `other`: the levels of the other side, whose echo does not count."""
    if not len(own):
        return np.zeros(0, np.bool_)
    live = own[own > NOTHING_DB + 6]
    if not len(live):
        return np.zeros(len(own), np.bool_)
    loud = float(np.percentile(live, 95))
    quiet, least = noise(own), max(LEAST_DB, loud - BELOW_SPEECH_DB)
    certain, possible = (
        (own > np.clip(quiet + above, least, loud - 6)) & (other - own < ECHO_DB)
        for above in (ABOVE_NOISE_DB, GOES_ON_DB)
    )
    return _shaped(_holding(possible, certain))


def noise(own: Levels) -> Levels:
    """The noise of the line at each frame: the least level, over 100 ms, within `AROUND_S`."""
    # Frames of zeros (a mute, a lost packet) tell nothing of the line.
    known = np.where(own > NOTHING_DB + 6, own, np.float32(0))
    smooth = np.convolve(np.pad(known, 2, mode="edge"), np.full(5, 0.2, np.float32), "valid")
    step = round(0.5 / FRAME_S)
    blocks = -(-len(smooth) // step)
    padded = np.pad(smooth, (0, blocks * step - len(smooth)), constant_values=0)
    lowest = padded.reshape(blocks, step).min(axis=1)
    reach = round(AROUND_S / 0.5)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(lowest, reach, mode="edge"), 2 * reach + 1).min(axis=1)
    found: Levels = np.repeat(around, step)[: len(own)].astype(np.float32)
    return found


def spans_of(mask: Mask) -> Spans:
    """The stretches in which the mask holds."""
    return [(round(float(a) * FRAME_S, 2), round(float(b) * FRAME_S, 2)) for a, b in _runs(mask)]


def mask_of(spans: Spans, frames: int) -> Mask:
    """The other way round."""
    mask = np.zeros(frames, np.bool_)
    for begin, end in spans:
        mask[round(begin / FRAME_S) : round(end / FRAME_S)] = True
    return mask


def _runs(mask: Mask) -> NDArray[np.intp]:
    """From and to, in frames, of each run in which the mask holds; one row for each."""
    return np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))).reshape(-1, 2)


def _holding(possible: Mask, certain: Mask) -> Mask:
    """The runs of `possible` in which a frame is certain."""
    counted = np.concatenate(([0], np.cumsum(certain)))
    held = np.zeros(len(possible), np.bool_)
    for begin, end in _runs(possible):
        held[begin:end] = counted[end] > counted[begin]
    return held


def _shaped(mask: Mask) -> Mask:
    """Without clicks, and without the pauses between words."""
    mask = _without(mask, round(SHORTEST_S / FRAME_S), value=True)
    return _without(mask, round(GAP_S / FRAME_S), value=False)


def _without(mask: Mask, frames: int, *, value: bool) -> Mask:
    """Runs of `value` shorter than so many frames are turned over; those at the ends only where they are True."""
    result = mask.copy()
    edges = np.flatnonzero(np.diff(mask.astype(np.int8))) + 1
    bounds = np.concatenate(([0], edges, [len(mask)]))
    for begin, end in itertools.pairwise(bounds):
        inner = value or (begin > 0 and end < len(mask))
        if end - begin < frames and inner and len(mask) and bool(mask[begin]) is value:
            result[begin:end] = not value
    return result
