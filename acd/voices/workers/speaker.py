"""Speaks texts: `python speaker.py MODEL VOICES-FOLDER`, run with the Python of the voice's environment.

A line asks, as {"voice": "zf_xiaoyi", "language": "zh", "text": "…", "to": "/path/raw.wav"}; "to" is written whole, WAV with 16 bit at
24 kHz. The answer is {"seconds": 2.5, "took_s": 1.9, "signs": "…"} or {"error": "…"}. It ends with its input.
"""

import json
import re
import sys
import time
import wave
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from hibari import Hibari
from onnxruntime import InferenceSession, SessionOptions

sys.path.insert(0, str(Path(__file__).parent))
import mandarin

RATE = 24000
MOST_SIGNS = 500
"""Of one piece; the voices have data for 510."""
PAUSE_S, CLAUSE_S = 0.35, 0.24
"""Between two sentences, and at a comma."""
SPEED = {"zh": 0.9, "en": 1.0}
"""Of Kokoro: Mandarin a little slower than it speaks by itself, for the telephone."""
QUIET = 0.008
SHORTEST_GAP_S, NEAR_S = 0.03, 0.6
_SENTENCE = re.compile("[^\u3002!?;.]+[\u3002!?;.]*")


class Speakers:
    """Both engines, each loaded when it is first asked."""

    def __init__(self, model: Path, voices: Path) -> None:
        self._model, self._voices = model, voices

    def speak(self, voice: str, language: str, text: str) -> tuple[Any, str]:
        """Samples between -1 and 1, and the signs that were spoken."""
        pieces: list[Any] = []
        spoken: list[str] = []
        for signs in self._sentences(language, text):
            if pieces:
                pieces.append(np.zeros(round(PAUSE_S * RATE), np.float32))
            samples = self._with_hibari(signs) if voice == "hibari" else self._with_kokoro(voice, language, signs)
            pieces.append(with_pauses(trimmed(samples), signs))
            spoken.append(signs)
        if not pieces:
            raise ValueError("there is nothing in it that can be spoken")
        return np.concatenate(pieces), " ".join(spoken)

    def _sentences(self, language: str, text: str) -> Iterator[str]:
        if language == "zh":
            for sentence in _SENTENCE.findall(mandarin.in_characters(text)):
                if signs := mandarin.phonemes(sentence, self._english):
                    yield from _bounded(signs)
        else:
            for signs in self._hibari.phonemize(text):
                yield from _bounded(signs)

    def _english(self, words: str) -> str:
        return " ".join(self._hibari.phonemize(words)).rstrip(".")

    def _with_hibari(self, signs: str) -> Any:
        return self._hibari.from_phonemes(signs, seed=0)

    def _with_kokoro(self, voice: str, language: str, signs: str) -> Any:
        known = self._hibari.vocab
        tokens = [known[sign] for sign in signs if sign in known]
        asked = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(voice)[min(len(tokens), MOST_SIGNS)],
            "speed": np.array([SPEED[language]], np.float32),
        }
        return self._session.run(None, asked)[0].reshape(-1)

    @cached_property
    def _session(self) -> InferenceSession:
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        return InferenceSession(str(self._model), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _hibari(self) -> Hibari:
        return Hibari()

    @cache  # noqa: B019 - as long as the process
    def _style(self, voice: str) -> Any:
        return np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(-1, 1, 256)


def _bounded(signs: str) -> Iterator[str]:
    """In pieces that the model can speak at once, cut at blanks."""
    while len(signs) > MOST_SIGNS:
        at = max(signs.rfind(" ", 0, MOST_SIGNS), 1)
        yield signs[:at]
        signs = signs[at:].strip()
    if signs:
        yield signs


def trimmed(samples: Any) -> Any:
    """Without the silence around it: the models give a second of it."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    edge = RATE // 50
    return samples[max(0, loud[0] - edge) : loud[-1] + edge] if loud.size else samples[:0]


def with_pauses(samples: Any, signs: str) -> Any:
    """The same, each pause for a comma drawn out: the models hardly make any, and the entries of a menu are to be set apart.

    Where it lies is found by how far the comma stands within the signs: it is the longest silence near there.
    """
    commas = [at / len(signs) for at, sign in enumerate(signs) if sign in ",:" and at < len(signs) - 1]
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    ends = np.flatnonzero(np.diff(loud) > SHORTEST_GAP_S * RATE)
    gaps = [(int(loud[end]), int(loud[end + 1])) for end in ends]
    drawn: dict[int, int] = {}
    for share in commas:
        near = [gap for gap in gaps if abs(sum(gap) / 2 - share * len(samples)) < NEAR_S * RATE]
        if near:
            begin, end = max(near, key=lambda gap: gap[1] - gap[0])
            drawn[(begin + end) // 2] = max(0, round(CLAUSE_S * RATE) - (end - begin))
    places = sorted(drawn)
    silence = [np.zeros(drawn[place], samples.dtype) for place in places]
    cut = np.split(samples, places)
    return np.concatenate([cut[0], *(piece for pair in zip(silence, cut[1:], strict=True) for piece in pair)])


def write(samples: Any, to: str) -> None:
    with wave.open(to, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def main(model: str, voices: str) -> None:
    """Answers each line of the standard input."""
    speakers = Speakers(Path(model), Path(voices))
    for line in sys.stdin:
        asked, began = json.loads(line), time.monotonic()
        try:
            samples, signs = speakers.speak(asked["voice"], asked["language"], asked["text"])
            write(samples, asked["to"])
            answer = {"seconds": len(samples) / RATE, "took_s": time.monotonic() - began, "signs": signs}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
