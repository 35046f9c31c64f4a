"""The configuration by API: who may, what comes back, what is refused, and that the audit knows of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.daemon.configuration.test_config_reload import FIRST, SECOND, House
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
def kept(tmp_path: Path) -> House:
    """A real installation with versions; Asterisk's part is played by a program that says yes."""
    return House(tmp_path)


@pytest.fixture
async def house(kept: House, database: str) -> AsyncIterator[RunningServer]:
    async with running_server(kept.folder / "web", database, configurations=kept.live) as house:
        yield house


def audited(house: RunningServer) -> list[tuple[str, str]]:
    lines = (house.folder / "audit.log").read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    return [(line["who"], line["action"]) for line in told if line["action"].startswith("configuration")]


async def test_an_operator_reloads_looks_and_goes_back_and_every_deed_is_audited(house: RunningServer, kept: House):
    kept.edits(SECOND)
    async with house.client("operator") as client:
        async with client.post("/api/config/reload", json={"dry_run": True}) as answer:
            said = await answer.json()
        assert (answer.status, said["taken"], said["version"]) == (200, False, 1)
        assert said["differences"] == ["agent 1001, skills: orders 5 -> 4."]
        async with client.post("/api/config/reload", json={}) as answer:
            assert ((await answer.json())["taken"], answer.status) == (True, 200)
        async with client.get("/api/config") as answer:
            now = await answer.json()
        assert (now["number"], now["by"], now["queues"], now["agents"]) == (2, "operator", 4, 1)
        async with client.post("/api/config/back", json={}) as answer:
            assert (await answer.json())["version"] == 3
        async with client.get("/api/config/versions") as answer:
            versions = (await answer.json())["versions"]
        assert [(version["number"], version["like"]) for version in versions] == [(3, 1), (2, 0), (1, 0)]
    assert audited(house) == [
        ("operator", "configuration reload"),
        ("operator", "configuration reload taken"),
        ("operator", "configuration back"),
        ("operator", "configuration back taken"),
    ]


async def test_a_bad_file_is_a_400_with_every_mistake_and_what_cant_be_a_409(house: RunningServer, kept: House):
    kept.edits(FIRST.replace("orders = 5", "orders = 50").replace("orders = 1 }", "orders = 1 }\nnonsense = 1"))
    async with house.client("operator") as client:
        async with client.post("/api/config/reload", json={}) as answer:
            problem = await answer.json()
        assert (answer.status, problem["code"], len(problem["mistakes"])) == (400, "bad-configuration", 2)
        assert f"{kept.file}:17: agents.1001.skills.orders: 50 is out of range" in problem["detail"]
        kept.edits(FIRST + "[web]\nport = 1234\n")
        async with client.post("/api/config/reload", json={}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (400, "needs-start")
        async with client.post("/api/config/back", json={}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (409, "not-taken")
        async with client.post("/api/config/reload", json={"dryrun": True}) as answer:
            assert answer.status == 400
    assert kept.untouched()
    assert audited(house)[1] == ("operator", "configuration reload refused")


async def test_who_only_listens_may_look_and_change_nothing(house: RunningServer):
    async with house.client("qa") as client:
        for path in ("/api/config", "/api/config/versions"):
            async with client.get(path) as answer:
                assert answer.status == 200
        for path in ("/api/config/reload", "/api/config/back"):
            async with client.post(path, json={}) as answer:
                assert answer.status == 403
    async with house.client() as client, client.get("/api/config") as answer:
        assert answer.status == 401
