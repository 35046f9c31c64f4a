"""Orders, deliveries, balance and complaints: by the caller's own number, or by a number that is keyed."""

from dataclasses import dataclass

from ivr.facts import Facts
from ivr.services import wording
from ivr.services.asking import TRIES, Answer, End, Say, enter, look_up, no_answer, tell
from ivr.services.identity import verified
from ivr.step import Call, Language, Part, Play


@dataclass(frozen=True, slots=True)
class Kind:
    """One service about records of one kind."""

    service: str
    source: str
    """The look-up ([lookups.…] of the configuration)."""
    say: Say
    own: bool = True
    """The caller's own records are told first, found by the number that calls."""
    keyed: str = ""
    """How a record is found by a number that the caller keys ("order"); empty: it is not."""
    enter: str = ""
    """The prompt that asks for it."""
    other: str = ""
    """The prompt that offers another one behind an answer, with key 1."""


ORDER = Kind("order", "orders", wording.order, keyed="order", enter="order-enter", other="order-after")
DELIVERY = Kind("delivery", "deliveries", wording.delivery, keyed="order", enter="order-enter", other="order-after")
BALANCE = Kind("balance", "balances", wording.balance)
TICKET = Kind(
    "ticket", "tickets", wording.ticket, own=False, keyed="ticket", enter="ticket-enter", other="ticket-after"
)


def order(call: Call, facts: Facts) -> Part[End]:
    """Where is my order?"""
    return (yield from serve(call, facts, ORDER))


def delivery(call: Call, facts: Facts) -> Part[End]:
    """Where is my parcel?"""
    return (yield from serve(call, facts, DELIVERY))


def balance(call: Call, facts: Facts) -> Part[End]:
    """What is my balance?"""
    return (yield from serve(call, facts, BALANCE))


def ticket(call: Call, facts: Facts) -> Part[End]:
    """Where is my complaint? By the ticket's number; one that is known to be open is told without it."""
    if facts.complaint_ticket:
        end = yield from by_number(call, TICKET, facts.complaint_ticket)
        if end:
            return end
    return (yield from serve(call, facts, TICKET))


def serve(call: Call, facts: Facts, kind: Kind) -> Part[End]:
    """The caller's own record first, where there is one; then those of numbers that the caller keys."""
    if kind.own:
        answer = yield from with_identity(call, kind, "caller")
        if answer.outcome == "found":
            key = yield from told(call, kind, answer)
            if key != "1":
                return _end(key)
        elif answer.outcome != "not-found" or not kind.keyed:
            if answer.outcome == "not-found":
                yield Play("lookup-nothing-of-yours")
                return "person"
            return (yield from no_answer(answer))
    for _ in range(TRIES):
        keyed = yield from enter(kind.enter)
        if keyed in ("person", "back"):
            return _end(keyed)
        if not keyed:
            break
        end = yield from by_number(call, kind, keyed)
        if end:
            return end
    yield Play("lookup-failed")
    return "person"


def by_number(call: Call, kind: Kind, number: str) -> Part[End | None]:
    """Tells the record of this number; None: there is none, or the caller wants another."""
    answer = yield from with_identity(call, kind, kind.keyed, number)
    if answer.outcome == "not-found":
        yield Play("lookup-not-found")
        return None
    if answer.outcome != "found":
        return (yield from no_answer(answer))
    key = yield from told(call, kind, answer)
    return None if key == "1" else _end(key)


def with_identity(call: Call, kind: Kind, by: str, keyed: str = "") -> Part[Answer]:
    """Looks up; where that needs a caller who is known, makes sure of it first and looks up once more."""
    answer = yield from look_up(call, kind.source, by, keyed)
    if answer.why == "not-verified" and not answer.person and (yield from verified(call)) == "full":
        answer = yield from look_up(call, kind.source, by, keyed)
    return answer


def told(call: Call, kind: Kind, answer: Answer) -> Part[str]:
    """Tells the newest record; what the caller does then, as `tell`."""
    assert answer.today is not None, "found, and the day is not known"
    language = yield Language()
    said = kind.say(answer.records[0], answer.today, language)
    if not said:
        yield Play("lookup-failed")
        return "person"
    return (yield from tell(call, kind.service, said, kind.other or "service-after", "1" if kind.other else ""))


def _end(key: str) -> End:
    return "back" if key == "back" else "served" if key == "served" else "person"
