"""A daemon that is gone in the middle of a hold, a consult, a three-way: what the next one finds, and that it can go on.

On a real Asterisk; the first floor leaves without a word, as a killed daemon does, and the second has a newer epoch.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from acd.engine.callback_events import CallSentOn
from acd.engine.commands import HangUp
from acd.engine.events import AgentRinging, BridgeEnded, CallBridged, CallerHungUp, OfferFailed, PbxFound
from acd.engine.pbx_report import FoundCall
from acd.engine.transfer_events import CallRetrieved, ConsultBegan
from acd.sipp.actors import Phone, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.scenarios import AMY, BOB
from tests.pbx.support.transfer_scenarios import UP, consulting, hangs_up, talking
from tests.support.waiting import eventually


async def found_anew(house: AsteriskFixture, floor: LinkUnderTest, epoch: int = 2) -> tuple[LinkUnderTest, FoundCall]:
    """The next daemon, and the one caller that it has found."""
    await floor.leave()
    house.floors.remove(floor)
    second = await house.linked(epoch)
    [call] = second.of(PbxFound)[0].calls
    return second, call


async def ended(floor: LinkUnderTest, caller: SippCaller) -> None:
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def in_room(house: AsteriskFixture, context: str, count: int = 1) -> bool:
    return sum(line.split("!")[1] == context for line in await house.channels()) >= count


async def waits(house: AsteriskFixture) -> bool:
    """In the waiting room, or where that leads when the daemon has been silent for ten seconds."""
    rooms = {line.split("!")[1] for line in await house.channels()}
    return bool(rooms & {"waiting", "alone", "nobody"})


async def test_a_caller_on_hold_by_page_is_found_held_by_his_agent_and_retrieved(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    floor.hold(call, AMY)
    await eventually(lambda: in_room(house, "holding"))
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.offer, found.consulted) == ("held", AMY, f"{call}-1", "")
    assert found.talk is not None and found.talk.agent == AMY
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await ended(floor, caller)
    assert floor.of(BridgeEnded) == [BridgeEnded(AMY, call, f"{call}-1", "caller")]


async def test_a_receiver_who_rings_is_found_ringing_and_his_answer_begins_the_consult(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    await house.agents(BOB, Phone(ring_s=4))
    floor.consult(call, AMY, BOB)
    await floor.until(AgentRinging, lambda event: event.agent == BOB)
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.consulted) == ("held", AMY, BOB)
    assert (found.consult_offer, found.consult_up) == (f"{call}-2", False)
    assert await floor.until(ConsultBegan) == ConsultBegan(call, BOB, f"{call}-2")
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged)
    assert await floor.until(BridgeEnded) == BridgeEnded(AMY, call, f"{call}-1", "transfer")
    await ended(floor, caller)


async def test_a_receiver_who_rejects_after_the_daemon_has_come_back_is_told_of(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    await house.agents(BOB, Phone(never_answers=True))
    floor.consult(call, AMY, BOB)
    await floor.until(AgentRinging, lambda event: event.agent == BOB)
    floor, _ = await found_anew(house, floor)
    await hangs_up(house, floor, BOB)
    assert (await floor.until(OfferFailed)).offer == f"{call}-2"
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await ended(floor, caller)


@pytest.mark.parametrize("takes_back", [True, False], ids=["taken back", "completed"])
async def test_a_consult_is_found_and_goes_on(house: AsteriskFixture, takes_back: bool):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    floor, found = await found_anew(house, floor)
    assert replace(found, talk=None, waiting_for_s=0.0) == FoundCall(
        call,
        "held",
        "+8613800001111",
        "95001",
        "billing",
        written="13800001111",
        language="zh",
        agent=AMY,
        offer=f"{call}-1",
        consulted=BOB,
        consult_offer=f"{call}-2",
        consult_up=True,
    )
    if takes_back:
        floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
        floor.join(call, AMY, 1, begins=False)
        await floor.until(CallRetrieved)
        assert await floor.until(BridgeEnded) == BridgeEnded(BOB, call, f"{call}-2", "transfer")
    else:
        floor.join(call, BOB, 2, begins=True)
        await floor.until(CallBridged)
        assert await floor.until(BridgeEnded) == BridgeEnded(AMY, call, f"{call}-1", "transfer")
    await ended(floor, caller)


async def test_all_three_in_one_talk_are_found_so(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    floor.three_way(call, AMY, BOB)
    await floor.until(CallRetrieved)
    await eventually(lambda: in_room(house, "conference", 3))
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.three_way) == ("talking", AMY, True)
    assert (found.consulted, found.consult_offer, found.consult_up) == (BOB, f"{call}-2", True)
    await hangs_up(house, floor, AMY)
    assert await floor.until(BridgeEnded) == BridgeEnded(AMY, call, f"{call}-1", "agent")
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged)
    await ended(floor, caller)


async def test_a_receiver_whose_first_agent_hung_up_unheard_waits_for_the_caller(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    phone = hangs_up(house, floor, AMY)
    await floor.leave()
    await phone
    await eventually(lambda: in_room(house, "consulted"))
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.consulted, found.consult_up) == ("held", "", BOB, True)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged)
    await ended(floor, caller)


@pytest.mark.parametrize("begins", [True, False], ids=["with his receiver", "with his first agent again"])
async def test_a_caller_who_was_joined_is_found_talking(house: AsteriskFixture, begins: bool):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    agent, number = (BOB, 2) if begins else (AMY, 1)
    floor.join(call, agent, number, begins)
    await floor.until(BridgeEnded)
    # The first agent's own talk was told as bridged before.
    await floor.until(CallBridged if begins else CallRetrieved, count=2 if begins else 1)
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.offer, found.consulted) == ("talking", agent, f"{call}-{number}", "")
    assert found.talk is not None and (found.talk.agent, found.talk.offer) == (agent, f"{call}-{number}")
    await ended(floor, caller)
    assert floor.of(BridgeEnded) == [BridgeEnded(agent, call, f"{call}-{number}", "caller")]


@pytest.fixture
async def slow(house: AsteriskFixture) -> AsyncIterator[None]:
    """Between two recorders a caller's packet is waited for: here for so long that there is time to look."""
    await house.cli("dialplan add extension s,7,Wait,4 into unrecorded replace")
    yield
    await house.cli("dialplan reload")


