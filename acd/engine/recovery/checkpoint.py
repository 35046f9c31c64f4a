"""The engine's whole state as JSON-able data, and back.

Lines and their counts are not kept: they follow from the calls and agents. Times are inner times (State.begin). Fields are
kept by their names in the lists below; a change of what is kept needs another FORMAT.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from acd.calling_hours import DatedSpans, Region
from acd.calls_out import CallsOut
from acd.engine.commands import Ending
from acd.engine.entities import Agent, Call, HoursToday, Offered
from acd.engine.masking.state import Mask
from acd.engine.model import (
    Brand,
    CallbackRules,
    CallerClass,
    Escalation,
    Expected,
    LineRules,
    Overflow,
    Queue,
    Rules,
    Team,
)
from acd.engine.promises.promise import restored
from acd.engine.routing.queueing import assign_line
from acd.engine.state import State
from acd.engine.supervision.break_rules import BreakKind, BreakLimit, BreakPlan, BreakRules
from acd.engine.surveys.rules import SurveyPlan
from acd.engine.transfer_record import Transfer

T = TypeVar("T")

FORMAT = 3

OFFER_TIMES = (
    "offered_at", "dialled_at", "ringing_at", "answered_at", "bridged_at", "apart_at", "three_way_at", "consult_at",
)  # fmt: skip
OFFER_TIMES_ADDED = ("picked_up_at", "masked_at")
"""Missing where an older version has written the checkpoint."""
OFFER_FIELDS = (
    "offer", "queue", "number", "also", "reserved", "crossed", "reopened", "apart_kind", "apart_how", "hold_s", "consult_s",
    "unrecorded_s", "consulted", "consulted_by", "handed", "unheard",
)  # fmt: skip
TRANSFER_FIELDS = (
    "number", "first", "offer", "queue", "kind", "to", "reason", "note", "warm", "how", "by", "amount", "state", "receiver",
    "second_line",
)  # fmt: skip
AGENT_FIELDS = (
    "name", "logged_in", "ready", "reason", "work", "phone", "doubted", "leaving", "state", "state_reason",
    "last_offer", "last_queue", "last_counted", "stepped_out", "wrap_up_queue", "talked_s", "rank", "load", "listed",
    "tier",
)  # fmt: skip
AGENT_TELEPHONE: dict[str, Any] = {
    "dead": False, "refusals": 0, "habits": {}, "places": [], "instant_answers": 0, "silent_legs": 0, "test": "",
    "counted_unrung": False, "counted_refusing": False, "last_talk": "", "outside": "",
    "queues_left": {}, "team": "", "to_class": "", "classed": "", "last_brand": "", "wrap_up_brand": "", "wrap_up_call": "",
    "set_by": "", "wrap_up_extended": 0,
}  # fmt: skip
"""With what they are where an older version has written the checkpoint."""
CALL_TIMES = ("asked_at", "placed_at", "queued_at", "turned_at", "sent_at", "served_until")
CALL_FIELDS = (
    "order", "caller", "dialled", "known", "language", "path", "queue", "stage", "priority", "given", "offers", "hanging",
    "up", "not_dialled", "resting", "talk_s", "wait_s", "in_line", "raised", "moves", "wanted", "kept_for", "kept_why",
    "sent_to", "callback", "virtual", "dialling", "attempts", "called_back",
    "transfers", "joins", "muted", "continues", "disposed", "last_agent", "withheld", "trunk", "identity", "brand",
    "customer", "customer_name", "customer_class", "complaint_owner", "area", "unrecorded", "faults", "fault_told",
    "in_time", "mask_failed",
)  # fmt: skip


class CheckpointOfAnotherFormat(Exception):
    """The checkpoint was written by a version that kept other fields. Start without it: resync finds the calls."""


def kept(s: State) -> dict[str, Any]:
    """The whole state, JSON-able, for `restore`."""
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
        "queues": [_kept(queue) for queue in s.queues.values()],
        "strange_queues": list(s.unknown_queues),
        "rules": _kept(s.rules),
        "version": s.version,
        "closed": dict(s.closed),
        "closed_at": {queue: _text(at) for queue, at in s.closed_at.items()},
        "hours_set": {scope: _kept_hours(hours) for scope, hours in s.hours_set.items()},
        "memory": s.caller_history.kept(),
        "waits": s.wait_estimates.kept(),
        "legs_out": s.legs_out.kept(),
        "promises": [promise.kept_form() for promise in s.promises.values()],
        "story_calls": s.story_calls.kept(),
        "faults": s.faults.kept(),
        "listeners": s.listeners.kept(),
        "agents": [_kept_agent(agent) for agent in s.agents.values()],
        "calls": [_kept_call(s, call) for call in s.calls.values()],
        "over": [[name, _text(at), told] for name, (at, told) in s.ended_calls.items()],
        "deadlines": [[_text(at), list(name)] for at, _, name in s.deadlines.all()],
        "counts": s.counts.checkpoint(),
        "lines": s.line_history.kept(),
        "surveys": s.surveys.kept(),
        "supervision": s.supervision.kept(),
    }


def configuration(kept: dict[str, Any]) -> tuple[list[Queue], Rules]:
    """Queues and rules of a checkpoint. Raises CheckpointOfAnotherFormat."""
    if kept.get("format") != FORMAT:
        raise CheckpointOfAnotherFormat(
            f"the checkpoint has format {kept.get('format')!r}, this version reads {FORMAT}: start without it"
        )
    return [_queue(one) for one in kept["queues"]], _rules(kept["rules"])


def restore(s: State, kept: dict[str, Any]) -> None:
    """Fill the state of an engine that was just made with the checkpoint's queues and rules and without agents."""
    s.pbx, s.pbx_lost_at, s.started = kept["pbx"], _time(kept["pbx_lost_at"]), kept["started"]
    s.began, s.now = datetime.fromisoformat(kept["began"]), datetime.fromisoformat(kept["now"])
    s.skew = timedelta(microseconds=kept["skew_us"])
    s.ranks, s.arrivals = kept["ranks"], kept["arrivals"]
    s.unknown_queues, s.version, s.closed = list(kept["strange_queues"]), kept["version"], dict(kept["closed"])
    s.closed_at = {queue: datetime.fromisoformat(at) for queue, at in kept.get("closed_at", {}).items()}
    s.hours_set = {scope: _hours(one) for scope, one in kept.get("hours_set", {}).items()}
    s.router = s.new_router()  # without the unknown queues, which no agent is counted to serve
    s.caller_history.restore(kept["memory"])
    s.wait_estimates.restore(kept["waits"])
    s.legs_out.restore(kept.get("legs_out", {}))
    for one in kept.get("promises", ()):  # a checkpoint of a former version has none
        s.promises[one["promise"]] = restored(one)
    s.story_calls.restore(kept.get("story_calls", []))
    s.faults.restore(kept.get("faults", {}))
    s.listeners.restore(kept.get("listeners", {}))
    for one in kept["agents"]:
        agent = Agent(one["agent"], skills=_skills(one["skills"]), since=_time(one["since"]))
        agent.to_explain = None if one["to_explain"] is None else (one["to_explain"][0], one["to_explain"][1])
        agent.queues, agent.configured = tuple(one["queues"]), tuple(one["configured"])
        agent.kept_by = tuple(one.get("kept_by", ()))  # a checkpoint of a former version has none
        for field in AGENT_FIELDS:
            setattr(agent, field, one[field])
        for field, unknown in AGENT_TELEPHONE.items():
            setattr(agent, field, deepcopy(one.get(field, unknown)))
        s.agents[agent.agent] = agent
        s.router.enrol(agent)
    for one in kept["calls"]:
        _restore_call(s, one)
    s.ended_calls.update((name, (datetime.fromisoformat(at), told)) for name, at, told in kept["over"])
    for one in kept["agents"]:
        s.agents[one["agent"]].kept = [s.calls[name] for name in one["kept"]]
    for at, name in kept["deadlines"]:
        s.deadlines.set(tuple(name), datetime.fromisoformat(at))
    s.counts.restore(kept["counts"])
    s.line_history.restore(kept.get("lines", {}))  # A checkpoint of an earlier version has none.
    s.surveys.restore(kept.get("surveys", {}))
    s.supervision.restore(kept.get("supervision", {}))


