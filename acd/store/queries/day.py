"""A day as it was: who asked for a person and how it went, and when the agents were there. For replaying it.

The callers' numbers are whole, because a replay must know who comes twice; whoever asks keeps them in memory only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.clock import day_bounds
from acd.store.queries import agent_time
from acd.store.queries.agent_time import Stretch

Skills = tuple[tuple[str, int], ...]
"""Skill and level, sorted by skill: as the engine takes them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call that asked for a person, and what came of it."""

    call: str
    asked_at: datetime
    caller: str
    """The number itself, or "unknown"."""
    queue: str
    """The queue that was asked for, not the one that a policy or an operator moved the call to."""
    skills: Skills
    """Required when the caller asked: the queue's own of that day and what the menu added."""
    language: str
    priority: int
    """When the caller asked: the call's own and the queue's."""
    ending: str
    """One of commands.Ending; empty: the call goes on."""
    agent: str
    """The agent who talked with the caller last; empty: none."""
    wait_s: float
    """Until an agent served the caller, or until the call ended."""
    talk_s: float
    """All talks of the call together; 0: no agent talked with the caller."""
    wrap_up_s: float
    """Of the last agent, after the last talk."""
    patience_s: float | None
    """So long after asking the caller gave up; None: not known, since the call was served or ended otherwise."""
    callback: bool
    """The caller hung up and was to be called back."""
    customer_class: str = ""
    """Of the customer whose number it was, as known then."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the log, for a replay."""

    day: date
    begin: datetime
    end: datetime
    arrivals: list[Arrival]
    """In the order of asking."""
    stretches: list[Stretch]
    """Of every agent's time, by agent and time, cut at the day's bounds: "logged out", "not ready" with its reason,
    "idle", "ringing", "talking", "wrap-up", "reserved", "unreachable"."""


# A call belongs to the day in which it asked for a person. Its wrap-up is the stretch of its last agent's time that
# began at the instant in which its last talk ended; none, where the queue allows none.
_ARRIVALS = text(
    """
    SELECT calls.call, asked_at, caller, COALESCE(NULLIF(asked_queue, ''), calls.queue) AS queue, skills,
           language, priority, COALESCE(ending, '') AS ending, calls.agent,
           COALESCE(calls.wait_s, 0) AS wait_s, COALESCE(calls.talk_s, 0) AS talk_s,
           COALESCE(wrap_up.lasted_s, 0) AS wrap_up_s,
           CASE WHEN ending IN ('abandoned in queue', 'abandoned while ringing') THEN calls.wait_s END AS patience_s,
           callback_state <> '' AS callback, customer_class
    FROM calls
    LEFT JOIN LATERAL (SELECT agent, talk_ended_at FROM offers WHERE offers.call = calls.call
                       AND talk_ended_at IS NOT NULL ORDER BY talk_ended_at DESC LIMIT 1) AS last ON true
    LEFT JOIN agent_time AS wrap_up ON wrap_up.agent = last.agent AND wrap_up.from_at = last.talk_ended_at
                                    AND wrap_up.state = 'wrap-up'
    WHERE asked_at >= :since AND asked_at < :until
    ORDER BY asked_at, calls.arrived_at, calls.call
    """
)


async def day_of(connection: AsyncConnection, day: date, zone: tzinfo) -> Day:
    """Everything that a replay of that day needs, by the clock of `zone`."""
    begin, end = day_bounds(day, zone)
    rows = await connection.execute(_ARRIVALS, {"since": begin, "until": end})
    arrivals = [_arrival(row) for row in rows]
    return Day(day, begin, end, arrivals, await agent_time.of_day(connection, begin, end, ""))


def _arrival(row: Any) -> Arrival:
    named: dict[str, Any] = row._asdict()
    return Arrival(**(named | {"skills": _skills(list(named["skills"].items()))}))


def _skills(pairs: Sequence[tuple[str, Any]]) -> Skills:
    return tuple(sorted((skill, int(level)) for skill, level in pairs))
