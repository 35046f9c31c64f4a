"""Asterisk's messages as the floor's events. Pure: a message in, events out; no I/O, no clock.

What is kept here is a book of channels: which is a caller's (by Uniqueid, with its call), which is an agent's phone ringing
for him (with the offer), and how far each has come. Progress is a rank that only rises, and a channel that is gone stays
gone, so that a message that comes twice or late changes nothing. A message that does not parse or fit gives no event, and
never an exception.

The order of one offer, as Asterisk tells it:

    UserEvent OfferTaken   the dialplan passed the fence and is about to dial     (names the offer)
    DialBegin              the INVITE is out                                      AgentDialled
    Newstate Ringing       or DialState RINGING/PROGRESS; some phones give none   AgentRinging
    Newstate Up            the truth about the answer; DialEnd comes a whisper later   AgentAnswered
    BridgeEnter x2         caller and agent in the same bridge                    CallBridged
    BridgeLeave, Hangup    who left first; Hangup's cause tells a lost phone      BridgeEnded
    UserEvent OfferOver    the dialplan goes on without an answer, and why        OfferFailed
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from acd.engine import events as ev
from acd.engine.commands import Command
from acd.engine.model import Skills
from acd.identifiers import CALLER_NUMBER, EXTENSION, NAME, NUMBER, REASON
from acd.pbx.channels import AGENTS_CHANNEL, CALL, OFFER, AgentLeg, CallerLeg, Dialling, Progress, fit
from acd.pbx.events import consult_events, destination_events, phone_events
from acd.pbx.events.causes import LOST_CAUSES, fail_reason

_CALLER = re.compile(CALLER_NUMBER)
_DIALLED = re.compile(NUMBER)
_QUEUE = re.compile(NAME)
_SKILL = re.compile(f"({NAME}):([1-9])")
_REASON = re.compile(REASON)
_PATH = re.compile(r"[A-Za-z0-9*#/_-]{1,80}")
_AGENTS_DEVICE = re.compile(f"PJSIP/({EXTENSION})")
UNREACHABLE = {"UNAVAILABLE", "INVALID", "UNKNOWN"}
_REMEMBERED = 5000
"""Uniqueids of channels that are gone, kept against late messages."""

Message = Mapping[str, str]


class Translator:
    def __init__(self, agents: Iterable[str] = ()) -> None:
        self.agents = set(agents)
        """Whose phones are told about; others' device states are not ours."""
        self.callers: dict[str, CallerLeg] = {}
        """By Uniqueid."""
        self.calls: dict[str, CallerLeg] = {}
        self.agent_legs: dict[str, AgentLeg] = {}
        self.dialled: dict[str, str] = {}
        """Uniqueid to call, of customers who are being called back and have not answered yet."""
        self.diallings: dict[str, Dialling] = {}
        """By Uniqueid of the first agent's channel: consults."""
        self.second_lines: dict[str, str] = {}
        """Agent to the channel that he has dialled himself, while he has a caller on hold (by_phone.py)."""
        self.reachable: dict[str, bool] = {}
        self.ignored = 0
        """Messages that did not parse or fit."""
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._readers = {
            "UserEvent": self._user_event,
            "DialBegin": self._dial_begin,
            "DialState": self._dial_state,
            "Newstate": self._new_state,
            "BridgeEnter": self._bridge_enter,
            "BridgeLeave": self._bridge_leave,
            "Hangup": self._hangup,
            "Hold": lambda message: consult_events.hold(self, message),
            "Unhold": lambda message: consult_events.hold(self, message),
            "BlindTransfer": lambda message: phone_events.blind(self, message),
            "AttendedTransfer": lambda message: phone_events.attended(self, message),
            "DeviceStateChange": self._device_state,
        }

    def feed(self, message: Message) -> list[ev.Event]:
        """What this message means to the floor, in order; most mean nothing."""
        reader = self._readers.get(message.get("Event", ""))
        if reader is None:
            return []
        try:
            return reader(message)
        except (KeyError, ValueError):
            self.ignored += 1
            return []

    def asked(self, deed: Command) -> None:
        """We are about to wish for this: what its channels do then is by our own doing."""
        consult_events.asked(self, deed)

    def channel_of(self, call: str) -> str | None:
        """The caller's channel, for actions."""
        leg = self.calls.get(call)
        return leg.channel if leg else None

    def answered(self, call: str) -> bool:
        """Whether an agent's phone is up for this call: taking the offer back would hang up on a person."""
        leg = self.calls.get(call)
        return leg is not None and any(
            Progress.ANSWERED <= agent.progress < Progress.OVER for agent in leg.agents.values()
        )

    def forget_all(self) -> None:
        """Empties the books: Asterisk was started anew, or resync is about to fill them again."""
        self.callers.clear()
        self.calls.clear()
        self.agent_legs.clear()
        self.dialled.clear()
        self.diallings.clear()
        self.second_lines.clear()
        self._gone.clear()

    # --- the books, also filled by resync ---

    def add_caller(self, call: str, uniqueid: str, channel: str) -> CallerLeg:
        leg = CallerLeg(call, uniqueid, channel)
        self.callers[uniqueid] = self.calls[call] = leg
        return leg

    def add_agent(self, caller: CallerLeg, agent: str, uniqueid: str, channel: str, offer: str) -> AgentLeg:
        leg = AgentLeg(agent, uniqueid, channel, offer, caller)
        self.agent_legs[uniqueid] = caller.agents[uniqueid] = leg
        return leg

    def phone(self, agent: str, reachable: bool) -> list[ev.Event]:
        """PhoneChanged when this is news."""
        if agent not in self.agents or self.reachable.get(agent) is reachable:
            return []
        self.reachable[agent] = reachable
        return [ev.PhoneChanged(agent, reachable)]

    def is_gone(self, uniqueid: str) -> bool:
        return uniqueid in self._gone

    def _note_gone(self, uniqueid: str) -> None:
        self._gone[uniqueid] = None
        while len(self._gone) > _REMEMBERED:
            self._gone.popitem(last=False)

    # --- one reader for each kind of message ---

    def _user_event(self, message: Message) -> list[ev.Event]:
        name = message["UserEvent"]
        if name in _AGENT_SAYS or name == "AgentNotReady":
            return self._agent_says(name, message)
        if name in consult_events.WORDS:
            return consult_events.said(self, name, message)
        if name in phone_events.WORDS:
            return phone_events.said(self, name, message)
        if name not in _CALL_SAYS and name not in destination_events.WORDS:
            return []
        call = fit(CALL, message["Call"])
        uniqueid = message["Uniqueid"]
        if self.is_gone(uniqueid):
            return []
        leg = self.calls.get(call)
        if name in destination_events.WORDS:
            return self._room_says(name, call, leg, message)
        told: list[ev.Event] = []
        if leg is None:
            leg = self.add_caller(call, uniqueid, message["Channel"])
            if name == "CallArrived":
                caller = message["Caller"] if _CALLER.fullmatch(message["Caller"]) else "unknown"
                dialled = message.get("Dialled", "")
                leg.dialled = dialled if _DIALLED.fullmatch(dialled) else ""
                told.append(ev.CallArrived(call, caller, leg.dialled))
        elif leg.uniqueid != uniqueid:
            raise ValueError(f"{name} of {call} comes from another channel")
        return told + self._call_says(name, leg, message)

    def _room_says(self, name: str, call: str, leg: CallerLeg | None, message: Message) -> list[ev.Event]:
        event = destination_events.said(name, call, message)
        uniqueid = message["Uniqueid"]
        if isinstance(event, ev.CallbackAnswered):
            if leg is not None and leg.uniqueid == uniqueid:
                return []
            if leg is not None or not destination_events.TRUNKS_CHANNEL.fullmatch(message["Channel"]):
                raise ValueError(f"{name} of {call} comes from {message['Channel']}")
            self.add_caller(call, uniqueid, message["Channel"]).queued = True
            self.dialled.pop(uniqueid, None)
            return [event]
        # That the other number has answered is told by its own channel, which is linked to the caller's.
        own = message["Linkedid" if isinstance(event, ev.CallSentOn) else "Uniqueid"]
        if leg is None or leg.uniqueid != own:
            raise ValueError(f"{name} of {call} comes from another channel")
        if leg.said == event:
            return []
        leg.said = event
        leg.elsewhere = not isinstance(event, ev.CallReturned)
        return [event]

    def _call_says(self, name: str, leg: CallerLeg, message: Message) -> list[ev.Event]:
        call = leg.call
        match name:
            case "MenuChosen":
                path = fit(_PATH, message["Path"])
                if path == leg.path:
                    return []
                leg.path = path
                return [ev.MenuChosen(call, path)]
            case "CallQueued":
                queue = fit(_QUEUE, message["Queue"])
                if leg.queued:
                    return []
                leg.queued, leg.queue, leg.language = True, queue, message.get("Lang", "")[:2]
                return [ev.CallQueued(call, queue, parse_skills(message.get("Skills", "")), leg.language)]
            case "CallServed":
                return [ev.CallServed(call)]
            case "CallTurnedAway":
                return [ev.CallTurnedAway(call, message.get("Reason", "")[:40])]
            case "OfferTaken":
                offer = fit(OFFER, message["Offer"])
                if offer not in leg.taken:
                    leg.taken[offer] = Progress.MADE
                    leg.offer = offer
                    leg.elsewhere, leg.said = False, None
            case "AloneTaken":
                leg.offer = fit(OFFER, message["Offer"])
            case "OfferOver":
                return self._offer_over(leg, message)
        return []

    def _offer_over(self, leg: CallerLeg, message: Message) -> list[ev.Event]:
        offer, agent = fit(OFFER, message["Offer"]), message["Agent"]
        if offer in leg.failed:
            return []
        phones = [agent_leg for agent_leg in leg.agents.values() if agent_leg.offer == offer]
        if any(phone.progress >= Progress.ANSWERED for phone in phones):
            return []
        rang = any(phone.progress == Progress.RINGING for phone in phones)
        cause = int(message.get("Cause") or 0)
        leg.failed.add(offer)
        for phone in phones:
            phone.progress = Progress.OVER
        return [ev.OfferFailed(agent, leg.call, offer, fail_reason(message["Status"], cause, rang), cause)]

    def _agent_says(self, name: str, message: Message) -> list[ev.Event]:
        agent = message["Agent"]
        if not message["Channel"].startswith(f"PJSIP/{agent}-") or (self.agents and agent not in self.agents):
            raise ValueError(f"{name} of {agent!r} comes from {message['Channel']}")
        if name == "AgentNotReady":
            return [ev.AgentNotReady(agent, fit(_REASON, message["Reason"]))]
        return [_AGENT_SAYS[name](agent)]

    def _dial_begin(self, message: Message) -> list[ev.Event]:
        caller = self.callers.get(message["Uniqueid"])
        found = AGENTS_CHANNEL.fullmatch(message["DestChannel"])
        uniqueid = message["DestUniqueid"]
        if self.is_gone(uniqueid):
            return []
        if dialling := self.diallings.get(message["Uniqueid"]):
            phone = consult_events.dialled(self, dialling, message)
            return self.rise(phone, Progress.DIALLED) if phone else []
        if caller is None or found is None or not caller.offer:
            return []
        leg = self.agent_legs.get(uniqueid)
        if leg is None:
            leg = self.add_agent(caller, found[1], uniqueid, message["DestChannel"], caller.offer)
        return self.rise(leg, Progress.DIALLED)

    def _dial_state(self, message: Message) -> list[ev.Event]:
        leg = self.agent_legs.get(message["DestUniqueid"])
        if leg is None or message["DialStatus"] not in ("RINGING", "PROGRESS"):
            return []
        return self.rise(leg, Progress.RINGING)

    def _new_state(self, message: Message) -> list[ev.Event]:
        leg = self.agent_legs.get(message["Uniqueid"])
        if leg is None:
            return []
        match message["ChannelStateDesc"]:
            case "Ringing":
                return self.rise(leg, Progress.RINGING)
            case "Up":
                return self.rise(leg, Progress.ANSWERED)
        return []

    def rise(self, leg: AgentLeg, progress: Progress) -> list[ev.Event]:
        """The event that this progress is; nothing when the leg has come that far already."""
        if leg.progress >= progress:
            return []
        leg.progress = progress
        told = leg.caller.taken
        if leg.offer in told:
            if told[leg.offer] >= progress:
                return []
            told[leg.offer] = progress
        what = (leg.agent, leg.caller.call, leg.offer)
        match progress:
            case Progress.DIALLED:
                return [ev.AgentDialled(*what)]
            case Progress.RINGING:
                return [ev.AgentRinging(*what)]
            case Progress.ANSWERED:
                return [ev.AgentAnswered(*what)]
            case Progress.BRIDGED:
                return [ev.CallBridged(*what)]
        return []

    def _bridge_enter(self, message: Message) -> list[ev.Event]:
        uniqueid, bridge = message["Uniqueid"], message["BridgeUniqueid"]
        swapped = phone_events.swapped(self, message)
        if caller := self.callers.get(uniqueid):
            caller.bridge = bridge
            legs = list(caller.agents.values())
        elif agent := self.agent_legs.get(uniqueid):
            agent.bridge = bridge
            caller, legs = agent.caller, [agent]
        else:
            return swapped + consult_events.entered(self, uniqueid, bridge)
        return (
            swapped
            + [
                event
                for leg in legs
                if leg.bridge == caller.bridge == bridge and not leg.consults
                for event in (
                    *consult_events.together(leg),
                    *self.rise(leg, Progress.ANSWERED),
                    *self.rise(leg, Progress.BRIDGED),
                )
            ]
            + consult_events.entered(self, uniqueid, bridge)
        )

    def _bridge_leave(self, message: Message) -> list[ev.Event]:
        """Only notes who left first: whether a phone was lost is told by the Hangup that follows."""
        uniqueid = message["Uniqueid"]
        consult_events.left(self, uniqueid)
        if caller := self.callers.get(uniqueid):
            for leg in caller.agents.values():
                if leg.progress == Progress.BRIDGED and leg.bridge == caller.bridge:
                    leg.left_first = leg.left_first or "caller"
            caller.bridge = ""
        elif agent := self.agent_legs.get(uniqueid):
            if agent.progress == Progress.BRIDGED:
                agent.left_first = agent.left_first or "agent"
            agent.bridge = ""
        return []

    def _hangup(self, message: Message) -> list[ev.Event]:
        uniqueid = message["Uniqueid"]
        if self.is_gone(uniqueid):
            return []
        self._note_gone(uniqueid)
        told = phone_events.gone(self, message.get("Channel", ""))
        cause = int(message.get("Cause") or 0)
        if caller := self.callers.pop(uniqueid, None):
            if self.calls.get(caller.call) is caller:
                del self.calls[caller.call]
            told += caller.withheld
            for leg in list(caller.agents.values()):
                if leg.apart or leg.consults or leg.three:
                    continue  # He still speaks, or waits, until we hang up on him; the books of his talk are closed.
                if leg.progress == Progress.BRIDGED:
                    told += self._end(leg, "agent" if leg.left_first == "agent" else "caller")
                leg.progress = Progress.OVER
                self._note_gone(leg.uniqueid)
                self.agent_legs.pop(leg.uniqueid, None)
            return [*told, ev.CallerHungUp(caller.call, cause)]
        if call := self.dialled.pop(uniqueid, ""):
            return [ev.CallbackFailed(call, destination_events.not_called_back(cause), cause)]
        consult_events.gone(self, uniqueid)
        if agent := self.agent_legs.pop(uniqueid, None):
            agent.caller.agents.pop(uniqueid, None)
            return [*told, *phone_events.ended(agent, self._agent_gone(agent, cause))]
        return told

    def _agent_gone(self, agent: AgentLeg, cause: int) -> list[ev.Event]:
        if self.calls.get(agent.caller.call) is not agent.caller:
            return []
        if agent.progress not in (Progress.ANSWERED, Progress.BRIDGED):
            return []
        if agent.moved:
            return self._end(agent, "transfer")
        if agent.left_first == "caller" and not agent.apart:
            return self._end(agent, "caller") if agent.progress == Progress.BRIDGED else []
        return self._end(agent, "lost" if cause in LOST_CAUSES else "agent")

    def _end(self, leg: AgentLeg, by: ev.EndedBy) -> list[ev.Event]:
        leg.progress = Progress.OVER
        if leg.caller.taken.get(leg.offer) == Progress.OVER:
            return []
        if leg.offer in leg.caller.taken:
            leg.caller.taken[leg.offer] = Progress.OVER
        return [ev.BridgeEnded(leg.agent, leg.caller.call, leg.offer, by)]

    def _device_state(self, message: Message) -> list[ev.Event]:
        found = _AGENTS_DEVICE.fullmatch(message["Device"])
        return self.phone(found[1], message["State"] not in UNREACHABLE) if found else []


_AGENT_SAYS: dict[str, type[ev.AgentLoggedIn | ev.AgentLoggedOut | ev.AgentReady | ev.WrapUpEnded]] = {
    "AgentLoggedIn": ev.AgentLoggedIn,
    "AgentLoggedOut": ev.AgentLoggedOut,
    "AgentReady": ev.AgentReady,
    "WrapUpEnded": ev.WrapUpEnded,
}
"""What an agent's feature codes say; AgentNotReady, with its reason, beside them."""
_CALL_SAYS = {
    "CallArrived",
    "MenuChosen",
    "CallQueued",
    "CallServed",
    "CallTurnedAway",
    "OfferTaken",
    "AloneTaken",
    "OfferOver",
}


def parse_skills(text: str) -> Skills:
    """`orders:2,en:1` as ((en, 1), (orders, 2)); what is not a skill with a level is left out."""
    found = (_SKILL.fullmatch(part.strip()) for part in text.split(",")[:20])
    return tuple(sorted({match[1]: int(match[2]) for match in found if match}.items()))