def _kept_hours(hours: HoursToday) -> dict[str, Any]:
    return {"open": hours.open, "until": hours.until.isoformat(), "zh": hours.zh, "en": hours.en, "by": hours.by}


def _hours(one: dict[str, Any]) -> HoursToday:
    return HoursToday(one["open"], datetime.fromisoformat(one["until"]), one["zh"], one["en"], one["by"])


def _kept_agent(agent: Agent) -> dict[str, Any]:
    fields = {field: getattr(agent, field) for field in AGENT_FIELDS}
    telephone = {field: deepcopy(getattr(agent, field)) for field in AGENT_TELEPHONE}
    return (
        fields
        | telephone
        | {
            "agent": agent.agent,
            "skills": agent.skills,
            "since": _text(agent.since),
            "to_explain": agent.to_explain,
            "queues": list(agent.queues),
            "configured": list(agent.configured),
            "kept_by": list(agent.kept_by),
            "kept": [call.call for call in agent.kept],
        }
    )


def _kept_call(s: State, call: Call) -> dict[str, Any]:
    fields = {field: deepcopy(getattr(call, field)) for field in CALL_FIELDS}
    let_go = call.let_go
    return fields | {
        "call": call.call,
        "arrived_at": _text(call.arrived_at),
        **{name: _text(getattr(call, name)) for name in CALL_TIMES},
        "skills": call.skills,
        "rows": list(call.rows),
        "lowered": dict(call.lowered),
        "also": list(call.also),
        "expected": [call.expected.median_s, call.expected.p90_s],
        "missed": list(call.missed),
        "paused": list(call.paused),
        "after": None if call.after is None else str(call.after),
        "mask": None if call.mask is None else call.mask.kept(),
        "handed_by": [list(one) for one in call.handed_by],
        "handed_skills": call.handed_skills,
        "handed_tier": call.handed_tier,
        "transfer": _kept_transfer(call.transfer),
        "offer": _kept_offer(call.offer),
        "consult": _kept_offer(call.consult),
        "leaving": [_kept_offer(offer) for offer in call.leaving],
        "let_go": None
        if let_go is None or s.agents.get(let_go.agent.agent) is not let_go.agent
        else _kept_offer(let_go),
    }


