"""An agent's desk: what lies on it, what nobody else sees of it, and how soon it is shown."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.events import AgentNotReady, WrapUpEnded
from acd.web.live.agent_desk_state import Desks
from acd.web.live.agent_desk_stream import STREAMS
from acd.web.server.routes import CONTEXT
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_live import Stream


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        house.time.stop()
        yield house


async def desk(client: aiohttp.ClientSession) -> dict[str, Any]:
    async with client.get("/api/desk") as answer:
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def test_a_caller_rings_is_talked_with_and_written_about(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("1001") as client:
        empty = await desk(client)
        assert empty["agent"]["state"] == "idle"
        assert [empty[name] for name in ("call", "offer", "card", "consult", "wrap_up", "explain")] == [None] * 5 + [[]]
        assert empty["reasons"][1] == {"reason": "refund", "zh": "退款", "en": "refund", "key": "2", "amount": True}
        assert empty["rules"] == {"hold_reminder_s": 45, "hold_limit_s": 120, "ring_s": 5, "rings": 3}
        call = house.calls.arrives(caller="13812341234")
        offer = await house.calls.offer(call)
        rings = await desk(client)
        assert (rings["call"], rings["consult"]) == (None, None)
        shown = {name: rings["offer"][name] for name in ("call", "offer", "kind", "state", "caller", "zh", "from")}
        assert shown == {
            "call": call,
            "offer": offer.offer,
            "kind": "call",
            "state": "ringing",
            "caller": "13812341234",
            "zh": "订单查询",
            "from": None,
        }
        assert rings["card"]["call"] == call, "the card is there before the telephone is answered"
        await house.calls.answered(call)
        talks = await desk(client)
        assert (talks["offer"], talks["call"]["call"], talks["call"]["caller"]) == (None, call, "13812341234")
        await house.calls.over(offer)
        after = await desk(client)
        assert after["call"] is None
        assert (after["wrap_up"]["call"], after["card"]["call"]) == (call, call)
        ends = after["wrap_up"]["ends_at"], after["wrap_up"]["since"]
        assert ends[0] > ends[1]


async def test_an_agent_sees_his_own_desk_and_nobody_elses_call(house: RunningServer):
    await house.calls.ready("1001")
    call = house.calls.arrives(caller="13812341234")
    await house.calls.answered(call)
    async with house.client("1002") as client:
        assert (await desk(client))["agent"]["agent"] == "1002"
        assert "13812341234" not in str(await desk(client))
        for method, what, body in (
            ("GET", "card", None),
            ("GET", "draft", None),
            ("GET", "targets", None),
            ("GET", "contacts", None),
            ("POST", "card", {"version": 0, "what": "note", "text": "x"}),
            ("POST", "draft", {"text": "x"}),
            ("POST", "transfer", {"to": {"agent": "1003"}, "reason": "refund"}),
            ("POST", "transfer/complete", {}),
            ("POST", "transfer/take-back", {}),
            ("POST", "transfer/three-way", {}),
            ("POST", "transfer/decline", {"reason": "no"}),
            ("POST", "transfer/explain", {"reason": "refund"}),
            ("POST", "hold", {}),
            ("POST", "retrieve", {}),
            ("POST", "mute", {"muted": True}),
            ("POST", "mask", {"masked": True}),
        ):
            found = []
            for whose in (call, "c0-0"):
                async with client.request(method, f"/api/calls/{whose}/{what}", json=body) as answer:
                    problem = await answer.json()
                    found.append((answer.status, problem["code"], problem["detail"].replace(whose, "…")))
            assert found[0] == found[1], "another's call is told from one that never was"
            assert found[0][:2] == (404, "unknown-call"), (method, what)


async def test_the_stream_shows_the_caller_before_his_telephone_rings(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("1001") as client, client.get("/api/desk/events") as answer:
        stream = Stream(answer)
        first = await stream.next()
        assert (first["event"], first["data"]["offer"]) == ("snapshot", None)
        call = house.calls.arrives()
        told = (await stream.next())["data"]
        assert (told["offer"]["call"], told["card"]["call"]) == (call, call)
        # No telephone has told anything yet: neither that it was dialled nor that it rings.
        assert not [event for event in house.told if type(event).__name__ in ("AgentDialled", "AgentRinging")]
        offer = await house.calls.answered(call)
        talks = told
        while talks["call"] is None:
            talks = (await stream.next())["data"]
        assert talks["offer"] is None
        await house.calls.over(offer)
        while talks["wrap_up"] is None:
            talks = (await stream.next())["data"]
        assert talks["card"]["ended_at"] is not None
        beat = await stream.next(beats=True)
        while beat["event"] != "beat":
            beat = await stream.next(beats=True)
        assert set(beat["data"]) == {"at"}


async def test_the_stream_tells_nothing_of_what_others_do(house: RunningServer):
    await house.calls.ready("1001", "1002")
    async with house.client("1001") as client, client.get("/api/desk/events") as answer:
        stream = Stream(answer)
        assert (await stream.next())["event"] == "snapshot"
        house.calls.tell(AgentNotReady("1002", "meal"))
        await house.calls.settled()
        house.calls.tell(AgentNotReady("1001", "break"))
        told = (await stream.next())["data"]
        assert (told["agent"]["agent"], told["agent"]["reason"]) == ("1001", "break")


async def test_who_has_his_page_open_is_known_as_long_as_he_has(house: RunningServer):
    streams = house.app[STREAMS]
    assert not streams.has_page("1001")
    async with house.client("1001") as client:
        async with client.get("/api/desk/events") as answer:
            await Stream(answer).next()
            assert streams.has_page("1001")
            assert not streams.has_page("1002")
        async with asyncio.timeout(30):
            while streams.has_page("1001"):
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("how", ["log-out", "second log-in", "another PIN", "removed"])
async def test_the_stream_ends_with_the_session(house: RunningServer, how: str):
    async with house.client("1001") as client, client.get("/api/desk/events") as answer:
        await Stream(answer).next()
        if how == "log-out":
            async with client.post("/api/log-out") as out:
                assert out.status == 204
        elif how == "second log-in":
            async with house.client("1001"):
                pass
        else:
            house.new_pin("1001", "864200" if how == "another PIN" else None)
        async with asyncio.timeout(30):
            while await answer.content.readline():
                pass
        async with client.get("/api/desk") as refused:
            assert refused.status == 401


async def test_an_agent_presses_his_own_buttons(house: RunningServer):
    async with house.client("1001") as client:

        async def pressed(what: str, body: dict[str, str] | None = None) -> tuple[str, str]:
            async with client.post(f"/api/desk/{what}", json=body) as answer:
                assert answer.status == 202, await answer.text()
            await house.calls.settled()
            agent = (await desk(client))["agent"]
            return agent["state"], agent["reason"]

        assert await pressed("log-in") == ("not ready", "")
        assert await pressed("ready") == ("idle", "")
        assert await pressed("not-ready", {"reason": "用餐"}) == ("not ready", "meal")
        for body in ({"reason": "siesta"}, {"reason": "meal", "until": "noon"}, {}):
            async with client.post("/api/desk/not-ready", json=body) as answer:
                assert answer.status == 400
        assert await pressed("log-out") == ("logged out", "")


async def test_a_wrap_up_is_ended_and_the_note_may_come_later(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives())
    await house.calls.over(offer)
    async with house.client("1001") as client:
        async with client.post("/api/desk/wrap-up-ended") as answer:
            assert answer.status == 202
        await eventually(lambda: WrapUpEnded("1001") in house.told, "the event")
        found = await desk(client)
        assert (found["agent"]["state"], found["wrap_up"], found["card"]["call"]) == ("idle", None, offer.call)
        note = {"version": 0, "what": "note", "text": "rang the bank"}
        async with client.post(f"/api/calls/{offer.call}/card", json=note) as answer:
            assert (await answer.json())["entries"][0]["text"] == "rang the bank"
        house.time.forward(10 * 60 + 1)
        assert (await desk(client))["card"] is None, "it has left the desk"
        async with client.get(f"/api/calls/{offer.call}/card") as answer:
            assert answer.status == 200, "and may be opened again"
        house.time.forward(16 * 3600)
        await house.calls.ready("1001")
    async with house.client("1001") as client, client.get(f"/api/calls/{offer.call}/card") as answer:
        assert answer.status == 404


async def test_an_agent_who_talks_for_long_keeps_his_desk_and_one_who_left_does_not(house: RunningServer):
    await house.calls.ready("1001")
    async with house.client("1001") as client, client.get("/api/desk/events") as answer:
        stream = Stream(answer)
        offer = await house.calls.answered(house.calls.arrives())
        while (await stream.next())["data"]["call"] is None:
            pass
        for _ in range(3):
            house.time.forward(20 * 60)
            now = house.time.now()
            while datetime.fromisoformat((await stream.next(beats=True))["data"]["at"]) < now:
                pass
        assert (await desk(client))["call"]["call"] == offer.call
        await house.calls.over(offer)
        while (await stream.next())["data"]["call"] is not None:
            pass
        house.time.forward(31 * 60)
        async with asyncio.timeout(30):
            while await answer.content.readline():
                pass


async def test_a_restarted_daemon_still_knows_whose_the_call_was(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives())
    await house.calls.over(offer)
    found = house.app[CONTEXT]
    after = Desks(found)  # as the next daemon makes it, which has heard of nothing
    assert after.has("1001", offer.call)
    assert not after.has("1002", offer.call)
    shown = after.look("1001")
    assert shown is not None and shown["card"]["call"] == offer.call


async def test_a_change_of_one_desk_costs_less_than_a_look_at_the_floor(
    house: RunningServer, monkeypatch: pytest.MonkeyPatch
):
    await house.calls.ready("1001")
    looked = 0
    snapshot = house.engine.snapshot

    def counted(now: datetime) -> dict[str, Any]:
        nonlocal looked
        looked += 1
        return snapshot(now)

    async with house.client("1001") as client, client.get("/api/desk/events") as answer:
        stream = Stream(answer)
        await stream.next()
        monkeypatch.setattr(house.engine, "snapshot", counted)
        house.calls.arrives()
        assert (await stream.next())["data"]["offer"] is not None
    assert looked == 0
