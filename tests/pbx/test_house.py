"""What the house does without, and against, the daemon: on a real Asterisk."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from acd.engine.events import (
    AgentAnswered,
    AgentRinging,
    AlarmRaised,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PbxFound,
    PbxLost,
    PhoneChanged,
)
from acd.pbx.actions.ring_variables import clean_label
from acd.pbx.ami.connection import AmiRefused
from acd.pbx.conf.render import RELOAD_SIP, render
from acd.pbx.conf.settings import PbxAgent
from acd.pbx.probe import Probe
from acd.sipp.actors import Caller, Phone, SippCaller
from tests.pbx.house import Floor, PbxHouse, eventually, seconds_of


async def test_the_daemons_account_has_the_least_rights(house: PbxHouse):
    floor = await house.linked()
    act = floor.pbx.ami.act
    attempts: tuple[tuple[str, dict[str, str]], ...] = (
        ("Command", {"Command": "core show channels"}),
        ("Reload", {}),
        ("UpdateConfig", {"SrcFilename": "manager.conf", "DstFilename": "manager.conf"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("DBPut", {"Family": "a", "Key": "b", "Val": "c"}),
        ("QueueAdd", {"Queue": "billing", "Interface": "PJSIP/1001"}),
        ("MixMonitor", {"Channel": "x", "File": "/tmp/x.wav"}),
        ("AGI", {"Channel": "x", "Command": "exec"}),
        ("Filter", {"Operation": "Add", "Filter": "x"}),
        ("ModuleLoad", {"LoadType": "load", "Module": "app_system.so"}),
        ("PJSIPShowEndpoints", {}),
        ("DialplanExtensionAdd", {"Context": "a", "Extension": "s", "Priority": "1", "Application": "NoOp"}),
    )
    for action, fields in attempts:
        with pytest.raises(AmiRefused, match=r"Permission denied|Invalid/unknown command"):
            await floor.pbx.ami.send([(action, fields)])[0]
    for application, data in (("System", "id"), ("TrySystem", "id"), ("AGI", "/bin/true"), ("Set", "x=${SHELL(id)}")):
        with pytest.raises(AmiRefused):
            await act("Originate", Channel="Local/s@confirm", Application=application, Data=data)
    for variable in ("DB(a/b)", "SHELL(id)", "FILE(/tmp/x)"):
        with pytest.raises(AmiRefused):
            await act("Setvar", Variable=f"GLOBAL(x)={variable}" if "(" not in variable else variable, Value="x")
    await act("Setvar", Variable="GLOBAL(ACD_TEST)", Value="fine")


async def test_ami_listens_on_loopback_alone_and_sip_is_alive(house: PbxHouse):
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.2", house.settings.ami_port)
    assert await Probe(house.settings.sip_port).look() == ""


async def test_a_password_that_asterisk_refuses_is_an_alarm(house: PbxHouse):
    secrets = replace(house.settings.secrets, ami_password="never-the-same")
    floor = Floor(replace(house.settings, secrets=secrets), epoch=1)
    house.floors.append(floor)
    floor.pbx.start()
    alarm = await floor.until(AlarmRaised)
    assert alarm.name == "AMI login refused"
    assert floor.of(PbxLost) and not floor.of(PbxFound)


async def test_modules_are_the_list_and_nothing_else(house: PbxHouse):
    listed = {
        line.split("=")[1].strip()
        for line in (house.settings.etc / "modules.conf").read_text().splitlines()
        if line.startswith(("load", "require"))
    }
    shown = await house.cli("module show")
    loaded = {line.split()[0] for line in shown.splitlines() if ".so " in line}
    assert loaded == listed
    assert all("Not Running" not in line for line in shown.splitlines())


async def test_strangers_and_unknown_numbers_are_turned_away_without_a_channel(house: PbxHouse):
    floor = await house.linked()
    for caller, address in (
        (Caller(number="95001"), "127.0.0.3"),
        (Caller(number="0015551234"), "127.0.0.2"),
        (Caller(number="s"), "127.0.0.2"),
        (Caller(number="*13"), "127.0.0.2"),
    ):
        assert await (await house.caller(caller, address=address)).wait() != 0
    wrong = Caller(number="95001", caller="1001", password="wrong-password")
    thief = await house.caller(wrong, address="127.0.0.1")
    await eventually(lambda: thief.uac.messages("caller").count("\nSIP/2.0 401 ") >= 2)
    assert floor.of(CallArrived) == []
    guest = await house.caller(Caller(number="95002", caller="guest", password="guest-password"), address="127.0.0.1")
    assert await floor.until(CallArrived) == CallArrived(floor.of(CallArrived)[0].call, "unknown", "95002")
    await guest.hang_up()


ODD_NUMBERS = {
    "13800001111": "13800001111",
    "+8613800001111": "8613800001111",
    "10": "10",
    "1": "unknown",
    "1" * 20: "1" * 20,
    "1" * 300: "unknown",
    "anonymous": "unknown",
    "agent007": "unknown",
    "13800001111;phone-context=+86": "13800001111",
    "13800001111:999": "13800001111",
    "138%40999": "unknown",
    "%2B8613800001111": "8613800001111",
    "138%0D%0A999": "unknown",
    "%24%7BSHELL(id)%7D": "unknown",
    "$(id)": "unknown",
    "1%2C2": "12",
    "%E5%BC%A0%E4%B8%89": "unknown",
    "138%00": "unknown",
    "=1+1": "unknown",
    "*13": "unknown",
}


async def test_a_callers_number_is_digits_or_unknown(house: PbxHouse):
    floor = await house.linked()
    for count, (number, known) in enumerate(ODD_NUMBERS.items(), start=1):
        caller = await house.caller(
            Caller(caller=number, name=f"<sip:999@[local_ip]> {number[:40]}", headers={"X-Note": "n" * 2000})
        )
        arrived = await floor.until(CallArrived, count=count)
        assert arrived == CallArrived(arrived.call, known, "95001"), number
        await caller.stop()
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0


async def test_a_caller_cannot_send_himself_anywhere(house: PbxHouse):
    """REFER on a trunk: 603, and the call stays where it was."""
    floor = await house.linked()
    caller = await house.caller(Caller(refers_to="95000"))
    call = (await floor.until(CallQueued)).call
    await eventually(lambda: "SIP/2.0 603" in caller.uac.messages("caller"))
    [channel] = await house.channels()
    assert floor.pbx.book.calls[call].channel == channel.split("!")[0]
    assert floor.of(CallArrived) == [CallArrived(call, "13800001111", "95001")]


async def test_events_forged_in_a_callers_number_are_dropped_and_counted(tmp_path: Path):
    """With the first wall down on purpose: a trunk without the fixed caller id, so that his text reaches the events."""
    house = await PbxHouse.opened(tmp_path)
    try:
        pjsip = (house.settings.etc / "pjsip.conf").read_text()
        assert "callerid = unknown <000>\n" in pjsip
        (house.settings.etc / "pjsip.conf").write_text(pjsip.replace("callerid = unknown <000>\n", ""))
        await house.cli(RELOAD_SIP)
        floor = await house.linked()
        await house.caller(Caller(caller="13800001111"))
        honest = (await floor.until(CallQueued)).call
        uniqueid = floor.pbx.book.calls[honest].uniqueid
        lines = (
            "Event: Hangup",
            "Privilege: call,all",
            "Timestamp: 1763773200.000000",
            "SystemName: sanxiang",
            f"Uniqueid: {uniqueid}",
            "Cause: 16",
        )
        payload = "1%0D%0A%0D%0A" + "%0D%0A".join(line.replace(" ", "%20").replace(":", "%3A") for line in lines)
        await house.caller(Caller(caller=payload.replace(",", "%2C") + "%0D%0A%0D%0A"))
        await eventually(lambda: floor.pbx.ami.forged)
        await floor.pbx.ami.act("Ping")
        assert floor.of(CallerHungUp) == [] and honest in floor.pbx.book.calls
    finally:
        await house.closed()


async def test_an_offer_of_a_daemon_that_was_followed_by_another_is_not_dialled(house: PbxHouse):
    amy = await house.agents("1001", Phone(ring_s=0.2))
    old = await house.linked(epoch=3)
    await house.caller(Caller())
    call = (await old.until(CallQueued)).call
    new = await house.linked(epoch=4)
    offer = old.offer(call, "1001")
    assert await old.until(OfferFailed) == OfferFailed("1001", call, offer, "not dialled", 0)
    assert amy.invites() == []
    [found] = new.of(PbxFound)[0].calls
    assert (found.call, found.place, found.queue, found.caller) == (call, "waiting", "billing", "13800001111")
    old_again = await house.linked(epoch=3)
    assert old_again.superseded == [4] and old_again.events == []
    new.offer(call, "1001")
    await new.until(CallBridged)


async def test_of_offers_that_follow_at_once_the_last_is_dialled(house: PbxHouse):
    """Asterisk says of a channel that was redirected a moment ago that it is not up; the call lives."""
    floor = await house.linked()
    amy = await house.agents("1001", Phone(never_answers=True))
    await house.agents("1002", Phone(ring_s=0.1))
    for count in range(1, 6):
        caller = await house.caller(Caller(caller=f"1380000000{count}"))
        call = (await floor.until(CallQueued, count=count)).call
        for agent in ("1001", "1002", "1001", "1002"):
            last = floor.offer(call, agent)
        assert await floor.until(CallBridged, count=count) == CallBridged("1002", call, last)
        await caller.hang_up()
        await floor.until(CallerHungUp, count=count)
    assert floor.of(OfferFailed) == []
    await eventually(lambda: not floor.pbx.book.agent_legs)
    assert len(amy.invites()) <= 10


async def test_a_taking_back_that_crosses_an_answer_hangs_up_on_nobody(house: PbxHouse):
    floor = await house.linked()
    await house.agents("1001", Phone(ring_s=0.3))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1001")
    await floor.until(AgentAnswered)
    floor.take_back(call, "1001")
    assert await floor.until(CallBridged) == CallBridged("1001", call, offer)
    await floor.pbx.ami.act("Ping")
    assert floor.of(BridgeEnded) == []
    await caller.hang_up()
    assert (await floor.until(BridgeEnded)).by == "caller"


async def test_resync_finds_who_waits_who_rings_and_who_talks(house: PbxHouse):
    before = await house.linked(epoch=1)
    await house.agents("1001", Phone(ring_s=0.1))
    await house.agents("1002", Phone(never_answers=True))
    for number, caller in enumerate(("13800000001", "13800000002", "13800000003"), start=1):
        await house.caller(Caller(caller=caller, number="95002"))
        await before.until(CallQueued, count=number)
    talking, ringing, waiting = (event.call for event in before.of(CallQueued))
    before.offer(talking, "1001")
    before.offer(ringing, "1002")
    await before.until(CallBridged)
    await before.until(AgentRinging, lambda event: event.agent == "1002")
    await before.leave()
    after = await house.linked(epoch=2)
    found = {call.call: call for call in after.of(PbxFound)[0].calls}
    assert {call: (f.place, f.agent, f.offer) for call, f in found.items()} == {
        talking: ("talking", "1001", f"{talking}-1"),
        ringing: ("ringing", "1002", f"{ringing}-1"),
        waiting: ("waiting", "", ""),
    }
    assert found[waiting].waiting_for_s < found[talking].waiting_for_s < 60
    assert found[waiting] == replace(
        found[talking], call=waiting, place="waiting", caller="13800000003", agent="", offer="",
        waiting_for_s=found[waiting].waiting_for_s, talk=None,
    )  # fmt: skip
    talk = found[talking].talk
    assert talk is not None and (talk.agent, talk.offer, talk.ended_s) == ("1001", f"{talking}-1", 0.0)
    assert 0 < talk.began_s < found[talking].waiting_for_s
    assert PhoneChanged("1001", True) in after.events and PhoneChanged("1002", True) in after.events
    # The books are whole: what happens now is told as if we had always been there.
    talker = house.people[2]
    assert isinstance(talker, SippCaller)
    await talker.hang_up()
    assert await after.until(BridgeEnded) == BridgeEnded("1001", talking, f"{talking}-1", "caller")
    after.offer(waiting, "1001")
    await after.until(AgentAnswered)
    await after.until(CallBridged)


async def test_with_the_daemon_silent_agents_are_rung_all_the_same_and_back_again(house: PbxHouse):
    floor = await house.linked(epoch=1)
    await house.agents("1001", Phone(ring_s=0.2))
    floor.pbx.ready({"billing": ["1001"], "after-sales": []})
    await floor.pbx.ami.act("Ping")
    await floor.leave()
    await house.cli("dialplan set global ACD_BEAT 0")  # as after ten seconds
    first = await house.caller(Caller(caller="13800000001"))
    live = house.settings.recordings_folder / "live"

    async def talks() -> bool:
        return "2 channels" in await house.cli("bridge show all") or any(
            "!Queue!" in line and "!Up!" in line and line.split("!")[-2] for line in await house.channels()
        )

    await eventually(talks, "the fallback's conversation")
    await house.caller(Caller(caller="13800000002"))

    async def waits_alone() -> bool:
        return sum("!alone!" in line for line in await house.channels()) == 2

    await eventually(waits_alone, "the second caller in the fallback")
    back = await house.linked(epoch=2)
    found = {call.caller: call for call in back.of(PbxFound)[0].calls}
    one, two = found["13800000001"], found["13800000002"]
    assert (one.place, one.agent, one.offer) == ("talking", "1001", f"{one.call}-f1")
    assert (two.place, two.agent) == ("fallback", "")

    async def fetched() -> bool:
        return any("!waiting!" in line for line in await house.channels())

    await eventually(fetched, "the waiting caller's return")
    await first.hang_up()
    assert await back.until(BridgeEnded) == BridgeEnded("1001", one.call, f"{one.call}-f1", "caller")
    assert seconds_of(live / f"{one.call}-f1.wav") > 0.5
    back.offer(two.call, "1001")
    assert (await back.until(CallBridged)).call == two.call


async def test_with_nobody_at_all_the_caller_is_kept_with_music(house: PbxHouse):
    caller = await house.caller(Caller())

    async def music() -> bool:
        return any("!nobody!" in line and "!MusicOnHold!" in line for line in await house.channels())

    await eventually(music)
    await caller.hang_up()
    await house.empty()


async def test_a_story_server_that_accepts_and_is_silent_holds_nobody(house: PbxHouse):
    connected: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(
        lambda reader, writer: connected.append(writer), "127.0.0.1", house.settings.agi_port
    )
    floor = await house.linked()
    floor.pbx.stories(True)
    await floor.pbx.ami.act("Ping")
    await house.caller(Caller())
    await floor.until(CallArrived)
    await eventually(lambda: connected)
    assert floor.of(CallQueued) == []  # He is stuck in the menu.
    floor.pbx.stories(False)
    queued = await floor.until(CallQueued)
    silent.close()
    for writer in connected:
        writer.close()
    # Refused instead: the dialplan goes on by itself.
    floor.pbx.stories(True)
    await floor.pbx.ami.act("Ping")
    await house.caller(Caller(caller="13800000002"))
    assert (await floor.until(CallQueued, count=2)).call != queued.call


@pytest.fixture
async def own_house(tmp_path: Path) -> AsyncIterator[PbxHouse]:
    opened = await PbxHouse.opened(tmp_path)
    yield opened
    await opened.closed()


async def test_an_asterisk_that_was_killed_is_told_as_restarted(own_house: PbxHouse):
    floor = await own_house.linked()
    await own_house.caller(Caller())
    await floor.until(CallQueued)
    await own_house.down()
    await floor.until(PbxLost)
    # CoreStartupTime has whole seconds: a start within the same second would look like the old one.
    started = floor.pbx._started_at
    await eventually(lambda: time.strftime("%H:%M:%S", time.gmtime()) not in started)
    await own_house.up()
    assert await floor.until(PbxFound, count=2) == PbxFound((), restarted=True)


async def test_an_asterisk_that_hangs_is_noticed_by_link_and_probe(own_house: PbxHouse):
    floor = await own_house.linked()
    dead: list[str] = []
    probing = asyncio.create_task(Probe(own_house.settings.sip_port, floor.pbx.ami).run(dead.append))
    assert own_house.process is not None
    own_house.process.send_signal(19)
    began = time.monotonic()
    lost = await floor.until(PbxLost)
    await eventually(lambda: dead)
    assert lost == PbxLost("no sign of life")
    print(f"noticed after {time.monotonic() - began:.1f} s")
    own_house.process.send_signal(18)
    await floor.until(PbxFound, count=2)
    probing.cancel()


async def test_an_agent_added_later_counts_once_pjsip_is_reloaded(own_house: PbxHouse):
    floor = await own_house.linked()
    own_house.settings = replace(
        own_house.settings, agents=(*own_house.settings.agents, PbxAgent("1003", "password-1003"))
    )
    render(own_house.settings)
    await own_house.cli(RELOAD_SIP)
    floor.pbx.agents_changed(["1001", "1002", "1003"])
    assert await floor.until(PhoneChanged, lambda event: event.agent == "1003") == PhoneChanged("1003", False)
    await own_house.agents("1003", Phone())
    assert await floor.until(PhoneChanged, lambda event: event.agent == "1003" and event.reachable)


async def test_a_phone_that_vanishes_while_idle_is_told_and_told_again_when_it_is_back(house: PbxHouse):
    floor = await house.linked()
    amy = await house.agents("1001", Phone())
    await floor.until(PhoneChanged, lambda event: event == PhoneChanged("1001", True))
    floor.events.clear()
    amy.freeze()
    assert await floor.until(PhoneChanged) == PhoneChanged("1001", False)
    amy.thaw()
    assert await floor.until(PhoneChanged, count=2) == PhoneChanged("1001", True)


def test_a_label_holds_nothing_that_a_header_or_the_dialplan_could_stumble_over():
    assert clean_label("客服 138****1111") == "客服 138****1111"
    assert clean_label('a,b"c\\d;e${SHELL(id)}\r\nX: y\0') == "a b c d e SHELL id X: y"
    assert len(clean_label("x" * 200)) == 40
