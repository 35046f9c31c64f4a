"""The identity provider: what is taken of it, and above all what is not. A real provider answers over HTTP; none of it needs a hotline."""

import asyncio
import base64
import hmac
import json
import stat
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from acd.config import sign_in
from acd.web.access import oidc_provider
from acd.web.access.accounts import Account
from acd.web.access.oidc import WITHIN, Oidc
from acd.web.access.oidc_provider import ANSWER_AT_MOST, KEYS_ANEW, LEFT_ALONE
from acd.web.server.problems import Problem
from tests.web.support.identity_provider import CLIENT, KEY, SECRET, Claims, IdentityProvider, identity_provider, signed

PAGE = "https://hotline.example.com"
OTHER = RSAKey.generate_key(2048, {"kid": "other", "use": "sig"})


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Door:
    """One hotline's side, and a browser's way through it."""

    def __init__(self, provider: IdentityProvider, folder: Path, clock: Clock, **changes: Any) -> None:
        secret = folder / "client-secret"
        secret.write_text(f"{SECRET}\n")
        table = {
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret_file": str(secret),
            "groups": {"Support Leads": ["operator"], "Listeners": ["qa"]},
        }
        self.oidc = Oidc(sign_in.Oidc.model_validate(table | changes), PAGE, folder, clock.now)
        self.browser = ""

    async def led_back(self) -> dict[str, str]:
        """To the provider and back: what stands in the address then."""
        go, self.browser = await self.oidc.begin()
        async with aiohttp.ClientSession() as client, client.get(go, allow_redirects=False) as answer:
            address = answer.headers["Location"]
        assert address.startswith(f"{PAGE}/log-in/oidc?")
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    async def end(self, said: dict[str, str], browser: str | None = None) -> Account:
        state, code, issuer, error = (said.get(name, "") for name in ("state", "code", "iss", "error"))
        return await self.oidc.end(state, code, issuer, error, self.browser if browser is None else browser)

    async def through(self) -> Account:
        return await self.end(await self.led_back())

    async def refused(self) -> tuple[int, str]:
        with pytest.raises(Problem) as raised:
            await self.through()
        assert raised.value.detail.endswith(".")
        return raised.value.status, raised.value.code


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with identity_provider() as provider:
        yield provider


@pytest.fixture
def door(provider: IdentityProvider, tmp_path: Path, clock: Clock) -> Door:
    return Door(provider, tmp_path, clock)


async def test_a_persons_groups_give_roles(provider: IdentityProvider, door: Door, tmp_path: Path):
    account = await door.through()
    assert (account.name, account.roles) == ("oidc:li.na", frozenset({"operator"}))
    assert door.oidc.people.get("oidc:li.na") == account
    assert stat.S_IMODE((tmp_path / "oidc_people.json").stat().st_mode) == 0o600
    provider.person["groups"] = ["Support Leads", "Listeners"]
    more = await door.through()
    assert more.roles == {"operator", "qa"} and more.stamp != account.stamp, "the sessions with former roles go on"


def hs256_with_the_public_key(claims: Claims) -> str:
    """The classic: a library that takes the key for a shared secret finds this signature right."""
    begin = unsigned(claims, "HS256").rstrip(".")
    return f"{begin}.{text(hmac.digest(KEY.as_pem(private=False), begin.encode(), 'sha256'))}"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(claims: Claims, algorithm: str = "none") -> str:
    return ".".join(text(json.dumps(part).encode()) for part in ({"alg": algorithm, "kid": KEY.kid}, claims)) + "."


def tampered(claims: Claims) -> str:
    head, _, tail = signed(claims).split(".")
    return f"{head}.{text(json.dumps(claims | {'groups': ['Listeners']}).encode())}.{tail}"


