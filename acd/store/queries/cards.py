"""Context cards: of any call that there ever was, and the last contacts of a number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.context_card import Card, current, fold, iso
from acd.store.queries.calls import timeline
from acd.store.tables import CardRow

CONTACTS = 5
_KINDS = {each.value for each in Kind}


async def one(connection: AsyncConnection, call: str) -> Card | None:
    """As the projection wrote it; of a call before there were cards, folded from its log."""
    found = (await connection.execute(select(CardRow.body).where(CardRow.call == call))).scalar()
    return await from_log(connection, call) if found is None else current(found)


async def from_log(connection: AsyncConnection, call: str) -> Card | None:
    """The card of this call from its log, or None."""
    card: Card | None = None
    for each in await timeline(connection, call):
        if each.kind in _KINDS:
            row = Log(Kind(each.kind), each.call, each.agent, each.offer, each.queue, each.detail)
            card = fold(card, each.at, row)
    return card


# The calls from one number that came before another of its calls, but those whose line dropped and that it goes on with.
_CONTACTS = text(
    """
    SELECT calls.call, arrived_at, queue, brand, COALESCE(ending, '') AS ending, COALESCE(body->>'matter', '') AS matter,
           ARRAY(SELECT agent FROM offers WHERE offers.call = calls.call AND connected_at IS NOT NULL
                 ORDER BY connected_at) AS agents,
           (SELECT jsonb_build_object('code', entry->>'code', 'text', entry->>'text')
            FROM jsonb_array_elements(body->'entries') AS entry WHERE entry->>'what' = 'disposition'
            ORDER BY entry->>'at' DESC LIMIT 1) AS disposition
    FROM calls LEFT JOIN cards ON cards.call = calls.call
    WHERE (calls.caller = ANY(:callers) OR (:customer <> '' AND (calls.customer = :customer
           OR calls.caller IN (SELECT number FROM customer_numbers WHERE customer_numbers.customer = :customer))))
      AND arrived_at < :before AND COALESCE(cards.contact, calls.call) <> :contact
    ORDER BY arrived_at DESC, calls.call DESC LIMIT :limit
    """
).columns(disposition=JSONB())


async def contacts(
    connection: AsyncConnection,
    callers: Sequence[str],
    before: datetime,
    contact: str,
    limit: int = CONTACTS,
    customer: str = "",
) -> list[dict[str, Any]]:
    """Of one number in these writings, and of all numbers of this customer, the latest first: {call, at, queue, brand, agents: in the order in which they served the call, ending, matter, disposition: {code, text} | None}."""
    asked = {"callers": list(callers), "before": before, "contact": contact, "limit": limit}
    asked["customer"] = customer
    found = []
    for row in await connection.execute(_CONTACTS, asked):
        named: dict[str, Any] = row._asdict()
        found.append({"call": named.pop("call"), "at": iso(named.pop("arrived_at"))} | named)
    return found
