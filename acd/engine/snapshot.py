"""The state at one instant as JSON-able data, for pages, API, command line and tests. The keys are public through the API."""

from datetime import datetime, timedelta
from typing import Any

from acd.engine.entities import Agent, Call
from acd.engine.model import Queue
from acd.engine.routing.agents import WRAP_UP_EXTENSIONS
from acd.engine.routing.calls_out import next_opening
from acd.engine.routing.queueing import ahead_of, expected, positions, since
from acd.engine.state import State
from acd.engine.supervision import told


def snapshot(s: State, now: datetime) -> dict[str, Any]:
    """Everything: at, pbx, version, queues, agents, calls, counts, lines. Durations in seconds, times ISO 8601."""
    inner = _inner(s, now)
    waiting: dict[str, list[Call]] = {}
    places = positions(s.calls.values())
    for call in s.calls.values():
        if call.stage == "waiting":
            waiting.setdefault(call.queue, []).append(call)
    return {
        "at": now.isoformat(),
        "pbx": s.pbx,
        "version": s.version,
        "queues": [_queue(s, queue, waiting.get(queue.name, []), inner) for queue in s.queues.values()],
        "agents": [_agent(s, agent, now) for agent in s.agents.values()],
        "calls": [_call(s, call, inner, places.get(call.call)) for call in s.calls.values()],
        "counts": s.counts.snapshot(inner),
        "lines": s.line_history.figures(),
        "hours_set": hours_set(s, now),
    }


def hours_set(s: State, now: datetime) -> dict[str, dict[str, Any]]:
    """Queue ("" is the whole hotline) to what an operator has set in the place of its hours: open, until, zh, en, by."""
    return {
        queue: {"open": each.open, "until": each.until.isoformat(), "zh": each.zh, "en": each.en, "by": each.by}
        for queue, each in s.hours_set.items()
        if each.until > now
    }


def queue_position(s: State, name: str, now: datetime) -> dict[str, Any] | None:
    """Queue position of a call: position (in its own queue, from 1; None: not in line), median_s, p90_s, waited_s, stage,
    called_back (the customer has been called). None: no such call."""
    call = s.calls.get(name)
    if call is None:
        return None
    ahead = ahead_of(call) if call.in_line else 0
    wait = expected(s, call.queue, call.line, ahead) if call.in_line else None
    return {
        "position": _position(s, call),
        "median_s": wait.median_s if wait else 0.0,
        "p90_s": wait.p90_s if wait else 0.0,
        "waited_s": _waited_s(call, _inner(s, now)),
        "stage": call.stage,
        "called_back": call.called_back,
    }


def callback_from(s: State, name: str, now: datetime) -> datetime | None:
    """From when customers are called back, where this caller's turn must be expected at a time when none is. None: it needs not."""
    call = s.calls.get(name)
    if call is None:
        return None
    ahead = ahead_of(call) if call.in_line else 0
    wait = expected(s, call.queue, call.line, ahead) if call.in_line else None
    at = _inner(s, now) + timedelta(seconds=wait.median_s if wait else 0.0)
    opens = next_opening(s, at, call.brand, call.callback or call.caller, call.area)
    return None if opens is None else s.outer(opens)


def _inner(s: State, now: datetime) -> datetime:
    return max(s.now, now + s.skew) if s.started else now


def _queue(s: State, queue: Queue, waiting: list[Call], now: datetime) -> dict[str, Any]:
    line = s.router.line(s.ask_of(queue))
    competing = {line: 1} | line.rivals
    wait = expected(s, queue.name, line, sum(other.waiting for other in competing))
    return {
        "name": queue.name,
        "waiting": len(waiting),
        "longest_wait_s": max((_waited_s(call, now) for call in waiting), default=0.0),
        "staffed": line.staffed,
        "available": line.available if s.pbx else 0,
        "closed": queue.name in s.closed,
        **_closed(s, queue.name),
        "strategy": queue.strategy,
        **({"brand": queue.brand} if queue.brand else {}),
        "median_s": round(wait.median_s, 3),
        "p90_s": round(wait.p90_s, 3),
    }


def _closed(s: State, queue: str) -> dict[str, Any]:
    """By whom and since when an operator has closed the queue; nothing of it where it is not closed."""
    if queue not in s.closed:
        return {}
    at = s.closed_at.get(queue)
    return {"closed_by": s.closed[queue], "closed_at": None if at is None else s.outer(at).isoformat()}


def one_call(s: State, name: str, now: datetime) -> dict[str, Any] | None:
    """One call, as in `snapshot`; None: no such call."""
    call = s.calls.get(name)
    return None if call is None else _call(s, call, _inner(s, now), _position(s, call))


