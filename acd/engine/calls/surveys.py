"""Events of the survey after a talk: who is asked, what they answer, and what a low mark leads to.

One survey is about one call, however many agents the caller was with: whose talks they were stands in the offers. The questions begin
while the caller is on the line and the agent has gone; a caller who hung up first may be asked afterwards, as the plan of the
queue says: by a link, or by a call back. The engine throws no dice: who is in the sample follows from the call's id.
"""

from datetime import timedelta
from typing import Any
from zlib import crc32

from acd.engine.calls import callbacks
from acd.engine.calls.call_lifecycle import close_call, open_call
from acd.engine.calls.queue_entry import ask
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call
from acd.engine.events import CallArrived
from acd.engine.routing import calls_out
from acd.engine.routing.queueing import arm_policy, leave_line
from acd.engine.state import State
from acd.engine.story_calls import dialling
from acd.engine.story_calls.events import StoryCallAsked
from acd.engine.surveys import called
from acd.engine.surveys.book import Survey, Way
from acd.engine.surveys.events import SurveyAnswered, SurveyBegan, SurveySent, SurveyWordLeft
from acd.engine.surveys.rules import CALLED, SurveyPlan, plan_for
from acd.engine.transfers.targets import Refusal
from acd.identifiers import is_number

ON_THE_LINE = timedelta(hours=1)
"""So long answers of a caller who is asked at the end of the call are taken; it is longer than any such call."""
HANDS_FREE = timedelta(seconds=30)
"""A caller who has just hung up is not dialled at once: their telephone would be busy."""
FOLLOW_UP = "s"
"""A callback by a supervisor has the call's id with this in the place of its first letter."""
_WHOLE = 10_000

_NOT_ASKED = {
    "no-such-call": "There is no such call.",
    "not-served": "The caller has talked with nobody yet.",
    "off": "The queue of this call has no survey.",
    "language": "The survey is not for callers who are spoken to in this language.",
    "asked-already": "This caller is asked about this call already.",
    "asked-lately": "This caller was asked a short while ago.",
    "not-sampled": "This call is not in the sample.",
    "follow-up": "The call was a supervisor's callback after a survey.",
}


def plan_of(s: State, call: Call) -> SurveyPlan | None:
    """The survey of the queue in which the call stood last; None: there is none."""
    return plan_for(s.rules.surveys, call.queue, call.brand)


def may_follow_up(s: State, call: Call) -> bool:
    """Whether a callback by a supervisor can be offered to this caller: there is a queue for it, and the number may be called."""
    plan = plan_of(s, call)
    if plan is None or plan.low_queue not in s.queues or not is_number(call.caller):
        return False
    return not calls_out.refuse_callback(s, call, call.caller)


def asked_of(s: State, name: str) -> Survey | None:
    """The survey that is asked in this call, or by this story call; None: there is none."""
    return s.surveys.open.get(name.removeprefix(CALLED))


def may_be_called_again(s: State, name: str) -> bool:
    """The same as `may_follow_up` for a customer who is called back for the survey just now."""
    survey = asked_of(s, name)
    if survey is None or survey.way != "call" or survey.low_queue not in s.queues:
        return False
    return not calls_out.refused(s, survey.caller)


def refusal(s: State, event: SurveyBegan) -> Refusal | None:
    """Why the caller is not asked; None: they are."""
    if event.call.startswith(CALLED):
        return _refuse_called(s, event.call)
    call = s.calls.get(event.call)
    why = "no-such-call" if call is None else _why_not(s, call)
    return Refusal(why, _NOT_ASKED[why]) if why else None


def _refuse_called(s: State, name: str) -> Refusal | None:
    survey = asked_of(s, name)
    why = ""
    if survey is None or survey.way != "call" or survey.answered or name not in s.story_calls.open:
        why = "no-such-call"
    elif survey.begun:
        why = "asked-already"
    return Refusal(why, _NOT_ASKED[why]) if why else None


