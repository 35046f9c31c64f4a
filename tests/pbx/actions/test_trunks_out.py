"""Trunks as carriers want them, on a real Asterisk, with SIPp as the carriers: registrations that never give up, and calls out
that try the next trunk."""

import re
import string
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from acd.engine.callback_events import CallbackAnswered, CallbackFailed, CallSentOn
from acd.engine.events import CallBridged, CallQueued, CallReturned
from acd.engine.transfer_events import ConsultBegan
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import Outwards, PbxSettings, PbxTrunk
from acd.pbx.install.ports import free_port
from acd.sipp.actors import Caller, Phone
from acd.telephone_numbers import DialAs
from tests.pbx.actions.test_destinations import AWAY, OUTSIDE, queued
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.sipp_carrier import SippCarrier, proves, refused, registrar, taken, value
from tests.support.waiting import eventually

CARRIER = "127.0.0.3"
CALLERS = "127.0.0.2"
PASSWORD = "P@ss#1!;x'<>&%\\y;;"
BAD_QUARTERS: list[tuple[int, ...]] = [(404,), (401,), (423,), (480, 405), (403,), (503,), (500, 404, 401, 480)]
"""What a registrar that has trouble answers, one trunk for each."""


class House:
    """An Asterisk whose trunks lead to carriers of the test's own."""

    def __init__(self, fixture: AsteriskFixture, ports: dict[str, int]) -> None:
        self.fixture, self.ports = fixture, ports
        self.carriers: list[SippCarrier] = []

    async def carrier(self, trunk: str, registers: str = "", called: str = "", options: bool = True) -> SippCarrier:
        settings = self.fixture.settings
        carrier = SippCarrier(
            self.fixture.asterisk.tool("sipp"),
            address=CARRIER,
            port=self.ports[trunk],
            pbx_port=settings.sip_port,
            folder=settings.run_folder / "carriers" / f"{len(self.carriers)}-{trunk}",
            registers=registers,
            called=called,
            options=options,
        )
        self.carriers.append(carrier)
        return await carrier.start()

    async def leave(self) -> None:
        for carrier in self.carriers:
            await carrier.stop()
        self.carriers.clear()
        await self.fixture.everybody_leaves()

    async def status(self, trunk: str) -> str:
        said = await self.fixture.cli("pjsip show registrations")
        return next((line.split()[2] for line in said.splitlines() if f"trunk-{trunk}-registration/" in line), "none")


async def opened(
    folder: Path, trunks: dict[str, PbxTrunk], ports: dict[str, int], again_s: tuple[int, int, int] = (1, 1, 1)
) -> House:
    callers = PbxTrunk("callers", (f"{CALLERS}/32",))
    fixture = await AsteriskFixture.opened(folder, trunks=(callers, *trunks.values()), register_again_s=again_s)
    return House(fixture, ports)


def test_what_is_written_for_the_registrar_is_read_back(tmp_path: Path):
    """Guards the tests below: SIPp takes the scenario's XML as it stands."""
    import xml.etree.ElementTree as ElementTree

    from tests.support.sipp_carrier import scenario

    text = scenario(registrar("a", PASSWORD, answers=(401, 404)), taken("x"))
    [password] = {each.get("password") for each in ElementTree.fromstring(text).iter("verifyauth")}
    assert password == PASSWORD


@pytest.mark.asterisk
async def test_a_registration_is_tried_until_it_is_taken_whatever_the_registrar_answered(tmp_path: Path):
    names = [f"bad-{number}" for number in "abcdefg"]
    ports = {name: free_port("udp", CARRIER) for name in (*names, "away")}
    trunks = {name: PbxTrunk(name, (), f"{CARRIER}:{port}", "acc1", PASSWORD) for name, port in ports.items()}
    house = await opened(tmp_path, trunks, ports)
    try:
        carriers = [
            await house.carrier(name, registrar("acc1", PASSWORD, answers=answers))
            for name, answers in zip(names, BAD_QUARTERS, strict=True)
        ]
        for name, carrier, answers in zip(names, carriers, BAD_QUARTERS, strict=True):

            async def registered(name: str = name) -> bool:
                return await house.status(name) == "Registered"

            await eventually(registered, f"{name}'s registration after {answers}")
            assert len(carrier.requests("REGISTER")) > len(answers)
        # Nobody there at all: it is tried on, and found when the carrier is back.
        assert await house.status("away") != "Registered"
        await house.carrier("away", registrar("acc1", PASSWORD))

        async def back() -> bool:
            return await house.status("away") == "Registered"

        await eventually(back, "the registration at a carrier that was away")
    finally:
        await house.leave()
        await house.fixture.closed()


