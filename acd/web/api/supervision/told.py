"""An event about an agent is told to the engine, unless it would refuse it; the answer comes when the engine has taken it."""

from typing import Any

from acd.engine.events import Event
from acd.web.access.auth import DOOR
from acd.web.live.not_ready import Told
from acd.web.server.engine_gateway import ENGINE_GATEWAY
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked

_STATUS = {
    "unknown-agent": 404,
    "unknown-queue": 400,
    "unknown-break": 400,
    "text": 400,
    "past": 400,
    "not-theirs": 400,
}
_FIELD = {"unknown-queue": "queue", "not-theirs": "queue", "unknown-break": "reason", "text": "text", "past": "until"}


def refuse(asked: Asked, event: Event) -> None:
    """Raises Problem where the engine would refuse this event now."""
    refused = asked.context.refusal(event)
    if refused is not None:
        status = _STATUS.get(refused.code, 409)
        raise Problem(
            status, refused.code, refused.sentence, field=_FIELD.get(refused.code), words=dict(refused.words) or None
        )


async def tell(asked: Asked, event: Event, agent: str, *, audited: bool = True, **about: Any) -> Told:
    """Tells it and waits until it is written down. `audited`: False for what agents do about themselves."""
    refuse(asked, event)
    told = type(event).__name__
    if audited:
        await asked.request.app[DOOR].audit.note(asked.who.name, told, agent=agent, **about)
    await asked.request.app[ENGINE_GATEWAY].tell(event)
    return Told(agent=agent, told=told)
