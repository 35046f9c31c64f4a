"""Which of several daemons of one state folder leads, and who stands by.

The lead is the lock on the journal: its holder writes, and the kernel gives the lock to no other process while the holder lives.
A second daemon stands by, with everything imported, and asks for the lock many times a second: it follows a leader that ends or is
killed within some hundredths of a second.

A leader that is frozen (SIGSTOP, a loop that hangs) holds the lock and does nothing with it. The leader's event loop beats twice a
second, so a beat that has not changed for `FROZEN_S` shows that no daemon decides. Then the leader is *killed*, not waited for.
That keeps the takeover clean: a dead process sends no late action and ships no late row, and its lock is free in the same moment.
Taking over beside a living leader would leave two that write: the epoch check in [connect] would refuse its offers, but nothing
would refuse its rows. The epoch remains as the fence against a daemon that can't be killed from here (in another container, or on
another machine that shares the folder). In that case no daemon takes over, and the log says so.

Why 6 s: ten seconds after the last beat to Asterisk the dialplan serves callers without a daemon; four of them are left for a start
and a resync. A shorter block of the loop is only logged (watchdogs/event_loop.py). Three things must not make a living daemon look
dead: a full disk (the beat is in shared memory), a machine that slept as a whole (of a long pause between two looks only one look's
time counts), and an overloaded machine (time in which the daemon was ready to run and got no CPU does not count).
"""

import asyncio
import contextlib
import fcntl
import json
import mmap
import os
import struct
import time
from dataclasses import asdict, replace
from pathlib import Path

import structlog

from acd.files import write_private
from acd.processes.leader import Leader
from acd.setup.installation import Installation
from acd.store.errors import SpoolTaken
from acd.store.journal.journal import Journal

log = structlog.get_logger(__name__)

BEAT_S = 0.5
"""Between two beats, and between two looks at the beat."""
FROZEN_S = 6.0
STARTING_S = 60.0
"""A leader that has not beaten yet is reading its journal: it has so much time."""
ASK_S = 0.05
"""Between two attempts to take the lock."""
_BEAT = struct.Struct("<Q")


class BeatWatch:
    """Whether the leader still beats, seen from another process. `frozen` is to be called every `BEAT_S`."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self.leader: Leader | None = None
        """The leader at the last look."""
        self.beats = 0
        self.still_s = 0.0
        """Seconds for which the beat has not changed although the leader's process could have run."""
        self._looked_at = time.monotonic()
        self._starved_s = 0.0

    def frozen(self) -> Leader | None:
        """One look: the leader, when it is certainly frozen (at every look from then on); else None."""
        leader, beats = Leader.of(self._run), read_beat(self._run)
        now, starved_s = time.monotonic(), starved(leader.pid) if leader else 0.0
        if (leader, beats) == (self.leader, self.beats):
            # Of a long pause between two looks only one look's time counts: in the rest this process did not run.
            could_run_s = min(now - self._looked_at, 2 * BEAT_S) - max(0.0, starved_s - self._starved_s)
            self.still_s += max(0.0, could_run_s)
        else:
            self.still_s = 0.0
        self.leader, self.beats, self._looked_at, self._starved_s = leader, beats, now, starved_s
        patience_s = FROZEN_S if beats else STARTING_S
        return leader if leader and leader.lives and self.still_s >= patience_s else None


