"""Hears sounds: `python recogniser.py MODEL-FOLDER`, run with the Python of the recogniser's environment.

A line asks, as {"file": "/path/prompt.wav", "language": "zh"}; the answer is {"text": "…", "pinyin": "nin2 hao3", "took_s": 1.2} or
{"error": "…"}. The pinyin is that of the text, for comparing by sound. {"pinyin_of": "…"} is answered without listening. It ends with its
input.

A caller's words come as {"sound": "<base64 of 16 bit little-endian samples>", "rate": 8000, "language": "zh", "kind": "choice", "hints":
["订单查询", …]}, and never as a file.
"""

import base64
import json
import sys
import time
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from pypinyin import Style, lazy_pinyin

SIMPLIFIED = "以下是普通话的句子。"
"""Said before: else the model writes some characters in their traditional form."""
DIGITS = "号码：3 0 9 5 5 8 7 4。"
"""Said before a number, so that the model writes digits; it hears no more of them right (docs/speech.md)."""
SOFTEST = 0.005
"""Peak of a sound that is listened to."""
RATE = 16000
"""Of what the model hears."""
NO_SPEECH, UNLIKELY = 0.8, -1.3
"""Above this probability that nobody speaks, or below this mean logarithm of the text's, nothing was said."""
LOUD = 0.3
"""Peak to which a caller's sound is brought."""


def heard(model: WhisperModel, file: str, language: str) -> str:
    """The text of a file; empty where no speech is in it."""
    words: dict[str, Any] = {
        "language": language,
        "beam_size": 5,
        "condition_on_previous_text": False,
        "without_timestamps": True,
    }
    if language == "zh":
        words["initial_prompt"] = SIMPLIFIED
    segments, _ = model.transcribe(file, **words)
    text = "".join(segment.text for segment in segments).strip()
    # Of a sound without speech the model gives back what it was told before.
    return "" if SIMPLIFIED in text else text


def said(model: WhisperModel, samples: Any, language: str, hints: list[str], kind: str = "choice") -> tuple[str, float]:
    """What a caller has said, and how likely the text is (0 to 1); empty where it was no speech. `samples` at 8 kHz, between -1 and 1."""
    if not len(samples) or float(np.abs(samples).max()) < SOFTEST:
        return "", 0.0  # of digital silence the model makes a phrase that it was told of
    chinese = language == "zh"
    known = [each for each in hints if any("\u4e00" <= letter <= "\u9fff" for letter in each) == chinese]
    before = (SIMPLIFIED if chinese else "") + ("、" if chinese else ", ").join(known)
    if kind == "number" and chinese:
        before = DIGITS
    segments, _ = model.transcribe(
        doubled(samples), language=language, beam_size=5, temperature=0.0, condition_on_previous_text=False, without_timestamps=True,
        initial_prompt=before or None, no_speech_threshold=None, log_prob_threshold=None, compression_ratio_threshold=None,
        max_new_tokens=60,
    )  # fmt: skip
    found = [each for each in segments if each.no_speech_prob < NO_SPEECH and each.avg_logprob > UNLIKELY]
    text = "".join(each.text for each in found).strip()
    if not text or (before and (before in text or text in SIMPLIFIED)) or len(set(known) & set(_listed(text))) > 1:
        return "", 0.0  # of a noise the model gives back what it was told before
    return text, float(np.exp(min(each.avg_logprob for each in found)))


def _listed(text: str) -> list[str]:
    return [each.strip(" .。") for each in text.replace("、", ",").replace("，", ",").split(",")]


def doubled(samples: Any) -> Any:
    """Of 8 kHz the same at 16 kHz, brought to one loudness, with a little silence around."""
    padded = np.pad(samples, (1600, 3200))
    spectrum = np.fft.rfft(padded)
    whole = np.zeros(len(padded) + 1, complex)
    whole[: len(spectrum)] = spectrum * 2
    sound = np.fft.irfft(whole, 2 * len(padded)).astype(np.float32)
    return sound * (LOUD / max(float(np.abs(sound).max()), 1e-3))


def answer_to(model: WhisperModel, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer to one line, without how long it took."""
    if "sound" in asked:
        samples = np.frombuffer(base64.b64decode(asked["sound"]), "<i2").astype(np.float32) / 32768
        text, confidence = said(model, samples, asked["language"], asked.get("hints", []), asked.get("kind", ""))
        return {"text": text, "confidence": confidence}
    text = asked["pinyin_of"] if "pinyin_of" in asked else heard(model, asked["file"], asked["language"])
    return {"text": text, "pinyin": pinyin(text)}


def pinyin(text: str) -> str:
    """The syllables of a text, with their tones."""
    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore"))


def main(folder: str) -> None:
    """Answers each line of the standard input."""
    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=1, num_workers=1)
    for line in sys.stdin:
        asked, began = json.loads(line), time.monotonic()
        try:
            answer = answer_to(model, asked) | {"took_s": time.monotonic() - began}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