def with_key_in_head(claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": KEY.kid, "jwk": OTHER.as_dict(private=False)}, claims, OTHER)


TOKENS: dict[str, Callable[[Claims], str]] = {
    "alg none": unsigned,
    "alg None": lambda claims: unsigned(claims, "None"),
    "HS256 with the public key": hs256_with_the_public_key,
    "changed after it was signed": tampered,
    "another's key under our kid": lambda claims: jwt.encode({"alg": "RS256", "kid": KEY.kid}, claims, OTHER),
    "an unknown kid": lambda claims: signed(claims, OTHER),
    "its own key in its head": with_key_in_head,
    "an algorithm that the key is not for": lambda claims: jwt.encode(
        {"alg": "PS256", "kid": KEY.kid},
        claims,
        RSAKey.import_key({**KEY.as_dict(private=True), "alg": "PS256"}),
        algorithms=["PS256"],
    ),
    "no token at all": lambda claims: "",
    "two parts": lambda claims: "a.b",
    "not ASCII": lambda claims: "é.é.é",
    "much too long": lambda claims: signed(claims | {"padding": "x" * 100_000}),
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
async def test_a_token_that_is_not_signed_by_the_provider_is_refused(
    provider: IdentityProvider, door: Door, token: Callable[[Claims], str]
):
    provider.token = token
    assert await door.refused() == (401, "not-proven")
    provider.token = signed
    assert (await door.through()).roles == {"operator"}, "the next log-in is a good one"


HOUR = 3600
CLAIMS: dict[str, Claims] = {
    "for somebody else": {"aud": "another-client"},
    "for us among others, without azp": {"aud": [CLIENT, "another-client"]},
    "for us among others, by another": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    "azp is another": {"azp": "another-client"},
    "by another issuer": {"iss": "https://id.example.com"},
    "of a longer issuer": {"iss": "http://127.0.0.1:1/"},
    "of another log-in": {"nonce": "another"},
    "a nonce that is a list": {"nonce": ["another"]},
    "expired": {"exp": int(time.time()) - HOUR},
    "of tomorrow": {"iat": int(time.time()) + 24 * HOUR},
    "not valid yet": {"nbf": int(time.time()) + HOUR},
    "an end that is no time": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "an end without end": {"exp": 1e300},
    "nobody": {"sub": ""},
    "a person with a line break": {"sub": "u-1\n"},
    "a person who is a number": {"sub": 1},
    "a person with a very long name": {"sub": "u" * 256},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
async def test_a_token_that_is_not_for_this_log_in_is_refused(provider: IdentityProvider, door: Door, claims: Claims):
    provider.claims = lambda good: good | claims
    assert await door.refused() == (401, "not-proven")


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "sub", "nonce"])
async def test_a_token_without_what_it_must_say_is_refused(provider: IdentityProvider, door: Door, missing: str):
    provider.claims = lambda good: {name: value for name, value in good.items() if name != missing}
    assert await door.refused() == (401, "not-proven")


async def test_a_minute_between_two_clocks_is_no_matter(provider: IdentityProvider, door: Door):
    now = int(time.time())
    provider.claims = lambda good: good | {"exp": now - 30, "iat": now + 30}
    assert (await door.through()).roles == {"operator"}


async def test_an_answer_is_good_for_one_log_in(door: Door):
    said = await door.led_back()
    await door.end(said)
    with pytest.raises(Problem, match="used already"):
        await door.end(said)


@pytest.mark.parametrize("change", ["another state", "no state", "another browser", "no cookie", "too late"])
async def test_an_answer_that_belongs_to_no_log_in_here_is_refused(
    door: Door, clock: Clock, provider: IdentityProvider, change: str
):
    said = await door.led_back()
    if change == "too late":
        clock.ahead += WITHIN
    browser = {"another browser": "x" * 43, "no cookie": ""}.get(change)
    state = {"another state": "x" * 43, "no state": ""}.get(change, said["state"])
    with pytest.raises(Problem) as raised:
        await door.end({**said, "state": state}, browser)
    assert (raised.value.status, raised.value.code) == (401, "log-in-over")
    assert "/token" not in provider.asked, "a code that a stranger brings is not even sent on"


async def test_a_code_that_was_used_elsewhere_is_told(provider: IdentityProvider, door: Door):
    said = await door.led_back()
    provider.codes.clear()
    with pytest.raises(Problem) as raised:
        await door.end(said)
    assert raised.value.code == "log-in-over"


async def test_a_code_of_another_log_in_does_not_fit_the_verifier(door: Door):
    one = await door.led_back()
    two = await door.led_back()
    with pytest.raises(Problem) as raised:
        await door.end({**two, "code": one["code"]})
    assert raised.value.code == "log-in-over"


@pytest.mark.parametrize("says", ["https://evil.example.com", ""])
async def test_an_answer_of_another_provider_is_not_sent_to_ours(provider: IdentityProvider, door: Door, says: str):
    """RFC 9207: ours names itself, so an answer without its name, or with another, is mixed up."""
    said = await door.led_back()
    with pytest.raises(Problem) as raised:
        await door.end({**said, "iss": says})
    assert (raised.value.code, "/token" in provider.asked) == ("not-proven", False)


async def test_a_provider_that_does_not_name_itself_is_taken_too(provider: IdentityProvider, door: Door):
    provider.names_itself = False
    assert (await door.through()).roles == {"operator"}


async def test_a_refusal_of_the_provider_is_told(provider: IdentityProvider, door: Door):
    provider.error = "access_denied"
    assert await door.refused() == (403, "provider-refused")


@pytest.mark.parametrize(
    "groups", [[], ["Everybody"], ["support leads"], "Everybody", None, 7, [["Support Leads"]], {"Support Leads": 1}]
)
async def test_who_is_in_no_group_with_a_role_is_told_and_not_written_down(
    provider: IdentityProvider, door: Door, groups: object, tmp_path: Path
):
    provider.person["groups"] = groups
    assert await door.refused() == (403, "no-group")
    assert not (tmp_path / "oidc_people.json").exists()


async def test_one_group_may_stand_there_as_a_text(provider: IdentityProvider, door: Door):
    provider.person["groups"] = "Listeners"
    assert (await door.through()).roles == {"qa"}


async def test_who_has_left_the_group_has_no_account_any_more(provider: IdentityProvider, door: Door):
    account = await door.through()
    provider.person["groups"] = ["Everybody"]
    assert await door.refused() == (403, "no-group")
    assert door.oidc.people.get(account.name) is None


async def test_another_table_of_groups_takes_roles_away_without_a_log_in(
    provider: IdentityProvider, door: Door, tmp_path: Path, clock: Clock
):
    account = await door.through()
    less = Door(provider, tmp_path, clock, groups={"Listeners": ["qa"]})
    assert less.oidc.people.get(account.name) is None
    other = Door(provider, tmp_path, clock, groups={"Support Leads": ["qa"]})
    found = other.oidc.people.get(account.name)
    assert found and found.roles == {"qa"} and found.stamp != account.stamp
    moved = Door(provider, tmp_path, clock, issuer="https://id.example.com")
    assert moved.oidc.people.get(account.name) is None, "another provider's person"


@pytest.mark.parametrize(
    "name", ["li.na", "operator", "oidc:li.na", "../../x", "a\nb\rc", "李娜", "x" * 500, "", None, 7]
)
async def test_a_name_says_nothing_of_rights_and_nobody_gets_anothers(
    provider: IdentityProvider, door: Door, name: object
):
    first = await door.through()
    provider.person |= {"sub": "u-2", "preferred_username": name}
    second = await door.through()
    assert second.name.startswith("oidc:") and len(second.name) <= 64 and second.name.isprintable()
    assert second.name != first.name
    assert (await door.through()).name == second.name, "the same person, the same name"
    provider.person["preferred_username"] = "renamed"
    assert (await door.through()).name == second.name


async def test_groups_that_do_not_stand_in_the_token_are_asked_for(provider: IdentityProvider, door: Door):
    provider.claims = lambda good: {name: value for name, value in good.items() if name != "groups"}
    assert (await door.through()).roles == {"operator"}
    provider.userinfo = {"sub": "somebody-else", "groups": ["Listeners"]}
    assert await door.refused() == (401, "not-proven")


JWKS: dict[str, Callable[[Claims], object]] = {
    "huge": lambda jwks: jwks | {"padding": "x" * ANSWER_AT_MOST},
    "no JSON": lambda jwks: web.Response(text="<html>"),
    "a list": lambda jwks: [jwks],
    "deep": lambda jwks: web.Response(text="[" * 100_000),
    "leads elsewhere": lambda jwks: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/jwks"}),
    "packed": lambda jwks: web.Response(body=b"\x1f\x8b" + b"x" * 100, headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("jwks", JWKS.values(), ids=JWKS)
async def test_keys_that_are_no_keys_are_told(provider: IdentityProvider, door: Door, jwks: Callable[[Claims], object]):
    provider.jwks = jwks
    assert await door.refused() == (502, "provider-wrong")


USELESS: dict[str, Callable[[Claims], object]] = {
    "none": lambda jwks: {"keys": []},
    "no list": lambda jwks: {"keys": "x"},
    "nonsense": lambda jwks: {
        "keys": [1, None, {}, {"kty": "RSA"}, {"kty": "RSA", "kid": "first", "n": "AQ", "e": "AQAB"}]
    },
    "a shared secret": lambda jwks: {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "first"}]},
    "for encryption": lambda jwks: {"keys": [{**jwks["keys"][0], "use": "enc"}]},
    "too short": lambda jwks: {"keys": [RSAKey.generate_key(1024, {"kid": "first"}).as_dict(private=False)]},
    "beyond a hundred": lambda jwks: {"keys": [{"kty": "oct"}] * 100 + jwks["keys"]},
}


@pytest.mark.parametrize("jwks", USELESS.values(), ids=USELESS)
async def test_keys_that_can_not_be_used_prove_nothing(
    provider: IdentityProvider, door: Door, jwks: Callable[[Claims], object]
):
    provider.jwks = jwks
    assert await door.refused() == (401, "not-proven")


async def test_a_new_key_of_the_provider_is_fetched_once_a_minute_at_most(
    provider: IdentityProvider, door: Door, clock: Clock
):
    await door.through()
    provider.keys, provider.token = [KEY, OTHER], lambda claims: signed(claims, OTHER)
    assert await door.refused() == (401, "not-proven"), "the keys are not a minute old"
    assert provider.asked.count("/jwks") == 1
    clock.ahead += KEYS_ANEW
    provider.claims = lambda good: good | {"exp": good["exp"] + 60, "iat": good["iat"]}
    clock.ahead += timedelta(seconds=1)
    assert (await door.through()).roles == {"operator"}
    assert (await door.through()).roles == {"operator"}
    assert provider.asked.count("/jwks") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


async def test_a_key_of_another_kind_is_taken_by_its_algorithm(provider: IdentityProvider, door: Door):
    key = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig"})
    provider.jwks = lambda jwks: {"keys": [*jwks["keys"], key.as_dict(private=False)]}
    provider.token = lambda claims: jwt.encode({"alg": "ES256", "kid": "curve"}, claims, key)
    assert (await door.through()).roles == {"operator"}


DISCOVERY: dict[str, Callable[[Claims], object]] = {
    "another issuer": lambda document: document | {"issuer": "https://evil.example.com"},
    "the issuer with a stroke": lambda document: document | {"issuer": document["issuer"] + "/"},
    "no issuer": lambda document: {name: value for name, value in document.items() if name != "issuer"},
    "no token endpoint": lambda document: document | {"token_endpoint": None},
    "http elsewhere": lambda document: document | {"authorization_endpoint": "http://evil.example.com/authorize"},
    "a script": lambda document: document | {"authorization_endpoint": "javascript:alert(1)"},
    "a file": lambda document: document | {"jwks_uri": "file:///etc/passwd"},
    "a name in it": lambda document: document | {"token_endpoint": "https://a:b@id.example.com/"},
    "a line break": lambda document: document | {"authorization_endpoint": "https://id.example.com/\r\nX: y"},
    "half an address": lambda document: document | {"authorization_endpoint": "https://[::1"},
    "a number": lambda document: document | {"jwks_uri": 7},
    "no JSON": lambda document: web.Response(text="It works!"),
    "not there": lambda document: web.Response(status=404),
    "leads elsewhere": lambda document: web.Response(status=301, headers={"Location": "https://id.example.com"}),
    "huge": lambda document: document | {"padding": "x" * ANSWER_AT_MOST},
}


@pytest.mark.parametrize("discovery", DISCOVERY.values(), ids=DISCOVERY)
async def test_a_discovery_document_that_is_not_as_it_must_be_is_told_in_one_sentence(
    provider: IdentityProvider, door: Door, discovery: Callable[[Claims], object]
):
    provider.discovery = discovery
    with pytest.raises(Problem) as raised:
        await door.oidc.begin()
    assert (raised.value.status, raised.value.code) == (502, "provider-wrong")


async def test_a_provider_that_is_away_is_left_alone_for_some_seconds(
    provider: IdentityProvider, door: Door, clock: Clock
):
    provider.discovery = lambda document: web.Response(status=503)
    for _ in range(5):
        with pytest.raises(Problem) as raised:
            await door.oidc.begin()
        assert (raised.value.status, raised.value.code) == (503, "provider-away")
    assert len(provider.asked) == 1
    provider.discovery = lambda document: document
    clock.ahead += LEFT_ALONE
    assert (await door.through()).roles == {"operator"}


async def test_nobody_listens_there(door: Door, provider: IdentityProvider, tmp_path: Path, clock: Clock):
    nobody = Door(provider, tmp_path, clock, issuer="http://127.0.0.1:1")
    with pytest.raises(Problem) as raised:
        await nobody.oidc.begin()
    assert raised.value.code == "provider-away"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
async def test_a_slow_provider_is_not_waited_for(
    provider: IdentityProvider, door: Door, path: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(oidc_provider, "WITHIN_S", 0.1)
    provider.late[path] = 5
    assert await door.refused() == (503, "provider-away")


async def test_many_who_begin_at_once_ask_the_provider_once(provider: IdentityProvider, door: Door):
    found = await asyncio.gather(*(door.oidc.begin() for _ in range(50)))
    assert len(provider.asked) == 1
    assert len({go for go, _ in found}) == len({browser for _, browser in found}) == 50


ANSWERS: dict[str, tuple[Callable[[Claims], object], tuple[int, str]]] = {
    "no token": (lambda told: {}, (401, "not-proven")),
    "a list": (lambda told: [told], (502, "provider-wrong")),
    "a token that is a number": (lambda told: told | {"id_token": 7}, (401, "not-proven")),
    "huge": (lambda told: told | {"padding": "x" * ANSWER_AT_MOST}, (502, "provider-wrong")),
    "does not know us": (
        lambda told: web.json_response({"error": "invalid_client"}, status=401),
        (502, "provider-wrong"),
    ),
    "another error": (lambda told: web.json_response({"error": "x" * 1000}, status=400), (502, "provider-wrong")),
}


@pytest.mark.parametrize(("answer", "expected"), ANSWERS.values(), ids=ANSWERS)
async def test_an_answer_without_tokens_is_told(
    provider: IdentityProvider, door: Door, answer: Callable[[Claims], object], expected: tuple[int, str]
):
    provider.token_answer = answer
    assert await door.refused() == expected


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "a\0b", None, b"\xff\xfe"])
async def test_a_client_secret_that_is_none_is_told_and_not_sent(
    provider: IdentityProvider, door: Door, tmp_path: Path, content: str | bytes | None
):
    file = tmp_path / "client-secret"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert await door.refused() == (502, "provider-wrong")
    assert provider.forms == []


