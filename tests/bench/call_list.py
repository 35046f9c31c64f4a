"""How long the list of calls takes, by pages and by search, with 10,000, 100,000 and 1,000,000 calls in PostgreSQL.

The API is the real one, asked over HTTP by an account of QA; PostgreSQL is the embedded one. The server and its client share one
process. Each way is compared with itself on the smallest catalogue, and each p95 is held against 100 ms.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg  # type: ignore[import-untyped]

from acd.store.embedded import EmbeddedPostgres
from acd.store.store import Store
from tests.bench.call_catalogue import ABSENT, COMMON, RARE, SELDOM, SIZES, fill
from tests.web.support.web_server import running_server

LIMIT_MS = 100.0
TIMES = 40
"""Each way is asked so often, after one that warms it up."""
WAYS: dict[str, dict[str, str]] = {
    "first page of 100": {},
    "first page of 500": {"limit": "500"},
    "1,000 rows in two pages": {"limit": "500", "pages": "2"},
    "page of 500 in the middle of 92 days": {"limit": "500", "from_middle": "yes"},
    "a word on every tenth card": {"search": COMMON},
    "a word on one card of 1,000": {"search": SELDOM},
    "a word on one card of 20,000": {"search": RARE},
    "a word on no card": {"search": ABSENT},
    "two characters on no card": {"search": ABSENT[:2]},
    "a whole number": {"search": "number"},
    "four last digits": {"search": "4711"},
    "a note of transfers": {"search": "主管"},
    "an agent": {"agent": "1002"},
    "a promise": {"promise": "true"},
    "a disposition": {"disposition": "solved"},
}


def run(
    say: Callable[[str], None] = print, sizes: tuple[int, ...] = SIZES, calls: int | None = None, times: int = TIMES
) -> dict[str, Any]:
    """p50 and p95 in ms by catalogue and way, and what is above 100 ms; takes a quarter of an hour. `calls`: only up to this size."""
    if calls:
        sizes = tuple(size for size in sizes if size <= calls) or (calls,)
    return asyncio.run(_run(say, sizes, times))


async def _run(say: Callable[[str], None], sizes: tuple[int, ...], times: int) -> dict[str, Any]:
    result: dict[str, Any] = {"limit_ms": LIMIT_MS, "catalogues": {}}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            postgres = EmbeddedPostgres(Path(folder) / "postgres")
            database = await asyncio.to_thread(postgres.start)
            try:
                store = await Store.open(database)
                await store.migrate()
                await store.close()
                await fill(database, size, say)
                async with running_server(Path(folder) / "state", database) as house, house.client("qa") as client:
                    result["catalogues"][f"{size}"] = await measured(client, database, times, say)
            finally:
                await asyncio.to_thread(postgres.stop)
    smallest, largest = (result["catalogues"][f"{size}"] for size in (sizes[0], sizes[-1]))
    result["growth_p50"] = {way: round(largest[way]["p50_ms"] / smallest[way]["p50_ms"], 2) for way in WAYS}
    result["above_limit"] = [
        f"{size}: {way}"
        for size, ways in result["catalogues"].items()
        for way, figures in ways.items()
        if figures["p95_ms"] > LIMIT_MS
    ]
    return result


async def measured(
    client: aiohttp.ClientSession, database: str, times: int, say: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    """Way to its figures in ms, and how many calls it found."""
    connection = await asyncpg.connect(database)
    middle = await connection.fetchval(
        "SELECT call FROM calls ORDER BY arrived_at DESC, call DESC OFFSET (SELECT count(*) / 2 FROM calls) LIMIT 1"
    )
    number = await connection.fetchval("SELECT caller FROM calls ORDER BY arrived_at OFFSET 1234 LIMIT 1")
    days = await connection.fetchrow(
        "SELECT (min(arrived_at) AT TIME ZONE 'Asia/Shanghai')::date, (max(arrived_at) AT TIME ZONE 'Asia/Shanghai')::date FROM calls"
    )
    await connection.close()
    found: dict[str, dict[str, float]] = {}
    for way, asked in WAYS.items():
        query = dict(asked)
        pages = int(query.pop("pages", "1"))
        if query.get("search") == "number":
            query["search"] = number
        if "search" not in query:
            query |= {"first": str(days[0]), "last": str(days[1])}
        if query.pop("from_middle", ""):
            query["before"] = middle
        took: list[float] = []
        for once in range(times + 1):
            began = time.perf_counter()
            rows = await _rows(client, query, pages)
            if once:
                took.append((time.perf_counter() - began) * 1000)
        took.sort()
        found[way] = {
            "p50_ms": round(statistics.median(took), 1),
            "p95_ms": round(took[min(len(took) - 1, int(len(took) * 0.95))], 1),
            "rows": rows,
        }
        say(f"{way}: {found[way]}")
    return found


async def _rows(client: aiohttp.ClientSession, query: dict[str, str], pages: int) -> int:
    """How many calls came, in that many pages one after the other."""
    rows, asked = 0, dict(query)
    for _ in range(pages):
        async with client.get("/api/calls", params=asked) as answer:
            said = await answer.json()
            assert answer.status == 200, said
        rows += len(said["calls"])
        if said["before"] is None:
            break
        asked["before"] = said["before"]
    return rows
