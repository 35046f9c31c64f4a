"""The survey after a talk: who is asked, what is kept of the answers, and what a low mark leads to."""

from datetime import timedelta
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAnswered
from acd.engine.commands import Kind, OriginateStory
from acd.engine.customer_events import NumberBarred
from acd.engine.events import (
    AgentAnswered,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
    PbxFound,
    PbxLost,
    RecordingDeclined,
    TimePassed,
)
from acd.engine.model import Queue, Rules
from acd.engine.pbx_report import MissedHangup, Talk
from acd.engine.story_calls.events import StoryCallAnswered, StoryCallFailed, StoryCallOver
from acd.engine.surveys.events import SurveyAnswered, SurveyBegan, SurveySent, SurveyWordLeft
from acd.engine.surveys.rules import Question, SurveyPlan, plan_for
from tests.engine.support.floor import Dial, Floor, Ring

ALL: tuple[Question, ...] = ("satisfied", "solved", "recommend", "word")
CALLER = "+8613900001111"
WALL = CallsOut(own=("95001",))
STORY = "survey-c1-1-1"


def asked_floor(**plan: Any) -> Floor:
    """amy takes calls of billing, sue those of seniors; callers of billing are asked."""
    queues = [
        Queue("billing", (("billing", 1),), wrap_up=timedelta(0)),
        Queue("seniors", (("senior", 1),), wrap_up=timedelta(0)),
    ]
    floor = Floor(
        queues,
        {"amy": (("billing", 5),), "sue": (("senior", 5),)},
        Rules(calls_out=WALL, surveys=(SurveyPlan(**({"questions": ALL, "low_queue": "seniors"} | plan)),)),
    )
    floor.staff("amy", "sue")
    return floor


def talked(floor: Floor, call: str = "c1-1-1", caller: str = CALLER, language: str = "zh") -> None:
    """The caller has talked with amy, who has hung up."""
    floor.tell(CallArrived(call, caller, "95001"), CallQueued(call, "billing", language=language))
    floor.answers("amy", call)
    floor.wait(seconds=60)
    floor.tell(BridgeEnded("amy", call, floor.offer(call), "agent"))


def surveys(floor: Floor, call: str = "c1-1-1") -> list[dict[str, Any]]:
    return [dict(row.detail) for row in floor.rows(Kind.SURVEY, call=call)]


def why(floor: Floor, call: str) -> str:
    refused = floor.acd.refusal(SurveyBegan(call))
    return "" if refused is None else refused.code


def test_who_was_left_by_the_agent_is_asked_and_each_answer_is_noted_once():
    floor = asked_floor()
    talked(floor)
    assert why(floor, "c1-1-1") == ""
    floor.tell(SurveyBegan("c1-1-1"), SurveyAnswered("c1-1-1", 5))
    floor.tell(SurveyAnswered("c1-1-1", 5, "yes"), SurveyAnswered("c1-1-1", 5, "yes"), SurveyWordLeft("c1-1-1", 4.5))
    floor.tell(CallerHungUp("c1-1-1"))
    assert surveys(floor) == [
        {"state": "asked", "way": "talk"},
        {"state": "answered", "way": "talk", "satisfied": 5},
        {"state": "answered", "way": "talk", "solved": "yes"},
        {"state": "word", "way": "talk", "seconds": 4.5},
    ]
    assert floor.rows(Kind.SURVEY)[0].agent == "amy" and floor.rows(Kind.SURVEY)[0].queue == "billing"
    assert not floor.rows(Kind.ALARM)


def test_the_agents_wrap_up_does_not_wait_for_the_survey():
    floor = asked_floor()
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"))
    assert floor.state("amy") == "idle"
    assert floor.tell(CallArrived("c2-1-1", "+861380000", "95001"), CallQueued("c2-1-1", "billing")) == [
        Ring("amy", "c2-1-1")
    ]


