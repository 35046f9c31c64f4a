"""A round of background work that fails ends nothing: it is told once, and tried again."""

import asyncio
import errno

import pytest
from sqlalchemy.exc import ProgrammingError

from acd.daemon.recurring import Recurring
from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event
from tests.support.waiting import eventually

UNDEFINED_TABLE = ProgrammingError("SELECT", {}, Exception('relation "recordings" does not exist'))


async def fails(error: BaseException) -> None:
    raise error


async def goes_well() -> None:
    pass


@pytest.mark.parametrize(
    "error", [UNDEFINED_TABLE, OSError(errno.ENOSPC, "No space left on device"), KeyError("offer"), RecursionError()]
)
async def test_it_is_told_once_however_often_it_fails_and_told_again_after_it_went_well(error: Exception):
    told: list[Event] = []
    recurring = Recurring(told.append)
    for _ in range(3):
        await recurring.round("nightly check", fails(error))
        await recurring.round("sweep", goes_well())
    assert [event.name for event in told if isinstance(event, AlarmRaised)] == ["background work failed"]
    await recurring.round("nightly check", goes_well())
    await recurring.round("nightly check", fails(error))
    assert sum(isinstance(event, AlarmRaised) for event in told) == 2
    assert AlarmCleared("background work failed", "nightly check") in told
    assert recurring.failed == 4
    assert "recordings" not in str(told), "what stood in a row is not for whoever reads alarms"


async def test_two_kinds_of_work_and_two_kinds_of_trouble_are_told_each():
    told: list[Event] = []
    recurring = Recurring(told.append)
    for work in ("sweep", "look around"):
        for error in (OSError(errno.ENOSPC, ""), OSError(errno.EMFILE, "")):
            await recurring.round(work, fails(error))
    assert len(told) == 4


async def test_who_cancels_it_is_obeyed():
    recurring = Recurring(lambda event: None)
    with pytest.raises(asyncio.CancelledError):
        await recurring.round("sweep", fails(asyncio.CancelledError()))


async def test_rounds_follow_each_other_but_for_those_that_are_left_out():
    done: list[int] = []
    asked = iter([True, False, True, True])

    async def look() -> None:
        done.append(len(done))
        if len(done) == 2:
            raise OSError("no room")

    work = asyncio.create_task(Recurring(lambda event: None).every(0, "work", look, when=lambda: next(asked, False)))
    await eventually(lambda: len(done) == 3, "three rounds, one of which failed")
    assert not work.done()
    work.cancel()
