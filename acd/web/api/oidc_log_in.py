"""Log-in by the identity provider, and which ways of logging in there are. The page does it in two requests; the provider stands between."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from acd.web.access.auth import DOOR, Door, source_of
from acd.web.access.lockout import network_of
from acd.web.access.log_in import Me, from_own_page_if_told, logged_in
from acd.web.access.oidc import WITHIN, Oidc
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import ANYONE, Asked, Nothing, Route, Strict

_COOKIE = "sanxiang-oidc"
Word = Annotated[str, Field(max_length=4_096, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Button(ApiModel):
    """The identity provider, as the log-in page shows it."""

    zh: str
    en: str
    log_out: str
    """Where the provider's own session ends; empty where that is not known."""


class Ways(ApiModel):
    """The ways of logging in beside account and password."""

    passkey: bool
    oidc: Button | None


class GoTo(ApiModel):
    """Where the browser goes next."""

    go: str
    """The provider's address."""


class LedBack(Strict):
    """What the provider has put into the address that it has led the browser back to."""

    state: Word
    code: Word = ""
    iss: Word = ""
    error: Word = ""


async def ways(asked: Asked) -> Ways:
    """What the log-in page offers."""
    door = asked.request.app[DOOR]
    label = door.oidc.table.button if door.oidc else None
    button = Button(zh=label.zh, en=label.en, log_out=door.oidc.log_out_address()) if label and door.oidc else None
    return Ways(passkey=bool(door.passkeys.host), oidc=button)


async def begin(asked: Asked) -> web.StreamResponse:
    """The provider's address to go to. It holds for ten minutes, and for this browser alone."""
    door, oidc = _counted(asked)
    go, browser = await oidc.begin()
    response = web.json_response(GoTo(go=go).model_dump(), headers={"Cache-Control": "no-store"})
    response.set_cookie(
        _cookie(door),
        browser,
        max_age=int(WITHIN.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=door.secure,
        path="/",
    )
    return response


async def log_in(asked: Asked) -> web.StreamResponse:
    """Begins a session for whom the provider has led back; the session that came with the request ends."""
    door, oidc = _counted(asked)
    request, body, source = asked.request, asked.body, source_of(asked.request)
    try:
        account = await oidc.end(body.state, body.code, body.iss, body.error, request.cookies.get(_cookie(door), ""))
    except Problem as problem:
        await door.audit.note("identity provider", "log-in refused", source=source, why=problem.code)
        raise
    response = await logged_in(asked, account, "oidc")
    response.del_cookie(_cookie(door), path="/", secure=door.secure)
    return response


def _cookie(door: Door) -> str:
    return f"__Host-{_COOKIE}" if door.secure else _COOKIE


def _counted(asked: Asked) -> tuple[Door, Oidc]:
    """Raises Problem: 404 where there is no provider, 429."""
    from_own_page_if_told(asked.request)
    door = asked.request.app[DOOR]
    place = door.browsers.read(asked.request).id or network_of(source_of(asked.request))
    door.limiter.take(f"oidc@{place}")
    if door.oidc is None:
        raise Problem(404, "no-provider", "There is no identity provider here. Log in with an account and password.")
    return door, door.oidc


ROUTES = [
    Route("GET", "/api/log-in/ways", ways, ANYONE, "The ways of logging in", answer=Ways, free=True),
    Route(
        "POST",
        "/api/log-in/oidc/begin",
        begin,
        ANYONE,
        "Begin a log-in by the identity provider",
        answer=GoTo,
        body=Nothing,
        refusals={404: "no-provider", 429: "too-many-requests", 502: "provider-wrong", 503: "provider-away"},
        free=True,  # counted by the handler, apart from what else comes from there
    ),
    Route(
        "POST",
        "/api/log-in/oidc",
        log_in,
        ANYONE,
        "Log in by what the identity provider has given; the session is a cookie",
        answer=Me,
        body=LedBack,
        refusals={
            401: "log-in-over, or not-proven",
            403: "no-group, or provider-refused",
            404: "no-provider",
            429: "too-many-requests",
            502: "provider-wrong",
            503: "provider-away",
        },
        free=True,
    ),
]
