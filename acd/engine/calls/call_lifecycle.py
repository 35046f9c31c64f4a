"""A call's record is opened and closed: its first row and its last, what is counted and what is remembered of the caller."""

from datetime import datetime
from typing import Any

from acd.engine.brands import brand_of
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call
from acd.engine.events import CallArrived
from acd.engine.faults import counting
from acd.engine.masking import asked as masking
from acd.engine.pbx_report import FoundCall, MissedHangup
from acd.engine.promises import ledger
from acd.engine.routing.queueing import answer_within_s, leave_line, since
from acd.engine.state import State
from acd.identifiers import is_number

ABANDONED = (Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING)


def open_call(s: State, name: str, came: CallArrived | FoundCall | MissedHangup | None) -> Call:
    """Open the record of a new call. `came`: None: another event of it came before CallArrived."""
    s.arrivals += 1
    call = Call(name, s.arrivals, s.now, known=came is not None)
    s.calls[name] = call
    s.counts.arrived()
    note_caller(s, call, came)
    return call


def note_caller(s: State, call: Call, came: CallArrived | FoundCall | MissedHangup | None) -> None:
    """Note, and log, who has called which number of ours."""
    written, withheld = "", False
    if came is not None:
        call.caller, call.dialled, call.withheld = came.caller, came.dialled, came.withheld
        written, withheld = came.written, came.withheld
        known, call.brand = call.brand, brand_of(s.rules, call.dialled)
        if call.brand and not known:
            s.counts.arrived_at_brand(call.brand)
    detail: dict[str, Any] = {"caller": call.caller, "dialled": call.dialled}
    if call.brand:
        detail["brand"] = call.brand
    if written not in ("", call.caller):
        detail["written"] = written
    if withheld:
        detail["withheld"] = True
    if isinstance(came, CallArrived):
        call.trunk, call.identity = came.trunk, came.identity
        detail |= {name: value for name, value in (("trunk", came.trunk), ("identity", came.identity)) if value}
    s.log(Kind.ARRIVED, call.call, detail=detail)


def close_call(s: State, call: Call, ending: Ending, at: datetime | None = None) -> None:
    """Close a call by its one ending, now or at `at`; its offers must be over. The id is kept for a while, so that late events
    are recognised."""
    leave_line(s, call)
    for agent in call.paused:
        s.deadlines.clear(("pause", call.call, agent))
    s.deadlines.clear(("callback", call.call))
    s.legs_out.held.pop(call.call, None)
    s.listeners.verifying.discard(call.call)
    at = at or s.now
    masking.call_over(s, call, at)
    wait_s = call.wait_s
    if call.asked_at is not None and (wait_s is None or ending is not Ending.ANSWERED):
        wait_s = since(call.asked_at, at)
    abandoned = ending in ABANDONED
    target_s = answer_within_s(s, call)
    in_time = ending is Ending.ANSWERED and not call.called_back and call.wait_s is not None and call.wait_s <= target_s
    detail = {
        "ending": str(ending),
        "wait_s": wait_s or 0.0,
        "talk_s": call.talk_s,
        "asked_for_person": call.asked_at is not None,
        "within_target": in_time,
        "short": abandoned and (wait_s or 0.0) < s.rules.short_abandon.total_seconds(),
        "callback": call.called_back,
    }
    s.log(Kind.ENDED, call.call, queue=call.queue, detail=detail)
    s.counts.ended(
        call.queue,
        ending,
        call.brand,
        asked=call.asked_at is not None,
        called_back=call.called_back,
        within_target=in_time,
        short=bool(detail["short"]),
        wait_s=wait_s or 0.0,
    )
    if call.asked_at is not None and call.in_time is None:
        s.counts.decided(call.queue, call.brand, s.now, in_time=False)
    if abandoned:
        s.wait_estimates.waited(call.queue, call.expected, wait_s or 0.0, answered=False)
        if s.rules.return_within and call.placed_at is not None and is_number(call.caller):
            s.caller_history.left(call.caller, call.queue, call.placed_at, at, s.rules.return_within)
    ledger.call_over(s, call, ending)
    if call.faults:
        counting.call_over(s, call)
    del s.calls[call.call]
    if s.rules.surveys and ending is Ending.ANSWERED and call.wait_s is not None:
        s.followups.ended_talks.append(call)
    s.ended_calls[call.call] = (s.now, True)
    s.forget_old()
