"""What PostgreSQL holds: the call log as it was written, and the tables that are worked out from it.

Times are instants with a zone; durations are seconds with `_s` in the name; numbers of telephones are text.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "ix": "%(table_name)s_%(column_0_name)s",
            "ck": "%(constraint_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text(), dict[str, Any]: JSONB()}


class CallRow(Table):
    """One caller's visit, from dialling to hanging up."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("calls_arrived_at", "arrived_at", "call"),
        Index("calls_caller", "caller", text("arrived_at DESC")),
        Index("calls_live", "call", postgresql_where=text("ended_at IS NULL")),
    )

    call: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(server_default="unknown")
    dialled: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="")
    menu_path: Mapped[str] = mapped_column(server_default="")
    queue: Mapped[str] = mapped_column(server_default="")
    arrived_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When he asked for a person: the 15-second clock's start."""
    answered_at: Mapped[datetime | None]
    """First bridge with an agent."""
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(server_default="")
    """Who talked with him last."""
    offers: Mapped[int] = mapped_column(server_default="0")
    wait_s: Mapped[float | None]
    talk_s: Mapped[float | None]
    ending: Mapped[str | None]
    """One of commands.Ending; empty while the call lives."""
    asked_for_person: Mapped[bool | None]
    within_target: Mapped[bool | None]
    short: Mapped[bool | None]
    """Gave up under 5 s after asking."""


class LogRow(Table):
    """One row of the call log, as the engine said it."""

    __tablename__ = "call_log"
    __table_args__ = (
        Index("call_log_call", "call", "at", postgresql_where=text("call <> ''")),
        Index("call_log_agent", "agent", "at", postgresql_where=text("agent <> ''")),
        Index("call_log_at", "at"),
    )

    spool: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    call: Mapped[str]
    agent: Mapped[str]
    offer: Mapped[str]
    queue: Mapped[str]
    detail: Mapped[dict[str, Any]]


class OfferRow(Table):
    """One ring at one agent for one call, and the talk that came of it."""

    __tablename__ = "offers"
    __table_args__ = (
        Index("offers_call", "call", "number"),
        Index("offers_agent", "agent", "offered_at"),
        Index("offers_offered_at", "offered_at"),
        # No agent in two live calls, no caller with two agents. Looked at when the transaction ends, because within
        # one batch the next talk may be written before the end of the former.
        ExcludeConstraint(
            ("agent", "="),
            name="agent_in_one_live_call",
            using="btree",
            where=text("connected_at IS NOT NULL AND talk_s IS NULL"),
            deferrable=True,
            initially="DEFERRED",
        ),
        ExcludeConstraint(
            ("call", "="),
            name="call_with_one_live_agent",
            using="btree",
            where=text("connected_at IS NOT NULL AND talk_s IS NULL"),
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    offer: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str]
    agent: Mapped[str]
    queue: Mapped[str]
    number: Mapped[int] = mapped_column(server_default="0")
    offered_at: Mapped[datetime]
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """The phone went up; the whisper and the bridge follow."""
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """One of commands.Outcome; empty while it rings."""
    cause: Mapped[int | None]
    """Q.850 cause, where there is one."""
    crossed: Mapped[bool] = mapped_column(server_default=text("false"))
    """An answer crossed the taking back: it counts neither for nor against the agent."""
    ring_s: Mapped[float | None]
    rings: Mapped[int | None]
    wait_s: Mapped[float | None]
    talk_s: Mapped[float | None]
    """Empty while they talk."""
    ended_by: Mapped[str | None]
    explanation: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Why this agent: rule, runners-up, how many were passed over and why."""


class AgentRow(Table):
    """An agent as the log last told of him."""

    __tablename__ = "agents"

    agent: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    state_since: Mapped[datetime | None]
    reachable: Mapped[bool | None]


class AgentTimeRow(Table):
    """One stretch of an agent's time. The stretches of one agent tile: each begins where the former ends."""

    __tablename__ = "agent_time"
    __table_args__ = (
        CheckConstraint("to_at IS NULL OR to_at >= from_at", name="agent_time_forwards"),
        Index("agent_time_open", "agent", unique=True, postgresql_where=text("to_at IS NULL")),
        Index("agent_time_from_at", "from_at"),
    )

    agent: Mapped[str] = mapped_column(primary_key=True)
    from_at: Mapped[datetime] = mapped_column(primary_key=True)
    to_at: Mapped[datetime | None]
    """Empty: still so."""
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")


class QueueRow(Table):
    """A queue that calls have waited in."""

    __tablename__ = "queues"

    queue: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class RecordingRow(Table):
    """One leg's recording: a row from the moment of the offer, so that a missing file is missed."""

    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint("state IN ('expected', 'none', 'complete', 'incomplete')", name="recordings_state"),
        Index("recordings_call", "call"),
        Index("recordings_offered_at", "offered_at"),
        Index("recordings_due", "offered_at", postgresql_where=text("state = 'expected'")),
    )

    offer: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str]
    agent: Mapped[str]
    queue: Mapped[str]
    offered_at: Mapped[datetime]
    state: Mapped[str]
    """expected: the offer is out; none: nobody answered it; complete, incomplete: the manifest's verdict."""
    path: Mapped[str] = mapped_column(server_default="")
    """Under the recordings folder."""
    seconds: Mapped[float | None]
    talk_s: Mapped[float | None]
    talk_ended_at: Mapped[datetime | None]
    sha256: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    silent: Mapped[str] = mapped_column(server_default="")
    filed_at: Mapped[datetime | None]


class SpoolRow(Table):
    """How far a spool has come into these tables: moved in the same transaction as its rows."""

    __tablename__ = "spools"

    spool: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger)
    """The last line that is in."""
    begun_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    shipped_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class DeadLetterRow(Table):
    """A log row that PostgreSQL would not take, put aside with the reason so that the rest could go on."""

    __tablename__ = "dead_letters"

    spool: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True)
    """-1: the whole line."""
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    reason: Mapped[str]
    body: Mapped[str]
