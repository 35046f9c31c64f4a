"""Waiting for a condition. The deadline is against hanging only: no test passes or fails by the clock."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 90.0
_STEP_S = 0.02


async def eventually(condition: Callable[[], Any], what: str = "a condition", patience_s: float = PATIENCE_S) -> Any:
    """What `condition` gives, or its coroutine, once that is true; AssertionError when that never happens."""
    end = asyncio.get_running_loop().time() + patience_s
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"{what} did not come about within {patience_s:.0f} s")
        await asyncio.sleep(_STEP_S)


def eventually_blocking(condition: Callable[[], Any], what: str = "a condition", patience_s: float = PATIENCE_S) -> Any:
    """The same for tests without an event loop: the thread sleeps between two looks."""
    end = time.monotonic() + patience_s
    while True:
        if found := condition():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about within {patience_s:.0f} s")
        time.sleep(_STEP_S)
