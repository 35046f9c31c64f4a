"""`./sanxiang up`: the supervisor's process, from the configuration to the last child stopped.

Order of the start: Asterisk, stories, daemon; of the end: the other way round. PostgreSQL is the operator's own and is
neither started nor stopped here (the demo brings its embedded one).
"""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer

from acd.config import BadConfiguration, Config, warnings
from acd.config.versions import Texts
from acd.errors import SanxiangError
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import Secrets
from acd.processes import logs
from acd.processes.supervisor import Child, Supervisor
from acd.processes.upgrade import Ear
from acd.progress import Steps
from acd.setup.installation import Installation
from acd.setup.pbx_settings import pbx_settings
from acd.setup.prepare import ROOT, check_prompts_and_menu, database_trouble, database_url, prepare
from acd.setup.start_plan import StartPlan


class AlreadyRunning(SanxiangError):
    """A supervisor runs for {state} already (process {pid}). Stop it with `./sanxiang down`, or give another --state."""


def run_up(config_file: Path, installation: Installation, *, standby: bool = False) -> int:
    """Runs until SIGTERM or SIGINT. 0 when it was stopped as wished. `standby`: a second daemon waits all the time."""
    with claimed(installation):
        config, plan = _made_ready(config_file, installation)
        typer.echo(f"Hotline on SIP port {plan.sip_port}, page and API on {plan.web_url}")
        if trouble := database_trouble(plan.database_url):
            typer.echo(f"PostgreSQL is awaited; calls are served, their rows wait on disk. {trouble}")
        typer.echo(f"Logs: {installation.log}. Stop with Ctrl-C or `./sanxiang down`.")
        asyncio.run(supervise(installation, config, plan, standby=standby))
    return 0


def run_prepare(config_file: Path, installation: Installation) -> int:
    """All that `up` does before its processes start, and nothing else: somebody else, as compose, runs them. 0 when done.

    Where they run already, their ports are taken (PortTaken); prompts apart, nothing that they use has been changed.
    """
    with claimed(installation):
        config, plan = _made_ready(config_file, installation)
        asterisks_files(installation, config, plan)
    typer.echo(f"Prepared in {installation.state}: SIP port {plan.sip_port}, page and API on {plan.web_url}")
    return 0


def _made_ready(config_file: Path, installation: Installation) -> tuple[Config, StartPlan]:
    texts = Texts.read(config_file)
    config = texts.checked(config_file)
    if mistakes := check_prompts_and_menu(config, menu=texts.menu):
        raise BadConfiguration(config_file, mistakes)
    for said in warnings(config):
        typer.echo(f"warning: {said}")
    url = database_url(config)
    # The tools that play callers and agents are the demo's; the voice of the prompts is needed here too.
    plan, _ = prepare(installation, texts, config_file.resolve(), url, Steps(total=3), tools=("espeak-ng",))
    return config, plan


class claimed:
    """While it is held, no second supervisor starts for this state folder. Raises AlreadyRunning."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def __enter__(self) -> None:
        file = self._installation.run / "supervisor.lock"
        self._lock = file.open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = self._installation.supervisor_pid
            said = pid.read_text() if pid.exists() else "unknown"
            raise AlreadyRunning(state=self._installation.state, pid=said) from None
        self._installation.supervisor_pid.write_text(str(os.getpid()))

    def __exit__(self, *_: object) -> None:
        self._installation.supervisor_pid.unlink(missing_ok=True)
        self._lock.close()


def asterisks_files(installation: Installation, config: Config, plan: StartPlan) -> Path:
    """Asterisk's configuration, rendered with secrets of this start; the file that `asterisk -C` is told."""
    return render(pbx_settings(installation, config, plan, Secrets.made_anew()))


def children(installation: Installation, config: Config, plan: StartPlan, *, standby: bool = False) -> list[Child]:
    """The processes of the house, in the order in which they start; with `standby` a second daemon among them."""
    main_file = asterisks_files(installation, config, plan)
    plain = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(installation.run), "LANG": "C.UTF-8"}
    kept = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "SANXIANG_ASTERISK")
    ours = {**plain, "PYTHONPATH": str(ROOT), **{key: os.environ[key] for key in kept if key in os.environ}}
    return [
        # -g would leave core dumps, and those hold what callers said.
        Child("asterisk", [*plan.asterisk, "-C", str(main_file), "-f"], installation.log / "asterisk.log", plain),
        Child(
            "stories",
            [sys.executable, "-m", "ivr.server", str(installation.run / "stories.json")],
            installation.log / "stories.log",
            ours,
        ),
        *(
            Child(
                name,
                [sys.executable, "-m", "acd.daemon", str(installation.state)],
                installation.log / f"{name}.log",
                ours,
                beats=True,
            )
            for name in (("daemon", "standby") if standby else ("daemon",))
        ),
    ]


async def supervise(
    installation: Installation,
    config: Config,
    plan: StartPlan,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
    *,
    standby: bool = False,
) -> None:
    """Runs the house until a signal says stop, or until `meanwhile` has returned."""
    logs.set_up_file(installation.log / "supervisor.log")
    supervisor = Supervisor(children(installation, config, plan, standby=standby))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.stop)
    async with Ear(supervisor, installation):
        await _run(supervisor, meanwhile)


async def _run(supervisor: Supervisor, meanwhile: Callable[[], Awaitable[None]] | None) -> None:
    running = asyncio.create_task(supervisor.run())
    if meanwhile is not None:
        day = asyncio.ensure_future(meanwhile())
        await asyncio.wait({running, day}, return_when=asyncio.FIRST_COMPLETED)
        day.cancel()
        await asyncio.gather(day, return_exceptions=True)
        supervisor.stop()
        await running
        if not day.cancelled() and (failed := day.exception()):
            raise failed
    await running