async def test_another_secret_is_taken_without_a_restart(provider: IdentityProvider, door: Door, tmp_path: Path):
    (tmp_path / "client-secret").write_text("former")
    assert await door.refused() == (502, "provider-wrong")
    (tmp_path / "client-secret").write_text(SECRET)
    assert (await door.through()).roles == {"operator"}
    assert all("client_secret" not in form for form in provider.forms), (
        "it goes into the header, as the provider offers it"
    )


async def test_no_secret_and_no_token_stands_in_the_log(
    provider: IdentityProvider, door: Door, capsys: pytest.CaptureFixture[str]
):
    sent = list[str]()

    def noted(claims: Claims) -> str:
        sent.append(tampered(claims))
        return sent[-1]

    provider.token = noted
    said = await door.led_back()
    with pytest.raises(Problem):
        await door.end(said)
    written = "".join(capsys.readouterr())
    assert "an ID token was refused" in written
    for secret in (SECRET, sent[0], sent[0].split(".")[2], said["code"], said["state"], door.browser):
        assert secret not in written


async def test_strangers_who_begin_without_end_fill_no_memory(door: Door, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door.oidc._begun, "_most", 100)
    said = await door.led_back()
    for _ in range(200):
        await door.oidc.begin()
    assert len(door.oidc._begun) == 100
    with pytest.raises(Problem, match="Begin again"):
        await door.end(said)


async def test_the_provider_ends_its_own_session_where_it_says_so(provider: IdentityProvider, door: Door):
    assert door.oidc.log_out_address() == ""
    await door.through()
    address = urlsplit(door.oidc.log_out_address())
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/log-out"
    assert parse_qs(address.query) == {"client_id": [CLIENT], "post_logout_redirect_uri": [f"{PAGE}/"]}
