"""Queues, the rows of their policy over time, agents, and the figures of routing, as the operator writes them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from acd.config.analysis import QueueAnalysis
from acd.config.types import (
    DAY_S,
    Dialable,
    KeepDays,
    Label,
    Level,
    Name,
    Number,
    Part,
    Points,
    Seconds,
    Share,
    SkillLevels,
    Text,
    Why,
)
from acd.config.whisper import WhenWhispered
from acd.engine.model import Deed, Strategy, When

OF_WHEN = {"after_s": "waited", "calls": "longer-than", "wait_s": "wait-over"}
"""A row's field to the `when` that it belongs to."""
OF_DEED = {
    "skill": ("lower-skill",),
    "to": ("lower-skill",),
    "queue": ("add-queue", "move"),
    "by": ("raise-priority",),
    "number": ("number",),
    "within_h": ("offer-callback",),
}
"""A row's field to the deeds that it belongs to."""
_NEEDED = {"lower-skill": "to", "add-queue": "queue", "move": "queue", "raise-priority": "by", "number": "number"}


class Target(Part):
    """What the figures are held against (the operating manual's own)."""

    answer_within_s: Annotated[float, Field(gt=0, le=3600)] = 15
    within_share: Share = 0.90
    three_ring_share: Share = 0.95
    connect_share: Share = 0.90
    promises_share: Share = 0.95
    """Of promised callbacks, those kept within the promised time."""
    aht_s: Annotated[float, Field(gt=0, le=DAY_S)] = 180


class QueueTarget(Part):
    """A queue's own targets; for what is left out, those of [target] hold."""

    answer_within_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    within_share: Share | None = None
    three_ring_share: Share | None = None
    connect_share: Share | None = None
    promises_share: Share | None = None
    aht_s: Annotated[float, Field(gt=0, le=DAY_S)] | None = None


class Row(Part):
    """One row of a queue's policy over time: when, what is done, and why it is there."""

    do: Deed
    why: Why
    when: When = "waited"
    after_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """waited: since the caller came to stand in this queue."""
    calls: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """longer-than: more than so many callers wait before this one for the same agents."""
    wait_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """wait-over: the median expected wait is longer than this."""
    skill: Name | None = None
    """lower-skill: this one only; else all that are required."""
    to: Annotated[int, Field(ge=0, le=8)] | None = None
    """lower-skill: 0 requires the skill no longer."""
    queue: Name | None = None
    by: Points | None = None
    number: Dialable | None = None
    within_h: Annotated[float, Field(gt=0, le=168)] = 2
    """offer-callback: what the caller is promised."""

    @model_validator(mode="after")
    def _whole(self) -> "Row":
        for field, when in OF_WHEN.items():
            given = getattr(self, field) is not None
            if given and self.when != when:
                raise ValueError(
                    f'{field} belongs to when = "{when}", and this row says "{self.when}". Keep one of them'
                )
            if not given and self.when == when:
                raise ValueError(f'a row with when = "{when}" needs {field}. Add it')
        for field, deeds in OF_DEED.items():
            if field in self.model_fields_set and self.do not in deeds:
                belongs = " or ".join(f'"{deed}"' for deed in deeds)
                raise ValueError(
                    f'{field} means nothing with do = "{self.do}"; it belongs to do = {belongs}. Take it away'
                )
        needed = _NEEDED.get(self.do)
        if needed and getattr(self, needed) is None:
            raise ValueError(f'do = "{self.do}" needs {needed}. Add it')
        if self.by == 0:
            raise ValueError("by = 0 changes nothing. Write how many points the call gains, or take the row away")
        return self

    @property
    def moment(self) -> tuple[str, float]:
        """When it applies, comparable among rows of the same `when`."""
        return self.when, self.after_s or self.calls or self.wait_s or 0.0

    def said(self) -> str:
        """The row in words, as "after 30 s: lower-skill to 3"."""
        when = {
            "waited": f"after {self.after_s or 0:g} s",
            "unstaffed": "when unstaffed",
            "longer-than": f"when more than {self.calls} wait",
            "wait-over": f"when the wait is over {self.wait_s or 0:g} s",
        }[self.when]
        what = {
            "lower-skill": f"{self.skill or ''} to {self.to}".strip(),
            "raise-priority": f"by {self.by}",
            "offer-callback": f"within {self.within_h:g} h",
        }.get(self.do, self.queue or self.number or "")
        return f"{when}: {self.do} {what}".rstrip()


