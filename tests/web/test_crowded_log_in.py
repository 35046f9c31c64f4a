"""Fifty accounts behind one address, and one who guesses there: few guesses are evaluated, and every colleague gets in."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest

from acd.web.access import accounts
from acd.web.access.accounts import Accounts
from acd.web.access.known_browsers import ACCOUNTS, COOKIE
from tests.support import passwords
from tests.web.support.web_server import OPERATOR_PASSWORD, PINS, QA_PASSWORD, RunningServer, running_server

PEOPLE = [f"person-{n}" for n in range(50)]
PASSWORD = "as-long-as-it-must-be"


@pytest.fixture(autouse=True)
def slow_enough(whole: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Log-ins wait for each other here: the drill's cost what they cost in the product, the suite's a tenth of it."""
    monkeypatch.setattr(accounts, "_HASHER", passwords.PRODUCTS if whole else passwords.IN_A_HUNDREDTH)


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        yield house


async def log_in(client: aiohttp.ClientSession, account: str, password: str) -> int:
    async with client.post("/api/log-in", json={"account": account, "password": password}) as answer:
        await answer.read()
        return answer.status


def browser_cookie(client: aiohttp.ClientSession) -> str:
    return next(cookie.value for cookie in client.cookie_jar if cookie.key == COOKIE)


@pytest.mark.drill
async def test_ten_thousand_guesses_behind_the_address_of_fifty_colleagues(
    house: RunningServer, whole: bool, monkeypatch: pytest.MonkeyPatch
):
    guesses = 10_000 if whole else 1_500
    looked, verify = Counter[str](), Accounts.verify
    for person in PEOPLE:
        house.accounts.add(person, ["qa"], PASSWORD)

    def counting(self: Accounts, name: str, password: str) -> object:
        if name in PEOPLE and password != PASSWORD:
            looked[name] += 1
        return verify(self, name, password)

    monkeypatch.setattr(Accounts, "verify", counting)
    slowest, got_in = 0.0, Counter[int]()

    async def colleague(person: str) -> None:
        """At home in this browser; logs in again and again while the other guesses."""
        nonlocal slowest
        async with house.client() as client:
            assert await log_in(client, person, PASSWORD) == 200
            known.append(person)
            await begun.wait()
            for _ in range(3):
                began = time.monotonic()
                got_in[await log_in(client, person, PASSWORD)] += 1
                slowest = max(slowest, time.monotonic() - began)

    async def newcomer() -> None:
        """Nobody guesses at this account, and the browser is new."""
        await begun.wait()
        async with house.client() as client:
            got_in[await log_in(client, "qa", QA_PASSWORD)] += 1

    async def guesser(share: range) -> None:
        async with house.client() as client:
            await begun.wait()
            for n in share:
                statuses[await log_in(client, PEOPLE[n % len(PEOPLE)], f"guess-{n}-guess-guess")] += 1

    begun, known, statuses = asyncio.Event(), list[str](), Counter[int]()
    tasks = [asyncio.create_task(colleague(person)) for person in PEOPLE[:10]]
    tasks += [asyncio.create_task(newcomer())]
    tasks += [asyncio.create_task(guesser(range(n, guesses, 10))) for n in range(10)]
    while len(known) < 10 and not any(task.done() and task.exception() for task in tasks):
        await asyncio.sleep(0.05)
    begun.set()
    await asyncio.gather(*tasks)
    assert sum(statuses.values()) == guesses
    assert statuses == {401: 5 * len(PEOPLE), 429: guesses - 5 * len(PEOPLE)}
    assert looked == dict.fromkeys(PEOPLE, 5), "argon2 is run for nothing that is refused"
    assert got_in == {200: 31}, "a colleague was kept out"
    print(
        f"{guesses} guesses, {sum(looked.values())} evaluated; the slowest log-in of a colleague took {slowest:.1f} s"
    )


async def test_five_wrong_pins_of_one_agent_lock_no_colleague(house: RunningServer):
    async with house.client() as page, house.client("stories") as telephone:
        assert [await log_in(page, "1001", "000000") for _ in range(6)] == [401] * 5 + [429]
        for _ in range(5):
            async with telephone.post("/ivr/login", json={"agent": "1001", "pin": "000000"}) as answer:
                assert (await answer.json())["result"] in ("wrong", "locked")
        for agent in ("1002", "1003"):
            assert await log_in(page, agent, PINS[agent]) == 200
            async with telephone.post("/ivr/login", json={"agent": agent, "pin": PINS[agent]}) as answer:
                assert (await answer.json())["result"] == "ok"
        assert await log_in(page, "operator", OPERATOR_PASSWORD) == 200


async def test_a_known_browser_is_known_after_a_restart_of_the_daemon(database: str, tmp_path: Path):
    async with running_server(tmp_path / "state", database) as house, house.client("qa") as client:
        cookie = browser_cookie(client)
    async with running_server(tmp_path / "state", database) as house, house.client() as other:
        assert [await log_in(other, "qa", "wrong-wrong-wrong") for _ in range(6)] == [401] * 5 + [429]
        body, headers = {"account": "qa", "password": QA_PASSWORD}, {"Cookie": f"{COOKIE}={cookie}"}
        async with house.client() as client, client.post("/api/log-in", json=body, headers=headers) as answer:
            assert answer.status == 200


async def test_the_browsers_cookie_opens_nothing_and_can_not_be_made(house: RunningServer):
    async with house.client("qa") as client:
        cookie = browser_cookie(client)
    id_, mark, *accounts = cookie.split(".")
    other = "A" * 22
    forged = [
        *("", ".", "x", id_, f"{id_}.{other}", f"{id_}.{other}.{accounts[0]}", f"{other}.{mark}.{accounts[0]}"),
        *(f"{id_}.{mark}.{other}", f"{id_}.{mark}." + ".".join([other] * 300), "é" * 22 + f".{mark}"),
    ]
    async with house.client() as client, client.get("/api/me", headers={"Cookie": f"{COOKIE}={cookie}"}) as answer:
        assert answer.status == 401
    async with house.client() as client:
        assert [await log_in(client, "qa", "wrong-wrong-wrong") for _ in range(6)] == [401] * 5 + [429]
        for text in forged:
            body, headers = {"account": "qa", "password": QA_PASSWORD}, {"Cookie": f"{COOKIE}={text}"}
            async with client.post("/api/log-in", json=body, headers=headers) as answer:
                assert answer.status == 429, text


async def test_a_shared_desk_remembers_its_latest_accounts(house: RunningServer):
    async with house.client() as client:
        for n in range(ACCOUNTS + 1):
            house.accounts.add(f"desk-{n}", ["qa"], PASSWORD)
            async with client.post("/api/log-in", json={"account": f"desk-{n}", "password": PASSWORD}) as answer:
                assert answer.status == 200
                set_ = SimpleCookie("\n".join(answer.headers.getall("Set-Cookie")))
                assert set_[COOKIE]["httponly"] and set_[COOKIE]["samesite"] == "Strict"
        assert len(browser_cookie(client)) < 500
        async with house.client() as other:
            for account in ("desk-0", "desk-1"):
                assert [await log_in(other, account, "wrong-wrong-wrong") for _ in range(6)] == [401] * 5 + [429]
        assert await log_in(client, "desk-1", PASSWORD) == 200
        assert await log_in(client, "desk-0", PASSWORD) == 429, "the oldest is forgotten"
