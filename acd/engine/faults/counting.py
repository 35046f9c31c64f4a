"""The end of a call that has heard of a fault: counted once in each, as deflected, left, or gone on to a person."""

from acd.engine.entities import Call
from acd.engine.state import State


def call_over(s: State, call: Call) -> None:
    """The call is about to be closed."""
    for name in call.faults:
        fault = s.faults.all.get(name)
        if fault is None:
            continue
        if call.asked_at is not None:
            fault.counts.gone_on += 1
        elif call.fault_told:
            fault.counts.deflected += 1
        else:
            fault.counts.left += 1