def _kept_offer(offer: Offered | None) -> dict[str, Any] | None:
    if offer is None:
        return None
    fields = {field: getattr(offer, field) for field in OFFER_FIELDS}
    times = {name: _text(getattr(offer, name)) for name in OFFER_TIMES + OFFER_TIMES_ADDED}
    return (
        fields
        | times
        | {"agent": offer.agent.agent, "spans": [dict(span) for span in offer.spans], "line": dict(offer.line)}
        | {"masked_from_s": offer.masked_from_s, "masked_in_consult": [dict(span) for span in offer.masked_in_consult]}
    )


def _kept_transfer(transfer: Transfer | None) -> dict[str, Any] | None:
    if transfer is None:
        return None
    return {field: getattr(transfer, field) for field in TRANSFER_FIELDS} | {"at": _text(transfer.at)}


def _restore_call(s: State, one: dict[str, Any]) -> None:
    call = Call(one["call"], one["order"], datetime.fromisoformat(one["arrived_at"]))
    for field in CALL_FIELDS:
        setattr(call, field, deepcopy(one.get(field, getattr(call, field))))  # "withheld" is younger than the format.
    for name in CALL_TIMES:
        setattr(call, name, _time(one.get(name)))  # "served_until" is younger than the format.
    call.skills = _skills(one["skills"])
    call.rows, call.lowered, call.also = list(one["rows"]), dict(one["lowered"]), list(one["also"])
    call.expected = Expected(*one["expected"])
    call.missed = list(one["missed"])
    call.paused = dict.fromkeys(one["paused"], True)
    call.after = None if one["after"] is None else Ending(one["after"])
    call.mask = Mask.restored(one["mask"]) if one.get("mask") else None
    call.handed_by = tuple((agent, queue, reason) for agent, queue, reason in one["handed_by"])
    call.handed_skills = None if one["handed_skills"] is None else _skills(one["handed_skills"])
    call.handed_tier = one.get("handed_tier", 1)  # a checkpoint of a former version has none
    if one["transfer"] is not None:
        fields = {field: one["transfer"][field] for field in TRANSFER_FIELDS}
        call.transfer = Transfer(**fields, at=datetime.fromisoformat(one["transfer"]["at"]))
    s.calls[call.call] = call
    if call.asked_at is not None:
        assign_line(s, call)
        if call.in_line:
            call.line.join(call)
    call.offer = _restored_offer(s, call, one["offer"])
    call.let_go = _restored_offer(s, call, one["let_go"])
    call.consult = _restored_offer(s, call, one["consult"])
    leaving = [_restored_offer(s, call, kept) for kept in one["leaving"]]
    call.leaving = tuple(offer for offer in leaving if offer is not None)
    for offer in (call.offer, call.consult, *call.leaving):
        if offer is not None:
            offer.agent.offer = offer


