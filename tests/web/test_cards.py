"""The context card over HTTP: who reads it, what may be written on it, and two who write at once."""

import asyncio
import difflib
import json
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import acd.context_card.cards as cards_module
from acd.context_card.cards import MOST_CHARACTERS
from acd.engine.commands import Offer
from acd.engine.events import CallerHungUp, WrapUpEnded
from acd.engine.transfer_events import CardWritten
from acd.web.access.auth import WRITINGS_AT_ONCE
from acd.web.live.drafts import Drafts
from acd.web.server.lookups import MOST_WEIGHED, near_names
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_live import Stream

IDENTITY, CARD = "11010519491231002X", "4111 1111 1111 1111"


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        house.time.stop()
        yield house


@pytest.fixture
async def talk(house: RunningServer) -> Offer:
    await house.calls.ready("1001")
    return await house.calls.answered(house.calls.arrives(caller="13812341234"))


async def post(client: aiohttp.ClientSession, path: str, body: object) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body) as answer:
        return answer.status, dict(await answer.json())


async def test_each_reads_it_as_his_role_is(house: RunningServer, talk: Offer):
    path = f"/api/calls/{talk.call}/card"
    for who, number in (
        ("1001", "13812341234"),
        ("crm", "13812341234"),
        ("qa", "138****1234"),
        ("operator", "138****1234"),
        ("token", "138****1234"),
    ):
        async with house.client(who) as client, client.get(path) as answer:
            card = await answer.json()
            assert (answer.status, card["caller"], answer.headers["ETag"]) == (200, number, '"0"'), who
    async with house.client("qa") as client, client.get(path, params={"numbers": "full"}) as answer:
        assert (await answer.json())["caller"] == "13812341234"
    async with house.client("crm") as client:
        for method, other in (("GET", "/api/state"), ("GET", f"/api/calls/{talk.call}"), ("POST", path)):
            async with client.request(method, other, json={}) as answer:
                assert (answer.status, (await answer.json())["code"]) == (403, "not-allowed")
        async with client.get("/api/calls/c0-0/card") as answer:
            assert (answer.status, (await answer.json())["code"]) == (404, "unknown-call")


async def test_what_may_be_written_is_on_the_card_at_once(house: RunningServer, talk: Offer):
    due = "2026-11-23T10:00:00+08:00"
    async with house.client("1001") as client:
        path = f"/api/calls/{talk.call}/card"
        for version, writing in enumerate(
            (
                {"what": "matter", "text": "APP无法登录"},
                {"what": "name", "text": "<b>张三</b>"},
                {"what": "value", "text": "gold"},
                {"what": "verified", "level": "full", "how": "app-face"},
                {"what": "note", "text": "first line\r\nsecond line"},
                {"what": "promise", "text": "rings back", "due_at": due},
                {"what": "disposition", "code": "solved"},
            )
        ):
            status, card = await post(client, path, {"version": version, **writing})
            assert (status, card["version"]) == (200, version + 1), card
        assert (card["matter"], card["name"], card["value"]) == ("APP无法登录", "<b>张三</b>", "gold")
        assert (card["verified"]["level"], card["verified"]["how"], card["verified"]["by"]) == (
            *("full", "app-face"),
            "1001",
        )
        note, promise, disposition = card["entries"]
        assert (note["text"], note["by"], note["queue"]) == ("first line\nsecond line", "1001", "orders")
        assert (promise["due_at"], disposition["code"]) == (due, "solved")


BAD = [
    ({"what": "note", "text": f"his card is {CARD}"}, "card-number", "text"),
    ({"what": "note", "text": f"身份证 {IDENTITY}"}, "identity-card-number", "text"),
    ({"what": "note", "text": "his password is Tiger7"}, "password", "text"),
    ({"what": "name", "text": IDENTITY}, "identity-card-number", "text"),
    ({"what": "promise", "text": CARD, "due_at": "2026-11-23T10:00:00Z"}, "card-number", "text"),
    ({"what": "disposition", "code": "solved", "text": CARD}, "card-number", "text"),
    ({"what": "note", "text": "nul \x00"}, "illegal-character", "text"),
    ({"what": "note", "text": "bell \x07"}, "illegal-character", "text"),
    ({"what": "matter", "text": "one\ntwo"}, "illegal-character", "text"),
    ({"what": "name", "text": "one\r\ntwo"}, "illegal-character", "text"),
    ({"what": "note", "text": "x" * 2001}, "too-long", "text"),
    ({"what": "note", "text": "x" * 900_000}, "too-long", "text"),
    ({"what": "note", "text": "  \n"}, "empty-text", "text"),
    ({"what": "note"}, "bad-request", "body"),
    ({"what": "note", "text": "x", "code": "solved"}, "bad-request", "body"),
    ({"what": "promise", "text": "x"}, "bad-request", "body"),
    ({"what": "promise", "text": "x", "due_at": "2026-11-23T10:00:00"}, "bad-request", "due_at"),
    ({"what": "promise", "text": "x", "due_at": "tomorrow"}, "bad-request", "due_at"),
    ({"what": "disposition", "code": "sloved"}, "unknown-disposition", "code"),
    ({"what": "verified", "level": "full", "how": "his mother's name is Li"}, "unknown-way", "how"),
    ({"what": "verified", "level": "full"}, "unknown-way", "how"),
    ({"what": "verified", "level": "very", "how": "app-face"}, "bad-request", "level"),
    ({"what": "answer", "text": "Li"}, "bad-request", "what"),
    ({"what": "note", "text": "x", "nota": "x"}, "bad-request", "nota"),
]


