"""An alarm as page, API, command line and the ways outward have it: codes and times for machines, sentences for people."""

from collections.abc import Mapping
from typing import Any

from acd.alarms.book import Alarm
from acd.words import alarm as in_words
from acd.words.alarm_titles import title

LANGUAGES = ("zh", "en")


def alarm_row(alarm: Alarm, *, history: bool = False) -> dict[str, Any]:
    """JSON-able; times are ISO 8601, aware. `history`: with its steps, the oldest first."""
    row: dict[str, Any] = {
        "number": alarm.number,
        "kind": alarm.code,
        "subject": alarm.subject,
        "severity": alarm.severity,
        "title": {language: title(alarm.name, language) for language in LANGUAGES},
        "said": {language: in_words(alarm.agent, alarm.detail, language) for language in LANGUAGES},
        "raised_at": alarm.raised_at.isoformat(),
        "last_at": alarm.last_at.isoformat(),
        "times": alarm.times,
        "call": alarm.call,
        "agent": alarm.agent,
        "queue": alarm.queue,
        "seen": [{"by": by, "at": at.isoformat()} for by, at in alarm.seen.items()],
        "cleared_at": None if alarm.cleared_at is None else alarm.cleared_at.isoformat(),
        "cleared_by": alarm.cleared_by,
    }
    if history:
        row["history"] = [
            {"at": step.at.isoformat(), "what": step.what, "by": step.by, "detail": step.detail} for step in alarm.steps
        ]
    return row


def heading(row: Mapping[str, Any], language: str = "en") -> str:
    """One alarm in one line: its title and what it is about."""
    about = "" if not row["subject"] else f"（{row['subject']}）" if language == "zh" else f" ({row['subject']})"
    return f"{row['title'][language]}{about}"
