"""Customers on the page's server: kept, found, shown on card, desk and list by right, and forgotten."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.customer_events import NumberBarred
from acd.engine.events import CallerHungUp
from acd.engine.faults.events import FaultForgotten
from tests.support.waiting import eventually
from tests.web.support.web_server import CONFIG, RunningServer, running_server

WRITTEN = {
    **CONFIG,
    "classes": {"gold": {"priority": 3, "label": {"zh": "金卡", "en": "Gold"}}, "silver": {}},
}
ZHANG = {
    "id": "K-7", "name": "张三", "numbers": ["138 0000 1111", "010-88886666"], "class": "gold", "language": "zh",
    "last_order": "B-100", "area": "北京", "consent": "by telephone", "complaint_ticket": "T-9", "complaint_owner": "1001",
}  # fmt: skip


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("customers"))
    async with running_server(folder / "state", database, WRITTEN) as house:
        yield house


@pytest.fixture
async def operator(house: RunningServer) -> AsyncIterator[aiohttp.ClientSession]:
    """Of a house without customers."""
    async with house.store.transaction() as connection:
        await connection.exec_driver_sql("TRUNCATE customers, customer_numbers")
    async with house.client("token") as client:
        yield client


async def ask(client: aiohttp.ClientSession, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
    method = "GET" if body is None else "POST"
    async with client.request(method, path, json=body, params=query) as answer:
        return answer.status, await answer.json()


def audited(house: RunningServer, action: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (house.folder / "audit.log").read_text("utf-8").splitlines()]
    return [row for row in rows if row["action"] == action]


async def test_a_customer_is_added_read_changed_and_removed(house: RunningServer, operator: aiohttp.ClientSession):
    status, made = await ask(operator, "/api/customers", ZHANG)
    assert (status, made["id"], made["class"]) == (201, "K-7", "gold")
    assert made["numbers"] == ["13800001111", "01088886666"]
    status, made = await ask(operator, "/api/customers/K-7", {"class": "", "do_not_call": True})
    assert (status, made["class"], made["do_not_call"], made["name"]) == (200, "", True, "张三")
    status, read = await ask(operator, "/api/customers/K-7")
    assert (status, read) == (200, made)
    status, listed = await ask(operator, "/api/customers")
    assert [one["numbers"] for one in listed["customers"]] == [["138****1111", "010****6666"]] and listed[
        "after"
    ] is None
    assert (await ask(operator, "/api/customers/K-7/remove", {}))[0] == 200
    assert (await ask(operator, "/api/customers/K-7"))[0] == 404
    told = [audited(house, f"customer {what}")[-1] for what in ("added", "changed", "removed")]
    assert [row["customer"] for row in told] == ["K-7"] * 3 and told[1]["fields"] == ["customer_class", "do_not_call"]
    assert "张三" not in str(told) and "1380000" not in str(told)


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "field"),
    [
        ("/api/customers", {"id": "K-9", "numbers": ["13800001111"]}, 409, "number-taken", "numbers"),
        ("/api/customers", {"id": "K-7"}, 409, "customer-there", "id"),
        ("/api/customers", {"id": "K-9", "class": "glod"}, 400, "bad-request", "class"),
        ("/api/customers", {"id": "K-9", "complaint_owner": "1999"}, 400, "bad-request", "complaint_owner"),
        ("/api/customers", {"id": "a b"}, 400, "bad-request", "id"),
        ("/api/customers", {"name": "a\r\nb"}, 400, "bad-request", "name"),
        ("/api/customers", {"nmae": "x"}, 400, "bad-request", "nmae"),
        ("/api/customers/K-7", {}, 400, "bad-request", None),
        ("/api/customers/K-8", {"name": "x"}, 404, "unknown-customer", None),
        ("/api/customers/K-8/remove", {}, 404, "unknown-customer", None),
        ("/api/customers/K-8/erase", {}, 404, "unknown-customer", None),
    ],
)
async def test_what_can_t_be_is_refused_with_its_field_and_changes_nothing(
    operator: aiohttp.ClientSession, path: str, body: Any, status: int, code: str, field: str | None
):
    assert (await ask(operator, "/api/customers", ZHANG))[0] == 201
    found, problem = await ask(operator, path, body)
    assert (found, problem["code"]) == (status, code), problem
    assert problem.get("field") == field and problem["detail"].endswith(".")
    assert len((await ask(operator, "/api/customers"))[1]["customers"]) == 1


async def test_a_list_is_taken_whole_or_not_at_all(operator: aiohttp.ClientSession):
    rows = [{"id": f"K-{n}", "name": f"n{n}", "numbers": [f"1380000{n:04d}"]} for n in range(300)]
    assert await ask(operator, "/api/customers/import", {"customers": rows, "dry_run": True}) == (
        200,
        {"added": 300, "changed": 0, "unchanged": 0},
    )
    assert (await ask(operator, "/api/customers"))[1]["customers"] == []
    bad = [*rows, {"id": "K-0", "name": "twice", "numbers": ["1.38E+10"]}]
    status, problem = await ask(operator, "/api/customers/import", {"customers": bad})
    assert status == 400 and "customer 301, numbers: " in problem["detail"]
    assert (await ask(operator, "/api/customers/import", {"customers": rows}))[1]["added"] == 300
    rows[0]["name"] = "another"
    assert (await ask(operator, "/api/customers/import", {"customers": rows}))[1] == {
        "added": 0, "changed": 1, "unchanged": 299,
    }  # fmt: skip
    status, page = await ask(operator, "/api/customers", limit="200")
    assert (len(page["customers"]), page["after"]) == (200, page["customers"][-1]["id"])
    status, page = await ask(operator, "/api/customers", limit="200", after=page["after"])
    assert (len(page["customers"]), page["after"]) == (100, None)
    taken = {"customers": [{"id": "K-999", "numbers": ["13800000001"]}]}
    assert (await ask(operator, "/api/customers/import", taken))[1]["code"] == "number-taken"


async def test_a_file_is_tried_first_each_mistake_by_line_in_both_languages_then_taken_in_and_written_out_again(
    house: RunningServer, operator: aiohttp.ClientSession
):
    def file(text: str, encoding: str = "utf-8", **more: Any) -> dict[str, Any]:
        return {"content": base64.b64encode(text.encode(encoding)).decode(), **more}

    bad = "编号,姓名,电话,等级\nK-1,张三,13800000001,glod\n,李四,1.38E+10,\nK-1,王五,13800000001,\n"
    status, told = await ask(operator, "/api/customers/list", file(bad, "gbk", dry_run=True))
    assert (status, told["added"]) == (200, 0)
    assert {one["line"] for one in told["mistakes"]} == {2, 3, 4}
    assert told["mistakes"][0]["zh"].startswith("第 2 行，class：") and "glod" in told["mistakes"][0]["en"]
    assert all(one["en"] != one["zh"] for one in told["mistakes"])
    status, problem = await ask(operator, "/api/customers/list", file(bad, "gbk"))
    assert (status, problem["code"], len(problem["mistakes"])) == (400, "bad-list", len(told["mistakes"]))
    for text in ("", "name\nx\n", "id;nmae\nK-1;x\n", "\x00\x01"):
        mistakes = (await ask(operator, "/api/customers/list", file(text, dry_run=True)))[1]["mistakes"]
        assert mistakes and all(one["en"] != one["zh"] for one in mistakes), (text, mistakes)
    assert (await ask(operator, "/api/customers/list", {"content": "§"}))[0] == 400
    assert (await ask(operator, "/api/customers"))[1]["customers"] == []

    good = "id,name,numbers,class,do_not_call\nK-1,张三,13800000001;010-88886666,gold,是\nK-2,,,,\n"
    counts = {"rows": 2, "added": 2, "changed": 0, "unchanged": 0, "mistakes": []}
    assert await ask(operator, "/api/customers/list", file(good, dry_run=True)) == (200, counts)
    assert (await ask(operator, "/api/customers"))[1]["customers"] == []
    assert await ask(operator, "/api/customers/list", file(good)) == (200, counts)
    async with operator.get("/api/customers/export") as answer:
        out = await answer.read()
    assert audited(house, "customers exported")
    again = {"content": base64.b64encode(out).decode()}
    assert (await ask(operator, "/api/customers/list", again))[1]["unchanged"] == 2
    async with house.client("qa") as reader:
        assert (await ask(reader, "/api/customers/list", again))[0] == 403
        assert (await ask(reader, "/api/customers/export"))[0] == 403


async def test_who_may_see_and_change_records(house: RunningServer, operator: aiohttp.ClientSession):
    assert (await ask(operator, "/api/customers", ZHANG))[0] == 201
    for role, sees, numbers in (
        ("supervisor", 200, "138****1111"), ("qa", 200, "13800001111"), ("operator", 200, "13800001111"),
        ("administrator", 403, ""), ("1001", 403, ""), ("crm", 403, ""), ("", 401, ""),
    ):  # fmt: skip
        async with house.client(role) as client:
            status, told = await ask(client, "/api/customers/K-7")
            assert status == sees, role
            if sees == 200:
                assert told["numbers"][0] == numbers, role
                assert audited(house, "read a customer")[-1]["who"] == role
            changes = (await ask(client, "/api/customers/K-7", {"area": "x"}))[0]
            assert changes == (200 if role == "operator" else 401 if role == "" else 403), role


async def test_a_search_by_number_is_noted_masked_and_finds_no_part_of_one(
    house: RunningServer, operator: aiohttp.ClientSession
):
    assert (await ask(operator, "/api/customers", ZHANG))[0] == 201

    async def found(search: str) -> int:
        return len((await ask(operator, "/api/customers", search=search))[1]["customers"])

    assert [await found(each) for each in ("+86 138 0000 1111", "1111", "张", "K-7")] == [1, 1, 1, 1]
    assert [await found(each) for each in ("1380000", "13800001112", "%", "0000")] == [0, 0, 0, 0]
    assert "138****1111" in [row["search"] for row in audited(house, "searched by number")]
    assert "13800001111" not in (house.folder / "audit.log").read_text("utf-8")


async def test_the_card_the_desk_and_the_lists_show_who_calls(house: RunningServer, operator: aiohttp.ClientSession):
    assert (await ask(operator, "/api/customers", ZHANG))[0] == 201
    await house.calls.ready("1001")
    earlier = await house.calls.whole("01088886666")
    call = house.calls.arrives("13800001111")
    offer = await house.calls.answered(call)
    await eventually(lambda: (house.engine.call(call, house.time.now()) or {}).get("customer"), "the customer is known")
    await house.calls.settled()
    shown = {
        "id": "K-7", "customer_class": "gold", "class_label": {"zh": "金卡", "en": "Gold"}, "language": "zh",
        "last_order": "B-100", "area": "北京", "do_not_call": False, "complaint_ticket": "T-9", "complaint_owner": "1001",
    }  # fmt: skip
    async with house.client("1001") as agent:
        desk = (await ask(agent, "/api/desk"))[1]
        assert (desk["card"]["name"], desk["card"]["customer"]) == ("张三", shown)
        card = (await ask(agent, f"/api/calls/{call}/card"))[1]
        assert (card["name"], card["customer"], card["version"]) == ("张三", shown, 0)
        # The other number's call is the same customer's.
        await house.calls.written(call)
        assert [one["call"] for one in (await ask(agent, f"/api/calls/{call}/contacts"))[1]["contacts"]] == [
            earlier.call
        ]
    live = (await ask(operator, "/api/state"))[1]["calls"]
    assert [(one["customer_name"], one["customer_class"], one["caller"]) for one in live if one["call"] == call] == [
        ("张三", "gold", "138****1111")
    ]
    for search in ("K-7", "13800001111"):
        listed = (await ask(operator, "/api/calls", search=search))[1]["calls"]
        assert [one["customer_name"] for one in listed if one["call"] == call] == ["张三"]
    one = (await ask(operator, f"/api/calls/{call}"))[1]
    said = next(row for row in one["timeline"] if row["kind"] == "customer")
    assert "K-7" in said["en"] and "Gold" in said["en"] and "识别为客户 K-7" in said["zh"]
    await house.calls.over(offer)


async def test_a_menu_is_told_who_calls(house: RunningServer, operator: aiohttp.ClientSession):
    assert (await ask(operator, "/api/customers", ZHANG))[0] == 201
    async with house.client("stories") as stories:
        status, told = await ask(stories, "/ivr/caller/13800001111", dialled="95000")
        assert (status, told["customer"]["class"], told["customer"]["name"]) == (200, "gold", "张三")
        assert (told["complaint"], told["faults"]) == ({"ticket": "T-9", "owner": "1001"}, [])
        nothing: dict[str, Any] = {"customer": None, "complaint": None, "faults": [], "open": True, "lookups": []}
        for caller in ("unknown", "95000", "13700000000"):
            assert await ask(stories, f"/ivr/caller/{caller}") == (200, nothing), caller
        withheld = house.calls.arrives("13800001111", withheld=True)
        await house.calls.settled()
        assert (await ask(stories, "/ivr/caller/13800001111", call=withheld))[1] == nothing
        house.calls.tell(CallerHungUp(withheld))
        await house.calls.written(withheld)


async def test_no_part_that_is_slow_or_broken_delays_a_menu(database: str, tmp_path: Path):
    async def broken(caller: str, dialled: str, call: str) -> dict[str, Any]:
        raise RuntimeError("no")

    async def faults(caller: str, dialled: str, call: str) -> dict[str, Any]:
        return {"faults": [{"area": caller}]}

    async with (
        running_server(tmp_path / "state", database, WRITTEN, caller_facts=[broken, faults]) as house,
        house.client("stories") as stories,
    ):
        told = (await ask(stories, "/ivr/caller/13800001111"))[1]
        assert told == {
            "customer": None,
            "complaint": None,
            "faults": [{"area": "+8613800001111"}],
            "open": True,
            "lookups": [],
        }


async def test_a_number_of_a_customer_who_is_not_to_be_called_is_no_callback(
    house: RunningServer, operator: aiohttp.ClientSession
):
    assert (await ask(operator, "/api/customers", {"id": "K-9", "numbers": ["13900009999"], "do_not_call": True}))[
        0
    ] == 201
    call = house.calls.arrives("13711110000", "after-sales")
    await house.calls.settled()
    async with house.client("stories") as stories:
        assert (await ask(stories, f"/ivr/callback/{call}", number="13711110000"))[1]["possible"]
        told = (await ask(stories, f"/ivr/callback/{call}", number="013900009999"))[1]
        assert (told["possible"], told["why"]) == (False, "do-not-call")
    assert NumberBarred("+8613900009999") in house.told


async def test_a_customer_is_forgotten_and_the_calls_stay(house: RunningServer, operator: aiohttp.ClientSession):
    assert (await ask(operator, "/api/customers", {**ZHANG, "id": "K-77"}))[0] == 201
    await house.calls.ready("1001")
    call = house.calls.arrives("13800001111")
    offer = await house.calls.answered(call)
    await eventually(lambda: (house.engine.call(call, house.time.now()) or {}).get("customer"), "the customer is known")
    async with house.client("1001") as agent:
        writing = {"version": 0, "what": "note", "text": "lives at the lake"}
        assert (await ask(agent, f"/api/calls/{call}/card", writing))[0] == 200
    await house.calls.written(call)
    assert (await ask(operator, "/api/customers/K-77/erase", {}))[1]["code"] in ("on-the-line", "not-written-yet")
    await house.calls.over(offer)
    await house.calls.filed(offer)
    news = (("s-1", "+8613800001111"), ("s-2", "+8613900002222"))
    async with house.store.transaction() as connection:
        for line, (id_, number) in enumerate(news):
            row = """INSERT INTO call_log (spool, line, idx, at, kind, call, agent, offer, queue, detail)
                VALUES ('of-the-test', $1, 0, now(), 'story call', '', '', '', '', jsonb_build_object('id', $2::text, 'number', $3::text))"""
            await connection.exec_driver_sql(row, (line, id_, number))
    status, told = await ask(operator, "/api/customers/K-77/erase", {"calls": True})
    assert status == 200 and told["recordings"] >= 1 and told["calls"] >= 1, told
    assert (await ask(operator, "/api/customers/K-77"))[0] == 404
    async with house.store.transaction() as connection:
        for table in ("calls", "cards", "call_log", "customers", "customer_numbers"):
            rows = await connection.exec_driver_sql(f"SELECT row_to_json(t)::text FROM {table} AS t")
            text = "\n".join(row for row in rows.scalars())
            for secret in ("lives at the lake", "K-77"):
                assert secret not in text, table
        found = await connection.exec_driver_sql("SELECT caller, ending FROM calls WHERE call = $1", (call,))
        assert tuple(found.one()) == ("unknown", "answered")
        rows = await connection.exec_driver_sql(
            "SELECT detail->>'number' FROM call_log WHERE spool = 'of-the-test' ORDER BY line"
        )
        assert list(rows.scalars()) == ["unknown", "+8613900002222"]
    assert FaultForgotten("+8613800001111") in house.told
    assert audited(house, "customer erased")[-1]["customer"] == "K-77"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/customers/K-78/erase", {"calls": True}),
        ("/api/callers/erase", {"number": "13800001111", "reason": "asked for it", "dry_run": False}),
    ],
)
async def test_who_erases_waits_for_rows_that_are_still_being_written(
    house: RunningServer, operator: aiohttp.ClientSession, path: str, body: dict[str, Any]
):
    """As on a busy hotline, where rows are on their way to PostgreSQL at every moment."""
    await ask(operator, "/api/customers", {**ZHANG, "id": "K-78"})
    await house.calls.ready("1001")
    call = house.calls.arrives("13800001111")
    await house.calls.over(await house.calls.answered(call))
    async with house.store.transaction() as connection:
        await connection.exec_driver_sql("LOCK TABLE call_log IN EXCLUSIVE MODE")
        house.calls.arrives("13900002222")
        await eventually(lambda: house.shipper.behind, "rows that wait for the table")
        erased = asyncio.create_task(ask(operator, path, body))
        await asyncio.sleep(0.3)
        assert not erased.done()
    status, told = await erased
    assert (status, told["calls"]) == (200, 1), told
    async with house.store.transaction() as connection:
        row = await connection.exec_driver_sql("SELECT caller FROM calls WHERE call = $1", (call,))
        assert row.scalar_one() == "unknown"
