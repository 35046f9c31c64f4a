"""Handed over by telephone alone: the softphone's transfer key (REFER), blind; and feature codes, in the call.

When a REFER arrives the agent is gone, so nothing can be asked: the reason is the key dialled after the number, else "by
telephone", and the agent's wrap-up asks for it. By code nothing goes without a reason.
"""

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Caller, Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.support.system.people import BRISK_KEY_AFTER_S
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfer_system import OUTSIDE
from tests.calls.support.transfers import RINGS, for_a_while
from tests.calls.transfers.test_warm import ASKED, BOTH
from tests.support.waiting import eventually

SENT = ("asked", "completed")


async def test_refer_with_a_reason_by_its_key(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        amy.transfer("1002*3")
        await system.log.talk_of(call, "1002")
        await system.comes_to_be("1001", "idle")
        await amy.was_told("SIP/2.0 202")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, to="1002", receiver="1002", reason="complaint", how="telephone")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_refer_without_a_reason_and_the_wrap_up_asks_for_it(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        amy.transfer("1002")
        await system.log.talk_of(call, "1002")
        await system.comes_to_be("1001", "idle")  # his queue has no time for notes
        explained = {"reason": "refund", "note": "60 yuan"}
        await system.transfers.post(call, "transfer/explain", explained)
        await system.log.transfer_is(call, "explained")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed((*SENT, "explained"), to="1002", receiver="1002", how="telephone")],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_refer_to_a_queue_by_its_extension_and_to_an_outside_number(system: FullSystem):
    async with system.scene():
        outside = await system.carrier.outside(Phone(ring_s=0.3, talk_s=(2.0, 2.0)))
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002")
        await for_a_while()
        amy.transfer("2001*2")
        await system.log.talk_of(call, "1002")
        await for_a_while()
        bob.transfer(f"{OUTSIDE}*2")
        await system.log.row(Kind.SENT_ON)
        assert len(outside.invites()) == 1
        await caller.wait()
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[
                Handed(SENT, kind="queue", to="after-sales", receiver="1002", how="telephone"),
                Handed(SENT, kind="number", to=OUTSIDE, first="1002", how="telephone"),
            ],
            legs=[Leg("1001"), Leg("1002")],
        )


async def test_refer_to_who_does_not_answer_and_the_first_agent_has_him_again(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002", RINGS)
        await for_a_while()
        amy.transfer("1002*2")
        await system.log.talk_of(call, "1001", 2)
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "ring no answer"), ("1001", "answered")],
            transfers=[Handed(("asked", "failed"), to="1002", how="telephone", returned_to="first agent")],
            legs=[Leg("1001"), Leg("1001")],
        )


async def test_refer_to_another_domain_leads_nowhere_else(system: FullSystem):
    """Asterisk takes it for one to this house; we do not ring 1002 for it, and the caller is with his agent again."""
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002")
        await for_a_while()
        amy.transfer("1002@elsewhere.example")
        await system.log.talk_of(call, "1001", 2)
        assert not bob.invites()
        await for_a_while()
        await system.transfers.goes(caller, call)
        assert [state for _, state in system.log.transfers(call)] == ["asked", "failed"]
        assert system.log.offers(call) == [("1001", "answered")] * 2


async def test_refer_to_nobody_with_a_forged_replaces_or_by_a_caller_is_refused_and_the_talk_goes_on(
    system: FullSystem,
):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002", ready=False)
        await for_a_while()
        amy.transfer("0085212345678")
        await eventually(lambda: "SIP/2.0 404 Not Found" in amy.uas.messages("agents"), "a NOTIFY that says no")
        amy.transfer("1002", replaces="made-up%40nowhere%3Bto-tag%3Dx%3Bfrom-tag%3Dy")
        await for_a_while()
        assert (await system.transfers.live(call))["agent"] == "1001"
        assert not system.log.transfers(call)
        await system.transfers.goes(caller, call)
        await checked(system, call, offers=[("1001", "answered")], transfers=[], legs=[Leg("1001")])
        number = "13900000001"
        forger = Caller("95001", number, keys="1", keys_after_s=BRISK_KEY_AFTER_S, stays_s=30, refers_to="1002")
        person = await system.caller(forger)
        second = await system.log.call_of(number)
        await system.log.talk_of(second, "1001")
        assert "SIP/2.0 603" in person.uac.messages("caller")
        await system.transfers.goes(person, second)


async def test_the_code_sends_him_on_at_once_with_a_reason_by_key(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        await amy.key("*8")
        await system.log.held(call)
        await amy.key(",1002#,2,1")
        await system.log.talk_of(call, "1002")
        await system.comes_to_be("1001", "idle")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=BOTH,
            transfers=[Handed(SENT, to="1002", receiver="1002", how="code")],
            legs=[Leg("1001", ("hold",)), Leg("1002")],
        )


async def test_the_code_after_a_word_taken_back_by_code_and_then_three_by_code(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        await amy.key("*8")
        await system.log.held(call)
        await amy.key(",1002#,2,2")
        await system.log.consult_of(call)
        await for_a_while()
        await amy.key("*7")
        await system.log.transfer_is(call, "taken back")
        await system.comes_to_be("1001", "talking")
        await system.comes_to_be("1002", "idle")
        await for_a_while()
        await amy.key("*8")
        await system.log.held(call, count=2)
        await amy.key(",1002#,3,2")
        await system.log.consult_of(call, 2)
        await for_a_while()
        await amy.key("*9")
        await system.log.transfer_is(call, "three-way", 2)
        await for_a_while(1.5)
        amy.hang_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[ASKED[0], *BOTH],
            transfers=[
                Handed(
                    ("asked", "consulting", "taken back"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    how="code",
                    returned_to="first agent",
                ),
                Handed(
                    ("asked", "consulting", "three-way", "completed"),
                    to="1002",
                    receiver="1002",
                    warm=True,
                    how="code",
                    reason="complaint",
                ),
            ],
            legs=[Leg("1001", ("hold", "consult", "hold", "consult", "three-way"), also=("1002",)), Leg("1002")],
        )


async def test_the_code_without_a_reason_or_a_target_brings_the_caller_back(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await for_a_while()
        for number, keys in enumerate((",1002#,0,0", ",1999#,2,1"), 1):
            await amy.key("*8")
            await system.log.held(call, count=number)
            await amy.key(keys)
            await system.log.held(call, "retrieved", number)
            await system.comes_to_be("1001", "talking")
            await for_a_while()
        await system.transfers.goes(caller, call)
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        await checked(system, call, offers=[("1001", "answered")], transfers=[], legs=[Leg("1001", ("hold", "hold"))])
