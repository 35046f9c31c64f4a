"""Somebody goes in the middle of it: the caller while the receiver rings, in the consult, in the instant of completion;
the first agent while the receiver rings, and when he is up."""

import asyncio

import pytest

from acd.engine.commands import Ending, Kind
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import RINGS, for_a_while
from tests.calls.transfers.test_warm import ASKED, BOTH, consults

NOT_HIS = ([("1001", "answered"), ("1002", "consulted")], [("1001", "answered"), ("1002", "caller left")])
"""The receiver has spoken with the first agent, or was about to speak with the caller."""


async def test_the_caller_goes_in_the_consult_and_both_agents_are_free(system: FullSystem):
    async with system.scene():
        caller, call, amy, bob = await consults(system)
        await system.transfers.goes(caller, call)
        for phone in (amy, bob):
            await phone.was_told("BYE")
        for agent in ("1001", "1002"):
            await system.comes_to_be(agent, "idle")
        await checked(
            system,
            call,
            offers=ASKED,
            transfers=[Handed(("asked", "consulting", "caller left"), to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",))],
        )


async def test_the_caller_goes_while_the_receiver_of_a_consult_rings(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=True)
        await system.log.rings_at(call, "1002")
        await system.transfers.goes(caller, call)
        await bob.was_told("CANCEL")
        await amy.was_told("BYE")
        for agent in ("1001", "1002"):
            await system.comes_to_be(agent, "idle")
        await checked(
            system,
            call,
            offers=[("1002", "caller left"), ("1001", "answered")],
            transfers=[Handed(("asked", "caller left"), to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",))],
        )


async def test_the_caller_goes_while_the_receiver_of_a_cold_transfer_rings(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.log.rings_at(call, "1002")
        await system.transfers.goes(caller, call)
        await bob.was_told("CANCEL")
        await system.comes_to_be("1002", "idle")
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "caller left")],
            transfers=[Handed(("asked", "caller left"), to="1002")],
            legs=[Leg("1001")],
        )


@pytest.mark.parametrize("lead_s", [0.0, 0.002, 0.01])
async def test_the_caller_goes_in_the_instant_of_completion(system: FullSystem, lead_s: float):
    """Whoever is first: one ending, one end of the transfer, both agents free, and the books right."""
    async with system.scene():
        caller, call, amy, bob = await consults(system)
        completing = asyncio.create_task(system.request("POST", f"/api/calls/{call}/transfer/complete", {}))
        await asyncio.sleep(lead_s)
        await caller.hang_up()
        status, _ = await completing
        assert status in (200, 404, 409)
        ended = await system.log.ending_of(call)
        assert ended.detail["ending"] == Ending.ANSWERED
        for agent in ("1001", "1002"):
            await system.comes_to_be(agent, "idle")
        for phone in (amy, bob):
            await phone.was_told("BYE")
        last = str(system.log.of(Kind.TRANSFER, call)[-1].detail["state"])
        talks = [row.agent for row in system.log.of(Kind.TALK_ENDED, call)]
        assert (last, talks) in (("completed", ["1001", "1002"]), ("caller left", ["1001"]))
        assert sorted(system.log.offers(call)) in ((BOTH,) if last == "completed" else NOT_HIS)
        for agent in ("1001", "1002"):
            assert await system.times_tile(agent)


async def test_the_first_agent_hangs_up_while_the_receiver_rings_and_it_is_a_cold_transfer(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=True)
        await bob.rings()
        amy.hang_up()
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
            transfers=[Handed(("asked", "sent on", "completed"), to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",)), Leg("1002")],
        )


async def test_the_first_agents_telephone_dies_in_the_consult_and_the_receiver_has_the_caller(system: FullSystem):
    """No BYE, no RTP: Asterisk finds out by the missing sound."""
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        amy.freeze()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        amy.thaw()
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(WARM, to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",)), Leg("1002")],
        )
