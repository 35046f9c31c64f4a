"""Who sends a request, and whether they may. Log-in by password or one-time link, a session cookie for the page, tokens for programs.

* The cookie is HttpOnly and SameSite=Strict; a POST that carries it must also name our own address in `Origin`.
* The command line sends `Authorization: Bearer` from `<state>/operator.token`; the stories theirs, from `stories.token`.
* An agent logs in with extension and PIN, and has one session: the newest. Other people's programs have keys of
  their own (tokens.py).
* Wrong passwords: five in fifteen minutes shut the account for the place they come from (lockout.py), with the same words for
  unknown accounts. A try that is refused costs no hash.
"""

import asyncio
import hmac
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiohttp import web

from acd.files import made_secret
from acd.identifiers import is_extension
from acd.web.access.accounts import Account, Accounts
from acd.web.access.audit import Audit
from acd.web.access.known_browsers import UNKNOWN, Browser, KnownBrowsers
from acd.web.access.lockout import FAILS_OF_AN_ADDRESS, Lockout, network_of
from acd.web.access.proxies import Proxies, same_place
from acd.web.access.sessions import ABSOLUTE, Session, Sessions
from acd.web.access.tokens import Tokens
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem

log = structlog.get_logger(__name__)

COOKIE = "sanxiang"
SECURE_COOKIE = "__Host-sanxiang"
"""Where a proxy speaks https: browsers take this name only from this very host and over https, so no neighbour can set it."""
SOURCE_FACTOR = 50
"""An address may send as many requests as so many sessions: a whole floor may sit behind one."""
WRITINGS_AT_ONCE = 20
"""On one call's card; beyond that one a second."""
_HASHES_AT_ONCE = {"known browser": 1, "other": 2}
"""argon2id takes 64 MB and a core for each; more wait their turn. Known browsers do not wait behind those who guess."""
_TRIES_OF_ONE = 10
"""An address may fail so often in a quarter of an hour for each account and agent there is, and FAILS_OF_AN_ADDRESS at least."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who sent a request: the account or program, its roles, and its session where it has one."""

    name: str
    roles: frozenset[str]
    session: Session | None = None


AGENTS_ROLES = frozenset({"agent"})
NOBODY = Who("", frozenset())


class Door:
    """All that decides about access, one per application."""

    def __init__(self, context: WebContext) -> None:
        self.accounts = Accounts(context.state_folder, context.now)
        self.programs = Tokens(context.state_folder, context.now)
        self.lockout = Lockout(context.now, exists=self._exists, of_an_address=self._tries_of_an_address)
        self.pins = Lockout(context.now, fails=3, exists=lambda agent: agent in context.config.agents)
        """Wrong PINs by telephone: each agent's telephone is a place of its own."""
        self.audit = Audit(context.state_folder / "audit.log", context.now)
        self.limiter = Limiter(context.requests_per_s, context.now)
        self.sources = Limiter(context.requests_per_s * SOURCE_FACTOR, context.now)
        self.writings = Limiter(1.0, context.now, WRITINGS_AT_ONCE)
        """By call, whoever writes: each writing is put on the disk, and goes to every page that shows the call."""
        self.secure = context.behind_tls
        web_table = context.config.web
        self.proxies = Proxies(web_table.trusted_proxies if self.secure else [])
        self.public_host = web_table.public_url.partition("://")[2]
        self._context = context
        self.cookie = SECURE_COOKIE if self.secure else COOKIE
        """Name of the cookie that holds the session."""
        self.browsers = KnownBrowsers(made_secret(context.state_folder / "browsers.key"), secure=self.secure)
        self._hashing = {lane: asyncio.Semaphore(at_once) for lane, at_once in _HASHES_AT_ONCE.items()}
        self.sessions = Sessions(self._account, context.now, context.state_folder / "sessions.json")
        for source in self.sessions.sources():
            self.lockout.at_home(source)
        self._tokens = {
            "operator": made_secret(context.state_folder / "operator.token"),
            "stories": made_secret(context.state_folder / "stories.token"),
        }

    async def log_in(self, name: str, password: str, source: str, browser: Browser = UNKNOWN) -> Session:
        """A new session. Raises Problem: 401 for a wrong pair, 429 while the account is shut for this place."""
        known = browser.id if self.browsers.knows(browser, name) else ""
        if left := self.lockout.begin(name, source, known):
            wait = math.ceil(left.total_seconds())
            detail = (
                f"Too many wrong tries from here. Try again in {math.ceil(wait / 60)} minutes, or in the browser in which you "
                "have logged in before."
            )
            raise Problem(429, "too-many-tries", detail, headers={"Retry-After": str(wait)})
        account = await self._verified(name, password, "known browser" if known else "other")
        if account is None:
            await self.audit.note(name[:64], "log-in refused", source=source)
            raise Problem(401, "wrong-log-in", "The account or the password is not right.")
        self.lockout.succeeded(name, source, known)
        return await self.begin(account, source)

    async def begin(self, account: Account, source: str) -> Session:
        """A new session for this account, written to the audit log. An agent's former sessions end."""
        await self.audit.note(account.name, "logged in", source=source)
        if account.roles != AGENTS_ROLES:
            await self._write_down_log_in(account.name)
        else:
            self.sessions.end_of(account.name)  # One agent, one state: the newest log-in wins, whatever tab or machine.
        session = self.sessions.begin(account, network_of(source))
        await self.sessions.save()
        return session

    async def _write_down_log_in(self, account: str) -> None:
        try:
            await asyncio.to_thread(self.accounts.logged_in, account)
        except OSError as error:
            log.warning("the last log-in could not be written down", why=error.strerror)

    def by_token(self, token: str) -> Who | None:
        """Whom a bearer token belongs to; None: no valid token. One that is not ASCII is none of ours."""
        if not token.isascii():
            return None
        for role, known in self._tokens.items():
            if hmac.compare_digest(token.encode(), known.encode()):
                name = "command line" if role == "operator" else "story server"
                return Who(name, frozenset({role}))
        found = self.programs.find(token)
        if found is None:
            return None
        name, role = found
        if self.programs.use_is_due(name):
            noting = asyncio.get_running_loop().run_in_executor(None, self.programs.note_use, name)
            noting.add_done_callback(_told_if_failed)
        return Who(name, frozenset({role}))

    async def _verified(self, name: str, password: str, lane: str) -> Account | None:
        """The account or agent whose password or PIN this is."""
        if is_extension(name) and self.accounts.get(name) is None:
            return self._agent(name) if self._context.check_pin(name, password) == "ok" else None
        async with self._hashing[lane]:
            return await asyncio.to_thread(self.accounts.verify, name, password)

    def _exists(self, name: str) -> bool:
        return self._account(name) is not None

    def _tries_of_an_address(self) -> int:
        people = len(self._context.config.agents) + len(self.accounts.names())
        return max(FAILS_OF_AN_ADDRESS, _TRIES_OF_ONE * people)

    def _account(self, name: str) -> Account | None:
        """The account or agent of this name as it is now."""
        return self.accounts.get(name) or self._agent(name)

    def _agent(self, agent: str) -> Account | None:
        mark = self._context.pin_mark(agent) if is_extension(agent) else None
        return None if mark is None else Account(agent, AGENTS_ROLES, mark)


