"""Faults and the calls with their news, as conversations with the engine: the test is caller, operator and Asterisk."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.calling_hours import Region
from acd.calls_out import CallsOut
from acd.engine.acd import Acd
from acd.engine.commands import AskAboutStory, Ending, Kind, OriginateStory
from acd.engine.customer_events import CallerKnown, NumberBarred
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, ConfigChanged, Event, PbxFound, PbxLost
from acd.engine.faults.events import (
    FaultChanged,
    FaultCleared,
    FaultDeclared,
    FaultForgotten,
    FaultHeard,
    FaultPlan,
    FaultRegistered,
    FaultScope,
    FaultWords,
)
from acd.engine.model import Queue, Rules
from acd.engine.story_calls.events import (
    StoryCallAnswered,
    StoryCallAsked,
    StoryCallFailed,
    StoryCallOver,
    StoryCallWithdrawn,
)
from tests.engine.support.floor import MORNING, Floor

WALL = CallsOut(own=("95001",))
PLAN = FaultPlan(at_a_time=2, pauses_s=(600.0,))
WORDS = FaultWords("浦东片区断网", "The network in Pudong is down")
CLEAR = FaultCleared("1", by="olga")


def floor_of(wall: CallsOut = WALL, **rules: Any) -> Floor:
    floor = Floor([Queue("billing", wrap_up=timedelta(0))], {"amy": ()}, Rules(calls_out=wall, **rules))
    floor.tell(FaultDeclared(WORDS, FaultScope(areas=("pudong",)), PLAN, "outage", by="olga"))
    return floor


def mobile(number: int) -> str:
    return f"+861390000{number:04}"


def registers(floor: Floor, *callers: int) -> None:
    for number in callers:
        call = f"c{number}"
        floor.tell(CallArrived(call, mobile(number), "95001"), FaultHeard(call, "1"), FaultHeard(call, "1", whole=True))
        floor.tell(FaultRegistered(call, "1", mobile(number), "zh"), CallerHungUp(call))


def dialled(floor: Floor) -> list[OriginateStory]:
    return [command for command in floor.commands if isinstance(command, OriginateStory)]


def answers(floor: Floor, command: OriginateStory, result: str = "told") -> None:
    floor.tell(StoryCallAnswered(command.call, "carrier"), StoryCallOver(command.call, result))


def fault(floor: Floor, name: str = "1") -> dict[str, Any]:
    return next(row for row in floor.acd.faults(floor.now) if row["fault"] == name)


def ending(floor: Floor, call: str) -> str:
    return next(str(row.detail["ending"]) for _, row in floor.log if row.kind is Kind.ENDED and row.call == call)


def test_the_whole_story():
    floor = floor_of()
    registers(floor, 1, 2, 3)
    assert fault(floor) | {"concerned": 3, "deflected": 3, "registered": 3, "to_tell": 3, "open": True} == fault(floor)
    assert ending(floor, "c1") == Ending.SERVED
    floor.tell(CLEAR)
    assert dialled(floor) == []  # not before those who have just heard it have hung up
    floor.wait(seconds=6)
    first, second = dialled(floor)  # two at a time
    assert (first.story, first.number, first.subject, first.language, first.dialled) == (
        "fault_news",
        mobile(1),
        "1",
        "zh",
        "95001",
    )
    answers(floor, first)
    floor.wait(seconds=1)
    third = dialled(floor)[2]
    floor.tell(StoryCallFailed(second.call, "busy", 17, "carrier", 486))
    answers(floor, third, "person")
    floor.wait(seconds=599)
    assert len(dialled(floor)) == 3
    floor.wait(seconds=2)
    again = dialled(floor)[3]
    assert (again.number, again.attempt) == (mobile(2), 2)
    floor.tell(StoryCallFailed(again.call, "no answer"))
    floor.wait(seconds=100_000)
    assert len(dialled(floor)) == 4
    row = fault(floor)
    assert (row["told"], row["not_reached"], row["to_tell"], row["open"]) == (2, 1, 0, False)
    assert [(each["news"], each["tries"]) for each in floor.acd.fault_callers("1")] == [
        ("told", 1),
        ("not reached", 2),
        ("told", 1),
    ]


def test_each_call_is_counted_once_and_as_what_it_was():
    floor = floor_of()
    floor.tell(CallArrived("left", mobile(1), "95001"), FaultHeard("left", "1"), CallerHungUp("left"))
    floor.tell(CallArrived("on", mobile(2), "95001"), FaultHeard("on", "1"), FaultHeard("on", "1"))
    floor.tell(CallQueued("on", "billing"), CallerHungUp("on"))
    floor.tell(CallArrived("heard", mobile(3), "95001"), FaultHeard("heard", "1"), FaultHeard("heard", "1", whole=True))
    assert fault(floor)["here"] == 1
    floor.tell(CallerHungUp("heard"))
    row = fault(floor)
    assert (row["concerned"], row["left"], row["gone_on"], row["deflected"], row["here"]) == (3, 1, 1, 1, 0)
    assert ending(floor, "left") == Ending.ABANDONED_IVR
    assert ending(floor, "on") == Ending.ABANDONED_QUEUE


def test_nobody_is_registered_twice():
    floor = floor_of()
    registers(floor, 1)
    registers(floor, 1)
    assert fault(floor)["registered"] == 1
    assert fault(floor)["twice"] == 1
    refused = floor.acd.refusal(FaultRegistered("c9", "1", mobile(1)))
    assert refused is not None and refused.code == "already"


@pytest.mark.parametrize(
    ("number", "code"),
    [("110", "emergency"), ("95001", "own-number"), ("+861681234567", "premium"), ("+14155550100", "not-allowed")],
)
def test_a_number_that_may_not_be_called_is_not_registered(number: str, code: str):
    floor = floor_of()
    refused = floor.acd.refusal(FaultRegistered("c1", "1", number))
    assert refused is not None and (refused.code == code or code in ("premium",))
    floor.tell(FaultRegistered("c1", "1", number), CLEAR)
    floor.wait(seconds=60)
    assert dialled(floor) == []


def test_who_does_not_want_to_be_called_any_more_is_not():
    floor = floor_of()
    registers(floor, 1, 2)
    floor.tell(NumberBarred(mobile(1)), CLEAR)
    floor.wait(seconds=6)
    assert [each.number for each in dialled(floor)] == [mobile(2)]
    assert fault(floor)["refused"] == 1


def test_declared_twice_it_is_one_and_a_cleared_one_may_be_declared_again():
    floor = floor_of()
    again = FaultDeclared(WORDS, FaultScope(areas=("pudong",)), PLAN)
    refused = floor.acd.refusal(again)
    assert refused is not None and (refused.code, refused.words) == ("declared-already", {"fault": "1"})
    floor.tell(again)
    assert len(floor.acd.faults(floor.now)) == 1
    floor.tell(CLEAR, CLEAR, again)
    assert [(row["fault"], row["open"]) for row in floor.acd.faults(floor.now)] == [("2", True), ("1", False)]


def test_who_registers_as_it_is_cleared_is_told_that_it_is_mended():
    floor = floor_of()
    floor.tell(CallArrived("c1", mobile(1), "95001"), FaultHeard("c1", "1"), CLEAR)
    refused = floor.acd.refusal(FaultRegistered("c1", "1", mobile(1)))
    assert refused is not None and refused.code == "mended"
    floor.tell(FaultRegistered("c1", "1", mobile(1)), CallerHungUp("c1"))
    floor.wait(seconds=60)
    assert dialled(floor) == []


def test_a_customer_on_the_line_is_called_later():
    floor = floor_of()
    registers(floor, 1)
    floor.tell(CallArrived("c2", mobile(1), "95001"), CLEAR)
    floor.wait(seconds=30)
    assert dialled(floor) == []
    floor.tell(CallerHungUp("c2"))
    floor.wait(seconds=60)
    assert len(dialled(floor)) == 1


def test_nobody_is_called_outside_the_hours():
    # 09:00 UTC is 17:00 in China; customers are called from 8 to 17
    floor = floor_of(replace(WALL, hours=((0, 6, 8 * 60, 17 * 60),)), utc_offset=timedelta(hours=8))
    registers(floor, 1)
    floor.tell(CLEAR)
    floor.wait(seconds=15 * 3600 - 10)
    assert dialled(floor) == []
    assert fault(floor)["held"] == ["hours"]
    floor.wait(seconds=10)
    assert len(dialled(floor)) == 1


def test_other_hours_count_at_once():
    wall = replace(WALL, hours=((0, 6, 8 * 60, 17 * 60),))
    floor = floor_of(wall, utc_offset=timedelta(hours=8))
    registers(floor, 1)
    floor.tell(CLEAR)
    floor.wait(seconds=60)
    floor.tell(ConfigChanged(tuple(floor.queues), tuple(floor.profiles), Rules(calls_out=WALL)))
    floor.wait(seconds=1)
    assert len(dialled(floor)) == 1


WEST = Region("west", ("+86991",), ("Xinjiang",), ((0, 6, 19 * 60, 22 * 60),))


@pytest.mark.parametrize(
    ("number", "area", "after_s"),
    [
        (mobile(1), "", 5),  # the hotline's own hours; 09:00 UTC is 17:00 in China
        (mobile(1), "xinjiang", 2 * 3600),  # by the customer's record, whatever the number
        ("+869915550000", "", 2 * 3600),  # by the city's code
    ],
)
def test_customers_of_a_region_hear_the_news_in_their_hours(number: str, area: str, after_s: int):
    floor = floor_of(replace(WALL, hours=((0, 6, 0, 24 * 60),), regions=(WEST,)), utc_offset=timedelta(hours=8))
    floor.tell(CallArrived("c1", number, "95001"), CallerKnown("c1", "id1", area=area), FaultHeard("c1", "1"))
    floor.tell(FaultRegistered("c1", "1", number), CallerHungUp("c1"))
    restarted(floor).tell(CLEAR)
    floor.wait(seconds=after_s - 2)
    assert dialled(floor) == []
    assert fault(floor)["held"] == ([] if after_s == 5 else ["hours"])
    floor.wait(seconds=3)
    assert [each.number for each in dialled(floor)] == [number]


def test_the_limits_of_the_wall_hold():
    floor = floor_of(replace(WALL, per_hour=3, at_a_time=30))
    registers(floor, *range(1, 11))
    floor.tell(CLEAR)
    for _ in range(3600):
        floor.wait(seconds=1)
        for command in dialled(floor):
            if command.call in {row["id"] for row in open_calls(floor)}:
                answers(floor, command)
    assert len(dialled(floor)) == 3
    floor.wait(seconds=3600)
    assert len(dialled(floor)) > 3


def open_calls(floor: Floor) -> list[dict[str, Any]]:
    last: dict[str, dict[str, Any]] = {}
    for _, row in floor.log:
        if row.kind is Kind.STORY_CALL:
            last[row.detail["id"]] = dict(row.detail)
    return [row for row in last.values() if row["state"] in ("calling", "answered")]


def restarted(floor: Floor) -> Floor:
    """The same floor, its engine taken from a checkpoint as it lies in the journal."""
    floor.acd = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))
    return floor


def test_a_restart_forgets_nothing():
    floor = floor_of()
    registers(floor, 1, 2, 3)
    before = floor.acd.faults(floor.now)
    assert restarted(floor).acd.faults(floor.now) == before
    floor.tell(CLEAR)
    floor.wait(seconds=6)
    answers(restarted(floor), dialled(floor)[0])
    restarted(floor)
    floor.wait(seconds=1)
    assert len(dialled(floor)) == 3
    assert fault(floor)["told"] == 1
    assert floor.acd.checkpoint() == Acd.restore(json.loads(json.dumps(floor.acd.checkpoint()))).checkpoint()


def test_a_daemon_that_was_away_asks_what_came_of_the_calls():
    floor = floor_of()
    registers(floor, 1, 2)
    floor.tell(CLEAR)
    floor.wait(seconds=6)
    first, second = dialled(floor)
    floor.tell(PbxLost("killed"))
    floor.wait(seconds=30)
    assert len(dialled(floor)) == 2
    floor.tell(PbxFound(()))
    asked = [command for command in floor.commands if isinstance(command, AskAboutStory)]
    assert asked == [AskAboutStory(first.call, 1), AskAboutStory(second.call, 1)]
    floor.tell(StoryCallOver(first.call, "told"), StoryCallFailed(second.call, "lost"))
    assert fault(floor)["told"] == 1
    floor.wait(seconds=601)
    assert [each.number for each in dialled(floor)[2:]] == [mobile(2)]


def test_a_call_of_which_nothing_is_heard_is_tried_again():
    floor = floor_of()
    registers(floor, 1)
    floor.tell(CLEAR)
    floor.wait(seconds=6 + 180 + 600)
    assert [each.attempt for each in dialled(floor)] == [1, 2]


def test_what_is_past_its_expected_end_raises_one_alarm_that_clearing_ends():
    floor = floor_of()
    floor.tell(FaultChanged("1", WORDS, FaultScope(), MORNING + timedelta(hours=1)))
    floor.wait(seconds=3601)
    floor.tell(CLEAR)
    kinds = [(row.kind, row.detail["subject"]) for _, row in floor.log if row.kind in (Kind.ALARM, Kind.ALARM_CLEARED)]
    assert kinds == [(Kind.ALARM, "1"), (Kind.ALARM_CLEARED, "1")]


def test_a_mistake_is_cleared_without_a_word():
    floor = floor_of()
    registers(floor, 1)
    floor.tell(FaultCleared("1", by="olga", quietly=True))
    floor.wait(seconds=100)
    assert dialled(floor) == []
    assert floor.acd.fault_callers("1")[0]["news"] == "withdrawn"


def test_callers_of_a_fault_may_go_ahead():
    floor = Floor([Queue("billing")], {"amy": ()}, Rules(calls_out=WALL))
    floor.tell(FaultDeclared(WORDS, plan=replace(PLAN, priority=3)))
    floor.tell(CallArrived("c1", mobile(1), "95001"), FaultHeard("c1", "1"), CallQueued("c1", "billing"))
    assert next(row.detail["priority"] for _, row in floor.log if row.kind is Kind.QUEUED) == 3


def test_a_number_is_forgotten_everywhere():
    floor = floor_of()
    registers(floor, 1, 2)
    floor.tell(CLEAR, FaultForgotten(mobile(1)))
    floor.wait(seconds=10)
    assert [each.number for each in dialled(floor)] == [mobile(2)]
    assert mobile(1) not in json.dumps(floor.acd.checkpoint()["faults"])


def test_a_forgotten_number_that_is_being_called_is_not_called_again():
    floor = floor_of()
    registers(floor, 1)
    floor.tell(CLEAR)
    floor.wait(seconds=6)
    (news,) = dialled(floor)
    floor.tell(FaultForgotten(mobile(1)), StoryCallFailed(news.call, "busy"))
    floor.wait(seconds=10_000)
    assert len(dialled(floor)) == 1
    assert mobile(1) not in json.dumps([floor.acd.checkpoint()[part] for part in ("faults", "story_calls")])


@pytest.mark.parametrize(
    "event",
    [
        FaultCleared("7"),
        FaultChanged("7", WORDS),
        FaultHeard("c1", "7"),
        FaultHeard("none", "1"),
        StoryCallAsked("s1", "no_such_story", mobile(1)),
        StoryCallAnswered("none"),
        StoryCallOver("none", "told"),
        StoryCallFailed("none", "busy"),
        StoryCallWithdrawn("none"),
    ],
)
def test_what_does_not_fit_changes_nothing(event: Event):
    floor = floor_of()
    before = json.dumps(floor.acd.checkpoint()["faults"])
    floor.tell(event)
    assert [row.kind for _, row in floor.log][-1] is Kind.IGNORED
    assert json.dumps(floor.acd.checkpoint()["faults"]) == before


def test_times_are_those_of_the_outer_clock():
    floor = floor_of()
    assert datetime.fromisoformat(fault(floor)["declared_at"]) == MORNING


def test_fifty_callers_at_once_are_all_told_once_and_never_more_at_a_time_than_may_be():
    floor = floor_of(replace(WALL, at_a_time=3))
    callers = range(1, 51)
    for number in callers:
        floor.tell(CallArrived(f"c{number}", mobile(number), "95001"), FaultHeard(f"c{number}", "1"))
    assert fault(floor)["here"] == 50
    for number in callers:
        floor.tell(
            FaultRegistered(f"c{number}", "1", mobile(number)), FaultRegistered(f"c{number}", "1", mobile(number))
        )
    for number in callers:
        floor.tell(CallerHungUp(f"c{number}"))
    floor.tell(CLEAR)
    done = 0
    for _ in range(2000):
        floor.wait(seconds=1)
        up = dialled(floor)[done:]
        assert len(up) <= 2
        for command in up:
            answers(floor, command)
            done += 1
    row = fault(floor)
    assert (row["concerned"], row["registered"], row["told"], row["deflected"], done) == (50, 50, 50, 50, 50)
