"""One's own second factors: an authenticator app, recovery codes, passkeys. For accounts of the page, in their own session.

Whoever finds a page open must not be able to let themselves in for ever: a change needs a log-in of the last quarter of an hour. It ends
the account's other sessions.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

import structlog
from aiohttp import web
from pydantic import Field

from acd.web.access import totp
from acd.web.access.accounts import Account
from acd.web.access.audit import NotNoted
from acd.web.access.auth import DOOR
from acd.web.access.passkeys import Credential, NotProven
from acd.web.access.second_factors import FACTOR_REFUSALS, PASSKEYS, BadFactor, Factors
from acd.web.access.sessions import Session
from acd.web.api.passkey_log_in import PasskeyOptions, page_of, passkeys_there
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Nothing, Route, Strict

log = structlog.get_logger(__name__)

RECENT = timedelta(minutes=15)
KEY = "[A-Za-z0-9_-]{1,2000}"
Done = TypeVar("Done")


class OwnPasskey(ApiModel):
    """A passkey of one's own."""

    id: str
    name: str
    made_at: datetime
    used_at: datetime | None


class OwnSignIn(ApiModel):
    """How one logs in."""

    totp_since: datetime | None
    """None: no authenticator app."""
    recovery_codes: int
    """Those that are left."""
    passkeys: list[OwnPasskey]
    passkeys_possible: bool
    """Whether the hotline has an address that passkeys can belong to (web.public_url)."""
    must: bool
    """Whether one's role must have a second factor."""
    recent: bool
    """Whether the log-in is recent enough to change anything here."""


class NewApp(ApiModel):
    """An authenticator app that is not in force yet."""

    secret: str
    """In base32, to be typed where the picture can't be read."""
    address: str
    """What the picture says."""
    picture: str
    """The QR code, as an address of a picture."""


class RecoveryCodes(ApiModel):
    """Each logs in once in the place of the app. They are shown this once."""

    recovery_codes: list[str]
    """Empty: those from before hold on."""


class AppsCode(Strict):
    """A code of the new app."""

    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewPasskey(Strict):
    """A passkey that the browser has made."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """What one calls it: "the blue key", "telephone"."""
    credential: Credential


async def shown(asked: Asked) -> OwnSignIn:
    """One's own second factors."""
    door = asked.request.app[DOOR]
    account, session = _account(asked)
    has = door.factors.of(account)
    return OwnSignIn(
        totp_since=has.totp_since,
        recovery_codes=has.recovery_codes,
        passkeys=[OwnPasskey(id=k.id, name=k.name, made_at=k.made_at, used_at=k.used_at) for k in has.passkeys],
        passkeys_possible=bool(door.passkeys.host),
        must=door.must_have_second(account),
        recent=asked.context.now() - session.began_at <= RECENT,
    )


async def begin_totp(asked: Asked) -> NewApp:
    """A new secret, as a picture for the app. It is in force once a code of it has come."""
    account, session = _changing(asked)
    secret = totp.new_secret()
    asked.request.app[DOOR].new_apps.put(secret, session.key)
    address = totp.address(secret, account.name, asked.context.config.hotline.name)
    return NewApp(secret=secret, address=address, picture=await asyncio.to_thread(totp.picture, address))


async def confirm_totp(asked: Asked) -> RecoveryCodes:
    """The new app is in force; the recovery codes, where there were none so far."""
    door = asked.request.app[DOOR]
    account, session = _changing(asked)
    secret = door.new_apps.look(session.key)
    if secret is None:
        raise Problem(
            409,
            "no-new-app",
            "There is no new app to confirm. Begin again: the picture holds for a quarter of an hour.",
        )
    door.limiter.take(f"new app {account.name}")
    codes = await _done(asked, "second factor on", door.factors.set_totp, account, secret, asked.body.code)
    door.new_apps.take(session.key)
    return RecoveryCodes(recovery_codes=codes)


async def end_totp(asked: Asked) -> web.StreamResponse:
    """No app from now on. Where the role must have a second factor and no passkey is left, nothing else is allowed then."""
    account, _ = _changing(asked)
    await _done(asked, "second factor off", asked.request.app[DOOR].factors.end_totp, account)
    return web.Response(status=204)


async def new_codes(asked: Asked) -> RecoveryCodes:
    """Ten others; the former ones work no more."""
    account, _ = _changing(asked)
    codes = await _done(asked, "recovery codes made", asked.request.app[DOOR].factors.new_recovery_codes, account)
    return RecoveryCodes(recovery_codes=codes)


async def begin_passkey(asked: Asked) -> PasskeyOptions:
    """Options for a new passkey. They hold for five minutes."""
    account, _ = _changing(asked)
    passkeys_there(asked)
    door = asked.request.app[DOOR]
    has = door.factors.of(account)
    if len(has.passkeys) >= PASSKEYS:
        raise Problem(409, "too-many-passkeys", f"{PASSKEYS} passkeys are there already. Remove one first.")
    handle = await asyncio.to_thread(door.factors.handle, account)
    return PasskeyOptions(options=door.passkeys.options_to_register(account, handle, has.passkeys))


