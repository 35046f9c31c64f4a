"""Callers in a fault: who heard of it, who wants to be told, who went on to a person, who hung up."""

from acd.engine.commands import Ending, Kind
from acd.engine.faults.events import FaultForgotten, FaultHeard, FaultRegistered
from acd.engine.faults.state import MOST_REGISTERED, Registered
from acd.engine.routing import calls_out
from acd.engine.state import State
from acd.engine.transfers.targets import Refusal


def heard(s: State, event: FaultHeard) -> None:
    """FaultHeard: counted once a call. A caller who has heard it to the end and hangs up was served."""
    call, fault = s.calls.get(event.call), s.faults.all.get(event.fault)
    if call is None or fault is None or call.asked_at is not None:
        s.ignore(event, "no such fault" if fault is None else "no such call, or it has left the menu")
        return
    if event.fault not in call.faults:
        call.faults.append(event.fault)
        fault.counts.concerned += 1
        s.log(Kind.FAULT, call.call, detail={"fault": fault.fault, "state": "heard"})
    if event.whole:
        call.fault_told, call.after = True, Ending.SERVED


def refusal(s: State, event: FaultRegistered) -> Refusal | None:
    """Why this number can't be registered: the fault is mended or there is none, the number is registered already, or may not be
    called."""
    fault = s.faults.all.get(event.fault)
    if fault is None or not fault.is_open:
        return Refusal("mended", f"Fault {event.fault} is not open any more.")
    if not fault.plan.register:
        return Refusal("no-news", "Nobody is told when this fault is mended.")
    if event.number in fault.registered:
        return Refusal("already", "This number is registered already.")
    if why := calls_out.refused(s, event.number):
        return Refusal(why, f"This number may not be called ({why}).")
    if len(fault.registered) >= MOST_REGISTERED:
        return Refusal("full", f"{MOST_REGISTERED} callers wait for the news already.")
    return None


def registered(s: State, event: FaultRegistered) -> None:
    """FaultRegistered: the number is called once the fault is mended."""
    fault, refused = s.faults.all.get(event.fault), refusal(s, event)
    call = s.calls.get(event.call)
    if call is not None and (refused is None or refused.code == "already"):
        call.fault_told, call.after = True, Ending.SERVED
    if fault is None or refused is not None:
        state = "already registered" if refused is not None and refused.code == "already" else "refused"
        if fault is not None and state == "already registered":
            fault.counts.twice += 1
        detail = {"fault": event.fault, "state": state, "number": event.number}
        s.log(Kind.FAULT, event.call, detail=detail | ({"reason": refused.code} if refused else {}))
        return
    fault.registered[event.number] = Registered(
        event.number,
        max((each.order for each in fault.registered.values()), default=0) + 1,
        event.call,
        s.outer(s.now),
        event.language,
        call.dialled if call is not None else "",
        area=call.area if call is not None else "",
    )
    s.log(Kind.FAULT, event.call, detail={"fault": fault.fault, "state": "registered", "number": event.number})


def forgotten(s: State, event: FaultForgotten) -> None:
    """FaultForgotten: the number is taken out of every fault, and of the story calls that wait. One that is under way is the last."""
    for fault in s.faults.all.values():
        fault.registered.pop(event.number, None)
    for call in [call for call in s.story_calls.open.values() if call.number == event.number]:
        if call.state == "waiting":
            del s.story_calls.open[call.call]
        else:
            call.pauses_s = ()
