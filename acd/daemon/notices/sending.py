"""Notices on their way: a queue and a task for each way outward, so that one that hangs holds up neither calls nor the other ways.

What can't be sent is tried again with longer and longer pauses; after the last try it is left out and said in the log. A queue holds
so many and lets the oldest go; what is in it lies on the disk, too, for the next daemon. A way that fails is one line in the log when it begins to fail and one when it is well again.
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
from acd.daemon.notices.on_duty import Duty, Told
from acd.daemon.notices.waiting import WaitingNotices
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
        self.changed: Callable[[], object] = lambda: None
        """Called whenever another notice waits, or one waits no more."""
        self._waiting: deque[Notice] = deque()
        self._under_way: Notice | None = None
        self._news = asyncio.Event()
        self._fails = False
        self.sent = 0
        self.left_out = 0
        """Notices that were given up, or had no room: since the start of the daemon."""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def unsent(self) -> list[Notice]:
        """What is to be sent yet, the one that is being tried first."""
        return [*([self._under_way] if self._under_way is not None else []), *self._waiting]

    def put(self, notice: Notice) -> None:
        """Returns at once. Without room the oldest goes."""
        if not self.way.configured(self._config().alarms):
            return
        if len(self._waiting) >= WAITING:
            self._waiting.popleft()
            self.left_out += 1
        self._waiting.append(notice)
        self._news.set()
        self.changed()

    async def run(self) -> NoReturn:
        """Sends until cancelled, one after the other."""
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            self._under_way = self._waiting.popleft()
            await self._send(self._under_way)
            self._under_way = None
            self.changed()

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
        kept: WaitingNotices | None = None,
    ) -> None:
        """`now`: aware UTC. `ways`: other ones than command, webhook and mail, for a test. `kept`: where what waits is on the disk."""
        self._config, self._book, self._now = config, book, now
        self._quiet = Quiet()
        self._duty = Duty()
        self.outboxes = [Outbox(way, config) for way in ways or (Command(), WebhookPost(), Letters())]
        self._testing = asyncio.Lock()
        self._kept = kept

    def begin(self) -> None:
        """The daemon has its book: what is open was told by the daemon before, or waits on the disk and is taken up again."""
        self._quiet.known(self._book().open(), self._now())
        self._duty.begin(self._config(), self._now(), self._book().open())
        if self._kept is None:
            return
        waited = self._kept.read(self._now())
        for outbox in self.outboxes:
            for notice in waited.get(outbox.way.name, ()):
                outbox.put(notice)
            outbox.changed = self._keep
        self._keep()

    def close(self) -> None:
        """Waits until what has not been sent is on the disk."""
        if self._kept is not None:
            self._kept.close()

    def changed(self, at: datetime, change: Change) -> None:
        """A listener of the keeper."""
        config = self._config()
        least = self._duty.least(config, at)
        if self._quiet.take(change, at, timedelta(minutes=config.alarms.repeat_after_min), least):
            self._put(_TOLD_AS[change.what], change.alarm, at)
        elif least == "critical" and change.alarm.severity == "warning" and change.what == "raised":
            self._duty.hold(config, change.alarm)

    async def look(self) -> None:
        """Tells what is open and was held back, when it may be told again or somebody is on call who wants it; and what nobody has seen."""
        now, config = self._now(), self._config()
        here = self._book().open()
        by_key = {alarm.key: alarm for alarm in here}
        for held in self._duty.wanted(config, now, here):
            self._quiet.tell(held, now)
            self._put("raised", held, now)
        for unseen, told in self._duty.unseen(config, now, here):
            self._put("unseen", unseen, now, told)
        for key in self._quiet.due(now, timedelta(minutes=config.alarms.repeat_after_min)):
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
            told = self._duty.told(self._config(), now, "critical")
            notice = Notice("test", now, self._config().hotline.name, alarm_row(change.alarm), told.on_call, told.to)
            return list(await asyncio.gather(*(self._try(outbox.way, notice) for outbox in self.outboxes)))

    def figures(self) -> dict[str, tuple[str, float]]:
        """For /metrics."""
        boxes = self.outboxes
        return {
            "alarm_notices_sent": ("Alarms told outside", sum(box.sent for box in boxes)),
            "alarm_notices_waiting": ("Alarms on their way outside", sum(map(len, boxes))),
            "alarm_notices_left_out": ("Alarms that were not told outside", sum(box.left_out for box in boxes)),
        }

    def _keep(self) -> None:
        if self._kept is not None:
            self._kept.keep({outbox.way.name: outbox.unsent for outbox in self.outboxes})

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

    def _put(self, what: What, alarm: Alarm, at: datetime, told: Told | None = None) -> None:
        told = told or self._duty.told(self._config(), at, alarm.severity)
        notice = Notice(what, at, self._config().hotline.name, alarm_row(alarm), told.on_call, told.to)
        for outbox in self.outboxes:
            outbox.put(notice)
