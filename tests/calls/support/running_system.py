"""The processes of the product as `up` starts them, the people who telephone, and what is left over when a scenario is over.

On the way out it is looked at whether anything was left: channels, bridges, live sound, calls in the engine, rows that
PostgreSQL lacks (system/). Waits are for conditions; their deadline is against hanging only. Scenarios use `FullSystem`
(full_system.py), which is this with its faults, leaders, carrier and transfers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import TracebackType

from tests.calls.support.system.leftovers import SystemLeftovers


class RunningSystem(SystemLeftovers):
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.leftovers_matter:
                await self.nothing_left()
        finally:
            for person in self.people:
                await person.stop()
            self.supervisor.stop()
            await self._running
            await self.store.close()
            await asyncio.to_thread(self.database.stop)
            await asyncio.to_thread(self.processor_waits.stop)
            if kind is not None:
                print(self.log.report())

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[None]:
        """One of several scenarios in the same system: begins with an empty log and nobody there, and leaves nothing."""
        self.log.forget()
        try:
            yield
            await self.nothing_left()
        except BaseException:
            print(self.log.report())
            await self.cli("channel request hangup all")
            with suppress(Exception):  # what went wrong is to be read, not what went wrong afterwards
                await self._all_leave()
            raise
        await self._all_leave()

    async def _all_leave(self) -> None:
        for person in self.people:
            await person.stop()
        for row in (await self.state())["agents"]:
            if row["state"] != "logged out":
                await self.ask("POST", f"/api/agents/{row['agent']}/log-out", {})
                await self.comes_to_be(row["agent"], "logged out")
