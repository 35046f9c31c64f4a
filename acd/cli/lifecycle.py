"""The house as a whole, on the command line: down, drain, and who leads it."""

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import State, installation_at
from acd.files import write_private
from acd.processes import api_client
from acd.processes.leader_lease import Leader, standbys
from acd.setup.installation import Installation

LAST_WORDS_S = 30.0
"""Nobody waits or talks any more: so long those in the menu, who hear that we are closed, and at the survey still have."""
SERVED = ("waiting", "offered", "talking", "elsewhere")


def down(state: State = None) -> None:  # type: ignore[assignment]
    """Stop the hotline that `up` or `demo` started; calls in progress end. (`drain --house` serves them first.)"""
    stop(installation_at(state))


def stop(installation: Installation) -> None:
    try:
        pid = int(installation.supervisor_pid.read_text())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        raise api_client.NotRunning(state=installation.state) from None
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.1)
    typer.echo("stopped" if not Path(f"/proc/{pid}").exists() else "told to stop; still ending")


def drain(
    house: Annotated[
        bool, typer.Option("--house", help="Take no new callers, serve those who are here, then stop the hotline.")
    ] = False,
    within: Annotated[
        float, typer.Option(min=0, help="With --house: minutes, after which it stops all the same.")
    ] = 30,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Put this version's daemon and stories in the place of the running ones; no call is touched."""
    installation = installation_at(state)
    if house:
        drain_house(installation, within * 60)
        return
    from acd.processes import upgrade as upgrades

    for said in upgrades.ask(installation, upgrades.Programs()):
        if "say" in said:
            typer.echo(said["say"])


def drain_house(installation: Installation, within_s: float) -> None:
    """Closes every queue, waits until who waits and talks is served, and stops the house. What it closed is open again
    after its next start. Interrupted, it opens them at once and leaves the house as it was."""
    closed = _close_all(installation)
    typer.echo(f"No new callers: {len(closed)} queues are closed.")
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
                    typer.echo(f"{time.strftime('%H:%M:%S')}  {said}")
                if not here or (alone_since and time.monotonic() - alone_since > LAST_WORDS_S):
                    typer.echo("Everybody who asked for a person has been served.")
                    break
            if time.monotonic() > end:
                typer.echo("The time is up; who is still here is cut off.")
                break
            time.sleep(0.5)
    except KeyboardInterrupt:
        for queue in closed:
            api_client.ask(installation, "POST", f"/api/queues/{queue}/open", {})
        typer.echo("Given up: the queues are open again, the hotline goes on.")
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
        return "nobody waits or talks any more; who is in the menu hears that we are closed, and leaves"
    names = {"menu": "in the menu", "waiting": "waiting", "offered": "ringing", "talking": "talking"}
    names |= {"elsewhere": "sent on", "after": "leaving"}
    parts = [f"{here[stage]} {words}" for stage, words in names.items() if here[stage]]
    return ", ".join(parts) or "nobody is here any more"


def show_daemons(installation: Installation) -> None:
    """Who leads and who stands by, a line each."""
    leader = Leader.of(installation.run)
    if leader and leader.lives:
        typer.echo(f"{'daemon':10} leads  process {leader.pid}, epoch {leader.epoch}")
    for pid in standbys(installation.run):
        typer.echo(f"{'daemon':10} stands by, process {pid}")
