"""Telephones with habits of their own, at a real Asterisk: forwarding, refusing, a test call, two places."""

from typing import Any

import pytest

from acd.engine.commands import PhoneTest
from acd.engine.events import (
    CallBridged,
    CallerHungUp,
    CallQueued,
    OfferFailed,
    PhoneRegistered,
    PhoneTested,
)
from acd.sipp.actors import Caller, Phone
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.support.waiting import eventually


async def channels(house: AsteriskFixture) -> list[str]:
    rows = (await house.cli("core show channels concise")).splitlines()
    return sorted(row.partition("!")[0] for row in rows if "!" in row)


@pytest.mark.parametrize(
    "target",
    [
        "sip:1002@127.0.0.1:{port}",
        "sip:95001@127.0.0.1:{port}",
        "sip:13800001111@127.0.0.1",
        "sip:1001@127.0.0.1:{port}",
    ],
    ids=["colleague", "hotline", "mobile", "itself"],
)
async def test_a_telephone_that_forwards_is_told_and_not_followed(house: AsteriskFixture, target: str):
    floor = await house.linked()
    forwards = Phone(forwards_to=target.format(port=house.settings.sip_port))
    await house.agents("1001", forwards)
    other = await house.agents("1002", Phone(ring_s=0.2))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    offer = floor.offer(call, "1001")
    failed = await floor.until(OfferFailed)
    assert (failed.agent, failed.offer, failed.reason) == ("1001", offer, "forwarded")
    assert not any(name.startswith("Local/") for name in await channels(house))
    assert other.invites() == []
    assert [event.call for event in floor.of(CallQueued)] == [call]  # no call of our own in our own menu
    floor.offer(call, "1002")
    await floor.until(CallBridged)
    await caller.hang_up()
    await floor.until(CallerHungUp)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(404, "failed"), (486, "busy"), (600, "busy"), (603, "rejected"), (480, "rejected"), (500, "failed")],
)
async def test_an_answer_of_the_telephone_is_no_sign_that_it_is_gone(house: AsteriskFixture, code: int, reason: str):
    floor = await house.linked()
    await house.agents("1001", Phone(code=code))
    caller = await house.caller(Caller())
    call = (await floor.until(CallQueued)).call
    floor.offer(call, "1001")
    assert (await floor.until(OfferFailed)).reason == reason
    await caller.hang_up()
    await floor.until(CallerHungUp)


@pytest.mark.parametrize(
    ("phone", "result"),
    [
        (Phone(ring_s=0.2), "answered"),
        (Phone(code=486), "busy"),
        (Phone(code=603), "rejected"),
        (Phone(code=404), "failed"),
        (Phone(forwards_to="sip:95001@127.0.0.1"), "forwarded"),
    ],
    ids=["answers", "busy", "declines", "unknown", "forwards"],
)
async def test_a_test_call_says_what_the_telephone_does(house: AsteriskFixture, phone: Phone, result: Any):
    floor = await house.linked()
    await house.agents("1001", phone)
    floor.pbx.carry_out(PhoneTest("1001"))
    assert await floor.until(PhoneTested) == PhoneTested("1001", result)

    async def nobody() -> bool:
        return await channels(house) == []

    await eventually(nobody, "the end of the test call")
    assert not floor.of(CallQueued)


async def test_two_telephones_of_one_account_are_told_by_their_addresses(house: AsteriskFixture):
    floor = await house.linked()
    one = await house.agents("1001", Phone())
    other = await house.agents("1001", Phone())
    await one.uas.stop()
    await one.register(3600)
    places = [f"127.0.0.1:{row.port}" for row in (one, other, one)]
    await floor.until(PhoneRegistered, count=3)
    assert floor.of(PhoneRegistered) == [PhoneRegistered("1001", place) for place in places]
