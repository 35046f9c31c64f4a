"""One person, one number, over a real Asterisk: whatever the carriers' writing, the same agent, place, priority, limit, history
and callback; and what stands for nobody is no person.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind, Log
from acd.sipp.actors import Caller, Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

MORE = """
[hotline]
calls_per_number = 2
stand_ins = ["0000000001"]

[priorities]
"008613800005555" = 20

[[queues.complaints.overflow]]
do = "offer-callback"
after_s = 1
within_h = 2
why = "complaints are answered by callback"
"""
TAKES_IT = "3,,,,1,,1"
_CALLBACK = (
    *("callback-within", "callback-two", "callback-hours", "callback-keep-place", "callback-number"),
    *("callback-confirm", "callback-accepted", "called-back", "too-many-calls"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    folder = tmp_path_factory.mktemp("system")
    more: dict[str, Any] = {"brisk": True, "carrier": True, "short_prompts": _CALLBACK}
    async with FullSystem(folder, ("1001", "1002"), ring_s=1, more=MORE, **more) as system:
        yield system


def ways(national: str) -> list[str]:
    """The five writings of one mobile number."""
    return [national, f"0{national}", f"86{national}", f"+86{national}", f"0086{national}"]


async def arrived(system: FullSystem, count: int) -> Log:
    return await system.log.row(Kind.ARRIVED, count=count)


async def test_five_writings_are_one_person_with_one_agent_and_one_history(system: FullSystem):
    async with system.scene():
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
        await system.present("1002", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
        calls: list[str] = []
        for count, writing in enumerate(ways("13800001111"), start=1):
            caller = await system.asks("1", writing)
            row = await arrived(system, count)
            calls.append(row.call)
            assert row.detail["caller"] == "+8613800001111"
            assert row.detail.get("written", "+8613800001111") == writing
            assert (await system.log.talk_of(row.call, "1001")).agent == "1001"
            if count == 1:
                await system.ready("1002")  # From now on 1002 is idle longest, and would be asked first.
            await system.log.ending_of(row.call)
            await caller.wait()
        assert [system.log.offers(call) for call in calls] == [[("1001", "answered")]] * 5
        await system.caught_up()
        for writing in (*ways("13800001111"), "138****1111", "+86 138-0000-1111", "1111"):
            listed = await system.ask("GET", f"/api/calls?search={writing.replace('+', '%2B')}")
            assert [one["call"] for one in listed["calls"]] == calls[::-1], writing
            assert {one["caller"] for one in listed["calls"]} == {"138****1111"}
        status, said, complaints = await system.sanxiang("call", "list", "--search", "008613800001111")
        assert status == 0, complaints
        assert said.count("138****1111") == 5
        assert [call.call for call in await system.store.calls(search="13800001111")] == calls[::-1]
        # A part is for QA: to whom numbers are masked it would tell one digit after the other.
        assert (await system.ask("GET", "/api/calls?search=0000111"))["calls"] == []
        assert [call.call for call in await system.store.calls(search="0000111", part_of_number=True)] == calls[::-1]
        contacts = (await system.ask("GET", f"/api/calls/{calls[-1]}/contacts"))["contacts"]
        assert [one["call"] for one in contacts] == calls[-2::-1]


async def test_who_gave_up_and_calls_again_in_another_writing_has_the_former_place(system: FullSystem):
    async with system.scene():
        await system.present("1001", Phone(never_answers=True))
        impatient = await system.asks("1", "+8613800002222")
        first = (await arrived(system, 1)).call
        await system.log.row(Kind.QUEUED)
        await system.asks("1", "13900002222")
        await system.log.row(Kind.QUEUED, count=2)
        await impatient.hang_up()
        await system.log.ending_of(first)
        await system.asks("1", "013800002222")
        row = await system.log.row(Kind.QUEUED, count=3)
        assert "returned_s" in row.detail
        assert row.detail["position"] == 1
        # Nobody in particular keeps no place, and the priority of a number is its person's.
        nobody = await system.asks("1", "0000000001")
        call = (await arrived(system, 4)).call
        await system.log.row(Kind.QUEUED, count=4)
        await nobody.hang_up()
        await system.log.ending_of(call)
        await system.asks("1", "0000000001")
        again = await system.log.row(Kind.QUEUED, count=5)
        assert "returned_s" not in again.detail
        came = await arrived(system, 5)
        assert (came.detail["caller"], came.detail["written"]) == ("unknown", "0000000001")
        await system.asks("1", "8613800005555")
        assert (await system.log.row(Kind.QUEUED, count=6)).detail["priority"] == 20
        await system.everybody_hangs_up()


async def test_the_calls_of_one_number_are_counted_together(system: FullSystem):
    async with system.scene():
        await system.present("1001", Phone(never_answers=True))
        calls: dict[str, str] = {}
        for count, writing in enumerate(("13800003333", "+8613800003333"), start=1):
            await system.asks("1", writing)
            calls[writing] = (await arrived(system, count)).call
            await system.log.row(Kind.QUEUED, count=count)
        for count, writing in enumerate(("008613800003333", "8613800003333", "013800003333"), start=3):
            one_more = await system.asks("1", writing)
            call = (await arrived(system, count)).call
            assert (await system.log.ending_of(call)).detail["ending"] == Ending.TURNED_AWAY, writing
            assert await one_more.wait() == 0
            assert system.log.story(call) == ["arrived", "ended"]
        # Who is nobody in particular has no limit, and the two who wait are not disturbed.
        for count in range(6, 10):
            await system.asks("1", ("0000000001", "anonymous", "000000", "95001")[count - 6])
            await arrived(system, count)
        await system.log.row(Kind.QUEUED, count=6)
        assert {row["stage"] for row in (await system.calls()).values()} == {"waiting"}
        assert set(calls.values()) <= set(await system.calls())
        await system.everybody_hangs_up()


async def test_a_withheld_number_routes_and_nobody_is_shown_it(system: FullSystem):
    async with system.scene():
        phone = await system.staffed("1001", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
        await system.present("1002", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
        first = await system.asks("1", "13800004444")
        one = (await arrived(system, 1)).call
        await system.log.talk_of(one, "1001")
        await system.ready("1002")
        await system.log.ending_of(one)
        await first.wait()
        secret = Caller(
            "95001", "+8613800004444", keys="1", keys_after_s=BRISK_KEY_AFTER_S, headers={"Privacy": "id;critical"}
        )
        second = await system.caller(secret)
        row = await arrived(system, 2)
        assert (row.detail["caller"], row.detail["withheld"]) == ("+8613800004444", True)
        shown = (await system.calls())[row.call]["caller"]
        await system.log.talk_of(row.call, "1001")  # Who knows the person is asked first all the same.
        await system.log.ending_of(row.call)
        await second.wait()
        assert shown == "withheld"
        assert 'From: "Orders withheld"' in phone.invites()[-1]
        await system.caught_up()
        told = await system.ask("GET", f"/api/calls/{row.call}")
        assert told["call"]["caller"] == "withheld"
        assert "4444" not in str(told) and "4444" not in str(await system.ask("GET", f"/api/calls/{row.call}/card"))
        found = await system.ask("GET", "/api/calls?search=13800004444")
        assert [call["call"] for call in found["calls"]] == [one]


async def test_a_callback_goes_to_the_person_in_the_national_writing(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3))
        await system.present("1001", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
        caller = await system.asks(TAKES_IT, "+8613800006666")
        call = (await arrived(system, 1)).call
        accepted = await system.log.row(Kind.CALLBACK, lambda row: row.call == call)
        assert (accepted.detail["state"], accepted.detail["number"]) == ("accepted", "+8613800006666")
        assert await caller.wait() == 0
        await system.ready("1001")
        await eventually(outside.invites, "the call to the customer")
        assert outside.invites()[0].startswith(f"INVITE sip:13800006666@{TRUNK_ADDRESS}:")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        states = [row.detail["state"] for row in system.log.of(Kind.CALLBACK, call)]
        assert states == ["accepted", "calling", "answered"]
