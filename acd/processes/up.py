"""`./sanxiang up`: the supervisor's process, from reading the configuration until the last child has stopped.

Asterisk starts first, then the story server, then the daemon; they stop in the opposite order. PostgreSQL is the operator's own
and is neither started nor stopped here (the demo has an embedded one). Where a supervisor was killed and its Asterisk goes on, nothing is
prepared and no call is touched: what runs is taken over (takeover.py).
"""

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
import typer

from acd.config import BadConfiguration, Config, warnings
from acd.config.versions import Texts, Versions
from acd.errors import SanxiangError
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import Secrets
from acd.processes import logs
from acd.processes.child import Child
from acd.processes.leader import Leader
from acd.processes.log_files import Bounds
from acd.processes.log_keeper import LogKeeper
from acd.processes.notify import keep_telling
from acd.processes.parts import dead_supervisor
from acd.processes.supervisor import KeeperEnded, Supervisor
from acd.processes.takeover import LeftOver, changed_since, plan_of, taken_over
from acd.processes.upgrade import UpgradeSocket
from acd.progress import Steps
from acd.setup.database import database_trouble, database_url, url_in_use
from acd.setup.installation import Installation
from acd.setup.pbx_settings import open_secrets, pbx_settings
from acd.setup.prepare import ROOT, check_prompts_and_menu, prepare
from acd.setup.start_plan import StartPlan
from acd.setup.unused_lookups import unused_lookups
from acd.setup.users import USERS_VARIABLE, Part, check_reach, process_users, share
from acd.setup.voice_maker import start_maker
from acd.speech.settings import FILE as SPEECH_FILE
from acd.voices.catalogue import VARIABLE

log = structlog.get_logger(__name__)

REPLACEABLE_OOM_SCORE = 300
"""For processes whose end costs no call: where memory is short the kernel ends them before Asterisk."""

FIRST_TO_GO_OOM_SCORE = 600
"""For the process that recognises speech: without it there are keys."""
READY_WITHIN_S = 30.0
"""So long systemd is let wait for a daemon that serves."""


class AlreadyRunning(SanxiangError):
    """A supervisor runs for {state} already (process {pid}). Stop it with `./sanxiang down`, or give another --state."""


def run_up(
    config_file: Path, installation: Installation, *, standby: bool = False, say: Callable[[str], None] = typer.echo
) -> int:
    """Runs until SIGTERM or SIGINT; 0, the exit status, comes out. `standby`: keep a second daemon standing by. `say`: shows the operator an
    English sentence, in whatever language.

    Raises BadConfiguration, AlreadyRunning, CantTakeOver, NotReachable, and what `prepare` raises.
    """
    gone = dead_supervisor(installation)
    with claimed(installation):
        # Without one that was killed, what runs here is kept by others: by units of the operator's own, say.
        left = LeftOver.of(installation) if gone else LeftOver()
        if left.asterisk:
            return _run_on(left, config_file, installation, standby=standby, say=say)
        left.end()
        config, plan = _made_ready(config_file, installation, say)
        check_reach(process_users(plan.users), programs_of(plan))
        if texts := start_maker(installation, config, Path(plan.sounds)):
            say(f"espeak-ng speaks {texts} texts for now; the better voice is made meanwhile (`sanxiang prompt list`).")
        say(f"Hotline on SIP port {plan.sip_port}, page and API on {plan.web_url}")
        if trouble := database_trouble(url_in_use(config, plan)):
            say(f"PostgreSQL is awaited; calls are served, their rows wait on disk. {trouble}")
        say(f"Logs: {installation.log}. Stop with Ctrl-C or `./sanxiang down`.")
        kept = children(installation, config, plan, standby=standby, outlive=True)
        asyncio.run(supervise(installation, log_bounds(config), kept))
    return 0


def _run_on(
    left: LeftOver, config_file: Path, installation: Installation, *, standby: bool, say: Callable[[str], None]
) -> int:
    """Takes over what a killed supervisor has left, with the configuration in force."""
    plan = plan_of(installation, left.asterisk[0])
    kept = kept_children(installation, plan, main_file_of(installation), standby=standby, outlive=True)
    taken_over(left, kept)
    found = ", ".join(f"{child.name} (process {child.process.pid})" for child in kept if child.process)
    say(f"This hotline has outlived its supervisor. Taken over: {found}. No call was touched.")
    missing = [child.name for child in kept if child.process is None]
    if missing:
        say(f"Started again: {', '.join(missing)}.")
    if changed_since(installation, config_file):
        say(f"The configuration in force goes on. `./sanxiang config reload` brings {config_file} into force.")
    asyncio.run(supervise(installation, bounds_in_force(installation), kept))
    return 0


