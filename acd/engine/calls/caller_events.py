"""Events of callers: arrived, menu chosen, queued, served or turned away by the menu, hung up."""

from acd.engine.calls import callbacks
from acd.engine.calls.call_lifecycle import close_call, note_caller, open_call
from acd.engine.calls.queue_entry import ask
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call
from acd.engine.events import (
    LINE_LOST,
    CallArrived,
    CallerHungUp,
    CallQueued,
    CallServed,
    CallTurnedAway,
    MenuChosen,
    MenuLeft,
    RecordingDeclined,
)
from acd.engine.offers.offer_lifecycle import caller_left, end_talk
from acd.engine.routing.policy import DESTINATIONS, redirect
from acd.engine.routing.queueing import leave_line, requeue
from acd.engine.state import State
from acd.engine.transfers import transfer
from acd.identifiers import is_number


def arrived(s: State, event: CallArrived) -> None:
    """CallArrived. One that was overtaken by another event of the call only adds the number; one after the hang-up ends it."""
    known = s.calls.get(event.call)
    if known is not None:
        if known.known:
            s.ignore(event, "the call is known")
            return
        known.known = True
        note_caller(s, known, event)
        if known.asked_at is not None:
            requeue(s, known)  # the number may have a priority
        return
    hung_up = s.ended_calls.get(event.call)
    if hung_up is not None and hung_up[1]:
        s.ignore(event, "the call is over")
        return
    call = open_call(s, event.call, event)
    if hung_up is not None:
        close_call(s, call, Ending.ABANDONED_IVR)  # its hang-up overtook its arrival


def menu_chosen(s: State, event: MenuChosen) -> None:
    """MenuChosen: notes how far the caller is in the menu."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "menu":
        s.ignore(event, "no such call" if call is None else "the call has left the menu")
    elif call.path.startswith(event.path):
        s.ignore(event, "the call is further in the menu")
    else:
        call.path = event.path
        s.log(Kind.MENU, event.call, detail={"path": event.path, **({"trail": event.trail} if event.trail else {})})


def menu_left(s: State, event: MenuLeft) -> None:
    """MenuLeft: notes where the caller was who hung up there."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "menu" or call.path:
        s.ignore(event, "no such call" if call is None else "the call has left the menu")
    else:
        s.log(Kind.MENU, event.call, detail={"path": "", "trail": event.trail})


def queued(s: State, event: CallQueued) -> None:
    """CallQueued: the caller asks for a person."""
    call = s.calls.get(event.call)
    hung_up = s.ended_calls.get(event.call) if call is None else None
    if hung_up is not None and hung_up[1]:
        s.ignore(event, "the call is over")
    elif call is not None and (call.asked_at is not None or call.after is Ending.TURNED_AWAY):
        s.ignore(event, "the call has asked for a person before")
    else:
        if call is None:
            call = open_call(s, event.call, None)
        gone = hung_up is not None
        ask(s, call, event.queue, event.skills, event.language, s.now, event.wanted, past=gone, wish=event.wish)
        if event.wish and not gone and s.pbx:
            grant_wish(s, call, event.wish)
        if hung_up is not None:
            close_call(s, call, Ending.ABANDONED_QUEUE)


def grant_wish(s: State, call: Call, wish: str) -> None:
    """The caller of a closed queue is asked for a message, or for the number of a callback."""
    if call.stage != "waiting":
        return
    rows = s.queue(call.queue).overflow  # the caller has chosen already where to go
    call.rows.extend(number for number, row in enumerate(rows) if row.do in DESTINATIONS and number not in call.rows)
    if wish == "callback":
        redirect(s, call, "callback")
        return
    leave_line(s, call)
    call.stage, call.after, call.sent_to = "elsewhere", None, ""
    redirect(s, call, "voicemail")


def recording_declined(s: State, event: RecordingDeclined) -> None:
    """RecordingDeclined: see `unrecorded`."""
    call = s.calls.get(event.call)
    if call is None or call.unrecorded:
        s.ignore(event, "no such call" if call is None else "it is known")
    else:
        unrecorded(s, call)


