"""A running system whose Asterisk and stories have users of their own, as a program: tests/calls/test_own_users.py starts it as the
daemon's user, with the supervisor's three capabilities. Prints what it saw as JSON in its last line."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from acd.engine.commands import Kind
from acd.processes.upgrade import Programs, upgrade
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem


async def seen(folder: Path, hung: bool) -> dict[str, Any]:
    """A call that is recorded, an agent who is added, a call without the story server; `hung`: and Asterisk stopped."""
    said: dict[str, Any] = {}
    async with FullSystem(folder, ("1001", "1002"), brisk=True) as system:
        system.leftovers_matter = not hung
        for part in ("asterisk", "stories", "daemon"):
            process = system.parts[part].process
            status = Path(f"/proc/{process.pid if process else 0}/status").read_text()
            lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            said[part] = [lines["Uid"].split()[1], lines["CapEff"], lines["CapAmb"]]
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(2.5, 2.5)))
        said["call"] = await _answered(system, "13800000001")
        row = await system.log.row(Kind.RECORDED)
        said["recorded"] = row.detail["complete"]
        new = {"agent": "1010", "name": "New", "skills": {"orders": 5}}
        said["agent added"] = (await system.request("POST", "/api/agents", new))[0]
        said["asterisk knows them"] = "1010" in await system.cli("pjsip show endpoint 1010")
        figures = await upgrade(system.supervisor, system.installation, Programs(), print)
        said["stories replaced"] = "stories" in figures
        await system.serving()
        system.programs["stories"] = system.parts["stories"].argv
        system.faults.hold_back("stories")
        system.signal("stories", signal.SIGKILL)
        await system.ask("POST", "/api/agents/1001/ready", {})
        said["without the story server"] = await _answered(system, "13800000002")
        system.faults.bring_back("stories")
        await system.serving()
        if hung:
            await system.faults.back(system.faults.kill("asterisk", signal.SIGSTOP))
            said["alarms"] = system.log.alarms()
    return said


async def _answered(system: FullSystem, number: str) -> str:
    await system.asks("1", number)
    return str((await system.log.ending_of(await system.log.call_of(number))).detail["ending"])


if __name__ == "__main__":
    os.umask(0o077)
    print(json.dumps(asyncio.run(seen(Path(sys.argv[1]), sys.argv[2] == "hung"))))
