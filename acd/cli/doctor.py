"""`./sanxiang doctor`: what is wrong with this machine or installation, and what to type."""

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from acd.cache import cache_folder
from acd.cli.finding import Finding
from acd.cli.port_findings import port_findings
from acd.cli.self_call import way_of
from acd.cli.times import clock_of
from acd.cli.trunks import REMEDIES
from acd.config import BadConfiguration, Config, load
from acd.errors import SanxiangError
from acd.pbx.install.runtime import find_pbx, operators_asterisk
from acd.processes import parts
from acd.processes.api_client import NotRunning, ask
from acd.setup.installation import Installation, NoInstallation, default_state
from acd.setup.network_findings import network_findings
from acd.setup.prepare import check_prompts_and_menu, database_url, ping_database
from acd.store.errors import DatabaseAway, DatabaseFull, DatabaseRefuses, NoSuchDatabase
from acd.words.trunks import why_refused

CHECK_REMEDIES = {
    "pbx": "Look into log/asterisk.log of the state folder: the supervisor starts an Asterisk that has ended again.",
    "sip": "Asterisk lives and takes no call: look into run/asterisk/log/messages.log of the state folder.",
    "store": "See `database` below. Calls go on, and their rows wait on the disk.",
    "shipper": "See `database` below; rows that wait on the disk follow by themselves. Else look into log/daemon.log.",
    "stories": "Look into log/stories.log of the state folder; callers are served without the menu meanwhile.",
    "disk": "See `recordings` below.",
    "trunks": "See the trunks below.",
}
"""Check of /health to what to do about it."""
STATE_FREE_MB = 500.0
"""Fewer in the state folder is bad: the journal takes 3.4 kB a call, a log 110 MB at most."""


def examine(config_file: Path, state: Path | None) -> list[Finding]:
    """Every finding, good and bad; looks only, changes nothing. `state`: None for the default one."""
    installation = Installation((state or default_state()).resolve())
    about_state = list(_state(installation, named=state is not None))
    found = [_python(), *_asterisk(), _cache(), *about_state]
    config: Config | None = None
    if config_file.exists():
        try:
            config = load(config_file)
            readable = all(each.ok for each in about_state)
            mistakes = check_prompts_and_menu(config, installation if readable else None)
        except BadConfiguration as bad:
            mistakes = bad.mistakes
        found += [Finding("configuration", False, mistake, f"Edit {config_file}.") for mistake in mistakes] or [
            Finding("configuration", True, f"{config_file} is well")
        ]
    else:
        remedy = "Copy docs/sanxiang.example.toml there and change it, or name yours with --config."
        found.append(Finding("configuration", False, f"{config_file} is not there", remedy))
    running = list(_running(installation))
    found += running
    if all(each.found == "up" or each.found.startswith("down: ") for each in running):  # else nobody answers
        found += _last_self_call(installation)
        found += _trunks(installation)
    if config is not None:
        found.append(_database(config))
        found += [Finding(each.what, each.ok, each.found, each.remedy) for each in network_findings(config, _modules())]
        found += port_findings(config, installation)
        found += _disk(config, installation)
    return found


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, "")


def _asterisk() -> Iterator[Finding]:
    verdict = operators_asterisk()
    if verdict is not None:
        yield Finding("this machine's Asterisk", verdict.taken, verdict.why)
    else:
        yield Finding("this machine's Asterisk", True, "none; a fetched one is used")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pbx = find_pbx()
        yield Finding("Asterisk that is used", True, f"{pbx.version} ({pbx.origin})")
    except SanxiangError as error:
        yield Finding("Asterisk that is used", False, str(error), "./sanxiang up   or   ./sanxiang demo --once")


def _cache() -> Finding:
    folder = cache_folder()
    free = shutil.disk_usage(folder if folder.exists() else Path.home()).free / 1e6
    return Finding("cache folder", free > 1000, f"{folder}, {free:,.0f} MB free", "" if free > 1000 else "Free 1 GB.")


def _state(installation: Installation, *, named: bool) -> Iterator[Finding]:
    """`named`: by --state, so that one that is not there is a mistake and no first start."""
    folder = installation.state
    try:
        Installation.existing(folder)
        free = shutil.disk_usage(folder).free / 1e6
    except NoInstallation as missing:
        if named:
            yield Finding("state folder", False, str(missing))
        else:
            yield Finding("state folder", True, f"{folder} is not there yet; `up` makes it")
        return
    except (SanxiangError, OSError) as error:
        yield Finding("state folder", False, str(error))
        return
    if not os.access(folder, os.W_OK):
        remedy = "A disk that has failed is often mounted read-only (`dmesg`); else mend the folder's owner and rights."
        yield Finding("state folder", False, f"{folder} can't be written", remedy)
    elif free < STATE_FREE_MB:
        remedy = f"Make room: `du -xsh {folder}/*` shows what is large there; calls go on, but nothing is logged on a full disk."
        yield Finding("state folder", False, f"{folder}, only {free:,.0f} MB free", remedy)
    else:
        yield Finding("state folder", True, f"{folder}, {free:,.0f} MB free")


