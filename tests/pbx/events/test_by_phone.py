"""What telephones may not do, on a real Asterisk: it is refused, and nobody is lost by it; and who is lost when the daemon
is away while a telephone hands over: nobody."""

import re
import socket
from collections.abc import AsyncIterator

import pytest

from acd.engine.events import (
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    CallQueued,
    PhoneChanged,
    PhoneRegistered,
)
from acd.engine.transfer_events import (
    CallHeld,
    CallRetrieved,
    ConsultBegan,
    ConsultDialled,
    ThreeWayAsked,
    TransferDialled,
    TransferKeyed,
    TransferTakenBack,
)
from acd.pbx.install import ports
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.phone_transfer_scenarios import opened, softphone, talks, talks_on_softphone, telephone
from tests.pbx.support.scenarios import AMY, BOB
from tests.support.network import listened_ports
from tests.support.sipp import header
from tests.support.sipp_telephone import Telephone
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    house = await opened(tmp_path_factory.mktemp("by-phone"))
    yield house
    await house.closed()


async def in_talk(house: AsteriskFixture, call_id: str = "Dial") -> bool:
    return any("!connect!s!" in row and f"!{call_id}!" in row for row in await house.channels())


def lines_about_refer(house: AsteriskFixture) -> list[str]:
    return [line for line in house.log().splitlines() if "refer" in line.lower() or "transfer" in line.lower()]


# --- REFER ---


@pytest.mark.parametrize("number", ["1009", "0085212345678", "95001", "1002*7", "1002*", "s", "*13"])
async def test_a_refer_to_what_is_none_of_the_houses_numbers_is_refused_and_the_talk_goes_on(
    house: AsteriskFixture, number: str
):
    floor = await house.linked()
    amy = await telephone(house, AMY)
    call, caller = await talks(floor, house, AMY)
    logged = len(lines_about_refer(house))
    amy.transfer(number)
    await amy.was_told("NOTIFY")
    await eventually(lambda: "SIP/2.0 404 Not Found" in amy.uas.messages("agents"), "the refusal")
    await eventually(lambda: len(lines_about_refer(house)) > logged, "a line in the log")
    assert len(lines_about_refer(house)) == logged + 1
    assert await in_talk(house)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    assert floor.of(BridgeEnded) == [BridgeEnded(AMY, call, f"{call}-1", "caller")]
    assert not floor.of(TransferDialled)


@pytest.mark.parametrize("name", ["h", "i", "t"])
async def test_a_refer_to_one_of_the_dialplans_own_names_loses_nobody(house: AsteriskFixture, name: str):
    """Each context has them, so that Asterisk finds an extension. As he came from there, he would be hung up, and booked."""
    floor = await house.linked()
    amy = await telephone(house, AMY)
    call, caller = await talks(floor, house, AMY)
    amy.transfer(name)
    assert await floor.until(TransferDialled) == TransferDialled(call, AMY, "")
    await floor.until(BridgeEnded)
    assert len(await house.channels()) == 1 and await gone_book(house, call) == 0
    await caller.hang_up()
    await floor.until(CallerHungUp)
    await house.empty()
    assert await gone_book(house, call) == 1


def own_dialog(amy: Telephone, line: int = -1) -> str:
    """Replaces of a line of this telephone."""
    invite = amy.invites()[line]
    answer = re.findall(r"^To:.*;tag=(\S+)", amy.uas.messages("agents"), re.M)
    tag = re.search(r"tag=(\S+)", header(invite, "From"))
    assert tag
    return f"{header(invite, 'Call-ID')}%3Bto-tag%3D{tag[1]}%3Bfrom-tag%3D{answer[-1]}"


@pytest.mark.parametrize("replaces", ["made-up%40nowhere%3Bto-tag%3Dx%3Bfrom-tag%3Dy", "made-up", "stale", "%00"])
async def test_a_refer_with_replaces_of_no_line_is_refused_and_the_talk_goes_on(house: AsteriskFixture, replaces: str):
    floor = await house.linked()
    amy = await telephone(house, AMY)
    if replaces == "stale":
        _, caller = await talks(floor, house, AMY)
        replaces = own_dialog(amy)
        await caller.hang_up()
        await floor.until(BridgeEnded)
        await eventually(lambda: not floor.pbx.book.agent_legs)
    call, caller = await talks(floor, house, AMY)
    before = len(floor.events)
    logged = len(lines_about_refer(house))
    amy.transfer("1002", replaces=replaces)
    await eventually(
        lambda: any(re.match(r"< SIP/2.0 [4-6]", said) for said in amy.said()) or _refused(amy), "a refusal"
    )
    assert len(lines_about_refer(house)) <= logged + 1
    assert await in_talk(house)
    await caller.hang_up()
    await floor.until(CallerHungUp, lambda event: event.call == call)
    told = [event for event in floor.events[before:] if getattr(event, "call", "") == call]
    assert [type(event) for event in told] == [BridgeEnded, CallerHungUp]


