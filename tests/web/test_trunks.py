"""What the API, the page and Prometheus are told of trunks."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from acd.pbx.trunk_states import GRACE, Seen, TrunkState, TrunkStates
from tests.web.support.web_server import RunningServer, running_server

BEGAN = datetime(2026, 11, 28, 4, 3, tzinfo=UTC)


def three_trunks() -> TrunkStates:
    states = TrunkStates(lambda at: at.strftime("%H:%M"))
    states.configured(
        [
            TrunkState("carrier", registers=True, dials_out=True),
            TrunkState("backup", registers=True, dials_out=True),
            TrunkState("inbound"),
        ]
    )
    states.look({"carrier": Seen(registered=True), "backup": Seen(registered=False)}, BEGAN)
    states.not_carried("carrier", 403, BEGAN)
    states.carried("inbound")
    return states


@pytest_asyncio.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[tuple[RunningServer, TrunkStates, list[datetime]]]:
    states, now = three_trunks(), [BEGAN + GRACE]
    async with running_server(tmp_path, database, trunks=lambda: states.rows(now[0])) as server:
        yield server, states, now


async def test_a_trunk_that_is_not_registered_is_seen_everywhere_and_is_well_again(
    house: tuple[RunningServer, TrunkStates, list[datetime]],
):
    server, states, now = house
    async with server.client("operator") as client, client.get("/api/state") as answer:
        carrier, backup, inbound = (await answer.json())["trunks"]
    assert (carrier["state"], carrier["well"], carrier["refused"]) == ("registered", True, 403)
    assert carrier["said"]["en"] == "registered; refuses our calls out (SIP 403)"
    assert (backup["state"], backup["well"], backup["since"]) == ("not-registered", False, "2026-11-28T04:03:00Z")
    assert backup["said"] == {"zh": "未注册", "en": "NOT REGISTERED"}
    assert (inbound["state"], inbound["well"]) == ("not-watched", True)
    async with server.client() as client, client.get("/health") as answer:
        found = {check["name"]: check for check in (await answer.json())["checks"]}
        assert answer.status == 200, "callers come and go over the other two"
    assert (found["trunks"]["up"], found["trunks"]["warning"], found["trunks"]["figure"]) == (True, True, 1)
    async with server.client("token") as client, client.get("/metrics") as answer:
        text = await answer.text()
    for line in (
        'sanxiang_trunk_up{trunk="carrier"} 1.0',
        'sanxiang_trunk_up{trunk="backup"} 0.0',
        'sanxiang_trunk_trouble{trunk="backup",what="not-registered"} 1.0',
        'sanxiang_trunk_calls_out{outcome="failed",trunk="carrier"} 1.0',
        'sanxiang_trunk_calls_out{outcome="carried",trunk="inbound"} 1.0',
        'sanxiang_trunk_refuses{trunk="carrier"} 403.0',
    ):
        assert line in text, line

    now[0] += timedelta(minutes=1)
    states.look({"carrier": Seen(registered=True), "backup": Seen(registered=True)}, now[0])
    async with server.client() as client, client.get("/health") as answer:
        assert answer.status == 200


async def test_health_fails_when_no_trunk_that_is_watched_is_well(
    house: tuple[RunningServer, TrunkStates, list[datetime]],
):
    server, states, now = house
    states.look({"carrier": Seen(registered=False), "backup": Seen(registered=False)}, now[0])
    now[0] += GRACE
    states.look({"carrier": Seen(registered=False), "backup": Seen(registered=False)}, now[0])
    async with server.client() as client, client.get("/health") as answer:
        found = {check["name"]: check for check in (await answer.json())["checks"]}
        assert answer.status == 503, "what is known of the third is nothing"
    assert (found["trunks"]["up"], found["trunks"]["figure"]) == (False, 2)


async def test_the_page_is_told_of_a_change(house: tuple[RunningServer, TrunkStates, list[datetime]]):
    server, states, now = house
    async with server.client("operator") as client, client.get("/api/events") as stream:
        text = ""
        async for line in stream.content:
            text += line.decode()
            if "event: snapshot" in text and '"trunks"' in text:
                break
        states.look({"carrier": Seen(registered=True), "backup": Seen(registered=True)}, now[0])
        text = ""
        async for line in stream.content:
            text += line.decode()
            if '"trunks"' in text:
                break
    assert "event: change" in text and '"NOT REGISTERED"' not in text
