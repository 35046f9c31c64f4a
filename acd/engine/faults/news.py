"""What came of the call with the news to a registered caller."""

from typing import Any

from acd.engine.state import State
from acd.engine.story_calls.state import StoryCall


def told(s: State, call: StoryCall, outcome: Any, why: str) -> None:
    """`outcome`: of acd/engine/story_calls/outcomes.py."""
    fault = s.faults.all.get(call.subject)
    caller = fault.registered.get(call.number) if fault is not None else None
    if caller is None:
        return
    caller.news, caller.why, caller.tries = outcome, why, call.attempts
    caller.told_at = s.outer(s.now) if outcome == "told" else None
    s.faults.forget_old()
