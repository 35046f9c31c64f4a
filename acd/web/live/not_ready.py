"""The reason of an agent who is not ready, as the page and the API ask for it, and the answer to an agent's action."""

from typing import Annotated

from pydantic import Field

from acd.web.server.api_model import ApiModel
from acd.web.server.lookups import Words
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Strict


class Reason(Strict):
    """Why the agent is not ready."""

    reason: Annotated[Words, Field(min_length=1)]


class Told(ApiModel):
    """The agent, and the event that the engine was told."""

    agent: str
    told: str


def known_reason(asked: Asked) -> str:
    """The reason by its configured English name; its Chinese name and its key on the telephone are accepted too."""
    said = asked.body.reason
    reasons = asked.context.config.not_ready_reasons
    for key, label in reasons.items():
        if said in (label.en, label.zh, str(key)):
            return label.en
    allowed = [label.en for label in reasons.values()]
    detail = f"That reason is unknown. Use one of: {', '.join(allowed)}."
    raise Problem(400, "unknown-reason", detail, field="reason", allowed=allowed)