def unrecorded(s: State, call: Call) -> None:
    """No talk of this call is recorded from now on."""
    call.unrecorded = True
    s.log(Kind.DECLINED, call.call, queue=call.queue)


def served(s: State, event: CallServed) -> None:
    """CallServed: the call ends as served when the caller hangs up."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "menu":
        s.ignore(event, "no such call" if call is None else "the call has left the menu")
    else:
        call.stage, call.after = "after", Ending.SERVED


def turned_away(s: State, event: CallTurnedAway) -> None:
    """CallTurnedAway: the call ends as turned away when the caller hangs up."""
    call = s.calls.get(event.call)
    if call is None or call.stage not in ("menu", "waiting", "elsewhere") or call.after is not None:
        s.ignore(event, "no such call" if call is None else f"the call is {call.stage}")
    elif call.virtual:
        s.ignore(event, "he has hung up, and holds his place")
    else:
        if call.stage == "waiting":
            leave_line(s, call)
        call.stage, call.after = "after", Ending.TURNED_AWAY


def hung_up(s: State, event: CallerHungUp) -> None:
    """CallerHungUp: the call ends, unless the caller has taken a callback."""
    call = s.calls.get(event.call)
    if call is None:
        if event.call not in s.ended_calls:
            s.ended_calls[event.call] = (s.now, False)
        s.ignore(event, "no such call")
        return
    if call.virtual:
        s.ignore(event, "he has hung up, and holds his place")
        return
    if call.callback and not call.called_back and call.stage in ("waiting", "offered"):
        callbacks.hung_up(s, call)
        return
    was_dropped = dropped(s, call, event.cause)
    line_lost = event.cause in LINE_LOST
    if call.transfer is not None or call.stage == "talking" or call.leaving:
        transfer.caller_gone(s, call)
    if call.stage == "talking" and call.offer is not None:
        end_talk(s, call.offer, "line lost" if line_lost else "caller")
    if call.stage == "menu":
        # The answer that a menu gave was heard whole: how the line ended then does not take that back.
        ending = call.after or (Ending.LOST if line_lost else Ending.ABANDONED_IVR)
    elif call.stage in ("waiting", "elsewhere"):
        ending = call.after or gave_up(call, Ending.LOST if line_lost else Ending.ABANDONED_QUEUE)
    elif call.stage == "offered":
        assert call.offer is not None
        rang = call.offer.ringing_at is not None or call.offer.answered_at is not None
        left = Ending.ABANDONED_RINGING if rang else Ending.ABANDONED_QUEUE
        ending = gave_up(call, Ending.LOST if line_lost else left)
        caller_left(s, call.offer, event.cause)
    else:
        ending = call.after or Ending.ANSWERED
    if was_dropped:
        s.caller_history.dropped(call.caller, call.call, was_dropped, call.brand, s.now, s.rules.dropped_within)
    close_call(s, call, ending)


def gave_up(call: Call, where: Ending) -> Ending:
    """The ending of a caller who hung up there: answered, if they had been served before a transfer; else `where`."""
    return Ending.ANSWERED if call.transfers and call.wait_s is not None else where


ENDS_WELL = (0, 16, 17, 19, 21, 31)
"""Q.850 causes of a channel that a person has hung up; with any other the line dropped."""


def dropped(s: State, call: Call, cause: int) -> str:
    """The agent who gets this caller should they call again soon: the line dropped, or the caller left in mid-talk and the
    matter was not closed. Empty: none. `cause`: Q.850."""
    if not s.rules.dropped_within or not is_number(call.caller) or call.disposed:
        return ""
    if call.offer is not None and call.offer.bridged_at is not None:
        return call.offer.agent.agent
    if call.handed_by and call.stage in ("waiting", "offered"):
        return call.handed_by[-1][0]
    return call.last_agent if cause not in ENDS_WELL else ""
