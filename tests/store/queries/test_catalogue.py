"""From the sound that Asterisk left to QA's list and the nightly check, through spool and database."""

import asyncio
from datetime import timedelta
from pathlib import Path

from acd.engine.commands import Kind, Log
from acd.engine.events import Event, RecordingFiled
from acd.store.journal.legs import legs_due
from acd.store.queries.recordings import Filters
from recordings import catalogue
from recordings.filing import Filing
from tests.store.support.store_fixture import MORNING, AnsweredCall, StoreFixture
from tests.support.recording_files import speech, talk


async def test_what_was_talked_is_found_by_qa_and_an_altered_file_by_the_night(
    ground: StoreFixture, tmp_path: Path
) -> None:
    root = tmp_path / "recordings"
    told: asyncio.Queue[Event] = asyncio.Queue()
    filing = Filing(root, told.put_nowait, 0)
    for number in range(1, 4):
        at = MORNING + timedelta(minutes=number)
        for line in AnsweredCall(f"c{number}", agent=f"100{number}", talk_s=2.0, at=at).lines():
            ground.journal.append(*line)
        talk(root, f"c{number}-1", speech(2, number), speech(2, number + 10))
    ground.journal.sync()
    # As after a restart: the spool tells which legs are owed.
    due, going_on = legs_due(ground.journal.folder)
    assert going_on == set()
    filing.sweep(due)
    for _ in range(3):
        event = await asyncio.wait_for(told.get(), 60)
        assert isinstance(event, RecordingFiled) and event.complete
        detail = {name: getattr(event, name) for name in ("path", "seconds", "sha256", "complete", "reason", "silent")}
        ground.log(Log(Kind.RECORDED, event.call, offer=event.offer, detail=detail), event=event)
    await ground.arrive()
    assert legs_due(ground.journal.folder) == ([], set()) and await ground.store.recordings(state="expected") == []
    found = await catalogue.search(ground.store, Filters(state="complete"))
    assert [(each.offer, each.agent, each.queue, each.caller) for each in found] == [
        (f"c{number}-1", f"100{number}", "billing", "13800001111") for number in (3, 2, 1)
    ]
    assert [each async for each in catalogue.altered(ground.store, root, Filters())] == []
    with (root / found[1].path).open("r+b") as file:
        file.seek(1000)
        file.write(b"\x01\x02")
    (root / found[2].path).unlink()
    wrong = [(row.offer, why) async for row, why in catalogue.altered(ground.store, root, Filters())]
    assert [offer for offer, _ in wrong] == ["c2-1", "c1-1"]
    assert "not what was filed" in wrong[0][1] and "the file is gone" in wrong[1][1]
    await asyncio.to_thread(filing.close)
