"""Talks that are put together, with everything that is to be found in them known: the shipped prompts as two voices, gaps, overlaps and
raised voices at known places, noise, and what a codec leaves of it.

Nobody shouts in a prompt: a raised voice is the same speech faster (thus higher), louder, and with more of its upper half. It says what the
chain does with such a sound, and not how people shout.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from acd.voices.sound import resampled

RATE = 8000
ROOT = Path(__file__).parents[2]
SENTENCES = 24
"""Of each language: enough that no two talks are alike."""
Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Label:
    """One thing that is there."""

    kind: str
    side: str
    from_s: float
    to_s: float


@dataclass(slots=True)
class Talk:
    """Two sides and what is to be found in them."""

    caller: Samples
    agent: Samples
    labels: list[Label] = field(default_factory=list)
    speech: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {"caller": [], "agent": []})

    @property
    def seconds(self) -> float:
        return len(self.caller) / RATE


@cache
def sentences(language: str) -> tuple[Samples, ...]:
    """The shipped prompts of a length between 1.2 and 8 s, each with the level of a telephone, without silence at its ends."""
    found: list[Samples] = []
    for file in sorted((ROOT / "ivr" / "prompts" / "spoken" / language).glob("*.ogg")):
        if len(found) == SENTENCES:
            break
        sound, rate = soundfile.read(file, dtype="float64", always_2d=True)
        one = resampled(sound.mean(axis=1), rate)
        loud = np.flatnonzero(np.abs(one) > 0.01)
        if not len(loud):
            continue
        one = one[loud[0] : loud[-1]]
        if 1.2 * RATE <= len(one) <= 8 * RATE:
            found.append(one / np.sqrt(np.mean(one[np.abs(one) > 0.02] ** 2)) * 10 ** (-22 / 20))
    return tuple(found)


def at_pitch(sound: Samples, factor: float) -> Samples:
    """As another voice: faster and higher by so much."""
    places = np.arange(0, len(sound) - 1, factor)
    moved: Samples = np.interp(places, np.arange(len(sound)), sound)
    return moved


def raised(sound: Samples, decibels: float, factor: float) -> Samples:
    """The same, said with a raised voice."""
    other = at_pitch(sound, factor)
    bright = other + 0.4 * np.concatenate(([0.0], np.diff(other)))
    bright *= np.sqrt(np.mean(other**2) / np.mean(bright**2)) * 10 ** (decibels / 20)
    shouted: Samples = np.tanh(bright)
    return shouted


def a_law(samples: Samples) -> Samples:
    """What G.711 A-law leaves."""
    a = 87.6
    size = np.clip(np.abs(samples), 0, 1)
    pressed = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / (1 + np.log(a))
    step = np.round(pressed * 127) / 127
    opened = np.where(step < 1 / (1 + np.log(a)), step * (1 + np.log(a)) / a, np.exp(step * (1 + np.log(a)) - 1) / a)
    result: Samples = np.sign(samples) * opened
    return result


def opus(samples: Samples) -> Samples:
    """What Opus leaves of one side."""
    made = io.BytesIO()
    soundfile.write(made, samples, RATE, format="OGG", subtype="OPUS")
    made.seek(0)
    back, _ = soundfile.read(made, dtype="float64")
    return np.pad(back, (0, max(0, len(samples) - len(back))))[: len(samples)]


CODECS: dict[str, Callable[[Samples], Samples]] = {"none": lambda sound: sound, "A-law": a_law, "Opus": opus}
NOISES: dict[str, float | None] = {"none": None, "25 dB": 25.0, "15 dB": 15.0}
"""Noise of a room, so much softer than speech."""


def noise(count: int, decibels: float | None, random: np.random.Generator) -> Samples:
    """Noise that falls by 6 dB an octave above 300 Hz; None: of a quiet line, -65 dBFS."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    made = np.fft.irfft(spectrum * np.where(hertz < 200, 0.1, 300 / np.maximum(hertz, 300)), count)
    result: Samples = made / made.std() * 10 ** ((-65 if decibels is None else -22 - decibels) / 20)
    return result


