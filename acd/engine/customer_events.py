"""What the look-up of a customer has found: who calls, and numbers that may not be called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallerKnown:
    """The caller's number belongs to a customer. Comes some milliseconds after CallArrived, or not at all; no call waits for it."""

    call: str
    customer: str
    """The customer's id, as the company writes it."""
    customer_name: str = ""
    customer_class: str = ""
    """As "gold": a class of the rules; another one gives nothing."""
    language: str = ""
    last_order: str = ""
    area: str = ""
    complaint_ticket: str = ""
    """Of a complaint that is open."""
    complaint_owner: str = ""
    """The agent who has that complaint: the call goes there first."""
    do_not_call: bool = False
    """The customer does not want to be called."""


@dataclass(frozen=True, slots=True)
class NumberBarred:
    """This number belongs to a customer who does not want to be called; or may be called again."""

    number: str
    """The canonical number."""
    barred: bool = True


CustomerEvent = CallerKnown | NumberBarred
