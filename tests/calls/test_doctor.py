"""`doctor` beside a hotline that serves calls: its own ports are its own, whatever else is down."""

import asyncio
import json
from pathlib import Path
from typing import Any

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem


def with_its_ports(system: FullSystem) -> Path:
    """The configuration as an operator has it: with the ports that the start has chosen, written down."""
    plan, file = system.prepared, system.folder / "operators.toml"
    text = system.config_file.read_text("utf-8")
    at = f'bind = "{plan.bind}"\n'
    text = text.replace(f"{at}port = 0", f"{at}port = {plan.sip_port}", 1)
    text = text.replace("[web]\nport = 0", f"[web]\nport = {plan.web_port}", 1)
    text = text.replace("rtp_start = 10000\n", f"rtp_start = {plan.rtp_start}\n", 1)
    text = text.replace(f"rtp_end = {10000 + system.RTP_PORTS}\n", f"rtp_end = {plan.rtp_end}\n", 1)
    file.write_text(f"{text}\n[ports]\nami = {plan.ami_port}\nagi = {plan.agi_port}\n", "utf-8")
    return file


async def findings(system: FullSystem, file: Path) -> dict[str, Any]:
    _, said, complaint = await system.sanxiang("doctor", "--json", "--config", str(file))
    assert said, complaint
    return {
        f"{row['what']}: {row['found']}" if row["what"] == "daemon" else row["what"]: row for row in json.loads(said)
    }


async def test_its_own_ports_are_its_own_while_postgresql_is_away_and_the_daemon_too(tmp_path: Path):
    async with FullSystem(tmp_path, ("1001",), brisk=True) as system:
        file = with_its_ports(system)
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(60, 60)))
        await system.asks("1", "13800000001", stays_s=120)
        await system.log.row(Kind.CONNECTED)
        await asyncio.to_thread(system.database.stop)
        found = await findings(system, file)
        assert "daemon: down: store" in found, found
        process = system.parts["asterisk"].process
        assert process is not None
        assert found["sip.port"]["found"].endswith(f"held by this hotline (asterisk, process {process.pid})")
        for port in ("sip.port", "web.port", "ports.ami", "ports.agi"):
            assert found[port]["ok"], found[port]
            assert "held by this hotline" in found[port]["found"]
        system.faults.hold_back("daemon")
        system.faults.kill("daemon")
        found = await findings(system, file)
        assert found["sip.port"]["ok"]
        [away] = [row for name, row in found.items() if name.startswith("daemon: ")]
        assert not away["ok"] and "calls go on" in away["found"], away
        system.faults.bring_back("daemon")
        await asyncio.to_thread(system.database.start)
        await system.serving()
        call = await system.log.call_of("13800000001")
        assert (await system.state())["calls"][0]["call"] == call
        status, said, _ = await system.sanxiang("call", "hang-up", call, "--reason", "a test", "--yes")
        assert (status, said) == (0, f"{call}: hung up\n")
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert (await system.log.row(Kind.TALK_ENDED)).detail["by"] == "operator"
        assert "in step with Asterisk" in system.said("daemon")
