"""The hotline calls itself on a real Asterisk: through a carrier that returns the call, and by the local loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acd.calls_out import CallsOut, no_self_call
from acd.engine.events import CallArrived
from acd.pbx.actions.self_call import LOOP, Ended, Way, WildSelfCall, refuse_other
from acd.pbx.conf.settings import Outwards, PbxMedia, PbxTrunk
from acd.pbx.install.ports import free_port
from acd.self_call import Facts, faults, heard
from acd.sipp.actors import Caller
from acd.telephone_numbers import DialAs
from recordings.checks import length_fault
from recordings.self_call_sound import measured, samples_of, write_signals
from tests.pbx.support.asterisk_fixture import AsteriskFixture, LinkUnderTest
from tests.support.network import TRUNK_ADDRESS
from tests.support.returning_carrier import Habits, ReturningCarrier
from tests.support.sipp_carrier import SippCarrier, refused
from tests.support.waiting import eventually

OVER_TRUNK = Way("carrier", "95001", "95001")
LOOPED = Way("", "95000", "95000")


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    """With the product's own RTP time-out: a call with sound one way lives to its end."""
    opened = await AsteriskFixture.opened(tmp_path_factory.mktemp("self"), agents=("1001",))
    yield opened
    await opened.closed()


@asynccontextmanager
async def returning(house: AsteriskFixture) -> AsyncIterator[ReturningCarrier]:
    address, _, port = house.settings.trunks[0].outbound.partition(":")
    async with ReturningCarrier(address, int(port), ("127.0.0.1", house.settings.sip_port)) as carrier:
        yield carrier


async def call(house: AsteriskFixture, floor: LinkUnderTest, way: Way) -> Ended:
    write_signals(house.settings.recordings_folder / "self-call")
    settings = house.settings
    return await floor.pbx.self_calls.call(way, settings.dial_as, settings.own_address, settings.rules_out)


def with_sound(house: AsteriskFixture, ended: Ended) -> Facts:
    folder = house.settings.recordings_folder / "self-call"
    sides = [
        samples_of(folder / f"{ended.token}-{end}-{side}.wav") for end in ("out", "in") for side in ("said", "heard")
    ]
    return heard(ended.facts, measured(*sides), ended.lines)


async def test_by_the_local_loop_keys_and_sound_go_both_ways(house: AsteriskFixture):
    floor = await house.linked()
    ended = await call(house, floor, LOOPED)
    await house.empty()
    facts = with_sound(house, ended)
    assert faults(facts) == (), facts
    assert facts.sound is not None and facts.sound.round_trip_ms is not None and facts.sound.round_trip_ms < 300
    assert facts.sound.out.lost_db == pytest.approx(0, abs=1) and facts.sound.back.lost_db == pytest.approx(0, abs=1)
    assert ended.lines["in"].received > 100 and ended.lines["out"].received > 100
    assert floor.of(CallArrived) == []
    mixed = samples_of(house.settings.recordings_folder / "self-call" / f"{ended.token}-in.wav")
    assert length_fault(len(mixed) / 8000, ended.recorded_s["in"]) == ""


async def test_over_the_trunk_and_in_again(house: AsteriskFixture):
    floor = await house.linked()
    async with returning(house) as carrier:
        ended = await call(house, floor, OVER_TRUNK)
        await house.empty()
        facts = with_sound(house, ended)
        assert faults(facts) == (), facts
        assert facts.arrived is not None and facts.arrived.caller == "95001"
        [invite] = carrier.invites
        assert invite.startswith(f"INVITE sip:95001@{TRUNK_ADDRESS}:") and "X-Sanxiang" not in invite
    assert floor.of(CallArrived) == []
    # The door is shut again.
    assert "SELF_CALL=\n" in await house.cli("dialplan show globals")


FAULTS: list[tuple[Habits, list[str]]] = [
    (Habits(refuse=404), ["no-such-number"]),
    (Habits(refuse=486), ["busy"]),
    (Habits(refuse=603), ["rejected"]),
    (Habits(refuse=503), ["trunk-away"]),
    (Habits(keeps_it=True), ["nothing-came-in"]),
    (Habits(lose={"out": 1.0}), ["sound-out"]),
    (Habits(lose={"back": 1.0}), ["sound-back"]),
    (Habits(lose_keys={"out"}), ["keys-out"]),
    (Habits(lose_keys={"back"}), ["keys-back"]),
    (Habits(caller="02188886666"), ["number-other"]),
    (Habits(caller="-"), ["number-missing"]),
    (Habits(lose={"out": 0.2}), ["loss-out"]),
    (Habits(delay_s=0.25), ["delay"]),
    (Habits(jitter_s=0.015), []),
    (Habits(lose_keys={"out"}, caller="02188886666"), ["keys-out", "number-other"]),
]


