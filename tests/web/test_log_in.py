"""Getting in, staying in, being shut out."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.web.access.accounts import Accounts, BadAccount
from acd.web.access.audit import Changed, verify
from acd.web.access.auth import COOKIE, Limiter
from acd.web.access.tokens import BadToken, Tokens
from acd.web.server.problems import Problem
from tests.support import passwords
from tests.web.support.web_server import OPERATOR_PASSWORD, QA_PASSWORD, RunningServer, running_server


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A house of its own for each test: what is shut in one is open in the next."""
    async with running_server(tmp_path / "state", database) as house:
        yield house


async def log_in(client: aiohttp.ClientSession, account: str, password: str) -> tuple[int, dict[str, Any]]:
    async with client.post("/api/log-in", json={"account": account, "password": password}) as answer:
        return answer.status, await answer.json()


def session_of(client: aiohttp.ClientSession) -> str:
    return next(cookie.value for cookie in client.cookie_jar if cookie.key == COOKIE)


async def test_there_is_no_account_at_first(tmp_path: Path):
    accounts = Accounts(tmp_path)
    assert accounts.names() == []
    assert accounts.verify("admin", "admin") is None


async def test_the_cookie_is_kept_from_scripts_and_other_sites(house: RunningServer):
    async with house.client() as client:
        body = {"account": "qa", "password": QA_PASSWORD}
        async with client.post("/api/log-in", json=body) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert len(cookie.split("=", 1)[1].split(";")[0]) >= 43  # 256 bits
        async with client.get("/api/me") as answer:
            me = await answer.json()
            assert (me["account"], me["roles"], me["name"], me["teams"]) == ("qa", ["qa"], "", [])


async def test_a_log_in_makes_a_new_session_and_ends_the_old_one(house: RunningServer):
    async with house.client("qa") as client:
        first = session_of(client)
        await log_in(client, "qa", QA_PASSWORD)
        assert session_of(client) != first
    async with house.client() as client, client.get("/api/me", headers={"Cookie": f"{COOKIE}={first}"}) as answer:
        assert answer.status == 401


async def test_log_out_ends_the_session_at_once_and_its_stream_too(house: RunningServer):
    async with house.client("operator") as client:
        value = session_of(client)
        async with client.get("/api/events") as stream:
            await stream.content.readline()
            async with client.post("/api/log-out") as answer:
                assert answer.status == 204
            async with asyncio.timeout(30):
                while await stream.content.readline():
                    pass
        async with client.get("/api/me", headers={"Cookie": f"{COOKIE}={value}"}) as answer:
            assert answer.status == 401


async def test_a_wrong_password_ten_times(house: RunningServer):
    answers = []
    async with house.client() as client:
        for _ in range(10):
            answers.append(await log_in(client, "qa", "wrong-wrong-wrong"))
        right = await log_in(client, "qa", QA_PASSWORD)
        assert [status for status, _ in answers] == [401] * 5 + [429] * 5
        assert {problem["code"] for _, problem in answers} == {"wrong-log-in", "too-many-tries"}
        assert right[0] == 429, "shut means shut, for the right password too"
        house.time.forward(15 * 60 + 1)
        assert (await log_in(client, "qa", QA_PASSWORD))[0] == 200


async def test_an_unknown_account_is_told_the_same_as_a_known_one(house: RunningServer, tmp_path: Path):
    def same(problem: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in problem.items() if name != "incident"}

    async with house.client() as client:
        known = [await log_in(client, "qa", "wrong-wrong-wrong") for _ in range(6)]
    house.time.forward(16 * 60)
    async with house.client() as client:
        unknown = [await log_in(client, "nobody", "wrong-wrong-wrong") for _ in range(6)]
    assert [(status, same(problem)) for status, problem in known] == [(s, same(p)) for s, p in unknown]


