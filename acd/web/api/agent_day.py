"""One agent: what he can do, whose calls he takes, what he is doing, and where his day went, tiled without gap."""

from datetime import date, datetime

from pydantic import BaseModel

from acd.identifiers import EXTENSION_ASKED_FOR
from acd.web.api.calls import from_store
from acd.web.live.state import LiveAgent
from acd.web.server.days import span, today
from acd.web.server.lookups import agent_row
from acd.web.server.routes import BOTH, Asked, Route, Strict


class DayQuery(Strict):
    day: date | None = None
    """On the hotline's clock; today when left out."""


class Stretch(BaseModel):
    from_at: datetime
    to_at: datetime | None
    """null: it lasts still."""
    state: str
    reason: str
    seconds: float
    """Until now, or the end of the day, where it lasts still."""


class Share(BaseModel):
    """All the stretches of one state and reason."""

    state: str
    reason: str
    times: int
    seconds: float


class OneAgent(BaseModel):
    agent: LiveAgent
    skills: dict[str, int]
    queues: list[str]
    """The queues whose calls he takes; empty: all that he has the skills for."""
    day: date
    stretches: list[Stretch]
    """In order; each begins where the one before it ended."""
    times: list[Share]
    """The longest first."""


async def one(asked: Asked) -> OneAgent:
    row = agent_row(asked, asked.word("agent"))
    query: DayQuery = asked.query
    day = query.day or today(asked.house)
    begin, end = span(asked.house, day)
    now = min(asked.house.now(), end)
    async with from_store(asked.house):
        found = await asked.house.store.agent_time(day, row["agent"])
    stretches = [
        Stretch(
            from_at=each.from_at,
            to_at=each.to_at,
            state=each.state,
            reason=each.reason,
            seconds=max(0.0, ((each.to_at or now) - max(each.from_at, begin)).total_seconds()),
        )
        for each in found
    ]
    return OneAgent(
        agent=LiveAgent.model_validate(row),
        skills=dict(row["skills"]),
        queues=list(row.get("queues", ())),
        day=day,
        stretches=stretches,
        times=_summed(stretches),
    )


def _summed(stretches: list[Stretch]) -> list[Share]:
    shares: dict[tuple[str, str], Share] = {}
    for each in stretches:
        share = shares.setdefault(
            (each.state, each.reason), Share(state=each.state, reason=each.reason, times=0, seconds=0.0)
        )
        share.times += 1
        share.seconds += each.seconds
    return sorted(shares.values(), key=lambda share: -share.seconds)


ROUTES = [
    Route(
        "GET",
        f"/api/agents/{{agent:{EXTENSION_ASKED_FOR}}}",
        one,
        BOTH,
        "One agent: skills, queues, state, and his day in stretches",
        answer=OneAgent,
        query=DayQuery,
        refusals={404: "unknown-agent", 503: "store-away"},
    ),
]
