"""Callbacks to customers who do not want to be called: the engine is told of their numbers before it dials them.

A record may be changed while a callback waits, by a list too. So the numbers of open callbacks are looked at again and again.
"""

from collections.abc import Awaitable, Callable, Collection

import structlog

from acd.engine.customer_events import NumberBarred
from acd.engine.events import Event
from acd.store.errors import StoreError

log = structlog.get_logger(__name__)

EVERY_S = 10.0


class CallbackWatch:
    """One for a daemon."""

    def __init__(
        self,
        numbers: Callable[[], Collection[tuple[str, bool]]],
        barred: Callable[[Collection[str]], Awaitable[set[str]]],
        tell: Callable[[Event], None],
    ) -> None:
        """`numbers`: of open callbacks, and whether the engine takes each for barred; `barred`: those that are, by the records."""
        self._numbers, self._barred, self._tell = numbers, barred, tell

    async def look(self) -> None:
        """One round. While the records can't be asked, what the engine has been told counts."""
        open_ = self._numbers()
        if not open_:
            return
        try:
            barred = await self._barred([number for number, _ in open_])
        except StoreError:
            return
        for number, known in open_:
            if (number in barred) != known:
                self._tell(NumberBarred(number, number in barred))
