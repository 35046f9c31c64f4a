"""Who leads and who stands by, as the files of a state folder say. How a daemon comes to lead: leader_lease.py.

Apart from it because every command reads this, and none takes the lead: the journal and the engine are not imported for it.
"""

import fcntl
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Leader:
    """The leader, as it describes itself in `run/leader.json`."""

    pid: int
    began: int
    """When its process began, in the kernel's ticks since boot: with the pid it identifies the process for ever."""
    space: int = 0
    """The PID namespace (inode) of pid and began: a process of another container can be neither looked up nor ended from here."""
    epoch: int = 0
    serving: bool = False
    """Whether it has found Asterisk and decides."""
    pause_s: float | None = None
    """Seconds between the last decision of the leader before, where that one handed over, and its own first."""

    @classmethod
    def of(cls, run: Path) -> Self | None:
        """The present leader; None when there is none, or it has not written the file yet."""
        try:
            return cls(**json.loads((run / "leader.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    @classmethod
    def myself(cls) -> Self:
        """This process as leader."""
        return cls(os.getpid(), began_at(os.getpid()), own_space())

    @property
    def is_remote(self) -> bool:
        """Whether it runs in another container, or on another machine that shares the folder."""
        return self.space != own_space()

    @property
    def lives(self) -> bool:
        """Whether its process lives; True of a remote one, which can't be seen from here."""
        return self.is_remote or began_at(self.pid) == self.began

    def kill(self) -> bool:
        """Kills exactly this process. False when it has ended already, or may not be killed from here."""
        if self.is_remote:
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
    """When this process began, in ticks since boot; 0 when there is none, or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return 0 if fields[0] in "ZX" else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0


def own_space() -> int:
    """The PID namespace of this process (inode); 0 where the kernel does not say."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def standbys(run: Path) -> list[int]:
    """Process ids of the daemons that stand by. Files of killed ones are removed."""
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
