"""What is told outside: at once, and then quietly; and what is open in the end has been told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.alarms.book import Book
from acd.alarms.quiet import Quiet
from acd.engine.commands import Kind, Log

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Night:
    """A book, and somebody who is told of it outside."""

    def __init__(self, least: str = "warning") -> None:
        self.book, self.quiet, self.at, self.least = Book(), Quiet(), NOON, least
        self.believed: set[str] = set()
        """What whoever is told believes to be open."""
        self.number = 0

    def __call__(self, row: Log, later: timedelta = MINUTE) -> list[str]:
        self.at += later
        said = []
        for change in self.book.take(self.at, row):
            if self.quiet.take(change, self.at, HOUR, self.least):
                said.append(change.what)
                self._believe(change.what, change.alarm.name)
        return said + self.look()

    def look(self) -> list[str]:
        said = []
        for key in self.quiet.due(self.at, HOUR):
            alarm = next((alarm for alarm in self.book.open() if alarm.key == key), None)
            if alarm is None:
                self.quiet.forget(key)
            else:
                self.quiet.tell(alarm, self.at)
                said.append("later")
                self._believe("raised", alarm.name)
        return said

    def _believe(self, what: str, name: str) -> None:
        self.number += 1
        self.believed.discard(name) if what == "cleared" else self.believed.add(name)


def raised(name: str = "asterisk deaf", **more: Any) -> Log:
    return Log(Kind.ALARM, detail={"name": name, "detail": "x", **more})


def cleared(name: str = "asterisk deaf", by: str = "") -> Log:
    return Log(Kind.ALARM_CLEARED, detail={"name": name, "subject": "", "by": by})


def test_repetitions_are_told_once_an_hour():
    night = Night()
    said = [night(raised()) for _ in range(180)]
    assert sum(map(len, said)) == 3 and said[0] == ["raised"] and said[60] == ["repeated"]


def test_an_alarm_that_comes_and_goes_is_told_twice_an_hour_and_in_the_end_as_it_is():
    night = Night()
    for _ in range(25):
        night(raised())
        night(cleared())
    assert night.number == 2 and not night.believed
    night(raised())
    assert night.number == 2, "not yet"
    night.at += HOUR
    assert night.look() == ["later"] and night.believed == {"asterisk deaf"}
    assert night(cleared()) == ["cleared"]


def test_worse_is_told_at_once_and_better_is_not():
    night = Night()
    assert night(raised("queue waiting", severity="warning")) == ["raised"]
    assert night(raised("queue waiting", severity="critical")) == ["worse"]
    assert night(raised("queue waiting", severity="warning")) == []
    assert night(raised("queue waiting", severity="critical")) == [], "told within the hour already"


@pytest.mark.parametrize(("name", "said"), [("asterisk deaf", ["raised"]), ("loop blocked", [])])
def test_a_warning_wakes_nobody_who_asked_for_the_critical_ones(name: str, said: list[str]):
    night = Night(least="critical")
    assert night(raised(name)) == said
    assert night(cleared(name)) == (["cleared"] if said else [])


def test_after_a_restart_what_stands_is_not_told_again_and_its_end_is():
    night = Night()
    night(raised())
    night.quiet = Quiet()
    night.quiet.known(night.book.open(), night.at)
    assert night(raised()) == [] and night(cleared()) == ["cleared"]


NAMES = ("asterisk deaf", "queue waiting", "loop blocked")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["raise", "grave", "clear", "wait"]),
            st.sampled_from(NAMES),
            st.integers(0, 90).map(lambda m: m * MINUTE),
        ),
        max_size=60,
    )
)
def test_after_an_hour_of_rest_everybody_believes_what_is_so(story: list[tuple[str, str, timedelta]]):
    night = Night()
    for what, name, later in story:
        if what == "wait":
            night.at += later
            night.look()
        else:
            row = cleared(name) if what == "clear" else raised(name, severity="critical" if what == "grave" else "")
            night(row, later)
    night.at += HOUR
    night.look()
    assert night.believed == {alarm.name for alarm in night.book.open()}


@given(st.lists(st.sampled_from([raised(), cleared()]), max_size=120))
def test_however_it_flaps_within_an_hour_two_notices_are_enough(rows: list[Log]):
    night = Night()
    for row in rows:
        night(row, timedelta(seconds=20))
    assert night.number <= 2