async def add_passkey(asked: Asked) -> RecoveryCodes:
    """The passkey logs in from now on; the recovery codes, where there were none so far."""
    account, _ = _changing(asked)
    passkeys_there(asked)
    door = asked.request.app[DOOR]
    try:
        key = door.passkeys.registered(
            account, asked.body.name.strip() or "?", asked.body.credential, page_of(asked.request)
        )
    except NotProven as why:
        log.warning("a new passkey was refused", account=account.name, why=str(why)[:300])
        detail = "The passkey was not accepted. Begin again; the device must ask for finger, face or PIN."
        raise Problem(400, "passkey-refused", detail) from None
    codes = await _done(asked, "passkey added", door.factors.add_passkey, account, key, passkey=key.name)
    return RecoveryCodes(recovery_codes=codes)


async def remove_passkey(asked: Asked) -> web.StreamResponse:
    """The passkey opens nothing from now on."""
    account, _ = _changing(asked)
    has: Factors = asked.request.app[DOOR].factors.of(account)
    id_ = asked.word("key")
    key = next((key for key in has.passkeys if key.id == id_), None)
    if key is None:
        raise Problem(404, "unknown-passkey", "You have no such passkey.")
    await _done(
        asked, "passkey removed", asked.request.app[DOOR].factors.remove_passkey, account, id_, passkey=key.name
    )
    return web.Response(status=204)


def _account(asked: Asked) -> tuple[Account, Session]:
    """Whose session it is. Raises Problem (403) where there is none, or the identity provider keeps the factors."""
    session, door = asked.who.session, asked.request.app[DOOR]
    account = door.accounts.get(session.account) if session else None
    if session is None or account is None:
        detail = (
            "This is for a person with an account of the hotline who has logged in on the page. The command line has `sanxiang account "
            "totp`; an identity provider keeps the second factors of its own people."
        )
        raise Problem(403, "page-only", detail)
    return account, session


def _changing(asked: Asked) -> tuple[Account, Session]:
    """As `_account`. Raises Problem (403) when the log-in is too long ago."""
    account, session = _account(asked)
    if asked.context.now() - session.began_at > RECENT:
        detail = (
            "This is changed only within a quarter of an hour after a log-in. Log out and in again, then change it."
        )
        raise Problem(403, "log-in-again", detail)
    return account, session


async def _done(asked: Asked, action: str, deed: Callable[..., Done], *about: object, **noted: str) -> Done:
    """Carries the deed out in a thread, behind its line in the audit log; then the account's other sessions end. Raises Problem."""
    door, session = asked.request.app[DOOR], asked.who.session

    def first() -> None:
        door.audit.note_now(asked.who.name, action, **noted)

    try:
        done = await asyncio.to_thread(lambda: deed(*about, first=first))
    except BadFactor as error:
        raise Problem(400 if error.code == FACTOR_REFUSALS[0] else 409, error.code, str(error)) from None
    except NotNoted as error:
        raise Problem(503, "audit-away", str(error)) from None
    if session is not None:
        door.sessions.end_of(session.account, but=session.key)
        await door.sessions.save()
    return done


def _changes(
    path: str,
    handler: Callable[[Asked], object],
    summary: str,
    answer: type[ApiModel] | None = None,
    body: type[Strict] = Nothing,
) -> Route:
    return Route(
        "POST",
        f"/api/sign-in{path}",
        handler,  # type: ignore[arg-type]
        "own-sign-in",
        summary,
        answer=answer,
        body=body,
        status=200 if answer else 204,
        content="application/json" if answer else "text/plain",
        refusals={
            400: "bad-factor: the code is wrong; or passkey-refused",
            403: "log-in-again, or page-only",
            404: "no-passkeys, or unknown-passkey",
            409: "no-new-app, no-factor, passkey-there, or too-many-passkeys",
            503: "audit-away",
        },
    )


ROUTES = [
    Route(
        "GET",
        "/api/sign-in",
        shown,
        "own-sign-in",
        "One's own second factors",
        answer=OwnSignIn,
        refusals={403: "page-only"},
    ),
    _changes("/totp/begin", begin_totp, "Begin with an authenticator app", NewApp),
    _changes("/totp/confirm", confirm_totp, "The authenticator app is in force", RecoveryCodes, AppsCode),
    _changes("/totp/off", end_totp, "No authenticator app any more"),
    _changes("/recovery-codes", new_codes, "Other recovery codes", RecoveryCodes),
    _changes("/passkeys/begin", begin_passkey, "Begin with a new passkey", PasskeyOptions),
    _changes("/passkeys", add_passkey, "Add a passkey", RecoveryCodes, NewPasskey),
    _changes(f"/passkeys/{{key:{KEY}}}/remove", remove_passkey, "Remove a passkey"),
]
