"""Records as what is said of them. A field that is missing, or that can't be said, is left out; a status always comes first."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from ivr.spoken.dates import clock, day
from ivr.spoken.money import minor_units, money
from ivr.spoken.numbers import reference
from ivr.step import Spoken

Record = Mapping[str, str]
Words = tuple[Spoken, ...]

ORDER_STATUSES = (
    "unpaid", "paid", "processing", "shipped", "delivered", "cancelled", "refunding", "refunded", "returned",
)  # fmt: skip
DELIVERY_STATUSES = (
    "preparing",
    "collected",
    "in-transit",
    "out-for-delivery",
    "delivered",
    "waiting-for-pickup",
    "failed",
    "returned",
)
TICKET_STATUSES = ("received", "in-progress", "waiting-for-customer", "solved", "closed")


def order(record: Record, today: date, language: str) -> Words:
    """The order with its last digits, its status, when it comes, what it cost."""
    return (
        *_numbered("order-number", record.get("order", ""), language),
        *_status("order", record, ORDER_STATUSES),
        *_on("order-expected", record.get("expected_on", ""), today, language),
        *_amount("order-amount", record, "amount", language),
    )


def delivery(record: Record, today: date, language: str) -> Words:
    """The parcel of an order: where it is, since when, when it comes."""
    return (
        *_numbered("order-number", record.get("order", ""), language),
        *_status("delivery", record, DELIVERY_STATUSES),
        *_on("delivery-updated", record.get("updated_at", ""), today, language),
        *_on("delivery-expected", record.get("expected_on", ""), today, language),
    )


def balance(record: Record, today: date, language: str) -> Words:
    """The balance, and the day that it is of."""
    return (
        *_amount("balance-is", record, "balance", language),
        *_on("balance-of", record.get("as_of", ""), today, language),
    )


def ticket(record: Record, today: date, language: str) -> Words:
    """A complaint: its number, how it stands, by when it is answered."""
    return (
        *_numbered("ticket-number", record.get("ticket", ""), language),
        *_status("ticket", record, TICKET_STATUSES),
        *_on("ticket-due", record.get("due_at", ""), today, language),
    )


def moment(text: str) -> tuple[date, time | None] | None:
    """A day, or a day with a time; None: neither. A time with an offset is taken as it stands: the daemon has put it into the
    hotline's own zone."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text), None
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when.date(), when.time()


def _numbered(prompt: str, number: str, language: str) -> Words:
    """Up to eight digits whole; of a longer number the last four, by which a caller knows it."""
    digits = "".join(letter for letter in number if letter in "0123456789")
    if not digits:
        return ()
    if len(digits) > 8:
        return (f"{prompt}-ends", *reference(digits[-4:], language))
    return (prompt, *reference(digits, language))


def _status(kind: str, record: Record, known: tuple[str, ...]) -> Words:
    status = record.get("status", "")
    return (f"{kind}-status-{status}",) if status in known else ()


def _on(prompt: str, text: str, today: date, language: str) -> Words:
    found = moment(text)
    if found is None:
        return ()
    when, at = found
    return _said(lambda: (prompt, *day(when, today, language), *(clock(at, language) if at else ())))


def _amount(prompt: str, record: Record, name: str, language: str) -> Words:
    if name not in record:
        return ()
    return _said(lambda: (prompt, *money(minor_units(record[name]), record.get("currency") or "CNY", language)))


def _said(words: Callable[[], Words]) -> Words:
    """The words; none of a value that can't be said."""
    try:
        return words()
    except ValueError:
        return ()
