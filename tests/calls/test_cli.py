"""The operator's command line against a running house: what it shows, what it changes, what it refuses and how."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.recorded_sound import well_recorded


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with FullSystem(tmp_path_factory.mktemp("system"), ("1001",), ring_s=1, brisk=True) as system:
        yield system


async def test_a_new_agent_is_added_registers_takes_a_call_and_all_of_it_can_be_read(system: FullSystem):
    async with system.scene():

        async def said(*words: str) -> str:
            status, output, complaints = await system.sanxiang(*words)
            assert status == 0, complaints
            return output

        made = json.loads(await said("agent", "add", "1009", "--name", "王小明", "--skill", "orders:7"))
        assert made["agent"] == "1009"
        assert system.installation.secrets()["agents"]["1009"] == {"password": made["password"], "pin": made["pin"]}
        await system.staffed("1009", Phone(ring_s=0.3, talk_s=(3, 3)), ready=False)
        await said("agent", "ready", "1009")
        await system.comes_to_be("1009", "idle")
        agents = {row["agent"]: row for row in json.loads(await said("agent", "list", "--json"))}
        assert (agents["1009"]["name"], agents["1009"]["skills"]) == ("王小明", {"orders": 7})
        assert agents["1001"]["state"] == "logged out"
        assert "王小明" in await said("agent", "list")

        await system.asks("1", "13812345678")
        call = await system.log.call_of("13812345678")
        await system.log.row(Kind.CONNECTED)
        status = json.loads(await said("status", "--json"))
        assert status["health"]["status"] == "up"
        assert [(row["call"], row["stage"], row["agent"]) for row in status["calls"]] == [(call, "talking", "1009")]
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED

        await said("agent", "not-ready", "1009", "meal")
        await system.comes_to_be("1009", "not ready", "meal")
        await system.asks("1", "13812340000", stays_s=240)
        second = await system.log.call_of("13812340000")
        await system.log.row(Kind.QUEUED, lambda row: row.call == second)
        queues = {row["name"]: row for row in json.loads(await said("queue", "list", "--json"))}
        assert (queues["orders"]["waiting"], queues["orders"]["staffed"], queues["orders"]["available"]) == (1, 1, 0)
        await said("agent", "ready", "1009")
        await system.log.ending_of(second)

        await system.log.row(Kind.RECORDED, count=2)
        await system.caught_up()
        listed = json.loads(await said("call", "list", "--json"))
        assert [(row["call"], row["agent"], row["ending"]) for row in listed] == [
            (second, "1009", "answered"),
            (call, "1009", "answered"),
        ]
        assert {row["caller"] for row in listed} == {"138****5678", "138****0000"}
        assert json.loads(await said("call", "list", "--json", "--search", "5678"))[0]["call"] == call
        shown = json.loads(await said("call", "show", call, "--json"))
        assert [row["kind"] for row in shown["timeline"]][:4] == ["arrived", "menu", "queued", "offered"]
        assert [leg["state"] for leg in shown["recordings"]] == ["complete"]
        in_words = (await said("call", "show", call)).splitlines()
        assert len(in_words) >= 6
        assert any("1009" in line for line in in_words)
        assert well_recorded(
            Path(system.prepared.recordings), await system.store.recording(shown["offers"][0]["offer"])
        )


async def test_what_the_operator_gets_wrong_is_refused_in_one_sentence_with_the_remedy(system: FullSystem):
    async with system.scene():
        there = [row["agent"] for row in (await system.state())["agents"]]
        await system.ask("POST", "/api/agents/1001/log-in", {})
        await system.comes_to_be("1001", "not ready")
        for words, sentence in (
            (("agent", "not-ready", "1001", "fishing"), "Use one of: break, meal, training, meeting, paperwork."),
            (("agent", "ready", "1234"), "There is no agent 1234."),
            (("agent", "add", "1001"), "Agent 1001 is already there."),
            (("agent", "add", "12ab"), "'12ab' can't be an extension: two to six digits"),
            (("call", "show", "c1-1-1"), "There is no call c1-1-1. `sanxiang call list` shows the calls."),
        ):
            status, output, complaints = await system.sanxiang(*words)
            assert status == 1, (words, output)
            assert complaints.startswith("sanxiang: ")
            assert sentence in complaints, complaints
            assert len(complaints.strip().splitlines()) == 1, complaints
            assert not output
        status, _, complaints = await system.sanxiang("agent", "add", "1010", "--skill", "orders")
        assert status == 2
        assert "orders:5" in complaints or "skill and level" in complaints
        assert [row["agent"] for row in (await system.state())["agents"]] == there
        assert (await system.agent("1001"))["reason"] == ""
