"""Scenes of callers who are handed over: held, consulted about, joined, all three in one talk. The test is in the engine's
place, as in scenarios.py, and the people are SIPp.
"""

from __future__ import annotations

import asyncio

from acd.engine.callback_events import CallSentOn
from acd.engine.commands import HangUp
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    Event,
    OfferFailed,
)
from acd.engine.transfer_events import CallHeld, CallRetrieved, ConsultBegan, ConsultEnded
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.phone_transfer_scenarios import telephone
from tests.pbx.support.scenarios import (
    AMY,
    ARRIVED,
    BOB,
    CALL,
    QUEUED,
    RANG,
    SCENARIOS,
    TALKED,
    WHISPERED,
    Scenario,
    ended,
    hung_up,
    queued,
    steps,
    whispers,
)
from tests.support.waiting import eventually

CLEO = "1003"
UP = Phone(ring_s=0.3)
ANSWERED = (AgentDialled, AgentRinging, AgentAnswered)
WELL_AFTER_S = 1.1
"""A shorter talk has served nobody, and its caller hears no goodbye."""


async def talking(house: AsteriskFixture, floor: LinkUnderTest, caller: Caller | None = None) -> tuple[str, SippCaller]:
    """Amy talks with a caller."""
    await house.agents(AMY, UP)
    call, actor = await queued(house, floor, caller)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    await asyncio.sleep(WELL_AFTER_S)
    return call, actor


async def consulting(house: AsteriskFixture, floor: LinkUnderTest) -> tuple[str, SippCaller]:
    """Amy speaks with Bob about a caller on hold."""
    call, actor = await talking(house, floor)
    await house.agents(BOB, UP)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    return call, actor


async def hangs_up(house: AsteriskFixture, floor: LinkUnderTest, agent: str) -> None:
    """As if he had laid the receiver down."""
    channel = next(leg.channel for leg in floor.pbx.book.agent_legs.values() if leg.agent == agent)
    await house.cli(f"channel request hangup {channel}")


