"""A row of the call log in English."""

from collections.abc import Callable

from acd.engine.commands import Kind
from acd.words import faults, listening, lookups, masking, promises, supervision, surveys, thresholds, trunks
from acd.words import line_en as lines
from acd.words import transfers_en as transfers
from acd.words.alarm_titles import title
from acd.words.menus import menu_path
from acd.words.numbers import (
    AT_ONCE_S,
    Detail,
    again,
    alternatives,
    clock,
    levels,
    listed,
    masked,
    moment,
    required,
    seconds,
    tenths,
    who_calls,
)
from acd.words.terms import (
    ENDED_BY_EN,
    HABITS_EN,
    OUTCOMES_EN,
    PHONE_REASONS_EN,
    PHONE_TESTS_EN,
    WHEN_EN,
    identity,
    shown,
)

Sentence = Callable[[str, str, Detail], str]
"""(agent, queue, detail) to words."""
ALL = "all queues that match their skills"
"""Where an agent is kept to no queues."""


def _because(detail: Detail) -> str:
    reason = str(detail.get("reason") or "")
    return f" ({PHONE_REASONS_EN.get(reason, shown(reason))})" if reason else ""


def _arrived(agent: str, queue: str, detail: Detail) -> str:
    words = f"{who_calls(detail)} dials {detail.get('dialled', '')}"
    words += f" (brand {detail['brand']})" if detail.get("brand") else ""
    words += f" over trunk {detail['trunk']}" if detail.get("trunk") else ""
    return words + (f"; the carrier says: {identity(str(detail['identity']), 'en')}" if detail.get("identity") else "")


def _customer(agent: str, queue: str, detail: Detail) -> str:
    words = f"is customer {detail.get('customer', '')}"
    words += f", class {detail['class']}" if detail.get("class") else ""
    words += ", who does not want to be called" if detail.get("do_not_call") else ""
    if detail.get("complaint_owner"):
        ticket = f" {detail['complaint_ticket']}" if detail.get("complaint_ticket") else ""
        words += f"; agent {detail['complaint_owner']} is responsible for the open complaint{ticket}"
    return words + (f"; moved to queue {queue}" if detail.get("moved_from") else "")


def _queued(agent: str, queue: str, detail: Detail) -> str:
    words = f"asks for an agent; enters queue {queue}"
    if detail.get("returned_s") is not None:
        words += f"; regains the place given up {clock(detail['returned_s'])} ago"
    if detail.get("continues"):
        words += f"; previous call dropped: continues call {detail['continues']}"
    if detail.get("class"):
        words += f"; class {detail['class']}"
    if detail.get("priority"):
        words += f", priority {detail['priority']}"
    if detail.get("p90_s"):  # else an able agent is idle, and nobody stands anywhere
        words += f", position {detail.get('position', 1)}; expected wait {clock(detail.get('median_s') or 0)} to {clock(detail['p90_s'])}"
    return words


def _offered(agent: str, queue: str, detail: Detail) -> str:
    rows = f"; overflow rules in force: {listed(detail['rows'], '')}" if detail.get("rows") else ""
    return f"agent {agent} is chosen ({shown(str(detail.get('rule', '')))}{rows}) after {seconds(detail, 'waited_s')}"


def _connected(agent: str, detail: Detail) -> str:
    """A caller who had waited before: how long this time, and since they first asked."""
    whole, again_s = seconds(detail, "wait_s"), again(detail)
    if again_s is None:
        return f"connected to agent {agent} after waiting {whole}"
    if again_s < AT_ONCE_S:
        return f"connected to agent {agent} at once"
    return (
        f"connected to agent {agent} after waiting again for {tenths(again_s)} s ({whole} since the caller first asked)"
    )


def deed(detail: Detail) -> str:
    """What a row of the policy did."""
    match detail.get("do"):
        case "lower-skill":
            return f"a lower level is enough ({levels(required(detail)) or 'no skill is required any more'})"
        case "add-queue":
            return f"agents of {listed(alternatives(detail), 'another queue')} are also considered"
        case "raise-priority":
            return f"priority is now {detail.get('priority', '')}"
        case "move":
            return f"moves to queue {detail.get('queue', '')}"
        case "offer-callback":
            return "is offered a callback"
        case "voicemail":
            return "is asked to leave a message"
        case "number":
            return f"is sent to {masked(str(detail.get('number', '')))}"
        case other:
            return str(other or "")


def _overflow(agent: str, queue: str, detail: Detail) -> str:
    if detail.get("when") == "key":
        return f"presses a key while waiting, after {clock(detail.get('waited_s') or 0)}: {deed(detail)}"
    words = f"overflow rule {detail.get('row', '')} of queue {queue}: {deed(detail)}"
    when = str(detail.get("when", ""))
    words += f"; when: {WHEN_EN.get(when, when)}, after {clock(detail.get('waited_s') or 0)}" if when else ""
    words += f"; not done: {shown(str(detail['refused']))}" if detail.get("refused") else ""
    return words + (f"; why: {detail['why']}" if detail.get("why") else "")


