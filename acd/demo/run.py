"""`./sanxiang demo`: the whole hotline on an embedded PostgreSQL, and a day of real calls through it."""

import asyncio
import json
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import typer

from acd.config.versions import Texts
from acd.demo.day import HANDED_OVER, MISSES, Cast, callers, configuration, menu, telephones
from acd.demo.report import as_json, in_language, nationally, show_report, verdicts
from acd.engine.commands import Kind, Log
from acd.identifiers import made_password
from acd.lookups import example
from acd.pbx.install.runtime import Pbx
from acd.processes.up import AlreadyRunning, children, claimed, log_bounds, supervise
from acd.progress import Steps
from acd.setup.installation import Installation, default_state
from acd.setup.prepare import GUEST, prepare
from acd.setup.start_plan import StartPlan
from acd.setup.voice_maker import start_maker
from acd.store.embedded import EmbeddedPostgres
from acd.store.journal.journal_follower import Follower
from acd.store.store import Store
from acd.web.access.accounts import Accounts
from acd.words import masked, sentence

SHOWN = set(Kind) - {Kind.AGENT_STATE, Kind.PHONE, Kind.IGNORED, Kind.PBX}


def run_demo(calls: int, rate: float, once: bool, json_file: Path | None, language: str) -> int:
    """The exit status: 0 when every call ended as it should (without `once`: after Ctrl-C)."""
    for installation in _folders():
        try:
            claim = claimed(installation)
            claim.__enter__()
        except AlreadyRunning:
            continue  # another demo plays there
        break
    try:
        return _play(installation, calls, rate, once, json_file, language)
    finally:
        claim.__exit__(None)


def _folders() -> Iterator[Installation]:
    number = 1
    while True:
        yield Installation.at(default_state().parent / ("demo" if number == 1 else f"demo-{number}"))
        number += 1


