"""Who is logged in stays so over a restart of the daemon, unless something about the account has changed; and takes no more than a
share of what others need."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.web.access.accounts import Account, Accounts
from acd.web.access.auth import COOKIE
from acd.web.access.sessions import ABSOLUTE, IDLE, OF_AN_ACCOUNT, Session, Sessions
from acd.web.live.stream import OF_A_SESSION, OPEN_STREAMS
from acd.web.server.connections import close_what_is_too_much
from tests.support.waiting import eventually
from tests.web.support.web_server import PINS, QA_PASSWORD, RunningServer, running_server, write_pins

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class People:
    """Accounts, and time that a test lets pass."""

    def __init__(self, file: Path) -> None:
        self.file, self.at = file, START
        self.stamps = {"qa": "1", "1001": "1"}

    def find(self, name: str) -> Account | None:
        stamp = self.stamps.get(name)
        return None if stamp is None else Account(name, frozenset({"qa"}), stamp)

    def daemon(self) -> Sessions:
        """A daemon that has just been started."""
        return Sessions(self.find, lambda: self.at, self.file)

    def begin(self, sessions: Sessions, name: str, source: str = "192.0.2.1") -> Session:
        account = self.find(name)
        assert account is not None
        return sessions.begin(account, source)


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "sessions.json")


async def test_a_session_is_open_again_after_a_restart_and_the_disk_does_not_have_its_id(people: People):
    before = people.daemon()
    session = people.begin(before, "qa")
    await before.save()
    assert session.id not in people.file.read_text() and people.file.stat().st_mode & 0o777 == 0o600
    after = people.daemon()
    found = after.get(session.id)
    assert found is not None and (found.account, set(found.roles), found.source) == ("qa", {"qa"}, "192.0.2.1")
    for stolen in (session.key, "", "x", session.id + "x"):
        assert after.get(stolen) is None


@pytest.mark.parametrize("change", ["another stamp", "removed", "log-out", "idle", "old", "another file", "no JSON"])
async def test_what_ended_while_no_daemon_ran_stays_so(people: People, change: str):
    before = people.daemon()
    session, other = people.begin(before, "qa"), people.begin(before, "1001")
    if change == "log-out":
        before.end(session.id)
    await before.save()
    match change:
        case "another stamp":
            people.stamps["qa"] = "2"
        case "removed":
            del people.stamps["qa"]
        case "idle":
            people.at += IDLE + timedelta(seconds=1)
        case "old":
            people.at += ABSOLUTE + timedelta(seconds=1)
        case "another file":
            people.file.write_text('{"a": 1}')
        case "no JSON":
            people.file.write_text(people.file.read_text()[:-5])
    after = people.daemon()
    assert after.get(session.id) is None
    still = change in ("another stamp", "removed", "log-out")
    assert (after.get(other.id) is not None) is still


async def test_of_too_many_sessions_of_one_account_the_one_unused_for_longest_ends(people: People):
    sessions = people.daemon()
    other = people.begin(sessions, "1001")
    begun = []
    for _ in range(OF_AN_ACCOUNT + 3):
        people.at += timedelta(seconds=1)
        begun.append(people.begin(sessions, "qa"))
        sessions.get(begun[0].id)
    assert len(sessions) == OF_AN_ACCOUNT + 1
    assert [sessions.get(one.id) is not None for one in begun[:5]] == [True, False, False, False, True]
    assert sessions.get(other.id) is not None


async def test_a_full_disk_costs_nobody_the_session(people: People, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    sessions = people.daemon()
    with monkeypatch.context() as patched:
        patched.setattr("acd.web.access.sessions.write_private", full)
        session = people.begin(sessions, "qa")
        await sessions.save()
    assert sessions.get(session.id) is not None
    await sessions.save()
    assert people.daemon().get(session.id) is not None, "written when there is room again"


@pytest.mark.parametrize("change", ["nothing", "password", "roles", "PIN", "agent removed"])
async def test_pages_stay_open_over_a_restart_of_the_daemon(database: str, tmp_path: Path, change: str):
    folder = tmp_path / "state"
    cookies = {}
    async with running_server(folder, database) as house:
        for who in ("qa", "operator", "1001", "1002"):
            async with house.client(who) as client:
                cookies[who] = next(cookie.value for cookie in client.cookie_jar if cookie.key == COOKIE)
        match change:
            case "password":
                Accounts(folder).set_password("qa", "another-long-password")
            case "roles":
                Accounts(folder).set_roles("qa", ["operator"])
            case "PIN":
                write_pins(folder, {**PINS, "1001": "864200"})
            case "agent removed":
                write_pins(folder, {**PINS, "1001": None})
    changed = {"password": "qa", "roles": "qa", "PIN": "1001", "agent removed": "1001"}.get(change)
    async with running_server(folder, database) as house, house.client() as client:
        for who, cookie in cookies.items():
            async with client.get("/api/me", headers={"Cookie": f"{COOKIE}={cookie}"}) as answer:
                assert answer.status == (401 if who == changed else 200), who


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        yield house


@pytest.mark.parametrize(
    ("who", "path"), [("1001", "/api/desk/events"), ("operator", "/api/events"), ("token", "/api/events")]
)
async def test_one_session_holds_few_streams_and_the_oldest_ends(house: RunningServer, who: str, path: str):
    if who == "1001":
        await house.calls.ready("1001", "1002")
    async with house.client(who) as client, contextlib.AsyncExitStack() as stack:
        streams = []
        for _ in range(OF_A_SESSION + 2):
            streams.append(await stack.enter_async_context(client.get(path)))
            assert streams[-1].status == 200
            await streams[-1].content.readline()
        async with asyncio.timeout(30):
            for ended in streams[:2]:
                while await ended.content.readline():
                    pass
        assert not streams[2].content.at_eof()
        assert len(house.app[OPEN_STREAMS]) == OF_A_SESSION
        other, its = ("1002", path) if who == "1001" else ("qa", path)
        async with house.client(other) as colleague, colleague.get(its) as stream:
            assert stream.status == 200
            assert await stream.content.readline()
    await eventually(lambda: len(house.app[OPEN_STREAMS]) == 0, "all streams to be left")


async def test_an_address_holds_few_connections_and_what_is_asked_is_answered(house: RunningServer):
    host, port = house.url.removeprefix("http://").split(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(20)]
    async with house.client("operator") as client, client.get("/api/events") as stream:
        server = house.runner.server
        assert server is not None
        await eventually(lambda: len(server.connections) >= 21, "the connections", 20)
        assert close_what_is_too_much(server, most=5) == 16
        async with asyncio.timeout(30):
            for reader, _ in idle[:16]:
                assert await reader.read() == b""
        assert stream.status == 200 and await stream.content.readline()
        async with client.get("/api/me") as answer:
            assert answer.status == 200
    for _, writer in idle:
        writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(house: RunningServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("acd.web.server.routes.BODY_WITHIN_S", 0.2)
    host, port = house.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"POST /api/log-in HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{".encode()
    )
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_log_in_of_an_account_is_written_down(house: RunningServer):
    assert house.accounts.last_log_in("qa") is None
    async with house.client("qa"), house.client("1001"):
        at = house.accounts.last_log_in("qa")
    assert at is not None and abs(at - house.time.now()) < timedelta(minutes=1)
    assert list(json.loads((house.folder / "last_log_ins.json").read_text())) == ["qa"]
    body = {"account": "operator", "password": QA_PASSWORD}
    async with house.client() as client, client.post("/api/log-in", json=body) as answer:
        assert answer.status == 401
    assert house.accounts.last_log_in("operator") is None
