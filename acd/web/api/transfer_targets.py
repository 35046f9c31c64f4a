"""Whom a caller can be handed over to at this moment: people, queues, skills, numbers; who is proposed first, then who is
free. Whether one may be chosen is what the engine itself would say to it, so the list never promises more than it holds."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from acd.engine.transfer_events import TargetKind, TransferRequested
from acd.web.access.call_access import IN_PATH, is_agent
from acd.web.api.calls import live_call
from acd.web.api.transfers import reason_named
from acd.web.live.agent_desk_state import reasons
from acd.web.live.seen import seen
from acd.web.live.state import look
from acd.web.server.api_model import ApiModel
from acd.web.server.log_labels import skill_name
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict


class TargetsQuery(Strict):
    """What the transfer is about."""

    reason: Annotated[str, Field(max_length=80)] = ""
    """What is proposed, and who may receive it, depends on it."""
    amount: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] = 0


class _Target(ApiModel):
    allowed: bool
    why: str | None
    """The code of the engine's refusal; null when it is allowed."""
    proposed: bool
    """By the configuration, for this reason and amount."""


class AgentTarget(_Target):
    """An agent as a target."""

    agent: str
    name: str
    queues: list[str]
    state: str
    reason: str
    free: bool
    tier: int


class QueueTarget(_Target):
    """A queue as a target; waits in seconds."""

    name: str
    zh: str
    en: str
    waiting: int
    available: int
    staffed: int
    median_s: float
    open: bool


class SkillTarget(_Target):
    """Any agent with this skill as a target."""

    skill: str
    zh: str
    en: str
    staffed: int
    available: int


class NumberTarget(_Target):
    """An outside number of the allow-list as a target."""

    number: str
    zh: str
    en: str


class ReasonChoice(ApiModel):
    """A configured reason of transfers."""

    reason: str
    zh: str
    en: str
    key: str
    """On the telephone."""
    amount: bool
    """How much money it is about decides who may receive it."""


class Targets(ApiModel):
    """All targets, and the reasons to choose from."""

    call: str
    agents: list[AgentTarget]
    queues: list[QueueTarget]
    skills: list[SkillTarget]
    numbers: list[NumberTarget]
    reasons: list[ReasonChoice]


async def targets(asked: Asked) -> Targets:
    """The targets as now: proposed ones first, then free ones; for each whether the engine would allow it, else why not. For a
    supervisor those of the own teams, and outside numbers."""
    row, query = await live_call(asked), asked.query
    config, found = asked.context.config, seen(look(asked.context), asked.scope)
    first = asked.who.name if is_agent(asked.who) else row["agent"] or ""
    reason = reason_named(asked, query.reason)
    if reason and reason not in config.transfers.named():
        known = [choice["reason"] for choice in reasons(config)]
        detail = f"That reason is unknown. Use one of: {', '.join(known)}."
        raise Problem(400, "unknown-reason", detail, field="reason", allowed=known)
    wanted: list[tuple[TargetKind, str]] = [*config.proposed_targets(reason, query.amount)] if reason else []
    asked_for = reason or _any_reason(asked)

    def judged(kind: TargetKind, to: str) -> dict[str, Any]:
        event = TransferRequested(row["call"], first, kind, to, asked_for, amount=query.amount)
        refusal = asked.context.refusal(event)
        may = refusal is None
        return {
            "allowed": may,
            "why": None if refusal is None else refusal.code,
            "proposed": may and (kind, to) in wanted,
            "order": wanted.index((kind, to)) if may and (kind, to) in wanted else len(wanted),
        }

    others = [agent for agent in found["agents"] if agent["agent"] != first]
    skills = sorted({skill for agent in config.agents.values() for skill in agent.skills}) if asked.scope.whole else []
    people = [{**agent, "free": agent["state"] == "idle", **judged("agent", agent["agent"])} for agent in others]
    queues = [{**queue, **judged("queue", queue["name"])} for queue in found["queues"]]
    able = [{**_skill(asked, skill, others), **judged("skill", skill)} for skill in skills]
    numbers = [
        {"number": number, "zh": label.zh, "en": label.en, **judged("number", number)}
        for number, label in config.transfers.numbers.items()
    ]
    return Targets.model_validate(
        {
            "call": row["call"],
            "agents": sorted(people, key=lambda one: (one["order"], not one["free"], not one["allowed"], one["agent"])),
            "queues": _in_order(queues, "available"),
            "skills": _in_order(able, "available"),
            "numbers": _in_order(numbers),
            "reasons": reasons(config),
        }
    )


def _in_order(rows: Iterable[dict[str, Any]], free: str = "") -> list[dict[str, Any]]:
    """Proposed first, then those where somebody is free; else as configured."""
    return sorted(rows, key=lambda row: (row["order"], not row["allowed"], bool(free) and not row[free]))


def _skill(asked: Asked, skill: str, agents: list[dict[str, Any]]) -> dict[str, Any]:
    having = [agent for agent in agents if skill in dict(agent["skills"]) and agent["logged_in"]]
    config = asked.context.config
    return {
        "skill": skill,
        "zh": skill_name(config, skill, "zh"),
        "en": skill_name(config, skill, "en"),
        "staffed": len(having),
        "available": sum(1 for agent in having if agent["state"] == "idle"),
    }


def _any_reason(asked: Asked) -> str:
    """One that asks for no tier: what is refused with it is refused with all."""
    transfers = asked.context.config.transfers
    names = [label.en for label in transfers.reasons.values()]
    return next((name for name in names if transfers.tier_for(name) == 1), names[0] if names else "")


ROUTES = [
    Route(
        "GET",
        f"{IN_PATH}/targets",
        targets,
        "calls-handle",
        "Targets for a transfer of this call: proposed first, then who is free",
        answer=Targets,
        query=TargetsQuery,
        refusals={404: "unknown-call", 400: "unknown-reason"},
    )
]
