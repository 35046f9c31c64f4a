"""Keeps Asterisk, the story server and the daemon running, each a process of its own: one that ends is started again.

Calls live in Asterisk, so Asterisk must survive a daemon that is killed: therefore this small process is the parent of both and
does nothing else. It holds no state of calls. It knows whether a child runs, and whether a daemon's loop beats: a frozen daemon is
killed (leader_lease.py says why) and started again.

It keeps no second daemon standing by: that would cost 80 MB all the time, and save a second or two at a rare failure. Instead a
second daemon is started when it is likely to be needed: by `drain`, and at the first missed beats. `up --standby` keeps one all
the time.
"""

import asyncio
import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

import structlog

from acd.errors import SanxiangError
from acd.processes.leader_lease import BEAT_S, BeatWatch, Leader, end_frozen, standbys
from acd.processes.log_keeper import LogKeeper
from acd.setup.users import ProcessUser

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.3, 1.0, 3.0)
"""Pause in seconds before the n-th start in a row. The longest leaves time for a start and a resync within the ten seconds after
which the dialplan serves callers without a daemon."""

STEADY_S = 10.0
"""A child that ran for so long is started again without a pause."""

SUSPECT_S = 2.5
"""After so long without a beat a spare daemon is started."""

END_REQUEST = "asterisk/control/end-asterisk"
"""Below `run`: the process id of an Asterisk that is to be ended, written by the daemon, which may not end it itself."""

_PR_SET_PDEATHSIG = 1


_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


def _become(user: ProcessUser | None) -> None:
    """In the child, before exec: another user where one is named, and no capability that the supervisor may have.

    The kernel is to kill the child when the supervisor ends, so that no process is left over; another user would forget that.
    """
    libc = ctypes.CDLL(None)
    if user is not None:
        os.setgroups(user.groups)
        os.setgid(user.gid)
        os.setuid(user.uid)
        os.umask(user.umask)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
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
    back_off_s: Sequence[float] = BACK_OFF_S
    process: asyncio.subprocess.Process | None = None
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
        with self._output() as output:
            self.process = await asyncio.create_subprocess_exec(
                *self.argv,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=partial(_become, self.user),
            )
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
            os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()


class NotReplaced(SanxiangError):
    """The new {child} did not come to stand ready; the old one goes on. Why stands at the end of {log}."""


class KeeperEnded(SanxiangError):
    """The supervisor's task "{task}" ended, which it never should ({why}): the supervisor ends too, and with it every
    process that it keeps, so that whoever started it starts all of them again. The traceback stands in its log."""


