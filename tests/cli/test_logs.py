"""`sanxiang logs`: one stream of all parts, in order, masked, bounded, and true to time and call."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.processes import log_lines
from acd.processes.log_files import BoundedFile, Bounds
from acd.processes.log_lines import LogLine, files, follow, read
from acd.setup.installation import Installation
from tests.cli.command_line import typed

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def ours(at: datetime, event: str, **more: object) -> str:
    return json.dumps({"event": event, "level": "info", "logger": "acd", "timestamp": at.isoformat(), **more}) + "\n"


def asterisks(at: datetime, text: str) -> str:
    return f"[{at.astimezone():%Y-%m-%d %H:%M:%S}.000] NOTICE[123][C-0000001a] res_pjsip.c: {text}\n"


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    found = Installation.at(tmp_path / "state")
    (found.run / "asterisk" / "log").mkdir(parents=True)
    return found


def anything(line: LogLine) -> bool:
    return True


def texts(installation: Installation, since: datetime | None = None, most: int = 1000) -> list[str]:
    return [line.text for line in read(files(installation), since, most, anything)[0]]


def test_the_lines_of_all_parts_come_in_order_of_time(installation: Installation):
    (installation.log / "daemon.log").write_text(ours(NOON, "one") + ours(NOON + timedelta(seconds=3), "four"))
    (installation.log / "supervisor.log").write_text(ours(NOON + timedelta(seconds=1), "two", child="daemon"))
    messages = installation.run / "asterisk" / "log" / "messages.log"
    messages.write_text(asterisks(NOON + timedelta(seconds=2), "three"))
    assert texts(installation) == ["one", "two  child=daemon", "res_pjsip.c: three", "four"]
    said = typed("logs", "--state", str(installation.state))
    assert said.status == 0
    assert "Times: UTC." in said.screen
    assert "2026-11-28 12:00:02.000  asterisk    notice    res_pjsip.c: three" in said.screen


def test_numbers_are_masked_and_nothing_moves_the_cursor(installation: Installation):
    messages = installation.run / "asterisk" / "log" / "messages.log"
    messages.write_text(
        asterisks(NOON, "INVITE from '<sip:13800005051@192.0.2.1>' \x1b[2J\x9b31m \u202e+8613800005051")
    )
    (installation.log / "daemon.log").write_text(ours(NOON, "heard 13812345678\x1b[0m"))
    said = "\n".join(texts(installation))
    assert "13800005051" not in said
    assert "13812345678" not in said
    assert "138****5051" in said
    assert not any(sign in said for sign in "\x1b\x9b\u202e")


def test_a_traceback_stays_with_its_line(installation: Installation):
    lines = ours(NOON, "failed") + "Traceback (most recent call last):\n  File x\nValueError: 13812345678\n"
    (installation.log / "stories.log").write_text(lines + ours(NOON + timedelta(seconds=1), "on"))
    first, second = read(files(installation), None, 10, anything)[0]
    assert (first.text, second.text) == ("failed", "on")
    assert first.more == ("Traceback (most recent call last):", "  File x", "ValueError: 138****5678")


def test_the_story_servers_lines_and_asterisks_words_at_its_start_are_there_too(installation: Installation):
    call = "c1795945022-2-6193"
    story = f"2026-11-28T12:00:00Z ivr {call}: hung up at the menu\n2026-11-28T12:00:01Z ivr -: The story server has stopped.\n"
    (installation.log / "stories.log").write_text(story)
    (installation.log / "asterisk.log").write_text("Could not find option 'minimum_size'\n")
    assert [(line.part, line.text) for line in read(files(installation), None, 10, anything)[0]] == [
        ("stories", f"hung up at the menu  call={call}"),
        ("stories", "The story server has stopped."),
        ("asterisk", "Could not find option 'minimum_size'"),
    ]


def test_only_the_latest_are_shown(installation: Installation):
    lines = "".join(ours(NOON + timedelta(seconds=n), f"line {n}") for n in range(50))
    (installation.log / "daemon.log").write_text(lines)
    assert texts(installation, most=3) == ["line 47", "line 48", "line 49"]


@pytest.mark.slow
@pytest.mark.parametrize("at", [0, 1, 777, 29_998, 29_999])
def test_since_finds_its_place_in_a_long_file(installation: Installation, monkeypatch: pytest.MonkeyPatch, at: int):
    monkeypatch.setattr(log_lines, "FROM_THE_END", 5000)
    lines = "".join(ours(NOON + timedelta(seconds=n), f"line {n}") for n in range(30_000))
    (installation.log / "daemon.log").write_text(lines)
    found = texts(installation, since=NOON + timedelta(seconds=at), most=2 * 30_000)
    assert (found[0], len(found)) == (f"line {at}", 30_000 - at)


def segment(file: Path, name: str, lines: str, last: datetime) -> None:
    """An older part of this log, last written then."""
    beside = file.with_name(f"{file.name}.{name}")
    beside.write_text(lines)
    os.utime(beside, (last.timestamp(), last.timestamp()))


def test_the_older_segments_are_read_as_far_as_the_lines_are_wanted(installation: Installation):
    log = installation.log / "daemon.log"
    for number, name in enumerate(("1", "20261128T120100", "20261128T120200", "20261128T120200-0001")):
        at = NOON + timedelta(minutes=number)
        segment(log, name, ours(at, f"line {2 * number}") + ours(at + timedelta(seconds=30), f"line {2 * number + 1}"), at + timedelta(seconds=30))  # fmt: skip
    log.write_text(ours(NOON + timedelta(minutes=4), "line 8"))
    (installation.log / "daemon.log.bak").write_text(ours(NOON, "no part of the log"))
    every = [f"line {number}" for number in range(9)]
    assert texts(installation) == every
    assert texts(installation, most=3) == every[-3:]
    for number in range(9):
        begin = NOON + timedelta(seconds=30 * number)
        assert texts(installation, since=begin) == every[number:], number


def test_without_a_beginning_no_more_than_the_latest_bytes_are_read(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    log, line = installation.log / "daemon.log", ours(NOON, "line 00")
    monkeypatch.setattr(log_lines, "FROM_THE_END", 6 * len(line) + 5)
    for number, name in enumerate(("20261128T120100", "20261128T120200", "20261128T120300")):
        segment(log, name, "".join(ours(NOON, f"line {number}{each}") for each in range(4)), NOON)
    log.write_text(ours(NOON, "line 30"))
    assert texts(installation) == ["line 13", "line 20", "line 21", "line 22", "line 23", "line 30"]


@pytest.mark.parametrize("turns", [1, 3])
def test_what_the_supervisor_s_own_file_turns_to_is_followed_without_a_gap(installation: Installation, turns: int):
    log = BoundedFile(installation.log / "daemon.log", lambda: NOON)
    wide, narrow = Bounds(most_bytes=8_000_000), Bounds(most_bytes=8)
    log.write(ours(NOON, "before").encode(), wide)
    _, ends, _ = read(files(installation), None, 10, anything)
    following = follow(files(installation), ends, anything, every_s=0)
    log.write(ours(NOON, "the last of the former").encode(), wide)
    for turn in range(turns):
        beside = log.file.with_name(f"daemon.log.20261128T12000{turn}")
        log.file.rename(beside)
        log.write(ours(NOON, f"after turn {turn}").encode(), wide)
    wanted = ["the last of the former", *(f"after turn {turn}" for turn in range(turns))]
    assert [next(following).text for _ in wanted] == wanted
    log.write(ours(NOON, "on").encode(), narrow)
    assert next(following).text == "on"
    log.close()


def test_a_call_is_not_taken_for_one_whose_id_begins_so(installation: Installation):
    call = f"c{int(NOON.timestamp())}-1"
    (installation.log / "daemon.log").write_text(
        ours(NOON, "a", call=call) + ours(NOON, "b", call=f"{call}2") + ours(NOON, "c", offer=f"{call}-7") + ours(NOON, f"d {call}: gone")
    )  # fmt: skip
    said = typed("logs", "--call", call, "--state", str(installation.state)).screen.splitlines()[1:]
    assert [line.split()[4] for line in said] == ["a", "d"]


@pytest.mark.parametrize("since", ["30m", "2h", "3d", "00:00", "0:00", "2026-11-28", "2026-11-28T17:30"])
def test_each_way_to_write_since_is_taken(installation: Installation, since: str):
    assert typed("logs", "--since", since, "--state", str(installation.state)).status == 0


@pytest.mark.parametrize("since", ["yesterday", "25:99", "2026-13-01", "3 weeks", "-3h", "\x1b[2J", "99999999d"])
def test_a_since_that_is_none_says_how_to_write_it(installation: Installation, since: str):
    said = typed("logs", "--since", since, "--state", str(installation.state))
    assert said.status == 1
    assert "write 30m, 2h or 3d" in said.screen


def test_what_can_not_be_read_is_told_and_the_rest_is_shown(installation: Installation):
    (installation.log / "daemon.log").write_text(ours(NOON, "well"))
    (installation.log / "stories.log").mkdir()
    found, _, troubles = read(files(installation), None, 10, anything)
    assert [line.text for line in found] == ["well"]
    assert len(troubles) == 1
    assert "stories.log can't be read: Is a directory" in troubles[0]


def test_without_logs_it_says_so(installation: Installation):
    assert "There are no logs yet." in typed("logs", "--state", str(installation.state)).screen


def test_what_is_written_follows_also_after_the_log_was_cut(installation: Installation):
    log = installation.log / "daemon.log"
    log.write_text(ours(NOON, "before") * 20)
    _, ends, _ = read(files(installation), None, 10, anything)
    following: Iterator[LogLine] = follow(files(installation), ends, anything, every_s=0)
    whole, begun = ours(NOON, "after"), '{"event": "half'
    with log.open("a") as opened:
        opened.write(whole + begun)
    assert next(following).text == "after"
    log.write_text(ours(NOON, "anew"))
    assert next(following).text == "anew"