class Builder:
    """Puts a talk together, one turn after the other."""

    def __init__(self, seed: int, seconds: float = 400.0) -> None:
        self.random = np.random.default_rng(seed)
        self._sides = {side: np.zeros(int(seconds * RATE)) for side in ("caller", "agent")}
        self.talk = Talk(np.zeros(0), np.zeros(0))
        self.at = 0.0
        languages = ["zh", "en"]
        self.random.shuffle(languages)
        self._languages = dict(zip(("caller", "agent"), languages, strict=True))
        self._factors = {side: float(self.random.uniform(0.88, 1.12)) for side in ("caller", "agent")}

    def sentence(self, side: str, at_least: float = 0.0) -> Samples:
        """One of the side's sentences, as it says it."""
        fit = [each for each in sentences(self._languages[side]) if len(each) / RATE / self._factors[side] >= at_least]
        return at_pitch(fit[int(self.random.integers(len(fit)))], self._factors[side])

    def put(self, side: str, sound: Samples, at: float) -> float:
        """Puts it there; when it ends."""
        begin = int(at * RATE)
        self._sides[side][begin : begin + len(sound)] += sound
        end = at + len(sound) / RATE
        self.talk.speech[side].append((at, end))
        return end

    def say(self, side: str, gap: float | None = None) -> None:
        """A turn, after a pause."""
        self.at += float(self.random.uniform(0.4, 1.5)) if gap is None else gap
        self.at = self.put(side, self.sentence(side), self.at)

    def shout(self, side: str, decibels: float = 12.0, factor: float = 1.3) -> None:
        """A turn with a raised voice."""
        self.at += float(self.random.uniform(0.4, 1.0))
        begin = self.at
        self.at = self.put(side, raised(self.sentence(side, 3.2), decibels, factor), begin)
        self.label("raised-voice", side, begin, self.at)

    def interrupt(self) -> None:
        """The agent begins in the middle of the caller's sentence."""
        self.at += 0.6
        theirs = self.sentence("caller", 4.0)
        begin = self.at + float(self.random.uniform(1.0, 1.8))
        ends = self.put("caller", theirs, self.at)
        own = self.put("agent", self.sentence("agent", 2.0), begin)
        self.label("interruption", "agent", begin, min(own, ends))
        self.at = max(own, ends)

    def agree(self) -> None:
        """The agent's short "yes" while the caller speaks: no interruption."""
        self.at += 0.6
        begin = self.at + 1.0
        self.at = self.put("caller", self.sentence("caller", 3.5), self.at)
        self.put("agent", self.sentence("agent")[: int(0.4 * RATE)], begin)

    def silence(self, seconds: float, *, counts: bool) -> None:
        """Nobody speaks."""
        if counts:
            self.label("dead-air", "", self.at, self.at + seconds)
        self.at += seconds

    def label(self, kind: str, side: str, begin: float, end: float) -> None:
        self.talk.labels.append(Label(kind, side, begin, end))

    def done(self, codec: str, decibels: float | None, echo_db: float | None = None) -> Talk:
        """The talk as the recording has it. `echo_db`: the caller comes back on the agent's side so much softer."""
        count = int((self.at + 0.5) * RATE)
        caller, agent = (side[:count] for side in self._sides.values())
        if echo_db is not None:
            agent = agent + np.concatenate((np.zeros(400), caller[:-400])) * 10 ** (-echo_db / 20)
        made = [CODECS[codec](np.clip(side + noise(count, decibels, self.random), -1, 1)) for side in (caller, agent)]
        self.talk.caller, self.talk.agent = made
        return self.talk


def talk(seed: int, codec: str = "none", decibels: float | None = None, echo_db: float | None = None) -> Talk:
    """A talk of two to four minutes with some of everything that is to be found, and things that only look like it."""
    builder = Builder(seed)
    random = builder.random
    if seed % 3 == 0:
        builder.at = float(random.uniform(4.0, 7.0))
        builder.label("greeting-late", "agent", 0.0, builder.at)
        builder.say("agent", 0.0)
    else:
        builder.say("agent", float(random.uniform(0.5, 2.2)))
    acts: list[Callable[[], Any]] = [
        *[lambda: builder.say("caller"), lambda: builder.say("agent")] * 6,
        *[builder.interrupt] * int(random.integers(0, 3)),
        *[builder.agree] * 2,
        *[lambda: builder.silence(float(random.uniform(11, 16)), counts=True)] * int(random.integers(0, 3)),
        lambda: builder.silence(float(random.uniform(5, 8)), counts=False),
        *[lambda: builder.shout("caller")] * int(random.integers(0, 3)),
        *[lambda: builder.shout("agent")] * int(random.integers(0, 2)),
    ]
    random.shuffle(acts)
    silent = False
    for act in acts:
        is_silence = act.__code__.co_names[-1:] == ("silence",) or "silence" in act.__code__.co_names
        if is_silence and silent:
            builder.say("agent")  # two silences in a row were one
        act()
        silent = is_silence
    builder.say("agent", 0.5)
    return builder.done(codec, decibels, echo_db)


def as_wav(one: Talk, form: str = "WAV", subtype: str = "PCM_16") -> io.BytesIO:
    """The recording, caller left and agent right."""
    made = io.BytesIO()
    soundfile.write(made, np.stack([one.caller, one.agent], axis=1), RATE, format=form, subtype=subtype)
    made.seek(0)
    return made