def _told_if_failed(noting: asyncio.Future[None]) -> None:
    if not noting.cancelled() and (error := noting.exception()) is not None:
        log.warning("the last use of a token could not be written down", why=str(error))


DOOR: web.AppKey[Door] = web.AppKey("door", Door)


class Limiter:
    """So many requests a second for each session, token or source; so many at once, else three seconds' worth."""

    def __init__(self, per_s: float, now: Callable[[], datetime], at_once: float = 0.0) -> None:
        self._per_s, self._now, self._most = per_s, now, at_once or per_s * 3
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, who: str) -> None:
        """Raises Problem (429) when the bucket is empty."""
        now, most = self._now(), self._most
        left, at = self._buckets.pop(who, (most, now))
        left = min(most, left + (now - at).total_seconds() * self._per_s)
        # Who is refused takes nothing: a little too often is not for ever.
        self._buckets[who] = (left - 1 if left >= 1 else left, now)
        while len(self._buckets) > 10_000:
            self._buckets.popitem(last=False)
        if left < 1:
            detail = f"More than {self._per_s:g} requests a second. Wait a moment."
            raise Problem(429, "too-many-requests", detail, headers={"Retry-After": "1"})


@web.middleware
async def limit_source(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Before anything is read of a request but where it comes from. Raises Problem (429)."""
    door = request.app[DOOR]
    door.sources.take(door.browsers.read(request).id or network_of(source_of(request)))
    return await handler(request)


def identify(request: web.Request, roles: frozenset[str], *, counted: bool) -> Who:
    """Who sent the request, when they have one of `roles` (or the route is for anyone). Raises Problem: 401, 403 or 429."""
    door = request.app[DOOR]
    who = _who(request, door)
    if counted:
        door.limiter.take(who.session.key if who.session else f"{who.name}@{_place(request, door, who)}")
    if not roles:
        return who
    if who is NOBODY:
        headers = {"WWW-Authenticate": "Bearer"}
        raise Problem(401, "not-logged-in", "Log in first, or send the bearer token.", headers=headers)
    if not who.roles & roles:
        raise Problem(403, "not-allowed", f"This is for the role {' or '.join(sorted(roles))}.")
    if request.method == "POST" and who.session is not None:
        from_own_page(request)
    return who


def _place(request: web.Request, door: Door, who: Who) -> str:
    """Whom requests without a session are counted for: a known browser, else the address."""
    browser = door.browsers.read(request).id if who is NOBODY else ""
    return browser or network_of(source_of(request))


def from_own_page(request: web.Request) -> None:
    """Raises Problem unless the browser says that this POST comes from our own page."""
    door, origin = request.app[DOOR], request.headers.get("Origin", "")
    hosts = [request.host, door.public_host]
    if door.proxies.trusts(request.remote or ""):
        hosts.append(request.headers.get("X-Forwarded-Host", "").rpartition(",")[2].strip())
    secure = not door.secure or origin.lower().startswith("https:")
    if not secure or not any(host and same_place(origin, host) for host in hosts):
        detail = (
            "This request does not come from our own page. Open the page and try there. To whoever keeps the hotline: a proxy in front "
            "must pass the Host on as it was asked for, or `web.public_url` must name the page's address as browsers see it."
        )
        raise Problem(403, "cross-site", detail)


def source_of(request: web.Request) -> str:
    """The address that a request comes from; behind trusted proxies, what these say."""
    return request.app[DOOR].proxies.client(request.remote or "unknown", request.headers.getall("X-Forwarded-For", []))


def _who(request: web.Request, door: Door) -> Who:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return door.by_token(token.strip()) or NOBODY
    session = door.sessions.get(request.cookies.get(door.cookie, ""))
    return NOBODY if session is None else Who(session.account, session.roles, session)


def give_cookie(response: web.StreamResponse, session: Session, *, secure: bool) -> None:
    """Sets the session's cookie on the answer; `secure`: for https only."""
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        session.id,
        max_age=int(ABSOLUTE.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=secure,
        path="/",
    )
