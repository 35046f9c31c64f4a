"""The daemon's book: over a restart with its journal alone, and what ends when nobody tells the end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.config import Config
from acd.daemon.alarms import STILL_STANDS_WITHIN, AlarmKeeper
from acd.daemon.rebuild import ALARMS, rebuilt
from acd.daemon.recurring import Recurring
from acd.daemon.watchdogs.thresholds import ThresholdWatch
from acd.engine.acd import Acd
from acd.engine.alarm_events import AlarmCleared, AlarmSeen
from acd.engine.commands import Log
from acd.engine.events import AlarmRaised, Event
from acd.engine.model import AgentProfile, Queue, Rules
from acd.store.journal.journal import Journal
from tests.store.support.closed_journals import closed_journals

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def anew() -> Acd:
    return Acd([Queue("orders")], [AgentProfile("1001")], Rules())


@pytest.fixture(autouse=True)
def journals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with closed_journals(monkeypatch, globals()):
        yield


class House:
    """A journal, an engine and a book, as the daemon joins them."""

    def __init__(self, folder: Path, at: datetime = NOON) -> None:
        self.at, self.told = at, list[Event]()
        self.journal = Journal(folder)
        self.alarms = AlarmKeeper(self.tell, lambda: self.at)
        self.engine = rebuilt(self.journal, anew, alarms=self.alarms)

    def tell(self, event: Event) -> None:
        if not self.alarms.passes(event):
            return
        self.at += timedelta(seconds=1)
        self.told.append(event)
        commands = self.engine.handle(event, self.at)
        self.journal.append(self.at, event, [row for row in commands if isinstance(row, Log)])
        self.alarms.heard(self.at, event, commands)

    def checkpoint(self) -> None:
        self.journal.checkpoint(self.at, self.engine.checkpoint() | {ALARMS: self.alarms.kept()})

    def open(self) -> list[tuple[str, str, int]]:
        return [(row["kind"], row["subject"], row["times"]) for row in self.alarms.open()]


@pytest.mark.parametrize("checkpoint_after", [0, 1, 2, 3, 4])
def test_a_restart_changes_nothing_wherever_the_checkpoint_was(tmp_path: Path, checkpoint_after: int):
    house = House(tmp_path)
    events: tuple[Event, ...] = (
        AlarmRaised("asterisk deaf", "x"),
        AlarmRaised("trunk-no-answer", "carrier|12:00", subject="carrier"),
        AlarmSeen("asterisk deaf", "", "xiaoli"),
        AlarmRaised("asterisk deaf", "y"),
    )
    for number, event in enumerate(events):
        if number == checkpoint_after:
            house.checkpoint()
        house.tell(event)
    before = house.alarms.all()
    house.journal.close()  # as at a kill: what was synced is there, and nothing is written afterwards
    again = House(tmp_path, house.at)
    assert again.alarms.all() == before and again.told == []
    assert again.open() == [("asterisk-deaf", "", 2), ("trunk-no-answer", "carrier", 1)]
    again.tell(AlarmRaised("loop blocked", "z"))
    assert next(row["number"] for row in again.alarms.open() if row["kind"] == "loop-blocked") == 3


@pytest.mark.parametrize("kept", [[], 7, {"format": 9}, {"format": 1, "open": "no"}])
def test_a_book_that_can_not_be_read_keeps_no_daemon_from_starting(tmp_path: Path, kept: object):
    journal = Journal(tmp_path)
    journal.checkpoint(NOON, anew().checkpoint() | {ALARMS: kept})
    journal.close()
    house = House(tmp_path)
    assert house.open() == []
    house.tell(AlarmRaised("asterisk deaf", "x"))
    assert len(house.open()) == 1


def test_an_end_of_what_is_not_open_makes_no_row(tmp_path: Path):
    house = House(tmp_path)
    house.tell(AlarmCleared("asterisk deaf"))
    assert house.told == []
    house.tell(AlarmRaised("asterisk deaf", "x"))
    house.tell(AlarmCleared("asterisk deaf"))
    assert house.open() == [] and len(house.told) == 2
    house.tell(AlarmCleared("asterisk deaf"))
    assert len(house.told) == 2


def test_an_end_that_comes_before_its_alarm_was_handled_is_not_lost():
    inbox: list[Event] = []
    alarms = AlarmKeeper(inbox.append, lambda: NOON)
    engine = anew()
    for event in (AlarmRaised("bad line", "x", subject="trunk carrier"), AlarmCleared("bad line", "trunk carrier")):
        assert alarms.passes(event), "both wait in the inbox"
        inbox.append(event)
    for told in inbox:
        alarms.heard(NOON, told, engine.handle(told, NOON))
    assert alarms.open() == [] and len(alarms.book.over()) == 1
    assert not alarms.passes(AlarmCleared("bad line", "trunk carrier"))


async def test_after_a_restart_what_no_watchdog_finds_any_more_is_over(tmp_path: Path):
    house = House(tmp_path)
    house.tell(AlarmRaised("asterisk deaf", "x"))
    house.tell(AlarmRaised("asterisk overloaded", "x"))
    house.tell(AlarmRaised("recording silent", "x"))
    house.journal.close()
    again = House(tmp_path, house.at)
    await again.alarms.look()
    again.tell(AlarmRaised("asterisk overloaded", "still so"))
    again.at += STILL_STANDS_WITHIN - timedelta(minutes=1)
    await again.alarms.look()
    assert len(again.open()) == 3, "the slowest watchdog has not looked yet"
    again.at += timedelta(minutes=1)
    await again.alarms.look()
    assert again.open() == [("asterisk-overloaded", "", 2), ("recording-silent", "", 1)]
    again.at += STILL_STANDS_WITHIN * 2
    await again.alarms.look()
    assert len(again.open()) == 2, "a running watchdog tells its ends itself"


def test_what_the_configuration_has_no_more_has_no_alarm(tmp_path: Path):
    house = House(tmp_path)
    for event in (
        AlarmRaised("trunk-no-answer", "carrier|12:00"),
        AlarmRaised("trunk-no-answer", "gone|12:00"),
        AlarmRaised("bad line", "x", subject="trunk carrier"),
        AlarmRaised("bad line", "x", subject="trunk gone"),
        AlarmRaised("bad line", "x", subject="agent 1001"),
        AlarmRaised("telephone no-voice", "x", subject="1001"),
        AlarmRaised("self-call failed", "x", subject="local loop"),
        AlarmRaised("queue waiting", "x", subject="orders"),
        AlarmRaised("queue waiting", "x", subject="gone"),
        AlarmRaised("no such queue", "x", subject="orders"),
    ):
        house.tell(event)
    config = Config.model_validate(
        {
            "hotline": {"name": "Test"},
            "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
            "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
        }
    )
    house.alarms.configured(config)
    assert sorted(house.open()) == [
        ("bad-line", "trunk carrier", 1),
        ("queue-waiting", "orders", 1),
        ("self-call-failed", "local loop", 1),
        ("trunk-no-answer", "carrier", 1),
    ]


async def test_work_that_goes_well_again_ends_its_alarm_also_after_a_restart(tmp_path: Path):
    async def fails() -> None:
        raise OSError("no room")

    async def works() -> None: ...

    house = House(tmp_path)
    await Recurring(house.tell).round("sweep", fails())
    assert house.open() == [("background-work-failed", "sweep", 1)]
    house.journal.close()
    again = House(tmp_path, house.at)
    recurring = Recurring(again.tell)
    await recurring.round("other work", works())
    assert len(again.open()) == 1 and again.told == []
    await recurring.round("sweep", works())
    assert again.open() == []


@pytest.mark.parametrize("staffed", [0, 5])
async def test_a_figure_that_became_well_while_no_daemon_ran_ends_its_alarm_and_one_that_did_not_keeps_it(
    tmp_path: Path, staffed: int
):
    def watched(house: House, agents: int) -> ThresholdWatch:
        counts = {"day": "2026-03-03", "queues": {}}
        snapshot = {"pbx": True, "counts": counts, "queues": [{"name": "orders", "staffed": agents}]}
        return ThresholdWatch(
            lambda: snapshot, lambda queue: True, house.tell, lambda: house.at, house.alarms.book.open
        )

    row = {"figure": "staffed", "critical": 2, "for_s": 0, "why": "two at least"}
    queues = {"orders": {"label": {"zh": "订单", "en": "Orders"}}}
    with_limit = Config.model_validate({"hotline": {"name": "Test"}, "queues": queues, "alarms": {"thresholds": [row]}})
    house = House(tmp_path)
    watch = watched(house, 0)
    watch.configured(with_limit)
    await watch.look()
    assert house.open() == [("queue-staffed", "orders", 1)]
    house.journal.close()
    again = House(tmp_path, house.at)
    watch = watched(again, staffed)
    watch.configured(with_limit)
    await watch.look()
    await again.alarms.look()
    again.at += STILL_STANDS_WITHIN
    await again.alarms.look()
    assert again.open() == ([] if staffed else [("queue-staffed", "orders", 1)])
    watch.configured(Config.model_validate({"hotline": {"name": "Test"}, "queues": queues}))
    assert again.open() == [], "without a limit there is no alarm"


async def test_a_figure_of_the_hotline_raises_one_alarm_and_ends_it(tmp_path: Path):
    house, figures = House(tmp_path), {"lag-s": 0.0}
    row = {"figure": "lag-s", "warning": 1, "critical": 5, "for_s": 0, "why": "pages lag"}
    queues = {name: {"label": {"zh": name, "en": name}} for name in ("orders", "sales")}
    with_limit = Config.model_validate({"hotline": {"name": "Test"}, "queues": queues, "alarms": {"thresholds": [row]}})
    snapshot = {"pbx": True, "counts": {"day": "2026-03-03", "queues": {}}, "queues": []}
    watch = ThresholdWatch(
        lambda: snapshot, lambda queue: True, house.tell, lambda: house.at, house.alarms.book.open, lambda: figures
    )
    watch.configured(with_limit)
    for value, is_open in ((0.1, []), (2.0, [("events-late", "", 1)]), (0.1, [])):
        figures["lag-s"] = value
        await watch.look()
        assert house.open() == is_open
