"""The shipper against a real PostgreSQL that is stopped, killed, frozen and slowed: every row, once, in order."""

import asyncio
import logging
import random
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from acd.engine.commands import Kind, Log
from acd.store.journal.journal import Journal
from acd.store.shipping import shipper as shipping
from acd.store.shipping.shipper import Shipper
from tests.store.support.freezable_postgres import FreezablePostgres
from tests.store.support.store_fixture import AnsweredCall, StoreFixture, filler
from tests.support.waiting import eventually


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same deadlines and pauses, shorter, so that a fault costs the test a second and not ten."""
    monkeypatch.setattr(shipping, "STEP_WITHIN_S", 1.0)
    monkeypatch.setattr(shipping, "LONGEST_PAUSE_S", 0.5)


async def test_what_was_logged_is_there_once_and_in_order(ground: StoreFixture) -> None:
    for number in range(5000):
        ground.journal.append(*filler(number))
    await ground.arrive()
    await ground.assert_exactly_once()
    assert ground.shipper.healthy and ground.shipper.behind == 0 and ground.shipper.trouble == ""


async def test_postgresql_away_at_the_start_is_said_once_and_waited_for(
    ground: StoreFixture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "acd.store")
    ground.server.stop()
    ground.journal.append(*filler(1))
    ground.journal.sync()
    ground.go()
    await eventually(lambda: "stays in the spool" in caplog.text)
    pause = ground.shipper._pause
    await eventually(lambda: ground.shipper._pause > pause)
    assert not ground.shipper.healthy and ground.shipper.behind == 1 and ground.shipper.trouble
    ground.server.start()
    await ground.arrive()
    await ground.assert_exactly_once()
    assert caplog.text.count("stays in the spool") <= 2  # refused, and perhaps "starting up" in between
    assert caplog.text.count("takes the call log") == 1


async def _write_until(ground: StoreFixture, stop: asyncio.Event) -> int:
    number = 0
    while not stop.is_set():
        for _ in range(20):
            ground.journal.append(*filler(number))
            number += 1
        if number % 400 == 0:
            ground.journal.checkpoint(filler(number)[0], {"number": number})
        await asyncio.to_thread(ground.journal.sync)
        await asyncio.sleep(0.002)
    return number


@pytest.mark.parametrize("fault", ["stop", "kill", "immediate", "freeze"])
@pytest.mark.usefixtures("impatient")
async def test_under_writing_postgresql_fails_and_comes_back(ground: StoreFixture, fault: str) -> None:
    stop = asyncio.Event()
    ground.go()
    writer = asyncio.create_task(_write_until(ground, stop))
    chance = random.Random(fault)
    for _ in range(2 if fault == "freeze" else 4):
        reached = ground.shipper._line
        await eventually(lambda reached=reached: ground.shipper._line > reached)  # type: ignore[misc]
        await asyncio.sleep(chance.uniform(0, 0.15))
        if fault == "freeze":
            ground.server.freeze()
            await eventually(lambda: not ground.shipper.healthy)
            assert "no answer in time" in ground.shipper.trouble
            ground.server.thaw()
        else:
            await asyncio.to_thread({"kill": ground.server.kill}.get(fault, lambda: ground.server.stop(
                "immediate" if fault == "immediate" else "fast")))  # fmt: skip
            await eventually(lambda: not ground.shipper.healthy)
            await asyncio.to_thread(ground.server.start)
    stop.set()
    count = await writer
    await ground.arrive()
    await ground.assert_exactly_once()
    assert await ground.sql("SELECT count(*) FROM call_log") == [(3 * count,)]
    assert await ground.sql("SELECT count(*), count(DISTINCT call) FROM calls") == [(count, count)]


@pytest.mark.usefixtures("impatient")
async def test_postgresql_slow_costs_no_call_and_no_row(ground: StoreFixture) -> None:
    """Another session holds the row that every transaction of ours begins with."""
    ground.journal.append(*filler(0))
    await ground.arrive()
    other = await asyncpg.connect(ground.url)
    held = other.transaction()
    await held.start()
    await other.execute("SELECT * FROM spools FOR UPDATE")
    for number in range(1, 50):
        ground.journal.append(*filler(number))
    ground.journal.sync()
    await eventually(lambda: not ground.shipper.healthy)
    assert ground.shipper.behind == 49
    await held.rollback()
    await other.close()
    await ground.arrive()
    await ground.assert_exactly_once()


async def test_deadlocks_are_tried_again_and_nobody_notices(
    ground: StoreFixture, caplog: pytest.LogCaptureFixture
) -> None:
    await ground.store.migrate()
    await ground.sql("CREATE SEQUENCE tries")
    await ground.sql(
        "CREATE FUNCTION trip() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') <= 3 THEN "
        "RAISE EXCEPTION 'crossing' USING ERRCODE = CASE currval('tries') WHEN 2 THEN '40001' ELSE '40P01' END; "
        "END IF; RETURN NULL; END $$"
    )
    await ground.sql("CREATE TRIGGER trip BEFORE UPDATE ON spools FOR EACH STATEMENT EXECUTE FUNCTION trip()")
    ground.journal.append(*filler(0))
    await ground.arrive()
    await ground.assert_exactly_once()
    assert "stays in the spool" not in caplog.text


async def test_a_row_that_is_refused_is_put_aside_and_the_rest_goes_on(
    ground: StoreFixture, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(10):
        ground.journal.append(*filler(number))
    ground.log(
        Log(Kind.TALK_ENDED, "c3", "1001", "c3-1", detail={"talk_s": "long"}),
        Log(Kind.MENU, "c3", detail={"path": "zh/0"}),
    )
    ground.log(Log(Kind.OFFERED, "c4", "1001", "c4-1", "billing", {"number": 10**12}))
    for number in range(10, 20):
        ground.journal.append(*filler(number))
    await ground.arrive()
    dead = await ground.sql("SELECT line, idx, reason, body FROM dead_letters ORDER BY line")
    assert [(line, idx) for line, idx, _, _ in dead] == [(11, 0), (12, 0)]
    assert "long" in dead[0][2] and "long" in dead[0][3] and dead[1][2]
    assert await ground.sql("SELECT count(*) FROM call_log") == [(61,)]
    assert await ground.sql("SELECT menu_path FROM calls WHERE call = 'c3'") == [("zh/0",)]
    assert await ground.sql("SELECT count(*) FROM offers") == [(0,)]
    assert ground.shipper.dead_letters == 2 and await ground.store.dead_letters() == 2
    assert caplog.text.count("was put aside") == 2


async def test_a_damaged_line_of_the_spool_is_put_aside(ground: StoreFixture) -> None:
    for number in range(3):
        ground.journal.append(*filler(number))
    ground.journal.sync()
    segment = ground.journal._segment
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + lines[1] + b"#" + lines[2][1:] + lines[3])
    await ground.arrive()
    assert await ground.sql("SELECT DISTINCT line FROM call_log ORDER BY line") == [(1,), (3,)]
    ((line, idx, body),) = await ground.sql("SELECT line, idx, body FROM dead_letters")
    assert (line, idx) == (2, -1) and body.startswith("#")


async def test_text_that_postgresql_cannot_hold_is_replaced_not_refused(ground: StoreFixture) -> None:
    ground.log(Log(Kind.ARRIVED, "c1", detail={"caller": "1\x002", "dialled": "张三\x00"}))
    ground.log(Log(Kind.ALARM, detail={"na\x00me": ["a\x00b", {"deep": "\x00"}]}))
    await ground.arrive()
    await ground.assert_exactly_once()
    assert await ground.sql("SELECT caller, dialled FROM calls") == [("1\ufffd2", "张三\ufffd")]


async def test_an_agent_in_two_live_calls_is_refused_by_the_database(ground: StoreFixture) -> None:
    first, second = AnsweredCall("c1").lines(), AnsweredCall("c2").lines()
    for line in [*first[:5], *second[:5]]:
        ground.journal.append(*line)
    await ground.arrive()
    ((reason,),) = await ground.sql("SELECT reason FROM dead_letters")
    assert "agent_in_one_live_call" in reason
    assert await ground.sql("SELECT offer FROM offers WHERE connected_at IS NOT NULL") == [("c1-1",)]
    for line in [*first[5:], *second[5:]]:
        ground.journal.append(*line)
    await ground.arrive()
    assert await ground.sql("SELECT call, ending FROM calls ORDER BY call") == [("c1", "answered"), ("c2", "answered")]


async def test_one_talk_after_another_in_one_batch_is_no_conflict(ground: StoreFixture) -> None:
    for number in range(50):
        for line in AnsweredCall(f"c{number}", at=filler(number * 200)[0]).lines():
            ground.journal.append(*line)
    await ground.arrive()
    await ground.assert_exactly_once()


async def test_legs_left_open_by_a_lost_spool_block_nobody(ground: StoreFixture, tmp_path: Path) -> None:
    for line in AnsweredCall("c1").lines()[:5]:
        ground.journal.append(*line)
    await ground.arrive()
    await ground.end()
    other = Journal(tmp_path / "another")
    following = StoreFixture(ground.server, ground.url, ground.store, other, Shipper(ground.store, other))
    for line in AnsweredCall("c2").lines()[:5]:
        other.append(*line)
    await following.arrive()
    await following.assert_exactly_once()
    assert await ground.sql("SELECT offer, ended_by FROM offers ORDER BY offer") == [("c1-1", "lost"), ("c2-1", None)]
    await following.end()
    other.close()


async def test_a_database_restored_from_an_older_copy_is_filled_again(ground: StoreFixture) -> None:
    for number in range(30):
        ground.journal.append(*filler(number))
    await ground.arrive()
    await ground.end()
    await ground.sql("DELETE FROM call_log WHERE line > 12")
    await ground.sql("DELETE FROM calls WHERE call > 'c2'")
    await ground.sql("UPDATE spools SET line = 10")
    ground.shipper = Shipper(ground.store, ground.journal)
    ground.journal.append(*filler(30))
    await ground.arrive()
    await ground.assert_exactly_once()


WRITER = """
import asyncio, sys
from pathlib import Path
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.store.support.store_fixture import filler

