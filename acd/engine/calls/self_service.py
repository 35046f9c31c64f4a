"""Events of self-service: what a story looked up is logged, and a caller who has heard the answer counts as served."""

from acd.engine.commands import Ending, Kind
from acd.engine.self_service_events import AnswerTold, LookedUp
from acd.engine.state import State


def looked_up(s: State, event: LookedUp) -> None:
    """LookedUp."""
    if event.call not in s.calls:
        s.ignore(event, "no such call")
        return
    detail = {
        "lookup": event.lookup, "by": event.by, "state": event.state, "why": event.why, "took_s": event.took_s,
        "answer": dict(event.answer),
    }  # fmt: skip
    s.log(Kind.LOOKED_UP, event.call, detail=detail)


def told(s: State, event: AnswerTold) -> None:
    """AnswerTold: from now on the call ends as served, unless the caller asks for a person."""
    call = s.calls.get(event.call)
    if call is None or call.stage != "menu":
        s.ignore(event, "no such call" if call is None else "the call has left the menu")
        return
    call.after = Ending.SERVED
    s.log(Kind.ANSWER_TOLD, event.call, detail={"service": event.service})
