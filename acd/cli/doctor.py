"""`./sanxiang doctor`: what is wrong with this machine or installation, and what to type."""

import asyncio
import shutil
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from acd.cache import cache_folder
from acd.cli.asterisk import fetched_at
from acd.cli.config_findings import names_finding, prompt_findings, token_findings, way_findings
from acd.cli.finding import Finding
from acd.cli.language import current, in_language
from acd.cli.live_findings import ended_parts, live_findings
from acd.cli.port_findings import port_findings
from acd.cli.state_findings import state_findings
from acd.config import BadConfiguration, Config, load
from acd.errors import SanxiangError
from acd.pbx.install.runtime import FLOOR, Pbx, below_floor, find_pbx, operators_asterisk
from acd.processes import parts
from acd.processes.api_client import NotRunning, ask
from acd.setup.database import database_trouble, database_url
from acd.setup.installation import Installation, default_state
from acd.setup.network_findings import network_findings
from acd.setup.prepare import check_prompts_and_menu
from acd.setup.start_plan import StartPlan
from acd.speech.findings import speech_finding
from acd.words import journal

CHECK_REMEDIES = {
    "pbx": "Look into log/asterisk.log of the state folder: the supervisor starts an Asterisk that has ended again.",
    "sip": "Asterisk lives and takes no call: look into run/asterisk/log/messages.log of the state folder.",
    "store": "See `database` below. Calls go on, and their rows wait on the disk.",
    "shipper": "See `database` below; rows that wait on the disk follow by themselves. Else look into log/daemon.log.",
    "stories": "Look into log/stories.log of the state folder; callers are served without the menu meanwhile.",
    "disk": "See `recordings` below.",
}
"""Check of /health to what to do about it."""
TAKE_OVER = "./sanxiang up   (takes over what runs and touches no call; a unit of systemd does so by itself)"
DATABASE_SLOW_S = 2.0
"""An examination of PostgreSQL that takes longer: its rows wait, and the page with them."""


def examine(config_file: Path, state: Path | None) -> list[Finding]:
    """Every finding, good and bad; looks only, changes nothing. `state`: None for the default one.

    What causes others stands before them, so that the first that is bad is the one to be mended (docs/night-drill.md).
    """
    installation = Installation((state or default_state()).resolve())
    about_state = list(state_findings(installation, named=state is not None))
    config, about_config = _configuration(config_file)
    keyless = any(each.what == "operator.token" for each in about_state)
    ended, away, down = ([], [], []) if keyless else _running(installation)
    runs = [each for each in down if each.found.startswith(("up", "down: "))]
    found = [_python(), *_asterisk(), *about_state, *about_config, *_outlived(installation), *ended]
    if all(each.ok or each.what == "journal" for each in about_state):
        found += prompt_findings(installation)
    if config is not None:
        found += [*names_finding(config), _database(config)]
    found += _journal(installation, config, bool(runs))
    first, causes, consequences = live_findings(installation) if runs else ([], [], [])
    found += first
    if config is not None:
        found += [Finding(each.what, each.ok, each.found, each.remedy) for each in network_findings(config, _modules())]
        found += [*port_findings(config, installation), *_disk(config, installation)]
        if runs:
            found += _speech(config, installation)
    found += causes
    # Of a disk that stalls, or an Asterisk that is flooded, the watchdogs' alarms know more than the checks that are down.
    found += [*away, *consequences, *down, *ended_parts(installation)]
    if config is not None:
        found += way_findings(config)
    return [*found, *token_findings(installation), _cache()]


