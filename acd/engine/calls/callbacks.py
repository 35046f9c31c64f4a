"""Callbacks: callers who have hung up and keep their place are called back when their turn has come.

A virtual call stands in line like any other. When an agent is free for it, the agent is reserved and the customer is
dialled (`make_offer`); when the customer has answered it is an ordinary call, and the reserved agent's phone rings.
"""

from datetime import timedelta

from acd import calls_out as numbers
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackAsked, CallbackFailed
from acd.engine.calls.call_lifecycle import close_call
from acd.engine.commands import Ending, Kind, Outcome
from acd.engine.doubt_events import CallbacksDoubted, CallbacksTrusted
from acd.engine.entities import Call
from acd.engine.offers.offer_lifecycle import drop, ring
from acd.engine.promises import ledger
from acd.engine.routing import calls_out
from acd.engine.routing.agents import restate
from acd.engine.routing.policy import redirect
from acd.engine.routing.queueing import arm_policy, join_line, leave_line, put_back
from acd.engine.state import State
from acd.engine.transfers import transfer
from acd.engine.transfers.targets import Refusal
from acd.identifiers import is_number


def refusal(s: State, event: CallbackAsked) -> Refusal | None:
    """Why this caller may not be called back at this number, or, without one, is offered no callback; None: they may be."""
    call = s.calls.get(event.call)
    if call is None or call.stage not in ("waiting", "offered"):
        return Refusal("no-such-call", "There is no such call any more.")
    why = calls_out.refuse_callback(s, call, event.number) if event.number else calls_out.no_offer(s, call)
    return Refusal(why, f"{event.number} may not be called back ({why}).") if why else None


def asked(s: State, event: CallbackAsked) -> None:
    """CallbackAsked: a number that may not be called is logged, with an alarm. The caller has been told by the story."""
    call = s.calls.get(event.call)
    refused = refusal(s, event)
    if call is None or refused is None or refused.code == "no-such-call":
        return
    _refused(s, call, event.number, refused.code)


def _refused(s: State, call: Call, number: str, why: str) -> None:
    s.log(Kind.CALLBACK, call.call, queue=call.queue, detail={"state": "refused", "number": number, "reason": why})
    if why != "do-not-call":  # A wish of the customer's own is no trouble of the hotline's.
        calls_out.raise_alarm(s, why, call, number)


def accepted(s: State, event: CallbackAccepted) -> None:
    """CallbackAccepted: the caller will hang up and keep the place."""
    call = s.calls.get(event.call)
    number = event.number or (call.caller if call is not None else "")
    if call is None or call.stage not in ("waiting", "offered"):
        s.ignore(event, "no such call" if call is None else f"the call is {call.stage}")
    elif call.callback:
        s.ignore(event, "he has taken a callback already")
    elif not is_number(number):
        s.ignore(event, "no number to call back")
    elif not take(s, call, number) and call.stage == "waiting" and s.pbx:
        redirect(s, call, "no callback")


def take(s: State, call: Call, number: str) -> bool:
    """Note the number to call back, and log it; nothing if a callback was taken before. Returned: whether the call has one now."""
    if call.callback:
        return True
    if why := calls_out.refuse_callback(s, call, number):
        _refused(s, call, number, why)
        return False
    _note(s, call, number if s.rules.calls_out is None else numbers.canonical_of(s.rules.calls_out, number))
    return True


def _note(s: State, call: Call, number: str) -> None:
    if not call.callback:
        call.callback = number
        _log(s, call, "accepted")
        ledger.taken(s, call)


def open_numbers(s: State) -> list[tuple[str, bool]]:
    """The canonical numbers of callbacks that were taken and not answered yet, and of story calls that wait, each once, and whether it
    is barred."""
    open_ = {call.callback for call in s.calls.values() if call.callback and not call.called_back}
    open_ |= {call.number for call in s.story_calls.open.values() if call.state == "waiting"}
    return [(number, calls_out.is_barred(s, number)) for number in sorted(open_)]


def hold_back(s: State, call: Call) -> bool:
    """Whether the customer of this virtual call may not be dialled now. The call then rests until the hours begin, a limit leaves
    room, or it is in doubt no more, at its place; where the number is allowed no longer, the callback is given up. False of any other
    call."""
    if not call.virtual:
        return False
    rules = s.rules.calls_out
    why = "do-not-call" if calls_out.is_barred(s, call.callback) else ""
    if rules is not None and (barred := why or numbers.no_callback(rules, call.callback)):
        if not why:
            calls_out.raise_alarm(s, barred, call, call.callback)
        _log(s, call, "given up", reason=barred)
        close_call(s, call, Ending.NOT_REACHED)
        return True
    held = calls_out.held_until(s, call)
    if held is None:
        s.legs_out.held.pop(call.call, None)
        return False
    why, until = held
    leave_line(s, call)
    call.resting = True
    s.deadlines.set(("rest", call.call), until)
    arm_policy(s, call)
    if s.legs_out.held.get(call.call) != why:
        s.legs_out.held[call.call] = why
        _log(s, call, "held back", reason=why, until=s.outer(until).isoformat())
    if why not in ("hours", "database"):
        calls_out.raise_alarm(s, why, call, call.callback)
    return True