@pytest.mark.asterisk
async def test_each_kind_of_refusal_is_tried_again_after_its_own_time(tmp_path: Path):
    """In seconds here; in the product 30 s, 60 s and, after 403, five minutes: carriers lock accounts that come back at once."""
    kinds = {"silence": (503, 1), "other": (404, 2), "forbidden": (403, 4)}
    ports = {name: free_port("udp", CARRIER) for name in kinds}
    trunks = {name: PbxTrunk(name, (), f"{CARRIER}:{port}", name, PASSWORD) for name, port in ports.items()}
    house = await opened(tmp_path, trunks, ports, (1, 2, 4))
    try:
        for name, (code, _) in kinds.items():
            await house.carrier(name, registrar(name, PASSWORD, answers=(code,)))
        for name, (code, again_s) in kinds.items():

            async def registered(name: str = name) -> bool:
                return await house.status(name) == "Registered"

            await eventually(registered, f"{name}'s registration after {code}")
            line = rf"{code}.*registration attempt to 'sip:{name}@[^']*', retrying in '{again_s}'"
            assert re.search(line, house.fixture.log()), house.fixture.log()[-2000:]
    finally:
        await house.leave()
        await house.fixture.closed()
    [default] = [each.default for each in fields(PbxSettings) if each.name == "register_again_s"]
    assert isinstance(default, tuple)
    render(replace(house.fixture.settings, register_again_s=default))
    text = (house.fixture.settings.etc / "pjsip.conf").read_text("utf-8")
    for key, seconds in (("retry_interval", 30), ("fatal_retry_interval", 60), ("forbidden_retry_interval", 300)):
        assert len(re.findall(rf"^{key} = {seconds}$", text, re.M)) == len(kinds)


PASSWORDS = [string.printable[at : at + 20].strip() for at in range(0, 95, 19)]


@pytest.mark.parametrize("password", [*PASSWORDS, "123456", ";", "\\;", ";--x--;", "=>x", "pässwörd", "密码 1"])
async def test_any_printable_password_reaches_asterisk_as_it_is(out: House, password: str):
    was = out.fixture.settings
    trunk = PbxTrunk("odd", (), f"{CARRIER}:9", "acc1", password, outwards=Outwards(auth_user="a;b;c", realm="r;1"))
    try:
        render(replace(was, trunks=(*was.trunks, trunk)))
        await out.fixture.cli("module reload res_pjsip.so")

        async def read() -> str:
            said = await out.fixture.cli("pjsip show auth trunk-odd")
            return next((line for line in said.splitlines() if line.startswith(" password   ")), "")

        assert (await eventually(read)).partition(": ")[2] == password
        said = await out.fixture.cli("pjsip show auth trunk-odd")
        assert " username                 : a;b;c\n" in said and " realm                    : r;1\n" in said
    finally:
        render(was)
        await out.fixture.cli("module reload res_pjsip.so")


