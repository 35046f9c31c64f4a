"""Callbacks: callers who have hung up and keep their place are called back when their turn has come.

A virtual call stands in line like any other. When an agent is free for it, the agent is reserved and the customer is
dialled (`make_offer`); when the customer has answered it is an ordinary call, and the reserved agent's phone rings.
"""

from acd.engine.calls.call_lifecycle import close_call
from acd.engine.commands import Ending, Kind, Outcome
from acd.engine.entities import Call
from acd.engine.events import CallbackAccepted, CallbackAnswered, CallbackFailed
from acd.engine.offers.offer_lifecycle import drop, ring
from acd.engine.routing.agents import restate
from acd.engine.routing.queueing import join_line, leave_line, put_back
from acd.engine.state import State
from acd.engine.transfers import transfer
from acd.identifiers import is_number


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
    else:
        take(s, call, number)


def take(s: State, call: Call, number: str) -> None:
    """Note the number to call back, and log it; nothing if a callback was taken before."""
    if not call.callback:
        call.callback = number
        _log(s, call, "accepted")


def found_calling(s: State, call: Call) -> None:
    """Resync: Asterisk is dialling the customer under this call's id. No second channel is made."""
    if call.dialling or call.stage not in ("waiting", "offered"):
        return
    take(s, call, call.caller)
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
    if call.attempts >= s.rules.callback_attempts:
        _log(s, call, "given up")
        close_call(s, call, Ending.NOT_REACHED)
    elif not call.resting:
        put_back(s, call, "callback not answered", s.rules.callback_pause)


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
