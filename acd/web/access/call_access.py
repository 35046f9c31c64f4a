"""Access to calls: an agent sees own calls only; others answer 404, never 403, so that not even their existence is told."""

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
"""Looked at by `text_validation.validated_text`, which says more than a length."""


def is_agent(who: Who) -> bool:
    """Whether the request comes from an agent, who sees only the own calls."""
    return who.roles == AGENT


def unknown_call(call: str) -> Problem:
    """The 404 for a call that is not the agent's: the same whether it exists or not."""
    return Problem(404, "unknown-call", f"There is no call {call} on your desk. `GET /api/desk` shows what is.")


def permitted_call(asked: Asked) -> str:
    """The call in the path. Raises Problem (404) when it is none of this agent's."""
    call = asked.word("call")
    if is_agent(asked.who) and not asked.request.app[DESKS].has(asked.who.name, call):
        if asked.context.cards.get(call) is not None:
            log.info("an agent asked about another agent's call", agent=asked.who.name, call=call)
        raise unknown_call(call)
    return call


def sees_live_call(asked: Asked, call: str) -> bool:
    """Whether the call is in progress, and belongs to the part that is seen."""
    row = asked.context.call(call)
    return row is not None and asked.scope.sees_call(row)


def live_row(asked: Asked) -> Mapping[str, Any] | None:
    """The snapshot's row of the call in the path; None: it is over, or none of the supervisor's teams. Raises Problem (404) when it is not the
    agent's own, or over for the agent."""
    call = permitted_call(asked)
    row = asked.context.call(call)
    if row is not None and asked.scope.holds_call(row):
        return row
    if is_agent(asked.who):
        raise Problem(404, "no-such-call", f"Call {call} is over.")
    return None
