"""Log-in with a passkey, without a password: the device has verified its user."""

import asyncio
from typing import Any

import structlog
from aiohttp import web

from acd.web.access.auth import DOOR, source_of
from acd.web.access.lockout import network_of
from acd.web.access.log_in import Me, from_own_page_if_told, logged_in
from acd.web.access.passkeys import Credential, NotProven
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import ANYONE, Asked, Nothing, Route, Strict

log = structlog.get_logger(__name__)


class PasskeyOptions(ApiModel):
    """What the browser's WebAuthn is asked for."""

    options: dict[str, Any]
    """For PublicKeyCredential.parseRequestOptionsFromJSON, or parseCreationOptionsFromJSON where one is registered."""


class PasskeyLogIn(Strict):
    """What the browser has answered."""

    credential: Credential


async def begin(asked: Asked) -> PasskeyOptions:
    """Options for any passkey of this hotline. They hold for five minutes, and for one log-in."""
    _counted(asked)
    return PasskeyOptions(options=asked.request.app[DOOR].passkeys.options_to_log_in())


async def log_in(asked: Asked) -> web.StreamResponse:
    """Begins a session; the session that came with the request ends."""
    _counted(asked)
    door, credential = asked.request.app[DOOR], asked.body.credential
    owner = door.factors.owner(credential.id)
    account = door.accounts.get(owner[0]) if owner else None
    key = next((key for key in door.factors.of(account).passkeys if key.id == credential.id), None) if account else None
    if owner is None or account is None or key is None:
        raise Problem(401, "unknown-passkey", "This passkey is not registered here. Log in with the password.")
    try:
        count = door.passkeys.used(key, owner[1], credential, page_of(asked.request))
        if not await asyncio.to_thread(door.factors.passkey_used, account, key.id, count):
            raise NotProven("the device has counted on meanwhile")
    except NotProven as why:
        log.warning("a passkey was refused", account=account.name, why=str(why)[:300])
        await door.audit.note(
            account.name, "log-in refused", source=source_of(asked.request), why=f"passkey {key.name}"
        )
        detail = "The passkey was not accepted. Try again, or log in with the password."
        raise Problem(401, "passkey-refused", detail) from None
    return await logged_in(asked, account, "passkey")


def page_of(request: web.Request) -> str:
    """The origin of the page that sends this request: it has to be one of ours, and the device signs it. Raises Problem."""
    from_own_page_if_told(request)
    return request.headers.get("Origin", "")


def _counted(asked: Asked) -> None:
    """Raises Problem: 404 where there are no passkeys, 429."""
    from_own_page_if_told(asked.request)
    door = asked.request.app[DOOR]
    place = door.browsers.read(asked.request).id or network_of(source_of(asked.request))
    door.limiter.take(f"passkey@{place}")
    passkeys_there(asked)


def passkeys_there(asked: Asked) -> None:
    """Raises Problem (404) where there are no passkeys."""
    if not asked.request.app[DOOR].passkeys.host:
        detail = "There are no passkeys here: the operator must write the page's address as web.public_url first."
        raise Problem(404, "no-passkeys", detail)


ROUTES = [
    Route(
        "POST",
        "/api/log-in/passkey/begin",
        begin,
        ANYONE,
        "Begin a log-in with a passkey",
        answer=PasskeyOptions,
        body=Nothing,
        refusals={404: "no-passkeys", 429: "too-many-requests"},
        free=True,  # counted by the handler, apart from what else comes from there
    ),
    Route(
        "POST",
        "/api/log-in/passkey",
        log_in,
        ANYONE,
        "Log in with a passkey; the session is a cookie",
        answer=Me,
        body=PasskeyLogIn,
        refusals={401: "unknown-passkey, or passkey-refused", 404: "no-passkeys", 429: "too-many-requests"},
        free=True,
    ),
]
