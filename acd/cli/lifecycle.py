"""The hotline as a whole, on the command line: down, drain, and which daemon leads."""

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import State, counted, installation_at, say
from acd.cli.times import clock_of
from acd.errors import SanxiangError
from acd.files import write_private
from acd.processes import api_client, parts
from acd.processes.leader_lease import Leader, standbys
from acd.setup.installation import Installation


class NothingToStop(SanxiangError):
    """Nothing runs for {state}: there is nothing to stop. Another hotline is named by its --state."""


class SupervisorGone(SanxiangError):
    """The supervisor of {state} (process {pid}) has ended already, and every process that it kept with it: there is nothing to
    stop. `./sanxiang up` starts the hotline again."""


class KeptByOthers(SanxiangError):
    """A hotline runs for {state}, and no supervisor of ours keeps it. Stop it by what has started it: `docker compose stop`, or the
    units of systemd."""


LAST_WORDS_S = 30.0
"""Nobody waits or talks any more: so long those in the menu, who hear that we are closed, and at the survey still have."""
SERVED = ("waiting", "offered", "talking", "elsewhere")


def down(state: State = None) -> None:  # type: ignore[assignment]
    """Stop the hotline that `up` or `demo` started; calls in progress end. (`drain --hotline` serves them first.)"""
    stop(installation_at(state))


def stop(installation: Installation) -> None:
    """Ends the supervisor with SIGTERM and waits up to 40 s. Raises NothingToStop, KeptByOthers, SupervisorGone,
    StateNotReadable."""
    pid = parts.supervisor(installation)
    if not pid and parts.daemon_lives(installation):
        raise KeptByOthers(state=installation.state)
    if not pid and (gone := parts.dead_supervisor(installation)):
        raise SupervisorGone(state=installation.state, pid=gone)
    if not pid:
        raise NothingToStop(state=installation.state)
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError as error:
        raise installation.not_readable(PermissionError(error.errno, error.strerror, f"process {pid}")) from None
    except OSError:
        raise NothingToStop(state=installation.state) from None
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.1)
    typer.echo("stopped" if not Path(f"/proc/{pid}").exists() else "told to stop; still ending")


def drain(
    hotline: Annotated[
        bool,
        typer.Option(
            "--hotline", "--house", help="Take no new callers, serve those who are here, then stop the hotline."
        ),
    ] = False,
    within: Annotated[
        float, typer.Option(min=0, help="With --hotline: minutes after which it stops in any case.")
    ] = 30,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Replace the running daemon and story server by this version's; calls go on."""
    installation = installation_at(state)
    if hotline:
        drain_hotline(installation, within * 60)
        return
    from acd.processes import upgrade as upgrades

    for said in upgrades.ask(installation, upgrades.Programs()):
        if "say" in said:
            typer.echo(said["say"])


def drain_hotline(installation: Installation, within_s: float) -> None:
    """Closes every queue, waits until all callers who wait or talk are served, and stops the hotline.

    The queues that it closed are open again after the next start. Interrupted, it opens them at once and stops nothing.
    """
    clock = clock_of(installation)
    closed = _close_all(installation)
    typer.echo(f"No new callers: {counted(len(closed), 'queue is', 'queues are')} closed. (Times: {clock.name})")
    end = time.monotonic() + within_s
    alone_since: float | None = None
    said = ""
    try:
        while True:
            calls = _calls(installation)
            if calls is not None:
                here = Counter(row["stage"] for row in calls if not row.get("virtual"))
                busy = sum(here[stage] for stage in SERVED)
                alone_since = None if busy else alone_since or time.monotonic()
                if (now := _in_words(here, busy)) != said:
                    said = now
                    typer.echo(f"{clock.now()}  {said}")
                if not here or (alone_since and time.monotonic() - alone_since > LAST_WORDS_S):
                    typer.echo("Every caller who asked for an agent has been served.")
                    break
            if time.monotonic() > end:
                typer.echo("The time is up; calls still in progress are cut off.")
                break
            time.sleep(0.5)
    except KeyboardInterrupt:
        for queue in closed:
            api_client.ask(installation, "POST", f"/api/queues/{queue}/open", {})
        typer.echo("Interrupted: the queues are open again, the hotline goes on.")
        raise typer.Exit(1) from None
    write_private(installation.drained_file, "\n".join(closed))
    stop(installation)


def _close_all(installation: Installation) -> list[str]:
    """The queues that were open, closed now."""
    queues = api_client.ask(installation, "GET", "/api/state")["queues"]
    closed = [row["name"] for row in queues if not row.get("closed")]
    for queue in closed:
        api_client.ask(installation, "POST", f"/api/queues/{queue}/close", {})
    return closed


def _calls(installation: Installation) -> list[dict[str, Any]] | None:
    """None while the daemon is away for a moment: the calls are still in Asterisk."""
    try:
        return list(api_client.ask(installation, "GET", "/api/state")["calls"])
    except api_client.NotRunning:
        return None


def _in_words(here: Counter[str], busy: int) -> str:
    if here and not busy:
        return "nobody is waiting or talking; callers in the menu hear that the hotline is closed"
    names = {"menu": "in the menu", "waiting": "waiting", "offered": "ringing", "talking": "talking"}
    names |= {"elsewhere": "sent on", "after": "leaving"}
    parts = [f"{here[stage]} {words}" for stage, words in names.items() if here[stage]]
    return ", ".join(parts) or "no calls are left"


def show_daemons(installation: Installation) -> None:
    """The leading daemon and the standbys, a line each."""
    leader = Leader.of(installation.run)
    if leader and leader.lives:
        say(f"{'daemon':10} leads  process {leader.pid}, epoch {leader.epoch}")
    for pid in standbys(installation.run):
        say(f"{'daemon':10} stands by, process {pid}")
