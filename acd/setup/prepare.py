"""Everything between a checked configuration and processes that can start: PBX, prompts, page, ports, secrets, files.

`prepare` does it, in steps that say what they do, and leaves one file, `run/prepared.json`, from which the daemon knows
what the supervisor has decided. Nothing is done twice that has been done before: packages, prompts and page lie in the
cache.
"""

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from acd.config import Config
from acd.config.versions import Texts, Versions
from acd.errors import SanxiangError
from acd.files import made_secret, write_private
from acd.pbx.conf.certificates import BadPair, check_authorities, read_pair
from acd.pbx.conf.render import DOUBLED_MS
from acd.pbx.install.ports import Kind, PortTaken, can_listen, free_port, free_rtp_range, is_free
from acd.pbx.install.runtime import TOOLS, Pbx, ensure_pbx, use
from acd.progress import Progress, Steps
from acd.setup import database
from acd.setup.brand_prompts import (
    emergency_queues,
    menu_mistakes,
    menus_in_use,
    names_of,
    prompt_mistakes,
    sounds_of,
)
from acd.setup.codecs import codec_mistakes
from acd.setup.external_address import known_address
from acd.setup.installation import Installation
from acd.setup.pbx_settings import SecretUnreadable, secret_of, tls_of, trunk_password
from acd.setup.speaking import put_in_place
from acd.setup.start_plan import StartPlan
from acd.setup.users import USERS_VARIABLE, process_users, share
from acd.setup.versions import Started
from acd.speech.settings import SpeechProcess, labels_of
from acd.store.migrations import HEAD
from acd.web.server.page_build import build_page
from ivr.own_stories import story_mistakes
from ivr.prompts import check as check_prompts

ROOT = Path(__file__).resolve().parents[2]
STORIES = (
    "hotline",
    "waiting_room",
    "callback_offer",
    "goodbye",
    "agent_login",
    "verify",
    "survey",
    "survey_call",
    "fault_news",
)
GUEST = "guest"
"""The account with which anybody who knows its password may dial the hotline of a demo."""


class NotOurAddress(SanxiangError):
    """{field}: {address} is no address of this machine ({why}). Write one that `ip address` shows, or "0.0.0.0"."""


class RecordingsNotWritable(SanxiangError):
    """recordings.folder: {folder} can't be written ({why}). Make it for the user who runs the hotline (under systemd it
    must also stand in `ReadWritePaths=` of the unit), or name another folder."""


def prepare(
    installation: Installation,
    texts: Texts,
    config_file: Path,
    database_url: str,
    steps: Steps,
    guests: dict[str, str] | None = None,
    tools: Sequence[str] = TOOLS,
    *,
    log_pipes: bool = True,
) -> tuple[StartPlan, Pbx]:
    """All that is needed to start, with these tools of the PBX; three numbered steps. Raises a SanxiangError that says
    what to mend. `texts`: read once, so that what was checked is what comes into force, whoever edits the file meanwhile.
    `log_pipes`: somebody reads Asterisk's logs from pipes: our supervisor, or the keeper beside an Asterisk in a container.
    """
    config = texts.checked(config_file)
    with steps.step("Asterisk 22 and its tools") as progress:
        use(config.pbx.asterisk)
        pbx = ensure_pbx(progress, tools)
    with steps.step("Prompts in Chinese and English") as progress:
        sounds = speak(pbx, installation, config, progress)
    with steps.step("The page") as progress:
        page = build_page(progress)
    return decide(installation, texts, config_file, database_url, pbx, sounds, page, guests, log_pipes=log_pipes), pbx


