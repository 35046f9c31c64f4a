"""Calls out that run a story: what may be dialled, and what Asterisk's messages of one say. The calls themselves: tests/calls/test_fault_mode.py."""

import asyncio
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.engine.commands import OriginateStory
from acd.engine.events import Event
from acd.engine.story_calls.events import StoryCallAnswered, StoryCallFailed, StoryCallOver
from acd.pbx.actions.callbacks import Counter
from acd.pbx.actions.silent_trunks import SilentTrunks
from acd.pbx.actions.story_calls import StoryCalls, WildStory, _Try, refuse_other
from acd.pbx.actions.ways_out import WaysOut
from acd.pbx.ami.connection import Ami
from tests.pbx.actions.test_callbacks import WILD

RULES = CallsOut(own=("95001",), never=("137",))
GOOD = {
    "Channel": "PJSIP/13900009999@trunk-carrier",
    "Context": "called-story",
    "Exten": "s",
    "Priority": "1",
    "Async": "true",
}
CALL = "fault-3-1-1764400000"


@pytest.mark.parametrize("change", [*WILD, {"Context": "called-back"}, {"Context": "waiting"}], ids=str)
def test_an_originate_that_is_no_story_calls_is_refused(change: dict[str, str]):
    refuse_other(GOOD, "trunk-carrier", RULES)
    with pytest.raises(WildStory):
        refuse_other(GOOD | change, "trunk-carrier", RULES)
    with pytest.raises(WildStory):
        refuse_other(GOOD, "", RULES)


def listening() -> tuple[StoryCalls, list[Event]]:
    told: list[Event] = []
    ami = Ami(
        "127.0.0.1",
        1,
        "sanxiang",
        "x",
        system_name="x",
        on_message=lambda m: None,
        on_up=lambda: None,
        on_down=lambda r: None,
    )
    ways = WaysOut()
    ways.configure({"trunk-carrier": ""}, {})
    stories = StoryCalls(ami, 1, told.append, ways, SilentTrunks(ami), Counter())
    stories.through(RULES, True)
    return stories, told


def message(event: str, **more: str) -> dict[str, Any]:
    return {"Event": event, "Uniqueid": f"st-{CALL}-2_0", "Channel": "PJSIP/trunk-carrier-00000001", **more}


def user(name: str, **more: str) -> dict[str, Any]:
    return message("UserEvent", UserEvent=name, Call=CALL, **more)


async def test_the_outcome_is_told_once_and_read_from_the_messages_alone():
    stories, told = listening()
    for each in (
        user("StoryCallAnswered"),
        user("StoryCallOver", Result="told"),
        message("Hangup", Cause="16"),
        user("StoryCallOver", Result="told"),
    ):
        stories.hear(each)
    await asyncio.sleep(0)
    assert told == [StoryCallAnswered(CALL, "carrier"), StoryCallOver(CALL, "told")]


@pytest.mark.parametrize(
    ("said", "result"), [("person", "person"), ("no key", "no key"), ("", "hung up"), ("else", "hung up")]
)
async def test_what_the_story_says_of_itself(said: str, result: str):
    stories, told = listening()
    stories.hear(user("StoryCallOver", Result=said))
    assert told == [StoryCallOver(CALL, result)]


@pytest.mark.parametrize(
    ("cause", "tech", "event"),
    [
        ("17", "SIP 486", StoryCallFailed(CALL, "busy", 17, "carrier", 486)),
        ("21", "SIP 603", StoryCallFailed(CALL, "refused", 21, "carrier", 603)),
        ("0", "", StoryCallFailed(CALL, "no answer", 0, "carrier", 0)),
        ("x", "SIP x", StoryCallFailed(CALL, "no answer", 0, "carrier", 0)),
    ],
)
async def test_a_channel_that_ends_without_an_answer_has_failed(cause: str, tech: str, event: StoryCallFailed):
    stories, told = listening()
    stories.hear(message("Hangup", Cause=cause, TechCause=tech))
    stories.hear(message("Hangup", Cause=cause, TechCause=tech))
    await asyncio.sleep(0)
    assert told == [event]


async def test_messages_of_others_are_passed_over():
    stories, told = listening()
    for odd in (
        {"Event": "Hangup", "Uniqueid": "1764400000.5", "Cause": "16"},
        {"Event": "UserEvent", "UserEvent": "StoryCallOver", "Call": CALL, "Uniqueid": "1764400000.5"},
        user("StoryCallOver", Result="told") | {"Call": "another"},
        {"Event": "Hangup"},
    ):
        stories.hear(odd)
    await asyncio.sleep(0)
    assert told == []


async def test_it_dials_what_the_wall_allows_and_nothing_from_outside_gets_into_a_variable():
    stories, told = listening()
    command = OriginateStory(CALL, "fault_news", "+8613900009999", 'a"b,\r\nc', "en", "95001")
    fields = stories.originate(_Try(command, "trunk-carrier", ()))
    assert fields["Channel"] == "PJSIP/13900009999@trunk-carrier"
    assert (
        'SUBJECT="abc"' in fields["Variable"]
        and 'LANG="en"' in fields["Variable"]
        and 'ASK_KEY="1"' in fields["Variable"]
    )
    for wrong in (
        OriginateStory(CALL, "fault_news", "110"),
        OriginateStory(CALL, "../x", "+8613900009999"),
        OriginateStory("a b", "fault_news", "+8613900009999"),
    ):
        stories.dial(wrong)
    await asyncio.sleep(0)
    assert [event.reason for event in told if isinstance(event, StoryCallFailed)] == 3 * ["failed"]
