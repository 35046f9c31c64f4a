"""The caller's channel and the phones that ring for it: arrival, menu, queue, offers, bridges, hang-ups. Pure.

The order of one offer, as Asterisk tells it:

    UserEvent OfferTaken   the epoch was right and the dialplan is about to dial  (names the offer)
    DialBegin              the INVITE is out                                      AgentDialled
    Newstate Ringing       or DialState RINGING/PROGRESS; some phones give none   AgentRinging
    Newstate Up            the answer; DialEnd comes later, with the bridge       AgentAnswered
    BridgeEnter x2         caller and agent in the same bridge                    CallBridged
    BridgeLeave, Hangup    which of the two left first; the cause of a lost phone BridgeEnded
    UserEvent OfferOver    the dialplan goes on without an answer, and why        OfferFailed
"""

from __future__ import annotations

import re
from collections.abc import Callable

from acd.engine import events as ev
from acd.engine.callback_events import CallbackFailed
from acd.engine.model import IDENTITIES, Skills
from acd.identifiers import NAME, NUMBER, is_caller_number, is_extension, is_name
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import (
    AGENTS_CHANNEL,
    CALL,
    OFFER,
    TRUNKS_CHANNEL,
    AgentLeg,
    CallerLeg,
    Progress,
    fit,
    is_own,
    trunk_of,
)
from acd.pbx.events import arrivals, consult_events, listening_events, phone_events
from acd.pbx.events.causes import LOST_CAUSES, callback_failure
from acd.pbx.events.consult_events import reason_of
from acd.telephone_numbers import UNKNOWN, Numbering

_DIALLED = re.compile(NUMBER)
_QUEUE = re.compile(NAME)
_SKILL = re.compile(f"({NAME}):([1-9])")
_TRAIL = re.compile(r"[a-z]{2} [A-Za-z0-9*#!:_ -]{1,420}")
_WISHES = ("message", "callback")
_PATH = re.compile(r"[A-Za-z0-9*#/_-]{1,80}")

# --- the dialplan's UserEvents on a caller's channel ---


def call_arrived(book: ChannelBook, message: Message) -> list[ev.Event]:
    """CallArrived, once, with the canonical number of the caller (nobody is "unknown"), and the alarms that it gives."""
    is_new = fit(CALL, message["Call"]) not in book.calls
    leg = _caller_of(book, message)
    if leg is None or not is_new:
        return []
    leg.caller, leg.written = who_calls(book.numbering, message["Caller"])
    dialled = message.get("Dialled", "")
    leg.dialled = dialled if _DIALLED.fullmatch(dialled) else ""
    trunk = message.get("Trunk", "")
    arrived = ev.CallArrived(
        leg.call,
        leg.caller,
        leg.dialled,
        leg.written,
        withheld=message.get("Withheld") == "1",
        trunk=trunk if is_name(trunk) else "",
        identity=identity_of(message.get("Identity", "")),
    )
    return [arrived, *arrivals.alarms(book, arrived, message)]


_VERDICTS = {"tn-validation-passed": "passed", "tn-validation-failed": "failed", "no-tn-validation": "unchecked"}
"""3GPP TS 24.229, 7.2A.20. Some carriers put the letter behind it: TN-Validation-Passed-A."""


def identity_of(text: str) -> str:
    """`TN-Validation-Passed/A` as the engine's "passed-a"; empty where nothing was said, or nothing that is known."""
    verdict, _, letter = text.lower().partition("/")
    if verdict[-2:] in ("-a", "-b", "-c") and verdict[:-2] in _VERDICTS:
        verdict, letter = verdict[:-2], letter or verdict[-1]
    word = _VERDICTS.get(verdict, "attested" if letter else "")
    found = f"{word}-{letter}" if letter else word
    return found if found in IDENTITIES else ""


def who_calls(numbering: Numbering, written: str) -> tuple[str, str]:
    """The caller's canonical number, or "unknown", and how the carrier has written it; the latter empty for what [arrive] does
    not let through. `written`: CALLER, or the header of that name."""
    if not is_caller_number(written):
        return UNKNOWN, ""
    return numbering.caller(written), written


def _caller_of(book: ChannelBook, message: Message) -> CallerLeg | None:
    """The leg of the caller's channel, entered when it is new; None when it has ended. ValueError: another channel."""
    call, uniqueid = fit(CALL, message["Call"]), message["Uniqueid"]
    if book.is_gone(uniqueid):
        return None
    leg = book.calls.get(call)
    if is_own(message["Channel"]):
        raise ValueError(f"{message['UserEvent']} of {call} comes from a channel of Asterisk's own")
    if leg is None:
        return book.add_caller(call, uniqueid, message["Channel"])
    if leg.uniqueid != uniqueid:
        raise ValueError(f"{message['UserEvent']} of {call} comes from another channel")
    return leg


