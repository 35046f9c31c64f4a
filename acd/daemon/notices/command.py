"""A program of the operator's for each notice: the alarm as JSON on standard input, and what to do is its own affair.

It is started without a shell, with the arguments of the configuration and nothing of the alarm among them, so no text of an alarm can
become a word of a command line. It gets PATH and the language and no other variable. One runs at a time; after `command_within_s` it
is ended with all that it has started.
"""

import asyncio
import os
import signal
from contextlib import suppress

from acd.config.alarms import AlarmsTable
from acd.daemon.notices.notice import Notice, NotSent, one_line

SAID = 2000
"""Bytes of what the program says on standard error that are looked at."""


class Command:
    name = "command"

    def configured(self, table: AlarmsTable) -> bool:
        """Whether there is a program."""
        return bool(table.command)

    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        """Runs the program. NotSent: it can't be started, takes too long, or ends with a status other than 0."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
        try:
            process = await asyncio.create_subprocess_exec(
                *table.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise NotSent(
                f"{table.command[0]} can't be started ({getattr(error, 'strerror', None) or error})"
            ) from None
        try:
            async with asyncio.timeout(table.command_within_s):
                _, said = await asyncio.gather(self._give(process, notice), self._hear(process))
                status = await process.wait()
        except TimeoutError:
            raise NotSent(f"{table.command[0]} did not end within {table.command_within_s:g} s and was ended") from None
        finally:
            self._end(process)
        if status:
            raise NotSent(f"{table.command[0]} ended with status {status}{f': {said}' if said else ''}")

    async def _give(self, process: asyncio.subprocess.Process, notice: Notice) -> None:
        assert process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):  # A program need not read.
            process.stdin.write(notice.as_json().encode() + b"\n")
            await process.stdin.drain()
            process.stdin.close()

    async def _hear(self, process: asyncio.subprocess.Process) -> str:
        assert process.stderr is not None
        said = b""
        while part := await process.stderr.read(4096):
            said = (said + part)[:SAID]
        return one_line(said.decode("utf-8", "replace").strip())

    def _end(self, process: asyncio.subprocess.Process) -> None:
        """Ends the program and what it has left running in its session."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
