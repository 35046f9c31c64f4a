"""The processes of one hotline as this machine shows them: which of them live, and who holds a port.

For the supervisor that takes over what another has left, for `doctor`, and for the sentence that a command says when no daemon answers. Reads files of the state folder and /proc, and
changes nothing. Processes of other containers can't be seen from here, and those of other users only in part.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.pbx.install.ports import Kind
from acd.processes.leader import Leader, began_at
from acd.setup.held_locks import holds
from acd.setup.installation import Installation

PARTS = ("asterisk", "stories", "daemon", "standby")
_LISTENS = "0A"
"""The state of a listening TCP socket in /proc/net/tcp."""


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    name: str
    """Of its program, as "asterisk"."""


def parts(installation: Installation) -> dict[str, int]:
    """Part to process id, of those that live: "supervisor" and PARTS."""
    found = {part: _pid_in(installation.run / f"{part}.pid") for part in PARTS}
    ours = {part: pid for part, pid in found.items() if pid and _is_of(pid, installation)}
    leader = Leader.of(installation.run)
    if leader and not leader.is_remote and leader.lives:
        ours.setdefault("daemon", leader.pid)
    if pid := supervisor(installation):
        ours["supervisor"] = pid
    return ours


def running(installation: Installation) -> dict[str, list[int]]:
    """Process ids of all that run for this state folder, whoever keeps them: "asterisk", "stories", "daemon".

    By their command lines, since a pid file may be missing or tell of an earlier process. The one that leads, or that the pid file
    names, comes first; a daemon that stands by is one of the daemons.
    """
    found: dict[str, list[int]] = {"asterisk": [], "stories": [], "daemon": []}
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if (part := _part_of(_words(pid), installation)) and _is_first_of_its_session(pid):
            found[part].append(pid)
    first = parts(installation)
    leader = Leader.of(installation.run)
    if leader is not None and leader.pid in found["daemon"]:
        first["daemon"] = leader.pid
    for part, pids in found.items():
        pids.sort(key=first.get(part, 0).__ne__)
    return found


def supervisor(installation: Installation) -> int:
    """The process id of the supervisor that keeps this hotline; 0 where there is none."""
    pid = _pid_in(installation.supervisor_pid)
    return pid if pid and holds(pid, installation.supervisor_lock) else 0


def dead_supervisor(installation: Installation) -> int:
    """The process id of a supervisor that has ended without having stopped its hotline; 0 where there is none."""
    pid = _pid_in(installation.supervisor_pid)
    return pid if pid and not supervisor(installation) else 0


def kept_by(pid: int) -> int:
    """The process id of a supervisor whose child this process is, by its command line; 0 where it has none."""
    try:
        above = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    words = _words(above)
    return above if "acd.cli" in words and {"up", "demo"} & set(words) else 0


def daemon_lives(installation: Installation) -> bool:
    """Whether a daemon leads here, as far as can be seen; one of another container is taken to live."""
    leader = Leader.of(installation.run)
    return leader is not None and leader.lives


def holders(kind: Kind, port: int) -> list[Process]:
    """Who has this port open, on whatever address: those whom this user may look at."""
    wanted = set(_sockets("tcp", port)) | (set(_sockets("udp", port)) if kind == "udp" else set())
    if not wanted:
        return []
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if wanted & set(_open_sockets(process)):
            found.append(Process(int(process.name), _name(process)))
    return found


def other_hotline(pid: int) -> str:
    """The state folder of the hotline to which this process belongs; empty when it belongs to none."""
    words = _words(pid)
    for word in words:
        path = Path(word)
        if word.endswith("/run/asterisk/etc/asterisk.conf"):
            return str(path.parents[3])
        if word.endswith("/run/stories.json"):
            return str(path.parents[1])
    return words[-1] if "acd.daemon" in words else ""


# --- inside ---


def _is_of(pid: int, installation: Installation) -> bool:
    """Whether the command line of the process names this state folder: an old id may be a stranger's by now."""
    return any(
        Path(word) == installation.state or Path(word).is_relative_to(installation.run)
        for word in _words(pid)
        if word.startswith("/")
    )


def _part_of(words: list[str], installation: Installation) -> str:
    """Which part a process with this command line is; empty for any other."""
    if words[-3:] == ["-C", str(installation.run / "asterisk" / "etc" / "asterisk.conf"), "-f"]:
        return "asterisk"
    if "ivr.server" in words and str(installation.run / "stories.json") in words:
        return "stories"
    return "daemon" if "acd.daemon" in words and words[-1] == str(installation.state) else ""


def _is_first_of_its_session(pid: int) -> bool:
    """As what a supervisor starts is; not so a process that Asterisk has forked and that has not become a program yet."""
    try:
        return os.getsid(pid) == pid and began_at(pid) != 0
    except OSError:
        return False


def _pid_in(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
    except OSError:
        return []


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "a program"


def _sockets(kind: str, port: int) -> Iterator[str]:
    """The inodes of the sockets that listen at this port."""
    for table in (f"/proc/net/{kind}", f"/proc/net/{kind}6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in map(str.split, rows):
            if int(row[1].rpartition(":")[2], 16) == port and (kind == "udp" or row[3] == _LISTENS):
                yield row[9]


def _open_sockets(process: Path) -> Iterable[str]:
    """The inodes of the sockets that the process has open; none where it may not be looked at."""
    try:
        links = list((process / "fd").iterdir())
    except OSError:
        return
    for link in links:
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            yield target[8:-1]
