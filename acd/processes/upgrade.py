"""An upgrade under load: a new daemon and a new story server replace the running ones, and calls go on.

`sanxiang drain` sends a request to the supervisor over a socket in the state folder (`run/supervisor.sock`; whoever may open that
folder may ask). It names its own Python and checkout, which are the programs of the *new* version. The supervisor

1. starts the new daemon, which stands by (leader_lease.py): it has imported everything, and the old one still decides;
2. stops the old one, which files its recordings, decides for the last time, writes its state down and gives up the lead; phones
   that ring go on ringing in Asterisk, and the new daemon finds them there;
3. does the same with the story server: both listen for a moment, the old one accepts no new caller and finishes with its own.

A new daemon that does not become ready (a broken build, a configuration that it refuses) is stopped, and the old one goes on.
Asterisk is not touched, for it holds the calls. The supervisor itself is replaced at the next `up`.
"""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from acd.errors import SanxiangError
from acd.processes.child import Child
from acd.processes.leader import Leader, standbys
from acd.processes.supervisor import Supervisor
from acd.setup.installation import Installation
from acd.setup.prepare import ROOT
from ivr.server import BESIDE

log = structlog.get_logger(__name__)

LEADS_WITHIN_S = 30.0
"""How long the new daemon may take to find Asterisk once it leads."""
STORIES_LINGER_S = 90.0
"""How long the old story server may go on with its callers: a round of the waiting loop takes 30 s, a menu rarely more."""


class NoSupervisor(SanxiangError):
    """No supervisor answers for {state}. Under compose or systemd units of your own, replace the processes with them. Where it was
    killed, `./sanxiang up` first takes over what runs."""


class DrainFailed(SanxiangError):
    """{why}"""


class NobodyLeads(SanxiangError):
    """No daemon leads this hotline at the moment. See `sanxiang status`, and try again when one does."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The Python and the checkout of the new version."""

    python: str = sys.executable
    root: str = str(ROOT)

    def newcomer(self, child: Child) -> Child:
        """The same child, not started, run by these programs."""
        return replace(
            child,
            argv=[self.python, *child.argv[1:]],
            # Safe path: else Python takes its modules from the folder in which the supervisor was started, which is the old checkout.
            env={**child.env, "PYTHONPATH": self.root, "PYTHONSAFEPATH": "1"},
            process=None,
        )


class UpgradeSocket:
    """The supervisor's socket for `sanxiang drain`: one request at a time, answered line by line."""

    def __init__(self, supervisor: Supervisor, installation: Installation) -> None:
        self._supervisor, self._installation = supervisor, installation
        self._busy = asyncio.Lock()

    async def __aenter__(self) -> None:
        path = socket_of(self._installation)
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._answer, path)
        path.chmod(0o600)

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        socket_of(self._installation).unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(**what: Any) -> None:
            with suppress(OSError, RuntimeError):  # The client may have closed: the upgrade is finished all the same.
                writer.write(json.dumps(what).encode() + b"\n")

        try:
            async with asyncio.timeout(5):
                asked = json.loads(await reader.readline())
            programs = Programs(str(asked["python"]), str(asked["root"]))
        except (TimeoutError, ValueError, KeyError, TypeError):
            say(failed="That is no request; `sanxiang drain` knows how to ask.")
            writer.close()
            return
        try:
            async with self._busy:
                figures = await upgrade(
                    self._supervisor, self._installation, programs, lambda sentence: say(say=sentence)
                )
            say(done=figures)
        except SanxiangError as error:
            log.error("the upgrade was not made", why=str(error))
            say(failed=str(error))
        except Exception as error:
            log.exception("the upgrade broke off")
            say(failed=f"The upgrade broke off: {error}. See the supervisor's log; `sanxiang status` says who leads.")
        finally:
            with suppress(OSError):
                await writer.drain()
            writer.close()