async def cold_to_an_agent(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, _ = await talking(house, floor)
    await house.agents(BOB, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def cold_to_a_queue_where_nobody_is_free(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await talking(house, floor)
    floor.send_to(call, "waiting")
    await floor.until(BridgeEnded)
    await eventually(lambda: _context(house, "waiting"), "the waiting room")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def _context(house: AsteriskFixture, context: str) -> bool:
    return any(line.split("!")[1] == context for line in await house.channels())


async def warm_completed(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, _ = await consulting(house, floor)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await floor.until(BridgeEnded)
    await asyncio.sleep(WELL_AFTER_S)
    await hangs_up(house, floor, BOB)
    await floor.until(CallerHungUp)


async def whispered_to_in_a_consult_and_joined_at_once(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """The receiver is joined with the caller in the middle of the words."""
    call, caller = await talking(house, floor)
    await house.agents(BOB, UP)
    floor.presented = WHISPERED
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    await eventually(lambda: whispers(house), "the whisper")
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await floor.until(BridgeEnded)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def warm_taken_back(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, _ = await consulting(house, floor)
    floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await floor.until(BridgeEnded)
    await hangs_up(house, floor, AMY)
    await floor.until(CallerHungUp)


async def warm_taken_back_and_then_completed(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await floor.until(BridgeEnded)
    floor.consult(call, AMY, BOB, of=1)
    await floor.until(ConsultBegan, count=2)
    floor.join(call, BOB, 3, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await floor.until(BridgeEnded, count=2)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def warm_twice_in_a_row(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await floor.until(BridgeEnded)
    await house.agents(CLEO, UP)
    floor.consult(call, BOB, CLEO)
    await floor.until(ConsultBegan, count=2)
    floor.join(call, CLEO, 3, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == CLEO)
    await floor.until(BridgeEnded, count=2)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def three_way_and_the_first_agent_leaves(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, _ = await consulting(house, floor)
    floor.three_way(call, AMY, BOB)
    await floor.until(CallRetrieved)
    await hangs_up(house, floor, AMY)
    await floor.until(BridgeEnded)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await asyncio.sleep(WELL_AFTER_S)
    await hangs_up(house, floor, BOB)
    await floor.until(CallerHungUp)


async def three_way_and_the_receiver_leaves(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    floor.three_way(call, AMY, BOB)
    await floor.until(CallRetrieved)
    await hangs_up(house, floor, BOB)
    await floor.until(BridgeEnded)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved, count=2)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def three_way_and_the_caller_leaves(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    floor.three_way(call, AMY, BOB)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    floor.pbx.carry_out(HangUp(call, AMY, f"{call}-1"))
    floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
    await house.empty()


async def held_by_page_and_retrieved(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await talking(house, floor)
    floor.hold(call, AMY)
    await eventually(lambda: _context(house, "holding"), "the agent's waiting")
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def held_at_the_telephone_and_retrieved(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """By re-INVITE: no channel moves, Asterisk plays music."""
    amy = await telephone(house, AMY)
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    amy.hold()
    await floor.until(CallHeld)
    amy.retrieve()
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def held_at_the_telephone_and_handed_over(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """His line, on hold, ends with that."""
    amy = await telephone(house, AMY)
    await house.agents(BOB, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    call, _ = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    amy.hold()
    await floor.until(CallHeld)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def receiver_rejects(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await talking(house, floor)
    await house.agents(BOB, Phone(code=603))
    floor.consult(call, AMY, BOB)
    await floor.until(OfferFailed)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def receiver_rings_too_long(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await talking(house, floor)
    await house.agents(BOB, Phone(never_answers=True))
    floor.consult(call, AMY, BOB)
    await floor.until(AgentRinging, lambda event: event.agent == BOB)
    floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def caller_gone_during_the_consult(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    floor.pbx.carry_out(HangUp(call, BOB, f"{call}-2"))
    floor.pbx.carry_out(HangUp(call, AMY, f"{call}-1"))
    await house.empty()


async def first_agent_gone_while_the_receiver_rings(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, _ = await talking(house, floor)
    await house.agents(BOB, Phone(ring_s=1.5, talk_s=(2.5, 2.5)))
    floor.consult(call, AMY, BOB)
    await floor.until(AgentRinging, lambda event: event.agent == BOB)
    await hangs_up(house, floor, AMY)
    await floor.until(BridgeEnded)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def completed_while_the_receiver_rings(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """The first agent is hung up and the caller offered in one breath: the receiver's telephone rings anew."""
    call, _ = await talking(house, floor)
    await house.agents(BOB, Phone(ring_s=1.0, talk_s=(2.5, 2.5)))
    floor.consult(call, AMY, BOB)
    await floor.until(AgentRinging, lambda event: event.agent == BOB)
    floor.pbx.carry_out(HangUp(call, AMY, f"{call}-1"))
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def first_agent_gone_while_they_speak(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    await hangs_up(house, floor, AMY)
    await floor.until(BridgeEnded)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def receiver_hangs_up_in_the_consult(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await consulting(house, floor)
    await hangs_up(house, floor, BOB)
    await floor.until(BridgeEnded)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def a_number_is_consulted_and_takes_the_caller(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await talking(house, floor)
    await house.carrier(UP)
    floor.consult(call, AMY, number="13900009999")
    await floor.until(ConsultBegan)
    floor.pbx.carry_out(HangUp(call, AMY, f"{call}-1"))
    floor.join(call, "", 0, begins=True)
    await floor.until(CallSentOn)
    await floor.until(BridgeEnded)
    await eventually(lambda: _bridged(house, 2), "the talk with the number")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def _bridged(house: AsteriskFixture, channels: int) -> bool:
    """So many channels are there, all in one bridge."""
    bridges = [line.split("!")[12] for line in await house.channels()]
    return len(bridges) == channels and len(set(bridges)) == 1 and "" not in bridges


async def a_number_is_consulted_that_is_busy(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await talking(house, floor)
    await house.carrier(Phone(code=486))
    floor.consult(call, AMY, number="13900009999")
    await floor.until(ConsultEnded)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


TALK: list[Event] = [ARRIVED, QUEUED, *steps(AMY, 1, *TALKED)]
CONSULT: list[Event] = [*TALK, *steps(BOB, 2, *ANSWERED), ConsultBegan(CALL, BOB, f"{CALL}-2")]
RETRIEVED = CallRetrieved(CALL, AMY)
BY_CALLER: list[Event] = [ended(AMY, 1, "caller"), hung_up(16)]
BOBS = steps(BOB, 2, CallBridged)


def scene(play: object, told: list[Event], *anywhere: Event) -> Scenario:
    return Scenario(play, told, anywhere=anywhere)  # type: ignore[arg-type]


HANDED_OVER: dict[str, Scenario] = {
    "cold_to_an_agent": scene(
        cold_to_an_agent,
        [*TALK, *steps(BOB, 2, *TALKED), ended(BOB, 2, "agent"), hung_up(16)],
        ended(AMY, 1, "transfer"),
    ),
    "cold_to_a_queue_where_nobody_is_free": scene(
        cold_to_a_queue_where_nobody_is_free, [*TALK, ended(AMY, 1, "transfer"), hung_up(16)]
    ),
    "warm_completed": scene(
        warm_completed, [*CONSULT, *BOBS, ended(BOB, 2, "agent"), hung_up(16)], ended(AMY, 1, "transfer")
    ),
    "whispered_to_in_a_consult_and_joined_at_once": scene(
        whispered_to_in_a_consult_and_joined_at_once,
        [*CONSULT, *BOBS, ended(BOB, 2, "caller"), hung_up(16)],
        ended(AMY, 1, "transfer"),
    ),
    "warm_taken_back": scene(
        warm_taken_back, [*CONSULT, RETRIEVED, ended(AMY, 1, "agent"), hung_up(16)], ended(BOB, 2, "transfer")
    ),
    "warm_taken_back_and_then_completed": scene(
        warm_taken_back_and_then_completed,
        [
            *CONSULT,
            RETRIEVED,
            *steps(BOB, 3, *ANSWERED),
            ConsultBegan(CALL, BOB, f"{CALL}-3"),
            *steps(BOB, 3, CallBridged),
            ended(BOB, 3, "caller"),
            hung_up(16),
        ],
        ended(BOB, 2, "transfer"),
        ended(AMY, 1, "transfer"),
    ),
    "warm_twice_in_a_row": scene(
        warm_twice_in_a_row,
        [
            *CONSULT,
            *BOBS,
            *steps(CLEO, 3, *ANSWERED),
            ConsultBegan(CALL, CLEO, f"{CALL}-3"),
            *steps(CLEO, 3, CallBridged),
            ended(CLEO, 3, "caller"),
            hung_up(16),
        ],
        ended(AMY, 1, "transfer"),
        ended(BOB, 2, "transfer"),
    ),
    "three_way_and_the_first_agent_leaves": scene(
        three_way_and_the_first_agent_leaves,
        [*CONSULT, RETRIEVED, ended(AMY, 1, "agent"), *BOBS, ended(BOB, 2, "agent"), hung_up(16)],
    ),
    "three_way_and_the_receiver_leaves": scene(
        three_way_and_the_receiver_leaves, [*CONSULT, RETRIEVED, ended(BOB, 2, "agent"), RETRIEVED, *BY_CALLER]
    ),
    "three_way_and_the_caller_leaves": scene(three_way_and_the_caller_leaves, [*CONSULT, RETRIEVED, hung_up(16)]),
    "held_by_page_and_retrieved": scene(held_by_page_and_retrieved, [*TALK, RETRIEVED, *BY_CALLER]),
    "held_at_the_telephone_and_retrieved": scene(
        held_at_the_telephone_and_retrieved, [*TALK, CallHeld(CALL, AMY), RETRIEVED, *BY_CALLER]
    ),
    "held_at_the_telephone_and_handed_over": scene(
        held_at_the_telephone_and_handed_over,
        [*TALK, CallHeld(CALL, AMY), *steps(BOB, 2, *TALKED), ended(BOB, 2, "agent"), hung_up(16)],
        ended(AMY, 1, "transfer"),
    ),
    "receiver_rejects": scene(
        receiver_rejects,
        [
            *TALK,
            *steps(BOB, 2, AgentDialled),
            OfferFailed(BOB, CALL, f"{CALL}-2", "rejected", 21),
            RETRIEVED,
            *BY_CALLER,
        ],
    ),
    "receiver_rings_too_long": scene(receiver_rings_too_long, [*TALK, *steps(BOB, 2, *RANG), RETRIEVED, *BY_CALLER]),
    "caller_gone_during_the_consult": scene(caller_gone_during_the_consult, [*CONSULT, hung_up(16)]),
    "first_agent_gone_while_the_receiver_rings": scene(
        first_agent_gone_while_the_receiver_rings,
        [
            *TALK,
            *steps(BOB, 2, *RANG),
            ended(AMY, 1, "agent"),
            *steps(BOB, 3, *TALKED),
            ended(BOB, 3, "agent"),
            hung_up(16),
        ],
    ),
    "completed_while_the_receiver_rings": scene(
        completed_while_the_receiver_rings,
        [*TALK, *steps(BOB, 2, *RANG), *steps(BOB, 3, *TALKED), ended(BOB, 3, "agent"), hung_up(16)],
        ended(AMY, 1, "transfer"),
    ),
    "first_agent_gone_while_they_speak": scene(
        first_agent_gone_while_they_speak,
        [*CONSULT, ended(AMY, 1, "agent"), *BOBS, ended(BOB, 2, "caller"), hung_up(16)],
    ),
    "receiver_hangs_up_in_the_consult": scene(
        receiver_hangs_up_in_the_consult, [*CONSULT, ended(BOB, 2, "agent"), RETRIEVED, *BY_CALLER]
    ),
    "a_number_is_consulted_and_takes_the_caller": scene(
        a_number_is_consulted_and_takes_the_caller,
        [*TALK, ConsultBegan(CALL), CallSentOn(CALL), hung_up(16)],
        ended(AMY, 1, "transfer"),
    ),
    "a_number_is_consulted_that_is_busy": scene(
        a_number_is_consulted_that_is_busy, [*TALK, ConsultEnded(CALL, "busy"), RETRIEVED, *BY_CALLER]
    ),
}
ALL = SCENARIOS | HANDED_OVER
