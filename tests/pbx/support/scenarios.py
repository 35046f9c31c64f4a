"""Scenes of one caller and some agents on a real Asterisk, and what the floor must hear of each.

A scene is played by people (SIPp) and by the test in the engine's place. `events/test_scenes.py` plays them for real;
`python -m tests.pbx.record_streams` plays them and keeps Asterisk's messages in `streams/`, which `events/test_streams.py` feeds to the
translator without any Asterisk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

from acd.engine.callback_events import CallbackAnswered, CallSentOn
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    CallReturned,
    Event,
    MessageLeft,
    OfferFailed,
    PbxFound,
    PhoneChanged,
    PhoneRegistered,
    WrapUpEnded,
)
from acd.pbx.actions.ring_variables import Presented
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.waiting import eventually

CALL = "call"
AMY, BOB = "1001", "1002"
ARRIVED = CallArrived(CALL, "+8613800001111", "95001", "13800001111")
QUEUED = CallQueued(CALL, "billing", (), "zh")


Step = AgentDialled | AgentRinging | AgentAnswered | CallBridged


def steps(agent: str, number: int, *kinds: type[Step]) -> list[Event]:
    """Events of one offer."""
    return [kind(agent, CALL, f"{CALL}-{number}") for kind in kinds]


DIALLED = (AgentDialled,)
RANG = (AgentDialled, AgentRinging)
TALKED = (AgentDialled, AgentRinging, AgentAnswered, CallBridged)


def ended(agent: str, number: int, by: str) -> BridgeEnded:
    return BridgeEnded(agent, CALL, f"{CALL}-{number}", by)  # type: ignore[arg-type]


def hung_up(cause: int = 0) -> CallerHungUp:
    return CallerHungUp(CALL, cause)


@dataclass(frozen=True)
class Scenario:
    play: Callable[[AsteriskFixture, LinkUnderTest], Awaitable[None]]
    told: Sequence[Event]
    """All that the floor hears about the call, in order, its id written as "call"."""
    or_told: Sequence[Event] = ()
    """What it may hear instead, where Asterisk itself is not of one mind."""
    anywhere: Sequence[Event] = ()
    """What it hears beside, once each, at any time: two channels go their own ways at the same moment."""

    def fits(self, events: Sequence[Event]) -> bool:
        """Whether this is what was to be heard; AssertionError, with the difference, where it is not."""
        said = "\n".join(map(str, events))
        assert sorted(str(event) for event in events if event in self.anywhere) == sorted(map(str, self.anywhere)), said
        in_order = [event for event in events if event not in self.anywhere]
        if in_order != list(self.or_told):
            assert in_order == list(self.told), said
        return True


async def queued(house: AsteriskFixture, floor: LinkUnderTest, caller: Caller | None = None) -> tuple[str, SippCaller]:
    actor = await house.caller(caller or Caller())
    return (await floor.until(CallQueued)).call, actor


async def answered_at_the_second_ring(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(ring_s=6, talk_s=(2.5, 2.5)))
    call, _ = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallerHungUp)


async def not_answered_so_the_next_agent(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(never_answers=True))
    await house.agents(BOB, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    call, _ = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(AgentRinging)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def taken_back_and_nobody_next(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(never_answers=True))
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(AgentRinging)
    floor.take_back(call, AMY)
    await eventually(lambda: not floor.pbx.book.agent_legs, "the end of the ringing")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def refused_by_everybody(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call = ""
    for number, code in enumerate((486, 603, 480, 404, 500), start=1):
        agents = await house.agents(AMY, Phone(code=code))
        if not call:
            call, caller = await queued(house, floor)
        floor.offer(call, AMY)
        await floor.until(OfferFailed, count=number)
        await agents.stop()
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def not_registered(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, caller = await queued(house, floor)
    floor.offer(call, BOB)
    await floor.until(OfferFailed)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def dead_contact(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(silent=True))
    await house.agents(BOB, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    call, _ = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(AgentDialled)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def gives_up_in_the_queue(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    _, caller = await queued(house, floor)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def gives_up_while_ringing(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(never_answers=True))
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(AgentRinging)
    await caller.hang_up()
    await floor.until(CallerHungUp)


WHISPERED = Presented("", ("whisper-billing",))
"""Five seconds of it."""


async def whispers(house: AsteriskFixture) -> bool:
    """Whether an agent is whispered to now: one half plays the words, the other is at the agent's ear."""
    rows = [row.split("!") for row in await house.channels() if row.startswith("Local/s@whispered-")]
    return {row[5] for row in rows} == {"ChanSpy", "Playback"}


