"""A log-in by the identity provider as the page does it, on a real server, beside local accounts."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from acd import config as configuration
from acd.web.access.auth import COOKIE
from tests.web.support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.web.support.web_server import CONFIG, TEAMS_CONFIG, RunningServer, running_server
from tests.web.test_brand_rights import BRANDS_CONFIG

PAGE = "http://127.0.0.1"


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    async with identity_provider() as provider:
        yield provider


def config(
    provider: IdentityProvider, folder: Path, written: dict[str, Any] | None = None, /, **changes: Any
) -> configuration.Config:
    (folder / "client-secret").write_text(SECRET)
    table = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret_file": str(folder / "client-secret"),
        "groups": {"Support Leads": ["operator"], "Listeners": ["qa"]},
    }
    written = written or (TEAMS_CONFIG if "teams" in changes else CONFIG)
    return configuration.check({**written, "web": {"public_url": PAGE, "oidc": table | changes}})


@pytest.fixture
async def house(database: str, tmp_path: Path, provider: IdentityProvider) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database, config=config(provider, tmp_path)) as house:
        provider.now = lambda: house.time.now().timestamp()
        yield house


async def led_back(client: aiohttp.ClientSession) -> dict[str, str]:
    async with client.post("/api/log-in/oidc/begin", json={}) as answer:
        assert answer.status == 200, await answer.text()
        go = (await answer.json())["go"]
    async with aiohttp.ClientSession() as browser, browser.get(go, allow_redirects=False) as answer:
        back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{PAGE}/log-in/oidc"
    async with client.get(f"{back.path}?{back.query}") as answer:
        assert answer.status == 200, "the page itself"
    return {name: value for name, value in parse_qsl(back.query) if name in ("state", "code", "iss", "error")}


async def log_in(client: aiohttp.ClientSession) -> tuple[int, dict[str, Any]]:
    async with client.post("/api/log-in/oidc", json=await led_back(client)) as answer:
        return answer.status, await answer.json()


async def get(client: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with client.get(path) as answer:
        return answer.status, await answer.json()


async def test_a_company_account_opens_what_its_groups_allow(house: RunningServer, provider: IdentityProvider):
    async with house.client() as client:
        assert (await get(client, "/api/log-in/ways"))[1]["oidc"]["en"] == "Log in with your company account"
        status, me = await log_in(client)
        assert (status, me["account"], me["roles"], me["teams"]) == (200, "oidc:li.na", ["operator"], [])
        assert "floor-see" in me["may"] and "recordings-hear" not in me["may"]
        assert (await get(client, "/api/state"))[0] == 200
        assert (await get(client, "/api/recordings"))[0] == 403
        assert (await get(client, "/api/sign-in"))[1]["code"] == "page-only"
        assert (await get(client, "/api/log-in/ways"))[1]["oidc"]["log_out"].startswith(f"{provider.issuer}/log-out?")
        async with client.post("/api/log-out") as answer:
            assert answer.status == 204
        assert (await get(client, "/api/me"))[0] == 401
    lines = [json.loads(line) for line in (house.folder / "audit.log").read_text().splitlines()]
    (line,) = [line for line in lines if line["action"] == "logged in"]
    assert (line["who"], line["how"]) == ("oidc:li.na", "oidc")


async def test_who_is_in_no_group_is_told_so(house: RunningServer, provider: IdentityProvider):
    provider.person["groups"] = ["Everybody"]
    async with house.client() as client:
        status, problem = await log_in(client)
        assert (status, problem["code"]) == (403, "no-group")
        assert "none of your groups has a role here" in problem["detail"]
        assert COOKIE not in {cookie.key for cookie in client.cookie_jar}
    line = json.loads((house.folder / "audit.log").read_text().splitlines()[-1])
    assert (line["who"], line["action"], line["why"]) == ("identity provider", "log-in refused", "no-group")


LEADS: dict[str, Any] = {
    "groups": {"Support Leads": ["supervisor"], "Listeners": ["qa"]},
    "teams": {"Support Leads": ["orders"], "Everybody": ["after-sales"]},
}


@pytest.mark.parametrize(
    ("groups", "teams", "agents"),
    [
        (["Support Leads"], ["orders"], {"1001", "1002"}),
        (["Support Leads", "Everybody"], ["after-sales", "orders"], {"1001", "1002", "1003"}),
    ],
)
async def test_a_company_account_leads_the_teams_of_its_groups_and_no_other(
    database: str, tmp_path: Path, provider: IdentityProvider, groups: list[str], teams: list[str], agents: set[str]
):
    provider.person["groups"] = groups
    table = config(provider, tmp_path, **LEADS)
    async with running_server(tmp_path / "state", database, config=table) as house, house.client() as client:
        provider.now = lambda: house.time.now().timestamp()
        status, me = await log_in(client)
        assert (status, me["roles"], me["teams"]) == (200, ["supervisor"], teams)
        assert {row["agent"] for row in (await get(client, "/api/state"))[1]["agents"]} == agents


async def test_other_teams_of_a_group_end_the_sessions(database: str, tmp_path: Path, provider: IdentityProvider):
    provider.person["groups"] = ["Support Leads"]
    async with (
        running_server(tmp_path / "state", database, config=config(provider, tmp_path, **LEADS)) as house,
        house.client() as client,
    ):
        await log_in(client)
        cookie = next(cookie.value for cookie in client.cookie_jar if cookie.key == COOKIE)
    for leads, expected in (("orders", 200), ("after-sales", 401)):
        changed = config(provider, tmp_path, **LEADS | {"teams": {"Support Leads": [leads]}})
        async with running_server(tmp_path / "state", database, config=changed) as house, house.client() as client:
            client.cookie_jar.update_cookies({COOKIE: cookie})
            assert (await get(client, "/api/me"))[0] == expected


SHOP: dict[str, Any] = {
    "groups": {"Support Leads": ["operator"], "Shop": ["operator"]},
    "brands": {"Shop": ["acme"], "Outlet": ["bolt"]},
}


@pytest.mark.parametrize(
    ("groups", "brands", "agents"),
    [
        (["Support Leads"], [], {"1001", "1002", "1003"}),
        (["Shop"], ["acme"], {"1001", "1002"}),
        (["Support Leads", "Shop"], ["acme"], {"1001", "1002"}),
        (["Shop", "Outlet"], ["acme", "bolt"], {"1001", "1002", "1003"}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
async def test_a_company_account_is_limited_to_the_brands_of_its_groups(
    database: str, tmp_path: Path, provider: IdentityProvider, groups: list[str], brands: list[str], agents: set[str]
):
    """A group that is limited limits its members, whatever other groups they are in."""
    provider.person["groups"] = groups
    table = config(provider, tmp_path, BRANDS_CONFIG, **SHOP)
    async with running_server(tmp_path / "state", database, config=table) as house, house.client() as client:
        provider.now = lambda: house.time.now().timestamp()
        status, me = await log_in(client)
        assert (status, me["roles"], me["brands"]) == (200, ["operator"], brands)
        assert {row["agent"] for row in (await get(client, "/api/state"))[1]["agents"]} == agents


async def test_an_administrator_ends_the_sessions_of_a_company_account_and_changes_nothing_else_of_it(
    house: RunningServer,
):
    async with house.client() as person, house.client("administrator") as administrator:
        await log_in(person)
        rows = (await get(administrator, "/api/accounts"))[1]["accounts"]
        assert [(row["account"], row["roles"]) for row in rows if row["provider"]] == [("oidc:li.na", ["operator"])]
        for word, body in (("roles", {"roles": ["qa"]}), ("new-password", {}), ("remove", {})):
            async with administrator.post(f"/api/accounts/oidc:li.na/{word}", json=body) as answer:
                told = await answer.json()
                assert (answer.status, told["code"]) == (409, "providers-account"), word
        assert (await get(person, "/api/me"))[0] == 200
        async with administrator.post("/api/accounts/oidc:li.na/end-sessions", json={}) as answer:
            assert answer.status == 200
        assert (await get(person, "/api/me"))[0] == 401
        assert (await log_in(person))[0] == 200, "it may log in again"
        async with administrator.post("/api/accounts/oidc:nobody/end-sessions", json={}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "unknown-account")


async def test_a_browser_that_did_not_begin_gets_nothing_of_it(house: RunningServer):
    async with house.client() as client, house.client() as other:
        said = await led_back(client)
        async with other.post("/api/log-in/oidc", json=said) as answer:
            assert (answer.status, (await answer.json())["code"]) == (401, "log-in-over")


async def test_local_accounts_come_in_while_the_provider_is_away(house: RunningServer, provider: IdentityProvider):
    provider.discovery = lambda document: []
    async with house.client() as client, client.post("/api/log-in/oidc/begin", json={}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (502, "provider-wrong")
    async with house.client("operator") as client:
        assert (await get(client, "/api/state"))[0] == 200


async def test_a_session_goes_on_after_a_restart_and_ends_with_the_group(
    database: str, tmp_path: Path, provider: IdentityProvider
):
    async with (
        running_server(tmp_path / "state", database, config=config(provider, tmp_path)) as house,
        house.client() as client,
    ):
        await log_in(client)
        cookie = next(cookie.value for cookie in client.cookie_jar if cookie.key == COOKIE)

    async def account(**changes: Any) -> int:
        async with (
            running_server(tmp_path / "state", database, config=config(provider, tmp_path, **changes)) as house,
            house.client() as client,
        ):
            client.cookie_jar.update_cookies({COOKIE: cookie})
            return (await get(client, "/api/me"))[0]

    assert await account() == 200
    assert await account(groups={"Listeners": ["qa"]}) == 401


async def test_another_log_in_without_the_group_ends_the_sessions_of_before(
    house: RunningServer, provider: IdentityProvider
):
    async with house.client() as desk, house.client() as home:
        assert (await log_in(desk))[0] == 200
        provider.person["groups"] = []
        assert (await log_in(home))[0] == 403
        assert (await get(desk, "/api/me"))[0] == 401


async def test_the_policy_for_second_factors_is_the_providers_own_affair(
    database: str, tmp_path: Path, provider: IdentityProvider
):
    made = config(provider, tmp_path).model_dump(mode="json", exclude_unset=True)
    made["web"]["second_factor"] = {"roles": ["operator"]}
    strict = configuration.check(made)
    async with running_server(tmp_path / "state", database, config=strict) as house, house.client() as client:
        assert (await log_in(client))[1]["roles"] == ["operator"]


async def test_what_is_sent_must_be_as_described(house: RunningServer):
    async with house.client() as client:
        for body in ({}, {"state": "a\nb"}, {"state": "x" * 5_000}, {"state": "x", "to": "https://evil.example"}):
            async with client.post("/api/log-in/oidc", json=body) as answer:
                assert answer.status == 400, body
        async with client.get(
            "/log-in/oidc?state=x&session_state=y&to=https://evil.example", allow_redirects=False
        ) as answer:
            assert (answer.status, "Location" in answer.headers) == (200, False)
