"""A supervisor sees of a contact, and finds by findings, what was said by the agents of the own teams."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.web.support.web_server import TEAMS_CONFIG, RunningServer, running_server


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("parts"))
    async with running_server(folder / "state", database, TEAMS_CONFIG) as house:
        await house.calls.ready("1001", "1003")
        yield house


async def asked(house: RunningServer, path: str, who: str = "supervisor") -> Any:
    async with house.client(who) as client, client.get(path) as answer:
        return (await answer.json()) if answer.status == 200 else answer.status


async def changed(house: RunningServer, statement: str, **values: object) -> None:
    async with house.store.transaction() as connection:
        await connection.execute(text(statement), values)


async def test_the_part_of_another_team_is_in_no_answer(house: RunningServer) -> None:
    mine = await house.calls.whole("13811112222", "orders")
    theirs = await house.calls.whole("13811112222", "after-sales")
    await changed(
        house,
        "INSERT INTO callback_promises (promise, of_call, made_at) VALUES (:theirs, :mine, now())",
        mine=mine.call,
        theirs=theirs.call,
    )
    # A second talk of the first call, with an agent of the other team.
    beside = f"{mine.offer}7"
    await changed(
        house,
        "INSERT INTO recordings (offer, call, agent, queue, offered_at, state, path, seconds, filed_at) "
        "SELECT :beside, call, '1003', queue, offered_at, state, path, seconds, filed_at FROM recordings WHERE offer = :offer",
        beside=beside,
        offer=mine.offer,
    )
    whole = await asked(house, f"/api/calls/{mine.call}/manifest", "qa")
    assert [one["call"] for one in whole["calls"]] == [mine.call, theirs.call]
    assert {leg["offer"] for leg in whole["calls"][0]["legs"]} == {mine.offer, beside}
    seen = await asked(house, f"/api/calls/{mine.call}/manifest")
    assert [one["call"] for one in seen["calls"]] == [mine.call]
    assert [leg["offer"] for leg in seen["calls"][0]["legs"]] == [mine.offer]
    assert await asked(house, f"/api/calls/{theirs.call}/manifest") == 404

    await changed(house, "INSERT INTO findings (offer, number, kind) VALUES (:offer, 1, 'raised-voice')", offer=beside)
    listed = "/api/calls?finding="
    for kind in ("raised-voice", "any"):
        assert [one["call"] for one in (await asked(house, listed + kind, "qa"))["calls"]] == [mine.call]
        assert (await asked(house, listed + kind))["calls"] == []
    await changed(house, "INSERT INTO findings (offer, number, kind) VALUES (:offer, 1, 'dead-air')", offer=mine.offer)
    for kind in ("dead-air", "any"):
        assert [one["call"] for one in (await asked(house, listed + kind))["calls"]] == [mine.call]
    assert (await asked(house, listed + "raised-voice"))["calls"] == []


async def test_a_callback_whose_first_call_is_not_seen_names_it_not(house: RunningServer) -> None:
    theirs = await house.calls.whole("13811113333", "after-sales")
    mine = await house.calls.whole("13811113333", "orders")
    await changed(
        house,
        "INSERT INTO callback_promises (promise, of_call, made_at) VALUES (:mine, :theirs, now())",
        mine=mine.call,
        theirs=theirs.call,
    )
    (one,) = (await asked(house, f"/api/calls/{mine.call}/manifest"))["calls"]
    assert (one["call"], one["promised_in"]) == (mine.call, "")
    assert [
        each["promised_in"] for each in (await asked(house, f"/api/calls/{mine.call}/manifest", "qa"))["calls"]
    ] == [
        "",
        theirs.call,
    ]
