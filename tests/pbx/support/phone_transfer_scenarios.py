"""Scenes of an agent who hands over with his telephone alone, on a real Asterisk: REFER, a second line, codes.

As those of scenarios.py: played by people, the test in the engine's place. They want a house with the extension 2001 and
reasons on keys 2 and 3 (`opened`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from acd.engine.commands import AskTransfer, Refuse
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
)
from acd.engine.transfer_events import (
    AttendedTransferred,
    CallHeld,
    CallRetrieved,
    ConsultBegan,
    ConsultDialled,
    RetrieveAsked,
    ThreeWayAsked,
    TransferCoded,
    TransferDialled,
    TransferKeyed,
    TransferTakenBack,
)
from acd.pbx.conf.settings import PbxMedia
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.scenarios import AMY, ARRIVED, BOB, CALL, QUEUED, TALKED, Scenario, ended, hung_up, steps
from tests.support.baresip import Baresip
from tests.support.sipp_telephone import Telephone
from tests.support.waiting import eventually

CARL = "1003"
TALKS = Phone(ring_s=0.3, talk_s=(2.5, 2.5))


async def opened(folder: Path, **changes: Any) -> AsteriskFixture:
    wanted: dict[str, Any] = {
        "agents": (AMY, BOB, CARL),
        "extensions": ("2001",),
        "transfer_reasons": {2: "refund", 3: "technical"},
        "agents_media": PbxMedia(no_sound_s=3),
    }
    return await AsteriskFixture.opened(folder, **(wanted | changes))


async def telephone(house: AsteriskFixture, agent: str, phone: Phone = Phone(ring_s=0.3)) -> Telephone:  # noqa: B008
    """A telephone that does what it is told at a word."""
    made = Telephone(
        house.asterisk.tool("sipp"),
        {agent: f"password-{agent}"},
        phone,
        host="127.0.0.1",
        pbx_port=house.settings.sip_port,
        port=free_port("udp"),
        rtp_port=free_rtp_range("127.0.0.1", 400)[0],
        folder=house.settings.run_folder / "cast" / f"telephone-{agent}-{len(house.people)}",
    )
    house.people.append(made)
    await made.start()

    async def seen() -> bool:
        rows = [row for row in (await house.cli("pjsip show contacts")).splitlines() if f"127.0.0.1:{made.port}" in row]
        return any("Avail" in row for row in rows)

    await eventually(seen, f"the registration of {agent}")
    return made


async def softphone(house: AsteriskFixture, agent: str) -> Baresip:
    made = await Baresip.started(
        house.asterisk,
        agent,
        f"password-{agent}",
        pbx_port=house.settings.sip_port,
        folder=house.settings.run_folder / "cast" / f"softphone-{agent}-{len(house.people)}",
    )
    house.people.append(made)  # type: ignore[arg-type]
    return made


async def comes_to(
    floor: LinkUnderTest, house: AsteriskFixture, agent: str, caller: Caller | None = None
) -> tuple[str, SippCaller]:
    """A caller comes in and is offered to this agent; the call."""
    before = len(floor.of(CallQueued))
    actor = await house.caller(caller or Caller())
    call = (await floor.until(CallQueued, count=before + 1)).call
    floor.offer(call, agent)
    return call, actor


async def talks(
    floor: LinkUnderTest, house: AsteriskFixture, agent: str, caller: Caller | None = None
) -> tuple[str, SippCaller]:
    """As `comes_to`; they talk."""
    call, actor = await comes_to(floor, house, agent, caller)
    await floor.until(CallBridged, lambda event: event.call == call)
    return call, actor


async def talks_on_softphone(floor: LinkUnderTest, house: AsteriskFixture, amy: Baresip) -> tuple[str, SippCaller]:
    count = len(amy.of("CALL_INCOMING")) + 1
    call, actor = await comes_to(floor, house, amy.agent)
    await amy.rings(count)
    await amy.answer()
    await floor.until(CallBridged, lambda event: event.call == call)
    return call, actor


# --- REFER ---


async def sent_on_by_the_transfer_key(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy = await telephone(house, AMY)
    await house.agents(BOB, TALKS)
    call, _ = await talks(floor, house, AMY)
    amy.transfer("1002*3")
    await floor.until(TransferDialled)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def sent_on_by_one_who_was_joined_with_him(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """The receiver of a warm transfer: his channel ends before his REFER is told."""
    await house.agents(AMY, Phone(ring_s=0.3))
    bob = await telephone(house, BOB)
    await house.agents(CARL, TALKS)
    call, _ = await talks(floor, house, AMY)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, count=2)
    bob.transfer("1003")
    await floor.until(TransferDialled)
    floor.offer(call, CARL)
    await floor.until(CallerHungUp)


async def sent_to_another_domain(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy = await telephone(house, AMY)
    _, caller = await talks(floor, house, AMY)
    amy.transfer("1002@elsewhere.example")
    await floor.until(TransferDialled)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def _second_line(house: AsteriskFixture, floor: LinkUnderTest) -> tuple[Baresip, str, SippCaller]:
    amy = await softphone(house, AMY)
    call, caller = await talks_on_softphone(floor, house, amy)
    await amy.hold()
    await floor.until(CallHeld)
    await amy.dial("1002*3")
    await floor.until(ConsultDialled)
    return amy, call, caller


async def dials_a_second_line_and_hands_over(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(BOB, Phone(ring_s=0.3))
    amy, call, caller = await _second_line(house, floor)
    floor.consult(call, AMY, BOB, second_line=True)
    await floor.until(ConsultBegan)
    assert await amy.refer_attended() == "202 Accepted"
    await floor.until(AttendedTransferred)
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, count=2)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def hands_over_while_the_second_line_still_rings(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    bob = await telephone(house, BOB, Phone(never_answers=True))
    amy, call, caller = await _second_line(house, floor)
    floor.consult(call, AMY, BOB, second_line=True)
    await floor.until(AgentRinging, count=2)
    assert await amy.refer_attended() == "202 Accepted"
    await floor.until(AttendedTransferred)
    floor.offer(call, BOB)
    await floor.until(AgentRinging, count=3)
    await bob.rings(2)
    bob.pick_up()
    await floor.until(CallBridged, count=2)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def hands_over_onto_a_line_on_which_nobody_is(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    await house.agents(BOB, TALKS)
    amy, call, _ = await _second_line(house, floor)
    assert await amy.refer_attended() == "202 Accepted"
    await floor.until(AttendedTransferred)
    floor.offer(call, BOB)
    await floor.until(CallerHungUp)


async def dials_what_is_refused(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy, _, caller = await _second_line(house, floor)
    floor.pbx.carry_out(Refuse(AMY, "unknown-target"))
    await amy.until("CALL_CLOSED")
    await amy.resume()
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


# --- codes ---


async def _asked(house: AsteriskFixture, floor: LinkUnderTest) -> tuple[Telephone, str, SippCaller]:
    amy = await telephone(house, AMY)
    call, caller = await talks(floor, house, AMY)
    await amy.key("*8")
    await floor.until(TransferKeyed)
    floor.pbx.carry_out(AskTransfer(call, AMY, f"{call}-1"))
    return amy, call, caller


async def hands_over_by_code(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy, call, caller = await _asked(house, floor)
    await house.agents(BOB, Phone(ring_s=0.3))
    await amy.key(",1002#,,3,,2")
    await floor.until(TransferCoded)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    await amy.key("*9")
    await floor.until(ThreeWayAsked)
    await amy.key(",*7")
    await floor.until(TransferTakenBack)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await amy.key(",*8")
    await floor.until(TransferKeyed, count=2)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def keys_what_is_nothing_and_has_him_back(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy, call, caller = await _asked(house, floor)
    await amy.key(",1002#,,7,,9")
    await floor.until(RetrieveAsked)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def is_refused_what_he_keyed_and_has_him_back(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    amy, call, caller = await _asked(house, floor)
    await amy.key(",9999#,,3,,1")
    await floor.until(TransferCoded)
    floor.pbx.carry_out(Refuse(AMY, "unknown-target", call))
    await floor.until(RetrieveAsked)
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)


BEGIN: list[Event] = [ARRIVED, QUEUED, *steps(AMY, 1, *TALKED)]
SECOND: list[Event] = [*BEGIN, CallHeld(CALL, AMY), ConsultDialled(AMY, "1002*3")]
KEYED: list[Event] = [*BEGIN, TransferKeyed(CALL, AMY)]
ASKS_BOB: list[Event] = [
    *steps(BOB, 2, AgentDialled, AgentRinging, AgentAnswered),
    ConsultBegan(CALL, BOB, f"{CALL}-2"),
]

# An attended REFER begins with CallRetrieved: Asterisk says so, though nobody has retrieved anybody.
BY_PHONE: dict[str, Scenario] = {
    "sent_on_by_the_transfer_key": Scenario(
        sent_on_by_the_transfer_key,
        [
            *BEGIN,
            TransferDialled(CALL, AMY, "1002*3"),
            ended(AMY, 1, "transfer"),
            *steps(BOB, 2, *TALKED),
            ended(BOB, 2, "agent"),
            hung_up(16),
        ],
    ),
    "sent_on_by_one_who_was_joined_with_him": Scenario(
        sent_on_by_one_who_was_joined_with_him,
        [
            *BEGIN,
            *ASKS_BOB,
            *steps(BOB, 2, CallBridged),
            ended(AMY, 1, "transfer"),
            TransferDialled(CALL, BOB, "1003"),
            ended(BOB, 2, "transfer"),
            *steps(CARL, 3, *TALKED),
            ended(CARL, 3, "agent"),
            hung_up(16),
        ],
        [
            *BEGIN,
            *ASKS_BOB,
            ended(AMY, 1, "transfer"),
            *steps(BOB, 2, CallBridged),
            TransferDialled(CALL, BOB, "1003"),
            ended(BOB, 2, "transfer"),
            *steps(CARL, 3, *TALKED),
            ended(CARL, 3, "agent"),
            hung_up(16),
        ],
    ),
    "sent_to_another_domain": Scenario(
        sent_to_another_domain,
        [*BEGIN, TransferDialled(CALL, AMY, ""), ended(AMY, 1, "transfer"), hung_up(16)],
    ),
    "dials_a_second_line_and_hands_over": Scenario(
        dials_a_second_line_and_hands_over,
        [
            *SECOND,
            *ASKS_BOB,
            CallRetrieved(CALL, AMY),
            AttendedTransferred(CALL, AMY, f"{CALL}-2"),
            ended(AMY, 1, "transfer"),
            *steps(BOB, 2, CallBridged),
            ended(BOB, 2, "caller"),
            hung_up(16),
        ],
    ),
    "hands_over_while_the_second_line_still_rings": Scenario(
        hands_over_while_the_second_line_still_rings,
        [
            *SECOND,
            *steps(BOB, 2, AgentDialled, AgentRinging),
            CallRetrieved(CALL, AMY),
            AttendedTransferred(CALL, AMY, f"{CALL}-2"),
            ended(AMY, 1, "transfer"),
            *steps(BOB, 3, *TALKED),
            ended(BOB, 3, "caller"),
            hung_up(16),
        ],
    ),
    "hands_over_onto_a_line_on_which_nobody_is": Scenario(
        hands_over_onto_a_line_on_which_nobody_is,
        [
            *SECOND,
            CallRetrieved(CALL, AMY),
            AttendedTransferred(CALL, AMY),
            ended(AMY, 1, "transfer"),
            *steps(BOB, 2, *TALKED),
            ended(BOB, 2, "agent"),
            hung_up(16),
        ],
    ),
    "dials_what_is_refused": Scenario(
        dials_what_is_refused,
        [*SECOND, CallRetrieved(CALL, AMY), ended(AMY, 1, "caller"), hung_up(16)],
    ),
    "hands_over_by_code": Scenario(
        hands_over_by_code,
        [
            *KEYED,
            TransferCoded(CALL, AMY, "1002", "3", warm=True),
            *ASKS_BOB,
            ThreeWayAsked(CALL, AMY),
            TransferTakenBack(CALL, AMY),
            CallRetrieved(CALL, AMY),
            TransferKeyed(CALL, AMY),
            ended(AMY, 1, "caller"),
            hung_up(16),
        ],
        anywhere=[ended(BOB, 2, "transfer")],
    ),
    "keys_what_is_nothing_and_has_him_back": Scenario(
        keys_what_is_nothing_and_has_him_back,
        [*KEYED, RetrieveAsked(CALL, AMY), CallRetrieved(CALL, AMY), ended(AMY, 1, "caller"), hung_up(16)],
    ),
    "is_refused_what_he_keyed_and_has_him_back": Scenario(
        is_refused_what_he_keyed_and_has_him_back,
        [
            *KEYED,
            TransferCoded(CALL, AMY, "9999", "3"),
            RetrieveAsked(CALL, AMY),
            CallRetrieved(CALL, AMY),
            ended(AMY, 1, "caller"),
            hung_up(16),
        ],
    ),
}
