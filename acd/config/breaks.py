"""The table [breaks]: kinds of breaks, how many agents may be away at once, when teams take them, and how long nobody works on end.

Without kinds breaks are neither planned nor watched.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, field_validator

from acd.config.messages import near
from acd.config.types import REASON, Name, Part

DAY_MIN = 24 * 60
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")

Reason = Annotated[str, Field(pattern=REASON)]
Minutes = Annotated[float, Field(ge=1, le=480, allow_inf_nan=False)]


def minute_of_day(text: str) -> int:
    """Of "11:30"; "24:00" is the end of the day."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


class BreakKind(Part):
    minutes: Minutes = 15
    """How long it is; longer is overdue."""
    leave: bool = False
    """Whether a supervisor must grant each."""


class _Span(Part):
    begin: str = "00:00"
    """Time of day, by hotline.timezone."""
    end: str = "24:00"

    @field_validator("begin", "end")
    @classmethod
    def _times(cls, said: str) -> str:
        if not _TIME.fullmatch(said):
            raise ValueError(f'{said!r} is no time of day. Write it as "11:30"; the end of the day is "24:00"')
        return said

    @property
    def span(self) -> tuple[int, int]:
        """Minutes of the day; over midnight where the end lies before the beginning."""
        return minute_of_day(self.begin), minute_of_day(self.end)


class BreakLimit(_Span):
    at_once: Annotated[int, Field(ge=0, le=10_000)]
    """So many may be away at once."""
    team: Name | None = None
    queue: Name | None = None
    """Of the agents who serve this queue."""


class BreakPlan(_Span):
    team: Name
    reason: Reason
    minutes: Minutes | None = None
    """In the place of the kind's."""


class BreaksTable(Part):
    kinds: Annotated[dict[Reason, BreakKind], Field(max_length=20)] = Field(default={})
    """English name of a reason of [not_ready_reasons] to what that break is."""
    limits: Annotated[list[BreakLimit], Field(max_length=200)] = []
    plans: Annotated[list[BreakPlan], Field(max_length=500)] = []
    longest_work_min: Annotated[float, Field(ge=0, le=1440, allow_inf_nan=False)] = 120
    """Who works longer without a rest is warned; 0: nobody is."""
    rest_min: Annotated[float, Field(ge=0, le=120, allow_inf_nan=False)] = 5
    """What is shorter is no rest."""

    def mistakes(self, reasons: list[str], queues: Mapping[str, object], teams: Mapping[str, object]) -> Iterator[str]:
        """A sentence for every name in it that leads nowhere. `reasons`: the English names of [not_ready_reasons]."""
        for kind in self.kinds:
            if kind not in reasons:
                yield f"breaks.kinds.{kind}: there is no such reason{near(kind, reasons)}. Reasons ([not_ready_reasons]): {', '.join(reasons)}."
        for number, limit in enumerate(self.limits):
            place = f"breaks.limits[{number}]"
            if limit.team is not None and limit.team not in teams:
                yield f"{place}.team: there is no team {limit.team!r}{near(limit.team, teams)}. Teams: {', '.join(teams) or 'none'}."
            if limit.queue is not None and limit.queue not in queues:
                yield f"{place}.queue: there is no queue {limit.queue!r}{near(limit.queue, queues)}. Queues: {', '.join(queues)}."
            yield from _empty(place, limit.span)
        for number, plan in enumerate(self.plans):
            place = f"breaks.plans[{number}]"
            if plan.team not in teams:
                yield f"{place}.team: there is no team {plan.team!r}{near(plan.team, teams)}. Teams: {', '.join(teams) or 'none'}."
            if plan.reason not in self.kinds:
                known = ", ".join(self.kinds) or "none"
                yield f"{place}.reason: {plan.reason!r} is no kind of break{near(plan.reason, self.kinds)}. Kinds ([breaks.kinds]): {known}."
            yield from _empty(place, plan.span)
        if (self.limits or self.plans) and not self.kinds:
            yield "breaks: has limits or plans and no kinds. Add [breaks.kinds], as break = { minutes = 15 }."


def _empty(place: str, span: tuple[int, int]) -> Iterator[str]:
    if span[0] == span[1]:
        yield f"{place}: begins and ends at the same time, so it never holds. Write another `end`."