def starved(pid: int) -> float:
    """Seconds for which threads of this process were ready to run and had no CPU, in all; 0 where the kernel does not count that."""
    waited_ns = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            waited_ns += int(thread.read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return waited_ns / 1e9


def read_beat(run: Path) -> int:
    """The number of the leader's beats; 0 before the first."""
    try:
        return int(_BEAT.unpack((run / "beat").read_bytes())[0])
    except (OSError, struct.error):
        return 0


class Lease:
    """The lead over a state folder; this process has it once `taken` returns."""

    def __init__(self, installation: Installation) -> None:
        self._run = installation.run
        self._folder = installation.journal
        self.heard_until = 0.0
        """Epoch seconds until which the daemon before surely heard all events: when it last wrote the journal."""
        self.trouble = ""
        """A sentence on why the leader before was killed; empty when it ended by itself."""
        self.pause_from: float | None = None
        """When the leader before decided for the last time, in seconds of the monotonic clock, where it handed over."""
        self.leader = Leader.myself()

    async def taken(self) -> Journal:
        """Stands by while another daemon leads. The journal, open, comes out when this process leads."""
        watch, look_at = BeatWatch(self._run), 0.0
        standing: _Standby | None = None
        ended: Leader | None = None
        try:
            while True:
                self.heard_until = last_written(self._folder)
                try:
                    journal = Journal(self._folder)
                    break
                except SpoolTaken as taken:
                    if standing is None:
                        standing = _Standby(self._run)
                        log.info("stands by: another daemon leads", why=str(taken))
                await asyncio.sleep(ASK_S)
                if time.monotonic() < look_at:
                    continue
                look_at = time.monotonic() + BEAT_S
                if (frozen := watch.frozen()) and frozen != ended:
                    ended = frozen
                    if not end_frozen(self._run, frozen):
                        log.error("the leader gives no sign of life and can't be ended from here", process=frozen.pid)
        finally:
            if standing:
                standing.over()
        if standing:
            log.info("takes over: no other daemon leads any more")
        self._begin()
        return journal

    def _begin(self) -> None:
        with contextlib.suppress(OSError):
            self.trouble = (self._run / "frozen").read_text()
            (self._run / "frozen").unlink()
        with contextlib.suppress(OSError, ValueError):
            pause_from = float((self._run / "handed-over").read_text())
            (self._run / "handed-over").unlink()
            # An older value is ignored: its follower ended before it took over, or the machine was restarted.
            self.pause_from = pause_from if 0 < time.monotonic() - pause_from < STARTING_S else None
        file = os.open(self._run / "beat", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(file, _BEAT.pack(0), 0)
            self._memory = mmap.mmap(file, _BEAT.size)
        finally:
            os.close(file)
        self._beats = 0
        self._say()

    async def beats(self) -> None:
        """Beats from the event loop, until it is cancelled."""
        while True:
            self._beats += 1
            _BEAT.pack_into(self._memory, 0, self._beats)
            await asyncio.sleep(BEAT_S)

    def serving(self, epoch: int, pause_s: float | None) -> None:
        """Asterisk was found and this daemon decides. `pause_s`: seconds for which no daemon decided, where they are known."""
        self.leader = replace(self.leader, epoch=epoch, serving=True, pause_s=pause_s)
        self._say()

    def hand_over(self, decided_until: float | None = None) -> None:
        """Gives up the lead; to be called just before the journal is closed.

        `decided_until`, where another daemon stands by: when this one decided for the last time, in monotonic seconds.
        """
        if decided_until is not None:
            (self._run / "handed-over").write_text(str(decided_until))
        (self._run / "leader.json").unlink(missing_ok=True)

    def _say(self) -> None:
        write_private(self._run / "leader.json", json.dumps(asdict(self.leader)))


def end_frozen(run: Path, leader: Leader) -> bool:
    """Kills a frozen leader; its successor finds why in `Lease.trouble`. False when it can't be killed."""
    why = f"process {leader.pid} gave no sign of life for {FROZEN_S:g} s and was ended"
    if not leader.kill():
        return False
    log.error("the daemon was frozen and is ended", process=leader.pid, silent_s=FROZEN_S)
    with contextlib.suppress(OSError):
        (run / "frozen").write_text(why)
    return True


class _Standby:
    """The file `run/standby.<pid>` of a process that stands by; the process holds a lock on it while it lives."""

    def __init__(self, run: Path) -> None:
        self._file = run / f"standby.{os.getpid()}"
        while True:
            self._lock = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if self._file.exists():
                return
            os.close(self._lock)  # A process that looked before the lock was taken has removed the file as left over.

    def over(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._lock)


def last_written(journal: Path) -> float:
    """One second before the newest modification of a file there, in epoch seconds; of now when there is none."""
    return max((file.stat().st_mtime for file in journal.glob("*")), default=time.time()) - 1.0