def test_nobody_is_asked_who_was_not_served_or_twice_about_one_call():
    floor = asked_floor()
    floor.tell(CallArrived("c1-1-1", CALLER, "95001"))
    assert why(floor, "c1-1-1") == "not-served"
    floor.tell(CallQueued("c1-1-1", "billing"))
    assert why(floor, "c1-1-1") == "not-served"
    floor.tell(SurveyBegan("c1-1-1"))
    assert not surveys(floor)
    assert why(floor, "c9-9-9") == "no-such-call"


def test_the_same_person_is_left_alone_for_days_whatever_number_of_ours_was_called_and_also_after_a_restart():
    floor = asked_floor(every=timedelta(days=30))
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"), CallerHungUp("c1-1-1"))
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.wait(seconds=29 * 24 * 3600)
    talked(floor, "c2-1-1")
    assert why(floor, "c2-1-1") == "asked-lately"
    floor.tell(CallerHungUp("c2-1-1"))
    talked(floor, "c3-1-1", "+8613900002222")
    assert why(floor, "c3-1-1") == "", "somebody else"
    floor.tell(CallerHungUp("c3-1-1"))
    floor.wait(seconds=24 * 3600)
    talked(floor, "c4-1-1")
    assert why(floor, "c4-1-1") == ""


def test_the_sample_follows_from_the_calls_id_and_keeps_its_share():
    floor = asked_floor(sample=0.3, every=timedelta(0))
    chosen = 0
    for number in range(300):
        call = f"c17-{number}-7"
        talked(floor, call)
        chosen += why(floor, call) == ""
        assert why(floor, call) in ("", "not-sampled")
        floor.tell(CallerHungUp(call))
    assert 60 <= chosen <= 120


@pytest.mark.parametrize(("language", "code"), [("zh", ""), ("en", "language"), ("", "")])
def test_only_callers_of_the_languages_are_asked(language: str, code: str):
    floor = asked_floor(languages=("zh",))
    talked(floor, language=language)
    assert why(floor, "c1-1-1") == code


def test_a_queues_plan_counts_more_than_the_brands_and_this_more_than_that_of_all():
    every, brand, queue = (
        SurveyPlan(questions=("satisfied",)),
        SurveyPlan(brand="b", questions=("solved",)),
        SurveyPlan(queue="q"),
    )
    plans = (queue, every, brand)
    assert plan_for(plans, "other", "") == every
    assert plan_for(plans, "other", "b") == brand
    assert plan_for(plans, "q", "b") is None, "this queue asks nothing"
    assert plan_for((), "q", "b") is None


def test_a_low_mark_raises_an_alarm_and_the_callback_begins_when_the_caller_has_hung_up():
    floor = asked_floor()
    talked(floor)
    assert floor.acd.survey_callback("c1-1-1")
    floor.tell(SurveyBegan("c1-1-1"))
    assert floor.tell(SurveyAnswered("c1-1-1", 1, callback=True)) == []
    (alarm,) = floor.rows(Kind.ALARM)
    assert (alarm.detail["name"], alarm.queue, alarm.agent) == ("low mark", "billing", "amy")
    assert "the caller wants to be called back" in str(alarm.detail["detail"])
    assert floor.tell(CallerHungUp("c1-1-1")) == [], "their telephone would be busy"
    assert floor.story("s1-1-1") == ["queued", "callback accepted"]
    assert floor.wait(seconds=30) == [Dial("s1-1-1", CALLER, "sue")]
    floor.tell(CallbackAnswered("s1-1-1"))
    offer = floor.offer("s1-1-1")
    floor.tell(AgentAnswered("sue", "s1-1-1", offer), CallBridged("sue", "s1-1-1", offer))
    floor.wait(seconds=5)
    floor.tell(BridgeEnded("sue", "s1-1-1", offer, "agent"))
    assert why(floor, "s1-1-1") in ("follow-up", "off")


