"""One routing decision in full: every agent, with the reason why they were chosen or passed over.

Too long for the log, which keeps a summary (choice_log.py); it is made again by replaying the journal to the decision.
"""

from typing import Any

from acd.engine.brands import may_serve
from acd.engine.entities import Agent, Call
from acd.engine.model import has_skills
from acd.engine.offers.choice_log import (
    BY_MEASURE,
    DID_NOT_TAKE,
    KNOWS,
    LACKS_SKILL,
    LESS_LONG,
    LESS_PREFERRED,
    MORE_QUEUES,
    OTHER_BRAND,
    PAUSED,
    UNKNOWN_TO_CALLER,
)
from acd.engine.routing.queueing import since
from acd.engine.state import State

CHOSEN = "chosen"
TAKES_NO_CALLS_OF_IT = "takes no calls of this queue"
CALLERS = 20
"""How many of the competing callers are listed."""


def explain(s: State, call: Call, winner: Agent | None, rule: str) -> dict[str, Any]:
    """Every agent with their verdict, the chosen one first, then the able, best suited first. JSON-able.

    `winner` None: no agent was available, and the call waits. Times are ISO 8601.
    """
    agents = sorted(s.agents.values(), key=lambda agent: _order(call, agent, winner))
    competing = list(winner.lines) if winner else [call.line]
    callers = sorted(entry for line in competing for entry in line.callers)
    return {
        "at": s.outer(s.now).isoformat(),
        "call": call.call,
        "offer": f"{call.call}-{call.offers + 1}" if winner else "",
        "agent": winner.agent if winner else "",
        "queue": call.queue,
        "rule": rule,
        "strategy": call.line.ask.strategy,
        "required": [{"queue": queue, "skills": dict(skills)} for queue, skills in call.line.ask.any_of],
        "prefers": dict(call.line.ask.prefers),
        "rows": [number + 1 for number in call.rows],
        "agents": [
            {
                "agent": agent.agent,
                "verdict": verdict(call, agent, winner, rule),
                "state": agent.state,
                "detail": _detail(s, call, agent),
            }
            for agent in agents
        ],
        "callers": [
            {
                "call": other.call,
                "place": s.outer(other.place).isoformat(),
                "turn": s.outer(turn).isoformat(),
                "priority": other.priority,
            }
            for turn, _, other in callers[: CALLERS + 1]
            if other is not call
        ][:CALLERS],
    }


def verdict(call: Call, agent: Agent, winner: Agent | None, rule: str) -> str:
    """Why this agent was chosen or passed over: CHOSEN, an agent's state, or a reason of choice_log."""
    line = call.line
    if agent is winner:
        return CHOSEN
    if not may_serve(agent.kept_by, line.ask.keeper):
        return OTHER_BRAND
    if line not in agent.lines:
        skilled = any(has_skills(agent.skills, required) for _, required in line.ask.any_of)
        barred = skilled and not all(agent.serves(queue) for queue, _ in line.ask.any_of)
        return TAKES_NO_CALLS_OF_IT if barred else LACKS_SKILL
    if agent.state != "idle":
        return agent.state
    if agent.agent in call.paused:
        return PAUSED
    if agent.agent in call.missed:
        return DID_NOT_TAKE
    if winner is None or rule in KNOWS.values():
        return UNKNOWN_TO_CALLER
    for reason, own, best in zip(
        (LESS_PREFERRED, MORE_QUEUES, BY_MEASURE[line.ask.strategy]), line.suit(agent), line.suit(winner), strict=False
    ):
        if own > best:
            return reason
    return LESS_LONG


def _order(call: Call, agent: Agent, winner: Agent | None) -> tuple[Any, ...]:
    able = call.line in agent.lines
    return (agent is not winner, not able, agent.state != "idle", call.line.suit(agent) if able else (), agent.agent)


def _detail(s: State, call: Call, agent: Agent) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "skills": dict(agent.skills),
        "in_state_s": since(agent.since or s.began, s.now),
    }
    if agent.queues:
        detail["queues"] = list(agent.queues)
    if agent.state_reason:
        detail["reason"] = agent.state_reason
    suit = agent.lines.get(call.line)
    if suit is not None and call.line.ask.prefers:
        detail["preferred_skills"] = -suit[0]
    return detail
