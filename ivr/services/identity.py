"""Makes sure who calls, with as little as will do: the number that calls is on the record, and the caller keys the last digits of
the latest order.

Nothing else is ever asked for. What is keyed goes to the daemon in the body of one request and is kept nowhere: not by the story,
not in a log, not on the card. Only the result is told, and its way.
"""

from typing import Literal

from ivr.keyed import forbidden
from ivr.step import Call, Collect, LookUp, Part, Play

Level = Literal["none", "full"]
MOST_ASKED = 5
"""Entries in one go, whatever the daemon says; it counts those of the call and of the day."""
OVER = {
    "locked": "identity-locked", "no-record": "identity-no-record", "withheld": "identity-no-record", "off": "identity-not-now",
}  # fmt: skip
"""Why the caller is asked nothing (more), and what is said then."""


def verified(call: Call) -> Part[Level]:
    """ "full" when the caller is who the record says; "none" of everybody else, and the caller has heard why."""
    told = yield LookUp("identity", call.id)
    for _ in range(MOST_ASKED):
        if not isinstance(told, dict):
            yield Play("identity-not-now")
            return "none"
        if told.get("result") == "ok":
            yield Play("identity-done")
            return "full"
        if told.get("result") != "ask":
            yield Play(OVER.get(str(told.get("result")), "identity-not-now"))
            return "none"
        digits = told.get("digits")
        most = digits if isinstance(digits, int) and 3 <= digits <= 8 else 4
        keyed = yield Collect("identity-last-order", digits=40, first_s=10.0, between_s=3.0, end="#")
        if keyed in (None, "", "0", "*"):
            return "none"
        if forbidden(keyed, most):
            yield Play("identity-never-key" if len(keyed) > most else "lookup-wrong-number")
            continue
        told = yield LookUp("identity", call.id, {"keyed": keyed})
        if isinstance(told, dict) and told.get("result") == "ask":
            yield Play("identity-wrong")
    yield Play("identity-locked")
    return "none"
