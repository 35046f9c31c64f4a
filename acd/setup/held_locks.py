"""Who works on a state folder. The daemon that leads holds the journal's lock and the supervisor its own, each as long as it runs; the
kernel gives a lock back whose holder has died.
"""

import fcntl
import os
from pathlib import Path

from acd.setup.installation import Installation


def holder(installation: Installation) -> str:
    """The process id of the daemon that leads, or of the supervisor; "unknown" where it is not told, empty where neither runs.

    Processes of other containers count, as the kernel shows their locks here too; their ids are those of their containers.
    """
    for lock, named in (
        (installation.journal_lock, installation.journal_lock),
        (installation.supervisor_lock, installation.supervisor_pid),
    ):
        if _is_held(lock):
            try:
                return named.read_text(encoding="ascii", errors="replace")[:32].strip() or "unknown"
            except OSError:
                return "unknown"
    return ""


def holds(pid: int, lock: Path) -> bool:
    """Whether this process holds the lock on the file; where the kernel does not tell, whether it lives."""
    try:
        inode = str(lock.stat().st_ino)
        rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return Path(f"/proc/{pid}").exists()
    return any("FLOCK" in row and str(pid) in row and any(each.endswith(f":{inode}") for each in row) for row in rows)


def _is_held(lock: Path) -> bool:
    """Asked with a shared lock, which is given back at once: two who ask do not disturb each other."""
    try:
        file = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
