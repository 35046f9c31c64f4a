"""What a figure says, when it says little, and how it is written; every figure has its words and its definition."""

import re
from pathlib import Path

import pytest

from acd.config import Target
from acd.reports.contents import BY, added, row
from acd.reports.figures import FEW, FIGURES, Kind, written
from acd.store.queries.agent_kpi import AgentKpi
from acd.store.queries.kpi import Kpi
from acd.words.reports import FIGURES as WORDS_OF
from acd.words.reports import WORDS
from tests.reports.sample import MADE, queue_counts, report
from tests.test_docs import slugs

DEFINITIONS = Path(__file__).parents[2] / "docs" / "definitions.md"
LABEL = {"en": "x", "zh": "x"}


@pytest.mark.parametrize("by", BY)
def test_every_figure_has_a_label_and_a_definition_in_both_languages_and_its_heading_in_the_docs(by: str):
    headings = slugs(DEFINITIONS)
    for figure in FIGURES[by]:
        words = WORDS_OF[figure.name]
        assert words.anchor in headings
        for text in (words.label, words.definition):
            assert set(text) == {"en", "zh"} and all(text.values())
            assert re.search(r"[\u4e00-\u9fff]", text["zh"]) and not re.search(r"[\u4e00-\u9fff]", text["en"])
    assert {figure.name for each in FIGURES.values() for figure in each} == set(WORDS_OF)


def test_every_word_has_the_same_values_in_both_languages():
    for code, both in WORDS.items():
        assert set(re.findall(r"\{(\w+)\}", both["en"])) == set(re.findall(r"\{(\w+)\}", both["zh"])), code


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("count", 0, "0"),
        ("count", 1234567, "1\u202f234\u202f567"),
        ("share", 0.93456, "93.5%"),
        ("share", 1.0, "100.0%"),
        ("seconds", 12.34, "0:12"),
        ("seconds", 59.99, "1:00"),
        ("seconds", 83.4, "1:23"),
        ("time", 59.6, "1:00"),
        ("time", 7325.0, "2:02:05"),
        ("time", 100 * 3600.0, "100:00:00"),
        ("time", None, "–"),
    ],
)
def test_a_value_is_written_as_people_read_it(kind: Kind, value: float | None, said: str):
    assert written(kind, value) == said


@pytest.mark.parametrize(("calls", "few"), [(0, False), (1, True), (FEW - 1, True), (FEW, False), (1000, False)])
def test_a_share_of_fewer_than_ten_calls_says_little_and_misses_no_target(calls: int, few: bool):
    counts = Kpi(MADE, MADE, "orders", ended=calls, ended_asked=calls)  # not one of them was answered
    found = row("queues", "orders", LABEL, counts, Target())
    assert ("connect_rate" in found.few) is few
    assert ("connect_rate" in found.missed) is (calls >= FEW)
    assert found.values["connect_rate"] == (0.0 if calls else None)
    assert "calls" not in found.few, "a count is never too small"


def test_a_time_misses_its_target_above_it_and_a_share_below():
    slow = row("queues", "orders", LABEL, queue_counts("orders", 100, wait_s=90 * 15.1), Target())
    fast = row("queues", "orders", LABEL, queue_counts("orders", 100, wait_s=90 * 15.0), Target())
    assert "asa_s" in slow.missed and "asa_s" not in fast.missed
    assert "connect_rate" not in fast.missed, "0.9 is at the target"
    assert "connect_rate" in row("queues", "", LABEL, queue_counts("", 100, answered=89), Target()).missed


def test_a_queue_is_held_against_its_own_targets():
    counts = queue_counts("orders", 100, wait_s=90 * 20.0)
    assert "asa_s" in row("queues", "orders", LABEL, counts, Target()).missed
    assert "asa_s" not in row("queues", "orders", LABEL, counts, Target(answer_within_s=30)).missed


def test_several_queues_together_are_the_sums_of_their_counts_and_not_the_mean_of_their_shares():
    total = added([queue_counts("a", 1000), queue_counts("b", 10, answered=0)])
    assert (total.ended, total.answered, total.queue) == (1010, 900, "")
    assert total.connect_rate == 900 / 1010


def test_an_agent_without_an_offer_has_no_rate_and_with_time_an_occupancy():
    found = row("agents", "1001", LABEL, AgentKpi("1001", idle_s=300.0, busy_s=100.0), Target())
    assert found.values["three_ring_rate"] is None and found.values["handling_s"] is None
    assert found.values["occupancy"] == 0.25
    assert not found.missed and not found.few


def test_the_sample_has_what_the_tests_of_files_look_at():
    queues, agents = report().sections
    assert "connect_rate" in queues.rows[1].few and queues.rows[0].few == frozenset()
    assert len(queues.days) == 7 and len(agents.rows) == 2
