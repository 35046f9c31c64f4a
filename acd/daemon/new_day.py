"""The days ahead, reckoned anew each day: the engine knows holidays and corrected days for 400 days, and is told them again when the window
has reached another one, or the clock was changed. So a daemon that runs for years needs no reload for them."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from acd.config import Config, for_engine
from acd.engine.model import Rules

EVERY_S = 60.0


class NewDay:
    """Looks whether it is another day."""

    def __init__(
        self,
        config: Callable[[], Config],
        now: Callable[[], datetime],
        zone: Callable[[], ZoneInfo],
        tell: Callable[[], None],
    ) -> None:
        """`config`: that in force, of which the engine was told when it came into force; `tell`: tells it the engine again."""
        self._config, self._now, self._zone, self._tell = config, now, zone, tell
        self._of: Config | None = None
        self._day: date | None = None
        self._rules: Rules | None = None

    async def look(self) -> None:
        """One look."""
        config, day = self._config(), self._now().astimezone(self._zone()).date()
        if config is self._of and day == self._day:
            return
        rules = for_engine.rules(config, day)
        if config is self._of and rules != self._rules:
            self._tell()
        self._of, self._day, self._rules = config, day, rules
