"""Log rows into context cards: the same fold as in the daemon's memory, on the bodies that PostgreSQL has."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.context_card import TOLD, Card, current, fold
from acd.store.queries.cards import from_log
from acd.store.shipping.upsert import NEW, Upsert
from acd.store.tables import CardRow

_CARDS = Upsert(CardRow, dict.fromkeys(("contact", "caller", "version", "body", "updated_at", "ended_at"), NEW))


class CardRows:
    """What a run of log rows writes on the cards."""

    def __init__(self) -> None:
        self._rows: list[tuple[datetime, Log]] = []

    def take(self, at: datetime, log: Log) -> None:
        if log.call and log.kind in TOLD:
            self._rows.append((at, log))

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction, after the call log. ValueError, TypeError or KeyError when a row's
        detail is not what its kind promises."""
        if not self._rows:
            return
        calls = {log.call for _, log in self._rows}
        formers = {str(log.detail["continues"]) for _, log in self._rows if log.detail.get("continues")}
        query = select(CardRow.call, CardRow.body).where(CardRow.call.in_(calls | formers))
        cards: dict[str, Card] = {row.call: current(row.body) for row in await connection.execute(query)}
        for call in formers - cards.keys():
            former = await from_log(connection, call)
            if former is not None:
                cards[call] = former
        whole: set[str] = set()
        for at, log in self._rows:
            if log.call in whole:
                continue
            if log.call not in cards and log.kind is not Kind.ARRIVED:
                # Of a call before there were cards: the log has all of it, these rows too.
                card = await from_log(connection, log.call)
                whole.add(log.call)
            else:
                card = fold(cards.get(log.call), at, log, cards.get)
            if card is not None:
                cards[log.call] = card
        await _CARDS.run(connection, [_row(cards[call]) for call in calls if call in cards])


def _row(card: Card) -> dict[str, Any]:
    times = {name: _time(card[name]) for name in ("updated_at", "ended_at")}
    return {name: card[name] for name in ("call", "contact", "caller", "version")} | {"body": card} | times


def _time(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said)
