"""An operator's hand on the floor: agents moved and sent home, queues closed, waiting calls put forward, moved, withdrawn.

Each is a real POST to a house with a real engine; what it did is looked for in the floor, in the call's log in
PostgreSQL, and in the audit.
"""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentReady,
    AgentRinging,
    CallBridged,
    CallerHungUp,
    PbxFound,
    WrapUpEnded,
)
from acd.web.access.audit import verify
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer

NUMBERS = (f"138{n:08d}" for n in itertools.count())
"""A caller of his own for each call: who calls again takes his old place, and gets who served him last."""
UNSEEN = ("a\r\nAction: Command", "a\nb", "a\x00b", "a\x1b[2J", "a\x85b", "a\u2028b")
"""Texts with what a log, a terminal or Asterisk would take for more than a text."""


@pytest.fixture(autouse=True)
async def quiet_floor(house: RunningServer) -> AsyncIterator[None]:
    """Each story begins with nobody logged in and no call, and leaves nothing."""
    yield
    for call in [row["call"] for row in house.engine.snapshot(house.time.now())["calls"]]:
        house.calls.tell(CallerHungUp(call))
    async with house.client("token") as client:
        await said(client, "/api/agents/all/log-out")
        for agent in ("1001", "1002", "1003"):
            house.calls.tell(WrapUpEnded(agent))
            await said(client, f"/api/agents/{agent}/queues", {"queues": []})
        for queue in ("orders", "after-sales"):
            await said(client, f"/api/queues/{queue}/open")
    await house.calls.settled()


def arrives(house: RunningServer, queue: str = "orders") -> str:
    return house.calls.arrives(next(NUMBERS), queue)


async def said(client: Any, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body or {}) as answer:
        return answer.status, await answer.json()


async def asked(client: Any, path: str) -> dict[str, Any]:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def floor(house: RunningServer) -> dict[str, Any]:
    await house.calls.settled()
    async with house.client("token") as client:
        return await asked(client, "/api/state")


async def call_row(house: RunningServer, call: str) -> dict[str, Any]:
    return next(row for row in (await floor(house))["calls"] if row["call"] == call)


async def timeline(house: RunningServer, call: str) -> list[dict[str, Any]]:
    await house.calls.written(call)
    async with house.client("operator") as client:
        rows: list[dict[str, Any]] = (await asked(client, f"/api/calls/{call}"))["timeline"]
        return rows


def audited(house: RunningServer) -> list[dict[str, Any]]:
    """The audit's lines without their chain and time; that the chain holds is looked at beside."""
    file = house.folder / "audit.log"
    assert verify(file).lines
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in ("at", "before")} for line in lines]


async def test_an_operator_puts_a_waiting_call_forward(house: RunningServer):
    first, second = arrives(house), arrives(house)
    assert (await call_row(house, second))["position"] == 2
    async with house.client("operator") as client:
        status, answer = await said(client, f"/api/calls/{second}/priority", {"priority": 5})
    assert (status, answer) == (202, {"call": second, "told": "CallPrioritised"})
    row = await call_row(house, second)
    assert (row["priority"], row["position"]) == (5, 1)
    assert (await call_row(house, first))["position"] == 2
    assert audited(house)[-1] == {"who": "operator", "action": "CallPrioritised", "call": second, "priority": 5}
    did = next(line for line in await timeline(house, second) if line["kind"] == "operator")
    assert did["detail"] == {"did": "priority", "by": "operator", "was": 0, "now": 5}
    assert did["en"] == "operator changes the priority of the call from 0 to 5"
    assert did["zh"] == "operator 将此来电的优先级由 0 改为 5"


async def test_a_waiting_call_is_moved_and_keeps_its_place(house: RunningServer):
    call = arrives(house, queue="orders")
    await house.calls.settled()
    house.time.forward(30)
    other = arrives(house, queue="after-sales")
    async with house.client("token") as client:
        assert (await said(client, f"/api/calls/{call}/move", {"queue": "after-sales"}))[0] == 202
        row = await call_row(house, call)
        assert (row["queue"], row["position"]) == ("after-sales", 1)
        assert (await call_row(house, other))["position"] == 2
        status, refusal = await said(client, f"/api/calls/{call}/move", {"queue": "after-sales"})
        assert (status, refusal["code"]) == (409, "already-there")
    assert audited(house)[-1] == {
        "who": "command line",
        "action": "CallMoved",
        "call": call,
        "queue": "after-sales",
    }


