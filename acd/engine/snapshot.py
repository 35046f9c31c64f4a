"""The floor at one instant, as plain JSON-able data: what the pages, the command line and the stories read."""

from datetime import datetime
from typing import Any

from acd.engine.calls import Call
from acd.engine.model import Queue
from acd.engine.routing import merged
from acd.engine.state import State


def snapshot(s: State, now: datetime) -> dict[str, Any]:
    inner = max(s.now, now + s.skew) if s.started else now
    positions = _positions(s)
    waiting: dict[str, list[Call]] = {}
    for call in s.calls.values():
        if call.stage == "waiting":
            waiting.setdefault(call.queue, []).append(call)
    return {
        "at": now.isoformat(),
        "pbx": s.pbx,
        "queues": [_queue(s, queue, waiting.get(queue.name, []), inner) for queue in s.queues.values()],
        "agents": [
            {
                "agent": agent.agent,
                "name": agent.name,
                "logged_in": agent.logged_in,
                "ready": agent.ready,
                "reason": agent.reason,
                "work": agent.work,
                "reachable": agent.reachable,
                "state": agent.state,
                "state_since": s.outer(agent.since or (s.began if s.started else now)).isoformat(),
                "call": agent.offer.call.call if agent.offer is not None else None,
                "skills": dict(agent.skills),
            }
            for agent in s.agents.values()
        ],
        "calls": [
            {
                "call": call.call,
                "caller": call.caller,
                "queue": call.queue,
                "stage": call.stage,
                "agent": call.offer.agent.agent if call.offer is not None else None,
                "offer": call.offer.offer if call.offer is not None else None,
                "position": positions.get(call.call),
                "asked_at": None if call.asked_at is None else s.outer(call.asked_at).isoformat(),
                "waited_s": _waited_s(call, inner),
            }
            for call in s.calls.values()
        ],
        "counts": s.counts.snapshot(),
    }


def _queue(s: State, queue: Queue, waiting: list[Call], now: datetime) -> dict[str, Any]:
    line = s.router.line(merged(queue.skills))
    return {
        "name": queue.name,
        "waiting": len(waiting),
        "longest_wait_s": max((_waited_s(call, now) for call in waiting), default=0.0),
        "staffed": line.able - line.counts["logged out"],
        "available": line.counts["idle"] if s.pbx else 0,
    }


def _waited_s(call: Call, now: datetime) -> float:
    """Since asking for a person: until now, or until the talk that goes on began."""
    if call.asked_at is None:
        return 0.0
    offer = call.offer
    until = offer.bridged_at if offer is not None and offer.bridged_at is not None else now
    if call.stage == "after" and call.wait_s is not None:
        return call.wait_s
    return max(0.0, (until - call.asked_at).total_seconds())


def _positions(s: State) -> dict[str, int]:
    """Place in line, from 1, of every call that waits."""
    positions: dict[str, int] = {}
    for line in s.router.lines():
        if line.waiting:
            standing = sorted(entry for entry in line.callers if entry[4].in_line and entry[3] == entry[4].stamp)
            positions.update((entry[4].call, number) for number, entry in enumerate(standing, start=1))
    return positions
