"""One session can't take what others need: so many of its requests are worked on at once."""

import asyncio

import pytest

from acd.web.access.at_once import AT_ONCE, WAITING, AtOnce
from acd.web.server.problems import Problem
from tests.web.support.web_server import RunningServer


async def test_what_is_too_much_of_one_waits_and_nobody_else_does():
    turns, go, working = AtOnce(), asyncio.Event(), list[str]()

    async def request(owner: str) -> None:
        async with turns.turn(owner):
            working.append(owner)
            await go.wait()

    greedy = [asyncio.create_task(request("greedy")) for _ in range(AT_ONCE + WAITING)]
    other = asyncio.create_task(request("other"))
    while "other" not in working:
        await asyncio.sleep(0)
    assert working.count("greedy") == AT_ONCE
    with pytest.raises(Problem) as raised:
        await request("greedy")
    assert (raised.value.status, raised.value.code) == (429, "too-many-requests")
    greedy[0].cancel()  # the client went away: its turn is the next one's
    greedy[-1].cancel()
    while working.count("greedy") == AT_ONCE:
        await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*greedy, other, return_exceptions=True)
    assert working.count("greedy") == AT_ONCE + WAITING - 1 and len(turns) == 0


async def test_a_page_that_asks_for_much_at_once_is_answered_in_turn(
    house: RunningServer, monkeypatch: pytest.MonkeyPatch
):
    go, working = asyncio.Event(), 0
    known = house.store.kpi_by_interval

    async def slow(*about: object, **more: object) -> object:
        nonlocal working
        working += 1
        await go.wait()
        return await known(*about, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(house.store, "kpi_by_interval", slow)

    async with house.client("operator") as client, house.client("qa") as colleague:

        async def ask() -> int:
            async with client.get("/api/kpi") as answer:
                return answer.status

        asking = [asyncio.create_task(ask()) for _ in range(20)]
        while working < AT_ONCE:
            await asyncio.sleep(0.01)
        async with colleague.get("/api/me") as answer:
            assert answer.status == 200
        assert working == AT_ONCE
        go.set()
        assert await asyncio.gather(*asking) == [200] * 20
