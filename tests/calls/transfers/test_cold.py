"""Sent on at once: to an agent, a queue, a skill, an outside number; by API and by command line; twice and five times."""

import itertools

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfer_system import OUTSIDE
from tests.calls.support.transfers import ANSWERS, RINGS, for_a_while
from tests.support.sipp import header
from tests.support.sipp_telephone import caller_name
from tests.support.waiting import eventually

BOTH = [("1001", "answered"), ("1002", "answered")]
SENT = ("asked", "completed")


async def test_to_an_agent_and_the_first_is_free_and_has_his_next_call_while_the_second_talks(system: FullSystem):
    """The receiver's telephone shows who is on the line, and names the call for other people's softphones."""
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001", "13812341111")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, note="wants 60 yuan back")
        invite = await bob.rings()
        assert caller_name(invite).endswith("138****1111")
        assert header(invite, "X-Sanxiang-Call") == (await system.transfers.card(call))["contact"]
        # Nobody has answered yet, and he has the next caller.
        other, next_call = await system.transfers.talks_with("1001")
        bob.pick_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(other, next_call)
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, to="1002", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
        )
        card = await system.transfers.card(call)
        assert card["transfers"][0]["note"] == "wants 60 yuan back"


async def test_to_a_queue_whoever_is_free_there_gets_him(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        await system.transfers.hand_over(call, {"queue": "after-sales"})
        talk = await system.log.talk_of(call, "1002")
        assert talk.queue == "after-sales"
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, kind="queue", to="after-sales", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_to_a_queue_where_all_are_busy_and_he_waits_there_and_is_served(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        other, busy = await system.transfers.talks_with("1002")
        await system.request("POST", "/api/agents/1001/not-ready", {"reason": "break"})
        await system.transfers.hand_over(call, {"queue": "after-sales"})
        await system.stages("talking", "waiting")
        await system.comes_to_be("1001", "not ready", "break")
        await for_a_while()
        await system.transfers.goes(other, busy)
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, kind="queue", to="after-sales", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_to_a_skill(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        await system.transfers.hand_over(call, {"skill": "complaints"}, "complaint")
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, kind="skill", to="complaints", receiver="1002", reason="complaint")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_to_an_outside_number_and_the_first_agent_is_idle(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3, talk_s=(2.0, 2.0)))
        await system.transfers.phone("1001")
        _, call = await system.transfers.talks_with("1001")
        await for_a_while()
        await system.transfers.hand_over(call, {"number": OUTSIDE})
        await system.comes_to_be("1001", "idle")
        await system.log.row(Kind.SENT_ON, of_call(call))
        [invite] = outside.invites()
        assert invite.startswith(f"INVITE sip:{OUTSIDE}@")
        await checked(
            system,
            call,
            offers=[("1001", "answered")],
            transfers=[Handed(SENT, kind="number", to=OUTSIDE)],
            legs=[Leg("1001")],
            ending=Ending.ANSWERED,
        )


async def test_to_an_outside_number_that_is_busy_and_the_first_agent_has_him_back(system: FullSystem):
    async with system.scene():
        await system.carrier.outside(Phone(code=486))
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await for_a_while()
        await system.transfers.hand_over(call, {"number": OUTSIDE})
        await system.log.talk_of(call, "1001", 2)
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered")] * 2,
            transfers=[Handed(("asked", "failed"), kind="number", to=OUTSIDE, why="busy", returned_to="first agent")],
            legs=[Leg("1001"), Leg("1001")],
        )


async def test_by_command_line_two_in_a_row(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        for first, second in (("1001", "1002"), ("1002", "1003")):
            await system.transfers.phone(second)
            await for_a_while()
            to = ("--to", f"agent:{second}", "--reason", "refund", "--note", f"from {first}")
            status, _, complaints = await system.sanxiang("call", "transfer", call, *to)
            assert status == 0, complaints
            await system.log.talk_of(call, second)
        await for_a_while()
        await system.transfers.goes(caller, call)
        status, said, complaints = await system.sanxiang("call", "card", call)
        assert status == 0, complaints
        assert "to Agent 1002 1002, from 1001" in said, said  # the line that the manual wants
        assert "to Agent 1003 1003, from 1002" in said, said
        agents = ("1001", "1002", "1003")
        await checked(
            system,
            call,
            offers=[(agent, "answered") for agent in agents],
            transfers=[
                Handed(SENT, to="1002", receiver="1002", how="command line"),
                Handed(SENT, to="1003", receiver="1003", first="1002", how="command line"),
            ],
            legs=[Leg(agent) for agent in agents],
        )


async def test_five_in_a_row_and_every_desk_is_in_the_book(system: FullSystem):
    agents = ("1001", "1002", "1003", "1004", "1005", "1006")
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        for second in agents[1:]:
            await system.transfers.phone(second, ANSWERS)
            await for_a_while()
            await system.transfers.hand_over(call, {"agent": second})
            await system.log.talk_of(call, second)
            await system.request(
                "POST", f"/api/agents/{agents[agents.index(second) - 1]}/not-ready", {"reason": "break"}
            )
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[(agent, "answered") for agent in agents],
            transfers=[
                Handed(SENT, first=first, to=second, receiver=second) for first, second in itertools.pairwise(agents)
            ],
            legs=[Leg(agent) for agent in agents],
        )


async def test_what_can_not_be_is_refused_with_its_reason_and_the_talk_goes_on(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
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
            assert await system.transfers.refused(call, "transfer", body) == code
        for what in ("complete", "take-back", "three-way"):
            assert await system.transfers.refused(call, f"transfer/{what}") == "no-consult"
        assert await system.transfers.refused("c1-1-1", "transfer", codes["oneself"]) == "unknown-call"
        await eventually(lambda: system.talks_of("1001"), "the talk's going on")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(system, call, offers=[("1001", "answered")], transfers=[], legs=[Leg("1001")])
