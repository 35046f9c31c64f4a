"""An agent's page, as his browser asks for it: logged in with extension and PIN, with a session of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.calls.support.full_system import FullSystem


class AgentDesk:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def shows(self) -> Any:
        """All that lies on his desk."""
        return await self._granted("GET", "/api/desk")

    async def card(self, call: str) -> Any:
        return await self._granted("GET", f"/api/calls/{call}/card")

    async def asks(self, call: str, what: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST /api/calls/{call}/{what}, which must be granted."""
        return await self._granted("POST", f"/api/calls/{call}/{what}", dict(body or {}))

    async def refused(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """HTTP status and what is said, of what is refused."""
        status, said = await self._said(method, path, body)
        assert 400 <= status < 500, f"{path}: {status} {said}"
        return status, said

    async def _granted(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        status, said = await self._said(method, path, body)
        assert status == 200, f"{path}: {status} {said}"
        return said

    async def _said(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[int, Any]:
        while True:
            async with self._session.request(method, path, json=body) as answer:
                if answer.status != 429:
                    return answer.status, await answer.json(content_type=None)
            await asyncio.sleep(0.2)


@asynccontextmanager
async def desk_of(system: FullSystem, agent: str) -> AsyncIterator[AgentDesk]:
    url = system.prepared.web_url
    pin = system.installation.secrets()["agents"][agent]["pin"]
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(url, headers={"Origin": url}, cookie_jar=jar) as session:
        async with session.post("/api/log-in", json={"account": agent, "password": pin}) as answer:
            assert answer.status == 200, await answer.text()
        yield AgentDesk(session)
