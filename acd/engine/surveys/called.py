"""The call back to a caller who hung up before the survey: whether it is still wanted, and what came of it.

It is a story call (acd/engine/story_calls) about the survey's call; its answers come with SurveyAnswered, before its outcome.
"""

from typing import Any

from acd.engine.commands import Kind
from acd.engine.state import State
from acd.engine.story_calls.state import StoryCall
from acd.engine.surveys.rules import plan_for

STORY = "survey_call"


def wanted(s: State, call: StoryCall) -> str:
    """Why the customer is not to be called any more; empty: they are."""
    survey = s.surveys.open.get(call.subject)
    if survey is None or survey.way != "call" or survey.until <= s.now:
        return "too-late"
    plan = plan_for(s.rules.surveys, survey.queue, survey.brand)
    return "" if plan is not None and plan.when_left == "call" else "off"


def told(s: State, call: StoryCall, outcome: Any, why: str) -> None:
    """`outcome`: of acd/engine/story_calls/outcomes.py. Whoever was asked has a row of their own, and is not told of here."""
    survey = s.surveys.open.get(call.subject)
    if survey is None or survey.way != "call" or survey.begun:
        return
    state = "declined" if why in ("declined", "hung up") else "not reached" if outcome == "told" else str(outcome)
    del s.surveys.open[call.subject]
    s.log(
        Kind.SURVEY,
        survey.call,
        survey.agent,
        queue=survey.queue,
        detail={"state": state, "way": survey.way, **({"why": why} if why else {})},
    )
