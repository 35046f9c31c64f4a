"""Notices on their way: a queue and a task for each way outward, so that one that hangs holds up neither calls nor the other ways.

What can't be sent is tried again with longer and longer pauses; after the last try it is left out and said in the log. A queue holds
so many and lets the oldest go. A way that fails is one line in the log when it begins to fail and one when it is well again.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from acd.alarms.book import Alarm, Book, Change
from acd.alarms.quiet import Quiet
from acd.alarms.rows import alarm_row
from acd.config import Config
from acd.daemon.notices.command import Command
from acd.daemon.notices.mail import Letters
from acd.daemon.notices.notice import Notice, NotSent, Way, What
from acd.daemon.notices.webhook import WebhookPost
from acd.engine.commands import Kind, Log
from acd.errors import SanxiangError

log = structlog.get_logger(__name__)

PAUSES_S = (5.0, 30.0, 120.0, 600.0, 1800.0)
"""Before the second try, the third, …"""
WAITING = 100
"""Notices that wait for one way at most."""
TEST_WITHIN_S = 60.0
_TOLD_AS: Mapping[str, What] = {"raised": "raised", "worse": "worse", "repeated": "repeated", "cleared": "cleared"}
"""Changes of the book that may be told outside, and as what."""


class TestUnderWay(SanxiangError):
    """A test of the alarms is under way already. Wait for it; it takes a minute at most."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a test by one way; `why` is empty when it was taken."""

    way: str
    configured: bool
    why: str = ""


class Outbox:
    """The notices that wait for one way, and the task that sends them."""

    def __init__(self, way: Way, config: Callable[[], Config], pauses_s: Sequence[float] = PAUSES_S) -> None:
        self.way, self._config, self._pauses_s = way, config, pauses_s
        self._waiting: deque[Notice] = deque()
        self._news = asyncio.Event()
        self._fails = False
        self.sent = 0
        self.left_out = 0
        """Notices that were given up, or had no room: since the start of the daemon."""

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, notice: Notice) -> None:
        """Returns at once. Without room the oldest goes."""
        if not self.way.configured(self._config().alarms):
            return
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self.left_out += 1
        self._waiting.append(notice)
        self._news.set()

    async def run(self) -> NoReturn:
        """Sends until cancelled, one after the other."""
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            await self._send(self._waiting.popleft())

    async def _send(self, notice: Notice) -> None:
        for pause_s in (*self._pauses_s, None):
            table = self._config().alarms
            if not self.way.configured(table):
                return  # A reload has taken the way away.
            try:
                await self.way.send(notice, table)
            except Exception as error:
                why, for_good = self._told(error)
                if not self._fails:
                    self._fails = True
                    log.error("an alarm can't be told outside; it is tried again", way=self.way.name, why=why)
                if pause_s is None or for_good:
                    break
                await asyncio.sleep(pause_s)
            else:
                self.sent += 1
                if self._fails:
                    self._fails = False
                    log.info("alarms are told outside again", way=self.way.name)
                return
        self.left_out += 1
        log.error(
            "an alarm was not told outside and is given up", way=self.way.name, alarm=notice.row["number"], why=why
        )

    def _told(self, error: Exception) -> tuple[str, bool]:
        if isinstance(error, NotSent):
            return str(error), error.for_good
        log.exception("a way outward failed", way=self.way.name)
        return type(error).__name__, False


class Notices:
    """Decides what is told outside, and hands it to each way."""

    def __init__(
        self,
        config: Callable[[], Config],
        book: Callable[[], Book],
        now: Callable[[], datetime],
        ways: Sequence[Way] = (),
    ) -> None:
        """`now`: aware UTC. `ways`: other ones than command, webhook and mail, for a test."""
        self._config, self._book, self._now = config, book, now
        self._quiet = Quiet()
        self.outboxes = [Outbox(way, config) for way in ways or (Command(), WebhookPost(), Letters())]
        self._testing = asyncio.Lock()

    def begin(self) -> None:
        """The daemon has its book: what is open was told by the daemon before."""
        self._quiet.known(self._book().open(), self._now())

    def changed(self, at: datetime, change: Change) -> None:
        """A listener of the keeper."""
        table = self._config().alarms
        if self._quiet.take(change, at, timedelta(minutes=table.repeat_after_min), table.least):
            self._put(_TOLD_AS[change.what], change.alarm, at)

    async def look(self) -> None:
        """Tells what is open and was held back, when it may be told again."""
        now, table = self._now(), self._config().alarms
        by_key = {alarm.key: alarm for alarm in self._book().open()}
        for key in self._quiet.due(now, timedelta(minutes=table.repeat_after_min)):
            if (alarm := by_key.get(key)) is None:
                self._quiet.forget(key)
            else:
                self._quiet.tell(alarm, now)
                self._put("repeated", alarm, now)

    async def test(self, by: str) -> list[Result]:
        """Sends a test by every way that is configured, at once and once, and says what came of it. Raises TestUnderWay."""
        if self._testing.locked():
            raise TestUnderWay
        async with self._testing:
            now = self._now()
            row = Log(Kind.ALARM, detail={"name": "test alarm", "detail": f"asked for by {by}; nothing is wrong"})
            [change] = Book().take(now, row)
            notice = Notice("test", now, self._config().hotline.name, alarm_row(change.alarm))
            return list(await asyncio.gather(*(self._try(outbox.way, notice) for outbox in self.outboxes)))

    def figures(self) -> dict[str, tuple[str, float]]:
        """For /metrics."""
        boxes = self.outboxes
        return {
            "alarm_notices_sent": ("Alarms told outside", sum(box.sent for box in boxes)),
            "alarm_notices_waiting": ("Alarms on their way outside", sum(map(len, boxes))),
            "alarm_notices_left_out": ("Alarms that were not told outside", sum(box.left_out for box in boxes)),
        }

    async def _try(self, way: Way, notice: Notice) -> Result:
        table = self._config().alarms
        if not way.configured(table):
            return Result(way.name, configured=False)
        try:
            async with asyncio.timeout(TEST_WITHIN_S):
                await way.send(notice, table)
        except TimeoutError:
            return Result(way.name, True, f"no answer within {TEST_WITHIN_S:g} s")
        except NotSent as error:
            return Result(way.name, True, str(error))
        except Exception as error:
            log.exception("a way outward failed", way=way.name)
            return Result(way.name, True, type(error).__name__)
        return Result(way.name, True)

    def _put(self, what: What, alarm: Alarm, at: datetime) -> None:
        notice = Notice(what, at, self._config().hotline.name, alarm_row(alarm))
        for outbox in self.outboxes:
            outbox.put(notice)
