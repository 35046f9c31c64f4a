"""Acts from the live view: for several agents at once, two people on one call, and each agent's figures of today."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.events import AgentReady
from acd.engine.operator_events import AgentMoved, CallMoved, CallWithdrawn
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        yield house


async def said(client: aiohttp.ClientSession, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body or {}) as answer:
        return answer.status, await answer.json()


def told(house: RunningServer, kind: type) -> list[Any]:
    return [event for event in house.told if isinstance(event, kind)]


async def test_two_who_move_the_same_call_at_once_are_told_who_was_first(house: RunningServer):
    call = house.calls.arrives()
    await house.calls.settled()
    async with house.client("operator") as one, house.client("token") as other:
        answers = await asyncio.gather(
            *(
                said(client, f"/api/calls/{call}/move", {"queue": "after-sales", "was": "orders"})
                for client in (one, other)
            )
        )
        assert sorted((status, answer.get("code")) for status, answer in answers) == [(202, None), (409, "acted-on")]
        await eventually(lambda: told(house, CallMoved), "the move")
        assert len(told(house, CallMoved)) == 1
        by = told(house, CallMoved)[0].by
        status, back = await said(other, f"/api/calls/{call}/move", {"queue": "orders", "was": "orders"})
        assert (status, back["code"], back["by"]) == (409, "acted-on", by)
        status, refused = await said(other, f"/api/calls/{call}/priority", {"priority": 7, "was": 3})
        assert (status, refused["code"], refused["by"]) == (409, "acted-on", by)
        assert f"{by} moved it to after-sales" in refused["detail"]


async def test_who_withdraws_a_call_second_is_told_that_it_is_done(house: RunningServer):
    call = house.calls.arrives()
    await house.calls.settled()
    async with house.client("operator") as one, house.client("token") as other:
        assert (await said(one, f"/api/calls/{call}/withdraw", {"reason": "rang by mistake"}))[0] == 202
        status, refused = await said(other, f"/api/calls/{call}/withdraw", {"reason": "twice"})
    assert (status, refused["code"], refused["by"]) == (409, "acted-on", "operator")
    assert refused["words"] == {"by": "operator", "what": "CallWithdrawn", "now": ""}
    assert len(told(house, CallWithdrawn)) == 1


async def test_a_priority_that_another_has_set_meanwhile_is_not_overwritten(house: RunningServer):
    call = house.calls.arrives()
    await house.calls.settled()
    async with house.client("operator") as client:
        assert (await said(client, f"/api/calls/{call}/priority", {"priority": 5, "was": 0}))[0] == 202
        status, refused = await said(client, f"/api/calls/{call}/priority", {"priority": 9, "was": 0})
        assert (status, refused["code"], refused["words"]["now"]) == (409, "acted-on", "5")
        assert (await said(client, f"/api/calls/{call}/priority", {"priority": 9}))[0] == 202, "without `was` as ever"


async def test_chosen_agents_are_set_ready_not_ready_moved_and_logged_out_together(house: RunningServer):
    two = ["1001", "1003"]

    async def states() -> dict[str, str]:
        async with house.client("token") as client, client.get("/api/agents") as answer:
            return {row["agent"]: row["state"] for row in (await answer.json())["agents"]}

    async def are(state: str) -> None:
        for _ in range(100):
            found = await states()
            if all(found[agent] == state for agent in two):
                break
            await asyncio.sleep(0.05)
        assert {agent: found[agent] for agent in two} == dict.fromkeys(two, state)
        assert found["1002"] == "logged out"

    async with house.client("operator") as client:
        status, answer = await said(client, "/api/agents/chosen/ready", {"agents": [*two, "1001"]})
        assert (status, answer) == (202, {"agents": two, "told": "AgentReady"})
        await are("idle")
        assert (await said(client, "/api/agents/chosen/not-ready", {"agents": two, "reason": "meal"}))[0] == 202
        await are("not ready")
        assert (await said(client, "/api/agents/chosen/queues", {"agents": two, "queues": ["orders"]}))[0] == 202
        await eventually(lambda: len(told(house, AgentMoved)) == 2, "both are moved")
        assert (await said(client, "/api/agents/chosen/log-out", {"agents": two}))[0] == 202
        await are("logged out")
    notes = [json.loads(line) for line in (house.folder / "audit.log").read_text().splitlines()]
    done = [(note["action"], note["agents"]) for note in notes if "agents" in note]
    assert done == [(word, two) for word in ("AgentReady", "AgentNotReady", "AgentMoved", "AgentLoggedOut")]


@pytest.mark.parametrize(
    ("word", "body", "expected"),
    [
        ("ready", {"agents": []}, (400, "bad-request")),
        ("ready", {"agents": ["1001", "1009"]}, (404, "unknown-agent")),
        ("ready", {"agents": ["1001"] * 1001}, (400, "bad-request")),
        ("ready", {"agents": ["1001\n"]}, (400, "illegal-character")),
        ("not-ready", {"agents": ["1001"], "reason": "boredom"}, (400, "unknown-reason")),
        ("queues", {"agents": ["1001"], "queues": ["orderz"]}, (400, "unknown-queue")),
    ],
)
async def test_a_choice_that_cant_be_is_refused_whole(
    house: RunningServer, word: str, body: dict[str, Any], expected: tuple[int, str]
):
    async with house.client("operator") as client:
        status, refused = await said(client, f"/api/agents/chosen/{word}", body)
    assert (status, refused["code"]) == expected
    assert not told(house, AgentReady)


async def test_each_agents_day_so_far_is_told_and_asked_of_the_store_seldom(
    house: RunningServer, monkeypatch: pytest.MonkeyPatch
):
    await house.calls.ready("1001")
    await house.calls.whole(talk_s=60)
    await house.calls.ready("1001")
    await house.calls.settled()
    call = house.calls.arrives()
    offer = await house.calls.answered(call)
    await house.calls.over(offer, talk_s=40, by="agent")
    await house.calls.settled()
    assert await house.shipper.catch_up(10)
    async with house.client("operator") as client:
        async with client.get("/api/agents/today") as answer:
            found = {row["agent"]: row for row in (await answer.json())["agents"]}
        assert sum(row["talks"] for row in found.values()) == 2
        assert found[offer.agent]["hung_up_first"] == 1
        assert found[offer.agent]["three_ring_rate"] == 1.0
        house.time.stop()
        asked: list[object] = []
        really = house.store.agent_kpi_by_interval

        async def counted(*edges: Any, **more: Any) -> Any:
            asked.append(edges)
            return await really(*edges, **more)

        monkeypatch.setattr(house.store, "agent_kpi_by_interval", counted)
        house.time.forward(11)
        answers = await asyncio.gather(*(client.get("/api/agents/today") for _ in range(20)))
        assert [answer.status for answer in answers] == [200] * 20
        assert len(asked) == 1, "twenty pages ask the store once"
        house.time.forward(11)
        async with client.get("/api/agents/today") as answer:
            assert answer.status == 200
        assert len(asked) == 2
