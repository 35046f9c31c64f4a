"""The daemon is killed (SIGKILL) at each step of a transfer, and started again: the people notice nothing, nobody is lost,
and the transfer goes on where it was."""

import asyncio
from collections.abc import Sequence

from acd.engine.commands import Kind
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import RINGS, for_a_while
from tests.calls.transfers.test_warm import ASKED, BOTH, consults


async def killed_and_back(system: FullSystem) -> None:
    await system.faults.back(system.faults.kill("daemon"))


async def completed(
    system: FullSystem, call: str, states: Sequence[str], also: Sequence[str] = (), *, unheard: bool = False
) -> None:
    spans = ("consult", "three-way") if also else ("consult",)
    await checked(
        system,
        call,
        offers=BOTH,
        transfers=[Handed(tuple(states), to="1002", receiver="1002", warm=True)],
        legs=[Leg("1001", spans, also=tuple(also)), Leg("1002", unheard=unheard)],
    )


async def test_while_the_receiver_of_a_cold_transfer_rings(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.log.rings_at(call, "1002")
        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        bob.pick_up()
        system.faults.bring_back("daemon")
        await system.faults.back(killed)
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002")],
            legs=[Leg("1001"), Leg("1002", unheard=True)],
        )


async def test_while_the_receiver_of_a_consult_rings(system: FullSystem):
    """Who picks up before the daemon is back is in the consult all the same."""
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=True)
        await system.log.rings_at(call, "1002")
        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        bob.pick_up()
        system.faults.bring_back("daemon")
        await system.faults.back(killed)
        await system.log.consult_of(call)
        await for_a_while()
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await completed(system, call, WARM)


async def test_in_the_consult_and_it_is_completed_afterwards(system: FullSystem):
    async with system.scene():
        caller, call, _, _ = await consults(system)
        await killed_and_back(system)
        row = await system.transfers.live(call)
        assert row["held"] == "consult"
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await completed(system, call, WARM)


async def test_in_the_consult_and_he_is_taken_back_afterwards(system: FullSystem):
    async with system.scene():
        caller, call, _, bob = await consults(system)
        await killed_and_back(system)
        await system.transfers.post(call, "transfer/take-back")
        await system.log.transfer_is(call, "taken back")
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
                    ("asked", "consulting", "taken back"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    returned_to="first agent",
                )
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_in_the_three_way_talk(system: FullSystem):
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        await system.transfers.post(call, "transfer/three-way")
        await system.log.transfer_is(call, "three-way")
        await for_a_while()
        await killed_and_back(system)
        assert (await system.transfers.live(call))["held"] == "three-way"
        amy.hang_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await completed(system, call, ("asked", "consulting", "three-way", "completed"), ("1002",))


async def test_in_the_instant_of_completion(system: FullSystem):
    async with system.scene():
        caller, call, _, _ = await consults(system)
        completing = asyncio.create_task(system.request("POST", f"/api/calls/{call}/transfer/complete", {}))
        await asyncio.sleep(0.003)
        killed = system.faults.kill("daemon")
        await asyncio.gather(completing, return_exceptions=True)
        await system.faults.back(killed)
        if system.log.of(Kind.TRANSFER, call)[-1].detail["state"] != "completed":
            # It was not even written down that he wished it: he asks again.
            status, _ = await system.request("POST", f"/api/calls/{call}/transfer/complete", {})
            assert status in (200, 409)
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await completed(system, call, WARM, unheard=True)


async def test_just_after_the_completion(system: FullSystem):
    async with system.scene():
        caller, call, _, _ = await consults(system)
        await system.transfers.post(call, "transfer/complete")
        await killed_and_back(system)
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await completed(system, call, WARM, unheard=True)


async def test_while_the_caller_is_on_hold(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        for how in ("page", "telephone"):
            caller, call = await system.transfers.talks_with("1001")
            await for_a_while()
            if how == "page":
                await system.transfers.post(call, "hold")
            else:
                amy.hold()
            await system.log.held(call)
            await killed_and_back(system)
            assert (await system.transfers.live(call))["held"] == "hold"
            if how == "page":
                await system.transfers.post(call, "retrieve")
            else:
                amy.retrieve()
            await system.log.held(call, "retrieved")
            await system.comes_to_be("1001", "talking")
            await for_a_while()
            await system.transfers.goes(caller, call)
            music = ("music",) if how == "telephone" else ()
            await checked(
                system, call, offers=[("1001", "answered")], transfers=[], legs=[Leg("1001", ("hold",), also=music)]
            )


async def test_in_the_consult_and_the_first_agent_hangs_up_before_it_is_back(system: FullSystem):
    """Asterisk keeps the receiver for the caller, who hears music until somebody puts the two together."""
    async with system.scene():
        caller, call, amy, _ = await consults(system)
        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        amy.hang_up()
        await amy.was_told("SIP/2.0 200")
        system.faults.bring_back("daemon")
        await system.faults.back(killed)
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await completed(system, call, WARM)


async def test_in_the_consult_and_the_receiver_hangs_up_before_it_is_back(system: FullSystem):
    async with system.scene():
        caller, call, _, bob = await consults(system)
        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        bob.hang_up()
        await bob.was_told("SIP/2.0 200")
        system.faults.bring_back("daemon")
        await system.faults.back(killed)
        await system.comes_to_be("1001", "talking")
        await system.comes_to_be("1002", "idle")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1002", "lost"), ("1001", "answered")],
            transfers=[
                Handed(
                    ("asked", "consulting", "failed"), to="1002", receiver="1002", warm=True, returned_to="first agent"
                )
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_in_the_consult_and_the_caller_goes_before_it_is_back(system: FullSystem):
    async with system.scene():
        caller, call, amy, bob = await consults(system)
        system.faults.hold_back("daemon")
        killed = system.faults.kill("daemon")
        await caller.hang_up()
        await caller.wait()
        system.faults.bring_back("daemon")
        await system.faults.back(killed)
        await system.log.ending_of(call)
        for phone in (amy, bob):
            await phone.was_told("BYE")
        for agent in ("1001", "1002"):
            await system.comes_to_be(agent, "idle")
        await checked(
            system,
            call,
            offers=ASKED,
            transfers=[Handed(("asked", "consulting", "caller left"), to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",), unheard=True)],
        )
