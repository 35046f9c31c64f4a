"""Keys of other people's programs: what each role opens, when it ends, how it is made anew, and when it was last used."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from acd.web.access.tokens import TOKEN_ROLES, BadToken, Tokens
from tests.support.stopped_clock import START, StoppedClock
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def tokens(tmp_path: Path, clock: StoppedClock) -> Tokens:
    return Tokens(tmp_path, clock.now)


def test_a_key_ends_when_it_should(tokens: Tokens, clock: StoppedClock):
    key = tokens.add("grafana", "metrics", START + timedelta(days=1))
    assert tokens.find(key) == ("grafana", "metrics", frozenset())
    clock.at += timedelta(days=1) - timedelta(microseconds=1)
    assert tokens.find(key) is not None
    clock.at += timedelta(microseconds=1)
    assert tokens.find(key) is None
    with pytest.raises(BadToken, match="has ended"):
        tokens.rotate("grafana")
    tokens.remove("grafana")
    with pytest.raises(BadToken, match="is over"):
        tokens.add("grafana", "metrics", START)


@pytest.mark.parametrize("keep", [timedelta(), timedelta(hours=2)])
def test_a_key_is_made_anew_and_the_former_one_works_as_long_as_was_said(
    tokens: Tokens, clock: StoppedClock, keep: timedelta
):
    first = tokens.add("records", "crm", START + timedelta(days=30))
    second = tokens.rotate("records", keep)
    assert (tokens.find(first) is not None) is bool(keep)
    assert tokens.find(second) == ("records", "crm", frozenset())
    (told,) = tokens.all()
    assert (told.role, told.until) == ("crm", START + timedelta(days=30))
    third = tokens.rotate("records", keep)
    assert tokens.find(first) is None, "of former keys the latest alone"
    clock.at += timedelta(hours=2)
    assert [tokens.find(key) is not None for key in (first, second, third)] == [False, False, True]
    tokens.remove("records")
    assert tokens.find(third) is None and tokens.all() == []


def test_a_removed_key_takes_its_former_one_along(tokens: Tokens):
    first = tokens.add("records", "crm")
    second = tokens.rotate("records", timedelta(hours=2))
    tokens.remove("records")
    assert (tokens.find(first), tokens.find(second)) == (None, None)


def test_keys_that_were_made_before_there_was_an_end_work_on(tokens: Tokens, tmp_path: Path):
    key = tokens.add("records", "crm")
    file = tmp_path / "tokens.json"
    rows = json.loads(file.read_text())
    file.write_text(json.dumps({digest: {"name": row["name"], "role": row["role"]} for digest, row in rows.items()}))
    assert tokens.find(key) == ("records", "crm", frozenset())
    (told,) = tokens.all()
    assert (told.made_at, told.until, told.used_at) == (None, None, None)
    assert tokens.find(tokens.rotate("records")) == ("records", "crm", frozenset())


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        yield house


@pytest.mark.parametrize("role", TOKEN_ROLES)
async def test_each_role_opens_what_it_says(house: RunningServer, role: str):
    opens = {
        "/metrics": role in ("metrics", "full"),
        "/api/state": role in ("read", "full"),
        "/api/agents": role in ("read", "full"),
        "/api/recordings": False,
        "/api/desk": False,
    }
    async with house.client(role) as client:
        for path, allowed in opens.items():
            async with client.get(path) as answer:
                assert answer.status == (200 if allowed or (role, path) == ("read", "/metrics") else 403), path
        async with client.post("/api/queues/orders/close") as answer:
            assert answer.status == (202 if role == "full" else 403)
    if role == "full":
        assert '"who": "program-full", "action": "QueueClosed"' in (house.folder / "audit.log").read_text()


async def test_the_last_use_is_written_down_once_a_minute(house: RunningServer):
    tokens = Tokens(house.folder, house.time.now)
    key = tokens.add("grafana", "metrics")

    async def asked() -> datetime:
        before = tokens.all()[0].used_at
        headers = {"Authorization": f"Bearer {key}"}
        async with aiohttp.ClientSession(house.url, headers=headers) as client, client.get("/metrics") as answer:
            assert answer.status == 200

        def used() -> datetime | None:
            at = tokens.all()[0].used_at
            return None if at == before else at

        await eventually(used, "its use on the disk")
        at = used()
        assert at is not None
        return at

    assert tokens.all()[0].used_at is None
    first = await asked()
    house.time.forward(61)
    assert await asked() - first > timedelta(minutes=1)
    uses = house.folder / "token_uses.json"
    before = uses.stat().st_ino
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(house.url, headers=headers) as client:
        for _ in range(20):
            async with client.get("/metrics") as answer:
                assert answer.status == 200
    assert uses.stat().st_ino == before