def decide(
    installation: Installation,
    texts: Texts,
    config_file: Path,
    database_url: str,
    pbx: Pbx,
    sounds: Path,
    page: Path | None,
    guests: dict[str, str] | None = None,
    *,
    log_pipes: bool = True,
) -> StartPlan:
    """Ports and files of this start, written to the installation. Raises BadConfiguration, RecordingsNotWritable, PortTaken,
    NoFreePorts."""
    config = texts.checked(config_file)
    recordings = config.recordings.folder or installation.recordings
    _check_writable(recordings)
    sip = config.sip
    binds = sip.binds
    for field, address in zip(("sip.bind", "sip.bind_also"), binds, strict=False):
        if why := can_listen(address):
            raise NotOurAddress(field=field, address=address, why=why)
    rtp_start, rtp_end = (
        (sip.rtp_start, sip.rtp_end) if sip.port else free_rtp_range(binds[0], sip.rtp_end - sip.rtp_start)
    )
    web_port = _port("web.port", "tcp", config.web.host, config.web.port)
    plan = StartPlan(
        config_file=str(config_file),
        database_url=database_url,
        asterisk=pbx.asterisk,
        moddir=str(pbx.moddir),
        datadir=str(pbx.datadir),
        sounds=str(sounds),
        page=str(page or ""),
        bind=binds[0],
        bind_also=binds[1] if len(binds) > 1 else "",
        sip_port=_sip_port("sip.port", "udp", binds, sip.port),
        tls_port=_sip_port("sip.tls.port", "tcp", binds, sip.tls.port) if sip.tls is not None else 0,
        copies_port=free_port("udp"),
        external_address=known_address(installation, sip.external_address),
        ami_port=_port("ports.ami", "tcp", "127.0.0.1", config.ports.ami),
        agi_port=_port("ports.agi", "tcp", "127.0.0.1", config.ports.agi),
        rtp_start=rtp_start,
        rtp_end=rtp_end,
        web_host=config.web.host,
        web_port=web_port,
        recordings=str(recordings),
        guests=guests or {},
        stories_port=_stories_port(config.web.host, web_port),
        log_pipes=log_pipes,
        speech_port=free_port("tcp") if config.speech.engine != "off" else 0,
        users=os.environ.get(USERS_VARIABLE, ""),
    )
    users = process_users(plan.users)
    plan.keep(installation)
    Started.by_us(HEAD, pbx.version).keep(installation)
    # From here on the daemon goes by this version, whatever becomes of the file until somebody says "reload".
    versions = Versions(installation.versions)
    version = versions.take(texts, config_file, "up", "up")
    write_story_files(installation, versions.with_menu(config, version.number), plan)
    share(installation, users, recordings)
    return plan


def _check_writable(recordings: Path) -> None:
    try:
        recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
        with TemporaryFile(dir=recordings):
            pass
    except OSError as error:
        raise RecordingsNotWritable(folder=recordings, why=error.strerror) from error


def _port(field: str, kind: Kind, host: str, wanted: int) -> int:
    """The configured port when it is free, a free one for 0. Raises PortTaken with the field's name."""
    if wanted == 0:
        return free_port(kind, host)
    if not is_free(kind, host, wanted):
        raise PortTaken(field=field, kind=kind, host=host, port=wanted)
    return wanted


def _sip_port(field: str, kind: Kind, binds: Sequence[str], wanted: int) -> int:
    """As `_port`, free on each of these addresses."""
    port = _port(field, kind, binds[0], wanted)
    for host in binds[1:]:
        _port(field, kind, host, port)
    return port


def _stories_port(host: str, web_port: int) -> int:
    """0 where the page's port is open on 127.0.0.1 too; else the same port there, or a free one where that is taken."""
    if host in ("127.0.0.1", "0.0.0.0", "localhost"):
        return 0
    return web_port if is_free("tcp", "127.0.0.1", web_port) else free_port("tcp")


def speak(pbx: Pbx, installation: Installation, config: Config, progress: Progress) -> Path:
    """The folder with all prompts, spoken now by espeak-ng where no better voice has spoken them before."""

    def told(done: int, of: int, name: str) -> None:
        progress(name, done, of)

    sounds = installation.state / "sounds"
    for fault in put_in_place(config, pbx.tool("espeak-ng"), sounds, told):
        progress(fault, 1, 1)
    return sounds


