"""Real talks whose recordings are not as they should be: told within a minute, and in the manifest."""

import asyncio
from pathlib import Path

from acd.engine.commands import Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem

STRICT = """
[recordings.checks]
quiet_below_db = -10
levels_from_s = 3
"""
"""Every voice is too quiet for it: the setting reaches the filing."""


async def test_a_missing_recording_and_a_wrong_level_are_alarms(tmp_path: Path):
    async with FullSystem(tmp_path / "system", ("1001",), brisk=True, more=STRICT) as system:
        await system.staffed("1001", Phone(ring_s=0.2))
        live = Path(system.prepared.recordings) / "live"

        caller = await system.asks("1", "13800000001")
        talk = await system.log.row(Kind.CONNECTED)
        await asyncio.sleep(5)
        await caller.hang_up()
        ended = await system.log.row(Kind.TALK_ENDED, lambda row: row.call == talk.call)
        level = await system.log.row(Kind.ALARM, lambda row: row.detail["name"] == "recording level wrong")
        assert level.call == talk.call and "too quiet" in level.detail["detail"], level.detail
        assert ended.detail["talk_s"] >= 3

        caller = await system.asks("1", "13800000002")
        second = await system.log.row(Kind.CONNECTED, lambda row: row.call != talk.call)
        await asyncio.sleep(3)
        for file in live.glob(f"{second.offer}*.wav"):
            file.unlink()
        await caller.hang_up()
        over_at, _ = await system.log.timed_row(Kind.TALK_ENDED, lambda row: row.call == second.call)
        told_at, missing = await system.log.timed_row(Kind.ALARM, lambda row: row.detail["name"] == "recording missing")
        assert (told_at - over_at).total_seconds() < 60
        assert missing.call == second.call and "there is no file" in missing.detail["detail"], missing.detail
        shown = (await system.ask("GET", "/api/alarms"))["alarms"]
        said = {row["kind"]: row["said"] for row in shown}
        assert said["recording-missing"]["zh"].startswith("通话没有录音")
        assert "recording-level-wrong" in said

        status, out, _ = await system.sanxiang("recording", "manifest", second.call)
        assert status == 0 and "there is no file" in out, out
