"""A hotline on the disk and in a real PostgreSQL, with calls in its journal: what a daemon would leave, without Asterisk."""

import asyncio
import json
import re
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from acd.backup import make, restore
from acd.config.versions import Texts, Versions
from acd.setup.installation import Installation
from acd.store.embedded import EmbeddedPostgres
from acd.store.journal import spool
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.calls.support.config_text import AGENT, CONFIG
from tests.store.support.store_fixture import MORNING, AnsweredCall
from tests.support.audio import tone

MORE = """
[hotline]
name = "红灯笼 Hotline"
prompts = "{etc}/prompts"

[database]
url = "{url}"
password_file = "{etc}/database.password"
"""


@dataclass
class Hotline:
    folder: Path
    url: str
    """With its password."""
    calls: int = 0
    more: str = ""
    installation: Installation = field(init=False)

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def config_file(self) -> Path:
        return self.etc / "sanxiang.toml"

    def install(self) -> None:
        """The operator's files, and one version in force."""
        self.etc.mkdir(parents=True, exist_ok=True)
        password = re.search(r":([^:@/]+)@", self.url)
        assert password is not None
        (self.etc / "database.password").write_text(password[1] + "\n")
        tone(self.etc / "prompts" / "zh" / "welcome.wav", 500, 0.1)
        text = CONFIG.format(ring_s=5, wrap_up_s=0, trunk="127.0.0.1", rtp_end=10100) + AGENT.format(agent="1001")
        public = self.url.replace(f":{password[1]}@", "@")
        self.config_file.write_text(text + MORE.format(etc=self.etc, url=public) + self.more, "utf-8")
        self.installation = Installation.at(self.folder / "state")
        self.installation.with_secrets_for(["1001"])
        self.installation.token()
        texts = Texts.read(self.config_file)
        Versions(self.installation.versions).take(texts, self.config_file, "up", "up")

    async def serve(self, calls: int, *, ship: bool = True) -> None:
        """So many more calls, each with its recording; in PostgreSQL when `ship`."""
        store, journal = await Store.open(self.url), Journal(self.installation.journal)
        try:
            for _ in range(calls):
                self.take_call(journal)
            journal.sync()
            if ship:
                await ship_all(store, journal)
        finally:
            journal.close()
            await store.close()

    def take_call(self, journal: Journal) -> None:
        """One more call, in the journal and as a recording; not synced."""
        self.calls += 1
        call = f"20241120-{self.calls:06d}"
        made = AnsweredCall(call, agent=f"{1000 + self.calls}", at=MORNING + timedelta(seconds=self.calls))
        for at, event, rows in made.lines():
            journal.append(at, event, rows)
        day = self.installation.recordings / "2024" / "11" / "20"
        day.mkdir(parents=True, exist_ok=True)
        (day / f"{call}-1.wav").write_bytes(call.encode() * 500)
        legs = [{"offer": f"{call}-1", "file": f"2024/11/20/{call}-1.wav"}]
        (day / f"{call}.json").write_text(json.dumps({"call": call, "legs": legs}))

    def back_up(self, target: Path, **wanted: Any) -> make.Made:
        return make.make(self.installation, make.Wanted(target, **wanted))

    def restore(self, file: Path, **wanted: Any) -> restore.Restored:
        given = {"config_file": self.config_file, **wanted}
        return restore.restore(Installation(self.folder / "state"), restore.Wanted(file, **given))

    def lose(self) -> None:
        """Everything but the database."""
        for each in (self.etc, self.folder / "state"):
            shutil.rmtree(each, ignore_errors=True)

    def tree(self) -> dict[str, bytes]:
        """Every file below the folder."""
        files = sorted(each for each in self.folder.rglob("*") if each.is_file())
        return {each.relative_to(self.folder).as_posix(): each.read_bytes() for each in files}

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def tables(self) -> int:
        [(found,)] = await self.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return int(found)

    async def logged(self) -> list[tuple[Any, ...]]:
        """The call log, whoever's spool it came from."""
        return await self.rows("SELECT line, idx, call, kind, detail::text FROM call_log ORDER BY line, idx")

    def journaled(self) -> list[tuple[int, int, str]]:
        """(line, index, call) of every row on the disk."""
        found: list[tuple[int, int, str]] = []
        for segment in spool.segments(self.installation.journal):
            for line, _ in spool.lines(segment):
                assert isinstance(line, spool.Line)
                found += [(line.number, idx, row.get("call", "")) for idx, row in enumerate(line.logs)]
        return found


async def ship_all(store: Store, journal: Journal) -> None:
    shipper = Shipper(store, journal)
    running = asyncio.create_task(shipper.run())
    try:
        assert await shipper.catch_up(60), shipper.trouble
    finally:
        shipper.stop()
        await running


async def new_database(server: EmbeddedPostgres, name: str) -> str:
    """An empty one on this server; its address."""
    address = server.start()
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return re.sub(r"/sanxiang$", f"/{name}", address)
