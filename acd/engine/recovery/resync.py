"""The link to Asterisk is lost and found again: the engine's calls are reconciled with the channels that are there.

Asterisk has the calls, so its list decides where a caller is; the engine decides what a channel cannot know: since when the
caller waits, which agents missed the call, what was promised. Reconciling twice changes nothing.
"""

from datetime import datetime, timedelta

from acd.engine.calls import callbacks, caller_events, diversions, surveys
from acd.engine.calls.call_lifecycle import close_call, open_call
from acd.engine.calls.queue_entry import ask
from acd.engine.commands import Ending, Kind, Outcome
from acd.engine.entities import Call, Offered
from acd.engine.events import EndedBy, PbxFound, PbxLost
from acd.engine.listening import asked as listening
from acd.engine.masking import asked as masking
from acd.engine.offers.offer_lifecycle import (
    adopt_talk,
    arm,
    caller_left,
    connect,
    drop,
    end_talk,
    failed,
    number_of,
    reopen,
)
from acd.engine.pbx_report import FoundCall, MissedHangup, Talk
from acd.engine.recovery import resync_transfers
from acd.engine.routing.queueing import leave_line, watch_policy
from acd.engine.state import State
from acd.engine.story_calls import dialling
from acd.engine.transfers import transfer
from acd.engine.transfers.consult import NUMBER_WITHIN

ON_THE_WAY = timedelta(seconds=2)
"""How long after a Redirect a list of channels that still shows the caller waiting is taken to be older than it."""


def lost(s: State, event: PbxLost) -> None:
    """PbxLost: calls go on in Asterisk; nothing is offered, and deadlines that need its answers are cleared."""
    if not s.pbx:
        s.ignore(event, "the link is lost already")
        return
    s.pbx, s.pbx_lost_at = False, s.now
    s.log(Kind.PBX, detail={"state": "lost", "detail": event.reason})
    for agent in s.agents.values():
        if agent.offer is not None:
            s.deadlines.clear(("offer", agent.agent))
    for call in s.calls.values():
        for name in ("callback", "join", "consult"):
            s.deadlines.clear((name, call.call))


def found(s: State, event: PbxFound) -> None:
    """PbxFound: each call is set to where its channel is, and calls without one end."""
    listed = {place.call: place for place in event.calls}
    s.log(
        Kind.PBX,
        detail={"state": "restarted" if event.restarted else "found", "detail": f"{len(listed)} calls"},
    )
    cut_at = s.pbx_lost_at if event.restarted and s.pbx_lost_at is not None else s.now
    s.pbx, s.pbx_lost_at = True, None
    unheard = [gone for gone in event.gone if gone.call not in s.ended_calls and gone.call not in listed]
    for gone in unheard:  # chosen before the first of them ends: each ending forgets old ids in `ended_calls`
        _gone(s, gone)
    for call in [call for name, call in s.calls.items() if name not in listed and not call.virtual]:
        _vanished(s, call, cut_at, crashed=event.restarted)
    for place in listed.values():
        if place.call in s.ended_calls:
            s.out_of_place(place.call, "a channel of a call that is over")
        else:
            call = s.calls.get(place.call) or open_call(s, place.call, place)
            _settle(s, call, place)
            call.offers = max(call.offers, number_of(call, place.offer))  # no number is used twice
    for agent in s.agents.values():
        if agent.offer is not None and ("offer", agent.agent) not in s.deadlines:
            arm(s, agent.offer)
    for call in s.calls.values():
        if call.stage == "waiting":
            watch_policy(s, call)  # rows that were due meanwhile are applied now
        if call.transfer is not None and call.transfer.kind == "number" and call.transfer.state == "calling":
            s.deadlines.set(("consult", call.call), s.now + NUMBER_WITHIN)
        if call.dialling and ("callback", call.call) not in s.deadlines:
            s.deadlines.set(("callback", call.call), s.now + s.rules.callback_within)
    s.followups.calls_to_match = [call for call in s.calls.values() if call.in_line or call.kept_for]
    dialling.found(s)
    listening.found(s, event.listeners)
    masking.link_found(s)


