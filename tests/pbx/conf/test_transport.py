"""How SIP and sound travel, on a real Asterisk: both families, TLS and SRTP, a certificate renewed under a call, NAT, OPTIONS
within a call, and offers of sound that are refused."""

import asyncio
import re
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acd.daemon.watchdogs.certificate import CertificateWatch
from acd.daemon.watchdogs.refused_codecs import RefusedCodecs
from acd.engine.callback_events import CallbackAnswered, CallbackFailed
from acd.engine.events import AlarmRaised, CallArrived, CallBridged, CallerHungUp, CallQueued, Event
from acd.pbx.conf.certificates import read_pair
from acd.pbx.conf.render import RELOAD_SIP
from acd.pbx.conf.settings import PbxMedia, PbxTls, PbxTrunk
from acd.pbx.install.ports import free_port, is_free
from acd.pbx.probe import Probe
from acd.sipp.actors import AGENT_HZ, Caller, Phone, Sipp, SippCaller
from acd.sipp.scenarios import phone_scenario, sound
from tests.calls.support.manual_caller import ManualCaller
from tests.pbx.actions.test_destinations import AWAY
from tests.pbx.actions.test_destinations import OUTSIDE as OUTSIDE_NUMBER
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.offers import answer_to, codecs_offer
from tests.support.baresip import Baresip
from tests.support.certificates import Files, made
from tests.support.sipp_ports import media_ports
from tests.support.waiting import eventually

PLAIN, SECURE, IF_WANTED, OUTSIDE = "127.0.0.2", "127.0.0.4", "127.0.0.5", "::1"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return made(tmp_path_factory.mktemp("tls"), "first")


@pytest.fixture(scope="module")
async def wired(tmp_path_factory: pytest.TempPathFactory, files: Files) -> AsyncIterator[AsteriskFixture]:
    """An Asterisk on IPv4 and IPv6, with TLS, and a trunk of each kind."""
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("wired"),
        agents=("1001", "1002"),
        bind_also="::1",
        tls=PbxTls(free_port("tcp"), files.certificate, files.key, check_carriers=False),
        agents_media=PbxMedia(encryption="optional"),
        copies_port=free_port("udp"),
        trunks=(
            PbxTrunk("carrier", (PLAIN,)),
            PbxTrunk("secure", (SECURE,), media=PbxMedia(encryption="required")),
            PbxTrunk("if-wanted", (IF_WANTED,), media=PbxMedia(encryption="optional")),
            PbxTrunk("six", (OUTSIDE,)),
        ),
    )
    yield opened
    await opened.closed()


