"""The hotline's calls to itself, as the interface, /health and the stream tell them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.web.support.self_calls import CALLER, KEPT_BY_THE_CARRIER, KEYS_LOST, LOOP, runner
from tests.web.support.web_server import RunningServer, running_server


@pytest_asyncio.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    gone = replace(KEYS_LOST, trunk="no-longer-there")
    calls = runner(tmp_path / "calls", KEYS_LOST, LOOP, gone, replace(KEPT_BY_THE_CARRIER, trunk="carrier"))
    async with running_server(tmp_path / "state", database, self_calls=calls) as server:
        yield server


async def checks(server: RunningServer) -> tuple[int, str, dict[str, Any]]:
    async with server.client() as client, client.get("/health") as answer:
        found = await answer.json()
        return answer.status, found["status"], {check["name"]: check for check in found["checks"]}


async def rows(server: RunningServer, who: str = "operator") -> list[dict[str, Any]]:
    async with server.client(who) as client, client.get("/api/state") as answer:
        return list((await answer.json())["self_calls"])


async def test_the_last_call_of_each_way_is_told_with_what_to_do_in_both_languages(house: RunningServer):
    loop, carrier = await rows(house, "qa")
    assert (loop["trunk"], loop["ok"], loop["why"], loop["faults"]) == ("", True, "nightly", [])
    assert (carrier["trunk"], carrier["ok"], carrier["under_way"]) == ("carrier", False, False)
    assert carrier["at"].startswith("2026-11-22T19:30")
    [fault] = carrier["faults"]
    assert fault["code"] == "keys-out"
    assert "Keys did not arrive" in fault["en"]["what"] and "RFC 4733" in fault["en"]["remedy"]
    assert "按键没有到达" in fault["zh"]["what"] and "RFC 4733" in fault["zh"]["remedy"]
    assert "not well" in carrier["lines"]["en"][0] and "有问题" in carrier["lines"]["zh"][0]


async def test_a_failing_call_is_a_warning_and_takes_nothing_out_of_service(house: RunningServer):
    """Callers are served: a load balancer that took the hotline away for it would turn a lost key into a lost hotline."""
    status, said, found = await checks(house)
    assert (status, said) == (200, "up")
    assert found["self-calls"] == {
        "name": "self-calls", "up": True, "warning": True, "figure": 1, "unit": "with a fault",
    }  # fmt: skip
    assert not any(check["warning"] for name, check in found.items() if name != "self-calls")


async def test_without_any_call_so_far_there_is_nothing_to_warn_of(database: str, tmp_path: Path):
    async with running_server(tmp_path / "state", database, self_calls=runner(tmp_path / "calls")) as server:
        _, _, found = await checks(server)
        assert "self-calls" not in found
        assert [(row["trunk"], row["ok"], row["at"]) for row in await rows(server)] == [
            ("", None, None),
            ("carrier", None, None),
        ]


async def test_a_call_that_is_asked_for_takes_the_place_of_the_last_one_and_the_page_hears_of_it(house: RunningServer):
    async with house.client("operator") as client, client.get("/api/events") as stream:
        text = ""
        async for line in stream.content:
            text += line.decode()
            if "event: snapshot" in text and '"self_calls"' in text:
                break
        async with client.post("/api/self-call", json={"trunk": ""}) as answer:
            assert answer.status == 200, await answer.text()
            report = await answer.json()
        assert [fault["code"] for fault in report["faults"]] == ["refused"]  # there is no Asterisk
        text = ""
        async for line in stream.content:
            text += line.decode()
            if '"self_calls"' in text:
                break
        assert "event: change" in text and "Asterisk can't be reached" in text
    loop, _ = await rows(house)
    assert (loop["ok"], loop["why"], loop["faults"]) == (False, "asked", report["faults"])
    assert (await checks(house))[2]["self-calls"]["figure"] == 2
    async with house.client("qa") as client, client.post("/api/self-call", json={"trunk": ""}) as answer:
        assert answer.status == 403


async def test_a_customer_who_called_meanwhile_is_masked(database: str, tmp_path: Path):
    async with (
        running_server(
            tmp_path / "state", database, self_calls=runner(tmp_path / "calls", KEPT_BY_THE_CARRIER)
        ) as server,
        server.client("qa") as client,
    ):
        for path in ("/api/state", "/api/self-call"):
            async with client.get(path) as answer:
                text = await answer.text()
            assert "138****5678" in text and CALLER not in text
