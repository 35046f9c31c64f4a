"""The record of an abnormal event: when it was detected, declared and mended, and what became of its callers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any


def report_of(row: Mapping[str, Any], callers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fault's row with its times in minutes and its registered callers. Pure; JSON-able.

    `until_declared_m`: from the alarm that has shown it to the declaration, None where no alarm has; `until_mended_m`: from then to its
    clearing, None while it is open.
    """
    declared = datetime.fromisoformat(row["declared_at"])
    detected = datetime.fromisoformat(row["detected"]) if row["detected"] else None
    cleared = datetime.fromisoformat(row["cleared_at"]) if row["cleared_at"] else None
    began = detected or declared
    return {
        **row,
        "until_declared_m": None if detected is None else _minutes(detected, declared),
        "until_mended_m": None if cleared is None else _minutes(began, cleared),
        "callers": list(callers),
    }


def _minutes(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() / 60, 1)
