"""Calls found as QA looks for them: "last Tuesday's refund call that was transferred"."""

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.commands import Offer
from acd.engine.events import AgentAnswered, AgentDialled, AgentRinging, BridgeEnded, CallBridged
from acd.engine.transfer_events import CardWritten, TransferRequested
from acd.web.access.audit import rows
from tests.web.support.web_server import DAYS_OF, RunningServer, running_server


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """A call for a refund that 1001 hands over to 1003, and a plain one."""
    folder = Path(tmp_path_factory.mktemp("search"))
    async with running_server(folder / "state", database) as house:
        house.time.to_mid_month()
        await house.calls.ready("1001")
        await transferred(house)
        house.time.forward(86400)
        await house.calls.ready("1002")
        await house.calls.whole(caller="02087654321", talk_s=20)
        yield house


async def transferred(house: RunningServer) -> Offer:
    calls, time = house.calls, house.time
    offer = await calls.answered(calls.arrives(caller="13800002001"))
    call = offer.call
    calls.tell(CardWritten(call, "1001", "matter", {"text": "=HYPERLINK(1) 退款11-20未到账 100%"}))
    calls.tell(CardWritten(call, "1001", "promise", {"text": "三天内到账", "due_at": "2026-11-29T17:26:00+00:00"}))
    calls.tell(CardWritten(call, "1001", "disposition", {"code": "to be followed up", "text": "等财务"}))
    await calls.ready("1003")
    time.forward(30)
    calls.tell(TransferRequested(call, "1001", "agent", "1003", "refund", note="客户着急"))
    await calls.settled()
    receiver = await calls.offer(call)
    assert receiver.agent == "1003"
    calls.tell(BridgeEnded("1001", call, offer.offer, "transfer"))
    who = ("1003", call, receiver.offer)
    calls.tell(AgentDialled(*who), AgentRinging(*who))
    await calls.settled()
    time.forward(4)
    calls.tell(AgentAnswered(*who), CallBridged(*who))
    await calls.settled()
    await calls.over(receiver, 60)
    await calls.filed(offer)
    await calls.filed(receiver)
    return receiver


async def found(client: aiohttp.ClientSession, **query: str) -> list[dict[str, Any]]:
    async with client.get("/api/calls", params=query) as answer:
        assert answer.status == 200, await answer.text()
        return list((await answer.json())["calls"])


def span(house: RunningServer) -> dict[str, str]:
    today = house.time.now().date()
    return {"first": f"{today.replace(day=1)}", "last": f"{today}"}


SEARCHES = [
    "退款",
    "refund",
    "Refund",
    "李娜",
    "王芳",
    "1001",
    "1003",
    "138****2001",
    "未到账 100%",
    "着急",
    "三天内",
    "待跟进",
    "财务",
]


@pytest.mark.parametrize("typed", SEARCHES)
async def test_a_call_is_found_by_whatever_was_said_written_and_done(house: RunningServer, typed: str):
    async with house.client("qa") as client:
        calls = await found(client, search=typed, **span(house))
    assert [call["caller"] for call in calls] == ["138****2001"]
    [call] = calls
    assert (call["agents"], call["transferred_to"], call["reasons"]) == (["1001", "1003"], ["agent 1003"], ["refund"])
    assert (call["disposition"], call["promise"]) == ("to be followed up", "三天内到账")
    assert [one["kind"] for one in call["recordings"]] == ["talk", "talk"]


async def test_calls_of_a_part_of_a_day_are_those_that_arrived_in_it(house: RunningServer):
    async with house.client("qa") as client:
        [call] = await found(client, search="退款", **span(house))
        arrived = datetime.fromisoformat(call["arrived_at"]).astimezone(DAYS_OF)
        day = {"first": f"{arrived:%Y-%m-%d}", "last": f"{arrived:%Y-%m-%d}"}
        now, then = f"{arrived:%H:%M}", f"{arrived + timedelta(minutes=1):%H:%M}"
        for times, number in (
            ({"from_time": now, "to_time": then}, 1),
            ({"from_time": then}, 0),
            ({"to_time": now}, 0),
            ({"from_time": now}, 1),
        ):
            assert len(await found(client, **day, **times)) == number, times
        # Of several days the first begins and the last ends at these times.
        assert len(await found(client, **span(house), from_time="23:59")) == 2
        for query, field in (
            ({**day, "from_time": "11:00", "to_time": "10:00"}, "from_time"),
            ({**day, "from_time": "10:00", "to_time": "10:00"}, "from_time"),
            ({"search": "13800002001", "to_time": "10:00"}, "to_time"),
            ({**day, "from_time": "25:00"}, "from_time"),
        ):
            async with client.get("/api/calls", params=query) as answer:
                told = await answer.json()
                assert (answer.status, told["code"]) == (400, "bad-request")
                assert told.get("field") == field or field in told["detail"], told


