"""Log rows into transfers: what was asked, by whom, and what became of it."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Log
from acd.store.shipping.upsert import FIRST, FIRST_WORD, WORD, Upsert
from acd.store.tables import TransferRow

ENDED = frozenset({"completed", "taken back", "declined", "failed", "caller left", "refused"})
"""States after which nothing more comes of a transfer."""
_LATER = ("kind", "to", "receiver", "reason", "note", "how", "why", "returned_to", "state")
"""Words of which the latest counts."""

_TRANSFERS = Upsert(
    TransferRow,
    {
        **dict.fromkeys(("asked_at", "consult_at", "completed_at", "ended_at"), FIRST),
        **dict.fromkeys(("first", "queue", "by"), FIRST_WORD),
        **dict.fromkeys(_LATER, WORD),
        "warm": "transfers.warm OR excluded.warm",
        "amount": "CASE WHEN excluded.amount <> 0 THEN excluded.amount ELSE transfers.amount END",
    },
)


class TransferRows:
    """What a run of log rows says of transfers."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        state, number = str(log.detail["state"]), int(log.detail.get("number") or 0)
        if not log.call or not number:
            return  # refused before it was one
        row = self._rows.get((log.call, number))
        if row is None:
            row = self._rows[log.call, number] = {"call": log.call, "number": number, "asked_at": at}
            row |= {"first": log.agent, "queue": log.queue, "by": "", "warm": False, "amount": 0.0}
            row |= dict.fromkeys(_LATER, "")
        for name in (*_LATER, "by"):
            row[name] = str(log.detail.get(name) or row[name]) if name != "state" else row[name]
        row["warm"] = row["warm"] or bool(log.detail.get("warm"))
        row["amount"] = float(log.detail.get("amount") or row["amount"])
        # "Explained" tells why it was made, when it may be long over: its state stays what it was.
        if state != "explained":
            row["state"] = state
        if state == "consulting":
            row.setdefault("consult_at", at)
        if state == "completed":
            row.setdefault("completed_at", at)
        if state in ENDED:
            row.setdefault("ended_at", at)

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        await _TRANSFERS.run(connection, self._rows.values())
