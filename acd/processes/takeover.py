"""What runs on when a supervisor was killed: the next one takes it over, or it is ended.

Asterisk, the story server and the daemon do not need the supervisor for a single call. So they go on without it, and the next
supervisor of the same state folder takes over what it finds: same processes, same ports, same configuration in force. It starts what is
missing. What nobody can take over is a hotline without Asterisk: no call is in it, so what is left of it ends, and the start is one like
any other.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from acd.config.versions import Texts, Versions
from acd.errors import SanxiangError
from acd.processes import parts
from acd.processes.child import Child, TakenOver, send_to
from acd.processes.leader import began_at
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan

log = structlog.get_logger(__name__)

WITHIN_S = 10.0
"""For a process to end by itself; the same that the supervisor gives each."""


class CantTakeOver(SanxiangError):
    """Asterisk (process {pid}) of {state} has outlived its supervisor and can't be taken over: {why}. Its calls go on.
    `./sanxiang down` ends it when you can spare them; then `./sanxiang up`."""


class NotOurs(SanxiangError):
    """{part} (process {pid}) runs as another user, so this command may not end it; nothing was ended. Under systemd type
    `systemctl start sanxiang`, which takes it over, then `systemctl stop sanxiang`. Else, as root: kill {pid}"""


class StillThere(SanxiangError):
    """{what} still runs on {state}, and there may be calls in it: nothing was changed. {remedy} Then type this again."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Processes that no supervisor keeps any more, by part; of each part the one to be kept comes first."""

    daemon: tuple[int, ...] = ()
    stories: tuple[int, ...] = ()
    asterisk: tuple[int, ...] = ()

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """Those of this state folder. While a supervisor runs they are its own, and not left over."""
        found = parts.running(installation)
        return cls(tuple(found["daemon"]), tuple(found["stories"]), tuple(found["asterisk"]))

    def __bool__(self) -> bool:
        return bool(self.daemon or self.stories or self.asterisk)

    def each(self) -> Iterator[tuple[str, int]]:
        """Part and process id, in the order in which they end. A daemon that stands by ends before the one that leads."""
        yield from (("daemon", pid) for pid in reversed(self.daemon))
        yield from (("stories", pid) for pid in self.stories)
        yield from (("asterisk", pid) for pid in self.asterisk)

    def end(self) -> None:
        """Ends all of them, each within `WITHIN_S`; then it is killed. Raises NotOurs, and then nothing was ended."""
        opened = [(part, pid, _opened(pid)) for part, pid in self.each()]
        try:
            for part, pid, process in opened:
                try:
                    _send(process, 0)
                except PermissionError:
                    raise NotOurs(part=part, pid=pid) from None
            for part, pid, process in opened:
                _send(process, signal.SIGTERM)
                if not _ended_within(process, pid):
                    log.warning("did not stop in time and is killed", child=part, after_s=WITHIN_S)
                    _send(process, signal.SIGKILL)
                    _ended_within(process, pid)
        finally:
            for _, _, process in opened:
                if process is not None:
                    os.close(process)


def check_nothing_runs(installation: Installation) -> None:
    """For what takes the state folder away or puts another into its place. Asks the processes, not the folder, which may be gone.

    Raises StillThere: which processes run, and what ends them.
    """
    found = parts.running(installation)
    for part, pid in parts.parts(
        installation
    ).items():  # of a container's, which is no session of its own, the pid file tells
        if part in found and pid not in found[part]:
            found[part].append(pid)
    pids = [pid for each in found.values() for pid in each]
    if not pids:
        return
    what = ", ".join(f"{part} (process {pid})" for part, each in found.items() for pid in each)
    if parts.supervisor(installation) or parts.dead_supervisor(installation):
        remedy = "End it with `sanxiang down`, under systemd with `systemctl stop sanxiang`."
    else:
        above = sorted({keeper for pid in pids if (keeper := parts.kept_by(pid))})
        remedy = f"End it, as its user or as root: `kill {' '.join(map(str, above or pids))}`."
    raise StillThere(what=what, state=installation.state, remedy=remedy)


def taken_over(left: LeftOver, children: list[Child]) -> None:
    """Gives each child the process that runs for it already. Of story servers that are too many each leaves with its last caller, as after
    a `drain`; daemons that are too many end."""
    daemons = list(left.daemon)
    for child in children:
        pids = daemons if child.beats else list(getattr(left, child.name, ()))
        while pids and child.process is None:
            with suppress(ProcessLookupError):  # it has just ended: the next, or a new one
                child.process = TakenOver(pids.pop(0))
    for pid in daemons:
        _ask(pid, signal.SIGTERM)
    for pid in left.stories[1:]:
        _ask(pid, signal.SIGUSR1)


def plan_of(installation: Installation, asterisk: int) -> StartPlan:
    """The plan of the start to which the living Asterisk belongs. Raises CantTakeOver."""
    try:
        return StartPlan.of(installation)
    except (OSError, ValueError, TypeError) as error:
        why = f"run/prepared.json can't be read ({error})"
        raise CantTakeOver(pid=asterisk, state=installation.state, why=why) from error


def changed_since(installation: Installation, config_file: Path) -> bool:
    """Whether the operator's file says something else than what is in force."""
    try:
        latest = Versions(installation.versions, made=False).latest()
        return latest is not None and Texts.read(config_file).sum != latest.sha
    except (SanxiangError, OSError):
        return True


def _opened(pid: int) -> int | None:
    """A pidfd; None where the process has ended."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _send(process: int | None, number: int) -> None:
    """Nothing where it has ended. Raises PermissionError."""
    if process is not None:
        with suppress(ProcessLookupError):
            send_to(process, number)


def _ask(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _ended_within(process: int | None, pid: int) -> bool:
    end = time.monotonic() + WITHIN_S
    while process is not None and began_at(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
