"""`./sanxiang doctor`: what is wrong with this machine or installation, and what to type."""

import asyncio
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acd.cache import cache_folder
from acd.cli.self_call import way_of
from acd.config import BadConfiguration, Config, load
from acd.errors import SanxiangError
from acd.pbx.install.ports import can_listen, is_free
from acd.pbx.install.runtime import find_pbx, operators_asterisk
from acd.processes.api_client import NotRunning, ask
from acd.setup.database import database_trouble, database_url
from acd.setup.installation import Installation
from acd.setup.network_findings import network_findings
from acd.setup.prepare import check_prompts_and_menu
from acd.store.journal_examination import would_find
from acd.words.journal import REMEDY, said
from acd.words.trunks import why_refused

TRUNK_REMEDIES = {
    "not-registered": "Ask the carrier; look at host, username, auth_user and password_file. It is tried on and on.",
    "no-registrar": "Look at host, its port, outbound_proxy and transport, at the firewall and the route to it. It is tried on and on.",
    "no-answer": "Ask the carrier, look at the firewall; for one that never answers OPTIONS set qualify_s = 0.",
    "unresolved": "`getent hosts NAME` shows what this machine's name server says; mend the name. An IMS domain is in none: add outbound_proxy.",
    "closed": "Look into run/asterisk/log/messages.log in the state folder; `config check`, then `config reload`.",
}
"""State, or "no-registrar", to what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    found: str
    remedy: str = ""


def examine(config_file: Path, installation: Installation) -> list[Finding]:
    """Every finding, good and bad; looks only, changes nothing."""
    found = [_python(), *_asterisk(), _cache()]
    config: Config | None = None
    if config_file.exists():
        try:
            config = load(config_file)
            mistakes = check_prompts_and_menu(config, installation)
        except BadConfiguration as bad:
            mistakes = bad.mistakes
        found += [Finding("configuration", False, mistake, f"Edit {config_file}.") for mistake in mistakes] or [
            Finding("configuration", True, f"{config_file} is well")
        ]
    else:
        remedy = "Copy docs/sanxiang.example.toml there and change it, or name yours with --config."
        found.append(Finding("configuration", False, f"{config_file} is not there", remedy))
    running = _running(installation)
    found.append(running)
    found += _journal(installation, config)
    if running.ok and running.found != "not running":
        found += _last_self_call(installation)
    found += _trunks(installation)
    if config is not None:
        found.append(_database(config))
        found += [Finding(each.what, each.ok, each.found, each.remedy) for each in network_findings(config, _modules())]
        if not _is_supervised(installation):
            # Else the ports are taken by the hotline itself.
            found += list(_ports(config))
        found.append(_disk(config, installation))
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


def _is_supervised(installation: Installation) -> bool:
    """Whether the hotline of this installation has been started and not stopped, answering or not."""
    try:
        return Path(f"/proc/{int(installation.supervisor_pid.read_text())}").exists()
    except (OSError, ValueError):
        return False


def _running(installation: Installation) -> Finding:
    if not installation.address_file.exists():
        return Finding("daemon", True, "not running")
    try:
        health = ask(installation, "GET", "/health")
    except NotRunning:
        return Finding("daemon", False, "does not answer", f"Look into {installation.log / 'daemon.log'}.")
    down = [check["name"] for check in health["checks"] if not check["up"]]
    if down == ["trunks"]:
        return Finding("daemon", True, "up; not every trunk is well")  # Each is told below.
    log = installation.log
    return Finding(
        "daemon", not down, f"down: {', '.join(down)}" if down else "up", f"Look into {log}." if down else ""
    )


def _last_self_call(installation: Installation) -> Iterator[Finding]:
    """Of each way the hotline has called itself, what the last call found."""
    for row in ask(installation, "GET", "/api/state")["self_calls"]:
        if row["ok"] is None:
            continue
        wrong = " ".join(fault["en"]["what"] for fault in row["faults"])
        remedy = f"./sanxiang doctor --call {row['trunk']}".rstrip() if wrong else ""
        name = f"call to ourselves {way_of(row['trunk'])}"
        yield Finding(name, row["ok"], f"{row['at'][:16]}: {wrong or 'all was well'}", remedy)


def _journal(installation: Installation, config: Config | None) -> Iterator[Finding]:
    """What is wrong between journal and database: as the daemon tells it, or as it would find at a start."""
    if installation.address_file.exists():
        with suppress(SanxiangError):
            for notice in ask(installation, "GET", "/health").get("notices", []):
                yield Finding("journal", False, notice["en"]["what"], notice["en"]["remedy"])
        return
    if config is None:
        return
    try:
        code, words = asyncio.run(would_find(installation.journal, database_url(config)))
    except (SanxiangError, OSError):
        return  # Told by the finding about the database.
    if code:
        yield Finding("journal", False, said(code, words, "en"), REMEDY["en"][code])


def _trunks(installation: Installation) -> Iterator[Finding]:
    """Each trunk of the running hotline; nothing when it does not run."""
    if not installation.address_file.exists():
        return
    try:
        rows = ask(installation, "GET", "/api/state")["trunks"]
    except SanxiangError:
        return
    for row in rows:
        well = row["well"] and not row["refused"]
        since = f" since {row['since'][:16].replace('T', ' ')} UTC" if row["since"] else ""
        remedy = TRUNK_REMEDIES.get(_trouble(row), "") if not row["well"] else why_refused(row["refused"])
        yield Finding(f"trunk {row['name']}", well, row["said"]["en"] + since, "" if well else remedy)


def _trouble(row: dict[str, Any]) -> str:
    """What is to be mended first, by the names of TRUNK_REMEDIES."""
    if row["unresolved"]:
        return "unresolved"
    return "no-registrar" if row["state"] == "not-registered" and row["registrar"] == 0 else str(row["state"])


def _database(config: Config) -> Finding:
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


def _ports(config: Config) -> Iterator[Finding]:
    sip = config.sip
    for name, host in zip(("sip.bind", "sip.bind_also"), sip.binds, strict=False):
        if why := can_listen(host):
            remedy = 'Write one that `ip address` shows, or "0.0.0.0".'
            yield Finding(name, False, f"{host} is no address of this machine ({why})", remedy)
            return
    looks: list[tuple[str, Callable[[], bool], int]] = [
        ("sip.port", lambda: all(is_free("udp", host, sip.port) for host in sip.binds), sip.port),
        *(
            [
                (
                    "sip.tls.port",
                    lambda port=sip.tls.port: all(is_free("tcp", host, port) for host in sip.binds),
                    sip.tls.port,
                )
            ]
            if sip.tls is not None
            else []
        ),
        ("web.port", lambda: is_free("tcp", config.web.host, config.web.port), config.web.port),
        ("ports.ami", lambda: is_free("tcp", "127.0.0.1", config.ports.ami), config.ports.ami),
        ("ports.agi", lambda: is_free("tcp", "127.0.0.1", config.ports.agi), config.ports.agi),
    ]
    for name, look, port in looks:
        if port:
            free = look()
            remedy = "" if free else "`ss -lpn` names the process that has it; stop it, or choose another port."
            yield Finding(name, free, f"{port} is {'free' if free else 'taken'}", remedy)


def _disk(config: Config, installation: Installation) -> Finding:
    folder = config.recordings.folder or installation.recordings
    if not folder.exists():
        return Finding("recordings", False, f"{folder} is not there", f"mkdir -p {folder}")
    free = shutil.disk_usage(folder).free / 1e6
    enough = free > config.recordings.min_free_mb
    remedy = "" if enough else "Move old recordings away: a full disk makes silent files."
    return Finding("recordings", enough, f"{folder}, {free:,.0f} MB free", remedy)
