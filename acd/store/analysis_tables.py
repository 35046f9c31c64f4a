"""What the automatic checks found in talks: the facts of the sound, and the findings."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acd.store.table_base import Table


class AnalysisRow(Table):
    """One talk that was analysed, or is being analysed."""

    __tablename__ = "analyses"
    __table_args__ = (
        CheckConstraint("state IN ('begun', 'done', 'no-sound', 'failed')", name="analyses_state"),
        Index("analyses_call", "call"),
        Index("analyses_with_facts", "analysed_at", postgresql_where=text("facts IS NOT NULL")),
    )

    offer: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str]
    state: Mapped[str]
    """begun; done; no-sound: only what the call log tells was checked, `why` says the reason; failed: it ended in the middle again and
    again."""
    why: Mapped[str] = mapped_column(server_default="")
    tries: Mapped[int] = mapped_column(server_default="1")
    analysed_at: Mapped[datetime | None]
    share: Mapped[float | None]
    """The agent's part of all speech, 0 to 1."""
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """When each side spoke, how loud and how high (recordings/analysis/measured.py); taken away after some weeks."""


class FindingRow(Table):
    """One finding in one talk."""

    __tablename__ = "findings"
    __table_args__ = (Index("findings_kind", "kind", "offer"),)

    offer: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """One of acd.config.analysis.FindingKind."""
    side: Mapped[str] = mapped_column(server_default="")
    from_s: Mapped[float | None]
    to_s: Mapped[float | None]
    value: Mapped[float | None]
    bound: Mapped[float | None]
    """The threshold that held."""