def _over(detail: Detail) -> str:
    """Which trunk carried a call out, and what its carrier answered where it did not."""
    code = f", SIP {detail['code']}" if detail.get("code") else ""
    return f" (trunk {detail['trunk']}{code})" if detail.get("trunk") else ""


def _callback(agent: str, queue: str, detail: Detail) -> str:
    number = masked(str(detail.get("number", "")))
    match detail.get("state"):
        case "accepted":
            return f"takes a callback to {number}; hangs up and keeps the place in the queue"
        case "calling":
            reserved = f"; agent {agent} is reserved" if agent else ""
            return f"is called back at {number}, attempt {detail.get('attempt', 1)}{reserved}"
        case "answered":
            return f"answers the callback{_over(detail)}"
        case "failed":
            return f"callback attempt {detail.get('attempt', 1)} failed{_because(detail)}{_over(detail)}"
        case "given up":
            return f"no further callback attempts{_because(detail)}"
        case "held back":
            return f"the callback waits until {moment(detail, 'until')} at least{_because(detail)}"
        case "refused":
            return f"may not be called back at {number}{_because(detail)}"
        case "not offered":
            return f"is not offered a callback{_because(detail)}"
        case other:
            return f"callback {other or ''}"


def _operator(agent: str, queue: str, detail: Detail) -> str:
    who = str(detail.get("by") or "") or "an operator"
    was, now = detail.get("was"), detail.get("now")
    match detail.get("did"):
        case "priority":
            return f"{who} changes the priority of the call from {was} to {now}"
        case "moved":
            return f"{who} moves the call from queue {was} to {now}"
        case "withdrawn":
            return f"{who} removes the call from the queue{_because(detail)}"
        case "hung up":
            return f"{who} ends the call: the caller hears an announcement and is disconnected{_because(detail)}"
        case "queue closed":
            return f"{who} stops new calls to queue {queue}; callers already waiting will still be answered"
        case "queue opened":
            return f"{who} lets queue {queue} take calls again"
        case "hours set":
            return f"{who} sets {f'queue {queue}' if queue else 'the hotline'}: {_hours(detail)}"
        case "agent moved":
            return f"{who} moves agent {agent}: takes calls of {listed(now, ALL)} (before: {listed(was, ALL)})"
        case other:
            return f"{who}: {other or ''}"


def _hours(detail: Detail) -> str:
    if "until" not in detail:
        return "the normal opening hours apply again"
    said = detail.get("en") or detail.get("zh")
    return f"{detail.get('now')} until {detail.get('local') or detail['until']}{f', and callers hear: {said}' if said else ''}"


def _phone(agent: str, detail: Detail) -> str:
    if "test" in detail:
        return f"agent {agent}'s phone {PHONE_TESTS_EN.get(str(detail['test']), str(detail['test']))}"
    if "habit" not in detail:
        return f"agent {agent}'s phone is {'reachable' if detail.get('reachable') else 'not reachable'}"
    return f"agent {agent}'s phone {_habit(detail) or 'takes calls again'}"


def _habit(detail: Detail) -> str:
    """What a telephone does, how often and where; empty: nothing any more."""
    habit = str(detail.get("habit") or "")
    if not habit:
        return ""
    places = f" ({listed(detail['places'], '')})" if detail.get("places") else ""
    times = f", {detail['times']} times" if int(detail.get("times") or 0) > 1 else ""
    return f"{HABITS_EN.get(habit, habit)}{places}{times}"


def _alarm(agent: str, detail: Detail) -> str:
    name = str(detail.get("name", ""))
    if not detail.get("habit"):
        return f"{title(name)}: {detail.get('detail', '')}"
    out = "; the agent is set not ready" if name == "telephone refuses" else ""
    return f"agent {agent}'s phone {_habit(detail)}{out}"


def _named(detail: Detail) -> str:
    """An alarm by its name and what it is about."""
    about = f" ({detail['subject']})" if detail.get("subject") else ""
    return f"{title(str(detail.get('name', '')))}{about}"


def alarm(agent: str, detail: Detail) -> str:
    """What an alarm says, and what to do about it."""
    return (
        trunks.alarm(detail, "en")
        or promises.late_alarm(detail, "en")
        or thresholds.alarm(detail, "en")
        or _alarm(agent, detail)
    )


