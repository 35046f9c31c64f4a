"""Figures against limits: two levels, no flapping, and nothing said where nothing is known."""

import itertools
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.alarms.thresholds import LEVELS, LOW, NAMES, OF_HOTLINE, SHARES, Level, Limit, Thresholds, step
from acd.words.thresholds import alarm as in_words

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
EVERY = timedelta(seconds=5)


def limit(figure: str = "waiting", warning: float | None = 5, critical: float | None = 10, **more: Any) -> Limit:
    return Limit("orders", figure, warning, critical, "why", **more)


class Floor:
    """One queue whose figures a test sets; looked at every five seconds."""

    def __init__(self, *limits: Limit) -> None:
        self.thresholds, self.at, self.day, self.pbx, self.is_open = Thresholds(), NOON, "2026-03-03", True, True
        self.thresholds.configured(limits)
        self.row: dict[str, float] = {"waiting": 0, "longest_wait_s": 0, "staffed": 3}
        self.counts: dict[str, float] = {}
        self.of_hotline: dict[str, float | None] = {}

    def look(self, looks: int = 1, **row: float) -> list[Level]:
        self.row |= row
        found = []
        for _ in range(looks):
            self.at += EVERY
            counts = {"day": self.day, "total": {}, "queues": {"orders": dict(self.counts)}}
            snapshot = {"pbx": self.pbx, "counts": counts, "queues": [{"name": "orders", **self.row}]}
            crossed = self.thresholds.look(snapshot, self.at, lambda queue: self.is_open, self.of_hotline)
            found += [each.level for each in crossed]
        return found

    def count(self, **more: float) -> None:
        for name, number in more.items():
            self.counts[name] = self.counts.get(name, 0) + number


def test_a_level_rises_after_its_time_and_falls_after_its_time():
    floor = Floor(limit())
    assert floor.look(6, waiting=5) == [], "25 s"
    assert floor.look(waiting=5) == ["warning"]
    assert floor.look(20, waiting=7) == []
    assert floor.look(7, waiting=10) == ["critical"]
    assert floor.look(20, waiting=9) == [], "inside the limit by less than a tenth, at least 1: 9 keeps it"
    assert floor.look(7, waiting=8) == ["warning"]
    assert floor.look(20, waiting=4) == []
    assert floor.look(7, waiting=3) == [""]


@pytest.mark.parametrize(
    ("figure", "warning", "critical", "well", "bad", "grave"),
    [
        ("trunks-ill", 1, 3, 0, 1, 3),
        ("disk-free-mb", 20_000, 5_000, 90_000, 12_000, 100),
        ("lag-s", 1, 5, 0.01, 1.5, 30),
        ("certificate-days", 21, 5, 80, 20, 1),
    ],
)
def test_the_hotline_s_own_figures_have_levels_too_and_one_that_is_not_known_changes_nothing(
    figure: str, warning: float, critical: float, well: float, bad: float, grave: float
):
    assert figure in OF_HOTLINE
    floor = Floor(Limit("", figure, warning, critical, "why"))
    for value, level in ((bad, "warning"), (grave, "critical"), (bad, "warning"), (well, "")):
        floor.of_hotline = {figure: value}
        assert floor.look(8) == [level], value
        floor.of_hotline = {figure: None}
        assert floor.look(20) == []
    said = [
        in_words({"name": NAMES[figure], "figures": {"value": bad, "limit": warning, "why": "x"}}, language)
        for language in ("en", "zh")
    ]
    assert all("?" not in each and "{" not in each for each in said) and said[0] != said[1]


def test_a_peak_is_no_alarm_and_a_peak_within_the_time_makes_no_critical_one():
    floor = Floor(limit())
    for _ in range(10):
        assert floor.look(5, waiting=50) == []
        assert floor.look(waiting=0) == []
    assert floor.look(6, waiting=5) == []
    assert floor.look(waiting=50) == ["warning"]


@pytest.mark.parametrize(
    ("figure", "warning", "critical", "well", "bad", "grave"),
    [
        ("waiting", 5, 10, 0, 6, 11),
        ("longest-wait-s", 60, 180, 12.0, 90.0, 400.0),
        ("staffed", 4, 2, 9, 3, 1),
    ],
)
def test_the_figures_of_this_moment(
    figure: str, warning: float, critical: float, well: float, bad: float, grave: float
):
    floor, field = Floor(limit(figure, warning, critical)), {"longest-wait-s": "longest_wait_s"}.get(figure, figure)
    assert floor.look(10, **{field: well}) == []
    assert floor.look(10, **{field: bad}) == ["warning"]
    assert floor.look(10, **{field: grave}) == ["critical"]
    assert floor.look(10, **{field: well}) == [""]


SHARE_COUNTS = {
    "service-level": ("within_target", "ended_asked", 0.8, 0.5, (1, 10), (7, 10), (3, 10)),
    "abandoned": ("abandoned_queue", "ended_asked", 0.1, 0.3, (0, 10), (2, 10), (5, 10)),
    "three-ring-rate": ("offers_in_time", "offers_rang", 0.9, 0.6, (1, 10), (8, 10), (5, 10)),
}


