"""Opening hours by the API: shown day by day, set for today, and what the stories are told then. And the figures of menus."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from acd.engine.events import CallArrived, MenuChosen, MenuLeft
from tests.support.waiting import eventually
from tests.web.support import web_server
from tests.web.support.web_server import RunningServer, running_server

SHANGHAI = ZoneInfo("Asia/Shanghai")
_TODAY = datetime.now(SHANGHAI)
FRIDAY = _TODAY.date() + timedelta(days=1 + (3 - _TODAY.weekday()) % 7)
"""The next one, from tomorrow on. The clock is set to its noon: it may go forward only."""
NOON = datetime.combine(FRIDAY, time(12), SHANGHAI)


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    written = web_server.TEAMS_CONFIG | {
        "holidays": {"days": {(FRIDAY + timedelta(days=3)).isoformat(): ["09:00-12:00"]}},
        "hotline": {
            **web_server.TEAMS_CONFIG.get("hotline", {}),
            "hours": ["mon-fri 08:00-20:00", "sat 22:00-02:00", "hol 10:00-12:00"],
            "timezone": "Asia/Shanghai",
        },
    }
    async with running_server(tmp_path / "state", database, written) as house:
        house.time.stop()
        house.time.forward((NOON - house.time.now()).total_seconds())
        yield house


async def got(client: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with client.get(path) as answer:
        assert answer.status == status, (path, await answer.text())
        return await answer.json()


async def set_today(client: aiohttp.ClientSession, status: int = 202, **body: Any) -> Any:
    async with client.post("/api/hours/today", json=body) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json()


async def test_hours_are_shown_day_by_day_with_their_reason(house: RunningServer):
    async with house.client("operator") as client:
        found = await got(client, "/api/hours?days=4")
        assert [(day["weekday"], day["hours"], day["why"]) for day in found["days"]] == [
            ("fri", ["08:00-20:00"], ""),
            ("sat", ["22:00-02:00"], ""),
            ("sun", [], ""),
            ("mon", ["09:00-12:00"], "corrected"),
        ]
        assert found["days"][0]["date"] == FRIDAY.isoformat()
        assert (await got(client, "/api/hours?queue=ordres", 404))["code"] == "unknown-queue"
        assert (await got(client, "/api/hours?number=1", 404))["code"] == "unknown-number"


async def test_what_is_set_for_today_reaches_the_stories_and_ends(house: RunningServer):
    async with house.client("operator") as operator, house.client("stories") as stories:
        before = await got(stories, "/ivr/queue/orders?language=zh")
        assert before["open"] is True
        told = await set_today(operator, state="closed", until="14:00", zh="停电")
        assert datetime.fromisoformat(told["until"]) == NOON + timedelta(hours=2)
        await eventually(lambda: house.engine.hours_set(house.time.now()), "the engine knows it")
        closed = await got(stories, "/ivr/queue/orders?language=zh&dialled=95001")
        assert (closed["open"], closed["day"], closed["hour"], closed["say"][:6]) == (False, "today", 14, "today-")
        assert (await got(stories, "/ivr/queue/orders?language=en"))["say"] == "", "there are no English words"
        shown = await got(operator, "/api/hours")
        assert (shown["open"], shown["set"][0]["zh"], shown["set"][0]["by"]) == (False, "停电", "operator")
        await set_today(operator, state="as planned")
        await eventually(lambda: not house.engine.hours_set(house.time.now()), "it is over")
        assert (await got(stories, "/ivr/queue/orders?language=zh"))["open"] is True


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"state": "closed", "until": "11:59"}, "until-past"),
        ({"state": "closed", "until": "25:00"}, "bad-request"),
        ({"state": "shut"}, "bad-request"),
        ({"state": "closed", "zh": "a\r\nb"}, "illegal-character"),
        ({"state": "closed", "zh": "a" * 201}, "bad-request"),
        ({"state": "closed", "words": "x"}, "bad-request"),
    ],
)
async def test_what_can_not_be_set_is_refused(house: RunningServer, body: dict[str, str], code: str):
    async with house.client("operator") as operator:
        assert (await set_today(operator, 400, **body))["code"] == code


async def test_a_supervisor_sets_the_hours_of_the_own_queues_alone(house: RunningServer):
    async with house.client("supervisor") as supervisor:
        assert (await set_today(supervisor, 403, state="closed"))["code"] == "not-allowed"
        await set_today(supervisor, state="closed", queue="orders")
        assert (await set_today(supervisor, 404, state="closed", queue="after-sales"))["code"] == "unknown-queue"


async def test_self_service_says_the_hours_of_an_ordinary_week(house: RunningServer):
    house.calls.tell(CallArrived("c1-7-0001", "+8613800001111", "95001"))
    await house.calls.settled()
    body = {"call": "c1-7-0001", "lookup": "hours", "by": "dialled"}
    async with house.client("stories") as stories, stories.post("/ivr/lookup", json=body) as answer:
        assert answer.status == 200, await answer.text()
        rows = (await answer.json())["records"]
    told = [(row["first"], row["last"], row["opens"], row["closes"]) for row in rows if "first" in row]
    assert told == [("mon", "fri", "08:00", "20:00"), ("sat", "sat", "22:00", "02:00")]


async def test_figures_of_menus(house: RunningServer):
    for number, trail in enumerate(("zh main:!7-2", "zh main:2 below:1")):
        house.calls.tell(
            CallArrived(f"c1-{number}-1", "+8613800001111", "95001"), MenuChosen(f"c1-{number}-1", "zh/2", trail)
        )
    house.calls.tell(CallArrived("c1-9-1", "+8613800001111", "95001"), MenuLeft("c1-9-1", "zh main:"))
    await house.calls.written("c1-9-1")
    async with house.client("operator") as client:
        (main, below) = (await got(client, "/api/menus/figures"))["menus"]
    assert (main["visits"], main["left"], main["silent"], main["wrong"], main["keys"]) == (3, 1, 1, {"7": 1}, {"2": 2})
    assert (below["menu"], below["keys"]) == ("below", {"1": 1})
