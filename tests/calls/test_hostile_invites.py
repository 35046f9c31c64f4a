"""Hostile INVITEs, from the trunk's address, a stranger's and an agent's: no event is forged, nothing crashes, nobody else notices."""

import asyncio
import random
import re
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from acd.engine.commands import Kind
from acd.pbx.probe import Finding, Probe
from acd.sipp.actors import Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.full_system import FullSystem
from tests.calls.support.operator import metrics
from tests.support.hostile_sip import hostile
from tests.support.network import TRUNK_ADDRESS
from tests.support.waiting import eventually

SOURCES = (TRUNK_ADDRESS, TRUNK_ADDRESS, "127.0.0.3", "127.0.0.1")
"""The trunk's address twice: what comes from there reaches the dialplan."""
BATCH = 100
PER_S = 400
DROPPED = ("forged", "malformed", "oversized")


async def figures(system: FullSystem) -> dict[str, float]:
    """What /metrics says of messages that were dropped at the link."""
    text = await metrics(system)
    found = {
        name: re.search(rf"^sanxiang_pbx_messages_{name}(?:_total)? ([\d.]+)", text, re.MULTILINE) for name in DROPPED
    }
    assert all(found.values()), text
    return {name: float(match[1]) for name, match in found.items() if match}


@pytest.mark.drill
async def test_hostile_invites_forge_nothing_and_crash_nothing(tmp_path: Path, whole: bool):
    """A few hundred, in the long form 10,000; a failure names the seed."""
    count, seed = (10_000 if whole else 300), random.randrange(10**6)
    print(f"seed {seed}")
    async with FullSystem(tmp_path, ("1001", "1002"), brisk=True) as system:
        system.leftovers_matter = False  # Rows of calls that were never acknowledged are looked at here.
        await system.present(("1001", "1002"), Phone(ring_s=0.1))
        asterisk, daemon = system.parts["asterisk"], system.parts["daemon"]
        assert asterisk.process and daemon.process
        pids = asterisk.process.pid, daemon.process.pid
        probe = Probe(system.prepared.sip_port)
        with ExitStack() as stack:
            lines = []
            for source in SOURCES:
                line = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                line.bind((source, 0))
                lines.append(line)
            own = lines[0].getsockname()
            target = ("127.0.0.1", system.prepared.sip_port)
            slowest_s, last = 0.0, ""
            for number, (what, message) in enumerate(hostile(seed, count, *target, own), 1):
                last = f"seed {seed}, {what}"
                lines[number % len(lines)].sendto(message, target)
                if number % 20 == 0:
                    await asyncio.sleep(20 / PER_S)
                if number % BATCH and number != count:
                    continue
                began = time.monotonic()
                assert (await probe.look()).finding is Finding.WELL, f"until {last}"
                slowest_s = max(slowest_s, time.monotonic() - began)
                assert (asterisk.process.pid, asterisk.starts) == (pids[0], 1), f"Asterisk fell until {last}"
                assert (daemon.process.pid, daemon.starts) == (pids[1], 1), f"the daemon fell until {last}"
                await system.cli("channel request hangup all")

        async def empty() -> bool:
            return "0 active channels" in await system.cli("core show channels count")

        await eventually(empty, "the end of the last channel")

        async def all_ended() -> bool:
            calls = (await system.state())["calls"]
            return not calls and len(system.log.of(Kind.ENDED)) == len(system.log.of(Kind.ARRIVED)) > 0

        await eventually(all_ended, "the end of the last call")
        arrived = system.log.of(Kind.ARRIVED)
        assert len(arrived) > count / 20, "hardly any INVITE came as far as the dialplan"

        assert await figures(system) == dict.fromkeys(DROPPED, 0.0), "an event was made of a caller's text, and dropped"
        for row in system.log.of(Kind.ARRIVED):
            caller = str(row.detail["caller"])
            assert caller == "unknown" or re.fullmatch(r"\+?[0-9]{2,20}", caller), row
            assert re.fullmatch(r"(\+?[0-9]{2,20})?", str(row.detail.get("written", ""))), row
            assert row.detail["dialled"] == "95001", row
            assert re.fullmatch(r"c\d{10}-\d+-\d{4}", row.call), row
        assert len({row.call for row in arrived}) == len(arrived)
        for agent in ("1001", "1002"):
            assert (await system.agent(agent))["state"] == "not ready"
        for _, each in system.log.rows():
            assert not re.search("UserEvent|Privilege|Originate|Linkedid", repr(each)), each
        for part in ("daemon", "stories"):
            assert "Traceback" not in system.said(part)
        report_figures(
            f"hostile INVITEs (K5): seed {seed}", count, 0, slowest_s, f"{len(arrived)} reached the dialplan"
        )
        print(
            f"{count} messages, {len(arrived)} calls; OPTIONS answered within {1000 * slowest_s:.0f} ms after each batch"
        )