@pytest.mark.usefixtures("slow")
async def test_a_caller_in_a_routine_is_found_in_the_room_that_called_it(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await consulting(house, floor)
    floor.join(call, BOB, 2, begins=True)
    await eventually(lambda: in_room(house, "unrecorded"))
    floor, found = await found_anew(house, floor)
    assert await in_room(house, "unrecorded")
    assert (found.call, found.place, found.consulted) == (call, "held", BOB)
    await house.cli("dialplan reload")
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged)
    await ended(floor, caller)


async def test_a_number_that_is_consulted_is_found_and_takes_the_caller(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    await house.carrier(UP)
    floor.consult(call, AMY, number="13900009999")
    await floor.until(ConsultBegan)
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.consulted) == ("held", AMY, "")
    assert floor.of(ConsultBegan) == [ConsultBegan(call)]
    floor.join(call, "", 0, begins=True)
    await floor.until(CallSentOn)
    await floor.until(BridgeEnded)
    await ended(floor, caller)


async def test_a_caller_on_hold_whose_agent_has_gone_waits_again_without_any_daemon(house: AsteriskFixture):
    floor = await house.linked()
    call, caller = await talking(house, floor)
    floor.hold(call, AMY)
    await eventually(lambda: in_room(house, "holding"))
    phone = hangs_up(house, floor, AMY)
    await floor.leave()
    await phone
    await eventually(lambda: waits(house), "the waiting room")
    await caller.hang_up()


async def test_an_agent_whose_caller_is_on_hold_has_him_back_when_no_daemon_is_left(house: AsteriskFixture):
    """A daemon that comes back later finds them talking."""
    floor = await house.linked()
    call, caller = await talking(house, floor)
    floor.hold(call, AMY)
    await eventually(lambda: in_room(house, "holding"))
    await floor.leave()
    await eventually(lambda: _talk(house), "the talk")
    floor, found = await found_anew(house, floor)
    assert (found.place, found.agent, found.offer) == ("talking", AMY, f"{call}-1")
    assert found.talk is not None and 0 < found.talk.again_s < found.talk.began_s
    await ended(floor, caller)


async def _talk(house: AsteriskFixture) -> bool:
    bridges = [line.split("!")[12] for line in await house.channels()]
    return len(bridges) == 2 and bridges[0] == bridges[1] != ""
