"""Somebody sets a clock an hour back or forward: ours, Asterisk's, or the machine's. Durations are unharmed."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd import clock as clock_room
from acd.clock import Clock
from acd.engine.acd import Acd
from acd.engine.commands import Kind, Log
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallQueued,
    Event,
    PbxFound,
    PhoneChanged,
)
from acd.engine.model import AgentProfile, Queue, Rules
from acd.pbx.ami.asterisk_clock import AsteriskClock
from acd.store.journal.journal import Journal
from acd.switchboard import Switchboard

HOUR_S = 3600.0


class Passing:
    """Time that passes when told to: the monotonic clock, and a wall clock that somebody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s, self.wall_s = 1000.0, 1_800_000_000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.s)
        monkeypatch.setattr(time, "time", lambda: self.wall_s)
        passing = self

        class Wall(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.fromtimestamp(passing.wall_s, tz or UTC)

        monkeypatch.setattr(clock_room, "datetime", Wall)

    def passes(self, seconds: float) -> None:
        self.s += seconds
        self.wall_s += seconds


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    return Passing(monkeypatch)


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_houses_clock_goes_on_when_the_machines_is_set(passing: Passing, hours: int):
    clock = Clock()
    before = clock.now()
    passing.passes(60)
    passing.wall_s += hours * HOUR_S
    assert clock.now() - before == timedelta(seconds=60)


class Wire:
    """The reading end of a link, as far as its times go."""

    def __init__(self, passing: Passing) -> None:
        self._passing = passing
        self.clock = AsteriskClock()

    def brings(self, *stamps: float) -> list[float]:
        """Messages with these stamps are read at once; how old each is."""
        ages = []
        for stamp in stamps:
            message = {"Timestamp": f"{stamp:.6f}"}
            self.clock.told(message)
            ages.append(self.clock.age_s(message) or 0.0)
        self.clock.emptied(self._passing.s)
        return ages


@pytest.mark.parametrize("set_s", [-HOUR_S, -5.0, 5.0, HOUR_S])
def test_a_message_is_as_old_as_it_is_whatever_the_clocks_say(passing: Passing, set_s: float):
    wire = Wire(passing)
    theirs = passing.wall_s
    assert wire.brings(theirs) == [0]
    for _ in range(3):
        passing.passes(2)
        assert wire.brings(passing.wall_s) == pytest.approx([0])
    passing.wall_s += set_s  # the machine's clock: both see it
    passing.passes(0.5)
    assert max(wire.brings(passing.wall_s)) <= 0.5
    for _ in range(3):
        passing.passes(2)
        assert wire.brings(passing.wall_s) == pytest.approx([0], abs=0.01)
        assert wire.clock.now() == pytest.approx(passing.wall_s, abs=0.01)


@pytest.mark.parametrize("ahead_s", [-HOUR_S, HOUR_S])
def test_a_clock_of_asterisks_own_is_learnt(passing: Passing, ahead_s: float):
    wire = Wire(passing)
    for _ in range(3):
        passing.passes(1)
        assert wire.brings(passing.wall_s + ahead_s) == pytest.approx([0])
    assert wire.clock.now() == pytest.approx(passing.wall_s + ahead_s)


def test_what_piled_up_while_we_did_not_run_is_as_old_as_it_says(passing: Passing):
    wire = Wire(passing)
    wire.brings(passing.wall_s)
    passing.passes(30)
    now = passing.wall_s
    assert wire.brings(now - 29, now - 10, now) == pytest.approx([29, 10, 0])


@pytest.mark.parametrize("set_s", [-HOUR_S, HOUR_S])
async def test_a_talk_lasts_as_long_as_it_lasted_when_the_clock_is_set_in_its_midst(
    passing: Passing, tmp_path: Path, set_s: float
):
    clock, wire, rows = Clock(), Wire(passing), list[Log]()
    engine = Acd([Queue("billing")], [AgentProfile("1001")], Rules())
    journal = Journal(tmp_path)

    async def nothing(command: object) -> None: ...

    board = Switchboard(engine, journal, clock.now, nothing)
    board.listen(lambda at, event, commands: rows.extend(c for c in commands if isinstance(c, Log)))

    async def happens(*events: Event) -> None:
        """Told as the link tells it: with the time that Asterisk's stamp means."""
        age_s = wire.brings(passing.wall_s)[0]
        batch: list[tuple[Event, datetime | None]] = [
            (event, clock.now() - timedelta(seconds=age_s)) for event in events
        ]
        await board._serve(batch)

    await happens(PbxFound(()), PhoneChanged("1001", True), AgentReady("1001"))
    await happens(CallArrived("c1", "13800001111"), CallQueued("c1", "billing"))
    leg = ("1001", "c1", "c1-1")
    passing.passes(1)
    await happens(AgentDialled(*leg), AgentRinging(*leg))
    passing.passes(3)
    await happens(AgentAnswered(*leg), CallBridged(*leg))
    passing.passes(40)
    passing.wall_s += set_s
    passing.passes(0.2)
    await happens(PhoneChanged("1001", True))  # anything at all
    passing.passes(19.8)
    await happens(BridgeEnded(*leg, "agent"))
    (ended,) = [row for row in rows if row.kind is Kind.TALK_ENDED]
    assert ended.detail["talk_s"] == pytest.approx(60, abs=0.01)
    (answered,) = [row for row in rows if row.kind is Kind.ANSWERED]
    assert answered.detail["ring_s"] == pytest.approx(3, abs=0.01)
    journal.close()
