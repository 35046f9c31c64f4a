"""Why this agent, asked over HTTP: from the call's own log, and in full from the journal by a process of its own."""

import asyncio
from typing import Any

import pytest

from acd.engine.events import AgentDialled, AgentNotReady, AgentRinging, OfferFailed
from acd.store.journal import spool
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer


async def explained(house: RunningServer, call: str, role: str = "operator", **query: str) -> dict[str, Any]:
    async with house.client(role) as client, client.get(f"/api/calls/{call}/explain", params=query) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


def choices(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [step["choice"] for step in found["steps"] if step["choice"]]


@pytest.fixture(scope="module")
async def told(house: RunningServer) -> str:
    """A call to after-sales: 1003 declines it, and after 20 s anybody will do: 1002, who has no after-sales, gets it."""
    await house.calls.ready("1003")
    call = house.calls.arrives(caller="13912345678", queue="after-sales")
    first = await house.calls.offer(call)
    who = (first.agent, call, first.offer)
    house.calls.tell(AgentDialled(*who), AgentRinging(*who), OfferFailed(*who, "rejected", 21))
    house.calls.tell(AgentNotReady("1003", "break"))
    await house.calls.settled()
    await house.calls.ready("1002")
    house.time.forward(21)
    house.calls.tell(AgentNotReady("1001", "meal"))  # Any event, so that the engine sees the time.
    await house.calls.settled()

    def twice() -> bool:
        return len([offer for offer in house.offers if offer.call == call]) == 2

    await eventually(twice, "the second offer")
    second = await house.calls.answered(call)
    await house.calls.over(second)
    await house.calls.written(call)
    return call


async def test_each_choice_is_told_with_rule_row_and_who_was_passed_over(house: RunningServer, told: str):
    found = await explained(house, told)
    assert (found["full"], found["note"]) == (False, None)
    assert found["call"]["caller"] == "139****5678"
    first, second = choices(found)
    assert (first["rule"], first["rule_zh"]) == ("longest idle of the able", "技能符合的座席中空闲最久")
    assert (first["outcome"], first["rows"], first["whole"]) == ("rejected", [], None)
    assert second["outcome"] == "answered"
    assert second["rows"][0] == {
        "row": 1,
        "why": "better anybody than a minute of music",
        "en": "a lower level is enough (no skill is required any more)",
        "zh": "放宽技能等级（不再要求技能）",
    }
    assert second["passed_over"] == {"not ready": 1, "logged out": 1}
    assert second["passed_over_zh"] == {"示忙": 1, "签出": 1}
    kinds = [step["kind"] for step in found["steps"]]
    assert kinds[:3] == ["arrived", "queued", "offered"]
    assert "overflow" in kinds
    assert kinds[-1] == "ended"
    assert all(step["zh"] and step["en"] for step in found["steps"])


async def test_in_full_every_agent_stands_in_it_with_his_verdict(house: RunningServer, told: str):
    found = await explained(house, told, full="true")
    assert (found["full"], found["note"]) == (True, None)
    first, second = choices(found)
    assert {one["agent"]: one["verdict"] for one in first["whole"]["agents"]} == {
        "1003": "chosen",
        "1001": "logged out",
        "1002": "lacks a skill",
    }
    assert first["whole"]["required"] == [{"queue": "after-sales", "skills": {"after-sales": 1}}]
    assert second["whole"]["agents"][0]["agent"] == "1002"
    assert second["whole"]["agents"][0]["zh"] == "选中"
    assert {one["agent"]: one["state"] for one in second["whole"]["agents"]}["1003"] == "not ready"


@pytest.mark.parametrize("role", ["qa", "operator"])
async def test_the_number_is_masked(house: RunningServer, told: str, role: str):
    assert (await explained(house, told, role))["steps"][0]["detail"]["caller"] == "139****5678"


async def test_a_call_that_goes_on_is_explained_too(house: RunningServer):
    call = house.calls.arrives(caller="13900000077")
    await house.calls.written(call)
    found = await explained(house, call, full="true")
    assert [step["kind"] for step in found["steps"]][:2] == ["arrived", "queued"]


async def test_a_journal_that_is_gone_is_said_in_a_sentence_and_the_log_is_shown(house: RunningServer, told: str):
    aside = house.folder / "aside"
    segments = spool.segments(house.folder / "journal")
    aside.mkdir()
    for segment in segments:
        segment.rename(aside / segment.name)
    try:
        found = await explained(house, told, full="true")
    finally:
        for segment in segments:
            (aside / segment.name).rename(segment)
    assert "no longer kept" in found["note"]["en"]
    assert "不再保留" in found["note"]["zh"]
    assert [choice["whole"] for choice in choices(found)] == [None, None]
    assert choices(found)[1]["rows"][0]["why"] == "better anybody than a minute of music"


async def test_several_who_ask_at_once_get_the_same_answer(house: RunningServer, told: str):
    first, *others = await asyncio.gather(*(explained(house, told, "token", full="true") for _ in range(3)))
    assert choices(first)[0]["whole"]
    assert others == [first, first]


@pytest.mark.parametrize("role", ["", "stories"])
async def test_strangers_are_told_nothing(house: RunningServer, role: str):
    async with house.client(role) as client, client.get("/api/calls/c1-1-1/explain") as answer:
        assert answer.status in (401, 403)


async def test_an_unknown_call_and_an_odd_question_are_refused(house: RunningServer, told: str):
    async with house.client("token") as client:
        async with client.get("/api/calls/c1-1-1/explain") as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "unknown-call")
        async with client.get(f"/api/calls/{told}/explain", params={"full": "perhaps"}) as answer:
            assert (answer.status, (await answer.json())["field"]) == (400, "full")
