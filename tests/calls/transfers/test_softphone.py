"""An agent's softphone with two lines and a transfer key of its own: what he dials on the second line is a consult, and
REFER with Replaces completes it. Nothing of this asks the house first, and all of it is in the same books."""

from acd.sipp.actors import Phone, SippCaller
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import ANSWERS, RINGS, for_a_while
from tests.calls.transfers.test_warm import ASKED, BOTH
from tests.support.baresip import Baresip
from tests.support.sipp_telephone import Telephone


async def dials(
    system: FullSystem, digits: str = "1002*2", phone: Phone = ANSWERS
) -> tuple[SippCaller, str, Baresip, Telephone]:
    """Caller, call and both telephones: the first agent has dialled on his second line."""
    amy = await system.transfers.softphone("1001")
    caller, call = await system.transfers.comes_in()
    await amy.rings()
    await amy.answer()
    await system.log.talk_of(call, "1001")
    bob = await system.transfers.phone("1002", phone)
    await for_a_while()
    await amy.dial(digits)
    await system.log.held(call)
    await bob.rings()
    return caller, call, amy, bob


async def test_refer_attended(system: FullSystem):
    async with system.scene():
        caller, call, amy, _ = await dials(system)
        await system.log.consult_of(call)
        await for_a_while()
        assert (await amy.refer_attended()).startswith("202")
        await system.log.talk_of(call, "1002")
        await system.comes_to_be("1001", "idle")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True, how="telephone")],
            legs=[Leg("1001", ("hold", "consult"), also=("music",)), Leg("1002")],
        )


async def test_refer_attended_while_it_still_rings(system: FullSystem):
    async with system.scene():
        caller, call, amy, bob = await dials(system, phone=RINGS)
        await for_a_while()  # so that there is music of the hold to be found
        assert (await amy.refer_attended()).startswith("202")
        await system.comes_to_be("1001", "idle")
        await bob.rings(2)
        bob.pick_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1002", "taken back"), *BOTH],
            transfers=[
                Handed(("asked", "sent on", "completed"), to="1002", receiver="1002", warm=True, how="telephone")
            ],
            legs=[Leg("1001", ("hold", "consult"), also=("music",)), Leg("1002")],
        )


async def test_the_second_line_is_hung_up_and_the_first_retrieved(system: FullSystem):
    async with system.scene():
        caller, call, amy, bob = await dials(system)
        await system.log.consult_of(call)
        await for_a_while()
        await amy.hang_up()
        await system.comes_to_be("1002", "idle")
        await bob.was_told("BYE")
        await amy.resume()
        await system.log.held(call, "retrieved")
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        assert system.log.offers(call) == ASKED
        assert system.log.transfers(call)[:2] == [(1, "asked"), (1, "consulting")]
        assert await system.times_tile("1001")


async def test_refer_blind(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.softphone("1001")
        caller, call = await system.transfers.comes_in()
        await amy.rings()
        await amy.answer()
        await system.log.talk_of(call, "1001")
        await system.transfers.phone("1002")
        await for_a_while()
        assert (await amy.refer("1002*2")).startswith("202")
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002", how="telephone")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_who_dials_without_a_caller_on_hold_is_refused(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.softphone("1001")
        bob = await system.transfers.phone("1002")
        await amy.dial("1002")
        await amy.until("CALL_CLOSED")
        assert not bob.invites()
