"""Whether calls are taken now: the hours of the configuration, and what an operator has set in their place for today."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acd.config.schema import Config

NOTHING_SET: Mapping[str, Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class OpenNow:
    """The state at one moment."""

    open: bool
    next_open: datetime | None = None
    """When it opens; None where it is open, or does not open within 400 days."""
    set_by: str = ""
    """The operator who has set it for today; empty: it follows the hours."""
    until: datetime | None = None
    zh: str = ""
    """What callers hear, in the operator's words; empty: what they hear at any time outside the hours."""
    en: str = ""

    @property
    def prompt(self) -> str:
        """The name of the sound file with the operator's words; empty: there are none."""
        return words_prompt(self.zh, self.en) if self.zh or self.en else ""


def open_now(
    config: Config,
    hours_set: Mapping[str, Mapping[str, Any]],
    now: datetime,
    queue: str = "",
    number: str = "",
    brand: str = "",
) -> OpenNow:
    """Whether a call is taken at `now` (aware). `hours_set`: as in `Acd.snapshot`; what is set for the queue goes before what is set for
    the whole hotline."""
    for scope in dict.fromkeys((queue, "")):
        row = hours_set.get(scope)
        until = datetime.fromisoformat(str(row["until"])) if row else now
        if row is None or until <= now:
            continue
        opens = None if row["open"] else config.next_open(until, queue, number, brand)
        words = (str(row.get("zh", "")), str(row.get("en", "")))
        return OpenNow(bool(row["open"]), opens, str(row.get("by", "")) or "?", until, *words)
    if config.is_open(now, queue, number, brand):
        return OpenNow(True)
    return OpenNow(False, config.next_open(now, queue, number, brand))


def words_prompt(zh: str, en: str) -> str:
    """The sound file in which these words are spoken, in each language's folder."""
    return f"today-{hashlib.sha256(f'{zh}|{en}'.encode()).hexdigest()[:12]}"
