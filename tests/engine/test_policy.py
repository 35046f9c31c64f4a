"""A queue's policy over time, row by row."""

from datetime import timedelta

import pytest

from acd.engine.callback_events import CallbackAccepted, CallSentOn
from acd.engine.commands import Kind
from acd.engine.events import (
    AgentLoggedOut,
    AgentReady,
    CallArrived,
    CallerHungUp,
    CallQueued,
    CallReturned,
    MessageAsked,
    MessageLeft,
    PbxFound,
    PbxLost,
)
from acd.engine.model import Overflow, Queue
from acd.engine.pbx_report import FoundCall as Found
from tests.engine.support.floor import Floor, Ring, Sent


def after(seconds: float, do: str, **more: object) -> Overflow:
    return Overflow(do, f"because of {do}", "waited", timedelta(seconds=seconds), **more)  # type: ignore[arg-type]


def floor_of(*rows: Overflow, agents: dict[str, tuple[tuple[str, int], ...]] | None = None, **more: object) -> Floor:
    """Queue billing with these rows, queue general without any."""
    queues = [Queue("billing", (("billing", 5),), overflow=rows, **more), Queue("general", (("general", 1),))]  # type: ignore[arg-type]
    return Floor(queues, agents if agents is not None else {"amy": (("billing", 3),), "gus": (("general", 5),)})


def ending(floor: Floor, call: str) -> str:
    (row,) = floor.rows(Kind.ENDED, call=call)
    return str(row.detail["ending"])


def test_after_a_while_a_lower_level_will_do():
    floor = floor_of(after(30, "lower-skill", to=3))
    floor.staff("amy", "gus")
    assert floor.tell(CallQueued("c1", "billing")) == []
    assert floor.wait(seconds=29.9) == []
    assert floor.wait(seconds=0.1) == [Ring("amy", "c1")]
    (row,) = floor.rows(Kind.OVERFLOW)
    assert (row.call, row.queue) == ("c1", "billing")
    assert row.detail == {
        "row": 1,
        "when": "waited",
        "do": "lower-skill",
        "why": "because of lower-skill",
        "waited_s": 30.0,
        "after_s": 30.0,
        "priority": 0,
        "required": [{"queue": "billing", "skills": {"billing": 3}}],
    }
    assert floor.rows(Kind.OFFERED)[0].detail["rows"] == [1]


def test_a_skill_may_be_dropped_altogether_and_a_named_one_alone():
    floor = Floor(
        [Queue("billing", (("billing", 1), ("en", 3)), overflow=(after(5, "lower-skill", skill="en", to=0),))],
        {"amy": (("en", 9),), "bob": (("billing", 1),)},
    )
    floor.staff("amy", "bob")
    floor.tell(CallQueued("c1", "billing"))
    assert floor.wait(seconds=5) == [Ring("bob", "c1")]


def test_another_queues_agents_are_asked_too_and_the_place_is_kept():
    floor = floor_of(after(10, "add-queue", queue="general"))
    floor.staff("gus")
    floor.tell(CallQueued("c0", "general"))
    floor.answers("gus", "c0")
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=5)
    floor.tell(CallQueued("c2", "general"))
    assert floor.about_call("c1")["position"] == 1
    assert floor.about_call("c2")["position"] == 1, "nobody serves both yet"
    floor.wait(seconds=5)
    assert floor.about_call("c2")["position"] == 2
    floor.talk("gus", "c0", 5)
    assert floor.wait(seconds=30) == [Ring("gus", "c1")], "who asked first comes first, whatever queue he came by"
    assert floor.rows(Kind.OFFERED)[-1].queue == "billing"


def test_waiting_raises_the_priority():
    floor = floor_of(after(20, "raise-priority", by=7), agents={"amy": (("billing", 5), ("general", 1))})
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    floor.tell(CallQueued("c1", "general"))
    floor.wait(seconds=5)
    floor.tell(CallQueued("c2", "billing"))
    assert floor.about_call("c2")["position"] == 2
    floor.wait(seconds=20)
    assert (floor.about_call("c2")["position"], floor.about_call("c2")["priority"]) == (1, 7)
    assert floor.about_call("c2")["rows"] == [1]


