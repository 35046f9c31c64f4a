"""What the story server asks when an agent has left a caller, or a customer is called back for the survey: whether, and what, they are
asked. For this machine alone."""

from typing import Annotated

from pydantic import Field

from acd.engine.surveys.events import SurveyBegan
from acd.identifiers import CALL_ID, whole
from acd.web.api.ivr import _from_here
from acd.web.server.api_model import ApiModel
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.routes import Asked, Route, Strict


class SurveyBody(Strict):
    """The call whose agent has gone, or that of the story which asks about it."""

    call: Annotated[str, Field(pattern=whole(CALL_ID))]


class QuestionsAnswer(ApiModel):
    """What the caller is asked."""

    questions: list[str] = []
    """satisfied, solved, recommend, word; none: the caller is not asked."""
    low: int = 0
    """A mark up to this one is low."""
    callback: bool = False
    """Whether a supervisor can call this caller back."""


async def ask(asked: Asked) -> QuestionsAnswer:
    """What this caller is asked now; the survey is open when the answer comes. Asked twice, it is answered twice: a story may break off and
    begin again. For the story server."""
    _from_here(asked)
    context, call = asked.context, asked.body.call
    began = SurveyBegan(call)
    refused = context.refusal(began)
    if refused is not None and refused.code != "asked-already":
        return QuestionsAnswer()
    if refused is None:
        await asked.request.app[ENGINE_GATEWAY].tell(began)
    survey = context.survey(call)
    if survey is None:
        return QuestionsAnswer()
    return QuestionsAnswer(questions=list(survey.questions), low=survey.low, callback=context.survey_callback(call))


ROUTES = [
    Route(
        "POST",
        "/ivr/survey",
        ask,
        "stories",
        "What is this caller asked after the talk?",
        QuestionsAnswer,
        body=SurveyBody,
        free=True,
    ),
]