class Supervisor:
    """Runs its children, started in the order given, until `stop`; stops them in the opposite order."""

    def __init__(self, children: list[Child], logs: LogKeeper | None = None) -> None:
        """`logs`: keeps what the children write, and outlives `run`; None: one that ends with it."""
        self.children = children
        self.logs = logs or LogKeeper()
        self._own_logs = logs is None
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._lingering: dict[asyncio.Task[None], Child] = {}
        """Processes that were replaced and may finish their calls; they end with the supervisor."""
        self._beside: list[Child] = []
        """Processes that are to replace a child and have not replaced it yet."""
        self._stopping = asyncio.Event()
        self._ended: KeeperEnded | None = None

    def stop(self) -> None:
        """Makes `run` stop the children and return."""
        self._stopping.set()

    async def run(self) -> None:
        """Returns after `stop`, once all children have ended.

        Raises what a child's first start raises, and KeeperEnded; the children that run have ended then as well.
        """
        watch = asyncio.create_task(self._watch_beats(), name="watch over the beat")
        watch.add_done_callback(self._watch_ended)
        requests = asyncio.create_task(self._watch_requests(), name="watch for requests")
        try:
            for child in self.children:
                child.sink = child.sink or self.logs.opened
            if self.children and (pipes := self.children[0].run / "asterisk" / "log").is_dir():
                self.logs.fifos(pipes)
            for child in self.children:
                await child.start()
                log.info("started", child=child.name, process=child.process and child.process.pid)
                self._keep_up(child)
            await self._stopping.wait()
        finally:
            leaving = [*self._beside, *self._lingering.values()]
            keepers = [watch, requests, *self._keepers.values(), *self._lingering]
            self._keepers.clear()
            self._stopping.set()
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            # A daemon that stands by is stopped first, or the leader would hand over to it.
            parts = self.children[::-1]
            standing = [c for c in parts if self._stands_by(c)]
            for child in [*leaving, *standing, *(c for c in parts if c not in standing)]:
                await self._stop(child)
            if self._own_logs:
                await asyncio.to_thread(self.logs.close)
        if self._ended is not None:
            raise self._ended

    async def _stop(self, child: Child) -> None:
        """The child is stopped; whatever goes wrong is logged, so that the next one is stopped too."""
        try:
            await child.stop()
        except Exception:
            log.exception("could not be stopped", child=child.name)
        child.remove_pid()

    def _keep_up(self, child: Child) -> None:
        task = asyncio.create_task(self._keep(child), name=f"keep {child.name}")
        self._keepers[child.name] = task
        task.add_done_callback(lambda done: self._keeper_ended(child, done))

    def _keeper_ended(self, child: Child, task: asyncio.Task[None]) -> None:
        if self._keepers.get(child.name) is task:  # else it was taken off, by an end or by a newcomer
            self._must_end(task)

    def _watch_ended(self, task: asyncio.Task[None]) -> None:
        beats = any(child.beats for child in self.children)
        if beats and not self._stopping.is_set():
            self._must_end(task)

    def _must_end(self, task: asyncio.Task[None]) -> None:
        """A task that keeps something up has ended by itself: nobody would do its work from now on."""
        error = None if task.cancelled() else task.exception()
        log.error("a task that should never end has ended: the supervisor ends", task=task.get_name(), exc_info=error)
        self._ended = KeeperEnded(task=task.get_name(), why=repr(error) if error else "it was cancelled")
        self._ended.__cause__ = error
        self._stopping.set()

    async def _watch_requests(self) -> None:
        """Ends an Asterisk that the daemon has found hung, where it runs as another user than the daemon."""
        keeps = [child for child in self.children if child.user is not None and child.name == "asterisk"]
        while keeps:
            await asyncio.sleep(BEAT_S)
            for child in keeps:
                request = child.run / END_REQUEST
                try:
                    wanted = request.read_text()
                    request.unlink()
                except OSError:
                    continue
                if child.process is not None and child.runs and wanted == str(child.process.pid):
                    log.error("ended, as the daemon has asked for", child=child.name, process=child.process.pid)
                    child.process.kill()

    def _stands_by(self, child: Child) -> bool:
        return child.beats and child.process is not None and child.process.pid in standbys(child.run)

    async def _watch_beats(self) -> None:
        """Kills a leading child whose loop has stopped, and lets a spare daemon follow at once.

        The spare is started at the first missed beats, so that it has imported everything by the time the leader is certainly
        frozen. When the leader beats again, the spare is stopped.
        """
        run = next((child.run for child in self.children if child.beats), None)
        if run is None:
            return
        watch = BeatWatch(run)
        spare: Child | None = None
        trouble = ""
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                spare = await self._look_at_beat(run, watch, spare)
                trouble = ""
            except Exception as error:  # no file left to open, no process to be had: the next look may fare better
                if repr(error) != trouble:
                    log.exception("the daemon's beat could not be looked at")
                trouble = repr(error)

    async def _look_at_beat(self, run: Path, watch: BeatWatch, spare: Child | None) -> Child | None:
        """One look; the spare daemon that stands by after it, or None."""
        frozen = watch.frozen()
        child = self.leader_of(watch.leader)
        if spare is not None:
            leader = watch.leader
            if leader is None or not leader.lives:
                return spare  # The leader has ended before it was certainly frozen: the spare follows in a moment.
            if spare.process is not None and leader.pid == spare.process.pid:
                await self._succeeded(spare)
                spare = None
            elif child is None or watch.still_s < SUSPECT_S:
                await self._send_away(spare, child)
                spare = None
        if child is None or watch.still_s < SUSPECT_S or not watch.beats:
            return spare
        if spare is None and not standbys(run):
            log.warning(
                "the daemon has missed some beats; a spare is started", process=child.process and child.process.pid
            )
            spare = await self._begin_beside(replace(child, process=None))
        if frozen:
            if spare is not None:
                self._put(child, spare)
                spare = None
            end_frozen(run, frozen)
        return spare

    def leader_of(self, leader: Leader | None) -> Child | None:
        """The child that is this leader; None when there is none, or it has ended (its keeper starts it again)."""
        children = (child for child in self.children if child.beats and child.runs)
        return next((child for child in children if child.process and leader and child.process.pid == leader.pid), None)

    async def _begin_beside(self, newcomer: Child) -> Child:
        await newcomer.start()
        self._beside.append(newcomer)
        return newcomer

    async def _succeeded(self, spare: Child) -> None:
        """The spare leads: it takes the child's place, and the process that was there is stopped."""
        child = next(child for child in self.children if child.name == spare.name)
        await self._put(child, spare).stop()

    async def _send_away(self, newcomer: Child, child: Child | None) -> None:
        """Stops a newcomer that is not needed, or did not become ready."""
        await newcomer.stop()
        self._no_longer_beside(newcomer)
        if child is not None:
            child.write_pid()

    def _no_longer_beside(self, newcomer: Child) -> None:
        self._beside = [other for other in self._beside if other is not newcomer]

    def _put(self, child: Child, newcomer: Child) -> Child:
        """Puts the newcomer's process in the child's place. The old process comes out, which is not started again."""
        self._no_longer_beside(newcomer)
        self._keepers[child.name].cancel()
        old = replace(child)
        child.argv, child.env, child.process = newcomer.argv, newcomer.env, newcomer.process
        child.starts += 1
        child.write_pid()
        self._keep_up(child)
        return old

    async def replace(
        self,
        child: Child,
        newcomer: Child,
        ready: Callable[[], bool],
        *,
        within_s: float = 60.0,
        before_farewell: Callable[[], None] = lambda: None,
        farewell: signal.Signals = signal.SIGTERM,
        linger_s: float = 0.0,
    ) -> None:
        """Puts `newcomer` in the child's place, so that one of both runs at every moment: the old process gets `farewell` once
        the new one is `ready`. It is waited for, or, with `linger_s`, has so many seconds to end by itself.

        Raises NotReplaced when the new process ends or is not ready within `within_s` seconds; then the old one goes on.
        """
        assert child.process is not None
        await self._begin_beside(newcomer)
        assert newcomer.process is not None
        end = time.monotonic() + within_s
        while not ready():
            if newcomer.process.returncode is not None or time.monotonic() > end:
                await self._send_away(newcomer, child)
                raise NotReplaced(child=child.name, log=newcomer.log_file)
            await asyncio.sleep(0.02)
        before_farewell()
        old = self._put(child, newcomer)
        await old.stop(farewell) if not linger_s else self._let_linger(old, farewell, linger_s)

    def _let_linger(self, old: Child, farewell: signal.Signals, within_s: float) -> None:
        task = asyncio.create_task(old.stop(farewell, within_s), name=f"the old {old.name}")
        self._lingering[task] = old
        task.add_done_callback(lambda done: self._lingering.pop(task, None))

    async def _keep(self, child: Child) -> None:
        """Starts the child again whenever it has ended, and whenever it could not be started, for ever."""
        failures = 0
        while True:
            began = time.monotonic()
            status = await child.ended()
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            pause = child.back_off_s[min(failures, len(child.back_off_s)) - 1] if failures else 0.0
            log.error("ended and is started again", child=child.name, status=status, in_s=pause)
            await asyncio.sleep(pause)
            await self._start_again(child)

    async def _start_again(self, child: Child) -> None:
        """Returns once the child has started. Each start that fails is logged, and counted on the child."""
        while True:
            try:
                await child.start()
                return
            except Exception:
                child.failed_starts += 1
                # What is short (a process, memory, disk) is not made less so by asking often.
                pause = max(child.back_off_s)
                failed = child.failed_starts
                log.exception("could not be started and is tried again", child=child.name, failed=failed, in_s=pause)
            await asyncio.sleep(pause)
