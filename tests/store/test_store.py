"""The questions of the pages: search, paging, days, and a database that is not there."""

import asyncio
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from acd.engine.commands import Kind, Log
from acd.store.errors import BadDatabaseUrl, DatabaseAway, DatabaseRefuses, NoSuchDatabase
from acd.store.store import Store
from acd.telephone_numbers import Numbering
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture


async def some_calls(ground: StoreFixture, count: int) -> None:
    for number in range(count):
        # Two arrive in each instant: pages must not lose or double the second.
        talk = AnsweredCall(
            f"c{number:03d}",
            agent=f"{1000 + number}",
            caller=f"1380000{number:04d}",
            queue=("billing", "orders")[number % 2],
            at=MORNING + timedelta(seconds=number // 2),
        )
        for line in talk.lines():
            ground.journal.append(*line)
    await ground.arrive()


async def test_pages_hold_every_call_once_newest_first(ground: StoreFixture) -> None:
    await some_calls(ground, 25)
    pages: list[str] = []
    before = None
    while page := await ground.store.calls(limit=4, before=before):
        pages += [each.call for each in page]
        before = page[-1].call
    assert pages == [f"c{number:03d}" for number in reversed(range(25))]
    shown: list[str] = []
    last = ""
    while found := await ground.store.recordings(limit=4, before=last):
        shown += [each.offer for each in found]
        last = found[-1].offer
    assert shown == [f"c{number:03d}-1" for number in reversed(range(25))]


WRITINGS = [
    "13800001111",
    "013800001111",
    "8613800001111",
    "+8613800001111",
    "0086 138 0000 1111",
    "138****1111",
    "+86138",
    "0138",
    "0000-1111",
]


async def test_whatever_is_typed_of_a_number_finds_the_person_in_rows_of_this_version_and_of_former_ones(
    ground: StoreFixture,
) -> None:
    kept = ["+8613800001111", "13800001111", "013800001111", "8613800001111", "008613800001111"]
    others = ["+8613900002222", "+861062345678", "95588", "unknown"]
    for number, caller in enumerate(kept + others):
        for line in AnsweredCall(f"c{number}", caller=caller, at=MORNING + timedelta(seconds=number)).lines():
            ground.journal.append(*line)
    await ground.arrive()

    async def found(typed: str) -> list[str]:
        return [kept_or_other(call.caller) for call in await ground.store.calls(search=typed)]

    def kept_or_other(caller: str) -> str:
        return "the person" if caller in kept else caller

    for typed in WRITINGS:
        assert await found(typed) == ["the person"] * len(kept), typed
        rows = await ground.store.recordings(caller=typed)
        assert [kept_or_other(row.caller) for row in rows] == ["the person"] * len(kept), typed
    assert await found("010 6234 5678") == await found("10623456") == await found("+86 10 6234") == ["+861062345678"]
    assert await found("95588") == await found("+8695588") == ["95588"]
    assert await found("unknown") == ["unknown"]
    german = Numbering("DE")
    assert [call.caller for call in await ground.store.calls(search="13900002222", numbering=german)] == [
        "+8613900002222"
    ]


async def test_a_withheld_number_is_found_by_its_call_and_not_by_its_digits(ground: StoreFixture) -> None:
    detail = {"caller": "+8613800001111", "dialled": "95001", "written": "013800001111", "withheld": True}
    ground.log(Log(Kind.ARRIVED, "c0", detail=detail))
    for line in AnsweredCall("c1", caller="+8613800001111", at=MORNING + timedelta(seconds=1)).lines():
        ground.journal.append(*line)
    await ground.arrive()
    found = await ground.store.calls(search="13800001111")
    assert [call.call for call in found] == ["c1"]
    (one,) = await ground.store.calls(search="c0")
    assert (one.caller, one.written, one.withheld) == ("+8613800001111", "013800001111", True)
    assert [call.call for call in await ground.store.calls(search="withheld")] == ["c0"]


async def test_search_finds_numbers_ids_and_agents_and_takes_nothing_as_a_pattern(ground: StoreFixture) -> None:
    await some_calls(ground, 12)

    async def found(**filters: object) -> list[str]:
        return [each.call for each in await ground.store.calls(**filters)]  # type: ignore[arg-type]

    assert await found(search="00007") == ["c007"]
    assert await found(search="c003") == ["c003"] and await found(search="1005") == ["c005"]
    assert len(await found(search="95001")) == 12
    for odd in ("%", "_", "\\", "' OR 1=1 --", "c00%", "'; DROP TABLE calls; --"):
        assert await found(search=odd) == [] and await found(queue=odd) == [] and await found(ending=odd) == []
        assert await ground.store.recordings(text=odd, caller=odd) == []
    assert len(await found(queue="orders")) == 6 and len(await found(ending="answered")) == 12
    assert [each.offer for each in await ground.store.recordings(text="c011")] == ["c011-1"]
    assert [each.caller for each in await ground.store.recordings(caller="0003", agent="1003")] == ["13800000003"]
    assert len(await found()) == 12 and await ground.store.call("nobody") is None


async def test_a_day_begins_where_the_hotline_is(ground: StoreFixture) -> None:
    await some_calls(ground, 1)  # 01:00 UTC is 09:00 in Shanghai and the evening before in New York
    shanghai = await Store.open(ground.url, ZoneInfo("Asia/Shanghai"))
    new_york = await Store.open(ground.url, ZoneInfo("America/New_York"))
    assert len(await shanghai.calls(day=date(2024, 11, 20))) == 1
    assert len(await new_york.calls(day=date(2024, 11, 20))) == 0
    assert len(await new_york.calls(day=date(2024, 11, 19))) == 1
    begin, end = new_york.day_bounds(date(2024, 11, 3))
    assert end.timestamp() - begin.timestamp() == 25 * 3600
    await shanghai.close()
    await new_york.close()


async def test_a_database_that_is_away_or_frozen_says_so_soon(ground: StoreFixture) -> None:
    await some_calls(ground, 1)
    await ground.end()
    ground.server.freeze()
    loop = asyncio.get_running_loop()
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.01)

    heart = asyncio.create_task(beat())
    began = loop.time()
    with pytest.raises(DatabaseAway, match="no answer in time"):
        await ground.store.calls()
    assert loop.time() - began < 30  # against hanging; the deadline itself is 5 s
    assert beats > 10  # the loop went on
    heart.cancel()
    ground.server.thaw()
    assert len(await ground.store.calls()) == 1
    ground.server.kill()
    with pytest.raises(DatabaseAway):
        await ground.store.ping()
    ground.server.start()
    await ground.store.ping()
    assert len(await ground.store.calls()) == 1


