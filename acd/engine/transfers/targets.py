"""Targets of transfers: what a target means, and why one is refused. Nothing here changes the state."""

from dataclasses import dataclass, field
from typing import Any, get_args

from acd.engine.ask import Ask
from acd.engine.brands import keeper_of, may_serve
from acd.engine.entities import Agent, Call, Line
from acd.engine.model import BY_TELEPHONE, Queue
from acd.engine.routing import calls_out
from acd.engine.routing.queueing import by_skill
from acd.engine.routing.router import merged
from acd.engine.state import State
from acd.engine.transfer_events import TargetKind
from acd.engine.transfer_record import Transfer

FULL = "calls-out-full"
"""The refusal's code where a limit of calls out is reached."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused."""

    code: str
    """For programs, as "not-talking"; public through the API."""
    sentence: str
    """For people, in English; acd/words has the Chinese by the code."""
    words: dict[str, Any] = field(default_factory=dict)
    """What the sentence is about, JSON-able, as {"agent": "1001"}."""


def under_way(s: State, transfer: Transfer, sentence: str) -> Refusal:
    """The refusal because of a transfer under way, with its first agent and begin: it may be the same person in another tab."""
    return Refusal("under-way", sentence, {"agent": transfer.first, "at": s.outer(transfer.at).isoformat()})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a transfer goes: `to` is an extension, queue, skill or number, by `kind`."""

    kind: TargetKind
    to: str


def dialled(s: State, digits: str) -> tuple[Target | None, str]:
    """Digits that an agent has dialled, as target and reason: "1002", "1002*3", a configured extension, a number of the
    allow-list. Target None: no such target."""
    number, _, key = digits.partition("*")
    reason = s.rules.transfer_reasons.get(key, BY_TELEPHONE)
    if number in s.agents:
        return Target("agent", number), reason
    kind, _, to = s.rules.extensions.get(number, "").partition(":")
    if to and kind in get_args(TargetKind):
        return Target(kind, to), reason  # type: ignore[arg-type]
    if number in s.rules.transfer_numbers:
        return Target("number", number), reason
    return None, reason


def asked_line(s: State, call: Call, target: Target, tier: int = 1) -> Line:
    """The line in which the call would stand for this queue or skill, where it needs agents of this tier."""
    keeper = keeper_of(s.rules, call.brand)
    if target.kind == "skill":
        strategy = s.queue(call.queue).strategy
        return s.router.line(by_skill(s, merged(((target.to, 1),), call.skills), strategy, tier, keeper))
    queue: Queue = s.queues[target.to]
    ask = Ask(((queue.name, merged(queue.skills, call.skills)),), merged(queue.prefers), queue.strategy, tier, keeper)
    return s.router.line(ask)


def refuse_reason(s: State, reason: str) -> Refusal | None:
    """Why this reason of a transfer is refused; None: it is accepted."""
    if not reason.strip():
        return Refusal("no-reason", "A transfer needs a reason. Choose one.")
    known = set(s.rules.transfer_reasons.values())
    if known and reason not in known and reason != BY_TELEPHONE:
        return Refusal("unknown-reason", f"There is no reason {reason!r}. Choose one of: {', '.join(sorted(known))}.")
    return None


def refuse_target(
    s: State, call: Call, first: str, target: Target, reason: str, amount: float, warm: bool
) -> Refusal | None:
    """Why this agent can't transfer this call there; None: they can. `amount` in money; 0: it is not known."""
    if (refused := _refuse_by_team(s, first, target)) is not None:
        return refused
    needed = tier_needed(s, reason, amount)
    match target.kind:
        case "agent":
            return _refuse_agent(s, call, first, target.to, reason, amount)
        case "number":
            if target.to not in s.rules.transfer_numbers:
                return Refusal(
                    "not-allowed", f"{target.to} is not on the list of outside numbers. Ask your supervisor to add it."
                )
            has = s.rules.transfer_number_tiers.get(target.to, 1)
            if has < needed:
                return _below(f"{target.to} (tier {has})", reason, needed, has)
            return _refuse_leg(s, target.to)
    if target.kind == "queue" and (target.to not in s.queues or target.to in s.unknown_queues):
        return Refusal("unknown-target", f"There is no queue {target.to!r}.")
    if target.kind == "queue" and (owner := s.queues[target.to].brand) != call.brand:
        # Of a brand that keeps to itself neither its calls leave its queues, nor do others come there.
        keeper = keeper_of(s.rules, call.brand) or keeper_of(s.rules, owner)
        if keeper:
            return _other_brand(f"Queue {target.to}", call, keeper)
    if target.kind == "skill" and not any(
        skill == target.to for agent in s.agents.values() for skill, _ in agent.skills
    ):
        return Refusal("unknown-target", f"Nobody has a skill {target.to!r}.")
    if target.kind == "queue" and any((queue, why) == (target.to, reason) for _, queue, why in call.handed_by):
        return _circle(f"queue {target.to}")
    line = asked_line(s, call, target, needed)
    if not line.staffed and (anybody := asked_line(s, call, target)).staffed:
        highest = max(agent.tier for agent in s.agents.values() if anybody in agent.lines and agent.logged_in)
        return _below(f"{target.kind} {target.to} (tier {highest} at most at this moment)", reason, needed, highest)
    if not line.staffed:
        return Refusal("not-staffed", f"Nobody who could serve {target.kind} {target.to} is logged in.")
    if warm and not line.available:
        return Refusal(
            "nobody-free", f"Nobody of {target.kind} {target.to} is free. Hand the caller over without a word, or wait."
        )
    return None


