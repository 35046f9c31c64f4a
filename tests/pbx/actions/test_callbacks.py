"""Customers who are called back, on a real Asterisk, with a carrier beyond the trunk; and what may never be dialled."""

import pytest

from acd.calls_out import CallsOut
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed
from acd.engine.commands import CallBack
from acd.engine.events import BridgeEnded, CallBridged, CallerHungUp, PbxFound
from acd.pbx.actions.callbacks import Callbacks, WildOriginate, refuse_other
from acd.sipp.actors import Phone
from acd.telephone_numbers import DialAs
from tests.pbx.actions.test_destinations import AWAY, OUTSIDE, Offering, queued, said
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.audio import seconds_of
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

KNOWN = f"+86{OUTSIDE}"
"""OUTSIDE as the daemon knows it."""


async def test_a_customer_is_called_back_and_waits_like_any_caller(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone(ring_s=0.3))
    await house.agents("1001", Phone(ring_s=0.2, talk_s=(2.5, 2.5)))
    floor.call_back(AWAY, OUTSIDE)
    assert await floor.until(CallbackAnswered) == CallbackAnswered(AWAY, "carrier")
    offer = floor.offer(AWAY, "1001")
    assert await floor.until(CallBridged) == CallBridged("1001", AWAY, offer)
    assert await floor.until(BridgeEnded) == BridgeEnded("1001", AWAY, offer, "agent")
    await floor.until(CallerHungUp)
    [invite] = outside.invites()
    assert invite.startswith(f"INVITE sip:{OUTSIDE}@{TRUNK_ADDRESS}:") and "From: <sip:95001@" in invite
    live = house.settings.recordings_folder / "live"
    assert seconds_of(live / f"{offer}-caller.wav") > 2  # of 2.5 s
    assert floor.of(CallbackFailed) == []


@pytest.mark.parametrize(
    ("phone", "reason", "cause"),
    [(Phone(code=486), "busy", 17), (Phone(code=603), "refused", 21), (Phone(code=404), "failed", 1)],
)
async def test_a_customer_who_is_not_reached_is_told_of_once(
    house: AsteriskFixture, phone: Phone, reason: str, cause: int
):
    floor = await house.linked()
    await house.carrier(phone)
    floor.call_back(AWAY, OUTSIDE)
    assert await floor.until(CallbackFailed) == CallbackFailed(AWAY, reason, cause, "carrier", phone.code)
    await house.empty()
    await floor.pbx.ami.act("Ping")
    assert said(floor, CallbackFailed, CallbackAnswered, CallerHungUp) == [
        CallbackFailed(AWAY, reason, cause, "carrier", phone.code)
    ]


async def test_a_customer_is_not_dialled_twice_whatever_is_asked(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone(ring_s=1.0))
    for _ in range(3):
        floor.call_back(AWAY, OUTSIDE)
    await eventually(lambda: floor.pbx.book.dialled)
    floor.call_back(AWAY, OUTSIDE)
    await floor.until(CallbackAnswered)
    floor.call_back(AWAY, OUTSIDE)
    await floor.pbx.ami.act("Ping")
    assert len(outside.invites()) == 1
    assert floor.of(CallbackFailed) == []


async def test_a_customer_who_still_hears_that_he_will_be_called_is_dialled_when_he_has_hung_up(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone(ring_s=0.3))
    story = Offering(OUTSIDE)
    await story.open(floor, house.settings.agi_port)
    call = await queued(house, floor)
    floor.send_to(call, "callback", within_s=60)
    await eventually(lambda: story.within)
    story.go_on.set()
    await floor.until(CallbackAccepted)
    floor.call_back(call, OUTSIDE)
    await floor.until(CallbackAnswered)
    assert said(floor, CallbackAccepted, CallerHungUp, CallbackAnswered) == [
        CallbackAccepted(call, KNOWN),
        CallerHungUp(call, 16),
        CallbackAnswered(call, "carrier"),
    ]
    assert len(outside.invites()) == 1
    story.close()


async def test_a_call_that_is_withdrawn_while_its_customer_is_dialled_rings_no_more(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone(never_answers=True))
    floor.call_back(AWAY, OUTSIDE)
    await eventually(lambda: outside.invites())
    floor.send_to(AWAY, "let go")
    await floor.until(CallbackFailed)
    await eventually(lambda: "CANCEL sip:" in outside.uas.messages("agents"), "the end of the ringing")


