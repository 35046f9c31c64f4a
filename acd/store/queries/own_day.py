"""One agent's own day: figures of the talks that ended, time in states, the latest calls, and what the agent has promised."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_CALLS = 50
MOST_PROMISES = 50
PROMISES_OF_DAYS = 14


@dataclass(frozen=True, slots=True)
class OwnCall:
    """One talk of the agent, with what stands on the call's card."""

    call: str
    offer: str
    queue: str
    at: datetime
    """When caller and agent began to hear each other."""
    talk_s: float | None
    """None: they talk still."""
    ended_by: str
    caller: str
    """As E.164, or a word: "unknown", "withheld"."""
    name: str
    matter: str
    disposition: dict[str, Any] | None
    """code, text: the latest that this agent has given."""


@dataclass(frozen=True, slots=True)
class OwnPromise:
    """What the agent has promised on a card, and until when."""

    call: str
    caller: str
    name: str
    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class OwnDay:
    """Seconds are sums."""

    talks: int = 0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    ended_by_agent: int = 0
    ended_by_caller: int = 0
    idle_s: float = 0.0
    busy_s: float = 0.0
    not_ready_s: float = 0.0
    calls: list[OwnCall] = field(default_factory=list)
    promises: list[OwnPromise] = field(default_factory=list)


# Counted as for reports (agent_kpi.py): a talk and a wrap-up when they end.
_TALKS = text(
    """
    SELECT count(*) AS talks, coalesce(sum(talk_s), 0) AS talk_s, coalesce(sum(hold_s), 0) AS hold_s,
           count(*) FILTER (WHERE ended_by = 'agent') AS ended_by_agent,
           count(*) FILTER (WHERE ended_by = 'caller') AS ended_by_caller
    FROM offers WHERE agent = :agent AND talk_ended_at >= :since AND talk_ended_at < :until
    """
)
_STATES = text(
    """
    SELECT coalesce(sum(lasted) FILTER (WHERE state = 'idle'), 0) AS idle_s,
           coalesce(sum(lasted) FILTER (WHERE state IN ('reserved', 'ringing', 'talking', 'hold', 'consult', 'wrap-up')), 0)
               AS busy_s,
           coalesce(sum(lasted) FILTER (WHERE state IN ('not ready', 'unreachable')), 0) AS not_ready_s,
           coalesce(sum(lasted_s) FILTER (WHERE state = 'wrap-up' AND to_at >= :since), 0) AS wrap_up_s
    FROM (
        SELECT state, to_at, lasted_s,
               greatest(0, extract(epoch FROM least(coalesce(to_at, CAST(:until AS timestamptz)), :until)
                                              - greatest(from_at, CAST(:since AS timestamptz)))) AS lasted
        FROM agent_time
        WHERE agent = :agent AND from_at < :until AND coalesce(to_at, CAST(:until AS timestamptz)) > :since
    ) AS cut
    """
)
_CALLS = text(
    """
    SELECT offers.call, offers.offer, offers.queue, connected_at AS at, offers.talk_s, coalesce(ended_by, '') AS ended_by,
           CASE WHEN calls.withheld THEN 'withheld' ELSE coalesce(calls.caller, 'unknown') END AS caller,
           coalesce(body->>'name', '') AS name, coalesce(body->>'matter', '') AS matter,
           (SELECT jsonb_build_object('code', entry->>'code', 'text', entry->>'text')
            FROM jsonb_array_elements(body->'entries') AS entry
            WHERE entry->>'what' = 'disposition' AND entry->>'by' = :agent
            ORDER BY entry->>'at' DESC LIMIT 1) AS disposition
    FROM offers LEFT JOIN calls ON calls.call = offers.call LEFT JOIN cards ON cards.call = offers.call
    WHERE offers.agent = :agent AND offered_at >= :since AND offered_at < :until AND connected_at IS NOT NULL
    ORDER BY connected_at DESC LIMIT :limit
    """
).columns(disposition=JSONB())
_PROMISES = text(
    """
    SELECT DISTINCT ON (due_at, call, told) call, caller, name, told AS text, due_at
    FROM (
        SELECT cards.call, CASE WHEN calls.withheld THEN 'withheld' ELSE coalesce(calls.caller, 'unknown') END AS caller,
               coalesce(body->>'name', '') AS name, entry->>'text' AS told,
               CAST(entry->>'due_at' AS timestamptz) AS due_at
        FROM offers JOIN cards ON cards.call = offers.call LEFT JOIN calls ON calls.call = offers.call,
             jsonb_array_elements(body->'entries') AS entry
        WHERE offers.agent = :agent AND offered_at >= CAST(:until AS timestamptz) - :days * interval '1 day'
          AND connected_at IS NOT NULL AND entry->>'what' = 'promise' AND entry->>'by' = :agent
          AND coalesce(entry->>'due_at', '') <> ''
    ) AS promised
    WHERE due_at >= :since
    ORDER BY due_at, call, told LIMIT :limit
    """
)


async def own_day(connection: AsyncConnection, agent: str, since: datetime, until: datetime) -> OwnDay:
    """Of this agent from `since` to `until` (now, for today). Promises: those due from `since` on, the first due first."""
    asked = {"agent": agent, "since": since, "until": until}
    talks = (await connection.execute(_TALKS, asked)).one()._asdict()
    states = (await connection.execute(_STATES, asked)).one()._asdict()
    figures: dict[str, Any] = {
        name: float(value) if name.endswith("_s") else value for name, value in (talks | states).items()
    }
    calls = [OwnCall(**row._asdict()) for row in await connection.execute(_CALLS, asked | {"limit": MOST_CALLS})]
    wanted = asked | {"limit": MOST_PROMISES, "days": PROMISES_OF_DAYS}
    promises = [OwnPromise(**row._asdict()) for row in await connection.execute(_PROMISES, wanted)]
    return OwnDay(**figures, calls=calls, promises=promises)
