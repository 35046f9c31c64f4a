"""What the house does without, and against, the daemon: on a real Asterisk."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
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
from acd.pbx.conf.settings import PbxAgent, PbxTrunk
from acd.pbx.install.ports import free_port
from acd.pbx.probe import Finding, Look, Probe
from acd.sipp.actors import Caller, Phone, SippCaller
from acd.telephone_numbers import Numbering
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.pjsip import endpoints
from tests.pbx.support.raw_sip import Request, asked, registrar
from tests.support.audio import seconds_of
from tests.support.waiting import eventually


async def test_the_daemons_account_has_the_least_rights(house: AsteriskFixture):
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


async def test_ami_listens_on_loopback_alone_and_sip_is_alive(house: AsteriskFixture):
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.2", house.settings.ami_port)
    assert await Probe(house.settings.sip_port).look() == Look(Finding.WELL)


async def test_a_call_does_not_stand_behind_one_of_four_threads(house: AsteriskFixture):
    workers = [
        line for line in (await house.cli("core show taskprocessors")).splitlines() if "taskpool/s:pjsip" in line
    ]
    assert len(workers) == 16


async def test_a_password_that_asterisk_refuses_is_an_alarm(house: AsteriskFixture):
    secrets = replace(house.settings.secrets, ami_password="never-the-same")
    floor = LinkUnderTest(replace(house.settings, secrets=secrets), epoch=1)
    house.floors.append(floor)
    floor.pbx.start()
    alarm = await floor.until(AlarmRaised)
    assert alarm.name == "AMI login refused"
    assert floor.of(PbxLost) and not floor.of(PbxFound)


async def test_modules_are_the_list_and_nothing_else(house: AsteriskFixture):
    listed = {
        line.split("=")[1].strip()
        for line in (house.settings.etc / "modules.conf").read_text().splitlines()
        if line.startswith(("load", "require"))
    }
    shown = await house.cli("module show")
    loaded = {line.split()[0] for line in shown.splitlines() if ".so " in line}
    assert loaded == listed
    assert all("Not Running" not in line for line in shown.splitlines())


REGISTRAR = "127.0.0.5"
TRUNKS = {"127.0.0.2": "trunk-carrier", "127.0.0.4": "trunk-second", REGISTRAR: "trunk-backup"}
STRANGER = "127.0.0.3"
"""No trunk's address. 127.0.0.1 is none either; the agents' phones and the probe are there."""
PASSWORDS = {"guest": "guest-password", "1001": "password-1001", "1002": "password-1002"}


@pytest.fixture
async def all_trunks(tmp_path: Path) -> AsyncIterator[AsteriskFixture]:
    """An Asterisk with a trunk of each kind: two known by addresses, one that registers; a guest; two agents."""
    trunks = (
        PbxTrunk("carrier", ("127.0.0.2",), outbound=f"127.0.0.2:{free_port('udp', '127.0.0.2')}"),
        PbxTrunk("second", ("127.0.0.4/32",)),
        PbxTrunk("backup", (), f"{REGISTRAR}:{free_port('udp', REGISTRAR)}", "hotline", "secret-of-ours"),
    )
    async with registrar(trunks[2].host, trunks[2].username, trunks[2].password):
        opened = await AsteriskFixture.opened(tmp_path, trunks=trunks)
        yield opened
        await opened.closed()


def claims_of(name: str, others: Iterable[str]) -> Iterator[Request]:
    """Requests that show `name` where Asterisk might look for an endpoint's name; `others` are all endpoints' names."""
    spelt = (name, f"%{ord(name[0]):02x}{name[1:]}", f"{name};user=phone", f"{name}:x")
    for method in ("INVITE", "REGISTER", "MESSAGE", "SUBSCRIBE", "REFER"):
        for user in spelt:
            yield Request(method, user)
        yield Request(method, name, number=name, contact_user=name, auth_user=name)
        asserted = f"P-Asserted-Identity: <sip:{name}@127.0.0.1>\r\nP-Preferred-Identity: <sip:{name}@127.0.0.1>\r\n"
        more = f"{asserted}Remote-Party-ID: <sip:{name}@127.0.0.1>\r\nX-Endpoint: {name}\r\n"
        yield Request(method, "13800001111", to_user=name, contact_user=name, auth_user=name, headers=more)
    yield Request("INVITE", name, number="*13")
    for other in others:
        # The name of one endpoint in From, an account of another with its right password in the answer to the challenge.
        if other != name and (password := PASSWORDS.get(other)):
            yield Request("INVITE", name, auth_user=other, password=password)


async def calls_processed(house: AsteriskFixture) -> int:
    """How many channels have run dialplan since Asterisk's start."""
    [count] = re.findall(r"(\d+) calls? processed", await house.cli("core show channels count"))
    return int(count)


