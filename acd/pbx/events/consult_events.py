"""A caller and his agent who are not alone together: the messages of holds, consults and joins as the floor's events. Pure.

`asked` is told each deed before it goes on the wire, for the messages alone don't say why a channel leaves: when an agent's
channel ends after a Redirect of ours, nobody has hung up. The order of a consult, as Asterisk tells it:

    BridgeLeave x2         caller and first agent, by our Redirect                nothing
    UserEvent ConsultTaken the first agent's channel passed the fence             (names the offer)
    DialBegin, Newstate    of the receiver's channel, dialled by the agent's      AgentDialled, AgentRinging, AgentAnswered
    BridgeEnter x2         first agent and receiver                               ConsultBegan
    UserEvent ConsultOver  not answered, or over                                  OfferFailed; of a number ConsultEnded
    BridgeEnter x2         the caller with one of them, by our Join               CallRetrieved, CallBridged
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from acd.engine import events as ev
from acd.engine.commands import (
    AskTransfer,
    Command,
    Consult,
    HangUp,
    Hold,
    Join,
    Offer,
    SendTo,
    ThreeWay,
)
from acd.engine.transfer_events import CallHeld, CallRetrieved, ConsultBegan, ConsultEnded
from acd.pbx.channels import AGENTS_CHANNEL, CALL, OFFER, AgentLeg, CallerLeg, Dialling, Progress, fit
from acd.pbx.events import destination_events
from acd.pbx.events.causes import fail_reason

if TYPE_CHECKING:
    from acd.pbx.events.translator import Translator

Message = Mapping[str, str]
WORDS = {"ConsultTaken", "ConsultOver", "JoinFailed"}
_ENDED = {"BUSY": "busy", "NOANSWER": "no answer"}


def asked(translator: Translator, deed: Command) -> None:
    """We are about to wish for this."""
    leg = translator.calls.get(getattr(deed, "call", ""))
    match deed:
        case HangUp():
            phone = phone_of(translator, deed.call, deed.agent, deed.offer)
            if phone is not None:
                phone.moved = True
                if phone.progress < Progress.ANSWERED:
                    phone.caller.failed.add(phone.offer)
        case _ if leg is None:
            return
        case Offer() | SendTo():
            for phone in leg.agents.values():
                phone.moved = phone.moved or phone.progress == Progress.BRIDGED
            leg.held = False
        case Consult():
            _apart(leg, deed.first_offer, deed.second_line)
            leg.held = leg.held or not deed.second_line
        case Hold() | AskTransfer():
            _apart(leg, deed.offer)
            leg.held = True
        case ThreeWay():
            _apart(leg, deed.first_offer)
            leg.held = False
            _speaks_on_second_line(translator, leg, deed.first_offer)
            for phone in leg.agents.values():
                phone.three = True
        case Join():
            _join(translator, leg, deed)


def _speaks_on_second_line(translator: Translator, leg: CallerLeg, offer: str) -> None:
    """He who has dialled himself talks on that line from now on; the line on which his caller was on hold ends unnoticed."""
    dialling = dialling_of(translator, leg.call)
    phone = next((phone for phone in leg.agents.values() if phone.offer == offer), None)
    if dialling is None or phone is None or dialling.uniqueid == phone.uniqueid:
        return
    for books in (translator.agent_legs, leg.agents):
        del books[phone.uniqueid]
        books[dialling.uniqueid] = phone
    phone.uniqueid, phone.channel, phone.bridge = dialling.uniqueid, dialling.channel, dialling.bridge


def _apart(leg: CallerLeg, offer: str, second_line: bool = False) -> None:
    for phone in leg.agents.values():
        if phone.offer == offer:
            phone.apart, phone.second_line = True, second_line


def _join(translator: Translator, leg: CallerLeg, deed: Join) -> None:
    leg.held = False
    if deed.begins and deed.offer:
        leg.offer = deed.offer
    for phone in leg.agents.values():
        if phone.offer != deed.offer:
            phone.moved = True
            continue
        phone.moved = phone.three = False
        if deed.begins:
            phone.consults = False
        else:
            phone.apart = True
    for dialling in translator.diallings.values():
        if dialling.caller is leg and dialling.outside:
            dialling.given = True


def phone_of(translator: Translator, call: str, agent: str, offer: str) -> AgentLeg | None:
    """The agent's channel of this offer, also where its caller has gone."""
    for phone in translator.agent_legs.values():
        if phone.caller.call == call and phone.agent == agent and phone.offer == offer:
            return phone
    return None


def dialling_of(translator: Translator, call: str) -> Dialling | None:
    """The consult that is under way for this call."""
    return next((each for each in translator.diallings.values() if each.caller.call == call), None)


