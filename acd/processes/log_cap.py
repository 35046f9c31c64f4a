"""Keeps logs from filling the disk: strangers decide how much is said of them.

A scanner at 5,000 requests a second makes Asterisk write some 4 MB a second into `security.log` and `messages.log`. A log file that
has grown beyond its cap is cut down to nothing; its newest part is kept beside it as `NAME.1`. Everything here that writes logs
appends, so it goes on at the file's new end; a line that is written in the moment of cutting may be lost.
"""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

MOST_BYTES = 100_000_000
"""Of one log file."""
KEPT_BYTES = 10_000_000
"""Of it, in `NAME.1`."""
EVERY_S = 2.0


def cut(file: Path, most: int = MOST_BYTES, kept: int = KEPT_BYTES) -> bool:
    """Cuts the file when it is longer than `most` bytes. Whether it was. Raises OSError."""
    if file.stat().st_size <= most:
        return False
    with file.open("r+b") as opened:
        opened.seek(-kept, os.SEEK_END)
        beside = file.with_name(f"{file.name}.1")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as newest:
            newest.write(opened.read(kept).partition(b"\n")[2])
        opened.truncate(0)
    return True


async def keep_short(folders: Iterable[Path], most: int = MOST_BYTES, every_s: float = EVERY_S) -> None:
    """Looks at the `*.log` of these folders for ever. What fails is logged once, and tried again at the next look."""
    trouble = ""
    folders = list(folders)
    while True:
        for file in [file for folder in folders for file in folder.glob("*.log")]:
            try:
                if await asyncio.to_thread(cut, file, most, most // 10):
                    log.warning(
                        "a log was too long and is cut; its newest part is beside it", file=str(file), most=most
                    )
            except OSError as error:
                if str(error) != trouble:
                    log.error("a log can't be cut", file=str(file), why=str(error))
                trouble = str(error)
        await asyncio.sleep(every_s)
