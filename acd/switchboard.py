"""One inbox, one alarm clock: every event reaches the engine in the order in which it was told, and what the engine
wishes for is carried out only after it has been written down.

An event's time is when it happened, where its teller knows that: a daemon that was stopped for a while and wakes up reads
in one moment what happened over many, and a talk of a minute must not become one of no time at all.

The way of an event: inbox, `engine.handle`, journal, fsync (one for all events that wait at that moment), commands.
The journal's fsync runs in a thread of its own, so the loop goes on, and no work on another disk that stalls holds up a call. A bug in the engine costs its event, not the loop: the event
is kept whole in dead-letters.jsonl, and the call concerned falls to the dialplan's own time-out.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from acd.engine.commands import CallBack, Command, Consult, Deed, Join, Log, Offer
from acd.engine.events import AlarmRaised, Event, TimePassed
from acd.engine.outline import outline

log = structlog.get_logger(__name__)

Listener = Callable[[datetime, Event, list[Command]], None]
CarryOut = Callable[[Deed], Awaitable[None]]
ALARMS_A_MINUTE = 30


class Engine(Protocol):
    """What the switchboard needs of the engine."""

    def handle(self, event: Event, now: datetime) -> list[Command]: ...
    @property
    def next_deadline(self) -> datetime | None: ...
    def checkpoint(self) -> dict[str, object]: ...


class Journal(Protocol):
    """What the switchboard needs of the store's journal."""

    def append(self, at: datetime, event: Event, logs: list[Log]) -> None: ...
    def sync(self) -> None: ...
    @property
    def checkpoint_due(self) -> bool: ...
    def checkpoint(self, at: datetime, state: dict[str, object]) -> None: ...


class Switchboard:
    def __init__(
        self,
        engine: Engine,
        journal: Journal,
        now: Callable[[], datetime],
        carry_out: CarryOut,
        on_failed: Callable[[Event, datetime, Exception], None] = lambda event, at, error: None,
        checkpoint: Callable[[], dict[str, object]] | None = None,
    ) -> None:
        """`on_failed` keeps an event that the engine could not handle; it must not raise. `checkpoint`: the state for the journal;
        else the engine's alone."""
        self.engine, self._journal, self._now, self._carry_out = engine, journal, now, carry_out
        self._on_failed = on_failed
        self._checkpoint = checkpoint or engine.checkpoint
        # asyncio's own threads are few, and a recordings folder on a share that hangs can keep all of them.
        self._sync_thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._alarmed: deque[datetime] = deque(maxlen=ALARMS_A_MINUTE)
        self._unalarmed = 0
        self._inbox: list[tuple[Event, datetime | None]] = []
        self._latest: datetime | None = None
        """Time of the event handled last."""
        self._wake = asyncio.Event()
        self._listeners: list[Listener] = []
        self._first: list[Listener] = []
        self._stopping = False

    def tell(self, event: Event, at: datetime | None = None) -> None:
        """Something has happened, now or at `at`. Returns at once; order is kept. To be called from the event loop."""
        self._inbox.append((event, at))
        self._wake.set()

    def listen(self, listener: Listener, *, first: bool = False) -> Callable[[], None]:
        """Call `listener` after each event with its time and commands. What comes back ends that.

        `first`: when the rows are on disk and before anything is carried out, so that whoever presents a call to the
        agent whose telephone is to ring finds what this very event has told.
        """
        listeners = self._first if first else self._listeners
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    def stop(self) -> None:
        """`run` handles what is in the inbox, then returns."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Serves until `stop`."""
        while not (self._stopping and not self._inbox):
            await self._next_event_or_deadline()
            now = self._now()
            deadline = self.engine.next_deadline
            if deadline is not None and deadline <= now:
                # An answer that waits in the inbox came before the deadline was noticed: it goes first.
                self._inbox.append((TimePassed(), None))
            batch, self._inbox = self._inbox, []
            if batch:
                await self._serve(batch)
        self._sync_thread.shutdown(
            wait=False
        )  # it has nothing left to do, and would wait as long as this process lives

    async def _next_event_or_deadline(self) -> None:
        if not self._inbox:
            self._wake.clear()
            deadline = self.engine.next_deadline
            timeout = None if deadline is None else max(0.0, (deadline - self._now()).total_seconds())
            if self._stopping:
                return
            try:
                await asyncio.wait_for(self._wake.wait(), timeout)
            except TimeoutError:
                pass

    def _time(self, told: datetime | None) -> datetime:
        """Now, or when it happened; never before an event that was handled already, and never in the future."""
        now = self._now()
        if told is not None:
            now = min(now, max(told, self._latest or told))
        self._latest = now
        return now

    async def _serve(self, batch: list[tuple[Event, datetime | None]]) -> None:
        done: list[tuple[datetime, Event, list[Command]]] = []
        for event, told in batch:
            now = self._time(told)
            try:
                commands = self.engine.handle(event, now)
            except Exception as error:
                self._failed(event, now, error)
                continue
            logs = [command for command in commands if isinstance(command, Log)]
            if logs or not isinstance(event, TimePassed):
                self._journal.append(now, event, logs)
            done.append((now, event, commands))
        if any(
            isinstance(command, Offer | CallBack | Consult | Join | Log)
            for _, _, commands in done
            for command in commands
        ):
            # The recording's row is on disk before the telephone rings.
            await asyncio.get_running_loop().run_in_executor(self._sync_thread, self._journal.sync)
        self._tell_all(self._first, done)
        await self._carry_out_all(done)
        self._tell_all(self._listeners, done)
        if self._journal.checkpoint_due:
            self._journal.checkpoint(self._now(), self._checkpoint())

    @staticmethod
    def _tell_all(listeners: list[Listener], done: list[tuple[datetime, Event, list[Command]]]) -> None:
        for at, event, commands in done:
            for listener in tuple(listeners):
                try:
                    listener(at, event, commands)
                except Exception:
                    log.exception("a listener failed; the call goes on")

    def _failed(self, event: Event, now: datetime, error: Exception) -> None:
        """Left out, kept, and said; of a storm of them only some are alarms."""
        log.exception("the engine could not handle an event; it is left out", failed=outline(event))
        self._on_failed(event, now, error)
        if isinstance(event, AlarmRaised):
            return
        if len(self._alarmed) == ALARMS_A_MINUTE and now - self._alarmed[0] < timedelta(minutes=1):
            self._unalarmed += 1
            return
        more = f" ({self._unalarmed} more before it)" if self._unalarmed else ""
        self._alarmed.append(now)
        self._unalarmed = 0
        self.tell(AlarmRaised("event left out", outline(event)[:500] + more, getattr(event, "call", "")))

    async def _carry_out_all(self, done: list[tuple[datetime, Event, list[Command]]]) -> None:
        for _, _, commands in done:
            for command in commands:
                if isinstance(command, Deed):
                    try:
                        await self._carry_out(command)
                    except Exception:
                        log.exception("a command was not carried out", command=outline(command))
