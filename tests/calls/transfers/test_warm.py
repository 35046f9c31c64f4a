"""After a word with the receiver, the caller on hold meanwhile: completed, taken back, all three in one talk, declined.

The caller never hears a word of the consult, whatever becomes of it.
"""

from dataclasses import replace

from acd.engine.commands import Kind
from acd.sipp.actors import SippCaller
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import RINGS, for_a_while
from tests.support.sipp_telephone import Telephone

BOTH = [("1001", "answered"), ("1002", "answered")]
"""The receiver got him."""
ASKED = [("1002", "consulted"), ("1001", "answered")]
"""The receiver was only asked."""


async def consults(system: FullSystem) -> tuple[SippCaller, str, Telephone, Telephone]:
    """Caller, call and both telephones, while first agent and receiver hear each other."""
    amy = await system.transfers.phone("1001")
    caller, call = await system.transfers.talks_with("1001")
    bob = await system.transfers.phone("1002")
    await for_a_while()
    await system.transfers.hand_over(call, {"agent": "1002"}, note="wants 60 yuan back", warm=True)
    await system.log.consult_of(call)
    row = await system.transfers.live(call)
    assert (row["held"], row["agent"]) == ("consult", "1001")
    assert [(await system.agent(agent))["state"] for agent in ("1001", "1002")] == ["consult", "consult"]
    await for_a_while()
    return caller, call, amy, bob


async def test_completed_and_the_first_is_free_at_once(system: FullSystem):
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        await system.comes_to_be("1001", "idle")
        await amy.was_told("BYE")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",)), Leg("1002")],
        )
        [ended] = system.log.of(Kind.CONSULT_ENDED, call)
        assert (ended.agent, ended.detail["first"]) == ("1002", "1001")
        assert ended.detail["consult_s"] >= 1


async def test_completed_by_hanging_up(system: FullSystem):
    """Whoever puts down his telephone in a consult has handed over."""
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        amy.hang_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",)), Leg("1002")],
        )


async def test_taken_back(system: FullSystem):
    async with system.scene():
        caller, call, _, bob = await consults(system)
        await system.transfers.post(call, "transfer/take-back")
        await system.log.transfer_is(call, "taken back")
        await bob.was_told("BYE")
        await system.comes_to_be("1002", "idle")
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
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


async def test_taken_back_while_it_rings(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=True)
        await bob.rings()
        await system.transfers.post(call, "transfer/take-back")
        await system.log.transfer_is(call, "taken back")
        await bob.was_told("CANCEL")
        await system.comes_to_be("1002", "idle")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1002", "taken back"), ("1001", "answered")],
            transfers=[
                Handed(("asked", "taken back"), to="1002", receiver="1002", warm=True, returned_to="first agent")
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_three_way_and_the_first_leaves(system: FullSystem):
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        await system.transfers.post(call, "transfer/three-way")
        await system.log.transfer_is(call, "three-way")
        await for_a_while(1.5)
        amy.hang_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[
                Handed(("asked", "consulting", "three-way", "completed"), to="1002", receiver="1002", warm=True)
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",)), Leg("1002")],
        )


async def test_three_way_and_completed_from_the_page(system: FullSystem):
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        await system.transfers.post(call, "transfer/three-way")
        await system.log.transfer_is(call, "three-way")
        await for_a_while(1.5)
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        await amy.was_told("BYE")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[
                Handed(("asked", "consulting", "three-way", "completed"), to="1002", receiver="1002", warm=True)
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",)), Leg("1002")],
        )


async def test_three_way_and_the_receiver_leaves(system: FullSystem):
    async with system.scene():
        caller, call, _, bob = await consults(system)
        await system.transfers.post(call, "transfer/three-way")
        await system.log.transfer_is(call, "three-way")
        await for_a_while(1.5)
        bob.hang_up()
        await system.comes_to_be("1002", "idle")
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
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


async def test_three_way_and_the_caller_leaves(system: FullSystem):
    async with system.scene():
        caller, call, amy, bob = await consults(system)
        await system.transfers.post(call, "transfer/three-way")
        await system.log.transfer_is(call, "three-way")
        await for_a_while(1.5)
        await system.transfers.goes(caller, call)
        for phone in (amy, bob):
            await phone.was_told("BYE")
        await checked(
            system,
            call,
            offers=ASKED,
            transfers=[
                Handed(("asked", "consulting", "three-way", "caller left"), to="1002", receiver="1002", warm=True)
            ],
            legs=[Leg("1001", ("consult", "three-way"), also=("1002",))],
        )


async def test_declined_with_a_reason_and_the_caller_is_with_the_first_agent_again(system: FullSystem):
    async with system.scene():
        caller, call, _, bob = await consults(system)
        await system.transfers.post(call, "transfer/decline", {"reason": "not my region"})
        declined = await system.log.transfer_is(call, "declined")
        assert declined.detail["why"] == "not my region"
        await bob.was_told("BYE")
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
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


async def test_by_command_line_and_the_receiver_hangs_up_in_the_consult(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002")
        for number, how in enumerate(("hangs up", "completes"), 1):
            await for_a_while()
            to = ("--to", "agent:1002", "--reason", "refund", "--warm")
            status, _, complaints = await system.sanxiang("call", "transfer", call, *to)
            assert status == 0, complaints
            await system.log.consult_of(call, number)
            await for_a_while()
            if how == "hangs up":
                bob.hang_up()
                await system.log.transfer_is(call, "failed", number)
                await system.comes_to_be("1002", "idle")
            else:
                status, _, complaints = await system.sanxiang("call", "complete", call)
                assert status == 0, complaints
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        asked = Handed((), to="1002", receiver="1002", warm=True, how="command line")
        await checked(
            system,
            call,
            offers=[("1002", "consulted"), *BOTH],
            transfers=[
                replace(asked, states=("asked", "consulting", "failed"), returned_to="first agent"),
                replace(asked, states=WARM, receiver="1002"),
            ],
            legs=[Leg("1001", ("consult", "consult")), Leg("1002")],
        )
        assert not [row for row in system.log.of(Kind.IGNORED) if of_call(call)(row)]