@pytest.fixture(scope="module")
async def house_out(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    ports = {name: free_port("udp", CARRIER) for name in ("first", "second", "third")}
    trunks = {
        "first": PbxTrunk(
            "first", (), f"{CARRIER}:{ports['first']}", "acc1@ims.example", PASSWORD,
            outwards=Outwards(auth_user="+86755@ims.example", number_in="pai", caller_number="+864006009500", qualify_s=1),
        ),
        "second": PbxTrunk(
            "second", ("127.0.0.4",), outbound=f"{CARRIER}:{ports['second']}",
            outwards=Outwards(from_domain="itsp.example", dial_as="e164"),
        ),
        "third": PbxTrunk(
            "third", (), "ims.example", "+8675512345678@ims.example", "123456",
            outwards=Outwards(
                outbound_proxy=f"{CARRIER}:{ports['third']}", from_user="+8675512345678", number_in="ppi",
                caller_number="+8675512345678", realm="ims.example",
            ),
        ),
    }  # fmt: skip
    house = await opened(tmp_path_factory.mktemp("trunks-out"), trunks, ports)
    yield house
    await house.fixture.closed()


@pytest.fixture
async def out(house_out: House) -> AsyncIterator[House]:
    yield house_out
    await house_out.leave()


async def test_a_callback_goes_over_the_next_trunk_and_each_one_hears_what_it_wants(out: House):
    first = await out.carrier("first", registrar("+86755@ims.example", PASSWORD), refused(503))
    second = await out.carrier("second", called=refused(403))
    third = await out.carrier(
        "third", registrar("+8675512345678@ims.example", "123456", realm="ims.example"), taken("ims.example")
    )
    floor = await out.fixture.linked()
    told: list[tuple[str, int | None, str]] = []
    floor.pbx.on_trunk = lambda *what: told.append(what)
    floor.call_back(AWAY, OUTSIDE)
    assert await floor.until(CallbackAnswered) == CallbackAnswered(AWAY, "third")
    assert told == [("first", 503, AWAY), ("second", 403, AWAY), ("third", None, AWAY)]
    assert floor.of(CallbackFailed) == []
    assert len(floor.pbx.callbacks.counter._left) == 1, "three trunks are one call of calls_out.per_hour"

    [asked] = first.requests("INVITE")
    assert "<sip:acc1@ims.example>" in value(asked, "From")
    assert value(asked, "P-Asserted-Identity") == "<sip:+864006009500@ims.example>"
    assert asked.startswith(f"INVITE sip:{OUTSIDE}@")
    [asked] = second.requests("INVITE")
    assert asked.startswith(f"INVITE sip:+86{OUTSIDE}@")
    assert "<sip:95001@itsp.example>" in value(asked, "From")  # the number that the customer had dialled
    assert not value(asked, "P-Asserted-Identity") and not value(asked, "Remote-Party-ID")
    challenged, asked = third.requests("INVITE")
    assert asked.startswith(f"INVITE sip:{OUTSIDE}@ims.example SIP/2.0")
    assert value(asked, "Route") == f"<sip:{CARRIER}:{out.ports['third']};lr>"
    assert "<sip:+8675512345678@ims.example>" in value(asked, "From")
    assert value(asked, "P-Preferred-Identity") == "<sip:+8675512345678@ims.example>"
    assert not value(challenged, "Proxy-Authorization") and proves(asked, "123456")
    assert "unknown" not in asked

    async def registers() -> bool:
        return await out.status("third") == "Registered"

    await eventually(registers, "the registration of an IMS account")
    registered = third.requests("REGISTER")[-1]
    assert registered.startswith("REGISTER sip:ims.example SIP/2.0")
    assert value(registered, "To") == "<sip:+8675512345678@ims.example>"
    assert "<sip:+8675512345678@ims.example>" in value(registered, "From")
    assert value(registered, "Contact").startswith("<sip:+8675512345678@127.0.0.1")
    assert value(registered, "Route") == f"<sip:{CARRIER}:{out.ports['third']};lr>"
    assert 'username="+8675512345678@ims.example", realm="' in value(registered, "Authorization")


@pytest.mark.parametrize(("code", "reason"), [(486, "busy"), (603, "refused"), (480, "no answer")])
async def test_what_the_customer_answers_is_no_reason_to_ring_the_customer_again(out: House, code: int, reason: str):
    await out.carrier("first", called=refused(code))
    second = await out.carrier("second", called=taken())
    floor = await out.fixture.linked()
    floor.call_back(AWAY, OUTSIDE)
    failed = await floor.until(CallbackFailed)
    assert (failed.reason, failed.trunk, failed.code) == (reason, "first", code)
    await floor.pbx.ami.act("Ping")
    assert second.requests("INVITE") == []


async def test_when_no_trunk_carries_it_the_last_ones_answer_is_told_once(out: House):
    for trunk in ("first", "second"):
        await out.carrier(trunk, called=refused(503))
    await out.carrier("third", called=refused(500))
    floor = await out.fixture.linked()
    floor.call_back(AWAY, OUTSIDE)
    assert await floor.until(CallbackFailed) == CallbackFailed(AWAY, "failed", 38, "third", 500)
    await out.fixture.empty()
    await floor.pbx.ami.act("Ping")
    assert len(floor.of(CallbackFailed)) == 1


async def test_a_caller_is_sent_on_over_the_next_trunk_by_the_dialplan_alone(out: House):
    first = await out.carrier("first", called=refused(503))
    second = await out.carrier("second", called=taken())
    floor = await out.fixture.linked()
    told: list[tuple[str, int | None, str]] = []
    floor.pbx.on_trunk = lambda *what: told.append(what)
    call = await queued(out.fixture, floor)
    floor.send_to(call, "number", OUTSIDE)
    assert await floor.until(CallSentOn) == CallSentOn(call, "second")
    assert told == [("first", 503, call), ("second", None, call)]
    [asked] = first.requests("INVITE")
    assert value(asked, "P-Asserted-Identity") == "<sip:+864006009500@ims.example>"
    assert asked.startswith(f"INVITE sip:{OUTSIDE}@")
    [asked] = second.requests("INVITE")
    assert asked.startswith(f"INVITE sip:+86{OUTSIDE}@")
    assert "<sip:95001@itsp.example>" in value(asked, "From")


@pytest.mark.parametrize(
    ("how", "written"), [("digits", f"86{OUTSIDE}"), ("national", OUTSIDE), ("00", f"0086{OUTSIDE}")]
)
async def test_how_numbers_are_written_changes_with_a_reload(out: House, how: DialAs, written: str):
    """Back to how they stand in the configuration, too, though Asterisk forgets no global variable at a reload."""
    was = out.fixture.settings
    trunks = [replace(trunk, outwards=replace(trunk.outwards, dial_as=how)) for trunk in was.trunks]
    try:
        render(replace(was, trunks=tuple(trunks)))
        await out.fixture.cli("dialplan reload")
        first = await out.carrier("first", called=taken())
        floor = await out.fixture.linked()
        call = await queued(out.fixture, floor)
        floor.send_to(call, "number", OUTSIDE)
        assert await floor.until(CallSentOn) == CallSentOn(call, "first")
        assert first.requests("INVITE")[0].startswith(f"INVITE sip:{written}@")
    finally:
        render(was)
        await out.fixture.cli("dialplan reload")


async def test_a_number_that_is_shown_no_longer_is_gone_with_a_reload(out: House):
    """Calls out show the trunk's own number, and after it was taken out of the configuration the one that was dialled."""
    was = out.fixture.settings

    def showing(number: str) -> PbxSettings:
        trunks = [
            replace(trunk, outwards=replace(trunk.outwards, caller_number=number)) if trunk.name == "second" else trunk
            for trunk in was.trunks
        ]
        return replace(was, trunks=tuple(trunks))

    await out.carrier("first", called=refused(503))
    second = await out.carrier("second", called=taken())
    floor = await out.fixture.linked()
    seen = []
    try:
        for count, number in enumerate(("+864006009500", "", "02166668888"), 1):
            render(showing(number))
            await out.fixture.cli("dialplan reload")
            caller = await out.fixture.caller(Caller(caller=f"1380000000{count}"))
            call = (await floor.until(CallQueued, count=count)).call
            floor.send_to(call, "number", OUTSIDE)
            await floor.until(CallSentOn, count=count)
            seen.append(value(second.requests("INVITE")[-1], "From"))
            await caller.hang_up()
    finally:
        render(was)
        await out.fixture.cli("dialplan reload")
    for number, shown in zip(("+864006009500", "95001", "02166668888"), seen, strict=True):
        assert f"<sip:{number}@" in shown, seen


async def test_an_agent_consults_an_outside_number_over_the_next_trunk(out: House):
    await out.carrier("first", called=refused(503))
    second = await out.carrier("second", called=taken())
    floor = await out.fixture.linked()
    told: list[tuple[str, int | None, str]] = []
    floor.pbx.on_trunk = lambda *what: told.append(what)
    await out.fixture.agents("1001", Phone(ring_s=0.2))
    call = await queued(out.fixture, floor)
    floor.offer(call, "1001")
    await floor.until(CallBridged)
    floor.consult(call, "1001", number=OUTSIDE)
    await floor.until(ConsultBegan)
    assert told == [("first", 503, call), ("second", None, call)]
    [asked] = second.requests("INVITE")
    assert asked.startswith(f"INVITE sip:+86{OUTSIDE}@")


@pytest.mark.parametrize(("code", "reason"), [(486, "busy"), (603, "failed"), (404, "failed")])
async def test_a_caller_who_is_sent_on_comes_back_with_what_the_number_said(out: House, code: int, reason: str):
    await out.carrier("first", called=refused(code))
    second = await out.carrier("second", called=refused(404))
    third = await out.carrier("third", called=refused(404))
    floor = await out.fixture.linked()
    call = await queued(out.fixture, floor)
    floor.send_to(call, "number", OUTSIDE)
    assert await floor.until(CallReturned) == CallReturned(call, reason)
    tried = [len(carrier.requests("INVITE")) for carrier in (second, third)]
    assert tried == ([1, 1] if code == 404 else [0, 0])


async def test_a_trunk_in_trouble_is_tried_behind_the_others(out: House):
    first = await out.carrier("first", called=taken())
    second = await out.carrier("second", called=taken())
    floor = await out.fixture.linked()
    floor.pbx.trunks_ordered(["trunk-second", "trunk-third", "trunk-first"])
    floor.call_back(AWAY, OUTSIDE)
    assert await floor.until(CallbackAnswered) == CallbackAnswered(AWAY, "second")
    call = await queued(out.fixture, floor)
    floor.send_to(call, "number", OUTSIDE)
    assert await floor.until(CallSentOn) == CallSentOn(call, "second")
    assert first.requests("INVITE") == [] and len(second.requests("INVITE")) == 2
    floor.pbx.trunks_ordered(["trunk-first", "trunk-second", "trunk-third"])
    await floor.pbx.ami.act("Ping")
