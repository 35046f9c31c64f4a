"""Promises are made, changed, late, and over. Each step is a row of the call log, from which the table in PostgreSQL is made.

A number has one open promise: whoever asks for another gets the same. Rules of a version without promises (Rules.callbacks is None)
are replayed without them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from acd import calls_out as numbers
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call
from acd.engine.model import CallbackRules
from acd.engine.promises.events import How, Source
from acd.engine.promises.promise import Promise, PromiseOutcome
from acd.engine.routing import calls_out
from acd.engine.state import State

LATE = "callback late"
"""The alarm's name; its subject is the promise."""
MOST_OPEN = 5000
_OF_A_CALL = "-p"
"""Behind the id of the call out of which the promise came, where another call keeps it."""
_LONGEST_ID = 40


def open_of(s: State, number: str) -> Promise | None:
    """The open promise to this number, in whatever writing."""
    rules = s.rules.calls_out
    known = number if rules is None else numbers.canonical_of(rules, number)
    return next((one for one in s.promises.values() if one.number == known), None) if known else None


def within(rules: CallbackRules, queue: str) -> timedelta:
    """What is promised to callers of this queue."""
    return timedelta(seconds=dict(rules.within_of).get(queue, rules.within.total_seconds()))


def taken(s: State, call: Call) -> None:
    """A waiting caller has taken a callback: this call keeps it."""
    rules = s.rules.callbacks
    if rules is None or call.call in s.promises:
        return
    rows = s.queue(call.queue).overflow
    offered = [rows[row].within for row in call.rows if row < len(rows) and rows[row].do == "offer-callback"]
    promise = Promise(
        call.call,
        call.callback,
        call.queue,
        *window(s, call.queue, call.callback, call.area, call.brand, lasts=offered[-1] if offered else None),
        source="caller",
        by="caller",
        language=call.language,
        customer=call.customer,
        area=call.area,
        brand=call.brand,
        dialled=call.dialled,
        placed=True,
    )
    make(s, promise)


def window(
    s: State,
    queue: str,
    number: str,
    area: str,
    brand: str,
    begins: datetime | None = None,
    lasts: timedelta | None = None,
) -> tuple[datetime, datetime, datetime]:
    """Now, from when the customer is called, and until when that is promised; as the outer clock says."""
    rules = s.rules.callbacks or CallbackRules()
    now = s.outer(s.now)
    first = max(now, begins) if begins is not None else now
    opens = calls_out.next_opening(s, first + s.skew, brand, number, area)
    first = s.outer(opens) if opens is not None else first
    return now, first, first + (lasts or within(rules, queue))


def of_message(s: State, call: Call) -> None:
    """A caller has left a message: they are owed a callback, where the rules say so."""
    rules = s.rules.callbacks
    if rules is not None and rules.messages != "off":
        _of_call(s, call, "message", "call" if rules.messages == "call" else "list")


def of_abandoned(s: State, call: Call) -> None:
    """A caller gave up before an agent was there."""
    rules = s.rules.callbacks
    if rules is not None and rules.abandoned != "off" and not call.callback:
        _of_call(s, call, "abandoned", "call" if rules.abandoned == "call" else "list")


def _of_call(s: State, call: Call, source: Source, how: How) -> None:
    rules = s.rules.calls_out
    number = call.caller if rules is None else numbers.canonical_of(rules, call.caller)
    if call.withheld or not number or calls_out.refused(s, number) or len(s.promises) >= MOST_OPEN:
        return
    if (known := open_of(s, number)) is not None:
        again(s, known, source)
        return
    promise = Promise(
        f"{call.call[: _LONGEST_ID - len(_OF_A_CALL)]}{_OF_A_CALL}",
        number,
        call.queue,
        *window(s, call.queue, number, call.area, call.brand),
        source=source,
        how=how,
        by="caller",
        language=call.language,
        customer=call.customer,
        area=call.area,
        brand=call.brand,
        dialled=call.dialled,
        of_call=call.call,
    )
    if promise.promise not in s.promises:
        make(s, promise)


def make(s: State, promise: Promise) -> None:
    """The promise is in the book; it is late when its time is over, and due when it begins."""
    s.promises[promise.promise] = promise
    arm(s, promise)
    log(s, promise, "made", **_whole(promise))


