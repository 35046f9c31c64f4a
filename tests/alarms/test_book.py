"""The book of alarms: what is one alarm, what ends it, what is kept of it, and that it is the same after a restart."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.alarms.book import OPEN, OVER, SEEN, STEPS, Book
from acd.alarms.kinds import ENDED_BY_ALARM, ENDED_BY_ROW, KINDS, code
from acd.engine.commands import Kind, Log

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def raised(name: str, detail: str = "", call: str = "", agent: str = "", queue: str = "", **more: Any) -> Log:
    return Log(Kind.ALARM, call, agent, "", queue, {"name": name, "detail": detail, **more})


class Told:
    """A book that is told rows, a second apart."""

    def __init__(self) -> None:
        self.book, self.at = Book(), NOON

    def __call__(self, *rows: Log) -> list[str]:
        """What changed, as "raised recording silent"."""
        changes = []
        for row in rows:
            self.at += timedelta(seconds=1)
            changes += [f"{change.what} {change.alarm.name}" for change in self.book.take(self.at, row)]
        return changes

    def open(self) -> list[tuple[str, str]]:
        return [alarm.key for alarm in self.book.open()]


@pytest.fixture
def told() -> Told:
    return Told()


def test_the_same_kind_about_the_same_is_one_alarm_that_repeats(told: Told):
    told(raised("trunk-no-answer", "carrier|12:00"), raised("trunk-no-answer", "backup|12:00"))
    assert told(raised("trunk-no-answer", "carrier|12:05")) == ["repeated trunk-no-answer"]
    carrier = next(alarm for alarm in told.book.open() if alarm.subject == "carrier")
    assert (carrier.number, carrier.times, carrier.severity) == (1, 2, "critical")
    assert carrier.raised_at == NOON + timedelta(seconds=1) and carrier.last_at == NOON + timedelta(seconds=3)
    assert carrier.detail["detail"] == "carrier|12:05"


ENDINGS = [
    (raised("trunk-not-registered", "carrier|x"), raised("trunk-well", "carrier|y|not-registered|3")),
    (raised("calls refused", "3 refused"), raised("calls taken again", "after 4 s")),
    (raised("recordings disk stalls", "/r"), raised("recordings disk answers again", "/r: after 4 s")),
    (raised("AMI login refused"), Log(Kind.PBX, detail={"state": "found"})),
    (raised("asterisk hung"), Log(Kind.PBX, detail={"state": "restarted"})),
    (raised("agent logged out", agent="1001"), Log(Kind.AGENT_STATE, agent="1001", detail={"state": "idle"})),
    (raised("caller forgotten on hold", call="c1"), Log(Kind.HOLD, "c1", "1001", detail={"state": "retrieved"})),
    (raised("caller forgotten on hold", call="c1"), Log(Kind.TALK_ENDED, "c1", "1001")),
    (raised("caller forgotten on hold", call="c1"), Log(Kind.ENDED, "c1")),
    (raised("call cannot be connected", call="c1"), Log(Kind.CONNECTED, "c1", "1001")),
    (raised("telephone refuses", agent="1001"), Log(Kind.PHONE, agent="1001", detail={"habit": "", "was": "forwards"})),
    (
        raised("telephone no-voice", agent="1001"),
        Log(Kind.PHONE, agent="1001", detail={"habit": "", "was": "no-voice"}),
    ),
    (raised("loop blocked"), Log(Kind.ALARM_CLEARED, detail={"name": "loop blocked", "subject": "", "by": "li"})),
]
NO_ENDINGS = [
    (raised("trunk-not-registered", "carrier|x"), raised("trunk-well", "backup|y|not-registered|3")),
    (raised("trunk-not-registered", "carrier|x"), raised("trunk-well", "carrier|y|no-answer|3")),
    (raised("AMI login refused"), Log(Kind.PBX, detail={"state": "lost"})),
    (raised("agent logged out", agent="1001"), Log(Kind.AGENT_STATE, agent="1001", detail={"state": "logged out"})),
    (raised("agent logged out", agent="1001"), Log(Kind.AGENT_STATE, agent="1002", detail={"state": "idle"})),
    (raised("caller forgotten on hold", call="c1"), Log(Kind.HOLD, "c1", detail={"state": "reminder"})),
    (raised("caller forgotten on hold", call="c1"), Log(Kind.ENDED, "c2")),
    (raised("telephone no-voice", agent="1001"), Log(Kind.PHONE, agent="1001", detail={"reachable": True})),
    (raised("telephone no-voice", agent="1001"), Log(Kind.PHONE, agent="1001", detail={"habit": "", "was": "fails"})),
    (raised("loop blocked"), Log(Kind.ALARM_CLEARED, detail={"name": "loop blocked", "subject": "other"})),
    (raised("loop blocked"), Log(Kind.ENDED, "c1")),
]


@pytest.mark.parametrize(("row", "end"), ENDINGS, ids=lambda row: f"{row.kind}-{row.detail.get('name', '')}")
def test_an_alarm_is_over_when_its_row_says_so_and_the_next_one_is_another(told: Told, row: Log, end: Log):
    told(row)
    assert told(end) == [f"cleared {row.detail['name']}"]
    assert told.open() == [] and told.book.over()[0].cleared_at == told.at
    assert told(row) == [f"raised {row.detail['name']}"] and told.book.open()[0].number == 2


@pytest.mark.parametrize(("row", "other"), NO_ENDINGS, ids=lambda row: f"{row.kind}-{row.detail.get('name', '')}")
def test_a_row_about_another_thing_ends_nothing(told: Told, row: Log, other: Log):
    told(row)
    assert told(other) == [] and len(told.open()) == 1


def test_who_has_seen_it_is_kept_until_it_becomes_worse(told: Told):
    seen = Log(Kind.ALARM_SEEN, detail={"name": "queue waiting", "subject": "orders", "by": "xiaoli"})
    told(raised("queue waiting", subject="orders", severity="warning"))
    assert told(seen, seen) == ["seen queue waiting"], "the second time tells nothing new"
    assert list(told.book.open()[0].seen) == ["xiaoli"]
    assert told(raised("queue waiting", subject="orders", severity="critical")) == ["worse queue waiting"]
    assert told.book.open()[0].seen == {}
    assert told(raised("queue waiting", subject="orders", severity="warning")) == ["better queue waiting"]
    steps = [step.what for step in told.book.open()[0].steps]
    assert steps == ["raised", "seen", "worse", "better"]


def test_what_nobody_has_open_can_not_be_seen_or_cleared(told: Told):
    named = {"name": "loop blocked", "subject": "", "by": "li"}
    assert told(Log(Kind.ALARM_SEEN, detail=named), Log(Kind.ALARM_CLEARED, detail=named)) == []


def test_the_critical_come_first_and_of_these_the_latest(told: Told):
    told(raised("loop blocked"), raised("asterisk deaf"), raised("out of step"), raised("calls refused"))
    assert [name for name, _ in told.open()] == ["calls refused", "asterisk deaf", "out of step", "loop blocked"]


def test_there_is_a_bound_to_everything_that_strangers_can_make_grow(told: Told):
    told(raised("asterisk deaf"))
    for number in range(OPEN + OVER + 50):
        told(raised("call cannot be connected", call=f"c{number}"))
    assert len(told.open()) == OPEN and len(told.book.over()) == OVER
    assert ("asterisk deaf", "") in told.open(), "a critical one stays"
    for number in range(STEPS + 50):
        told(raised("asterisk deaf", f"look {number}"))
        told(Log(Kind.ALARM_SEEN, detail={"name": "asterisk deaf", "subject": "", "by": f"person{number}"}))
    deaf = next(alarm for alarm in told.book.open() if alarm.name == "asterisk deaf")
    assert len(deaf.steps) == STEPS and len(deaf.seen) == SEEN
    assert deaf.steps[0].what == "raised" and deaf.steps[-1].by == f"person{STEPS + 49}"


def test_every_end_names_a_kind_that_can_end_and_codes_are_words_for_machines():
    ended = {*ENDED_BY_ALARM.values(), *(name for names in ENDED_BY_ROW.values() for name in names)}
    assert ended <= KINDS.keys()
    assert [name for name in ended if KINDS[name].ends == "operator"] == []
    codes = [code(name) for name in KINDS]
    assert len(set(codes)) == len(codes) and not [each for each in codes if set(each) & set(" '\"")]


ROWS = st.sampled_from(
    [
        *(row for pair in ENDINGS + NO_ENDINGS for row in pair),
        raised("queue waiting", subject="orders", severity="critical"),
        raised("a name of another version", "x"),
        Log(Kind.ALARM_SEEN, detail={"name": "queue waiting", "subject": "orders", "by": "xiaoli"}),
        Log(Kind.ALARM_CLEARED, detail={"name": "queue waiting", "subject": "orders"}),
        Log(Kind.ALARM, detail={}),
        Log(Kind.ALARM, detail={"name": "trunk-well", "detail": "cut short"}),
        Log(Kind.ALARM_CLEARED, detail={}),
    ]
)


@given(st.lists(ROWS, max_size=40), st.integers(0, 40))
def test_a_checkpoint_in_between_changes_nothing(rows: list[Log], cut: int):
    whole, before = Told(), Told()
    whole(*rows)
    before(*rows[:cut])
    after = Told()
    after.book, after.at = Book.restore(json.loads(json.dumps(before.book.kept()))), before.at
    after(*rows[cut:])
    assert after.book.kept() == whole.book.kept()


@pytest.mark.parametrize(
    "kept", [{}, {"format": 2}, {"format": 1}, {"format": 1, "number": 1, "open": [{}], "over": []}]
)
def test_a_book_of_another_format_is_refused(kept: dict[str, Any]):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Book.restore(kept)
