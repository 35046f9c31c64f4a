"""What is asked of the identity provider over HTTP: discovery, keys, tokens, userinfo. Every answer has a bound of size and time,
and no redirect is followed: the provider says itself where things are, and nobody else does.

What it has told is kept for an hour. A key that is not known yet has its keys asked for anew, once a minute at most; a
provider that did not answer is left alone for some seconds, so that log-ins don't pile up before it.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import aiohttp
import structlog

from acd.config import sign_in
from acd.web.server.problems import Problem

log = structlog.get_logger(__name__)

WITHIN_S = 10.0
ANSWER_AT_MOST = 512 * 1024
"""Bytes."""
KEYS_AT_MOST = 100
KEPT = timedelta(hours=1)
KEYS_ANEW = timedelta(minutes=1)
LEFT_ALONE = timedelta(seconds=10)
_RSA_BITS = range(2048, 16_385)
PublicKey = Any
"""One of joserfc's keys; the library is imported where it is used."""


class ProviderAway(Problem):
    """The provider can't be reached, or does not answer in time."""

    def __init__(self) -> None:
        detail = (
            "The identity provider can't be reached just now. Try again in a moment, or log in with an account and password of the "
            "hotline. The hotline's log says why."
        )
        super().__init__(503, "provider-away", detail, headers={"Retry-After": "10"})


class ProviderWrong(Problem):
    """The provider answers something else than it must."""

    def __init__(self) -> None:
        detail = (
            "The identity provider's answer is not what it must be, so nobody can log in by it. Log in with an account and password "
            "of the hotline, and tell the operator: the hotline's log says what is wrong."
        )
        super().__init__(502, "provider-wrong", detail)


class CodeRefused(Problem):
    """The provider does not take the code that it has given."""

    def __init__(self) -> None:
        super().__init__(401, "log-in-over", "This log-in is over or was used already. Begin again.")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where things are, from the provider's discovery document."""

    authorization: str
    token: str
    jwks: str
    userinfo: str
    """Empty: there is none."""
    end_session: str
    """Empty: there is none."""
    tells_issuer: bool
    """Whether it names itself when it leads people back (RFC 9207)."""
    takes_basic: bool
    """Whether the secret goes into the Authorization header; else into the form."""


