"""Log rows into surveys: who was asked, and what they answered."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.shipping.upsert import FILL, FIRST, WORD, Upsert
from acd.store.survey_tables import SurveyRow

_SURVEYS = Upsert(
    SurveyRow,
    {
        "asked_at": FIRST,
        **dict.fromkeys(("way", "queue", "agent"), WORD),
        **dict.fromkeys(("sent_at", "answered_at"), FIRST),
        **dict.fromkeys(("satisfied", "solved", "recommend", "word_s"), FILL),
        "low": "surveys.low OR excluded.low",
        "callback": "surveys.callback OR excluded.callback",
    },
)


NOT_ASKED = ("to be called", "declined", "not reached", "refused", "withdrawn")
"""States of a call back in which nobody is asked: only the call's story tells of them."""


class SurveyRows:
    """What a run of log rows says of surveys."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        if log.kind is not Kind.SURVEY:
            return
        detail, state = log.detail, str(log.detail["state"])
        if state in NOT_ASKED:
            return
        row = self._rows.get(log.call)
        if row is None:
            row = self._rows[log.call] = {"call": log.call, "asked_at": at, "low": False, "callback": False}
        row |= {"way": str(detail["way"]), "queue": log.queue, "agent": log.agent}
        if state == "sent":
            row.setdefault("sent_at", at)
        elif state == "word":
            row["word_s"] = float(detail["seconds"])
        elif state == "answered":
            row.setdefault("answered_at", at)
            for name in ("satisfied", "recommend"):
                if detail.get(name) is not None:
                    row[name] = int(detail[name])
            if detail.get("solved"):
                row["solved"] = detail["solved"] == "yes"
            row["low"] = row["low"] or bool(detail.get("low"))
            row["callback"] = row["callback"] or bool(detail.get("callback"))

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        await _SURVEYS.run(connection, self._rows.values())
