"""A system's gate: bounded in number and time, and what a driver raises tells nothing of what was asked."""

import asyncio

import pytest

from acd.company_systems.breaker import FAILURES
from acd.company_systems.failure import SystemFailed
from acd.company_systems.gate import Gate, Outcome

SECRET = "13800001111"


async def fails() -> str:
    raise RuntimeError(f"no such row: {SECRET}")


async def answers() -> str:
    return "an order"


async def test_what_a_driver_raises_is_told_by_its_kind_alone_and_counted():
    told: list[Outcome] = []
    gate = Gate(lambda: 0.0, 1, 5, told.append)
    for _ in range(FAILURES):
        with pytest.raises(SystemFailed) as raised:
            await gate.ask(fails)
        assert (raised.value.why, SECRET in str(raised.value)) == ("away", False)
    assert [(each.changed, each.turned) for each in told] == [(True, False)] + [(False, False)] * 3 + [(False, True)]
    with pytest.raises(SystemFailed, match="resting"):
        await gate.ask(answers)
    assert len(told) == FAILURES, "a question that was not put shows nothing of the system"


async def test_a_question_ends_with_the_limit_and_the_next_is_put():
    gate = Gate(lambda: 0.0, 0.05, 1, lambda outcome: None)
    with pytest.raises(SystemFailed, match="slow"):
        await gate.ask(lambda: asyncio.sleep(60, ""))
    assert await gate.ask(answers) == "an order"


async def test_a_question_beyond_the_bound_is_refused_and_a_cancelled_one_gives_its_place_back():
    gate = Gate(lambda: 0.0, 60, 1, lambda outcome: None)
    first = asyncio.create_task(gate.ask(lambda: asyncio.sleep(60, "")))
    await asyncio.sleep(0)
    with pytest.raises(SystemFailed, match="busy"):
        await gate.ask(answers)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await gate.ask(answers) == "an order"