async def test_a_burst_of_guesses_is_looked_at_five_times_only(house: RunningServer, monkeypatch: pytest.MonkeyPatch):
    looked = 0
    verify_ = Accounts.verify

    def counting(self: Accounts, name: str, password: str) -> object:
        nonlocal looked
        looked += 1
        return verify_(self, name, password)

    monkeypatch.setattr(Accounts, "verify", counting)
    async with house.client() as client:
        found = await asyncio.gather(*(log_in(client, "operator", f"guess-{n}-guess-guess") for n in range(30)))
    assert looked == 5
    assert sorted(status for status, _ in found) == [401] * 5 + [429] * 25


async def test_guessing_from_elsewhere_does_not_keep_the_owner_out(house: RunningServer):
    from acd.web.access.auth import DOOR

    door = house.app[DOOR]
    async with house.client("operator"):
        pass
    for _ in range(9):
        door.lockout.begin("operator", "192.0.2.7")
    assert door.lockout.begin("operator", "192.0.2.8"), "all other places have five tries together"
    async with house.client() as client:
        assert (await log_in(client, "operator", OPERATOR_PASSWORD))[0] == 200


async def test_a_link_that_nobody_has_costs_no_write(house: RunningServer):
    Accounts(house.folder, house.time.now).issue_token("qa")
    file = house.folder / "log_in_tokens.json"
    before = file.stat().st_ino
    async with house.client() as client:
        for token in ("x", "y" * 128):
            async with client.get("/log-in", params={"token": token}, allow_redirects=False) as answer:
                assert answer.headers["Location"] == "/?link=spent"
    assert file.stat().st_ino == before


async def test_a_session_ends_after_half_an_hour_idle_and_after_twelve_in_all(house: RunningServer):
    async with house.client("qa") as client:

        async def status() -> int:
            async with client.get("/api/me") as answer:
                return answer.status

        house.time.forward(29 * 60)
        assert await status() == 200
        house.time.forward(31 * 60)
        assert await status() == 401
    async with house.client("qa") as client:
        for _ in range(24):
            assert await status() == 200
            house.time.forward(29.9 * 60)
        house.time.forward(5 * 60)
        assert await status() == 401


@pytest.mark.parametrize("change", ["removed", "new password"])
async def test_a_changed_account_ends_its_sessions_with_the_next_request(house: RunningServer, change: str):
    async with house.client("qa") as client:
        other_process = Accounts(house.folder)
        if change == "removed":
            other_process.remove("qa")
        else:
            other_process.set_password("qa")
        async with client.get("/api/me") as answer:
            assert answer.status == 401


