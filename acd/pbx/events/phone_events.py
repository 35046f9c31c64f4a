"""What an agent does with the phone alone: its transfer key (REFER), a second line, feature codes in a call. Pure.

A REFER has happened when it is told. The order of a blind one, as Asterisk tells it:

    BlindTransfer              the caller goes to [by-phone]                      nothing
    BridgeLeave                of the caller                                      nothing
    UserEvent TransferDialled  the number; none for a domain that is not ours     TransferDialled
    BridgeLeave, Hangup        of the agent, sometimes before that UserEvent      BridgeEnded, always after TransferDialled

and of an attended one, REFER with Replaces, whose middle comes in any order:

    Unhold                     of both lines, though the agent pressed nothing    CallRetrieved, of the first
    BridgeEnter                of the caller, in the second line's place          AttendedTransferred
    AttendedTransfer           says the same; alone where nobody had answered     AttendedTransferred, if not told yet
    Hangup x2                  of the agent's lines                               BridgeEnded

An agent is believed about the agent's own channel only: the endpoint's name is the agent, and the endpoint has a password.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import structlog

from acd.engine import events as ev
from acd.engine.transfer_events import (
    AttendedTransferred,
    CallHeld,
    CallRetrieved,
    ConsultDialled,
    RetrieveAsked,
    ThreeWayAsked,
    TransferCoded,
    TransferDialled,
    TransferKeyed,
    TransferTakenBack,
)
from acd.identifiers import EXTENSION, KEYED_NUMBER
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import AGENTS_CHANNEL, CALL, AgentLeg, CallerLeg, Progress, fit

log = structlog.get_logger(__name__)

_DIGITS = re.compile(KEYED_NUMBER)
_DIALLED = re.compile(rf"{KEYED_NUMBER}(\*[1-9])?")
"""With the key of a reason, or without."""
_AGENT = re.compile(EXTENSION)
_KEY = re.compile(r"[1-9]")

# --- UserEvents of extensions_by_phone.conf ---


def transfer_dialled(book: ChannelBook, message: Message) -> list[ev.Event]:
    """TransferDialled of a blind REFER, and then the events of the agent's end that waited for it."""
    if book.is_gone(message["Uniqueid"]):
        return []
    call, agent = fit(CALL, message["Call"]), fit(_AGENT, message["Agent"])
    leg = book.calls.get(call)
    if leg is None or leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"TransferDialled of {call} comes from another channel")
    digits = message.get("Digits", "")
    phone = next((each for each in leg.agents.values() if each.agent == agent and not each.consults), None)
    if (phone is None and not leg.withheld) or (phone is not None and phone.referred == "told"):
        return []
    if phone is not None:
        phone.referred, phone.released_by_us = "told", True
    withheld, leg.withheld = leg.withheld, []
    return [TransferDialled(call, agent, digits if _DIALLED.fullmatch(digits) else ""), *withheld]


def consult_dialled(book: ChannelBook, message: Message) -> list[ev.Event]:
    """ConsultDialled: the agent has dialled on a second line; before it CallHeld of the first line's caller, if any."""
    if book.is_gone(message["Uniqueid"]):
        return []
    agent = _agent_of(book, message)
    digits = fit(_DIALLED, message["Digits"])
    if book.second_lines.get(agent) == message["Channel"]:
        return []
    book.second_lines[agent] = message["Channel"]
    return [*_hold_first_line(book, agent), ConsultDialled(agent, digits)]


def _keyed(event_of: Callable[[str, str, Message], ev.Event]) -> Reader:
    """`event_of`: call, agent and message to the event of this code."""

    def reader(book: ChannelBook, message: Message) -> list[ev.Event]:
        if book.is_gone(message["Uniqueid"]):
            return []
        agent = _agent_of(book, message)
        return [event_of(_call_of(book, agent, message["Uniqueid"]), agent, message)]

    return reader


def _transfer_coded(call: str, agent: str, message: Message) -> ev.Event:
    digits, key = fit(_DIGITS, message["Digits"]), fit(_KEY, message["Reason"])
    return TransferCoded(call, agent, digits, key, message["Warm"] == "1")


def _agent_of(book: ChannelBook, message: Message) -> str:
    """The agent that the message names. ValueError when it does not come from a channel of this agent."""
    agent = message["Agent"]
    found = AGENTS_CHANNEL.fullmatch(message["Channel"])
    if found is None or found[1] != agent or (book.agents and agent not in book.agents):
        raise ValueError(f"{message['UserEvent']} of {agent[:80]!r} comes from {message['Channel'][:80]!r}")
    return agent


def _call_of(book: ChannelBook, agent: str, uniqueid: str) -> str:
    """The call of an agent's channel: the call that it was dialled for; of a second line, the call that it consults about."""
    phone = book.agent_legs.get(uniqueid)
    if phone is not None:
        return phone.caller.call
    if (dialling := book.diallings.get(uniqueid)) is not None:
        return dialling.caller.call
    raise ValueError(f"agent {agent} has keyed something in no call of ours")


# --- REFER ---


