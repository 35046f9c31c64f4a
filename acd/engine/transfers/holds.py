"""Hold, retrieve, mute: by the agent's telephone or by the page. Every hold is logged, timed, and reminded of."""

from datetime import datetime, timedelta
from typing import Literal

from acd.engine.commands import Hold, Join, Kind, Mute
from acd.engine.entities import Call, Offered
from acd.engine.offers.talk_time import begin_three_way, end_hold, end_three_way, start_hold
from acd.engine.routing.agents import restate
from acd.engine.routing.queueing import since
from acd.engine.state import State
from acd.engine.transfer_events import CallHeld, CallRetrieved, HoldAsked, MuteAsked, RetrieveAsked
from acd.engine.transfers.targets import Refusal, under_way

JOINED_WITHIN = timedelta(seconds=2)
"""From the Join of caller and agent until it is confirmed; else it is tried once more, and then the agent is taken for lost."""


def talk_of(s: State, name: str, agent: str = "") -> tuple[Call, Offered] | Refusal:
    """The call and the talk of the agent who has it; a Refusal if that is not so. `agent`: who it must be; empty: anybody."""
    call = s.calls.get(name)
    if call is None:
        return Refusal("no-such-call", "There is no such call any more.")
    offer = call.offer
    if offer is not None and agent and offer.agent.agent != agent:
        return Refusal("not-yours", f"Agent {offer.agent.agent} has this call.", {"agent": offer.agent.agent})
    if call.stage != "talking" or offer is None or offer.bridged_at is None:
        return Refusal(
            "not-talking", f"Nobody is talking with this caller (stage: {call.stage}).", {"stage": call.stage}
        )
    if not s.pbx:
        return Refusal("no-link", "The link to Asterisk is lost. Try again in a moment.")
    return call, offer


def refusal(s: State, event: HoldAsked | RetrieveAsked | MuteAsked) -> Refusal | None:
    """Why hold, retrieve or mute is refused; None: it is accepted."""
    found = talk_of(s, event.call, event.agent)
    if isinstance(found, Refusal):
        return found
    call, offer = found
    if isinstance(event, HoldAsked):
        if call.transfer is not None:
            return under_way(s, call.transfer, "A transfer is under way.")
        if offer.apart_at is not None:
            return Refusal("held-already", "The caller is on hold.")
    elif isinstance(event, RetrieveAsked):
        if call.transfer is not None and call.transfer.state != "three-way":
            return under_way(s, call.transfer, "A transfer is under way: take it back.")
        if offer.apart_kind != "hold":
            return Refusal("not-held", "The caller is not on hold.")
        if offer.apart_how == "telephone":
            return Refusal(
                "held-by-telephone", "The caller was put on hold at the telephone: retrieve the caller there."
            )
    return None


def hold_asked(s: State, event: HoldAsked) -> None:
    """HoldAsked: page hold."""
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
        return
    _, offer = _talk(s, event.call)
    hold(s, offer, "page", told="verify" if event.verify else "page")
    if event.verify:
        s.listeners.verifying.add(event.call)
    s.out.append(Hold(event.call, offer.agent.agent, offer.offer, event.verify))


def hold(s: State, offer: Offered, how: Literal["telephone", "page"], told: str = "") -> None:
    """The caller is on hold from now on: record, log, agent state, reminder. During a consult it counts as consult. `told`: what
    the log says in the place of `how`."""
    call = offer.call
    consulting = call.transfer is not None and call.transfer.state in ("calling", "consulting")
    start_hold(offer, s.now, "consult" if consulting else "hold", how)
    track_hold(s, offer)
    s.log(
        Kind.HOLD,
        call.call,
        offer.agent.agent,
        offer.offer,
        call.queue,
        {"state": "held", "how": told or how, "held_s": 0.0},
    )


def track_hold(s: State, offer: Offered) -> None:
    """Set the agent's state and the reminder for a hold that `start_hold` has recorded."""
    assert offer.apart_at is not None, f"{offer.offer}: they are together"
    offer.agent.work = "consult" if offer.apart_kind == "consult" else "hold"
    s.deadlines.set(("hold", offer.call.call), offer.apart_at + s.rules.hold_reminder)
    offer.call.joins = 0
    s.deadlines.clear(("join", offer.call.call))
    restate(s, offer.agent)


