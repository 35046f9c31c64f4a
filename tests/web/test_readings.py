"""What reads a customer's data leaves a line in the audit log before the answer goes out; agents on their own calls leave none."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from acd.web.access.readings import AGAIN_AFTER
from tests.web.support.web_server import RunningServer, running_server


@dataclass
class Past:
    """A house with one call that is over and filed."""

    house: RunningServer
    call: str
    offer: str

    def lines(self, action: str) -> list[tuple[str, dict[str, Any]]]:
        """Who did this, and what the line says of it."""
        text = (self.house.folder / "audit.log").read_text("utf-8")
        rows = [row for line in text.splitlines() if (row := json.loads(line))["action"] == action]
        return [
            (row["who"], {k: v for k, v in row.items() if k not in ("who", "action", "at", "before")}) for row in rows
        ]


@pytest.fixture(scope="module")
async def past(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Past]:
    folder = Path(tmp_path_factory.mktemp("readings"))
    async with running_server(folder / "state", database) as house:
        house.time.stop()
        await house.calls.ready("1001")
        offer = await house.calls.whole("13811112222")
        yield Past(house, offer.call, offer.offer)


async def test_an_agents_own_card_is_no_line(past: Past):
    async with past.house.client("1001") as client:
        assert (await client.get(f"/api/calls/{past.call}/card")).status == 200
    assert "1001" not in [who for who, _ in past.lines("read a card")]


@pytest.mark.parametrize("path", ["", "/explain"])
async def test_a_call_that_is_opened_is_one_line_for_each_reader_and_quarter_of_an_hour(past: Past, path: str):
    before = past.lines("opened a call")
    past.house.time.forward(AGAIN_AFTER.total_seconds())
    for who in ("operator", "qa"):
        async with past.house.client(who) as client:
            for _ in range(3):
                assert (await client.get(f"/api/calls/{past.call}{path}")).status == 200
    new = past.lines("opened a call")[len(before) :]
    assert new == [("operator", {"call": past.call}), ("qa", {"call": past.call})]


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("operator", "operator"),
        ("qa", "qa"),
        ("crm", "program-crm"),
        ("read", "program-read"),
        ("token", "command line"),
    ],
)
async def test_a_card_that_is_read_is_a_line(past: Past, who: str, name: str):
    async with past.house.client(who) as client:
        assert (await client.get(f"/api/calls/{past.call}/card")).status == 200
    assert (name, {"call": past.call}) in past.lines("read a card")


async def test_a_recording_that_is_opened_and_one_that_is_heard_are_lines(past: Past):
    about = {"offer": past.offer, "call": past.call}
    async with past.house.client("qa") as client:
        assert (await client.get(f"/api/recordings/{past.offer}")).status == 200
        assert past.lines("opened a recording")[-1] == ("qa", about)
        assert (await client.get(f"/api/recordings/{past.offer}/audio")).status == 200
    assert past.lines("listened to")[-1][1].items() >= about.items()


@pytest.mark.parametrize(
    ("who", "path", "noted"),
    [
        ("operator", "/api/calls?search=13811112222", "138****2222"),
        ("qa", "/api/calls?search=13811112222", "138****2222"),
        ("qa", "/api/calls?search=%2B8613811112222", "138****2222"),
        ("qa", "/api/recordings?caller=13811112222", "138****2222"),
    ],
)
async def test_a_search_for_a_number_is_a_line_with_the_number_masked(past: Past, who: str, path: str, noted: str):
    async with past.house.client(who) as client:
        assert (await client.get(path)).status == 200
    assert past.lines("searched by number")[-1] == (who, {"search": noted})


async def test_an_export_says_for_which_number_without_saying_it(past: Past):
    async with past.house.client("qa") as client:
        assert (await client.get("/api/recordings.csv?caller=13811112222")).status == 200
    assert past.lines("exported recordings")[-1][1]["filter"] == {"caller": "138****2222"}
    assert "13811112222" not in (past.house.folder / "audit.log").read_text("utf-8")


@pytest.mark.parametrize("path", ["/api/calls/{call}", "/api/calls/{call}/card", "/api/recordings/{offer}"])
async def test_what_cannot_be_noted_is_not_shown(past: Past, path: str):
    past.house.time.forward(AGAIN_AFTER.total_seconds())
    async with past.house.client("qa") as client:
        file = past.house.folder / "audit.log"
        kept = file.with_suffix(".kept")
        file.rename(kept)
        file.mkdir()
        try:
            async with client.get(path.format(call=past.call, offer=past.offer)) as answer:
                assert (answer.status, (await answer.json())["code"]) == (503, "audit-away")
        finally:
            file.rmdir()
            kept.rename(file)