@pytest.mark.parametrize(
    ("habits", "codes"), FAULTS, ids=[f"{'-'.join(codes) or 'well'}-{n}" for n, (_, codes) in enumerate(FAULTS)]
)
async def test_what_a_carrier_does_wrong_is_told_by_name(house: AsteriskFixture, habits: Habits, codes: list[str]):
    floor = await house.linked()
    async with returning(house) as carrier:
        carrier.habits = habits
        ended = await call(house, floor, OVER_TRUNK)
        await house.empty()
        facts = with_sound(house, ended)
    assert [fault.code for fault in faults(facts)] == codes, facts
    print(facts, ended.lines)
    assert floor.of(CallArrived) == []
    if habits.refuse:
        assert facts.sip == f"SIP {habits.refuse}"
    if habits.lose == {"out": 0.2}:
        assert 4 < ended.lines["in"].loss_percent < 40 and ended.lines["out"].lost == 0
    if habits.jitter_s:
        assert all(line.jitter_ms > 0.5 for line in ended.lines.values())
    if habits.delay_s:
        assert facts.sound is not None and facts.sound.round_trip_ms is not None
        assert facts.sound.round_trip_ms == pytest.approx(2000 * habits.delay_s + 20, abs=100)


@pytest.mark.asterisk
async def test_a_call_that_asterisk_ends_for_want_of_sound_is_told_as_that(tmp_path_factory: pytest.TempPathFactory):
    out = f"{TRUNK_ADDRESS}:{free_port('udp', TRUNK_ADDRESS)}"
    trunk = PbxTrunk("carrier", (TRUNK_ADDRESS,), outbound=out, media=PbxMedia(no_sound_s=3))
    house = await AsteriskFixture.opened(tmp_path_factory.mktemp("short"), agents=("1001",), trunks=(trunk,))
    try:
        for way, code in (("out", "sound-out"), ("back", "sound-back")):
            floor = await house.linked()
            async with returning(house) as carrier:
                carrier.habits = Habits(lose={way: 1.0})
                facts = with_sound(house, await call(house, floor, OVER_TRUNK))
            assert [fault.code for fault in faults(facts)] == [code] and not facts.complete, facts
            await house.everybody_leaves()
    finally:
        await house.closed()


OURS = "02188886666"
WRITINGS: dict[DialAs, str] = {
    "e164": "+862188886666", "digits": "862188886666", "00": "00862188886666", "national": OURS,
}  # fmt: skip


@pytest.fixture(scope="module")
async def particular_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    """A trunk for each way of writing called numbers, named by it. The hotline's numbers stand in the configuration as at home."""
    trunks = tuple(
        PbxTrunk(
            f"as-{how}", (TRUNK_ADDRESS,), outbound=f"{TRUNK_ADDRESS}:{free_port('udp', TRUNK_ADDRESS)}",
            outwards=Outwards(dial_as=how),
        )
        for how in WRITINGS
    )  # fmt: skip
    opened = await AsteriskFixture.opened(
        tmp_path_factory.mktemp("particular"), agents=("1001",), trunks=trunks, numbers={OURS: "zh", "95001": "zh"}
    )
    yield opened
    await opened.closed()


@pytest.mark.asterisk
@pytest.mark.parametrize(("how", "written"), WRITINGS.items())
async def test_a_carrier_gets_our_number_in_the_writing_that_it_wants(
    particular_house: AsteriskFixture, how: DialAs, written: str
):
    """A carrier of SIPp that answers 404 to any other writing."""
    house = particular_house
    [trunk] = [each for each in house.settings.trunks if each.outwards.dial_as == how]
    address, _, port = trunk.outbound.partition(":")
    carrier = SippCarrier(
        house.asterisk.tool("sipp"),
        address=address,
        port=int(port),
        pbx_port=house.settings.sip_port,
        folder=house.new_folder("carrier"),
        wants=written,
        called=refused(486),
    )
    floor = await house.linked()
    await carrier.start()
    try:
        facts = (await call(house, floor, Way(trunk.name, OURS, OURS))).facts
    finally:
        await carrier.stop()
        await house.everybody_leaves()
    assert [fault.code for fault in faults(facts)] == ["busy"], facts
    assert (facts.number, facts.written) == (OURS, written)
    assert carrier.requests("INVITE")[0].startswith(f"INVITE sip:{written}@")