def again(s: State, promise: Promise, source: Source) -> None:
    """The same callback was asked for once more."""
    promise.asked += 1
    log(s, promise, "asked again", source=source, asked=promise.asked)


def arm(s: State, promise: Promise) -> None:
    """Sets the deadlines that the promise's times give."""
    name = promise.promise
    if promise.how == "call" and not promise.placed:
        s.deadlines.set(("promise", name), promise.begins + s.skew)
    else:
        s.deadlines.clear(("promise", name))
    if promise.late and promise.until <= s.outer(s.now):
        s.deadlines.clear(("late", name))
    else:
        s.deadlines.set(("late", name), promise.until + s.skew)


def late(s: State, name: str) -> None:
    """The promised time is over: an alarm, until the promise is."""
    promise = s.promises.get(name)
    if promise is None:
        return
    call = s.calls.get(name)
    if call is not None and call.stage == "talking":
        return
    promise.late = True
    log(s, promise, "late")
    local = f"{promise.until.astimezone(UTC) + s.rules.utc_offset:%Y-%m-%d %H:%M}"
    s.log(
        Kind.ALARM,
        name if promise.placed else "",
        queue=promise.queue,
        detail={
            "name": LATE,
            "subject": name,
            "detail": f"a callback was promised until {local}",
            "until": promise.until.isoformat(),
            "local": local,
        },
    )


def connected(s: State, call: Call) -> None:
    """Caller and agent hear each other: the promise is kept."""
    if (promise := s.promises.get(call.call)) is not None:
        over(s, promise, "kept", call.offer.agent.agent if call.offer is not None else "")


def call_over(s: State, call: Call, ending: Ending) -> None:
    """The call that was to keep it has ended; an abandoned call may be owed one."""
    promise = s.promises.get(call.call)
    if promise is not None:
        over(s, promise, _outcome(s, call, ending))
    elif ending in (Ending.ABANDONED_QUEUE, Ending.ABANDONED_RINGING):
        of_abandoned(s, call)
    elif ending is Ending.MESSAGE:
        of_message(s, call)


def _outcome(s: State, call: Call, ending: Ending) -> PromiseOutcome:
    if ending is Ending.NOT_REACHED:
        return "barred" if calls_out.refused(s, call.callback) else "not-reached"
    if ending is Ending.WITHDRAWN:
        return "cancelled"
    if ending is Ending.LOST:
        return "lost"
    return "left" if call.called_back else "otherwise"


def over(s: State, promise: Promise, outcome: PromiseOutcome, by: str = "", note: str = "") -> None:
    """The promise is over, and so is its alarm."""
    name = promise.promise
    s.promises.pop(name, None)
    s.deadlines.clear(("promise", name))
    s.deadlines.clear(("late", name))
    in_time = outcome in ("kept", "done") and not promise.late and s.outer(s.now) <= promise.until
    log(s, promise, "ended", outcome=outcome, by=by, in_time=in_time, note=note)
    if promise.late:
        clear_alarm(s, promise)


def clear_alarm(s: State, promise: Promise) -> None:
    """The alarm that it is late is over."""
    s.log(Kind.ALARM_CLEARED, queue=promise.queue, detail={"name": LATE, "subject": promise.promise})


def adopt(s: State) -> None:
    """Callbacks that a version without promises has taken are promises from now on."""
    if s.rules.callbacks is None:
        return
    for call in list(s.calls.values()):
        if call.callback and not call.called_back and call.asked_at is not None:
            taken(s, call)


def log(s: State, promise: Promise, state: str, **more: Any) -> None:
    """A row of the call log: a step of this promise."""
    more |= {"owner": promise.owner, "tries": promise.tries or None}
    detail = {"state": state, **{name: value for name, value in more.items() if value not in ("", None)}}
    s.log(Kind.PROMISE, promise.promise, queue=promise.queue, detail=detail)


def times(promise: Promise) -> dict[str, str]:
    """Its times as rows of the log have them."""
    return {"begins": promise.begins.isoformat(), "until": promise.until.isoformat()}


def _whole(promise: Promise) -> dict[str, Any]:
    names = ("number", "source", "how", "by", "owner", "language", "customer", "area", "brand", "note", "of_call")
    return {name: getattr(promise, name) for name in names} | times(promise)