def at_desk(s: State, name: str, now: datetime) -> dict[str, Any] | None:
    """One agent, and the call that they have, as in `snapshot`, and the messages to them: at, pbx, agent, calls, messages. None: no such agent."""
    agent = s.agents.get(name)
    if agent is None:
        return None
    calls = [agent.offer.call] if agent.offer is not None else []
    return {
        "at": now.isoformat(),
        "pbx": s.pbx,
        "agent": _agent(s, agent, now),
        "calls": [_call(s, call, _inner(s, now), _position(s, call)) for call in calls if call.call in s.calls],
        "messages": told.messages_for(s, agent),
    }


def _agent(s: State, agent: Agent, now: datetime) -> dict[str, Any]:
    wrap_up = s.deadlines.due(("wrap-up", agent.agent))
    return {
        "agent": agent.agent,
        "name": agent.name,
        "logged_in": agent.logged_in,
        "ready": agent.ready,
        "reason": agent.reason,
        "set_by": agent.set_by,
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
        "wrap_up_extensions": WRAP_UP_EXTENSIONS - agent.wrap_up_extended if wrap_up is not None else 0,
        "consults": agent.offer.call.call if agent.offer is not None and agent.offer.consulted else None,
        "tier": agent.tier,
        "team": agent.team,
        "to_class": agent.to_class or None,
        "to_explain": None if agent.to_explain is None else agent.to_explain[0],
        "skills": dict(agent.skills),
        "queues": list(agent.queues),
        **({"kept_by": list(agent.kept_by)} if agent.kept_by else {}),
        **told.of_agent(s, agent),
    }


def _position(s: State, call: Call) -> int | None:
    """As in `queueing.positions`, of one call."""
    if not call.in_line:
        return None
    turn = (call.turn, call.order)
    others = (one for one in s.calls.values() if one.in_line and one.queue == call.queue)
    return 1 + sum((one.turn, one.order) < turn for one in others)


def _call(s: State, call: Call, now: datetime, position_in_queue: int | None) -> dict[str, Any]:
    offer = call.offer
    return {
        "call": call.call,
        "caller": call.caller_shown,
        "trunk": call.trunk,
        **({"brand": call.brand} if call.brand else {}),
        "identity": call.identity,
        **({"customer": call.customer} if call.customer else {}),
        **({"customer_name": call.customer_name} if call.customer_name else {}),
        **({"customer_class": call.customer_class} if call.customer_class else {}),
        "queue": call.queue,
        "stage": call.stage,
        "agent": offer.agent.agent if offer is not None else None,
        "offer": offer.offer if offer is not None else None,
        "position": ahead_of(call) + 1 if call.in_line else None,
        "position_in_queue": position_in_queue,
        "asked_at": None if call.asked_at is None else s.outer(call.asked_at).isoformat(),
        "waiting_since": _waiting_since(s, call),
        "in_time": call.in_time,
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
        **_mask(s, call),
        "line": {} if offer is None else {side: list(problems) for side, problems in offer.line.items()},
        "transfer": _transfer(s, call),
        "continues": call.continues or None,
        **_listeners(s, call),
    }


def _waiting_since(s: State, call: Call) -> str | None:
    if call.asked_at is None or call.stage not in ("waiting", "offered"):
        return None
    return s.outer(call.waits_since).isoformat()


def _listeners(s: State, call: Call) -> dict[str, Any]:
    listeners = [
        {
            "listener": each.listener,
            "account": each.account,
            "telephone": each.telephone,
            "mode": each.mode,
            "state": "ringing" if not each.is_up else "joined" if each.joined_at is not None else "listening",
            "took_over": each.took_over,
            "teams": list(each.teams),
            "since": s.outer(each.answered_at or each.asked_at).isoformat(),
        }
        for each in s.listeners.of_call(call.call)
    ]
    return {"listeners": listeners} if listeners else {}


def _mask(s: State, call: Call) -> dict[str, Any]:
    mask = call.mask
    if mask is None:
        return {"mask_failed": call.mask_failed} if call.mask_failed else {}
    return {
        "masked_since": s.outer(mask.began_at).isoformat(),
        "masked_until": s.outer(mask.until).isoformat(),
        "masked_by": mask.by,
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
    """Seconds since asking for a person, until now or until the talk that goes on began. Of a caller who has come back to the queue:
    since then."""
    if call.asked_at is None:
        return 0.0
    offer = call.offer
    until = offer.bridged_at if offer is not None and offer.bridged_at is not None else now
    if call.stage == "after" and call.wait_s is not None:
        return call.wait_s
    return since(call.waits_since if call.stage in ("waiting", "offered") else call.asked_at, until)
