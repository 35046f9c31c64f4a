"""Callers who hung up before the survey: the company's own sender of messages is told, and sends each a link.

What waits stands in the engine and so in the journal: a daemon that takes over goes on with it, and tells what was on its way again,
with the same webhook-id. One after the other; while the receiver does not answer all of them wait, longer and longer, until the time of
their link is over. What the receiver refuses (4xx) is given up by itself, and the others go on.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

import structlog

from acd.config import Config
from acd.config.surveys.table import SurveyWebhook
from acd.daemon.notices.notice import NotSent
from acd.daemon.notices.webhook import post, read_secret
from acd.engine.commands import Command, Kind, Log
from acd.engine.events import Event
from acd.engine.surveys.book import Survey
from acd.engine.surveys.events import SurveySent
from acd.web.api.surveys.link import survey_id

log = structlog.get_logger(__name__)

PAUSES_S = (5.0, 30.0, 120.0, 600.0, 1800.0)
"""Before the next try; the last one again and again."""
LOOK_EVERY_S = 60.0
"""Besides at each invitation: a link whose time is over is not sent any more, and the configuration may be another one."""
NOT_NOW = (408, 425, 429)
"""Refusals that are about the moment."""


class SurveySender:
    """One for a daemon."""

    def __init__(
        self,
        config: Callable[[], Config],
        invitations: Callable[[], Sequence[Survey]],
        tell: Callable[[Event], None],
        now: Callable[[], datetime],
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        """`invitations`: those that were not sent yet, the oldest first."""
        self._config, self._invitations, self._tell, self._now, self._pauses_s = (
            config,
            invitations,
            tell,
            now,
            pauses_s,
        )
        self._news = asyncio.Event()
        self._told: set[str] = set()
        """Calls whose outcome the engine is being told at this moment."""
        self._tries = 0
        self._fails = False
        self.sent = 0

    def heard(self, at: datetime, event: Event, commands: list[Command]) -> None:
        """A switchboard listener."""
        for row in commands:
            if isinstance(row, Log) and row.kind is Kind.SURVEY and row.detail["state"] == "invited":
                self._news.set()
        if isinstance(event, SurveySent):
            self._told.discard(event.call)

    async def run(self) -> NoReturn:
        """Sends until cancelled."""
        while True:
            self._news.clear()
            webhook = self._config().survey.webhook
            waiting = [each for each in self._invitations() if each.call not in self._told and each.until > self._now()]
            if webhook is None or not waiting:
                try:
                    await asyncio.wait_for(self._news.wait(), LOOK_EVERY_S)
                except TimeoutError:
                    continue
            elif not await self._send(waiting[0], webhook):
                await asyncio.sleep(self._pauses_s[min(self._tries, len(self._pauses_s)) - 1])

    async def _send(self, survey: Survey, webhook: SurveyWebhook) -> bool:
        """Whether the next one may be sent now."""
        try:
            secret = await asyncio.to_thread(read_secret, webhook.secret_file, "survey.webhook.secret_file")
            body = json.dumps(self._said(survey, secret), ensure_ascii=False).encode()
            status = await post(webhook.url, secret, f"survey-{survey.call}", body, self._now().timestamp())
            if 400 <= status < 500 and status not in NOT_NOW:
                self._over(survey, f"the receiver answered {status}")
                return True
            if not 200 <= status < 300:
                raise NotSent(f"the receiver answered {status}")
        except Exception as error:
            why = str(error) if isinstance(error, NotSent) else type(error).__name__
            if not self._fails:
                log.error("links to the survey can't be sent; they are tried again", why=why)
            self._fails, self._tries = True, self._tries + 1
            return False
        if self._fails:
            log.info("links to the survey are taken again")
        self._fails, self._tries = False, 0
        self.sent += 1
        self._over(survey)
        return True

    def _over(self, survey: Survey, why: str = "") -> None:
        if why:
            log.error("a link to the survey was refused; it is given up", call=survey.call, why=why)
        self._told.add(survey.call)
        self._tell(SurveySent(survey.call, why))

    def _said(self, survey: Survey, secret: bytes) -> dict[str, object]:
        config = self._config()
        return {
            "type": "survey.invited",
            "id": survey_id(secret, survey.call),
            "caller": survey.caller,
            "language": survey.language or "zh",
            "hotline": config.hotline.name,
            "brand": survey.brand,
            "queue": survey.queue,
            "call": survey.call,
            "ended_at": survey.asked_at.isoformat(),
            "answer_until": survey.until.isoformat(),
            "questions": [name for name in survey.questions if name != "word"],
            "low": survey.low,
            "callback": bool(survey.low_queue),
        }
