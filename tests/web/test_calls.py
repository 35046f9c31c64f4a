"""Calls and figures as the page asks for them, from a real engine through a real PostgreSQL."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from acd.engine.events import CallerHungUp
from acd.store.embedded import EmbeddedPostgres
from acd.web.server.routes import CONTEXT
from tests.web.support.web_server import RunningServer, running_server


async def test_a_call_is_told_from_its_arrival_to_its_recording_in_both_languages(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.whole(caller="13812341234", talk_s=90)
    async with house.client("operator") as client:
        day = (await (await client.get("/api/calls")).json())["calls"]
        story = await (await client.get(f"/api/calls/{offer.call}")).json()
    assert [call["call"] for call in day] == [offer.call]
    assert day[0]["caller"] == story["call"]["caller"] == "138****1234"
    assert story["call"]["ending"] == "answered"
    assert story["call"]["agent"] == "1001"
    assert 89 < story["call"]["talk_s"] < 92
    kinds = [line["kind"] for line in story["timeline"]]
    assert kinds[:3] == ["arrived", "queued", "offered"]
    assert kinds[-1] == "recorded"
    words = {line["kind"]: (line["en"], line["zh"]) for line in story["timeline"]}
    assert words["answered"] == ("agent 1001 李娜 picks up during ring 1", "座席 1001 李娜 在第 1 声振铃时摘机")
    assert words["queued"] == ("asks for an agent; enters queue Orders", "请求人工服务，进入“订单查询”队列")
    assert "13812341234" not in str(story)
    assert [(one["number"], one["agent"], one["outcome"]) for one in story["offers"]] == [(1, "1001", "answered")]
    assert [one["state"] for one in story["recordings"]] == ["complete"]


async def test_qa_sees_the_number_of_the_one_call_when_they_ask_but_not_in_the_list(house: RunningServer):
    async with house.client("qa") as client:
        listed = (await (await client.get("/api/calls")).json())["calls"][0]
        path = f"/api/calls/{listed['call']}"
        masked = await (await client.get(path)).json()
        story = await (await client.get(path, params={"numbers": "full"})).json()
    assert masked["call"]["caller"] == "138****1234"
    assert (listed["caller"], listed["number"], listed["written"]) == ("138****1234", "", "")
    assert (story["call"]["caller"], story["call"]["number"]) == ("13812341234", "+8613812341234")
    assert (story["call"]["written"], story["timeline"][0]["detail"]["written"]) == ("13812341234", "13812341234")


async def test_the_day_is_searched_by_number_queue_and_ending_and_paged(house: RunningServer):
    given_up = house.calls.arrives(caller="02087654321", queue="after-sales")
    await house.calls.settled()
    house.time.forward(8)
    house.calls.tell(CallerHungUp(given_up))
    await house.calls.written(given_up)
    async with house.client("operator") as client:

        async def found(**query: str) -> list[str]:
            answer = await client.get("/api/calls", params=query)
            assert answer.status == 200, await answer.text()
            return [call["call"] for call in (await answer.json())["calls"]]

        assert await found(search="02087654321") == [given_up]
        assert await found(queue="after-sales") == [given_up]
        assert await found(ending="abandoned in queue") == [given_up]
        assert await found(search="' or 1=1--") == []
        assert await found(search="%") == []
        everything = await found(limit="500")
        first = await found(limit="1")
        assert first + await found(limit="1", before=first[0]) == everything[:2]
        for query, field in (
            ({"limit": "501"}, "limit"),
            ({"limit": "0"}, "limit"),
            ({"day": "yesterday"}, "day"),
            ({"ending": "fine"}, "ending"),
            ({"serach": "1"}, "serach"),
        ):
            answer = await client.get("/api/calls", params=query)
            problem = await answer.json()
            assert (answer.status, problem["field"]) == (400, field)
            assert answer.content_type == "application/problem+json"
        answer = await client.get("/api/calls", params={"search": "a\nb"})
        assert (await answer.json())["code"] == "illegal-character"


async def test_an_unknown_call_is_a_404_with_a_sentence(house: RunningServer):
    async with house.client("operator") as client:
        answer = await client.get("/api/calls/c1-2-3")
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (404, "unknown-call")
    assert problem["incident"]


async def test_figures_stand_beside_their_targets_with_a_light(house: RunningServer):
    async with house.client("qa") as client:
        figures = await (await client.get("/api/kpi")).json()
        empty = {"since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}
        nothing = await (await client.get("/api/kpi", params=empty)).json()
        wrong = await client.get("/api/kpi", params={"since": "2020-01-02T00:00:00Z", "until": "2020-01-01T00:00:00Z"})
        long = await client.get("/api/kpi", params={"since": "2000-01-01T00:00:00Z", "until": "2020-01-01T00:00:00Z"})
    assert (figures["calls"], figures["answered"]) == (2, 1)
    assert figures["connect_rate"] == {
        "value": 0.5,
        "target": 0.9,
        "unit": "share",
        "light": "none",
        "reached": False,
        "of": 2,
    }
    assert figures["three_ring_rate"] == {
        "value": 1.0,
        "target": 0.95,
        "unit": "share",
        "light": "none",
        "reached": True,
        "of": 1,
    }
    assert figures["aht_s"]["reached"]
    assert nothing["connect_rate"]["value"] is None
    assert nothing["connect_rate"]["light"] == "none"
    assert (await wrong.json())["field"] == "until"
    assert (await long.json())["code"] == "narrow-the-period"


async def test_figures_of_a_queue_stand_beside_its_own_targets_and_by_interval(house: RunningServer):
    async with house.client("operator") as client:
        day = await (await client.get("/api/kpi", params={"interval": "15"})).json()
        one = await (await client.get("/api/kpi", params={"queue": "after-sales", "interval": "60"})).json()
        unknown = await client.get("/api/kpi", params={"queue": "order"})
        fine = await client.get("/api/kpi", params={"since": "2024-01-01T00:00:00Z", "interval": "15"})
        waits = await client.get("/api/kpi/waits", params={"days": 2})
        assert (await waits.json())["waits"] == []  # nobody was told to wait
    assert [row["queue"] for row in day["queues"]] == list(house.app[CONTEXT].config.queues)
    assert sum(row["calls"] for row in day["queues"]) <= day["calls"] == 2
    assert len(day["intervals"]) == 96 and sum(each["figures"]["calls"] for each in day["intervals"]) == 2
    assert [row["queue"] for row in one["queues"]] == ["after-sales"] and one["queue"] == "after-sales"
    assert one["asa_s"]["target"] == 30.0 and day["asa_s"]["target"] == 15.0  # its own, and the house's
    assert len(one["intervals"]) == 24
    assert (unknown.status, (await unknown.json())["allowed"]) == (400, ["orders"])
    assert (await fine.json())["code"] == "narrow-the-period"


@pytest.mark.database
async def test_while_postgresql_is_away_the_lists_say_so_and_the_floor_goes_on(tmp_path: Path):
    with tempfile.TemporaryDirectory(prefix="sanxiang-web-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        async with running_server(tmp_path / "state", server.start()) as house, house.client("operator") as client:
            server.stop()
            for path in ("/api/calls", "/api/calls/c1-2-3", "/api/kpi"):
                async with client.get(path) as answer:
                    problem = await answer.json()
                    assert (answer.status, problem["code"]) == (503, "store-away"), path
                    assert "Calls go on" in problem["detail"]
            async with client.get("/health") as answer:
                down = [check["name"] for check in (await answer.json())["checks"] if not check["up"]]
                assert answer.status == 503
                assert "store" in down
            async with client.get("/api/state") as answer:
                assert answer.status == 200
            server.start()


async def test_a_call_is_found_by_any_writing_and_one_that_withholds_its_number_by_none(house: RunningServer):
    plain = house.calls.arrives(caller="008613955556666", queue="after-sales")
    secret = house.calls.arrives(caller="+8613955556666", queue="after-sales", withheld=True)
    nobody = house.calls.arrives(caller="0000000000", queue="after-sales")
    for call in (plain, secret, nobody):
        await house.calls.settled()
        house.calls.tell(CallerHungUp(call))
        await house.calls.written(call)

    async def found(client: ClientSession, search: str) -> list[str]:
        answer = await client.get("/api/calls", params={"search": search})
        return [call["call"] for call in (await answer.json())["calls"]]

    async with house.client("operator") as client:
        for writing in (
            "13955556666",
            "013955556666",
            "8613955556666",
            "+8613955556666",
            "0086 139 5555 6666",
            "139****6666",
        ):
            assert await found(client, writing) == [plain], writing
        assert await found(client, "withheld") == [secret]
        assert nobody in await found(client, "unknown")
    for who in ("operator", "qa"):
        async with house.client(who) as client:
            told = await (await client.get(f"/api/calls/{secret}")).text()
            card = await (await client.get(f"/api/calls/{secret}/card")).text()
            assert '"caller":"withheld"' in told.replace(" ", "") and '"caller":"withheld"' in card.replace(" ", "")
            assert "6666" not in told and "6666" not in card, who


async def test_who_sees_masked_numbers_finds_no_parts_of_them_and_each_search_is_audited(house: RunningServer):
    number, audit = "13912345678", house.folder / "audit.log"
    before = len(audit.read_text().splitlines()) if audit.exists() else 0
    call = house.calls.arrives(caller=number)
    await house.calls.settled()
    house.calls.tell(CallerHungUp(call))
    await house.calls.written(call)

    async def found(role: str, search: str) -> bool:
        async with house.client(role) as client:
            answer = await client.get("/api/calls", params={"search": search})
            assert answer.status == 200, await answer.text()
            return call in [each["call"] for each in (await answer.json())["calls"]]

    parts = {number[begin:end] for begin in range(len(number)) for end in range(begin + 1, len(number) + 1)}
    assert [part for part in sorted(parts) if await found("operator", part)] == sorted({number, number[-4:]})
    for role in ("token", "operator"):
        assert not await found(role, number[:7])
        assert await found(role, call)
    assert await found("qa", number[2:6])
    for writing in ("+86 139 1234 5678", "0086-139-1234-5678", "139****5678"):
        assert await found("operator", writing)
    for moved in ("391****5678", "912****5678", "139****4567", "1391****5678", "139*5678", "861****5678", "39%", "_39"):
        assert not await found("operator", moved), moved
    lines = audit.read_text().splitlines()[before:]
    noted = [json.loads(line) for line in lines if "searched by number" in line]
    assert len(noted) == len(parts) + 5
    assert all(number not in line for line in lines)
    assert {"who": "operator", "search": "139****5678"}.items() <= noted[
        [row["search"] for row in noted].index("139****5678")
    ].items()


async def test_a_call_in_progress_has_its_wait_from_the_moment_it_is_answered(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives(caller="13812349999"), ring_s=4)
    house.time.forward(20)

    async def listed() -> dict[str, Any]:
        async with house.client("operator") as client:
            page = (await (await client.get("/api/calls", params={"search": "13812349999"})).json())["calls"]
            story = (await (await client.get(f"/api/calls/{offer.call}")).json())["call"]
        assert page and page[0]["wait_s"] == story["wait_s"]
        return dict(story)

    await house.calls.written(offer.call)
    talking = await listed()
    assert talking["ended_at"] is None and 3.5 < talking["wait_s"] < 6
    await house.calls.over(offer, 30)
    await house.calls.written(offer.call)
    ended = await listed()
    assert ended["ended_at"] and abs(ended["wait_s"] - talking["wait_s"]) < 0.5, (
        "the figure is the same one after the end"
    )
