"""Messages, breaks and raised hands as JSON-able data. The keys are public through the API; times ISO 8601 by the outer clock."""

from datetime import UTC, datetime
from typing import Any

from acd.engine.entities import Agent
from acd.engine.state import State
from acd.engine.supervision.book import Break, TeamMessage
from acd.engine.supervision.break_rules import DAY_MIN, is_within
from acd.engine.supervision.breaks import away, counts


def of_agent(s: State, agent: Agent) -> dict[str, Any]:
    """What an agent's row of the snapshot holds beside the rest; keys that say nothing are missing: break, hand, worked_since and
    worked_long, queues_left."""
    told: dict[str, Any] = {}
    if (known := s.supervision.breaks.get(agent.agent)) is not None:
        told["break"] = _break(s, known)
    if (hand := s.supervision.hands.get(agent.agent)) is not None:
        told["hand"] = {"since": s.outer(hand.at).isoformat(), "note": hand.note}
    work = s.supervision.work.get(agent.agent)
    if work is not None and work.since is not None and work.resting_since is None:
        told["worked_since"] = s.outer(work.since).isoformat()
        if work.long:
            told["worked_long"] = True
    if agent.queues_left:
        told["queues_left"] = dict(agent.queues_left)
    return told


def messages_for(s: State, agent: Agent) -> list[dict[str, Any]]:
    """The messages that hold for this agent, oldest first: message, text, by, at, until, seen_at (None: not acknowledged)."""
    return [
        {
            **{name: getattr(one, name) for name in ("message", "text", "by")},
            "at": one.at.isoformat(),
            "until": one.until.isoformat(),
            "seen_at": _text(one.seen.get(agent.agent)),
        }
        for one in s.supervision.holding()
        if one.is_for(agent.agent, agent.team)
    ]


def messages(s: State) -> list[dict[str, Any]]:
    """Those that hold and the latest that are over, newest first, with each agent of whom it is known that they are to see it:
    logged in now, or acknowledged."""
    return [_message(s, one) for one in reversed(s.supervision.messages.values())]


def board(s: State, now: datetime) -> dict[str, Any]:
    """The breaks of this moment: limits with how many are away, and the kinds."""
    rules = s.rules.breaks
    if rules is None:
        return {"planned": False, "kinds": [], "limits": []}
    here = now.astimezone(UTC) + s.rules.utc_offset
    limits = [
        {
            "team": limit.team,
            "queue": limit.queue,
            "at_once": limit.at_once,
            "away": away(s, limit),
            "now": is_within(limit.begin_min, limit.end_min, here),
            "begin": _of_day(limit.begin_min),
            "end": _of_day(limit.end_min),
        }
        for limit in rules.limits
    ]
    kinds = [
        {"reason": kind.reason, "minutes": kind.length.total_seconds() / 60, "leave": kind.leave}
        for kind in rules.kinds
    ]
    return {
        "planned": True,
        "longest_work_s": rules.longest_work.total_seconds(),
        "kinds": kinds,
        "limits": limits,
    }


def _break(s: State, known: Break) -> dict[str, Any]:
    told: dict[str, Any] = {
        "reason": known.reason,
        "state": known.state,
        "since": s.outer(known.began_at or known.at).isoformat(),
        "ends_at": None if known.ends_at is None else s.outer(known.ends_at).isoformat(),
        "overdue": known.overdue,
        "leave": known.leave,
        "by": known.granted_by,
    }
    if known.state == "asked":
        told |= {"waits": known.waits, "place": _place(s, known)}
    return told


def _place(s: State, known: Break) -> int:
    """From 1: among those who wait for the same limits."""
    rules, agent = s.rules.breaks, s.agents[known.agent]
    limits = [limit for limit in rules.limits if counts(s, limit, agent)] if rules is not None else []
    ahead = [
        one
        for one in s.supervision.waiting()
        if one.order < known.order and any(counts(s, limit, s.agents[one.agent]) for limit in limits)
    ]
    return len(ahead) + 1


def _message(s: State, one: TeamMessage) -> dict[str, Any]:
    to = [
        agent.agent
        for agent in s.agents.values()
        if one.is_for(agent.agent, agent.team) and (agent.logged_in or agent.agent in one.seen or one.agents)
    ]
    to += [agent for agent in one.seen if agent not in to]
    return {
        **{name: getattr(one, name) for name in ("message", "text", "by", "ended_by")},
        "agents": list(one.agents),
        "teams": list(one.teams),
        "at": one.at.isoformat(),
        "until": one.until.isoformat(),
        "ended_at": _text(one.ended_at),
        "to": [{"agent": agent, "seen_at": _text(one.seen.get(agent))} for agent in to],
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _of_day(minute: int) -> str:
    return "24:00" if minute == DAY_MIN else f"{minute // 60:02d}:{minute % 60:02d}"
