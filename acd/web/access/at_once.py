"""How many requests of one session, or one program, are worked on at the same time: the others of it wait, and nobody else does.

Six questions to the database are answered at once for all (acd/store/store.py). Without a bound one page that asks for much at once would take them from every colleague.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from acd.web.server.problems import Problem

AT_ONCE = 4
WAITING = 60
"""As many as may come at once; one more is refused."""


class AtOnce:
    """Turns, by session or program."""

    def __init__(self) -> None:
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._there: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, owner: str) -> AsyncIterator[None]:
        """Begins when fewer than AT_ONCE of this owner are worked on. Raises Problem (429) when too many wait."""
        there = self._there.get(owner, 0)
        if there >= AT_ONCE + WAITING:
            detail = f"{there} requests are under way already. Wait for their answers."
            raise Problem(429, "too-many-requests", detail, headers={"Retry-After": "1"})
        self._there[owner] = there + 1
        try:
            async with self._turns.setdefault(owner, asyncio.Semaphore(AT_ONCE)):
                yield
        finally:
            self._there[owner] -= 1
            if not self._there[owner]:
                del self._there[owner], self._turns[owner]

    def __len__(self) -> int:
        """Owners of whom something is under way."""
        return len(self._there)
