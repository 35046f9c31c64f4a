"""Which of several daemons of one state folder leads, and who stands by.

The lead is the lock on the journal: who holds it writes, and the kernel gives it to nobody else while its holder lives.
Whoever comes second stands by, with everything imported, and asks for the lock again many times a second: a leader that
ends or is killed is followed within some hundredths of a second.

A leader that is frozen (SIGSTOP, a loop that hangs) holds the lock and does nothing with it. It beats, twice a second and
out of its event loop, so a beat that stands still for `FROZEN_S` says that nobody decides. Then it is *killed* and not
waited for, and that is what keeps the takeover clean: what is dead sends no late action and ships no late row, and its
lock falls to the next in the same moment. Taking over beside a living one would leave two that write: the epoch in
[connect] would refuse its offers, but nothing would refuse its rows. The epoch stays as the wall against a daemon that
nobody here can kill (of another container, or of a machine that shares the folder): there nobody takes over, and it says so.

Why 6 s: ten seconds after its last beat to Asterisk the dialplan answers without us; four of them are for a start and a
resync. What blocks a loop for shorter is said in its log (loop_watch.py) and forgiven. Three things must not make a living
daemon look dead: a full disk (the beat lies in shared memory), a machine that slept as a whole (of a long pause between two
looks only one look's worth counts), and a machine that is overloaded (time in which the daemon was ready to run and got no
CPU does not count).
"""

import asyncio
import contextlib
import fcntl
import json
import mmap
import os
import signal
import struct
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

import structlog

from acd.files import write_private
from acd.setup.installation import Installation
from acd.store.errors import SpoolTaken
from acd.store.journal import Journal

log = structlog.get_logger(__name__)

