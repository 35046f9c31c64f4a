"""Three supervisors' pages and 53 more streams of the floor, while calls come at five a second.

The daemon, PostgreSQL, Asterisk and the three pages (Chromium) are real, the callers and the twenty agents are SIPp; the 53 read
/api/events as a page's EventSource does, and throw away what they read. The first half of the calls come while nobody looks, which is
the peer of the daemon's processor time; the second half before pages and streams.

offered     from an offer's row in the call log to the frame in which the agent's row names the call
connected   from the bridge's row to the frame in which the agent's row says "talking"
stream      from either row to the moment when one of the 53 had read it: what is above that is the page's
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from acd.engine.commands import Kind
from acd.files import made_secret
from acd.sipp.actors import Caller, Phone
from acd.web.access.accounts import Accounts
from acd.web.access.tokens import Tokens
from acd.web.server.page_build import build_page
from tests.bench.measured_system import NUMBER, MeasuredSystem, floor_open, talks
from tests.bench.painted import clock_ahead_s, figures, observe, page_of, painted
from tests.support.waiting import eventually
from tests.web.support.desk_browser import launched_browser

PAGES, STREAMS, AGENTS = 3, 53, 20
CALLS, RATE, SEED = 600, 5.0, 20261130
PHONE = Phone(ring_s=0.3, talks_s=talks(CALLS, 1.0, 4.0, SEED))
LIMIT_MS = 300.0
_ROWS = """() => [...document.querySelectorAll('[data-test=agents] tbody tr')].flatMap((row) => {
  const call = row.querySelector('a[href^="#/calls/"]')?.getAttribute('href').slice(8)
  if (!call) return []
  const named = row.dataset.test.slice(6) + ' ' + call
  return row.querySelector('.state.talking') ? ['offered ' + named, 'connected ' + named] : ['offered ' + named]
})"""


@dataclass
class Streams:
    """What the readers of the stream have read."""

    open: int = 0
    messages: int = 0
    cut: int = 0
    """Streams that ended before they were closed."""
    came_at: dict[str, float] = field(default_factory=dict)
    """What a page would show first of each offer and bridge, to when the first stream had it."""

    def note(self, data: bytes) -> None:
        """A message's data, as it has come in."""
        for agent in json.loads(data).get("agents") or ():
            if agent.get("call"):
                named = f"{agent['agent']} {agent['call']}"
                for what in ("offered", "connected") if agent["state"] == "talking" else ("offered",):
                    self.came_at.setdefault(f"{what} {named}", time.time())


def run(
    say: Callable[[str], None] = print, calls: int = CALLS, rate: float = RATE, streams: int = STREAMS
) -> dict[str, Any]:
    """Milliseconds from event to paint, the share within 300 ms, and what the daemon costs; takes five minutes. `calls`: of both halves."""
    return asyncio.run(_run(say, calls, rate, streams))


async def _run(say: Callable[[str], None], calls: int, rate: float, streams: int) -> dict[str, Any]:
    half = max(1, calls // 2)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with (
            floor_open(Path(folder), "ours", AGENTS, PHONE, page_folder=build_page()) as system,
            launched_browser() as browser,
        ):
            alone = await _half(system, half, rate)
            say(f"nobody looks: the daemon takes {alone:.1f} % of a processor")
            password = made_secret(Path(folder) / "password")
            accounts = Accounts(system.installation.state, lambda: datetime.now(UTC))
            names = [f"bench-{number}" for number in range(PAGES)]
            for name in names:
                accounts.add(name, ["operator"], password)
            pages = [await page_of(browser, system.prepared.web_url, name, password, "agents") for name in names]
            async with reading(system, streams) as read:
                compared = [await clock_ahead_s(page) for page in pages]
                for page in pages:
                    await observe(page, _ROWS)
                system.log.forget()
                watched = await _half(system, half, rate)
                say(f"{PAGES} pages and {read.open} streams: the daemon takes {watched:.1f} % of a processor")
                await asyncio.sleep(1.0)
                found = [
                    _lags(system, [(key, at - ahead) for key, at in await painted(page)])
                    for page, (ahead, _) in zip(pages, compared, strict=True)
                ]
                streamed, _ = _lags(system, list(read.came_at.items()))
    result = _result([lag for lags, _ in found for lag in lags], sum(missed for _, missed in found))
    return result | {
        "stream": figures([ms for _, ms in streamed]),
        "pages": PAGES,
        "streams": streams,
        "streams_cut": read.cut,
        "messages_a_second_and_stream": round(read.messages / streams / (half / rate), 1) if streams else 0,
        "daemon_cpu_percent": round(watched, 1),
        "daemon_cpu_percent_alone": round(alone, 1),
        "cpu_ratio": round(watched / alone, 2),
        "clocks_differ_by_at_most_ms": round(max(off for _, off in compared) * 1000, 2),
    }


async def _half(system: MeasuredSystem, calls: int, rate: float) -> float:
    """These calls, until the last has ended; the daemon's share of one processor meanwhile, in percent."""
    cpu, began = system.cpu_s("daemon"), time.monotonic()
    callers = await system.caller(Caller(NUMBER, stays_s=120), calls=calls, rate=rate)
    await asyncio.wait_for(callers.wait(), calls / rate + 240)
    return (system.cpu_s("daemon") - cpu) / (time.monotonic() - began) * 100


@asynccontextmanager
async def reading(system: MeasuredSystem, streams: int) -> AsyncIterator[Streams]:
    """That many streams of the floor, each with a key of its own; all are open when this is entered."""
    tokens, read = Tokens(system.installation.state), Streams()
    keys = [tokens.add(f"bench-stream-{number}", "read") for number in range(streams)]
    forever = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        system.prepared.web_url, timeout=forever, connector=aiohttp.TCPConnector(limit=0)
    ) as session:

        async def stream(key: str, first: bool) -> None:
            headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
            async with session.get("/api/events", headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                read.open += 1
                async for line in answer.content:
                    read.messages += line.startswith(b"event:")
                    if first and line.startswith(b"data:"):
                        read.note(line[5:])
            read.cut += 1

        tasks = [asyncio.create_task(stream(key, key == keys[0])) for key in keys]
        await eventually(lambda: read.open == streams or any(task.done() for task in tasks), "the streams")
        for task in tasks:
            if task.done():
                task.result()
        read.messages = 0
        try:
            yield read
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _lags(system: MeasuredSystem, shown: list[tuple[str, float]]) -> tuple[list[tuple[str, float]], int]:
    """(what, ms) of each event of the call log to when it was shown first, and how many never were."""
    first: dict[str, float] = {}
    for key, shown_at in shown:
        first.setdefault(key, shown_at)
    lags, missed = [], 0
    for at, row in system.log.rows():
        if row.kind not in (Kind.OFFERED, Kind.CONNECTED):
            continue
        what = "offered" if row.kind is Kind.OFFERED else "connected"
        key = f"{what} {row.agent} {row.call}"
        if key in first:
            lags.append((what, (first[key] - at.timestamp()) * 1000))
        else:
            missed += 1
    return lags, missed


def _result(lags: list[tuple[str, float]], missed: int) -> dict[str, Any]:
    every = [ms for _, ms in lags]
    result: dict[str, Any] = {
        what: figures([ms for kind, ms in lags if kind == what]) for what in ("offered", "connected")
    }
    result["never_painted"] = missed
    result["share_within_300_ms"] = round(sum(ms <= LIMIT_MS for ms in every) / max(1, len(every) + missed), 4)
    return result
