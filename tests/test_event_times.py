"""The order of events and their times, between those who tell and the engine."""

import asyncio
from datetime import UTC, datetime, timedelta

from acd.engine.commands import Command, Deed, Log
from acd.engine.events import CallerHungUp, Event, TimePassed
from acd.switchboard import Switchboard

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


class Ear:
    """Hears what the engine would, and wishes for nothing."""

    next_deadline: datetime | None = None

    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def handle(self, event: Event, now: datetime) -> list[Command]:
        name = event.call if isinstance(event, CallerHungUp) else type(event).__name__
        self.heard.append((name, (now - NOON).total_seconds()))
        if isinstance(event, TimePassed):
            self.next_deadline = None
        return []

    def checkpoint(self) -> dict[str, object]:
        return {}


class NoJournal:
    checkpoint_due = False

    def append(self, at: datetime, event: Event, logs: list[Log]) -> None: ...
    def sync(self) -> None: ...
    def checkpoint(self, at: datetime, state: dict[str, object]) -> None: ...


async def nothing(command: Deed) -> None: ...


async def heard(*told: tuple[str, float | None], deadline_s: float | None = None) -> list[tuple[str, float]]:
    """What the engine hears at 12:00:15 of these, each told with its own time (seconds after noon) or with none."""
    ear = Ear()
    if deadline_s is not None:
        ear.next_deadline = NOON + timedelta(seconds=deadline_s)
    board = Switchboard(ear, NoJournal(), lambda: NOON + timedelta(seconds=15), nothing)
    for call, at_s in told:
        board.tell(CallerHungUp(call), None if at_s is None else NOON + timedelta(seconds=at_s))
    running = asyncio.create_task(board.run())
    await asyncio.sleep(0)
    board.stop()
    await running
    return ear.heard


async def test_what_piled_up_keeps_the_times_at_which_it_happened():
    assert await heard(("a", 3), ("b", 9), ("c", None)) == [("a", 3), ("b", 9), ("c", 15)]


async def test_no_event_is_earlier_than_the_one_before_it_nor_in_the_future():
    assert await heard(("a", 9), ("b", 3), ("c", 99), ("d", 12)) == [("a", 9), ("b", 9), ("c", 15), ("d", 15)]


async def test_an_overdue_deadline_waits_for_what_happened_before_it_was_noticed():
    assert await heard(("a", 3), ("b", 9), deadline_s=5) == [("a", 3), ("b", 9), ("TimePassed", 15)]
