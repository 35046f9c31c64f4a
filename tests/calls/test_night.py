"""The night drill on a real Asterisk: parts of a running hotline are killed, and `doctor` names each first; and /metrics has what the
dashboard and the rules of docs/monitoring ask for. The other faults: tests/night."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from acd.engine.commands import Kind
from acd.processes.up import claimed
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.test_doctor import with_its_ports
from tests.monitoring.expressions import OF_THE_SERVER, asked, of_dashboard, of_rules, rules
from tests.night.fault import Fault, verdict
from tests.support.waiting import eventually


@asynccontextmanager
async def killed(system: FullSystem, part: str) -> AsyncIterator[None]:
    """The part is away, and is not started again, while the block lasts."""
    system.faults.hold_back(part)
    done = system.faults.kill(part)
    yield
    system.faults.bring_back(part)
    await system.faults.back(done)


@asynccontextmanager
async def no_database(system: FullSystem) -> AsyncIterator[None]:
    system.database.stop()
    yield
    system.database.start()
    await system.serving()


FAULTS = (
    Fault("the story server is killed", "daemon", "down: stories", ("stories.log",), lambda system: killed(system, "stories")),
    Fault("PostgreSQL is stopped", "database", "Nobody listens", ("Start PostgreSQL", "Calls go on"), no_database),
    Fault("the daemon is killed", "daemon", "calls go on", ("daemon.log",), lambda system: killed(system, "daemon"), ("sanxiang up",)),
    Fault("Asterisk is killed", "daemon", "down: pbx", ("asterisk.log",), lambda system: killed(system, "asterisk")),
)  # fmt: skip
"""In this order: a talk goes on through all of them but the last."""


async def bad(system: FullSystem, file: Path) -> list[dict[str, Any]]:
    _, said, complaint = await system.sanxiang("doctor", "--json", "--config", str(file))
    assert said, complaint
    return [row for row in json.loads(said) if not row["ok"]]


async def test_whatever_is_killed_is_named_first_and_what_is_asked_of_metrics_is_there(tmp_path: Path):
    system = FullSystem(tmp_path, ("1001",), brisk=True)
    system.leftovers_matter = False  # The last talk is cut with Asterisk.
    async with system:
        file = with_its_ports(system)
        server, secret = urlsplit(system.database.start()), tmp_path / "database.password"
        secret.write_text(f"{server.password}\n")
        with file.open("a", encoding="utf-8") as more:
            url = f"postgresql://{server.username}@{server.hostname}:{server.port}{server.path}"
            more.write(f'\n[database]\nurl = "{url}"\npassword_file = "{secret}"\n')
        await system.staffed("1001", Phone(ring_s=0.1, talk_s=(2, 2)))
        await (await system.asks("1", "13800000001", stays_s=60)).stop()
        await system.asks("1", "13800000002", stays_s=300)
        await system.log.row(Kind.CONNECTED)
        shown = await figures(system)
        assert not await bad(system, file)
        with claimed(system.installation):
            for fault in FAULTS:
                async with fault.make(system):
                    await noticed(system, file, fault)
                if fault is not FAULTS[-1]:
                    await eventually(lambda: well(system, file), f"all to be well after: {fault.name}")
    missing_figures(shown)


async def noticed(system: FullSystem, file: Path, fault: Fault) -> None:
    """The daemon notices within seconds; from then on the first line is right, and until then nothing else was said to be bad."""
    said: list[dict[str, Any]] = []

    async def right() -> bool:
        said[:] = await bad(system, file)
        return not verdict(fault, said)

    try:
        await eventually(right, fault.name)
    except AssertionError:
        raise AssertionError(f"{fault.name}: {verdict(fault, said)}") from None


async def well(system: FullSystem, file: Path) -> bool:
    return not await bad(system, file)


async def figures(system: FullSystem) -> str:
    """/metrics as Prometheus reads it, with a token for that alone."""
    _, said, _ = await system.sanxiang("account", "token", "add", "prometheus", "--role", "metrics")
    token = re.search(r"Bearer (\S+)", said)
    assert token is not None, said
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token[1]}"}) as session,
        session.get(f"{system.prepared.web_url}/metrics") as answer,
    ):
        assert answer.status == 200
        return await answer.text()


def missing_figures(shown: str) -> None:
    """Fails for a metric, or a label of one, that docs/monitoring asks for and this text lacks."""
    there = set(re.findall(r"^# TYPE (\w+) ", shown, re.M))
    labels: dict[str, set[str]] = {}
    for name, found in re.findall(r"^(\w+)\{(.*)\} ", shown, re.M):
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', found))
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for expression in (*of_rules(), *of_dashboard()):
        for metric, wanted, _ in asked(expression):
            if metric in recorded | {"up"}:
                continue
            assert metric in there, f"{metric} is not in /metrics: {expression}"
            if metric in labels:
                assert wanted - OF_THE_SERVER <= labels[metric], f"{metric} has only {labels[metric]}: {expression}"
