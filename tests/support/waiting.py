"""Waiting for a condition. The deadline is against hanging only: no test passes or fails by the clock."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 90.0
_STEP_S, _LONGEST_STEP_S = 0.02, 0.08


def _step(waited_s: float) -> float:
    """Seconds until the next look. Each look costs this process and the one that is asked; what takes long is looked at more seldom."""
    return min(_LONGEST_STEP_S, _STEP_S + waited_s / 25)


async def eventually(condition: Callable[[], Any], what: str = "a condition", patience_s: float = PATIENCE_S) -> Any:
    """What `condition` gives, or its coroutine, once that is true; AssertionError when that never happens."""
    began = asyncio.get_running_loop().time()
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        waited_s = asyncio.get_running_loop().time() - began
        if waited_s > patience_s:
            raise AssertionError(f"{what} did not come about within {patience_s:.0f} s")
        await asyncio.sleep(_step(waited_s))


def eventually_blocking(condition: Callable[[], Any], what: str = "a condition", patience_s: float = PATIENCE_S) -> Any:
    """The same for tests without an event loop: the thread sleeps between two looks."""
    began = time.monotonic()
    while True:
        if found := condition():
            return found
        waited_s = time.monotonic() - began
        if waited_s > patience_s:
            raise AssertionError(f"{what} did not come about within {patience_s:.0f} s")
        time.sleep(_step(waited_s))
