"""What is known of a caller before anything is said, and conditions on it: `when = { class = "gold", known = true }`.

The daemon is asked once, at the beginning of the hotline's story, and has a second: who does not answer knows nothing, and the
caller is one like any other. Nothing of it is said by the caller; `verified` is what a service has made sure of since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.step import Call, LookUp, Part

WITHIN_S = 1.0
"""A caller hears nothing meanwhile."""
LONGEST = 80
"""Letters of one text of an answer; the rest is cut off."""
MOST_FAULTS = 20
MOST_LOOKUPS = 50
Fault = Mapping[str, str]
"""A fault that concerns this caller, as the daemon tells it: names to texts."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the caller. Nothing known: `Facts()`."""

    known: bool = False
    """There is a customer's record with this number."""
    name: str = ""
    customer_class: str = ""
    """One of [classes] of the configuration, as "gold"."""
    language: str = ""
    """Of the record: "zh" or "en"."""
    area: str = ""
    complaint_ticket: str = ""
    """Of a complaint that is open."""
    complaint_owner: str = ""
    """The extension of the agent who owns it."""
    complaint_queue: str = ""
    faults: tuple[Fault, ...] = ()
    verified: bool = False
    """The caller has shown in this call to be the customer of the record."""
    open: bool = True
    """The dialled number is within its hours."""
    lookups: tuple[str, ...] = ()
    """The look-ups that the configuration has, as "orders"; whoever the caller is."""


@dataclass(slots=True)
class FaultsHeard:
    """What a caller has been told of faults in this call."""

    faults: list[str] = field(default_factory=list)
    """Their numbers."""
    queue: str = ""
    """Where callers wait for a person who have heard of them; empty: where they would anyway."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so; None and empty ask nothing. Without any: it always holds."""

    known: bool | None = None
    classes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Of the record, and not the one chosen by key."""
    areas: tuple[str, ...] = ()
    complaint: bool | None = None
    fault: bool | None = None
    verified: bool | None = None
    open: bool | None = None
    lookups: tuple[str, ...] = ()
    """One of these must be configured."""

    @property
    def always(self) -> bool:
        """Whether it asks nothing."""
        return self == ALWAYS

    def holds(self, facts: Facts) -> bool:
        """Whether everything that is asked is so."""
        asked = (
            (self.known, facts.known),
            (self.complaint, bool(facts.complaint_ticket)),
            (self.fault, bool(facts.faults)),
            (self.verified, facts.verified),
            (self.open, facts.open),
        )
        among = (
            (self.classes, facts.customer_class),
            (self.languages, facts.language),
            (self.areas, facts.area),
        )
        if self.lookups and not set(self.lookups) & set(facts.lookups):
            return False
        return all(want is None or want == now for want, now in asked) and all(
            not want or now in want for want, now in among
        )


ALWAYS = Condition()
CONDITION_KEYS = ("known", "class", "language", "area", "complaint", "fault", "verified", "open", "lookup")
"""As they stand in `when`."""


def ask_facts(call: Call) -> Part[Facts]:
    """Asks the daemon who calls."""
    asked = {
        "dialled": call.dialled,
        "call": call.id,
    }  # by the call's id the daemon also knows a number that is withheld
    answer = yield LookUp(
        "caller", call.caller or "unknown", {name: value for name, value in asked.items() if value}, WITHIN_S
    )
    return facts_of(answer)


def facts_of(answer: Any) -> Facts:
    """The facts in an answer `{"customer": {…} | null, "complaint": {…} | null, "faults": […], "open": …, "lookups": […]}`.

    What is not as expected is left out; no answer at all (None) is `Facts()`. Raises nothing.
    """
    if not isinstance(answer, dict):
        return Facts()
    customer, complaint, faults = answer.get("customer"), answer.get("complaint"), answer.get("faults")
    known = isinstance(customer, dict) and bool(customer)
    customer = customer if isinstance(customer, dict) else {}
    complaint = complaint if isinstance(complaint, dict) else {}
    faults = faults if isinstance(faults, list) else []
    lookups = told if isinstance(told := answer.get("lookups"), list) else []
    return Facts(
        known=known,
        name=_text(customer.get("name")),
        customer_class=_text(customer.get("class")),
        language=_text(customer.get("language")),
        area=_text(customer.get("area")),
        complaint_ticket=_text(complaint.get("ticket")),
        complaint_owner=_text(complaint.get("owner")),
        complaint_queue=_text(complaint.get("queue")),
        faults=tuple(_texts(fault) for fault in faults[:MOST_FAULTS] if isinstance(fault, dict)),
        verified=answer.get("verified") is True,
        open=answer.get("open") is not False,
        lookups=tuple(filter(None, map(_text, lookups[:MOST_LOOKUPS]))),
    )


def _texts(fault: dict[Any, Any]) -> dict[str, str]:
    return {str(name)[:LONGEST]: text for name, value in fault.items() if (text := _text(value, 500))}


def _text(value: Any, longest: int = LONGEST) -> str:
    """The text, or number, of an answer, printable and not too long; anything else is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(letter for letter in str(value) if letter.isprintable())[:longest]
