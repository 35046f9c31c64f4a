"""A program that does one job beside the daemon: its input whole, its output whole, and an end within a bound."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ended:
    status: int
    said: bytes
    """What it has written to standard output."""
    complaint: bytes
    """And to standard error."""


async def run(*argv: str, within_s: float, data: bytes = b"") -> Ended:
    """Runs the program with `data` on its standard input until it has ended. Raises TimeoutError, and OSError where it can't be started.

    Whoever gives up waiting, also by being cancelled, leaves no process behind.
    """
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(within_s):
            said, complaint = await process.communicate(data)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Ended(process.returncode, said, complaint)
