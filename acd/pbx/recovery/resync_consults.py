"""Callers who have more than one agent's channel, or are held: on hold, consulted about, being transferred, in a conference.

Works for resync.py: enters the channels in the book and says where the caller is. Pure.

An agent's channel carries variables: MINE, the offer that it was dialled for, set on answering; CONSULT, whom it
dials. A second line, which the agent has dialled, carries CALL_ID, the call that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from acd.engine.events import Event
from acd.engine.pbx_report import Place
from acd.engine.transfer_events import ConsultBegan, ConsultEnded
from acd.pbx.channel_book import ChannelBook, Message
from acd.pbx.channels import AGENTS_CHANNEL, TRUNKS_CHANNEL, AgentLeg, CallerLeg, Dialling, Progress

CONTEXTS = {"hold", "verify", "join", "conference"}
"""Contexts of callers who are held, being joined with an agent, or in a conference."""
SECOND_LINE_CONTEXTS = {"consult", "own-dial", "refused", "not-now"}
"""Contexts of agents' second lines."""
VARIABLES = ("MINE", "CONSULT", "CALL_ID", "SECOND_LINE")
"""Read of each channel that `Phone.of` is made from."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A channel of a call beside the caller's: an agent's, or that of a number that was consulted."""

    row: Message
    mine: str = ""
    dials: str = ""
    """CONSULT: offer,receiver,…"""
    call: str = ""
    second_line: bool = False
    outside: str = ""
    """The agent whose outside number this channel of a trunk is."""

    @property
    def agent(self) -> str:
        """Empty: the channel is no agent's."""
        match = AGENTS_CHANNEL.fullmatch(self.row.get("Channel", ""))
        return match[1] if match else self.outside

    @property
    def uniqueid(self) -> str:
        """Of this channel."""
        return self.row["Uniqueid"]

    @property
    def bridge(self) -> str:
        """Empty: in no bridge."""
        return self.row.get("BridgeId", "")

    @property
    def is_up(self) -> bool:
        """Whether it was answered."""
        return self.row.get("ChannelStateDesc") == "Up"

    @classmethod
    def of(cls, row: Message, values: Mapping[str, str], outside: str = "") -> Phone:
        """From a row of CoreShowChannels and the channel's `VARIABLES`."""
        return cls(row, values["MINE"], values["CONSULT"], values["CALL_ID"], values["SECOND_LINE"] == "1", outside)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the caller is; FoundCall has these fields."""

    place: Place
    agent: str = ""
    offer: str = ""
    consulted: str = ""
    consult_offer: str = ""
    consult_up: bool = False
    three_way: bool = False


def is_ours(context: str, agent: str, agents: Sequence[str]) -> bool:
    """Whether `settle` is to look at this caller, who is in `context` and has these agents' channels. Every other caller has
    one agent's channel at most, dialled for the present offer."""
    return context in CONTEXTS or len(agents) > 1 or any(each != agent for each in agents)


def settle(
    book: ChannelBook, caller: CallerLeg, agent: str, context: str, phones: Iterable[Phone], after: list[Event]
) -> Placed | None:
    """Enters these channels of the caller, appends events to `after`, and says where the caller is.

    `agent` is AGENT on the caller's channel; the present offer is in `caller`. None: the caller is neither held nor
    transferred. Channels beside that of the present offer are then about to end, and are entered as released.
    """
    phones = list(phones)
    first = next((p for p in phones if p.agent == agent and not p.second_line and p.mine == caller.offer), None)
    line = next((p for p in phones if p.second_line), None) or (first if first and first.dials else None)
    offer, receiver = [*line.dials.split(","), "", ""][:2] if line else ("", "")
    second = next((p for p in phones if receiver and p.agent == receiver and p.mine in ("", offer)), None)
    joined = next((p for p in phones if p.bridge and p.bridge == caller.bridge and p.agent), None)
    if second is None and line is None:
        second = next((p for p in phones if p.mine and p.mine != caller.offer and p.agent), None)
        second = second if context in CONTEXTS or second is joined else None
        offer = second.mine if second else ""
    caller.held = context in ("hold", "verify")
    for phone in phones:
        if phone.agent and (phone is not line or phone is first):
            _enter(book, caller, phone, offer if phone is second else phone.mine, phone is second)
    if line is not None and (second is not None or not receiver):
        _dialling(book, caller, line, offer, receiver, second, phones, after)
    if line is not None and line.second_line:
        book.second_lines[line.agent] = line.row["Channel"]
    if first is not None:
        leg = book.agent_legs[first.uniqueid]
        leg.held_by_us, leg.in_conference = joined is not first or context == "conference", context == "conference"
    about = Placed(
        "held",
        first.agent if first else "",
        caller.offer if first else "",
        second.agent if second else "",
        offer if second else "",
        second is not None and second.is_up,
    )
    if context == "conference":
        if first is not None and second is not None and first.bridge == second.bridge == caller.bridge:
            return _changed(about, "talking", three_way=True)
        return about
    if joined is None:
        return about if context in CONTEXTS else None
    if joined is second:
        leg = book.agent_legs[second.uniqueid]
        leg.consults, leg.progress = False, Progress.BRIDGED
        return Placed("talking", second.agent, offer)
    return _changed(about, "talking") if joined is first else None


def _changed(about: Placed, place: Place, three_way: bool = False) -> Placed:
    return Placed(
        place, about.agent, about.offer, about.consulted, about.consult_offer, about.consult_up, three_way=three_way
    )


def _enter(book: ChannelBook, caller: CallerLeg, phone: Phone, offer: str, consults: bool) -> AgentLeg:
    leg = book.add_agent(caller, phone.agent, phone.uniqueid, phone.row["Channel"], offer or caller.offer)
    leg.bridge, leg.on_hold = phone.bridge, None
    leg.consults, leg.outside = consults, bool(phone.outside)
    # Any other channel is about to end: that of an earlier leg, or of a consult that is over.
    leg.released_by_us = not consults and offer not in ("", caller.offer)
    together = bool(leg.bridge) and leg.bridge == caller.bridge
    if phone.is_up:
        leg.progress = Progress.BRIDGED if not consults and (together or phone.mine) else Progress.ANSWERED
    else:
        is_ringing = phone.row.get("ChannelStateDesc") == "Ringing"
        leg.progress = Progress.RINGING if is_ringing else Progress.DIALLED
    return leg


def _dialling(
    book: ChannelBook,
    caller: CallerLeg,
    line: Phone,
    offer: str,
    receiver: str,
    second: Phone | None,
    phones: Iterable[Phone],
    after: list[Event],
) -> None:
    dialling = Dialling(line.uniqueid, line.row["Channel"], line.agent, caller, offer, receiver, line.bridge)
    book.diallings[line.uniqueid] = dialling
    if second is not None:
        dialling.was_up = bool(line.bridge) and line.bridge == second.bridge
    if receiver:
        return
    outside = next((p for p in phones if TRUNKS_CHANNEL.fullmatch(p.row.get("Channel", ""))), None)
    if outside is None:
        dialling.settled = True
        after.append(ConsultEnded(caller.call, "hung up"))
        return
    dialling.outside, dialling.outside_channel = outside.uniqueid, outside.row["Channel"]
    dialling.outside_bridge = outside.bridge
    dialling.was_up = bool(line.bridge) and line.bridge == outside.bridge
    if dialling.was_up:
        after.append(ConsultBegan(caller.call))
