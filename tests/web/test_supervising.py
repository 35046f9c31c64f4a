"""Messages, breaks, help, single queues and missed callers over the API, as supervisors, agents and PostgreSQL have them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from acd.engine.events import CallerHungUp
from acd.web.access.audit import verify
from tests.support.waiting import eventually
from tests.web.support.web_server import TEAMS_CONFIG, RunningServer, running_server

pytestmark = pytest.mark.database
SUPERVISED: dict[str, Any] = {
    **TEAMS_CONFIG,
    "callbacks": {"messages": "list"},
    "breaks": {
        "kinds": {"break": {"minutes": 10}, "meal": {"minutes": 40, "leave": True}},
        "limits": [{"at_once": 1, "team": "orders"}, {"at_once": 5, "team": "after-sales"}],
    },
}


@pytest.fixture(scope="module")
async def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("supervising"))
    async with running_server(folder / "state", database, SUPERVISED) as house:
        yield house


@pytest.fixture
async def house(server: RunningServer) -> AsyncIterator[RunningServer]:
    """1001, 1002 and 1003 are ready; nobody is afterwards."""
    await server.calls.ready("1001", "1002", "1003")
    yield server
    async with server.client("token") as client:
        await client.post("/api/agents/all/log-out")
    await server.calls.settled()


async def asked(house: RunningServer, who: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """`body` None: it is a GET."""
    async with house.client(who) as client:
        method = "GET" if body is None else "POST"
        async with client.request(method, f"/api/{path}", json=body) as answer:
            return answer.status, await answer.json()


async def agent(house: RunningServer, name: str) -> dict[str, Any]:
    rows = (await asked(house, "operator", "agents"))[1]["agents"]
    return next(row for row in rows if row["agent"] == name)


async def test_a_message_to_the_own_team_is_on_its_desks_acknowledged_and_listed(house: RunningServer):
    status, sent = await asked(
        house, "supervisor", "messages", {"text": "The invoices are wrong.\nSay sorry.", "minutes": 30}
    )
    assert (status, sent["teams"], sent["by"]) == (201, ["orders"], "supervisor")
    assert [row["agent"] for row in sent["to"]] == ["1001", "1002"]
    desk = (await asked(house, "1001", "desk"))[1]
    assert [(one["text"], one["seen_at"]) for one in desk["messages"]] == [(sent["text"], None)]
    assert (await asked(house, "1003", "desk"))[1]["messages"] == []
    assert (await asked(house, "1001", f"desk/messages/{sent['message']}/seen", {}))[0] == 200
    assert (await asked(house, "1001", f"desk/messages/{sent['message']}/seen", {}))[0] == 200, "pressed twice"
    assert (await asked(house, "1003", f"desk/messages/{sent['message']}/seen", {}))[0] == 404
    listed = (await asked(house, "supervisor", "messages"))[1]["messages"][0]
    assert [(row["agent"], row["seen_at"] is not None) for row in listed["to"]] == [("1001", True), ("1002", False)]
    assert (await asked(house, "supervisor", f"messages/{sent['message']}/withdraw", {}))[1]["ended_by"] == "supervisor"
    assert (await asked(house, "1002", "desk"))[1]["messages"] == []
    noted = [json.loads(line)["action"] for line in (house.folder / "audit.log").read_text().splitlines()]
    assert "AgentsMessaged" in noted and "MessageWithdrawn" in noted
    assert verify(house.folder / "audit.log") is not None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 400, ""),
        ({"text": " "}, 400, "text"),
        ({"text": "x" * 501}, 400, ""),
        ({"text": "a\rAction: Command"}, 400, ""),
        ({"text": "a\x00b"}, 400, ""),
        ({"text": "x", "minutes": 0}, 400, ""),
        ({"text": "x", "agents": ["1003"]}, 404, "unknown-agent"),
        ({"text": "x", "teams": ["after-sales"]}, 400, "unknown-team"),
        ({"text": "x", "strange": 1}, 400, ""),
    ],
)
async def test_a_message_that_can_not_be_is_refused(house: RunningServer, body: dict[str, Any], status: int, code: str):
    got, said = await asked(house, "supervisor", "messages", body)
    assert (got, said["code"]) == (status, code or said["code"]), said


async def test_a_supervisor_withdraws_no_message_that_other_teams_see_too(house: RunningServer):
    _, sent = await asked(house, "operator", "messages", {"text": "for all"})
    assert (await asked(house, "supervisor", f"messages/{sent['message']}/withdraw", {}))[1]["code"] == "others-see-it"
    assert (await asked(house, "operator", f"messages/{sent['message']}/withdraw", {}))[0] == 200


async def test_breaks_are_granted_in_turn_and_by_leave_and_stand_on_the_board(house: RunningServer):
    assert (await asked(house, "1001", "desk/break/ask", {"reason": "小休"}))[0] == 200
    assert (await agent(house, "1001"))["break"]["state"] == "on"
    assert (await asked(house, "1002", "desk/break/ask", {"reason": "break"}))[0] == 200
    waits = (await asked(house, "1002", "desk"))[1]["agent"]["break"]
    assert (waits["state"], waits["waits"], waits["place"]) == ("asked", "full", 1)
    assert (await asked(house, "1002", "desk/break/ask", {"reason": "break"}))[1]["code"] == "break-open"
    board = (await asked(house, "supervisor", "breaks"))[1]
    assert [(row["agent"], row["state"]) for row in board["breaks"]] == [("1002", "asked"), ("1001", "on")]
    assert [(row["team"], row["away"], row["at_once"]) for row in board["limits"]] == [("orders", 1, 1)]
    assert (await asked(house, "supervisor", "agents/1002/break/grant", {}))[0] == 200
    assert (await agent(house, "1002"))["break"]["by"] == "supervisor"
    assert (await asked(house, "supervisor", "agents/1002/break/grant", {}))[1]["code"] == "no-break-open"
    assert (await asked(house, "1003", "desk/break/ask", {"reason": "meal"}))[0] == 200
    assert (await asked(house, "supervisor", "agents/1003/break/grant", {}))[0] == 404, "of another team"
    assert (await asked(house, "operator", "agents/1003/break/decline", {"reason": "later"}))[0] == 200
    assert (await agent(house, "1003"))["state"] == "idle"
    house.time.forward(700)
    await house.calls.ready("1001", "1002")
    assert await house.shipper.catch_up(30)

    async def figures() -> bool:
        rows = (await asked(house, "supervisor", "breaks/day"))[1]["agents"]
        first = next((row for row in rows if row["agent"] == "1001"), None)
        return first is not None and {row["agent"] for row in rows} == {"1001", "1002"} and first["overdue"] == 1

    await eventually(figures)
    row = next(row for row in (await asked(house, "operator", "breaks/day"))[1]["agents"] if row["agent"] == "1003")
    assert (row["asked"], row["declined"], row["breaks"]) == (1, 1, 0)
    assert (await asked(house, "1001", "desk/break/ask", {"reason": "lunch"}))[1]["code"] == "unknown-break"


async def test_a_raised_hand_is_on_the_floor_and_lowered_by_the_supervisor(house: RunningServer):
    call = house.calls.arrives("13800005555")
    offer = await house.calls.answered(call)
    assert (await asked(house, offer.agent, "desk/help/ask", {"note": "angry caller"}))[0] == 200
    row = await agent(house, offer.agent)
    assert (row["hand"]["note"], row["call"]) == ("angry caller", call)
    assert (await asked(house, "supervisor", f"agents/{offer.agent}/help-ended", {}))[0] == 200
    assert (await agent(house, offer.agent)).get("hand") is None
    assert (await asked(house, "supervisor", f"agents/{offer.agent}/help-ended", {}))[1]["code"] == "no-hand"
    await house.calls.over(offer)


async def test_an_agent_leaves_one_queue_and_a_supervisor_lets_them_join_again(house: RunningServer):
    left = await asked(house, "1001", "desk/leave-queue", {"queue": "orders", "reason": "培训"})
    assert left[0] == 200, left
    assert (await agent(house, "1001"))["queues_left"] == {"orders": "training"}
    own = (await asked(house, "1001", "desk"))[1]["own_queues"]
    assert [(one["queue"], one["left"]) for one in own] == [("orders", "training")]
    call = house.calls.arrives("13800006666")
    assert (await house.calls.offer(call)).agent == "1002"
    house.calls.tell(CallerHungUp(call))
    for body, status, code in (
        ({"queue": "orders", "reason": "training"}, 409, "left-already"),
        ({"queue": "nowhere", "reason": "training"}, 400, "unknown-queue"),
        ({"queue": "orders", "reason": "a walk"}, 400, "unknown-reason"),
    ):
        got, said = await asked(house, "1001", "desk/leave-queue", body)
        assert (got, said["code"]) == (status, code)
    assert (await asked(house, "supervisor", "agents/1001/join-queue", {"queue": "orders"}))[0] == 200
    assert (await asked(house, "1001", "desk/join-queue", {"queue": "orders"}))[1]["code"] == "not-left"


async def test_a_missed_caller_is_called_back_or_dealt_with_and_leaves_the_list(house: RunningServer):
    async with house.client("token") as client:
        await client.post("/api/agents/all/log-out")
    calls = {}
    for number, queue in (("13800007777", "orders"), ("13800008888", "orders"), ("13800009999", "after-sales")):
        calls[number] = call = house.calls.arrives(number, queue)
        await house.calls.settled()
        house.time.forward(20)
        house.calls.tell(CallerHungUp(call))
        await house.calls.written(call)

    async def missed(who: str = "supervisor") -> list[str]:
        return [row["call"] for row in (await asked(house, who, "missed-callers"))[1]["callers"]]

    assert set(calls.values()) - set(await missed("operator")) == set()
    mine = [calls["13800008888"], calls["13800007777"]]
    assert [call for call in await missed() if call in calls.values()] == mine
    shown = (await asked(house, "supervisor", "missed-callers"))[1]["callers"]
    assert "13800007777" not in json.dumps(shown) and "138****7777" in json.dumps(shown)
    assert (await asked(house, "supervisor", f"missed-callers/{calls['13800009999']}/call-back", {}))[0] == 404
    status, made = await asked(house, "supervisor", f"missed-callers/{mine[1]}/call-back", {"owner": "1001"})
    assert (status, made["owner"], made["queue"], made["of_call"]) == (200, "1001", "orders", mine[1]), made
    assert mine[1] not in await missed()
    assert (await asked(house, "supervisor", f"missed-callers/{mine[1]}/call-back", {}))[0] == 404, (
        "another was quicker"
    )
    assert (await asked(house, "supervisor", f"missed-callers/{mine[0]}/dealt-with", {"note": "wrote to them"}))[
        0
    ] == 200
    assert await house.shipper.catch_up(30)
    assert not set(mine) & set(await missed())
    story = (await asked(house, "operator", f"calls/{mine[0]}"))[1]["timeline"]
    assert "supervisor has dealt with the missed caller: wrote to them" in [row["en"] for row in story]


async def test_an_agent_reaches_nothing_of_the_supervisors(house: RunningServer):
    for path, body in (
        ("messages", {"text": "x"}),
        ("agents/1002/break/grant", {}),
        ("agents/1002/leave-queue", {"queue": "orders", "reason": "training"}),
        ("missed-callers", None),
        ("breaks", None),
    ):
        assert (await asked(house, "1001", path, body))[0] == 403, path
