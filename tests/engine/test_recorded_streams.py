"""Real calls as Asterisk told them, through the translator to the engine: told twice, told in another order, told in pieces.

What Asterisk itself may put in another order are messages of different channels that it sends within the same instants:
each channel, and each bridge, is told of by one thread, in order. All that, and every copy of what was told before, must
come to the same end: progress is a rank by Uniqueid that only rises. Any other order must break nothing.
"""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import Kind, Log
from acd.engine.events import AgentReady, CallArrived, TimePassed
from acd.engine.model import AgentProfile, Queue, Rules
from acd.pbx.events.translator import Translator
from tests.engine.support.observer import EngineObserver
from tests.support.examples import examples

STREAMS = sorted((Path(__file__).parents[1] / "pbx" / "streams").glob("*.jsonl"))
CALLS = [path for path in STREAMS if path.stem != "feature_codes"]
"""A feature code that is dialled twice means it twice."""
SEEDS = examples(300)
INSTANT_S = 0.02
"""Messages of different channels closer than this may have come the other way round."""
AGENTS = ("1001", "1002")
Message = dict[str, str]
PATIENT = Rules(dialled_within=timedelta(seconds=30), sign_within=timedelta(seconds=30))
"""The recorded floor took its time before it made an offer; here it is made at once."""


def messages_of(path: Path) -> list[Message]:
    """What Asterisk told; what the recorded floor did about it is left out."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if "Deed" not in line]


def at(message: Message) -> float:
    return float(message["Timestamp"])


def in_the_order_dialled(messages: list[Message]) -> list[str]:
    """The agents, whom the recorded floor asked first, first."""
    dialled = [message["DestChannel"][6:10] for message in messages if message["Event"] == "DialBegin"]
    return sorted(AGENTS, key=lambda agent: dialled.index(agent) if agent in dialled else len(dialled))


class Told:
    """An engine that hears of a stream through a translator of its own; time is that of the messages."""

    def __init__(self, observed: bool = False) -> None:
        profiles = [AgentProfile(agent, skills=(("billing", 5), ("orders", 5))) for agent in AGENTS]
        self.acd = Acd([Queue("billing", (("billing", 1),))], profiles, PATIENT)
        self.translator = Translator(AGENTS)
        self.books = EngineObserver(self.acd) if observed else None
        self.rows: list[Log] = []
        self.now = datetime.fromtimestamp(0, UTC)

    def tell(self, messages: list[Message], times: list[float]) -> "Told":
        self.now = datetime.fromtimestamp(min(times) - 1, UTC)
        for message, time in zip(messages, times, strict=True):
            self._pass_time(datetime.fromtimestamp(time, UTC))
            for event in self.translator.feed(message):
                self._handle(event)
                if isinstance(event, CallArrived):
                    for agent in in_the_order_dialled(messages):
                        self._handle(AgentReady(agent))
        self._pass_time(self.now + timedelta(seconds=90))
        return self

    def _pass_time(self, until: datetime) -> None:
        while (due := self.acd.next_deadline) is not None and due <= until:
            self.now = max(self.now, due)
            self._handle(TimePassed())
        self.now = max(self.now, until)

    def _handle(self, event: Any) -> None:
        commands = self.acd.handle(event, self.now)
        self.rows += [command for command in commands if isinstance(command, Log)]
        if self.books is not None:
            self.books.read(event, self.now, commands)

    def end(self) -> dict[str, Any]:
        """What has come of it, without the seconds."""
        snapshot = self.acd.snapshot(self.now)
        counted = {name: value for name, value in snapshot["counts"]["total"].items() if isinstance(value, int)}
        endings = [(row.call, row.detail["ending"]) for row in self.rows if row.kind is Kind.ENDED]
        outcomes = [(row.offer, row.detail["outcome"]) for row in self.rows if row.kind is Kind.OFFER_ENDED]
        agents = [(one["agent"], one["state"], one["reason"], one["reachable"]) for one in snapshot["agents"]]
        return {
            "calls": [call["call"] for call in snapshot["calls"]],
            "endings": endings,
            "outcomes": outcomes,
            "agents": agents,
            "counts": counted,
        }


def straight(path: Path) -> dict[str, Any]:
    messages = messages_of(path)
    return Told().tell(messages, [at(message) for message in messages]).end()


def ranked(message: Message) -> bool:
    """Of a channel whose progress only rises. The state of a phone, or what a room says, holds until the next."""
    if message["Event"] == "UserEvent":
        return message["UserEvent"] in ("CallArrived", "CallQueued", "OfferTaken", "OfferOver")
    return "Uniqueid" in message


def doubled(messages: list[Message], chance: random.Random) -> tuple[list[Message], list[float]]:
    """Some told twice at once, some again later, at the time of what they come after."""
    told: list[Message] = []
    times: list[float] = []
    old: list[Message] = []
    for message in messages:
        copies = [message] * chance.choice([1, 1, 2, 3])
        if old and chance.random() < 0.5:
            copies.append(chance.choice(old))
        told += copies
        times += [at(message)] * len(copies)
        if ranked(message):
            old.append(message)
    return told, times


def threads(message: Message) -> set[str]:
    """Of what it tells: a thread tells in order."""
    return {message[key] for key in ("Uniqueid", "DestUniqueid", "BridgeUniqueid", "Device") if key in message}


def may_swap(one: Message, other: Message) -> bool:
    return abs(at(one) - at(other)) < INSTANT_S and not threads(one) & threads(other)


def reordered(messages: list[Message], chance: random.Random) -> list[Message]:
    """Neighbours that may come the other way round, some of them, some several places."""
    told = list(messages)
    for _ in range(3 * len(told)):
        place = chance.randrange(len(told) - 1)
        if may_swap(told[place], told[place + 1]):
            told[place], told[place + 1] = told[place + 1], told[place]
    return told


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_what_is_told_twice_comes_to_the_same_end(path: Path):
    once = straight(path)
    for seed in range(SEEDS):
        assert Told().tell(*doubled(messages_of(path), random.Random(seed))).end() == once, f"seed {seed}"


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_what_asterisk_may_tell_in_another_order_comes_to_the_same_end(path: Path):
    once, messages = straight(path), messages_of(path)
    times = [at(message) for message in messages]
    for seed in range(SEEDS):
        told = reordered(messages, random.Random(seed))
        assert Told().tell(told, times).end() == once, f"seed {seed}"


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_any_order_with_copies_and_holes_keeps_the_floor_in_order(path: Path):
    messages = messages_of(path)
    for seed in range(SEEDS // 4):
        chance = random.Random(seed)
        told = chance.choices(messages, k=len(messages)) + chance.sample(messages, len(messages) // 2)
        times = sorted(chance.uniform(0, 60) for _ in told)
        floor = Told(observed=True).tell(told, times)
        assert floor.books is not None
        floor.books.close(floor.now)
