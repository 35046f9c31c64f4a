"""Everything between a checked configuration and processes that can start: PBX, prompts, page, ports, secrets, files.

`prepare` does it, in steps that say what they do, and leaves one file, `run/prepared.json`, from which the daemon knows
what the supervisor has decided. Nothing is done twice that has been done before: packages, prompts and page lie in the
cache.
"""

import asyncio
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from acd.cache import cache_folder
from acd.config import Config
from acd.config.versions import Texts, Versions
from acd.errors import SanxiangError
from acd.files import made_secret, write_private
from acd.pbx.conf.certificates import BadPair, read_pair
from acd.pbx.conf.render import DOUBLED_MS
from acd.pbx.install.ports import Kind, PortTaken, can_listen, free_port, free_rtp_range, is_free
from acd.pbx.install.runtime import ASTERISK_VARIABLE, TOOLS, Pbx, ensure_pbx
from acd.progress import Progress, Steps
from acd.setup.external_address import known_address
from acd.setup.installation import Installation
from acd.setup.pbx_settings import SecretUnreadable, secret_of, tls_of, trunk_password
from acd.setup.spoken_names import speak_labels
from acd.setup.start_plan import StartPlan
from acd.setup.users import USERS_VARIABLE, process_users, share
from acd.store.store import Store
from acd.web.server.page_build import build_page
from ivr.menu_file import MenuError, read_menus
from ivr.prompts import check as check_prompts
from ivr.prompts import prompt_names
from ivr.settings import MENU
from ivr.voice import make as make_prompts

ROOT = Path(__file__).resolve().parents[2]
STORIES = ("hotline", "waiting_room", "callback_offer", "goodbye", "agent_login")
GUEST = "guest"
"""The account with which anybody who knows its password may dial the hotline of a demo."""


class NoDatabase(SanxiangError):
    """database.url: is missing. `up` keeps its book in your own PostgreSQL: add `url` under [database] (the embedded
    one is for demo and tests)."""


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
) -> tuple[StartPlan, Pbx]:
    """All that is needed to start, with these tools of the PBX; three numbered steps. Raises a SanxiangError that says
    what to mend. `texts`: read once, so that what was checked is what comes into force, whoever edits the file meanwhile.
    """
    config = texts.checked(config_file)
    with steps.step("Asterisk 22 and its tools") as progress:
        if config.pbx.asterisk is not None:
            os.environ[ASTERISK_VARIABLE] = str(config.pbx.asterisk)
        pbx = ensure_pbx(progress, tools)
    with steps.step("Prompts in Chinese and English") as progress:
        sounds = speak(pbx, installation, config, progress)
    with steps.step("The page") as progress:
        page = build_page(progress)
    return decide(installation, texts, config_file, database_url, pbx, sounds, page, guests), pbx


def decide(
    installation: Installation,
    texts: Texts,
    config_file: Path,
    database_url: str,
    pbx: Pbx,
    sounds: Path,
    page: Path | None,
    guests: dict[str, str] | None = None,
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
        users=os.environ.get(USERS_VARIABLE, ""),
    )
    users = process_users(plan.users)
    plan.keep(installation)
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
    """The folder with all prompts, spoken now where the cache has none."""

    def told(done: int, of: int, name: str) -> None:
        progress(name, done, of)

    espeak, sounds = pbx.tool("espeak-ng"), installation.state / "sounds"
    make_prompts(espeak, sounds, cache_folder() / "prompts", config.hotline.prompts, told)
    for fault in speak_labels(espeak, config, sounds):
        progress(fault, 1, 1)
    return sounds


def write_story_files(installation: Installation, config: Config, plan: StartPlan) -> None:
    """Settings of the stories, and one executable for each that Asterisk runs when the story server is away."""
    made_secret(installation.ivr_token_file)
    settings = installation.run / "stories.json"
    said = {
        "backend": plan.stories_url,
        "token_file": str(installation.ivr_token_file),
        "sounds": plan.sounds,
        "menu": str(config.hotline.menu or MENU),
        "languages": ["zh", "en"],
        "numbers": config.hotline.numbers,
        "agi_port": plan.agi_port,
        "queues": list(config.queues),
        "doubled_s": DOUBLED_MS / 1000 if config.hears_info else 0,
    }
    write_private(settings, json.dumps(said, ensure_ascii=False, indent=1))
    folder = installation.run / "agi"
    folder.mkdir(exist_ok=True, mode=0o700)
    for story in STORIES:
        program = folder / story
        words = (sys.executable, str(ROOT / "agi_scripts" / f"{story}.py"), str(settings))
        program.write_text(f"#!/bin/sh\nexec {' '.join(map(shlex.quote, words))}\n")
        program.chmod(0o700)


def database_url(config: Config) -> str:
    """The operator's PostgreSQL, with its password. Raises NoDatabase, SecretUnreadable."""
    if not config.database.url:
        raise NoDatabase
    return with_password(config.database.url, config)


def with_password(url: str, config: Config) -> str:
    """The address with the password that stands in `database.password_file` now. Raises SecretUnreadable.

    So the password itself is in no file of ours: `run/prepared.json`, which a backup takes along, has the address alone.
    """
    password = secret_of("database.password_file", config.database.password_file)
    if not password:
        return url
    from sqlalchemy.engine import make_url

    return make_url(url).set(password=password).render_as_string(hide_password=False)


def ping_database(url: str) -> None:
    """Silent when PostgreSQL answers at this address, else raises DatabaseAway, BadDatabaseUrl. Takes some seconds at most."""

    async def look() -> None:
        store = await Store.open(url)
        try:
            await store.ping()
        finally:
            await store.close()

    asyncio.run(look())


def database_trouble(url: str) -> str:
    """Why PostgreSQL does not answer at this address, in words; empty when it does. Takes some seconds at most."""
    try:
        ping_database(url)
    except SanxiangError as error:
        return str(error)
    return ""


def check_prompts_and_menu(config: Config, installation: Installation | None = None, menu: str = "") -> list[str]:
    """Mistakes in the menu, in the operator's own prompts, and in files that the configuration names. `menu`: the text of
    the operator's own, where it has been read already."""
    mistakes: list[str] = []
    try:
        read_menus(config.hotline.menu or MENU, list(config.queues), prompt_names(), menu or None)
    except MenuError as faults:
        mistakes += [f"hotline.menu: {fault}" for fault in faults.faults]
    if (prompts := config.hotline.prompts) is not None:
        mistakes += [f"hotline.prompts: {fault}" for fault in own_prompt_faults(prompts)]
    if installation is not None and (installation.state / "sounds").exists():
        mistakes += check_prompts(installation.state / "sounds")
    checks: list[Callable[[], object]] = [
        lambda: secret_of("database.password_file", config.database.password_file),
        *(lambda name=name, trunk=trunk: trunk_password(name, trunk) for name, trunk in config.trunks.items()),
    ]
    if (tls := tls_of(config)) is not None:
        checks.append(lambda: read_pair(tls))
    for look in checks:
        try:
            look()
        except (SecretUnreadable, BadPair) as error:
            mistakes.append(str(error))
    return mistakes


def own_prompt_faults(folder: Path) -> list[str]:
    """A sentence for each of the operator's own prompt files that can't be played."""
    from ivr.prompts import judge

    if not folder.is_dir():
        return [f"{folder} is not a folder. Make it, or take the key away."]
    return [fault for file in sorted(folder.glob("*/*.wav")) if (fault := judge(file)[0])]