def test_a_callback_is_neither_offered_nor_taken_without_a_low_mark_or_a_queue_for_it():
    floor = asked_floor(low_queue="")
    talked(floor)
    assert not floor.acd.survey_callback("c1-1-1")
    floor.tell(SurveyBegan("c1-1-1"), SurveyAnswered("c1-1-1", 1, callback=True), CallerHungUp("c1-1-1"))
    assert floor.about_call("s1-1-1") is None
    floor = asked_floor()
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"), SurveyAnswered("c1-1-1", 3, callback=True), CallerHungUp("c1-1-1"))
    assert floor.about_call("s1-1-1") is None and not floor.rows(Kind.ALARM)


@pytest.mark.parametrize(
    "event",
    [
        SurveyAnswered("c1-1-1", 6, recommend=10),
        SurveyAnswered("c9-9-9", 5),
        SurveyWordLeft("c9-9-9", 3.0),
        SurveySent("c9-9-9"),
    ],
)
def test_what_does_not_fit_changes_nothing(event: Any):
    floor = asked_floor()
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"), event)
    assert surveys(floor) == [{"state": "asked", "way": "talk"}]


def test_a_question_that_was_not_asked_is_not_answered():
    floor = asked_floor(questions=("solved",))
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"), SurveyAnswered("c1-1-1", 1, "no", 9))
    assert surveys(floor)[-1] == {"state": "answered", "way": "talk", "solved": "no"}
    assert not floor.rows(Kind.ALARM)


def test_answers_of_a_caller_who_hung_up_while_the_daemon_was_away_are_kept():
    floor = asked_floor()
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"), PbxLost("the daemon was away"))
    floor.wait(seconds=20)
    told = SurveyAnswered("c1-1-1", 2, "no", callback=True)
    talk = Talk("amy", floor.offer("c1-1-1"), 80, 20)
    floor.tell(PbxFound((), False, (MissedHangup("c1-1-1", 5, CALLER, "95001", "billing", talk=talk, survey=told),)))
    assert surveys(floor)[-1] == {
        "state": "answered",
        "way": "talk",
        "satisfied": 2,
        "solved": "no",
        "callback": True,
        "low": True,
    }
    assert floor.about_call("s1-1-1")["virtual"]


def left_first(**plan: Any) -> Floor:
    """The caller hung up first; who does so is sent a link."""
    floor = asked_floor(**({"when_left": "webhook"} | plan))
    floor.tell(CallArrived("c1-1-1", CALLER, "95001"), CallQueued("c1-1-1", "billing", language="zh"))
    floor.talk("amy", "c1-1-1", 30)
    return floor


def test_a_caller_who_hung_up_first_is_invited_once_and_answers_once_by_the_link():
    floor = left_first()
    (invited,) = floor.acd.survey_invitations()
    assert (invited.call, invited.caller, invited.agent, invited.queue) == ("c1-1-1", CALLER, "amy", "billing")
    floor.acd = Acd.restore(floor.acd.checkpoint())
    assert [each.call for each in floor.acd.survey_invitations()] == ["c1-1-1"]
    floor.tell(SurveySent("c1-1-1"), SurveySent("c1-1-1"))
    assert not floor.acd.survey_invitations()
    told = SurveyAnswered("c1-1-1", 1, "no", 0, callback=True)
    assert floor.acd.refusal(told) is None
    floor.tell(told)
    assert [row["state"] for row in surveys(floor)] == ["invited", "sent", "answered"]
    refused = floor.acd.refusal(told)
    assert refused is not None and refused.code == "answered-already"
    assert floor.about_call("s1-1-1")["virtual"]
    floor.tell(SurveyAnswered("c1-1-1", 5))
    assert len(surveys(floor)) == 3


def test_a_link_has_its_time():
    floor = left_first(answer_within=timedelta(hours=1))
    floor.wait(seconds=3600)
    floor.tell(TimePassed())
    refused = floor.acd.refusal(SurveyAnswered("c1-1-1", 5))
    assert refused is not None and refused.code == "no-such-survey"
    floor.tell(SurveyAnswered("c1-1-1", 5))
    assert [row["state"] for row in surveys(floor)] == ["invited"]


