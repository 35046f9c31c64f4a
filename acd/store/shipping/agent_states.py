"""Agents' rows of the log into stretches that tile their time: where each of their days went."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Log
from acd.store.shipping.upsert import NEW, Upsert
from acd.store.tables import AgentRow, AgentTimeRow

WRAP_UP = "wrap-up"
TICK = timedelta(microseconds=1)

_NOW = Upsert(AgentRow, {"state": NEW, "reason": NEW, "state_since": NEW})
_STRETCHES = Upsert(
    AgentTimeRow, {"to_at": NEW, "state": NEW, "reason": NEW, "queue": NEW, "call": NEW, "lasted_s": NEW}
)
_OPEN = text(
    "SELECT agent, from_at, state, reason, queue, call FROM agent_time WHERE to_at IS NULL AND agent = ANY(:agents)"
).bindparams(bindparam("agents", type_=ARRAY(Text())))
_TALKED_LAST = text(
    "SELECT queue, call FROM offers WHERE agent = :agent AND talk_ended_at IS NOT NULL ORDER BY talk_ended_at DESC LIMIT 1"
)


@dataclass(slots=True)
class _Said:
    """What a row says: the state that begins, and how long the one before it lasted."""

    at: datetime
    state: str
    reason: str
    was: str | None = None
    lasted_s: float | None = None
    queue: str | None = None
    """Of a wrap-up; None: not known yet."""
    call: str = ""
    """The same: the call of the talk before it."""


class AgentStates:
    """What a run of log rows says of the agents."""

    def __init__(self) -> None:
        self._said: dict[str, list[_Said]] = {}
        self._talked: dict[str, tuple[str, str]] = {}
        """Agent to queue and call of the agent's last talk."""

    def talk_ended(self, log: Log) -> None:
        """Remembers the talk: the wrap-up after it belongs to its queue, and to its call."""
        self._talked[log.agent] = (log.queue, log.call)

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        lasted_s = log.detail.get("lasted_s")
        said = _Said(at, str(log.detail["state"]), str(log.detail.get("reason") or ""), log.detail.get("was"))
        said.lasted_s = None if lasted_s is None else float(lasted_s)
        if said.state == WRAP_UP and log.agent in self._talked:
            said.queue, said.call = self._talked[log.agent]
        self._said.setdefault(log.agent, []).append(said)

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction, after the offers."""
        if not self._said:
            return
        rows = await connection.execute(_OPEN, {"agents": list(self._said)})
        before = {row.agent: _Said(row.from_at, row.state, row.reason, queue=row.queue, call=row.call) for row in rows}
        stretches: dict[tuple[str, datetime], dict[str, Any]] = {}
        now: list[dict[str, Any]] = []
        for agent, changes in self._said.items():
            run = [before[agent]] if agent in before else []
            for said in changes:
                if said.state == WRAP_UP and said.queue is None:
                    talk = (await connection.execute(_TALKED_LAST, {"agent": agent})).first()
                    said.queue, said.call = (talk.queue, talk.call) if talk else ("", "")
                # The clock may have been set back: time that tiles does not run backwards. But what lasted, lasted, and
                # is not written over by the state that begins in the same instant.
                if run and said.at <= run[-1].at:
                    said.at = run[-1].at + (TICK if said.lasted_s else timedelta(0))
                run.append(said)
            for said, following in zip_longest(run, run[1:]):
                # Of two states in the same instant the later one stays: the first lasted no time.
                stretches[agent, said.at] = {
                    "agent": agent,
                    "from_at": said.at,
                    "to_at": following.at if following else None,
                    "state": said.state,
                    "reason": said.reason,
                    "queue": said.queue or "",
                    "call": said.call,
                    # A stretch whose end was never told (another engine went on) was not measured.
                    "lasted_s": following.lasted_s if following and following.was == said.state else None,
                }
            now.append({"agent": agent, "state": run[-1].state, "reason": run[-1].reason, "state_since": run[-1].at})
        await _STRETCHES.run(connection, stretches.values())
        await _NOW.run(connection, now)
