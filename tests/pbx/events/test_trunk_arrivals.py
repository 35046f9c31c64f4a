"""Calls over trunks as carriers really send them: who calls, which number is called, and what is not believed. On a real Asterisk."""

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest

from acd.engine.events import AlarmRaised, CallArrived, CallerHungUp, CallQueued, CallTurnedAway
from acd.pbx.conf.settings import Arrivals, PbxTrunk
from acd.sipp.actors import Caller
from acd.telephone_numbers import Numbering
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.pbx.support.raw_sip import Request, asked
from tests.support.waiting import eventually

pytestmark = pytest.mark.asterisk

ACCOUNT = '"4006009500" <sip:4006009500@carrier.example;user=phone>'
"""What carriers put into From for every caller."""
TRUNKS = {
    "plain": ("127.0.0.2", Arrivals()),
    "pai": ("127.0.0.11", Arrivals(caller_from=("pai",), verdict=True, did_from=("to", "uri"), accounts=("acc1",))),
    "pai-from": ("127.0.0.12", Arrivals(caller_from=("pai", "from"), did_from=("diversion", "p-called-party-id"))),
    "rpid": ("127.0.0.13", Arrivals(caller_from=("rpid",), did_from=("uri", "p-called-party-id"))),
    "ppi": ("127.0.0.14", Arrivals(caller_from=("ppi", "pai"), verdict=True)),
    "late": ("127.0.0.16", Arrivals(answer_pause_ms=700)),
    "account": ("127.0.0.15", Arrivals(accounts=("acc1", "hotline.example"), default_number="95002")),
}
NUMBERS = {"95000": "ask", "95001": "zh", "95002": "en", "4006009500": "zh", "01062345678": "zh"}


@pytest.fixture(scope="module")
async def open_carriers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    trunks = tuple(PbxTrunk(name, (address,), arrivals=how) for name, (address, how) in TRUNKS.items())
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("carriers"),
        trunks=trunks,
        numbers=NUMBERS,
        calls_per_number=0,
        numbering=Numbering.of("CN", (*NUMBERS, "88888888")),
        turned_away=("13700000001", "+442079460123"),
    )
    yield opened
    await opened.closed()


