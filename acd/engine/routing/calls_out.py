"""The wall before every call out, as far as the engine decides: the allow-list, the limits, the hours of callbacks.

Whoever sends a command that makes Asterisk dial an outside number (CallBack, SendTo a number, Consult a number, OriginateStory) asks here first
and notes it here: `no_leg` or `held_until`, then `note`. The numbers themselves are judged in acd/calls_out.py. A reached
limit and a refused number raise an alarm, one of a kind within ALARM_EVERY.
"""

from datetime import datetime, timedelta
from typing import Literal

from acd import calls_out
from acd.calling_hours import CallingHours, may_call
from acd.calls_out import CallsOut, Why
from acd.engine.brands import brand_named
from acd.engine.callback_events import SelfCallAsked
from acd.engine.commands import CallSelf, Kind
from acd.engine.entities import Call
from acd.engine.legs_out import DAY
from acd.engine.state import State

OWN_CALL_LASTS = timedelta(seconds=75)
"""A call of the hotline to itself: 30 s until it is answered and 45 s of talk at most (acd/pbx/actions/self_call.py)."""
LOOK_AGAIN = timedelta(seconds=5)
"""A callback that waits until another call out has ended is looked at again after this."""
ALARM_EVERY = timedelta(minutes=10)
"""Alarms of one kind are not raised more often; the next one says how often it happened meanwhile."""
NOT_ALLOWED = "not allowed"
"""The reason of a CallReturned or ConsultEnded where the dialplan's own list does not have the number: a fault, for the engine
should not have asked."""
Limit = Literal["at-a-time", "per-hour", "per-day", "per-number"]
Held = Limit | Literal["hours", "database"]
Refused = Why | Literal["do-not-call"]
NoCallback = Refused | Literal["callback-open", "queue-full"]

_LIMITS: dict[str, str] = {
    "at-a-time": "{at_a_time} calls out are up, and as many may be at a time (calls_out.at_a_time)",
    "per-hour": "{per_hour} calls have left within an hour, and no more may (calls_out.per_hour)",
    "per-day": "{per_day} calls have left within 24 hours, and no more may (calls_out.per_day)",
    "per-number": "one number was called {per_number} times within 24 hours, and no more may be (calls_out.per_number)",
    "queue-full": "{waiting_per_queue} callers of queue {queue} wait for their callback, and no more may "
    "(calls_out.waiting_per_queue); callers are offered none",
    "callback-open": "a second callback was asked for to a number, or by a caller, that has one already",
}


def up(s: State) -> int:
    """How many outside numbers are dialled or connected at this moment."""
    own = s.legs_out.own_until is not None and s.legs_out.own_until > s.now
    return sum(_legs(call) for call in s.calls.values()) + s.story_calls.up + int(own)


def _legs(call: Call) -> int:
    transfer = call.transfer
    consulted = transfer is not None and transfer.kind == "number" and transfer.state not in ("asked", "joining")
    sent_on = call.stage == "elsewhere" and call.sent_to != ""
    agents = [offer for offer in (call.offer, call.consult, *call.leaving) if offer is not None and offer.agent.outside]
    rung = sum(1 for offer in agents if not offer.reserved)
    return int(call.dialling or call.called_back) + int(consulted) + int(sent_on) + rung


def no_leg(s: State) -> Limit | None:
    """Which limit forbids that another call leaves now; None: none does."""
    limit = limits(s, "")
    return limit[0] if limit is not None else None


def held_until(s: State, call: Call) -> tuple[Held, datetime] | None:
    """Why the customer of this callback may not be dialled now, and when to look again; None: now they may."""
    if call.call in s.legs_out.in_doubt:
        return "database", s.now + LOOK_AGAIN
    rules = s.rules.calls_out
    if rules is None:
        return None
    opening = next_opening(s, s.now, call.brand, call.callback, call.area)
    if opening is not None:
        return "hours", opening
    return limits(s, call.callback)


def limits(s: State, number: str) -> tuple[Limit, datetime] | None:
    """The limit that forbids another call out, and when to look again. `number`: of a callback."""
    rules, made = s.rules.calls_out, s.legs_out
    if rules is None:
        return None
    if number and (free := made.free_at(rules.per_number, DAY, s.now, number)) is not None:
        return "per-number", free
    if (free := made.free_at(rules.per_day, DAY, s.now)) is not None:
        return "per-day", free
    if (free := made.free_at(rules.per_hour, timedelta(hours=1), s.now)) is not None:
        return "per-hour", free
    if up(s) >= rules.at_a_time:
        return "at-a-time", s.now + LOOK_AGAIN
    return None


