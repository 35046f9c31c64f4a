"""Alarms of a whole hotline: raised by a figure, told outside by a real program, there after the daemon was killed without a
database, and over when an agent comes."""

import asyncio
import json
from pathlib import Path
from typing import Any

from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually


async def test_an_alarm_outlives_daemon_and_database_and_ends_by_itself(tmp_path: Path):
    told = tmp_path / "told.jsonl"
    page = tmp_path / "page.sh"
    page.write_text(f"#!/bin/sh\ncat >> {told}\n")
    page.chmod(0o755)
    more = f"""
[alarms]
command = ["{page}"]
[[alarms.thresholds]]
figure = "staffed"
critical = 1
for_s = 1
queues = ["orders"]
why = "somebody must be there"
"""

    def notices() -> list[dict[str, Any]]:
        lines = told.read_text().splitlines() if told.exists() else []
        return [json.loads(line) for line in lines]

    def kinds() -> list[str]:
        return [one["type"] for one in notices() if one["data"]["alarm"]["kind"] == "queue-staffed"]

    async with FullSystem(tmp_path / "system", ("1001",), brisk=True, more=more) as system:

        async def staffed_alarms() -> list[dict[str, Any]]:
            found = (await system.ask("GET", "/api/alarms"))["alarms"]
            return [row for row in found if row["kind"] == "queue-staffed"]

        [alarm] = await eventually(staffed_alarms, "the alarm")
        assert (alarm["subject"], alarm["severity"]) == ("orders", "critical")
        assert alarm["said"]["zh"] == "队列 orders：在线座席 0 人，少于 1 人（somebody must be there）"
        await eventually(lambda: kinds() == ["alarm.raised"], "the program")
        number = str(alarm["number"])
        status, said, _ = await system.sanxiang("alarms")
        assert status == 3 and "orders" in said
        assert (await system.sanxiang("alarms", "seen", number))[0] == 0
        status, said, _ = await system.sanxiang("alarms", "test")
        assert status == 0 and "command  taken" in said and "webhook  not configured" in said
        assert notices()[-1]["type"] == "alarm.test"

        await asyncio.to_thread(system.database.stop)
        killed = system.faults.kill("daemon")
        await system.faults.up_again(killed)
        [again] = await eventually(staffed_alarms, "the alarm after the restart")
        assert (again["number"], again["raised_at"]) == (alarm["number"], alarm["raised_at"])
        assert [one["by"] for one in again["seen"]], "who had seen it is known"
        await asyncio.to_thread(system.database.start)

        await system.staffed("1001", Phone(ring_s=0.2))

        async def none() -> bool:
            return not await staffed_alarms()

        await eventually(none, "the end")
        await eventually(lambda: kinds()[-1] == "alarm.cleared", "the program's word of the end")
        assert kinds() == ["alarm.raised", "alarm.cleared"], "a restart tells nothing twice"
        _, said, _ = await system.sanxiang("alarms", "--all")
        assert "Too few agents logged in (orders)" in said and "by itself" in said
        await system.caught_up()
