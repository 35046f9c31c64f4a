"""Agents' buttons, the state, health, figures for Prometheus, and the stories' questions."""

import inspect
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from acd.daemon.background_work import BackgroundWork
from acd.daemon.figures import pbx_figures
from acd.daemon.notices.sending import Notices
from acd.engine.callback_events import CallbackAccepted, CallbackAsked
from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, CallerHungUp
from acd.web.api.ivr import day_and_hour
from tests.import_table import ROOT
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer


async def state_of(house: RunningServer, agent: str) -> str:
    async with house.client("token") as client, client.get("/api/agents") as answer:
        rows = (await answer.json())["agents"]
    return next(str(row["state"]) for row in rows if row["agent"] == agent)


async def test_an_agent_is_made_ready_not_ready_and_logged_out(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("operator") as client:
        async with client.post("/api/agents/1001/not-ready", json={"reason": "用餐"}) as answer:
            assert answer.status == 202
        await eventually(
            lambda: AgentNotReady("1001", "meal", "operator") in house.told, "the event, in the house's word"
        )
        assert await state_of(house, "1001") == "not ready"
        async with client.post("/api/agents/1001/ready") as answer:
            assert await answer.json() == {"agent": "1001", "told": "AgentReady"}
        await eventually(lambda: house.told[-1] == AgentReady("1001"), "the event")
        assert await state_of(house, "1001") == "idle"
        async with client.post("/api/agents/1001/log-out") as answer:
            assert answer.status == 202
        await eventually(lambda: house.told[-1] == AgentLoggedOut("1001", "operator"), "the event")
        assert await state_of(house, "1001") == "logged out"


async def test_an_unknown_reason_is_answered_with_the_known_ones(house: RunningServer):
    async with house.client("operator") as client:
        async with client.post("/api/agents/1001/not-ready", json={"reason": "siesta"}) as answer:
            problem = await answer.json()
        assert (answer.status, problem["code"], problem["field"]) == (400, "unknown-reason", "reason")
        assert problem["allowed"] == ["break", "meal", "training", "meeting", "paperwork"]
        for reason in ("a\r\nAction: Command", "x" * 81, "\x00"):
            async with client.post("/api/agents/1001/not-ready", json={"reason": reason}) as answer:
                assert answer.status == 400


@pytest.mark.parametrize("what", ["ready", "log-in", "log-out", "end-wrap-up"])
async def test_an_unknown_agent_is_a_404(house: RunningServer, what: str):
    async with house.client("operator") as client, client.post(f"/api/agents/9999/{what}") as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "unknown-agent")


async def test_an_agent_is_added_and_his_secrets_are_shown_once(house: RunningServer):
    new = {"agent": "1009", "name": "张伟", "skills": {"orders": 4}}
    async with house.client("operator") as client:
        async with client.post("/api/agents", json=new) as answer:
            assert answer.status == 201
            assert await answer.json() == {
                "agent": "1009",
                "name": "张伟",
                "password": "made-password",
                "pin": "246810",
            }
        for wrong, field in (
            ({"agent": "12 34"}, "agent"),
            ({"agent": "1010", "skills": {"orders": 10}}, "skills.orders"),
            ({"agent": "1010", "name": "x\r\nSet-Cookie: a=b"}, "name"),
            ({"agent": "1010", "nmae": "x"}, "nmae"),
            ({"agent": "1010", "skills": {"juggling": 3}}, "agent"),
        ):
            async with client.post("/api/agents", json=wrong) as answer:
                assert (answer.status, (await answer.json())["field"]) == (400, field)
        async with client.post("/api/agents", json={"agent": "1001"}) as answer:
            assert answer.status == 409
    assert "made-password" not in (house.folder / "audit.log").read_text()


async def test_the_state_has_labels_and_masked_numbers(house: RunningServer):
    call = house.calls.arrives(caller="13900001111", queue="after-sales")
    await house.calls.settled()
    async with house.client("qa") as client, client.get("/api/state") as answer:
        state = await answer.json()
    assert [(queue["name"], queue["zh"], queue["en"]) for queue in state["queues"]] == [
        ("orders", "订单查询", "Orders"),
        ("after-sales", "售后服务", "After-sales"),
    ]
    assert [queue["target"] for queue in state["queues"]] == [
        {"answer_within_s": 15, "within_share": 0.9},
        {"answer_within_s": 30, "within_share": 0.9},
    ]
    mine = next(row for row in state["calls"] if row["call"] == call)
    assert (mine["caller"], mine["stage"], mine["position"]) == ("139****1111", "waiting", 1)


async def test_health_says_which_part_is_down(house: RunningServer):
    await eventually(lambda: house.shipper.healthy, "the shipper to be well")
    async with house.client() as client:
        async with client.get("/health") as answer:
            assert answer.status == 200, await answer.text()
            assert {check["name"] for check in (await answer.json())["checks"]} == {
                "pbx",
                "sip",
                "store",
                "shipper",
                "stories",
                "disk",
            }
        for part in ("stories", "sip"):
            house.well[part] = False
            async with client.get("/health") as answer:
                found = await answer.json()
            house.well[part] = True
            assert (answer.status, found["status"]) == (503, "degraded")
            assert [check["name"] for check in found["checks"] if not check["up"]] == [part]