async def test_a_daemon_that_was_followed_by_another_calls_nobody_back(house: AsteriskFixture):
    old = await house.linked(epoch=1)
    await house.linked(epoch=2)
    outside = await house.carrier(Phone(ring_s=0.3))
    old.call_back(AWAY, OUTSIDE)
    await eventually(lambda: not old.pbx.callbacks._under_way)
    assert await house.channels() == []
    assert outside.invites() == []


async def test_a_house_without_a_way_out_says_so_at_once(house: AsteriskFixture):
    floor = await house.linked()
    floor.pbx.callbacks.ways_out.order = []
    floor.call_back(AWAY, OUTSIDE)
    assert await floor.until(CallbackFailed) == CallbackFailed(AWAY, "failed")


RULES = CallsOut(own=("95001",), never=("137",))
GOOD = {
    "Channel": "PJSIP/13900009999@trunk-carrier",
    "Context": "called-back",
    "Exten": "s",
    "Priority": "1",
    "Async": "true",
}
WILD = [
    {"Channel": "PJSIP/1001"},
    {"Channel": "PJSIP/1001@trunk-other"},
    {"Channel": "PJSIP/*13@trunk-carrier"},
    {"Channel": "Local/s@waiting"},
    {"Channel": "PJSIP/139@trunk-carrier@trunk-carrier"},
    {"Channel": "PJSIP/@trunk-carrier"},
    {"Context": "from-agents"},
    {"Context": "connect"},
    {"Exten": "*13"},
    {"Priority": "n"},
    {"Application": "System"},
    {"Async": "false"},
    {"Channel": "PJSIP/110@trunk-carrier"},
    {"Channel": "PJSIP/+86110@trunk-carrier"},
    {"Channel": "PJSIP/95001@trunk-carrier"},
    {"Channel": "PJSIP/13700009999@trunk-carrier"},
    {"Channel": "PJSIP/+881612345678@trunk-carrier"},
    {"Channel": "PJSIP/02112345@trunk-carrier"},
    {"Channel": "PJSIP/16812345@trunk-carrier"},
    {"Channel": "PJSIP/8613900009999@trunk-carrier"},
]


@pytest.mark.parametrize("change", WILD, ids=[str(change) for change in WILD])
def test_an_originate_that_is_not_a_callbacks_is_refused(change: dict[str, str]):
    refuse_other(GOOD, "trunk-carrier", RULES)
    with pytest.raises(WildOriginate):
        refuse_other(GOOD | change, "trunk-carrier", RULES)
    with pytest.raises(WildOriginate):
        refuse_other(GOOD, "", RULES)


@pytest.mark.parametrize(
    ("how", "number"), [("e164", "+8613900009999"), ("digits", "8613900009999"), ("00", "008613900009999")]
)
def test_a_carrier_that_wants_numbers_otherwise_gets_them_so_and_no_other_writing(how: DialAs, number: str):
    good = GOOD | {"Channel": f"PJSIP/{number}@trunk-carrier"}
    refuse_other(good, "trunk-carrier", RULES, how)
    for fields in (GOOD, *(good | change for change in WILD if change != {"Channel": good["Channel"]})):
        with pytest.raises(WildOriginate):
            refuse_other(fields, "trunk-carrier", RULES, how)


def test_line_breaks_do_not_get_into_an_originate():
    floor_like = CallBack("c1", "1001", "c1-1", OUTSIDE, "billing", "95001\r\nX: y")
    callbacks = Callbacks(None, 1, None, print, way_out="trunk-carrier", rules=CallsOut(own=("95001",)))  # type: ignore[arg-type]
    fields = callbacks.originate(floor_like, "cb-1")
    assert fields["CallerID"] == "<95001>"
    assert not any(letter in "".join(value) for value in fields.values() for letter in "\r\n\0")


async def test_resync_finds_a_customer_who_has_answered_waiting_under_his_call(house: AsteriskFixture):
    before = await house.linked(epoch=1)
    await house.carrier(Phone(ring_s=0.2))
    before.call_back(AWAY, OUTSIDE)
    await before.until(CallbackAnswered)
    await before.leave()
    after = await house.linked(epoch=2)
    [found] = after.of(PbxFound)[0].calls
    assert (found.call, found.place, found.caller, found.dialled, found.queue) == (
        AWAY, "waiting", KNOWN, "95001", "billing",
    )  # fmt: skip
    assert found.skills == (("en", 2), ("orders", 1))
    assert found.waiting_for_s > 1000  # since his first call
    await house.agents("1001", Phone(ring_s=0.2, talk_s=(2.5, 2.5)))
    after.offer(AWAY, "1001")
    await after.until(CallBridged)
    await after.until(CallerHungUp)