def _configuration(file: Path) -> tuple[Config | None, list[Finding]]:
    """The checked configuration, None where it can't be had, and what is to be said of it."""
    config: Config | None = None
    try:
        there = file.exists()
    except OSError as error:
        return None, [
            Finding("configuration", False, f"{file} can't be read: {error.strerror}", "Name another with --config.")
        ]
    if not there:
        remedy = "Copy docs/sanxiang.example.toml there and change it, or name yours with --config."
        return None, [Finding("configuration", False, f"{file} is not there", remedy)]
    if file.is_dir():
        remedy = (
            f"It is a folder: name the file in it, as --config {file}/sanxiang.toml, then `./sanxiang config check`."
        )
        return None, [Finding("configuration", False, f"{file} can't be read", remedy)]
    try:
        config = load(file)
        mistakes = check_prompts_and_menu(config)
    except BadConfiguration as bad:
        mistakes = bad.mistakes
    remedy = (
        f"Edit {file}, then `./sanxiang config check`. A running hotline goes on with the configuration that it has."
    )
    wrong = [Finding("configuration", False, mistake, remedy) for mistake in mistakes]
    return config, wrong or [Finding("configuration", True, f"{file} is well")]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "")


def _asterisk() -> Iterator[Finding]:
    """A machine's own that is too old is no fault while a fetched one serves."""
    verdict = operators_asterisk()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pbx = find_pbx()
        used = _used(pbx)
    except SanxiangError as error:
        used = Finding("Asterisk that is used", False, str(error), "./sanxiang up   or   ./sanxiang demo --once")
    if verdict is not None:
        yield Finding("this machine's Asterisk", verdict.taken or used.ok, verdict.why)
    else:
        yield Finding("this machine's Asterisk", True, "none; a fetched one is used")
    yield used


def _used(pbx: Pbx) -> Finding:
    at = fetched_at(pbx)
    here = f"{pbx.version} ({pbx.origin}" + (f" on {at:%Y-%m-%d})" if at else ")")
    if not below_floor(pbx.version):
        return Finding("Asterisk that is used", True, here)
    floor = ".".join(map(str, FLOOR))
    remedy = "./sanxiang asterisk renew   (beside it; calls go on), then a start when it suits"
    return Finding(
        "Asterisk that is used", False, f"{here}, older than {floor}, which closed 20 security advisories", remedy
    )


def _speech(config: Config, installation: Installation) -> Iterator[Finding]:
    """The process that recognises what callers say."""
    try:
        port = StartPlan.of(installation).speech_port
    except (OSError, ValueError, TypeError):
        return
    if each := speech_finding(config, port):
        yield Finding("speech", each.ok, in_language(each.found), each.remedy)


def _cache() -> Finding:
    folder = cache_folder()
    free = shutil.disk_usage(folder if folder.exists() else Path.home()).free / 1e6
    return Finding("cache folder", free > 1000, f"{folder}, {free:,.0f} MB free", "" if free > 1000 else "Free 1 GB.")


def _running(installation: Installation) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """(the hotline has ended, its daemon does not answer, what of it is up or down), at most one of them not empty."""
    try:
        health = ask(installation, "GET", "/health")
    except NotRunning:
        found = _not_answering(installation)
        if found.ok:
            return [], [], [found]
        return (
            ([], [found], [])
            if parts.supervisor(installation) or parts.daemon_lives(installation)
            else ([found], [], [])
        )
    except SanxiangError as error:
        return [], [Finding("daemon", False, str(error))], []
    down = [check["name"] for check in health["checks"] if not check["up"]]
    if down in ([], ["trunks"]):
        return [], [], [Finding("daemon", True, "up; not every trunk is well" if down else "up")]
    told = [name for name in down if name != "trunks"]
    # What another one is down for comes behind it.
    told.sort(key=lambda name: name != "pbx")
    return (
        [],
        [],
        [
            Finding("daemon", False, f"down: {name}", CHECK_REMEDIES.get(name, f"Look into {installation.log}."))
            for name in told
        ],
    )


def _outlived(installation: Installation) -> Iterator[Finding]:
    """What goes on although its supervisor was killed."""
    pid = parts.dead_supervisor(installation)
    running = (
        [in_language(f"{part} (process {pids[0]})") for part, pids in parts.running(installation).items() if pids]
        if pid
        else []
    )
    if running:
        found = f"process {pid} was killed; calls go on, and what falls now is not started again. Still there: {', '.join(running)}"
        yield Finding("supervisor", False, found, TAKE_OVER)


