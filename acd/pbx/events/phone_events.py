"""What an agent does with his telephone alone, as the floor's events: its transfer key (REFER), a second line, codes. Pure.

A REFER has happened when it is told. The order of a blind one, as Asterisk tells it:

    BlindTransfer              the caller goes to [by-phone]                      nothing
    BridgeLeave                of the caller                                      nothing
    UserEvent TransferDialled  whereto, or nowhere: another house's domain        TransferDialled
    BridgeLeave, Hangup        of the agent, sometimes before that UserEvent      BridgeEnded, always after TransferDialled

and of an attended one, REFER with Replaces, whose middle comes in any order:

    Unhold                     of both lines; nobody has touched them             CallRetrieved, of the first
    BridgeEnter                of the caller, in the second line's place          AttendedTransferred
    AttendedTransfer           says so too, and alone where nobody had answered   AttendedTransferred, if not told yet
    Hangup x2                  of the agent's lines                               BridgeEnded

An agent is believed about his own channel only: his extension is its endpoint's name, which is his password's.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

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
from acd.pbx.channels import AGENTS_CHANNEL, CALL, AgentLeg, CallerLeg, Progress, fit
from acd.pbx.events import consult_events

if TYPE_CHECKING:
    from acd.pbx.events.translator import Translator

log = logging.getLogger(__name__)

Message = Mapping[str, str]
WORDS = {
    "TransferDialled",
    "ConsultDialled",
    "TransferKeyed",
    "TakeBackKeyed",
    "ThreeWayKeyed",
    "TransferCoded",
    "RetrieveAsked",
}
DIGITS = re.compile(KEYED_NUMBER)
_DIALLED = re.compile(rf"{KEYED_NUMBER}(\*[1-9])?")
"""With the key of a reason, or without."""
_AGENT = re.compile(EXTENSION)
_KEY = re.compile(r"[1-9]")


def said(translator: Translator, name: str, message: Message) -> list[ev.Event]:
    """What a UserEvent of extensions_by_phone.conf means. ValueError or KeyError for one that does not fit."""
    uniqueid = message["Uniqueid"]
    if translator.is_gone(uniqueid):
        return []
    if name == "TransferDialled":
        return _transfer_dialled(translator, message)
    agent = message["Agent"]
    found = AGENTS_CHANNEL.fullmatch(message["Channel"])
    if found is None or found[1] != agent or (translator.agents and agent not in translator.agents):
        raise ValueError(f"{name} of {agent[:80]!r} comes from {message['Channel'][:80]!r}")
    if name == "ConsultDialled":
        digits = fit(_DIALLED, message["Digits"])
        if translator.second_lines.get(agent) == message["Channel"]:
            return []
        translator.second_lines[agent] = message["Channel"]
        return [*_set_aside(translator, agent), ConsultDialled(agent, digits)]
    call = _call_of(translator, agent, uniqueid)
    match name:
        case "TransferKeyed":
            return [TransferKeyed(call, agent)]
        case "TakeBackKeyed":
            return [TransferTakenBack(call, agent)]
        case "ThreeWayKeyed":
            return [ThreeWayAsked(call, agent)]
        case "RetrieveAsked":
            return [RetrieveAsked(call, agent)]
        case "TransferCoded":
            digits, key = fit(DIGITS, message["Digits"]), fit(_KEY, message["Reason"])
            return [TransferCoded(call, agent, digits, key, message["Warm"] == "1")]
    raise ValueError(f"no telephone says {name!r}")


def _call_of(translator: Translator, agent: str, uniqueid: str) -> str:
    """The call that an agent's channel is about: the one that it was dialled for; on a second line, the one he has."""
    phone = translator.agent_legs.get(uniqueid)
    if phone is not None:
        return phone.caller.call
    if (dialling := translator.diallings.get(uniqueid)) is not None:
        return dialling.caller.call
    raise ValueError(f"agent {agent} has keyed something in no call of ours")


def _transfer_dialled(translator: Translator, message: Message) -> list[ev.Event]:
    call, agent = fit(CALL, message["Call"]), fit(_AGENT, message["Agent"])
    leg = translator.calls.get(call)
    if leg is None or leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"TransferDialled of {call} comes from another channel")
    digits = message.get("Digits", "")
    phone = next((each for each in leg.agents.values() if each.agent == agent and not each.consults), None)
    if (phone is None and not leg.withheld) or (phone is not None and phone.referred == "told"):
        return []
    if phone is not None:
        phone.referred, phone.moved = "told", True
    withheld, leg.withheld = leg.withheld, []
    return [TransferDialled(call, agent, digits if _DIALLED.fullmatch(digits) else ""), *withheld]


