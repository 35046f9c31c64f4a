"""Holds, consults and conferences, by a command of ours, as the engine's events. Pure.

`expected_moves.expect` is told each command before it goes on the wire. The order of a consult, as Asterisk tells it:

    BridgeLeave x2         caller and first agent, by our Redirect                nothing
    UserEvent ConsultTaken the epoch was right on the first agent's channel       (names the offer)
    DialBegin, Newstate    of the receiver's channel, dialled by the agent's      AgentDialled, AgentRinging, AgentAnswered
    BridgeEnter x2         first agent and receiver                               ConsultBegan
    UserEvent ConsultOver  not answered, or over                                  OfferFailed; of a number ConsultEnded
    BridgeEnter x2         the caller with one of them, by our Join               CallRetrieved, CallBridged
    UserEvent VerifyOver   a caller who was held to be verified has been asked    RetrieveAsked
"""

from __future__ import annotations

from acd.engine import events as ev
from acd.engine.transfer_events import CallHeld, CallRetrieved, ConsultBegan, ConsultEnded, RetrieveAsked
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import AGENTS_CHANNEL, CALL, OFFER, TRUNKS_CHANNEL, AgentLeg, CallerLeg, Dialling, Progress, fit
from acd.pbx.events.causes import fail_reason

_ENDED = {"BUSY": "busy", "NOANSWER": "no answer", "NOTALLOWED": "not allowed"}
"""Reason of a ConsultEnded, by DIALSTATUS; any other status is "failed"."""

# --- UserEvents of extensions_handing_over.conf ---


def consult_taken(book: ChannelBook, message: Message) -> list[ev.Event]:
    """Enters the consult; no event. ValueError when the channel is not an agent's of this call."""
    call, offer = fit(CALL, message["Call"]), fit(OFFER, message["Offer"])
    leg = _caller_of(book, call, message)
    if leg is None:
        return []
    agent, phone = _first_agent(book, leg, message)
    if offer not in leg.taken:
        leg.taken[offer] = Progress.MADE
        dialling = Dialling(message["Uniqueid"], message["Channel"], agent, leg, offer, message["Agent"])
        dialling.bridge = phone.bridge if phone else ""
        book.diallings[message["Uniqueid"]] = dialling
    return []


def consult_over(book: ChannelBook, message: Message) -> list[ev.Event]:
    """OfferFailed of a receiver who did not answer; ConsultEnded of an outside number. ValueError as `consult_taken`."""
    call, offer = fit(CALL, message["Call"]), fit(OFFER, message["Offer"])
    leg = _caller_of(book, call, message)
    if leg is None:
        return []
    _first_agent(book, leg, message)
    receiver, status, cause = message["Agent"], message["Status"], int(message.get("Cause") or 0)
    dialling = book.diallings.get(message["Uniqueid"])
    if offer in leg.failed:
        return []
    if not receiver:
        if dialling is None or dialling.settled or dialling.offer != offer:
            return []
        dialling.settled = True
        return [ConsultEnded(leg.call, "hung up" if dialling.was_up else _ENDED.get(status, "failed"))]
    phones = [phone for phone in leg.agents.values() if phone.offer == offer]
    if status == "ANSWER" or any(phone.progress >= Progress.ANSWERED for phone in phones):
        return []  # The end of the receiver's channel tells.
    leg.failed.add(offer)
    reason = reason_of(leg, offer, status, cause)
    for phone in phones:
        phone.progress = Progress.OVER
    return [ev.OfferFailed(receiver, leg.call, offer, reason, cause)]


def join_failed(book: ChannelBook, message: Message) -> list[ev.Event]:
    """OfferFailed "not dialled"; nothing of an agent whose channel has ended, for that is told already."""
    call, offer = fit(CALL, message["Call"]), fit(OFFER, message["Offer"])
    leg = _caller_of(book, call, message)
    if leg is None:
        return []
    if leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"JoinFailed of {leg.call} comes from another channel")
    if offer in leg.failed or not any(phone.offer == offer for phone in leg.agents.values()):
        return []
    leg.failed.add(offer)
    return [ev.OfferFailed(message["Agent"], leg.call, offer, "not dialled")]


def verify_over(book: ChannelBook, message: Message) -> list[ev.Event]:
    """RetrieveAsked: the caller's verification is over, whatever came of it, and the agent goes on with the caller."""
    leg = _caller_of(book, fit(CALL, message["Call"]), message)
    if leg is None:
        return []
    if leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"VerifyOver of {leg.call} comes from another channel")
    agents = [
        phone.agent for phone in leg.agents.values() if phone.offer == leg.offer and phone.progress < Progress.OVER
    ]
    return [RetrieveAsked(leg.call, agents[0])] if agents else []


def _caller_of(book: ChannelBook, call: str, message: Message) -> CallerLeg | None:
    """The call's leg; None when its caller, or the channel that the message comes from, has ended."""
    return None if book.is_gone(message["Uniqueid"]) else book.calls.get(call)


