"""Who has read what of a customer: a line of the audit log before the answer goes out.

A page that is looked at asks again and again, so one reader, one thing and one quarter of an hour make one line.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from acd.web.access.audit import Audit

AGAIN_AFTER = timedelta(minutes=15)
_REMEMBERED = 20_000


class Readings:
    """Writes each reading down once in a quarter of an hour."""

    def __init__(self, audit: Audit, now: Callable[[], datetime]) -> None:
        self._audit, self._now = audit, now
        self._noted: OrderedDict[tuple[str, str, str], datetime] = OrderedDict()

    async def note(self, who: str, action: str, key: str, **about: object) -> None:
        """`key`: what was read, as the id of a call. Raises Problem (503) as Audit.note does: then it is not to be shown."""
        mark, now = (who, action, key), self._now()
        noted = self._noted.get(mark)
        if noted is not None and now - noted < AGAIN_AFTER:
            return
        await self._audit.note(who, action, **about)
        self._noted[mark] = now
        self._noted.move_to_end(mark)
        while len(self._noted) > _REMEMBERED:
            self._noted.popitem(last=False)