@pytest.mark.asterisk
async def test_a_carrier_that_demands_e164_brings_the_call_back_and_all_is_well(particular_house: AsteriskFixture):
    house = particular_house
    [trunk] = [each for each in house.settings.trunks if each.name == "as-e164"]
    address, _, port = trunk.outbound.partition(":")
    floor = await house.linked()
    try:
        async with ReturningCarrier(address, int(port), ("127.0.0.1", house.settings.sip_port)) as carrier:
            carrier.habits = Habits(wants=r"\+86[0-9]+")
            facts = with_sound(house, await call(house, floor, Way(trunk.name, OURS, OURS)))
        assert faults(facts) == (), facts
        assert facts.arrived is not None and (facts.arrived.dialled, facts.arrived.caller) == (OURS, OURS)
        assert floor.of(CallArrived) == []
    finally:
        await house.everybody_leaves()


async def test_a_stranger_who_calls_meanwhile_is_an_ordinary_caller(house: AsteriskFixture):
    """Whoever calls the same number while the call is dialled, also with our own number or with the header of a loop."""
    floor = await house.linked()
    async with returning(house) as carrier:
        carrier.habits = Habits(never_answers=True)
        calling = asyncio.ensure_future(call(house, floor, OVER_TRUNK))
        await eventually(lambda: carrier.invites, "the hotline's own call")
        await house.caller(Caller("95001", stays_s=8.0))
        await floor.until(CallArrived)
        assert [event.caller for event in floor.of(CallArrived)] == ["+8613800001111"]
        await house.cli("channel request hangup all")
        facts = (await calling).facts
    assert facts.arrived is None and facts.others and faults(facts)[0].code in ("no-answer", "rejected", "trunk-away")


OWN = CallsOut(own=("95001", "+862188886666", "110"), never=("00",), numbers=("13900009999",))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("95001", ""),
        ("+862188886666", ""),
        ("02188886666", "not-allowed"),
        ("13900009999", "not-allowed"),
        ("110", "emergency"),
        ("", "not-allowed"),
        ("95001;x", "not-allowed"),
    ],
)
def test_the_wall_lets_the_hotline_call_its_own_numbers_and_no_other(number: str, why: str):
    assert no_self_call(OWN, number) == why


TOKEN = "0123456789abcdef"
GOOD: dict[str, Any] = {
    "Channel": "PJSIP/95001@trunk-carrier",
    "Context": "self-call-out",
    "Exten": "s",
    "Priority": "1",
    "Async": "true",
}
WILD: list[dict[str, Any]] = [
    {"Channel": "PJSIP/13900009999@trunk-carrier"},
    {"Channel": "PJSIP/95001@trunk-other"},
    {"Channel": "PJSIP/95001@1001"},
    {"Channel": "PJSIP/110@trunk-carrier"},
    {"Channel": f"PJSIP/{LOOP}/sip:95001@192.0.2.1:5060?X-Sanxiang-Self={TOKEN}"},
    {"Channel": f"PJSIP/{LOOP}/sip:95001@127.0.0.1:5060?X-Other={TOKEN}"},
    {"Channel": f"PJSIP/trunk-carrier/sip:95001@127.0.0.1:5060?X-Sanxiang-Self={TOKEN}"},
    {"Channel": "Local/s@self-call-out"},
    {"Context": "called-back"},
    {"Exten": "i"},
    {"Priority": "2"},
    {"Async": "false"},
    {"Application": "System"},
]


WAYS: dict[str, DialAs] = {"trunk-carrier": "national"}


@pytest.mark.parametrize("change", WILD, ids=str)
def test_nothing_else_is_dialled_by_this_action(change: dict[str, Any]):
    refuse_other(GOOD, WAYS, "127.0.0.1:5060", OWN, TOKEN)
    looped = f"PJSIP/{LOOP}/sip:95001@127.0.0.1:5060?X-Sanxiang-Self={TOKEN}"
    refuse_other({**GOOD, "Channel": looped}, WAYS, "127.0.0.1:5060", OWN, TOKEN)
    with pytest.raises(WildSelfCall):
        refuse_other({**GOOD, **change}, WAYS, "127.0.0.1:5060", OWN, TOKEN)


@pytest.mark.parametrize(
    ("how", "written"),
    [("national", "+862188886666"), ("e164", "+862188886666"), ("digits", "862188886666"), ("00", "00862188886666")],
)
def test_our_own_number_is_dialled_in_the_trunks_writing_and_in_no_other(how: DialAs, written: str):
    for channel in ("+862188886666", "862188886666", "00862188886666", "02188886666", "2188886666"):
        fields = {**GOOD, "Channel": f"PJSIP/{channel}@trunk-carrier"}
        if channel == written:
            refuse_other(fields, {"trunk-carrier": how}, "127.0.0.1:5060", OWN, TOKEN)
            continue
        with pytest.raises(WildSelfCall):
            refuse_other(fields, {"trunk-carrier": how}, "127.0.0.1:5060", OWN, TOKEN)
    refuse_other(GOOD, {"trunk-carrier": how}, "127.0.0.1:5060", OWN, TOKEN)  # a short number has one writing
