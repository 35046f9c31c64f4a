"""The hotline as a whole, on the command line: down, drain, and which daemon leads."""

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import State, counted, installation_at, say
from acd.cli.language import in_language
from acd.cli.times import clock_of
from acd.errors import SanxiangError
from acd.files import write_private
from acd.processes import api_client, parts
from acd.processes.leader import Leader, standbys
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.setup.upgrade_notes import notes
from acd.setup.versions import Started
from acd.store.migrations import HEAD


class NothingToStop(SanxiangError):
    """Nothing runs for {state}: there is nothing to stop. Another hotline is named by its --state."""


class SupervisorGone(SanxiangError):
    """The supervisor of {state} (process {pid}) has ended already, and so has every process that it kept: there is nothing to
    stop. `./sanxiang up` starts the hotline again."""


class NotByDrain(SanxiangError):
    """This version can't take the place of the running one while calls go on. {why} Nothing was changed; `sanxiang upgrade` says what to
    type. (`--anyway` drains all the same.)"""


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
    """Ends the supervisor with SIGTERM and waits up to 40 s; without one, what a killed supervisor has left. Raises NothingToStop,
    KeptByOthers, SupervisorGone, NotOurs, AlreadyRunning, StateNotReadable."""
    pid = parts.supervisor(installation)
    if not pid and (gone := parts.dead_supervisor(installation)):
        _stop_left_over(installation, gone)
        return
    if not pid and parts.daemon_lives(installation):
        raise KeptByOthers(state=installation.state)
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
    say("stopped" if not Path(f"/proc/{pid}").exists() else "told to stop; still ending")


def _stop_left_over(installation: Installation, gone: int) -> None:
    """Ends the processes that have outlived this supervisor, while no other supervisor can start. Raises as `stop`."""
    from acd.processes.takeover import LeftOver
    from acd.processes.up import claimed

    if not (left := LeftOver.of(installation)):
        raise SupervisorGone(state=installation.state, pid=gone)
    with claimed(installation, keeps_pid=True):
        left.end()
    installation.supervisor_pid.unlink(missing_ok=True)
    say("stopped")


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
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where `sanxiang upgrade` says that it takes a start.")
    ] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Replace the running daemon and story server by this version's; calls go on."""
    installation = installation_at(state)
    if hotline:
        drain_hotline(installation, within * 60)
        return
    from acd.processes import upgrade as upgrades

    if not anyway:
        check_drain(installation)
    for told in upgrades.ask(installation, upgrades.Programs()):
        if "say" in told:
            say(told["say"])


def check_drain(installation: Installation) -> None:
    """Silent where the daemon of this checkout may work with the Asterisk that runs. Raises NotByDrain where the dialplan is another, or the
    configuration in force is not taken; NotRunning, StateNotReadable."""
    try:
        found = notes(installation, StartPlan.of(installation), Started.by_us(HEAD))
    except FileNotFoundError:
        raise api_client.not_running(installation) from None
    except OSError as error:
        raise installation.not_readable(error) from None
    if why := [note.said for note in found if note.code in ("dialplan", "configuration")]:
        raise NotByDrain(why=" ".join(why))


def drain_hotline(installation: Installation, within_s: float) -> None:
    """Closes every queue, waits until all callers who wait or talk are served, and stops the hotline.

    The queues that it closed are open again after the next start. Interrupted, it opens them at once and stops nothing.
    """
    clock = clock_of(installation)
    closed = _close_all(installation)
    say(f"No new callers: {counted(len(closed), 'queue is', 'queues are')} closed. (Times: {clock.name})")
    end = time.monotonic() + within_s
    alone_since: float | None = None
    shown = ""
    try:
        while True:
            calls = _calls(installation)
            if calls is not None:
                here = Counter(row["stage"] for row in calls if not row.get("virtual"))
                busy = sum(here[stage] for stage in SERVED)
                alone_since = None if busy else alone_since or time.monotonic()
                if (now := _in_words(here, busy)) != shown:
                    shown = now
                    say(f"{clock.now()}  {shown}")
                if not here or (alone_since and time.monotonic() - alone_since > LAST_WORDS_S):
                    say("Every caller who asked for an agent has been served.")
                    break
            if time.monotonic() > end:
                say("The time is up; calls still in progress are cut off.")
                break
            time.sleep(0.5)
    except KeyboardInterrupt:
        for queue in closed:
            api_client.ask(installation, "POST", f"/api/queues/{queue}/open", {})
        say("Interrupted: the queues are open again, the hotline goes on.")
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
        return in_language("nobody is waiting or talking; callers in the menu hear that the hotline is closed")
    names = {"menu": "in the menu", "waiting": "waiting", "offered": "ringing", "talking": "talking"}
    names |= {"elsewhere": "sent on", "after": "leaving"}
    parts = [in_language(f"{here[stage]} {words}") for stage, words in names.items() if here[stage]]
    return ", ".join(parts) or in_language("no calls are left")


def show_daemons(installation: Installation) -> None:
    """The leading daemon and the standbys, a line each; and a supervisor that has ended."""
    if pid := parts.dead_supervisor(installation):
        say(f"supervisor DOWN   process {pid} has ended: calls go on, and what falls is not started again.")
        say("                  ./sanxiang up takes over what runs, and touches no call")
    leader = Leader.of(installation.run)
    if leader and leader.lives:
        say(f"{'daemon':10} leads  process {leader.pid}, epoch {leader.epoch}")
    for pid in standbys(installation.run):
        say(f"{'daemon':10} stands by, process {pid}")