SENTENCES: dict[Kind, Sentence] = {
    Kind.ARRIVED: _arrived,
    Kind.CUSTOMER: _customer,
    Kind.MENU: lambda a, q, d: f"menu: {menu_path(str(d['path']), 'en')}" if d.get("path") else "hung up in the menu",
    Kind.QUEUED: _queued,
    Kind.KEPT: lambda a, q, d: f"is kept for agent {a} for {clock(d.get('for_s') or 0)} ({d.get('why', '')})",
    Kind.OVERFLOW: _overflow,
    Kind.CALLBACK: _callback,
    Kind.PROMISE: promises.promise_en,
    Kind.SENT_ON: lambda a, q, d: f"{masked(str(d.get('number', ''))) or 'the other number'} has answered{_over(d)}",
    Kind.MESSAGE: lambda a, q, d: f"left a message of {clock(d.get('seconds') or 0)}",
    Kind.OPERATOR: _operator,
    Kind.CONFIGURATION: lambda a, q, d: (
        f"configuration {d.get('version', '')} is in force, by {d.get('by') or 'the daemon'}: "
        f"{d.get('queues', 0)} queues, {d.get('agents', 0)} agents"
    ),
    Kind.OFFERED: _offered,
    Kind.RINGING: lambda a, q, d: f"agent {a}'s phone rings",
    Kind.ANSWERED: lambda a, q, d: f"agent {a} picks up during ring {d.get('rings', '?')}",
    Kind.CONNECTED: lambda a, q, d: _connected(a, d),
    Kind.OFFER_ENDED: lambda a, q, d: f"agent {a} {OUTCOMES_EN.get(str(d.get('outcome')), str(d.get('outcome')))}",
    Kind.CROSSED: lambda a, q, d: f"agent {a}'s answer came while the ringing was being cancelled",
    Kind.RETURNED: lambda a, q, d: f"waits in queue {q} again: {shown(str(d.get('reason', '')))}",
    Kind.TALK_ENDED: lambda a, q, d: (
        f"conversation with agent {a} ends after {seconds(d, 'talk_s')}{_apart(d)}, "
        f"by the {ENDED_BY_EN.get(str(d.get('by')), str(d.get('by', '')))}"
    ),
    Kind.TRANSFER: transfers.transfer,
    Kind.HOLD: transfers.hold,
    Kind.MUTED: transfers.muted,
    Kind.MASK: masking.mask_en,
    Kind.LISTENING: listening.listening_en,
    Kind.CONSULT_ENDED: transfers.consult_ended,
    Kind.CARD: transfers.card,
    Kind.LOOKED_UP: lookups.looked_up_en,
    Kind.STORY_CALL: faults.story_call_en,
    Kind.FAULT: faults.fault_en,
    Kind.ANSWER_TOLD: lookups.answer_told_en,
    Kind.SURVEY: surveys.survey_en,
    Kind.BREAK: supervision.break_en,
    Kind.AGENT_MESSAGE: supervision.message_en,
    Kind.HELP: supervision.help_en,
    Kind.MISSED_CALLER: supervision.missed_en,
    Kind.AGENT_QUEUE: supervision.agent_queue_en,
    Kind.ENDED: lambda a, q, d: f"call over: {d.get('ending', '')}",
    Kind.AGENT_STATE: lambda a, q, d: f"agent {a} is {d.get('state', '')}{_because(d)}",
    Kind.PHONE: lambda a, q, d: _phone(a, d),
    Kind.DECLINED: lambda a, q, d: "does not want to be recorded: this call is not recorded",
    Kind.RECORDED: lambda a, q, d: _recorded(d),
    Kind.LINE: lines.line,
    Kind.LEG_QUALITY: lines.leg_quality,
    Kind.ALARM: lambda a, q, d: f"ALARM {alarm(a, d)}",
    Kind.ALARM_SEEN: lambda a, q, d: f"{d.get('by', '')} has acknowledged the alarm {_named(d)}",
    Kind.ALARM_CLEARED: lambda a, q, d: f"alarm cleared: {_named(d)}" + (f", by {d['by']}" if d.get("by") else ""),
    Kind.PBX: lambda a, q, d: f"Asterisk: {d.get('state', '')}",
    Kind.IGNORED: lambda a, q, d: f"ignored {d.get('event', '')}: {shown(str(d.get('why', '')))}",
}


def _apart(detail: Detail) -> str:
    """How long the caller was on hold meanwhile, for itself and for a consult."""
    parts = ((detail.get("hold_s"), "on hold"), (detail.get("consult_s"), "during a consult"))
    told = [f"{clock(lasted)} {what}" for lasted, what in parts if lasted]
    return f" (and {', '.join(told)})" if told else ""


def _recorded(detail: Detail) -> str:
    whole = bool(detail.get("complete"))
    if whole and not detail.get("path"):
        return "a consult, not recorded (as configured)" if detail.get("reason") else "too short to record"
    verdict = "complete" if whole else f"incomplete: {detail.get('reason', '')}"
    return f"recording filed, {seconds(detail, 'seconds')}, {verdict}"