@pytest.fixture
async def carriers(open_carriers: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    yield open_carriers
    await open_carriers.everybody_leaves()


@dataclass(frozen=True, slots=True)
class Sent:
    """An INVITE of a carrier, and what is to be understood."""

    trunk: str
    caller: str
    headers: tuple[str, ...] = ()
    from_value: str = ACCOUNT
    withheld: bool = False
    identity: str = ""


PAI = "P-Asserted-Identity: "
LONG = "<sip:+8613800001111@carrier.example;user=phone>"
CALLERS: dict[str, Sent] = {
    "two identities, the account in From": Sent("pai", "8613800001111", (f"{PAI}{LONG}", f"{PAI}<tel:+8613800001111>")),
    "two identities on one line": Sent("pai", "8613800001111", (f"{PAI}{LONG}, <tel:+8613800001111>",)),
    "the second identity alone is a number": Sent("pai", "13800001111", (f"{PAI}<sip:anna@carrier.example>", f"{PAI}<tel:13800001111>")),
    "the same on one line": Sent("pai", "13800001111", (f"{PAI}<tel:13800001111>, <sip:anna@carrier.example>",)),
    "tel alone, without brackets": Sent("pai", "8613800001111", (f"{PAI}tel:+8613800001111",)),
    "tel with separators and a context": Sent("pai", "8613800001111", (f"{PAI}<tel:+86-138-0000.1111;phone-context=+86>",)),
    "tel with brackets": Sent("pai", "01062345679", (f"{PAI}<tel:(010)6234-5679>",)),
    "sips, without a plus, with a zero": Sent("pai", "013800001111", (f"{PAI}<sips:013800001111@carrier.example>",)),
    "an encoded plus": Sent("pai", "8613800001111", (f"{PAI}<sip:%2B8613800001111@carrier.example>",)),
    "parameters of the user part": Sent("pai", "8613800001111", (f"{PAI}<sip:+8613800001111;npdi;cpc=ordinary@carrier.example>",)),
    "a password behind the number": Sent("pai", "13800001111", (f"{PAI}<sip:13800001111:x@carrier.example>",)),
    "no identity": Sent("pai", "unknown"),
    "an identity in letters": Sent("pai", "unknown", (f"{PAI}<sip:anna@carrier.example>",)),
    "an address without a user": Sent("pai", "unknown", (f"{PAI}<sip:carrier.example>", f"{PAI}<sip:13800001111>")),
    "a number too long": Sent("pai", "unknown", (f"{PAI}<tel:{'1' * 21}>",)),
    "the account as identity": Sent("pai", "864006009500", (f"{PAI}<sip:+864006009500@carrier.example>",)),
    "separated by commas": Sent("pai", "unknown", (f"{PAI}<sip:1,2,3@c>",)),
    "separated by blanks": Sent("pai", "unknown", (f"{PAI}<sip:138 0000 1111@c>",)),
    "a stand-in": Sent("pai", "88888888", (f"{PAI}<tel:88888888>",)),
    "another address in the displayed name": Sent("pai", "13800001111", (f'{PAI}"x <sip:999@y>, <tel:998>" <sip:13800001111@carrier.example>',)),
    "that before a name in letters": Sent("pai", "unknown", (f'{PAI}"<sip:999@y>" <sip:anna@carrier.example>',)),
    "identity before From": Sent("pai-from", "13800001111", (f"{PAI}<tel:13800001111>",), "<sip:13800009999@c>"),
    "From where there is no identity": Sent("pai-from", "13800009999", (), "<sip:13800009999@c>"),
    "the account is nobody": Sent("pai-from", "4006009500"),
    "Remote-Party-ID": Sent("rpid", "013800003333", ('Remote-Party-ID: "x" <sip:013800003333@carrier>;party=calling;screen=yes;privacy=off',)),
    "Remote-Party-ID, withheld": Sent("rpid", "13800003333", ('Remote-Party-ID: <sip:13800003333@c>;party=calling;privacy=full',), withheld=True),
    "preferred": Sent("ppi", "13800004444", ("P-Preferred-Identity: <sip:13800004444@c>", f"{PAI}<tel:13800005555>")),
    "asserted, where nothing is preferred": Sent("ppi", "13800005555", (f"{PAI}<tel:13800005555>",)),
    "withheld": Sent("pai", "8613800002222", (f"{PAI}<tel:+8613800002222>", "Privacy: id"), '"Anonymous" <sip:anonymous@anonymous.invalid>', withheld=True),
    "withheld, critical": Sent("pai", "13800002222", (f"{PAI}<tel:13800002222>", "Privacy: ID;critical"), withheld=True),
    "withheld by the telephone": Sent("pai", "13800002222", (f"{PAI}<tel:13800002222>", "Privacy: user"), withheld=True),
    "withheld by the second of two": Sent("pai", "13800002222", (f"{PAI}<tel:13800002222>", "Privacy: none", "Privacy: id"), withheld=True),
    "nothing is withheld": Sent("pai", "13800002222", (f"{PAI}<tel:13800002222>", "Privacy: none")),
    "withheld without a number": Sent("pai", "unknown", ("Privacy: id",), "<sip:anonymous@anonymous.invalid>", withheld=True),
    "anonymous at the carrier's": Sent("plain", "unknown", (), "<sip:anonymous@carrier.example>"),
    "unavailable": Sent("plain", "unknown", (), "<sip:Unavailable@carrier.example>"),
    "unknown": Sent("plain", "unknown", (), "<sip:unknown@carrier.example>"),
    "restricted": Sent("plain", "unknown", (), "<sip:Restricted@carrier.example>"),
    "no user": Sent("plain", "unknown", (), "<sip:carrier.example>"),
    "tel in From": Sent("plain", "8613800001111", (), "<tel:+8613800001111>"),
    "without brackets": Sent("plain", "13800001111", (), "sip:13800001111@carrier.example"),
    "an identity that the trunk does not believe": Sent("plain", "13800009999", (f"{PAI}<tel:13800001111>",), "<sip:13800009999@c>"),
    "checked": Sent("pai", "8613800001111", (f"{PAI}<sip:+8613800001111;verstat=TN-Validation-Passed@c;user=phone>", "P-Attestation-Indicator: A"), identity="passed-a"),
    "checked, a parameter of tel": Sent("pai", "8613800001111", (f"{PAI}<tel:+8613800001111;verstat=TN-Validation-Failed>",), identity="failed"),
    "the letter behind it": Sent("pai", "13800001111", (f"{PAI}<sip:13800001111@c;verstat=TN-Validation-Passed-B>",), identity="passed-b"),
    "not checked": Sent("pai", "13800001111", (f"{PAI}<tel:13800001111;verstat=No-TN-Validation>", "Attestation-Info: C"), identity="unchecked-c"),
    "the letter alone": Sent("pai", "13800001111", (f"{PAI}<tel:13800001111>", "Attestation-Info: B"), identity="attested-b"),
    "a word that there is not": Sent("pai", "13800001111", (f"{PAI}<tel:13800001111;verstat=Trust-Me>", "Attestation-Info: Z"),),
    "checked, says the displayed name": Sent("pai", "13800001111", (f'{PAI}"x;verstat=TN-Validation-Passed" <tel:13800001111>',)),
    "checked, where the carrier checks nothing": Sent("plain", "13800001111", ("P-Attestation-Indicator: A",), "<sip:13800001111;verstat=TN-Validation-Passed@c>"),
}  # fmt: skip


def invite(sent: Sent) -> Request:
    return Request("INVITE", "", "95001", from_value=sent.from_value, headers="".join(f"{h}\r\n" for h in sent.headers))


async def arrivals(
    house: AsteriskFixture, floor: LinkUnderTest, requests: dict[str, tuple[str, Request]]
) -> dict[str, CallArrived]:
    """Sends each over its trunk; all calls are hung up once they have arrived."""
    found: dict[str, CallArrived] = {}
    for what, (trunk, request) in requests.items():
        codes = await asked(request, house.settings.sip_port, TRUNKS[trunk][0])
        assert codes[-1] == 200, (what, codes)
        found[what] = await floor.until(CallArrived, count=len(found) + 1)
    await house.cli("channel request hangup all")
    return found


def who(one: CallArrived) -> str:
    """The digits that were read; which writings are one person, other tests look at."""
    assert one.caller == Numbering.of("CN", (*NUMBERS, "88888888")).caller(one.written)
    return one.written.removeprefix("+") or one.caller


def complaints(house: AsteriskFixture) -> list[str]:
    """What Asterisk says of a dialplan that it can't carry out."""
    return re.findall(r"(?m)^.*(?:WARNING|ERROR).*(?:func_|ast_expr|syntax|header|pbx).*$", house.log())


async def test_who_calls_is_read_where_the_trunk_says_and_nowhere_else(carriers: AsteriskFixture):
    floor = await carriers.linked()
    found = await arrivals(carriers, floor, {what: (sent.trunk, invite(sent)) for what, sent in CALLERS.items()})
    understood = {what: (who(one), one.withheld, one.identity, one.trunk) for what, one in found.items()}
    assert understood == {what: (s.caller, s.withheld, s.identity, s.trunk) for what, s in CALLERS.items()}
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == floor.pbx.translator.ignored == 0
    assert [
        alarm for alarm in floor.of(AlarmRaised) if "trunk pai-from" not in alarm.detail
    ] == []  # its URI is not believed
    assert complaints(carriers) == []


@dataclass(frozen=True, slots=True)
class Called:
    """An INVITE of a carrier, and the number of ours that it is for."""

    trunk: str
    dialled: str
    number: str = "95001"
    headers: tuple[str, ...] = ()
    uri: str = ""
    to_value: str = ""
    alarm: str = ""
    """The number that the alarm names; empty: there is none."""


TO = "<sip:95001@carrier.example;user=phone>"
WRITINGS = ("4006009500", "+864006009500", "864006009500", "00864006009500", "04006009500")
CALLED: dict[str, Called] = {
    **{f"in the URI, {written}": Called("plain", "4006009500", written) for written in WRITINGS},
    **{f"in To, {written}": Called("pai", "4006009500", "acc1", to_value=f"<sip:{written}@c>") for written in WRITINGS},
    **{f"a fixed line, {written}": Called("plain", "01062345678", written) for written in ("01062345678", "1062345678", "+861062345678", "861062345678")},
    **{f"a short number, {written}": Called("plain", "95001", written) for written in ("95001", "+8695001", "8695001", "095001")},
    "portability": Called("plain", "95001", uri="sip:95001;npdi;rn=+8613900000000@127.0.0.1"),
    "a context": Called("plain", "4006009500", uri="sip:4006009500;phone-context=+86@127.0.0.1;user=phone"),
    "a telephone": Called("plain", "4006009500", uri="sip:+864006009500@127.0.0.1:5060;user=phone;transport=udp"),
    "tel": Called("plain", "4006009500", uri="tel:+864006009500"),
    "tel with a context": Called("plain", "4006009500", uri="tel:4006009500;phone-context=+86"),
    "an encoded plus": Called("plain", "4006009500", uri="sip:%2B864006009500@127.0.0.1"),
    "separators": Called("plain", "4006009500", uri="sip:+86-400-600-9500@127.0.0.1"),
    "To holds it, the URI the account": Called("pai", "95001", "acc1", to_value=TO),
    "To holds it, the URI another of ours": Called("pai", "95001", "4006009500", to_value=TO),
    "To as tel": Called("pai", "95002", "acc1", to_value="<tel:+8695002;phone-context=+86>"),
    "To with a displayed name": Called("pai", "95002", "acc1", to_value='"<sip:95001@x>" <sip:95002@c>'),
    "To holds nothing of ours, the URI does": Called("pai", "95002", "95002", to_value="<sip:4001112222@c>"),
    "diverted": Called("pai-from", "95002", "4009998888", ("Diversion: <sip:95002@carrier>;reason=unconditional",)),
    "diverted twice": Called("pai-from", "4006009500", "4009998888", ("Diversion: <sip:4001112222@c>;reason=user-busy", "Diversion: <tel:+864006009500>;reason=unconditional")),
    "called party, not diverted": Called("pai-from", "95001", "4009998888", ("P-Called-Party-ID: <sip:95001@carrier>",)),
    "called party behind the URI": Called("rpid", "4006009500", "40012345", ("P-Called-Party-ID: <sip:+864006009500@carrier>",)),
    "an unknown number": Called("plain", "95000", "4001234567", alarm="4001234567"),
    "an unknown number abroad": Called("plain", "95000", "+442079460000", alarm="+442079460000"),
    "an unknown number in To": Called("pai", "95000", "acc1", to_value="<sip:+864001112222@c>", alarm="+864001112222"),
    "a diversion of an unknown number": Called("pai-from", "95000", "4009998888", ("Diversion: <sip:4001112222@c>",), alarm="4001112222"),
    "one digit": Called("plain", "95000", "7", alarm="7"),
    "twenty digits": Called("plain", "95000", "1" * 20, alarm="1" * 20),
    "an account, no number": Called("account", "95002", "acc1", alarm="no number at all"),
    "a name with a dot": Called("account", "95002", "hotline.example"),
    "the default of the trunk": Called("account", "95002", "4001234567", alarm="4001234567"),
}  # fmt: skip


def invited(called: Called) -> Request:
    headers = "".join(f"{each}\r\n" for each in called.headers)
    from_value = "<sip:13800001111@c>"
    return Request(
        "INVITE", "", called.number, headers=headers, uri=called.uri, from_value=from_value, to_value=called.to_value
    )


async def test_every_writing_of_our_numbers_reaches_them_and_an_unknown_one_the_default(carriers: AsteriskFixture):
    floor = await carriers.linked()
    found = await arrivals(carriers, floor, {what: (called.trunk, invited(called)) for what, called in CALLED.items()})
    assert {what: one.dialled for what, one in found.items()} == {
        what: called.dialled for what, called in CALLED.items()
    }
    alarmed = {alarm.call: alarm.detail for alarm in floor.of(AlarmRaised)}
    for what, called in CALLED.items():
        detail = alarmed.pop(found[what].call, "")
        if called.alarm:
            assert detail.startswith(
                f"trunk {called.trunk}: a call to {called.alarm} was taken as one to {called.dialled}. "
            ), what
        else:
            assert detail == "", what
    assert alarmed == {}
    # Once an hour for each: the same wrong number again is taken in silence.
    again = await arrivals_after(carriers, floor, "plain", Request("INVITE", "13800001111", "4001234567"))
    assert again.dialled == "95000" and len(floor.of(AlarmRaised)) == sum(
        bool(called.alarm) for called in CALLED.values()
    )


async def arrivals_after(house: AsteriskFixture, floor: LinkUnderTest, trunk: str, request: Request) -> CallArrived:
    """One more call, sent and arrived."""
    before = len(floor.of(CallArrived))
    assert (await asked(request, house.settings.sip_port, TRUNKS[trunk][0]))[-1] == 200
    return await floor.until(CallArrived, count=before + 1)


REFUSED = (
    "s",
    "*13",
    "acc2",
    "trunk-plain",
    "95001a",
    "1" * 21,
    "+",
    "%0D%0A95001",
    "95001%0D%0AEvent%3A%20x",
    "%24%7BEXTEN%7D",
)


async def test_what_is_no_number_is_still_no_number(carriers: AsteriskFixture):
    """Letters that are no account of the trunk, signs and line breaks: 404 by SIP, without a channel."""
    floor = await carriers.linked()
    before = await carriers.cli("core show channels count")
    for number in REFUSED:
        codes = await asked(Request("INVITE", "13800001111", number), carriers.settings.sip_port, TRUNKS["plain"][0])
        assert codes[-1] in (404, 416), (number, codes)
    assert await carriers.channels() == [] and floor.of(CallArrived) == []
    assert re.findall(r"\d+ calls? processed", await carriers.cli("core show channels count")) == re.findall(
        r"\d+ calls? processed", before
    )


async def test_the_extensions_that_asterisk_goes_to_by_itself_are_no_numbers(carriers: AsteriskFixture):
    """`h` is where Asterisk sends a channel that has ended: dialled by an INVITE, it must end the call with an answer, too."""
    floor = await carriers.linked()
    for number in ("i", "t", "h"):
        codes = await asked(Request("INVITE", "13800001111", number), carriers.settings.sip_port, TRUNKS["plain"][0])
        assert codes[-1] in (404, 603), (number, codes)
    await eventually(lambda: no_channels(carriers), "the end of their channels")
    assert floor.of(CallArrived) == []


async def no_channels(house: AsteriskFixture) -> bool:
    return await house.channels() == []


BREAK = "%0D%0A"
LINES = ("Event: Hangup", "Privilege: call,all", "Timestamp: 1.0", "SystemName: x", "Uniqueid: 1.1", "Cause: 16")
FORGED = f"1{BREAK}{BREAK}{BREAK.join(quote(line, safe='') for line in LINES)}{BREAK}{BREAK}"
"""The lines of an event, with its line breaks encoded: in a user part Asterisk un-escapes them."""
HOSTILE = (
    *(f"{name}: {value}" for name in ("P-Asserted-Identity", "Remote-Party-ID", "P-Preferred-Identity", "Diversion", "P-Called-Party-ID", "Privacy", "P-Attestation-Indicator", "Attestation-Info") for value in (
        f"<sip:{FORGED}@c>", f'"{FORGED}" <sip:{FORGED}@c;x={FORGED}>', f"<tel:{FORGED}>", f"{FORGED}", "x" * 3000, "<" * 500, ";" * 500, '"' * 99, "\\" * 99, "${SHELL(id)}", "$[1/0]", "<sip:1)}}]@c>", "<sip:1,2,3@c>", "<sip:@@@::;;@>",
    )),
)  # fmt: skip


async def test_headers_forge_nothing(carriers: AsteriskFixture):
    """Encoded line breaks and the dialplan's own signs in every header that is read, over trunks that read them: no forged event, no
    call that is anybody's, and Asterisk is well."""
    floor = await carriers.linked()
    taken = 0
    for trunk in ("pai", "pai-from", "rpid", "ppi"):
        for header in HOSTILE:
            request = Request(
                "INVITE", FORGED, "95001" if trunk != "pai-from" else "4009998888", headers=f"{header}\r\n"
            )
            codes = await asked(request, carriers.settings.sip_port, TRUNKS[trunk][0])
            taken += codes[-1] == 200
            assert codes[-1] in (200, 400), (trunk, header, codes)
            await floor.until(CallArrived, count=taken)  # no faster than its events are read
            if taken % 20 == 19:
                await carriers.cli("channel request hangup all")
    assert taken > 0.9 * 4 * len(HOSTILE)
    assert {(one.caller, one.identity) for one in floor.of(CallArrived)} == {("unknown", "")}
    assert {one.dialled for one in floor.of(CallArrived)} == {"95001", "95000"}
    assert floor.pbx.ami.forged == floor.pbx.ami.malformed == floor.pbx.translator.ignored == 0
    named = {alarm.detail.split(" was taken")[0] for alarm in floor.of(AlarmRaised)}
    assert named <= {f"trunk pai-from: a call to {number}" for number in ("4009998888", "1")}
    assert complaints(carriers) == []


async def test_carriers_played_by_sipp(carriers: AsteriskFixture):
    """F1, F2, F3 and F5 of a real user agent, to the end of the call."""
    floor = await carriers.linked()
    long = {"P-Asserted-Identity": LONG, "p-asserted-identity": "<tel:+8613800001111>"}
    withheld = {"P-Asserted-Identity": "<tel:+8613800002222>", "Privacy": "id"}
    rpid = {"Remote-Party-ID": '"x" <sip:013800003333@carrier>;party=calling;screen=yes;privacy=off'}
    account = "sip:4006009500@carrier.example;user=phone"
    for trunk, caller, understood in (
        ("pai", Caller(from_address=account, headers=long), ("8613800001111", False, "95001")),
        ("pai", Caller(name="Anonymous", from_address="sip:anonymous@anonymous.invalid", headers=withheld), ("8613800002222", True, "95001")),
        ("rpid", Caller(from_address=account, headers=rpid), ("013800003333", False, "95001")),
        ("pai", Caller(account="acc1", number="95002", from_address=account, headers=long), ("8613800001111", False, "95002")),
        ("pai-from", Caller(account="4009998888", from_address=account, headers={"Diversion": "<sip:95002@carrier>;reason=unconditional"}), ("4006009500", False, "95002")),
    ):  # fmt: skip
        before = len(floor.of(CallArrived))
        actor = await carriers.caller(replace(caller, stays_s=0.2), address=TRUNKS[trunk][0])
        one = await floor.until(CallArrived, count=before + 1)
        assert (who(one), one.withheld, one.dialled) == understood
        assert await actor.wait() == 0


async def test_a_nuisance_caller_is_let_go_with_a_sentence_in_any_writing(carriers: AsteriskFixture):
    floor = await carriers.linked()
    writings = ("13700000001", "+8613700000001", "008613700000001", "013700000001", "442079460123", "+442079460123")
    for count, caller in enumerate(writings, start=1):
        codes = await asked(Request("INVITE", caller), carriers.settings.sip_port, TRUNKS["plain"][0])
        assert codes[-1] == 200
        turned = await floor.until(CallTurnedAway, count=count)
        assert (turned.call, turned.reason) == (floor.of(CallArrived)[-1].call, "nuisance caller")
        await carriers.cli("channel request hangup all")
        await floor.until(CallerHungUp, count=count)
    assert floor.of(CallQueued) == []
    for caller in ("13700000002", "3700000001", "1370000000"):
        await arrivals_after(carriers, floor, "plain", Request("INVITE", caller))
    await floor.until(CallQueued, count=3)


async def test_the_first_word_waits_for_a_carrier_whose_sound_opens_late(carriers: AsteriskFixture):
    """From the answer to the end of the notice, which is the first word: as long as before, and the pause beside."""
    floor = await carriers.linked()
    took = dict[str, float]()
    for count, trunk in enumerate(("plain", "late"), start=1):
        await asked(Request("INVITE", "13800001111"), carriers.settings.sip_port, TRUNKS[trunk][0])
        answered = time.monotonic()
        await floor.until(CallQueued, count=count)
        took[trunk] = time.monotonic() - answered
    assert took["late"] >= 0.65 + took["plain"] - 0.2 and took["late"] >= 0.7


@pytest.mark.parametrize("first", ["address", "name"])
async def test_telephones_at_a_trunks_address(tmp_path: Path, first: Literal["address", "name"]):
    """By address all that comes from there is the trunk's; by name an agent's telephone is the agent's, and asked for the password."""
    trunk = PbxTrunk("carrier", ("127.0.0.0/24",))
    house = await AsteriskFixture.opened(tmp_path, trunks=(trunk,), identify_first=first)
    try:
        floor, port = await house.linked(), house.settings.sip_port
        registers = Request("REGISTER", "1001", to_user="1001", auth_user="1001", password="password-1001")
        codes = await asked(registers, port, "127.0.0.2")
        assert (codes[-1] == 200, 401 in codes) == ((True, True) if first == "name" else (False, False)), codes
        assert await asked(Request("REGISTER", "1001", auth_user="1001"), port, "127.0.0.2") != [200]
        calls = (await asked(Request("INVITE", "1001"), port, "127.0.0.2"))[-1]
        assert (await asked(Request("INVITE", "13800001111"), port, "127.0.0.2"))[-1] == 200
        if first == "name":
            assert calls == 401
            assert (await floor.until(CallArrived)).written == "13800001111"
            return
        assert calls == 200
        assert [(await floor.until(CallArrived, count=n)).written for n in (1, 2)] == ["1001", "13800001111"]
        alarm = await floor.until(AlarmRaised)
        assert alarm.name == "an agent calls as a customer" and "trunks.carrier.addresses covers" in alarm.detail
    finally:
        await house.closed()
