"""How long each supervisor has listened, to which call and how it ended, as a line of the audit log.

What was asked for is in the log before it is done (acd/web/api/listening.py); this is what came of it, also where nobody asked: by a key of
the telephone, by hanging up, at the call's end.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from acd.engine.commands import Command, Kind, Log
from acd.engine.events import Event
from acd.web.server.context import WebContext
from acd.web.server.problems import Problem

log = structlog.get_logger(__name__)

_TOLD = {
    "began": "ListeningBegan",
    "switched": "ListeningSwitched",
    "took over": "CallTakenOver",
    "ended": "ListeningOver",
}


class ListeningAudit:
    """Notes what becomes of listening, from the engine's answers."""

    def __init__(self, context: WebContext, note: Callable[..., Coroutine[Any, Any, None]]) -> None:
        """`note`: Audit.note."""
        self._note = note
        self._unsubscribe = context.subscribe(self._heard)
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Stops listening to the switchboard."""
        self._unsubscribe()

    def _heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        for row in commands:
            if not isinstance(row, Log) or row.kind is not Kind.LISTENING or row.detail["state"] not in _TOLD:
                continue
            if not (row.detail["state"] == "switched" and row.detail.get("by")):  # that was noted when it was asked for
                self._last = task = asyncio.get_running_loop().create_task(self._write(row, self._last))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _write(self, row: Log, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])  # In the order in which it happened.
        detail = row.detail
        about = {
            name: detail[name] for name in ("mode", "telephone", "listener", "listened_s", "why") if name in detail
        }
        try:
            await self._note(detail["account"], _TOLD[detail["state"]], call=row.call, agent=row.agent, **about)
        except Problem as problem:
            log.warning("what came of a listening is not in the audit log", call=row.call, why=str(problem))


LISTENING_AUDIT: web.AppKey[ListeningAudit] = web.AppKey("listening audit", ListeningAudit)
