"""The last steps before the outside, on a real Asterisk: the dialplan's own list, and the key before an agent is rung."""

from collections.abc import AsyncIterator

import pytest

from acd.engine.callback_events import CallbackAnswered, CallbackFailed
from acd.engine.events import CallBridged, CallReturned, PbxFound
from acd.engine.transfer_events import ConsultEnded
from acd.sipp.actors import Phone
from tests.pbx.actions.test_destinations import AWAY, OUTSIDE, context_of, queued
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.scenarios import AMY
from tests.pbx.support.transfer_scenarios import talking
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports
from tests.support.sipp_telephone import Telephone
from tests.support.waiting import eventually

BARRED = ("13900008888", "110", "+8613900009999", "95001", "02166668888")
"""None is a number of this house's configuration, which has OUTSIDE; a daemon gone wrong orders them all the same."""


async def test_a_number_that_is_not_in_the_dialplans_list_is_not_dialled_whatever_the_daemon_orders(
    house: AsteriskFixture,
):
    floor = await house.linked()
    outside = await house.carrier(Phone(ring_s=0.3))
    call = await queued(house, floor)
    for count, number in enumerate(BARRED, 1):
        floor.send_to(call, "number", number)
        assert await floor.until(CallReturned, count=count) == CallReturned(call, "not allowed"), number
    assert await context_of(house) == ["waiting"]
    assert outside.invites() == []


async def test_a_consult_goes_to_a_number_of_the_list_alone(house: AsteriskFixture):
    floor = await house.linked()
    outside = await house.carrier(Phone(ring_s=0.3))
    call, _ = await talking(house, floor)
    floor.consult(call, AMY, number="13900008888")
    assert await floor.until(ConsultEnded) == ConsultEnded(call, "not allowed")
    assert outside.invites() == []


async def test_a_caller_whose_callback_is_refused_hears_so_and_waits_on(house: AsteriskFixture):
    floor = await house.linked()
    await house.agents("1001", Phone(ring_s=0.2, talk_s=(1.5, 1.5)))
    call = await queued(house, floor)
    floor.send_to(call, "no callback")
    await eventually(lambda: _is_in(house, "waiting"), "the waiting room again")
    floor.offer(call, "1001")
    await floor.until(CallBridged)


async def _is_in(house: AsteriskFixture, context: str) -> bool:
    return await context_of(house) == [context]


# --- a key before an agent is rung ---


class Customer(Telephone):
    """The customer's telephone, or mailbox, beyond the trunk."""

    agent = "customer"


@pytest.fixture(scope="module")
async def asking_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AsteriskFixture]:
    opened = await AsteriskFixture.opened(tmp_path_factory.mktemp("asking"), ask_key=True)
    yield opened
    await opened.closed()


@pytest.fixture
async def asking(asking_house: AsteriskFixture) -> AsyncIterator[AsteriskFixture]:
    yield asking_house
    await asking_house.everybody_leaves()


async def customer_of(house: AsteriskFixture) -> Customer:
    address, _, port = house.settings.trunks[0].outbound.partition(":")
    telephone = Customer(
        house.asterisk.tool("sipp"),
        {},
        Phone(ring_s=0.2),
        host="127.0.0.1",
        pbx_port=house.settings.sip_port,
        port=int(port),
        **media_ports(TRUNK_ADDRESS, 8),
        address=address,
        folder=house.new_folder("customer"),
    )
    house.people.append(telephone)
    await telephone.start()
    return telephone


async def test_who_presses_1_is_reached_and_a_mailbox_is_not(asking: AsteriskFixture):
    floor = await asking.linked()
    customer = await customer_of(asking)
    floor.call_back(AWAY, OUTSIDE)
    await eventually(lambda: _is_in(asking, "ask-key"), "the question")
    assert floor.of(CallbackAnswered) == [], "nobody is rung before the key"
    await customer.key("51", gap_s=1.0)
    assert await floor.until(CallbackAnswered) == CallbackAnswered(AWAY, "carrier")
    customer.hang_up()
    await asking.empty()

    floor.call_back(AWAY, OUTSIDE)
    await customer.rings(2)
    assert await floor.until(CallbackFailed) == CallbackFailed(AWAY, "no key")
    await asking.empty()
    await floor.pbx.ami.act("Ping")
    assert floor.of(CallbackFailed) == [CallbackFailed(AWAY, "no key")], "told once"
    assert len(floor.of(CallbackAnswered)) == 1


async def test_a_daemon_that_is_started_during_the_question_finds_the_customer_being_called(asking: AsteriskFixture):
    before = await asking.linked(epoch=5)
    customer = await customer_of(asking)
    before.call_back(AWAY, OUTSIDE)
    await eventually(lambda: _is_in(asking, "ask-key"), "the question")
    await before.leave()
    after = await asking.linked(epoch=6)
    [found] = after.of(PbxFound)[0].calls
    assert (found.call, found.place) == (AWAY, "calling")
    await customer.key("1")
    assert await after.until(CallbackAnswered) == CallbackAnswered(AWAY, "carrier")
