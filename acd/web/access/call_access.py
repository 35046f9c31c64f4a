"""Whose business a call is: an agent's own, and any for an operator. Of all others an agent learns nothing, not even
whether they exist."""

from collections.abc import Mapping
from typing import Annotated, Any

import structlog
from pydantic import Field

from acd.identifiers import CALL_ID
from acd.web.access.auth import Who
from acd.web.live.agent_desk_stream import DESKS
from acd.web.server.problems import Problem
from acd.web.server.routes import AGENT, Asked

log = structlog.get_logger(__name__)

IN_PATH = f"/api/calls/{{call:{CALL_ID}}}"
Line = Annotated[str, Field(max_length=1_000_000)]
"""Looked at by `texts.checked`, which says more than a length."""


def is_agent(who: Who) -> bool:
    return who.roles == AGENT


def unknown(call: str) -> Problem:
    return Problem(404, "unknown-call", f"There is no call {call} on your desk. `GET /api/desk` shows what is.")


def allowed(asked: Asked) -> str:
    """The call in the path. Raises Problem (404) when it is none of this agent's."""
    call = asked.word("call")
    if is_agent(asked.who) and not asked.request.app[DESKS].has(asked.who.name, call):
        if asked.house.cards.get(call) is not None:
            log.info("an agent asked about a call that is not his", agent=asked.who.name, call=call)
        raise unknown(call)
    return call


def live(asked: Asked) -> Mapping[str, Any]:
    """The call in the path as the floor shows it. Raises Problem: 404 when it is none of his, or is over."""
    call = allowed(asked)
    row = asked.house.call(call)
    if row is not None:
        return row
    if is_agent(asked.who):
        raise Problem(404, "no-such-call", f"Call {call} is over.")
    raise Problem(
        404, "unknown-call", f"There is no call {call} in the house. `sanxiang status` shows those there are."
    )
