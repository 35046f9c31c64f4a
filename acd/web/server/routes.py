"""A route is one row: the permission that it needs, what comes in, what goes out. The checks, the router and the OpenAPI document read
it; who has a permission is the table of acd/web/access/roles.py.

A handler gets `Asked` (who asks, the checked query and body, the words of the path) and gives back a pydantic model, or
a ready response where it is no JSON.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from acd.web.access.auth import DOOR, Who, counted_as, identify
from acd.web.access.roles import OF_THE_INSTALLATION, Permission, holders
from acd.web.access.scope import WHOLE, Scope, scope_of
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem, from_validation, parse_json

BODY_WITHIN_S = 30.0
ANYONE: Permission = "anyone"
"""Also who is not logged in."""
AGENT = frozenset({"agent"})
"""The roles of a session of one who answers calls: the own desk and the own calls."""

CONTEXT: web.AppKey[WebContext] = web.AppKey("context", WebContext)


class Strict(ApiModel):
    """What clients send: unknown fields are refused, so that a typing mistake is not silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Strict):
    """No query, or no body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request, as a handler gets it."""

    request: web.Request
    who: Who
    query: Any
    body: Any
    scope: Scope = WHOLE
    """The part of the hotline for which the permission holds."""

    @property
    def context(self) -> WebContext:
        """The context of the application that serves the request."""
        return self.request.app[CONTEXT]

    def word(self, name: str) -> str:
        """What stands in the path at `{name}`."""
        return self.request.match_info[name]


Handler = Callable[[Asked], Awaitable[BaseModel | web.StreamResponse]]


@dataclass(frozen=True)
class Route:
    """One row of the table of routes."""

    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    need: Permission
    summary: str
    answer: type[BaseModel] | None = None
    """None: no JSON; `content` says what."""
    query: type[Strict] = Nothing
    body: type[Strict] | None = None
    status: int = 200
    content: str = "application/json"
    refusals: Mapping[int, str] = field(default_factory=dict)
    """Beyond 400, 401, 403, 429, which follow from the row."""
    also: Mapping[int, str] = field(default_factory=dict)
    """Other statuses with the same content as `status`, and when they come: 206 of a part, 503 of what is not well."""
    free: bool = False
    """Not counted by the limiter (streams, the stories, what the page is made of)."""

    def __post_init__(self) -> None:
        if self.need != ANYONE and not holders(self.need, self.method):
            raise ValueError(
                f"{self.method} {self.path} needs {self.need!r}, which no role of acd/web/access/roles.py has"
            )

    @property
    def let_in(self) -> frozenset[str]:
        """The roles that may; none where anyone may."""
        return frozenset() if self.need == ANYONE else holders(self.need, self.method)


def served(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a row: identify, check, handle, answer."""

    async def serve(request: web.Request) -> web.StreamResponse:
        who = identify(request, None if route.need == ANYONE else route.let_in, counted=not route.free)
        if who.brands and route.need in OF_THE_INSTALLATION:
            detail = "This is about the whole hotline, and your account is limited to some of its brands."
            raise Problem(403, "limited-to-brands", detail)
        query = _checked(route.query, _query(request), "query")
        body = None
        if route.body is not None:
            if request.content_type != "application/json":
                raise Problem(415, "not-json", "Send the body as JSON, with Content-Type: application/json.")
            body = _checked(route.body, parse_json(await _body(request)), "body")
        scope = scope_of(who, route.need, request.app[DOOR].account, request.app[CONTEXT].config)
        asked = Asked(request, who, query, body, scope)
        if route.free:
            result = await route.handler(asked)
        else:
            async with request.app[DOOR].at_once.turn(counted_as(request, who)):
                result = await route.handler(asked)
        if isinstance(result, BaseModel):
            return web.Response(
                status=route.status,
                text=result.model_dump_json(by_alias=True),
                content_type="application/json",
                headers={"Cache-Control": "no-store"},
            )
        return result

    return serve


async def _body(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await request.read()
    except TimeoutError:
        detail = f"The body did not come within {BODY_WITHIN_S:g} s. Send it at once."
        raise Problem(408, "too-slow", detail, headers={"Connection": "close"}) from None


def _query(request: web.Request) -> dict[str, str]:
    words = dict(request.query)
    if len(words) != len(request.query):
        raise Problem(400, "bad-request", "A word stands twice in the query. Leave one out.")
    return words


def _checked(model: type[Strict], value: object, where: str) -> Strict:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise from_validation(error, where) from None