@pytest.mark.parametrize("figure", SHARES)
def test_a_share_is_that_of_the_latest_minutes(figure: str):
    part, whole, warning, critical, _, bad, grave = SHARE_COUNTS[figure]
    low = figure in LOW
    floor = Floor(limit(figure, warning, critical, window=timedelta(minutes=5)))
    floor.look()
    floor.count(**{part: 100 if low else 0, whole: 100})  # a good hour
    assert floor.look(130) == []
    floor.count(**{part: bad[0], whole: bad[1]})
    assert floor.look(10) == ["warning"], "what was before the window does not make it better"
    floor.look(70)
    floor.count(**{part: grave[0], whole: grave[1]})
    assert "critical" in floor.look(10)
    assert floor.look(80)[-1] == "", "a window without a call is well"


def test_too_few_calls_say_nothing_and_change_nothing():
    floor = Floor(limit("service-level", 0.8, 0.5))
    floor.look()
    floor.count(within_target=0, ended_asked=9)
    assert floor.look(20) == []
    floor.count(within_target=0, ended_asked=1)
    assert floor.look(10) == ["critical"]


def test_midnight_begins_anew_and_is_no_negative_share():
    floor = Floor(limit("abandoned", 0.1, 0.3))
    floor.look()
    floor.count(abandoned_queue=8, ended_asked=20)
    assert floor.look(10) == ["critical"]
    floor.day, floor.counts = "2026-03-04", {}
    assert floor.look(10) == [""]
    floor.count(abandoned_queue=1, abandoned_ringing=5, ended_asked=10)
    assert floor.look(10) == ["critical"], "who gave up while a telephone rang counts too"


def test_while_asterisk_is_away_nothing_is_known_of_a_queue():
    floor = Floor(limit("staffed", 2, 1))
    floor.pbx = False
    assert floor.look(50, staffed=0) == []
    floor.pbx = True
    assert floor.look(50, staffed=0) == ["critical"]
    floor.pbx = False
    assert floor.look(50, staffed=5) == []


def test_nobody_need_be_there_outside_the_hours():
    floor = Floor(limit("staffed", 2, 1))
    assert floor.look(10, staffed=0) == ["critical"]
    floor.is_open = False
    assert floor.look(10) == [""]
    assert floor.look(50) == []


@pytest.mark.parametrize(("figure", "ends_at"), [("staffed", 1), ("waiting", 0)])
def test_the_alarm_of_a_limit_of_one_can_end(figure: str, ends_at: int):
    floor = Floor(limit(figure, 1, None))
    assert floor.look(10, **{figure: 0 if figure == "staffed" else 1}) == ["warning"]
    assert floor.look(10, **{figure: ends_at}) == [""]


def test_a_new_configuration_keeps_the_level_of_what_stays():
    floor = Floor(limit(), limit("staffed", 2, 1))
    assert floor.look(10, waiting=7, staffed=9) == ["warning"]
    floor.thresholds.configured([limit(critical=20)])
    assert floor.look(10) == [] and floor.look(10, waiting=25) == ["critical"]
    floor.thresholds.configured([])
    assert floor.look(10, waiting=90) == []


FIGURES = st.sampled_from(sorted(NAMES))


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    figure = draw(FIGURES)
    highest = 1.0 if figure in SHARES else 50.0
    one, other = sorted(draw(st.lists(st.floats(0.01, highest), min_size=2, max_size=2, unique=True)))
    warning, critical = (other, one) if figure in LOW else (one, other)
    return Limit(
        "orders", figure, *draw(st.sampled_from([(warning, critical), (warning, None), (None, critical)])), "why"
    )


VALUES = st.one_of(st.floats(0, 60), st.floats(0, 1), st.integers(0, 20).map(float))


@given(limits(), VALUES)
def test_every_level_is_one_from_which_there_is_a_way_back(limit: Limit, value: float):
    best = 1.0 if limit.figure in SHARES else math.inf
    for level in LEVELS:
        assert step(limit, level, best if limit.figure in LOW else 0.0) == ""
        once = step(limit, level, value)
        assert step(limit, once, value) == once, "the same value again changes nothing"


def changes(limit: Limit, values: Iterable[float], level: Level = "") -> list[Level]:
    found = [level]
    for value in values:
        if (level := step(limit, level, value)) != found[-1]:
            found.append(level)
    return found


@given(limits(), st.sampled_from(["warning", "critical"]), st.lists(st.floats(-1, 1), min_size=10, max_size=60))
def test_a_figure_that_trembles_about_a_limit_does_not_flap(limit: Limit, which: Level, trembling: list[float]):
    about = limit.of(which)
    if about is None:
        return
    back = limit._back(about)
    begins: Level = "warning" if which == "critical" and limit.warning is not None else ""
    other = limit.of("critical" if which == "warning" else "warning")
    if other is not None and abs(other - about) <= 2.1 * back:
        return  # It trembles about both.
    values = [about + 0.99 * back * each for each in trembling]
    assert len(changes(limit, values, begins)) <= 2, "at most one change, however it trembles"


@given(limits(), st.lists(st.tuples(VALUES, st.integers(1, 12)), max_size=25))
def test_between_two_changes_there_is_at_least_the_time_that_it_must_hold(limit: Limit, story: list[tuple[float, int]]):
    if limit.figure in SHARES:
        return
    floor, field = Floor(limit), {"longest-wait-s": "longest_wait_s"}.get(limit.figure, limit.figure)
    at: list[datetime] = []
    level: Level = ""
    for value, looks in story:
        for _ in range(looks):
            for crossed in floor.look(1, **{field: value}):
                assert crossed != level, "a level is told once"
                at.append(floor.at)
                level = crossed
    assert all(later - sooner >= limit.hold for sooner, later in itertools.pairwise(at))
