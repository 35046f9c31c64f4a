"""All channels of the calls that this daemon knows. Data only: no I/O, no clock.

The readers of Asterisk's messages (`events`) write it, resync (`recovery`) fills it anew, and the commands (`actions`) look
up in it which channels to move.

Progress of a phone is a rank that only rises, and a channel that has ended stays ended, so that a message that comes twice or
late changes nothing.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping

from acd.engine import events as ev
from acd.pbx.channels import AgentLeg, CallerLeg, Dialling, ListenerLeg, Progress, trunk_of
from acd.telephone_numbers import UNKNOWN, Numbering

Message = Mapping[str, str]
"""A message of Asterisk's: header to value."""
_REMEMBERED = 5000
"""Uniqueids of ended channels that are kept, against late messages."""
_CODES = 200
"""Codes that agents have dialled and that the engine has not decided about; it decides within milliseconds."""


class ChannelBook:
    """The channels, each found by its Uniqueid, by its call, or by its agent."""

    def __init__(self, agents: Iterable[str] = (), numbering: Numbering | None = None) -> None:
        """`agents`: the agents of the configuration in force. `numbering`: how its numbers are read."""
        self.numbering = numbering or Numbering()
        """The dialplan tells numbers as carriers write them; from here on they are canonical."""
        self.agents = set(agents)
        """Device states and feature codes of other endpoints mean nothing."""
        self.outside: dict[str, str] = {}
        """Agents who are rung at an outside number, and the number."""
        self.refused: Counter[tuple[str, str]] = Counter()
        """Trunk and why (WHY and SHORT_OF of events/arrivals.py), to the calls that were not taken since the daemon's start."""
        self.alarmed: OrderedDict[tuple[str, ...], float] = OrderedDict()
        """What an alarm was raised about, and when, by Asterisk's clock: not again within an hour (events/arrivals.py)."""
        self.reachable: dict[str, bool] = {}
        """Agent to whether the agent's phone is registered."""
        self.places: dict[str, str] = {}
        """Agent to the address that the agent's phone has registered from last."""
        self.callers: dict[str, CallerLeg] = {}
        """By Uniqueid."""
        self.calls: dict[str, CallerLeg] = {}
        """By call."""
        self.agent_legs: dict[str, AgentLeg] = {}
        """By Uniqueid."""
        self.dialled: dict[str, str] = {}
        """Uniqueid to call, of customers who are being called back and have not answered yet."""
        self.answers: dict[str, int] = {}
        """Call to what the carrier said last to the customer's channel of a callback, as 486 (until the end of that channel)."""
        self.trunk_faults: list[tuple[str, int, str]] = []
        """Trunk, SIP answer (0: none) and call of calls out that a trunk did not carry; the link takes them from here."""
        self.diallings: dict[str, Dialling] = {}
        """Consults, by Uniqueid of the first agent's channel that dials."""
        self.second_lines: dict[str, str] = {}
        """Agent to the name of the channel that the agent has dialled while a caller is on hold (phone_events.py)."""
        self.codes: deque[tuple[ev.Event, str]] = deque(maxlen=_CODES)
        """Events that an agent has told by a code of the telephone, and the channel that waits for the answer (agent_events.py)."""
        self.listeners: dict[str, ListenerLeg] = {}
        """By Uniqueid."""
        self.listened: dict[str, str] = {}
        """Listener to the call."""
        self.ringing_listeners: set[str] = set()
        """Those whose telephone rang when the channels were listed."""
        self.tests_forwarded: set[str] = set()
        """Agents whose phone has answered a test call with another address."""
        self._gone: OrderedDict[str, None] = OrderedDict()

    # --- writing ---

    def add_caller(self, call: str, uniqueid: str, channel: str) -> CallerLeg:
        """The new leg of a caller's channel, entered."""
        leg = CallerLeg(call, uniqueid, channel)
        self.callers[uniqueid] = self.calls[call] = leg
        return leg

    def add_agent(self, caller: CallerLeg, agent: str, uniqueid: str, channel: str, offer: str) -> AgentLeg:
        """The new leg of a phone that is dialled for this caller and offer, entered."""
        leg = AgentLeg(agent, uniqueid, channel, offer, caller)
        self.agent_legs[uniqueid] = caller.agents[uniqueid] = leg
        return leg

    def note_gone(self, uniqueid: str) -> None:
        """The channel has ended."""
        self._gone[uniqueid] = None
        while len(self._gone) > _REMEMBERED:
            self._gone.popitem(last=False)

    def forget_all(self) -> None:
        """Removes all channels: Asterisk was started anew, or resync is about to enter what it has found."""
        self.callers.clear()
        self.calls.clear()
        self.agent_legs.clear()
        self.dialled.clear()
        self.answers.clear()
        self.diallings.clear()
        self.second_lines.clear()
        self.codes.clear()
        self.listeners.clear()
        self.listened.clear()
        self.ringing_listeners.clear()
        self._gone.clear()

    def code_of(self, event: ev.Event) -> str:
        """The channel that waits for the answer to this very event, which is taken out of the book; empty: no code has told it."""
        for each in self.codes:
            if each[0] is event:
                self.codes.remove(each)
                return each[1]
        return ""

    def phone_changed(self, agent: str, reachable: bool) -> list[ev.Event]:
        """PhoneChanged when this is news of an agent of the configuration."""
        if agent not in self.agents or self.reachable.get(agent) is reachable:
            return []
        self.reachable[agent] = reachable
        return [ev.PhoneChanged(agent, reachable)]

    def rise(self, leg: AgentLeg, progress: Progress) -> list[ev.Event]:
        """The event of this progress; nothing when the leg, or its offer, has come that far already."""
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

    # --- looking up ---

    def is_gone(self, uniqueid: str) -> bool:
        """Whether this channel has ended."""
        return uniqueid in self._gone

    def channel_of(self, call: str) -> str | None:
        """The name of the caller's channel; None when it has ended."""
        leg = self.calls.get(call)
        return leg.channel if leg else None

    def too_many(self, call: str, limit: int) -> bool:
        """Whether this call's caller has more than `limit` calls on the line, and the dialplan, which counts each writing of a
        number for itself, has let it through. 0 is no limit; nobody has none."""
        came = self.calls.get(call)
        if not limit or came is None or came.caller == UNKNOWN:
            return False
        theirs = [leg for leg in self.calls.values() if leg.caller == came.caller and not leg.turned_away]
        return len(theirs) > limit >= sum(leg.written == came.written for leg in theirs)

    def consulted_over(self, call: str) -> str:
        """The trunk over which an outside number is consulted about this call; empty when none is."""
        return next(
            (trunk_of(each.outside_channel) for each in self.diallings.values() if each.caller.call == call), ""
        )

    def answered(self, call: str) -> bool:
        """Whether an agent's phone is up for this call: taking the offer back would hang up on a person."""
        leg = self.calls.get(call)
        return leg is not None and any(
            Progress.ANSWERED <= agent.progress < Progress.OVER for agent in leg.agents.values()
        )

    def phone_of(self, call: str, agent: str, offer: str) -> AgentLeg | None:
        """The agent's leg of this offer, also where the caller's channel has ended."""
        for phone in self.agent_legs.values():
            if phone.caller.call == call and phone.agent == agent and phone.offer == offer:
                return phone
        return None

    def listener_leg(self, listener: str) -> ListenerLeg | None:
        """The supervisor's channel; None while it rings, and when it has ended."""
        return next((each for each in self.listeners.values() if each.listener == listener), None)

    def dialling_of(self, call: str) -> Dialling | None:
        """The consult that is under way for this call."""
        return next((each for each in self.diallings.values() if each.caller.call == call), None)


Reader = Callable[[ChannelBook, Message], list[ev.Event]]
"""Reads one kind of message: updates the book and returns the engine's events, in order. Raises KeyError or ValueError for a
message that does not parse or does not fit what is known."""
