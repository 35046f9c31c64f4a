"""The table [teams]: groups of agents, the queues that their supervisors look after, and what holds for their agents alone.

An agent names the team (`agents.1001.team`); supervisors are accounts, and are given their teams with the role. What a queue or an agent
has already (skills, strategy, targets, tier, whisper) is not said a second time here.
"""

from collections.abc import Iterator
from typing import Annotated, Literal, cast, get_args

from pydantic import Field, field_validator, model_validator

from acd.config.types import Label, Name, Part, Seconds, Why

Place = Literal["agent", "queue", "skill", "number", "team"]
_PLACES: tuple[Place, ...] = get_args(Place)
_SWITCHES = ("wrap_up_s", "forced_disposition", "hand_over_to", "auto_answer")


class Team(Part):
    label: Label
    queues: Annotated[list[Name], Field(max_length=100)] = []
    """What its supervisors see and act on beside its agents. A queue may be several teams'."""
    wrap_up_s: Seconds | None = None
    """In the place of the queue's, for these agents."""
    forced_disposition: bool = False
    """Whether an agent's wrap-up lasts until the call has a disposition of that agent's."""
    auto_answer: bool = False
    """Whether the INVITE of an offer tells the telephone to answer by itself (Call-Info, Alert-Info). The agent hears a tone as the
    caller is joined. Consults and test calls ring."""
    hand_over_to: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=200)] | None = None
    """Where these agents may hand callers over to, each as "team:sales", "queue:orders", "agent:1003", "skill:refund" or
    "number:4006009500". Left out: wherever everybody may. Empty: nowhere."""
    why: Why | None = None
    """Why the switches are so."""

    @field_validator("queues", "hand_over_to")
    @classmethod
    def _once(cls, named: list[str] | None) -> list[str] | None:
        if twice := sorted({name for name in named or () if (named or []).count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands twice. Keep one")
        return named

    @field_validator("hand_over_to")
    @classmethod
    def _places(cls, named: list[str] | None) -> list[str] | None:
        for entry in named or ():
            place, _, name = entry.partition(":")
            if place not in _PLACES or not name:
                raise ValueError(
                    f'{entry!r} is no place. Write its kind before it: {", ".join(_PLACES)}, as "queue:orders"'
                )
        return named

    @model_validator(mode="after")
    def _explained(self) -> "Team":
        used = [name for name in _SWITCHES if name in self.model_fields_set]
        if used and not self.why:
            raise ValueError(
                f"{', '.join(used)} is set without a reason. Add `why`: one sentence for whoever asks later"
            )
        return self

    def places(self) -> Iterator[tuple[Place, str]]:
        """Kind and name of each entry of `hand_over_to`."""
        for entry in self.hand_over_to or ():
            place, _, name = entry.partition(":")
            yield cast(Place, place), name