def _running(installation: Installation) -> Iterator[Finding]:
    """Whether the daemon answers, and each of its checks that is down."""
    try:
        health = ask(installation, "GET", "/health")
    except NotRunning:
        yield _not_answering(installation)
        return
    except SanxiangError as error:
        yield Finding("daemon", False, str(error))
        return
    down = [check["name"] for check in health["checks"] if not check["up"]]
    if not down:
        yield Finding("daemon", True, "up")
    for name in down:
        yield Finding("daemon", False, f"down: {name}", CHECK_REMEDIES.get(name, f"Look into {installation.log}."))


def _not_answering(installation: Installation) -> Finding:
    """What is to be done when nobody answers; never anything that would cut a call."""
    log = installation.log / "daemon.log"
    if pid := parts.supervisor(installation):
        found = f"does not answer; the supervisor (process {pid}) starts one that has ended again, and calls go on"
        return Finding("daemon", False, found, f"If it stays so for a minute, look into {log}.")
    if pid := parts.dead_supervisor(installation):
        found = f"the hotline has ended without having been stopped (its supervisor was process {pid})"
        return Finding("daemon", False, found, "./sanxiang up   (a unit of systemd does so by itself)")
    if parts.daemon_lives(installation):
        return Finding("daemon", False, "its process is there and does not answer; calls go on", f"Look into {log}.")
    if installation.address_file.exists():
        found = "has ended, and no supervisor is there to start it again; calls go on where Asterisk runs"
        return Finding("daemon", False, found, "In containers: docker compose up -d daemon. Else: ./sanxiang up")
    return Finding("daemon", True, "not running")


def _last_self_call(installation: Installation) -> Iterator[Finding]:
    """Of each way the hotline has called itself, what the last call found."""
    clock = clock_of(installation)
    try:
        rows = ask(installation, "GET", "/api/state")["self_calls"]
    except SanxiangError:
        return
    for row in rows:
        if row["ok"] is None:
            continue
        wrong = " ".join(fault["en"]["what"] for fault in row["faults"])
        remedy = f"./sanxiang doctor --call {row['trunk']}".rstrip() if wrong else ""
        name = f"call to ourselves {way_of(row['trunk'])}"
        found = f"{clock.minute(row['at'])} ({clock.name}): {wrong or 'all was well'}"
        yield Finding(name, row["ok"], found, remedy)


def _trunks(installation: Installation) -> Iterator[Finding]:
    """Each trunk of the running hotline; nothing when it does not run."""
    try:
        rows = ask(installation, "GET", "/api/state")["trunks"]
    except SanxiangError:
        return
    clock = clock_of(installation)
    for row in rows:
        well = row["well"] and not row["refused"]
        since = f" since {clock.minute(row['since'])} ({clock.name})" if row["since"] else ""
        remedy = REMEDIES.get(row["state"], "") if not row["well"] else why_refused(row["refused"])
        yield Finding(f"trunk {row['name']}", well, row["said"]["en"] + since, "" if well else remedy)


def _database(config: Config) -> Finding:
    file = config.database.password_file
    try:
        ping_database(database_url(config))
    except DatabaseRefuses as error:
        mend = f"Mend {file}" if file else "Name the file with its password in database.password_file"
        remedy = f"{mend}, then `./sanxiang config reload`: calls go on. Rows wait on the disk until then."
        return Finding("database", False, error.said, remedy)
    except NoSuchDatabase as error:
        remedy = "Make it (`createdb`), or mend database.url and start anew when no calls are on (`./sanxiang drain --hotline`)."
        return Finding("database", False, error.said, remedy)
    except DatabaseFull as error:
        return Finding("database", False, error.said, "Raise max_connections or free the server's disk; calls go on.")
    except DatabaseAway as error:
        remedy = "Start PostgreSQL, or look at its machine and the way to it. Calls go on, their rows wait on the disk."
        return Finding("database", False, error.said, remedy)
    except SanxiangError as error:
        return Finding("database", False, str(error), "Mend [database].")
    return Finding("database", True, "answers")


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
