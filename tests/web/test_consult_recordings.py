"""What two agents said while the customer was on hold, as QA meets it: apart from the talks, and named as what it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.commands import Offer
from acd.engine.events import AgentAnswered, AgentDialled, AgentRinging, BridgeEnded
from acd.engine.transfer_events import CallRetrieved, ConsultBegan, TransferRequested, TransferTakenBack
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, recording_filed, running_server


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        yield house


async def consulted(house: RunningServer) -> tuple[Offer, str]:
    """1001 talks for 20 s, consults 1002 for 10 s, takes his caller back for 30 s; both legs are filed. The talk's offer,
    and the name of the consult's leg."""
    calls, time = house.calls, house.time
    await calls.ready("1001")
    offer = await calls.answered(calls.arrives(caller="13812341234"))
    await calls.ready("1002")
    time.forward(20)
    calls.tell(TransferRequested(offer.call, "1001", "agent", "1002", "refund", warm=True, amount=58.0))
    who = ("1002", offer.call, f"{offer.call}-2")
    calls.tell(AgentDialled(*who), AgentRinging(*who), AgentAnswered(*who), ConsultBegan(*_as_consult(who)))
    await calls.settled()
    time.forward(10)
    calls.tell(TransferTakenBack(offer.call, "1001"), CallRetrieved(offer.call, "1001"))
    calls.tell(BridgeEnded(*who, "transfer"))
    await calls.settled()
    await calls.over(offer, 30)
    consult = f"{offer.call}-k2"
    await calls.filed(offer)
    await calls.filed(replace(offer, offer=consult))
    await eventually(lambda: recording_filed(house, consult), "the consult's row")
    return offer, consult


def _as_consult(who: tuple[str, str, str]) -> tuple[str, str, str]:
    agent, call, offer = who
    return call, agent, offer


async def rows(client: aiohttp.ClientSession, **query: str) -> dict[str, dict[str, Any]]:
    async with client.get("/api/recordings", params=query) as answer:
        assert answer.status == 200, await answer.text()
        return {row["offer"]: row for row in (await answer.json())["recordings"]}


async def test_a_consult_is_found_by_its_kind_and_by_its_receiver_and_is_no_talk(house: RunningServer):
    offer, consult = await consulted(house)
    async with house.client("qa") as client:
        found = await rows(client, text=offer.call)
        # The receiver never had the caller: of him there is the consult alone.
        assert set(found) == {offer.offer, consult}
        assert {name: row["kind"] for name, row in found.items()} == {offer.offer: "talk", consult: "consult"}
        row = found[consult]
        assert (row["first"], row["agent"], row["state"]) == ("1001", "1002", "complete")
        assert row["talk_s"] >= 10 and row["recorded_s"] == row["talk_s"]
        assert found[offer.offer]["first"] == "" and found[offer.offer]["recorded_s"] >= 50
        assert set(await rows(client, text=offer.call, kind="consult")) == {consult}
        assert set(await rows(client, text=offer.call, kind="talk")) == {offer.offer}
        assert set(await rows(client, text=offer.call, agent="1002")) == {consult}
        assert await rows(client, text=offer.call, state="expected") == {}


async def test_where_a_talk_was_interrupted_is_told_with_it(house: RunningServer):
    offer, consult = await consulted(house)
    async with house.client("qa") as client:
        async with client.get(f"/api/recordings/{offer.offer}") as answer:
            (span,) = (await answer.json())["spans"]
        assert span["kind"] == "consult" and span["from_s"] == span["to_s"] >= 20 and span["lasted_s"] >= 10
        async with client.get(f"/api/recordings/{consult}") as answer:
            one = await answer.json()
        assert (one["spans"], one["verdict"]) == ([], "intact")


async def test_who_may_not_hear_a_talk_may_not_hear_a_consult(house: RunningServer):
    _, consult = await consulted(house)
    for path in (f"/api/recordings/{consult}", f"/api/recordings/{consult}/audio", "/api/recordings?kind=consult"):
        async with house.client("qa") as client, client.get(path) as answer:
            assert answer.status == 200, path
        # Not even those who spoke in it.
        async with house.client("1001") as client, client.get(path) as answer:
            assert answer.status == 403, path
        async with aiohttp.ClientSession(house.url) as stranger, stranger.get(path) as answer:
            assert answer.status == 401, path
