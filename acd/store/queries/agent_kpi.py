"""Agents' figures of a span: offers, talks, and where their time went. Each definition stands above its query (docs/definitions.md).

Counted as the hotline's figures are (acd/store/queries/kpi.py): an offer when it is over for the first time, a talk and a wrap-up when they
end. So the sums over all agents are the hotline's own of the same span. Time in states is cut at the bounds of each span instead.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.store.queries.kpi import share

THREE_RINGS = 3


@dataclass(frozen=True, slots=True)
class AgentKpi:
    """The counts of one agent, or of all, in one span, and what follows from them; a rate is None when its divisor is 0."""

    agent: str = ""
    """Empty: all agents."""
    offers: int = 0
    offers_rang: int = 0
    offers_in_time: int = 0
    no_answer: int = 0
    """Rang out: the agent was set not ready."""
    talks: int = 0
    """A call that was handed over counts for each agent who talked with the caller."""
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0
    """Of wrap-ups that ended in the span, after calls of the queues that were asked for."""
    ended_by_agent: int = 0
    """Talks that the agent ended by hanging up, before the caller."""
    ended_by_caller: int = 0
    logged_in_s: float = 0.0
    idle_s: float = 0.0
    busy_s: float = 0.0
    """Reserved, ringing, talking, hold, consult, wrap-up."""
    not_ready_s: float = 0.0
    """Unreachable telephones too."""

    @property
    def three_ring_rate(self) -> float | None:
        """Offers answered within three rings / offers that rang. docs/definitions.md#three-ring-rate"""
        return share(self.offers_in_time, self.offers_rang)

    @property
    def handling_s(self) -> float | None:
        """(Talk + hold + wrap-up) / talks, in seconds. docs/definitions.md#agents-figures"""
        return share(self.talk_s + self.hold_s + self.wrap_up_s, self.talks)

    @property
    def agent_hung_up(self) -> float | None:
        """Ended by the agent / ended by agent or caller. docs/definitions.md#agents-figures"""
        return share(self.ended_by_agent, self.ended_by_agent + self.ended_by_caller)

    @property
    def occupancy(self) -> float | None:
        """Busy / (busy + idle). docs/definitions.md#agents-figures"""
        return share(self.busy_s, self.busy_s + self.idle_s)


_OF = """AND (CAST(:queues AS text[]) IS NULL OR queue = ANY(:queues))
    AND (CAST(:brands AS text[]) IS NULL OR call IN (SELECT call FROM calls WHERE brand = ANY(:brands)))"""

# Offers: as of the hotline (acd/store/queries/kpi.py), by agent. Rang out: over for the first time, and by ringing out.
_OFFERS = f"""
    SELECT width_bucket(closed_at, :edges) AS slot, agent, count(*) AS offers,
           count(*) FILTER (WHERE rang AND NOT crossed) AS offers_rang,
           count(*) FILTER (WHERE rang AND NOT crossed AND closed_answered AND closed_rings <= :rings) AS offers_in_time,
           count(*) FILTER (WHERE rang AND NOT closed_answered AND outcome = 'ring no answer') AS no_answer
    FROM offers WHERE closed_at >= :since AND closed_at < :until {_OF}
    GROUP BY slot, agent
"""

# Talk and hold: counted when the talk ends, for the agent who had it.
_TALKS = f"""
    SELECT width_bucket(talk_ended_at, :edges) AS slot, agent, count(*) AS talks,
           sum(CAST(talk_s AS numeric(20, 6))) AS talk_s, sum(CAST(hold_s AS numeric(20, 6))) AS hold_s,
           count(*) FILTER (WHERE ended_by = 'agent') AS ended_by_agent,
           count(*) FILTER (WHERE ended_by = 'caller') AS ended_by_caller
    FROM offers WHERE talk_ended_at >= :since AND talk_ended_at < :until {_OF}
    GROUP BY slot, agent
"""

# Wrap-up: as of the hotline, by agent.
_WRAP_UP = f"""
    SELECT width_bucket(to_at, :edges) AS slot, agent, sum(CAST(lasted_s AS numeric(20, 6))) AS wrap_up_s
    FROM agent_time
    WHERE state = 'wrap-up' AND lasted_s IS NOT NULL AND to_at >= :since AND to_at < :until {_OF}
    GROUP BY slot, agent
"""

