"""A fault is declared, and changed. What is past its expected end raises an alarm: somebody has to clear it, or say anew."""

from datetime import datetime

from acd.engine.commands import Kind
from acd.engine.faults.events import FaultChanged, FaultDeclared
from acd.engine.faults.state import MOST_OPEN, Fault
from acd.engine.state import State
from acd.engine.transfers.targets import Refusal

OVERDUE = "fault overdue"
"""Name of the alarm."""


def refusal(s: State, event: FaultDeclared) -> Refusal | None:
    """Why this fault can't be declared: the same one is open (its number is in the words), or too many are."""
    for fault in s.faults.open():
        if (fault.words, fault.scope) == (event.words, event.scope):
            return Refusal("declared-already", f"This is fault {fault.fault}, which is open.", {"fault": fault.fault})
    if len(s.faults.open()) >= MOST_OPEN:
        return Refusal("too-many-faults", f"{MOST_OPEN} faults are open. Clear those that are mended first.")
    return None


def declared(s: State, event: FaultDeclared) -> None:
    """FaultDeclared: callers hear of it from now on."""
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.sentence)
        return
    s.faults.latest += 1
    fault = Fault(
        str(s.faults.latest),
        event.words,
        event.scope,
        event.plan,
        event.fault_class,
        s.outer(s.now),
        event.by,
        event.expected,
        event.alarm,
        event.detected,
        event.note,
    )
    s.faults.all[fault.fault] = fault
    _expect(s, fault)
    more = {"class": fault.fault_class, "alarm": fault.alarm, "detected": _text(fault.detected)}
    s.log(
        Kind.FAULT,
        detail=described(fault, "declared", event.by) | {name: value for name, value in more.items() if value},
    )


def change_refusal(s: State, event: FaultChanged) -> Refusal | None:
    """Why it can't be changed."""
    fault = s.faults.all.get(event.fault)
    if fault is None:
        return Refusal("unknown-fault", f"There is no fault {event.fault}.")
    return None if fault.is_open else Refusal("cleared-already", f"Fault {event.fault} is over.")


def changed(s: State, event: FaultChanged) -> None:
    """FaultChanged: callers hear the new words from now on."""
    fault = s.faults.all.get(event.fault)
    if fault is None or (refused := change_refusal(s, event)) is not None:
        s.ignore(event, "no such fault" if fault is None else refused.sentence if refused else "")
        return
    in_time(s, fault)
    fault.words, fault.scope, fault.expected, fault.note = event.words, event.scope, event.expected, event.note
    _expect(s, fault)
    s.log(Kind.FAULT, detail=described(fault, "changed", event.by))


def overdue(s: State, name: str) -> None:
    """("fault", number) is due: it should be mended by now."""
    fault = s.faults.all.get(name)
    if fault is not None and fault.is_open:
        detail = f"fault {fault.fault} should have been mended by now: clear it, or change when it is expected"
        s.log(Kind.ALARM, detail={"name": OVERDUE, "subject": fault.fault, "detail": detail})


def described(fault: Fault, state: str, by: str) -> dict[str, object]:
    """Detail of a row of the log: words and scope, what is empty left out."""
    words, scope = fault.words, fault.scope
    said = {
        "zh": words.zh, "en": words.en, "other_zh": words.other_zh, "other_en": words.other_en, "areas": list(scope.areas),
        "unknown_area": scope.unknown_area, "queues": list(scope.queues), "numbers": list(scope.numbers), "keys": list(scope.keys), "brand": scope.brand, "expected": _text(fault.expected), "note": fault.note,
    }  # fmt: skip
    return {"fault": fault.fault, "state": state, "by": by} | {name: value for name, value in said.items() if value}


def in_time(s: State, fault: Fault) -> None:
    """The fault is mended, or expected anew: its alarm is over."""
    if fault.expected is not None and ("fault", fault.fault) not in s.deadlines:
        s.log(Kind.ALARM_CLEARED, detail={"name": OVERDUE, "subject": fault.fault})
    s.deadlines.clear(("fault", fault.fault))


def _expect(s: State, fault: Fault) -> None:
    if fault.expected is not None:
        s.deadlines.set(("fault", fault.fault), s.now + (fault.expected - s.outer(s.now)))


def _text(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
