"""A disk of a test's own that can stall: every write waits in the kernel, as for a share or a disk that does not answer.

async with StallingDisk.made(folder) as disk:      # an ext4 file system in a file, mounted at folder/disk
    async with disk.stalled():
        ...                                         # who writes below disk.folder sleeps
"""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = 256_000_000


class NoDiskThatStalls(Exception):
    """No file system can be mounted and frozen here: {why}. Run this as root, on a machine with loop devices."""

    def __init__(self, why: str) -> None:
        super().__init__(str(self.__doc__).format(why=why))


@dataclass(frozen=True, slots=True)
class StallingDisk:
    folder: Path
    """Where it is mounted; readable and writable by its owner alone."""

    @classmethod
    @asynccontextmanager
    async def made(cls, folder: Path) -> AsyncIterator["StallingDisk"]:
        """Raises NoDiskThatStalls where the machine can't do so."""
        image, disk = folder / "disk.img", cls(folder / "disk")
        disk.folder.mkdir(mode=0o700)
        with image.open("wb") as file:
            file.truncate(SIZE)
        if os.geteuid() != 0:
            raise NoDiskThatStalls("it takes root")
        await _run("mkfs.ext4", "-q", "-m", "0", str(image))
        await _run("mount", "-o", "loop", str(image), str(disk.folder))
        try:
            disk.folder.chmod(0o700)
            # Not every kernel or container lets a file system be frozen: that is known before anything is measured.
            async with disk.stalled():
                pass
            yield disk
        finally:
            # What a process still holds open must not keep the image mounted.
            await _run("umount", "-l", str(disk.folder))

    @asynccontextmanager
    async def stalled(self) -> AsyncIterator[None]:
        await _run("fsfreeze", "--freeze", str(self.folder))
        try:
            yield
        finally:
            await _run("fsfreeze", "--unfreeze", str(self.folder))


async def _run(*command: str) -> None:
    """Raises NoDiskThatStalls with what the command has said."""
    try:
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NoDiskThatStalls(f"there is no {command[0]}") from None
    if done.returncode:
        raise NoDiskThatStalls(f"{command[0]}: {done.stderr.strip() or done.returncode}")
