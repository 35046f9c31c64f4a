"""Who sends a request, and whether they may. Log-in by password or one-time link, a session cookie for the page, tokens for programs.

* The cookie is HttpOnly and SameSite=Strict; a POST that carries it must also name our own address in `Origin`.
* The command line sends `Authorization: Bearer` from `<state>/operator.token`; the stories theirs, from `stories.token`.
* An agent logs in with extension and PIN, and has one session: the newest. Other people's programs have keys of
  their own (tokens.py).
* Wrong passwords: five in fifteen minutes shut the account for the place they come from (lockout.py), with the same words for
  unknown accounts. A try that is refused costs no hash.
* An account with a second factor is asked for it after the password. One whose role must have one and has none
  may set one up, and nothing else (ENROLLING).
"""

import asyncio
import hmac
import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from acd.files import made_secret
from acd.identifiers import is_extension
from acd.web.access.accounts import Account, Accounts
from acd.web.access.at_once import AtOnce
from acd.web.access.audit import Audit
from acd.web.access.known_browsers import UNKNOWN, Browser, KnownBrowsers
from acd.web.access.lockout import FAILS_OF_AN_ADDRESS, Lockout, network_of
from acd.web.access.oidc import Oidc
from acd.web.access.passkeys import Passkeys
from acd.web.access.proxies import Proxies, same_place
from acd.web.access.readings import Readings
from acd.web.access.second_factors import SecondFactors
from acd.web.access.sessions import How, Session, Sessions, lasts
from acd.web.access.short_lived import ShortLived
from acd.web.access.tokens import Tokens
from acd.web.access.untrusted_proxies import UntrustedProxies
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem

log = structlog.get_logger(__name__)

COOKIE = "sanxiang"
SECURE_COOKIE = "__Host-sanxiang"
"""Where a proxy speaks https: browsers take this name only from this very host and over https, so no neighbour can set it."""
STEP_COOKIE = "sanxiang-step"
"""Holds a log-in between its two steps."""
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
    brands: frozenset[str] = frozenset()
    """The account or token is limited to these; empty: it is not."""


