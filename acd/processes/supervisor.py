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
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from acd.errors import SanxiangError
from acd.processes.leader_lease import BEAT_S, BeatWatch, Leader, end_frozen, standbys

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.3, 1.0, 3.0)
"""Pause in seconds before the n-th start in a row. The longest leaves time for a start and a resync within the ten seconds after
which the dialplan serves callers without a daemon."""

STEADY_S = 10.0
"""A child that ran for so long is started again without a pause."""

SUSPECT_S = 2.5
"""After so long without a beat a spare daemon is started."""

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """In the child, before exec: the kernel is to kill the child when the supervisor ends, so that no process is left over."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


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
    back_off_s: Sequence[float] = BACK_OFF_S
    process: asyncio.subprocess.Process | None = None
    starts: int = 0

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
        """Starts the process and writes its pid file. Raises OSError."""
        if self.before_start:
            self.before_start()
        with self.log_file.open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                *self.argv,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self.starts += 1
        self.pid_file.write_text(str(self.process.pid))

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


class Supervisor:
    """Runs its children, started in the order given, until `stop`; stops them in the opposite order."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._lingering: dict[asyncio.Task[None], Child] = {}
        """Processes that were replaced and may finish their calls; they end with the supervisor."""
        self._beside: list[Child] = []
        """Processes that are to replace a child and have not replaced it yet."""
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Makes `run` stop the children and return."""
        self._stopping.set()

    async def run(self) -> None:
        """Starts the children and keeps them running until `stop`; then stops them."""
        watch = asyncio.create_task(self._watch_beats(), name="watch over the beat")
        try:
            for child in self.children:
                await child.start()
                self._keep_up(child)
            await self._stopping.wait()
        finally:
            leaving = [*self._beside, *self._lingering.values()]
            keepers = [watch, *self._keepers.values(), *self._lingering]
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            # A daemon that stands by is stopped first, or the leader would hand over to it.
            for child in leaving:
                await child.stop()
            parts = self.children[::-1]
            for child in [c for c in parts if self._stands_by(c)] + [c for c in parts if not self._stands_by(c)]:
                await child.stop()
                child.pid_file.unlink(missing_ok=True)

    def _keep_up(self, child: Child) -> None:
        self._keepers[child.name] = asyncio.create_task(self._keep(child), name=f"keep {child.name}")

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
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                spare = await self._look_at_beat(run, watch, spare)
            except OSError as error:  # No file descriptor or no process left: the next look may succeed.
                log.error("the daemon's beat could not be looked at", why=str(error))

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
        if child is not None and child.process is not None:
            child.pid_file.write_text(str(child.process.pid))

    def _no_longer_beside(self, newcomer: Child) -> None:
        self._beside = [other for other in self._beside if other is not newcomer]

    def _put(self, child: Child, newcomer: Child) -> Child:
        """Puts the newcomer's process in the child's place. The old process comes out, which is not started again."""
        self._no_longer_beside(newcomer)
        self._keepers[child.name].cancel()
        old = replace(child)
        child.argv, child.env, child.process = newcomer.argv, newcomer.env, newcomer.process
        child.starts += 1
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
        """Starts the child again whenever it has ended."""
        failures = 0
        while True:
            assert child.process is not None
            began = time.monotonic()
            status = await child.process.wait()
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            pause = child.back_off_s[min(failures, len(child.back_off_s)) - 1] if failures else 0.0
            log.error("ended and is started again", child=child.name, status=status, in_s=pause)
            await asyncio.sleep(pause)
            await child.start()
