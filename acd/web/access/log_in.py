"""Log-in, log-out, and who I am.

A log-in has two steps where the account has a second factor: the password is answered by 401 `second-factor` and a cookie that
holds for five minutes, in which the code is sent. Passkeys and the identity provider: acd/web/api/passkey_log_in.py, oidc_log_in.py.
"""

import asyncio
import secrets
from typing import Annotated

from aiohttp import web
from pydantic import Field

from acd.web.access.accounts import Account
from acd.web.access.auth import DOOR, SECOND_STEP_WITHIN, Begun, from_own_page, give_cookie, source_of
from acd.web.access.lockout import network_of
from acd.web.access.roles import permissions
from acd.web.access.sessions import How
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem, answer
from acd.web.server.routes import AGENT, ANYONE, Asked, Route, Strict


class LogIn(Strict):
    """Account and password, or extension and PIN."""

    account: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """An agent's is the extension."""
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    """An agent's is the PIN."""


class Code(Strict):
    """The second step of a log-in."""

    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """Of the authenticator app, or a recovery code; blanks and dashes make no difference."""


class LinkQuery(Strict):
    """The token of a one-time link."""

    token: Annotated[str, Field(min_length=1, max_length=128)]


class Me(ApiModel):
    """The account that a session or token belongs to."""

    account: str
    roles: list[str]
    name: str = ""
    """An agent's."""
    teams: list[str] = []
    """Those that a supervisor leads."""
    brands: list[str] = []
    """Those that the account is limited to; empty: it is not."""
    may: list[str] = []
    """The permissions of these roles (docs/roles.md)."""


async def log_in(asked: Asked) -> web.StreamResponse:
    """Begins a session; the session that came with the request ends. Agents log in with extension and PIN.

    An account with a second factor gets 401 `second-factor` instead, with the ways that it has (`code`, `passkey`) in `allowed`.
    """
    request, door = asked.request, asked.request.app[DOOR]
    from_own_page_if_told(request)
    account, source, browser = asked.body.account, source_of(request), door.browsers.read(request)
    # Not by address alone: one who guesses there would use up what the colleagues' log-ins need.
    door.limiter.take(f"log-in {account}@{browser.id or network_of(source)}")
    found = await door.check_password(account, asked.body.password, source, browser)
    if door.asks_for_second(found):
        return _second_step(asked, found)
    return await logged_in(asked, found, "password")


async def code(asked: Asked) -> web.StreamResponse:
    """The second step of a log-in: begins the session."""
    request, door = asked.request, asked.request.app[DOOR]
    from_own_page_if_told(request)
    source, browser = source_of(request), door.browsers.read(request)
    key = request.cookies.get(door.step_cookie, "")
    begun = door.second_steps.look(key)
    account = door.accounts.get(begun.account) if begun else None
    if begun is None or account is None or account.stamp != begun.stamp:
        raise Problem(401, "log-in-over", "This log-in is over: it took more than five minutes. Begin again.")
    door.limiter.take(f"log-in {account.name}@{browser.id or network_of(source)}")
    how = await door.check_code(account, asked.body.code, source, browser)
    door.second_steps.take(key)
    return await logged_in(asked, account, how)


async def by_link(asked: Asked) -> web.StreamResponse:
    """A one-time link: spent with the first look, then the page itself. A spent one leads to the log-in form."""
    door = asked.request.app[DOOR]
    account = await asyncio.to_thread(door.accounts.redeem, asked.query.token)
    if account is None:
        return web.Response(status=303, headers={"Location": "/?link=spent"})
    response = web.Response(status=303, headers={"Location": "/"})
    if door.asks_for_second(account):
        response.headers["Location"] = "/?log-in=code"
        _begin_second_step(asked, response, account)
        return response
    return await logged_in(asked, account, "link", response)


async def logged_in(
    asked: Asked, account: Account, how: How, response: web.Response | None = None
) -> web.StreamResponse:
    """A new session on this answer, by default with account and roles; the session that came with the request ends."""
    request, door = asked.request, asked.request.app[DOOR]
    source = source_of(request)
    session = await door.begin(account, source, how)
    door.sessions.end(request.cookies.get(door.cookie, ""))
    await door.sessions.save()
    if response is None:
        response = web.json_response(_me(asked, session.account, door.roles_of(session), account.brands).model_dump())
    give_cookie(response, session, secure=door.secure)
    door.browsers.remember(response, door.browsers.read(request), session.account)
    if door.step_cookie in request.cookies:
        response.del_cookie(door.step_cookie, path="/", secure=door.secure)
    door.lockout.at_home(source)
    return response


def from_own_page_if_told(request: web.Request) -> None:
    """Raises Problem where a browser says that the request comes from another page. Programs say nothing."""
    if "Origin" in request.headers:
        from_own_page(request)


def _second_step(asked: Asked, account: Account) -> web.StreamResponse:
    factors = asked.request.app[DOOR].factors.of(account)
    ways = ["code", *(["passkey"] if factors.passkeys else [])]
    detail = (
        "The password is right. Now send the code of the authenticator app, or a recovery code, to /api/log-in/code."
    )
    response = answer(Problem(401, "second-factor", detail, allowed=ways), secrets.token_hex(6))
    _begin_second_step(asked, response, account)
    return response


def _begin_second_step(asked: Asked, response: web.Response, account: Account) -> None:
    door = asked.request.app[DOOR]
    response.set_cookie(
        door.step_cookie,
        door.second_steps.put(Begun(account.name, account.stamp)),
        max_age=int(SECOND_STEP_WITHIN.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=door.secure,
        path="/",
    )


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
    return _me(asked, asked.who.name, asked.who.roles, asked.who.brands)


def _me(asked: Asked, account: str, roles: frozenset[str], brands: frozenset[str]) -> Me:
    agent = asked.context.config.agents.get(account) if roles == AGENT else None
    person = asked.request.app[DOOR].account(account) if "supervisor" in roles else None
    return Me(
        account=account,
        roles=sorted(roles),
        name=agent.name if agent else "",
        teams=sorted(person.teams) if person else [],
        brands=sorted(brands),
        may=list(permissions(roles, limited=bool(brands))),
    )


ROUTES = [
    Route(
        "POST",
        "/api/log-in",
        log_in,
        ANYONE,
        "Log in with account and password; the session is a cookie",
        answer=Me,
        body=LogIn,
        refusals={401: "wrong-log-in, or second-factor", 429: "too-many-tries"},
        free=True,  # counted by the handler, which knows the account
    ),
    Route(
        "POST",
        "/api/log-in/code",
        code,
        ANYONE,
        "The second step of a log-in: the code of the app, or a recovery code",
        answer=Me,
        body=Code,
        refusals={401: "wrong-code, used-code or log-in-over", 429: "too-many-tries"},
        free=True,
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
    Route("POST", "/api/log-out", log_out, "log-out", "End this session at once", status=204, content="text/plain"),
    Route("GET", "/api/me", me, "who-am-i", "The account of this session or token", answer=Me),
]
