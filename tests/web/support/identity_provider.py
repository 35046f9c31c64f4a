"""A small OpenID provider: discovery, authorization with PKCE, tokens, keys, userinfo, over HTTP on this machine.

It does what a good one does until a test says otherwise: `token`, `claims`, `jwks`, `discovery` and `late` are what a hostile or a
broken one changes.
"""

import asyncio
import base64
import contextlib
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import encode_basic_auth, web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "hotline", "a secret: of two/parts"
Claims = dict[str, Any]
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
"""Made once: it takes a tenth of a second."""


def signed(claims: Claims, key: RSAKey = KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


@dataclass
class IdentityProvider:
    """One provider and what it does."""

    issuer: str = ""
    now: Callable[[], float] = time.time
    person: Claims = field(
        default_factory=lambda: {"sub": "u-1", "preferred_username": "li.na", "groups": ["Support Leads", "Everybody"]}
    )
    """Who logs in."""
    claims: Callable[[Claims], Claims] = lambda claims: claims
    """What stands in the ID token, from what should."""
    token: Callable[[Claims], str] = signed
    keys: list[RSAKey] = field(default_factory=lambda: [KEY])
    jwks: Callable[[Claims], object] = lambda jwks: jwks
    discovery: Callable[[Claims], object] = lambda document: document
    token_answer: Callable[[Claims], object] = lambda answer: answer
    userinfo: Claims | None = None
    """None: the person."""
    late: dict[str, float] = field(default_factory=dict)
    """Path to seconds after which it answers."""
    asked: list[str] = field(default_factory=list)
    """The paths, in order."""
    codes: dict[str, Claims] = field(default_factory=dict)
    forms: list[Claims] = field(default_factory=list)
    error: str = ""
    """Said in the place of a code."""
    names_itself: bool = True
    led_back_as: str = ""
    """Another issuer that it says it is where it leads back."""

    def document(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/log-out",
            "authorization_response_iss_parameter_supported": self.names_itself,
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        await asyncio.sleep(self.late.get(request.path, 0))
        match request.path:
            case "/.well-known/openid-configuration":
                return _json(self.discovery(self.document()))
            case "/jwks":
                return _json(self.jwks({"keys": [key.as_dict(private=False) for key in self.keys]}))
            case "/authorize":
                return self._authorize(request)
            case "/token":
                return await self._token(request)
            case "/userinfo":
                assert request.headers["Authorization"] == "Bearer the-access-token"
                return _json(self.person if self.userinfo is None else self.userinfo)
            case "/log-out":
                return web.Response(status=303, headers={"Location": request.query["post_logout_redirect_uri"]})
        raise web.HTTPNotFound

    def _authorize(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        assert (query["response_type"], query["client_id"], query["tenant"]) == ("code", CLIENT, "1")
        assert query["code_challenge_method"] == "S256" and "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = {name: query[name] for name in ("nonce", "redirect_uri", "code_challenge")}
        words = {"state": query["state"], "session_state": "x.y"} | (
            {"error": self.error} if self.error else {"code": code}
        )
        if self.names_itself or self.led_back_as:
            words["iss"] = self.led_back_as or self.issuer
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(words)}"})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        begun = self.codes.pop(form["code"], None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        # RFC 6749, 2.3.1: both are form-encoded before they are put together.
        if request.headers.get("Authorization") != encode_basic_auth(CLIENT, "a+secret%3A+of+two%2Fparts"):
            return _json({"error": "invalid_client"}, 401)
        now = int(self.now())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": begun["nonce"],
            **self.person,
        }
        told = {"access_token": "the-access-token", "token_type": "Bearer", "id_token": self.token(self.claims(claims))}
        return _json(self.token_answer(told))


def _json(told: object, status: int = 200) -> web.StreamResponse:
    return told if isinstance(told, web.StreamResponse) else web.json_response(told, status=status)


@contextlib.asynccontextmanager
async def identity_provider(**changes: Any) -> AsyncIterator[IdentityProvider]:
    """It answers until the block ends. `changes`: fields of it."""
    provider = IdentityProvider(**changes)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.issuer = provider.issuer or f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()
