"""A word first with whoever a queue, a skill or the list of outside numbers gives; and who may receive what."""

from dataclasses import replace

import pytest

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import OUTSIDE, TransferHouse, of_call


@pytest.mark.parametrize(
    ("kind", "to", "receiver"), [("queue", "after-sales", "1002"), ("skill", "refunds", "1007")], ids=["queue", "skill"]
)
async def test_a_word_with_whoever_is_free_there(house: TransferHouse, kind: str, to: str, receiver: str):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.phone(receiver)
        await house.for_a_while()
        await house.hand_over(call, {kind: to}, warm=True)
        await house.consult_of(call)
        await house.for_a_while()
        await house.asks_api(call, "transfer/complete")
        await house.talk_of(call, receiver)
        await house.comes_to_be("1001", "idle")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1001", "answered"), (receiver, "answered")],
            transfers=[Handed(WARM, kind=kind, to=to, receiver=receiver, warm=True)],
            legs=[Leg("1001", ("consult",)), Leg(receiver)],
        )


async def test_a_word_with_an_outside_number_taken_back_and_then_completed(house: TransferHouse):
    async with house.scene():
        outside = await house.outside(Phone(ring_s=0.3))
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        for number, what in enumerate(("take-back", "complete"), 1):
            await house.for_a_while()
            await house.hand_over(call, {"number": OUTSIDE}, warm=True)
            await house.consult_of(call, number)
            await house.for_a_while()
            await house.asks_api(call, f"transfer/{what}")
            if what == "take-back":
                await house.transfer_is(call, "taken back", number)
                await house.comes_to_be("1001", "talking")
        await house.row(Kind.SENT_ON, of_call(call))
        await house.comes_to_be("1001", "idle")
        await house.for_a_while()
        await house.goes(caller, call)
        assert len(outside.invites()) == 2
        asked = Handed((), kind="number", to=OUTSIDE, warm=True)
        await checked(
            house,
            call,
            offers=[("1001", "answered")],
            transfers=[
                replace(asked, states=("asked", "consulting", "taken back"), returned_to="first agent"),
                replace(asked, states=WARM),
            ],
            legs=[Leg("1001", ("consult", "consult"))],
        )


async def test_a_matter_above_a_tier_is_refused_and_whoever_may_have_it_is_proposed_first(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        for agent in ("1002", "1007"):
            await house.phone(agent)
        await house.for_a_while()
        dear = {"reason": "refund", "amount": 2000}
        assert await house.refused(call, "transfer", {"to": {"agent": "1002"}, **dear}) == "tier"
        _, said = await house.told("GET", f"/api/calls/{call}/targets?reason=refund&amount=2000")
        assert said["agents"][0]["agent"] == "1007", said
        await house.hand_over(call, {"agent": "1007"}, amount=2000)
        await house.talk_of(call, "1007")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1001", "answered"), ("1007", "answered")],
            transfers=[Handed(("asked", "completed"), to="1007", receiver="1007")],
            legs=[Leg("1001"), Leg("1007")],
        )
