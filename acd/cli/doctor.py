"""`./sanxiang doctor`: what is wrong with this machine or installation, and what to type."""

import asyncio
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from acd.cache import cache_folder
from acd.cli.finding import Finding
from acd.cli.port_findings import port_findings
from acd.cli.self_call import way_of
from acd.cli.times import clock_of
from acd.cli.trunks import remedy_of
from acd.config import BadConfiguration, Config, load
from acd.errors import SanxiangError
from acd.pbx.install.runtime import find_pbx, operators_asterisk
from acd.processes import parts
from acd.processes.api_client import NotRunning, ask
from acd.setup.database import database_trouble, database_url
from acd.setup.installation import Installation, NoInstallation, default_state
from acd.setup.network_findings import network_findings
from acd.setup.prepare import check_prompts_and_menu
from acd.store.journal_examination import would_find
from acd.words.journal import REMEDY, said

CHECK_REMEDIES = {
    "pbx": "Look into log/asterisk.log of the state folder: the supervisor starts an Asterisk that has ended again.",
    "sip": "Asterisk lives and takes no call: look into run/asterisk/log/messages.log of the state folder.",
    "store": "See `database` below. Calls go on, and their rows wait on the disk.",
    "shipper": "See `database` below; rows that wait on the disk follow by themselves. Else look into log/daemon.log.",
    "stories": "Look into log/stories.log of the state folder; callers are served without the menu meanwhile.",
    "disk": "See `recordings` below.",
}
"""Check of /health to what to do about it."""
STATE_FREE_MB = 500.0
"""Fewer in the state folder is bad: the journal takes 3.4 kB a call, each log up to `log.files_mb`."""


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
    answers = all(each.found.startswith(("up", "down: ")) for each in running)
    found += _journal(installation, config, answers)
    if answers:
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
    """Whether the daemon answers, and each of its checks that is down, except trunks, which are told one by one."""
    try:
        health = ask(installation, "GET", "/health")
    except NotRunning:
        yield _not_answering(installation)
        return
    except SanxiangError as error:
        yield Finding("daemon", False, str(error))
        return
    down = [check["name"] for check in health["checks"] if not check["up"]]
    if down in ([], ["trunks"]):
        yield Finding("daemon", True, "up; not every trunk is well" if down else "up")
    for name in (each for each in down if each != "trunks"):
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


def _journal(installation: Installation, config: Config | None, answers: bool) -> Iterator[Finding]:
    """What is wrong between journal and database: as the daemon tells it, or as it would find at a start."""
    if answers:
        with suppress(SanxiangError):
            for notice in ask(installation, "GET", "/health").get("notices", []):
                yield Finding("journal", False, notice["en"]["what"], notice["en"]["remedy"])
        return
    if config is None or parts.supervisor(installation) or parts.daemon_lives(installation):
        return
    try:
        code, words = asyncio.run(would_find(installation.journal, database_url(config)))
    except (SanxiangError, OSError):
        return  # Told by the finding about the database.
    if code:
        yield Finding("journal", False, said(code, words, "en"), REMEDY["en"][code])


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
        yield Finding(f"trunk {row['name']}", well, row["said"]["en"] + since, "" if well else remedy_of(row))


def _database(config: Config) -> Finding:
    """The sentence about one that does not serve holds the remedy."""
    try:
        trouble = database_trouble(database_url(config))
    except SanxiangError as error:
        trouble = str(error)
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
