"""An agent's own day: figures that agree with the reports', who hung up first, calls whose cards may be opened again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.engine.transfer_events import CardWritten
from tests.support.waiting import eventually
from tests.web.conftest import empty_database
from tests.web.support.desk_browser import to_noon
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
async def house(postgres: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """With a database of its own, for a day's figures count all that is in it; at noon, so that no test is two days."""
    async with empty_database(postgres) as database, running_server(tmp_path / "state", database) as house:
        house.time.stop()
        to_noon(house)
        yield house


async def day(house: RunningServer, agent: str = "1001") -> dict[str, Any]:
    async with house.client(agent) as client, client.get("/api/desk/day") as answer:
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def test_a_day_without_a_call_has_no_rates(house: RunningServer):
    found = await day(house, "1003")
    assert (found["figures"]["talks"], found["figures"]["handling_s"], found["calls"]) == (0, None, [])


async def test_the_figures_are_those_of_the_reports_and_say_who_hung_up_first(house: RunningServer):
    await house.calls.ready("1001")
    for caller, by, talk_s in (
        ("13812341001", "caller", 60),
        ("13812341002", "agent", 30),
        ("13812341003", "caller", 90),
    ):
        offer = await house.calls.answered(house.calls.arrives(caller))
        await house.calls.over(offer, talk_s, by=by)
        house.time.forward(31)
        await house.calls.ready("1001")
    await house.calls.written(offer.call)
    found = await day(house)
    figures = found["figures"]
    assert (figures["talks"], round(figures["talk_s"], 3), figures["hold_s"]) == (3, 180.0, 0.0)
    assert (figures["ended_by_agent"], figures["ended_by_caller"]) == (1, 2)
    now = house.time.now()
    edges = (now - timedelta(hours=1), now + timedelta(seconds=1))
    (reported,) = await house.store.agent_kpi_by_interval(edges, now)
    mine = reported["1001"]
    assert (mine.ended_by_agent, mine.ended_by_caller) == (1, 2)
    assert figures["handling_s"] == pytest.approx(mine.handling_s)
    assert figures["occupancy"] == pytest.approx(mine.occupancy)
    assert [(one["caller"], one["ended_by"], round(one["talk_s"])) for one in found["calls"]] == [
        ("13812341003", "caller", 90),
        ("13812341002", "agent", 30),
        ("13812341001", "caller", 60),
    ]
    assert (await day(house, "1002"))["calls"] == [], "nobody else's calls"


async def test_the_queues_are_those_that_the_agent_serves_and_promises_are_the_agents_own(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives("13812341234"))
    due = (house.time.now() + timedelta(hours=2)).isoformat()
    house.calls.tell(
        CardWritten(offer.call, "1001", "promise", {"text": "call back about the parcel", "due_at": due}),
        CardWritten(offer.call, "1002", "promise", {"text": "somebody else's", "due_at": due}),
        CardWritten(offer.call, "1001", "matter", {"text": "parcel"}),
        CardWritten(offer.call, "1001", "disposition", {"code": "solved", "text": ""}),
    )
    waits = house.calls.arrives("13812349999")
    await house.calls.written(waits)
    house.time.forward(5)
    found = await day(house)
    assert [(one["name"], one["waiting"]) for one in found["queues"]] == [("orders", 1), ("after-sales", 0)]
    assert [(one["text"], one["caller"]) for one in found["promises"]] == [
        ("call back about the parcel", "13812341234")
    ]
    [call] = found["calls"]
    assert (call["matter"], call["disposition"], call["talk_s"]) == ("parcel", {"code": "solved", "text": ""}, None)


async def test_after_a_restart_a_call_of_today_is_opened_again_once_the_day_was_asked_for(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives("13812341234"))
    await house.calls.over(offer)
    await house.calls.written(offer.call)
    house.time.forward(45 * 60)  # longer than a card stays in memory
    async with house.client("1001") as client, client.get("/api/desk/day") as answer:
        assert [one["call"] for one in (await answer.json())["calls"]] == [offer.call]
    async with house.client("1001") as client:
        async with client.get(f"/api/calls/{offer.call}/card") as answer:
            version = (await answer.json())["version"]
        note = {"version": version, "what": "note", "text": "the parcel was found"}
        async with client.post(f"/api/calls/{offer.call}/card", json=note) as answer:
            assert answer.status == 200, await answer.text()
    async with house.client("1002") as client, client.get(f"/api/calls/{offer.call}/card") as answer:
        assert answer.status == 404


async def test_a_wrap_up_is_extended_three_times_and_then_refused(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives())
    async with house.client("1001") as client:
        async with client.post("/api/desk/wrap-up-extended") as answer:
            assert (answer.status, (await answer.json())["code"]) == (409, "not-extended")
        await house.calls.over(offer)
        for left in (2, 1, 0):
            async with client.post("/api/desk/wrap-up-extended") as answer:
                assert answer.status == 202

            async def extensions() -> int:
                async with client.get("/api/desk") as answer:
                    return int((await answer.json())["wrap_up"]["extensions"])

            await eventually(lambda: house.engine.at_desk("1001", house.time.now()), "the desk")
            assert await extensions() == left
        async with client.post("/api/desk/wrap-up-extended") as answer:
            assert (answer.status, (await answer.json())["code"]) == (409, "not-extended")


async def test_the_desk_names_the_supervisor_who_signs_an_agent_out(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives())
    async with house.client("operator") as client, client.post("/api/agents/1001/log-out") as answer:
        assert answer.status == 202
    await house.calls.settled()
    async with house.client("1001") as client, client.get("/api/desk") as answer:
        agent = (await answer.json())["agent"]
    assert (agent["state"], agent["logged_in"], agent["set_by"]) == ("talking", False, "operator")
    await house.calls.over(offer)
