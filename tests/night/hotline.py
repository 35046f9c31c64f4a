"""Where the faults of the night are made: an installation that is well, so that whatever `doctor` finds is the fault.

Its PostgreSQL is real, its state folder is as a start leaves it, and beside it runs our web server with a real engine on that folder
when a fault needs a daemon that answers. Asterisk is not here.
"""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from acd.engine.events import TimePassed
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.store.journal.journal import Journal
from acd.store.store import Store
from tests.cli.command_line import typed
from tests.store.support.rented_postgres import PASSWORD, RentedPostgres
from tests.support.prompts import whole_prompts
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server

CONFIG = """
[hotline]
name = "Hotline"
numbers = {{ "95001" = "zh" }}
[sip]
bind = "127.0.0.1"
port = {sip_port}
rtp_start = 40000
rtp_end = 40399
[web]
port = {web_port}
[recordings]
min_free_mb = {min_free_mb}
[database]
url = "{url}"
password_file = "{password_file}"
[queues.orders]
label = {{ zh = "订单查询", en = "Orders" }}
skills = {{ orders = 1 }}
[queues.after-sales]
label = {{ zh = "售后服务", en = "After-sales" }}
[queues.complaints]
label = {{ zh = "投诉建议", en = "Complaints" }}
[queues.general]
label = {{ zh = "人工服务", en = "General" }}
[agents.1001]
name = "Li Na"
skills = {{ orders = 5 }}
{more}
"""
DATABASE = "night"


@dataclass
class Hotline:
    folder: Path
    server: RentedPostgres
    installation: Installation
    within: tuple[str, ...] = ()
    """A program that `doctor` is run by, as `unshare -n`."""
    tolerated: frozenset[str] = frozenset()
    """What is bad without any fault: an Asterisk that this machine has not fetched yet."""

    @property
    def config_file(self) -> Path:
        return self.folder / "sanxiang.toml"

    @property
    def password_file(self) -> Path:
        return self.folder / "database.password"

    @property
    def url(self) -> str:
        return f"postgresql://renter@127.0.0.1:{self.server.port}/{DATABASE}"

    @property
    def whole_url(self) -> str:
        return self.url.replace("renter@", f"renter:{quote(PASSWORD, safe='')}@")

    @contextlib.contextmanager
    def configured(self, **values: Any) -> Iterator[None]:
        """The file with these values, and as it was afterwards."""
        self.write(**values)
        try:
            yield
        finally:
            self.write()

    def write(self, **values: Any) -> None:
        usual = {"sip_port": 0, "web_port": 0, "min_free_mb": 1, "url": self.url, "more": ""}
        text = CONFIG.format(**{**usual, "password_file": self.password_file, **values})
        if self.config_file.is_dir():
            self.config_file.rmdir()
        self.config_file.write_text(text, "utf-8")

    async def bad(self) -> list[dict[str, Any]]:
        """The findings of `doctor` that are bad, in its order."""
        words = ("doctor", "--json", "--config", str(self.config_file), "--state", str(self.installation.state))
        screen = await self._elsewhere(words) if self.within else (await asyncio.to_thread(typed, *words)).screen
        # The server of this process writes its log to the same screen.
        _, opens, findings = f"\n{screen}".partition("\n[\n")
        assert opens, screen
        return [row for row in json.loads(f"[{findings}") if not row["ok"] and row["what"] not in self.tolerated]

    async def _elsewhere(self, words: tuple[str, ...]) -> str:
        process = await asyncio.create_subprocess_exec(
            *(*self.within, sys.executable, "-m", "acd.cli", *words),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        return (await process.communicate())[0].decode()

    @asynccontextmanager
    async def running(self, **changes: Any) -> AsyncIterator[RunningServer]:
        """A daemon's web server and engine on this state folder and database."""
        async with running_server(self.installation.state, self.whole_url, **changes) as house:
            self.installation.address_file.write_text(json.dumps({"url": house.url}))
            try:
                await eventually(lambda: not house.shipper.behind, "all rows in PostgreSQL")
                yield house
            finally:
                self.installation.address_file.unlink()

    async def with_other_journal(self) -> None:
        """A journal of a former start, with some lines."""
        journal = Journal(self.installation.journal)
        journal.checkpoint(datetime.now(UTC), {})
        for _ in range(5):
            journal.append(datetime.now(UTC), TimePassed(), [])
        journal.sync()
        journal.close()


@asynccontextmanager
async def well(folder: Path) -> AsyncIterator[Hotline]:
    """An installation in which `doctor` finds nothing wrong. `folder` must be open to PostgreSQL's user."""
    server = RentedPostgres(folder / "postgres")
    await asyncio.to_thread(server.up)
    try:
        await server.sql(f"CREATE DATABASE {DATABASE} OWNER renter")
        hotline = Hotline(folder, server, Installation.at(folder / "state"))
        hotline.password_file.write_text(f"{PASSWORD}\n")
        hotline.password_file.chmod(0o600)
        hotline.installation.token()
        _as_started(hotline.installation)
        hotline.write()
        store = await Store.open(hotline.whole_url)
        await store.migrate()
        await store.close()
        hotline.tolerated = frozenset({"Asterisk that is used"})
        assert not (bad := await hotline.bad()), bad
        yield hotline
    finally:
        await asyncio.to_thread(server.stop)


def _as_started(installation: Installation) -> None:
    """What a start leaves in the state folder: its plan, and the prompts."""
    sounds = installation.state / "sounds"
    whole_prompts(sounds)
    StartPlan(
        config_file="", database_url="", asterisk=[], moddir="", datadir="", sounds=str(sounds), page="", bind="127.0.0.1",
        sip_port=0, ami_port=0, agi_port=0, rtp_start=40000, rtp_end=40399, web_host="127.0.0.1", web_port=0,
        recordings=str(installation.recordings), guests={},
    ).keep(installation)  # fmt: skip


@contextlib.contextmanager
def moved_away(place: Path) -> Iterator[None]:
    """The file or folder is not there meanwhile."""
    aside = place.with_name(f"{place.name}.aside")
    place.rename(aside)
    try:
        yield
    finally:
        if place.is_dir():
            shutil.rmtree(place)
        aside.rename(place)
