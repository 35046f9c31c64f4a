"""The survey after a talk: who was asked about which call, and what they answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from acd.store.table_base import Table


class SurveyRow(Table):
    """One caller who was asked about one call. Whose talks it was stands in the offers of the call; who the caller was, in the call."""

    __tablename__ = "surveys"
    __table_args__ = (
        CheckConstraint("satisfied BETWEEN 1 AND 5", name="surveys_satisfied"),
        CheckConstraint("recommend BETWEEN 0 AND 9", name="surveys_recommend"),
        Index("surveys_asked_at", "asked_at"),
    )

    call: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    """When the questions began, or the link was made."""
    way: Mapped[str] = mapped_column(server_default="")
    """talk: at the end of the call; webhook: by a link; call: in a call back."""
    queue: Mapped[str] = mapped_column(server_default="")
    """In which the call stood last."""
    agent: Mapped[str] = mapped_column(server_default="")
    """The last of the call's agents."""
    sent_at: Mapped[datetime | None]
    """When the company's sender took the link."""
    answered_at: Mapped[datetime | None]
    """When the first answer was told; empty: none was."""
    satisfied: Mapped[int | None]
    """1 to 5; empty: not answered."""
    solved: Mapped[bool | None]
    recommend: Mapped[int | None]
    """0 to 9."""
    low: Mapped[bool] = mapped_column(server_default=text("false"))
    """The mark was low by the configuration of then."""
    callback: Mapped[bool] = mapped_column(server_default=text("false"))
    """The caller wanted to be called back by a supervisor."""
    word_s: Mapped[float | None]
    """Seconds of what the caller said; its sound is the recording "<call>-m2"."""
