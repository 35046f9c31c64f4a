"""The leg of a caller who was taken over: the agent has left, and its recorder, which is the caller's, runs on until the caller is gone or the
last supervisor is. So its TALK_ENDED row says that it goes on, and a row "leg over" tells how long the file should be."""

from datetime import datetime
from typing import Any

from acd.engine.commands import Kind, Log
from acd.engine.entities import Offered
from acd.engine.listening.state import Listener
from acd.engine.routing.queueing import since
from acd.engine.state import State


def kept(s: State, offer: Offered) -> dict[str, Any]:
    """What is kept of the leg that this event has ended; its row is marked."""
    row = next(one for one in reversed(s.out) if isinstance(one, Log) and one.kind is Kind.TALK_ENDED)
    s.out[s.out.index(row)] = Log(row.kind, row.call, row.agent, row.offer, row.queue, {**row.detail, "goes_on": True})
    known = {"offer": offer.offer, "agent": row.agent, "queue": row.queue, "at": s.now.isoformat()}
    return {**known, "detail": dict(row.detail)}


def left(s: State, listener: Listener) -> None:
    """This supervisor has left the caller: the leg goes on with another who is still there, or is over."""
    leg, listener.leg = listener.leg, None
    if leg is None:
        return
    other = next((each for each in s.listeners.of_call(listener.call) if each.joined_at is not None), None)
    if other is not None:
        other.leg = leg
        return
    detail = leg["detail"]
    alone_s = since(datetime.fromisoformat(leg["at"]), s.now)
    recorded_s = detail.get("recorded_s", detail["talk_s"])
    span = {"kind": "supervisor", "from_s": round(recorded_s, 3), "to_s": round(recorded_s + alone_s, 3)}
    span |= {"lasted_s": round(alone_s, 3), "by": listener.account}
    over = {
        **detail,
        "state": "leg over",
        "account": listener.account,
        "talk_s": detail["talk_s"] + alone_s,
        "recorded_s": recorded_s + alone_s,
        "spans": [*detail.get("spans", ()), span],
    }
    s.log(Kind.LISTENING, listener.call, leg["agent"], leg["offer"], leg["queue"], over)