def _refused(amy: Telephone) -> bool:
    return bool(re.search(r"^SIP/2\.0 [4-6]\d\d", amy.uas.messages("agents"), re.M))


async def test_a_callers_refer_is_declined(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents(AMY, Phone(ring_s=0.3))
    person = await house.caller(Caller(refers_to="1002", stays_s=3))
    queued = await floor.until(CallQueued)
    floor.offer(queued.call, AMY)
    assert await person.wait() == 0  # his scenario goes on at 603 only
    assert "SIP/2.0 603" in person.uac.messages("caller")
    assert not floor.of(TransferDialled)


@pytest.mark.parametrize("address", ["127.0.0.2", "127.0.0.3"])
async def test_a_refer_outside_of_any_call_comes_to_nothing(house: AsteriskFixture, address: str):
    floor = await house.linked()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((address, 0))
        stranger.settimeout(10)
        port, to = stranger.getsockname()[1], f"127.0.0.1:{house.settings.sip_port}"
        lines = [
            f"REFER sip:95001@{to} SIP/2.0",
            f"Via: SIP/2.0/UDP {address}:{port};branch=z9hG4bK-outside;rport",
            f"From: <sip:1001@{address}>;tag=outside",
            f"To: <sip:95001@{to}>",
            f"Call-ID: outside-{address}",
            "CSeq: 1 REFER",
            f"Contact: <sip:1001@{address}:{port}>",
            f"Refer-To: <sip:1002@{to}>",
            "Max-Forwards: 70",
            "Content-Length: 0",
        ]
        stranger.sendto("\r\n".join([*lines, "", ""]).encode(), ("127.0.0.1", house.settings.sip_port))
        answer = stranger.recv(4000).decode()
    assert re.match(r"SIP/2\.0 [4-6]", answer), answer
    assert await house.channels() == []
    assert len(floor.events) == len(
        [event for event in floor.events if type(event).__name__ in ("PbxFound", "PhoneChanged")]
    )


DOMAINS = [
    ("127.0.0.1", "1002*3"),
    ("127.0.0.1;user=phone", "1002*3"),
    ("elsewhere.example", ""),
    ("127.0.0.1.elsewhere.example", ""),
    ("127.0.0.11", ""),
    ("elsewhere.example;x=127.0.0.1", ""),
]


@pytest.mark.parametrize(("domain", "digits"), DOMAINS)
async def test_a_refer_counts_for_the_domain_that_it_names(house: AsteriskFixture, domain: str, digits: str):
    floor = await house.linked()
    amy = await telephone(house, AMY)
    call, caller = await talks(floor, house, AMY)
    amy.transfer(f"1002*3@{domain}")
    assert await floor.until(TransferDialled) == TransferDialled(call, AMY, digits)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_the_receiver_who_sends_the_first_agent_away_leaves_him_where_he_can_be_fetched(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents(AMY, Phone(ring_s=0.3))
    bob = await telephone(house, BOB)
    call, caller = await talks(floor, house, AMY)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    bob.transfer("1003")
    assert (await floor.until(BridgeEnded)).agent == BOB
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    assert not floor.of(TransferDialled)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_the_first_agent_who_sends_the_receiver_away_has_his_caller_still(house: AsteriskFixture):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    bob = await house.agents(BOB, Phone(ring_s=0.3))
    call, caller = await talks_on_softphone(floor, house, amy)
    await amy.dial("1002")
    await floor.until(ConsultDialled)
    floor.consult(call, AMY, BOB, second_line=True)
    await floor.until(ConsultBegan)
    await amy.established(2)
    assert await amy.refer("1003", line=2) == "202 Accepted"
    assert (await floor.until(BridgeEnded)).agent == BOB
    await amy.resume()
    await floor.until(CallRetrieved)
    assert not floor.of(TransferDialled)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    assert len(bob.invites()) == 1


async def test_a_refer_by_whoever_has_nobody_on_his_line_is_refused_and_his_caller_is_still_his(house: AsteriskFixture):
    """On hold by page the agent's channel waits alone."""
    floor = await house.linked()
    amy = await telephone(house, AMY)
    call, caller = await talks(floor, house, AMY)
    floor.hold(call, AMY)
    await eventually(lambda: not floor.pbx.book.calls[call].bridge, "the hold")
    amy.transfer("1002")
    await eventually(lambda: _refused(amy), "a refusal")
    floor.join(call, AMY, 1, begins=False)
    await floor.until(CallRetrieved)
    assert not floor.of(TransferDialled) and not floor.of(BridgeEnded)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_the_first_agent_who_sends_the_receiver_on_in_the_consult_is_gone_and_the_receiver_can_have_the_caller(
    house: AsteriskFixture,
):
    floor = await house.linked()
    amy = await telephone(house, AMY)
    await house.agents(BOB, Phone(ring_s=0.3))
    call, caller = await talks(floor, house, AMY)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    amy.transfer("1003")
    await amy.was_told("NOTIFY")
    amy.hang_up()  # as a telephone does that is told of success
    assert (await floor.until(BridgeEnded)).agent == AMY
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    assert not floor.of(TransferDialled)
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_refer_out_of_a_talk_of_three_takes_nobody_away(house: AsteriskFixture):
    floor = await house.linked()
    amy = await telephone(house, AMY)
    await house.agents(BOB, Phone(ring_s=0.3))
    call, caller = await talks(floor, house, AMY)
    floor.consult(call, AMY, BOB)
    await floor.until(ConsultBegan)
    floor.three_way(call, AMY, BOB)
    await floor.until(CallRetrieved)
    amy.transfer("1003")
    await amy.was_told("NOTIFY")
    amy.hang_up()  # as a telephone does that is told of success
    assert (await floor.until(BridgeEnded)).agent == AMY
    floor.join(call, BOB, 2, begins=True)
    await floor.until(CallBridged, lambda event: event.agent == BOB)
    assert not floor.of(TransferDialled)
    await eventually(lambda: _only_two(house), "a house with two channels")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def _only_two(house: AsteriskFixture) -> bool:
    return len(await house.channels()) == 2


# --- the telephones of these tests ---


async def test_a_softphone_holds_every_port_that_it_listens_on(house: AsteriskFixture):
    """SIP over TLS too, on the port after that of SIP: two softphones met on one."""
    amy = await softphone(house, AMY)
    assert amy.process is not None
    # Its resolver asks from ports that the kernel gives it.
    listens_on = {port for port in listened_ports(amy.process.pid) if port < ports.RTP_PORTS.stop}
    assert len(listens_on) >= 3, "SIP, SIP over TLS, control"
    held = {port for first, count in ports._held for port in range(first, first + count)}
    assert listens_on <= held


# --- what an agent dials ---


@pytest.mark.parametrize("number", ["1009", "02166668888", "1002*7", "own-dial", "s", "0"])
async def test_what_is_none_of_the_houses_numbers_can_not_be_dialled(house: AsteriskFixture, number: str):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    await amy.dial(number)
    await amy.until("CALL_CLOSED")
    assert "404" in str(amy.of("CALL_CLOSED")[0])
    assert not floor.of(ConsultDialled)


async def test_whoever_dials_while_the_daemon_is_away_hears_so_and_reaches_nobody(house: AsteriskFixture):
    bob = await telephone(house, BOB)
    amy = await softphone(house, AMY)
    await house.cli("dialplan set global ACD_BEAT 0")
    await amy.dial("1002")
    await amy.until("CALL_ESTABLISHED")
    await amy.until("CALL_CLOSED")
    assert not bob.invites()


async def test_whoever_dials_and_nobody_answers_him_hears_so(house: AsteriskFixture):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    await amy.dial("2001")
    await floor.until(ConsultDialled)
    assert (await amy.lines())[1] == "RINGING"
    await amy.until("CALL_ESTABLISHED")
    await amy.until("CALL_CLOSED")
    await eventually(lambda: not floor.pbx.book.second_lines)


# --- codes ---


async def test_a_callers_codes_do_nothing_and_he_talks_on(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents(AMY, Phone(ring_s=0.3))
    call, caller = await talks(floor, house, AMY, Caller(keys="*8,*7,*9,", keys_after_s=2.5, stays_s=12))
    await caller.wait()
    await floor.until(CallerHungUp)
    assert [type(event) for event in floor.events if getattr(event, "call", "") == call][-2:] == [
        BridgeEnded,
        CallerHungUp,
    ]
    assert not [event for event in floor.events if isinstance(event, TransferKeyed | TransferTakenBack | ThreeWayAsked)]


async def test_codes_on_the_second_line_are_about_the_caller_on_the_first(house: AsteriskFixture):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    bob = await telephone(house, BOB)
    call, caller = await talks_on_softphone(floor, house, amy)
    await amy.dial("1002")
    await floor.until(ConsultDialled)
    floor.consult(call, AMY, BOB, second_line=True)
    await floor.until(ConsultBegan)
    await amy.established(2)
    await amy.keys("*9", line=2)
    assert await floor.until(ThreeWayAsked) == ThreeWayAsked(call, AMY)
    await bob.key("*7")  # It is the engine that says no to him.
    assert await floor.until(TransferTakenBack) == TransferTakenBack(call, BOB)
    await caller.hang_up()
    await floor.until(CallerHungUp)


# --- the daemon away ---


async def gone_book(house: AsteriskFixture, call: str) -> int:
    book = house.settings.hangup_log
    return book.read_text("utf-8").count(f"{call}|") if book.exists() else 0


async def _leaves(house: AsteriskFixture, floor: LinkUnderTest) -> None:
    """The daemon is gone; its last beat is fresh."""
    await floor.leave()
    house.floors.remove(floor)


async def test_handed_over_onto_a_waiting_line_with_the_daemon_away_the_caller_waits_on(house: AsteriskFixture):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    call, caller = await talks_on_softphone(floor, house, amy)
    await amy.dial("1002")
    await floor.until(ConsultDialled)
    await _leaves(house, floor)
    assert await amy.refer_attended() == "202 Accepted"

    async def waits() -> bool:
        return any(
            row.startswith("PJSIP/trunk") and re.search(r"!(waiting|alone|nobody)!", row)
            for row in await house.channels()
        )

    await eventually(waits, "the caller in the waiting room")
    assert await gone_book(house, call) == 0
    await caller.hang_up()
    await house.empty()
    assert await gone_book(house, call) == 1


async def test_handed_over_while_it_rings_with_the_daemon_away_the_two_talk(house: AsteriskFixture):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    bob = await telephone(house, BOB, Phone(never_answers=True))
    call, caller = await talks_on_softphone(floor, house, amy)
    await amy.dial("1002")
    await floor.until(ConsultDialled)
    floor.consult(call, AMY, BOB, second_line=True)
    await floor.until(AgentRinging, lambda event: event.agent == BOB)
    await _leaves(house, floor)
    assert await amy.refer_attended() == "202 Accepted"
    await eventually(lambda: amy.of("CALL_CLOSED"), "the end of the first agent's lines")
    bob.pick_up()

    async def both() -> bool:
        rows = [row.split("!") for row in await house.channels()]
        return len(rows) == 2 and len({row[-2] for row in rows}) == 1 and rows[0][-2] != ""

    await eventually(both, "caller and receiver in one bridge")
    assert await gone_book(house, call) == 0
    await caller.hang_up()
    await house.empty()
    assert await gone_book(house, call) == 1


async def test_whoever_dials_has_put_his_caller_on_hold_whatever_his_telephone_says_of_it_and_when(
    house: AsteriskFixture,
):
    floor = await house.linked()
    amy = await softphone(house, AMY)
    call, caller = await talks_on_softphone(floor, house, amy)
    await amy.dial("1002", hold=False)
    await floor.until(ConsultDialled)
    about_him = [event for event in floor.events if not isinstance(event, PhoneChanged | PhoneRegistered)]
    assert about_him[-2:] == [CallHeld(call, AMY), ConsultDialled(AMY, "1002")]
    await amy.hang_up()
    await floor.until(CallRetrieved)
    await caller.hang_up()
    await floor.until(CallerHungUp)
    told = [type(event) for event in floor.events if getattr(event, "call", "") == call]
    assert told[-4:] == [CallHeld, CallRetrieved, BridgeEnded, CallerHungUp]