def _why_not(s: State, call: Call) -> str:
    plan = plan_of(s, call)
    if plan is None:
        return "off"
    if call.wait_s is None or call.stage not in ("talking", "after"):
        return "not-served"  # "talking": the story was quicker than the news that the agent has hung up
    if call.call.startswith(FOLLOW_UP):
        return "follow-up"
    if call.call in s.surveys.open:
        return "asked-already"
    if plan.languages and (call.language or "zh") not in plan.languages:
        return "language"
    if plan.every and s.surveys.asked_since(call.caller, s.now - plan.every):
        return "asked-lately"
    return "not-sampled" if crc32(call.call.encode()) % _WHOLE >= round(plan.sample * _WHOLE) else ""


def began(s: State, event: SurveyBegan) -> None:
    """SurveyBegan: the survey is open. In a call back it has been since the hang-up; answers are taken until this call is over."""
    call, refused = s.calls.get(event.call), refusal(s, event)
    if refused is not None:
        s.ignore(event, refused.code)
        return
    survey = asked_of(s, event.call)
    if survey is not None:
        survey.begun, survey.until = True, max(survey.until, s.now + ON_THE_LINE)
    else:
        plan = None if call is None else plan_of(s, call)
        assert call is not None and plan is not None, "else it would be refused"
        survey = _open(s, call, plan)
    s.log(Kind.SURVEY, survey.call, survey.agent, queue=survey.queue, detail={"state": "asked", "way": survey.way})


def _open(s: State, call: Call, plan: SurveyPlan, way: Way = "talk") -> Survey:
    survey = Survey(
        call=call.call,
        way=way,
        asked_at=s.now,
        until=s.now + (ON_THE_LINE if way == "talk" else plan.answer_within),
        caller=call.caller,
        dialled=call.dialled,
        withheld=call.withheld,
        language=call.language,
        queue=call.queue,
        brand=call.brand,
        agent=call.offer.agent.agent if call.offer is not None else call.last_agent,
        # Whoever does not want to be recorded is not asked for a word, which would be.
        questions=tuple(each for each in plan.questions if each != "word" or not call.unrecorded),
        low=plan.low,
        low_queue=plan.low_queue,
    )
    s.surveys.begin(survey, plan.every)
    return survey


def link_refusal(s: State, event: SurveyAnswered) -> Refusal | None:
    """Why an answer by a link is not taken; None: it is."""
    survey = s.surveys.open.get(event.call)
    if survey is None or survey.way != "webhook" or survey.until <= s.now:
        return Refusal("no-such-survey", "There is no such survey, or its time is over.")
    if survey.answered:
        return Refusal("answered-already", "This survey was answered before.")
    return None


def answered(s: State, event: SurveyAnswered) -> None:
    """SurveyAnswered: what is new is noted. A low mark raises an alarm; a callback that the caller wants begins when they have hung up."""
    survey = s.surveys.open.get(event.call)
    if survey is None or survey.until <= s.now:
        s.ignore(event, "no such survey")
        return
    if survey.answered:
        s.ignore(event, "answered before")
        return
    new = _news(survey, event)
    if not new:
        return
    for name, value in new.items():
        setattr(survey, name, value)
    low = 0 < survey.satisfied <= survey.low
    survey.callback = survey.callback and low
    detail: dict[str, Any] = {"state": "answered", "way": survey.way, **new}
    if low:
        detail["low"] = True
    s.log(Kind.SURVEY, survey.call, survey.agent, queue=survey.queue, detail=detail)
    if low and not survey.told_low:
        survey.told_low = True
        wish = "; the caller wants to be called back" if survey.callback else ""
        said = f"call {survey.call}: satisfied {survey.satisfied} of 5, agent {survey.agent}{wish}"
        alarm = {"name": "low mark", "detail": said, "subject": survey.queue}
        s.log(Kind.ALARM, survey.call, survey.agent, queue=survey.queue, detail=alarm)
    survey.answered = survey.way != "talk"
    if survey.call not in s.calls:
        _follow_up(s, survey)


