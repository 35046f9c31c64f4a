"""Promised callbacks: to whom, until when, whose they are, and what has become of them."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from acd.store.table_base import Table


class PromiseRow(Table):
    """One promised callback. Its tries and changes are rows of the call log, by the same id."""

    __tablename__ = "callback_promises"
    __table_args__ = (
        Index("callback_promises_until", "until"),
        Index("callback_promises_ended", "ended_at"),
        Index("callback_promises_number", "number"),
    )

    promise: Mapped[str] = mapped_column(primary_key=True)
    """Its id, and that of the call that keeps it."""
    number: Mapped[str] = mapped_column(server_default="")
    """The canonical number; "unknown" where the person was erased."""
    customer: Mapped[str] = mapped_column(server_default="")
    queue: Mapped[str] = mapped_column(server_default="")
    brand: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="")
    area: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")
    """caller, message, abandoned, agent, api"""
    how: Mapped[str] = mapped_column(server_default="call")
    """call: the hotline calls; list: a person does."""
    by: Mapped[str] = mapped_column(server_default="")
    owner: Mapped[str] = mapped_column(server_default="")
    """An agent or account; empty: the queue's."""
    note: Mapped[str] = mapped_column(server_default="")
    of_call: Mapped[str] = mapped_column(server_default="")
    """The call in which it was promised, where another keeps it."""
    made_at: Mapped[datetime]
    begins: Mapped[datetime | None]
    until: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(server_default="1")
    """How often the same callback was asked for."""
    tries: Mapped[int] = mapped_column(server_default="0")
    late_at: Mapped[datetime | None]
    """When the promised time was over for the first time."""
    outcome: Mapped[str] = mapped_column(server_default="")
    """Empty: it is open. Else one of acd.engine.promises.promise.PromiseOutcome."""
    in_time: Mapped[bool] = mapped_column(server_default=text("false"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(server_default="")
