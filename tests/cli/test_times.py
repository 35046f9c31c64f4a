"""Times on the screen are the hotline's, and say so once."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from acd.cli.common import print_json
from acd.cli.times import clock_of
from acd.config.versions import Texts, Versions
from acd.setup.installation import Installation

QUEUE = '[queues.orders]\nlabel = { zh = "a", en = "a" }\n'


def installation(folder: Path, text: str) -> Installation:
    found = Installation.at(folder / "state")
    Versions(found.versions).take(Texts(text), folder / "sanxiang.toml", "up", "up")
    return found


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Shanghai", "2026-11-29 01:29:41"),
        ("Europe/Berlin", "2026-11-28 18:29:41"),
        ("America/St_Johns", "2026-11-28 13:59:41"),
        ("UTC", "2026-11-28 17:29:41"),
    ],
)
def test_an_instant_is_said_by_the_hotlines_clock(tmp_path: Path, zone: str, said: str):
    clock = clock_of(installation(tmp_path, f'[hotline]\ntimezone = "{zone}"\n{QUEUE}'))
    assert clock.at("2026-11-28T17:29:41.250000+00:00") == said
    assert clock.at("2026-11-28T17:29:41.250000Z", millis=True) == f"{said}.250"
    assert clock.heading("ARRIVED") == f"ARRIVED ({zone})"


def test_a_file_without_a_zone_has_the_default_one(tmp_path: Path):
    assert clock_of(installation(tmp_path, QUEUE)).name == "Asia/Shanghai"


@pytest.mark.parametrize("text", ["[hotline", '[hotline]\ntimezone = "Mars/Base"\n', "hotline = 3\n"])
def test_where_the_zone_can_not_be_told_it_is_utc_and_says_so(tmp_path: Path, text: str):
    clock = clock_of(installation(tmp_path, text))
    assert (clock.name, clock.at("2026-11-28T17:29:41+00:00")) == ("UTC", "2026-11-28 17:29:41")


def test_no_folder_is_made_by_looking(tmp_path: Path):
    assert clock_of(Installation(tmp_path / "none")).name == "UTC"
    assert list(tmp_path.iterdir()) == []


def test_json_has_every_moment_in_utc_and_leaves_other_texts_alone(capsys: pytest.CaptureFixture[str]):
    at = datetime(2026, 11, 29, 17, 10, 41, tzinfo=timezone(timedelta(hours=8)))
    print_json({"a": at, "b": [{"c": "2026-11-29T17:10:41.001500+08:00"}], "d": "2026-11-29T09:10:41+00:00"})
    assert json.loads(capsys.readouterr().out) == {
        "a": "2026-11-29T09:10:41Z",
        "b": [{"c": "2026-11-29T09:10:41.001500Z"}],
        "d": "2026-11-29T09:10:41Z",
    }
    kept = {"day": "2026-11-29", "said": "at 2026-11-29T17:10:41+08:00", "impossible": "2026-13-45T17:10:41+08:00"}
    print_json(kept)
    assert json.loads(capsys.readouterr().out) == kept
