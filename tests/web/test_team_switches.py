"""What a team's switches are at the desk: a disposition that must be given, and targets that are not for this team."""

import copy
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.support.web_server import TEAMS_CONFIG, RunningServer, running_server


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    written = copy.deepcopy(TEAMS_CONFIG)
    written["teams"]["orders"] |= {
        "forced_disposition": True,
        "hand_over_to": ["agent:1002"],
        "why": "orders are audited",
    }
    folder = Path(tmp_path_factory.mktemp("switches"))
    async with running_server(folder / "state", database, written) as house:
        house.time.stop()
        await house.calls.ready("1001", "1003")
        yield house


async def test_a_call_is_handed_over_where_the_team_may_and_wrap_up_waits_for_its_disposition(house: RunningServer):
    call = house.calls.arrives()
    offer = await house.calls.answered(call)
    async with house.client("1001") as client:
        async with client.get(f"/api/calls/{call}/targets") as answer:
            told = await answer.json()
        whys = {one["agent"]: one["why"] for one in told["agents"]} | {
            one["name"]: one["why"] for one in told["queues"]
        }
        assert whys == {
            "1002": "not-available",
            "1003": "not-for-team",
            "orders": "not-for-team",
            "after-sales": "not-for-team",
        }
        body = {"to": {"queue": "after-sales"}, "reason": "refund"}
        async with client.post(f"/api/calls/{call}/transfer", json=body) as answer:
            refused = await answer.json()
        assert (answer.status, refused["code"], refused["field"]) == (400, "not-for-team", "to")
        assert (
            refused["detail"] == "Agents of team orders may not transfer to queue after-sales. They may to: agent:1002."
        )

        await house.calls.over(offer)
        house.time.forward(60)
        await house.calls.settled()
        async with client.post("/api/desk/wrap-up-ended") as answer:
            refused = await answer.json()
        assert (answer.status, refused["code"], refused["words"]) == (409, "no-disposition", {"call": call})
        desk = await (await client.get("/api/desk")).json()
        assert (desk["agent"]["state"], desk["agent"]["to_class"], desk["wrap_up"]["ends_at"]) == (
            "wrap-up",
            call,
            None,
        )
        writing = {"version": desk["card"]["version"], "what": "disposition", "code": "solved"}
        async with client.post(f"/api/calls/{call}/card", json=writing) as answer:
            assert answer.status == 200, await answer.text()
        await house.calls.settled()
        desk = await (await client.get("/api/desk")).json()
        assert (desk["agent"]["state"], desk["agent"]["to_class"]) == ("idle", None)


async def test_a_supervisor_ends_a_wrap_up_that_waits(house: RunningServer):
    offer = await house.calls.answered(house.calls.arrives())
    await house.calls.over(offer)
    house.time.forward(60)
    async with house.client("supervisor") as client, client.post("/api/agents/1001/end-wrap-up") as answer:
        assert answer.status == 202
    await house.calls.settled()
    async with house.client("1001") as client:
        assert (await (await client.get("/api/desk")).json())["agent"]["state"] == "idle"