AGENTS_ROLES = frozenset({"agent"})
ENROLLING = frozenset({"enrolling"})
"""Who has logged in with a password alone, and must set up a second factor first."""
SECOND_STEP_WITHIN = timedelta(minutes=5)
NEW_APP_WITHIN = timedelta(minutes=15)
NOBODY = Who("", frozenset())


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in whose password was right, and whose second factor is still to come."""

    account: str
    stamp: str


class Door:
    """All that decides about access, one per application."""

    def __init__(self, context: WebContext) -> None:
        self.accounts = Accounts(context.state_folder, context.now)
        self.programs = Tokens(context.state_folder, context.now)
        self.lockout = Lockout(context.now, exists=self._exists, of_an_address=self._tries_of_an_address)
        self.pins = Lockout(context.now, fails=3, exists=lambda agent: agent in context.config.agents)
        """Wrong PINs by telephone: each agent's telephone is a place of its own."""
        self.audit = Audit(context.state_folder / "audit.log", context.now)
        self.readings = Readings(self.audit, context.now)
        """What was read of customers, once a quarter of an hour."""
        self.limiter = Limiter(context.requests_per_s, context.now)
        self.sources = Limiter(context.requests_per_s * SOURCE_FACTOR, context.now)
        self.at_once = AtOnce()
        self.writings = Limiter(1.0, context.now, WRITINGS_AT_ONCE)
        """By call, whoever writes: each writing is put on the disk, and goes to every page that shows the call."""
        self.secure = context.behind_tls
        web_table = context.config.web
        self.proxies = Proxies(web_table.trusted_proxies if self.secure else [])
        self.untrusted = UntrustedProxies(context.tell, context.now)
        self.public_host = web_table.public_url.partition("://")[2]
        self._context = context
        self.cookie = SECURE_COOKIE if self.secure else COOKIE
        """Name of the cookie that holds the session."""
        self.browsers = KnownBrowsers(made_secret(context.state_folder / "browsers.key"), secure=self.secure)
        self._hashing = {lane: asyncio.Semaphore(at_once) for lane, at_once in _HASHES_AT_ONCE.items()}
        self.factors = SecondFactors(context.state_folder, context.now)
        self.passkeys = Passkeys(web_table.public_url, context.config.hotline.name, context.now)
        self.oidc = (
            Oidc(web_table.oidc, web_table.public_url, context.state_folder, context.now) if web_table.oidc else None
        )
        """None: there is no identity provider."""
        self.second_steps: ShortLived[Begun] = ShortLived(context.now, SECOND_STEP_WITHIN)
        self.new_apps: ShortLived[str] = ShortLived(context.now, NEW_APP_WITHIN)
        """By session: the secret of an authenticator app that has not shown a code yet."""
        self.step_cookie = f"__Host-{STEP_COOKIE}" if self.secure else STEP_COOKIE
        self._must_have, self._zone = web_table.second_factor, ZoneInfo(context.config.hotline.timezone)
        self.sessions = Sessions(self._account, context.now, context.state_folder / "sessions.json")
        for source in self.sessions.sources():
            self.lockout.at_home(source)
        self._tokens = {
            "operator": made_secret(context.state_folder / "operator.token"),
            "stories": made_secret(context.state_folder / "stories.token"),
        }

    async def check_password(self, name: str, password: str, source: str, browser: Browser = UNKNOWN) -> Account:
        """The account. Raises Problem: 401 for a wrong pair, 429 while the account is shut for this place."""
        known = self._begin_try(name, source, browser)
        account = await self._verified(name, password, "known browser" if known else "other")
        if account is None:
            await self.audit.note(name[:64], "log-in refused", source=source)
            raise Problem(401, "wrong-log-in", "The account or the password is not right.")
        if self.asks_for_second(account):
            self.lockout.right_so_far(name, source, known)
        else:
            self.lockout.succeeded(name, source, known)
        return account

    async def check_code(self, account: Account, code: str, source: str, browser: Browser = UNKNOWN) -> How:
        """By what it was: a code of the app, or a recovery code. Raises Problem: 401 for a wrong or used one, 429 as for passwords."""
        known = self._begin_try(account.name, source, browser)
        verdict, left = await asyncio.to_thread(self.factors.check, account, code)
        if verdict != "right":
            await self.audit.note(account.name, "log-in refused", source=source, why=f"second factor: {verdict}")
            if verdict == "used":
                raise Problem(
                    401, "used-code", "This code has been used already. Wait for the app to show the next one."
                )
            raise Problem(401, "wrong-code", "The code is not right. Look at the app again, or use a recovery code.")
        self.lockout.succeeded(account.name, source, known)
        if left is not None:
            await self.audit.note(account.name, "recovery code used", left=left)
        return "code" if left is None else "recovery code"

    def asks_for_second(self, account: Account) -> bool:
        """Whether a password alone does not open this account."""
        return account.roles != AGENTS_ROLES and bool(self.factors.of(account))

    def must_have_second(self, account: Account) -> bool:
        """Whether one of the account's roles must have a second factor, today."""
        day = self._must_have.from_day
        return bool(account.roles & {*self._must_have.roles}) and (
            day is None or self._context.now().astimezone(self._zone).date() >= day
        )

    def roles_of(self, session: Session) -> frozenset[str]:
        """What the session may now. A provider has asked for its own second factor."""
        account = self._account(session.account)
        if account is None or session.how == "oidc" or not self.must_have_second(account):
            return session.roles
        return session.roles if self.factors.of(account) else ENROLLING

    def account(self, name: str) -> Account | None:
        """The account of the page of this name, local or the provider's; no agent."""
        return self.accounts.get(name) or (self.oidc.people.get(name) if self.oidc else None)

    def _begin_try(self, name: str, source: str, browser: Browser) -> str:
        """The browser's id where the account has logged in there before. Raises Problem (429) while it is shut for this place."""
        known = browser.id if self.browsers.knows(browser, name) else ""
        if left := self.lockout.begin(name, source, known):
            wait = math.ceil(left.total_seconds())
            detail = (
                f"Too many wrong tries from here. Try again in {math.ceil(wait / 60)} minutes, or in the browser in which you "
                "have logged in before."
            )
            raise Problem(429, "too-many-tries", detail, headers={"Retry-After": str(wait)})
        return known

    async def begin(self, account: Account, source: str, how: How = "password") -> Session:
        """A new session for this account, written to the audit log. An agent's former sessions end."""
        await self.audit.note(account.name, "logged in", source=source, how=how)
        if account.roles == AGENTS_ROLES:
            self.sessions.end_of(account.name)  # One agent, one state: the newest log-in wins, whatever tab or machine.
        elif how != "oidc":
            await self._write_down_log_in(account.name)
        session = self.sessions.begin(account, network_of(source), how)
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
                if role == "stories":
                    return Who("story server", frozenset({role}))
                # Who may read the command line's token may write accounts.json, too.
                return Who("command line", frozenset({"operator", "administrator", "command line"}))
        found = self.programs.find(token)
        if found is None:
            return None
        name, role, brands = found
        if self.programs.use_is_due(name):
            noting = asyncio.get_running_loop().run_in_executor(None, self.programs.note_use, name)
            noting.add_done_callback(_told_if_failed)
        return Who(name, frozenset({role}), brands=brands)

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
        return self.account(name) or self._agent(name)

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
    if door.secure and "X-Forwarded-For" in request.headers and not door.proxies.trusts(request.remote or ""):
        door.untrusted.saw(request.remote or "unknown")
    door.sources.take(door.browsers.read(request).id or network_of(source_of(request)))
    return await handler(request)


def identify(request: web.Request, roles: frozenset[str] | None, *, counted: bool) -> Who:
    """Who sent the request, when they have one of `roles` (None: the route is for anyone). Raises Problem: 401, 403 or 429."""
    door = request.app[DOOR]
    who = _who(request, door)
    if counted:
        door.limiter.take(counted_as(request, who))
    if roles is None:
        return who
    if who is NOBODY:
        headers = {"WWW-Authenticate": "Bearer"}
        raise Problem(401, "not-logged-in", "Log in first, or send the bearer token.", headers=headers)
    if not who.roles & roles:
        raise Problem(403, "not-allowed", f"This is for the role {' or '.join(sorted(roles))}.")
    if request.method == "POST" and who.session is not None:
        from_own_page(request)
    return who


def counted_as(request: web.Request, who: Who) -> str:
    """The session, program or place whose requests are counted together."""
    return who.session.key if who.session else f"{who.name}@{_place(request, request.app[DOOR], who)}"


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
    if session is None:
        return NOBODY
    account = door.account(session.account)
    return Who(session.account, door.roles_of(session), session, account.brands if account else frozenset())


def give_cookie(response: web.StreamResponse, session: Session, *, secure: bool) -> None:
    """Sets the session's cookie on the answer; `secure`: for https only."""
    response.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        session.id,
        max_age=int(lasts(session.roles)[1].total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=secure,
        path="/",
    )
