"""Brands in API, desk, stories and figures for Prometheus."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.events import CallArrived, CallQueued
from tests.web.support import web_server
from tests.web.support.web_server import RunningServer, running_server

BRANDS = {
    "acme": {
        "name": {"zh": "极光", "en": "Acme"},
        "numbers": {"95100": "zh"},
        "queues": ["orders"],
        "agents": ["1001"],
        "own": True,
        "greeting": {"zh": "您好,极光客服。", "en": "Acme, good day."},
        "target": {"within_share": 0.5},
    },
    "bolt": {"name": {"zh": "飞驰", "en": "Bolt"}, "numbers": {"95200": "en"}, "hours": ["mon 00:00-00:01"]},
}


@pytest.fixture
async def house(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningServer]:
    monkeypatch.setitem(web_server.CONFIG, "brands", BRANDS)
    async with running_server(tmp_path / "state", database) as house:
        house.time.stop()
        yield house


def arrives(house: RunningServer, call: str, number: str, queue: str) -> str:
    house.calls.tell(CallArrived(call, "+8613800001111", number), CallQueued(call, queue, (), "zh"))
    return call


async def got(client: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        assert answer.status == status, (path, await answer.text())
        return await answer.json() if "json" in answer.content_type else await answer.text()


async def test_the_desk_shows_the_brand_and_its_greeting_before_the_telephone_is_answered(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("1001") as client:
        assert (await got(client, "/api/desk"))["brand"] is None
        call = arrives(house, "c1-1-0001", "95100", "orders")
        await house.calls.offer(call)
        rings = await got(client, "/api/desk")
        assert rings["offer"]["state"] == "ringing"
        greeting = {"zh": "您好,极光客服。", "en": "Acme, good day."}
        assert rings["brand"] == {"name": "acme", "zh": "极光", "en": "Acme", "greeting": greeting}
        assert rings["card"]["brand"] == "acme"
        await house.calls.answered(call)
        assert (await got(client, "/api/desk"))["brand"]["name"] == "acme"


async def test_figures_calls_and_the_floor_are_told_apart_by_brand(house: RunningServer):
    await house.calls.ready("1001")
    await house.calls.ready("1003")
    for call, number, queue in (("c1-1-0001", "95100", "orders"), ("c1-2-0002", "95200", "after-sales")):
        arrives(house, call, number, queue)
        await house.calls.over(await house.calls.answered(call))
        await house.calls.written(call)
    waits = arrives(house, "c1-3-0003", "95200", "after-sales")
    async with house.client("operator") as client:
        state = await got(client, "/api/state")
        assert {row["call"]: row["brand"] for row in state["calls"]} == {waits: "bolt"}
        assert {row["name"]: row["brand"] for row in state["queues"]} == {"orders": "acme", "after-sales": ""}
        agents = {row["agent"]: (row["brands"], row["kept_by"]) for row in state["agents"]}
        assert agents["1001"] == (["acme"], ["acme"]) and agents["1003"] == ([], [])
        names = await got(client, "/api/vocabulary")
        assert names["brands"] == [
            {"name": "acme", "zh": "极光", "en": "Acme"},
            {"name": "bolt", "zh": "飞驰", "en": "Bolt"},
        ]
        acme, bolt = [await got(client, f"/api/kpi?brand={brand}") for brand in ("acme", "bolt")]
        assert [(each["calls"], each["within_15_s"]["target"]) for each in (acme, bolt)] == [(1, 0.5), (1, 0.9)]
        assert [row["queue"] for row in bolt["queues"]] == ["after-sales"], "acme's queue is not bolt's"
        refused = await got(client, "/api/kpi?brand=acne", 400)
        assert (refused["code"], refused["field"]) == ("unknown-brand", "brand")
        calls = (await got(client, "/api/calls?brand=acme"))["calls"]
        assert [(call["call"], call["brand"]) for call in calls] == [("c1-1-0001", "acme")]
    async with house.client("token") as client:
        figures = await got(client, "/metrics")
    assert 'sanxiang_queue_waiting{brand="acme",queue="orders"} 0.0' in figures
    assert 'sanxiang_brand_waiting{brand="bolt"} 1.0' in figures
    assert 'sanxiang_brand_calls{brand="acme"} 0.0' in figures


async def test_the_hours_are_those_of_the_brand_that_was_dialled(house: RunningServer):
    async with house.client("stories") as client:
        found = {
            brand: (await got(client, f"/ivr/queue/after-sales?language=en&brand={brand}"))["open"]
            for brand in ("", "acme", "bolt", "gone")
        }
    assert found == {"": True, "acme": True, "bolt": False, "gone": True}


async def test_a_supervisor_who_asks_by_brand_sees_of_it_the_own_teams_calls_alone(database: str, tmp_path: Path):
    written = web_server.TEAMS_CONFIG | {
        "brands": {"comet": {"name": {"zh": "彗星", "en": "Comet"}, "numbers": {"95300": "zh"}}}
    }
    async with running_server(tmp_path / "state", database, written) as house:
        house.time.stop()
        await house.calls.ready("1001")
        await house.calls.ready("1003")
        for call, number, queue in (
            ("c7-1-0001", "95300", "orders"),
            ("c7-2-0002", "95300", "after-sales"),
            ("c7-3-0003", "95001", "orders"),
        ):
            arrives(house, call, number, queue)
            await house.calls.over(await house.calls.answered(call))
            await house.calls.written(call)
        async with house.client("operator") as operator, house.client("supervisor") as supervisor:
            for client, calls in ((operator, ["c7-2-0002", "c7-1-0001"]), (supervisor, ["c7-1-0001"])):
                assert [row["call"] for row in (await got(client, "/api/calls?brand=comet"))["calls"]] == calls
                kpi = await got(client, "/api/kpi?brand=comet")
                assert kpi["calls"] == len(calls)
                assert sum(row["calls"] for row in kpi["queues"]) == len(calls)
            recordings = await got(supervisor, "/api/recordings?brand=comet")
            assert [row["call"] for row in recordings["recordings"]] in ([], ["c7-1-0001"])
            assert (await got(supervisor, "/api/kpi?brand=comet&queue=after-sales", 400))["code"] == "unknown-queue"
            for path in ("/api/reports", "/api/reports/figures", "/api/reports/file", "/api/capacity"):
                assert (await got(supervisor, path, 403))["code"] == "not-allowed"
