"""The wallboard's figures and the book's: what the engine has counted as it happened, counted again from its log.

Every count is the same but for one, whose difference is said and checked: an answer that crossed the taking back. In the
book that offer counts neither way. The wall takes it off when it is told, if its ring was put on the same day.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from acd.engine.commands import Kind, Log, Outcome
from acd.engine.events import Event
from acd.store.queries.kpi import Kpi
from acd.store.shipping.shipper import Shipper
from tests.engine.support.configurations import floor_configuration
from tests.engine.support.generator import EventGenerator
from tests.store.support.freezable_postgres import FreezablePostgres
from tests.store.support.store_fixture import StoreFixture

SEEDS = int(os.environ.get("SANXIANG_EXAMPLES", 3))
STEPS = 900
EVENING = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
"""Ten at night by the house's clock: its day changes in the course of the story."""
SECONDS = ("wait_s", "talk_s", "hold_s", "consult_s", "wrap_up_s")

Line = tuple[datetime, Event, list[Log]]
Counts = dict[str, dict[str, Any]]
"""Queue ("": the house) to its counts."""


class Afternoon:
    """A random afternoon and night on a floor: what would stand in the journal, and what the engine counted each day."""

    def __init__(self, seed: int, kind: type[EventGenerator] = EventGenerator) -> None:
        """`kind`: what may happen in it."""
        self.lines: list[Line] = []
        self.days: dict[str, Counts] = {}
        self.crossings: Counter[tuple[str, str]] = Counter()
        """Day and queue to what the wall took off for crossings less what the book takes off."""
        self._rang: dict[str, tuple[str, str]] = {}
        """Offer to day and queue where it was counted as having rung; those that were not, to nothing."""
        chance = random.Random(seed)
        floor = floor_configuration(seed).floor()
        floor.now = EVENING
        self._state = floor.acd._state
        self._take_off, self._state.counts.crossed = self._state.counts.crossed, self._taken_off  # type: ignore[method-assign]
        self._handle = floor.acd.handle
        floor.acd.handle = self._read  # type: ignore[method-assign]
        world = kind(floor)
        for _ in range(STEPS):
            world.step(chance.randrange(len(world.moves) * 1_000_000))
            if chance.random() < 0.01:
                floor.wait(seconds=chance.choice([600, 3600]))
        self._keep()

    def _read(self, event: Event, now: datetime) -> Any:
        if self._state.counts.day and now.date().isoformat() != self._state.counts.day:
            self._keep()
        commands = self._handle(event, now)
        self.lines.append((now, event, [command for command in commands if isinstance(command, Log)]))
        for row in self.lines[-1][2]:
            if row.kind is Kind.OFFER_ENDED and row.offer not in self._rang:
                rang = row.detail["rings"] and row.detail["outcome"] != Outcome.CALLER_LEFT
                self._rang[row.offer] = (now.date().isoformat(), row.queue) if rang else ("", "")
            elif row.kind is Kind.CROSSED:
                day, queue = self._rang[row.offer]
                self.crossings.subtract({(day, queue): 1, (day, ""): 1})
        return commands

    def _taken_off(self, queue: str, brand: str) -> None:
        counts = self._state.counts
        before = counts.total.offers_rang, counts.queues[queue].offers_rang
        self._take_off(queue, brand)
        self.crossings[counts.day, ""] += before[0] - counts.total.offers_rang
        self.crossings[counts.day, queue] += before[1] - counts.queues[queue].offers_rang

    def _keep(self) -> None:
        counts = self._state.counts.checkpoint()
        self.days[counts["day"]] = {"": counts["total"], **counts["queues"]}


def told(found: Kpi, counts: dict[str, Any], crossings: int) -> Iterator[str]:
    """Each count that is not the engine's."""
    for name, engines in counts.items():
        ours = getattr(found, name) - (crossings if name == "offers_rang" else 0)
        if name in SECONDS:
            ours, engines = round(ours, 6), round(engines, 6)
        if name == "arrived" and found.queue:
            continue
        if ours != engines:
            yield f"{found.since.date()} {found.queue or 'the house'}: {name} is {ours} in the book, {engines} on the wall"


@pytest.fixture(scope="module", params=range(SEEDS))
def seed(request: pytest.FixtureRequest) -> int:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def server(seed: int, servers: Callable[[str], FreezablePostgres]) -> FreezablePostgres:
    """The two in turn: a day is twenty seconds of a processor, and counts the same on both."""
    return servers(("embedded", "by address")[seed % 2])


async def test_every_count_of_a_random_day_is_the_same_on_the_wall_and_in_the_book(
    ground: StoreFixture, seed: int
) -> None:
    day = Afternoon(seed)
    assert len(day.days) > 1
    # Rows of one call lie in several transactions, as they do in life.
    ground.shipper = Shipper(ground.store, ground.journal, batch_rows=random.Random(seed).choice([20, 100, 250]))
    for line in day.lines:
        ground.journal.append(*line)
    await ground.arrive()
    await ground.assert_exactly_once()
    wrong: list[str] = []
    for name, queues in day.days.items():
        found = await ground.store.kpi_by_queue(*ground.store.day_bounds(datetime.fromisoformat(name).date()))
        assert set(found) <= set(queues)
        for queue, counts in queues.items():
            wrong += told(found.get(queue) or Kpi(EVENING, EVENING, queue), counts, day.crossings[name, queue])
    assert not wrong, "\n".join([f"seed {seed}:", *wrong])
