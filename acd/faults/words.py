"""The words of a fault: the sound files in which they are spoken."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

PREFIX = "told-"
"""Of the names of such files: they are no fixed prompts."""
LANGUAGES = ("zh", "en")


def prompt_of(text: str) -> str:
    """The sound file of this text; empty for no text."""
    return f"{PREFIX}{hashlib.sha256(text.encode()).hexdigest()[:16]}" if text else ""


def texts_of(row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(language, prompt, text) of everything that callers hear of a fault. `row`: of acd/engine/faults/told.py."""
    said = [(language, str(row[f"{part}{language}"])) for part in ("", "other_", "news_") for language in LANGUAGES]
    return [(language, prompt_of(text), text) for language, text in said if text]


def all_texts(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """The same of many faults, each once."""
    return list(dict.fromkeys(each for row in rows for each in texts_of(row)))
