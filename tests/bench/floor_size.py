"""How long the page of the floor takes to be painted with 10, 100 and 1,000 agents: for the first time, and after one change.

A real server with as many agents in its configuration, each ready; a real page of an operator in Chromium. First: from asking for the page
to the frame that shows its agents. Change: from the event, as the switchboard has handled it, to the frame that shows the agent's new
state; the stream gathers changes for 200 ms, which is in it. The page shows fifty agents at a time. Each size is compared with
the smallest.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page

from acd.engine.events import AgentNotReady, AgentReady, PhoneChanged
from acd.store.embedded import EmbeddedPostgres
from acd.web.server.page_build import build_page
from tests.bench.painted import clock_ahead_s, figures, observe, page_of, painted
from tests.support.waiting import eventually
from tests.web.support.desk_browser import launched_browser
from tests.web.support.web_server import CONFIG, OPERATOR_PASSWORD, RunningServer, running_server

SIZES = (10, 100, 1000)
TIMES = 30
FIRST = 2000
"""The first agent's extension: the one that changes."""
_ROWS = "() => [...document.querySelectorAll('[data-test=agents] tbody tr')].map((row) => row.dataset.test)"
_STATE = f"() => [document.querySelector('[data-test=agent-{FIRST}] .state')?.className ?? 'none']"


def run(say: Callable[[str], None] = print, sizes: tuple[int, ...] = SIZES, calls: int | None = None) -> dict[str, Any]:
    """Milliseconds by size, and how they grow; takes three minutes. `calls`: how often each is done."""
    return asyncio.run(_run(say, sizes, calls or TIMES))


async def _run(say: Callable[[str], None], sizes: tuple[int, ...], times: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        database = await asyncio.to_thread(postgres.start)
        try:
            async with launched_browser() as browser:
                for size in sizes:
                    # A database of its own: a journal is carried on only where it was begun.
                    connection = await asyncpg.connect(database)
                    await connection.execute(f"CREATE DATABASE of_{size}")
                    await connection.close()
                    database = f"{database.rsplit('/', 1)[0]}/of_{size}"
                    result[f"{size}"] = await _of_size(browser, Path(folder) / f"state-{size}", database, size, times)
                    say(f"{size} agents: {result[f'{size}']}")
        finally:
            await asyncio.to_thread(postgres.stop)
    smallest, largest = result[f"{sizes[0]}"], result[f"{sizes[-1]}"]
    for what in ("first_paint", "change"):
        result[f"{what}_growth"] = round(largest[what]["median_ms"] / smallest[what]["median_ms"], 2)
    return result


async def _of_size(browser: Browser, folder: Path, database: str, size: int, times: int) -> dict[str, Any]:
    agents = {
        str(FIRST + number): {"name": f"座席 {number}", "skills": {"orders": 3, "after-sales": 1 + number % 5}}
        for number in range(size)
    }
    written = {**CONFIG, "agents": agents}
    async with running_server(folder, database, written, page_folder=build_page()) as house:
        for agent in agents:
            house.calls.tell(PhoneChanged(agent, True), AgentReady(agent))
        await house.calls.settled()
        page = await page_of(browser, house.url, "operator", OPERATOR_PASSWORD, "agents")
        shown = min(size, 50)
        first = [await _first_paint(page, house.url, shown) for _ in range(times)]
        change = await _changes(house, page, times)
        await page.context.close()
    return {"first_paint": figures(first), "change": figures(change)}


async def _first_paint(page: Page, url: str, shown: int) -> float:
    """Milliseconds from asking for the page to the frame that shows the agents, by the page's clock alone."""
    await page.goto("about:blank")
    await page.goto(url, wait_until="commit")
    await page.wait_for_function("() => document.body")
    await observe(page, _ROWS)
    await eventually(lambda: _painted_rows(page, shown), f"{shown} agents")
    origin: float = await page.evaluate("() => performance.timeOrigin / 1000")
    return (max(at for _, at in (await painted(page))[:shown]) - origin) * 1000


async def _painted_rows(page: Page, shown: int) -> bool:
    return len(await painted(page)) >= shown


async def _changes(house: RunningServer, page: Page, times: int) -> list[float]:
    """Milliseconds of each change of one agent's state to the frame that shows it."""
    handled: list[float] = []
    agent = str(FIRST)
    forget = house.board.listen(
        lambda at, event, commands: (
            handled.append(time.time())
            if isinstance(event, AgentReady | AgentNotReady) and event.agent == agent
            else None
        )
    )
    ahead_s, _ = await clock_ahead_s(page)
    await observe(page, _STATE)
    before = len(await eventually(lambda: painted(page), "the state"))
    for number in range(times):
        # At any point of the stream's 200 ms.
        await asyncio.sleep(0.5 + 0.037 * (number % 7))
        house.calls.tell(AgentReady(agent) if number % 2 else AgentNotReady(agent, "break", "operator"))
        await eventually(lambda count=before + number + 1: _painted_rows(page, count), "the change")  # type: ignore[misc]
    forget()
    seen = (await painted(page))[before:]
    return [(at - ahead_s - told) * 1000 for (_, at), told in zip(seen, handled, strict=True)]