def _news(survey: Survey, event: SurveyAnswered) -> dict[str, Any]:
    """What of the answers is not noted yet."""
    asked = {
        "satisfied": (event.satisfied, 1 <= event.satisfied <= 5),
        "solved": (event.solved, event.solved in ("yes", "no")),
        "recommend": (event.recommend, 0 <= event.recommend <= 9),
    }
    found = {
        name: value
        for name, (value, fits) in asked.items()
        if fits and name in survey.questions and value != getattr(survey, name)
    }
    if event.callback and survey.low_queue and not survey.callback:
        found["callback"] = True
    return found


def word_left(s: State, event: SurveyWordLeft) -> None:
    """SurveyWordLeft: its recording is expected from now on."""
    survey = s.surveys.open.get(event.call)
    if survey is None or survey.word_s or "word" not in survey.questions:
        s.ignore(event, "no such survey" if survey is None else "the word is there already, or was not asked for")
        return
    survey.word_s = event.seconds
    detail = {"state": "word", "way": survey.way, "seconds": round(event.seconds, 3)}
    s.log(Kind.SURVEY, survey.call, survey.agent, queue=survey.queue, detail=detail)


def sent(s: State, event: SurveySent) -> None:
    """SurveySent: the invitation is out, or was given up; it is not sent again."""
    survey = s.surveys.open.get(event.call)
    if survey is None or survey.sent:
        s.ignore(event, "no such survey" if survey is None else "it was sent before")
        return
    survey.sent = True
    detail = {"state": "not sent" if event.why else "sent", "way": survey.way, "why": event.why}
    s.log(Kind.SURVEY, survey.call, survey.agent, queue=survey.queue, detail=detail)


def settle(s: State) -> None:
    """Calls that have just ended after a talk: the caller who hung up before the survey is invited, and a callback that was asked for in it
    begins."""
    ended, s.followups.ended_talks = s.followups.ended_talks, []
    for call in ended:
        survey = s.surveys.open.get(call.call)
        if survey is not None:
            _follow_up(s, survey)
        else:
            _invite(s, call)


def _invite(s: State, call: Call) -> None:
    plan = plan_of(s, call)
    call.stage = "after"
    if plan is None or not plan.when_left or _why_not(s, call):
        return
    if call.withheld or not is_number(call.caller) or calls_out.is_barred(s, call.caller):
        return  # Nobody to write to, or somebody who does not want that.
    if plan.when_left == "call" and (calls_out.refused(s, call.caller) or set(plan.questions) <= {"word"}):
        return  # A number that is never dialled; or nothing is asked there that a key answers.
    survey = _open(s, call, plan, plan.when_left)
    state = "to be called" if plan.when_left == "call" else "invited"
    detail = {"state": state, "way": survey.way, "until": s.outer(survey.until).isoformat()}
    s.log(Kind.SURVEY, call.call, survey.agent, queue=survey.queue, detail=detail)
    if plan.when_left == "call":
        dialling.asked(s, _call_back(survey, plan, call.area))


def _call_back(survey: Survey, plan: SurveyPlan, area: str) -> StoryCallAsked:
    return StoryCallAsked(
        CALLED + survey.call,
        called.STORY,
        survey.caller,
        survey.call,
        survey.language,
        survey.dialled,
        plan.call_pauses_s,
        not_before_s=plan.call_after.total_seconds(),
        area=area,
    )


def _follow_up(s: State, survey: Survey) -> None:
    """Open the callback by a supervisor, as a call of its own that stands in the queue for it."""
    if not survey.callback or survey.followed or survey.low_queue not in s.queues:
        return
    survey.followed = True
    name = FOLLOW_UP + survey.call[1:]
    if name in s.calls or name in s.ended_calls:
        return
    call = open_call(s, name, CallArrived(name, survey.caller, survey.dialled, withheld=survey.withheld))
    ask(s, call, survey.low_queue, (), survey.language, s.now, past=True)
    if not callbacks.take(s, call, survey.caller):
        close_call(s, call, Ending.NOT_REACHED)
        return
    callbacks.hung_up(s, call)
    leave_line(s, call)
    call.resting = True
    s.deadlines.set(("rest", name), s.now + HANDS_FREE)
    arm_policy(s, call)
