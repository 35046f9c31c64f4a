"""A row of the call log in English."""

from collections.abc import Callable

from acd.engine.commands import Kind
from acd.words import line_en as lines
from acd.words import thresholds, trunks
from acd.words import transfers_en as transfers
from acd.words.alarms import title
from acd.words.numbers import Detail, alternatives, clock, levels, listed, masked, required, seconds, who_calls
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
    words += f" over trunk {detail['trunk']}" if detail.get("trunk") else ""
    return words + (f"; the carrier says: {identity(str(detail['identity']), 'en')}" if detail.get("identity") else "")


def _queued(agent: str, queue: str, detail: Detail) -> str:
    words = f"asks for a person; waits in queue {queue}"
    if detail.get("returned_s") is not None:
        words += f"; takes back the place given up {clock(detail['returned_s'])} ago"
    if detail.get("continues"):
        words += f"; the line had dropped: continues call {detail['continues']}"
    if detail.get("priority"):
        words += f", priority {detail['priority']}"
    if detail.get("p90_s"):  # else an able agent is idle, and nobody stands anywhere
        words += f", place {detail.get('position', 1)}; expected wait {clock(detail.get('median_s') or 0)} to {clock(detail['p90_s'])}"
    return words


def _offered(agent: str, queue: str, detail: Detail) -> str:
    rows = f"; rows in force: {listed(detail['rows'], '')}" if detail.get("rows") else ""
    return f"agent {agent} is chosen ({shown(str(detail.get('rule', '')))}{rows}) after {seconds(detail, 'waited_s')}"


def deed(detail: Detail) -> str:
    """What a row of the policy did."""
    match detail.get("do"):
        case "lower-skill":
            return f"a lower level will do ({levels(required(detail)) or 'no skill is required any more'})"
        case "add-queue":
            return f"agents of {listed(alternatives(detail), 'another queue')} are asked too"
        case "raise-priority":
            return f"priority is now {detail.get('priority', '')}"
        case "move":
            return f"goes to queue {detail.get('queue', '')}"
        case "offer-callback":
            return "is offered a callback"
        case "voicemail":
            return "is asked to leave a message"
        case "number":
            return f"is sent to {masked(str(detail.get('number', '')))}"
        case other:
            return str(other or "")


def _overflow(agent: str, queue: str, detail: Detail) -> str:
    words = f"row {detail.get('row', '')} of the policy of queue {queue}: {deed(detail)}"
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
            return f"the callback is given up{_because(detail)}"
        case "held back":
            return f"the callback waits until {str(detail.get('until', ''))[:16].replace('T', ' ')} UTC at least{_because(detail)}"
        case "refused":
            return f"may not be called back at {number}{_because(detail)}"
        case "not offered":
            return f"is offered no callback{_because(detail)}"
        case other:
            return f"callback {other or ''}"


def _operator(agent: str, queue: str, detail: Detail) -> str:
    who = str(detail.get("by") or "") or "an operator"
    was, now = detail.get("was"), detail.get("now")
    match detail.get("did"):
        case "priority":
            return f"{who} gives the call priority {now} (it was {was})"
        case "moved":
            return f"{who} moves the call from queue {was} to {now}"
        case "withdrawn":
            return f"{who} takes the call out of its queue{_because(detail)}"
        case "hung up":
            return f"{who} ends the talk: the caller is told, and hung up{_because(detail)}"
        case "queue closed":
            return f"{who} closes queue {queue}: no new callers; callers already waiting will still be answered"
        case "queue opened":
            return f"{who} opens queue {queue}"
        case "agent moved":
            return f"{who} moves agent {agent}: takes calls of {listed(now, ALL)} (before: {listed(was, ALL)})"
        case other:
            return f"{who}: {other or ''}"


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
    if not detail.get("habit"):
        return f"{detail.get('name', '')}: {detail.get('detail', '')}"
    out = "; the agent is set not ready" if detail.get("name") == "telephone refuses" else ""
    return f"{detail.get('name', '')}: agent {agent}'s phone {_habit(detail)}{out}"


def _named(detail: Detail) -> str:
    """An alarm by its name and what it is about."""
    about = f" ({detail['subject']})" if detail.get("subject") else ""
    return f"{title(str(detail.get('name', '')))}{about}"


def alarm(agent: str, detail: Detail) -> str:
    """What an alarm says, and what to do about it."""
    return trunks.alarm(detail, "en") or thresholds.alarm(detail, "en") or _alarm(agent, detail)


SENTENCES: dict[Kind, Sentence] = {
    Kind.ARRIVED: _arrived,
    Kind.MENU: lambda a, q, d: f"in the menu: {d.get('path', '')}",
    Kind.QUEUED: _queued,
    Kind.KEPT: lambda a, q, d: f"is kept for agent {a} for {clock(d.get('for_s') or 0)} ({d.get('why', '')})",
    Kind.OVERFLOW: _overflow,
    Kind.CALLBACK: _callback,
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
    Kind.CONNECTED: lambda a, q, d: f"talks with agent {a} after {seconds(d, 'wait_s')} of waiting",
    Kind.OFFER_ENDED: lambda a, q, d: f"agent {a} {OUTCOMES_EN.get(str(d.get('outcome')), str(d.get('outcome')))}",
    Kind.CROSSED: lambda a, q, d: f"agent {a}'s answer crossed the taking back",
    Kind.RETURNED: lambda a, q, d: f"waits in queue {q} again: {shown(str(d.get('reason', '')))}",
    Kind.TALK_ENDED: lambda a, q, d: (
        f"talk with agent {a} ends after {seconds(d, 'talk_s')}{_apart(d)}, "
        f"by the {ENDED_BY_EN.get(str(d.get('by')), str(d.get('by', '')))}"
    ),
    Kind.TRANSFER: transfers.transfer,
    Kind.HOLD: transfers.hold,
    Kind.MUTED: transfers.muted,
    Kind.CONSULT_ENDED: transfers.consult_ended,
    Kind.CARD: transfers.card,
    Kind.ENDED: lambda a, q, d: f"call over: {d.get('ending', '')}",
    Kind.AGENT_STATE: lambda a, q, d: f"agent {a} is {d.get('state', '')}{_because(d)}",
    Kind.PHONE: lambda a, q, d: _phone(a, d),
    Kind.RECORDED: lambda a, q, d: _recorded(d),
    Kind.LINE: lines.line,
    Kind.LEG_QUALITY: lines.leg_quality,
    Kind.ALARM: lambda a, q, d: f"ALARM {alarm(a, d)}",
    Kind.ALARM_SEEN: lambda a, q, d: f"{d.get('by', '')} has seen the alarm {_named(d)}",
    Kind.ALARM_CLEARED: lambda a, q, d: f"alarm over: {_named(d)}" + (f", by {d['by']}" if d.get("by") else ""),
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
        return "a consult, not recorded as configured" if detail.get("reason") else "too short a talk to record"
    verdict = "complete" if whole else f"incomplete: {detail.get('reason', '')}"
    return f"recording filed, {seconds(detail, 'seconds')}, {verdict}"
