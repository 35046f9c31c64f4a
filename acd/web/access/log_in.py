"""Log-in, log-out, and who I am."""

import asyncio
from typing import Annotated

from aiohttp import web
from pydantic import Field

from acd.web.access.auth import DOOR, from_own_page, give_cookie, source_of
from acd.web.access.lockout import network_of
from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.web.server.routes import AGENT, ANYONE, BOTH, CRM, Asked, Route, Strict


class LogIn(Strict):
    """Account and password, or extension and PIN."""

    account: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """An agent's is the extension."""
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    """An agent's is the PIN."""


class LinkQuery(Strict):
    """The token of a one-time link."""

    token: Annotated[str, Field(min_length=1, max_length=128)]


class Me(ApiModel):
    """The account that a session or token belongs to."""

    account: str
    roles: list[str]
    name: str = ""
    """An agent's."""


async def log_in(asked: Asked) -> web.StreamResponse:
    """Begins a session; the session that came with the request ends. Agents log in with extension and PIN."""
    request, door = asked.request, asked.request.app[DOOR]
    if "Origin" in request.headers:
        from_own_page(request)
    account, source, browser = asked.body.account, source_of(request), door.browsers.read(request)
    # Not by address alone: one who guesses there would use up what the colleagues' log-ins need.
    door.limiter.take(f"log-in {account}@{browser.id or network_of(source)}")
    session = await door.log_in(account, asked.body.password, source, browser)
    door.sessions.end(request.cookies.get(door.cookie, ""))
    await door.sessions.save()
    response = web.json_response(_me(asked.context, session.account, session.roles).model_dump())
    give_cookie(response, session, secure=door.secure)
    door.browsers.remember(response, browser, session.account)
    return response


async def by_link(asked: Asked) -> web.StreamResponse:
    """A one-time link: spent with the first look, then the page itself. A spent one leads to the log-in form."""
    request, door = asked.request, asked.request.app[DOOR]
    account = await asyncio.to_thread(door.accounts.redeem, asked.query.token)
    response = web.Response(status=303, headers={"Location": "/" if account else "/?link=spent"})
    if account is not None:
        session = await door.begin(account, source_of(request))
        give_cookie(response, session, secure=door.secure)
        door.browsers.remember(response, door.browsers.read(request), account.name)
        door.lockout.at_home(source_of(request))
    return response


async def log_out(asked: Asked) -> web.StreamResponse:
    """Ends the session that came with the request, and removes its cookie."""
    door = asked.request.app[DOOR]
    if asked.who.session is not None:
        door.sessions.end_by_key(asked.who.session.key)
        await door.sessions.save()
        await door.audit.note(asked.who.name, "logged out")
    response = web.Response(status=204)
    response.del_cookie(door.cookie, path="/", secure=door.secure)
    return response


async def me(asked: Asked) -> Me:
    """Account, roles, and the name of an agent."""
    return _me(asked.context, asked.who.name, asked.who.roles)


def _me(context: WebContext, account: str, roles: frozenset[str]) -> Me:
    agent = context.config.agents.get(account) if roles == AGENT else None
    return Me(account=account, roles=sorted(roles), name=agent.name if agent else "")


ROUTES = [
    Route(
        "POST",
        "/api/log-in",
        log_in,
        ANYONE,
        "Log in with account and password; the session is a cookie",
        answer=Me,
        body=LogIn,
        refusals={401: "wrong-log-in", 429: "too-many-tries"},
        free=True,  # counted by the handler, which knows the account
    ),
    Route(
        "GET",
        "/log-in",
        by_link,
        ANYONE,
        "Log in by a one-time link",
        query=LinkQuery,
        status=303,
        content="text/plain",
    ),
    Route("POST", "/api/log-out", log_out, BOTH | AGENT, "End this session at once", status=204, content="text/plain"),
    Route("GET", "/api/me", me, BOTH | AGENT | CRM, "The account of this session or token", answer=Me),
]
