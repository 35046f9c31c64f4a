"""The disk is full while a back-up is written or restored: a sentence, and nothing half written is left."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from acd.backup.container import NewFile
from acd.backup.errors import DiskNearlyFull
from tests.backup.support.command_line import ROOT, sanxiang, sanxiang_without_room
from tests.backup.support.hotline import Hotline, new_database
from tests.support.waiting import eventually


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_back_up(hotline: Hotline, tmp_path: Path, key_file: Path, sealed: bool):
    target = tmp_path / "back-ups"
    target.mkdir()
    words = ["backup", target, "--state", hotline.installation.state, *(["--key-file", key_file] if sealed else [])]
    said = await asyncio.to_thread(sanxiang_without_room, (500, 20_000, 60_000), *words)
    assert len(said) == 3
    assert all("can't be written: File too large. Nothing of it is left" in each for each in said), said
    assert list(target.iterdir()) == []
    assert (await asyncio.to_thread(sanxiang, *words)).returncode == 0


async def test_a_restore(hotline: Hotline, server, tmp_path: Path):
    file = (await asyncio.to_thread(hotline.back_up, tmp_path / "a")).file
    hotline.lose()
    hotline.url = await new_database(server, hotline.url.rpartition("/")[2])
    words = ["restore", file, "--state", hotline.folder / "state", "--config", hotline.config_file]
    said = await asyncio.to_thread(sanxiang_without_room, (1, 1000, 5000), *words)
    assert len(said) == 3
    assert all("can't be written: File too large. Nothing was restored" in each for each in said), said
    assert list(hotline.folder.iterdir()) == []
    assert await hotline.tables() == 0
    await asyncio.to_thread(hotline.restore, file)


async def test_a_back_up_that_is_told_to_end_leaves_nothing(hotline: Hotline, tmp_path: Path):
    """SIGTERM in the middle: a recording that can be read without end keeps it there."""
    target = tmp_path / "back-ups"
    target.mkdir()
    with (hotline.installation.recordings / "2024" / "long.wav").open("wb") as file:
        file.truncate(1 << 40)
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acd.cli", "backup", str(target), "--state", str(hotline.installation.state)),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    await eventually(lambda: any(each.stat().st_size > 20_000_000 for each in target.iterdir()))
    started.send_signal(signal.SIGTERM)
    await started.communicate()
    assert started.returncode not in (0, None)
    assert list(target.iterdir()) == []


def test_calls_keep_their_room(tmp_path: Path):
    """On the hotline's own disk a back-up is given up before it takes what calls need."""
    with (
        NewFile(tmp_path / "a", keep_free=((tmp_path, 1 << 60),)) as new,
        pytest.raises(DiskNearlyFull, match="MB left"),
    ):
        for _ in range(40):
            new.write(os.urandom(1 << 20))
    assert list(tmp_path.iterdir()) == []
    with NewFile(tmp_path / "a", keep_free=((tmp_path, 1), (tmp_path / "none", 1 << 60))) as new:
        new.write(bytes(20 << 20))
        new.finish()
