"""How true the wait was that callers were told to expect: per queue and day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import DateTime, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text


@dataclass(frozen=True, slots=True)
class Kept:
    """How well a queue's expectations of one span were kept. A share is None where there was nobody to count."""

    since: datetime
    until: datetime
    queue: str
    callers: int
    """With an expected wait: those to whom no able agent was idle when they asked."""
    served: int
    """Of them, with a person, not by calling back."""
    left_early: int
    """Of them, gone before the median: they tell of neither bound."""
    under_median: float | None
    """Should be 0.5."""
    under_p90: float | None
    """Should be 0.9."""
    wait_to_median: float | None
    """Mean of wait / median, of those who were served."""


# Callers: who asked in the span, whose call is over, and who was to expect a wait (median above 0), by the queue that
# they asked for; what was expected then, whatever a policy or an operator did later.
#
# Waited: until an agent served the caller; else until the caller gave up, was sent on or asked for a message, took a callback, or the
# call ended otherwise.
#
# Under a bound: served within it / (served + gone unserved after it). Who went unserved *before* the bound would have
# waited nobody knows how long and is left out, as by the engine, which sets its expectations right by the same rule
# (acd/engine/expected_wait.py). The impatient would rather have waited long than short, so where many leave early both shares
# flatter: `left_early` says how many.
_KEPT = text(
    """
    SELECT slot, queue, count(*) AS callers,
           count(*) FILTER (WHERE served) AS served,
           count(*) FILTER (WHERE NOT served AND waited_s <= median_s) AS left_early,
           avg(CAST(served AND waited_s <= median_s AS integer)) FILTER (WHERE served OR waited_s > median_s) AS under_median,
           avg(CAST(served AND waited_s <= p90_s AS integer)) FILTER (WHERE served OR waited_s > p90_s) AS under_p90,
           avg(waited_s / median_s) FILTER (WHERE served) AS wait_to_median
    FROM (SELECT width_bucket(asked_at, :edges) AS slot, asked_queue AS queue, median_s, COALESCE(p90_s, median_s) AS p90_s,
                 ending = 'answered' AND NOT called_back AS served,
                 CASE WHEN ending = 'answered' AND NOT called_back THEN wait_s
                      WHEN callback_at IS NOT NULL THEN EXTRACT(EPOCH FROM callback_at - asked_at)
                      WHEN ending IN ('sent to another number', 'left a message') AND policy <> '[]'
                      THEN EXTRACT(EPOCH FROM CAST(policy->-1->>'at' AS timestamptz) - asked_at)
                      ELSE wait_s END AS waited_s
          FROM calls
          WHERE asked_at >= :since AND asked_at < :until AND ended_at IS NOT NULL AND median_s > 0
                AND (CAST(:brands AS text[]) IS NULL OR brand = ANY(:brands))) AS told
    GROUP BY slot, queue ORDER BY slot, queue
    """
).bindparams(bindparam("edges", type_=ARRAY(DateTime(timezone=True))), bindparam("brands", type_=ARRAY(Text())))


async def kept(
    connection: AsyncConnection, edges: Sequence[datetime], brands: Collection[str] | None = None
) -> list[Kept]:
    """By span between two neighbouring edges, then by queue; nothing where nobody was to expect a wait. `brands`: of the calls of these
    brands alone."""
    spans = list(pairwise(edges))
    period: dict[str, Any] = {"edges": list(edges), "since": edges[0], "until": edges[-1]}
    period["brands"] = None if brands is None else list(brands)
    found = []
    for row in await connection.execute(_KEPT, period):
        since, until = spans[row.slot - 1]
        shares = (row.under_median, row.under_p90, row.wait_to_median)
        figures = [None if each is None else float(each) for each in shares]
        found.append(Kept(since, until, row.queue, row.callers, row.served, row.left_early, *figures))
    return found
