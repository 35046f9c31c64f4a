"""A floor for tests: agents, queues, a clock that only the test moves, and the engine in the middle.

A test is a story: what is told goes in, what is to be done comes back, without the rows of the log, which
are kept and read by `story`, `rows` and `day_of`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import CallBack, Command, Kind, Log, Offer, Outcome, SendTo, TakeBack
from acd.engine.events import (
    AgentAnswered,
    AgentReady,
    AgentRinging,
    CallBridged,
    CallerHungUp,
    Event,
    TimePassed,
)
from acd.engine.model import AgentProfile, Queue, Rules, Skills

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ring:
    """The agent's phone is to ring for the call, `instead_of` that of another."""

    agent: str
    call: str
    instead_of: str = ""


@dataclass(frozen=True)
class Back:
    """The ringing at the agent is to stop, and the caller goes back to the waiting room."""

    agent: str
    call: str


@dataclass(frozen=True)
class Sent:
    """The caller is redirected: "callback" (he is asked), "voicemail", "number", "let go"."""

    call: str
    where: str
    number: str = ""


@dataclass(frozen=True)
class Dial:
    """The customer of a callback is dialled; the agent is reserved for him."""

    call: str
    number: str
    agent: str


Deed = Ring | Back | Sent | Dial


def billing_floor(*agents: str, wrap_up_s: float = 30, **rules: Any) -> "Floor":
    """One queue, `billing`; amy and bob (or the agents named) are able and ready, the first named idle longest."""
    floor = Floor(
        [Queue("billing", (("billing", 1),), wrap_up=timedelta(seconds=wrap_up_s))],
        dict.fromkeys(agents or ("amy", "bob"), (("billing", 5),)),
        Rules(**rules),
    )
    for name in agents or ("amy", "bob"):
        floor.tell(AgentReady(name))
        floor.wait(seconds=1)
    return floor


class Floor:
    def __init__(
        self, queues: Iterable[Queue], agents: Mapping[str, Skills] | Iterable[AgentProfile], rules: Rules | None = None
    ) -> None:
        self.queues = list(queues)
        if isinstance(agents, Mapping):
            agents = [AgentProfile(name, name.title(), skills) for name, skills in agents.items()]
        self.profiles = list(agents)
        self.rules = rules or Rules()
        self.acd = Acd(self.queues, self.profiles, self.rules)
        self.now = MORNING
        self.told: list[tuple[datetime, Event]] = []
        self.log: list[tuple[datetime, Log]] = []
        self.commands: list[Command] = []
        self.offers: dict[str, Offer] = {}
        """Every offer ever made, by its id."""

    def tell(self, *events: Event) -> list[Deed]:
        """What the engine wishes to be done about these events, one after the other, at this instant."""
        deeds: list[Deed] = []
        for event in events:
            self.told.append((self.now, event))
            for command in self.acd.handle(event, self.now):
                self.commands.append(command)
                match command:
                    case Log():
                        self.log.append((self.now, command))
                    case Offer():
                        before = self.offers.get(command.supersedes)
                        self.offers[command.offer] = command
                        deeds.append(Ring(command.agent, command.call, before.agent if before else ""))
                    case TakeBack():
                        deeds.append(Back(command.agent, command.call))
                    case SendTo():
                        deeds.append(Sent(command.call, command.where, command.number))
                    case CallBack():
                        deeds.append(Dial(command.call, command.number, command.agent))
        return deeds

    def wait(self, *, rings: int = 0, seconds: float = 0) -> list[Deed]:
        """Let time pass; the alarm clock rings whenever the engine has asked for it."""
        until = self.now + rings * self.rules.ring + timedelta(seconds=seconds)
        deeds: list[Deed] = []
        while (due := self.acd.next_deadline) is not None and due <= until:
            self.now = max(self.now, due)
            deeds += self.tell(TimePassed())
        self.now = until
        return deeds

    def staff(self, *agents: str) -> None:
        """They become ready, a second apart: the first named is idle longest. No name: all there are."""
        for name in agents or [profile.agent for profile in self.profiles]:
            self.tell(AgentReady(name))
            self.wait(seconds=1)

    def talk(self, agent: str, call: str, seconds: float = 60) -> list[Deed]:
        """The phone goes up, they talk, and the caller hangs up; what follows from that."""
        self.answers(agent, call)
        self.wait(seconds=seconds)
        return self.tell(CallerHungUp(call))

    def offer(self, call: str) -> str:
        """The id of the latest offer of this call."""
        return [offer.offer for offer in self.offers.values() if offer.call == call][-1]

    def rings(self, agent: str, call: str) -> list[Deed]:
        """The phone of the offer that goes on gives its first sign."""
        return self.tell(AgentRinging(agent, call, self.offer(call)))

    def answers(self, agent: str, call: str) -> list[Deed]:
        """The phone goes up, and they talk."""
        offer = self.offer(call)
        return self.tell(AgentAnswered(agent, call, offer), CallBridged(agent, call, offer))

    def story(self, call: str) -> list[str]:
        """The call in the floor's words, without the steps that go without saying."""
        words: list[str] = []
        for _, row in self.log:
            if row.call != call:
                continue
            if row.kind is Kind.OFFER_ENDED and row.detail["outcome"] != Outcome.ANSWERED:
                words.append(str(row.detail["outcome"]))
            elif row.kind is Kind.ENDED:
                words.append(f"ended: {row.detail['ending']}")
            elif row.kind is Kind.OVERFLOW:
                words.append(str(row.detail["do"]))
            elif row.kind is Kind.CALLBACK:
                words.append(f"callback {row.detail['state']}")
            elif row.kind in (Kind.QUEUED, Kind.ANSWERED, Kind.CROSSED, Kind.KEPT, Kind.SENT_ON, Kind.MESSAGE):
                words.append(str(row.kind))
        return words

    def rows(self, kind: Kind, **columns: str) -> list[Log]:
        """The log's rows of this kind, in order, with these columns (call=, agent=, offer=)."""
        return [
            row
            for _, row in self.log
            if row.kind is kind and all(getattr(row, column) == value for column, value in columns.items())
        ]

    def state(self, agent: str) -> str:
        """The agent's state in one word."""
        return str(self.about_agent(agent)["state"])

    def about_agent(self, agent: str) -> dict[str, Any]:
        return next(one for one in self.acd.snapshot(self.now)["agents"] if one["agent"] == agent)

    def about_call(self, call: str) -> Any:
        """None once it has ended."""
        return next((one for one in self.acd.snapshot(self.now)["calls"] if one["call"] == call), None)

    def day_of(self, agent: str) -> list[str]:
        """The states that the agent has gone through, in order."""
        return [str(row.detail["state"]) for row in self.rows(Kind.AGENT_STATE, agent=agent)]
