"""Where numbers are at home."""

import subprocess
import sys

import pytest

from acd.context_card import regions


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    regions.load()


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        ("13812341111", "江苏省连云港市", "Lianyungang, Jiangsu"),
        ("008613812341111", "江苏省连云港市", "Lianyungang, Jiangsu"),
        ("+8613812341111", "江苏省连云港市", "Lianyungang, Jiangsu"),
        ("01062345678", "北京市", "Beijing"),
        ("+85221234567", "香港", "Hong Kong"),
        ("+442079460000", "英国", "London"),
    ],
)
def test_a_number_has_a_region_in_both_languages(number: str, zh: str, en: str) -> None:
    assert regions.region(number) == {"zh": zh, "en": en}


@pytest.mark.parametrize("number", ["", "unknown", "1001", "95001", "1" * 40, "anonymous", "'; --", "\x00"])
def test_what_is_no_public_number_is_at_home_nowhere(number: str) -> None:
    assert regions.region(number) == {"zh": "", "en": ""}


def test_a_number_without_country_is_of_the_house_own() -> None:
    assert regions.region("02079460000", "GB")["en"] == "London"


@pytest.mark.slow
def test_nothing_heavy_is_read_before_it_is_asked_for() -> None:
    """The page and the command line import the desk; only the daemon's memory needs the tables of places."""
    program = (
        "import sys; from acd.context_card import cards, regions; assert regions.region('13812341111') == {'zh': '', 'en': ''};"
        "assert not any(name.startswith(('phonenumbers.geo', 'phonenumbers.carrier')) for name in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=120, check=False).returncode == 0
