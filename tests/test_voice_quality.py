"""The E-model against what the standards and the literature have published."""

import pytest

from acd.voice_quality import delay_impairment, estimated_mos, loss_impairment, mos, rating


@pytest.mark.parametrize(
    ("r", "published"), [(90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58), (0, 1.0), (100, 4.5)]
)
def test_the_mos_of_a_rating_is_that_of_g107_annex_b(r: float, published: float):
    assert mos(r) == pytest.approx(published, abs=0.01)


def test_a_perfect_line_has_the_rating_that_g107_gives_for_its_default_values():
    assert rating("alaw", 0, 0) == pytest.approx(93.2, abs=0.05)
    assert mos(rating("alaw", 0, 0)) == pytest.approx(4.41, abs=0.01)


@pytest.mark.parametrize(
    ("loss", "published"), [(0, 0), (1, 5), (2, 7), (3, 10), (5, 15), (7, 20), (10, 25), (15, 35), (20, 45)]
)
def test_g711_with_concealment_loses_what_g113_appendix_i_says_under_random_loss(loss: float, published: float):
    assert loss_impairment("alaw", loss) == pytest.approx(published, abs=3)
    assert loss_impairment("ulaw", loss) == loss_impairment("alaw", loss)


@pytest.mark.parametrize(("codec", "published"), [("g729", 19), ("g723", 24), ("alaw", 7)])
def test_other_codecs_lose_what_g113_appendix_i_says_at_two_per_cent(codec: str, published: float):
    assert loss_impairment(codec, 2) == pytest.approx(published, abs=0.5)


@pytest.mark.parametrize("codec", ["g722", "opus", "", "nonsense"])
def test_a_codec_that_the_table_lacks_is_rated_like_g711(codec: str):
    assert loss_impairment(codec, 5) == loss_impairment("alaw", 5)


@pytest.mark.parametrize("delay_ms", [0, 50, 100, 150, 177, 200, 250, 300])
def test_delay_costs_what_cole_and_rosenbluth_found_for_g107s_default_values(delay_ms: float):
    """ "Voice over IP performance monitoring" (2001): Id = 0.024 d + 0.11 (d - 177.3) where d > 177.3."""
    published = 0.024 * delay_ms + (0.11 * (delay_ms - 177.3) if delay_ms > 177.3 else 0)
    assert delay_impairment(delay_ms) == pytest.approx(published, abs=1.5)


def test_more_loss_more_jitter_and_more_delay_are_never_better():
    for worse in ((5, 0, 0), (0, 40, 0), (0, 0, 400)):
        assert estimated_mos("alaw", *worse) < estimated_mos("alaw", 0, 0, 0)
    for at in range(0, 101, 5):
        assert 1.0 <= estimated_mos("alaw", at, at * 2, at * 20) <= 4.5
        assert estimated_mos("alaw", at + 5, at * 2, at * 20) <= estimated_mos("alaw", at, at * 2, at * 20)


@pytest.mark.parametrize("loss", [-1, 101, 1e9])
def test_a_loss_that_cannot_be_is_taken_for_the_nearest_that_can(loss: float):
    assert loss_impairment("alaw", loss) == loss_impairment("alaw", 0 if loss < 0 else 100)


def test_without_a_round_trip_only_packet_and_jitter_delay():
    assert estimated_mos("alaw", 0, 0, None) == estimated_mos("alaw", 0, 0, 0.0)
