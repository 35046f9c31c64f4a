"""How well what callers say is recognised: phrases × voices, through 8 kHz A-law, with noise. `python -m tests.bench.speech [--write FILE]`.

Synthetic speech: it says what the chain does with clear words, and not how well it does with people. The voices and the recogniser are
fetched when they are not there (0.8 GB). One thread, and the processor goes to everything else first.
"""

import argparse
import base64
import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acd.cache import cache_folder
from acd.voices import sound
from acd.voices.dialogue import NICE, Worker
from acd.voices.environment import ensure_recogniser, ensure_voice
from ivr.speech.asking import LIKELY
from ivr.speech.digits import digits_of
from ivr.speech.matching import match

VOICES = {"zh": ("zm_yunjian", "zf_xiaoyi", "zm_yunxia"), "en": ("hibari", "am_michael", "bf_emma")}
MENU = {
    "zh": {"1": ["订单查询", "我要查一下订单"], "2": ["售后服务"], "3": ["投诉建议"], "0": ["人工服务", "转人工"], "#": ["重听"],
           "*": ["返回上一级"], "4": ["营业时间"], "5": ["查询物流"]},
    "en": {"1": ["orders", "I want to check my orders"], "2": ["after-sales"], "3": ["complaints"], "0": ["an agent", "operator"],
           "#": ["repeat"], "*": ["go back"], "4": ["opening hours"], "5": ["track my parcel"]},
}  # fmt: skip
"""Key to what is said for it: the phrases that the menu expects, but for key 1, of which the second is a sentence around SHORT."""
SHORT = {"zh": "订单", "en": "order"}
NUMBERS = {
    "zh": {"20261103": "二零二六幺幺零三", "12345678": "我的订单号是幺二三四五六七八"},
    "en": {"20261103": "two zero two six one one zero three", "12345678": "my order number is one two three four five six seven eight"},
}  # fmt: skip
NOISES: dict[str, float | None] = {"clean": None, "15 dB": 15.0}
"""Noise like a room full of voices, so much softer than the speech."""


def a_law(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a telephone line with G.711 A-law leaves of it."""
    a = 87.6
    size = np.clip(np.abs(samples), 0, 1)
    pressed = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1))) / (1 + np.log(a))
    step = np.round(pressed * 127) / 127
    opened = np.where(step < 1 / (1 + np.log(a)), step * (1 + np.log(a)) / a, np.exp(step * (1 + np.log(a)) - 1) / a)
    result: NDArray[np.float64] = np.sign(samples) * opened
    return result


def noisy(samples: NDArray[np.float64], decibels: float | None, seed: int) -> NDArray[np.float64]:
    """With noise that falls by 6 dB an octave above 300 Hz."""
    if decibels is None:
        return samples
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(len(samples)))
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    noise = np.fft.irfft(spectrum * np.where(hertz < 200, 0.1, 300 / np.maximum(hertz, 300)), len(samples))
    loud = samples[np.abs(samples) > 0.02]
    mixed: NDArray[np.float64] = samples + noise / noise.std() * loud.std() * 10 ** (-decibels / 20)
    return mixed


def spoken(speaker: Worker, language: str, voice: str, text: str) -> NDArray[np.float64]:
    """The text at 8 kHz, as loud as on the telephone."""
    folder = cache_folder() / "speech-bench"
    folder.mkdir(exist_ok=True)
    file = folder / f"{hashlib.sha256(f'{voice}{text}'.encode()).hexdigest()[:24]}.wav"
    if not file.exists():
        speaker.ask(voice=voice, language=language, text=text, to=str(file))
    read = sound.read(file)
    return np.asarray(sound.levelled(sound.trimmed(sound.resampled(read.samples, read.rate), 0.2)), np.float64)


def said() -> Iterator[tuple[str, str, str, str]]:
    """(language, "choice" or "number", what is to come out, text)."""
    for language, menu in MENU.items():
        yield from ((language, "choice", key, text) for key, texts in menu.items() for text in texts)
        yield from ((language, "number", digits, text) for digits, text in NUMBERS[language].items())


def main() -> None:
    """Prints a table for Markdown."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--write", type=Path)
    asked.add_argument("--no-hints", action="store_true", help="The recogniser is not told which phrases are expected.")
    asked.add_argument("--verbose", action="store_true")
    options = asked.parse_args()
    os.nice(NICE)
    outcomes: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    took: list[float] = []
    with Worker.speaker(ensure_voice()) as speaker, Worker.recogniser(ensure_recogniser()) as recogniser:
        for language, kind, wanted, text in said():
            menu = {
                key: [*texts[:1], SHORT[language]] if key == "1" else texts for key, texts in MENU[language].items()
            }
            hints = [] if options.no_hints or kind == "number" else [each for texts in menu.values() for each in texts]
            for voice in VOICES[language]:
                clean = spoken(speaker, language, voice, text)
                for noise, decibels in NOISES.items():
                    samples = (a_law(noisy(clean, decibels, len(took))) * 32767).astype("<i2")
                    began = time.monotonic()
                    answer = recogniser.ask(
                        sound=base64.b64encode(samples.tobytes()).decode(), language=language, kind=kind, hints=hints
                    )  # fmt: skip
                    took.append(time.monotonic() - began)
                    if kind == "number":
                        digits = digits_of(answer["text"])
                        what = "right" if digits == wanted else "wrong" if digits else "nothing"
                    else:
                        found = match(answer["text"], menu)
                        if found.certainty == "sure" and answer["confidence"] < LIKELY:
                            found = replace(found, certainty="unsure")
                        right = found.key == wanted
                        what = {
                            "sure": "right" if right else "wrong",
                            "unsure": "asked back" if right else "asked back, other",
                        }.get(found.certainty, "nothing")
                    outcomes[language, kind, noise][what] += 1
                    if options.verbose:
                        print(
                            language,
                            voice,
                            noise,
                            text,
                            "->",
                            answer["text"],
                            what,
                            f"{answer['confidence']:.2f}",
                            f"{took[-1]:.1f} s",
                            flush=True,
                        )
    columns = ("right", "asked back", "asked back, other", "nothing", "wrong")
    lines = [f"| | noise | of | {' | '.join(columns)} |", f"|---|---|---|{'---|' * len(columns)}"]
    for (language, kind, noise), counts in outcomes.items():
        lines.append(
            f"| {language} {kind} | {noise} | {sum(counts.values())} | {' | '.join(str(counts[each]) for each in columns)} |"
        )
    lines.append(
        f"\nSeconds an answer: median {np.median(took):.2f}, 95 % {np.percentile(took, 95):.2f}, most {max(took):.2f}."
    )
    print("\n".join(lines))
    if options.write:
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
