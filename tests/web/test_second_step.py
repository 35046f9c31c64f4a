"""The second step of a log-in, by code and by passkey, over HTTP on a real server."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pyotp
import pytest

from acd import config as configuration
from acd.web.access.auth import COOKIE, DOOR, STEP_COOKIE
from tests.web.support.soft_key import PRESENT, SoftKey
from tests.web.support.web_server import CONFIG, OPERATOR_PASSWORD, QA_PASSWORD, RunningServer, running_server

PASSWORDS = {"operator": OPERATOR_PASSWORD, "qa": QA_PASSWORD}


def with_web(**web: Any) -> configuration.Config:
    return configuration.check({**CONFIG, "web": web})


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    config = with_web(public_url="http://127.0.0.1")
    async with running_server(tmp_path / "state", database, config=config) as house:
        yield house


async def post(client: aiohttp.ClientSession, path: str, body: object = None) -> tuple[int, Any]:
    async with client.post(path, json={} if body is None else body) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


async def get(client: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with client.get(path) as answer:
        return answer.status, await answer.json()


async def log_in(client: aiohttp.ClientSession, account: str = "operator", password: str = "") -> tuple[int, Any]:
    return await post(client, "/api/log-in", {"account": account, "password": password or PASSWORDS[account]})


class App:
    """An authenticator app on a telephone."""

    def __init__(self, house: RunningServer, secret: str) -> None:
        self._time, self._totp = house.time, pyotp.TOTP(secret)

    def code(self) -> str:
        """A new one: half a minute has passed since the one before."""
        self._time.forward(30)
        return self._totp.at(self._time.now())


async def with_app(house: RunningServer, client: aiohttp.ClientSession) -> tuple[App, list[str]]:
    """This client's account gets an app. The app, and the recovery codes."""
    status, made = await post(client, "/api/sign-in/totp/begin")
    assert status == 200 and made["picture"].startswith("data:image/svg+xml")
    app = App(house, made["secret"])
    status, told = await post(client, "/api/sign-in/totp/confirm", {"code": app.code()})
    assert status == 200
    return app, told["recovery_codes"]


def audited(house: RunningServer) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in (house.folder / "audit.log").read_text().splitlines()]
    return [(row["who"], row["action"]) for row in rows]


async def test_a_password_alone_opens_nothing_once_there_is_an_app(house: RunningServer):
    async with house.client("operator") as client:
        app, codes = await with_app(house, client)
    async with house.client() as client:
        status, problem = await log_in(client)
        assert (status, problem["code"], problem["allowed"]) == (401, "second-factor", ["code"])
        cookies = {cookie.key: cookie for cookie in client.cookie_jar}
        assert COOKIE not in cookies and STEP_COOKIE in cookies
        assert cookies[STEP_COOKIE]["httponly"] and cookies[STEP_COOKIE]["samesite"] == "Strict"
        assert (await get(client, "/api/me"))[0] == 401
        assert (await post(client, "/api/log-in/code", {"code": "000000"}))[1]["code"] == "wrong-code"
        code = app.code()
        status, me = await post(client, "/api/log-in/code", {"code": code})
        assert (status, me["account"], me["roles"]) == (200, "operator", ["operator"])
        assert (await get(client, "/api/me"))[0] == 200
        assert (await post(client, "/api/log-in/code", {"code": app.code()}))[1]["code"] == "log-in-over"
    async with house.client() as client:
        await log_in(client)
        status, problem = await post(client, "/api/log-in/code", {"code": code})
        assert (status, problem["code"]) == (401, "used-code")
        assert (await post(client, "/api/log-in/code", {"code": codes[0]}))[0] == 200
        assert (await get(client, "/api/sign-in"))[1]["recovery_codes"] == 9
    lines = audited(house)
    for action in ("second factor on", "log-in refused", "logged in", "recovery code used"):
        assert ("operator", action) in lines
    written = (house.folder / "audit.log").read_text()
    assert not [secret for secret in (code, *codes) if secret in written]


