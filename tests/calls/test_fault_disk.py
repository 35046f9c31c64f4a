"""The recordings' disk is full: the call is fine, its recording says what is missing, and somebody is told."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.processes.child import Child
from acd.sipp.actors import Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually

DISK = 8_000_000
LEFT = 280_000
"""Bytes that are left when the call begins: some six seconds of three files of 16 kB/s each."""


@dataclass
class SmallDisk:
    """A disk with little room; or, where nothing may be mounted, a bound on the length of what Asterisk writes."""

    folder: Path
    real: bool

    @classmethod
    @asynccontextmanager
    async def made(cls, folder: Path) -> AsyncIterator["SmallDisk"]:
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "tmpfs", str(folder)]
        real = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        try:
            yield cls(folder, real)
        finally:
            if real:
                await asyncio.to_thread(subprocess.run, ["umount", "-l", str(folder)], check=True)

    def bounded(self, parts: list[Child]) -> list[Child]:
        """Asterisk's files may not grow beyond LEFT / 3: a write says "file too large", as a full disk's would say so."""
        if not self.real:
            bound = f"trap '' XFSZ; ulimit -f {LEFT // 3 // 512}; exec \"$@\""
            asterisk = next(part for part in parts if part.name == "asterisk")
            asterisk.argv = ["sh", "-c", bound, "sh", *asterisk.argv]
        return parts

    def fill(self) -> None:
        if self.real:
            free = os.statvfs(self.folder)
            with (self.folder / "ballast").open("wb") as ballast:
                ballast.write(b"\0" * (free.f_bavail * free.f_frsize - LEFT))

    def make_room(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


async def test_a_full_disk_costs_sound_and_no_call(tmp_path: Path):
    async with SmallDisk.made(tmp_path / "small") as disk:
        system = FullSystem(tmp_path, brisk=True, recordings=disk.folder)
        system.at_start.append(disk.bounded)
        async with system:
            await system.staffed("1001", Phone(ring_s=0.2))
            disk.fill()
            caller = await system.asks("1", "13800000001")
            talk = await system.log.row(Kind.CONNECTED)
            if disk.real:
                await system.log.row(Kind.ALARM, lambda row: "disk" in row.detail["name"])
                free = os.statvfs(disk.folder)
                await eventually(lambda: os.statvfs(disk.folder).f_bavail * free.f_frsize < 65536, "a full disk")
            live = disk.folder / "live" / f"{talk.offer}-caller.wav"
            size, since = -1, 0.0

            async def stands_still() -> bool:
                """For longer than Asterisk keeps sound in memory (32 kB, two seconds)."""
                nonlocal size, since
                now = asyncio.get_running_loop().time()
                if live.exists() and live.stat().st_size != size:
                    size, since = live.stat().st_size, now
                return size > 44 and now - since > 4

            await eventually(stands_still, "a recording that grows no more")
            assert await system.talks_of("1001") == 1
            await caller.hang_up()
            ended = await system.log.row(Kind.TALK_ENDED)
            disk.make_room()
            assert ended.detail["by"] == "caller"
            filed = await system.log.row(Kind.RECORDED)
            assert not filed.detail["complete"]
            assert "disk full" in filed.detail["reason"] or not disk.real
            assert "s of sound for" in filed.detail["reason"], filed.detail
            await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == "recording incomplete")
            assert (await system.log.ending_of(talk.call)).detail["ending"] == Ending.ANSWERED
            missing_s = ended.detail["talk_s"] - filed.detail["seconds"]

            # There is room again: the next one is whole.
            await system.asks("1", "13800000002", stays_s=6)
            second = await system.log.row(Kind.RECORDED, lambda row: row.call != talk.call)
            if disk.real:
                assert system.recorded_whole(second.detail), second.detail
            report_figures(
                "recordings' disk full", 1, system.log.lost(), None, f"{missing_s:.1f} s of sound missing and marked"
            )