async def test_strangers_and_unknown_numbers_are_turned_away_without_a_channel(all_trunks: AsteriskFixture):
    """Any name that there is, anywhere in the request: the answer is 401, as for a name that nobody has."""
    house = all_trunks
    floor = await house.linked()
    names = list(endpoints((house.settings.etc / "pjsip.conf").read_text()))
    assert {*TRUNKS.values(), *PASSWORDS, "sanxiang-probe"} <= set(names)
    port, before = house.settings.sip_port, await calls_processed(house)
    for source in (STRANGER, "127.0.0.1"):
        for name in (*names, "95001", "nobody-has-this", "anonymous"):
            for claim in claims_of(name, names):
                codes = await asked(claim, port, source)
                assert set(codes) == {401}, (source, claim, codes)
    for number in ("s", "*13", "trunk-carrier", "1001a"):
        assert await asked(Request("INVITE", "13800001111", number), port, "127.0.0.2") == [404], number
    assert await house.channels() == [] and floor.of(CallArrived) == []
    assert await calls_processed(house) == before
    guest = await house.caller(Caller(number="95002", caller="guest", password="guest-password"), address=STRANGER)
    assert await floor.until(CallArrived) == CallArrived(floor.of(CallArrived)[0].call, "unknown", "95002")
    await guest.hang_up()
    good = Request("INVITE", "guest", auth_user="guest", password=PASSWORDS["guest"])
    assert (await asked(good, port, STRANGER))[-1] == 200  # the wrong names above failed by the name, not by the digest
    assert await calls_processed(house) == before + 2


async def test_a_carriers_address_is_the_carriers_whatever_name_its_from_header_shows(all_trunks: AsteriskFixture):
    """An agent's extension, another trunk's name, the probe's: the address decides. The trunk that registers does so too."""
    house = all_trunks
    floor = await house.linked()

    async def registered() -> bool:
        return "Registered" in await house.cli("pjsip show registrations")

    await eventually(registered, "the trunk's registration")
    known = endpoints((house.settings.etc / "pjsip.conf").read_text())
    names = ("13800001111", "anonymous", *known)
    for source, trunk in TRUNKS.items():
        for name in names:
            assert (await asked(Request("INVITE", name), house.settings.sip_port, source))[-1] == 200, (source, name)
        shown = [line.split("!") for line in await house.channels()]
        assert [row[0].rpartition("-")[0] for row in shown] == len(names) * [f"PJSIP/{trunk}"]
        await house.cli("channel request hangup all")
        await house.empty()
    await floor.until(CallArrived, count=len(TRUNKS) * len(names))
    assert [event.caller for event in floor.of(CallArrived)] == len(TRUNKS) * [
        Numbering().caller(name) for name in names
    ]


async def test_asterisk_identifies_each_endpoint_as_the_lint_reads_it(all_trunks: AsteriskFixture):
    """Asterisk's own list of what each endpoint has: `identify_by`, and whether it asks for a password."""
    text = (all_trunks.settings.etc / "pjsip.conf").read_text()
    for name, endpoint in endpoints(text).items():
        shown = await all_trunks.cli(f"pjsip show endpoint {name}")
        [ways] = re.findall(r"(?m)^ *identify_by +: (.*)$", shown)
        assert set(re.findall(r"[a-z_]+", ways)) == endpoint.identified_by, name
        assert bool(re.search(r"(?m)^ +InAuth:  \S", shown)) == bool(endpoint.get("auth")), name


ONE = "+8613800001111"
ODD_NUMBERS = {
    "13800001111": (ONE, "13800001111"),
    "+8613800001111": (ONE, "+8613800001111"),
    "8613800001111": (ONE, "8613800001111"),
    "013800001111": (ONE, "013800001111"),
    "008613800001111": (ONE, "008613800001111"),
    "10": ("10", "10"),
    "1": ("unknown", ""),
    "+1": ("unknown", ""),
    "+": ("unknown", ""),
    "++8613800001111": ("unknown", ""),
    "138+00001111": ("unknown", ""),
    "0000000000": ("unknown", "0000000000"),
    "95001": ("unknown", "95001"),
    "1" * 20: ("1" * 20, "1" * 20),
    "1" * 300: ("unknown", ""),
    "anonymous": ("unknown", ""),
    "agent007": ("unknown", ""),
    "13800001111;phone-context=+86": (ONE, "13800001111"),
    "13800001111:999": (ONE, "13800001111"),
    "138%40999": ("unknown", ""),
    "%2B8613800001111": (ONE, "+8613800001111"),
    "138%0D%0A999": ("unknown", ""),
    "%24%7BSHELL(id)%7D": ("unknown", ""),
    "$(id)": ("unknown", ""),
    "1%2C2": ("unknown", ""),
    "%E5%BC%A0%E4%B8%89": ("unknown", ""),
    "138%00": ("unknown", ""),
    "=1+1": ("unknown", ""),
    "*13": ("unknown", ""),
}