class OidcProvider:
    """One provider; its answers are kept."""

    def __init__(self, table: sign_in.Oidc, now: Callable[[], datetime]) -> None:
        self._table, self._now = table, now
        self._metadata: Metadata | None = None
        self._metadata_at = self._keys_at = self._trouble_at = datetime.min.replace(tzinfo=now().tzinfo)
        self._trouble: type[ProviderAway | ProviderWrong] | None = None
        self._keys: list[tuple[Mapping[str, Any], PublicKey]] = []
        self._asking = asyncio.Lock()

    @property
    def known(self) -> Metadata | None:
        """What the provider has told last; None: nothing yet."""
        return self._metadata

    async def metadata(self) -> Metadata:
        """Where things are. Raises ProviderAway, ProviderWrong."""
        async with self._asking:
            if self._metadata is None or self._now() - self._metadata_at > KEPT:
                if self._trouble is not None and self._now() - self._trouble_at < LEFT_ALONE:
                    raise self._trouble()
                try:
                    self._metadata = await self._discovered()
                except (ProviderAway, ProviderWrong) as trouble:
                    self._trouble, self._trouble_at = type(trouble), self._now()
                    raise
                self._metadata_at, self._trouble = self._now(), None
            return self._metadata

    async def keys(self, fits: Callable[[Mapping[str, Any]], bool]) -> list[PublicKey]:
        """Its keys that fit, by their JWK. Asked for anew where none does. Raises ProviderAway, ProviderWrong."""
        metadata = await self.metadata()
        async with self._asking:
            age = self._now() - self._keys_at
            if age > KEPT or (age > KEYS_ANEW and not any(fits(row) for row, _ in self._keys)):
                self._keys = _usable(await self._json("GET", metadata.jwks))
                self._keys_at = self._now()
        return [key for row, key in self._keys if fits(row)]

    async def tokens(self, code: str, verifier: str, redirect_uri: str) -> Mapping[str, Any]:
        """The provider's answer to the code. Raises CodeRefused, ProviderAway, ProviderWrong."""
        metadata, table = await self.metadata(), self._table
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        secret = await asyncio.to_thread(self._secret)
        if secret is None or not metadata.takes_basic:
            form |= {"client_id": table.client_id} | ({} if secret is None else {"client_secret": secret})
        else:
            headers["Authorization"] = aiohttp.encode_basic_auth(quote_plus(table.client_id), quote_plus(secret))
        return await self._json("POST", metadata.token, data=form, headers=headers)

    async def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What the provider says of the person beside the ID token. Raises ProviderAway, ProviderWrong."""
        return await self._json(
            "GET", (await self.metadata()).userinfo, headers={"Authorization": f"Bearer {access_token}"}
        )

    def wrong(self, why: str) -> ProviderWrong:
        """To be raised; it is logged what was wrong."""
        log.warning("the identity provider's answer is not as it must be", issuer=self._table.issuer, why=why)
        return ProviderWrong()

    async def _discovered(self) -> Metadata:
        issuer = self._table.issuer
        told = await self._json("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != issuer:
            raise self.wrong(f"its discovery document is of the issuer {str(told.get('issuer'))[:200]!r}")

        def place(name: str, *, needed: bool = True) -> str:
            url = told.get(name)
            if url is None and not needed:
                return ""
            if not isinstance(url, str) or not self._fits(url):
                raise self.wrong(f"{name} is missing from its discovery document, or is no address with https")
            return url

        ways = told.get("token_endpoint_auth_methods_supported")
        return Metadata(
            place("authorization_endpoint"),
            place("token_endpoint"),
            place("jwks_uri"),
            place("userinfo_endpoint", needed=False),
            place("end_session_endpoint", needed=False),
            told.get("authorization_response_iss_parameter_supported") is True,
            not isinstance(ways, list) or "client_secret_basic" in ways or "client_secret_post" not in ways,
        )

    def _fits(self, url: str) -> bool:
        """https, or on this machine alone http, where the issuer is so too."""
        try:
            parts, issuer = urlsplit(url), urlsplit(self._table.issuer)
            local = issuer.scheme == "http" and sign_in.is_loopback(parts.hostname or "")
        except ValueError:
            return False
        scheme = parts.scheme == "https" or (parts.scheme == "http" and local)
        return scheme and bool(parts.hostname) and parts.username is None and url.isprintable() and " " not in url

    def _secret(self) -> str | None:
        """Read each time, so that another one is taken without a restart."""
        file = self._table.client_secret_file
        if file is None:
            return None
        try:
            secret = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            log.error("the client secret can't be read", file=str(file), why=type(error).__name__)
            raise ProviderWrong from None
        if not secret or not secret.isprintable():
            log.error("the client secret must be one line of printable characters", file=str(file))
            raise ProviderWrong
        return secret

    async def _json(self, method: str, url: str, **how: Any) -> Mapping[str, Any]:
        """The answer as an object of JSON. Raises CodeRefused (400 to a code), ProviderAway, ProviderWrong."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **how.pop("headers", {})}
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        try:
            async with (
                # A compressed answer would have no bound before it is unpacked: none is asked for, none is unpacked.
                aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
                session.request(method, url, headers=headers, allow_redirects=False, **how) as response,
            ):
                text = await _bounded(response.content)
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            why = "no answer in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
            log.warning("the identity provider can't be reached", host=urlsplit(url).netloc, why=why[:300])
            raise ProviderAway from None
        return self._object(text, status, method)

    def _object(self, text: bytes | None, status: int, method: str) -> Mapping[str, Any]:
        if text is None:
            raise self.wrong(f"an answer is larger than {ANSWER_AT_MOST} bytes")
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        if method == "POST" and status == 400 and isinstance(told, dict) and told.get("error") == "invalid_grant":
            raise CodeRefused
        if status >= 500:
            log.warning("the identity provider can't answer", status=status)
            raise ProviderAway
        if status != 200 or not isinstance(told, dict):
            error = told.get("error") if isinstance(told, dict) else None
            raise self.wrong(f"status {status}, {'error ' + str(error)[:100] if error else 'no object of JSON'}")
        return told


async def _bounded(content: aiohttp.StreamReader) -> bytes | None:
    """The whole of it; None when it is too large."""
    text = bytearray()
    while piece := await content.read(64 * 1024):
        text += piece
        if len(text) > ANSWER_AT_MOST:
            return None
    return bytes(text)


def _usable(jwks: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], PublicKey]]:
    """The public keys for signatures. Others are left out: shared secrets above all, which a stranger could sign with."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

    rows, found = jwks.get("keys"), list[tuple[Mapping[str, Any], PublicKey]]()
    for row in rows[:KEYS_AT_MOST] if isinstance(rows, list) else []:
        if not isinstance(row, dict) or row.get("kty") not in ("RSA", "EC", "OKP") or row.get("use", "sig") != "sig":
            continue
        try:
            key = import_key(row)
        except (JoseError, ValueError, TypeError, KeyError, OverflowError):
            continue
        if isinstance(key, RSAKey) and key.public_key.key_size not in _RSA_BITS:
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            found.append((row, key))
    return found