def _gone(s: State, gone: MissedHangup) -> None:
    """The caller hung up while the link was lost: catch up with what happened until then, and end the call."""
    call = s.calls.get(gone.call) or open_call(s, gone.call, gone)
    at = s.now - timedelta(seconds=gone.gone_s)
    if call.asked_at is None and gone.waiting_for_s:
        _ask(s, call, gone, past=True)
    if call.virtual:
        return  # that hang-up was heard
    wants_callback = gone.callback and not call.called_back and call.stage in ("waiting", "offered")
    if wants_callback and callbacks.take(s, call, gone.callback):
        callbacks.hung_up(s, call)
        return
    if gone.survey is not None:
        surveys.answered(s, gone.survey)
    transfer.caller_gone(s, call)
    if gone.sent_on and call.stage != "after":
        _away(s, call)
        diversions.reached(s, call)
    elif gone.message_s and call.stage != "after":
        _away(s, call)
        diversions.keep_message(s, call, gone.message_s, "")
    if call.stage != "after" and gone.talk is not None:
        _catch_up(s, call, gone.talk, at)
    elif call.stage == "talking" and call.offer is not None:
        end_talk(s, call.offer, "caller", gone_at=at)
    ending = call.after or Ending.ANSWERED
    if call.stage == "menu":
        ending = Ending.SERVED if gone.served else call.after or Ending.ABANDONED_IVR
    elif call.stage in ("waiting", "elsewhere"):
        ending = call.after or Ending.ABANDONED_QUEUE
    elif call.stage == "offered" and call.offer is not None:
        rang = call.offer.ringing_at is not None or call.offer.answered_at is not None
        ending = Ending.ABANDONED_RINGING if rang else Ending.ABANDONED_QUEUE
        caller_left(s, call.offer, 16)
    close_call(s, call, ending, at)


def _catch_up(s: State, call: Call, talk: Talk, until: datetime | None = None) -> None:
    """Log a talk that is over, as far as it was not heard. The call is in stage after then."""
    began = s.now - timedelta(seconds=talk.began_s)
    ended = s.now - timedelta(seconds=talk.ended_s) if talk.ended_s or until is None else until
    by: EndedBy = "agent" if talk.ended_s else "caller"
    offer = call.offer
    if offer is not None and talk.offer not in (offer.offer, offer.also):
        if offer.bridged_at is None:
            drop(s, offer, Outcome.TAKEN_BACK)
        else:
            end_talk(s, offer, "agent", gone_at=began)
        offer = None
    if call.asked_at is None:
        return  # a caller who asked for no person had no talk
    if offer is None:
        adopt_talk(s, call, talk.agent, talk.offer, began)
    elif offer.bridged_at is None:
        connect(s, offer, began)
    if call.offer is not None:
        end_talk(s, call.offer, by, gone_at=max(began, ended))
    call.stage, call.after = "after", Ending.ANSWERED


def _vanished(s: State, call: Call, cut_at: datetime, *, crashed: bool) -> None:
    """The call has no channel any more and no hang-up was logged: it was cut, at `cut_at`; `crashed`: by a crash of Asterisk, which
    ends a talk as a lost line does."""
    transfer.caller_gone(s, call)
    ending = Ending.LOST
    if call.stage == "after":
        ending = call.after or Ending.ANSWERED
    elif call.stage == "talking":
        ending = Ending.LOST if crashed else Ending.ANSWERED
        if call.offer is not None:
            end_talk(s, call.offer, "lost", gone_at=cut_at)
    else:
        if call.talk_s > 0:
            ending = Ending.ANSWERED
        if call.offer is not None:
            drop(s, call.offer, Outcome.TAKEN_BACK if call.offer.answered_at is None else Outcome.LOST)
    close_call(s, call, ending, cut_at)


def _settle(s: State, call: Call, found: FoundCall) -> None:
    """Set the call to where its channel was found."""
    if found.unrecorded and not call.unrecorded:
        caller_events.unrecorded(s, call)
    if found.place == "calling":
        if call.asked_at is None:
            _ask(s, call, found, past=True)
        callbacks.found_calling(s, call)
        return
    if call.virtual:
        callbacks.on_the_line(s, call)  # the customer answered our callback while the link was lost
    if found.place == "held" and call.asked_at is None:
        _ask(s, call, found, past=True)
    if resync_transfers.settle(s, call, found):
        return
    if found.place == "elsewhere":
        if call.asked_at is None:
            _ask(s, call, found, past=True)
        if call.stage != "after":
            _away(s, call)
        return
    if found.place == "talking" or (found.place == "fallback" and found.agent):
        _settle_talking(s, call, found)
    elif found.place == "after":
        _settle_after(s, call, found)
    elif found.place != "menu" or call.stage not in ("menu", "after"):
        _settle_waiting(s, call, found)


