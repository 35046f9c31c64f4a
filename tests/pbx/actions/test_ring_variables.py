"""What a ring shows and says: the header that names the contact, the caller's music; and what is refused."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from acd.engine.commands import (
    AskTransfer,
    Consult,
    Deed,
    HangUp,
    Hold,
    Join,
    Mute,
    Offer,
    Refuse,
    SendTo,
    ThreeWay,
)
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    CallReturned,
    OfferFailed,
)
from acd.engine.transfer_events import ConsultEnded
from acd.pbx.actions.ring_variables import Presented, ring_of
from acd.pbx.conf.render import RELOAD_SIP
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import SippAgents
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.scenarios import AMY, BOB, queued
from tests.pbx.support.transfer_scenarios import UP, talking
from tests.support.audio import tone


def header(invite: str) -> list[str]:
    return [line.split(": ", 1)[1] for line in invite.splitlines() if line.startswith("X-Sanxiang-Call: ")]


async def test_each_invite_names_its_contact_and_the_call_where_nobody_says_otherwise(house: AsteriskFixture):
    floor = await house.linked()
    amy, bob = await house.agents(AMY, UP), await house.agents(BOB, UP)
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    floor.presented = Presented("Refund", contact="c1700000000-9-1234")
    floor.consult(call, AMY, BOB)
    await floor.until(AgentAnswered, lambda event: event.agent == BOB)
    await caller.hang_up()
    assert [header(invite) for invite in amy.invites()] == [[call]]
    [invite] = bob.invites()
    assert header(invite) == ["c1700000000-9-1234"]
    assert 'From: "Refund" <sip:1001@' in invite


@pytest.mark.parametrize("told", [True, False])
async def test_a_telephone_is_told_to_answer_by_itself_where_it_is_meant_to(house: AsteriskFixture, told: bool):
    floor = await house.linked()
    amy = await house.agents(AMY, UP)
    floor.presented = Presented("", auto_answer=told)
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    [invite] = amy.invites()
    found = [line for line in invite.splitlines() if line.startswith(("Call-Info:", "Alert-Info:"))]
    assert sorted(found) == (
        [
            "Alert-Info: <http://localhost>;info=alert-autoanswer;delay=0",
            "Call-Info: <sip:hotline>;answer-after=0",
        ]
        if told
        else []
    )
    assert header(invite) == [call]
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_whisper_without_any_file_does_no_harm(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents(AMY, UP)
    floor.presented = Presented("", ("there-is-none", "nor-this"), announce="to-9999-zh")
    call, caller = await queued(house, floor)
    floor.offer(call, AMY)
    await floor.until(CallBridged)
    await caller.hang_up()
    await floor.until(CallerHungUp)


@pytest.mark.asterisk
@pytest.mark.parametrize("contact", ["sip:1001&PJSIP/1002@127.0.0.1:{port}", "sip:10$01@127.0.0.1:{port}"])
async def test_a_telephone_whose_address_holds_more_than_an_address_is_rung_by_its_name(tmp_path: Path, contact: str):
    """Whatever somebody registers with stays a place: it adds no second destination and no option to our Dial."""
    house = await AsteriskFixture.opened(tmp_path)
    try:
        port = free_port("udp")
        file = house.settings.etc / "pjsip.conf"
        place = f"[{AMY}](an-agent-place)\n"
        text = file.read_text()
        assert place in text
        file.write_text(text.replace(place, f"{place}contact = {contact.format(port=port)}\n"))
        await house.cli(RELOAD_SIP)
        amy = SippAgents(
            house.asterisk.tool("sipp"),
            {},
            UP,
            host="127.0.0.1",
            pbx_port=house.settings.sip_port,
            port=port,
            rtp_port=free_rtp_range("127.0.0.1", 400)[0],
            folder=tmp_path / "amy",
        )
        house.people.append(amy)
        await amy.start()
        floor = await house.linked()
        call, caller = await queued(house, floor)
        floor.offer(call, AMY)
        await floor.until(CallBridged)
        assert [event.agent for event in floor.of(AgentDialled)] == [AMY]
        [invite] = amy.invites()
        assert header(invite) == []
        await caller.hang_up()
    finally:
        await house.closed()


def test_ring_says_nothing_where_there_is_nothing_to_say_and_only_what_fits(tmp_path: Path):
    tone(tmp_path / "zh" / "agent-1001.wav", 500, 0.1)
    tone(tmp_path / "en" / "agent-1001.wav", 500, 0.1)
    assert ring_of(Presented("Billing"), "c1", "c1-2", "zh", tmp_path) == ""
    full = Presented("x", ("agent-1001", "en/agent-1001", "no-such", "../../etc/passwd", "a&b"), "to-1001-zh", "c0")
    files = f"{tmp_path}/zh/agent-1001&{tmp_path}/en/agent-1001"
    assert ring_of(full, "c1", "c1-2", "zh", tmp_path) == f"c1-2,c0,to-1001-zh,{files}"
    for unfit in ("c0\r\nAction: Logoff", "c0,default,/etc/passwd", "C0", "x" * 61):
        assert ring_of(Presented("", contact=unfit), "c1", "c1-2", "zh", tmp_path) == ""
        assert ring_of(Presented("", announce=unfit, contact="c0"), "c1", "c1-2", "zh", tmp_path) == "c1-2,c0,default,"


BREAKS = ("\r\nAction: Hangup\r\nChannel: /.*/", "\n", "\r", "\x00")
DEEDS: list[Deed] = [
    Offer("1002", "CALL", "CALL-2", "billing", "13800001111"),
    SendTo("CALL", "number", "billing", "13900009999"),
    SendTo("CALL", "waiting", "after-sales"),
    Consult("CALL", AMY, "CALL-1", BOB, "CALL-2", "billing", "13800001111"),
    Consult("CALL", AMY, "CALL-1", number="13900009999"),
    Join("CALL", BOB, "CALL-2", True),
    Join("CALL", AMY, "CALL-1", False),
    ThreeWay("CALL", AMY, "CALL-1", BOB, "CALL-2"),
    Hold("CALL", AMY, "CALL-1"),
    Mute("CALL", AMY, "CALL-1", True),
    AskTransfer("CALL", AMY, "CALL-1"),
    Refuse(AMY, "tier", "CALL"),
    HangUp("CALL", AMY, "CALL-1"),
]


async def test_no_text_of_a_deed_ends_its_line_and_nothing_raises(house: AsteriskFixture):
    """Each text of each deed in turn with a line break or a NUL in it: refused, told where it is to be told, and no more."""
    floor = await house.linked()
    call, caller = await talking(house, floor)
    before = len(floor.events)
    for deed in DEEDS:
        for field in fields(deed):
            text = getattr(deed, field.name)
            # What is not text, and the words that the type itself allows, can hold no break.
            if not isinstance(text, str) or not text or field.name == "where":
                continue
            if isinstance(deed, Offer | Consult) and field.name == "caller":
                continue  # shown by `present` alone, which has a test of its own
            for breaking in BREAKS:
                changes = {
                    each.name: getattr(deed, each.name).replace("CALL", call)
                    for each in fields(deed)
                    if isinstance(getattr(deed, each.name), str)
                }
                floor.pbx.carry_out(replace(deed, **(changes | {field.name: changes[field.name] + breaking})))
                if isinstance(deed, SendTo) and deed.where == "waiting" and field.name == "queue":
                    # The queue is left out and the caller transferred. A consult that begins in that moment, as the engine
                    # begins none, would take the two apart first.
                    await floor.until(BridgeEnded)
    await floor.pbx.ami.act("Ping")
    # Every break would have hung up every channel. A queue with one is left out, and the caller waits.
    assert call in floor.pbx.book.calls
    assert floor.of(BridgeEnded) == [BridgeEnded(AMY, call, f"{call}-1", "transfer")]
    since = floor.events[before:]
    # A consult that leaves out its queue may ring Bob, where Bob has a telephone.
    assert {event.agent for event in since if isinstance(event, AgentDialled | AgentRinging)} <= {BOB}
    failed = {type(event) for event in since} - {AgentDialled, AgentRinging}
    assert failed == {OfferFailed, CallReturned, ConsultEnded, BridgeEnded}
    await caller.hang_up()
    await floor.until(CallerHungUp)
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0