def _of_caller(read: Callable[[CallerLeg, Message], list[ev.Event]]) -> Reader:
    def reader(book: ChannelBook, message: Message) -> list[ev.Event]:
        leg = _caller_of(book, message)
        return [] if leg is None else read(leg, message)

    return reader


def _menu_chosen(leg: CallerLeg, message: Message) -> list[ev.Event]:
    path = fit(_PATH, message["Path"])
    if path == leg.path:
        return []
    leg.path = path
    return [ev.MenuChosen(leg.call, path, trail_of(message))]


def _menu_left(leg: CallerLeg, message: Message) -> list[ev.Event]:
    trail = trail_of(message)
    return [ev.MenuLeft(leg.call, trail)] if trail else []


def trail_of(message: Message) -> str:
    """The caller's way through the menus, as ivr.menu.Walk notes it; empty where none is told, or what is told is none."""
    trail = message.get("Trail", "")
    return trail if _TRAIL.fullmatch(trail) else ""


def _call_queued(leg: CallerLeg, message: Message) -> list[ev.Event]:
    queue = fit(_QUEUE, message["Queue"])
    if leg.queued:
        return []
    leg.queued, leg.queue, leg.language = True, queue, message.get("Lang", "")[:2]
    wanted, wish = message.get("Wanted", ""), message.get("Wish", "")
    skills = parse_skills(message.get("Skills", ""))
    owner, chosen = wanted if is_extension(wanted) else "", wish if wish in _WISHES else ""
    return [ev.CallQueued(leg.call, queue, skills, leg.language, owner, chosen)]


def _call_served(leg: CallerLeg, message: Message) -> list[ev.Event]:
    return [ev.CallServed(leg.call)]


def _call_turned_away(leg: CallerLeg, message: Message) -> list[ev.Event]:
    leg.turned_away = True
    return [ev.CallTurnedAway(leg.call, message.get("Reason", "")[:40])]


def _offer_taken(leg: CallerLeg, message: Message) -> list[ev.Event]:
    offer = fit(OFFER, message["Offer"])
    if offer not in leg.taken:
        leg.taken[offer] = Progress.MADE
        leg.offer, leg.offered_to = offer, message.get("Agent", "")
        leg.diverted, leg.said = False, None
    return []


def _alone_taken(leg: CallerLeg, message: Message) -> list[ev.Event]:
    leg.offer = fit(OFFER, message["Offer"])
    return []


def _offer_over(leg: CallerLeg, message: Message) -> list[ev.Event]:
    offer, agent = fit(OFFER, message["Offer"]), message["Agent"]
    if offer in leg.failed:
        return []
    phones = [phone for phone in leg.agents.values() if phone.offer == offer]
    if any(phone.progress >= Progress.ANSWERED for phone in phones):
        return []
    cause = int(message.get("Cause") or 0)
    leg.failed.add(offer)
    reason = reason_of(leg, offer, message["Status"], cause)
    for phone in phones:
        phone.progress = Progress.OVER
    return [ev.OfferFailed(agent, leg.call, offer, reason, cause)]


def parse_skills(text: str) -> Skills:
    """`orders:2,en:1` as ((en, 1), (orders, 2)); what is not a skill with a level is left out."""
    found = (_SKILL.fullmatch(part.strip()) for part in text.split(",")[:20])
    return tuple(sorted({match[1]: int(match[2]) for match in found if match}.items()))


# --- an agent's phone is dialled, rings, answers ---


def dial_begin(book: ChannelBook, message: Message) -> list[ev.Event]:
    """AgentDialled: the INVITE to an agent's phone is out, for an offer or for a consult."""
    caller = book.callers.get(message["Uniqueid"])
    found = AGENTS_CHANNEL.fullmatch(message["DestChannel"])
    uniqueid = message["DestUniqueid"]
    if book.is_gone(uniqueid):
        return []
    if dialling := book.diallings.get(message["Uniqueid"]):
        phone = consult_events.dialled(book, dialling, message)
        return book.rise(phone, Progress.DIALLED) if phone else []
    if caller is None or not caller.offer:
        return []
    outside = found is None and _rings_outside(book, caller, message["DestChannel"])
    if found is None and not outside:
        return []
    leg = book.agent_legs.get(uniqueid)
    if leg is None:
        agent = found[1] if found else caller.offered_to
        leg = book.add_agent(caller, agent, uniqueid, message["DestChannel"], caller.offer)
        leg.outside = outside
    return book.rise(leg, Progress.DIALLED)