def doubted(s: State, event: CallbacksDoubted) -> None:
    """CallbacksDoubted: no customer is dialled whose callback is open now, until CallbacksTrusted."""
    s.legs_out.in_doubt = {call.call for call in s.calls.values() if call.callback and not call.called_back}
    s.legs_out.in_doubt |= set(s.promises)  # also those whose call begins before the answer comes


def trusted(s: State, event: CallbacksTrusted) -> None:
    """CallbacksTrusted: those who waited for it alone stand in line again at once."""
    for name in sorted(s.legs_out.in_doubt):
        call = s.calls.get(name)
        if s.legs_out.held.get(name) == "database" and call is not None and call.resting:
            s.deadlines.set(("rest", name), s.now)
    s.legs_out.in_doubt = set()


def found_calling(s: State, call: Call) -> None:
    """Resync: Asterisk is dialling the customer under this call's id. No second channel is made."""
    if call.dialling or call.stage not in ("waiting", "offered"):
        return
    _note(s, call, call.caller)
    transfer.caller_gone(s, call)
    if call.offer is not None:
        drop(s, call.offer, Outcome.TAKEN_BACK)
    leave_line(s, call)
    call.stage, call.virtual, call.dialling = "waiting", True, True
    call.hanging, call.let_go = "", None
    s.deadlines.set(("callback", call.call), s.now + s.rules.callback_within)


def hung_up(s: State, call: Call) -> None:
    """A caller who took a callback has hung up: the call keeps its place."""
    transfer.caller_gone(s, call)
    call.virtual = True
    call.hanging, call.let_go = "", None
    if call.stage == "offered" and call.offer is not None:
        drop(s, call.offer, Outcome.CALLER_LEFT)
        put_back(s, call, "takes a callback")


def answered(s: State, event: CallbackAnswered) -> None:
    """CallbackAnswered: see `on_the_line`. Ignored without a link to Asterisk: resync will find the customer."""
    call = s.calls.get(event.call)
    if call is None or not call.virtual:
        s.ignore(event, "no such call" if call is None else "he is on the line")
    elif not s.pbx:
        s.ignore(event, "the link to Asterisk is lost: he is found when it is back")
    else:
        on_the_line(s, call, event.trunk)


def on_the_line(s: State, call: Call, trunk: str = "") -> None:
    """The customer is on the line: ring the reserved agent; if there is none, or they want no calls by now, the call stands
    in line again, at its place."""
    s.deadlines.clear(("callback", call.call))
    call.virtual, call.dialling, call.called_back = False, False, True
    _log(s, call, "answered", **({"trunk": trunk} if trunk else {}))
    offer = call.offer
    if offer is not None and offer.reserved and not (offer.agent.ready and offer.agent.reachable):
        drop(s, offer, Outcome.TAKEN_BACK)
        put_back(s, call, "the agent is not ready")
    elif offer is not None and offer.reserved:
        offer.reserved = False
        offer.agent.work = "ringing"
        restate(s, offer.agent)
        ring(s, offer)
    elif call.stage == "waiting" and not call.in_line and not call.resting and not call.kept_for:
        join_line(s, call)


def failed(s: State, event: CallbackFailed) -> None:
    """CallbackFailed: see `not_reached`."""
    call = s.calls.get(event.call)
    if call is None or not call.dialling:
        s.ignore(event, "no such call" if call is None else "he is not being called")
    else:
        not_reached(s, call, event.reason, event.cause, event.trunk, event.code)


def not_reached(s: State, call: Call, reason: str, cause: int = 0, trunk: str = "", code: int = 0) -> None:
    """An attempt failed: the call is tried again after a pause, at its place, or ends after Rules.callback_attempts."""
    s.deadlines.clear(("callback", call.call))
    call.dialling = False
    carried = {"trunk": trunk, "code": code} if trunk else {}
    _log(s, call, "failed", reason=reason, cause=cause, **carried)
    if call.offer is not None:
        drop(s, call.offer, Outcome.NOT_REACHED)
    pause = _pause(s, call.attempts)
    if pause is None:
        _log(s, call, "given up")
        close_call(s, call, Ending.NOT_REACHED)
    elif not call.resting:
        put_back(s, call, "callback not answered", pause)


def _pause(s: State, failed: int) -> timedelta | None:
    """From the failed try of this number (1, 2, …) until the next; None: there is none."""
    stated = s.rules.callbacks.retry_after if s.rules.callbacks is not None else ()
    if stated:
        return timedelta(seconds=stated[failed - 1]) if failed <= len(stated) else None
    return s.rules.callback_pause if failed < s.rules.callback_attempts else None


def _log(s: State, call: Call, state: str, **more: object) -> None:
    offer = call.offer
    s.log(
        Kind.CALLBACK,
        call.call,
        offer.agent.agent if offer is not None and offer.reserved else "",
        offer.offer if offer is not None and offer.reserved else "",
        call.queue,
        {"state": state, "number": call.callback, "attempt": call.attempts, **more},
    )
