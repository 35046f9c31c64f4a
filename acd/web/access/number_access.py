"""A caller's number in full: what a person at the page sees masked until they ask for it, with a line in the audit log.

Agents see the numbers of their own calls, and programs those that their scope lets them see, without asking.
"""

from typing import Literal

from acd.web.access.auth import DOOR
from acd.web.access.roles import may
from acd.web.server.routes import AGENT, Asked, Strict


class NumbersQuery(Strict):
    """How the caller's number is shown."""

    numbers: Literal["masked", "full"] = "masked"
    """"full": to people whose role may see it, and the audit log has a line. Agents and programs that may see it always get it in full."""


async def numbers_in_full(asked: Asked, call: str) -> bool:
    """Whether this answer has the number of this call in full. Raises Problem (503) when the audit log can't be written."""
    if not may(asked.who.roles, "numbers-in-full"):
        return False
    if asked.who.session is None or asked.who.roles == AGENT:
        return True
    if asked.query.numbers == "masked":
        return False
    await asked.request.app[DOOR].readings.note(asked.who.name, "saw a number", call, call=call)
    return True