async def test_a_link_logs_in_once(house: RunningServer):
    token = Accounts(house.folder, house.time.now).issue_token("operator")
    async with house.client() as client:
        async with client.get("/log-in", params={"token": token}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
        async with client.get("/api/me") as answer:
            assert (await answer.json())["account"] == "operator"
    async with house.client() as client:
        async with client.get("/log-in", params={"token": token}, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/?link=spent"
            assert "Set-Cookie" not in answer.headers
        async with client.get("/api/me") as answer:
            assert answer.status == 401


async def test_a_link_is_good_for_an_hour(house: RunningServer):
    accounts = Accounts(house.folder, house.time.now)
    token = accounts.issue_token("qa")
    house.time.forward(timedelta(hours=1).total_seconds() + 1)
    assert accounts.redeem(token) is None


async def test_an_account_that_has_only_a_link_has_no_password_to_guess(house: RunningServer):
    accounts = Accounts(house.folder)
    assert accounts.add("demo", ["operator", "qa"], by_link_only=True) == ""
    async with house.client() as client:
        for guess in ("", "None", "null", "demo"):
            body = {"account": "demo", "password": guess}
            async with client.post("/api/log-in", json=body) as answer:
                assert answer.status in (400, 401)


async def test_what_is_secret_lies_in_files_of_the_owner_alone(house: RunningServer):
    Accounts(house.folder).issue_token("qa")
    async with house.client("qa"):
        pass
    private = ("accounts.json", "log_in_tokens.json", "last_log_ins.json", "sessions.json", "browsers.key", "pins.key")
    for name in (*private, "operator.token", "stories.token", "audit.log"):
        assert stat.S_IMODE((house.folder / name).stat().st_mode) == 0o600, name
    kept = (house.folder / "accounts.json").read_text()
    assert QA_PASSWORD not in kept
    assert json.loads(kept)["qa"]["password"].startswith("$argon2id$")


def test_each_guess_costs_whoever_has_the_hashes_64_megabytes():
    """RFC 9106's second choice: 64 MB, three passes, four lanes. The other tests use a hasher of their own."""
    assert passwords.PRODUCTS.hash("as-long-as-it-must-be").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    ("name", "roles", "password"),
    [
        ("qa", ["qa"], None),
        ("", ["qa"], None),
        ("a\nb", ["qa"], None),
        ("a" * 65, ["qa"], None),
        ("1001", ["operator"], None),  # how agents are called
        ("x", ["boss"], None),
        ("x", [], None),
        ("x", ["qa"], "short"),
    ],
)
async def test_an_unfit_account_is_refused_with_a_sentence(
    house: RunningServer, name: str, roles: list[str], password: str | None
):
    with pytest.raises(BadAccount, match=r"\.$"):
        house.accounts.add(name, roles, password)


async def test_an_agent_logs_in_with_extension_and_pin(house: RunningServer):
    async with house.client() as client:
        status, me = await log_in(client, "1001", "135790")
        assert (status, me["account"], me["roles"], me["name"]) == (200, "1001", ["agent"], "李娜")
        assert "desk" in me["may"] and "floor-see" not in me["may"]
        async with client.get("/api/agents") as answer:
            assert (answer.status, (await answer.json())["code"]) == (403, "not-allowed")


@pytest.mark.parametrize("extension", ["1001", "4711"])
async def test_an_agents_pin_is_looked_at_five_times_and_an_unknown_extension_is_told_the_same(
    house: RunningServer, extension: str
):
    guesses = ("000000", "1", "a" * 1024, "１３５７９０", "135790 ")
    async with house.client() as client:
        found = [await log_in(client, extension, guess) for guess in guesses]
        assert [(status, problem["code"]) for status, problem in found] == [(401, "wrong-log-in")] * 5
        assert {problem["detail"] for _, problem in found} == {"The account or the password is not right."}
        status, problem = await log_in(client, extension, "135790")
        assert (status, problem["code"]) == (429, "too-many-tries")
    assert "135790" not in (house.folder / "audit.log").read_text()


@pytest.mark.parametrize("change", ["another PIN", "removed"])
async def test_an_agents_session_ends_with_his_pin_and_with_himself(house: RunningServer, change: str):
    async with house.client("1001") as client, house.client("1002") as other:
        house.new_pin("1001", "864200" if change == "another PIN" else None)
        async with client.get("/api/me") as answer:
            assert answer.status == 401
        async with other.get("/api/me") as answer:
            assert answer.status == 200


async def test_of_two_log_ins_of_an_agent_the_newest_holds(house: RunningServer):
    async with house.client("1001") as first, house.client("1001") as second:
        async with first.get("/api/me") as answer:
            assert answer.status == 401
        async with second.get("/api/me") as answer:
            assert answer.status == 200


async def test_a_programs_key_is_kept_as_a_hash_and_taken_away_at_once(house: RunningServer):
    tokens = Tokens(house.folder)
    key = tokens.add("records", "crm")
    assert key not in (house.folder / "tokens.json").read_text()
    assert stat.S_IMODE((house.folder / "tokens.json").stat().st_mode) == 0o600
    headers = {"Authorization": f"Bearer {key}"}
    async with house.client() as client:
        async with client.get("/api/me", headers=headers) as answer:
            me = await answer.json()
            assert (me["account"], me["roles"], me["may"]) == (
                "records",
                ["crm"],
                ["who-am-i", "cards-read", "numbers-in-full"],
            )
        for name, role in (("records", "crm"), ("other", "operator"), ("other", "qa"), ("a\nb", "crm"), ("", "crm")):
            with pytest.raises(BadToken, match=r"\.$"):
                tokens.add(name, role)
        tokens.remove("records")
        async with client.get("/api/me", headers=headers) as answer:
            assert answer.status == 401
    with pytest.raises(BadToken):
        tokens.remove("records")


async def test_the_audit_log_shows_a_line_that_was_changed(house: RunningServer):
    async with house.client("qa"), house.client("operator"):
        pass
    file = house.folder / "audit.log"
    assert verify(file).lines == 2
    file.write_text(file.read_text().replace('"who": "qa"', '"who": "xx"'))
    with pytest.raises(Changed, match="line 2"):
        verify(file)


async def test_too_many_requests_are_held_back(database: str, tmp_path: Path):
    async with (
        running_server(tmp_path / "other", database, requests_per_s=1.0) as house,
        house.client("token") as client,
    ):
        statuses = []
        for _ in range(12):
            async with client.get("/api/me") as answer:
                statuses.append(answer.status)
        assert statuses[:3] == [200, 200, 200]
        assert 429 in statuses
        house.time.forward(10)
        async with client.get("/api/me") as answer:
            assert answer.status == 200


async def test_a_wrong_token_opens_nothing(house: RunningServer):
    async with house.client() as client:
        for token in ("", "x", house.token() + "x", "ü"):
            headers = {"Authorization": f"Bearer {token}"}
            async with client.get("/api/me", headers=headers) as answer:
                assert answer.status == 401


async def test_behind_a_proxy_each_source_is_counted_for_itself(database: str, tmp_path: Path):
    async with running_server(tmp_path / "proxied", database, behind_tls=True) as house, house.client() as client:

        async def status(forwarded: str, password: str) -> int:
            body = {"account": "qa", "password": password}
            headers = {"X-Forwarded-For": forwarded, "Origin": house.url.replace("http://", "https://")}
            async with client.post("/api/log-in", json=body, headers=headers) as answer:
                if answer.status == 200:
                    cookie = answer.headers["Set-Cookie"]
                    assert cookie.startswith("__Host-sanxiang=") and "Secure" in cookie and "Path=/" in cookie
                    assert "Domain" not in cookie
                return answer.status

        assert await status("192.0.2.1", QA_PASSWORD) == 200
        for n in range(5):
            # What the client claims before the proxy's own word is not believed.
            await status(f"198.51.100.{n}, 192.0.2.66", "wrong-wrong-wrong")
        assert await status("192.0.2.66", QA_PASSWORD) == 429
        assert await status("192.0.2.1", QA_PASSWORD) == 200


@pytest.mark.parametrize(("behind_tls", "good"), [(True, {"https"}), (False, {"https", "http"})])
async def test_our_own_page_is_known_by_its_scheme_too(database: str, tmp_path: Path, behind_tls: bool, good: set[str]):
    """A page that somebody serves over http from our host's name is not ours where ours is https alone."""
    async with running_server(tmp_path / "schemes", database, behind_tls=behind_tls) as house, house.client() as client:
        body, taken = {"account": "qa", "password": QA_PASSWORD}, set()
        for scheme in ("https", "http", "ftp", "HTTPS", ""):
            origin = f"{scheme}:{house.url.partition(':')[2]}"
            async with client.post("/api/log-in", json=body, headers={"Origin": origin}) as answer:
                if answer.status == 200:
                    taken.add(scheme.lower())
        assert {scheme for scheme in taken if scheme.startswith("http")} == good


def test_a_little_too_often_is_not_for_ever():
    """Who asks faster than he may is refused now and then, at the rate by which he is too fast, and not always."""
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    limiter = Limiter(10.0, lambda: now)
    refused = 0
    for _ in range(1000):
        now += timedelta(seconds=1 / 12)
        try:
            limiter.take("somebody")
        except Problem:
            refused += 1
    assert 1000 * 2 / 12 - 40 <= refused <= 1000 * 2 / 12