def _refuse_by_team(s: State, first: str, target: Target) -> Refusal | None:
    """Where the first agent's team has a list of places, everything else is refused."""
    agent = s.agents.get(first)
    team = s.rules.team(agent.team) if agent is not None else None
    if team is None or team.hand_over_to is None or f"{target.kind}:{target.to}" in team.hand_over_to:
        return None
    receiver = s.agents.get(target.to) if target.kind == "agent" else None
    if receiver is not None and receiver.team and f"team:{receiver.team}" in team.hand_over_to:
        return None
    places = ", ".join(team.hand_over_to) or "nowhere"
    said = f"Agents of team {team.name} may not transfer to {target.kind} {target.to}. They may to: {places}."
    return Refusal("not-for-team", said, {"team": team.name, "allowed": list(team.hand_over_to)})


def _refuse_leg(s: State, number: str) -> Refusal | None:
    if why := calls_out.refuse_number(s, number):
        return Refusal("not-allowed", f"{number} may not be called ({why}). Ask your supervisor.", {"why": why})
    if limit := calls_out.no_leg(s):
        return Refusal(FULL, "As many calls have left the hotline as may. Try again later.", {"limit": limit})
    return None


def alarm_about(s: State, refused: Refusal | None, call: Call | None, number: str) -> None:
    """An alarm where a transfer to an outside number was refused because of the number or of a limit."""
    if refused is not None and refused.code in ("not-allowed", FULL):
        calls_out.raise_alarm(s, refused.words.get("limit") or refused.words.get("why") or refused.code, call, number)


def _refuse_agent(s: State, call: Call, first: str, name: str, reason: str, amount: float) -> Refusal | None:
    agent = s.agents.get(name)
    if agent is None or agent.leaving:
        return Refusal("unknown-target", f"There is no agent {name}.")
    if name == first:
        return Refusal("oneself", "You can't transfer to yourself. Choose somebody else.")
    if not may_serve(agent.kept_by, keeper := keeper_of(s.rules, call.brand)):
        return _other_brand(f"Agent {name}", call, keeper or agent.kept_by[0])
    needed = tier_needed(s, reason, amount)
    if agent.tier < needed:
        return _below(f"Agent {name} (tier {agent.tier})", reason, needed, agent.tier)
    if any(before == name and why == reason for before, _, why in call.handed_by):
        return _circle(f"agent {name}")
    if agent.state != "idle":
        return Refusal("not-available", f"Agent {name} is {agent.state}.", {"state": agent.state, "agent": name})
    return None


def _other_brand(who: str, call: Call, keeper: str) -> Refusal:
    of = f"of brand {call.brand}" if call.brand else "of no brand"
    return Refusal(
        "other-brand",
        f"{who} can't have this call {of}: brand {keeper} keeps its calls and agents to itself.",
        {"brand": keeper},
    )


def _circle(who: str) -> Refusal:
    return Refusal("circle", f"The call came from {who} for the same reason. Consult them, or choose another target.")


def _below(who: str, reason: str, needed: int, has: int) -> Refusal:
    return Refusal("tier", f"{who} may not receive this: {reason} needs tier {needed}.", {"needs": needed, "has": has})


def tier_needed(s: State, reason: str, amount: float) -> int:
    """The tier that a receiver needs for this reason and amount: the highest that a row of the escalation asks for, else 1.

    An amount of 0 is not known, as with a telephone's own keys: then every row of the reason counts.
    """
    tiers = [
        row.tier
        for row in s.rules.escalations
        if row.reason == reason and (not amount or not row.over or amount > row.over)
    ]
    return max(tiers, default=1)


def free_agent(s: State, call: Call, target: Target, tier: int = 1) -> Agent | None:
    """The agent whom a consult rings: the one who is named, or the best of the idle of this tier; None: they are not idle."""
    if target.kind == "agent":
        agent = s.agents.get(target.to)
        return agent if agent is not None and agent.state == "idle" else None
    idle = asked_line(s, call, target, tier).idle
    return idle[0].agent if idle else None