class Queue(Part):
    label: Label
    skills: SkillLevels = Field(default={})
    """Required."""
    prefers: SkillLevels = Field(default={})
    """Agents who have these are asked first; no caller waits for them."""
    priority: Points = 0
    strategy: Strategy = "longest-idle"
    """Which of the idle agents with the required skills to ask first."""
    emergency: bool = False
    hours: list[str] | None = None
    """When its calls are taken, as hotline.hours; an empty list is always, holidays too. None: those of the number, the brand or the
    hotline."""
    wrap_up_s: Seconds = 30
    overflow: Annotated[list[Row], Field(max_length=50)] = []
    target: QueueTarget = QueueTarget()
    keep_days: KeepDays | None = None
    """As recordings.keep_days, for its calls; 0: until somebody deletes them. None: the brand's, else that."""
    whisper: bool | None = None
    """Whether the agent who answers is told the queue's name by voice; None: as whisper.queue_name."""
    analysis: QueueAnalysis = QueueAnalysis()
    """Its own thresholds of the automatic checks."""


class Agent(Part):
    name: Text = ""
    skills: SkillLevels = Field(default={})
    queues: list[Name] = Field(default=[])
    """The queues whose calls the agent takes; empty: every queue whose skills the agent has."""
    outside: Dialable | None = None
    """A number outside, such as a mobile, at which the agent is rung through the trunk in the place of a telephone here."""
    tier: Level = 1
    """Which transfers the agent may receive: see transfers.escalation."""
    team: Name | None = None
    """One of [teams]."""
    auto_answer: bool | None = None
    """Whether the telephone is told to answer by itself; None: as the team's."""
    whisper: WhenWhispered | None = None
    """When the agent, picking up, is told by voice who transfers and why, or the queue's name; None: as whisper.when."""


class Routing(Part):
    """The figures of the floor's rules."""

    priority_s: Annotated[float, Field(gt=0, le=3600)] = 30
    """What a point of priority is worth in seconds of waiting, and no more, so that nobody starves."""
    emergency_s: Annotated[float, Field(ge=0, le=DAY_S)] = 1800
    """The same of a queue with `emergency = true`."""
    return_within_min: Annotated[float, Field(ge=0, le=1440)] = 5
    """A caller who gave up and calls again within this takes the former place in the queue; 0: no caller does."""
    same_agent: Literal["off", "last", "first"] = "last"
    """Which agent a caller is offered to first: the one who served the caller last, or first (the owner of the matter)."""
    same_agent_within_h: Annotated[float, Field(gt=0, le=24 * 90)] = 24
    same_agent_hold_s: Annotated[float, Field(ge=0, le=600)] = 10
    """So long a caller is kept for that agent while the agent is busy."""
    spare_versatile: bool = True
    """Among equals, the agent who serves fewest queues is asked first."""
    expected_handling_s: Annotated[float, Field(gt=0, le=DAY_S)] = 180
    """Talk and wrap-up of a call, taken until a queue has shown its own."""
    callback_attempts: Level = 2
    callback_pause_min: Annotated[float, Field(ge=0, le=1440)] = 5
    phone_refusals: Annotated[int, Field(ge=0, le=20)] = 3
    """So many calls in a row that an agent's telephone refuses set the agent not ready; 0: none do."""
    log_out_unreachable_min: Annotated[float, Field(ge=0, le=1440)] = 30
    """An agent whose telephone was unreachable for so long is logged out; 0: none is."""
    never_dial: list[Number] = Field(default=["00", "160", "168", "86160", "86168"])
    """Beginnings of numbers that are never dialled: abroad, and premium lines. Our own numbers never are either."""
