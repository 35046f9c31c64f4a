"""Customers with their brands, and recordings that were deleted, held, or half deleted, are put back as they were."""

import asyncio
import json
import threading
from datetime import timedelta
from pathlib import Path

from acd.store.customers import records
from acd.store.customers.record import Customer
from acd.store.embedded import EmbeddedPostgres
from acd.store.queries.recording_keeping import KeepDays
from acd.store.retention.rules import Rules
from acd.store.store import Store
from recordings.keeping import Keeping
from tests.backup.support.hotline import Hotline, new_database
from tests.store.support.store_fixture import MORNING

CUSTOMERS = (
    Customer("K-7", "张三\t\\N", ("+8613800001111", "+861088886666"), "gold", "zh", "B-1", do_not_call=True, brands=("acme", "bolt")),
    Customer("K-8", consent='said "yes"', complaint_ticket="T-9", complaint_owner="1001"),
)  # fmt: skip
DELETED, HELD, HALF, KEPT = (f"20241120-{number:06d}-1" for number in (1, 2, 3, 4))


def keeping(store: Store, hotline: Hotline) -> Keeping:
    return Keeping(store, hotline.installation.recordings, threading.Lock(), lambda: MORNING + timedelta(days=1))


async def test_customers_and_deleted_recordings_are_put_back_as_they_were(
    hotline: Hotline, server: EmbeddedPostgres, tmp_path: Path
):
    store = await Store.open(hotline.url)
    async with store.transaction() as connection:
        for each in CUSTOMERS:
            await records.add(connection, each, "test")
    filed = "UPDATE recordings SET path = '2024/11/20/' || offer || '.wav' RETURNING offer"
    assert sorted(row[0] for row in await hotline.rows(filed)) == [DELETED, HELD, HALF, KEPT]
    keep = keeping(store, hotline)
    assert await keep.delete([DELETED], "qa", "asked for") == [DELETED]
    assert await keep.hold(HELD, "qa", "a lawsuit")
    # A crash between the row and the file: the row names what is still to be removed.
    assert [each.offer for each in await store.mark_deleted([HALF], MORNING, "qa", "asked for")] == [HALF]
    await store.close()

    told = "SELECT offer, path, deleted_by, deleted_why, deleted_path, held_by FROM recordings ORDER BY offer"
    was = await hotline.rows(told)
    made = await asyncio.to_thread(hotline.back_up, tmp_path)
    assert made.left_out == [], "a recording that was deleted is not missed"
    hotline.lose()
    hotline.url = await new_database(server, hotline.url.rpartition("/")[2])
    await asyncio.to_thread(hotline.restore, made.file)

    assert await hotline.rows(told) == was
    store = await Store.open(hotline.url)
    async with store.transaction() as connection:
        for each in CUSTOMERS:
            there = await records.one(connection, each.id)
            assert there is not None and (there.name, there.numbers, there.brands) == (
                each.name,
                each.numbers,
                each.brands,
            )
        assert (await records.by_number(connection, ["+861088886666"])) is not None
        assert await records.barred(connection, ["+8613800001111"]) == {"+8613800001111"}
    folder = hotline.installation.recordings / "2024" / "11" / "20"
    assert not (folder / f"{DELETED}.wav").exists()
    manifest = json.loads((folder / f"{DELETED.removesuffix('-1')}.json").read_text())
    assert manifest["legs"][0]["deleted"]["by"] == "qa"
    # The night after goes on where the crash was; what is held and what is kept stays.
    assert (folder / f"{HALF}.wav").exists()
    await keeping(store, hotline).delete_due(Rules(KeepDays(0)))
    await store.close()
    assert [(folder / f"{offer}.wav").exists() for offer in (DELETED, HELD, HALF, KEPT)] == [False, True, False, True]