@pytest.mark.parametrize(
    "url", ["mysql://a:secret@h/d", "secret", "postgresql://a:secret@h", "postgresql://a:secret@h:x/d"]
)
async def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="Write it as postgresql://") as refused:
        await Store.open(url)
    assert "secret" not in str(refused.value)


async def test_a_wrong_password_is_said_without_showing_it(ground: StoreFixture) -> None:
    store = await Store.open(ground.url.replace("sanxiang:", "sanxiang:nonsense"))
    with pytest.raises(DatabaseRefuses, match="password authentication failed") as refused:
        await store.ping()
    assert "nonsense" not in str(refused.value)
    assert refused.value.said.startswith('PostgreSQL refuses this log-in (password authentication failed for user "')
    await store.close()


async def test_a_password_that_was_changed_is_used_from_the_next_connection_on(ground: StoreFixture) -> None:
    store = await Store.open(ground.url.replace("sanxiang:", "sanxiang:nonsense"))
    with pytest.raises(DatabaseRefuses):
        await store.ping()
    store.log_in_as(ground.url)
    await store.ping()
    await store.migrate()
    await store.close()


async def test_a_database_that_is_not_there_is_told_apart_from_a_server_that_is_not(ground: StoreFixture) -> None:
    store = await Store.open(ground.url.rpartition("/")[0] + "/nowhere")
    with pytest.raises(NoSuchDatabase, match="has no such database") as missing:
        await store.ping()
    assert isinstance(missing.value, DatabaseAway)
    await store.close()