# Time in states: each stretch cut at the bounds of the span; one that lasts is counted until now. A wrap-up is in here, too, as time
# of the state, whatever queue it was for.
_STATES = """
    WITH spans AS (
        SELECT slot, since, until FROM unnest(CAST(:edges AS timestamptz[])) WITH ORDINALITY AS begins(since, slot)
        JOIN unnest(CAST(:edges AS timestamptz[])) WITH ORDINALITY AS ends(until, next) ON next = slot + 1
    ), cut AS (
        SELECT slot, agent, state,
               extract(epoch FROM least(coalesce(to_at, :now), until, :now) - greatest(from_at, since)) AS lasted
        FROM spans JOIN agent_time ON from_at < until AND coalesce(to_at, :now) > since
        WHERE from_at < :until AND coalesce(to_at, :now) > :since
    )
    SELECT slot, agent,
           sum(lasted) FILTER (WHERE state <> 'logged out') AS logged_in_s,
           sum(lasted) FILTER (WHERE state = 'idle') AS idle_s,
           sum(lasted) FILTER (WHERE state IN ('reserved', 'ringing', 'talking', 'hold', 'consult', 'wrap-up')) AS busy_s,
           sum(lasted) FILTER (WHERE state IN ('not ready', 'unreachable')) AS not_ready_s
    FROM cut WHERE lasted > 0
    GROUP BY slot, agent
"""

_EDGES = bindparam("edges", type_=ARRAY(DateTime(timezone=True)))
_NOW = bindparam("now", type_=DateTime(timezone=True))
_QUEUES = bindparam("queues", type_=ARRAY(Text()))
_BRANDS = bindparam("brands", type_=ARRAY(Text()))
_SUMS = [each.name for each in fields(AgentKpi) if each.name != "agent"]
_SECONDS = tuple(name for name in _SUMS if name.endswith("_s"))


async def by_interval(
    connection: AsyncConnection,
    edges: Sequence[datetime],
    now: datetime,
    rings: int = THREE_RINGS,
    queues: Sequence[str] | None = None,
    brands: Collection[str] | None = None,
) -> list[dict[str, AgentKpi]]:
    """Of each span between two neighbouring edges: agent to figures, "" all agents.

    `rings`: an offer is in time when it was answered within them. `queues`, `brands`: offers, talks and wrap-ups of these
    alone; time in states is always the whole. `now`: until then a stretch that lasts has lasted.
    """
    sums: dict[tuple[int, str], dict[str, Any]] = {}
    period = {"edges": list(edges), "since": edges[0], "until": edges[-1]}
    of = {name: None if named is None else list(named) for name, named in (("queues", queues), ("brands", brands))}
    for question, more in (
        (text(_OFFERS).bindparams(_EDGES, _QUEUES, _BRANDS), {**of, "rings": rings}),
        (text(_TALKS).bindparams(_EDGES, _QUEUES, _BRANDS), of),
        (text(_WRAP_UP).bindparams(_EDGES, _QUEUES, _BRANDS), of),
        (text(_STATES).bindparams(_EDGES, _NOW), {"now": now}),
    ):
        for row in await connection.execute(question, {**period, **more}):
            named = row._asdict()
            slot, agent = named.pop("slot") - 1, named.pop("agent")
            if not agent:
                continue  # An offer to a number outside is nobody's.
            for place in ((slot, agent), (slot, "")):
                into = sums.setdefault(place, {})
                for name, value in named.items():
                    into[name] = into.get(name, 0) + (value or 0)
    spans: list[dict[str, AgentKpi]] = [{} for _ in edges[1:]]
    for (slot, agent), found in sums.items():
        spans[slot][agent] = _kpi(agent, found)
    for span in spans:
        span.setdefault("", AgentKpi())
    return spans


def _kpi(agent: str, sums: Mapping[str, Any]) -> AgentKpi:
    counts: dict[str, Any] = {name: sums.get(name, 0) for name in _SUMS}
    return AgentKpi(agent, **(counts | {name: float(counts[name]) for name in _SECONDS}))