def programs_of(plan: StartPlan) -> dict[Part, list[Path]]:
    """What is run as each user. Asterisk runs the stories itself when their server is away."""
    python = [Path(sys.executable), Path(sys.executable).resolve(), ROOT / "ivr" / "server.py"]
    return {"asterisk": [*(Path(word) for word in plan.asterisk if word.startswith("/")), *python], "stories": python}


def serves(installation: Installation, kept: list[Child], within_s: float = READY_WITHIN_S) -> Callable[[], bool]:
    """Says whether all processes run and a daemon has found Asterisk; after `within_s` seconds whether they run: callers may be served
    without a daemon, and `doctor` says what is wrong."""
    until = time.monotonic() + within_s

    def look() -> bool:
        leader = Leader.of(installation.run)
        served = leader is not None and leader.serving and leader.lives
        return all(child.runs for child in kept if child.name != "speech") and (served or time.monotonic() > until)

    return look


def bounds_in_force(installation: Installation) -> Bounds:
    """As `log_bounds`, of the configuration in force; the default where that can't be read."""
    try:
        versions = Versions(installation.versions, made=False)
        latest = versions.latest()
        return log_bounds(versions.texts(latest.number).checked(latest.file)) if latest else Bounds()
    except (SanxiangError, OSError, ValueError):
        return Bounds()


def run_prepare(
    config_file: Path, installation: Installation, *, log_pipes: bool = False, say: Callable[[str], None] = typer.echo
) -> int:
    """Does all that `up` does before it starts processes: for compose or others that start them. 0, the exit status, comes out.
    `log_pipes`: Asterisk is started with a keeper of its logs beside it (beside_asterisk.py); else it writes files of its own.

    Raises PortTaken where the processes run already; then nothing that they use has changed except prompts. Else as `run_up`.
    """
    with claimed(installation):
        config, plan = _made_ready(config_file, installation, say, log_pipes=log_pipes)
        render_asterisk_files(installation, config, plan)
    say(f"Prepared in {installation.state}: SIP port {plan.sip_port}, page and API on {plan.web_url}")
    return 0


def _made_ready(
    config_file: Path, installation: Installation, say: Callable[[str], None], *, log_pipes: bool = True
) -> tuple[Config, StartPlan]:
    texts = Texts.read(config_file)
    config = texts.checked(config_file)
    if mistakes := check_prompts_and_menu(config, menu=texts.menu, brand_menus=texts.brand_menus):
        raise BadConfiguration(config_file, mistakes)
    for said in (*warnings(config), *open_secrets(config), *unused_lookups(config)):
        say(f"warning: {said}")
    database_url(config)  # Told before anything is prepared: no address, or a password that can't be read.
    url = config.database.url or ""  # Without its password, so that none stands in the plan.
    # SIPp and baresip are needed by the demo only; espeak-ng speaks the prompts.
    plan, _ = prepare(
        installation, texts, config_file.resolve(), url, Steps(total=3), tools=("espeak-ng",), log_pipes=log_pipes
    )
    return config, plan


class claimed:
    """A context in which no second supervisor can start for this state folder. Raises AlreadyRunning on entering."""

    def __init__(self, installation: Installation, *, keeps_pid: bool = False) -> None:
        """`keeps_pid`: the pid file goes on naming the supervisor before, for whoever is none."""
        self._installation = installation
        self._keeps_pid = keeps_pid

    def __enter__(self) -> None:
        self._lock = self._installation.supervisor_lock.open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = self._installation.supervisor_pid
            said = pid.read_text() if pid.exists() else "unknown"
            raise AlreadyRunning(state=self._installation.state, pid=said) from None
        if not self._keeps_pid:
            self._installation.supervisor_pid.write_text(str(os.getpid()))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """The pid file goes, except where processes go on without their supervisor: it says that they may be taken over."""
        if not self._keeps_pid and not (kind and issubclass(kind, KeeperEnded)):
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