def held_long(s: State, call: Call) -> None:
    """A hold has become long: first a reminder for the agent, then an alarm for the supervisor."""
    offer = call.offer
    if offer is None or offer.apart_at is None:
        return
    held_s = since(offer.apart_at, s.now)
    limit = offer.apart_at + max(s.rules.hold_limit, s.rules.hold_reminder)
    state = "reminder" if s.now < limit else "too long"
    detail = {"state": state, "how": offer.apart_how, "held_s": held_s}
    s.log(Kind.HOLD, call.call, offer.agent.agent, offer.offer, call.queue, detail)
    if state == "reminder":
        s.deadlines.set(("hold", call.call), limit)
    else:
        why = f"agent {offer.agent.agent} has had the caller of {call.call} on hold for {held_s:.0f} s"
        s.log(Kind.ALARM, call.call, detail={"name": "caller forgotten on hold", "detail": why})


def retrieve_asked(s: State, event: RetrieveAsked) -> None:
    """RetrieveAsked."""
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
    else:
        call, offer = _talk(s, event.call)
        join(s, call, offer)


def join(s: State, call: Call, offer: Offered) -> None:
    """Have the caller bridged with the agent again; CallRetrieved confirms it."""
    s.out.append(Join(call.call, offer.agent.agent, offer.offer, begins=False))
    call.joins += 1
    s.deadlines.set(("join", call.call), s.now + JOINED_WITHIN)


def held(s: State, event: CallHeld) -> None:
    """CallHeld: hold by the agent's telephone."""
    offer = _own(s, event.call, event.agent)
    if offer is None or offer.bridged_at is None:
        s.ignore(event, "he does not talk with this caller")
    elif offer.apart_at is not None:
        s.ignore(event, "the caller is on hold")
    else:
        hold(s, offer, "telephone")


def retrieved(s: State, event: CallRetrieved) -> None:
    """CallRetrieved: after a hold by telephone, or confirming a Join."""
    offer = _own(s, event.call, event.agent)
    if offer is None or offer.bridged_at is None:
        s.ignore(event, "he does not talk with this caller")
        return
    call = offer.call
    was_join, call.joins = call.joins > 0, 0
    s.deadlines.clear(("join", call.call))
    if offer.apart_at is None:
        if not was_join:
            s.ignore(event, "the caller is not on hold")
        return
    resume_talk(s, offer)


def resume_talk(s: State, offer: Offered, at: datetime | None = None) -> None:
    """A hold is over, now or at `at`: record, log, agent state. Of a three-way talk its begin is noted."""
    call = offer.call
    was, how = offer.apart_kind, offer.apart_how
    held_s = end_hold(offer, at or s.now)
    s.deadlines.clear(("hold", call.call))
    s.listeners.verifying.discard(call.call)
    if call.transfer is not None and call.transfer.state == "three-way":
        begin_three_way(offer, s.now)
        if call.consult is not None:
            call.consult.three_way_at = call.consult.three_way_at or s.now
    else:
        end_three_way(offer, s.now)
    if was == "hold" or how == "telephone":
        detail = {"state": "retrieved", "how": how, "held_s": held_s}
        s.log(Kind.HOLD, call.call, offer.agent.agent, offer.offer, call.queue, detail)
    offer.agent.work = "talking"
    restate(s, offer.agent)


def mute_asked(s: State, event: MuteAsked) -> None:
    """MuteAsked."""
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
        return
    call, offer = _talk(s, event.call)
    call.muted = event.muted
    s.log(Kind.MUTED, call.call, offer.agent.agent, offer.offer, call.queue, {"muted": event.muted})
    s.out.append(Mute(call.call, offer.agent.agent, offer.offer, event.muted))


def _own(s: State, name: str, agent: str) -> Offered | None:
    call = s.calls.get(name)
    offer = call.offer if call is not None else None
    return offer if offer is not None and offer.agent.agent == agent else None


def _talk(s: State, name: str) -> tuple[Call, Offered]:
    call = s.calls[name]
    assert call.offer is not None, f"{name} is with nobody"
    return call, call.offer
