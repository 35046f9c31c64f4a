"""Log rows into tables: what the calls, offers, agents' times, queues and recordings look like after them.

A batch of rows is folded in memory first (`Fold.take`, pure) and then written with one statement per table
(`Fold.write`), so that the cost of a row is some microseconds here and a few more in PostgreSQL. Whoever writes a fold
has made sure that none of its rows was written before.

Each noun folds what concerns it (`call_rows`, `offer_rows`, `recording_rows`, `transfer_rows`, `card_rows`,
`leg_quality_rows`, `survey_rows`, `promise_rows`, `agent_states`); what remains, queues, telephones and operators' deeds, is folded here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.shipping.agent_states import AgentStates
from acd.store.shipping.call_rows import CallRows
from acd.store.shipping.card_rows import CardRows
from acd.store.shipping.leg_quality_rows import LegQualityRows
from acd.store.shipping.offer_rows import OfferRows
from acd.store.shipping.promise_rows import PromiseRows
from acd.store.shipping.recording_rows import RecordingRows
from acd.store.shipping.survey_rows import SurveyRows
from acd.store.shipping.transfer_rows import TransferRows
from acd.store.shipping.upsert import FIRST, KEEP, LATEST, NEW, Upsert
from acd.store.tables import AgentRow, OperatorDeedRow, QueueRow

_PHONES = Upsert(AgentRow, {"reachable": NEW})
_DEEDS = Upsert(
    OperatorDeedRow, {"at": KEEP, "by": KEEP, "did": KEEP, "call": KEEP, "agent": KEEP, "queue": KEEP, "detail": KEEP}
)
_QUEUES = Upsert(QueueRow, {"first_at": FIRST, "last_at": LATEST})

Place = tuple[str, int, int]
"""Spool, line and index: what names a row of the log for ever."""

NOWHERE: Place = ("", 0, 0)


class Fold:
    """What a run of log rows changes, table by table."""

    def __init__(self) -> None:
        self._calls, self._offers, self._recordings = CallRows(), OfferRows(), RecordingRows()
        self._lines, self._surveys, self._promises = LegQualityRows(), SurveyRows(), PromiseRows()
        self._transfers, self._cards, self._agents = TransferRows(), CardRows(), AgentStates()
        self._queues: dict[str, dict[str, Any]] = {}
        self._deeds: list[dict[str, Any]] = []
        self._phones: dict[str, bool] = {}

    def take(self, at: datetime, log: Log, place: Place = NOWHERE) -> None:
        """The next row, in the order of the log. ValueError, TypeError or KeyError when its detail is not what its kind
        promises."""
        nouns = (self._calls, self._offers, self._recordings, self._cards, self._lines, self._surveys, self._promises)
        for noun in nouns:
            noun.take(at, log)
        if log.queue:
            queue = self._queues.setdefault(log.queue, {"queue": log.queue, "first_at": at, "last_at": at})
            queue["last_at"] = max(queue["last_at"], at)
        match log.kind:
            case Kind.TRANSFER:
                self._transfers.take(at, log)
            case Kind.AGENT_STATE:
                self._agents.take(at, log)
            case Kind.TALK_ENDED:
                self._agents.talk_ended(log)
            case Kind.PHONE:
                self._phones[log.agent] = bool(log.detail["reachable"])
            case Kind.OPERATOR | Kind.CONFIGURATION:
                self._deeds.append(_deed(at, log, place))

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        nouns = (self._calls, self._offers, self._recordings, self._transfers, self._cards, self._lines, self._surveys)
        for noun in nouns:
            await noun.write(connection)
        await self._promises.write(connection)
        await _QUEUES.run(connection, self._queues.values())
        await _DEEDS.run(connection, self._deeds)
        if self._phones:
            await _PHONES.run(connection, [{"agent": agent, "reachable": said} for agent, said in self._phones.items()])
        await self._agents.write(connection)


def _deed(at: datetime, log: Log, place: Place) -> dict[str, Any]:
    spool, line, idx = place
    deed = {"spool": spool, "line": line, "idx": idx, "at": at, "by": str(log.detail.get("by") or "")}
    deed["did"] = "configuration" if log.kind is Kind.CONFIGURATION else str(log.detail["did"])
    deed |= {"call": log.call, "agent": log.agent, "queue": log.queue}
    return deed | {"detail": {name: said for name, said in log.detail.items() if name not in ("by", "did")}}
