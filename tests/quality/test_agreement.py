"""Agreement against published examples."""

import pytest

from recordings.quality.agreement import cohens_kappa, interval, krippendorffs_alpha, nominal

NONE = None


def test_kappa_of_two_readers_of_fifty_proposals() -> None:
    """The example of Wikipedia, "Cohen's kappa": 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    assert cohens_kappa(pairs) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        ([("yes", "yes"), ("no", "no")], 1),
        ([("yes", "no"), ("no", "yes")], -1),
        ([("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")], 0),
        ([("yes", "yes")] * 3, None),
        ([], None),
    ],
)
def test_kappa_at_its_ends(pairs: list[tuple[str, str]], kappa: float | None) -> None:
    assert cohens_kappa(pairs) == kappa


def test_alpha_of_two_observers_and_ten_articles() -> None:
    """Krippendorff (2011), example A: binary data, two observers, no missing data; 0.095."""
    meg, owen = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0), (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
    assert krippendorffs_alpha(list(zip(meg, owen, strict=True)), nominal) == pytest.approx(0.095, abs=0.0005)


FOUR_OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3),
    (NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE),
)
"""Krippendorff (2011), examples C and E: four observers, twelve units, missing data."""


@pytest.mark.parametrize(("difference", "alpha"), [(nominal, 0.743), (interval, 0.849)])
def test_alpha_of_four_observers_with_missing_data(difference: object, alpha: float) -> None:
    units = [[value for value in unit if value is not None] for unit in zip(*FOUR_OBSERVERS, strict=True)]
    assert krippendorffs_alpha(units, difference) == pytest.approx(alpha, abs=0.0005)  # type: ignore[arg-type]


def test_alpha_is_not_told_where_it_is_not_defined() -> None:
    assert krippendorffs_alpha([]) is None
    assert krippendorffs_alpha([[80], [90]]) is None
    assert krippendorffs_alpha([[80, 80], [80, 80]]) is None
    assert krippendorffs_alpha([[80, 80], [90, 90]]) == 1
