"""One system's gate: whoever asks it comes through here, and is back within the limit with an answer or with the reason for none."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from acd.company_systems.breaker import Breaker
from acd.company_systems.failure import SystemFailed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question showed of the system."""

    failure: SystemFailed | None
    """None: it answered."""
    changed: bool
    """The failure is another one than that of the question before, or the first answer after failures."""
    turned: bool
    """The breaker has opened or closed by it."""


class Gate:
    """Bounds the questions to one system. `ask` is the only way in."""

    def __init__(
        self,
        clock: Callable[[], float],
        limit_s: float,
        most_at_once: int,
        told: Callable[[Outcome], None],
    ) -> None:
        """`told`: is called after each question that was put to the system; it logs, and raises alarms."""
        self._breaker = Breaker(clock)
        self._limit_s, self._most, self._told = limit_s, most_at_once, told
        self._asking = 0
        self._why = ""
        """Of the last failure; empty: it answered."""

    @property
    def is_open(self) -> bool:
        """Whether the system does not answer, and is left alone but for a question now and then."""
        return self._breaker.is_open

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """The question's answer. Raises SystemFailed, whatever the question raises."""
        if self._asking >= self._most:
            raise SystemFailed("busy")
        if not self._breaker.may_ask():
            raise SystemFailed("resting")
        self._asking += 1
        try:
            async with asyncio.timeout(self._limit_s):
                answer = await question()
        except SystemFailed as failure:
            raise self._noted(failure) from None
        except TimeoutError:
            raise self._noted(SystemFailed("slow", f"no answer within {self._limit_s:g} s")) from None
        except (
            Exception
        ) as error:  # whatever a driver thinks of: its text may hold what was asked, so the kind alone is told
            raise self._noted(SystemFailed("away", type(error).__name__)) from None
        finally:
            self._asking -= 1
        self._noted(None)
        return answer

    def _noted(self, failure: SystemFailed | None) -> SystemFailed:
        why = failure.why if failure else ""
        changed, self._why = why != self._why, why
        # A status that the configuration does not name is no fault of the system: it shuts nobody out.
        turned = self._breaker.answered(well=failure is None or failure.why == "unknown-status")
        self._told(Outcome(failure, changed, turned))
        return failure or SystemFailed("away")
