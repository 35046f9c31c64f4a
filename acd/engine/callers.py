"""What callers do: they come, choose, ask for a person, and go."""

from acd.engine import callbacks
from acd.engine.asking import ask
from acd.engine.commands import Ending, Kind
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, CallServed, CallTurnedAway, MenuChosen
from acd.engine.offers import caller_left, end_talk
from acd.engine.standing import leave_line, stand_anew
from acd.engine.state import State
from acd.engine.visits import appear, end


def arrived(s: State, event: CallArrived) -> None:
    known = s.calls.get(event.call)
    if known is not None:
        if known.known:
            s.ignore(event, "the call is known")
            return
        known.known, known.caller, known.dialled = True, event.caller, event.dialled
        s.log(Kind.ARRIVED, event.call, detail={"caller": event.caller, "dialled": event.dialled})
        if known.asked_at is not None:
            stand_anew(s, known)  # his number may have a priority
        return
    hung_up = s.over.get(event.call)
    if hung_up is not None and hung_up[1]:
        s.ignore(event, "the call is over")
        return
    call = appear(s, event.call, event.caller, event.dialled)
    if hung_up is not None:
        end(s, call, Ending.ABANDONED_IVR)  # its hang-up overtook its arrival


def menu_chosen(s: State, event: MenuChosen) -> None:
    call = s.calls.get(event.call)
    if call is None or call.stage != "menu":
        s.ignore(event, "no such call" if call is None else "the call has left the menu")
    elif call.path.startswith(event.path):
        s.ignore(event, "the call is further in the menu")
    else:
        call.path = event.path
        s.log(Kind.MENU, event.call, detail={"path": event.path})


def queued(s: State, event: CallQueued) -> None:
    call = s.calls.get(event.call)
    hung_up = s.over.get(event.call) if call is None else None
    if hung_up is not None and hung_up[1]:
        s.ignore(event, "the call is over")
    elif call is not None and (call.asked_at is not None or call.after is Ending.TURNED_AWAY):
        s.ignore(event, "the call has asked for a person before")
    else:
        if call is None:
            call = appear(s, event.call, "unknown", "", known=False)
        gone = hung_up is not None
        ask(s, call, event.queue, event.skills, event.language, s.now, event.wanted, past=gone)
        if hung_up is not None:
            end(s, call, Ending.ABANDONED_QUEUE)


def served(s: State, event: CallServed) -> None:
    call = s.calls.get(event.call)
    if call is None or call.stage != "menu":
        s.ignore(event, "no such call" if call is None else "the call has left the menu")
    else:
        call.stage, call.after = "after", Ending.SERVED


def turned_away(s: State, event: CallTurnedAway) -> None:
    call = s.calls.get(event.call)
    if call is None or call.stage not in ("menu", "waiting"):
        s.ignore(event, "no such call" if call is None else f"the call is {call.stage}")
    elif call.virtual:
        s.ignore(event, "he has hung up, and holds his place")
    else:
        leave_line(s, call)
        call.stage, call.after = "after", Ending.TURNED_AWAY


def hung_up(s: State, event: CallerHungUp) -> None:
    call = s.calls.get(event.call)
    if call is None:
        if event.call not in s.over:
            s.over[event.call] = (s.now, False)
        s.ignore(event, "no such call")
        return
    if call.virtual:
        s.ignore(event, "he has hung up, and holds his place")
        return
    if call.callback and not call.called_back and call.stage in ("waiting", "offered"):
        callbacks.hung_up(s, call)
        return
    if call.stage == "talking" and call.offer is not None:
        end_talk(s, call.offer, "caller")
    if call.stage == "menu":
        ending = Ending.ABANDONED_IVR
    elif call.stage in ("waiting", "elsewhere"):
        ending = call.after or Ending.ABANDONED_QUEUE
    elif call.stage == "offered":
        assert call.offer is not None
        rang = call.offer.ringing_at is not None or call.offer.answered_at is not None
        ending = Ending.ABANDONED_RINGING if rang else Ending.ABANDONED_QUEUE
        caller_left(s, call.offer, event.cause)
    else:
        ending = call.after or Ending.ANSWERED
    end(s, call, ending)
