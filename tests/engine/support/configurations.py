"""Houses of every kind: queues, agents and rules, chosen by one number. House 0 is plain; most others have everything on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from acd.engine.acd import Acd
from acd.engine.events import ConfigChanged
from acd.engine.model import AgentProfile, BreakRules, Deed, Escalation, Overflow, Queue, Rules, Skills, Strategy, When
from acd.engine.supervision.break_rules import BreakKind, BreakLimit
from tests.engine.support.floor import Floor

T = TypeVar("T")

QUEUES = [
    Queue("billing", (("billing", 3),), wrap_up=timedelta(seconds=20)),
    Queue("orders", (("orders", 1),), wrap_up=timedelta(0)),
    Queue("complaints", (("billing", 3), ("calm", 5)), priority=10, wrap_up=timedelta(seconds=30)),
]
AGENTS: dict[str, Skills] = {
    "1001": (("billing", 5), ("calm", 9)),
    "1002": (("billing", 3), ("orders", 2)),
    "1003": (("orders", 9), ("en", 4)),
    "1004": (("billing", 3), ("calm", 5), ("en", 1), ("orders", 1)),
}
HIGHER_TIER = ("1001", "1003")
STRATEGIES: list[Strategy] = ["longest-idle", "least-occupied", "best-skilled"]
DEEDS: list[Deed] = ["lower-skill", "add-queue", "raise-priority", "move", "offer-callback", "voicemail", "number"]
WHENS: list[When] = ["waited", "unstaffed", "longer-than", "wait-over"]
BREAKS = BreakRules(
    (
        BreakKind("break", timedelta(seconds=15)),
        BreakKind("meal", timedelta(seconds=61)),
        BreakKind("walk", leave=True),
    ),
    (BreakLimit(1, queue="billing"), BreakLimit(2, begin_min=9 * 60, end_min=9 * 60 + 5)),
    longest_work=timedelta(seconds=60),
    rest=timedelta(seconds=10),
)
SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95
"""Multiplied by it, neighbouring numbers choose differently."""


class Choices:
    """One number after the other, out of one number; 0 always takes the first."""

    def __init__(self, number: int) -> None:
        self._left = number * SPREAD

    def pick(self, options: Sequence[T]) -> T:
        self._left, index = divmod(self._left, len(options))
        return options[index]


@dataclass(frozen=True)
class FloorConfiguration:
    queues: tuple[Queue, ...]
    agents: tuple[AgentProfile, ...]
    rules: Rules

    def floor(self) -> Floor:
        floor = Floor(self.queues, {}, self.rules)
        floor.profiles = list(self.agents)
        floor.acd = Acd(self.queues, self.agents, self.rules)
        return floor

    def as_event(self, version: int) -> ConfigChanged:
        return ConfigChanged(self.queues, self.agents, self.rules, version, "supervisor")


def floor_configuration(number: int) -> FloorConfiguration:
    choices = Choices(number)
    queues = [_queue(queue, choices) for queue in QUEUES]
    if choices.pick([False, False, False, True]):
        del queues[1]
    return FloorConfiguration(tuple(queues), _agents(choices), _rules(choices))


def _seconds(choices: Choices, *options: float) -> timedelta:
    return timedelta(seconds=choices.pick(options))


def _queue(plain: Queue, choices: Choices) -> Queue:
    rows = [_row(choices) for _ in range(choices.pick([0, 1, 2, 3, 4]))]
    return replace(
        plain,
        strategy=choices.pick(STRATEGIES),
        prefers=choices.pick([(), (("en", 2),), (("calm", 6), ("en", 1))]),
        overflow=tuple(row for number, row in enumerate(rows) if row not in rows[:number]),
        emergency=choices.pick([False, False, False, True]),
        answer_within=choices.pick([None, timedelta(seconds=3)]),
    )


def _row(choices: Choices) -> Overflow:
    when = choices.pick(WHENS)
    return Overflow(
        do=choices.pick(DEEDS),
        why="so that nobody waits for nothing",
        when=when,
        after=_seconds(choices, 5, 0, 12, 30) if when == "waited" else timedelta(0),
        calls=choices.pick([0, 1, 3]),
        wait=_seconds(choices, 5, 60),
        skill=choices.pick(["", "billing", "calm"]),
        to=choices.pick([0, 1, 2]),
        queue=choices.pick(["billing", "orders", "complaints"]),
        by=choices.pick([1, 3]),
        number="02150001234",
        within=timedelta(hours=2),
    )


def _agents(choices: Choices) -> tuple[AgentProfile, ...]:
    profiles = [
        AgentProfile(
            name,
            name,
            skills,
            choices.pick([(), (), (), ("billing",), ("complaints", "orders")]),
            tier=2 if name in HIGHER_TIER else 1,
        )
        for name, skills in AGENTS.items()
    ]
    match choices.pick(["all", "all", "all", "one less", "one more"]):
        case "one less":
            del profiles[1]
        case "one more":
            profiles.append(AgentProfile("1009", "new", (("billing", 4), ("calm", 6))))
    return tuple(profiles)


def _rules(choices: Choices) -> Rules:
    return Rules(
        priorities={"138": 5},
        priority_worth=_seconds(choices, 30, 1),
        emergency_worth=_seconds(choices, 1800, 10),
        return_within=_seconds(choices, 0, 300, 20),
        same_agent=choices.pick(["off", "last", "first"]),
        same_agent_within=_seconds(choices, 86400, 60),
        same_agent_hold=_seconds(choices, 10, 0, 3),
        spare_versatile=choices.pick([False, True]),
        expected_handling=_seconds(choices, 180, 5),
        callback_attempts=choices.pick([2, 1]),
        callback_pause=_seconds(choices, 60, 5),
        transfer_reasons={"1": "refund", "2": "complaint"},
        extensions={"2001": "queue:billing", "2002": "skill:calm"},
        transfer_numbers=("02150005678",),
        hold_reminder=timedelta(seconds=20),
        hold_limit=timedelta(seconds=40),
        escalations=choices.pick([(), (Escalation("refund", 2, over=50.0),), (Escalation("complaint", 2),)]),
        breaks=choices.pick([None, BREAKS, BREAKS]),
    )
