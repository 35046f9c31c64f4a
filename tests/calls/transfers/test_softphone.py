"""An agent's softphone with two lines and a transfer key of its own: what he dials on the second line is a consult, and
REFER with Replaces completes it. Nothing of this asks the house first, and all of it is in the same books."""

from acd.sipp.actors import Phone, SippCaller
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import ANSWERS, RINGS, TransferHouse
from tests.calls.transfers.test_warm import ASKED, BOTH
from tests.support.baresip import Baresip
from tests.support.sipp_telephone import Telephone


async def dials(
    house: TransferHouse, digits: str = "1002*2", phone: Phone = ANSWERS
) -> tuple[SippCaller, str, Baresip, Telephone]:
    """Caller, call and both telephones: the first agent has dialled on his second line."""
    amy = await house.softphone("1001")
    caller, call = await house.comes_in()
    await amy.rings()
    await amy.answer()
    await house.talk_of(call, "1001")
    bob = await house.phone("1002", phone)
    await house.for_a_while()
    await amy.dial(digits)
    await house.held(call)
    await bob.rings()
    return caller, call, amy, bob


async def test_refer_attended(house: TransferHouse):
    async with house.scene():
        caller, call, amy, _ = await dials(house)
        await house.consult_of(call)
        await house.for_a_while()
        assert (await amy.refer_attended()).startswith("202")
        await house.talk_of(call, "1002")
        await house.comes_to_be("1001", "idle")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True, how="telephone")],
            legs=[Leg("1001", ("hold", "consult"), also=("music",)), Leg("1002")],
        )


async def test_refer_attended_while_it_still_rings(house: TransferHouse):
    async with house.scene():
        caller, call, amy, bob = await dials(house, phone=RINGS)
        await house.for_a_while()  # so that there is music of the hold to be found
        assert (await amy.refer_attended()).startswith("202")
        await house.comes_to_be("1001", "idle")
        await bob.rings(2)
        bob.pick_up()
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1002", "taken back"), *BOTH],
            transfers=[
                Handed(("asked", "sent on", "completed"), to="1002", receiver="1002", warm=True, how="telephone")
            ],
            legs=[Leg("1001", ("hold", "consult"), also=("music",)), Leg("1002")],
        )


async def test_the_second_line_is_hung_up_and_the_first_retrieved(house: TransferHouse):
    async with house.scene():
        caller, call, amy, bob = await dials(house)
        await house.consult_of(call)
        await house.for_a_while()
        await amy.hang_up()
        await house.comes_to_be("1002", "idle")
        await bob.was_told("BYE")
        await amy.resume()
        await house.held(call, "retrieved")
        await house.comes_to_be("1001", "talking")
        await house.for_a_while()
        await house.goes(caller, call)
        assert house.offers(call) == ASKED
        assert house.transfers(call)[:2] == [(1, "asked"), (1, "consulting")]
        assert await house.times_tile("1001")


async def test_refer_blind(house: TransferHouse):
    async with house.scene():
        amy = await house.softphone("1001")
        caller, call = await house.comes_in()
        await amy.rings()
        await amy.answer()
        await house.talk_of(call, "1001")
        await house.phone("1002")
        await house.for_a_while()
        assert (await amy.refer("1002*2")).startswith("202")
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002", how="telephone")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_who_dials_without_a_caller_on_hold_is_refused(house: TransferHouse):
    async with house.scene():
        amy = await house.softphone("1001")
        bob = await house.phone("1002")
        await amy.dial("1002")
        await amy.until("CALL_CLOSED")
        assert not bob.invites()
