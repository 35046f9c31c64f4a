"""Where a queue's policy sends callers who wait too long: voicemail and another number, and back at their place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import CALLER_HZ, Phone
from acd.store.queries.recordings import Filters
from tests.calls.support.full_system import FullSystem
from tests.calls.support.overflow_system import ELSEWHERE, attended, overflow_system
from tests.support.network import TRUNK_ADDRESS
from tests.support.recorded_sound import heard
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with overflow_system(tmp_path_factory.mktemp("system")) as system:
        yield system


async def well_filed(system: FullSystem, call: str) -> float:
    """The message's length, once it was filed, found by its call, and heard."""
    said = await system.log.row(Kind.MESSAGE, lambda row: row.call == call)
    filed = await system.log.row(Kind.RECORDED, lambda row: row.call == call)
    assert filed.offer == f"{call}-m1"
    assert filed.detail["complete"] and not filed.detail["silent"], dict(filed.detail)
    assert filed.detail["path"] == said.detail["path"]
    assert abs(filed.detail["seconds"] - said.detail["seconds"]) < 0.1
    left, right, seconds = heard(Path(system.prepared.recordings) / filed.detail["path"])
    assert abs(left - CALLER_HZ) < 5
    assert right == 0
    await system.caught_up()
    [found] = await system.store.recordings(Filters(call=call))
    assert (found.offer, found.state, found.path) == (filed.offer, "complete", filed.detail["path"])
    return seconds


async def test_a_message_is_left_and_filed_and_found(system: FullSystem):
    async with system.scene():
        await attended(system)
        await system.asks("2,,,,,,#", "13800000001")
        call = await system.log.call_of("13800000001")
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.MESSAGE
        assert 1 < await well_filed(system, call) < 8
        assert system.log.story(call) == ["arrived", "menu", "queued", "overflow", "message left", "ended", "recorded"]


async def test_a_message_of_a_caller_who_hangs_up_while_he_speaks_is_filed_too(system: FullSystem):
    async with system.scene():
        await attended(system)
        caller = await system.asks("2", "13800000002")
        call = await system.log.call_of("13800000002")
        file = Path(system.prepared.recordings) / "live" / f"{call}-m1-caller.wav"
        await eventually(lambda: file.exists() and file.stat().st_size > 40000, "two seconds of a message")
        await caller.hang_up()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.MESSAGE
        assert await well_filed(system, call) > 2


async def test_who_leaves_no_message_waits_on_and_nothing_of_it_is_kept(system: FullSystem):
    async with system.scene():
        await attended(system)
        caller = await system.asks("2,####", "13800000003")  # a key each 0.85 s, whenever the tone may come
        call = await system.log.call_of("13800000003")
        returned = await system.log.row(Kind.RETURNED)
        assert (returned.call, returned.detail["reason"]) == (call, "no message")
        await eventually(lambda: system.callers_in("waiting"), "his waiting on")
        await caller.hang_up()
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ABANDONED_QUEUE


async def test_another_number_answers_and_the_caller_is_off_our_hands(system: FullSystem):
    async with system.scene():
        await attended(system)
        outside = await system.carrier.outside(Phone(ring_s=0.5, talk_s=(2.0, 2.0)))
        await system.asks("3", "13800000004")
        call = await system.log.call_of("13800000004")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.SENT_ON
        assert (await system.log.row(Kind.SENT_ON)).detail["number"] == ELSEWHERE
        assert [invite.split()[1].split(":")[1] for invite in outside.invites()] == [f"{ELSEWHERE}@{TRUNK_ADDRESS}"]
        assert system.log.story(call) == ["arrived", "menu", "queued", "overflow", "sent on", "ended"]


async def test_a_busy_number_gives_the_caller_back_to_his_place(system: FullSystem):
    async with system.scene():
        await attended(system)
        await system.carrier.outside(Phone(code=486))
        calls = []
        for number in (5, 6):
            await system.asks("3", f"1380000000{number}")
            calls.append(await system.log.call_of(f"1380000000{number}"))
            returned = await system.log.row(Kind.RETURNED, lambda row: row.call == calls[-1])
            assert returned.detail["reason"] == "busy"
        assert [await system.position(call) for call in calls] == [1, 2]
        await system.ready("1001")
        for call in calls:
            assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert [row.call for _, row in system.log.rows() if row.kind is Kind.CONNECTED] == calls


async def test_who_is_withdrawn_is_told_and_let_go(system: FullSystem):
    async with system.scene():
        await attended(system)
        await system.asks("0", "13800000007")
        call = await system.log.call_of("13800000007")
        await system.log.row(Kind.QUEUED)
        await system.ask("POST", f"/api/calls/{call}/withdraw", {"reason": "wrong number"})
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.WITHDRAWN


async def test_a_caller_who_waits_leaves_a_message_by_a_key(system: FullSystem):
    async with system.scene():
        await attended(system)
        await system.asks("0,,2,,,,,,#", "13800000011")
        call = await system.log.call_of("13800000011")
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.MESSAGE
        assert 1 < await well_filed(system, call) < 8
        [row] = [row for _, row in system.log.rows() if row.call == call and row.kind is Kind.OVERFLOW]
        assert (row.detail["when"], row.detail["do"]) == ("key", "voicemail")
