"""The state at one instant as JSON-able data, for pages, API, command line and tests. The keys are public through the API."""

from datetime import datetime, timedelta
from typing import Any

from acd.engine.entities import Agent, Call
from acd.engine.model import Queue
from acd.engine.routing.calls_out import next_opening
from acd.engine.routing.queueing import ahead_of, expected, since
from acd.engine.routing.router import queue_ask
from acd.engine.state import State


def snapshot(s: State, now: datetime) -> dict[str, Any]:
    """Everything: at, pbx, version, queues, agents, calls, counts, lines. Durations in seconds, times ISO 8601."""
    inner = _inner(s, now)
    waiting: dict[str, list[Call]] = {}
    for call in s.calls.values():
        if call.stage == "waiting":
            waiting.setdefault(call.queue, []).append(call)
    return {
        "at": now.isoformat(),
        "pbx": s.pbx,
        "version": s.version,
        "queues": [_queue(s, queue, waiting.get(queue.name, []), inner) for queue in s.queues.values()],
        "agents": [_agent(s, agent, now) for agent in s.agents.values()],
        "calls": [_call(s, call, inner) for call in s.calls.values()],
        "counts": s.counts.snapshot(),
        "lines": s.line_history.figures(),
    }


def queue_position(s: State, name: str, now: datetime) -> dict[str, Any] | None:
    """Queue position of a call: position (from 1; None: not in line), median_s, p90_s, waited_s, stage. None: no such call."""
    call = s.calls.get(name)
    if call is None:
        return None
    ahead = ahead_of(call) if call.in_line else 0
    wait = expected(s, call.queue, call.line, ahead) if call.in_line else None
    return {
        "position": ahead + 1 if call.in_line else None,
        "median_s": wait.median_s if wait else 0.0,
        "p90_s": wait.p90_s if wait else 0.0,
        "waited_s": _waited_s(call, _inner(s, now)),
        "stage": call.stage,
    }


def callback_from(s: State, name: str, now: datetime) -> datetime | None:
    """From when customers are called back, where this caller's turn must be expected at a time when none is. None: it needs not."""
    call = s.calls.get(name)
    if call is None:
        return None
    ahead = ahead_of(call) if call.in_line else 0
    wait = expected(s, call.queue, call.line, ahead) if call.in_line else None
    opens = next_opening(s, _inner(s, now) + timedelta(seconds=wait.median_s if wait else 0.0))
    return None if opens is None else s.outer(opens)


def _inner(s: State, now: datetime) -> datetime:
    return max(s.now, now + s.skew) if s.started else now


def _queue(s: State, queue: Queue, waiting: list[Call], now: datetime) -> dict[str, Any]:
    line = s.router.line(queue_ask(queue))
    competing = {line: 1} | line.rivals
    wait = expected(s, queue.name, line, sum(other.waiting for other in competing))
    return {
        "name": queue.name,
        "waiting": len(waiting),
        "longest_wait_s": max((_waited_s(call, now) for call in waiting), default=0.0),
        "staffed": line.staffed,
        "available": line.available if s.pbx else 0,
        "closed": queue.name in s.closed,
        "strategy": queue.strategy,
        "median_s": round(wait.median_s, 3),
        "p90_s": round(wait.p90_s, 3),
    }


def one_call(s: State, name: str, now: datetime) -> dict[str, Any] | None:
    """One call, as in `snapshot`; None: no such call."""
    call = s.calls.get(name)
    return None if call is None else _call(s, call, _inner(s, now))


def at_desk(s: State, name: str, now: datetime) -> dict[str, Any] | None:
    """One agent, and the call that they have, as in `snapshot`: at, pbx, agent, calls. None: no such agent."""
    agent = s.agents.get(name)
    if agent is None:
        return None
    calls = [agent.offer.call] if agent.offer is not None else []
    return {
        "at": now.isoformat(),
        "pbx": s.pbx,
        "agent": _agent(s, agent, now),
        "calls": [_call(s, call, _inner(s, now)) for call in calls if call.call in s.calls],
    }


def _agent(s: State, agent: Agent, now: datetime) -> dict[str, Any]:
    wrap_up = s.deadlines.due(("wrap-up", agent.agent))
    return {
        "agent": agent.agent,
        "name": agent.name,
        "logged_in": agent.logged_in,
        "ready": agent.ready,
        "reason": agent.reason,
        "work": agent.work,
        "reachable": agent.reachable,
        "outside": bool(agent.outside),
        "habits": dict(agent.habits),
        "phone_test": agent.test,
        "state": agent.state,
        "state_since": s.outer(agent.since or (s.began if s.started else now)).isoformat(),
        "call": agent.offer.call.call if agent.offer is not None else None,
        "offer": agent.offer.offer if agent.offer is not None else None,
        "wrap_up_ends_at": None if wrap_up is None else s.outer(wrap_up).isoformat(),
        "consults": agent.offer.call.call if agent.offer is not None and agent.offer.consulted else None,
        "tier": agent.tier,
        "to_explain": None if agent.to_explain is None else agent.to_explain[0],
        "skills": dict(agent.skills),
        "queues": list(agent.queues),
    }


def _call(s: State, call: Call, now: datetime) -> dict[str, Any]:
    offer = call.offer
    return {
        "call": call.call,
        "caller": call.caller_shown,
        "trunk": call.trunk,
        "identity": call.identity,
        "queue": call.queue,
        "stage": call.stage,
        "agent": offer.agent.agent if offer is not None else None,
        "offer": offer.offer if offer is not None else None,
        "position": ahead_of(call) + 1 if call.in_line else None,
        "asked_at": None if call.asked_at is None else s.outer(call.asked_at).isoformat(),
        "waited_s": _waited_s(call, now),
        "place_s": 0.0 if call.placed_at is None else since(call.placed_at, now),
        "priority": call.priority,
        "virtual": call.virtual,
        "kept_for": call.kept_for or None,
        "rows": [number + 1 for number in call.rows],
        "held": _held(call),
        "held_since": None if offer is None or offer.apart_at is None else s.outer(offer.apart_at).isoformat(),
        "held_by": None if offer is None or offer.apart_at is None else offer.apart_how,
        "muted": call.muted,
        "line": {} if offer is None else {side: list(problems) for side, problems in offer.line.items()},
        "transfer": _transfer(s, call),
        "continues": call.continues or None,
    }


def _held(call: Call) -> str | None:
    offer = call.offer
    if offer is None:
        return None
    return offer.apart_kind or ("three-way" if offer.three_way_at is not None else None)


def _transfer(s: State, call: Call) -> dict[str, Any] | None:
    transfer = call.transfer
    if transfer is None:
        return None
    return {
        "number": transfer.number,
        "state": transfer.state,
        "first": transfer.first,
        "kind": transfer.kind,
        "to": transfer.to,
        "receiver": transfer.receiver,
        "reason": transfer.reason,
        "note": transfer.note,
        "warm": transfer.warm,
        "how": transfer.how,
        "amount": transfer.amount,
        "since": s.outer(transfer.at).isoformat(),
    }


def _waited_s(call: Call, now: datetime) -> float:
    """Seconds since asking for a person, until now or until the talk that goes on began."""
    if call.asked_at is None:
        return 0.0
    offer = call.offer
    until = offer.bridged_at if offer is not None and offer.bridged_at is not None else now
    if call.stage == "after" and call.wait_s is not None:
        return call.wait_s
    return since(call.asked_at, until)