def blind(translator: Translator, message: Message) -> list[ev.Event]:
    """BlindTransfer: the phone of this leg is gone or going, and has not simply hung up."""
    phone = translator.agent_legs.get(message["TransfererUniqueid"])
    if phone is None or phone.caller.uniqueid != message["TransfereeUniqueid"]:
        return []  # Of a consult's other side: its own end tells.
    if message["Result"] != "Success":
        log.info("The REFER of agent %s for %s came to nothing.", phone.agent, phone.caller.call)
        return []
    phone.referred, phone.moved = phone.referred or "under way", True
    return []


def ended(phone: AgentLeg, told: list[ev.Event]) -> list[ev.Event]:
    """What the end of a phone tells now; of one whose REFER is not told yet, nothing until then."""
    if phone.referred != "under way":
        return told
    phone.caller.withheld += told
    return []


def attended(translator: Translator, message: Message) -> list[ev.Event]:
    """AttendedTransfer: a caller and the partner of a second line have been put together, or he runs in its place."""
    lines = (message["OrigTransfererUniqueid"], message.get("SecondTransfererUniqueid", ""))
    phones = [translator.agent_legs[line] for line in lines if line in translator.agent_legs]
    phone = next((each for each in phones if not each.consults), None)
    if phone is None:
        return []
    if message["Result"] != "Success":
        log.info("The attended REFER of agent %s for %s came to nothing.", phone.agent, phone.caller.call)
        return []
    return _attended(translator, phone)


def swapped(translator: Translator, message: Message) -> list[ev.Event]:
    """BridgeEnter in somebody's place: by an attended REFER the caller in that of a second line, or its partner in that of
    the line which the caller is on."""
    line = message.get("SwapUniqueid", "")
    if not line:
        return []
    caller, came = translator.callers.get(message["Uniqueid"]), translator.agent_legs.get(message["Uniqueid"])
    dialling = translator.diallings.get(line)
    if caller is not None and dialling is not None and dialling.caller is caller:
        return _attended(translator, _first(caller, dialling.agent))
    phone = translator.agent_legs.get(line)
    if came is not None and came.consults and phone is not None and phone.caller is came.caller:
        return _attended(translator, phone)
    return []


def _first(caller: CallerLeg, agent: str) -> AgentLeg:
    phones: Sequence[AgentLeg] = [
        each for each in caller.agents.values() if each.agent == agent and not each.consults and not each.referred
    ]
    if not phones:
        raise ValueError(f"agent {agent} has not this caller")
    return phones[-1]


def _attended(translator: Translator, phone: AgentLeg) -> list[ev.Event]:
    if phone.referred:
        return []
    phone.referred, phone.moved = "told", True
    dialling = consult_events.dialling_of(translator, phone.caller.call)
    receivers = [
        each.offer
        for each in phone.caller.agents.values()
        if dialling is not None and each.offer == dialling.offer and each.progress < Progress.OVER
    ]
    return [AttendedTransferred(phone.caller.call, phone.agent, receivers[-1] if receivers else "")]


def _set_aside(translator: Translator, agent: str) -> list[ev.Event]:
    """An agent has one pair of ears: his caller is on hold from now on, also where his telephone says so later, or never."""
    phone = _own(translator, agent)
    if phone is None or phone.on_hold or phone.apart:
        return []
    phone.set_aside = phone.on_hold = True
    return [CallHeld(phone.caller.call, agent)]


def gone(translator: Translator, channel: str) -> list[ev.Event]:
    """A channel has ended that may be a second line: the agent is on the first one again, be it on hold there."""
    found = AGENTS_CHANNEL.fullmatch(channel)
    if found is None or translator.second_lines.get(found[1]) != channel:
        return []
    del translator.second_lines[found[1]]
    phone = _own(translator, found[1])
    if phone is None or phone.channel == channel or phone.referred or phone.three:
        return []
    if phone.second_line:
        phone.apart = phone.second_line = False
    if not phone.set_aside:
        return []
    phone.set_aside = phone.on_hold = False
    return [CallRetrieved(phone.caller.call, phone.agent)]


def _own(translator: Translator, agent: str) -> AgentLeg | None:
    """The telephone's line on which he has, or had last, a caller of his own."""
    phones = [
        phone
        for phone in translator.agent_legs.values()
        if phone.agent == agent and phone.progress == Progress.BRIDGED and not phone.consults and not phone.moved
    ]
    return phones[-1] if phones else None


READERS = {"BlindTransfer": blind, "AttendedTransfer": attended}
