"""The classes of [faults] as the engine's plans."""

from acd.config.faults import FaultClass
from acd.engine.faults.events import FaultPlan


def plan_of(known: FaultClass) -> FaultPlan:
    """What is done with a fault of this class."""
    return FaultPlan(
        known.tell_callers,
        known.queue or "",
        known.priority,
        known.calls_at_a_time,
        tuple(minutes * 60 for minutes in known.tries_after_m),
    )
