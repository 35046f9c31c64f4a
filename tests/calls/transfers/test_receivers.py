"""A word first with whoever a queue, a skill or the list of outside numbers gives; and who may receive what."""

from dataclasses import replace

import pytest

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfer_system import OUTSIDE
from tests.calls.support.transfers import for_a_while


@pytest.mark.parametrize(
    ("kind", "to", "receiver"), [("queue", "after-sales", "1002"), ("skill", "refunds", "1007")], ids=["queue", "skill"]
)
async def test_a_word_with_whoever_is_free_there(system: FullSystem, kind: str, to: str, receiver: str):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone(receiver)
        await for_a_while()
        await system.transfers.hand_over(call, {kind: to}, warm=True)
        await system.log.consult_of(call)
        await for_a_while()
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, receiver)
        await system.comes_to_be("1001", "idle")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), (receiver, "answered")],
            transfers=[Handed(WARM, kind=kind, to=to, receiver=receiver, warm=True)],
            legs=[Leg("1001", ("consult",)), Leg(receiver)],
        )


async def test_a_word_with_an_outside_number_taken_back_and_then_completed(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3))
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        for number, what in enumerate(("take-back", "complete"), 1):
            await for_a_while()
            await system.transfers.hand_over(call, {"number": OUTSIDE}, warm=True)
            await system.log.consult_of(call, number)
            await for_a_while()
            await system.transfers.post(call, f"transfer/{what}")
            if what == "take-back":
                await system.log.transfer_is(call, "taken back", number)
                await system.comes_to_be("1001", "talking")
        await system.log.row(Kind.SENT_ON, of_call(call))
        await system.comes_to_be("1001", "idle")
        await for_a_while()
        await system.transfers.goes(caller, call)
        assert len(outside.invites()) == 2
        asked = Handed((), kind="number", to=OUTSIDE, warm=True)
        await checked(
            system,
            call,
            offers=[("1001", "answered")],
            transfers=[
                replace(asked, states=("asked", "consulting", "taken back"), returned_to="first agent"),
                replace(asked, states=WARM),
            ],
            legs=[Leg("1001", ("consult", "consult"))],
        )


async def test_a_matter_above_a_tier_is_refused_and_whoever_may_have_it_is_proposed_first(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        for agent in ("1002", "1007"):
            await system.transfers.phone(agent)
        await for_a_while()
        dear = {"reason": "billing", "amount": 2000}
        assert await system.transfers.refused(call, "transfer", {"to": {"agent": "1002"}, **dear}) == "tier"
        # An amount that is not told is none that is small enough; a queue asks for the tier as well.
        for to in ({"agent": "1002"}, {"number": OUTSIDE}):
            assert await system.transfers.refused(call, "transfer", {"to": to, "reason": "billing"}) == "tier"
        _, said = await system.request("GET", f"/api/calls/{call}/targets?reason=billing&amount=2000")
        assert said["agents"][0]["agent"] == "1007", said
        await system.transfers.hand_over(call, {"queue": "orders"}, "billing", amount=2000)
        await system.log.talk_of(call, "1007")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1007", "answered")],
            transfers=[Handed(("asked", "completed"), to="orders", receiver="1007", reason="billing", kind="queue")],
            legs=[Leg("1001"), Leg("1007")],
        )
