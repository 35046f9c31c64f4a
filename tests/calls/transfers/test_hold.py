"""On hold and retrieved, by the softphone's key and by the page; forgotten there; and a line that drops."""

from pathlib import Path

from acd.engine.commands import Kind
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfers import TransferHouse, of_call

ANSWERED = [("1001", "answered")]


async def test_by_the_softphone_and_by_the_page(house: TransferHouse):
    """By the softphone the music is in the file; by the page nothing of it is."""
    async with house.scene():
        amy = await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.for_a_while()
        amy.hold()
        assert (await house.held(call)).detail["how"] == "telephone"
        await house.comes_to_be("1001", "hold")
        assert (await house.live(call))["held"] == "hold"
        await house.for_a_while()
        assert await house.refused(call, "retrieve") == "held-by-telephone"
        amy.retrieve()
        await house.held(call, "retrieved")
        await house.comes_to_be("1001", "talking")
        await house.for_a_while()
        await house.asks_api(call, "hold")
        assert (await house.held(call, count=2)).detail["how"] == "page"
        await house.comes_to_be("1001", "hold")
        assert await house.refused(call, "hold") == "held-already"
        await house.for_a_while()
        await house.asks_api(call, "retrieve")
        await house.held(call, "retrieved", 2)
        await house.comes_to_be("1001", "talking")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(house, call, offers=ANSWERED, transfers=[], legs=[Leg("1001", ("hold", "hold"), also=("music",))])
        by_telephone, by_page = house.of(Kind.TALK_ENDED, call)[0].detail["spans"]
        assert by_telephone["to_s"] - by_telephone["from_s"] >= 0.9
        assert by_page["to_s"] == by_page["from_s"]
        assert by_page["lasted_s"] >= 0.9
        assert (await house.card(call))["holds"] == 2


async def test_the_caller_goes_while_he_is_on_hold(house: TransferHouse):
    async with house.scene():
        amy = await house.phone("1001")
        for number in (1, 2):
            caller, call = await house.talks_with("1001")
            await house.for_a_while()
            if number == 1:
                amy.hold()
            else:
                await house.asks_api(call, "hold")
            await house.held(call)
            await house.goes(caller, call)
            await amy.was_told("BYE")
            await house.comes_to_be("1001", "idle")
            await checked(house, call, offers=ANSWERED, transfers=[], legs=[Leg("1001", ("hold",))])


async def test_an_agent_who_hangs_up_while_his_caller_is_on_hold_leaves_him_to_the_next(house: TransferHouse):
    """Nobody has said goodbye to him."""
    async with house.scene():
        amy = await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.for_a_while()
        await house.asks_api(call, "hold")
        await house.held(call)
        await house.phone("1002")
        amy.hang_up()
        await house.talk_of(call, "1002")
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(
            house,
            call,
            offers=[("1001", "answered"), ("1002", "answered")],
            transfers=[],
            legs=[Leg("1001", ("hold",)), Leg("1002")],
        )


async def test_muted_and_no_more(house: TransferHouse):
    """A muted agent is not heard in the file; the caller is."""
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.for_a_while()
        await house.asks_api(call, "mute", {"muted": True})
        await house.row(Kind.MUTED, of_call(call))
        assert (await house.live(call))["muted"]
        await house.for_a_while(2.0)
        await house.asks_api(call, "mute", {"muted": False})
        await house.row(Kind.MUTED, lambda row: row.call == call and not row.detail["muted"])
        await house.for_a_while()
        await house.goes(caller, call)
        await checked(house, call, offers=ANSWERED, transfers=[], legs=[Leg("1001")])
        heard = await house.sound_of(call)
        assert len(heard.spans("1001", 1)) == 2, heard.spans("1001", 1)
        assert len(heard.spans("caller", 0)) == 1


async def test_a_caller_forgotten_on_hold_brings_a_reminder_and_then_the_supervisor(tmp_path: Path):
    bounds = "\n[transfers]\nhold_reminder_s = 1\nhold_limit_s = 2\n"
    async with TransferHouse(tmp_path, more=bounds) as house:
        amy = await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.for_a_while()
        amy.hold()
        await house.held(call, "reminder")
        await house.held(call, "too long")
        alarm = await house.row(Kind.ALARM)
        assert alarm.detail["name"] == "caller forgotten on hold"
        amy.retrieve()
        await house.held(call, "retrieved")
        await house.goes(caller, call)
        await checked(house, call, offers=ANSWERED, transfers=[], legs=[Leg("1001", ("hold",), also=("music",))])


async def test_whose_line_drops_and_who_calls_again_has_the_same_agent_and_the_same_card(house: TransferHouse):
    """Though another agent has been idle for longer."""
    async with house.scene():
        await house.phone("1001")
        caller, call = await house.talks_with("1001")
        await house.phone("1002")
        await house.phone("1003")
        await house.for_a_while()
        await house.hand_over(call, {"agent": "1002"}, note="refund of 60 yuan")
        await house.talk_of(call, "1002")
        writing = {"version": (await house.card(call))["version"], "what": "note", "text": "has paid twice"}
        await house.asks_api(call, "card", writing)
        await house.for_a_while()
        await caller.stop()  # no BYE, no sound: Asterisk finds out by that
        await house.ending_of(call)
        await checked(
            house,
            call,
            offers=[("1001", "answered"), ("1002", "answered")],
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002")],
            legs=[Leg("1001"), Leg("1002")],
            writings=1,
        )
        number = (await house.row(Kind.ARRIVED, of_call(call))).detail["caller"]
        again, second = await house.calls_again(number)
        await house.talk_of(second, "1002")
        card = await house.card(second)
        assert (card["contact"], card["continues"]) == (call, call)
        assert [entry["text"] for entry in card["entries"]] == ["has paid twice"]
        assert [each["note"] for each in card["before"]["transfers"]] == ["refund of 60 yuan"]
        await house.for_a_while()
        await house.goes(again, second)
        await checked(house, second, offers=[("1002", "answered")], transfers=[], legs=[Leg("1002")])