def _first_agent(book: ChannelBook, leg: CallerLeg, message: Message) -> tuple[str, AgentLeg | None]:
    """The agent whose channel this is, and its leg; no leg of a second line. ValueError when it belongs to another call."""
    found = AGENTS_CHANNEL.fullmatch(message["Channel"])
    phone = book.agent_legs.get(message["Uniqueid"])
    own = phone.caller is leg if phone else found and book.second_lines.get(found[1]) == message["Channel"]
    agent = found[1] if found else phone.agent if phone else ""
    if not own or not agent:
        raise ValueError(f"{message['UserEvent']} of {leg.call} comes from {message['Channel']}")
    return agent, phone


def reason_of(caller: CallerLeg, offer: str, status: str, cause: int) -> ev.FailReason:
    """Why the phone of this offer did not answer, by Dial's status, its cause, and what was seen of the phone.

    The phone's channel has mostly ended by then, so what was seen of it is kept with the caller."""
    progress = caller.taken.get(offer, Progress.MADE)
    return fail_reason(
        status,
        cause,
        progress == Progress.RINGING,
        invited=progress >= Progress.DIALLED,
        forwards=offer in caller.forwarded,
    )


# --- parts of call_events' readers ---


def dialled(book: ChannelBook, dialling: Dialling, message: Message) -> AgentLeg | None:
    """The leg of the receiver's phone that the first agent's channel has dialled; None of an outside number, which is noted,
    and of any other channel."""
    channel, uniqueid = message["DestChannel"], message["DestUniqueid"]
    found = AGENTS_CHANNEL.fullmatch(channel)
    outside = dialling.receiver in book.outside and bool(TRUNKS_CHANNEL.fullmatch(channel))
    if (found is None and not outside) or not dialling.receiver:
        if TRUNKS_CHANNEL.fullmatch(channel) and not dialling.receiver:
            dialling.outside, dialling.outside_channel = uniqueid, channel
        return None
    leg = book.agent_legs.get(uniqueid)
    if leg is None:
        agent = found[1] if found else dialling.receiver
        leg = book.add_agent(dialling.caller, agent, uniqueid, channel, dialling.offer)
        leg.consults, leg.outside = True, outside
    return leg


def entered(book: ChannelBook, uniqueid: str, bridge: str) -> list[ev.Event]:
    """A channel has come into a bridge: ConsultBegan once the first agent and the receiver are in the same one."""
    for dialling in book.diallings.values():
        if dialling.uniqueid == uniqueid:
            dialling.bridge = bridge
        elif dialling.outside == uniqueid:
            dialling.outside_bridge = bridge
        caller = dialling.caller
        if dialling.was_up or dialling.settled or not dialling.bridge or book.calls.get(caller.call) is not caller:
            continue
        if dialling.outside and dialling.bridge == dialling.outside_bridge:
            dialling.was_up = True
            return [ConsultBegan(caller.call)]
        for phone in caller.agents.values():
            if phone.picked_up:
                continue  # Dial bridges what has hung up in the question for the key, for an instant.
            if phone.offer == dialling.offer and phone.consults and phone.bridge == dialling.bridge:
                dialling.was_up = True
                return [
                    *book.rise(phone, Progress.ANSWERED),
                    ConsultBegan(caller.call, phone.agent, phone.offer),
                ]
    return []


def left(book: ChannelBook, uniqueid: str) -> None:
    """A channel has left its bridge."""
    for dialling in book.diallings.values():
        if dialling.uniqueid == uniqueid:
            dialling.bridge = ""
        elif dialling.outside == uniqueid:
            dialling.outside_bridge = ""


def together(phone: AgentLeg) -> list[ev.Event]:
    """Caller and agent are in one bridge: CallRetrieved when a command of ours had held the caller."""
    if not phone.held_by_us or phone.progress != Progress.BRIDGED:
        return []
    phone.held_by_us, phone.left_first = False, ""
    return [CallRetrieved(phone.caller.call, phone.agent)]


def hold(book: ChannelBook, message: Message) -> list[ev.Event]:
    """CallHeld or CallRetrieved: the agent's phone has put its line on hold, or resumed it.

    A REFER makes an Unhold of its own, without a Hold before it.
    """
    phone = book.agent_legs.get(message["Uniqueid"])
    if phone is None or phone.progress != Progress.BRIDGED:
        return []
    was, phone.on_hold, phone.implicitly_held = phone.on_hold, message["Event"] == "Hold", False
    if (
        was == phone.on_hold
        or (phone.held_by_us and not phone.second_line)
        or phone.released_by_us
        or phone.bridge != phone.caller.bridge
    ):
        return []
    told = CallHeld if phone.on_hold else CallRetrieved
    return [told(phone.caller.call, phone.agent)]


READERS: dict[str, Reader] = {"Hold": hold, "Unhold": hold}
USER_EVENTS: dict[str, Reader] = {
    "ConsultTaken": consult_taken,
    "ConsultOver": consult_over,
    "JoinFailed": join_failed,
    "VerifyOver": verify_over,
}