def _rings_outside(book: ChannelBook, caller: CallerLeg, channel: str) -> bool:
    """Whether this channel of a trunk is the outside number of the agent to whom the caller is offered."""
    return caller.offered_to in book.outside and not caller.diverted and bool(TRUNKS_CHANNEL.fullmatch(channel))


def offer_accepted(book: ChannelBook, message: Message) -> list[ev.Event]:
    """AgentAnswered: at the agent's outside number the key was pressed."""
    leg = book.agent_legs.get(message["Uniqueid"])
    if leg is None or not leg.outside or leg.offer != message["Offer"]:
        raise ValueError(f"OfferAccepted comes from {message['Channel'][:80]!r}")
    leg.picked_up = False
    return book.rise(leg, Progress.ANSWERED)


def dial_state(book: ChannelBook, message: Message) -> list[ev.Event]:
    """AgentRinging, from what the phone answers to the INVITE."""
    leg = book.agent_legs.get(message["DestUniqueid"])
    if leg is None or message["DialStatus"] not in ("RINGING", "PROGRESS"):
        return []
    return book.rise(leg, Progress.RINGING)


def dial_end(book: ChannelBook, message: Message) -> list[ev.Event]:
    """Notes that a phone wants the call elsewhere (302); no event. Only whether `Forward` is empty is looked at: what it names
    is the phone's own text, and Asterisk has taken its escapes off."""
    if not message.get("Forward"):
        return []
    leg = book.agent_legs.get(message["DestUniqueid"])
    if leg is not None:
        leg.caller.forwarded.add(leg.offer)
    elif found := AGENTS_CHANNEL.fullmatch(message["DestChannel"]):
        book.tests_forwarded.add(found[1])
    return []


def new_state(book: ChannelBook, message: Message) -> list[ev.Event]:
    """AgentRinging or AgentAnswered, from the state of the phone's channel."""
    leg = book.agent_legs.get(message["Uniqueid"])
    if leg is None:
        return []
    match message["ChannelStateDesc"]:
        case "Ringing":
            return book.rise(leg, Progress.RINGING)
        case "Up" if leg.outside:
            if leg.picked_up or leg.progress >= Progress.ANSWERED:
                return []
            leg.picked_up = True
            return [*book.rise(leg, Progress.RINGING), ev.AgentPickedUp(leg.agent, leg.caller.call, leg.offer)]
        case "Up":
            return book.rise(leg, Progress.ANSWERED)
    return []


# --- bridges and hang-ups ---


def bridge_enter(book: ChannelBook, message: Message) -> list[ev.Event]:
    """CallBridged or CallRetrieved once caller and agent are in the same bridge; ConsultBegan; AttendedTransferred."""
    uniqueid, bridge = message["Uniqueid"], message["BridgeUniqueid"]
    swapped = phone_events.swapped(book, message)
    if caller := book.callers.get(uniqueid):
        caller.bridge = bridge
        legs = list(caller.agents.values())
    elif agent := book.agent_legs.get(uniqueid):
        agent.bridge = bridge
        caller, legs = agent.caller, [agent]
    elif uniqueid in book.listeners:
        return listening_events.entered(book, uniqueid, bridge)
    else:
        return swapped + consult_events.entered(book, uniqueid, bridge)
    return (
        swapped
        + [
            event
            for leg in legs
            if leg.bridge == caller.bridge == bridge and not leg.consults and not leg.picked_up
            for event in (
                *consult_events.together(leg),
                *book.rise(leg, Progress.ANSWERED),
                *book.rise(leg, Progress.BRIDGED),
            )
        ]
        + consult_events.entered(book, uniqueid, bridge)
        + listening_events.caller_entered(book, uniqueid)
    )


def bridge_leave(book: ChannelBook, message: Message) -> list[ev.Event]:
    """Notes which of caller and agent left first. Whether a phone was lost is told by the Hangup that follows."""
    uniqueid = message["Uniqueid"]
    consult_events.left(book, uniqueid)
    if uniqueid in book.listeners:
        return listening_events.left(book, uniqueid)
    if caller := book.callers.get(uniqueid):
        for leg in caller.agents.values():
            if leg.progress == Progress.BRIDGED and leg.bridge == caller.bridge:
                leg.left_first = leg.left_first or "caller"
        caller.bridge = ""
        return listening_events.caller_left(book, caller.call)
    if agent := book.agent_legs.get(uniqueid):
        if agent.progress == Progress.BRIDGED:
            agent.left_first = agent.left_first or "agent"
        agent.bridge = ""
    return []


