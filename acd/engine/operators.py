"""Events of operators: priority, move and withdrawal of a waiting call, a talk cut, queues closed and opened, an agent's queues."""

from datetime import UTC

from acd.engine.calls.call_lifecycle import close_call
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call, HoursToday
from acd.engine.events import Event
from acd.engine.offers.offer_lifecycle import end_talk
from acd.engine.operator_events import (
    AgentMoved,
    CallMoved,
    CallPrioritised,
    CallWithdrawn,
    HoursSet,
    QueueClosed,
    QueueOpened,
    TalkCut,
)
from acd.engine.routing.agents import skills_changed
from acd.engine.routing.policy import move_to_queue, redirect
from acd.engine.routing.queueing import leave_line, requeue, rested
from acd.engine.state import State
from acd.engine.story_calls import dialling
from acd.engine.transfers import transfer
from acd.engine.transfers.targets import Refusal


def prioritised(s: State, event: CallPrioritised) -> None:
    """CallPrioritised: the call moves to the turn that this priority gives it."""
    call = _waiting(s, event, event.call)
    if call is None:
        return
    was = call.priority
    call.given = event.priority
    requeue(s, call)
    _log(s, "priority", event.by, call, was=was, now=call.priority)


def moved(s: State, event: CallMoved) -> None:
    """CallMoved: the call goes to another queue with its place."""
    call = _waiting(s, event, event.call)
    if call is None:
        return
    if event.queue not in s.queues:
        s.ignore(event, "no such queue")
    elif event.queue == call.queue:
        s.ignore(event, "it waits there")
    else:
        _log(s, "moved", event.by, call, was=call.queue, now=event.queue)
        move_to_queue(s, call, event.queue)


def withdrawn(s: State, event: CallWithdrawn) -> None:
    """CallWithdrawn: the caller is told and hung up; a virtual call ends at once."""
    call = _waiting(s, event, event.call)
    if call is None:
        return
    if not s.pbx and not call.virtual:
        s.ignore(event, "the link to Asterisk is lost: nobody can be told")
        return
    leave_line(s, call)
    _log(s, "withdrawn", event.by, call, reason=event.reason)
    if call.virtual:
        close_call(s, call, Ending.WITHDRAWN)  # no caller is on the line
    else:
        call.stage, call.after = "after", Ending.WITHDRAWN
        redirect(s, call, "let go")


def talk_cut_refusal(s: State, event: TalkCut) -> Refusal | None:
    """Why this talk can't be ended just now; None: it can."""
    call = s.calls.get(event.call)
    if call is None:
        return Refusal("no-such-call", f"There is no call {event.call} any more.")
    if call.stage != "talking":
        return Refusal("not-talking", f"Call {event.call} is in no talk.")
    if not s.pbx:
        return Refusal("no-link", "The link to Asterisk is lost. Try again in a moment.")
    return None


def talk_cut(s: State, event: TalkCut) -> None:
    """TalkCut: the talk ends, with a consult or a transfer that goes on beside it; the caller is told and hung up."""
    call, refused = s.calls.get(event.call), talk_cut_refusal(s, event)
    if call is None or refused is not None:
        s.ignore(event, refused.sentence if refused else "no such call")
        return
    _log(s, "hung up", event.by, call, reason=event.reason)
    transfer.caller_gone(s, call)
    if call.offer is not None:
        end_talk(s, call.offer, "operator")
    else:
        call.stage, call.after = "after", Ending.ANSWERED  # of an agent whom only Asterisk knows
    redirect(s, call, "let go")


def closed(s: State, event: QueueClosed) -> None:
    """QueueClosed: the menu turns new callers away; the engine itself still takes them."""
    if event.queue not in s.queues or event.queue in s.closed:
        s.ignore(event, "no such queue" if event.queue not in s.queues else "it is closed")
    else:
        s.closed[event.queue], s.closed_at[event.queue] = event.by, s.now
        s.log(Kind.OPERATOR, queue=event.queue, detail={"did": "queue closed", "by": event.by})


def opened(s: State, event: QueueOpened) -> None:
    """QueueOpened: ends what QueueClosed began."""
    if event.queue not in s.closed:
        s.ignore(event, "it is not closed")
    else:
        del s.closed[event.queue]
        s.closed_at.pop(event.queue, None)
        s.log(Kind.OPERATOR, queue=event.queue, detail={"did": "queue opened", "by": event.by})


def hours_set(s: State, event: HoursSet) -> None:
    """HoursSet: from now on, until that moment, the menu and callbacks go by it; calls that wait are served."""
    if event.queue and event.queue not in s.queues:
        s.ignore(event, "no such queue")
        return
    detail = {"did": "hours set", "by": event.by, "now": "as planned"}
    if event.until is None or event.until <= s.outer(s.now):
        if s.hours_set.pop(event.queue, None) is None:
            s.ignore(event, "nothing was set, or its end is past")
            return
    else:
        s.hours_set[event.queue] = HoursToday(event.open, event.until, event.zh, event.en, event.by)
        detail |= {"now": "open" if event.open else "closed", "until": event.until.isoformat()}
        detail["local"] = f"{event.until.astimezone(UTC) + s.rules.utc_offset:%Y-%m-%d %H:%M}"
        detail |= {name: text for name, text in (("zh", event.zh), ("en", event.en)) if text}
    s.log(Kind.OPERATOR, queue=event.queue, detail=detail)
    for call in s.calls.values():
        if call.resting and s.legs_out.held.get(call.call) == "hours":
            s.deadlines.clear(("rest", call.call))
            rested(s, call)  # customers may be called back now, or later than was thought
    dialling.hours_changed(s)


def agent_moved(s: State, event: AgentMoved) -> None:
    """AgentMoved: from now on the agent takes the calls of these queues."""
    agent = s.agents.get(event.agent)
    if agent is None or agent.leaving:
        s.ignore(event, "no such agent")
        return
    unknown = [queue for queue in event.queues if queue not in s.queues]
    if unknown:
        s.ignore(event, f"no such queue: {unknown[0]}")
        return
    was, agent.queues = list(agent.queues), tuple(event.queues)
    s.log(
        Kind.OPERATOR,
        agent=agent.agent,
        detail={"did": "agent moved", "by": event.by, "was": was, "now": list(event.queues)},
    )
    skills_changed(s, agent)


def _waiting(s: State, event: Event, name: str) -> Call | None:
    call = s.calls.get(name)
    if call is not None and call.stage == "waiting" and not call.dialling:
        return call
    s.ignore(event, "no such call" if call is None else f"the call is {call.stage}")
    return None


def _log(s: State, did: str, by: str, call: Call, **more: object) -> None:
    s.log(Kind.OPERATOR, call.call, queue=call.queue, detail={"did": did, "by": by, **more})
