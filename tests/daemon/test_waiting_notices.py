"""An alarm that could not be told outside yet outlives the daemon: the next one goes on with it."""

import asyncio
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.alarms.book import Book
from acd.config.alarms import AlarmsTable
from acd.daemon.notices.notice import Notice
from acd.daemon.notices.sending import Notices
from acd.daemon.notices.waiting import KEPT, WaitingNotices
from tests.daemon.test_notices import NOON, Scripted, change, config_with
from tests.support.waiting import eventually


class Hangs(Scripted):
    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        self.got.append(notice)
        await asyncio.Event().wait()


def daemon(file: Path, way: Any) -> Notices:
    """The notices of one run of the daemon."""
    config = config_with(command=["/bin/true"])
    notices = Notices(lambda: config, Book, lambda: NOON, [way], WaitingNotices(file))
    notices.begin()
    return notices


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def sending(notices: Notices) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(box.run()) for box in notices.outboxes]


async def test_what_waits_when_a_daemon_ends_is_told_by_the_next_with_the_same_id(tmp_path: Path):
    file, stuck, well = tmp_path / "notices.json", Hangs(), Scripted()
    notices = daemon(file, stuck)
    tasks = sending(notices)
    notices.changed(NOON, change())
    notices.changed(NOON, change("asterisk deaf", "x"))
    await eventually(lambda: stuck.got, "the first try")
    await ended(tasks)
    notices.close()
    assert file.stat().st_mode & 0o777 == 0o600

    later = daemon(file, well)
    tasks = sending(later)
    await eventually(lambda: len(well.got) == 2, "both")
    await ended(tasks)
    later.close()
    assert well.got[0].id == stuck.got[0].id and well.got[0].row == stuck.got[0].row
    assert well.got[1].row["kind"] == "asterisk-deaf"
    assert not file.exists(), "nothing waits any more"


async def test_a_daemon_that_is_killed_has_written_it_before(tmp_path: Path):
    file = tmp_path / "notices.json"
    notices = daemon(file, Hangs())
    notices.changed(NOON, change())
    await eventually(file.exists, "the file")
    assert [len(each) for each in json.loads(file.read_text()).values()] == [1]
    notices.close()


ROW = {"what": "raised", "at": NOON.isoformat(), "hotline": "x", "row": {"number": 1}, "id": "msg_1"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[",
        b"\xff\xfe",
        b"[]",
        b'{"command": 7}',
        b'{"command": [7, null, {}]}',
        b"[" * 100_000,
        json.dumps({"command": [{**ROW, "what": "shouted"}, {**ROW, "row": "x"}, {**ROW, "id": 7}]}).encode(),
        json.dumps({"command": [{**ROW, "at": "2026-03-03T12:00:00"}, {**ROW, "at": "noon"}]}).encode(),
        json.dumps({"command": [{**ROW, "at": (NOON - KEPT - timedelta(seconds=1)).isoformat()}]}).encode(),
    ],
)
def test_what_is_damaged_or_too_old_is_left_out(tmp_path: Path, text: bytes):
    file = tmp_path / "notices.json"
    file.write_bytes(text)
    assert WaitingNotices(file).read(NOON) == {}


async def test_a_disk_that_takes_nothing_keeps_no_alarm_from_being_told(tmp_path: Path):
    way = Scripted()
    notices = daemon(tmp_path / "no such folder" / "notices.json", way)
    tasks = sending(notices)
    notices.changed(NOON, change())
    await eventually(lambda: way.got, "the alarm")
    await ended(tasks)
    notices.close()