async def main(folder, url):
    journal = Journal(Path(folder))
    state, events = journal.last()
    number = journal.synced
    store = await Store.open(url)
    shipper = Shipper(store, journal, batch_rows=150)
    asyncio.create_task(shipper.run())
    while True:
        for _ in range(15):
            journal.append(*filler(number))
            number += 1
        if number % 300 == 0:
            journal.checkpoint(filler(number)[0], {"number": number})
        await asyncio.to_thread(journal.sync)
        print(journal.synced, shipper.behind, flush=True)
        await asyncio.sleep(0)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_the_writer_killed_ten_times_leaves_every_row_once(
    server: FreezablePostgres, url: str, ground: StoreFixture, tmp_path: Path
) -> None:
    """Ten times on each of the two servers: a process that begins costs a second of a processor."""
    folder = tmp_path / "killed"
    chance = random.Random(20)
    promised = 0
    for _ in range(10):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), url], stdout=subprocess.PIPE, cwd=Path.cwd(), text=True
        )
        assert writer.stdout is not None
        for _ in range(chance.randrange(1, 40)):
            line = await asyncio.to_thread(writer.stdout.readline)
            promised = int(line.split()[0])
        await asyncio.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        for line in writer.stdout:
            if line.endswith("\n") and len(line.split()) == 2:
                promised = int(line.split()[0])
        writer.stdout.close()
    journal = Journal(folder)
    final = StoreFixture(server, url, ground.store, journal, Shipper(ground.store, journal))
    await final.arrive()
    # What sync had promised is there; what is there has no gap and no double.
    assert journal.synced >= promised
    await final.assert_exactly_once()
    assert [call for _, idx, call in final.spooled() if idx == 0] == [f"c{number}" for number in range(journal.synced)]
    await final.end()
    journal.close()