async def test_a_withdrawn_call_is_let_go_with_a_reason_in_its_log(house: RunningServer):
    call = arrives(house)
    await house.calls.settled()
    async with house.client("operator") as client:
        status, refusal = await said(client, f"/api/calls/{call}/withdraw")
        assert (status, refusal["field"]) == (400, "reason")
        assert (await said(client, f"/api/calls/{call}/withdraw", {"reason": "夜间骚扰"}))[0] == 202
        house.calls.tell(CallerHungUp(call))
        rows = await timeline(house, call)
        assert [(row["kind"], row["detail"].get("ending")) for row in rows][-1] == ("ended", "withdrawn")
        assert rows[-1]["zh"] == "来电结束：由值班人员结束排队"
        did = next(row for row in rows if row["kind"] == "operator")
        assert did["detail"]["reason"] == "夜间骚扰"
        status, refusal = await said(client, f"/api/calls/{call}/withdraw", {"reason": "again"})
        assert (status, refusal["code"]) == (409, "not-waiting")
        assert "is over" in refusal["detail"]


async def test_only_a_call_that_waits_is_put_forward_moved_or_withdrawn(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("operator") as client:
        call = arrives(house)
        offer = await house.calls.offer(call)
        who = (offer.agent, call, offer.offer)
        house.calls.tell(AgentDialled(*who), AgentRinging(*who))
        await house.calls.settled()
        status, refusal = await said(client, f"/api/calls/{call}/priority", {"priority": 1})
        assert (status, refusal["code"]) == (409, "not-waiting")
        assert "rings at agent 1001" in refusal["detail"]
        house.calls.tell(AgentAnswered(*who), CallBridged(*who))
        await house.calls.settled()
        status, refusal = await said(client, f"/api/calls/{call}/move", {"queue": "after-sales"})
        assert "talks with agent 1001" in refusal["detail"]
        for what, body in (("priority", {"priority": 1}), ("move", {"queue": "orders"}), ("withdraw", {"reason": "x"})):
            status, refusal = await said(client, f"/api/calls/c1-1-1/{what}", body)
            assert (status, refusal["code"]) == (404, "unknown-call")


async def test_a_queue_is_closed_to_new_callers_and_opened_again(house: RunningServer):
    call = arrives(house)
    await house.calls.settled()
    async with house.client("operator") as client, house.client("stories") as stories:
        assert (await said(client, "/api/queues/orders/close"))[0] == 202
        await house.calls.settled()
        assert (await asked(stories, "/ivr/queue/orders"))["open"] is False
        assert (await asked(stories, "/ivr/queue/after-sales"))["open"] is True
        queue = (await asked(client, "/api/queues/orders"))["queue"]
        assert (queue["closed"], queue["open"], queue["waiting"]) == (True, False, 1)
        elsewhere = arrives(house, queue="after-sales")
        await house.calls.settled()
        status, refusal = await said(client, f"/api/calls/{elsewhere}/move", {"queue": "orders"})
        assert (status, refusal["code"]) == (409, "queue-closed")
        # Who waited is served all the same.
        await house.calls.ready("1001")
        assert (await house.calls.offer(call)).agent == "1001"
        assert (await said(client, "/api/queues/orders/open"))[0] == 202
        await house.calls.settled()
        assert (await asked(stories, "/ivr/queue/orders"))["open"] is True
    assert {"who": "operator", "action": "QueueClosed", "queue": "orders"} in audited(house)
    assert audited(house)[-1] == {"who": "operator", "action": "QueueOpened", "queue": "orders"}


async def test_one_queue_shows_who_waits_in_which_order_and_who_serves_it(house: RunningServer):
    house.calls.tell(AgentReady("1002"))
    early = house.calls.arrives(caller="13800000003", queue="after-sales")
    house.time.forward(5)
    late = house.calls.arrives(caller="13800000004", queue="after-sales")
    await house.calls.settled()
    async with house.client("qa") as client:
        found = await asked(client, "/api/queues/after-sales")
    assert [(row["position"], row["call"], row["caller"]) for row in found["calls"]] == [
        (1, early, "138****0003"),
        (2, late, "138****0004"),
    ]
    assert found["skills"] == {"after-sales": 1}
    assert [(row["agent"], row["skills"]) for row in found["agents"]] == [
        ("1001", {"after-sales": 3}),
        ("1003", {"after-sales": 7}),
    ]
    assert [(row["row"], row["en"], row["why"]) for row in found["policy"]] == [
        (1, "after 0:20: no skill is required any more", "better anybody than a minute of music"),
        (2, "after 0:40: +3 priority", "nobody waits for a minute"),
    ]
    assert found["policy"][0]["zh"] == "等待 0:20 后：不再要求技能"


async def test_an_agent_is_moved_between_queues_until_he_may_take_all_again(house: RunningServer):
    async with house.client("operator") as client:
        status, answer = await said(client, "/api/agents/1001/queues", {"queues": ["after-sales"]})
        assert (status, answer["note"]) == (202, "")
        await house.calls.ready("1001")
        call = arrives(house, queue="orders")
        await house.calls.settled()
        assert (await call_row(house, call))["stage"] == "waiting"
        found = await asked(client, "/api/agents/1001")
        assert (found["queues"], found["skills"]) == (["after-sales"], {"after-sales": 3, "orders": 5})
        assert "1001" not in [row["agent"] for row in (await asked(client, "/api/queues/orders"))["agents"]]
        assert (await said(client, "/api/agents/1001/queues", {"queues": []}))[0] == 202
        assert (await house.calls.offer(call)).agent == "1001"
        status, answer = await said(client, "/api/agents/1002/queues", {"queues": ["orders", "after-sales"]})
        assert status == 202
        assert "does not reach the skills that after-sales requires" in answer["note"]
    assert audited(house)[-1] == {
        "who": "operator",
        "action": "AgentMoved",
        "agent": "1002",
        "queues": ["orders", "after-sales"],
    }


async def test_everybody_is_sent_to_a_meeting_and_then_home(house: RunningServer):
    await house.calls.ready("1001", "1003")
    async with house.client("operator") as client:
        status, answer = await said(client, "/api/agents/all/not-ready", {"reason": "meeting"})
        assert (status, answer) == (202, {"agents": ["1001", "1003"], "told": "AgentNotReady"})
        states = {row["agent"]: (row["state"], row["reason"]) for row in (await floor(house))["agents"]}
        assert states == {
            "1001": ("not ready", "meeting"),
            "1002": ("logged out", ""),
            "1003": ("not ready", "meeting"),
        }
        assert (await said(client, "/api/agents/all/log-out"))[1]["agents"] == ["1001", "1003"]
        assert {row["state"] for row in (await floor(house))["agents"]} == {"logged out"}
        assert audited(house)[-2:] == [
            {"who": "operator", "action": "AgentNotReady", "agents": ["1001", "1003"], "reason": "meeting"},
            {"who": "operator", "action": "AgentLoggedOut", "agents": ["1001", "1003"]},
        ]
        lines = len(audited(house))
        assert (await said(client, "/api/agents/all/log-out"))[1] == {"agents": [], "told": "log-out"}
        assert len(audited(house)) == lines


async def test_an_agents_day_is_tiled(house: RunningServer):
    await house.calls.ready("1003")
    house.time.forward(600)
    async with house.client("operator") as client:
        await said(client, "/api/agents/1003/not-ready", {"reason": "meal"})
        await house.calls.settled()
        house.time.forward(300)
        await said(client, "/api/agents/1003/ready")
        await house.calls.settled()
        assert await house.shipper.catch_up(30)

        async def written() -> bool:
            found = await asked(client, "/api/agents/1003")
            return bool(found["stretches"]) and found["stretches"][-1]["state"] == "idle"

        await eventually(written, "the last stretch in PostgreSQL")
        found = await asked(client, "/api/agents/1003")
    stretches = found["stretches"]
    assert stretches[-1]["to_at"] is None
    for before, after in itertools.pairwise(stretches):
        assert before["to_at"] == after["from_at"]
    meal = next(row for row in found["times"] if row["reason"] == "meal")
    assert (meal["state"], meal["times"]) == ("not ready", 1)
    assert 300 <= meal["seconds"] < 330
    assert sum(row["seconds"] for row in found["times"]) == pytest.approx(sum(row["seconds"] for row in stretches))


async def test_what_nobody_is_called_is_refused_with_the_names_that_are_near(house: RunningServer):
    call = arrives(house)
    await house.calls.settled()
    async with house.client("operator") as client:
        for path, body, status, code, near in (
            ("/api/queues/order/close", {}, 404, "unknown-queue", ["orders"]),
            (f"/api/calls/{call}/move", {"queue": "aftersales"}, 400, "unknown-queue", ["after-sales"]),
            ("/api/agents/1001/queues", {"queues": ["oders"]}, 400, "unknown-queue", ["orders"]),
            ("/api/agents/1101/queues", {"queues": []}, 404, "unknown-agent", ["1001"]),
        ):
            found, refusal = await said(client, path, body)
            assert (found, refusal["code"]) == (status, code), refusal
            assert refusal["allowed"][: len(near)] == near
            assert f"Did you mean {near[0]}" in refusal["detail"]
        status, refusal = await said(client, "/api/queues/zzz/open")
        assert (status, refusal["detail"]) == (404, "There is no queue zzz. There are: after-sales, orders.")


@pytest.mark.parametrize("text", UNSEEN)
async def test_no_text_of_an_operator_holds_what_cant_be_seen(house: RunningServer, text: str):
    call = arrives(house)
    await house.calls.settled()
    lines = len(audited(house))
    async with house.client("operator") as client:
        for path, body in (
            (f"/api/calls/{call}/withdraw", {"reason": text}),
            (f"/api/calls/{call}/move", {"queue": text}),
            ("/api/agents/1001/queues", {"queues": [text]}),
            ("/api/agents/1001/not-ready", {"reason": text}),
        ):
            status, refusal = await said(client, path, body)
            assert (status, refusal["code"] in ("illegal-character", "bad-request")) == (400, True), (path, refusal)
    assert (await call_row(house, call))["stage"] == "waiting"
    assert len(audited(house)) == lines + 1  # the log-in


async def test_numbers_out_of_range_and_words_too_many_are_refused(house: RunningServer):
    call = arrives(house)
    await house.calls.settled()
    async with house.client("operator") as client:
        for path, body, field in (
            (f"/api/calls/{call}/priority", {"priority": 101}, "priority"),
            (f"/api/calls/{call}/priority", {"priority": 1.5}, "priority"),
            (f"/api/calls/{call}/priority", {}, "priority"),
            (f"/api/calls/{call}/priority", {"priority": 1, "by": "somebody else"}, "by"),
            (f"/api/calls/{call}/withdraw", {"reason": "x" * 81}, "reason"),
            ("/api/agents/1001/queues", {"queues": "orders"}, "queues"),
        ):
            status, refusal = await said(client, path, body)
            assert (status, refusal["field"]) == (400, field), refusal


async def test_qa_and_strangers_have_no_hand_on_the_floor(house: RunningServer):
    for role, status in (("qa", 403), ("", 401), ("stories", 403)):
        async with house.client(role) as client:
            for path in ("/api/queues/orders/close", "/api/agents/all/log-out", "/api/calls/c1-1-1/priority"):
                assert (await said(client, path, {"priority": 1}))[0] == status, (role, path)
    assert (await floor(house))["queues"][0]["closed"] is False


async def test_a_queue_that_was_closed_stays_so_when_asterisk_comes_back(house: RunningServer):
    async with house.client("operator") as client:
        await said(client, "/api/queues/orders/close")
        house.calls.tell(PbxFound(()))
        assert next(row for row in (await floor(house))["queues"] if row["name"] == "orders")["closed"] is True