def said(translator: Translator, name: str, message: Message) -> list[ev.Event]:
    """What a UserEvent of these contexts means."""
    call, offer = fit(CALL, message["Call"]), fit(OFFER, message["Offer"])
    uniqueid = message["Uniqueid"]
    leg = translator.calls.get(call)
    if leg is None or translator.is_gone(uniqueid):
        return []
    if name == "JoinFailed":
        return _not_joined(leg, offer, message)
    first = AGENTS_CHANNEL.fullmatch(message["Channel"])
    phone = translator.agent_legs.get(uniqueid)
    own = phone.caller is leg if phone else first and translator.second_lines.get(first[1]) == message["Channel"]
    if first is None or not own:
        raise ValueError(f"{name} of {call} comes from {message['Channel']}")
    if name == "ConsultTaken":
        if offer not in leg.taken:
            leg.taken[offer] = Progress.MADE
            dialling = Dialling(uniqueid, message["Channel"], first[1], leg, offer, message["Agent"])
            dialling.bridge = phone.bridge if phone else ""
            translator.diallings[uniqueid] = dialling
        return []
    return _over(translator, leg, offer, message)


def _over(translator: Translator, leg: CallerLeg, offer: str, message: Message) -> list[ev.Event]:
    receiver, status, cause = message["Agent"], message["Status"], int(message.get("Cause") or 0)
    dialling = translator.diallings.get(message["Uniqueid"])
    if offer in leg.failed:
        return []
    if not receiver:
        if dialling is None or dialling.given or dialling.offer != offer:
            return []
        dialling.given = True
        return [ConsultEnded(leg.call, "hung up" if dialling.was_up else _ENDED.get(status, "failed"))]
    phones = [phone for phone in leg.agents.values() if phone.offer == offer]
    if status == "ANSWER" or any(phone.progress >= Progress.ANSWERED for phone in phones):
        return []  # His own channel's end tells.
    leg.failed.add(offer)
    rang = any(phone.progress == Progress.RINGING for phone in phones)
    for phone in phones:
        phone.progress = Progress.OVER
    return [ev.OfferFailed(receiver, leg.call, offer, fail_reason(status, cause, rang), cause)]


def _not_joined(leg: CallerLeg, offer: str, message: Message) -> list[ev.Event]:
    """Of somebody whose channel has gone its own end has told."""
    if leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"JoinFailed of {leg.call} comes from another channel")
    if offer in leg.failed or not any(phone.offer == offer for phone in leg.agents.values()):
        return []
    leg.failed.add(offer)
    return [ev.OfferFailed(message["Agent"], leg.call, offer, "not dialled")]


def dialled(translator: Translator, dialling: Dialling, message: Message) -> AgentLeg | None:
    """The phone that an agent's channel has dialled; None of an outside number, and of what is none of ours."""
    channel, uniqueid = message["DestChannel"], message["DestUniqueid"]
    found = AGENTS_CHANNEL.fullmatch(channel)
    if found is None or not dialling.receiver:
        if destination_events.TRUNKS_CHANNEL.fullmatch(channel) and not dialling.receiver:
            dialling.outside, dialling.outside_channel = uniqueid, channel
        return None
    leg = translator.agent_legs.get(uniqueid)
    if leg is None:
        leg = translator.add_agent(dialling.caller, found[1], uniqueid, channel, dialling.offer)
        leg.consults = True
    return leg


def entered(translator: Translator, uniqueid: str, bridge: str) -> list[ev.Event]:
    """Somebody has come into a bridge: who consults whom?"""
    for dialling in translator.diallings.values():
        if dialling.uniqueid == uniqueid:
            dialling.bridge = bridge
        elif dialling.outside == uniqueid:
            dialling.outside_bridge = bridge
        caller = dialling.caller
        if dialling.was_up or dialling.given or not dialling.bridge or translator.calls.get(caller.call) is not caller:
            continue
        if dialling.outside and dialling.bridge == dialling.outside_bridge:
            dialling.was_up = True
            return [ConsultBegan(caller.call)]
        for phone in caller.agents.values():
            if phone.offer == dialling.offer and phone.consults and phone.bridge == dialling.bridge:
                dialling.was_up = True
                return [
                    *translator.rise(phone, Progress.ANSWERED),
                    ConsultBegan(caller.call, phone.agent, phone.offer),
                ]
    return []


def left(translator: Translator, uniqueid: str) -> None:
    for dialling in translator.diallings.values():
        if dialling.uniqueid == uniqueid:
            dialling.bridge = ""
        elif dialling.outside == uniqueid:
            dialling.outside_bridge = ""


def gone(translator: Translator, uniqueid: str) -> None:
    """A channel has ended."""
    translator.diallings.pop(uniqueid, None)


def together(phone: AgentLeg) -> list[ev.Event]:
    """Caller and agent have come into one bridge, who had been apart."""
    if not phone.apart or phone.progress != Progress.BRIDGED:
        return []
    phone.apart, phone.left_first = False, ""
    return [CallRetrieved(phone.caller.call, phone.agent)]


def hold(translator: Translator, message: Message) -> list[ev.Event]:
    """The telephone has put its line on hold, or taken it back. (A REFER makes an Unhold of its own, without a Hold.)"""
    phone = translator.agent_legs.get(message["Uniqueid"])
    if phone is None or phone.progress != Progress.BRIDGED:
        return []
    was, phone.on_hold, phone.set_aside = phone.on_hold, message["Event"] == "Hold", False
    if (
        was == phone.on_hold
        or (phone.apart and not phone.second_line)
        or phone.moved
        or phone.bridge != phone.caller.bridge
    ):
        return []
    told = CallHeld if phone.on_hold else CallRetrieved
    return [told(phone.caller.call, phone.agent)]
