"""The table [recordings]."""

from typing import Annotated, Literal

from pydantic import Field

from acd.config.quality import RecordingChecks
from acd.config.recordings.retention import RetentionClass
from acd.config.types import FilePath, KeepDays, Name, Part


class Recordings(Part):
    folder: FilePath | None = None
    """Else `recordings` in the state folder."""
    min_free_mb: Annotated[int, Field(ge=1)] = 1024
    keep_days: KeepDays | None = None
    """So many days after a talk its sound is deleted, and the row stays; None: when somebody deletes it. A brand's and a queue's own
    go before."""
    retention: Annotated[dict[Name, RetentionClass], Field(max_length=20)] = {}
    """Classes that are kept longer."""
    forget_callers: bool = False
    """With a call's last sound goes what names its caller, as by `caller erase`: number, name, notes, card."""
    may_decline: Literal["", "go-on-unrecorded", "message-only", "other-channel-goodbye"] = ""
    """What follows for a caller who presses 8 at the notice of recording; empty: they are not asked."""
    mask_limit_s: Annotated[float, Field(ge=10, le=600)] = 120
    """A mask over a recording ends by itself after so long: a card's number, date and code are said in less, and an agent who forgets it would
    leave the rest of the call without a recording."""
    checks: RecordingChecks = RecordingChecks()
