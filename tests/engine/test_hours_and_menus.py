"""What an operator sets in the place of the hours, callers of a closed queue, and ways through the menus, in the engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acd.calls_out import CallsOut
from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted
from acd.engine.commands import Ending, Kind
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, CallTurnedAway, MenuChosen, MenuLeft, MessageLeft
from acd.engine.model import Overflow, Queue, Rules
from acd.engine.operator_events import HoursSet
from tests.engine.support.floor import Dial, Floor, Sent

NIGHT = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
"""Saturday, 23:00 in Shanghai."""
HOURS = CallsOut(hours=((0, 6, 540, 1080),), dates=(("2026-11-29", ()), ("2026-11-30", ((600, 720),))))
"""9 to 18 daily; closed on Sunday the 29th, from 10 on Monday."""
ROWS = (
    Overflow("voicemail", "nobody is here", when="unstaffed"),
    Overflow("add-queue", "anybody", queue="other", after=timedelta(seconds=5)),
)


def floor_of(wall: CallsOut = HOURS, rows: tuple[Overflow, ...] = ROWS) -> Floor:
    queues = [Queue("billing", wrap_up=timedelta(0), overflow=rows), Queue("other")]
    floor = Floor(queues, {"amy": ()}, Rules(calls_out=wall, utc_offset=timedelta(hours=8)))
    floor.now = NIGHT
    return floor


def closed(floor: Floor, until: datetime, **more: object) -> None:
    floor.tell(HoursSet(until=until, by="li", **more))  # type: ignore[arg-type]


def asks(floor: Floor, wish: str) -> object:
    floor.tell(CallArrived("c1", "13800001111", "95001"))
    return floor.tell(CallQueued("c1", "billing", (), "zh", "", wish))


def test_a_caller_of_a_closed_queue_leaves_a_message():
    floor = floor_of()
    assert asks(floor, "message") == [Sent("c1", "voicemail")]
    floor.tell(MessageLeft("c1", 5.0, "x"), CallerHungUp("c1"))
    assert floor.story("c1")[-1] == f"ended: {Ending.MESSAGE}"
    assert floor.rows(Kind.QUEUED)[0].detail["wish"] == "message"


def test_who_leaves_none_is_let_go_and_not_kept_waiting():
    floor = floor_of()
    asks(floor, "message")
    floor.tell(CallTurnedAway("c1", "closed"), CallerHungUp("c1"))
    assert floor.story("c1")[-1] == f"ended: {Ending.TURNED_AWAY}"


def test_a_caller_of_a_closed_queue_is_called_back_when_customers_are():
    floor = floor_of()
    assert asks(floor, "callback") == [Sent("c1", "callback")], "and no row of the policy sends the caller elsewhere"
    floor.tell(CallbackAccepted("c1", "13800001111"), CallerHungUp("c1"))
    floor.staff("amy")
    held = floor.rows(Kind.CALLBACK, call="c1")[-1].detail
    assert (held["state"], held["until"]) == ("held back", "2026-11-30T02:00:00+00:00"), "over the closed Sunday"
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.now = datetime(2026, 11, 30, 1, 59, 59, tzinfo=UTC)
    assert floor.wait(seconds=0) == []
    assert floor.wait(seconds=1) == [Dial("c1", "+8613800001111", "amy")]


def test_a_callback_waits_as_long_as_an_operator_has_closed_the_hotline():
    floor = floor_of(replace(HOURS, hours=(), dates=()))
    closed(floor, NIGHT + timedelta(hours=2), zh="停电", en="Power cut")
    asks(floor, "callback")
    floor.tell(CallbackAccepted("c1", "13800001111"), CallerHungUp("c1"))
    floor.staff("amy")
    held = floor.rows(Kind.CALLBACK, call="c1")[-1].detail
    assert (held["state"], held["until"]) == ("held back", (NIGHT + timedelta(hours=2)).isoformat())
    assert floor.tell(HoursSet(until=NIGHT, by="li")) == [Dial("c1", "+8613800001111", "amy")], "opened before the time"


def test_what_is_set_is_logged_shown_and_survives_a_restart_and_its_end():
    floor = floor_of()
    closed(floor, NIGHT + timedelta(hours=1), zh="停电")
    floor.acd = Acd.restore(floor.acd.checkpoint())
    assert floor.acd.hours_set(NIGHT) == {
        "": {"open": False, "until": (NIGHT + timedelta(hours=1)).isoformat(), "zh": "停电", "en": "", "by": "li"}
    }
    assert floor.acd.hours_set(NIGHT + timedelta(hours=1)) == {}
    detail = floor.rows(Kind.OPERATOR)[-1].detail
    assert (detail["did"], detail["now"], detail["local"], detail["zh"]) == (
        "hours set",
        "closed",
        "2026-11-29 00:00",
        "停电",
    )


@pytest.mark.parametrize("event", [HoursSet("ordres", until=NIGHT + timedelta(hours=1)), HoursSet(until=NIGHT)])
def test_what_can_not_be_set_changes_nothing(event: HoursSet):
    floor = floor_of()
    floor.tell(event)
    assert floor.acd.hours_set(NIGHT - timedelta(hours=1)) == {}
    assert floor.rows(Kind.OPERATOR) == []


def test_ways_through_the_menus_are_logged_also_of_who_hangs_up_there():
    floor = floor_of()
    floor.tell(CallArrived("c1", "1"), MenuChosen("c1", "zh/2", "zh main:!7-2"), MenuLeft("c1", "zh main:"))
    floor.tell(CallArrived("c2", "2"), MenuLeft("c2", "zh main:!7"), CallerHungUp("c2"))
    assert [(row.call, row.detail) for row in floor.rows(Kind.MENU)] == [
        ("c1", {"path": "zh/2", "trail": "zh main:!7-2"}),
        ("c2", {"path": "", "trail": "zh main:!7"}),
    ]
    assert floor.story("c2")[-1] == f"ended: {Ending.ABANDONED_IVR}"
