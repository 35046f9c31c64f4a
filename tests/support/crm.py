"""A company's own system that look-ups ask over HTTP: well, or as a test wants it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Crm:
    """The company's system: answers as `answer` says."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], dict[str, str]]] = []
        self.answer: Answer = self.well
        self.rows: Any = {"order": "202611270315", "status": "40", "amount": 128.5}
        self.url = ""
        self.open = asyncio.Event()
        self.open.set()

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((dict(request.query), dict(request.headers)))
        return await self.answer(request)

    async def well(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self.rows)

    def says(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status, body=body, headers=headers)

        self.answer = answer

    async def waits(self, request: web.Request) -> web.StreamResponse:
        await self.open.wait()
        return web.json_response(self.rows)


@asynccontextmanager
async def running_crm() -> AsyncIterator[Crm]:
    """Serves `/orders` on loopback."""
    made = Crm()
    app = web.Application()
    app.router.add_get("/orders", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/orders?shop=7"
    yield made
    made.open.set()
    await runner.cleanup()
