"""Log rows into promised callbacks."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.promise_tables import PromiseRow
from acd.store.shipping.upsert import FILL, FIRST, LATEST, NEW, WORD, Upsert

_SAID = ("number", "customer", "brand", "language", "area", "source", "how", "by", "note", "of_call")
"""Words that the first row of a promise says."""
_WORDS = (*_SAID, "queue", "outcome", "ended_by")

_PROMISES = Upsert(
    PromiseRow,
    {
        **dict.fromkeys(_WORDS, WORD),
        "owner": NEW,
        "made_at": FIRST,
        "begins": FILL,
        "until": FILL,
        "asked": LATEST,
        "tries": LATEST,
        "late_at": FIRST,
        "in_time": "callback_promises.in_time OR excluded.in_time",
        "ended_at": FILL,
    },
)


class PromiseRows:
    """What a run of log rows says of promised callbacks."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        if log.kind is not Kind.PROMISE:
            return
        state, detail = str(log.detail["state"]), log.detail
        row = self._rows.get(log.call)
        if row is None:
            row = self._rows[log.call] = {"promise": log.call, "made_at": at, "asked": 1, "tries": 0, "in_time": False}
            row |= dict.fromkeys(_WORDS, "")
        row["queue"] = str(detail.get("queue") or log.queue or row["queue"])
        row["owner"] = str(detail.get("owner") or "")
        row["tries"] = max(row["tries"], int(detail.get("tries") or 0))
        row["asked"] = max(row["asked"], int(detail.get("asked") or 1))
        if state == "made":
            row |= {name: str(detail.get(name) or row[name]) for name in _SAID}
        if state in ("made", "moved"):
            row |= {name: datetime.fromisoformat(str(detail[name])) for name in ("begins", "until")}
        elif state == "late":
            row.setdefault("late_at", at)
        elif state == "ended":
            row |= {"outcome": str(detail["outcome"]), "in_time": bool(detail.get("in_time")), "ended_at": at}
            row["ended_by"] = str(detail.get("by") or "")
            row["note"] = str(detail.get("note") or row["note"])

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        await _PROMISES.run(connection, self._rows.values())
