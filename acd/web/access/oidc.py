"""Log-in by an identity provider: OpenID Connect, authorization code with PKCE (RFC 7636), state and nonce.

1. `begin`: the page gets the provider's address to go to. What belongs to this log-in is kept here under its state, and the
   browser gets a cookie that only it has: an answer that another browser brings is refused.
2. The provider leads back to `/log-in/oidc`; the page there sends code and state to us (`end`).
3. We fetch the tokens from the provider itself, check the ID token (signature, issuer, audience, time, nonce), and turn groups into roles.

Nothing that comes along says where to go: the only addresses are those of the configured provider's own document.
joserfc is imported where it is used: few hotlines have a provider, and every start would wait for it.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog

from acd.config import sign_in
from acd.web.access.accounts import Account
from acd.web.access.oidc_people import OidcPeople, groups_in
from acd.web.access.oidc_provider import CodeRefused, OidcProvider
from acd.web.access.short_lived import ShortLived
from acd.web.server.problems import Problem

log = structlog.get_logger(__name__)

BACK = "/log-in/oidc"
"""Where the provider leads people back to."""
WITHIN = timedelta(minutes=10)
LEEWAY_S = 60
"""Clocks of two machines differ."""
_LONGEST_TOKEN = 64 * 1024
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


@dataclass(frozen=True, slots=True)
class _Begun:
    nonce: str
    verifier: str
    browser: str
    """The hash of what the browser has in its cookie."""


class NotProven(Exception):
    """The ID token does not hold. Its text is for the log."""


class Oidc:
    """The log-ins that are under way, the provider, and the people who came by it."""

    def __init__(self, table: sign_in.Oidc, public_url: str, state: Path, now: Callable[[], datetime]) -> None:
        self.table, self._now = table, now
        self.provider = OidcProvider(table, now)
        self.people = OidcPeople(state, table, now)
        self._public_url = public_url
        self._begun: ShortLived[_Begun] = ShortLived(now, WITHIN)

    async def begin(self) -> tuple[str, str]:
        """The provider's address to go to, and what the browser keeps in its cookie. Raises ProviderAway, ProviderWrong."""
        metadata = await self.provider.metadata()
        nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(3))
        state = self._begun.put(_Begun(nonce, verifier, _hash(browser)))
        words = {
            "response_type": "code",
            "client_id": self.table.client_id,
            "redirect_uri": self._public_url + BACK,
            "scope": " ".join(self.table.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return _with_words(metadata.authorization, words), browser

    async def end(self, state: str, code: str, issuer: str, error: str, browser: str) -> Account:
        """The account of the person whom the provider has led back. `browser`: what stood in the cookie. Raises Problem.

        The state is used by it, whatever comes of it.
        """
        begun = self._begun.take(state)
        if begun is None or not hmac.compare_digest(begun.browser, _hash(browser)):
            raise CodeRefused
        metadata = await self.provider.metadata()
        if issuer != self.table.issuer and (issuer or metadata.tells_issuer):
            log.warning("a log-in was led back by another provider", issuer=issuer[:200])
            raise _not_proven()
        if error or not code:
            log.info("the identity provider has refused a log-in", error=error[:100])
            detail = (
                "The identity provider has refused the log-in. Begin again, or log in with an account and password."
            )
            raise Problem(403, "provider-refused", detail)
        told = await self.provider.tokens(code, begun.verifier, self._public_url + BACK)
        try:
            claims = await self._proven(told.get("id_token"), begun.nonce)
        except NotProven as why:
            log.warning("an ID token was refused", issuer=self.table.issuer, why=str(why))
            raise _not_proven() from None
        return await self._person(claims, told.get("access_token"))

    def log_out_address(self) -> str:
        """Where the provider ends its own session; empty where it can't, or nobody has logged in by it since the start."""
        metadata = self.provider.known
        if metadata is None or not metadata.end_session:
            return ""
        words = {"client_id": self.table.client_id, "post_logout_redirect_uri": f"{self._public_url}/"}
        return _with_words(metadata.end_session, words)

    async def _proven(self, token: object, nonce: str) -> dict[str, Any]:
        """The claims of the ID token. Raises NotProven."""
        from joserfc.errors import JoseError
        from joserfc.jws import extract_compact

        if not isinstance(token, str) or not token.isascii() or len(token) > _LONGEST_TOKEN:
            raise NotProven("there is none, or it is too long")
        try:
            header = extract_compact(token.encode()).headers()
        except (JoseError, ValueError, TypeError) as error:
            raise NotProven("it is no signed token") from error
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in self.table.algorithms:
            raise NotProven(f"it is signed with {str(algorithm)[:20]}, which is not one of web.oidc.algorithms")

        def fits(row: Mapping[str, Any]) -> bool:
            kind = row.get("kty") == _KINDS[algorithm[:2]] and row.get("alg", algorithm) == algorithm
            return kind and (kid is None or row.get("kid") == kid)

        keys = await self.provider.keys(fits)
        if not keys:
            raise NotProven("the provider has no such key")
        return self._checked(_signed_by_one_of(token, keys, algorithm), nonce)

    def _checked(self, claims: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims, when they are of this provider, for us, of now, and of this log-in. Raises NotProven."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        registry = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.table.issuer},
            aud={"essential": True, "value": self.table.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, ArithmeticError) as error:
            raise NotProven(f"{type(error).__name__}: {error}") from error
        texts = (claims["iss"], claims["sub"], claims["nonce"])
        numbers = (claims["exp"], claims["iat"])
        if not all(isinstance(text, str) for text in texts) or not all(_is_time(number) for number in numbers):
            raise NotProven("a claim is of another kind")
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.table.client_id:
            raise NotProven("it is for others, too, and azp is not us")
        if claims.get("azp", self.table.client_id) != self.table.client_id:
            raise NotProven("azp is not us")
        if not claims["sub"].isprintable() or len(claims["sub"]) > 255:
            raise NotProven("sub is too long, or holds a control character")
        return claims

    async def _person(self, claims: dict[str, Any], access_token: object) -> Account:
        """Raises Problem: 403 when none of the person's groups has a role here."""
        groups, name = groups_in(claims, self.table.groups_claim), claims.get(self.table.name_claim)
        metadata = await self.provider.metadata()
        if (
            (groups is None or name is None)
            and metadata.userinfo
            and isinstance(access_token, str)
            and access_token.isascii()
        ):
            more = await self.provider.userinfo(access_token)
            if more.get("sub") != claims["sub"]:
                log.warning("userinfo is about somebody else", issuer=self.table.issuer)
                raise _not_proven()
            groups = groups if groups is not None else groups_in(more, self.table.groups_claim)
            name = name if name is not None else more.get(self.table.name_claim)
        called = name if isinstance(name, str) else claims["sub"]
        account = await asyncio.to_thread(self.people.came, claims["sub"], called, groups or [])
        if account is None:
            log.info("none of the person's groups has a role here", told=groups is not None, number=len(groups or ()))
            detail = (
                "You are known to the identity provider, but none of your groups has a role here. Ask whoever manages the groups, or "
                "the hotline's operator (web.oidc.groups)."
            )
            raise Problem(403, "no-group", detail)
        return account


def _signed_by_one_of(token: str, keys: list[Any], algorithm: str) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError

    for key in keys:
        try:
            return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError):
            continue
    raise NotProven("the signature is wrong")


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _not_proven() -> Problem:
    detail = (
        "The identity provider's answer did not pass the checks, so you are not logged in. Begin again; if it stays so, tell the "
        "operator: the hotline's log says what is wrong."
    )
    return Problem(401, "not-proven", detail)


def _with_words(address: str, words: Mapping[str, str]) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(words)))), fragment=""))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
