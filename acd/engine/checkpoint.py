"""The engine's whole state as plain JSON-able data, and back.

Heaps and counts of the lines are not kept: they follow from who stands in them. Times are inner times.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from acd.engine.agents import Agent, add
from acd.engine.calls import Call, Offered
from acd.engine.commands import Ending
from acd.engine.model import AgentProfile, Queue
from acd.engine.routing import merged
from acd.engine.state import State

FORMAT = 1

OFFER_TIMES = ("offered_at", "dialled_at", "ringing_at", "answered_at", "bridged_at")
OFFER_FIELDS = ("offer", "queue", "number", "also", "crossed", "reopened")
AGENT_FIELDS = (
    "name", "logged_in", "ready", "reason", "work", "phone", "doubted", "leaving", "state", "state_reason",
    "last_offer", "last_queue", "stepped_out", "wrap_up_queue", "rank", "stamp", "listed",
)  # fmt: skip
CALL_FIELDS = (
    "order", "caller", "dialled", "known", "language", "path", "queue", "stage", "priority", "offers", "hanging", "up",
    "not_dialled", "resting", "talk_s", "wait_s", "in_line", "stamp",
)  # fmt: skip


class CheckpointOfAnotherFormat(Exception):
    """The checkpoint was written by a version that kept other things. Start without it: resync finds the calls."""


def kept(s: State) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "pbx": s.pbx,
        "pbx_lost_at": _text(s.pbx_lost_at),
        "started": s.started,
        "began": _text(s.began),
        "now": _text(s.now),
        "skew_us": s.skew // timedelta(microseconds=1),
        "ranks": s.ranks,
        "arrivals": s.arrivals,
        "strange_queues": list(s.strange),
        "agents": [_kept_agent(agent) for agent in s.agents.values()],
        "calls": [_kept_call(s, call) for call in s.calls.values()],
        "over": [[name, _text(at), told] for name, (at, told) in s.over.items()],
        "deadlines": [[_text(at), list(name)] for at, _, name in s.deadlines.all()],
        "counts": s.counts.checkpoint(),
    }


def restore(s: State, kept: dict[str, Any], profiles: Iterable[AgentProfile]) -> None:
    """Fill an engine that was just made, without agents, from a checkpoint.

    CheckpointOfAnotherFormat: it keeps other things than this version does.
    """
    if kept.get("format") != FORMAT:
        raise CheckpointOfAnotherFormat(
            f"the checkpoint has format {kept.get('format')!r}, this version reads {FORMAT}: start without it"
        )
    s.pbx, s.pbx_lost_at, s.started = kept["pbx"], _time(kept["pbx_lost_at"]), kept["started"]
    s.began, s.now = datetime.fromisoformat(kept["began"]), datetime.fromisoformat(kept["now"])
    s.skew = timedelta(microseconds=kept["skew_us"])
    s.ranks, s.arrivals = kept["ranks"], kept["arrivals"]
    for name in kept["strange_queues"]:
        if name not in s.queues:
            s.strange.append(name)
            s.queues[name] = Queue(name)
    for one in kept["agents"]:
        agent = Agent(one["agent"], skills=_skills(one["skills"]), since=_time(one["since"]))
        for field in AGENT_FIELDS:
            setattr(agent, field, one[field])
        s.agents[agent.agent] = agent
        s.router.enrol(agent)
    for profile in profiles:
        if profile.agent not in s.agents:
            add(s, profile, since=s.now if s.started else None)
    for one in kept["calls"]:
        _restore_call(s, one)
    s.over.update((name, (datetime.fromisoformat(at), told)) for name, at, told in kept["over"])
    for at, name in kept["deadlines"]:
        s.deadlines.set(tuple(name), datetime.fromisoformat(at))
    s.counts.restore(kept["counts"])


def _kept_agent(agent: Agent) -> dict[str, Any]:
    fields = {field: getattr(agent, field) for field in AGENT_FIELDS}
    return fields | {"agent": agent.agent, "skills": agent.skills, "since": _text(agent.since)}


def _kept_call(s: State, call: Call) -> dict[str, Any]:
    fields = {field: getattr(call, field) for field in CALL_FIELDS}
    let_go = call.let_go
    return fields | {
        "call": call.call,
        "arrived_at": _text(call.arrived_at),
        "asked_at": _text(call.asked_at),
        "skills": call.skills,
        "missed": list(call.missed),
        "paused": list(call.paused),
        "after": None if call.after is None else str(call.after),
        "offer": _kept_offer(call.offer),
        "let_go": None
        if let_go is None or s.agents.get(let_go.agent.agent) is not let_go.agent
        else _kept_offer(let_go),
    }


def _kept_offer(offer: Offered | None) -> dict[str, Any] | None:
    if offer is None:
        return None
    fields = {field: getattr(offer, field) for field in OFFER_FIELDS}
    times = {name: _text(getattr(offer, name)) for name in OFFER_TIMES}
    return fields | times | {"agent": offer.agent.agent}


def _restore_call(s: State, one: dict[str, Any]) -> None:
    call = Call(one["call"], one["order"], datetime.fromisoformat(one["arrived_at"]))
    for field in CALL_FIELDS:
        setattr(call, field, one[field])
    call.asked_at = _time(one["asked_at"])
    call.skills = _skills(one["skills"])
    call.missed = list(one["missed"])
    call.paused = dict.fromkeys(one["paused"], True)
    call.after = None if one["after"] is None else Ending(one["after"])
    s.calls[call.call] = call
    if call.asked_at is not None:
        call.the_line = s.router.line(merged(s.queue(call.queue).skills, call.skills))
        if call.in_line:
            call.stamp -= 1
            call.line.join(call)
    call.offer = _restored_offer(s, call, one["offer"])
    call.let_go = _restored_offer(s, call, one["let_go"])
    if call.offer is not None:
        call.offer.agent.offer = call.offer


def _restored_offer(s: State, call: Call, one: dict[str, Any] | None) -> Offered | None:
    if one is None:
        return None
    offered_at = datetime.fromisoformat(one["offered_at"])
    offer = Offered(one["offer"], call, s.agents[one["agent"]], one["queue"], one["number"], offered_at)
    for field in OFFER_FIELDS:
        setattr(offer, field, one[field])
    for name in OFFER_TIMES:
        setattr(offer, name, _time(one[name]))
    return offer


def _skills(pairs: Iterable[Iterable[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), int(level)) for name, level in pairs)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