def test_a_row_is_applied_once_and_at_its_time_however_often_the_call_was_offered():
    floor = floor_of(after(20, "raise-priority", by=1), agents={"amy": (("billing", 5),)})
    floor.staff("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    assert floor.story("c1") == ["queued", "ring no answer"]
    floor.wait(seconds=5)
    assert floor.rows(Kind.OVERFLOW)[0].detail["waited_s"] == 20.0
    floor.tell(AgentReady("amy"))
    floor.rings("amy", "c1")
    floor.wait(rings=3)
    floor.wait(seconds=100)
    assert len(floor.rows(Kind.OVERFLOW)) == 1


def test_what_was_due_while_the_phone_rang_is_done_when_the_call_waits_again():
    floor = floor_of(after(10, "voicemail"), agents={"amy": (("billing", 5),)})
    floor.staff("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    assert Sent("c1", "voicemail") in floor.wait(rings=3)


def test_nobody_staffed_at_the_asking():
    floor = floor_of(Overflow("voicemail", "nobody is there", "unstaffed"))
    assert floor.tell(CallQueued("c1", "billing")) == [Sent("c1", "voicemail")]
    floor.tell(MessageLeft("c1", 12.5, "messages/c1.wav"), CallerHungUp("c1"))
    assert floor.story("c1") == ["queued", "voicemail", "message left", "ended: left a message"]


def test_the_last_agent_goes_home_and_who_waits_goes_elsewhere():
    floor = floor_of(
        Overflow("move", "the others will have to", "unstaffed", queue="general"),
        agents={"bob": (("billing", 5),), "gus": (("general", 1),)},
    )
    floor.staff("bob", "gus")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("bob", "c0")
    floor.tell(CallQueued("c1", "billing"))
    assert floor.tell(AgentLoggedOut("bob")) == [], "he talks: he is still there"
    assert floor.talk("bob", "c0", 5) == []
    assert floor.wait(seconds=30) == [Ring("gus", "c1")]
    assert floor.about_call("c1")["queue"] == "general"


def test_too_many_wait_before_him():
    floor = floor_of(
        Overflow("number", "they can help too", "longer-than", calls=1, number="4001"),
        agents={"amy": (("billing", 5),)},
    )
    floor.staff("amy")
    for number in range(3):
        assert Sent(f"c{number}", "number", "4001") not in floor.tell(CallQueued(f"c{number}", "billing"))
    assert floor.tell(CallQueued("c3", "billing")) == [Sent("c3", "number", "4001")]
    assert floor.about_call("c3")["stage"] == "elsewhere"
    floor.tell(CallSentOn("c3"), CallerHungUp("c3"))
    assert ending(floor, "c3") == "sent to another number"


def test_the_wait_to_be_expected_is_too_long():
    row = Overflow(
        "offer-callback", "promised in the greeting", "wait-over", wait=timedelta(minutes=5), within=timedelta(hours=2)
    )
    floor = floor_of(row, agents={"amy": (("billing", 5),)})
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    assert floor.tell(CallQueued("c1", "billing")) == [], "some two minutes"
    assert floor.tell(CallQueued("c2", "billing")) == [Sent("c2", "callback")], "some five minutes"
    assert floor.about_call("c2")["position"] == 2, "he waits on whatever he says"


def test_a_busy_number_brings_the_caller_back_to_his_place():
    floor = floor_of(after(5, "number", number="4001"), agents={"amy": (("billing", 5),)})
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=4)
    floor.tell(CallQueued("c2", "billing"))
    assert floor.wait(seconds=1) == [Sent("c1", "number", "4001")]
    floor.wait(seconds=3)
    floor.tell(CallReturned("c1", "busy"))
    assert floor.about_call("c1")["position"] == 1
    floor.wait(seconds=1)
    assert floor.rows(Kind.OVERFLOW, call="c1") == floor.rows(Kind.OVERFLOW)[:1], "not sent there twice"


def test_who_hangs_up_at_voicemail_without_a_word_has_abandoned():
    floor = floor_of(after(5, "voicemail"))
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=5)
    floor.tell(CallerHungUp("c1"))
    assert ending(floor, "c1") == "abandoned in queue"


def test_rows_follow_each_other_in_the_order_of_their_time():
    floor = floor_of(after(30, "voicemail"), after(10, "lower-skill", to=4), after(20, "lower-skill", to=3), agents={})
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=30)
    assert [(row.detail["row"], row.detail["waited_s"]) for row in floor.rows(Kind.OVERFLOW)] == [
        (2, 10.0),
        (3, 20.0),
        (1, 30.0),
    ]