def _restored_offer(s: State, call: Call, one: dict[str, Any] | None) -> Offered | None:
    if one is None:
        return None
    offered_at = datetime.fromisoformat(one["offered_at"])
    offer = Offered(one["offer"], call, s.agents[one["agent"]], one["queue"], one["number"], offered_at)
    for field in OFFER_FIELDS:
        setattr(offer, field, one[field])
    for name in OFFER_TIMES:
        setattr(offer, name, _time(one[name]))
    for name in OFFER_TIMES_ADDED:
        setattr(offer, name, _time(one.get(name)))
    offer.spans = tuple(one["spans"])
    offer.line = dict(one.get("line", {}))
    offer.masked_from_s = one.get("masked_from_s")  # a checkpoint of a former version has none
    offer.masked_in_consult = tuple(one.get("masked_in_consult", ()))
    return offer


def _kept(noun: Queue | Rules) -> dict[str, Any]:
    """A queue or the rules as JSON-able data; durations in seconds."""
    return {name: _seconds(value) for name, value in asdict(noun).items()}


def _seconds(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, tuple | list):
        return [_seconds(one) for one in value]
    if isinstance(value, dict):
        return {name: _seconds(one) for name, one in value.items()}
    return value


def _queue(one: dict[str, Any]) -> Queue:
    rows = tuple(_made(Overflow, row) for row in one["overflow"])
    within = one["answer_within"]
    return replace(
        _made(Queue, one),
        skills=_skills(one["skills"]),
        prefers=_skills(one["prefers"]),
        overflow=rows,
        answer_within=None if within is None else timedelta(seconds=within),
    )


def _rules(one: dict[str, Any]) -> Rules:
    rows = tuple(_made(Escalation, row) for row in one["escalations"])
    return replace(
        _made(Rules, one),
        escalations=rows,
        transfer_numbers=tuple(one["transfer_numbers"]),
        line=_made(LineRules, one.get("line", {})),
        calls_out=_calls_out(one.get("calls_out")),
        teams=tuple(map(_team, one.get("teams", ()))),
        brands=tuple(map(_brand, one.get("brands", ()))),
        auto_answer=tuple(one.get("auto_answer", ())),
        classes=tuple(map(_class, one.get("classes", ()))),
        surveys=tuple(map(_survey, one.get("surveys", ()))),
        callbacks=_callbacks(one.get("callbacks")),
        breaks=_breaks(one.get("breaks")),
    )