def _play(
    installation: Installation, calls: int, rate: float, once: bool, json_file: Path | None, language: str
) -> int:
    began = time.monotonic()
    _clear(installation)
    config_file = installation.state / "sanxiang.toml"
    menu_file = installation.state / "menu.toml"
    menu_file.write_text(menu(), encoding="utf-8")
    own_menu = f"[hotline]\nmenu = {json.dumps(str(menu_file))}\n\n"
    config_file.write_text(own_menu + configuration(rate), encoding="utf-8")
    texts = Texts.read(config_file)
    config = texts.checked(config_file)
    steps = Steps(total=4)
    database = EmbeddedPostgres(installation.state / "postgresql")
    with steps.step("PostgreSQL (embedded, for the demo)"):
        url = database.start()
        zone = ZoneInfo(config.hotline.timezone)
        asyncio.run(example.load(url, datetime.now(zone).date(), zone))
    try:
        guests = {GUEST: made_password()}
        plan, pbx = prepare(installation, texts, config_file, url, steps, guests)
        start_maker(installation, config, Path(plan.sounds))
        accounts = Accounts(installation.state)
        accounts.add("demo", ["operator", "qa"], by_link_only=True)
        day = Day(installation, plan, pbx, calls, rate, once, language, accounts)
        day.set_up_s, day.download_s = time.monotonic() - began, steps.download_s
        asyncio.run(supervise(installation, log_bounds(config), children(installation, config, plan), day.run))
    finally:
        database.stop()
    if json_file is not None:
        json_file.write_text(json.dumps(day.report, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if day.well else 1


def _clear(installation: Installation) -> None:
    """A demo's day begins with an empty book: what the last one left in its own folder goes."""
    for name in ("journal", "recordings", "log", "run", "postgresql", "actors", "config"):
        folder = installation.state / name
        for path in folder.iterdir() if folder.is_dir() else ():
            if path in (installation.supervisor_lock, installation.supervisor_pid):
                continue
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for file in ("accounts.json", "agents.toml", "secrets.json"):
        (installation.state / file).unlink(missing_ok=True)


@dataclass
class Day:
    """What the callers and agents of the demo do, while the hotline runs."""

    installation: Installation
    plan: StartPlan
    pbx: Pbx
    calls: int
    rate: float
    once: bool
    language: str
    accounts: Accounts
    well: bool = False
    report: dict[str, Any] = field(default_factory=dict)
    set_up_s: float = 0.0
    download_s: float = 0.0

    async def run(self) -> None:
        began = time.monotonic()
        passwords = {a: kept["password"] for a, kept in self.installation.secrets()["agents"].items()}
        folder = self.installation.state / "actors"
        phones = telephones(self.pbx.tool("sipp"), self.plan, passwords, folder)
        cast = callers(self.pbx.tool("sipp"), self.plan, self.calls, self.rate, folder)
        show = asyncio.create_task(self._show_timeline())
        handing_over = asyncio.create_task(self._hand_over())
        try:
            await self._until_serving()
            await asyncio.gather(*(phone.start() for phone in phones))
            await self._agents_ready(list(passwords))
            self._tell(
                f"Hotline up after {time.monotonic() - began:.1f} s"
                f" (set-up before it {self.set_up_s:.1f} s, of it download {self.download_s:.1f} s)."
                f" {len(passwords)} agents ready; {self.calls} callers dial, {self.rate:g} a second."
            )
            since = datetime.now(UTC)
            await asyncio.gather(*(part.sipp.start() for part in cast))
            await asyncio.gather(*(part.sipp.wait() for part in cast))
            await self._until_filed()
            await self._report(cast, since)
            if not self.once:
                self._invite(passwords)
                await asyncio.Event().wait()
        finally:
            show.cancel()
            handing_over.cancel()
            for part in cast:
                await part.sipp.stop()
            for phone in phones:
                await phone.stop()

    def _say(self, text: str) -> None:
        typer.echo(text)

    def _tell(self, text: str) -> None:
        """Says this English in the language of the demo."""
        self._say(in_language(text, self.language))

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.installation.token()}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.plan.web_url + path, json=body) as answer,
        ):
            return await answer.json(content_type=None)

    async def _until_serving(self) -> None:
        """Until all parts are up. Raises TimeoutError after a minute, with where to look."""
        deadline = time.monotonic() + 60
        while True:
            try:
                health = await self._ask("GET", "/health")
                if health["status"] == "up":
                    return
            except (aiohttp.ClientError, json.JSONDecodeError):
                health = {"checks": "no answer yet"}
            if time.monotonic() > deadline:
                raise TimeoutError(f"The hotline is not up after a minute: {health}. Logs: {self.installation.log}")
            await asyncio.sleep(0.1)

    async def _agents_ready(self, agents: list[str]) -> None:
        """Telephones are seen, agents are made ready; MISSES third, so that an early call rings there."""
        others = sorted(agent for agent in agents if agent != MISSES)
        ordered = [*others[:2], MISSES, *others[2:]]
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            state = await self._ask("GET", "/api/state")
            if all(row["reachable"] for row in state["agents"]):
                break
            await asyncio.sleep(0.1)
        for agent in ordered:
            await self._ask("POST", f"/api/agents/{agent}/ready", {})

    async def _show_timeline(self) -> None:
        follower = Follower(self.installation.journal)
        names: dict[str, str] = {}
        while True:
            for at, row in follower.new_rows():
                self._show(at, row, names)
            await asyncio.sleep(0.1)

    def _show(self, at: datetime, row: Log, names: dict[str, str]) -> None:
        if row.kind is Kind.ARRIVED:
            names[row.call] = masked(str(nationally(row.detail).get("caller", "")))
        if row.kind not in SHOWN:
            return
        text = sentence(row.kind, row.agent, row.queue, nationally(row.detail), self.language)
        if text:
            self._say(f"{at.astimezone():%H:%M:%S.%f}"[:-5] + f"  {names.get(row.call, ''):13}  {text}")

    async def _hand_over(self) -> None:
        """One caller is transferred by the agent who serves the call, as that agent would do it on the page."""
        follower = Follower(self.installation.journal)
        call = ""
        while True:
            for _, row in follower.new_rows():
                if row.kind is Kind.ARRIVED and row.detail.get("caller") == HANDED_OVER:
                    call = row.call
                elif row.kind is Kind.CONNECTED and row.call == call:
                    await asyncio.sleep(1.5)
                    wish = {
                        "to": {"queue": "complaints"},
                        "reason": "complaint",
                        "note": "wants the second parcel, too",
                    }
                    await self._ask("POST", f"/api/calls/{call}/transfer", wish)
                    return
            await asyncio.sleep(0.1)

    async def _until_filed(self) -> None:
        """Until no call is on the line, every answered leg has its verdict and PostgreSQL has every row."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            state = await self._ask("GET", "/api/state")
            legs: dict[str, bool] = {}
            for _, row in Follower(self.installation.journal).new_rows():
                if row.kind is Kind.TALK_ENDED:
                    legs.setdefault(row.offer, False)
                elif row.kind is Kind.RECORDED:
                    legs[row.offer] = True
            health = await self._ask("GET", "/health")
            behind = next(check["figure"] for check in health["checks"] if check["name"] == "shipper")
            if not state["calls"] and all(legs.values()) and not behind:
                return
            await asyncio.sleep(0.2)

    async def _report(self, cast: list[Cast], since: datetime) -> None:
        store = await Store.open(self.plan.database_url)
        try:
            kpi = await store.kpi(since, datetime.now(UTC))
            self.report = await as_json(store, kpi, self.language)
            whole = {row["id"] for row in self.report["calls"] if row["recording"] and row["recording"]["complete"]}
            found = verdicts(cast, await _all_calls(store), whole)
            await show_report(store, kpi, found, Path(self.plan.recordings), self.language)
        finally:
            await store.close()
        self.well = all(verdict.well for verdict in found)

    def _invite(self, passwords: dict[str, str]) -> None:
        """How to see it, call it and be an agent oneself."""
        token = self.accounts.issue_token("demo")
        agent = min(passwords)
        host = _address()
        kept = self.installation.secrets()["agents"][agent]
        self._tell(
            f"\nSee and hear it all:  {self.plan.web_url}/log-in?token={token}   (works once, for an hour)"
            f"\nCall it yourself:     sip:95000@{host}:{self.plan.sip_port}   account {GUEST},"
            f" password {self.plan.guests[GUEST]}"
            f"\nAn agent's own page:  {self.plan.web_url}   log in as {agent} with PIN {kept['pin']}"
            f"\nThat agent's phone:   account {agent}, password {kept['password']}, registrar"
            f" {host}:{self.plan.sip_port}; *11 and PIN {kept['pin']} logs in, *13 ready, *141 break, *12 logs out"
            f"\nCommands:             ./sanxiang status --state {self.installation.state}"
            f"\nLogs:                 {self.installation.log}"
            f"\nCtrl-C ends it."
        )


async def _all_calls(store: Store) -> list[Any]:
    """Every call of the day; pages of the longest kind."""
    found: list[Any] = []
    while page := await store.calls(limit=500, before=found[-1].call if found else None):
        found += page
    return found


def _address() -> str:
    """This machine's address as others see it; loopback when it has no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a documentation address: nothing is sent
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"