def test_a_move_keeps_the_place_and_begins_that_queues_policy():
    queues = [
        Queue("billing", (("billing", 5),), overflow=(after(10, "move", queue="general"),)),
        Queue("general", (("general", 1),), overflow=(after(10, "raise-priority", by=3),)),
    ]
    floor = Floor(queues, {"gus": (("general", 1),)})
    floor.staff("gus")
    floor.tell(CallQueued("c0", "general"))
    floor.answers("gus", "c0")
    floor.tell(CallQueued("c1", "billing"))
    floor.wait(seconds=5)
    floor.tell(CallQueued("c2", "general"))
    floor.wait(seconds=5)
    assert (floor.about_call("c1")["queue"], floor.about_call("c1")["position"]) == ("general", 1)
    assert floor.about_call("c1")["rows"] == []
    floor.wait(seconds=10)
    assert floor.about_call("c1")["priority"] == 3


def test_queues_that_send_a_caller_round_in_a_circle_lose_him_never():
    """The configuration refuses it; should it come all the same, he stays somewhere and waits."""
    queues = [
        Queue("a", (("x", 1),), overflow=(after(1, "move", queue="b"),)),
        Queue("b", (("x", 1),), overflow=(after(1, "move", queue="a"),)),
    ]
    floor = Floor(queues, {"amy": (("x", 1),)})
    floor.tell(CallQueued("c1", "a"))
    floor.wait(seconds=1000)
    assert len(floor.rows(Kind.OVERFLOW)) == 10
    floor.tell(AgentReady("amy"))
    assert floor.rows(Kind.OFFERED)[-1].call == "c1"


@pytest.mark.parametrize("when", ["unstaffed", "waited"])
def test_while_asterisk_is_away_nobody_is_sent_anywhere_and_then_he_is(when):
    row = Overflow("voicemail", "nobody is there", when, timedelta(seconds=5))
    floor = floor_of(row)
    floor.tell(PbxLost("cut"))
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    assert floor.wait(seconds=60) == []
    assert floor.tell(PbxFound((Found("c1", "waiting"),))) == [Sent("c1", "voicemail")]


def test_who_took_a_callback_is_not_sent_to_voicemail():
    floor = floor_of(after(10, "offer-callback", within=timedelta(hours=1)), after(60, "voicemail"), agents={})
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    assert floor.wait(seconds=10) == [Sent("c1", "callback")]
    floor.tell(CallbackAccepted("c1"), CallerHungUp("c1"))
    assert floor.wait(seconds=600) == []
    assert floor.about_call("c1")["virtual"]


def test_found_at_voicemail_after_a_restart():
    floor = floor_of(after(5, "voicemail"), agents={"amy": (("billing", 5),)})
    floor.tell(CallQueued("c1", "billing"))
    floor.tell(PbxLost("restart"), PbxFound((Found("c1", "elsewhere"),)))
    floor.tell(AgentReady("amy"))
    assert floor.rows(Kind.OFFERED) == []
    floor.tell(MessageLeft("c1", 3.0), CallerHungUp("c1"))
    assert ending(floor, "c1") == "left a message"


def test_a_caller_who_would_rather_leave_a_message_leaves_the_line_and_one_who_says_nothing_comes_back():
    floor = floor_of(agents={})
    floor.tell(
        CallArrived("c1", "139"), CallQueued("c1", "billing"), CallArrived("c2", "138"), CallQueued("c2", "billing")
    )
    assert floor.tell(MessageAsked("c1")) == [Sent("c1", "voicemail")]
    assert dict(floor.rows(Kind.OVERFLOW)[-1].detail) | {"waited_s": 0} == {
        "when": "key",
        "do": "voicemail",
        "waited_s": 0,
    }
    assert floor.about_call("c1")["stage"] == "elsewhere"
    assert floor.tell(MessageAsked("c1")) == [], "once"
    floor.tell(CallReturned("c1", "no message"))
    assert floor.about_call("c1")["stage"] == "waiting"
    floor.tell(MessageAsked("c1"), MessageLeft("c1", 4.0), CallerHungUp("c1"))
    assert ending(floor, "c1") == "left a message"


def test_a_message_is_for_callers_who_wait():
    floor = floor_of(after(10, "offer-callback", within=timedelta(hours=1)), agents={"amy": (("billing", 5),)})
    floor.tell(CallArrived("c1", "139"), CallQueued("c1", "billing"))
    floor.wait(seconds=10)
    floor.tell(CallbackAccepted("c1"), CallerHungUp("c1"))
    assert floor.tell(MessageAsked("c1"), MessageAsked("c9")) == [], "who has hung up, and who never was"
    floor.tell(CallArrived("c2", "138"), PbxLost("cut"), CallQueued("c2", "billing"))
    assert floor.tell(MessageAsked("c2")) == []
