"""Answers by the link that the company's sender of messages has sent to a caller who hung up first. Signed, bounded, taken once."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from aiohttp import web
from pydantic import Field, StrictBool

from acd.engine.commands import Kind, Log
from acd.engine.surveys.events import SurveyAnswered
from acd.identifiers import whole
from acd.identity import signed
from acd.web.access.short_lived import ShortLived
from acd.web.api.surveys.link import ID, call_of
from acd.web.server.api_model import ApiModel
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.problems import Problem
from acd.web.server.routes import ANYONE, Asked, Route, Strict

SEEN: web.AppKey[ShortLived[bool]] = web.AppKey("ids of surveys' answers", ShortLived)


class AnswersBody(Strict):
    """What the caller has answered; what is left out was not answered."""

    id: Annotated[str, Field(max_length=80, pattern=whole(ID))]
    """As it stood in the webhook."""
    satisfied: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    """5: very satisfied."""
    solved: StrictBool | None = None
    recommend: Annotated[int, Field(ge=0, le=9, strict=True)] | None = None
    callback: StrictBool = False
    """The caller wants to be called back by a supervisor; it counts after a low mark."""


class TakenAnswer(ApiModel):
    """It is noted, and is not asked again."""

    taken: bool = True
    low: bool
    """The mark was low, and a supervisor has been told."""
    callback: bool
    """A supervisor will call back."""


async def answers(asked: Asked) -> TakenAnswer:
    """Takes the answers of a caller who had hung up first. The company's sender signs them as it gets its webhooks signed: Standard
    Webhooks, with the secret of survey.webhook. Each survey is answered once, as a whole."""
    context, body = asked.context, asked.body
    webhook = context.config.survey.webhook
    if webhook is None:
        raise Problem(404, "not-set-up", "No answers are taken here: there is no [survey.webhook].")
    try:
        secret = await asyncio.to_thread(signed.read_secret, webhook.secret_file)
    except signed.NotSigned:
        detail = "The hotline can't check signatures at the moment: see survey.webhook.secret_file."
        raise Problem(401, "not-signed", detail) from None
    try:
        id_ = signed.check(asked.request.headers, await asked.request.read(), secret, context.now().timestamp())
    except signed.NotSigned as why:
        raise Problem(401, "not-signed", str(why)) from None
    seen = asked.request.app[SEEN]
    if seen.look(id_):
        raise Problem(409, "seen-before", "A request with this webhook-id was taken already.")
    if body.satisfied is None and body.solved is None and body.recommend is None:
        raise Problem(
            400, "bad-request", "No question is answered. Send satisfied, solved or recommend.", field="satisfied"
        )
    told = SurveyAnswered(
        call_of(secret, body.id),
        satisfied=body.satisfied or 0,
        solved="" if body.solved is None else "yes" if body.solved else "no",
        recommend=-1 if body.recommend is None else body.recommend,
        callback=body.callback,
    )
    async with asked.request.app[ENGINE_GATEWAY].turn(told.call):
        refused = context.refusal(told)
        if refused is not None:
            raise Problem(404 if refused.code == "no-such-survey" else 409, refused.code, refused.sentence)
        commands = await asked.request.app[ENGINE_GATEWAY].tell(told)
    seen.put(True, id_)
    told_rows = [
        each for each in commands if isinstance(each, Log) and each.call == told.call and each.kind is Kind.SURVEY
    ]
    if not told_rows:
        raise Problem(
            400, "not-asked", "None of these questions was asked. The webhook names those that were.", field="satisfied"
        )
    said = told_rows[0].detail
    return TakenAnswer(low=bool(said.get("low")), callback=bool(said.get("callback") and said.get("low")))


def set_up(app: web.Application, now: Callable[[], datetime]) -> None:
    """What this route keeps."""
    app[SEEN] = ShortLived(now, timedelta(seconds=2 * signed.TOLERANCE_S))


ROUTES = [
    Route(
        "POST",
        "/api/survey/answers",
        answers,
        ANYONE,
        "Answers to the survey of a caller who hung up first; signed by the Standard Webhooks specification",
        answer=TakenAnswer,
        body=AnswersBody,
        refusals={
            400: "not-asked",
            401: "not-signed",
            404: "no-such-survey, or not-set-up",
            409: "answered-already, or seen-before",
        },
    ),
]