async def test_codes_are_looked_at_five_times_and_a_right_password_gives_no_more(house: RunningServer):
    async with house.client("operator") as client:
        app, _ = await with_app(house, client)
        found = []
        for _ in range(8):  # in a browser that the account knows, where a whole log-in makes good for all before it
            password = (await log_in(client))[1]["code"]
            found.append((password, (await post(client, "/api/log-in/code", {"code": "000000"}))[1]["code"]))
        assert found == [("second-factor", "wrong-code")] * 5 + [("too-many-tries", "too-many-tries")] * 3
        status, problem = await post(client, "/api/log-in/code", {"code": app.code()})
        assert (status, problem["code"]) == (429, "too-many-tries"), "shut means shut, for the right code too"
        house.time.forward(15 * 60)
        assert (await log_in(client))[1]["code"] == "second-factor"
        assert (await post(client, "/api/log-in/code", {"code": app.code()}))[0] == 200


@pytest.mark.parametrize("change", ["too late", "another password", "removed", "no cookie", "another cookie"])
async def test_a_second_step_without_a_first_one_is_refused(house: RunningServer, change: str):
    async with house.client("operator") as client:
        app, _ = await with_app(house, client)
    async with house.client() as client:
        await log_in(client)
        if change == "too late":
            house.time.forward(5 * 60)
        elif change == "another password":
            house.accounts.set_password("operator", "another-password-9")
        elif change == "removed":
            house.accounts.remove("operator")
        else:
            client.cookie_jar.clear()
            if change == "another cookie":
                client.cookie_jar.update_cookies({STEP_COOKIE: "x" * 43})
        status, problem = await post(client, "/api/log-in/code", {"code": app.code()})
        assert (status, problem["code"]) == (401, "log-in-over")


async def test_a_link_asks_for_the_second_factor_too(house: RunningServer):
    async with house.client("operator") as client:
        app, _ = await with_app(house, client)
    token = house.accounts.issue_token("operator")
    async with house.client() as client:
        async with client.get("/log-in", params={"token": token}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/?log-in=code")
        async with client.get("/?log-in=code") as answer:
            assert answer.status == 200
        assert (await get(client, "/api/me"))[0] == 401
        assert (await post(client, "/api/log-in/code", {"code": app.code()}))[0] == 200


async def test_a_change_needs_a_recent_log_in_and_ends_the_other_sessions(house: RunningServer):
    async with house.client("operator") as client, house.client("operator") as other:
        house.time.forward(16 * 60)
        assert (await get(client, "/api/sign-in"))[1]["recent"] is False
        for path in ("totp/begin", "totp/off", "recovery-codes", "passkeys/begin"):
            assert (await post(client, f"/api/sign-in/{path}"))[1]["code"] == "log-in-again"
        await log_in(client)
        await with_app(house, client)
        assert (await get(other, "/api/me"))[0] == 401
        assert (await get(client, "/api/me"))[0] == 200
        assert (await post(client, "/api/sign-in/totp/off"))[0] == 204
        status, problem = await post(client, "/api/sign-in/totp/off")
        assert (status, problem["code"]) == (409, "no-factor")
    async with house.client("operator") as client:
        assert (await get(client, "/api/me"))[0] == 200, "the password alone opens again"


async def test_an_app_that_never_showed_a_code_is_asked_for_nothing(house: RunningServer):
    async with house.client("operator") as client, house.client("qa") as other:
        assert (await post(client, "/api/sign-in/totp/confirm", {"code": "123456"}))[1]["code"] == "no-new-app"
        _, made = await post(client, "/api/sign-in/totp/begin")
        good = App(house, made["secret"]).code()
        assert (await post(other, "/api/sign-in/totp/confirm", {"code": good}))[1]["code"] == "no-new-app"
        assert (await post(client, "/api/sign-in/totp/confirm", {"code": "000000"}))[1]["code"] == "bad-factor"
    async with house.client("operator"):
        pass


async def test_programs_and_agents_have_no_second_factor(house: RunningServer):
    async with house.client("token") as client:
        assert (await get(client, "/api/sign-in"))[1]["code"] == "page-only"
    async with house.client("1001") as client:
        assert (await get(client, "/api/sign-in"))[1]["code"] == "not-allowed"


async def test_a_role_that_must_have_one_sets_it_up_and_does_nothing_else_before(database: str, tmp_path: Path):
    config = with_web(second_factor={"roles": ["operator"]})
    async with running_server(tmp_path / "state", database, config=config) as house:
        async with house.client("qa") as client:
            assert (await get(client, "/api/me"))[1]["roles"] == ["qa"]
        async with house.client() as client:
            assert (await log_in(client))[1]["roles"] == ["enrolling"]
            for path in ("/api/state", "/api/events", "/api/agents", "/api/vocabulary", "/api/calls", "/api"):
                async with client.get(path) as answer:
                    assert answer.status == 403, path
            assert (await post(client, "/api/agents/1001/ready"))[0] == 403
            assert (await get(client, "/api/sign-in"))[1]["must"] is True
            await with_app(house, client)
            assert (await get(client, "/api/state"))[0] == 200
            assert (await post(client, "/api/sign-in/totp/off"))[0] == 204
            assert (await get(client, "/api/state"))[0] == 403
        async with house.client("token") as client:
            assert (await get(client, "/api/state"))[0] == 200, "the command line goes on"


async def test_the_policy_begins_with_its_day_by_the_hotlines_clock(database: str, tmp_path: Path):
    async with running_server(
        tmp_path / "state",
        database,
        config=with_web(second_factor={"roles": ["operator"], "from_day": "2026-12-02"}),
    ) as house:
        door = house.app[DOOR]
        account = house.accounts.get("operator")
        assert account is not None
        at = datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)  # one second before midnight in Shanghai
        house.time.forward((at - house.time.now()).total_seconds())
        assert not door.must_have_second(account)
        house.time.forward(2)
        assert door.must_have_second(account)