def write_story_files(installation: Installation, config: Config, plan: StartPlan) -> None:
    """Settings of the stories, and one executable for each that Asterisk runs when the story server is away."""
    made_secret(installation.ivr_token_file)
    settings = installation.run / "stories.json"
    first = next(menus_in_use(config))
    said: dict[str, Any] = {
        "backend": plan.stories_url,
        "token_file": str(installation.ivr_token_file),
        "sounds": plan.sounds,
        "menu": str(first.file),
        "languages": ["zh", "en"],
        "numbers": config.numbers,
        "agi_port": plan.agi_port,
        "queues": list(config.queues),
        "waiting": config.waiting.model_dump(),
        "may_decline": config.recordings.may_decline,
        "doubled_s": DOUBLED_MS / 1000 if config.hears_info else 0,
        "straight": {
            number: {"queue": table.queue or "", "menu": table.menu or ""}
            for number, table in config.number_tables.items()
            if table.queue or table.menu
        },
        "emergency": emergency_queues(config),
        "stories": str(config.hotline.stories or ""),
    }
    if plan.speech_port and config.speech.engine != "off":
        speech = config.speech
        said["speech"] = {
            "address": f"127.0.0.1:{plan.speech_port}", "sessions": speech.sessions, "seconds": speech.seconds,
            "within_s": speech.within_s, "numbers": speech.numbers, "labels": labels_of(config),
        }  # fmt: skip
    if config.brands:
        said["brands"] = {
            each.brand: {
                "numbers": list(config.brands[each.brand].numbers),
                "menu": str(each.file),
                "sounds": str(sounds_of(Path(plan.sounds), each.brand)),
            }
            for each in menus_in_use(config)
            if each.brand
        }
    if (process := SpeechProcess.of(config, plan.speech_port)) is not None:
        process.keep(installation.run)
    write_private(settings, json.dumps(said, ensure_ascii=False, indent=1))
    folder = installation.run / "agi"
    folder.mkdir(exist_ok=True, mode=0o700)
    for story in STORIES:
        program = folder / story
        words = (sys.executable, str(ROOT / "agi_scripts" / f"{story}.py"), str(settings))
        program.write_text(f"#!/bin/sh\nexec {' '.join(map(shlex.quote, words))}\n")
        program.chmod(0o700)


def check_prompts_and_menu(
    config: Config,
    installation: Installation | None = None,
    menu: str = "",
    brand_menus: Iterable[tuple[str, str]] = (),
) -> list[str]:
    """Mistakes in the menus, in the operator's own prompts, and in files that the configuration names. `menu`: the text of
    the operator's own, where it has been read already; `brand_menus`: brand and text of those of brands."""
    texts = {"hotline.menu": menu, **{f"brands.{name}.menu": text for name, text in brand_menus}}
    mistakes = [*menu_mistakes(config, texts), *story_mistakes(config.hotline.stories)]
    mistakes += config.waiting.strange_prompts(names_of(config, ""))
    places = {f"brands.{name}.prompts": brand.prompts for name, brand in config.brands.items()}
    for place, prompts in {"hotline.prompts": config.hotline.prompts, **places}.items():
        if prompts is not None:
            mistakes += [f"{place}: {fault}" for fault in prompt_mistakes(prompts)]
    if installation is not None and (installation.state / "sounds").exists():
        mistakes += check_prompts(installation.state / "sounds")
    checks: list[Callable[[], object]] = [
        lambda: secret_of("database.password_file", config.database.password_file),
        *(lambda name=name, trunk=trunk: trunk_password(name, trunk) for name, trunk in config.trunks.items()),
    ]
    if (tls := tls_of(config)) is not None:
        checks += [lambda: read_pair(tls), lambda: check_authorities(tls)]
    for look in checks:
        try:
            look()
        except (SecretUnreadable, BadPair) as error:
            mistakes.append(str(error))
    return mistakes + database.file_mistakes(config) + codec_mistakes(config)


def prompt_faults(sounds: Path) -> list[str]:
    """A sentence for each prompt in this folder that is missing or can't be played; empty when all is well."""
    return check_prompts(sounds)
