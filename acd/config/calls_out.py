"""The table [calls_out]: which calls may leave the hotline, how many, and when customers are called back.

What stands in it is judged by acd/calls_out.py; checks that need the whole configuration are in calls_out_checks.py.
"""

from typing import Annotated

from pydantic import Field

from acd.calls_out import AllowedKind
from acd.config.callbacks.table import RegionTable
from acd.config.types import Name, Part

Limit = Annotated[int, Field(ge=1, le=20_000)]


class CallsOutTable(Part):
    kinds: list[AllowedKind] = Field(default=["mobile", "fixed"])
    """Numbers of the hotline's own country that are called back."""
    allow: Annotated[list[str], Field(max_length=1000)] = []
    """Further numbers that are called back: how they begin in E.164, as "+852", or with an x for each further digit."""
    hours: list[str] | None = None
    """When customers may be called back, as hotline.hours; left out: those. An empty list is always."""
    regions: Annotated[dict[Name, RegionTable], Field(max_length=200)] = Field(default={})
    """Customers who are called by other hours than these."""
    ask_key: bool = False
    """Whether the customer of a callback is asked to press 1 before an agent is rung."""
    at_a_time: Annotated[int, Field(ge=1, le=1000)] = 30
    """Calls out at a time."""
    per_hour: Limit = 300
    """Calls out within any 60 minutes."""
    per_day: Limit = 2000
    """Calls out within any 24 hours."""
    per_number: Annotated[int, Field(ge=1, le=100)] = 10
    """Callbacks to one number within any 24 hours, attempts counted."""
    waiting_per_queue: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Callers of one queue who wait for their callback; no more are offered one."""
