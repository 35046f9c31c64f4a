"""A loop that stands still is seen from beside it, and its alarm names the line."""

import asyncio
import time

import pytest

from acd.daemon.watchdogs.event_loop import LoopWatch
from acd.engine.events import AlarmRaised, Event
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow


async def test_who_sleeps_in_the_loop_is_named_once_and_a_loop_that_turns_is_not():
    told: list[Event] = []
    watch = asyncio.create_task(LoopWatch(told.append).run())
    try:
        await asyncio.sleep(1.0)
        assert told == []
        time.sleep(2.0)  # as bad code would, in the loop's own thread
        await eventually(lambda: told, "the alarm")
        await asyncio.sleep(0.6)
        [alarm] = told
        assert isinstance(alarm, AlarmRaised)
        assert alarm.name == "loop blocked"
        assert (
            "tests/daemon/watchdogs/test_watch_event_loop.py" in alarm.detail
            and "test_who_sleeps_in_the_loop" in alarm.detail
        )
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
