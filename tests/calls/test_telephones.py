"""Telephones with habits of their own in the whole product: told by name, and the figures stay true."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Outcome
from acd.sipp.actors import Caller, Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.overflow_system import ELSEWHERE
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.recorded_sound import well_recorded
from tests.support.waiting import eventually

ANSWERS = Phone(ring_s=0.3, talk_s=(4.0, 4.0))
MORE = f"""
[[queues.after-sales.overflow]]
when = "unstaffed"
do = "voicemail"
why = "nobody can be rung"

[routing]
log_out_unreachable_min = 0.1
same_agent = "off"

[agents.1009]
name = "On the road"
skills = {{ zh = 5, orders = 5, after-sales = 5 }}
outside = "{ELSEWHERE}"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    prompts = ("leave-a-message", "outside-accept", "agent-phone-works")
    folder = tmp_path_factory.mktemp("system")
    async with FullSystem(folder, ring_s=1, brisk=True, more=MORE, carrier=True, short_prompts=prompts) as system:
        yield system


async def queue(system: FullSystem, name: str = "orders") -> dict[str, Any]:
    return next(row for row in (await system.state())["queues"] if row["name"] == name)


async def row_of_callers(system: FullSystem, key: str, calls: int) -> None:
    caller = Caller("95001", "1380000000[field0]", keys=key, keys_after_s=BRISK_KEY_AFTER_S, stays_s=60)
    await system.caller(caller, calls=calls, rows=[(str(number),) for number in range(1, calls + 1)])


@pytest.mark.parametrize(
    ("phone", "habit", "outcome"),
    [
        (Phone(code=486), "do-not-disturb", Outcome.BUSY),
        (Phone(code=603), "do-not-disturb", Outcome.REJECTED),
        (Phone(forwards_to="sip:95001@127.0.0.1"), "forwards", Outcome.FORWARDED),
    ],
    ids=["486", "603", "302"],
)
async def test_a_telephone_that_refuses_three_callers_sets_its_agent_not_ready_and_the_next_agent_serves_them(
    system: FullSystem, phone: Phone, habit: str, outcome: Outcome
):
    async with system.scene():
        await system.staffed("1001", phone)
        assert (await queue(system))["available"] == 1
        await row_of_callers(system, "1", 3)
        await system.comes_to_be("1001", "not ready", "phone-refuses")
        figures = await queue(system)
        assert (figures["staffed"], figures["available"]) == (0, 0)
        assert figures["median_s"] > 0  # 0 would mean that somebody is free
        about = await system.agent("1001")
        assert (about["habits"], about["reachable"]) == ({habit: 3}, True)
        if habit == "forwards":
            status, output, _ = await system.sanxiang("agent", "list")
            assert status == 0 and "reachable; forwards calls elsewhere; the forwarding was not followed (x3)" in output
        alarm = await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == "telephone refuses")
        assert (alarm.agent, alarm.detail["habit"], alarm.detail["times"]) == ("1001", habit, 3)
        assert {row.detail["outcome"] for row in system.log.of(Kind.OFFER_ENDED)} == {outcome}
        assert not any(name[0].startswith("Local/") for name in await system.channels())
        await system.staffed("1002", ANSWERS)
        await system.log.row(Kind.ENDED, count=3)
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        assert len(system.log.of(Kind.ARRIVED)) == 3  # and no call of our own in our own menu


async def test_the_last_telephone_refuses_and_the_callers_are_asked_for_a_message_until_a_test_call_is_answered(
    system: FullSystem,
):
    async with system.scene():
        refuses = await system.staffed("1001", Phone(code=486))
        await row_of_callers(system, "2,,,,,,#", 3)
        await system.comes_to_be("1001", "not ready", "phone-refuses")
        assert (await queue(system, "after-sales"))["staffed"] == 0
        await system.log.row(Kind.ENDED, count=3)
        assert set(system.log.endings().values()) == {Ending.MESSAGE}

        status, _ = await system.request("POST", "/api/agents/1001/test-phone", {})
        assert status == 202

        async def tested() -> Any:
            result = (await system.agent("1001"))["phone_test"]
            return result if result != "under way" else ""

        assert await eventually(tested, "the test of 1001's telephone") == "busy"
        await system.comes_to_be("1001", "not ready", "phone-refuses")
        await refuses.stop()
        await system.staffed("1001", Phone(ring_s=0.3), ready=False)
        await system.request("POST", "/api/agents/1001/test-phone", {})
        await system.comes_to_be("1001", "idle")
        about = await system.agent("1001")
        assert (about["habits"], about["phone_test"]) == ({}, "answered")
        assert (await queue(system, "after-sales"))["staffed"] == 1
        status, problem = await system.request("POST", "/api/agents/1009/test-phone", {})
        assert (status, problem["code"]) == (409, "phone-outside")


