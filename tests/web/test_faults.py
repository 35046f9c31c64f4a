"""Faults by the API: declared, told to stories, cleared; whose they are; and what can't be declared."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.events import AlarmRaised, CallArrived, CallerHungUp
from tests.support.waiting import eventually
from tests.web.support import web_server
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_brand_rights import BRANDS_CONFIG

CLASSES = {"faults": {"classes": {"outage": {"zh": "断网", "en": "Outage", "queues": ["orders"], "priority": 2}}}}


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database, web_server.TEAMS_CONFIG | CLASSES) as house:
        yield house


async def got(client: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        assert answer.status == status, (path, await answer.text())
        return await answer.json()


async def sent(client: aiohttp.ClientSession, path: str, status: int = 200, /, **body: Any) -> Any:
    async with client.post(path, json=body) as answer:
        assert answer.status == status, (path, await answer.text())
        return await answer.json()


async def test_a_fault_reaches_the_menu_takes_a_number_and_is_cleared(house: RunningServer):
    async with house.client("operator") as operator, house.client("stories") as stories:
        told = await sent(
            operator, "/api/faults", 201, zh="浦东断网", en="Pudong is down", areas=["浦东"], unknown_area=True
        )
        assert told == {"fault": "1", "warnings": ["No customer's record has the area 浦东. There are: none."]}
        [fault] = (await got(stories, "/ivr/caller/13800000001?dialled=95001"))["faults"]
        assert (fault["fault"], fault["at"], fault["register"]) == ("1", "start", "yes")
        assert fault["say_zh"].startswith("told-") and fault["say_zh"] != fault["say_en"]
        house.calls.tell(CallArrived("c1", "+8613800000001", "95001"))
        step = {"call": "c1", "fault": "1", "number": "13800000001", "language": "zh"}
        for did in ("heard", "told"):
            assert (await sent(stories, "/ivr/fault", 200, **step, did=did))["possible"] is True
        assert await sent(stories, "/ivr/fault", 200, **step, did="judge") == {
            "possible": True,
            "why": "",
            "number": "13800000001",
        }
        assert (await sent(stories, "/ivr/fault", 200, **step, did="register"))["possible"] is True
        assert (await sent(stories, "/ivr/fault", 200, **step, did="register"))["why"] == "already"
        assert (await sent(stories, "/ivr/fault", 200, **step | {"number": "110"}, did="judge"))["why"] == "emergency"
        house.calls.tell(CallerHungUp("c1"))
        await house.calls.settled()
        [row] = (await got(operator, "/api/faults"))["faults"]
        assert (row["concerned"], row["deflected"], row["registered"], row["twice"]) == (1, 1, 1, 1)
        [caller] = (await got(operator, "/api/faults/1/callers"))["callers"]
        assert caller["number"] == "138****0001"
        assert (await sent(operator, "/api/faults/1/clear", zh="好了"))["to_tell"] == 1
        assert (await sent(operator, "/api/faults/1/clear", 409))["code"] == "cleared-already"
        assert (await got(stories, "/ivr/caller/13800000001?dialled=95001"))["faults"] == []
        assert (await sent(stories, "/ivr/fault", 200, **step, did="judge"))["why"] == "mended"
        assert (await got(operator, "/api/faults"))["faults"] == []
        assert (await got(operator, "/api/faults/1"))["news_zh"] == "好了"


async def test_the_same_fault_is_declared_once(house: RunningServer):
    async with house.client("operator") as operator:
        await sent(operator, "/api/faults", 201, fault_class="outage")
        again = await sent(operator, "/api/faults", 409, fault_class="outage")
        assert (again["code"], again["words"]) == ("declared-already", {"fault": "1"})
        row = await got(operator, "/api/faults/1")
        assert (row["class"], row["zh"], row["queues"], row["plan"]["priority"]) == ("outage", "断网", ["orders"], 2)
        changed = {"zh": "断网，正在抢修", "queues": ["orders"]}
        await sent(operator, "/api/faults/1/change", 200, **changed)
        assert (await got(operator, "/api/faults/1"))["zh"] == "断网，正在抢修"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"zh": "a\r\nb", "everybody": True}, "illegal-character"),
        ({"zh": "a\0b", "everybody": True}, "illegal-character"),
        ({"zh": "断" * 4000, "everybody": True}, "bad-request"),
        ({"everybody": True}, "no-words"),
        ({"zh": "   ", "everybody": True}, "no-words"),
        ({"zh": "断网"}, "no-scope"),
        ({"zh": "断网", "areas": ["nowhere"]}, "unknown-area"),
        ({"zh": "断网", "areas": ["a\nb"]}, "illegal-character"),
        ({"zh": "断网", "queues": ["ordres"]}, "unknown-queue"),
        ({"zh": "断网", "numbers": ["12345"]}, "unknown-number"),
        ({"zh": "断网", "keys": ["2/"]}, "bad-request"),
        ({"zh": "断网", "brand": "nobody"}, "unknown-brand"),
        ({"zh": "断网", "everybody": True, "fault_class": "storm"}, "unknown-class"),
        ({"zh": "断网", "everybody": True, "alarm": 77}, "unknown-alarm"),
        ({"zh": "断网", "everybody": True, "expected": "2020-01-01T00:00:00Z"}, "expected-past"),
        ({"zh": "断网", "everybody": True, "more": 1}, "bad-request"),
    ],
)
async def test_what_can_not_be_declared_is_refused_and_nothing_is_open(
    house: RunningServer, body: dict[str, Any], code: str
):
    async with house.client("operator") as operator:
        assert (await sent(operator, "/api/faults", 400, **body))["code"] == code
        assert (await got(operator, "/api/faults?all=true"))["faults"] == []


async def test_an_alarm_suggests_a_fault_that_then_names_it(house: RunningServer):
    async with house.client("operator") as operator:
        house.calls.tell(AlarmRaised("queue waiting", "12 wait", subject="orders"))
        await house.calls.settled()
        [one] = (await got(operator, "/api/faults"))["suggestions"]
        assert (one["kind"], one["subject"]) == ("queue-waiting", "orders")
        later = (house.time.now() + timedelta(hours=2)).isoformat()
        await sent(operator, "/api/faults", 201, zh="断网", everybody=True, alarm=one["number"], expected=later)
        found = await got(operator, "/api/faults")
        assert found["suggestions"] == []
        assert (found["faults"][0]["alarm"], found["faults"][0]["detected"]) == (
            "queue-waiting orders",
            one["raised_at"],
        )


async def test_a_supervisor_declares_faults_of_the_own_queues_alone(house: RunningServer):
    async with house.client("supervisor") as supervisor, house.client("operator") as operator, house.client("qa") as qa:
        assert (await sent(supervisor, "/api/faults", 403, zh="断网", everybody=True))["code"] == "not-yours-alone"
        assert (await sent(supervisor, "/api/faults", 400, zh="断网", queues=["after-sales"]))[
            "code"
        ] == "unknown-queue"
        await sent(supervisor, "/api/faults", 201, zh="断网", queues=["orders"])
        await sent(operator, "/api/faults", 201, zh="断网", queues=["after-sales"])
        assert [row["fault"] for row in (await got(supervisor, "/api/faults"))["faults"]] == ["1"]
        assert (await got(supervisor, "/api/faults/2", 404))["code"] == "unknown-fault"
        assert (await sent(supervisor, "/api/faults/2/clear", 404))["code"] == "unknown-fault"
        assert len((await got(qa, "/api/faults"))["faults"]) == 2
        assert (await sent(qa, "/api/faults/1/clear", 403))["code"] == "not-allowed"


async def test_a_brands_fault_is_told_to_its_callers_alone(database: str, tmp_path: Path):
    async with (
        running_server(tmp_path / "state", database, BRANDS_CONFIG) as house,
        house.client("operator") as operator,
        house.client("stories") as stories,
    ):
        await sent(operator, "/api/faults", 201, zh="断网", brand="acme")
        for number, count in (("95100", 1), ("95200", 0), ("95000", 0)):
            answer = await got(stories, f"/ivr/caller/13800000001?dialled={number}")
            assert len(answer["faults"]) == count, number


async def test_a_silent_database_hinders_nobody(house: RunningServer):
    await house.store.use("postgresql://nobody@127.0.0.1:9/none")
    async with house.client("operator") as operator, house.client("stories") as stories:
        told = await sent(operator, "/api/faults", 201, zh="断网", areas=["浦东"], unknown_area=True)
        assert any("database does not answer" in warning for warning in told["warnings"])
        await eventually(lambda: house.engine.faults(house.time.now()), "the fault")
        step = {"call": "c1", "fault": "1", "number": "13800000001", "did": "register"}
        assert (await sent(stories, "/ivr/fault", 200, **step))["possible"] is True