def device(house: RunningServer, **changes: Any) -> SoftKey:
    return SoftKey(**{"origin": house.url, "host": "127.0.0.1", **changes})


async def add(client: aiohttp.ClientSession, key: SoftKey, name: str = "laptop") -> tuple[int, Any]:
    status, told = await post(client, "/api/sign-in/passkeys/begin")
    assert status == 200
    return await post(client, "/api/sign-in/passkeys", {"name": name, "credential": key.registers(told["options"])})


async def by_passkey(client: aiohttp.ClientSession, key: SoftKey) -> tuple[int, Any]:
    status, told = await post(client, "/api/log-in/passkey/begin")
    assert status == 200
    return await post(client, "/api/log-in/passkey", {"credential": key.signs(told["options"])})


async def test_a_passkey_logs_in_without_a_password(house: RunningServer):
    laptop, phone = device(house, count=7), device(house)
    async with house.client("operator") as client:
        status, told = await add(client, laptop)
        assert (status, len(told["recovery_codes"])) == (200, 10)
        assert (await add(client, phone, "telephone"))[1] == {"recovery_codes": []}
        assert [one["name"] for one in (await get(client, "/api/sign-in"))[1]["passkeys"]] == ["laptop", "telephone"]
        _, options = await post(client, "/api/sign-in/passkeys/begin")
        assert {one["id"] for one in options["options"]["excludeCredentials"]} == {
            laptop.registers(options["options"])["id"],
            phone.registers(options["options"])["id"],
        }
        assert options["options"]["authenticatorSelection"]["userVerification"] == "required"
        assert options["options"]["rp"]["id"] == "127.0.0.1"
    for key in (laptop, phone, laptop):
        async with house.client() as client:
            assert (await by_passkey(client, key))[1]["account"] == "operator"
            assert (await get(client, "/api/me"))[0] == 200
    async with house.client() as client:
        _, problem = await log_in(client)
        assert problem["allowed"] == ["code", "passkey"], "the password alone opens nothing"
        await by_passkey(client, phone)
        keys = (await get(client, "/api/sign-in"))[1]["passkeys"]
        assert all(one["used_at"] for one in keys)
        assert (await post(client, f"/api/sign-in/passkeys/{keys[0]['id']}/remove"))[0] == 204
        assert (await post(client, f"/api/sign-in/passkeys/{keys[0]['id']}/remove"))[1]["code"] == "unknown-passkey"
    async with house.client() as client:
        assert (await by_passkey(client, laptop))[1]["code"] == "unknown-passkey"
    assert {action for _, action in audited(house)} >= {"passkey added", "passkey removed", "logged in"}


