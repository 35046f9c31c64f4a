"""[analysis]: what the automatic checks of talks look for, and from when on something is a finding. A queue may have thresholds of its own."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from acd.config.types import Part, Share

FindingKind = Literal[
    "greeting-late", "dead-air", "interruption", "talk-share", "raised-voice", "holds-many", "hold-long", "agent-hung-up", "not-announced",
    "transfer-without-reason", "note-late", "no-note", "no-disposition",
]  # fmt: skip
"""Everything that is looked for; acd/words/analysis.py says each in words."""

_Kinds = Annotated[list[FindingKind], Field(max_length=20)]
_Span = Annotated[float, Field(gt=0, le=3600)]
_Overlap = Annotated[float, Field(ge=0.3, le=60)]
_LeastShare = Annotated[float, Field(ge=0, lt=1)]
_Speech = Annotated[float, Field(ge=0, le=3600)]
_Decibels = Annotated[float, Field(ge=3, le=40)]
_Percent = Annotated[float, Field(ge=0, le=200)]
_Shout = Annotated[float, Field(ge=0.5, le=60)]
_Holds = Annotated[int, Field(ge=0, le=100)]


class AnalysisTable(Part):
    """The thresholds of the hotline. Where each default comes from: docs/analysis.md."""

    on: bool = True
    """Whether talks are analysed at all."""
    leave_out: _Kinds = []
    """Findings that nobody wants."""
    greeting_s: _Span = 3
    """The agent speaks so soon after the connection."""
    dead_air_s: _Span = 10
    """Nobody speaks for so long, holds left out."""
    interruption_s: _Overlap = 1
    """The agent begins while the caller speaks, and both go on for so long."""
    talk_share_most: Share = 0.8
    """Of all speech so much is the agent's."""
    talk_share_least: _LeastShare = 0.1
    talk_share_from_s: _Speech = 30
    """Of less speech than this no share is judged."""
    raised_db: _Decibels = 7
    """A voice is so much louder than its own median in this talk …"""
    raised_pitch_percent: _Percent = 12
    """… and so much higher …"""
    raised_s: _Shout = 1.5
    """… for so long."""
    holds: _Holds = 3
    """So many holds are none too many."""
    hold_s: _Span = 120
    """One hold may be so long."""
    note_within_s: _Span = 60
    """A note stands on the card so soon after the talk."""

    @model_validator(mode="after")
    def _shares(self) -> "AnalysisTable":
        if self.talk_share_least >= self.talk_share_most:
            raise ValueError(
                f"a share of at least {self.talk_share_least:g} (talk_share_least) and at most {self.talk_share_most:g} (talk_share_most) "
                "is never there. Write a talk_share_least below talk_share_most"
            )
        return self


class QueueAnalysis(Part):
    """A queue's own thresholds; for what is left out, those of [analysis] hold."""

    on: bool | None = None
    leave_out: _Kinds | None = None
    greeting_s: _Span | None = None
    dead_air_s: _Span | None = None
    interruption_s: _Overlap | None = None
    talk_share_most: Share | None = None
    talk_share_least: _LeastShare | None = None
    talk_share_from_s: _Speech | None = None
    raised_db: _Decibels | None = None
    raised_pitch_percent: _Percent | None = None
    raised_s: _Shout | None = None
    holds: _Holds | None = None
    hold_s: _Span | None = None
    note_within_s: _Span | None = None


def of_queue(table: AnalysisTable, own: QueueAnalysis | None) -> AnalysisTable:
    """The thresholds that hold: the queue's own where it has them. Raises ValueError where the two do not fit each other."""
    return table if own is None else AnalysisTable(**(table.model_dump() | own.model_dump(exclude_none=True)))


def analysis_mistakes(table: AnalysisTable, queues: Mapping[str, QueueAnalysis]) -> Iterator[str]:
    """A sentence for each queue whose own thresholds do not fit those that it takes over."""
    for name, own in queues.items():
        least, most = (
            getattr(table, field) if getattr(own, field) is None else getattr(own, field)
            for field in ("talk_share_least", "talk_share_most")
        )
        if least >= most:
            yield (
                f"queues.{name}.analysis: a share of at least {least:g} (talk_share_least) and at most {most:g} (talk_share_most) is never "
                "there. Write both for this queue, the first below the second."
            )