BEAT_S = 0.5
FROZEN_S = 6.0
STARTING_S = 60.0
"""A leader that has never beaten yet reads its journal: it is given so long."""
ASK_S = 0.05
"""Between two askings for the lock."""
_BEAT = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class Leader:
    """What the leader says of itself in `run/leader.json`."""

    pid: int
    began: int
    """When its process began, in the kernel's ticks since boot: with the pid it names one process for ever."""
    space: int = 0
    """The kernel's space of process ids that these belong to: another container's are not ours to look up, or to end."""
    epoch: int = 0
    serving: bool = False
    """It has found Asterisk and decides."""
    pause_s: float | None = None
    """Between the last decision of the one before it and its own first, where that one handed over."""

    @classmethod
    def of(cls, run: Path) -> Self | None:
        """None when nobody leads, or nobody has said so yet."""
        try:
            return cls(**json.loads((run / "leader.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    @classmethod
    def myself(cls) -> Self:
        return cls(os.getpid(), began_at(os.getpid()), own_space())

    @property
    def elsewhere(self) -> bool:
        """In another container, or on another machine that shares the folder."""
        return self.space != own_space()

    @property
    def lives(self) -> bool:
        """As far as can be seen from here."""
        return self.elsewhere or began_at(self.pid) == self.began

    def kill(self) -> bool:
        """Ends exactly this process, if it is still there and ours to end."""
        if self.elsewhere:
            return False
        try:
            process = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            if not self.lives:
                return False
            signal.pidfd_send_signal(process, signal.SIGKILL)
        except OSError:
            return False
        finally:
            os.close(process)
        return True


def began_at(pid: int) -> int:
    """When this process began, in ticks since boot; 0 when there is none, or only its corpse."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return 0 if fields[0] in "ZX" else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0


def own_space() -> int:
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


class BeatWatch:
    """Whether the leader's beat goes on, seen from another process. To be asked every `BEAT_S`."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self.leader: Leader | None = None
        """As of the last look."""
        self.beats = 0
        self.still_s = 0.0
        """For how long the beat has stood still though the leader's process could have run."""
        self._looked_at = time.monotonic()
        self._starved_s = 0.0

    def frozen(self) -> Leader | None:
        """The leader when he is frozen, once it is certain; and again at every later look."""
        leader, beats = Leader.of(self._run), read_beat(self._run)
        now, starved_s = time.monotonic(), starved(leader.pid) if leader else 0.0
        if (leader, beats) == (self.leader, self.beats):
            # Of a long while between two looks only one look's worth: then it was we who did not run.
            could_run_s = min(now - self._looked_at, 2 * BEAT_S) - max(0.0, starved_s - self._starved_s)
            self.still_s += max(0.0, could_run_s)
        else:
            self.still_s = 0.0
        self.leader, self.beats, self._looked_at, self._starved_s = leader, beats, now, starved_s
        patience_s = FROZEN_S if beats else STARTING_S
        return leader if leader and leader.lives and self.still_s >= patience_s else None


def starved(pid: int) -> float:
    """For how many seconds in all its threads were ready to run and had no CPU; 0 where the kernel does not count that."""
    waited_ns = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            waited_ns += int(thread.read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return waited_ns / 1e9


def read_beat(run: Path) -> int:
    try:
        return int(_BEAT.unpack((run / "beat").read_bytes())[0])
    except (OSError, struct.error):
        return 0


class Lease:
    """The lead over a state folder, once `taken`."""

    def __init__(self, installation: Installation) -> None:
        self._run = installation.run
        self._folder = installation.journal
        self.heard_until = 0.0
        """Until when the daemon before us surely heard what happened, as epoch seconds: its last word in the journal."""
        self.trouble = ""
        """What befell the leader before us, in words; empty when he ended as leaders should."""
        self.pause_from: float | None = None
        """When the leader before us decided for the last time, by the machine's monotonic clock, where he handed over."""
        self.leader = Leader.myself()

    async def taken(self) -> Journal:
        """Stands by for as long as another leads; the journal, open, when the lead is ours."""
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
            # Of a follower who fell before he could take over, or from before the machine's own start, it says nothing.
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
        """Says that the event loop runs, until it is cancelled."""
        while True:
            self._beats += 1
            _BEAT.pack_into(self._memory, 0, self._beats)
            await asyncio.sleep(BEAT_S)

    def serving(self, epoch: int, pause_s: float | None) -> None:
        """Asterisk has been found; this daemon decides."""
        self.leader = replace(self.leader, epoch=epoch, serving=True, pause_s=pause_s)
        self._say()

    def hand_over(self, decided_until: float | None = None) -> None:
        """To be called just before the journal is closed: nobody leads now.

        `decided_until`, where somebody stands by: when we decided for the last time, as monotonic seconds.
        """
        if decided_until is not None:
            (self._run / "handed-over").write_text(str(decided_until))
        (self._run / "leader.json").unlink(missing_ok=True)

    def _say(self) -> None:
        write_private(self._run / "leader.json", json.dumps(asdict(self.leader)))


def end_frozen(run: Path, leader: Leader) -> bool:
    """Kills a leader who is frozen; the one after him finds why in `Lease.trouble`. False when he can't be killed."""
    why = f"process {leader.pid} gave no sign of life for {FROZEN_S:g} s and was ended"
    if not leader.kill():
        return False
    log.error("the daemon was frozen and is ended", process=leader.pid, silent_s=FROZEN_S)
    with contextlib.suppress(OSError):
        (run / "frozen").write_text(why)
    return True


class _Standby:
    """Says in `run/standby.<pid>` that this process stands by; the lock on it says that the process lives."""

    def __init__(self, run: Path) -> None:
        self._file = run / f"standby.{os.getpid()}"
        while True:
            self._lock = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if self._file.exists():
                return
            os.close(self._lock)  # Somebody who looked in between took it for a dead one's.

    def over(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._lock)


def standbys(run: Path) -> list[int]:
    """Process ids of the daemons that stand by. What one that was killed has left behind is cleared away."""
    found = []
    for file in sorted(run.glob("standby.*")):
        try:
            lock = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            file.unlink(missing_ok=True)
        except BlockingIOError:
            found.append(int(file.suffix[1:]))
        finally:
            os.close(lock)
    return found


def last_written(journal: Path) -> float:
    """The newest time of a file there, a second before it; now when there is none."""
    return max((file.stat().st_mtime for file in journal.glob("*")), default=time.time()) - 1.0