async def test_what_must_not_be_written_is_refused_and_reaches_no_disk(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:
        for body, code, field in BAD:
            status, problem = await post(client, f"/api/calls/{talk.call}/card", {"version": 0, **body})
            assert (status, problem["code"], problem["field"]) == (400, code, field), body
            assert len(problem["detail"]) < 500
        for text, code in ((CARD, "card-number"), (IDENTITY, "identity-card-number"), ("\x00", "illegal-character")):
            status, problem = await post(client, f"/api/calls/{talk.call}/draft", {"text": text})
            assert (status, problem["code"]) == (400, code)
        too_much = {"version": 0, "what": "note", "text": "x" * 1_000_000}
        status, problem = await post(client, f"/api/calls/{talk.call}/card", too_much)
        assert (status, problem["code"]) == (413, "too-large")
    assert not [event for event in house.told if isinstance(event, CardWritten)]
    for file in house.folder.rglob("*"):
        if file.is_file():
            assert b"4111" not in file.read_bytes() and IDENTITY.encode() not in file.read_bytes(), file


async def test_of_two_tabs_that_write_the_second_is_told_who_and_when(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:
        path = f"/api/calls/{talk.call}/card"
        notes = [{"version": 0, "what": "note", "text": f"tab {n}"} for n in range(2)]
        both = await asyncio.gather(*(post(client, path, note) for note in notes))
        [card] = [body for status, body in both if status == 200]
        [problem] = [body for status, body in both if status == 409]
        assert (len(card["entries"]), problem["code"], problem["by"]) == (1, "card-changed", "1001")
        assert problem["at"] == card["updated_at"]
        status, problem = await post(client, path, {"version": 7, "what": "note", "text": "from nowhere"})
        assert status == 409
        status, card = await post(client, path, {"version": 1, "what": "note", "text": "after reading"})
        assert (status, [entry["text"] for entry in card["entries"]][-1]) == (200, "after reading")


async def test_the_receiver_sees_what_is_written_while_it_is_written(house: RunningServer, talk: Offer):
    async with house.client("1001") as client, client.get("/api/desk/events") as answer:
        stream = Stream(answer)
        assert (await stream.next())["data"]["card"]["version"] == 0
        async with house.client("operator") as operator:
            note = {"version": 0, "what": "note", "text": "ring the bank"}
            assert (await post(operator, f"/api/calls/{talk.call}/card", note))[0] == 200
        card = (await stream.next())["data"]["card"]
        assert (card["version"], card["updated_by"]) == (1, "operator")


async def test_a_draft_outlives_the_page_and_the_daemon_and_goes_with_the_note(house: RunningServer, talk: Offer):
    path = f"/api/calls/{talk.call}"
    async with house.client("1001") as client:
        assert (await post(client, f"{path}/draft", {"text": "half a\nsentence"}))[0] == 200
        async with client.get(f"{path}/draft") as answer:
            assert (await answer.json())["text"] == "half a\nsentence"
    file = house.folder / "drafts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    after = Drafts(file, house.time.now).get("1001", talk.call)
    assert after is not None and after.text == "half a\nsentence"
    async with house.client("operator") as client, client.get(f"{path}/draft") as answer:
        assert await answer.json() == {"text": "", "at": None}, "it is his who writes it"
    async with house.client("1001") as client:
        both = [post(client, f"{path}/draft", {"text": f"words {n}"}) for n in range(20)]
        assert {status for status, _ in await asyncio.gather(*both)} == {200}
        kept = json.loads(file.read_text())
        assert [row[:2] for row in kept] == [["1001", talk.call]]
        async with client.get(f"{path}/draft") as answer:
            assert (await answer.json())["text"] == kept[0][2]
        assert (await post(client, f"{path}/card", {"version": 0, "what": "note", "text": "whole"}))[0] == 200
        async with client.get(f"{path}/draft") as answer:
            assert (await answer.json())["text"] == ""
    assert json.loads(file.read_text()) == []


def test_drafts_that_cannot_be_read_cost_the_drafts_and_nothing_else(tmp_path: Path):
    now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    file = tmp_path / "drafts.json"
    for broken in ("{", "[1]", '[["1001", "c1", "x", "yesterday"]]', "null"):
        file.write_text(broken)
        assert Drafts(file, lambda: now).get("1001", "c1") is None
    file.write_text(json.dumps([["1001", "c1", "old", (now - timedelta(hours=24)).isoformat()]]))
    assert Drafts(file, lambda: now).get("1001", "c1") is None


async def test_the_customers_earlier_contacts_are_shown(house: RunningServer):
    await house.calls.ready("1001")
    earlier = await house.calls.whole(caller="13900002222")
    other = await house.calls.whole(caller="13900003333")
    now = house.calls.arrives(caller="13900002222")
    await house.calls.answered(now)
    await house.calls.written(now)
    async with house.client("1001") as client, client.get(f"/api/calls/{now}/contacts") as answer:
        assert answer.status == 200, await answer.text()
        contacts = (await answer.json())["contacts"]
    assert [contact["call"] for contact in contacts] == [earlier.call]
    assert other.call not in str(contacts)


async def test_a_call_that_goes_on_with_a_dropped_one_is_not_verified_and_says_what_was_before(house: RunningServer):
    caller = "13900007777"
    await house.calls.ready("1001")
    first = await house.calls.answered(house.calls.arrives(caller=caller))
    house.calls.tell(CardWritten(first.call, "1001", "verified", {"level": "full", "how": "app-face"}))
    house.calls.tell(CallerHungUp(first.call), WrapUpEnded("1001"))  # in mid-talk, and no disposition is written
    second = await house.calls.answered(house.calls.arrives(caller=caller))
    for who in ("1001", "operator", "crm"):
        async with house.client(who) as client, client.get(f"/api/calls/{second.call}/card") as answer:
            found = (await answer.json())["verified"]
        at = found["before"].pop("at")
        assert datetime.fromisoformat(at).tzinfo is not None
        before = {"call": first.call, "level": "full", "how": "app-face", "by": "1001"}
        assert found == {"level": "none", "how": "", "by": "", "at": None, "before": before}


async def test_a_card_takes_one_writing_a_second_and_is_full_in_the_end(
    house: RunningServer, talk: Offer, monkeypatch: pytest.MonkeyPatch
):
    path = f"/api/calls/{talk.call}/card"
    async with house.client("1001") as client:

        async def note(version: int, text: str = "x" * 2000) -> tuple[int, str]:
            status, body = await post(client, path, {"version": version, "what": "note", "text": text})
            return status, body.get("code", "")

        answers = [await note(version) for version in range(WRITINGS_AT_ONCE + 5)]
        assert answers == [(200, "")] * WRITINGS_AT_ONCE + [(429, "too-many-requests")] * 5
        house.time.forward(2)
        assert [await note(WRITINGS_AT_ONCE + n) for n in range(3)] == [
            (200, ""),
            (200, ""),
            (429, "too-many-requests"),
        ]
        written = WRITINGS_AT_ONCE + 2
        while written < MOST_CHARACTERS // 2000:
            house.time.forward(1)
            assert await note(written) == (200, "")
            written += 1
        house.time.forward(20)
        assert await note(written) == (409, "card-full")
        status, _ = await post(client, path, {"version": written, "what": "matter", "text": "still to be changed"})
        assert status == 200
        monkeypatch.setattr(cards_module, "MOST_WRITINGS", written + 2)
        for version, expected in ((written + 1, 200), (written + 2, 409)):
            status, _ = await post(client, path, {"version": version, "what": "name", "text": "Zhang"})
            assert status == expected


def test_a_name_that_nobody_has_is_weighed_against_few_of_many(monkeypatch: pytest.MonkeyPatch):
    weighed = 0

    class Counted(difflib.SequenceMatcher):  # type: ignore[type-arg]
        def set_seq1(self, a: object) -> None:
            nonlocal weighed
            weighed += 1
            super().set_seq1(a)  # type: ignore[arg-type]

    monkeypatch.setattr(difflib, "SequenceMatcher", Counted)
    for known in (
        map(str, range(100_000, 110_000)),
        (f"queue-{n}" for n in range(10_000)),
        ["1" * n for n in range(999)],
    ):
        names = list(known)
        for name in ("1", "100x00", "999999", "queue-x", "", names[7][:-1] + "x"):
            weighed = 0
            found = near_names(name, names)
            assert weighed <= MOST_WEIGHED + 1
            assert len(found) <= 3
    assert near_names("1005", [*map(str, range(20_000, 30_000)), "1004"])[0] == "1004"
    assert near_names("ordres", ["orders", "billing"]) == ["orders"]