async def test_metrics_count_the_floor_and_name_no_caller(house: RunningServer):
    call = house.calls.arrives(caller="13700009999")
    await house.calls.settled()
    async with house.client("token") as client:
        await client.get(f"/api/calls/{call}")
        async with client.get("/metrics") as answer:
            text = await answer.text()
    assert 'sanxiang_queue_waiting{queue="orders"}' in text
    assert 'sanxiang_requests_total{route="/api/calls/{call}"' in text
    for secret in ("13700009999", r"137\*\*\*\*9999", call, "1001"):
        # Not as a part of a figure, as 0.441001.
        assert not re.search(rf"(?<![\d.]){secret}(?!\d)", text), secret


async def test_every_figure_is_documented(house: RunningServer):
    async with house.client("token") as client, client.get("/metrics") as answer:
        shown = set(re.findall(r"^# TYPE (\w+) ", await answer.text(), re.M))
    source = "".join(inspect.getsource(each) for each in (BackgroundWork.figures, pbx_figures, Notices.figures))
    counted = {f"sanxiang_{name}" for name in re.findall(r'^ +"(\w+)": \("', source, re.M)}
    assert len(shown) > 10 and len(counted) > 8, "the figures are looked for in the wrong place"
    page = (ROOT / "docs" / "definitions.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(sanxiang_\w+)", page, re.M)) == shown | counted


async def test_the_stories_ask_for_queue_and_place(house: RunningServer):
    call = house.calls.arrives(queue="after-sales")
    await house.calls.settled()
    house.time.forward(7)
    async with house.client("stories") as client:
        async with client.get("/ivr/queue/after-sales?language=zh") as answer:
            queue = await answer.json()
        assert set(queue) == {
            "open",
            "staffed",
            "waiting",
            "longest_wait_s",
            "median_s",
            "p90_s",
            "say",
            "day",
            "hour",
            "minute",
        }
        assert (queue["open"], queue["say"], queue["day"]) == (True, "", "")
        assert queue["p90_s"] >= queue["median_s"] > 0  # nobody is free
        assert queue["waiting"] >= 1
        async with client.get(f"/ivr/call/{call}") as answer:
            place = await answer.json()
        assert place["stage"] == "waiting"
        assert place["position"] >= 1
        assert place["waited_s"] >= 7
        assert place["p90_s"] >= place["median_s"] > 0
        for path in ("/ivr/queue/none", "/ivr/call/c0-0-0", "/ivr/call/..%2f..%2fetc"):
            async with client.get(path) as answer:
                assert answer.status == 404


async def test_the_stories_ask_whether_a_number_may_be_called_back(house: RunningServer):
    call = house.calls.arrives("13700007777", queue="after-sales")
    await house.calls.settled()

    async def said(number: str = "") -> dict[str, Any]:
        async with house.client("stories") as client, client.get(f"/ivr/callback/{call}?number={number}") as answer:
            assert answer.status == 200
            return dict(await answer.json())

    assert (await said())["possible"] is True
    mine = await said("8613700007777")
    assert (mine["possible"], mine["number"], mine["day"]) == (True, "13700007777", "")
    barred = {"110": "emergency", "02112345": "short-number", "95000": "own-number", "00447911123456": "never-dial"}
    for number, why in barred.items():
        refused = await said(number)
        assert (refused["possible"], refused["why"], refused["number"]) == (False, why, "")
    told = [CallbackAsked(call, number) for number in barred]
    await eventually(lambda: all(each in house.told for each in told), "the alarms")
    house.calls.tell(CallbackAccepted(call, "13700007777"), CallerHungUp(call))
    again = house.calls.arrives("+8613700007777", queue="after-sales")
    await house.calls.settled()
    async with house.client("stories") as client:
        async with client.get(f"/ivr/callback/{again}") as answer:
            assert (await answer.json())["why"] == "callback-open"
        for path, status in (("/ivr/callback/c0-0-0", 404), (f"/ivr/callback/{call}?number=11a", 400)):
            async with client.get(path) as answer:
                assert answer.status == status
    async with house.client("operator") as client, client.get(f"/ivr/callback/{again}") as answer:
        assert answer.status in (401, 403), "the stories' token alone"


@pytest.mark.parametrize(
    ("begins", "said"),
    [
        ("2026-11-29T01:00", ("today", 9, 0)), ("2026-11-30T00:00", ("tomorrow", 8, 0)), ("2026-12-01T00:30", ("tue", 8, 30)),
        ("2026-11-28T22:00", ("today", 6, 0)),
    ],
)  # fmt: skip
def test_when_customers_are_called_is_said_by_the_hotlines_clock(begins: str, said: tuple[str, int, int]):
    """It is 02:11 on a Sunday in Shanghai, and still Saturday in UTC."""
    now = datetime(2026, 11, 28, 18, 11, tzinfo=UTC)
    assert day_and_hour(datetime.fromisoformat(begins).replace(tzinfo=UTC), now, "Asia/Shanghai") == said


async def test_a_pin_is_shut_after_three_wrong_ones(house: RunningServer):
    async with house.client("stories") as client:

        async def said(agent: str, pin: str) -> str:
            async with client.post("/ivr/login", json={"agent": agent, "pin": pin}) as answer:
                return str((await answer.json())["result"])

        assert await said("1001", "135790") == "ok"
        assert await said("4711", "135790") == "unknown"
        assert [await said("1001", "000000") for _ in range(3)] == ["wrong"] * 3
        assert await said("1001", "135790") == "locked"
        house.time.forward(15 * 60 + 1)
        assert await said("1001", "135790") == "ok"
        async with client.post("/ivr/login", json={"agent": "1001\r\n", "pin": "1"}) as answer:
            assert answer.status == 400
