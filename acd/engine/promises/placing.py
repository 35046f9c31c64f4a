"""A promise whose time has come stands in line as a virtual call; what people and programs want of promises."""

from acd import calls_out as numbers
from acd.engine.calls.call_lifecycle import close_call
from acd.engine.calls.queue_entry import ask
from acd.engine.commands import Ending, Kind
from acd.engine.entities import Call
from acd.engine.promises import ledger
from acd.engine.promises.events import CallbackPromised, PromiseEnded, PromiseMoved
from acd.engine.promises.promise import Promise
from acd.engine.routing import agent_affinity, calls_out
from acd.engine.routing.policy import DESTINATIONS, move_to_queue
from acd.engine.routing.queueing import leave_line, wait
from acd.engine.state import State
from acd.engine.transfers.targets import Refusal


def promised_refusal(s: State, event: CallbackPromised) -> Refusal | None:
    """Why this promise can't be made; None: it can, or is there already."""
    if event.queue not in s.queues or event.queue in s.unknown_queues:
        return Refusal("unknown-queue", f"There is no queue {event.queue}. Take one of `sanxiang queue list`.")
    rules = s.rules.calls_out
    why = "" if rules is None else numbers.no_callback(rules, event.number)
    if why or calls_out.is_barred(s, event.number):
        code = why or "do-not-call"
        return Refusal(code, f"{event.number} may not be called back ({code}). See docs/callbacks.md.")
    # Before its first event the engine knows no time.
    if event.until is not None and s.started and event.until <= max(s.outer(s.now), event.begins or s.outer(s.now)):
        return Refusal("past", "until: is past, or not after the beginning. Write a later time.")
    if len(s.promises) >= ledger.MOST_OPEN and ledger.open_of(s, event.number) is None:
        return Refusal(
            "too-many", f"{ledger.MOST_OPEN} callbacks are open, and no more are taken. End some of them first."
        )
    return None


def promised(s: State, event: CallbackPromised) -> None:
    """CallbackPromised: a number that has an open promise keeps that one."""
    if s.rules.callbacks is None or event.promise in s.promises or event.promise in s.calls:
        s.ignore(event, "the promise is there already, or these rules know none")
        return
    if (refused := promised_refusal(s, event)) is not None:
        s.ignore(event, refused.code)
        return
    rules = s.rules.calls_out
    number = event.number if rules is None else numbers.canonical_of(rules, event.number)
    if (known := ledger.open_of(s, number)) is not None:
        ledger.again(s, known, event.source)
        return
    made, begins, until = ledger.window(s, event.queue, number, event.area, event.brand, event.begins)
    named = {
        name: getattr(event, name)
        for name in (
            "source",
            "how",
            "by",
            "owner",
            "language",
            "customer",
            "area",
            "brand",
            "dialled",
            "note",
            "of_call",
        )
    }
    ledger.make(s, Promise(event.promise, number, event.queue, made, begins, event.until or until, **named))


def due(s: State, name: str) -> None:
    """The promised time has begun: the customer stands in line, and is dialled when an agent is free."""
    promise = s.promises.get(name)
    if promise is None or promise.placed or promise.how != "call":
        return
    if name in s.calls or name in s.ended_calls:
        return
    queue = s.queue(promise.queue)
    s.arrivals += 1
    call = Call(name, s.arrivals, s.now, caller=promise.number, dialled=promise.dialled, brand=promise.brand)
    call.customer, call.area, call.language = promise.customer, promise.area, promise.language
    call.callback, call.virtual = promise.number, True
    s.calls[name] = call
    promise.placed = True
    s.counts.arrived()
    detail = {"caller": promise.number, "dialled": promise.dialled, "promised": True}
    s.log(Kind.ARRIVED, name, detail=detail | ({"brand": promise.brand} if promise.brand else {}))
    ledger.log(s, promise, "due")
    owner = promise.owner if promise.owner in s.agents else ""
    ask(s, call, queue.name, (), promise.language, s.now, owner, wish="callback")
    # Nobody is on the line who could be diverted.
    rows = s.queue(call.queue).overflow
    call.rows.extend(number for number, row in enumerate(rows) if row.do in DESTINATIONS and number not in call.rows)
    if owner:
        leave_line(s, call)
        agent_affinity.keep(s, call)
        wait(s, call)


def change_refusal(s: State, event: PromiseMoved | PromiseEnded) -> Refusal | None:
    """Why this promise can't be changed just now."""
    promise = s.promises.get(event.promise)
    if promise is None:
        return Refusal("unknown-promise", f"There is no open callback {event.promise}.")
    call = s.calls.get(event.promise)
    if call is not None and (call.stage != "waiting" or call.dialling or not call.virtual):
        return Refusal("being-called", "The customer is on the line or is being called at this moment.")
    if isinstance(event, PromiseMoved):
        if event.queue is not None and (event.queue not in s.queues or event.queue in s.unknown_queues):
            return Refusal("unknown-queue", f"There is no queue {event.queue}. Take one of `sanxiang queue list`.")
        begins = event.begins or promise.begins
        if event.until is not None and event.until <= max(begins, s.outer(s.now)):
            return Refusal("past", "until: is past, or not after the beginning. Write a later time.")
    return None


def moved(s: State, event: PromiseMoved) -> None:
    """PromiseMoved: a call that stands in line already rests until the new time."""
    promise, refused = s.promises.get(event.promise), change_refusal(s, event)
    if promise is None or refused is not None:
        s.ignore(event, refused.code if refused else "no such promise")
        return
    was = {name: getattr(promise, name) for name in ("queue", "owner")} | ledger.times(promise)
    lasts = promise.until - promise.begins
    if event.begins is not None:
        _, promise.begins, _ = ledger.window(
            s, promise.queue, promise.number, promise.area, promise.brand, event.begins
        )
        promise.until = promise.begins + lasts
    if event.until is not None:
        promise.until = event.until
    promise.queue = event.queue if event.queue is not None else promise.queue
    promise.owner = event.owner if event.owner is not None else promise.owner
    now = {name: getattr(promise, name) for name in ("queue", "owner")} | ledger.times(promise)
    if promise.late and promise.until > s.outer(s.now):
        ledger.clear_alarm(s, promise)
    ledger.arm(s, promise)
    ledger.log(s, promise, "moved", by=event.by, note=event.note, was=was, **now)
    call = s.calls.get(event.promise)
    if call is None:
        return
    if promise.queue != call.queue:
        move_to_queue(s, call, promise.queue)
    if promise.begins > s.outer(s.now):
        leave_line(s, call)
        call.resting = True
        s.deadlines.set(("rest", call.call), promise.begins + s.skew)


def ended(s: State, event: PromiseEnded) -> None:
    """PromiseEnded: a call that stands in line for it ends, too."""
    promise, refused = s.promises.get(event.promise), change_refusal(s, event)
    if promise is None or refused is not None:
        s.ignore(event, refused.code if refused else "no such promise")
        return
    ledger.over(s, promise, event.ended_as, event.by, event.note)
    call = s.calls.get(event.promise)
    if call is not None:
        leave_line(s, call)
        close_call(s, call, Ending.WITHDRAWN)
