"""Order is kept, what is wished for is written down first, and a bug costs its event only. Real engine, real journal."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.clock import Clock
from acd.engine.acd import Acd
from acd.engine.commands import Deed, Kind, Log, Offer
from acd.engine.events import (
    AgentDialled,
    AgentReady,
    AgentRinging,
    AlarmRaised,
    CallArrived,
    CallerHungUp,
    CallQueued,
    Event,
    PbxFound,
    PhoneChanged,
)
from acd.engine.model import AgentProfile, Queue, Rules
from acd.store.journal.journal import Journal
from acd.store.journal.journal_follower import Follower
from acd.switchboard import Switchboard
from tests.support.waiting import eventually


class House:
    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder)
        self.follower = Follower(folder)
        rules = Rules(ring=timedelta(seconds=0.05), rings=2)
        self.engine = Acd([Queue("billing")], [AgentProfile("1001"), AgentProfile("1002")], rules)
        self.carried: list[Any] = []
        self.on_disk_when_carried: list[set[str]] = []
        self.switchboard = Switchboard(self.engine, self.journal, Clock().now, self.carry_out)

    async def carry_out(self, command: Deed) -> None:
        self.carried.append(command)
        self.on_disk_when_carried.append({row.offer for _, row in self.follower.new_rows() if row.kind is Kind.OFFERED})

    def tell(self, *events: Event) -> None:
        for event in events:
            self.switchboard.tell(event)

    async def until(self, count: int) -> None:
        await eventually(lambda: len(self.carried) >= count, f"{count} commands carried out")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    running = asyncio.create_task(house.switchboard.run())
    house.tell(PbxFound(()), *(PhoneChanged(a, True) for a in ("1001", "1002")), AgentReady("1001"), AgentReady("1002"))
    yield house
    house.switchboard.stop()
    await running
    house.journal.close()


def queued(call: str) -> tuple[Event, Event]:
    return CallArrived(call, "13800001111"), CallQueued(call, "billing")


async def test_an_offer_is_on_disk_before_it_goes_out(house: House):
    house.tell(*queued("c1"), *queued("c2"))
    await house.until(2)
    assert [command.agent for command in house.carried] == ["1001", "1002"]
    for command, on_disk in zip(house.carried, house.on_disk_when_carried, strict=True):
        assert command.offer in on_disk or command.offer in house.on_disk_when_carried[0]


async def test_an_offer_goes_out_while_other_work_keeps_every_thread(house: House):
    """As a recordings folder on a share that hangs does, when it is asked for its free space again and again."""
    stalled, over = threading.Semaphore(0), threading.Event()

    def stalls() -> None:
        stalled.release()
        over.wait()

    work = [asyncio.create_task(asyncio.to_thread(stalls)) for _ in range(40)]
    try:
        # There are at most 32 threads (asyncio): the rest waits for one, and so would whatever is asked for next.
        await eventually(lambda: stalled.acquire(blocking=False), "work that stalls")
        house.tell(*queued("c1"))
        await house.until(1)
    finally:
        over.set()
        await asyncio.gather(*work)


async def test_the_alarm_clock_rings_by_itself(house: House):
    house.tell(*queued("c1"))
    await house.until(1)
    offer = house.carried[0].offer
    house.tell(AgentDialled("1001", "c1", offer), AgentRinging("1001", "c1", offer))
    await house.until(2)
    second = house.carried[1]
    assert isinstance(second, Offer)
    assert (second.agent, second.supersedes) == ("1002", offer)


async def test_events_are_heard_in_the_order_in_which_they_were_told(house: House):
    heard: list[Event] = []
    house.switchboard.listen(lambda at, event, commands: heard.append(event))
    told: list[Event] = [event for n in range(200) for event in (*queued(f"c{n}"), CallerHungUp(f"c{n}"))]
    house.tell(*told)
    async with asyncio.timeout(30):
        while len(heard) < len(told):
            await asyncio.sleep(0.005)
    assert [event for event in heard if event in told] == told


async def test_who_listens_first_has_heard_of_the_offer_when_the_telephone_rings(house: House):
    first: list[int] = []
    after: list[int] = []
    house.switchboard.listen(lambda at, event, rows: first.append(len(house.carried)), first=True)
    house.switchboard.listen(lambda at, event, rows: after.append(len(house.carried)))
    house.tell(*queued("c1"))
    await house.until(1)
    await eventually(lambda: 1 in after, "the listener that comes after")
    assert set(first) == {0}


async def test_a_bug_in_the_engine_costs_its_event_and_not_the_loop(house: House, caplog: pytest.LogCaptureFixture):
    class Unheard:
        pass

    letters: list[AlarmRaised] = []
    house.switchboard.listen(lambda at, event, rows: letters.append(event) if isinstance(event, AlarmRaised) else None)
    house.switchboard.tell(Unheard())  # type: ignore[arg-type]
    house.tell(*queued("c1"))
    await house.until(1)
    # Its dead letter is an alarm, which the call log keeps.
    await eventually(lambda: letters, "the alarm")
    [letter] = letters
    assert letter.name == "event left out" and "Unheard" in letter.detail


async def test_a_listener_that_fails_does_not_stop_the_house(house: House):
    def fails(at: datetime, event: Event, commands: list[object]) -> None:
        raise RuntimeError("listener")

    house.switchboard.listen(fails)  # type: ignore[arg-type]
    house.tell(*queued("c1"), *queued("c2"))
    await house.until(2)


async def test_a_start_after_the_journal_is_where_the_last_one_stopped(tmp_path: Path):
    first = House(tmp_path)
    running = asyncio.create_task(first.switchboard.run())
    first.tell(PbxFound(()), PhoneChanged("1001", True), AgentReady("1001"), *queued("c1"))
    await first.until(1)
    first.switchboard.stop()
    await running
    first.journal.close()

    second = Journal(tmp_path)
    state, events = second.last()
    assert state is None
    again = Acd([Queue("billing")], [AgentProfile("1001"), AgentProfile("1002")], Rules(timedelta(seconds=0.05), 2))
    for at, event in events:
        again.handle(event, at)
    now = datetime.now(UTC)
    assert again.snapshot(now)["calls"][0]["call"] == "c1"
    assert again.snapshot(now)["calls"][0]["agent"] == "1001"
    second.close()


async def test_what_cannot_be_carried_out_is_said_and_the_next_goes_on(tmp_path: Path):
    house = House(tmp_path)

    async def refuses_once(command: Deed) -> None:
        house.carried.append(command)
        if len(house.carried) == 1:
            raise RuntimeError("no way")

    house.switchboard = Switchboard(house.engine, house.journal, Clock().now, refuses_once)
    running = asyncio.create_task(house.switchboard.run())
    house.tell(PbxFound(()), *(PhoneChanged(a, True) for a in ("1001", "1002")), AgentReady("1001"), AgentReady("1002"))
    house.tell(*queued("c1"), *queued("c2"))
    await house.until(2)
    house.switchboard.stop()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    house.journal.close()


def test_a_row_of_the_log_is_a_frozen_thing():
    with pytest.raises(AttributeError):
        Log(Kind.ARRIVED).call = "c1"  # type: ignore[misc]