async def test_a_passkey_that_does_not_hold_is_refused(house: RunningServer):
    key = device(house, count=7)
    async with house.client("operator") as client:
        await add(client, key)
    async with house.client() as client:

        async def refused(used: SoftKey, **changes: Any) -> str:
            _, told = await post(client, "/api/log-in/passkey/begin")
            answer = used.signs(told["options"])
            answer["response"] |= changes
            return str((await post(client, "/api/log-in/passkey", {"credential": answer}))[1]["code"])

        def like(**changes: Any) -> SoftKey:
            same = {name: getattr(key, name) for name in ("origin", "host", "count", "id", "key", "handle")}
            return SoftKey(**{**same, **changes})

        bad = {
            "another page": like(origin="https://evil.example"),
            "another host": like(host="evil.example"),
            "nobody verified": like(flags=PRESENT),
            "nobody there": like(flags=0x04),
            "another key": like(key=device(house).key),
            "a copy that has counted less": like(count=2),
            "another account's": like(handle="A" * 43),
        }
        assert {name: await refused(one) for name, one in bad.items()} == dict.fromkeys(bad, "passkey-refused")
        for field in ("clientDataJSON", "authenticatorData", "signature"):
            for nonsense in ("", "x", "AAAA", "é", "A" * 19_000, None):
                if nonsense is None and field == "clientDataJSON":
                    continue
                assert await refused(like(), **{field: nonsense}) == "passkey-refused", (field, nonsense)
        _, told = await post(client, "/api/log-in/passkey/begin")
        answer = key.signs(told["options"])
        body = {"credential": answer}
        assert (await post(client, "/api/log-in/passkey", body))[0] == 200
        assert (await post(client, "/api/log-in/passkey", body))[1]["code"] == "passkey-refused", (
            "a challenge is used once"
        )
        _, told = await post(client, "/api/log-in/passkey/begin")
        house.time.forward(5 * 60)
        late = {"credential": key.signs(told["options"])}
        assert (await post(client, "/api/log-in/passkey", late))[1]["code"] == "passkey-refused"
        assert (await post(client, "/api/log-in/passkey", {"credential": {"id": "x"}}))[0] == 400


async def test_a_registration_that_does_not_hold_is_refused(house: RunningServer):
    async with house.client("operator") as client, house.client("qa") as other:
        for bad in (
            device(house, origin="https://evil.example"),
            device(house, host="evil.example"),
            device(house, flags=PRESENT),
        ):
            assert (await add(client, bad))[1]["code"] == "passkey-refused"
        _, told = await post(client, "/api/sign-in/passkeys/begin")
        body = {"name": "mine", "credential": device(house).registers(told["options"])}
        status, problem = await post(other, "/api/sign-in/passkeys", body)
        assert (status, problem["code"]) == (400, "passkey-refused"), "another account's challenge"
        for name in ("", "a\nb", "x" * 65):
            assert (await post(client, "/api/sign-in/passkeys", body | {"name": name}))[0] == 400
        assert (await get(client, "/api/sign-in"))[1]["passkeys"] == []


async def test_without_an_address_of_the_page_there_are_no_passkeys(database: str, tmp_path: Path):
    async with running_server(tmp_path / "state", database) as house, house.client("operator") as client:
        assert (await get(client, "/api/log-in/ways"))[1] == {"passkey": False, "oidc": None}
        assert (await post(client, "/api/log-in/passkey/begin"))[1]["code"] == "no-passkeys"
        assert (await post(client, "/api/sign-in/passkeys/begin"))[1]["code"] == "no-passkeys"
        assert (await post(client, "/api/log-in/oidc/begin"))[1]["code"] == "no-provider"


async def test_another_page_can_not_log_somebody_in(house: RunningServer):
    elsewhere = {"Origin": "https://evil.example"}
    async with house.client() as client:
        for path, body in {
            "/api/log-in": {"account": "qa", "password": QA_PASSWORD},
            "/api/log-in/code": {"code": "123456"},
            "/api/log-in/passkey/begin": {},
            "/api/log-in/oidc/begin": {},
            "/api/log-in/oidc": {"state": "x"},
        }.items():
            async with client.post(path, json=body, headers=elsewhere) as answer:
                assert (answer.status, (await answer.json())["code"]) == (403, "cross-site"), path


async def test_a_session_and_what_it_may_outlive_a_restart(database: str, tmp_path: Path):
    config = with_web(second_factor={"roles": ["operator"]})
    async with running_server(tmp_path / "state", database, config=config) as house, house.client("operator") as client:
        cookie = next(cookie.value for cookie in client.cookie_jar if cookie.key == COOKIE)
    async with running_server(tmp_path / "state", database, config=config) as house, house.client() as client:
        client.cookie_jar.update_cookies({COOKIE: cookie})
        assert (await get(client, "/api/me"))[1]["roles"] == ["enrolling"]
        house.time.forward(timedelta(minutes=31).total_seconds())
        assert (await get(client, "/api/me"))[0] == 401