@pytest.fixture
async def house(wired: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    yield wired
    await wired.everybody_leaves()


def tls_of(house: AsteriskFixture) -> PbxTls:
    assert house.settings.tls is not None
    return house.settings.tls


async def call_over_ipv6(house: AsteriskFixture) -> SippCaller:
    caller = SippCaller(
        house.asterisk.tool("sipp"),
        Caller("95001"),
        host="[::1]",
        pbx_port=house.settings.sip_port,
        port=free_port("udp", OUTSIDE),
        **media_ports(OUTSIDE, 1),
        address=OUTSIDE,
        folder=house.settings.run_folder / "cast" / "six",
    )
    house.people.append(caller)
    await caller.start()
    return caller


async def received(house: AsteriskFixture, channel: str) -> int:
    """How many packets of sound Asterisk has taken from the channel of this endpoint."""
    found = re.search(rf"{channel}-\S+\s+\S+\s+\S+\s+(\d+)", await house.cli("pjsip show channelstats"))
    return int(found[1]) if found else 0


async def shown(house: AsteriskFixture) -> str:
    """The certificate that a new TLS connection is shown; empty when it is reset."""
    try:
        return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", tls_of(house).port), timeout=10)
    except OSError:
        return ""


async def test_sip_answers_on_both_families_and_a_caller_over_ipv6_talks_with_an_agent_on_ipv4(house: AsteriskFixture):
    for host in ("127.0.0.1", "::1"):
        assert (await Probe(house.settings.sip_port, host=host).look()).why == ""
    assert (await Probe(free_port("udp", "::1"), host="::1").look()).why
    floor = await house.linked()
    await house.agents("1001", Phone(ring_s=0.3))
    caller = await call_over_ipv6(house)
    call = await floor.until(CallQueued)
    assert [(arrived.call, arrived.dialled, arrived.trunk) for arrived in floor.of(CallArrived)] == [
        (call.call, "95001", "six")
    ]
    floor.offer(call.call, "1001")
    await floor.until(CallBridged)
    for channel in ("PJSIP/trunk-six", "PJSIP/1001"):

        async def heard(channel: str = channel.removeprefix("PJSIP/")) -> bool:
            return await received(house, channel) > 50

        await eventually(heard, f"the sound of {channel}")
    await caller.hang_up()
    await floor.until(CallerHungUp)


async def test_a_certificate_is_renewed_under_an_encrypted_call_and_a_broken_one_never_installed(
    house: AsteriskFixture, files: Files, tmp_path: Path
):
    floor = await house.linked()
    amy = await Baresip.started(
        house.asterisk,
        "1001",
        "password-1001",
        pbx_port=tls_of(house).port,
        folder=tmp_path,
        transport="tls",
        encryption="srtp",
    )
    told: list[Event] = []
    settings = house.settings

    async def reload_sip() -> None:
        assert "reloaded" in await house.cli(RELOAD_SIP)

    watch = CertificateWatch(lambda: settings, reload_sip, told.append, lambda: read_pair(tls_of(house)).good_from)
    try:
        caller = await house.caller(Caller("95001"))
        call = await floor.until(CallQueued)
        floor.offer(call.call, "1001")
        await amy.rings()
        await amy.answer()
        await floor.until(CallBridged)
        # Both ways: baresip's trace has the keys of the sound, and Asterisk's transport is TLS.
        assert re.search(r"a=crypto:1 AES_CM_128_HMAC_SHA1_80", (tmp_path / "trace").read_text(errors="replace"))
        assert ";transport=TLS" in (await house.cli("pjsip show aor 1001")).replace("tls", "TLS")
        await eventually(lambda: _more_than(house, "1001", 50), "the sound of the encrypted side")
        first = files.certificate.read_text()
        assert await shown(house) == first
        await watch.look()
        assert watch.installed == 0 and told == []

        # A half-renewed pair: the certificate is new, the key still the old one. It is told after two looks, once.
        second = made(tmp_path / "renewed", "second")
        files.certificate.write_text(second.certificate.read_text())
        await watch.look()
        assert told == [] and await shown(house) == first
        for _ in range(2):
            await watch.look()
        [alarm] = told
        assert isinstance(alarm, AlarmRaised) and alarm.name == "certificate unusable"
        assert "is not the key of the certificate" in alarm.detail
        assert await shown(house) == first and watch.installed == 0

        files.key.write_text(second.key.read_text())
        await watch.look()
        assert watch.installed == 1
        await eventually(lambda: _shows(house, second.certificate.read_text()), "the renewed certificate")

        before = await received(house, "1001")
        await eventually(lambda: _more_than(house, "1001", before + 50), "sound after the renewal")
        await amy.keys("5")  # an in-dialog message over the old connection follows with the BYE
        await caller.hang_up()
        await floor.until(CallerHungUp)
        await amy.until("CALL_CLOSED")
    finally:
        await amy.stop()


async def _more_than(house: AsteriskFixture, channel: str, packets: int) -> bool:
    return await received(house, channel) > packets


async def _shows(house: AsteriskFixture, certificate: str) -> bool:
    return await shown(house) == certificate


AVP, SAVP = "RTP/AVP", "RTP/SAVP"
CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"


@pytest.mark.parametrize(
    ("source", "sdp", "status"),
    [
        (PLAIN, codecs_offer("8"), 200),
        (PLAIN, codecs_offer("8", SAVP, CRYPTO), 488),
        (SECURE, codecs_offer("8"), 488),
        (SECURE, codecs_offer("8", SAVP, CRYPTO), 200),
        (IF_WANTED, codecs_offer("8"), 200),
        (IF_WANTED, codecs_offer("8", SAVP, CRYPTO), 200),
        (IF_WANTED, codecs_offer("8", AVP, CRYPTO), 200),
        (PLAIN, codecs_offer("18"), 488),
        (PLAIN, codecs_offer("18 0"), 200),
        (PLAIN, codecs_offer("111", AVP, "a=rtpmap:111 opus/48000/2\r\n"), 488),
    ],
    ids=["plain", "savp", "avp", "srtp", "both-plain", "both-srtp", "both-best-effort", "g729", "g729-ulaw", "opus"],
)
async def test_an_offer_of_sound_is_taken_or_refused_as_the_trunk_says(
    house: AsteriskFixture, source: str, sdp: str, status: int
):
    assert (await answer_to(house, source, sdp)).status == status


REFUSED = [
    (PLAIN, codecs_offer("18"), "carrier carrier offers only G729. We take alaw, ulaw, g722: have it add one of these"),
    (
        PLAIN,
        codecs_offer("18 97 101", AVP, "a=rtpmap:97 AMR/8000\r\na=rtpmap:101 telephone-event/8000\r\n"),
        "carrier carrier offers only G729, AMR. We take",
    ),
    (
        PLAIN,
        codecs_offer("8", SAVP, CRYPTO),
        "carrier carrier offers encrypted sound only (PCMA). Write media_encryption",
    ),
    (SECURE, codecs_offer("8"), "carrier secure offers sound without encryption (PCMA), and [trunks.secure] has"),
]


async def test_a_refused_offer_is_an_alarm_with_the_list_that_was_offered_and_told_once(house: AsteriskFixture):
    told: list[Event] = []
    not_taken = Counter[tuple[str, str]]()
    listener = RefusedCodecs(lambda: house.settings, told.append, lambda: 0.0, not_taken)
    hearing = asyncio.create_task(listener.run())
    try:
        for count, (source, sdp, sentence) in enumerate(REFUSED, 1):
            for _ in range(2):
                assert (await answer_to(house, source, sdp)).status == 488
            await eventually(lambda count=count: listener.refused >= 2 * count, "the refusals")  # type: ignore[misc]
            assert len(told) == count
            assert isinstance(told[-1], AlarmRaised) and told[-1].name == "codecs refused"
            assert told[-1].detail.startswith(sentence), told[-1]
        assert (await answer_to(house, PLAIN, codecs_offer("8"))).status == 200
        # Copies that are not Asterisk's are thrown away.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in (b"", b"HEP3", b"HEP3\x00\x06", b"HEP3\xff\xff" + b"\0" * 100, bytes(1000)):
                stranger.sendto(datagram, ("127.0.0.1", house.settings.copies_port))
        await eventually(lambda: listener._copies.unread >= 5, "the strangers' datagrams")
        assert len(told) == len(REFUSED) and not not_taken
    finally:
        hearing.cancel()


async def test_codecs_that_are_narrowed_under_a_talk_fifty_times_end_no_call(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents("1001", Phone(ring_s=0.2))
    line = ManualCaller("13800000001", house.settings.sip_port)

    def sdp(payloads: str, version: int) -> str:
        names = {"8": "PCMA", "0": "PCMU"}
        maps = "".join(f"a=rtpmap:{payload} {names[payload]}/8000\r\n" for payload in payloads.split())
        return line.sdp(version=version).replace("8 101\r\na=rtpmap:8 PCMA/8000\r\n", f"{payloads} 101\r\n{maps}")

    try:
        await line.open()
        line.invite(sdp("8 0", 1))
        await line.is_answered()
        call = (await floor.until(CallQueued)).call
        floor.offer(call, "1001")
        await floor.until(CallBridged)
        for version in range(2, 52):
            # alaw alone, both, alaw alone … the sound goes on all the time
            line.invite(sdp("8" if version % 2 == 0 else "8 0", version))
            await line.has_answers(version)
        assert [status for status, _ in line.status] == [200] * 51
        packets = len(line.sound_at)
        await eventually(lambda: len(line.sound_at) > packets + 50, "sound after the last of them")
        await eventually(lambda: _more_than(house, "trunk-carrier", 50), "the caller's sound")
        assert floor.of(CallerHungUp) == [] and house.process is not None and house.process.returncode is None
        line.bye()
        await floor.until(CallerHungUp)
    finally:
        line.close()


async def test_an_options_within_a_call_is_answered(house: AsteriskFixture):
    answer = await answer_to(house, PLAIN, codecs_offer("8"), then="OPTIONS")
    assert (answer.status, answer.then) == (200, 200)


@pytest.mark.asterisk
@pytest.mark.parametrize("address", ["203.0.113.7", "localhost"])
async def test_behind_nat_carriers_are_told_the_public_address_and_the_local_network_our_own(
    tmp_path: Path, address: str
):
    """The address, or the one that the name has."""
    house = await AsteriskFixture.opened(
        tmp_path,
        bind="0.0.0.0",
        external_address=address,
        local_networks=("127.0.0.1/32", "127.0.0.4/32"),
        trunks=(PbxTrunk("outside", (PLAIN,)), PbxTrunk("inside", (SECURE,))),
    )
    try:
        public = "127.0.0.1" if address == "localhost" else address
        outside = await answer_to(house, PLAIN, codecs_offer("8"))
        assert outside.connection == public and outside.contact == f"sip:{public}:{house.settings.sip_port}"
        inside = await answer_to(house, SECURE, codecs_offer("8"))
        assert inside.connection not in ("", "203.0.113.7") and "203.0.113.7" not in inside.contact
    finally:
        await house.closed()


@pytest.mark.asterisk
@pytest.mark.parametrize("trusted", [True, False], ids=["its certificate is believed", "another one is shown"])
async def test_a_call_to_a_carrier_goes_over_tls_with_encrypted_sound_and_not_to_one_we_do_not_know(
    tmp_path: Path, files: Files, trusted: bool
):
    carriers, strangers = made(tmp_path, "carrier", host=PLAIN), made(tmp_path, "stranger", host=PLAIN)
    port = free_port("udp", PLAIN)
    house = await AsteriskFixture.opened(
        tmp_path,
        tls=PbxTls(free_port("tcp"), files.certificate, files.key, carriers_ca=carriers.certificate),
        trunks=(
            PbxTrunk(
                "carrier", (PLAIN,), outbound=f"{PLAIN}:{port}", transport="tls", media=PbxMedia(encryption="required")
            ),
        ),
    )
    try:
        floor = await house.linked()
        carrier = Sipp(house.asterisk.tool("sipp"), house.settings.run_folder / "cast" / "carrier")
        sound(carrier.folder / "agent.alaw", AGENT_HZ)
        crypto = f"a=ptime:20\n{CRYPTO.strip()}"
        scenario = phone_scenario(Phone(ring_s=0.2)).replace(AVP, SAVP).replace("a=ptime:20", crypto)
        shown = carriers if trusted else strangers
        await carrier.run(
            scenario,
            *("-t", "l1", "-tls_cert", str(shown.certificate), "-tls_key", str(shown.key)),
            *("-i", PLAIN, "-p", str(port), "-mi", PLAIN),
            name="agents",
        )
        house.people.append(carrier)  # type: ignore[arg-type]
        await eventually(lambda: not is_free("tcp", PLAIN, port), "the carrier's port")
        floor.call_back(AWAY, OUTSIDE_NUMBER)
        if trusted:
            await floor.until(CallbackAnswered)
            invite = carrier.messages("agents")
            assert (
                "Via: SIP/2.0/TLS" in invite and "m=audio" in invite and "RTP/SAVP" in invite and "a=crypto:1" in invite
            )
        else:
            await floor.until(CallbackFailed)
            assert "INVITE" not in carrier.messages("agents")
    finally:
        await house.closed()