def children(
    installation: Installation, config: Config, plan: StartPlan, *, standby: bool = False, outlive: bool = False
) -> list[Child]:
    """Renders Asterisk's configuration; the processes come out as of `kept_children`. Raises as `render`."""
    main_file = render_asterisk_files(installation, config, plan)
    return kept_children(installation, plan, main_file, standby=standby, outlive=outlive)


def main_file_of(installation: Installation) -> Path:
    """The file for `asterisk -C`."""
    return installation.run / "asterisk" / "etc" / "asterisk.conf"


def kept_children(
    installation: Installation, plan: StartPlan, main_file: Path, *, standby: bool = False, outlive: bool = False
) -> list[Child]:
    """The processes, in the order in which they start; with `standby` a second daemon among them. `outlive`: they go on when the
    supervisor is killed."""
    plain = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(installation.run), "LANG": "C.UTF-8"}
    kept = (
        "HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
        "PYTHONPYCACHEPREFIX",
        "SANXIANG_ASTERISK",
        VARIABLE,
        USERS_VARIABLE,
    )
    users = process_users(plan.users)
    # Safe path: the modules are this checkout's, whatever folder it was started in.
    ours = {
        **plain,
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
        **{key: os.environ[key] for key in kept if key in os.environ},
    }
    return [
        # Not -g: it leaves core dumps, and they contain what callers said.
        Child(
            "asterisk",
            [*plan.asterisk, "-C", str(main_file), "-f"],
            installation.log / "asterisk.log",
            plain,
            user=users.get("asterisk"),
            outlives=outlive,
        ),
        Child(
            "stories",
            [sys.executable, "-m", "ivr.server", str(installation.run / "stories.json")],
            installation.log / "stories.log",
            ours,
            user=users.get("stories"),
            outlives=outlive,
            oom_score=REPLACEABLE_OOM_SCORE,
        ),
        *(
            # It ends with the supervisor and loses no call: what is said meanwhile is keyed.
            Child(
                "speech",
                [sys.executable, "-m", "acd.speech", str(installation.run / SPEECH_FILE)],
                installation.log / "speech.log",
                ours,
                oom_score=FIRST_TO_GO_OOM_SCORE,
            )
            for _ in range(1 if plan.speech_port else 0)
        ),
        *(
            Child(
                name,
                [sys.executable, "-m", "acd.daemon", str(installation.state)],
                installation.log / f"{name}.log",
                ours,
                beats=True,
                outlives=outlive,
                oom_score=REPLACEABLE_OOM_SCORE,
            )
            for name in (("daemon", "standby") if standby else ("daemon",))
        ),
    ]


def log_bounds(config: Config) -> Bounds:
    """How much of each log is kept."""
    return Bounds(config.log.files_mb * 1_000_000, config.log.files_days)


async def supervise(
    installation: Installation,
    bounds: Bounds,
    kept: list[Child],
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Keeps these processes until SIGTERM or SIGINT, or until `meanwhile` has returned; raises what `meanwhile` raises.

    SIGHUP, as when the terminal is closed, ends nothing: there may be calls.
    """
    keeper = LogKeeper(bounds, installation.log_bounds)
    logs.set_up(stream=keeper.stream(installation.log / "supervisor.log"))
    try:
        supervisor = Supervisor(kept, keeper)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, supervisor.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: log.warning("the terminal was closed; the hotline goes on"))
        async with UpgradeSocket(supervisor, installation):
            telling = asyncio.create_task(keep_telling(serves(installation, kept)), name="tell systemd")
            try:
                await _run(supervisor, meanwhile)
            finally:
                telling.cancel()
    finally:
        await asyncio.to_thread(keeper.close)


async def _run(supervisor: Supervisor, meanwhile: Callable[[], Awaitable[None]] | None) -> None:
    running = asyncio.create_task(supervisor.run())
    if meanwhile is not None:
        beside = asyncio.ensure_future(meanwhile())
        await asyncio.wait({running, beside}, return_when=asyncio.FIRST_COMPLETED)
        stopped = supervisor.stopping
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        supervisor.stop()
        await running
        # Whoever stops the hotline takes away what `meanwhile` asks: that it fails then is no news.
        if not stopped and not beside.cancelled() and (failed := beside.exception()):
            raise failed
    await running
