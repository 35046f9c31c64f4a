"""Supervisors who listen, whisper, join, take over: the handlers, and why something is refused."""

from datetime import timedelta

from acd.engine.commands import AttachListener, Ending, EndListener, HangUp, Kind, RecordAgain, RingListener
from acd.engine.entities import Agent, Call, Offered
from acd.engine.events import EndedBy
from acd.engine.listening import leg, spans
from acd.engine.listening.events import (
    ListenAsked,
    ListenEnded,
    ListenerAnswered,
    ListenerGone,
    ListenerJoined,
    ListenerLeft,
    ListenSwitched,
)
from acd.engine.listening.state import MOST, MOST_OF_A_CALL, NOWHERE, Listener
from acd.engine.masking import asked as masking
from acd.engine.offers.offer_lifecycle import close_talk
from acd.engine.pbx_report import FoundListener
from acd.engine.routing.agents import begin_wrap_up, restate
from acd.engine.routing.queueing import since
from acd.engine.state import State
from acd.engine.transfers.holds import talk_of
from acd.engine.transfers.targets import Refusal, under_way

ANSWER_WITHIN = timedelta(seconds=45)
"""The dialplan rings for 30 s; this ends a listener of whom nothing was told."""


def refusal(s: State, event: ListenAsked) -> Refusal | None:
    """Why nobody can listen so now; None: they can."""
    found = talk_of(s, event.call)
    if isinstance(found, Refusal):
        return found
    call, offer = found
    if event.mode == "take-over" and (why := _no_take_over(s, call, offer)) is not None:
        return why
    known = s.agents.get(event.telephone)
    if known is None:
        return Refusal("no-such-telephone", f"There is no telephone {event.telephone}.", {"telephone": event.telephone})
    if known is offer.agent or (call.consult is not None and known is call.consult.agent):
        return Refusal(
            "talks-there", f"Telephone {event.telephone} is in this call already.", {"telephone": event.telephone}
        )
    if (there := s.listeners.at_telephone(event.telephone)) is not None:
        why_taken = f"Telephone {event.telephone} is used by {there.account} to listen to call {there.call}."
        return Refusal("listens-there", why_taken, {"telephone": event.telephone, "account": there.account})
    if (why := _no_telephone(known)) is not None:
        return why
    if len(s.listeners.of_call(event.call)) >= MOST_OF_A_CALL or len(s.listeners.open) >= MOST:
        return Refusal("too-many", f"At most {MOST_OF_A_CALL} people listen to one call, and {MOST} in all.")
    return None


def _no_telephone(agent: Agent) -> Refusal | None:
    words = {"telephone": agent.agent}
    if agent.outside:
        return Refusal("outside", f"Agent {agent.agent} is rung at an outside number: name a telephone here.", words)
    if agent.offer is not None or agent.work not in ("idle", "wrap-up"):
        return Refusal("telephone-busy", f"Telephone {agent.agent} is in a call.", words)
    if agent.logged_in and agent.ready:
        why = f"Agent {agent.agent} is ready for calls at this telephone: set them not ready first."
        return Refusal("telephone-ready", why, words)
    if not agent.phone:
        return Refusal("telephone-away", f"Telephone {agent.agent} is not registered.", words)
    return None


def _no_take_over(s: State, call: Call, offer: Offered) -> Refusal | None:
    if call.transfer is not None:
        return under_way(s, call.transfer, "A transfer is under way.")
    if offer.apart_at is not None:
        return Refusal("on-hold", "The caller is on hold.")
    return None


def switch_refusal(s: State, event: ListenSwitched | ListenEnded) -> Refusal | None:
    """Why the listener can't do that; None: they can."""
    listener = s.listeners.open.get(event.listener)
    if listener is None:
        return Refusal("not-listening", "This listening is over.")
    if isinstance(event, ListenEnded):
        return None
    if listener.took_over:
        return Refusal("took-over", "The caller is with the supervisor alone; hang up to end the call.")
    found = talk_of(s, listener.call)
    if event.mode == "take-over":
        return found if isinstance(found, Refusal) else _no_take_over(s, *found)
    return None


def asked(s: State, event: ListenAsked) -> None:
    """ListenAsked: the telephone rings."""
    if event.listener in s.listeners.open:
        s.ignore(event, "this id is taken")
        return
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
        return
    call = s.calls[event.call]
    listener = Listener(
        event.listener, event.call, event.account, event.telephone, event.mode, s.now, tuple(event.teams)
    )
    s.listeners.open[event.listener] = listener
    s.deadlines.set(("listener", event.listener), s.now + ANSWER_WITHIN)
    _log(s, listener, "asked")
    with_agent = "" if call.offer is None else call.offer.agent.agent
    s.out.append(RingListener(event.listener, event.call, event.telephone, call.caller_shown, with_agent))


