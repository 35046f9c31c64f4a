"""May this story call leave now? The wall before every call out (routing/calls_out.py, decision 15), asked for calls without an agent.

`next_hour` is the one place that knows when a customer may be called; it goes by the hours of callbacks, and by those of the customer's
region (acd/calling_hours.py).
"""

from datetime import datetime, timedelta

from acd.engine.brands import brand_of
from acd.engine.routing import calls_out
from acd.engine.state import State
from acd.engine.story_calls.state import StoryCall

ON_THE_LINE_AGAIN = timedelta(minutes=1)
"""A customer who is talking with us just now is called so much later."""


def next_hour(s: State, call: StoryCall) -> datetime | None:
    """When this customer may be called again, as inner time; None: now."""
    return calls_out.next_opening(s, s.now, brand_of(s.rules, call.dialled), call.number, call.area)


def later(s: State, call: StoryCall) -> tuple[str, datetime] | None:
    """Why this one call has to wait, whatever the others do, and until when; None: it has not to."""
    opening = next_hour(s, call)
    if opening is not None:
        return "hours", opening
    if any(
        call.number in (each.caller, each.callback) and (each.dialling or not each.virtual) for each in s.calls.values()
    ):
        return "on-the-line", s.now + ON_THE_LINE_AGAIN
    limit = calls_out.limits(s, call.number)
    return limit if limit is not None and limit[0] == "per-number" else None
