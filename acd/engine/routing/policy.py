"""A queue's policy over time: what is done about a call that waits too long, that nobody can serve, or behind too many.

The rows are the configuration's (model.Overflow). Each is applied to a call at most once while it stands in that queue. A
row that widens changes what the call asks for; a row that diverts takes the call out of line, except the callback: that is
only offered, and the caller waits on whatever they say.
"""

from typing import Any

from acd.engine.commands import Kind, SendTo, Where
from acd.engine.entities import Call
from acd.engine.model import Overflow
from acd.engine.routing import calls_out
from acd.engine.routing.queueing import (
    ahead_of,
    arm_policy,
    enter_queue,
    expected,
    leave_line,
    requeue,
    since,
    wait,
    widen,
)
from acd.engine.state import State

DESTINATIONS = ("voicemail", "number", "offer-callback")
"""Rows that need a caller on the line and a link to Asterisk."""

MOVES = 10
"""More moves from queue to queue than this are a circle; the call stays in its queue."""


def on_entry(s: State, call: Call, ahead: int) -> bool:
    """Apply the rows that are looked at when a call comes to the queue. Returned: whether it is to wait there.

    The call does not stand in line yet. False: a row has moved or diverted it, and all is done for it. `ahead`: calls that
    come before it.
    """
    for number, row in enumerate(s.queue(call.queue).overflow):
        if row.do in DESTINATIONS and not s.pbx:
            continue  # no call can be diverted
        if row.when == "longer-than":
            applies = ahead > row.calls
        elif row.when == "wait-over":
            applies = call.expected.median_s > row.wait.total_seconds()
        else:
            continue
        if applies and number not in call.rows and not apply_row(s, call, number):
            return False
    return True


def apply_waited_rows(s: State, call: Call) -> None:
    """Apply the rows that are due by waiting, in the order of their time."""
    if call.stage != "waiting" or call.queued_at is None:
        return
    if not s.pbx:
        return  # no call can be diverted; looked at again when the link is back
    rows = s.queue(call.queue).overflow
    due = [number for number, row in enumerate(rows) if row.when == "waited" and number not in call.rows]
    for number in sorted(due, key=lambda number: rows[number].after):
        if s.now < call.queued_at + rows[number].after:
            break
        if not apply_row(s, call, number):
            return
    arm_policy(s, call)


def apply_unstaffed_rows(s: State) -> None:
    """After an event: apply the unstaffed rows to calls in lines that nobody staffs. Without a link to Asterisk: none."""
    lines, s.followups.unstaffed_lines = s.followups.unstaffed_lines, []
    for line in lines:
        if not line.staffed:
            s.followups.unstaffed_calls.extend(entry.call for entry in line.callers)
    if not s.pbx:
        s.followups.unstaffed_calls.clear()
        return
    while s.followups.unstaffed_calls:
        calls, s.followups.unstaffed_calls = s.followups.unstaffed_calls, []
        for call in calls:
            _apply_unstaffed_rows_to(s, call)


def _apply_unstaffed_rows_to(s: State, call: Call) -> None:
    for number, row in enumerate(s.queue(call.queue).overflow):
        if call.stage != "waiting" or call.line.staffed or call.call not in s.calls:
            return
        if row.when == "unstaffed" and number not in call.rows and not apply_row(s, call, number):
            return


def apply_row(s: State, call: Call, number: int) -> bool:
    """Do what this row says. Returned: whether the call still waits, or is to wait, in this queue."""
    row = s.queue(call.queue).overflow[number]
    call.rows.append(number)
    if call.virtual and row.do in DESTINATIONS:
        return True  # no caller is on the line who could be diverted
    if row.do == "offer-callback" and (call.callback or _may_not_be_offered(s, call)):
        return True
    at = call.queued_at or s.now
    detail: dict[str, Any] = {
        "row": number + 1, "when": row.when, "do": row.do, "why": row.why, "waited_s": since(call.asked, s.now),
        "after_s": since(at, s.now),
    }  # fmt: skip
    queue = call.queue
    if row.do in ("lower-skill", "add-queue", "raise-priority"):
        _widen(s, call, row, detail)
        s.log(Kind.OVERFLOW, call.call, queue=queue, detail=detail)
        return True
    if row.do == "move":
        if call.moves >= MOVES:
            return True
        call.moves += 1
        detail["queue"] = row.queue
        s.log(Kind.OVERFLOW, call.call, queue=queue, detail=detail)
        move_to_queue(s, call, row.queue)
        return False
    if row.number:
        detail["number"] = row.number
        if why := calls_out.refuse_number(s, row.number) or calls_out.no_leg(s) or "":
            s.log(Kind.OVERFLOW, call.call, queue=queue, detail={**detail, "refused": why})
            calls_out.raise_alarm(s, why, call, row.number)
            return True
    s.log(Kind.OVERFLOW, call.call, queue=queue, detail=detail)
    if row.do == "offer-callback":
        redirect(s, call, "callback", within_s=row.within.total_seconds())
        return True
    leave_line(s, call)
    call.stage, call.after, call.sent_to = "elsewhere", None, row.number
    redirect(s, call, "voicemail" if row.do == "voicemail" else "number", row.number)
    if row.number:
        calls_out.note(s, row.number)
    return False


def _may_not_be_offered(s: State, call: Call) -> bool:
    why = calls_out.no_offer(s, call)
    if why:
        s.log(Kind.CALLBACK, call.call, queue=call.queue, detail={"state": "not offered", "reason": why})
    if why == "queue-full":
        calls_out.raise_alarm(s, why, call)
    return why != ""


def redirect(s: State, call: Call, where: Where, number: str = "", within_s: float = 0.0) -> None:
    """Redirect the caller. That also ends a stale offer that may still ring, so that nothing takes the caller back from there."""
    s.out.append(SendTo(call.call, where, call.queue, number, within_s))
    call.hanging, call.let_go, call.sent_at = "", None, s.now


def _widen(s: State, call: Call, row: Overflow, detail: dict[str, Any]) -> None:
    widen(call, row)
    requeue(s, call)
    detail["priority"] = call.priority
    detail["required"] = [{"queue": queue, "skills": dict(skills)} for queue, skills in call.line.ask.any_of]
    if call.stage == "waiting" and not call.line.staffed:
        s.followups.unstaffed_calls.append(call)


def move_to_queue(s: State, call: Call, queue: str) -> None:
    """Move the call to another queue, where it keeps its place; that queue's entry rows apply."""
    leave_line(s, call)
    enter_queue(s, call, queue)
    ahead = ahead_of(call)
    call.expected = expected(s, call.queue, call.line, ahead)
    if on_entry(s, call, ahead):
        wait(s, call)
