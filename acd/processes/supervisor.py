"""Keeps Asterisk, the story server and the daemon running, each a process of its own: one that ends is started again.

Calls live in Asterisk, so Asterisk must survive a daemon that is killed: therefore this small process is the parent of both and
does nothing else. It holds no state of calls. It knows whether a child runs, and whether a daemon's loop beats: a frozen daemon is
killed (leader_lease.py says why) and started again.

It keeps no second daemon standing by: that would cost 80 MB all the time, and save a second or two at a rare failure. Instead a
second daemon is started when it is likely to be needed: by `drain`, and at the first missed beats. `up --standby` keeps one all
the time.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from acd.errors import SanxiangError
from acd.processes.child import Child
from acd.processes.leader import Leader, standbys
from acd.processes.leader_lease import BEAT_S, BeatWatch, end_frozen
from acd.processes.log_keeper import LogKeeper
from acd.processes.log_pipes import PIPES, readers

log = structlog.get_logger(__name__)

STEADY_S = 10.0
"""A child that ran for so long is started again without a pause."""

SUSPECT_S = 2.5
"""After so long without a beat a spare daemon is started."""

END_REQUEST = "asterisk/control/end-asterisk"
"""Below `run`: the process id of an Asterisk that is to be ended, written by the daemon, which may not end it itself."""


class NotReplaced(SanxiangError):
    """The new {child} did not come to stand ready; the old one goes on. Why stands at the end of {log}."""


class KeeperEnded(SanxiangError):
    """The supervisor's task "{task}" ended, which it never should ({why}): the supervisor ends too, so that whoever started it starts
    it again. Processes that may outlive it go on with their calls and are taken over then; the others have ended with it. The traceback
    stands in its log."""


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

    @property
    def stopping(self) -> bool:
        """`stop` was called, or a child can't be started any more."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Makes `run` stop the children and return."""
        self._stopping.set()

    async def run(self) -> None:
        """Returns after `stop`, once all children have ended.

        Raises what a child's first start raises; the children that run have ended then as well. Raises KeeperEnded; those children go
        on that may outlive the supervisor. A child whose process is set already is taken over and not started; beside it no
        start that fails ends anything.
        """
        watch = asyncio.create_task(self._watch_beats(), name="watch over the beat")
        watch.add_done_callback(self._watch_ended)
        requests = asyncio.create_task(self._watch_requests(), name="watch for requests")
        try:
            self._open_logs()
            taken_over = any(child.runs for child in self.children)
            for child in self.children:
                if child.runs:
                    child.write_pid()
                    log.info("taken over", child=child.name, process=child.process and child.process.pid)
                elif not taken_over:
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
                if self._ended is None or not child.outlives:
                    await self._stop(child)
            if self._own_logs:
                await asyncio.to_thread(self.logs.close)
        if self._ended is not None:
            raise self._ended

    def _open_logs(self) -> None:
        """Opens what the children write their logs into, before the first of them starts."""
        for child in self.children:
            kept = child.run / PIPES if child.outlives else None
            child.sink = child.sink or partial(self.logs.opened, pipes=kept)
        if not self.children:
            return
        first = self.children[0]
        if (folder := first.run / "asterisk" / "log").is_dir():
            self.logs.fifos(folder)
            if first.outlives and first.name == "asterisk":
                first.inherited = partial(readers, folder)
        self.logs.found(first.run / PIPES, first.log_file.parent)

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
        if child.process is None:
            await self._start_again(child)
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
