"""Every refusal as problem+json (RFC 9457): a stable code, a plain sentence, an incident id; never a stack trace."""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web
from pydantic import ValidationError

from acd.web.server.api_model import ApiModel
from acd.web.server.log_limit import LogLimit
from acd.web.server.validation_words import sentence

log = structlog.get_logger(__name__)

_CODES = {
    400: "bad-request",
    401: "not-logged-in",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "not-json",
    429: "too-many-requests",
    500: "our-fault",
    503: "away",
}

CLIENT_LEFT = 499
"""The status, in the figures alone, of an answer whose client went away; nginx's number."""
LOG_LIMIT: web.AppKey[LogLimit] = web.AppKey("log limit", LogLimit)
CODE: web.ResponseKey[str] = web.ResponseKey("code", str)
"""Of a response that is a refusal: its code, for whoever counts."""


class ProblemBody(ApiModel):
    """What a client gets when something is refused."""

    type: str
    """Always `about:blank`: the code says it."""
    title: str
    status: int
    code: str
    """Stable; programs and translations go by it."""
    detail: str
    """One plain sentence: what is wrong, and what to do."""
    incident: str
    """Quote it to the operator: the same id stands in the log."""
    field: str | None = None
    allowed: list[str] | None = None
    mistakes: list[str] | None = None
    """Where more than one thing is wrong: a sentence for each."""
    words: dict[str, Any] | None = None
    """What the sentence was made of, for who says it in another language."""
    by: str | None = None
    """Where somebody else was before: who,"""
    at: datetime | None = None
    """and when."""


class Problem(Exception):
    """A refusal to be shown to the client."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        allowed: list[str] | None = None,
        mistakes: list[str] | None = None,
        words: Mapping[str, Any] | None = None,
        by: str | None = None,
        at: datetime | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.field, self.allowed = status, code, detail, field, allowed
        self.mistakes, self.words, self.by, self.at = mistakes, dict(words) if words else None, by, at
        self.headers = headers or {}


class StoreAway(Problem):
    """The database does not answer; the calls do not wait for it."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "store-away",
            "The database does not answer just now. Calls go on and nothing is lost; try again in a moment. "
            "If it stays so, the operator's `sanxiang doctor` says why.",
            headers={"Retry-After": "5"},
        )


def answer(problem: Problem, incident: str) -> web.Response:
    """The problem as a response."""
    status = problem.status
    title = web.Response(status=status).reason
    body = ProblemBody(
        type="about:blank",
        title=title or "",
        status=status,
        code=problem.code,
        detail=problem.detail,
        incident=incident,
        field=problem.field,
        allowed=problem.allowed,
        mistakes=problem.mistakes,
        words=problem.words,
        by=problem.by,
        at=problem.at,
    )
    response = web.Response(
        status=status,
        text=body.model_dump_json(exclude_none=True),
        content_type="application/problem+json",
        headers=problem.headers,
    )
    response[CODE] = problem.code
    return response


def from_validation(error: ValidationError, where: str) -> Problem:
    """The first mistake of a query or body as a sentence that names its field."""
    mistake = error.errors(include_url=False, include_context=True)[0]
    name = ".".join(str(part) for part in mistake["loc"] if part != "[key]") or where
    if mistake["type"] == "string_pattern_mismatch" and any(
        ord(sign) < 32 or ord(sign) == 127 for sign in str(mistake["input"])
    ):
        return Problem(400, "illegal-character", f"{name} holds a control character. Leave it out.", field=name)
    return Problem(400, "bad-request", sentence(mistake, name, where), field=name)


@web.middleware
async def middleware(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turns whatever a handler raises into problem+json. Unknown errors go to the log whole, to the client as an id.

    The log takes so many lines of a kind and no more (log_limit.py): strangers decide how often something is refused.
    """
    incident = secrets.token_hex(6)
    try:
        return await handler(request)
    except Problem as problem:
        _note(request, problem, incident)
        return answer(problem, incident)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code = _CODES.get(error.status, "bad-request")
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        refusal = Problem(error.status, code, _sentence(error), headers=headers)
        _note(request, refusal, incident)
        return answer(refusal, incident)
    except ConnectionResetError:
        # The client went away in mid-answer, or must see that the answer broke off. aiohttp would log an error with its traceback if
        # this went on; an answer that finds no connection is dropped in silence.
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=CLIENT_LEFT)
    except Exception as error:
        if request.app[LOG_LIMIT].allows(f"{type(error).__name__} {_route(request)}"):
            log.exception("a request failed", incident=incident, method=request.method, route=_route(request))
        detail = "Something went wrong on our side. Tell the operator the incident id; the log has the details."
        return answer(Problem(500, "our-fault", detail), incident)


def _sentence(error: web.HTTPException) -> str:
    match error.status:
        case 404:
            return "There is nothing at this address."
        case 405:
            return "This address does not take this method."
        case 413:
            return "The body is larger than 1 MB. Send less."
        case _:
            return error.reason


def _note(request: web.Request, problem: Problem, incident: str) -> None:
    """Refused access is worth a line in the log; the route's pattern is logged, never what the client typed."""
    worth_it = problem.status in (401, 403, 429) or problem.status >= 500
    if worth_it and request.app[LOG_LIMIT].allows(problem.code):
        log.info(
            "a request was refused",
            incident=incident,
            code=problem.code,
            status=problem.status,
            method=request.method,
            route=_route(request),
        )


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def parse_json(raw: bytes) -> object:
    """The JSON in `raw`. Raises Problem."""
    try:
        return json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise Problem(400, "not-json", "The body is not JSON. Send one JSON object.") from None
