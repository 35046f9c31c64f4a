"""What Asterisk counts of a channel's sound, read from its text; and which of the two lines of a talk did it."""

from dataclasses import replace

import pytest

from acd.engine.line_events import LineFigures
from acd.pbx.line_watch import own
from acd.pbx.rtcp import Totals, totals

TEXT = (
    "ssrc=1899494421;themssrc=3390111746;lp=10;rxjitter=0.076375;rxcount=432;txjitter=0.002500;txcount=453;rlp=50;"
    "rtt=0.400970;rxmes=21.829880;txmes=74.642588"
)


def test_a_text_of_22_10_1_is_read_with_the_jitters_the_right_way_round():
    found = totals(TEXT)
    assert found is not None and found.reported
    assert replace(found, round_trip_ms=0.0) == Totals(432, 10, 2.5, 453, 50, 76.375)
    assert found.round_trip_ms == pytest.approx(400.97)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", ";;;=;", "rxcount=1", TEXT.replace("rtt=0.400970", "rtt=soon"), TEXT.replace("lp=10", "lp=")],
)
def test_a_channel_without_sound_or_a_text_that_lacks_something_has_no_figures(text: str):
    assert totals(text) is None


def test_a_negative_count_is_none_and_what_was_begun_anew_counts_from_there():
    found = totals(TEXT.replace(";lp=10", ";lp=4294967295").replace("rlp=50", "rlp=-3"))
    assert found is not None and (found.lost, found.sent_lost) == (0, 0)
    before = Totals(500, 5, 1.0, 500, 5, 1.0, 10.0)
    after = Totals(20, 1, 4.0, 600, 9, 2.0, 30.0)
    assert after.since(before) == Totals(20, 1, 4.0, 100, 4, 2.0, 30.0)


def test_without_reports_of_the_other_side_there_are_none():
    assert not Totals(500, 5, 3.0, 500).reported
    assert Totals(sent_jitter_ms=0.1).reported


@pytest.mark.parametrize(
    ("lost_before", "seconds", "left"),
    [
        (0, 60.0, 300),  # the other line lost nothing: all of it is this one's
        (300, 60.0, 0),  # all of it was lost before
        (150, 60.0, 136),  # and so is what may have been lost in the latest five seconds
        (150, 10.0, 0),  # of a short talk that is half of it
        (20, 3.0, 240),
    ],
)
def test_what_the_other_line_has_lost_is_not_laid_at_this_ones_door(lost_before: int, seconds: float, left: int):
    reported = LineFigures(60.0, sent=3000, sent_lost=300, sent_lost_of=3000, sent_jitter_ms=30.0)
    other = LineFigures(seconds, packets=3000 - lost_before, lost=lost_before, jitter_ms=12.0)
    found = own(reported, other)
    assert (found.sent_lost, found.sent_jitter_ms) == (left, 18.0)


def test_without_a_report_or_another_line_nothing_is_taken_away():
    silent, other = LineFigures(60.0, sent=3000), LineFigures(60.0, packets=100, lost=50, jitter_ms=9.0)
    assert own(silent, other) == silent
    assert own(LineFigures(60.0, sent=10, sent_lost=5, sent_lost_of=10), None).sent_lost == 5
    assert own(LineFigures(60.0, sent=10, sent_lost=5, sent_lost_of=10), LineFigures(60.0)).sent_lost == 5
