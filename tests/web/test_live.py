"""The live stream: order, replay, slow readers, and a daemon that stops while pages are open."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.events import AgentNotReady, AgentReady
from acd.web.live.floor_stream import FLOOR, LIVE
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        yield house


class Stream:
    """Reads messages as a browser does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def next(self, *, beats: bool = False) -> dict[str, Any]:
        """The next message: {"event", "id", "data"}; beats only when asked for."""
        while not self._answer.content.at_eof():
            found: dict[str, Any] = {"id": None}
            async with asyncio.timeout(30):
                while line := (await self._answer.content.readline()).decode().rstrip("\r\n"):
                    name, _, value = line.partition(": ")
                    found[name] = json.loads(value) if name == "data" else value
            if "event" in found and (beats or found["event"] != "beat"):
                return found
        raise AssertionError("the stream ended")


async def test_the_snapshot_comes_first_then_changes_with_running_ids(house: RunningServer):
    async with house.client("operator") as client, client.get("/api/events") as answer:
        assert answer.content_type == "text/event-stream"
        stream = Stream(answer)
        first = await stream.next()
        assert first["event"] == "snapshot"
        assert {agent["agent"] for agent in first["data"]["agents"]} == {"1001", "1002", "1003"}
        await house.calls.ready("1001")
        second = await stream.next()
        call = house.calls.arrives(caller="13812345678")
        third = await stream.next()
    assert (second["event"], third["event"]) == ("change", "change")
    assert [row["agent"] for row in second["data"]["agents"]] == ["1001"]
    assert second["data"]["agents"][0]["state"] == "idle"
    assert [(row["call"], row["caller"]) for row in third["data"]["calls"]] == [(call, "138****5678")]
    start, number = first["id"].rsplit("-", 1)
    assert [second["id"], third["id"]] == [f"{start}-{int(number) + 1}", f"{start}-{int(number) + 2}"]


async def test_a_call_that_ended_is_named_as_gone(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("qa") as client, client.get("/api/events") as answer:
        stream = Stream(answer)
        await stream.next()
        call = house.calls.arrives()
        offer = await house.calls.answered(call)
        shown: set[str] = set()
        while call not in shown:
            shown |= {row["call"] for row in (await stream.next())["data"].get("calls", [])}
        await house.calls.over(offer)
        gone: list[str] = []
        while call not in gone:
            gone = (await stream.next())["data"].get("gone", {}).get("calls", [])


async def test_who_comes_back_gets_what_he_missed_and_nothing_twice(house: RunningServer):
    async with house.client("operator") as client:
        async with client.get("/api/events") as witness:
            seen = Stream(witness)
            await seen.next()
            async with client.get("/api/events") as answer:
                first = await Stream(answer).next()
            for agent in ("1001", "1002"):
                await house.calls.ready(agent)
                await seen.next()
        async with client.get("/api/events", headers={"Last-Event-ID": first["id"]}) as answer:
            stream = Stream(answer)
            missed = [await stream.next(), await stream.next()]
        assert [message["event"] for message in missed] == ["change", "change"]
        idle = [row["agent"] for message in missed for row in message["data"]["agents"] if row["state"] == "idle"]
        assert idle == ["1001", "1002"]
        async with client.get("/api/events", headers={"Last-Event-ID": missed[1]["id"]}) as answer:
            assert (await Stream(answer).next(beats=True))["event"] == "beat"


async def test_what_changed_while_nobody_listened_is_one_change(house: RunningServer):
    async with house.client("operator") as client:
        async with client.get("/api/events") as answer:
            first = await Stream(answer).next()
        await eventually(lambda: not len(house.app[LIVE]), "the reader to be gone")
        await house.calls.ready("1001", "1002")
        async with client.get("/api/events", headers={"Last-Event-ID": first["id"]}) as answer:
            missed = await Stream(answer).next()
    assert missed["event"] == "change"
    assert [row["agent"] for row in missed["data"]["agents"] if row["state"] == "idle"] == ["1001", "1002"]


@pytest.mark.parametrize("last", ["0123abcd-5", "nonsense", "-", "x-99999999999999999999"])
async def test_who_comes_back_from_another_start_gets_a_snapshot(house: RunningServer, last: str):
    async with (
        house.client("operator") as client,
        client.get("/api/events", headers={"Last-Event-ID": last}) as answer,
    ):
        assert (await Stream(answer).next())["event"] == "snapshot"


async def test_beats_say_that_the_data_is_fresh(house: RunningServer):
    async with house.client("operator") as client, client.get("/api/events") as answer:
        stream = Stream(answer)
        await stream.next()
        beat = await stream.next(beats=True)
    assert beat["event"] == "beat"
    assert beat["id"] is None
    assert set(beat["data"]) == {"at", "behind"}


async def test_a_slow_reader_is_dropped_and_costs_no_memory(database: str, tmp_path: Path):
    async with running_server(tmp_path / "slow", database, stream_queue=8) as house:
        live = house.app[LIVE]
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            host, port = house.url.removeprefix("http://").split(":")
            slow.connect((host, int(port)))
            slow.sendall(
                f"GET /api/events HTTP/1.1\r\nHost: {host}:{port}\r\n"
                f"Authorization: Bearer {house.token()}\r\n\r\n".encode()
            )
            await eventually(lambda: len(live) == 1, "the reader to be known")
            state = dict(live._channels[FLOOR].shown)
            # Big changes, so that the kernel's own buffers fill and the reader's queue grows.
            for n in range(400):
                found = {**state, "counts": {"n": n, "text": "x" * 200_000}}
                live.publish(found)
                await asyncio.sleep(0)
                if live.dropped:
                    break
            assert live.dropped == 1
            assert len(live) == 0


@pytest.mark.parametrize("path", ["/api/events", "/api/me"])
async def test_a_page_that_leaves_while_its_answer_begins_leaves_no_traceback(
    house: RunningServer, caplog: pytest.LogCaptureFixture, path: str
):
    host, port = house.url.removeprefix("http://").split(":")
    asked = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {house.token()}\r\n\r\n"
    with caplog.at_level(logging.DEBUG, "aiohttp.server"):
        for _ in range(20):
            # Asked and closed before the server has had its turn: it learns of both at once.
            with socket.socket() as page:
                page.connect((host, int(port)))
                page.sendall(asked.encode())
            await asyncio.sleep(0.01)
        async with house.client("operator") as client:
            assert (await client.get("/api/me")).status == 200
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
    await eventually(lambda: len(house.app[LIVE]) == 0, "no reader")


async def test_the_daemon_stops_at_once_though_a_page_is_open(database: str, tmp_path: Path):
    """The runner would wait 60 s for an open stream."""
    async with running_server(tmp_path / "stop", database) as house:
        client = aiohttp.ClientSession(house.url, headers={"Authorization": f"Bearer {house.token()}"})
        answer = await client.get("/api/events")
        stream = Stream(answer)
        await stream.next()
        async with asyncio.timeout(30):
            await house.runner.cleanup()
            assert await answer.content.read() is not None
        await client.close()


async def test_a_storm_of_events_is_gathered(house: RunningServer):
    async with house.client("operator") as client, client.get("/api/events") as answer:
        stream = Stream(answer)
        await stream.next()
        for _ in range(200):
            house.calls.tell(AgentReady("1001"), AgentNotReady("1001", "break"))
        house.calls.tell(AgentReady("1002"))
        messages = 0
        seen: set[str] = set()
        while "1002" not in seen:
            message = await stream.next()
            seen |= {row["agent"] for row in message["data"].get("agents", [])}
            messages += 1
    assert messages < 20
