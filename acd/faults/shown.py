"""Alarms that a fault would explain: many callers at once, for a reason that no agent can help."""

from collections.abc import Iterable, Mapping
from typing import Any

SHOWN_BY = ("queue-waiting", "queue-longest-wait", "queue-abandoned", "queue-service-level", "calls-refused")
"""Codes of alarms that rise with the calls."""


def suggestions(alarms: Iterable[Mapping[str, Any]], faults: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Open alarms that no open fault names, as {number, name, subject, raised_at}. `alarms`: rows of acd/alarms/rows.py."""
    named = {str(fault["alarm"]) for fault in faults if fault["open"]}
    found = [row for row in alarms if row["kind"] in SHOWN_BY]
    return [
        {
            "number": row["number"],
            "alarm": name_of(row),
            "kind": row["kind"],
            "subject": row["subject"],
            "raised_at": row["raised_at"],
        }
        for row in found
        if name_of(row) not in named
    ]


def name_of(alarm: Mapping[str, Any]) -> str:
    """How a fault names the alarm that has shown it."""
    return f"{alarm['kind']} {alarm['subject']}".strip()
