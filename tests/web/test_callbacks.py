"""Promised callbacks over the API, as people and programs make, see, move and end them, and as PostgreSQL has them afterwards."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.engine.events import CallArrived
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("callbacks"))
    async with running_server(folder / "state", database) as house:
        yield house


async def asked(
    house: RunningServer, who: str, path: str, body: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    async with house.client(who) as client:
        method = "GET" if body is None else "POST"
        async with client.request(method, f"/api/callbacks{path}", json=body) as answer:
            return answer.status, await answer.json()


async def test_a_callback_is_promised_seen_moved_and_done_and_its_story_is_kept(house: RunningServer):
    begins = (house.time.now() + timedelta(hours=3)).isoformat()
    until = (house.time.now() + timedelta(hours=4)).isoformat()
    new = {"number": "139 0000 2222", "queue": "orders", "begins": begins, "until": until, "note": "about the invoice"}
    status, made = await asked(house, "operator", "", new)
    assert status == 200, made
    assert (made["number"], made["state"], made["until"]) == ("139****2222", "open", made["until"])
    assert datetime.fromisoformat(made["until"]) == datetime.fromisoformat(until)
    same = await asked(house, "operator", "", {**new, "number": "+8613900002222"})
    assert same[0] == 200 and same[1]["callback"] == made["callback"]
    name = made["callback"]
    assert [one["callback"] for one in (await asked(house, "operator", ""))[1]["callbacks"]] == [name]
    later = {"until": (house.time.now() + timedelta(hours=6)).isoformat(), "owner": "1001"}
    assert (await asked(house, "operator", f"/{name}/move", later))[0] == 200
    mine = await asked(house, "1001", "?mine=true")
    assert [one["owner"] for one in mine[1]["callbacks"]] == ["1001"]
    assert mine[1]["callbacks"][0]["number"] == "13900002222"
    assert (await asked(house, "1002", ""))[1]["callbacks"] == []
    assert (await asked(house, "1002", f"/{name}"))[0] == 404
    assert (await asked(house, "1001", f"/{name}/done", {"note": "called from my desk"}))[0] == 200

    async def over() -> bool:
        found = (await asked(house, "operator", "?state=over"))[1]["callbacks"]
        return [(one["callback"], one["outcome"], one["in_time"], one["ended_by"]) for one in found] == [
            (name, "done", True, "1001")
        ]

    await eventually(over)
    status, whole = await asked(house, "operator", f"/{name}")
    assert status == 200
    assert [step["en"].split()[0] for step in whole["steps"]] == ["promised", "the", "the", "the"]
    assert "139****2222" in whole["steps"][0]["zh"] and "13900002222" not in str(whole)
    async with house.client("operator") as client, client.get("/api/kpi") as answer:
        assert (await answer.json())["promises_kept_rate"]["value"] == 1.0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"number": "110", "queue": "orders"}, 400, "emergency"),
        ({"number": "letters", "queue": "orders"}, 400, "no-number"),
        ({"number": "13900003333", "queue": "nowhere"}, 400, "unknown-queue"),
        ({"number": "13900003333", "queue": "orders", "until": "2001-01-01T00:00:00+08:00"}, 400, "past"),
        ({"number": "13900003333", "queue": "orders", "until": "2126-01-01T00:00:00"}, 400, "no-zone"),
        ({"number": "13900003333", "queue": "orders", "note": "a\r\nb"}, 400, "invalid"),
        ({"number": "13900003333", "queue": "orders", "strange": 1}, 400, "invalid"),
    ],
)
async def test_what_can_not_be_promised_is_refused_with_a_code(
    house: RunningServer, body: dict[str, Any], status: int, code: str
):
    got, said = await asked(house, "operator", "", body)
    assert got == status and (said["code"] == code or code == "invalid"), said
    assert (await asked(house, "operator", ""))[1]["callbacks"] == []


async def test_a_number_that_is_promised_a_callback_hears_so_in_the_waiting_room(house: RunningServer):
    later = (house.time.now() + timedelta(hours=3)).isoformat()
    _, made = await asked(house, "operator", "", {"number": "13900005555", "queue": "orders", "begins": later})
    house.calls.tell(CallArrived("c1700000900-9-9000", "+8613900005555", "95001"))
    await house.calls.settled()
    call = house.calls.arrives("13900005555", "orders")
    await house.calls.settled()
    async with house.client("stories") as client:
        async with client.get(f"/ivr/call/{call}") as answer:
            said = await answer.json()
            assert (said["callback"], said["callback_noted"]) == (False, True)
        async with client.get(f"/ivr/callback/{call}") as answer:
            assert (await answer.json())["why"] == "callback-open"
        other = house.calls.arrives("13900006666", "orders")
        await house.calls.settled()
        async with client.get(f"/ivr/callback/{other}") as answer:
            said = await answer.json()
            assert (said["possible"], said["within_s"]) == (True, 7200)
    await asked(house, "operator", f"/{made['callback']}/cancel", {})
