"""The table [supervision]: what agents see of supervisors who listen, and which telephone is whose."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field

from acd.config.messages import near
from acd.config.types import AgentId, Part

AgentsSee = Literal["listen", "whisper", "never"]


class Supervision(Part):
    agents_see: AgentsSee = "whisper"
    """When an agent's page names the supervisor: "listen": as soon as somebody listens; "whisper": as soon as the agent hears them;
    "never": not at all."""
    telephones: Annotated[dict[Annotated[str, Field(min_length=1, max_length=80)], AgentId], Field(max_length=1000)] = (
        Field(default={})
    )
    """Account to the extension whose telephone rings when it listens and names none."""

    def mistakes(self, agents: Collection[str]) -> Iterator[str]:
        """A sentence for each telephone that there is not."""
        for account, telephone in self.telephones.items():
            if telephone not in agents:
                yield (
                    f"supervision.telephones.{account}: there is no telephone {telephone!r}{near(telephone, agents)}. "
                    f"Add [agents.{telephone}], with which it registers."
                )
