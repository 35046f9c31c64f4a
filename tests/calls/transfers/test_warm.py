"""After a word with the receiver, the caller on hold meanwhile: completed, taken back, all three in one talk, declined.

The caller never hears a word of the consult, whatever becomes of it.
"""

from dataclasses import replace

from acd.engine.commands import Kind
from acd.sipp.actors import SippCaller
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import RINGS, TransferHouse, of_call
from tests.support.sipp_telephone import Telephone

BOTH = [("1001", "answered"), ("1002", "answered")]
"""The receiver got him."""
ASKED = [("1002", "consulted"), ("1001", "answered")]
"""The receiver was only asked."""


async def consults(house: TransferHouse) -> tuple[SippCaller, str, Telephone, Telephone]:
    """Caller, call and both telephones, while first agent and receiver hear each other."""
    amy = await house.phone("1001")
    caller, call = await house.talks_with("1001")
    bob = await house.phone("1002")
    await house.for_a_while()
    await house.hand_over(call, {"agent": "1002"}, note="wants 60 yuan back", warm=True)
    await house.consult_of(call)
    row = await house.live(call)
    assert (row["held"], row["agent"]) == ("consult", "1001")
    assert [(await house.agent(agent))["state"] for agent in ("1001", "1002")] == ["consult", "consult"]
    await house.for_a_while()
    return caller, call, amy, bob


async def test_completed_and_the_first_is_free_at_once(house: TransferHouse):
    async with house.scene():
        caller, call, amy, _ = await consults(house)
        await house.asks_api(call, "transfer/complete")
        await house.talk_of(call, "1002")
        await house.comes_to_be("1001", "idle")
        await amy.was_told("BYE")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",)), Leg("1002")],
        )
        [ended] = house.of(Kind.CONSULT_ENDED, call)
        assert (ended.agent, ended.detail["first"]) == ("1002", "1001")
        assert ended.detail["consult_s"] >= 1


async def test_completed_by_hanging_up(house: TransferHouse):
    """Whoever puts down his telephone in a consult has handed over."""
    async with house.scene():
        caller, call, amy, _ = await consults(house)
        amy.hang_up()
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",)), Leg("1002")],
        )


async def test_taken_back(house: TransferHouse):
    async with house.scene():
        caller, call, _, bob = await consults(house)
        await house.asks_api(call, "transfer/take-back")
        await house.transfer_is(call, "taken back")
        await bob.was_told("BYE")
        await house.comes_to_be("1002", "idle")
        await house.comes_to_be("1001", "talking")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=ASKED,
            transfers=[
                Handed(
                    ("asked", "consulting", "taken back"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    returned_to="first agent",
                )
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_taken_back_while_it_rings(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        bob = await house.phone("1002", RINGS)
        await house.hand_over(call, {"agent": "1002"}, warm=True)
        await bob.rings()
        await house.asks_api(call, "transfer/take-back")
        await house.transfer_is(call, "taken back")
        await bob.was_told("CANCEL")
        await house.comes_to_be("1002", "idle")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1002", "taken back"), ("1001", "answered")],
            transfers=[
                Handed(("asked", "taken back"), to="1002", receiver="1002", warm=True, returned_to="first agent")
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_three_way_and_the_first_leaves(house: TransferHouse):
    async with house.scene():
        caller, call, amy, _ = await consults(house)
        await house.asks_api(call, "transfer/three-way")
        await house.transfer_is(call, "three-way")
        await house.for_a_while(1.5)
        amy.hang_up()
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[
                Handed(("asked", "consulting", "three-way", "completed"), to="1002", receiver="1002", warm=True)
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",)), Leg("1002")],
        )


async def test_three_way_and_completed_from_the_page(house: TransferHouse):
    async with house.scene():
        caller, call, amy, _ = await consults(house)
        await house.asks_api(call, "transfer/three-way")
        await house.transfer_is(call, "three-way")
        await house.for_a_while(1.5)
        await house.asks_api(call, "transfer/complete")
        await house.talk_of(call, "1002")
        await amy.was_told("BYE")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[
                Handed(("asked", "consulting", "three-way", "completed"), to="1002", receiver="1002", warm=True)
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",)), Leg("1002")],
        )


async def test_three_way_and_the_receiver_leaves(house: TransferHouse):
    async with house.scene():
        caller, call, _, bob = await consults(house)
        await house.asks_api(call, "transfer/three-way")
        await house.transfer_is(call, "three-way")
        await house.for_a_while(1.5)
        bob.hang_up()
        await house.comes_to_be("1002", "idle")
        await house.comes_to_be("1001", "talking")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=ASKED,
            transfers=[
                Handed(
                    ("asked", "consulting", "three-way", "failed"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    returned_to="first agent",
                )
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",))],
        )


async def test_three_way_and_the_caller_leaves(house: TransferHouse):
    async with house.scene():
        caller, call, amy, bob = await consults(house)
        await house.asks_api(call, "transfer/three-way")
        await house.transfer_is(call, "three-way")
        await house.for_a_while(1.5)
        await house.goes(caller, call)
        for phone in (amy, bob):
            await phone.was_told("BYE")
        await checked(
            house,
            call,
            offers=ASKED,
            transfers=[
                Handed(("asked", "consulting", "three-way", "caller left"), to="1002", receiver="1002", warm=True)
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",))],
        )


async def test_declined_with_a_reason_and_the_caller_is_with_the_first_agent_again(house: TransferHouse):
    async with house.scene():
        caller, call, _, bob = await consults(house)
        await house.asks_api(call, "transfer/decline", {"reason": "not my region"})
        declined = await house.transfer_is(call, "declined")
        assert declined.detail["why"] == "not my region"
        await bob.was_told("BYE")
        await house.comes_to_be("1001", "talking")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=ASKED,
            transfers=[
                Handed(
                    ("asked", "consulting", "declined"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    why="not my region",
                    returned_to="first agent",
                )
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_by_command_line_and_the_receiver_hangs_up_in_the_consult(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        bob = await house.phone("1002")
        for number, how in enumerate(("hangs up", "completes"), 1):
            await house.for_a_while()
            to = ("--to", "agent:1002", "--reason", "refund", "--warm")
            status, _, complaints = await house.sanxiang("call", "transfer", call, *to)
            assert status == 0, complaints
            await house.consult_of(call, number)
            await house.for_a_while()
            if how == "hangs up":
                bob.hang_up()
                await house.transfer_is(call, "failed", number)
                await house.comes_to_be("1002", "idle")
            else:
                status, _, complaints = await house.sanxiang("call", "complete", call)
                assert status == 0, complaints
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        asked = Handed((), to="1002", receiver="1002", warm=True, how="command line")
        await checked(
            house,
            call,
            offers=[("1002", "consulted"), *BOTH],
            transfers=[
                replace(asked, states=("asked", "consulting", "failed"), returned_to="first agent"),
                replace(asked, states=WARM, receiver="1002"),
            ],
            legs=[Leg("1001", ("consult", "consult")), Leg("1002")],
        )
        assert not [row for row in house.of(Kind.IGNORED) if of_call(call)(row)]