def next_opening(s: State, at: datetime, brand: str = "", number: str = "", area: str = "") -> datetime | None:
    """When this customer, who had called this brand, may be called back again, as inner time; None: at `at` they may. `at`: inner."""
    rules = s.rules.calls_out
    if rules is None:
        return None
    hours, dates = rules.hours, rules.dates
    known = brand_named(s.rules, brand)
    if known is not None and known.callback_hours is not None:
        hours, dates = known.callback_hours, known.callback_dates
    outer, today = s.outer(at), s.hours_set.get("")
    holds = today is not None and today.until > outer
    calling = CallingHours(
        hours,
        dates,
        s.rules.utc_offset,
        rules.regions,
        closed_until=today.until if today is not None and holds and not today.open else None,
        open_until=today.until if today is not None and holds and today.open else None,
    )
    opens = may_call(calling, outer, number, area)
    return None if opens is None else at + (opens - outer)


def note(s: State, number: str) -> None:
    """A call out to this number is under way with the command that was just given."""
    s.legs_out.note(s.now, number)


def self_call_asked(s: State, event: SelfCallAsked) -> None:
    """SelfCallAsked: counts it, and holds its place among the calls that are up for as long as it can take."""
    if s.rules.calls_out is not None and (why := calls_out.no_self_call(s.rules.calls_out, event.number)):
        raise_alarm(s, why, number=event.number)
    elif limit := no_leg(s):
        raise_alarm(s, limit)
    else:
        note(s, event.number)
        s.legs_out.own_until = s.now + OWN_CALL_LASTS
        s.out.append(CallSelf(event.number))


def leg_to_agent(s: State, number: str, call: Call) -> str:
    """An agent's outside number is about to be dialled for this call, by an offer that is made already: why it may not be;
    empty: it may, and is noted."""
    why = refuse_number(s, number) or _limit_but_for_one(s) or ""
    if why:
        raise_alarm(s, why, call, number)
    else:
        note(s, number)
    return why


def _limit_but_for_one(s: State) -> Limit | None:
    """As `no_leg`, where the leg that is about to leave is counted among those that are up."""
    rules, limit = s.rules.calls_out, no_leg(s)
    return None if limit == "at-a-time" and rules is not None and up(s) <= rules.at_a_time else limit


def refuse_number(s: State, number: str) -> Why:
    """Why a caller may not be sent on to this number of the configuration."""
    return "" if s.rules.calls_out is None else calls_out.no_way_out(s.rules.calls_out, number)


def refuse_callback(s: State, call: Call, number: str) -> NoCallback:
    """Why this caller may not take a callback to this number; empty: they may."""
    rules = s.rules.calls_out
    if rules is None:
        return ""
    if why := calls_out.no_callback(rules, number):
        return why
    return no_offer(s, call, calls_out.canonical_of(rules, number))


def no_offer(s: State, call: Call, number: str = "") -> NoCallback:
    """Why a callback is not even offered to this caller; empty: it may be. `number`: where they want to be called; empty: the
    number that they call from."""
    rules = s.rules.calls_out
    if rules is None:
        return ""
    if is_barred(s, number or call.caller):
        return "do-not-call"
    mine = calls_out.canonical_of(rules, number or call.caller)
    if mine and any(one.number == mine for name, one in s.promises.items() if name != call.call):
        return "callback-open"
    waiting = 0
    for other in s.calls.values():
        if other is call or not other.callback or other.called_back:
            continue
        if calls_out.same(rules, other.caller, call.caller):
            return "callback-open"
        if any(calls_out.same(rules, other.callback, one) for one in (number, call.caller)):
            return "callback-open"
        waiting += other.queue == call.queue
    return "queue-full" if waiting >= rules.waiting_per_queue else ""


def is_barred(s: State, number: str) -> bool:
    """Whether the number, in whatever writing, is that of a customer who does not want to be called."""
    rules = s.rules.calls_out
    return number in s.legs_out.barred or (
        rules is not None and calls_out.canonical_of(rules, number) in s.legs_out.barred
    )


def refused(s: State, number: str) -> Refused:
    """Why nobody may ever be called back at this number; empty: they may."""
    if is_barred(s, number):
        return "do-not-call"
    rules = s.rules.calls_out
    return "" if rules is None else calls_out.no_callback(rules, number)


def raise_alarm(s: State, why: str, call: Call | None = None, number: str = "") -> None:
    """An alarm that a limit is reached or a number was refused, unless there was one of that kind a short while ago."""
    kind = why if why in _LIMITS else "refused"
    at, more = s.legs_out.alarms.get(kind, (None, 0))
    if at is not None and s.now - at < ALARM_EVERY:
        s.legs_out.alarms[kind] = at, more + 1
        return
    s.legs_out.alarms[kind] = s.now, 0
    queue = call.queue if call is not None else ""
    if kind == "refused":
        name, detail = (
            "call out refused",
            f"a call to {number or 'an outside number'} was asked for and not made ({why})",
        )
    else:
        rules = s.rules.calls_out or CallsOut()
        limits = {field: getattr(rules, field) for field in CallsOut.__dataclass_fields__}
        name, detail = "limit of calls out", _LIMITS[kind].format(**limits, queue=queue)
    detail += f"; {more} times more since the last alarm of this kind" if more else ""
    s.log(Kind.ALARM, call.call if call is not None else "", queue=queue, detail={"name": name, "detail": detail})
