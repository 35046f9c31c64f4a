"""Log rows into leg_quality: how well each leg's line carried speech."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.shipping.upsert import NEW, Upsert
from acd.store.tables import LegQualityRow

_WHOLE = ("packets", "lost", "sent", "sent_lost")
_NUMBERS = (
    "seconds", "loss_percent", "jitter_ms", "sent_loss_percent", "sent_jitter_ms", "round_trip_ms", "mos", "sent_mos",
    "unheard_s",
)  # fmt: skip
_ROWS = Upsert(
    LegQualityRow,
    dict.fromkeys(("party", "agent", "measured_at", "codec", *_WHOLE, *_NUMBERS, "one_way", "problems"), NEW),
)


class LegQualityRows:
    """What a run of log rows says of lines."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], dict[str, Any]] = {}

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        if log.kind is not Kind.LEG_QUALITY:
            return
        detail = log.detail
        row: dict[str, Any] = {"call": log.call, "offer": log.offer, "side": str(detail["side"]), "measured_at": at}
        row |= {"agent": log.agent, "party": str(detail["party"]), "codec": str(detail.get("codec") or "")}
        row |= {name: None if detail.get(name) is None else int(detail[name]) for name in _WHOLE}
        row |= {name: None if detail.get(name) is None else float(detail[name]) for name in _NUMBERS}
        row["problems"] = [str(each) for each in detail["problems"]]
        row["one_way"] = "one-way" in row["problems"]
        self._rows[(log.call, log.offer, row["side"])] = row

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        await _ROWS.run(connection, self._rows.values())