async def test_a_callers_number_is_one_persons_or_unknown(house: AsteriskFixture):
    floor = await house.linked()
    floor.pbx.settings = replace(house.settings, numbering=Numbering.of("CN", house.settings.numbers))
    for count, (number, (known, written)) in enumerate(ODD_NUMBERS.items(), start=1):
        caller = await house.caller(
            Caller(caller=number, name=f"<sip:999@[local_ip]> {number[:40]}", headers={"X-Note": "n" * 2000})
        )
        arrived = await floor.until(CallArrived, count=count)
        assert arrived == CallArrived(arrived.call, known, "95001", written, trunk="carrier"), number
        await caller.stop()
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == 0


async def test_a_caller_cannot_send_himself_anywhere(house: AsteriskFixture):
    """REFER on a trunk: 603, and the call stays where it was."""
    floor = await house.linked()
    caller = await house.caller(Caller(refers_to="95000"))
    call = (await floor.until(CallQueued)).call
    await eventually(lambda: "SIP/2.0 603" in caller.uac.messages("caller"))
    [channel] = await house.channels()
    assert floor.pbx.book.calls[call].channel == channel.split("!")[0]
    assert floor.of(CallArrived) == [CallArrived(call, ONE, "95001", "13800001111", trunk="carrier")]


@pytest.mark.asterisk
async def test_events_forged_in_a_callers_number_are_dropped_and_counted(tmp_path: Path):
    """With the first wall down on purpose: a trunk without the fixed caller id, so that his text reaches the events."""
    house = await AsteriskFixture.opened(tmp_path)
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


async def test_an_offer_of_a_daemon_that_was_followed_by_another_is_not_dialled(house: AsteriskFixture):
    amy = await house.agents("1001", Phone(ring_s=0.2))
    old = await house.linked(epoch=3)
    await house.caller(Caller())
    call = (await old.until(CallQueued)).call
    new = await house.linked(epoch=4)
    offer = old.offer(call, "1001")
    assert await old.until(OfferFailed) == OfferFailed("1001", call, offer, "not dialled", 0)
    assert amy.invites() == []
    [found] = new.of(PbxFound)[0].calls
    assert (found.call, found.place, found.queue, found.caller) == (call, "waiting", "billing", ONE)
    old_again = await house.linked(epoch=3)
    assert old_again.superseded == [4] and old_again.events == []
    new.offer(call, "1001")
    await new.until(CallBridged)


async def test_of_offers_that_follow_at_once_the_last_is_dialled(house: AsteriskFixture):
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


async def test_a_taking_back_that_crosses_an_answer_hangs_up_on_nobody(house: AsteriskFixture):
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


async def test_resync_finds_who_waits_who_rings_and_who_talks(house: AsteriskFixture):
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
        found[talking], call=waiting, place="waiting", caller="+8613800000003", written="13800000003", agent="", offer="",
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


async def test_with_the_daemon_silent_agents_are_rung_all_the_same_and_back_again(house: AsteriskFixture):
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
    one, two = found["+8613800000001"], found["+8613800000002"]
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


async def test_with_nobody_at_all_the_caller_is_kept_with_music(house: AsteriskFixture):
    caller = await house.caller(Caller())

    async def music() -> bool:
        return any("!nobody!" in line and "!MusicOnHold!" in line for line in await house.channels())

    await eventually(music)
    await caller.hang_up()
    await house.empty()


async def test_a_story_server_that_accepts_and_is_silent_holds_nobody(house: AsteriskFixture):
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
async def own_house(tmp_path: Path) -> AsyncIterator[AsteriskFixture]:
    opened = await AsteriskFixture.opened(tmp_path)
    yield opened
    await opened.closed()


async def test_an_asterisk_that_was_killed_is_told_as_restarted(own_house: AsteriskFixture):
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


async def test_an_asterisk_that_hangs_is_noticed_by_link_and_probe(own_house: AsteriskFixture):
    floor = await own_house.linked()
    probe = Probe(own_house.settings.sip_port, floor.pbx.ami)
    assert (await probe.look()).finding is Finding.WELL
    assert own_house.process is not None
    own_house.process.send_signal(19)
    began = time.monotonic()
    lost = await floor.until(PbxLost)
    assert (await probe.look()).finding is Finding.SILENT
    assert lost == PbxLost("no sign of life")
    print(f"noticed after {time.monotonic() - began:.1f} s")
    own_house.process.send_signal(18)
    await floor.until(PbxFound, count=2)
    assert (await probe.look()).finding is Finding.WELL


async def test_an_agent_added_later_counts_once_pjsip_is_reloaded(own_house: AsteriskFixture):
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


async def test_a_phone_that_vanishes_while_idle_is_told_and_told_again_when_it_is_back(house: AsteriskFixture):
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
