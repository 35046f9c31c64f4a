"""What an operator does with a running system: looks at its figures, and changes the configuration for a while."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.calls.support.running_system import RunningSystem


async def metrics(system: RunningSystem) -> str:
    """What /metrics says."""
    headers = {"Authorization": f"Bearer {system.installation.token()}"}
    async with aiohttp.request("GET", f"{system.prepared.web_url}/metrics", headers=headers) as answer:
        return await answer.text()


async def calls_refused(system: RunningSystem, why: str) -> int:
    """The calls that were not taken for this reason, as /metrics counts them."""
    found = re.search(rf"^sanxiang_calls_refused_{why} ([0-9.e+]+)$", await metrics(system), re.M)
    assert found is not None
    return round(float(found[1]))


@asynccontextmanager
async def configured(system: RunningSystem, more: str) -> AsyncIterator[None]:
    """With this TOML beside the rest of the configuration inside, by a reload; afterwards as before, by another."""
    before = system.config_file.read_text("utf-8")
    await _in_force(system, before + more)
    try:
        yield
    finally:
        await _in_force(system, before)


async def _in_force(system: RunningSystem, text: str) -> None:
    system.config_file.write_text(text, "utf-8")
    status, said = await system.request("POST", "/api/config/reload", {})
    assert status == 200, said
