"""A house whose recordings are kept, held and deleted: by its API, by the command line, and by the night."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from acd.engine.commands import Offer
from acd.setup.start_plan import StartPlan
from acd.store.journal.legs import LegDue
from acd.web.server.routes import CONTEXT
from recordings import manifest
from recordings.keeping import Keeping
from recordings.leg import Judged
from tests.web.support.web_server import RunningServer, running_server


@asynccontextmanager
async def keeping_server(
    folder: Path, database: str, toml: str, written: Mapping[str, Any] | None = None
) -> AsyncIterator[RunningServer]:
    """The house, its clock stopped. The command line reads `toml`, the API has `written`."""
    async with running_server(folder / "state", database, written) as house:
        house.time.stop()
        run = house.folder / "run"
        run.mkdir()
        (run / "address.json").write_text(json.dumps({"url": house.url}))
        (folder / "sanxiang.toml").write_text(toml)
        plan: dict[str, Any] = dict.fromkeys(StartPlan.__dataclass_fields__, "")
        plan |= {"config_file": str(folder / "sanxiang.toml"), "database_url": database, "guests": {}, "asterisk": []}
        plan |= {name: 0 for name in plan if name.endswith("_port") or name.startswith("rtp_")}
        (run / "prepared.json").write_text(json.dumps(plan | {"recordings": str(house.folder / "recordings")}))
        await house.calls.ready("1001")
        yield house


def keeping(house: RunningServer) -> Keeping:
    found = house.app[CONTEXT].keeping
    assert isinstance(found, Keeping)
    return found


async def talk(house: RunningServer, caller: str = "13812341234") -> tuple[Offer, Path]:
    """A call that is over, and its sound with a manifest beside it."""
    offer = await house.calls.whole(caller)
    return offer, await in_manifest(house, offer)


async def in_manifest(house: RunningServer, offer: Offer) -> Path:
    """Enters its sound into the manifest of its call; the sound."""
    row = await house.store.recording(offer.offer)
    assert row is not None and row.filed_at is not None
    file = house.folder / "recordings" / row.path
    due = LegDue(offer.call, offer.offer, 60.0, row.filed_at, agent="1001", queue="orders")
    manifest.enter(house.folder / "recordings", Judged(due, row.path, 2.0, row.sha256, "", (), row.filed_at), None)
    return file


async def posted(client: aiohttp.ClientSession, path: str, status: int = 200, **body: Any) -> Any:
    async with client.post(path, json=body or None) as answer:
        found = await answer.json()
        assert answer.status == status, found
        return found


def audited(house: RunningServer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (house.folder / "audit.log").read_text().splitlines()]
