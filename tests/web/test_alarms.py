"""Alarms as API, stream, Prometheus and audit have them, and who may say what of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from acd import config as configuration
from acd.alarms.book import Book
from acd.daemon.notices.sending import Notices
from acd.engine.events import AlarmRaised
from tests.support.waiting import eventually
from tests.web.support.web_server import CONFIG, RunningServer, running_server


async def got(house: RunningServer, path: str = "/api/alarms", role: str = "operator") -> list[dict[str, Any]]:
    async with house.client(role) as client, client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return list((await answer.json())["alarms"])


async def test_from_its_raising_to_its_end(database: str, tmp_path: Path):
    async with running_server(tmp_path / "state", database) as house:
        assert await got(house) == []
        house.calls.tell(AlarmRaised("trunk-no-answer", "carrier|12:00"), AlarmRaised("recording silent", "c1-1: both"))
        house.calls.tell(AlarmRaised("recording silent", "c2-1: both"))
        await house.calls.settled()
        trunk, silent = await got(house)
        assert (trunk["number"], trunk["kind"], trunk["subject"], trunk["severity"]) == (
            1,
            "trunk-no-answer",
            "carrier",
            "critical",
        )
        assert trunk["title"] == {"zh": "中继无应答", "en": "Trunk does not answer"}
        assert trunk["said"]["en"].startswith("trunk carrier has not answered OPTIONS since 12:00")
        assert trunk["said"]["zh"].startswith("中继 carrier 自 12:00 起无应答")
        assert (silent["times"], silent["seen"], silent["cleared_at"]) == (2, [], None)
        async with house.client("token") as client, client.get("/metrics") as answer:
            text = await answer.text()
        assert 'sanxiang_alarm{kind="trunk-no-answer",severity="critical"} 1.0' in text
        assert 'sanxiang_alarm{kind="recording-silent",severity="warning"} 1.0' in text
        async with house.client("operator") as client:
            async with client.post("/api/alarms/1/seen", json={}) as answer:
                assert answer.status == 202 and await answer.json() == {"number": 1, "told": "AlarmSeen"}
            await house.calls.settled()
            [seen] = (await got(house))[0]["seen"]
            assert seen["by"] == "operator"
            async with client.post("/api/alarms/1/clear", json={}) as answer:
                assert answer.status == 202
            await house.calls.settled()
            for what in ("seen", "clear"):
                async with client.post(f"/api/alarms/1/{what}", json={}) as answer:
                    assert answer.status == 404 and (await answer.json())["code"] == "unknown-alarm"
        assert [row["number"] for row in await got(house)] == [2]
        _, over = await got(house, "/api/alarms?all=true")
        assert (over["number"], over["cleared_by"]) == (1, "operator") and over["cleared_at"]
        assert [(step["what"], step["by"]) for step in over["history"]] == [
            ("raised", ""),
            ("seen", "operator"),
            ("cleared", "operator"),
        ]
        lines = [json.loads(line) for line in (house.folder / "audit.log").read_text().splitlines()]
        told = [(line["who"], line["action"], line["kind"]) for line in lines if line["action"].startswith("Alarm")]
        assert told == [("operator", "AlarmSeen", "trunk-no-answer"), ("operator", "AlarmCleared", "trunk-no-answer")]


@pytest.mark.parametrize(
    ("role", "reads", "says"), [("", 401, 401), ("1001", 403, 403), ("qa", 200, 403), ("operator", 200, 202)]
)
async def test_who_may(house: RunningServer, role: str, reads: int, says: int):
    house.calls.tell(AlarmRaised("out of step", "x"))
    await house.calls.settled()
    [number] = [row["number"] for row in await got(house)]
    async with house.client(role) as client:
        async with client.get("/api/alarms") as answer:
            assert answer.status == reads
        for what in ("seen", "clear"):
            async with client.post(f"/api/alarms/{number}/{what}", json={}) as answer:
                assert answer.status == says, what
    await house.calls.settled()


async def test_the_page_is_told_of_each_change(house: RunningServer):
    async with house.client("qa") as client, client.get("/api/events") as stream:
        text = ""

        async def until(word: str) -> str:
            nonlocal text
            async for line in stream.content:
                text += line.decode()
                if word in text and line.strip() == b"":
                    found, text = text, ""
                    return found
            raise AssertionError(text)

        await until("event: snapshot")
        house.calls.tell(AlarmRaised("daemon frozen", "for 4 s"))
        change = await until("daemon-frozen")
        assert "event: change" in change
        number = next(row["number"] for row in await got(house) if row["kind"] == "daemon-frozen")
        async with house.client("operator") as operator:
            await operator.post(f"/api/alarms/{number}/clear", json={})
        assert '"alarms": []' in await until('"alarms"')


async def test_a_call_and_a_stranger_s_words_in_an_alarm_stay_text(house: RunningServer):
    house.calls.tell(AlarmRaised("a kind of another version", "<b>bold</b> \x00 | {0} %s", "c1-1-0001"))
    await house.calls.settled()
    row = next(row for row in await got(house) if row["kind"] == "a-kind-of-another-version")
    assert row["call"] == "c1-1-0001" and "<b>bold</b>" in row["said"]["en"] and row["severity"] == "warning"
    async with house.client("operator") as client:
        await client.post(f"/api/alarms/{row['number']}/clear", json={})

    async def gone() -> bool:
        return row["number"] not in [one["number"] for one in await got(house)]

    await eventually(gone, "its end")


async def test_a_test_is_asked_for_by_an_operator_and_audited(database: str, tmp_path: Path):
    config = configuration.check(CONFIG)
    notices = Notices(lambda: config, Book, lambda: datetime.now(UTC))
    async with running_server(tmp_path / "state", database, test_alarms=notices.test) as house:
        async with house.client("qa") as client, client.post("/api/alarms/test", json={}) as answer:
            assert answer.status == 403
        async with house.client("operator") as client, client.post("/api/alarms/test", json={}) as answer:
            assert answer.status == 200
            ways = (await answer.json())["ways"]
        assert [(way["way"], way["configured"], way["why"]) for way in ways] == [
            ("command", False, ""),
            ("webhook", False, ""),
            ("mail", False, ""),
        ]
        assert '"alarms-test"' in (house.folder / "audit.log").read_text()
    async with (
        running_server(tmp_path / "other", database) as house,
        house.client("operator") as client,
        client.post("/api/alarms/test", json={}) as answer,
    ):
        assert answer.status == 409 and (await answer.json())["code"] == "no-test"
