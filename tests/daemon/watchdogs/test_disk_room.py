"""How much room the disks have is asked beside the calls, and a disk that hangs is not known rather than waited for."""

import asyncio
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from acd.daemon.watchdogs.disk_room import EVERY_S, DiskRoom
from tests.support.waiting import eventually


async def test_the_disk_with_least_room_counts_and_one_that_is_gone_is_not_known(tmp_path: Path):
    now, folders = [0.0], [tmp_path]
    room = DiskRoom(lambda: folders, lambda: now[0])
    assert room.look() is None
    there = os.statvfs(tmp_path)
    await eventually(lambda: room.look() is not None, "an answer")
    assert 0 < (room.look() or 0) <= there.f_blocks * there.f_frsize / 1e6
    folders.append(tmp_path / "gone")
    now[0] += EVERY_S
    await eventually(lambda: room.look() is None, "a disk that is not known")


async def test_a_disk_that_hangs_is_asked_once_and_not_known_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    now, asked, goes_on = [0.0], [], threading.Event()
    usage = shutil.disk_usage

    def slow(folder: Path) -> Any:
        asked.append(folder)
        assert goes_on.wait(60)
        return usage(folder)

    room = DiskRoom(lambda: (tmp_path,), lambda: now[0])
    room.look()
    await eventually(lambda: room.look() is not None, "the first answer")
    monkeypatch.setattr(shutil, "disk_usage", slow)
    for _ in range(5):
        now[0] += EVERY_S
        room.look()
        await asyncio.sleep(0)
    await eventually(lambda: bool(asked), "the question")
    assert len(asked) == 1 and room.look() is None
    goes_on.set()
    await eventually(lambda: room.look() is not None, "the answer")