def switched(s: State, event: ListenSwitched) -> None:
    """ListenSwitched: `attach.settle` moves the channel."""
    if (refused := switch_refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
        return
    listener = s.listeners.open[event.listener]
    if listener.mode == event.mode:
        return
    listener.mode = event.mode
    _log(s, listener, "switched", by=event.by)
    _take_over(s, listener)


def ended(s: State, event: ListenEnded) -> None:
    """ListenEnded."""
    listener = s.listeners.open.get(event.listener)
    if listener is None:
        s.ignore(event, "nobody listens under this id")
    else:
        end(s, listener, "asked to", by=event.by)


def answered(s: State, event: ListenerAnswered) -> None:
    """ListenerAnswered; a telephone of a listener who is not known any more is hung up."""
    listener = s.listeners.open.get(event.listener)
    if listener is None:
        s.ignore(event, "nobody listens under this id")
        s.out.append(EndListener(event.listener))
    elif listener.answered_at is None:
        listener.answered_at = s.now
        s.deadlines.clear(("listener", listener.listener))
        _log(s, listener, "began")


def joined(s: State, event: ListenerJoined) -> None:
    """ListenerJoined."""
    listener = s.listeners.open.get(event.listener)
    if listener is None or listener.joined_at is not None:
        return
    listener.joined_at = s.now
    _log(s, listener, "joined")
    _take_over(s, listener)


def left(s: State, event: ListenerLeft) -> None:
    """ListenerLeft: the telephone is still up; the caller is in another bridge, or in none."""
    listener = s.listeners.open.get(event.listener)
    if listener is not None:
        _leave(s, listener)
        listener.place = NOWHERE
        if listener.took_over:
            end(s, listener, "call over")


def gone(s: State, event: ListenerGone) -> None:
    """ListenerGone."""
    listener = s.listeners.open.get(event.listener)
    if listener is not None:
        end(s, listener, event.why)


def overdue(s: State, name: str) -> None:
    """Nothing was told of the telephone."""
    listener = s.listeners.open.get(name)
    if listener is not None and not listener.is_up:
        end(s, listener, "no answer")


def end(s: State, listener: Listener, why: str, by: str = "") -> None:
    """The listener is out; their channel, if there is one, is hung up."""
    del s.listeners.open[listener.listener]
    s.deadlines.clear(("listener", listener.listener))
    _leave(s, listener)
    _log(s, listener, "ended" if listener.is_up else "failed", why=why, by=by)
    if why not in ("hung up", "lost", "busy", "rejected", "unreachable"):
        s.out.append(EndListener(listener.listener))
    call = s.calls.get(listener.call)
    if listener.took_over and call is not None and call.stage == "elsewhere":
        call.stage = "after"


def keeps_caller(s: State, call: Call, by: EndedBy) -> bool:
    """Whether the caller stays with a supervisor who is in the bridge when the agent leaves it."""
    return by in ("agent", "transfer", "operator", "lost") and any(
        each.joined_at is not None for each in s.listeners.of_call(call.call)
    )


def agent_left(s: State, offer: Offered, by: EndedBy) -> None:
    """The agent has left the talk, and the caller stays with the supervisor."""
    call, agent = offer.call, offer.agent
    masking.end(s, call, "agent left")
    taken = next(each for each in s.listeners.of_call(call.call) if each.joined_at is not None)
    served = close_talk(s, offer, "supervisor" if taken.mode == "take-over" else by)
    call.stage, call.after = "elsewhere", Ending.ANSWERED
    if call.wait_s is None and offer.bridged_at is not None:
        call.wait_s = since(call.asked, offer.bridged_at)  # however short the agent's part was: the caller is served
    for each in s.listeners.of_call(call.call):
        each.took_over = each.joined_at is not None
    _log(s, taken, "took over")
    s.out.append(RecordAgain(call.call))
    taken.leg = leg.kept(s, offer)
    if served:
        begin_wrap_up(s, agent, offer.queue, call.call, call.brand)
    else:
        restate(s, agent, keep_place=True)


def found(s: State, listeners: tuple[FoundListener, ...]) -> None:
    """The link is back: listeners without a channel are over; a channel of nobody we know is hung up; the others are put where
    they belong anew, unless they are in the caller's bridge: they must not leave it, for the caller may be with them alone."""
    there = {each.listener: each for each in listeners}
    for name in there.keys() - s.listeners.open.keys():
        s.out.append(EndListener(name))
    for listener in [*s.listeners.open.values()]:
        known = there.get(listener.listener)
        if known is None:
            end(s, listener, "lost")
            continue
        if known.up:
            answered(s, ListenerAnswered(listener.listener))
        if known.bridged:
            joined(s, ListenerJoined(listener.listener))
        else:
            _leave(s, listener)
            listener.place = NOWHERE


def attach(s: State, listener: Listener) -> None:
    """Have the channel put where `listener.place` says."""
    place = listener.place
    s.out.append(AttachListener(listener.listener, listener.call, place.how, place.agent, place.offer))


def _take_over(s: State, listener: Listener) -> None:
    call = s.calls.get(listener.call)
    offer = None if call is None else call.offer
    if listener.mode == "take-over" and listener.joined_at is not None and offer is not None and not listener.took_over:
        s.out.append(HangUp(listener.call, offer.agent.agent, offer.offer))


def _leave(s: State, listener: Listener) -> None:
    if listener.joined_at is not None:
        joined_s = since(listener.joined_at, s.now)
        if (call := s.calls.get(listener.call)) is not None and not listener.took_over:
            spans.note(call, listener, s.now)
        listener.joined_at = None
        _log(s, listener, "left", joined_s=joined_s)
        leg.left(s, listener)
        if listener.took_over and any(each.joined_at is not None for each in s.listeners.of_call(listener.call)):
            s.out.append(RecordAgain(listener.call))


def _log(s: State, listener: Listener, state: str, **more: object) -> None:
    call = s.calls.get(listener.call)
    offer = None if call is None else call.offer
    detail = {
        "state": state,
        "listener": listener.listener,
        "account": listener.account,
        "telephone": listener.telephone,
        "mode": listener.mode,
        "listened_s": 0.0 if listener.answered_at is None else since(listener.answered_at, s.now),
        **{name: value for name, value in more.items() if value != ""},
    }
    s.log(
        Kind.LISTENING,
        listener.call,
        "" if offer is None else offer.agent.agent,
        "" if offer is None else offer.offer,
        "" if call is None else call.queue,
        detail,
    )
