"""[floor]: from when on the live view marks something. It changes no routing and no figure of record."""

from typing import Annotated

from pydantic import Field

from acd.config.types import DAY_S, Part

_Time = Annotated[float, Field(gt=0, le=DAY_S)]


class FloorTable(Part):
    """When a figure is near its target, and how long a state may last before it is marked."""

    near_points: Annotated[float, Field(ge=0, le=50)] = 5
    """A share is near its target when it misses it by no more than so many percentage points."""
    near_percent: Annotated[float, Field(ge=0, le=100)] = 20
    """A time is near its target when it is over it by no more than so many percent; a wait, when so many percent are left of it."""
    few: Annotated[int, Field(ge=0, le=1000)] = 10
    """A figure that was counted from fewer has no light: it says that they are too few."""
    not_ready_s: _Time = 900
    talk_s: _Time = 600
    hold_s: _Time = 120
    wrap_up_left_s: Annotated[float, Field(ge=0, le=3600)] = 10
    """A wrap-up is marked when no more than this is left of it."""
