"""Look-ups over HTTP against a real server that is well, slow, wrong, huge, dead, or flapping."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from acd.company_systems.breaker import FAILURES, REST_S
from acd.config import Config
from acd.lookups.book import AT_ONCE, Lookups
from tests.support.crm import Crm, running_crm
from tests.support.waiting import eventually

CALLER = "+8613800001111"


@pytest.fixture
async def crm() -> AsyncIterator[Crm]:
    async with running_crm() as made:
        yield made


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def lookups(folder: Path, url: str, clock: Callable[[], float] = time.monotonic, **changes: Any) -> Lookups:
    file = folder / "orders.address"
    file.write_text(f"{url}\nAuthorization: Bearer of-the-crm\n")
    file.chmod(0o600)
    one = {
        "kind": "http",
        "address_file": str(file),
        "by": {"caller": "phone", "order": "no"},
        "statuses": {"40": "shipped"},
        **changes,
    }
    return Lookups(Config.model_validate({"queues": {}, "lookups": {"orders": one}}), lambda: "", clock)


async def test_a_record_by_the_callers_number(crm: Crm, tmp_path: Path):
    result = await lookups(tmp_path, crm.url).ask("orders", "caller", caller=CALLER)
    assert (result.state, result.records) == (
        "found",
        ({"order": "202611270315", "status": "shipped", "amount": "128.50"},),
    )
    query, headers = crm.asked[0]
    assert query == {"shop": "7", "phone": CALLER}
    assert headers["Authorization"] == "Bearer of-the-crm"


async def test_a_record_by_the_number_that_was_keyed_in_another_shape(crm: Crm, tmp_path: Path):
    crm.rows = {
        "data": {
            "items": [
                {"id": 202611270315, "state": {"code": 40}, "eta": "2026-11-29T23:30:00Z"},
                {"id": 1, "state": {"code": 40}},
            ]
        }
    }
    shape: dict[str, Any] = {
        "records": "data.items",
        "fields": {"order": "id", "status": "state.code", "expected_on": "eta"},
    }
    result = await lookups(tmp_path, crm.url, **shape).ask("orders", "order", keyed="202611270315")
    assert result.records[0] == {"order": "202611270315", "status": "shipped", "expected_on": "2026-11-30T07:30"}
    assert crm.asked[0][0]["no"] == "202611270315"


async def test_the_callers_number_as_it_is_dialled_at_home(crm: Crm, tmp_path: Path):
    await lookups(tmp_path, crm.url, caller_as="national").ask("orders", "caller", caller=CALLER)
    assert crm.asked[0][0]["phone"] == "13800001111"


@pytest.mark.parametrize(
    ("empty", "records"),
    [
        ([], ""),
        ({}, ""),
        ([{}], ""),
        ({"data": []}, "data"),
        ({"data": None}, "data"),
        ({"data": {"items": []}}, "data.items"),
    ],
)
async def test_nothing_found(crm: Crm, tmp_path: Path, empty: Any, records: str):
    crm.rows = empty
    result = await lookups(tmp_path, crm.url, records=records).ask("orders", "caller", caller=CALLER)
    assert (result.state, result.why) == ("not-found", "")


@pytest.mark.parametrize(
    ("answer", "records"),
    [
        (None, ""),
        (None, "data.items"),
        (5, ""),
        ("none", ""),
        ([None], ""),
        ([[]], ""),
        ({"error": "maintenance"}, ""),
        ([], "data"),
        ([{"order": "1", "status": "40"}], "data"),
        ({}, "data"),
        ({"code": 500, "message": "busy"}, "data"),
        ({"data": None}, "data.items"),
        ({"data": []}, "data.items"),
        ({"data": {"rows": []}}, "data.items"),
        ({"data": {"items": "none"}}, "data.items"),
        ({"data": {"items": False}}, "data.items"),
    ],
)
async def test_an_answer_of_another_shape_is_a_broken_system_and_not_nothing(
    crm: Crm, tmp_path: Path, answer: Any, records: str
):
    crm.rows = answer
    book = lookups(tmp_path, crm.url, Clock(), records=records)
    for _ in range(FAILURES):
        result = await book.ask("orders", "caller", caller=CALLER)
        assert (result.state, result.why, result.records) == ("failed", "bad-answer", ())
    assert (await book.ask("orders", "caller", caller=CALLER)).why == "resting"
    assert len(crm.asked) == FAILURES


async def test_a_look_up_of_another_name_without_its_fields_is_broken_too(crm: Crm, tmp_path: Path):
    file = tmp_path / "parcels.address"
    file.write_text(crm.url)
    table = {"kind": "http", "address_file": str(file), "by": {"caller": "phone"}, "fields": {"place": "where"}}
    book = Lookups(Config.model_validate({"queues": {}, "lookups": {"parcels": table}}), lambda: "")
    for rows, state in (
        ({"error": "maintenance"}, "failed"),
        ({"where": "Hangzhou"}, "found"),
        ({"where": None}, "found"),
    ):
        crm.rows = rows
        assert (await book.ask("parcels", "caller", caller=CALLER)).state == state


async def test_404_is_not_found(crm: Crm, tmp_path: Path):
    crm.says(404)
    assert (await lookups(tmp_path, crm.url).ask("orders", "caller", caller=CALLER)).state == "not-found"


BIG = json.dumps([{"order": "1", "status": "40", "note": "x" * 70_000}]).encode()


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"", "refused"), (401, b"{}", "refused"), (200, b"", "bad-answer"), (200, b"<html>", "bad-answer"),
        (200, b'[1, "two"]', "bad-answer"), (200, b"{" * 60_000, "bad-answer"), (200, b"[" * 60_000, "bad-answer"), (200, BIG, "too-long"),
        (200, b'{"order": "1"}', "bad-answer"), (200, b'{"status": ["40"]}', "bad-answer"), (200, b'{"status": "77"}', "unknown-status"),
        (200, b'{"status": "40", "amount": "NaN"}', "bad-answer"), (200, b'{"status": "40", "amount": 1e300}', "bad-answer"),
        (200, b'{"status": "40", "expected_on": "tomorrow"}', "bad-answer"), (200, b'{"status": "40", "order": "a\\u0000b1"}', "bad-answer"),
        (200, b'{"status": "40", "currency": "12"}', "bad-answer"), (200, b"\xff\xfe", "bad-answer"),
    ],
)  # fmt: skip
async def test_answers_that_are_none(crm: Crm, tmp_path: Path, status: int, body: bytes, why: str):
    crm.says(status, body)
    result = await lookups(tmp_path, crm.url).ask("orders", "caller", caller=CALLER)
    assert (result.state, result.why, result.records) == ("failed", why, ())


async def test_no_redirect_is_followed(crm: Crm, tmp_path: Path):
    crm.says(302, Location=crm.url)
    result = await lookups(tmp_path, crm.url).ask("orders", "caller", caller=CALLER)
    assert (result.state, result.why, len(crm.asked)) == ("failed", "refused", 1)


async def test_a_slow_server_costs_the_limit_and_no_more(crm: Crm, tmp_path: Path):
    crm.open.clear()
    crm.answer = crm.waits
    asked = lookups(tmp_path, crm.url, limit_s=0.5).ask("orders", "caller", caller=CALLER)
    result = await asyncio.wait_for(asked, 10)
    assert (result.state, result.why) == ("failed", "slow")


async def test_a_server_that_drips_is_given_up(crm: Crm, tmp_path: Path):
    async def drips(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None:
            await answer.write(b" ")
            await asyncio.sleep(0.05)
        return answer

    crm.answer = drips
    result = await asyncio.wait_for(lookups(tmp_path, crm.url, limit_s=0.5).ask("orders", "caller", caller=CALLER), 10)
    assert (result.state, result.why) == ("failed", "slow")


async def test_a_dead_server_is_asked_no_more_and_then_once_in_a_while(crm: Crm, tmp_path: Path):
    clock = Clock()
    book = lookups(tmp_path, crm.url, clock)
    crm.says(503)
    for _ in range(FAILURES):
        assert (await book.ask("orders", "caller", caller=CALLER)).why == "refused"
    for _ in range(5):
        assert (await book.ask("orders", "caller", caller=CALLER)).why == "resting"
    assert len(crm.asked) == FAILURES
    clock.now += REST_S
    assert (await book.ask("orders", "caller", caller=CALLER)).why == "refused"
    assert (await book.ask("orders", "caller", caller=CALLER)).why == "resting"
    clock.now += REST_S
    crm.answer = crm.well
    assert (await book.ask("orders", "caller", caller=CALLER)).state == "found"
    assert (await book.ask("orders", "caller", caller=CALLER)).state == "found"


async def test_a_flapping_server_is_asked_as_long_as_it_answers_now_and_then(crm: Crm, tmp_path: Path):
    book, well = lookups(tmp_path, crm.url, Clock()), crm.well
    for turn in range(20):
        if turn % 3:
            crm.says(500)
        else:
            crm.answer = well
        assert (await book.ask("orders", "caller", caller=CALLER)).state == ("failed" if turn % 3 else "found")
    assert len(crm.asked) == 20


async def test_an_unknown_status_is_the_configurations_fault_and_shuts_nobody_out(crm: Crm, tmp_path: Path):
    crm.rows = {"order": "1", "status": "99"}
    book = lookups(tmp_path, crm.url, Clock())
    for _ in range(FAILURES + 3):
        assert (await book.ask("orders", "caller", caller=CALLER)).why == "unknown-status"


async def test_nobody_listens(tmp_path: Path):
    result = await lookups(tmp_path, "http://127.0.0.1:1/orders").ask("orders", "caller", caller=CALLER)
    assert (result.state, result.why) == ("failed", "away")


@pytest.mark.parametrize(
    "text",
    ["", "ftp://x/", "crm.example.com", "http://", "http://x/ y", "http://x:99999/", "http://x/#a", "http://x/é"],
)
async def test_an_address_that_is_none(tmp_path: Path, text: str):
    result = await lookups(tmp_path, text).ask("orders", "caller", caller=CALLER)
    assert (result.state, result.why) == ("failed", "bad-address")


async def test_a_header_that_would_be_two_is_refused(tmp_path: Path):
    book = lookups(tmp_path, "http://127.0.0.1:1/")
    (tmp_path / "orders.address").write_text("http://127.0.0.1:1/\nno header at all\n")
    assert (await book.ask("orders", "caller", caller=CALLER)).why == "bad-address"
    (tmp_path / "orders.address").unlink()
    assert (await book.ask("orders", "caller", caller=CALLER)).why == "bad-address"


async def test_at_most_so_many_ask_one_source_at_once(crm: Crm, tmp_path: Path):
    crm.open.clear()
    crm.answer = crm.waits
    book = lookups(tmp_path, crm.url)
    asking = [asyncio.create_task(book.ask("orders", "caller", caller=CALLER)) for _ in range(AT_ONCE)]
    await eventually(lambda: len(crm.asked) == AT_ONCE, "all of them to have asked")
    assert (await book.ask("orders", "caller", caller=CALLER)).why == "busy"
    crm.open.set()
    assert {(await each).state for each in asking} == {"found"}


@pytest.mark.parametrize(
    ("by", "more", "state", "why"),
    [
        ("caller", {"caller": "unknown"}, "not-found", "no-caller"), ("order", {"keyed": ""}, "not-found", "bad-key"),
        ("order", {"keyed": "12*4"}, "not-found", "bad-key"), ("order", {"keyed": "1" * 21}, "not-found", "bad-key"),
        ("ticket", {"keyed": "1"}, "failed", "no-such-lookup"),
    ],
)  # fmt: skip
async def test_what_is_not_asked_at_all(crm: Crm, tmp_path: Path, by: str, more: dict[str, str], state: str, why: str):
    result = await lookups(tmp_path, crm.url).ask("orders", by, **more)
    assert (result.state, result.why, crm.asked) == (state, why, [])


async def test_no_log_line_holds_the_number_or_the_address(
    crm: Crm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    crm.says(500)
    book = lookups(tmp_path, crm.url)
    for _ in range(3):
        await book.ask("orders", "order", keyed="202611270315")
    said = capsys.readouterr()
    told = said.out + said.err
    assert told.count("a look-up fails") == 1  # the second and third say nothing new
    assert "202611270315" not in told
    assert "of-the-crm" not in told
