"""[quality] and [recordings.checks]: from when on a line counts as bad, and a recording as not as it should be."""

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from acd.config.types import Part


class Quality(Part):
    """From when on the line of a caller or an agent counts as bad. Where each default comes from: docs/line-quality.md."""

    mos: Annotated[float, Field(ge=1, le=4.5)] = 3.6
    loss_percent: Annotated[float, Field(ge=0, le=100)] = 3
    jitter_ms: Annotated[float, Field(gt=0, le=1000)] = 30
    round_trip_ms: Annotated[float, Field(gt=0, le=10000)] = 300
    unheard_s: Annotated[float, Field(ge=1, le=600)] = 5
    """So long nothing is heard from a party: one-way."""
    bad_legs: Annotated[int, Field(ge=0, le=1000)] = 5
    """So many bad ones of the latest `of_legs` of a trunk or an agent raise an alarm; 0: never."""
    of_legs: Annotated[int, Field(ge=1, le=1000)] = 20
    look_s: Annotated[float, Field(ge=0, le=600)] = 10
    """Between two looks at a line in talk; 0: lines are not looked at before the talk is over."""

    @model_validator(mode="after")
    def _window(self) -> "Quality":
        if self.bad_legs > self.of_legs:
            raise ValueError(
                f"of the latest {self.of_legs} legs (of_legs) never {self.bad_legs} are bad. Write a bad_legs of at most "
                f"{self.of_legs}, or a larger of_legs"
            )
        return self

    @field_validator("look_s")
    @classmethod
    def _seldom(cls, look_s: float) -> float:
        if 0 < look_s < 3:
            raise ValueError("in less than 3 s a lost packet is a per cent of it. Write 3 or more, or 0 for no looks")
        return look_s


class RecordingChecks(Part):
    """What each recording is held against when it is filed. Where each default comes from: docs/analysis.md#checked-when-it-is-filed."""

    silent_below_db: Annotated[float, Field(ge=-90, le=-20)] = -50
    """A side whose loudest tenth of a second is softer (dBFS) is silent."""
    quiet_below_db: Annotated[float, Field(ge=-96, le=-10)] = -40
    """A side whose speech is softer (dBFS) is too quiet; -96: never."""
    clipped_percent: Annotated[float, Field(gt=0, le=100)] = 2
    """A side of whose speech more samples stand at full scale is clipped; 100: never."""
    levels_from_s: Annotated[float, Field(ge=3, le=3600)] = 10
    """Of a shorter recording no level is judged."""
    missing_after_s: Annotated[float, Field(ge=20, le=3600)] = 60
    """A recording that is not filed so long after its talk is missing."""

    @model_validator(mode="after")
    def _order(self) -> "RecordingChecks":
        if -96 < self.quiet_below_db < self.silent_below_db:
            raise ValueError(
                f"a side below {self.quiet_below_db:g} dB (quiet_below_db) is silent below {self.silent_below_db:g} dB (silent_below_db) already. "
                "Write a quiet_below_db of at least silent_below_db, or -96 for no such check"
            )
        return self