@pytest.mark.parametrize("caller", ["unknown", "withheld"])
def test_who_can_not_be_written_to_is_not_invited(caller: str):
    floor = asked_floor(when_left="webhook")
    number, withheld = (CALLER, True) if caller == "withheld" else ("unknown", False)
    floor.tell(CallArrived("c1-1-1", number, "95001", withheld=withheld), CallQueued("c1-1-1", "billing"))
    floor.talk("amy", "c1-1-1", 30)
    assert not surveys(floor)


def test_who_was_asked_on_the_line_and_who_gave_up_unserved_are_not_invited():
    floor = asked_floor(when_left="webhook")
    talked(floor)
    floor.tell(SurveyBegan("c1-1-1"), CallerHungUp("c1-1-1"))
    floor.tell(
        CallArrived("c2-1-1", "+8613900002222", "95001"), CallQueued("c2-1-1", "billing"), CallerHungUp("c2-1-1")
    )
    assert [row.detail["state"] for row in floor.rows(Kind.SURVEY)] == ["asked"]


def called_floor(**plan: Any) -> Floor:
    """The caller hung up first; who does so is called five minutes later."""
    return left_first(**({"when_left": "call", "call_after": timedelta(minutes=5)} | plan))


def dialled(floor: Floor) -> list[OriginateStory]:
    return [command for command in floor.commands if isinstance(command, OriginateStory)]


def states(floor: Floor) -> list[str]:
    return [str(row["state"]) for row in surveys(floor)]


def test_a_caller_who_hung_up_first_is_called_after_a_while_and_answers_as_in_the_talk():
    floor = called_floor()
    assert not floor.acd.survey_invitations() and why(floor, STORY) == ""
    floor.wait(seconds=299)
    assert dialled(floor) == []
    floor.wait(seconds=1)
    (call,) = dialled(floor)
    assert (call.call, call.story, call.number, call.subject, call.language, call.dialled) == (
        STORY, "survey_call", CALLER, "c1-1-1", "zh", "95001",
    )  # fmt: skip
    floor.tell(StoryCallAnswered(STORY, "carrier"))
    assert floor.acd.survey_callback(STORY)
    asked = floor.acd.survey(STORY)
    assert asked is not None and (asked.questions, asked.low) == (ALL, 2)
    floor.tell(SurveyBegan(STORY))
    assert why(floor, STORY) == "asked-already", "the story may break off and ask again"
    floor.tell(SurveyWordLeft("c1-1-1", 3.0), SurveyAnswered("c1-1-1", 1, "no", callback=True))
    floor.tell(StoryCallOver(STORY, "told"), SurveyAnswered("c1-1-1", 5))
    assert states(floor) == ["to be called", "asked", "word", "answered"]
    assert {row["way"] for row in surveys(floor)} == {"call"}
    assert floor.rows(Kind.SURVEY)[-1].agent == "amy"
    assert [row.detail["name"] for row in floor.rows(Kind.ALARM)] == ["low mark"]
    assert floor.about_call("s1-1-1")["virtual"], "the supervisor's callback waits"
    assert why(floor, STORY) == "no-such-call"
    assert floor.rows(Kind.ARRIVED)[-1].call == "s1-1-1", "the survey is no call of the hotline"


@pytest.mark.parametrize(
    ("outcome", "why_not", "tries"),
    [
        (StoryCallFailed(STORY, "no answer"), "not reached", 2),
        (StoryCallOver(STORY, "no key"), "not reached", 2),
        (StoryCallOver(STORY, "hung up"), "declined", 1),
        (StoryCallOver(STORY, "declined"), "declined", 1),
    ],
)
def test_who_is_not_reached_is_tried_as_configured_and_who_does_not_want_it_never_again(
    outcome: Any, why_not: str, tries: int
):
    floor = called_floor(call_pauses_s=(600.0,))
    for wait in (300, 601, 601):
        floor.wait(seconds=wait)
        if states(floor) == ["to be called"]:
            floor.tell(StoryCallAnswered(STORY), outcome)
    assert [call.attempt for call in dialled(floor)] == list(range(1, tries + 1))
    assert states(floor) == ["to be called", why_not]
    assert floor.acd.survey("c1-1-1") is None
    talked(floor, "c2-1-1")
    assert why(floor, "c2-1-1") == "asked-lately", "nobody is pestered"


