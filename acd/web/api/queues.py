"""The queues as they stand: all, or one with who waits in it, who serves it and what its policy says; closed and opened."""

from typing import Any

from acd.engine.operator_events import QueueClosed, QueueOpened
from acd.web.access.auth import DOOR
from acd.web.live.seen import seen
from acd.web.live.state import LiveCall, LiveQueue, look
from acd.web.server.api_model import ApiModel
from acd.web.server.lookups import IN_PATH, queue_row, refuse_shared
from acd.web.server.routes import Asked, Route
from acd.words import policy_row


class Queues(ApiModel):
    """All queues."""

    queues: list[LiveQueue]


class Serving(ApiModel):
    """An agent who takes this queue's calls."""

    agent: str
    name: str
    state: str
    reason: str
    skills: dict[str, int]
    """The agent's levels in what the queue requires."""


class PolicyRow(ApiModel):
    """One row of the queue's policy over time."""

    row: int
    """From 1, as in a call's log."""
    why: str
    zh: str
    en: str


class OneQueue(ApiModel):
    """A queue with its waiting calls, its agents and its policy."""

    queue: LiveQueue
    skills: dict[str, int]
    """Required, at least."""
    prefers: dict[str, int]
    """Agents with these are asked first."""
    strategy: str
    """Which of the agents with the required skills to ask first."""
    calls: list[LiveCall]
    """Who waits, in the order in which they are served."""
    agents: list[Serving]
    policy: list[PolicyRow]


class ToldQueue(ApiModel):
    """The queue, and the event that the engine was told."""

    queue: str
    told: str


async def queues(asked: Asked) -> Queues:
    """All queues as now; waits in seconds."""
    return Queues.model_validate({"queues": seen(look(asked.context), asked.scope)["queues"]})


async def one(asked: Asked) -> OneQueue:
    """One queue: waiting calls in the order of service, the agents who can take them, the rows of its policy."""
    name = asked.word("queue")
    queue_row(asked, name)
    found = seen(look(asked.context), asked.scope)
    configured = asked.context.config.queues.get(name)
    required = dict(configured.skills) if configured else {}
    waiting = [row for row in found["calls"] if row["queue"] == name and row["stage"] == "waiting"]
    policy = configured.overflow if configured else []
    return OneQueue.model_validate(
        {
            "queue": next(row for row in found["queues"] if row["name"] == name),
            "skills": required,
            "prefers": dict(configured.prefers) if configured else {},
            "strategy": configured.strategy if configured else "longest-idle",
            "calls": sorted(waiting, key=lambda row: (row["position"] or 0, row["asked_at"] or "")),
            "agents": [
                {**row, "skills": {skill: dict(row["skills"])[skill] for skill in required}}
                for row in found["agents"]
                if _serves(row, name, required)
            ],
            "policy": [
                {
                    "row": number,
                    "why": row.why,
                    "zh": policy_row(row.model_dump(), "zh"),
                    "en": policy_row(row.model_dump()),
                }
                for number, row in enumerate(policy, 1)
            ],
        }
    )


def _serves(agent: dict[str, Any], queue: str, required: dict[str, int]) -> bool:
    levels = dict(agent["skills"])
    mine = agent.get("queues") or [queue]
    return queue in mine and all(levels.get(skill, 0) >= level for skill, level in required.items())


async def close(asked: Asked) -> ToldQueue:
    """The queue takes no new callers; callers already waiting will still be answered."""
    return await _tell(asked, QueueClosed)


async def open_(asked: Asked) -> ToldQueue:
    """The queue takes callers again."""
    return await _tell(asked, QueueOpened)


async def _tell(asked: Asked, kind: type[QueueClosed] | type[QueueOpened]) -> ToldQueue:
    queue = asked.word("queue")
    refuse_shared(asked, queue)
    await asked.request.app[DOOR].audit.note(asked.who.name, kind.__name__, queue=queue)
    asked.context.tell(kind(queue, asked.who.name))
    return ToldQueue(queue=queue, told=kind.__name__)


_UNKNOWN = {404: "unknown-queue"}
_PATH = f"/api/queues/{{queue:{IN_PATH}}}"
ROUTES = [
    Route("GET", "/api/queues", queues, "floor-see", "Every queue: waiting, staffed, available", answer=Queues),
    Route(
        "GET",
        _PATH,
        one,
        "floor-see",
        "One queue: who waits, who serves it, its policy",
        answer=OneQueue,
        refusals=_UNKNOWN,
    ),
    Route(
        "POST",
        f"{_PATH}/close",
        close,
        "queues-act",
        "Close a queue: no new callers; callers already waiting will still be answered",
        ToldQueue,
        status=202,
        refusals=_UNKNOWN,
    ),
    Route(
        "POST",
        f"{_PATH}/open",
        open_,
        "queues-act",
        "Open a queue to callers again",
        ToldQueue,
        status=202,
        refusals=_UNKNOWN,
    ),
]
