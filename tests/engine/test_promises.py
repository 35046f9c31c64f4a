"""Callbacks as promises: made once, kept in time or late, moved, ended, and the same after a restart."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackFailed
from acd.engine.commands import CallBack, Kind
from acd.engine.customer_events import NumberBarred
from acd.engine.doubt_events import CallbacksDoubted, CallbacksTrusted
from acd.engine.events import (
    AgentLoggedOut,
    AgentReady,
    CallArrived,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
    MessageAsked,
    MessageLeft,
    RecordingDeclined,
    TimePassed,
)
from acd.engine.model import CallbackRules, Queue, Rules
from acd.engine.promises.events import CallbackPromised, PromiseEnded, PromiseMoved
from acd.engine.recovery import checkpoint
from tests.engine.support.floor import Dial, Floor, Ring

NUMBER = "+8613900002222"
ALLOWED = CallsOut()
QUEUES = [Queue("billing", wrap_up=timedelta(0)), Queue("complaints", wrap_up=timedelta(0))]


def a_floor(calls_out: CallsOut = ALLOWED, attempts: int = 2, **callbacks: Any) -> Floor:
    floor = Floor(
        QUEUES,
        {"amy": (), "bob": ()},
        Rules(calls_out=calls_out, callback_attempts=attempts, callbacks=CallbackRules(**callbacks)),
    )
    floor.staff("amy")
    return floor


def busy(floor: Floor) -> Floor:
    """Amy talks to c0, and c1 of 13800001111 waits."""
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    floor.tell(CallArrived("c1", "+8613800001111", "95001"), CallQueued("c1", "billing", language="en"))
    return floor


def steps(floor: Floor, promise: str) -> list[str]:
    return [row.detail["state"] for row in floor.rows(Kind.PROMISE, call=promise)]


def end_of(floor: Floor, promise: str) -> tuple[str, bool]:
    detail = floor.rows(Kind.PROMISE, call=promise)[-1].detail
    return detail["outcome"], detail["in_time"]


def alarms(floor: Floor) -> list[str]:
    return [row.detail["name"] for row in floor.rows(Kind.ALARM)]


def promised(promise: str = "p1", number: str = NUMBER, **more: Any) -> CallbackPromised:
    return CallbackPromised(promise, number, "billing", "sam", **more)


def test_a_waiting_caller_who_takes_a_callback_is_promised_two_hours_and_it_is_kept_when_an_agent_talks_with_them():
    floor = busy(a_floor())
    floor.tell(CallbackAccepted("c1", "13900002222"), CallerHungUp("c1"))
    made = floor.rows(Kind.PROMISE, call="c1")[0].detail
    assert (made["number"], made["source"], made["language"], made["how"]) == (NUMBER, "caller", "en", "call")
    assert datetime.fromisoformat(made["until"]) - datetime.fromisoformat(made["begins"]) == timedelta(hours=2)
    assert floor.talk("amy", "c0", 5) == [Dial("c1", NUMBER, "amy")]
    assert floor.tell(CallbackAnswered("c1")) == [Ring("amy", "c1")]
    assert floor.acd.promises() != []
    floor.answers("amy", "c1")
    assert floor.acd.promises() == []
    assert steps(floor, "c1") == ["made", "ended"] and end_of(floor, "c1") == ("kept", True)


def test_who_declined_to_be_recorded_is_called_back_unrecorded_and_their_talk_says_so():
    floor = busy(a_floor())
    floor.tell(RecordingDeclined("c1"), CallbackAccepted("c1", "13900002222"), CallerHungUp("c1"))
    floor.talk("amy", "c0", 5)
    [dialled] = [command for command in floor.commands if isinstance(command, CallBack)]
    assert dialled.unrecorded
    floor.tell(CallbackAnswered("c1"))
    floor.talk("amy", "c1", 30)
    assert [row.detail["declined"] for row in floor.rows(Kind.TALK_ENDED, call="c1")] == [True]
    assert "declined" not in floor.rows(Kind.TALK_ENDED, call="c0")[0].detail


def test_a_promise_of_a_program_is_called_at_its_time_and_not_before():
    floor = a_floor()
    begins = floor.now + timedelta(hours=3)
    assert floor.tell(promised(begins=begins, until=begins + timedelta(minutes=5), language="zh")) == []
    assert floor.wait(seconds=3 * 3600 - 1) == []
    assert floor.wait(seconds=2) == [Dial("p1", NUMBER, "amy")]
    floor.tell(CallbackAnswered("p1"))
    floor.talk("amy", "p1", 30)
    assert end_of(floor, "p1") == ("kept", True)
    assert floor.rows(Kind.ENDED, call="p1")[0].detail["ending"] == "answered"


def test_the_same_number_twice_in_whatever_writing_is_the_same_promise():
    floor = busy(a_floor())
    floor.tell(promised(begins=floor.now + timedelta(hours=1)))
    floor.tell(promised("p2", "13900002222"), CallbackAccepted("c1", "013900002222"))
    assert [one.promise for one in floor.acd.promises()] == ["p1"]
    assert floor.acd.promises()[0].asked == 2
    refused = [row.detail for row in floor.rows(Kind.CALLBACK, call="c1")]
    assert [(one["state"], one["reason"]) for one in refused] == [("refused", "callback-open")]


def test_the_alarm_of_a_late_promise_tells_the_time_of_the_hotline():
    floor = Floor(
        QUEUES, {"amy": ()}, Rules(calls_out=ALLOWED, utc_offset=timedelta(hours=8), callbacks=CallbackRules())
    )
    floor.staff("amy")
    until = floor.now + timedelta(minutes=5)
    floor.tell(AgentLoggedOut("amy"), promised(until=until))
    floor.wait(seconds=301)
    local = f"{until + timedelta(hours=8):%Y-%m-%d %H:%M}"
    detail = floor.rows(Kind.ALARM)[0].detail
    assert (detail["local"], detail["detail"]) == (local, f"a callback was promised until {local}")


def test_a_late_promise_raises_an_alarm_which_ends_with_it_and_it_was_not_kept_in_time():
    floor = a_floor()
    floor.tell(AgentLoggedOut("amy"), promised(until=floor.now + timedelta(minutes=5)))
    floor.wait(seconds=299)
    assert alarms(floor) == []
    floor.wait(seconds=2)
    assert alarms(floor) == ["callback late"]
    assert floor.rows(Kind.ALARM)[0].detail["subject"] == "p1"
    floor.tell(AgentReady("amy"), CallbackAnswered("p1"))
    floor.answers("amy", "p1")
    assert end_of(floor, "p1") == ("kept", False)
    assert [row.detail["subject"] for row in floor.rows(Kind.ALARM_CLEARED)] == ["p1"]


def test_tries_are_made_at_the_stated_times_and_then_the_callback_is_given_up():
    floor = a_floor(retry_after=(60.0, 600.0))
    floor.tell(promised())
    calls = []
    for pause in (60, 600, None):
        calls.append(floor.rows(Kind.CALLBACK, call="p1")[-1].detail["attempt"])
        floor.tell(CallbackFailed("p1", "no answer", 19))
        if pause is not None:
            assert floor.wait(seconds=pause - 1) == []
            assert floor.wait(seconds=1) == [Dial("p1", NUMBER, "amy")]
    assert calls == [1, 2, 3]
    assert end_of(floor, "p1") == ("not-reached", False)


def test_a_moved_promise_leaves_the_line_until_its_new_time():
    floor = a_floor()
    floor.tell(AgentLoggedOut("amy"), promised())
    new = floor.now + timedelta(hours=5)
    floor.tell(PromiseMoved("p1", "sam", begins=new, queue="complaints", note="in the afternoon"))
    assert floor.tell(AgentReady("amy")) == []
    moved = floor.rows(Kind.PROMISE, call="p1")[-1].detail
    assert (moved["state"], moved["by"], moved["queue"], moved["note"]) == (
        "moved",
        "sam",
        "complaints",
        "in the afternoon",
    )
    assert moved["was"]["queue"] == "billing"
    assert floor.wait(seconds=5 * 3600) == [Dial("p1", NUMBER, "amy")]


@pytest.mark.parametrize(("ended_as", "counts"), [("cancelled", False), ("done", True)])
def test_a_person_ends_a_promise_and_its_call_leaves_the_line(ended_as: Any, counts: bool):
    floor = a_floor()
    floor.tell(AgentLoggedOut("amy"), promised(), PromiseEnded("p1", "sam", ended_as, "called from the shop"))
    assert end_of(floor, "p1") == (ended_as, counts)
    assert floor.tell(AgentReady("amy")) == []
    assert floor.rows(Kind.ENDED, call="p1")[0].detail["ending"] == "withdrawn"


def test_a_promise_whose_customer_is_being_called_can_be_neither_moved_nor_ended():
    floor = a_floor()
    assert floor.tell(promised()) == [Dial("p1", NUMBER, "amy")]
    for event in (PromiseMoved("p1", "sam", queue="complaints"), PromiseEnded("p1", "sam", "cancelled")):
        refused = floor.acd.refusal(event)
        assert refused is not None and refused.code == "being-called"
        floor.tell(event)
    assert steps(floor, "p1") == ["made", "due"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (promised(number="110"), "emergency"),
        (promised(number="+14155550100"), "not-allowed"),
        (CallbackPromised("p1", NUMBER, "nowhere", "sam"), "unknown-queue"),
        (promised(until=datetime.fromisoformat("2020-01-01T00:00:00+00:00")), "past"),
    ],
)
def test_what_can_not_be_promised_is_refused_with_a_code_and_changes_nothing(event: CallbackPromised, code: str):
    floor = a_floor()
    refused = floor.acd.refusal(event)
    assert refused is not None and refused.code == code
    assert floor.tell(event) == [] and floor.acd.promises() == []


def test_a_number_that_is_barred_afterwards_is_not_called():
    floor = a_floor()
    floor.tell(promised(begins=floor.now + timedelta(hours=1)), NumberBarred(NUMBER))
    assert floor.wait(seconds=3601) == []
    assert end_of(floor, "p1") == ("barred", False)


@pytest.mark.parametrize(("messages", "dialled"), [("list", []), ("call", [Dial("c1-p", "+8613800001111", "amy")])])
def test_a_message_is_a_promise_that_a_person_keeps_or_the_hotline(messages: Any, dialled: list[Dial]):
    floor = busy(a_floor(messages=messages))
    floor.tell(MessageAsked("c1"), MessageLeft("c1", 12.0, "m.wav"), CallerHungUp("c1"))
    made = floor.rows(Kind.PROMISE, call="c1-p")[0].detail
    assert (made["source"], made["of_call"], made["how"]) == ("message", "c1", messages)
    assert floor.talk("amy", "c0", 5) == dialled
    if messages == "list":
        floor.tell(PromiseEnded("c1-p", "amy", "done"))
        assert end_of(floor, "c1-p") == ("done", True)


def test_a_caller_who_gave_up_is_owed_a_callback_where_it_is_configured():
    floor = busy(a_floor(abandoned="call"))
    floor.tell(CallerHungUp("c1"))
    assert floor.talk("amy", "c0", 5) == [Dial("c1-p", "+8613800001111", "amy")]


def test_the_customers_hours_hold_and_the_promise_begins_with_them():
    # 09:00 UTC is 17:00 in Shanghai; customers are called until 17:00.
    hours = CallsOut(hours=((0, 6, 9 * 60, 17 * 60),))
    floor = Floor(QUEUES, {"amy": ()}, Rules(calls_out=hours, utc_offset=timedelta(hours=8), callbacks=CallbackRules()))
    floor.staff("amy")
    assert floor.tell(promised()) == []
    begins = floor.acd.promises()[0].begins
    assert begins.isoformat() == "2026-03-03T01:00:00+00:00"
    assert floor.acd.promises()[0].until - begins == timedelta(hours=2)
    floor.now = begins
    assert floor.tell(TimePassed()) == [Dial("p1", NUMBER, "amy")]


def test_an_owner_who_is_an_agent_is_asked_first():
    floor = a_floor()
    floor.staff("bob")
    assert floor.tell(promised(owner="bob")) == [Dial("p1", NUMBER, "bob")]


def test_promises_survive_a_checkpoint_with_their_deadlines():
    floor = busy(a_floor(retry_after=(60.0,), within_of=(("billing", 600.0),)))
    floor.tell(CallbackAccepted("c1", "13900002222"), CallerHungUp("c1"))
    floor.tell(promised("p2", "+8613700003333", begins=floor.now + timedelta(minutes=20)))
    kept = floor.acd.checkpoint()
    again = Acd.restore(kept)
    assert again.promises() == floor.acd.promises()
    assert again.next_deadline == floor.acd.next_deadline
    floor.acd = again
    assert floor.wait(seconds=601) == [] and alarms(floor) == ["callback late"]


def test_a_callback_of_a_version_without_promises_becomes_one_with_the_next_configuration():
    floor = Floor(QUEUES, {"amy": ()}, Rules(calls_out=CallsOut()))
    floor.staff("amy")
    busy(floor).tell(CallbackAccepted("c1", "13900002222"), CallerHungUp("c1"))
    assert floor.acd.promises() == []
    rules = Rules(calls_out=CallsOut(), callbacks=CallbackRules())
    floor.tell(ConfigChanged(tuple(QUEUES), tuple(floor.profiles), rules, 2, "sam"))
    assert [one.promise for one in floor.acd.promises()] == ["c1"]


def test_a_promise_of_a_state_that_may_be_an_older_copy_waits_for_the_database():
    floor = a_floor()
    floor.tell(promised(begins=floor.now + timedelta(minutes=1)), CallbacksDoubted())
    assert floor.wait(seconds=61) == []
    assert floor.tell(CallbacksTrusted()) == [Dial("p1", NUMBER, "amy")]


def test_rules_of_a_checkpoint_are_the_same_rules():
    rules = Rules(callbacks=CallbackRules(within_of=(("billing", 60.0),), retry_after=(1.0, 2.0)), calls_out=CallsOut())
    floor = Floor(QUEUES, {}, rules)
    assert checkpoint.configuration(floor.acd.checkpoint())[1] == rules
