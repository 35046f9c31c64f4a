"""A fault is declared: a caller hears it and asks to be called; it is mended: the caller is called and hears the news."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Log
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.many_callers import ManyCallers
from tests.calls.support.overflow_system import TALKS, attended
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

_PROMPTS = (
    *("fault-register", "fault-person", "fault-other-matter", "fault-or-hang-up", "fault-registered", "goodbye"),
    *("callback-number", "callback-confirm", "fault-news-hello", "fault-news-mended", "fault-news-after"),
    *(f"number-{digit}" for digit in range(10)),
)
WORDS = {"zh": "浦东断网", "en": "Pudong is offline", "everybody": True}
REGISTERS = "1,,1"
"""In the announcement; and the number is right."""
CLASSES = """
[faults.classes.outage]
zh = "网络中断"
priority = 2
tries_after_m = [1]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    async with FullSystem(
        folder, ("1001",), ring_s=1, brisk=True, more=CLASSES, carrier=True, short_prompts=_PROMPTS
    ) as system:
        yield system


async def fault(system: FullSystem, number: str) -> dict[str, Any]:
    status, row = await system.request("GET", f"/api/faults/{number}")
    assert status == 200, row
    return dict(row)


async def declared(system: FullSystem, **more: Any) -> str:
    status, told = await system.request("POST", "/api/faults", {**WORDS, **more})
    assert status == 201, told
    assert told["warnings"] == []
    return str(told["fault"])


def states(system: FullSystem, name: str) -> list[str]:
    """What became of the calls with the news."""
    rows = [row.detail for _, row in system.log.rows() if row.kind is Kind.STORY_CALL]
    return [str(row["state"]) for row in rows if row["subject"] == name]


def of(name: str, state: str) -> Any:
    def fits(row: Log) -> bool:
        return (row.detail.get("fault"), row.detail.get("subject")).count(name) > 0 and row.detail["state"] == state

    return fits


async def test_a_caller_hears_of_the_fault_registers_and_is_called_with_the_news(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3))
        name = await declared(system)
        [words] = list((Path(system.prepared.sounds) / "zh").glob("told-*.wav"))
        assert words.stat().st_size > 8000  # half a second of speech and more
        caller = await system.asks(REGISTERS, "13800000011")
        call = await system.log.call_of("13800000011")
        await system.log.row(Kind.FAULT, of(name, "heard"))
        registered = await system.log.row(Kind.FAULT, of(name, "registered"))
        assert registered.detail["number"] == "+8613800000011"
        assert await caller.wait() == 0  # hung up by us
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.SERVED
        assert outside.invites() == []

        status, told = await system.request("POST", f"/api/faults/{name}/clear", {})
        assert (status, told["to_tell"]) == (200, 1)
        await system.log.row(Kind.STORY_CALL, of(name, "told"))
        assert states(system, name) == ["calling", "answered", "told"]
        [invite] = outside.invites()
        assert invite.startswith(f"INVITE sip:13800000011@{TRUNK_ADDRESS}:")
        assert "From: <sip:95001@" in invite
        row = await fault(system, name)
        assert (row["concerned"], row["deflected"], row["told"], row["open"]) == (1, 1, 1, False)
        assert [each.call for each in system.log.of(Kind.ARRIVED)] == [call]  # the news is no call of the hotline's


async def test_who_is_called_may_press_1_for_a_person_and_the_daemon_may_fall_in_between(system: FullSystem):
    async with system.scene():
        await system.carrier.outside(Phone(ring_s=0.3, presses="1", presses_after_s=2.5))
        name = await declared(system)
        caller = await system.asks(REGISTERS, "13800000012")
        await system.log.row(Kind.FAULT, of(name, "registered"))
        await caller.wait()
        await system.faults.back(system.faults.kill("daemon", signal.SIGKILL))
        await attended(system, "1001", TALKS)
        await system.ready("1001")
        assert (await fault(system, name))["to_tell"] == 1
        status, told = await system.request("POST", f"/api/faults/{name}/clear", {"zh": "浦东恢复了"})
        assert (status, told["warnings"]) == (200, [])
        story = await system.log.row(Kind.STORY_CALL, of(name, "told"))
        assert story.detail["reason"] == "person"
        talk = await system.log.row(Kind.TALK_ENDED, lambda row: row.call == story.detail["id"])
        assert talk.agent == "1001"
        assert (await system.log.ending_of(talk.call)).detail["ending"] == Ending.ANSWERED


async def test_who_presses_0_in_the_announcement_gets_a_person_and_goes_ahead(system: FullSystem):
    async with system.scene():
        await attended(system, "1001", TALKS)
        await system.ready("1001")
        name = await declared(system, fault_class="outage")
        await system.asks("0", "13800000013")
        call = await system.log.call_of("13800000013")
        queued = await system.log.row(Kind.QUEUED, lambda row: row.call == call)
        assert queued.detail["priority"] == 2
        await system.log.ending_of(call)

        async def counted() -> bool:
            return bool((await fault(system, name))["gone_on"] == 1)

        await eventually(counted, "the call that went on")
        status, _ = await system.request("POST", f"/api/faults/{name}/clear", {"quietly": True})
        assert status == 200


@pytest.mark.drill
async def test_many_callers_in_one_fault_are_each_counted_and_called_once(system: FullSystem, whole: bool):
    callers = 50 if whole else 6
    async with system.scene(), ManyCallers(system.prepared.sip_port) as many:
        await system.carrier.outside(Phone(ring_s=0.2))
        name = await declared(system, zh=f"大面积断网{callers}")
        lines = [many.caller(f"1390001{number:04}") for number in range(callers)]
        for line in lines:
            line.invite()
        for line in lines:
            await line.is_answered()
            line.speak()
        await eventually(lambda: heard(system, name) == callers, "everybody to hear it", 60)
        for _ in range(2):
            await asyncio.sleep(2.0)  # a person takes as long to press a key and to hear the number
            for line in lines:
                line.key("1")

        async def reached(count: str) -> bool:
            return bool((await fault(system, name))[count] == callers)

        await eventually(lambda: reached("registered"), "everybody to be registered", 60)
        await eventually(lambda: reached("deflected"), "the ends of all calls", 60)
        await system.request("POST", f"/api/faults/{name}/clear", {})
        await eventually(lambda: reached("told"), "everybody to be told", 300)
        assert states(system, name).count("calling") == callers


def heard(system: FullSystem, name: str) -> int:
    rows = [row.detail for _, row in system.log.rows() if row.kind is Kind.FAULT]
    return sum(row["fault"] == name and row["state"] == "heard" for row in rows)
