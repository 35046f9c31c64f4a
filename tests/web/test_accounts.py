"""Accounts by the administrator's page and interface: added, changed, removed, each with its line in the audit log."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.web.support.web_server import ADMINISTRATOR_PASSWORD, TEAMS_CONFIG, RunningServer, running_server


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("accounts"))
    async with running_server(folder / "state", database, TEAMS_CONFIG) as house:
        yield house


@pytest.fixture
async def administrator(house: RunningServer) -> AsyncIterator[aiohttp.ClientSession]:
    """Logged in for one test: where two administrators remove each other, either's session may be the one that ends."""
    async with house.client("administrator") as client:
        yield client


async def post(client: aiohttp.ClientSession, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def logged_in(house: RunningServer, account: str, password: str) -> aiohttp.ClientSession | None:
    jar = aiohttp.CookieJar(unsafe=True)
    client = aiohttp.ClientSession(house.url, headers={"Origin": house.url}, cookie_jar=jar)
    async with client.post("/api/log-in", json={"account": account, "password": password}) as answer:
        if answer.status == 200:
            return client
    await client.close()
    return None


def audited(house: RunningServer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (house.folder / "audit.log").read_text("utf-8").splitlines()]


async def test_an_account_is_added_changed_and_removed(house: RunningServer, administrator: aiohttp.ClientSession):
    status, made = await post(administrator, "/api/accounts", account="chen", roles=["supervisor"], teams=["orders"])
    assert (status, made["account"], made["note"]) == (201, "chen", "")
    chen = await logged_in(house, "chen", made["password"])
    assert chen is not None
    me = await (await chen.get("/api/me")).json()
    assert (me["roles"], me["teams"], "agents-act" in me["may"]) == (["supervisor"], ["orders"], True)
    assert (await chen.get("/api/accounts")).status == 403
    status, told = await post(administrator, "/api/accounts/chen/roles", roles=["qa"])
    assert (status, told["account"]) == (200, "chen")
    assert (await chen.get("/api/me")).status == 401, "the session of the former roles goes on"
    status, told = await post(administrator, "/api/accounts/chen/new-password")
    assert status == 200 and told["password"] != made["password"]
    assert await logged_in(house, "chen", made["password"]) is None
    again = await logged_in(house, "chen", told["password"])
    assert again is not None
    assert (await again.get("/api/recordings")).status == 200
    assert (await post(administrator, "/api/accounts/chen/end-sessions"))[0] == 200
    assert (await again.get("/api/me")).status == 401
    assert (await post(administrator, "/api/accounts/chen/remove"))[0] == 200
    assert house.accounts.get("chen") is None
    mine = [(line["who"], line["action"]) for line in audited(house) if line.get("account") == "chen"]
    assert mine == [
        ("administrator", f"account {what}") for what in ("added", "roles", "password", "sessions ended", "removed")
    ]
    assert made["password"] not in str(audited(house)) and told["password"] not in str(audited(house))
    for client in (chen, again):
        await client.close()


async def test_the_list_has_roles_and_teams_and_no_password(administrator: aiohttp.ClientSession):
    told = await (await administrator.get("/api/accounts")).json()
    rows = {row["account"]: (row["roles"], row["teams"]) for row in told["accounts"]}
    assert rows["supervisor"] == (["supervisor"], ["orders"])
    assert {row["role"] for row in told["roles"]} == {"supervisor", "qa", "operator", "administrator", "wall"}
    assert told["teams"][0] == {
        "team": "orders",
        "zh": "订单组",
        "en": "Orders team",
        "queues": ["orders"],
        "agents": 2,
    }
    assert "argon2" not in str(told) and "stamp" not in str(told)


async def test_the_last_administrator_stays_one(house: RunningServer, administrator: aiohttp.ClientSession):
    for path, body in (("remove", {}), ("roles", {"roles": ["operator"]})):
        status, told = await post(administrator, f"/api/accounts/administrator/{path}", **body)
        assert (status, told["code"]) == (409, "last-administrator")
        assert "only administrator" in told["detail"]
    status, _ = await post(administrator, "/api/accounts", account="second", roles=["administrator"])
    assert status == 201
    assert (await post(administrator, "/api/accounts/second/remove"))[0] == 200


async def test_of_two_administrators_who_remove_each_other_one_stays(house: RunningServer):
    """In the same moment: whoever comes second finds the own account gone, or the other the only one."""
    password = house.accounts.add("second", ["administrator"])
    first = await logged_in(house, "administrator", ADMINISTRATOR_PASSWORD)
    second = await logged_in(house, "second", password)
    assert first is not None and second is not None
    await asyncio.gather(post(first, "/api/accounts/second/remove"), post(second, "/api/accounts/administrator/remove"))
    left = [one.name for one in house.accounts.all() if "administrator" in one.roles]
    assert len(left) == 1
    if left == ["second"]:
        house.accounts.add("administrator", ["administrator"], ADMINISTRATOR_PASSWORD)
        house.accounts.remove("second")
    for client in (first, second):
        await client.close()


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        (
            {"account": "x", "roles": ["king"]},
            400,
            "unknown-role",
            "Use one or more of: supervisor, qa, operator, administrator, wall.",
        ),
        ({"account": "x", "roles": []}, 400, "bad-request", "roles"),
        ({"account": "x", "roles": ["supervisor"], "teams": ["order"]}, 400, "unknown-team", "There is no team order."),
        ({"account": "x", "roles": ["supervisor"], "teams": ["a\r\nb"]}, 400, "illegal-character", "teams"),
        ({"account": "1010", "roles": ["qa"]}, 400, "account-is-extension", "Use a letter in the name."),
        ({"account": "a/b", "roles": ["qa"]}, 400, "bad-account-name", "Use letters, digits, dots and dashes."),
        ({"account": "a\x00b", "roles": ["qa"]}, 400, "illegal-character", "account"),
        ({"account": "operator", "roles": ["qa"]}, 409, "account-there", "is already there"),
        ({"account": "x", "roles": ["qa"], "password": "chosen-by-somebody"}, 400, "bad-request", "password"),
    ],
)
async def test_what_is_wrong_is_told_and_adds_nobody(
    house: RunningServer, body: dict[str, Any], status: int, code: str, said: str
):
    names = house.accounts.names()
    async with house.client("token") as client:
        found, told = await post(client, "/api/accounts", **body)
    assert (found, told["code"], said in told["detail"]) == (status, code, True), told
    assert house.accounts.names() == names


async def test_a_supervisor_without_a_team_is_told_of(house: RunningServer):
    async with house.client("token") as client:
        status, told = await post(client, "/api/accounts", account="ma", roles=["supervisor"])
        assert (status, told["note"]) == (201, "A supervisor without a team sees nothing: give the account a team.")
        assert (await post(client, "/api/accounts/ma/remove"))[0] == 200


async def test_nothing_is_changed_when_the_audit_log_cannot_be_written(
    house: RunningServer, administrator: aiohttp.ClientSession
):
    file = house.folder / "audit.log"
    kept = file.with_suffix(".kept")
    file.rename(kept)
    file.mkdir()
    try:
        status, told = await post(administrator, "/api/accounts", account="wu", roles=["qa"])
        assert (status, told["code"]) == (503, "audit-away")
        assert house.accounts.get("wu") is None
    finally:
        file.rmdir()
        kept.rename(file)
