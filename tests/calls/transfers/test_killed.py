"""The daemon is killed (SIGKILL) at each step of a transfer, and started again: the people notice nothing, nobody is lost,
and the transfer goes on where it was."""

import asyncio
from collections.abc import Sequence

from acd.engine.commands import Kind
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import RINGS, TransferHouse
from tests.calls.transfers.test_warm import ASKED, BOTH, consults


async def killed_and_back(house: TransferHouse) -> None:
    await house.back(house.kill("daemon"))


async def completed(
    house: TransferHouse, call: str, states: Sequence[str], also: Sequence[str] = (), *, unheard: bool = False
) -> None:
    spans = ("consult", "three-way") if also else ("consult",)
    await checked(
        house,
        call,
        offers=BOTH,
        transfers=[Handed(tuple(states), to="1002", receiver="1002", warm=True)],
        legs=[Leg("1001", spans, also=tuple(also)), Leg("1002", unheard=unheard)],
    )


async def test_while_the_receiver_of_a_cold_transfer_rings(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        bob = await house.phone("1002", RINGS)
        await house.for_a_while()
        await house.hand_over(call, {"agent": "1002"})
        await house.rings_at(call, "1002")
        house.hold_back("daemon")
        killed = house.kill("daemon")
        bob.pick_up()
        house.bring_back("daemon")
        await house.back(killed)
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002")],
            legs=[Leg("1001"), Leg("1002", unheard=True)],
        )


async def test_while_the_receiver_of_a_consult_rings(house: TransferHouse):
    """Who picks up before the daemon is back is in the consult all the same."""
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        bob = await house.phone("1002", RINGS)
        await house.for_a_while()
        await house.hand_over(call, {"agent": "1002"}, warm=True)
        await house.rings_at(call, "1002")
        house.hold_back("daemon")
        killed = house.kill("daemon")
        bob.pick_up()
        house.bring_back("daemon")
        await house.back(killed)
        await house.consult_of(call)
        await house.for_a_while()
        await house.asks_api(call, "transfer/complete")
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await completed(house, call, WARM)


async def test_in_the_consult_and_it_is_completed_afterwards(house: TransferHouse):
    async with house.scene():
        caller, call, _, _ = await consults(house)
        await killed_and_back(house)
        row = await house.live(call)
        assert row["held"] == "consult"
        await house.asks_api(call, "transfer/complete")
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await completed(house, call, WARM)


async def test_in_the_consult_and_he_is_taken_back_afterwards(house: TransferHouse):
    async with house.scene():
        caller, call, _, bob = await consults(house)
        await killed_and_back(house)
        await house.asks_api(call, "transfer/take-back")
        await house.transfer_is(call, "taken back")
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
                    ("asked", "consulting", "taken back"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    returned_to="first agent",
                )
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_in_the_three_way_talk(house: TransferHouse):
    async with house.scene():
        caller, call, amy, _ = await consults(house)
        await house.asks_api(call, "transfer/three-way")
        await house.transfer_is(call, "three-way")
        await house.for_a_while()
        await killed_and_back(house)
        assert (await house.live(call))["held"] == "three-way"
        amy.hang_up()
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await completed(house, call, ("asked", "consulting", "three-way", "completed"), ("1002",))


async def test_in_the_instant_of_completion(house: TransferHouse):
    async with house.scene():
        caller, call, _, _ = await consults(house)
        completing = asyncio.create_task(house.told("POST", f"/api/calls/{call}/transfer/complete", {}))
        await asyncio.sleep(0.003)
        killed = house.kill("daemon")
        await asyncio.gather(completing, return_exceptions=True)
        await house.back(killed)
        if house.of(Kind.TRANSFER, call)[-1].detail["state"] != "completed":
            # It was not even written down that he wished it: he asks again.
            status, _ = await house.told("POST", f"/api/calls/{call}/transfer/complete", {})
            assert status in (200, 409)
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await completed(house, call, WARM, unheard=True)


async def test_just_after_the_completion(house: TransferHouse):
    async with house.scene():
        caller, call, _, _ = await consults(house)
        await house.asks_api(call, "transfer/complete")
        await killed_and_back(house)
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await completed(house, call, WARM, unheard=True)


async def test_while_the_caller_is_on_hold(house: TransferHouse):
    async with house.scene():
        amy = await house.phone("1001")
        for how in ("page", "telephone"):
            caller, call = await house.talks_with("1001")
            await house.for_a_while()
            if how == "page":
                await house.asks_api(call, "hold")
            else:
                amy.hold()
            await house.held(call)
            await killed_and_back(house)
            assert (await house.live(call))["held"] == "hold"
            if how == "page":
                await house.asks_api(call, "retrieve")
            else:
                amy.retrieve()
            await house.held(call, "retrieved")
            await house.comes_to_be("1001", "talking")
            await house.for_a_while()
            await house.goes(caller, call)
            music = ("music",) if how == "telephone" else ()
            await checked(
                house, call, offers=[("1001", "answered")], transfers=[], legs=[Leg("1001", ("hold",), also=music)]
            )


async def test_in_the_consult_and_the_first_agent_hangs_up_before_it_is_back(house: TransferHouse):
    """Asterisk keeps the receiver for the caller, who hears music until somebody puts the two together."""
    async with house.scene():
        caller, call, amy, _ = await consults(house)
        house.hold_back("daemon")
        killed = house.kill("daemon")
        amy.hang_up()
        await amy.was_told("SIP/2.0 200")
        house.bring_back("daemon")
        await house.back(killed)
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await completed(house, call, WARM)


async def test_in_the_consult_and_the_receiver_hangs_up_before_it_is_back(house: TransferHouse):
    async with house.scene():
        caller, call, _, bob = await consults(house)
        house.hold_back("daemon")
        killed = house.kill("daemon")
        bob.hang_up()
        await bob.was_told("SIP/2.0 200")
        house.bring_back("daemon")
        await house.back(killed)
        await house.comes_to_be("1001", "talking")
        await house.comes_to_be("1002", "idle")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1002", "lost"), ("1001", "answered")],
            transfers=[
                Handed(
                    ("asked", "consulting", "failed"), to="1002", receiver="1002", warm=True, returned_to="first agent"
                )
            ],
            legs=[Leg("1001", ("consult",))],
        )


async def test_in_the_consult_and_the_caller_goes_before_it_is_back(house: TransferHouse):
    async with house.scene():
        caller, call, amy, bob = await consults(house)
        house.hold_back("daemon")
        killed = house.kill("daemon")
        await caller.hang_up()
        await caller.wait()
        house.bring_back("daemon")
        await house.back(killed)
        await house.ending_of(call)
        for phone in (amy, bob):
            await phone.was_told("BYE")
        for agent in ("1001", "1002"):
            await house.comes_to_be(agent, "idle")
        await checked(
            house,
            call,
            offers=ASKED,
            transfers=[Handed(("asked", "consulting", "caller left"), to="1002", receiver="1002", warm=True)],
            legs=[Leg("1001", ("consult",), unheard=True)],
        )
