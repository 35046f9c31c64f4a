"""Brands in PostgreSQL: whose a call was, the figures of each brand apart, and the tables forward and back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from acd.engine.commands import Log
from acd.engine.events import Event
from acd.store import schema_steps
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture


@dataclass
class BrandsCall(AnsweredCall):
    """A call to the number of a brand; `brand` empty: to one of no brand."""

    brand: str = ""

    def lines(self) -> list[tuple[datetime, Event, list[Log]]]:
        (at, event, [arrived]), *rest = super().lines()
        detail: dict[str, Any] = {**arrived.detail, **({"brand": self.brand} if self.brand else {})}
        return [(at, event, [replace(arrived, detail=detail)]), *rest]


async def three_calls(ground: StoreFixture) -> None:
    """One queue for all: of acme two calls, the second too late; of bolt one; and one to a number of no brand."""
    calls = [("c1", "acme", True), ("c2", "acme", False), ("c3", "bolt", True), ("c4", "", True)]
    for number, (call, brand, within) in enumerate(calls):
        at = MORNING + timedelta(seconds=200 * number)
        for line in BrandsCall(call, brand=brand, within=within, at=at, talk_s=60.0 + number).lines():
            ground.journal.append(*line)
    await ground.arrive()


async def test_the_figures_of_each_brand_are_apart_and_add_up(ground: StoreFixture) -> None:
    await three_calls(ground)
    bounds = ground.store.day_bounds(MORNING.date())
    figures = {
        brand: await ground.store.kpi_by_queue(*bounds, brands=[brand] if brand else None)
        for brand in ("acme", "bolt", "none", "")
    }
    counted = {
        brand: (found[""].arrived, found[""].asked, found[""].answered, found[""].within_target, found[""].offers)
        for brand, found in figures.items()
    }
    assert counted == {"acme": (2, 2, 2, 1, 2), "bolt": (1, 1, 1, 1, 1), "none": (0, 0, 0, 0, 0), "": (4, 4, 4, 3, 4)}
    assert {brand: (found[""].talk_s, found[""].wrap_up_s) for brand, found in figures.items()} == {
        "acme": (121.0, 60.0),
        "bolt": (62.0, 30.0),
        "none": (0.0, 0.0),
        "": (246.0, 120.0),
    }
    assert figures["acme"]["billing"].answered == 2 and figures["bolt"]["billing"].answered == 1


async def test_calls_and_recordings_are_found_by_their_brand(ground: StoreFixture) -> None:
    await three_calls(ground)
    assert [call.call for call in await ground.store.calls(brand="acme")] == ["c2", "c1"]
    assert [call.brand for call in await ground.store.calls()] == ["", "bolt", "acme", "acme"]
    found = await ground.store.recordings(brand="bolt")
    assert [(each.offer, each.brand) for each in found] == [("c3-1", "bolt")]


async def test_the_tables_go_back_to_the_former_version_and_forward_again(ground: StoreFixture) -> None:
    await three_calls(ground)

    def back(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(schema_steps.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")

    async with ground.store.writer.begin() as connection:
        await connection.run_sync(back)
    assert await ground.sql("SELECT count(*) FROM calls") == [(4,)]
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'calls' AND column_name = 'brand'"
    assert await ground.sql(columns) == [(0,)]
    await ground.store.migrate()
    await ground.store.check_schema()
    assert {call.brand for call in await ground.store.calls()} == {""}, "of calls before the step it is not known"
