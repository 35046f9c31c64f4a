"""What is wrong between journal and database, where the operator looks: `status`, `doctor`, /health, /metrics, and the command that mends."""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from acd.engine.events import AgentLoggedOut, AgentReady
from acd.store.journal.journal_identity import known_in
from tests.support import forked_commands
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer


@pytest.fixture
async def config(house: RunningServer, database: str, tmp_path: Path) -> Path:
    file, password_file = tmp_path / "sanxiang.toml", tmp_path / "database.password"
    password_file.write_text(f"{make_url(database).password}\n")
    password_file.chmod(0o600)
    file.write_text(
        f"""
[hotline]
name = "Orders"
numbers = {{ "95001" = "zh" }}
[database]
url = "{re.sub(r":[^:@/]+@", "@", database)}"
password_file = "{password_file}"
[queues.orders]
label = {{ zh = "订单", en = "Orders" }}
skills = {{ orders = 1 }}
[agents.1001]
name = "A"
skills = {{ orders = 5 }}
"""
    )
    return file


@pytest.fixture
async def aside(house: RunningServer, database: str) -> AsyncIterator[str]:
    """A row of a kind that this version doesn't know, a row that is whole, and lines that are missing."""
    (house.folder / "run").mkdir(exist_ok=True)
    (house.folder / "run" / "address.json").write_text(json.dumps({"url": house.url}))
    identity = known_in(house.folder / "journal")
    assert identity is not None
    connection = await asyncpg.connect(database)
    for line, idx, body in (
        (900001, 0, '{"kind":"sang","call":"c9"}'),
        (900002, 1, '{"kind":"menu","call":"c9-1","detail":{"path":"zh/7"}}'),
        (900003, -1, ""),
    ):
        await connection.execute(
            "INSERT INTO dead_letters (spool, line, idx, reason, body, told_at) VALUES ($1, $2, $3, 'made', $4, now())",
            *(identity.spool, line, idx, body),
        )
    house.shipper._beat_at = 0.0
    await eventually(lambda: house.shipper.set_aside == 3)
    yield identity.spool
    await connection.execute("TRUNCATE dead_letters")
    await connection.close()


async def sanxiang(*words: str) -> tuple[int, str, str]:
    return await asyncio.to_thread(forked_commands.run, words, env={**os.environ, "COLUMNS": "200"})


async def test_rows_set_aside_are_told_everywhere_looked_at_tried_again_and_forgotten(
    house: RunningServer, aside: str, config: Path
) -> None:
    async with house.client() as client, client.get("/health") as answer:
        (notice,) = (await answer.json())["notices"]
        assert answer.status == 200 and notice["code"] == "rows-set-aside"
        assert notice["en"]["what"].startswith("3 rows") and "3 条" in notice["zh"]["what"]
    async with house.client("token") as client, client.get("/metrics") as answer:
        text = await answer.text()
    assert "sanxiang_rows_set_aside 3.0" in text
    assert 'sanxiang_journal_notice{code="rows-set-aside"} 1.0' in text
    state = ("--state", str(house.folder))
    status, output, complaints = await sanxiang("status", *state)
    assert status == 0, complaints
    assert "3 rows of the call log are set aside" in output and "db set-aside list" in output
    _, output, _ = await sanxiang("doctor", *state, "--config", str(config))
    assert "BAD  journal: 3 rows of the call log" in output

    where = ("--config", str(config))
    status, output, complaints = await sanxiang("db", "set-aside", "list", *where)
    assert status == 0, complaints
    assert aside in output and "made" in output and "900002" in output
    assert "zh/7" not in output, "what a caller did stands in no list"
    status, output, _ = await sanxiang("db", "set-aside", "show", aside, "900002", "--row", "1", *where)
    assert status == 0 and "zh/7" in output
    status, output, _ = await sanxiang("db", "set-aside", "retry", *where)
    assert (status, output) == (1, "1 are in the tables now, 2 are still set aside.\n")
    found = json.loads((await sanxiang("db", "set-aside", "list", "--json", *where))[1])
    assert [(row["line"], row["reason"]) for row in found] == [
        (900001, "NotAnEvent: " + found[0]["reason"].partition(": ")[2]),
        (900003, "the journal does not hold it"),
    ]
    assert (await house.store.call("c9-1")).menu_path == "zh/7"  # type: ignore[union-attr]
    assert (await sanxiang("db", "set-aside", "forget", "--missing", *where))[1] == "1 entries are deleted.\n"
    assert (await sanxiang("db", "set-aside", "forget", aside, "900001", *where))[1] == "deleted\n"
    status, _, complaints = await sanxiang("db", "set-aside", "forget", aside, "900001", *where)
    assert status == 1 and "No row 0 of line 900001" in complaints
    assert (await sanxiang("db", "set-aside", "list", *where))[1] == "No row is set aside.\n"
    house.shipper._beat_at = 0.0
    await eventually(lambda: house.shipper.notices == [])


@pytest.mark.parametrize("words", [("forget",), ("forget", "abc", "1", "--missing"), ("show", "abc", "one")])
async def test_wrong_usage_says_how(words: tuple[str, ...], config: Path) -> None:
    status, output, complaints = await sanxiang("db", "set-aside", *words, "--config", str(config))
    assert (status, output) == (2, "") and complaints


async def test_without_a_database_it_says_so(tmp_path: Path, config: Path) -> None:
    away = tmp_path / "away.toml"
    away.write_text(re.sub(r'url = ".*"', 'url = "postgresql://nobody@127.0.0.1:1/x"', config.read_text()))
    status, _, complaints = await sanxiang("db", "set-aside", "list", "--config", str(away))
    assert status == 1 and "Nobody listens at 127.0.0.1:1" in complaints and "Traceback" not in complaints


async def test_doctor_of_a_stopped_hotline_tells_of_an_older_state_folder(
    house: RunningServer, config: Path, tmp_path: Path
) -> None:
    assert await house.shipper.catch_up(30)
    copy = tmp_path / "put-back"
    copy.mkdir()
    shutil.copytree(house.folder / "journal", copy / "journal")
    # The original goes on.
    house.calls.tell(AgentReady("1001"), AgentLoggedOut("1001"))
    await house.calls.settled()
    assert await house.shipper.catch_up(30)
    _, output, _ = await sanxiang("doctor", "--state", str(copy), "--config", str(config))
    assert "BAD  journal: the state folder is an older copy than its database" in output
    assert "-> If you restored or copied the state folder, nothing is to be done." in output