async def test_one_answer_of_404_does_not_make_an_agent_unreachable(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(code=404))
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.OFFER_ENDED, count=2)  # asked again after the pause of five seconds
        assert system.log.offers(call) == [("1001", Outcome.FAILED)] * 2
        assert not [
            row
            for row in system.log.of(Kind.PHONE)
            if row.agent == "1001" and "habit" in row.detail and not row.detail["reachable"]
        ]
        assert await system.reachable("1001")
        await system.staffed("1002", ANSWERS)
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED


async def test_a_dead_telephone_is_no_staff_and_its_agent_is_logged_out_in_time(system: FullSystem):
    async with system.scene():
        dead = await system.staffed("1001", ANSWERS)
        assert (await queue(system))["staffed"] == 1
        dead.freeze()
        await system.comes_to_be("1001", "unreachable")
        assert (await queue(system))["available"] == 0
        await system.comes_to_be("1001", "logged out", "phone-gone")
        assert (await queue(system))["staffed"] == 0
        assert system.log.alarms() == ["agent logged out"]
        dead.thaw()


async def test_two_telephones_of_one_account_are_told_with_their_addresses(system: FullSystem):
    async with system.scene():
        one = await system.staffed("1003", ANSWERS, ready=False)
        other = await system.staffed("1003", ANSWERS, ready=False)
        for row in (one, other):
            await row.uas.stop()
            await row.register(3600)
        told = await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == "telephone two-places")
        places = sorted(f"127.0.0.1:{row.port}" for row in (one, other))
        assert (told.agent, told.detail["places"]) == ("1003", places)
        assert (await system.agent("1003"))["habits"]["two-places"] >= 4


async def test_an_agent_on_a_mobile_takes_the_call_by_a_key(system: FullSystem):
    async with system.scene():
        mobile = await system.carrier.outside(Phone(ring_s=0.5, presses="1", presses_after_s=1.0, talk_s=(2.5, 2.5)))
        await system.ready("1009")
        await system.comes_to_be("1009", "idle")
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        connected = await system.log.row(Kind.CONNECTED)
        assert (connected.call, connected.agent) == (call, "1009")
        [invite] = mobile.invites()
        assert invite.startswith(f"INVITE sip:{ELSEWHERE}@")
        assert len(await system.channels()) == 2  # the caller, and the mobile
        answered = await system.log.row(Kind.ANSWERED)
        assert answered.detail["rings"] == 1
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        await system.log.row(Kind.RECORDED)
        await system.caught_up()
        [offer] = await system.store.offers(call)
        assert (offer.agent, offer.outcome) == ("1009", "answered")
        assert well_recorded(Path(system.prepared.recordings), await system.store.recording(offer.offer))


async def test_a_mailbox_presses_no_key_and_the_caller_goes_to_the_next_agent(system: FullSystem):
    async with system.scene():
        await system.carrier.outside(Phone(ring_s=0.5))
        await system.ready("1009")
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.comes_to_be("1009", "not ready", "ring no answer")
        await system.staffed("1002", ANSWERS)
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert system.log.offers(call) == [("1009", Outcome.RING_NO_ANSWER), ("1002", Outcome.ANSWERED)]
        assert [row.agent for row in system.log.of(Kind.ANSWERED)] == ["1002"]


async def test_in_the_plain_queue_too_a_telephone_that_forwards_is_not_followed(system: FullSystem):
    """While no daemon answers, the caller of such an agent waits on; nobody is connected with a sentence, or hung up on."""
    async with system.scene():
        forwards = await system.staffed("1001", Phone(forwards_to=f"sip:1002@127.0.0.1:{system.prepared.sip_port}"))

        async def known() -> bool:
            return "PJSIP/1001" in await system.cli("dialplan show globals")

        await eventually(known, "the daemon's word to the plain queue")
        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        await system.asks("1", "13800000001")
        await eventually(lambda: len(forwards.invites()) >= 2, "two rings by the plain queue", 60)
        assert await system.callers_in("alone") == 1
        assert not any(name[0].startswith("Local/") for name in await system.channels())
        system.faults.bring_back("daemon")
        await system.serving()
        await system.staffed("1003", ANSWERS)
        call = await system.log.call_of("13800000001")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert system.log.offers(call)[-1] == ("1003", Outcome.ANSWERED)