def hangup(book: ChannelBook, message: Message) -> list[ev.Event]:
    """The end of a channel: CallerHungUp, CallbackFailed or BridgeEnded, by whose channel it was."""
    uniqueid = message["Uniqueid"]
    if book.is_gone(uniqueid):
        return []
    book.note_gone(uniqueid)
    told = phone_events.second_line_ended(book, message.get("Channel", ""))
    cause = int(message.get("Cause") or 0)
    if caller := book.callers.pop(uniqueid, None):
        return told + _caller_gone(book, caller, cause)
    if call := book.dialled.pop(uniqueid, ""):
        code = book.answers.pop(call, 0)
        return [CallbackFailed(call, callback_failure(cause), cause, trunk_of(message.get("Channel", "")), code)]
    book.diallings.pop(uniqueid, None)
    if uniqueid in book.listeners:
        return listening_events.gone(book, uniqueid, cause)
    if agent := book.agent_legs.pop(uniqueid, None):
        agent.caller.agents.pop(uniqueid, None)
        return [*told, *phone_events.after_transfer(agent, _agent_gone(book, agent, cause))]
    return told


def hangup_requested(book: ChannelBook, message: Message) -> list[ev.Event]:
    """Notes why a caller's channel is about to end: the agent's channel may end first, and would not tell it. No event.

    HangupRequest has the Q.850 cause of the other side's BYE, or of an unanswered session timer. SoftHangupRequest is Asterisk's own,
    and its Cause is a flag: 1, of the channel's technology, is what a time-out of sound sets; AMI's Hangup has another.
    """
    if caller := book.callers.get(message["Uniqueid"]):
        cause = int(message.get("Cause") or 0)
        soft = message["Event"] == "SoftHangupRequest"  # one follows each HangupRequest, with another flag
        caller.line_lost |= cause == _BY_TECHNOLOGY if soft else cause in ev.LINE_LOST
    return []


_BY_TECHNOLOGY = 1
"""AST_SOFTHANGUP_DEV of Asterisk's include/asterisk/channel.h."""


def _callers_side(caller: CallerLeg) -> ev.EndedBy:
    return "line lost" if caller.line_lost else "caller"


def _caller_gone(book: ChannelBook, caller: CallerLeg, cause: int) -> list[ev.Event]:
    caller.line_lost |= cause in ev.LINE_LOST
    if book.calls.get(caller.call) is caller:
        del book.calls[caller.call]
    told = [*caller.withheld]
    for leg in list(caller.agents.values()):
        if leg.held_by_us or leg.consults or leg.in_conference:
            continue  # This agent is on hold, or talks with another agent, until we hang up; no talk of the caller's ends.
        if leg.progress == Progress.BRIDGED:
            told += _end(leg, "agent" if leg.left_first == "agent" else _callers_side(caller))
        leg.progress = Progress.OVER
        book.note_gone(leg.uniqueid)
        book.agent_legs.pop(leg.uniqueid, None)
    return [*told, ev.CallerHungUp(caller.call, cause)]


def _agent_gone(book: ChannelBook, agent: AgentLeg, cause: int) -> list[ev.Event]:
    if book.calls.get(agent.caller.call) is not agent.caller:
        return []
    if agent.progress not in (Progress.ANSWERED, Progress.BRIDGED):
        return []
    if agent.released_by_us:
        return _end(agent, "transfer")
    if agent.left_first == "caller" and not agent.held_by_us:
        return _end(agent, _callers_side(agent.caller)) if agent.progress == Progress.BRIDGED else []
    return _end(agent, "lost" if cause in LOST_CAUSES else "agent")


def _end(leg: AgentLeg, by: ev.EndedBy) -> list[ev.Event]:
    leg.progress = Progress.OVER
    if leg.caller.taken.get(leg.offer) == Progress.OVER:
        return []
    if leg.offer in leg.caller.taken:
        leg.caller.taken[leg.offer] = Progress.OVER
    return [ev.BridgeEnded(leg.agent, leg.caller.call, leg.offer, by)]


READERS: dict[str, Reader] = {
    "DialBegin": dial_begin,
    "DialState": dial_state,
    "DialEnd": dial_end,
    "Newstate": new_state,
    "BridgeEnter": bridge_enter,
    "BridgeLeave": bridge_leave,
    "HangupRequest": hangup_requested,
    "SoftHangupRequest": hangup_requested,
    "Hangup": hangup,
}
USER_EVENTS: dict[str, Reader] = {
    "CallArrived": call_arrived,
    "CallRefused": arrivals.refused,
    "MenuChosen": _of_caller(_menu_chosen),
    "MenuLeft": _of_caller(_menu_left),
    "CallQueued": _of_caller(_call_queued),
    "CallServed": _of_caller(_call_served),
    "CallTurnedAway": _of_caller(_call_turned_away),
    "OfferTaken": _of_caller(_offer_taken),
    "AloneTaken": _of_caller(_alone_taken),
    "OfferOver": _of_caller(_offer_over),
    "OfferAccepted": offer_accepted,
}
