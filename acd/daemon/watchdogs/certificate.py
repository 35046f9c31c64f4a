"""Watches the certificate of SIP over TLS: installs a renewed one while calls go on, and warns before it ends.

The operator's program (certbot, acme.sh, a cron job) replaces the two files whenever it likes. Every half minute they are read; a
pair that is another than the installed one is checked, put in its place by a rename, and Asterisk is told to read it again. New
connections get the new certificate, and those of living calls go on. A pair that does not fit is never installed: with it every
new TLS connection would be reset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from acd.errors import SanxiangError
from acd.files import write_private
from acd.pbx.conf.certificates import BadPair, Pair, read_pair
from acd.pbx.conf.settings import PbxSettings

log = structlog.get_logger(__name__)

EVERY_S = 30.0
LOOKS = 2
"""A pair that does not fit in so many looks in a row is an alarm: whoever renews both files replaces one after the other."""
WARNED_AT_DAYS = (14, 7, 3, 1, 0)
"""Days before the end at which an alarm is raised, once each. Let's Encrypt renews at 30 days."""


class CertificateWatch:
    """Looks at the operator's certificate and key."""

    def __init__(
        self,
        settings: Callable[[], PbxSettings],
        reload_sip: Callable[[], Awaitable[None]],
        tell: Callable[[Event], None],
        now: Callable[[], datetime],
    ) -> None:
        """`reload_sip` has Asterisk read its SIP configuration again; it raises a SanxiangError when Asterisk could not be told."""
        self._settings, self._reload_sip, self._tell, self._now = settings, reload_sip, tell, now
        self._untold = False
        """A pair is installed that Asterisk has not been told of."""
        self._bad, self._bad_looks = "", 0
        self._warned_at: int | None = None
        self.good_until: datetime | None = None
        """The end of the latest pair that fits; None: there is none, or it was not read yet."""
        self.installed = 0
        """How many renewed pairs were installed since the start."""

    async def look(self) -> None:
        """One look. Raises nothing that a file or Asterisk can cause."""
        settings = self._settings()
        if settings.tls is None:
            self.good_until = None
            return
        try:
            pair = await asyncio.to_thread(read_pair, settings.tls)
        except BadPair as bad:
            self._found_bad(str(bad))
            return
        if self._bad_looks >= LOOKS:
            self._tell(AlarmCleared("certificate unusable"))
        self._bad, self._bad_looks = "", 0
        self.good_until = pair.good_until
        await self._use(settings, pair)
        self._warn(pair)

    async def _use(self, settings: PbxSettings, pair: Pair) -> None:
        """Puts the pair in use where it is another than the installed one. What fails is tried again at the next look."""
        try:
            if await asyncio.to_thread(_put, settings, pair):
                self._untold = True
                self._warned_at = None
                self.installed += 1
            if self._untold:
                await self._reload_sip()
                self._untold = False
                log.info("a renewed certificate is in use", good_until=pair.good_until.isoformat())
        except (SanxiangError, OSError) as error:
            log.error("a renewed certificate could not be put in use; tried again", why=str(error))

    def _found_bad(self, why: str) -> None:
        self._bad_looks = self._bad_looks + 1 if why == self._bad else 1
        self._bad = why
        if self._bad_looks == LOOKS:
            self._tell(AlarmRaised("certificate unusable", f"{why} The one that was installed before stays in use."))

    def _warn(self, pair: Pair) -> None:
        left = pair.good_until - self._now()
        due = [days for days in WARNED_AT_DAYS if left <= timedelta(days=days)]
        if not due and self._warned_at is not None:
            self._warned_at = None
            self._tell(AlarmCleared("certificate ends"))
        if not due or (self._warned_at is not None and min(due) >= self._warned_at):
            return
        self._warned_at = min(due)
        when = f"{pair.good_until:%Y-%m-%d %H:%M} UTC"
        said = f"ends at {when}" if left > timedelta(0) else f"has ended at {when}: telephones and carriers refuse it"
        self._tell(
            AlarmRaised("certificate ends", f"The certificate of SIP over TLS {said}. Renew it; no restart is needed.")
        )


def _put(settings: PbxSettings, pair: Pair) -> bool:
    """Writes the pair where Asterisk reads it. Whether it is another than the one that was there. Raises OSError."""
    try:
        if settings.tls_file.read_text(encoding="latin-1") == pair.text:
            return False
    except FileNotFoundError:
        pass
    write_private(settings.tls_file, pair.text, durable=False)
    return True