@pytest.mark.parametrize("typed", ["", "nothing of the kind", "100_", "退款%到账", "' or 1=1--", "2345"])
async def test_what_is_in_no_call_finds_none(house: RunningServer, typed: str):
    async with house.client("operator") as client:
        calls = await found(client, search=typed, **span(house))
    assert len(calls) == (0 if typed else 2)


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"transferred": "true"}, 1),
        ({"reason": "refund"}, 1),
        ({"reason": "complaint"}, 0),
        ({"disposition": "to be followed up"}, 1),
        ({"disposition": "solved"}, 0),
        ({"promise": "true"}, 1),
        ({"agent": "1001"}, 1),
        ({"agent": "1002"}, 1),
        ({"shortest_s": "60"}, 1),
        ({"longest_s": "60"}, 1),
        ({"shortest_s": "60", "agent": "1002"}, 0),
    ],
)
async def test_calls_are_filtered_by_what_happened_in_them(house: RunningServer, query: dict[str, str], number: int):
    async with house.client("operator") as client:
        assert len(await found(client, **query, **span(house))) == number


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"first": "2026-02-02", "last": "2026-02-01"}, "first"),
        ({"first": "2020-02-02", "last": "2026-02-01"}, "first"),
        ({"first": "2026-02-02", "day": "2026-02-01"}, "day"),
        ({"shortest_s": "9", "longest_s": "3"}, "shortest_s"),
        ({"shortest_s": "-1"}, "shortest_s"),
        ({"agent": "Amy"}, "agent"),
    ],
)
async def test_filters_that_cannot_be_are_refused_by_their_name(
    house: RunningServer, query: dict[str, str], field: str
):
    async with house.client("operator") as client, client.get("/api/calls", params=query) as answer:
        assert (answer.status, (await answer.json())["field"]) == (400, field)


async def test_a_search_by_a_part_of_a_number_is_the_qas_alone(house: RunningServer):
    async with house.client("qa") as qa, house.client("operator") as operator:
        assert len(await found(qa, search="0000200", **span(house))) == 1
        assert await found(operator, search="0000200", **span(house)) == []
        assert [call["recordings"] for call in await found(operator, search="退款", **span(house))] == [[]]


async def test_the_list_is_taken_along_in_words_and_no_cell_is_a_formula(house: RunningServer):
    query = {"search": "退款", "language": "zh", **span(house)}
    async with house.client("operator") as client:
        async with client.get("/api/calls.csv", params=query) as answer:
            assert answer.content_type == "text/csv"
            [row] = csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig")))
        async with client.get("/api/calls.xlsx", params=query) as answer:
            book = zipfile.ZipFile(io.BytesIO(await answer.read()))
    assert row["主叫号码"] == "138****2001"
    assert (row["座席"], row["转接到"], row["转接原因"]) == ("1001 李娜、1003 王芳", "1003 王芳", "退款")
    assert (row["服务小结"], row["承诺期限"]) == ("待跟进", "2026-11-30 01:26:00")
    assert row["来电事由"].startswith("'=HYPERLINK")
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "退款11-20未到账" in sheet and "<f>" not in sheet and "13800002001" not in sheet
    noted = [line for line in rows(house.folder / "audit.log") if line["action"] == "exported calls"]
    assert [(line["rows"], line["format"]) for line in noted] == [(1, "csv"), (1, "xlsx")]
    assert "13800002001" not in json.dumps(noted)


async def test_the_timeline_names_people_and_things_and_tells_time_on_the_hotlines_clock(house: RunningServer):
    async with house.client("qa") as client:
        [call] = await found(client, search="退款", **span(house))
        async with client.get(f"/api/calls/{call['call']}") as answer:
            story = await answer.json()
    said = {language: [line[language] for line in story["timeline"]] for language in ("zh", "en")}
    assert "1001 李娜 承诺（最晚 2026-11-30 01:26）：三天内到账" in said["zh"]
    assert "1001 李娜 服务小结：待跟进，等财务" in said["zh"]
    asked = next(
        line for line, row in zip(said["zh"], story["timeline"], strict=True) if row["detail"].get("state") == "asked"
    )
    assert "座席 1001 李娜" in asked and "座席 1003 王芳" in asked and "退款" in asked and "refund" not in asked
    assert "1001 李娜 promises by 2026-11-30 01:26: 三天内到账" in said["en"]
    again = [line for line in said["en"] if "connected to agent 1003" in line]
    assert len(again) == 1 and "after waiting again for" in again[0] and "since the caller first asked" in again[0]
    assert not any("UTC" in line or "+00:00" in line for line in (*said["zh"], *said["en"]))


async def test_a_number_is_masked_everywhere_until_it_is_asked_for_and_that_is_written_down(house: RunningServer):
    def seen() -> int:
        return sum(line["action"] == "saw a number" for line in rows(house.folder / "audit.log"))

    async with house.client("qa") as client, house.client("operator") as operator:
        [call] = await found(client, search="退款", **span(house))
        path, full = f"/api/calls/{call['call']}", {"numbers": "full"}
        for way in (path, f"{path}/card", f"{path}/explain"):
            assert "13800002001" not in await (await client.get(way)).text(), way
        assert seen() == 0
        assert "13800002001" in await (await client.get(path, params=full)).text()
        assert seen() == 1
        assert "13800002001" in await (await client.get(f"{path}/card", params=full)).text()
        assert "13800002001" not in await (await operator.get(path, params=full)).text()
    assert seen() == 1  # once in a quarter of an hour, and the operator saw none
