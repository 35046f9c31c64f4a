"""A fault is mended: everybody who is registered is called with the news."""

from dataclasses import asdict

from acd.engine.commands import Kind
from acd.engine.faults.declaring import in_time
from acd.engine.faults.events import FaultCleared
from acd.engine.faults.state import Fault, Registered
from acd.engine.state import State
from acd.engine.story_calls import dialling
from acd.engine.story_calls.events import StoryCallAsked
from acd.engine.transfers.targets import Refusal

NEWS_FIRST_S = 5.0
"""A mistaken clearing can't be taken back; the first telephone rings so much later, for callers are about to hang up."""


def refusal(s: State, event: FaultCleared) -> Refusal | None:
    """Why it can't be cleared: there is no such fault, or it is over."""
    fault = s.faults.all.get(event.fault)
    if fault is None:
        return Refusal("unknown-fault", f"There is no fault {event.fault}.")
    return None if fault.is_open else Refusal("cleared-already", f"Fault {event.fault} is over already.")


def cleared(s: State, event: FaultCleared) -> None:
    """FaultCleared: callers hear of it no more; a story call for each registered number."""
    fault = s.faults.all.get(event.fault)
    if fault is None or not fault.is_open:
        s.ignore(event, "no such fault" if fault is None else "it is over already")
        return
    fault.cleared_at, fault.cleared_by, fault.quietly = s.outer(s.now), event.by, event.quietly
    fault.news_zh, fault.news_en = event.zh, event.en
    in_time(s, fault)
    said = {"zh": event.zh, "en": event.en, "quietly": event.quietly}
    s.log(
        Kind.FAULT,
        detail={
            "fault": fault.fault,
            "state": "cleared",
            "by": event.by,
            "lasted_s": round((fault.cleared_at - fault.declared_at).total_seconds(), 3),
            "registered": len(fault.registered),
            "counts": asdict(fault.counts),
            **{name: value for name, value in said.items() if value},
        },
    )
    for each in fault.registered.values():
        if event.quietly:
            each.news = "withdrawn"
        else:
            dialling.asked(s, news_call(fault, each))
    s.faults.forget_old()


def news_call(fault: Fault, caller: Registered) -> StoryCallAsked:
    """The call with the news to this caller."""
    return StoryCallAsked(
        f"fault-{fault.fault}-{caller.order}-{int(caller.at.timestamp())}",
        "fault_news",
        caller.number,
        fault.fault,
        caller.language,
        caller.dialled,
        fault.plan.pauses_s,
        fault.plan.at_a_time,
        NEWS_FIRST_S,
        caller.area,
    )