def test_one_try_is_all_where_nothing_is_said():
    floor = called_floor()
    floor.wait(seconds=300)
    floor.tell(StoryCallFailed(STORY, "busy"))
    floor.wait(seconds=100_000)
    assert len(dialled(floor)) == 1 and states(floor) == ["to be called", "not reached"]


def test_the_call_back_waits_through_a_restart_and_answers_that_asterisk_kept_are_taken():
    floor = called_floor()
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.wait(seconds=300)
    assert [call.call for call in dialled(floor)] == [STORY]
    floor.tell(StoryCallAnswered(STORY), SurveyBegan(STORY), PbxLost("the daemon fell"))
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.tell(PbxFound(()), SurveyAnswered("c1-1-1", 4), StoryCallOver(STORY, "told"))
    assert states(floor) == ["to be called", "asked", "answered"]


@pytest.mark.parametrize("what", ["barred", "off", "late"])
def test_a_call_back_that_is_not_to_be_made_any_more_is_not_made(what: str):
    floor = called_floor(answer_within=timedelta(minutes=4 if what == "late" else 60))
    rules = Rules(calls_out=WALL, surveys=(SurveyPlan(questions=ALL),))
    if what == "barred":
        assert floor.acd.callback_numbers() == [(CALLER, False)], "the records are asked about it"
        floor.tell(NumberBarred(CALLER))
    elif what == "off":
        queues = (Queue("billing", (("billing", 1),)), Queue("seniors", (("senior", 1),)))
        floor.tell(ConfigChanged(queues, (), rules))
    floor.wait(seconds=300)
    assert dialled(floor) == []
    assert states(floor) == ["to be called", "refused" if what == "barred" else "withdrawn"]


@pytest.mark.parametrize("caller", ["unknown", "withheld", "barred", "asked"])
def test_who_can_not_or_must_not_be_called_is_not(caller: str):
    floor = asked_floor(when_left="call")
    number, withheld = ("unknown", False) if caller == "unknown" else (CALLER, caller == "withheld")
    if caller == "barred":
        floor.tell(NumberBarred(CALLER))
    floor.tell(CallArrived("c1-1-1", number, "95001", withheld=withheld), CallQueued("c1-1-1", "billing"))
    if caller == "asked":
        floor.answers("amy", "c1-1-1")
        floor.wait(seconds=60)
        floor.tell(BridgeEnded("amy", "c1-1-1", floor.offer("c1-1-1"), "agent"), SurveyBegan("c1-1-1"))
        floor.tell(CallerHungUp("c1-1-1"))
    else:
        floor.talk("amy", "c1-1-1", 30)
    floor.wait(seconds=3600)
    assert dialled(floor) == []


def test_a_story_that_nobody_has_been_called_for_asks_nothing():
    floor = asked_floor(when_left="call")
    assert why(floor, STORY) == "no-such-call"
    floor = left_first()
    assert why(floor, STORY) == "no-such-call", "that caller gets a link"


@pytest.mark.parametrize("way", ["talk", "webhook", "call"])
def test_who_declined_to_be_recorded_is_not_asked_for_a_word(way: str):
    floor = asked_floor(when_left="" if way == "talk" else way)
    floor.tell(CallArrived("c1-1-1", CALLER, "95001"), RecordingDeclined("c1-1-1"), CallQueued("c1-1-1", "billing"))
    floor.answers("amy", "c1-1-1")
    floor.wait(seconds=60)
    floor.tell(BridgeEnded("amy", "c1-1-1", floor.offer("c1-1-1"), "agent" if way == "talk" else "caller"))
    floor.tell(SurveyBegan("c1-1-1") if way == "talk" else CallerHungUp("c1-1-1"))
    asked = floor.acd.survey("c1-1-1")
    assert asked is not None and (asked.way, asked.questions) == (way, ALL[:3])
    floor.tell(SurveyWordLeft("c1-1-1", 3.0))
    assert "word" not in states(floor)
