"""`./sanxiang up`: the supervisor's process, from reading the configuration until the last child has stopped.

Asterisk starts first, then the story server, then the daemon; they stop in the opposite order. PostgreSQL is the operator's own
and is neither started nor stopped here (the demo has an embedded one).
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
from acd.processes.log_files import Bounds
from acd.processes.log_keeper import LogKeeper
from acd.processes.supervisor import Child, Supervisor
from acd.processes.upgrade import UpgradeSocket
from acd.progress import Steps
from acd.setup.database import database_trouble, database_url, url_in_use
from acd.setup.installation import Installation
from acd.setup.pbx_settings import open_secrets, pbx_settings
from acd.setup.prepare import ROOT, check_prompts_and_menu, prepare
from acd.setup.start_plan import StartPlan
from acd.setup.users import USERS_VARIABLE, process_users, share


class AlreadyRunning(SanxiangError):
    """A supervisor runs for {state} already (process {pid}). Stop it with `./sanxiang down`, or give another --state."""


def run_up(config_file: Path, installation: Installation, *, standby: bool = False) -> int:
    """Runs until SIGTERM or SIGINT; 0, the exit status, comes out. `standby`: keep a second daemon standing by.

    Raises BadConfiguration, AlreadyRunning, and what `prepare` raises.
    """
    with claimed(installation):
        config, plan = _made_ready(config_file, installation)
        typer.echo(f"Hotline on SIP port {plan.sip_port}, page and API on {plan.web_url}")
        if trouble := database_trouble(url_in_use(config, plan)):
            typer.echo(f"PostgreSQL is awaited; calls are served, their rows wait on disk. {trouble}")
        typer.echo(f"Logs: {installation.log}. Stop with Ctrl-C or `./sanxiang down`.")
        asyncio.run(supervise(installation, config, plan, standby=standby))
    return 0


def run_prepare(config_file: Path, installation: Installation) -> int:
    """Does all that `up` does before it starts processes: for compose or others that start them. 0, the exit status, comes out.

    Raises PortTaken where the processes run already; then nothing that they use has changed except prompts. Else as `run_up`.
    """
    with claimed(installation):
        config, plan = _made_ready(config_file, installation, supervised=False)
        render_asterisk_files(installation, config, plan)
    typer.echo(f"Prepared in {installation.state}: SIP port {plan.sip_port}, page and API on {plan.web_url}")
    return 0


def _made_ready(config_file: Path, installation: Installation, *, supervised: bool = True) -> tuple[Config, StartPlan]:
    texts = Texts.read(config_file)
    config = texts.checked(config_file)
    if mistakes := check_prompts_and_menu(config, menu=texts.menu):
        raise BadConfiguration(config_file, mistakes)
    for said in (*warnings(config), *open_secrets(config)):
        typer.echo(f"warning: {said}")
    database_url(config)  # Told before anything is prepared: no address, or a password that can't be read.
    url = config.database.url or ""  # Without its password, so that none stands in the plan.
    # SIPp and baresip are needed by the demo only; espeak-ng speaks the prompts.
    plan, _ = prepare(
        installation, texts, config_file.resolve(), url, Steps(total=3), tools=("espeak-ng",), supervised=supervised
    )
    return config, plan


class claimed:
    """A context in which no second supervisor can start for this state folder. Raises AlreadyRunning on entering."""

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


def render_asterisk_files(installation: Installation, config: Config, plan: StartPlan) -> Path:
    """Renders Asterisk's configuration with new secrets. The file for `asterisk -C` comes out. Raises as `render`."""
    main_file = render(pbx_settings(installation, config, plan, Secrets.made_anew()))
    users = process_users(plan.users)
    if users:
        (installation.run / "asterisk.pid").touch(0o600)  # In a container Asterisk's own start writes it.
    share(installation, users, Path(plan.recordings))
    return main_file


def children(installation: Installation, config: Config, plan: StartPlan, *, standby: bool = False) -> list[Child]:
    """The processes, in the order in which they start; with `standby` a second daemon among them."""
    main_file = render_asterisk_files(installation, config, plan)
    plain = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(installation.run), "LANG": "C.UTF-8"}
    kept = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "SANXIANG_ASTERISK", USERS_VARIABLE)
    users = process_users(plan.users)
    ours = {**plain, "PYTHONPATH": str(ROOT), **{key: os.environ[key] for key in kept if key in os.environ}}
    return [
        # Not -g: it leaves core dumps, and they contain what callers said.
        Child(
            "asterisk",
            [*plan.asterisk, "-C", str(main_file), "-f"],
            installation.log / "asterisk.log",
            plain,
            user=users.get("asterisk"),
        ),
        Child(
            "stories",
            [sys.executable, "-m", "ivr.server", str(installation.run / "stories.json")],
            installation.log / "stories.log",
            ours,
            user=users.get("stories"),
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


def log_bounds(config: Config) -> Bounds:
    """How much of each log is kept."""
    return Bounds(config.log.files_mb * 1_000_000, config.log.files_days)


async def supervise(
    installation: Installation,
    config: Config,
    plan: StartPlan,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
    *,
    standby: bool = False,
) -> None:
    """Runs all processes until SIGTERM or SIGINT, or until `meanwhile` has returned; raises what `meanwhile` raises."""
    keeper = LogKeeper(log_bounds(config), installation.log_bounds)
    logs.set_up(stream=keeper.stream(installation.log / "supervisor.log"))
    try:
        supervisor = Supervisor(children(installation, config, plan, standby=standby), keeper)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, supervisor.stop)
        async with UpgradeSocket(supervisor, installation):
            await _run(supervisor, meanwhile)
    finally:
        await asyncio.to_thread(keeper.close)


async def _run(supervisor: Supervisor, meanwhile: Callable[[], Awaitable[None]] | None) -> None:
    running = asyncio.create_task(supervisor.run())
    if meanwhile is not None:
        beside = asyncio.ensure_future(meanwhile())
        await asyncio.wait({running, beside}, return_when=asyncio.FIRST_COMPLETED)
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        supervisor.stop()
        await running
        if not beside.cancelled() and (failed := beside.exception()):
            raise failed
    await running