async def upgrade(
    supervisor: Supervisor, installation: Installation, programs: Programs, say: Callable[[str], None]
) -> dict[str, Any]:
    """Replaces daemon and story server. `say` is called with a sentence for each step.

    Out come "daemon" and "stories", their process ids; "epoch"; "pause_s", the seconds for which no daemon decided, or None.
    Raises NobodyLeads, NotReplaced, DrainFailed.
    """
    run = installation.run
    leader = Leader.of(run)
    daemons = [child for child in supervisor.children if child.beats and child.process]
    led = supervisor.leader_of(leader)
    if led is None or leader is None:
        raise NobodyLeads
    began = time.monotonic()
    newcomer = programs.newcomer(led)

    def stands_ready() -> bool:
        return newcomer.process is not None and newcomer.process.pid in standbys(run)

    say(f"A new daemon is started; process {leader.pid} leads.")
    await supervisor.replace(
        led, newcomer, stands_ready, before_farewell=lambda: _renew_standbys(daemons, led, programs)
    )
    ready_s = time.monotonic() - began
    follower = await _serving(run, leader)
    pause_s = follower.pause_s
    say(
        f"Process {follower.pid} leads now. It stood ready after {ready_s:.1f} s; "
        + ("nobody knows for how long nobody decided." if pause_s is None else f"for {pause_s:.2f} s nobody decided.")
    )
    figures: dict[str, Any] = {"daemon": follower.pid, "epoch": follower.epoch, "pause_s": pause_s}
    stories = next((child for child in supervisor.children if child.name == "stories"), None)
    if stories is not None:
        port = json.loads((run / "stories.json").read_text())["agi_port"]
        former = listeners(port)
        new_stories = programs.newcomer(stories)
        new_stories.argv = [word for word in new_stories.argv if word != BESIDE] + [BESIDE]
        await supervisor.replace(
            stories,
            new_stories,
            lambda: bool(listeners(port) - former),
            farewell=signal.SIGUSR1,
            linger_s=STORIES_LINGER_S,
        )
        say("The stories are served by a new process; the old one ends with its last caller.")
        assert stories.process
        figures["stories"] = stories.process.pid
    log.info("upgraded", **figures)
    return figures


def _renew_standbys(daemons: list[Child], led: Child, programs: Programs) -> None:
    """Kills daemons that stand by with the old version: their keepers start them again with the new one."""
    for child in daemons:
        if child is not led and child.process is not None and child.process.returncode is None:
            renewed = programs.newcomer(child)
            child.argv, child.env = renewed.argv, renewed.env
            child.process.kill()


async def _serving(run: Path, before: Leader) -> Leader:
    end = time.monotonic() + LEADS_WITHIN_S
    while time.monotonic() < end:
        leader = Leader.of(run)
        if leader and leader.serving and leader.pid != before.pid:
            return leader
        await asyncio.sleep(0.02)
    raise DrainFailed(why="The new daemon leads but has not found Asterisk yet; see `sanxiang status` and its log.")


def listeners(port: int) -> set[str]:
    """The sockets (inodes) that listen on this TCP port of loopback, by /proc; whose they are is not looked at, for the files of another
    user's process are closed to the supervisor."""
    wanted = f"0100007F:{port:04X}"
    try:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    except OSError:
        return set()
    return {row[9] for row in rows if row[1] == wanted and row[3] == "0A"}


def socket_of(installation: Installation) -> Path:
    """The path of the supervisor's socket."""
    return installation.run / "supervisor.sock"


def ask(installation: Installation, programs: Programs) -> Iterator[dict[str, Any]]:
    """Asks for an upgrade. The supervisor's lines come out, {"say": sentence} and at last {"done": figures}.

    Raises NoSupervisor, DrainFailed.
    """
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(str(socket_of(installation)))
        except OSError:
            raise NoSupervisor(state=installation.state) from None
        link.sendall(json.dumps({"python": programs.python, "root": programs.root}).encode() + b"\n")
        with link.makefile(encoding="utf-8") as lines:
            said: dict[str, Any] = {}
            for line in lines:
                said = json.loads(line)
                if why := said.get("failed"):
                    raise DrainFailed(why=why)
                yield said
    if "done" not in said:
        raise DrainFailed(why="The supervisor ended before the upgrade was made. See `sanxiang status`.")
