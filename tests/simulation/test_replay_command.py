"""`sanxiang replay` as it is typed: a day in PostgreSQL, the configuration of then among the versions, another file."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from acd.cli.app import built
from acd.config import for_engine, load
from acd.config.versions import Texts, Versions
from acd.engine.acd import Acd
from acd.engine.events import TimePassed
from acd.errors import SanxiangError
from acd.files import write_private
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.simulation.world import World
from acd.store.embedded import EmbeddedPostgres
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.simulation.support.recorded_day import Rows
from tests.simulation.test_world import EIGHT, keep, plan

QUEUES = """
[queues.billing]
label = { zh = "账单", en = "Billing" }
skills = { billing = 3 }
[queues.orders]
label = { zh = "订单", en = "Orders" }
skills = { orders = 1 }
[hotline]
timezone = "UTC"
[routing]
return_within_min = 0
same_agent = "off"
"""


def agents(count: int) -> str:
    def skills(n: int) -> str:
        return f"{{ billing = {3 + n % 5} }}" if n % 3 else "{ billing = 5, orders = 3 }"

    return "".join(f"[agents.{1001 + n}]\nskills = {skills(n)}\n" for n in range(count))


@dataclass
class House:
    """An installation with a day in its database and the configuration of then among its versions."""

    folder: Path

    def replays(self, *arguments: str) -> Result:
        return CliRunner().invoke(built("replay"), ["replay", *arguments, "--state", str(self.folder / "state")])

    def file(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("replay"))
    server = EmbeddedPostgres(made.folder / "pg")
    url = server.start()
    installation = Installation.at(made.folder / "state")
    names = ("config_file", "moddir", "datadir", "sounds", "page", "bind", "web_host", "recordings")
    ports = ("sip_port", "ami_port", "agi_port", "rtp_start", "rtp_end", "web_port")
    rest: dict[str, Any] = dict.fromkeys(names, "") | dict.fromkeys(ports, 0)
    StartPlan(database_url=url, asterisk=[], guests={}, **rest).keep(installation)
    then = Path(made.file("then.toml", QUEUES + agents(9)))
    version = Versions(installation.versions).take(Texts.read(then), then, "up", "up")
    meta = installation.versions / f"{version.number:06}.json"
    write_private(meta, meta.read_text().replace(version.at[:10], "2026-03-01"))
    config = load(then)
    rows: Rows = []
    engine = Acd(for_engine.queues(config), for_engine.agents(config), for_engine.rules(config))
    World(engine, plan("1"), "1", keep(rows)).run()

    async def ship() -> None:
        journal = Journal(installation.journal)
        for at, row in rows:
            journal.append(at, TimePassed(), [row])
        journal.sync()
        store = await Store.open(url)
        shipper = Shipper(store, journal)
        task = asyncio.create_task(shipper.run())
        assert await shipper.catch_up(300), shipper.trouble
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()
        journal.close()

    asyncio.run(ship())
    yield made
    server.remove()


@pytest.mark.database
def test_a_day_is_told_three_times(house: House):
    other = house.file("more.toml", QUEUES + agents(12))
    said = house.replays(EIGHT.date().isoformat(), "--with", other, "--json", "--runs", "3")
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout[said.stdout.index("{") :])
    was, same, more = (told[name][""] for name in ("was", "same", "other"))
    assert was["calls"] == same["calls"]["mean"] == more["calls"]["mean"] > 250
    assert same["within"]["mean"] == pytest.approx(was["within"], abs=0.06)
    assert told["other_minus_same"][""]["within"]["mean"] > 0.02
    assert told["seeds"] == [1, 2, 3]
    assert any("version 1, of 2026-03-01" in note for note in told["notes"])
    assert any("New: 1010, 1011, 1012" in note for note in told["notes"])
    again = house.replays(EIGHT.date().isoformat(), "--with", other, "--json", "--runs", "3")
    assert json.loads(again.stdout[again.stdout.index("{") :]) == told


@pytest.mark.database
def test_the_table_shows_the_three_side_by_side(house: House):
    other = house.file("fewer.toml", QUEUES + agents(7))
    said = house.replays(EIGHT.date().isoformat(), "--with", other, "--runs", "2")
    assert said.exit_code == 0, said.output
    for words in ("AS IT WAS", "SAME RULES", "OTHER - SAME", "within target", "ALL", "Absent: 1008, 1009."):
        assert words in said.stdout


@pytest.mark.database
@pytest.mark.parametrize(
    ("day", "text", "why"),
    [
        ("2026-03-03", QUEUES, "On 2026-03-03 no caller asked for an agent"),
        ("2026-13-01", QUEUES, "'2026-13-01' is not a day. Write 2026-11-21, yesterday"),
        ((datetime.now(UTC) + timedelta(days=400)).date().isoformat(), QUEUES, "is yet to come"),
        (EIGHT.date().isoformat(), QUEUES.replace("[queues.orders]", "[queues.order]"), "has no queue orders"),
        (EIGHT.date().isoformat(), "[queues", "is not TOML"),
    ],
)
def test_what_cannot_be_replayed_is_refused_with_a_sentence(house: House, day: str, text: str, why: str):
    said = house.replays(day, "--with", house.file("other.toml", text))
    assert said.exit_code == 1 and isinstance(said.exception, SanxiangError)
    assert why in str(said.exception)


def test_a_state_folder_where_nothing_was_started_is_refused(tmp_path: Path):
    empty = House(tmp_path)
    said = empty.replays("yesterday", "--with", empty.file("other.toml", QUEUES))
    assert said.exit_code == 1 and "no hotline was ever started in this folder" in str(said.exception)