def _not_answering(installation: Installation) -> Finding:
    """What is to be done when nobody answers; never anything that would cut a call."""
    log = installation.log / "daemon.log"
    if pid := parts.supervisor(installation):
        found = f"does not answer; the supervisor (process {pid}) starts one that has ended again, and calls go on"
        return Finding("daemon", False, found, f"If it stays so for a minute, look into {log}.")
    if pid := parts.dead_supervisor(installation):
        if parts.running(installation)["asterisk"]:
            return Finding("daemon", False, "does not answer; calls go on in Asterisk", TAKE_OVER)
        found = f"the hotline has ended without having been stopped (its supervisor was process {pid})"
        return Finding("daemon", False, found, "./sanxiang up   (a unit of systemd does so by itself)")
    if parts.daemon_lives(installation):
        return Finding("daemon", False, "its process is there and does not answer; calls go on", f"Look into {log}.")
    if installation.address_file.exists():
        found = "has ended, and no supervisor is there to start it again; calls go on where Asterisk runs"
        return Finding("daemon", False, found, "In containers: docker compose up -d daemon. Else: ./sanxiang up")
    return Finding("daemon", True, "not running")


def _journal(installation: Installation, config: Config | None, answers: bool) -> Iterator[Finding]:
    """What is wrong between journal and database: as the daemon tells it, or as it would find at a start."""
    if answers:
        with suppress(SanxiangError):
            for notice in ask(installation, "GET", "/health").get("notices", []):
                words = notice[current()]
                yield Finding("journal", False, words["what"], words["remedy"])
        return
    if config is None or parts.supervisor(installation) or parts.daemon_lives(installation):
        return
    from acd.store.journal.journal_examination import would_find  # with SQLAlchemy: only where no daemon tells it

    try:
        code, words = asyncio.run(would_find(installation.journal, database_url(config)))
    except (SanxiangError, OSError):
        return  # Told by the finding about the database.
    if code:
        yield Finding("journal", False, journal.said(code, words, current()), journal.REMEDY[current()][code])


def _database(config: Config) -> Finding:
    """The sentence about one that does not serve holds the remedy."""
    began = time.monotonic()
    try:
        trouble = database_trouble(database_url(config))
    except SanxiangError as error:
        trouble = str(error)
    took_s = time.monotonic() - began
    if not trouble and took_s > DATABASE_SLOW_S:
        remedy = (
            "Look at the server (load, disk, `SELECT * FROM pg_stat_activity WHERE state <> 'idle'`) and at the way to it. Calls go on, and "
            "their rows wait on the disk."
        )
        return Finding("database", False, f"answers slowly: {took_s:.1f} s for what takes a tenth of one", remedy)
    return Finding("database", not trouble, trouble or "answers, and our calls can be kept there")


def _modules() -> Path | None:
    try:
        return find_pbx().moddir
    except SanxiangError:
        return None  # Told above.


def _disk(config: Config, installation: Installation) -> Iterator[Finding]:
    folder = config.recordings.folder or installation.recordings
    try:
        free = shutil.disk_usage(folder).free / 1e6
    except OSError as error:
        if config.recordings.folder:  # the state folder's own is made by the first start
            remedy = f"mkdir -p {folder}   (or mount its disk)"
            yield Finding("recordings", False, f"{folder}: {error.strerror}", remedy)
        return
    least = config.recordings.min_free_mb
    if free > least:
        yield Finding("recordings", True, f"{folder}, {free:,.0f} MB free")
    else:
        remedy = "Move old recordings away, or lower recordings.min_free_mb: on a full disk talks are not recorded."
        yield Finding("recordings", False, f"{folder}, {free:,.0f} MB free, min_free_mb is {least:,.0f}", remedy)