async def gives_up_during_the_whisper(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(ring_s=0.3))
    floor.presented = WHISPERED
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await eventually(lambda: whispers(house), "the whisper")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def agent_gone_during_the_whisper(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(ring_s=0.3, talk_s=(0.3, 0.3)))
    floor.presented = WHISPERED
    await house.agents(BOB, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    call, _ = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(BridgeEnded)
    await eventually(lambda: floor.pbx.book.calls[call].agents == {})
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def answers_at_once_without_ringing(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(AMY, Phone(rings=False, ring_s=0.01))
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def agents_phone_lost(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy = await house.agents(AMY, Phone(ring_s=0.3))
    await house.agents(BOB, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    call, _ = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    amy.freeze()
    await floor.until(BridgeEnded)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def feature_codes(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """Dialled by the agent's own phone: a digest call from his account."""
    for code in ("*13", "*141", "*15", "*12"):
        before = len(floor.events)
        phone = await house.caller(
            Caller(number=code, caller=AMY, password=f"password-{AMY}", stays_s=10), address="127.0.0.1"
        )
        await eventually(lambda: len(floor.events) > before, f"{code}")  # noqa: B023 - awaited within the round
        floor.pbx.code_answers.heard(datetime.now(UTC), floor.events[before], [])
        assert await phone.wait() == 0


async def sent_to_a_number_that_is_busy_and_then_to_one_that_answers(
    house: AsteriskFixture, floor: LinkUnderTest
) -> None:
    busy = await house.carrier(Phone(code=486))
    call, _ = await queued(house, floor)
    floor.send_to(call, "number", "13900009999")
    await floor.until(CallReturned)
    await busy.stop()
    await house.carrier(Phone(ring_s=0.3, talk_s=(1.5, 1.5)))
    floor.send_to(call, "number", "13900009999")
    await floor.until(CallerHungUp)


async def leaves_a_message(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    call, _ = await queued(house, floor, Caller(keys=",,,,#"))
    floor.send_to(call, "voicemail")
    await floor.until(CallerHungUp)


async def called_back(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.carrier(Phone(ring_s=0.3))
    await house.agents(AMY, Phone(ring_s=0.3, talk_s=(2.5, 2.5)))
    floor.call_back(CALL, "13900009999")
    await floor.until(CallbackAnswered)
    floor.offer(CALL, AMY)
    await floor.until(CallerHungUp)


FORGED = (
    "13800001111%0D%0A%0D%0AEvent: Hangup%0D%0APrivilege: call,all%0D%0ATimestamp: 1.0%0D%0ASystemName: x%0D%0A"
    "Uniqueid: 1.0%0D%0ACause: 16%0D%0A%0D%0A"
)


async def lines_in_the_callers_number(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """Text with encoded line breaks in all that a caller controls."""
    _, caller = await queued(
        house,
        floor,
        Caller(
            caller=FORGED.replace(" ", "%20").replace(":", "%3A").replace(",", "%2C"),
            name="x\\r\\nEvent: Hangup %0D%0AEvent%3A Hangup",
            headers={"X-Name": FORGED, "P-Asserted-Identity": "<sip:999%0D%0AEvent%3A%20Hangup@127.0.0.2>"},
        ),
    )
    await caller.hang_up()
    await floor.until(CallerHungUp)


REFUSED = [
    event
    for number, (reason, cause) in enumerate(
        (("busy", 17), ("rejected", 21), ("rejected", 19), ("failed", 1), ("failed", 38)), start=1
    )
    for event in (*steps(AMY, number, *DIALLED), OfferFailed(AMY, CALL, f"{CALL}-{number}", reason, cause))  # type: ignore[arg-type]
]

THEN_BOB = [*steps(BOB, 2, *TALKED), ended(BOB, 2, "agent"), hung_up(16)]

SCENARIOS: dict[str, Scenario] = {
    "answered_at_the_second_ring": Scenario(
        answered_at_the_second_ring, [ARRIVED, QUEUED, *steps(AMY, 1, *TALKED), ended(AMY, 1, "agent"), hung_up(16)]
    ),
    "not_answered_so_the_next_agent": Scenario(
        not_answered_so_the_next_agent,
        [
            ARRIVED,
            QUEUED,
            *steps(AMY, 1, *RANG),
            *steps(BOB, 2, *TALKED),
            ended(BOB, 2, "agent"),
            hung_up(16),
        ],
    ),
    "taken_back_and_nobody_next": Scenario(
        taken_back_and_nobody_next, [ARRIVED, QUEUED, *steps(AMY, 1, *RANG), hung_up()]
    ),
    "refused_by_everybody": Scenario(refused_by_everybody, [ARRIVED, QUEUED, *REFUSED, hung_up(38)]),
    "not_registered": Scenario(
        not_registered, [ARRIVED, QUEUED, OfferFailed(BOB, CALL, f"{CALL}-1", "unreachable", 3), hung_up(3)]
    ),
    "dead_contact": Scenario(
        dead_contact,
        [ARRIVED, QUEUED, *steps(AMY, 1, *DIALLED), *steps(BOB, 2, *TALKED), ended(BOB, 2, "agent"), hung_up(16)],
    ),
    "gives_up_in_the_queue": Scenario(gives_up_in_the_queue, [ARRIVED, QUEUED, hung_up()]),
    "gives_up_while_ringing": Scenario(gives_up_while_ringing, [ARRIVED, QUEUED, *steps(AMY, 1, *RANG), hung_up()]),
    "gives_up_during_the_whisper": Scenario(
        gives_up_during_the_whisper,
        [ARRIVED, QUEUED, *steps(AMY, 1, *TALKED), ended(AMY, 1, "caller"), hung_up(16)],
    ),
    "agent_gone_during_the_whisper": Scenario(
        agent_gone_during_the_whisper,
        [ARRIVED, QUEUED, *steps(AMY, 1, *TALKED), ended(AMY, 1, "agent"), *THEN_BOB],
    ),
    "answers_at_once_without_ringing": Scenario(
        answers_at_once_without_ringing,
        [
            ARRIVED,
            QUEUED,
            *steps(AMY, 1, AgentDialled, AgentAnswered, CallBridged),
            ended(AMY, 1, "caller"),
            hung_up(16),
        ],
    ),
    "agents_phone_lost": Scenario(
        agents_phone_lost,
        [
            ARRIVED,
            QUEUED,
            *steps(AMY, 1, *TALKED),
            ended(AMY, 1, "lost"),
            *steps(BOB, 2, *TALKED),
            ended(BOB, 2, "agent"),
            hung_up(16),
        ],
    ),
    "sent_to_a_number_that_is_busy_and_then_to_one_that_answers": Scenario(
        sent_to_a_number_that_is_busy_and_then_to_one_that_answers,
        [ARRIVED, QUEUED, CallReturned(CALL, "busy"), CallSentOn(CALL, "carrier"), hung_up(16)],
    ),
    "leaves_a_message": Scenario(leaves_a_message, [ARRIVED, QUEUED, MessageLeft(CALL, 0.0), hung_up(16)]),
    "called_back": Scenario(
        called_back, [CallbackAnswered(CALL, "carrier"), *steps(AMY, 2, *TALKED), ended(AMY, 2, "agent"), hung_up(16)]
    ),
    "feature_codes": Scenario(
        feature_codes, [AgentReady(AMY), AgentNotReady(AMY, "break"), WrapUpEnded(AMY), AgentLoggedOut(AMY)]
    ),
    "lines_in_the_callers_number": Scenario(
        lines_in_the_callers_number, [CallArrived(CALL, "unknown", "95001"), QUEUED, hung_up()]
    ),
}


def as_told(events: Sequence[Event]) -> list[Event]:
    """The events with the call's own id written as "call", without the phones' and the link's."""
    calls = [event.call for event in events if isinstance(event, CallArrived)]
    told: list[Event] = []
    for event in events:
        if isinstance(event, PbxFound | PhoneChanged | PhoneRegistered):
            continue
        changes = {
            field.name: CALL + getattr(event, field.name).removeprefix(call)
            for call in calls
            for field in fields(event)
            if field.name in ("call", "offer") and getattr(event, field.name).startswith(call)
        }
        if isinstance(event, CallArrived):
            changes["trunk"] = ""  # which the older recordings do not tell
        if isinstance(event, MessageLeft) and event.seconds > 1:
            changes["seconds"] = 0.0  # as long as he spoke, no two times alike
        told.append(replace(event, **changes))
    return told
