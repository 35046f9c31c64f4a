"""The receiver is not to be had: silent for three rings, a dead telephone, no; or nobody is staffed. The caller is with
the first agent again, if he is still there, else at the head of his queue; with card, place, priority and recording."""

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfers import RINGS, for_a_while

NOT_HAD = ("asked", "failed")


async def test_silent_for_three_rings_and_the_first_agent_has_him_again(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"})
        missed = await system.log.row(Kind.OFFER_ENDED, lambda row: row.agent == "1002")
        assert missed.detail["rings"] == 3
        await bob.was_told("CANCEL")
        await system.log.talk_of(call, "1001", 2)
        await system.comes_to_be("1002", "not ready", "ring no answer")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "ring no answer"), ("1001", "answered")],
            transfers=[Handed(NOT_HAD, to="1002", returned_to="first agent")],
            legs=[Leg("1001"), Leg("1001")],
        )


async def test_silent_for_three_rings_in_a_consult_and_the_first_talk_goes_on(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, warm=True)
        await system.log.transfer_is(call, "failed")
        await system.comes_to_be("1001", "talking")
        await system.comes_to_be("1002", "not ready", "ring no answer")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1002", "ring no answer"), ("1001", "answered")],
            transfers=[Handed(NOT_HAD, to="1002", receiver="1002", warm=True, returned_to="first agent")],
            legs=[Leg("1001", ("consult",))],
        )


async def test_silent_and_the_first_agent_has_another_caller_so_he_is_at_the_head_of_his_queue(system: FullSystem):
    """Ahead of who waits there since before him, for he has been served once; and with the card that he had."""
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, note="a second time")
        await bob.rings()
        other, busy = await system.transfers.talks_with("1001")
        late, later = await system.transfers.comes_in()
        await system.log.row(Kind.QUEUED, of_call(later))
        await system.log.transfer_is(call, "failed")
        rows = await system.stages("talking", "waiting", "waiting")
        assert [rows[each]["position"] for each in (call, later)] == [1, 2]
        await system.transfers.goes(other, busy)
        await system.log.talk_of(call, "1001", 2)
        await for_a_while()
        await system.transfers.goes(caller, call)
        await system.log.talk_of(later, "1001")
        await system.transfers.goes(late, later)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "ring no answer"), ("1001", "answered")],
            transfers=[Handed(NOT_HAD, to="1002", returned_to="queue")],
            legs=[Leg("1001"), Leg("1001")],
        )
        assert (await system.transfers.card(call))["transfers"][0]["note"] == "a second time"


async def test_a_dead_telephone_is_found_out_in_two_seconds_cold_and_warm(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002", Phone(silent=True))
        await system.transfers.phone("1003", Phone(silent=True))
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.log.talk_of(call, "1001", 2)
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1003"}, warm=True)
        await system.log.transfer_is(call, "failed", 2)
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        offers = [("1001", "answered"), ("1002", "unreachable"), ("1003", "unreachable"), ("1001", "answered")]
        await checked(
            system,
            call,
            offers=offers,
            transfers=[
                Handed(NOT_HAD, to="1002", returned_to="first agent"),
                Handed(NOT_HAD, to="1003", receiver="1003", warm=True, returned_to="first agent"),
            ],
            legs=[Leg("1001"), Leg("1001", ("consult",))],
        )


async def test_who_rejects_him_is_left_alone_cold_and_warm(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        for number, warm in enumerate((False, True), 1):
            await for_a_while()
            await system.transfers.hand_over(call, {"agent": "1002"}, warm=warm)
            await bob.rings(number)
            bob.refuse()
            await system.log.transfer_is(call, "failed", number)
            await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "busy"), ("1002", "busy"), ("1001", "answered")],
            transfers=[
                Handed(NOT_HAD, to="1002", returned_to="first agent"),
                Handed(NOT_HAD, to="1002", receiver="1002", warm=True, returned_to="first agent"),
            ],
            legs=[Leg("1001"), Leg("1001", ("consult",))],
        )


async def test_nobody_is_staffed_any_more_while_he_waits_and_the_first_agent_has_him_again(system: FullSystem):
    """The only one of that skill goes home while the caller waits for him."""
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1007")  # the only one who knows about refunds
        other, busy = await system.transfers.talks_with("1007")
        await for_a_while()
        await system.transfers.hand_over(call, {"skill": "refunds"})
        await system.stages("talking", "waiting")
        await system.request("POST", "/api/agents/1007/log-out", {})
        bob.hang_up()
        await system.log.ending_of(busy)
        await system.log.transfer_is(call, "failed")
        await system.log.talk_of(call, "1001", 2)
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1001", "answered")],
            transfers=[Handed(NOT_HAD, kind="skill", to="refunds", returned_to="first agent")],
            legs=[Leg("1001"), Leg("1001")],
        )
        assert (await system.log.ending_of(busy)).detail["ending"] == Ending.ANSWERED
        await other.wait()
