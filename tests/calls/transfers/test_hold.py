"""On hold and retrieved, by the softphone's key and by the page; forgotten there; and a line that drops."""

from pathlib import Path

from acd.engine.commands import Ending, Kind
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfer_system import transfer_system
from tests.calls.support.transfers import for_a_while

ANSWERED = [("1001", "answered")]


async def test_by_the_softphone_and_by_the_page(system: FullSystem):
    """By the softphone the music is in the file; by the page nothing of it is."""
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await for_a_while()
        amy.hold()
        assert (await system.log.held(call)).detail["how"] == "telephone"
        await system.comes_to_be("1001", "hold")
        assert (await system.transfers.live(call))["held"] == "hold"
        await for_a_while()
        assert await system.transfers.refused(call, "retrieve") == "held-by-telephone"
        amy.retrieve()
        await system.log.held(call, "retrieved")
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.post(call, "hold")
        assert (await system.log.held(call, count=2)).detail["how"] == "page"
        await system.comes_to_be("1001", "hold")
        assert await system.transfers.refused(call, "hold") == "held-already"
        await for_a_while()
        await system.transfers.post(call, "retrieve")
        await system.log.held(call, "retrieved", 2)
        await system.comes_to_be("1001", "talking")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system, call, offers=ANSWERED, transfers=[], legs=[Leg("1001", ("hold", "hold"), also=("music",))]
        )
        by_telephone, by_page = system.log.of(Kind.TALK_ENDED, call)[0].detail["spans"]
        assert by_telephone["to_s"] - by_telephone["from_s"] >= 0.9
        assert by_page["to_s"] == by_page["from_s"]
        assert by_page["lasted_s"] >= 0.9
        assert (await system.transfers.card(call))["holds"] == 2


async def test_the_caller_goes_while_he_is_on_hold(system: FullSystem):
    async with system.scene():
        amy = await system.transfers.phone("1001")
        for number in (1, 2):
            caller, call = await system.transfers.talks_with("1001")
            await for_a_while()
            if number == 1:
                amy.hold()
            else:
                await system.transfers.post(call, "hold")
            await system.log.held(call)
            await system.transfers.goes(caller, call)
            await amy.was_told("BYE")
            await system.comes_to_be("1001", "idle")
            await checked(system, call, offers=ANSWERED, transfers=[], legs=[Leg("1001", ("hold",))])


async def test_an_agent_who_hangs_up_while_his_caller_is_on_hold_leaves_him_to_the_next(system: FullSystem):
    """Nobody has said goodbye to him."""
    async with system.scene():
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await for_a_while()
        await system.transfers.post(call, "hold")
        await system.log.held(call)
        await system.transfers.phone("1002")
        amy.hang_up()
        await system.log.talk_of(call, "1002")
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "answered")],
            transfers=[],
            legs=[Leg("1001", ("hold",)), Leg("1002")],
        )


async def test_muted_and_no_more(system: FullSystem):
    """A muted agent is not heard in the file; the caller is."""
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await for_a_while()
        await system.transfers.post(call, "mute", {"muted": True})
        await system.log.row(Kind.MUTED, of_call(call))
        assert (await system.transfers.live(call))["muted"]
        await for_a_while(2.0)
        await system.transfers.post(call, "mute", {"muted": False})
        await system.log.row(Kind.MUTED, lambda row: row.call == call and not row.detail["muted"])
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(system, call, offers=ANSWERED, transfers=[], legs=[Leg("1001")])
        heard = await system.transfers.sound_of(call)
        assert len(heard.spans("1001", 1)) == 2, heard.spans("1001", 1)
        assert len(heard.spans("caller", 0)) == 1


async def test_a_caller_forgotten_on_hold_brings_a_reminder_and_then_the_supervisor(tmp_path: Path):
    bounds = "\n[transfers]\nhold_reminder_s = 1\nhold_limit_s = 2\n"
    async with transfer_system(tmp_path, more=bounds) as system:
        amy = await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await for_a_while()
        amy.hold()
        await system.log.held(call, "reminder")
        await system.log.held(call, "too long")
        alarm = await system.log.row(Kind.ALARM)
        assert alarm.detail["name"] == "caller forgotten on hold"
        amy.retrieve()
        await system.log.held(call, "retrieved")
        await system.transfers.goes(caller, call)
        await checked(system, call, offers=ANSWERED, transfers=[], legs=[Leg("1001", ("hold",), also=("music",))])


async def test_whose_line_drops_and_who_calls_again_has_the_same_agent_and_the_same_card(system: FullSystem):
    """Though another agent has been idle for longer."""
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await system.transfers.phone("1002")
        await system.transfers.phone("1003")
        await for_a_while()
        await system.transfers.hand_over(call, {"agent": "1002"}, note="refund of 60 yuan")
        await system.log.talk_of(call, "1002")
        writing = {"version": (await system.transfers.card(call))["version"], "what": "note", "text": "has paid twice"}
        await system.transfers.post(call, "card", writing)
        await for_a_while()
        await caller.stop()  # no BYE, no sound: Asterisk finds out by that
        await system.log.ending_of(call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "answered")],
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
            ending=Ending.LOST,
            writings=1,
        )
        number = (await system.log.row(Kind.ARRIVED, of_call(call))).detail["caller"]
        again, second = await system.transfers.calls_again(number)
        await system.log.talk_of(second, "1002")
        card = await system.transfers.card(second)
        assert (card["contact"], card["continues"]) == (call, call)
        assert [entry["text"] for entry in card["entries"]] == ["has paid twice"]
        assert [each["note"] for each in card["before"]["transfers"]] == ["refund of 60 yuan"]
        await for_a_while()
        await system.transfers.goes(again, second)
        await checked(system, second, offers=[("1002", "answered")], transfers=[], legs=[Leg("1002")])