def _away(s: State, call: Call) -> None:
    """The caller is at voicemail or with an outside number: end offer or talk, and leave the line."""
    offer = call.offer
    if offer is not None and offer.bridged_at is not None:
        end_talk(s, offer, "lost")
    elif offer is not None:
        drop(s, offer, Outcome.TAKEN_BACK)
    leave_line(s, call)
    if call.stage != "elsewhere":
        call.stage, call.after = "elsewhere", None


def _settle_talking(s: State, call: Call, found: FoundCall) -> None:
    offer = call.offer
    began = s.now - timedelta(seconds=found.talk.began_s) if found.talk is not None else None
    if call.stage == "talking" and (offer is None or found.agent in ("", offer.agent.agent)):
        return
    if offer is not None and offer.bridged_at is None and found.agent in ("", offer.agent.agent):
        connect(s, offer, began)
        return
    if call.asked_at is None:
        _ask(s, call, found, past=True)
    if offer is not None:
        if offer.bridged_at is not None:
            end_talk(s, offer, "lost")
        else:
            failed(s, offer, Outcome.TAKEN_BACK)
    given_up = call.let_go
    if (
        given_up is not None
        and (given_up.offer, given_up.agent.agent) == (found.offer, found.agent)
        and reopen(s, given_up)
    ):
        connect(s, given_up, began)
    else:
        adopt_talk(s, call, found.agent, found.offer, began)


def _settle_after(s: State, call: Call, found: FoundCall) -> None:
    if call.stage == "after":
        return
    if call.asked_at is None and found.waiting_for_s:
        _ask(s, call, found, past=True)
    if found.talk is not None:
        _catch_up(s, call, found.talk)
    elif call.stage == "talking" and call.offer is not None:
        end_talk(s, call.offer, "agent", gone_at=s.now)
    elif call.offer is not None:
        drop(s, call.offer, Outcome.TAKEN_BACK)
    leave_line(s, call)
    call.stage, call.after = "after", Ending.SERVED if call.asked_at is None else Ending.ANSWERED


def _settle_waiting(s: State, call: Call, found: FoundCall) -> None:
    offer = call.offer
    if call.asked_at is None:
        _rings_on(
            s, call, found
        )  # before the entry rows, which may divert the caller at once: a TakeBack must not follow
        _ask(s, call, found)
        return
    if offer is not None and offer.bridged_at is not None:
        if found.place in ("connecting", "ringing") and found.agent == offer.agent.agent:
            return  # the list is older than the bridge
        end_talk(s, offer, "lost")
    elif offer is not None:
        if _on_its_way(s, offer):
            return
        if found.place not in ("connecting", "ringing") or offer.agent.agent != found.agent:
            failed(s, offer, Outcome.TAKEN_BACK)
        elif found.place == "ringing" and offer.ringing_at is None and offer.answered_at is None:
            offer.ringing_at = s.now
            s.log(Kind.RINGING, call.call, offer.agent.agent, offer.offer, offer.queue)
            arm(s, offer)
    elif call.stage in ("after", "talking", "elsewhere"):
        if call.sent_at is not None and s.now - call.sent_at < ON_THE_WAY:
            return  # the list may be older than the Redirect; if it is right, the next list says so again
        call.after = None
        diversions.came_back(s, call, "found waiting")
    if call.stage == "waiting":
        _rings_on(s, call, found)


def _rings_on(s: State, call: Call, found: FoundCall) -> None:
    """An offer that is over for the engine, or unknown to it, still rings for this call: have it stopped."""
    if found.place in ("connecting", "ringing") and found.agent and found.offer:
        call.hanging = found.offer
        s.followups.stale_rings.append((call, found.agent))


def _on_its_way(s: State, offer: Offered) -> bool:
    """Whether an offer was made since the link is up and is not dialled yet: the list may be older, so its deadline decides."""
    made = offer.dialled_at is None and offer.ringing_at is None and offer.answered_at is None
    return made and ("offer", offer.agent.agent) in s.deadlines


def _ask(s: State, call: Call, found: FoundCall | MissedHangup, past: bool = False) -> None:
    since = s.now - timedelta(seconds=max(0.0, found.waiting_for_s))
    ask(s, call, found.queue or next(iter(s.queues), "unknown"), found.skills, found.language, since, past=past)
