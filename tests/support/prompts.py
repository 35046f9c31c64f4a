"""A folder of prompts as a start leaves it: every prompt is there, and each is the same short tone."""

import os
from pathlib import Path

from ivr.prompts import languages, read_texts
from tests.support.audio import tone


def whole_prompts(sounds: Path) -> None:
    """Fills the folder; what is there already stays."""
    spoken = sounds / "spoken.wav"
    tone(spoken, 500, 0.1)
    named = [f"{code}/{name}" for code in languages() for name in read_texts(code).all()]
    for name in (*named, "music/hold", "tones/listening", "tones/beep"):
        place = sounds / f"{name}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():
            os.link(spoken, place)
    spoken.unlink()
