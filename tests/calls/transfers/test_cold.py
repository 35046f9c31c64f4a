"""Sent on at once: to an agent, a queue, a skill, an outside number; by API and by command line; twice and five times."""

import itertools

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfers import ANSWERS, OUTSIDE, RINGS, TransferHouse, of_call
from tests.support.sipp_telephone import caller_name, header
from tests.support.waiting import eventually

BOTH = [("1001", "answered"), ("1002", "answered")]
SENT = ("asked", "completed")


async def test_to_an_agent_and_the_first_is_free_and_has_his_next_call_while_the_second_talks(house: TransferHouse):
    """The receiver's telephone shows who is on the line, and names the call for other people's softphones."""
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001", "13812341111")
        bob = await house.phone("1002", RINGS)
        await house.for_a_while()
        await house.hand_over(call, {"agent": "1002"}, note="wants 60 yuan back")
        invite = await bob.rings()
        assert caller_name(invite).endswith("138****1111")
        assert header(invite, "X-Sanxiang-Call") == (await house.card(call))["contact"]
        # Nobody has answered yet, and he has the next caller.
        other, next_call = await house.talks_with("1001")
        bob.pick_up()
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(other, next_call)
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, to="1002", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
        )
        card = await house.card(call)
        assert card["transfers"][0]["note"] == "wants 60 yuan back"


async def test_to_a_queue_whoever_is_free_there_gets_him(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.phone("1002")
        await house.for_a_while()
        await house.hand_over(call, {"queue": "after-sales"})
        talk = await house.talk_of(call, "1002")
        assert talk.queue == "after-sales"
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, kind="queue", to="after-sales", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_to_a_queue_where_all_are_busy_and_he_waits_there_and_is_served(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.phone("1002")
        other, busy = await house.talks_with("1002")
        await house.told("POST", "/api/agents/1001/not-ready", {"reason": "break"})
        await house.hand_over(call, {"queue": "after-sales"})
        await house.stages("talking", "waiting")
        await house.comes_to_be("1001", "not ready", "break")
        await house.for_a_while()
        await house.goes(other, busy)
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, kind="queue", to="after-sales", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_to_a_skill(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.phone("1002")
        await house.for_a_while()
        await house.hand_over(call, {"skill": "complaints"}, "complaint")
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, kind="skill", to="complaints", receiver="1002", reason="complaint")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_to_an_outside_number_and_the_first_agent_is_idle(house: TransferHouse):
    async with house.scene():
        outside = await house.outside(Phone(ring_s=0.3, talk_s=(2.0, 2.0)))
        await house.phone("1001")
        _, call = await house.talks_with("1001")
        await house.for_a_while()
        await house.hand_over(call, {"number": OUTSIDE})
        await house.comes_to_be("1001", "idle")
        await house.row(Kind.SENT_ON, of_call(call))
        [invite] = outside.invites()
        assert invite.startswith(f"INVITE sip:{OUTSIDE}@")
        await checked(
            house,
            call,
            offers=[("1001", "answered")],
            transfers=[Handed(SENT, kind="number", to=OUTSIDE)],
            legs=[Leg("1001")],
            ending=Ending.ANSWERED,
        )


async def test_to_an_outside_number_that_is_busy_and_the_first_agent_has_him_back(house: TransferHouse):
    async with house.scene():
        await house.outside(Phone(code=486))
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.for_a_while()
        await house.hand_over(call, {"number": OUTSIDE})
        await house.talk_of(call, "1001", 2)
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1001", "answered")] * 2,
            transfers=[Handed(("asked", "failed"), kind="number", to=OUTSIDE, why="busy", returned_to="first agent")],
            legs=[Leg("1001"), Leg("1001")],
        )


async def test_by_command_line_two_in_a_row(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        for first, second in (("1001", "1002"), ("1002", "1003")):
            await house.phone(second)
            await house.for_a_while()
            to = ("--to", f"agent:{second}", "--reason", "refund", "--note", f"from {first}")
            status, _, complaints = await house.sanxiang("call", "transfer", call, *to)
            assert status == 0, complaints
            await house.talk_of(call, second)
        await house.for_a_while()
        await house.goes(caller, call)
        status, said, complaints = await house.sanxiang("call", "card", call)
        assert status == 0, complaints
        assert "to Agent 1002, 1002, from 1001" in said, said  # the line that the manual wants
        assert "to Agent 1003, 1003, from 1002" in said, said
        agents = ("1001", "1002", "1003")
        await checked(
            house,
            call,
            offers=[(agent, "answered") for agent in agents],
            transfers=[
                Handed(SENT, to="1002", receiver="1002", how="command line"),
                Handed(SENT, to="1003", receiver="1003", first="1002", how="command line"),
            ],
            legs=[Leg(agent) for agent in agents],
        )


async def test_five_in_a_row_and_every_desk_is_in_the_book(house: TransferHouse):
    agents = ("1001", "1002", "1003", "1004", "1005", "1006")
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        for second in agents[1:]:
            await house.phone(second, ANSWERS)
            await house.for_a_while()
            await house.hand_over(call, {"agent": second})
            await house.talk_of(call, second)
            await house.told("POST", f"/api/agents/{agents[agents.index(second) - 1]}/not-ready", {"reason": "break"})
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[(agent, "answered") for agent in agents],
            transfers=[
                Handed(SENT, first=first, to=second, receiver=second) for first, second in itertools.pairwise(agents)
            ],
            legs=[Leg(agent) for agent in agents],
        )


async def test_what_can_not_be_is_refused_with_its_reason_and_the_talk_goes_on(house: TransferHouse):
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        codes = {
            "no-reason": {"to": {"agent": "1002"}, "reason": ""},
            "unknown-reason": {"to": {"agent": "1002"}, "reason": "because"},
            "unknown-target": {"to": {"agent": "1999"}, "reason": "refund"},
            "oneself": {"to": {"agent": "1001"}, "reason": "refund"},
            "not-available": {"to": {"agent": "1002"}, "reason": "refund"},
            "not-staffed": {"to": {"skill": "refunds"}, "reason": "refund"},
            "not-allowed": {"to": {"number": "0085212345678"}, "reason": "refund"},
            "own-number": {"to": {"number": "95001"}, "reason": "refund"},
        }
        for code, body in codes.items():
            assert await house.refused(call, "transfer", body) == code
        for what in ("complete", "take-back", "three-way"):
            assert await house.refused(call, f"transfer/{what}") == "no-consult"
        assert await house.refused("c1-1-1", "transfer", codes["oneself"]) == "unknown-call"
        await eventually(lambda: house.talks_of("1001"), "the talk's going on")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(house, call, offers=[("1001", "answered")], transfers=[], legs=[Leg("1001")])
