"""A program that the supervisor keeps running, and the process that runs it at the moment."""

import asyncio
import ctypes
import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Protocol

import structlog

from acd.setup.users import ProcessUser

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.3, 1.0, 3.0)
"""Pause in seconds before the n-th start in a row. The longest leaves time for a start and a resync within the ten seconds after
which the dialplan serves callers without a daemon."""
UNKNOWN_STATUS = 255
"""The exit status of a process whose parent we are not: the kernel tells it to nobody else."""

_PR_SET_PDEATHSIG, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 1, 47, 4
_WORST_OOM_SCORE = 1000


class Process(Protocol):
    """What is needed of a process that is kept: asyncio's own is one, TakenOver another."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """None while it runs."""

    async def wait(self) -> int: ...

    def send_signal(self, signal: int, /) -> None: ...

    def kill(self) -> None: ...


class TakenOver:
    """A process that an earlier supervisor has started: not a child of this process, and kept like one."""

    def __init__(self, pid: int) -> None:
        """Raises ProcessLookupError when there is none."""
        self.pid = pid
        self._process = os.pidfd_open(pid)
        self._ended: asyncio.Future[None] | None = None

    def __del__(self) -> None:
        if opened := getattr(self, "_process", 0):
            os.close(opened)

    @property
    def returncode(self) -> int | None:
        """UNKNOWN_STATUS once it has ended."""
        look = select.poll()
        look.register(self._process, select.POLLIN)
        return UNKNOWN_STATUS if look.poll(0) else None

    async def wait(self) -> int:
        """UNKNOWN_STATUS, once it has ended."""
        if self._ended is None:
            loop = asyncio.get_running_loop()
            self._ended = loop.create_future()
            loop.add_reader(self._process, self._has_ended)
        await asyncio.shield(self._ended)  # The supervisor's keeper waits beside whoever stops it.
        return UNKNOWN_STATUS

    def _has_ended(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    def send_signal(self, signal: int, /) -> None:
        """Nothing when it has ended."""
        with suppress(ProcessLookupError):
            send_to(self._process, signal)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def send_to(process: int, number: int) -> None:
    """Sends a signal to the process of this pidfd. Raises ProcessLookupError, PermissionError."""
    signal.pidfd_send_signal(process, number)


def _become(user: ProcessUser | None, outlives: bool, oom_score: int) -> None:
    """In the child, before exec: another user where one is named, and no capability that the supervisor may have.

    A child that does not outlive the supervisor is killed by the kernel when that ends; another user would forget the wish, so it
    comes last. The score comes first: the file of a process that has become another user is root's.
    """
    libc = ctypes.CDLL(None)
    if oom_score:
        with suppress(OSError, ValueError):
            file = os.open("/proc/self/oom_score_adj", os.O_RDWR | os.O_CLOEXEC)
            os.write(file, str(min(int(os.read(file, 8)) + oom_score, _WORST_OOM_SCORE)).encode())
    if user is not None:
        os.setgroups(user.groups)
        os.setgid(user.gid)
        os.setuid(user.uid)
        os.umask(user.umask)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    if not outlives:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(slots=True)
class Child:
    """A program that is kept running: its arguments, its environment, and how it is stopped."""

    name: str
    argv: list[str]
    log_file: Path
    env: dict[str, str] = field(default_factory=dict)
    """The whole environment; no secret belongs here."""
    stop_within_s: float = 10.0
    before_start: Callable[[], None] | None = None
    beats: bool = False
    """Whether it is a daemon: a daemon beats while it leads (leader_lease.py), and is killed when it no longer does."""
    sink: Callable[[Path], int] | None = None
    """Opens where it writes, for its log file: LogKeeper.opened. None: the log file itself."""
    user: ProcessUser | None = None
    """As whom it runs; None: as the supervisor, without its capabilities."""
    outlives: bool = False
    """Whether it goes on when the supervisor is killed, and waits for another one that takes it over (takeover.py)."""
    inherited: Callable[[], list[int]] | None = None
    """Opens files that the process is to hold beside its output."""
    oom_score: int = 0
    """Added to the supervisor's own oom_score_adj: when memory is short the kernel ends the process with the highest."""
    back_off_s: Sequence[float] = BACK_OFF_S
    process: Process | None = None
    """Set before the supervisor runs: one that has been taken over, and is not started."""
    starts: int = 0
    failed_starts: int = 0
    """Starts, since the supervisor began, that made no process."""
    pid_trouble: str = ""
    """Why the pid file does not hold the process id; empty when it does."""

    @property
    def pid_file(self) -> Path:
        """Where `start` writes the process id."""
        return self.run / f"{self.name}.pid"

    @property
    def run(self) -> Path:
        """The `run` folder of the installation."""
        return self.log_file.parent.parent / "run"

    @property
    def runs(self) -> bool:
        """Whether its process has been started and has not ended."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """A new process. Whatever is raised, no process was left behind; trouble with a file is logged and raises nothing."""
        if self.before_start:
            self.before_start()
        held = self.inherited() if self.inherited else []
        try:
            with self._output() as output:
                self.process = await asyncio.create_subprocess_exec(
                    *self.argv,
                    env=self.env,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=held,
                    start_new_session=True,
                    preexec_fn=partial(_become, self.user, self.outlives, self.oom_score),
                )
        finally:
            for each in held:
                os.close(each)
        self.starts += 1
        self.write_pid()

    @contextmanager
    def _output(self) -> Iterator[IO[bytes] | int]:
        """Where the process writes: its log file, or nowhere when that can't be opened. Calls matter more than a log."""
        try:
            file = os.fdopen(self.sink(self.log_file), "wb") if self.sink else self.log_file.open("ab")
        except OSError as error:
            log.error("the log can't be opened, what the process writes is lost", child=self.name, why=str(error))
            yield asyncio.subprocess.DEVNULL
            return
        with file:
            yield file

    def write_pid(self) -> None:
        """The process id into the pid file. Where that can't be written there is none: an old id would name a stranger."""
        if self.process is None:
            return
        try:
            self.pid_file.write_text(str(self.process.pid))
            self.pid_trouble = ""
        except OSError as error:
            if str(error) != self.pid_trouble:
                log.error("the pid file can't be written", child=self.name, process=self.process.pid, why=str(error))
            self.pid_trouble = str(error)
            self.remove_pid()

    def remove_pid(self) -> None:
        try:
            self.pid_file.unlink(missing_ok=True)
        except OSError as error:
            if not self.pid_trouble:
                log.error("the pid file can't be removed", child=self.name, why=str(error))

    async def ended(self) -> int:
        """The exit status, once the process has ended. Meanwhile a pid file that could not be written is tried again."""
        assert self.process is not None
        waiting = asyncio.ensure_future(self.process.wait())
        try:
            while self.pid_trouble and not waiting.done():
                await asyncio.wait({waiting}, timeout=max(self.back_off_s))
                if not waiting.done():
                    self.write_pid()
            return await waiting
        finally:
            waiting.cancel()

    async def stop(self, farewell: signal.Signals = signal.SIGTERM, within_s: float | None = None) -> None:
        """Sends `farewell`, then after `within_s` seconds (else `stop_within_s`) SIGKILL to the process group. Returns once it has
        ended."""
        if self.process is None or not self.runs:
            return
        patience_s = self.stop_within_s if within_s is None else within_s
        self.process.send_signal(farewell)
        try:
            await asyncio.wait_for(self.process.wait(), patience_s)
        except TimeoutError:
            log.warning("did not stop in time and is killed", child=self.name, after_s=patience_s)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