def blind(book: ChannelBook, message: Message) -> list[ev.Event]:
    """BlindTransfer: the phone's channel ends, or has ended, by a transfer and not by hanging up. No event yet."""
    phone = book.agent_legs.get(message["TransfererUniqueid"])
    if phone is None or phone.caller.uniqueid != message["TransfereeUniqueid"]:
        return []  # Of a consult's other side: the end of that channel tells.
    if message["Result"] != "Success":
        log.info("the REFER of an agent failed", agent=phone.agent, call=phone.caller.call)
        return []
    phone.referred, phone.released_by_us = phone.referred or "under way", True
    return []


def after_transfer(phone: AgentLeg, told: list[ev.Event]) -> list[ev.Event]:
    """`told`, the events of this phone's end; empty while the phone's blind REFER is not told, which tells them later."""
    if phone.referred != "under way":
        return told
    phone.caller.withheld += told
    return []


def attended(book: ChannelBook, message: Message) -> list[ev.Event]:
    """AttendedTransfer: a caller and the partner of a second line are connected, or the caller runs in that line's place."""
    lines = (message["OrigTransfererUniqueid"], message.get("SecondTransfererUniqueid", ""))
    phones = [book.agent_legs[line] for line in lines if line in book.agent_legs]
    phone = next((each for each in phones if not each.consults), None)
    if phone is None:
        return []
    if message["Result"] != "Success":
        log.info("the attended REFER of an agent failed", agent=phone.agent, call=phone.caller.call)
        return []
    return _attended(book, phone)


def swapped(book: ChannelBook, message: Message) -> list[ev.Event]:
    """AttendedTransferred of a BridgeEnter in another channel's place: the caller in that of the second line, or the second
    line's partner in that of the caller's line."""
    line = message.get("SwapUniqueid", "")
    if not line:
        return []
    caller, came = book.callers.get(message["Uniqueid"]), book.agent_legs.get(message["Uniqueid"])
    dialling = book.diallings.get(line)
    if caller is not None and dialling is not None and dialling.caller is caller:
        return _attended(book, _first_leg(caller, dialling.agent))
    phone = book.agent_legs.get(line)
    if came is not None and came.consults and phone is not None and phone.caller is came.caller:
        return _attended(book, phone)
    return []


def _first_leg(caller: CallerLeg, agent: str) -> AgentLeg:
    phones: Sequence[AgentLeg] = [
        each for each in caller.agents.values() if each.agent == agent and not each.consults and not each.referred
    ]
    if not phones:
        raise ValueError(f"agent {agent} has not this caller")
    return phones[-1]


def _attended(book: ChannelBook, phone: AgentLeg) -> list[ev.Event]:
    if phone.referred:
        return []
    phone.referred, phone.released_by_us = "told", True
    dialling = book.dialling_of(phone.caller.call)
    receivers = [
        each.offer
        for each in phone.caller.agents.values()
        if dialling is not None and each.offer == dialling.offer and each.progress < Progress.OVER
    ]
    return [AttendedTransferred(phone.caller.call, phone.agent, receivers[-1] if receivers else "")]


# --- second lines ---


def _hold_first_line(book: ChannelBook, agent: str) -> list[ev.Event]:
    """CallHeld as the agent talks on another line, also where the phone sends HOLD for the first one later, or never."""
    phone = _bridged_leg(book, agent)
    if phone is None or phone.on_hold or phone.held_by_us:
        return []
    phone.implicitly_held = phone.on_hold = True
    return [CallHeld(phone.caller.call, agent)]


def second_line_ended(book: ChannelBook, channel: str) -> list[ev.Event]:
    """CallRetrieved when the channel that has ended was the agent's second line and the first one was implicitly held."""
    found = AGENTS_CHANNEL.fullmatch(channel)
    if found is None or book.second_lines.get(found[1]) != channel:
        return []
    del book.second_lines[found[1]]
    phone = _bridged_leg(book, found[1])
    if phone is None or phone.channel == channel or phone.referred or phone.in_conference:
        return []
    if phone.second_line:
        phone.held_by_us = phone.second_line = False
    if not phone.implicitly_held:
        return []
    phone.implicitly_held = phone.on_hold = False
    return [CallRetrieved(phone.caller.call, phone.agent)]


def _bridged_leg(book: ChannelBook, agent: str) -> AgentLeg | None:
    """The agent's latest leg that was bridged with its caller and is not released."""
    phones = [
        phone
        for phone in book.agent_legs.values()
        if phone.agent == agent
        and phone.progress == Progress.BRIDGED
        and not phone.consults
        and not phone.released_by_us
    ]
    return phones[-1] if phones else None


READERS: dict[str, Reader] = {"BlindTransfer": blind, "AttendedTransfer": attended}
USER_EVENTS: dict[str, Reader] = {
    "TransferDialled": transfer_dialled,
    "ConsultDialled": consult_dialled,
    "TransferKeyed": _keyed(lambda call, agent, _: TransferKeyed(call, agent)),
    "TakeBackKeyed": _keyed(lambda call, agent, _: TransferTakenBack(call, agent)),
    "ThreeWayKeyed": _keyed(lambda call, agent, _: ThreeWayAsked(call, agent)),
    "RetrieveAsked": _keyed(lambda call, agent, _: RetrieveAsked(call, agent)),
    "TransferCoded": _keyed(_transfer_coded),
}