def _callbacks(one: dict[str, Any] | None) -> CallbackRules | None:
    if one is None:
        return None
    within_of = tuple((str(queue), float(seconds)) for queue, seconds in one.get("within_of", ()))
    return replace(_made(CallbackRules, one), within_of=within_of, retry_after=tuple(one.get("retry_after", ())))


def _breaks(one: dict[str, Any] | None) -> BreakRules | None:
    if one is None:
        return None
    plans = []
    for row in one["plans"]:
        length = row["length"]
        plans.append(replace(_made(BreakPlan, row), length=None if length is None else timedelta(seconds=length)))
    return replace(
        _made(BreakRules, one),
        kinds=tuple(_made(BreakKind, row) for row in one["kinds"]),
        limits=tuple(_made(BreakLimit, row) for row in one["limits"]),
        plans=tuple(plans),
    )


def _region(one: dict[str, Any]) -> Region:
    return replace(
        _made(Region, one),
        begins=tuple(one["begins"]),
        areas=tuple(one["areas"]),
        hours=tuple((a, b, c, d) for a, b, c, d in one["hours"]),
        dates=_dated(one["dates"]),
        offsets=tuple((str(at), int(minutes)) for at, minutes in one["offsets"]),
    )


def _class(one: dict[str, Any]) -> CallerClass:
    return replace(_made(CallerClass, one), instead_of=tuple(one["instead_of"]), skills=_skills(one["skills"]))


def _survey(one: dict[str, Any]) -> SurveyPlan:
    return replace(
        _made(SurveyPlan, one),
        questions=tuple(one["questions"]),
        languages=tuple(one["languages"]),
        call_pauses_s=tuple(one.get("call_pauses_s", ())),
    )


def _team(one: dict[str, Any]) -> Team:
    wrap_up, places = one["wrap_up"], one["hand_over_to"]
    return replace(
        _made(Team, one),
        wrap_up=None if wrap_up is None else timedelta(seconds=wrap_up),
        hand_over_to=None if places is None else tuple(places),
    )


def _brand(one: dict[str, Any]) -> Brand:
    within, hours = one.get("answer_within"), one.get("callback_hours")
    return replace(
        _made(Brand, one),
        numbers=tuple(one["numbers"]),
        answer_within=None if within is None else timedelta(seconds=within),
        callback_hours=None if hours is None else tuple((a, b, c, d) for a, b, c, d in hours),
        callback_dates=_dated(one.get("callback_dates", ())),
    )


def _calls_out(one: dict[str, Any] | None) -> CallsOut | None:
    if one is None:
        return None
    lists = {name: tuple(value) for name, value in one.items() if isinstance(value, list)}
    hours = tuple(tuple(span) for span in one.get("hours", ()))
    regions = tuple(map(_region, one.get("regions", ())))
    dates = _dated(one.get("dates", ()))
    return _made(CallsOut, {**one, **lists, "hours": hours, "dates": dates, "regions": regions})


def _dated(dates: Iterable[Any]) -> DatedSpans:
    return tuple((day, tuple((begin, end) for begin, end in spans)) for day, spans in dates)


def _made(kind: type[T], one: dict[str, Any]) -> T:
    """A record from its data; keys that this version does not know are passed over, missing ones take their default."""
    known = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]
    return kind(
        **{
            name: timedelta(seconds=value) if isinstance(known[name], timedelta) else value
            for name, value in one.items()
            if name in known
        }
    )


def _skills(pairs: Iterable[Iterable[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), int(level)) for name, level in pairs)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
