"""What PostgreSQL holds: the call log as it was written, and the tables that are worked out from it.

Times are instants with a zone; durations are seconds with `_s` in the name; numbers of telephones are text.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from acd.store import analysis_tables as analysis_tables  # so that whoever knows these tables knows all
from acd.store import customer_tables as customer_tables
from acd.store import promise_tables as promise_tables
from acd.store import retention_tables as retention_tables
from acd.store import review_tables as review_tables
from acd.store import survey_tables as survey_tables
from acd.store.table_base import Table as Table


class CallRow(Table):
    """One caller's visit, from dialling to hanging up."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("calls_arrived_at", "arrived_at", "call"),
        Index("calls_caller", "caller", text("arrived_at DESC")),
        Index("calls_live", "call", postgresql_where=text("ended_at IS NULL")),
        Index("calls_ended_at", "ended_at"),
        Index("calls_asked_at", "asked_at"),
        Index("calls_customer", "customer", text("arrived_at DESC"), postgresql_where=text("customer <> ''")),
        Index(
            "calls_customer_words",
            text("search_pairs(lower(customer_name))"),
            postgresql_using="gin",
            postgresql_where=text("customer_name <> ''"),
        ),
    )

    call: Mapped[str] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(server_default="unknown")
    dialled: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="")
    menu_path: Mapped[str] = mapped_column(server_default="")
    queue: Mapped[str] = mapped_column(server_default="")
    arrived_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When the caller asked for a person: the service level counts from here."""
    answered_at: Mapped[datetime | None]
    """First bridge with an agent."""
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(server_default="")
    """The agent who talked with the caller last."""
    offers: Mapped[int] = mapped_column(server_default="0")
    wait_s: Mapped[float | None]
    talk_s: Mapped[float | None]
    ending: Mapped[str | None]
    """One of commands.Ending; empty while the call lives."""
    asked_for_person: Mapped[bool | None]
    within_target: Mapped[bool | None]
    short: Mapped[bool | None]
    """Gave up under 5 s after asking."""
    asked_queue: Mapped[str] = mapped_column(server_default="")
    """The queue that was asked for; `queue` is the one that the call stood in last."""
    skills: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """Required when the caller asked, skill to level."""
    priority: Mapped[int] = mapped_column(server_default="0")
    """When the caller asked; what a row or an operator made of it later stands in `policy` and in operator_deeds."""
    returned_s: Mapped[float | None]
    """The caller took back the place given up so many seconds before."""
    position: Mapped[int | None]
    """Position among the calls that competed for the same agents, when the caller asked."""
    median_s: Mapped[float | None]
    """Expected wait in seconds when the caller asked: half of such callers wait less; 0: an agent with the skills was idle."""
    p90_s: Mapped[float | None]
    """Nine of ten such callers wait less."""
    kept_for: Mapped[str] = mapped_column(server_default="")
    """The agent for whom the call was kept for a while."""
    kept_why: Mapped[str] = mapped_column(server_default="")
    policy: Mapped[list[Any]] = mapped_column(JSONB(), server_default=text("'[]'"))
    """Rows of the queue's policy that were applied, in order: {row, do, why, at, when, waited_s}."""
    called_back: Mapped[bool] = mapped_column(server_default=text("false"))
    """The caller had hung up, kept the place, and was on the line because of our callback."""
    callback_state: Mapped[str] = mapped_column(server_default="")
    """accepted, calling, answered, failed or given up; empty: no callback was taken."""
    callback_at: Mapped[datetime | None]
    """When the callback was taken."""
    callback_attempts: Mapped[int] = mapped_column(server_default="0")
    sent_to: Mapped[str] = mapped_column(server_default="")
    """The other number that answered the caller."""
    written: Mapped[str] = mapped_column(server_default="")
    """The caller's number as the carrier sent it, where that differs from `caller`, the canonical one."""
    withheld: Mapped[bool] = mapped_column(server_default=text("false"))
    """The caller does not want the number to be shown."""
    brand: Mapped[str] = mapped_column(server_default="")
    """Of the dialled number, as it was then; empty: no brand's."""
    customer: Mapped[str] = mapped_column(server_default="")
    """Id of the customer whose number it was; empty: nobody's, or not looked up in time."""
    customer_name: Mapped[str] = mapped_column(server_default="")
    """As the record had it then."""
    customer_class: Mapped[str] = mapped_column(server_default="")
    erased_at: Mapped[datetime | None]
    """When the caller was erased: number and notes are gone, the figures have the call still."""


class LogRow(Table):
    """One row of the call log, as the engine said it."""

    __tablename__ = "call_log"
    __table_args__ = (
        Index("call_log_call", "call", "at", postgresql_where=text("call <> ''")),
        Index("call_log_agent", "agent", "at", postgresql_where=text("agent <> ''")),
        Index("call_log_at", "at"),
        Index("call_log_asked", "at", "queue", postgresql_where=text("kind = 'queued'")),
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
        Index("offers_closed_at", "closed_at"),
        Index("offers_talk_ended_at", "talk_ended_at"),
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
    """The phone went up; the bridge follows."""
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
    closed_at: Mapped[datetime | None]
    """When it was over for the first time, and counted; an offer that was given up may go on after all."""
    rang: Mapped[bool] = mapped_column(server_default=text("false"))
    """As it was closed: its telephone had rung, and the caller was still there."""
    closed_answered: Mapped[bool] = mapped_column(server_default=text("false"))
    """As it was closed: its telephone had gone up."""
    closed_rings: Mapped[int | None]
    """As it was closed: in which ring that was."""
    talk_ended_at: Mapped[datetime | None]
    """When the talk's end was told."""
    hold_s: Mapped[float] = mapped_column(server_default="0")
    """Of the talk, beside `talk_s`: the caller was on hold."""
    consult_s: Mapped[float] = mapped_column(server_default="0")
    """The same: the caller was on hold for a consult."""
    consulted_s: Mapped[float] = mapped_column(server_default="0")
    """The agent was the receiver: so long did the first agent consult this one about the caller."""
    recorded_s: Mapped[float | None]
    """How long the recording should be, as the engine says."""


class TransferRow(Table):
    """A call handed over, or that was to be; each by its number in the call."""

    __tablename__ = "transfers"
    __table_args__ = (
        Index("transfers_asked_at", "asked_at"),
        Index("transfers_first", "first", "asked_at"),
        Index(
            "transfers_words",
            text("search_pairs(lower(note))"),
            postgresql_using="gin",
            postgresql_where=text("note <> ''"),
        ),
    )

    call: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    first: Mapped[str] = mapped_column(server_default="")
    """The first agent, who had the caller."""
    queue: Mapped[str] = mapped_column(server_default="")
    """The offer by which the first agent had the caller."""
    kind: Mapped[str] = mapped_column(server_default="")
    """agent, queue, skill or number; and `to` says which."""
    to: Mapped[str] = mapped_column(server_default="")
    receiver: Mapped[str] = mapped_column(server_default="")
    """The agent who got it last; empty: nobody, or a number."""
    reason: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    warm: Mapped[bool] = mapped_column(server_default=text("false"))
    how: Mapped[str] = mapped_column(server_default="")
    """page, api, command line, code or telephone"""
    by: Mapped[str] = mapped_column(server_default="")
    """Who asked for it, where it was not the first agent."""
    amount: Mapped[float] = mapped_column(server_default="0")
    state: Mapped[str] = mapped_column(server_default="")
    """asked, consulting, three-way, sent on (a warm one goes on as a cold one); or how it ended: completed, taken back,
    declined, failed, caller left, refused."""
    why: Mapped[str] = mapped_column(server_default="")
    returned_to: Mapped[str] = mapped_column(server_default="")
    consult_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was over, however it ended."""


class CardRow(Table):
    """The context card of a call, whole (acd/store/context_card.py)."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("cards_caller", "caller"),
        Index("cards_contact", "contact"),
        # Each two characters that follow each other in what was written: queries/word_search.py.
        Index("cards_words", text("search_pairs(card_words(body))"), postgresql_using="gin"),
    )

    call: Mapped[str] = mapped_column(primary_key=True)
    contact: Mapped[str]
    """The first of the calls that go on with each other."""
    caller: Mapped[str] = mapped_column(server_default="unknown")
    version: Mapped[int]
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AgentRow(Table):
    """An agent as last told by the log."""

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
        Index("agent_time_wrap_up", "to_at", postgresql_where=text("state = 'wrap-up'")),
    )

    agent: Mapped[str] = mapped_column(primary_key=True)
    from_at: Mapped[datetime] = mapped_column(primary_key=True)
    to_at: Mapped[datetime | None]
    """Empty: still so."""
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    queue: Mapped[str] = mapped_column(server_default="")
    """Of a wrap-up: the queue of the talk that it follows."""
    call: Mapped[str] = mapped_column(server_default="")
    """Of a wrap-up: the call of that talk."""
    lasted_s: Mapped[float | None]
    """As the engine measured it; the clock on the wall may have been set meanwhile."""


class OperatorDeedRow(Table):
    """What an operator did to a call, an agent or a queue, or which configuration was put in force."""

    __tablename__ = "operator_deeds"
    __table_args__ = (
        Index("operator_deeds_at", "at"),
        Index("operator_deeds_call", "call", postgresql_where=text("call <> ''")),
    )

    spool: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True)
    """These three name the row of the call log."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(server_default="")
    did: Mapped[str]
    """priority, moved, withdrawn, hung up, queue closed, queue opened, agent moved, configuration"""
    call: Mapped[str] = mapped_column(server_default="")
    agent: Mapped[str] = mapped_column(server_default="")
    queue: Mapped[str] = mapped_column(server_default="")
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """was, now, reason; of a configuration its version and how many queues and agents it has."""


class QueueRow(Table):
    """A queue that calls have waited in."""

    __tablename__ = "queues"

    queue: Mapped[str] = mapped_column(primary_key=True)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class RecordingRow(Table):
    """One leg's recording: a row from the moment of the offer, so that a missing file is missed. Or a message left."""

    __tablename__ = "recordings"
    __table_args__ = (
        CheckConstraint("state IN ('expected', 'none', 'complete', 'incomplete')", name="recordings_state"),
        CheckConstraint("kind IN ('talk', 'message', 'consult', 'word')", name="recordings_kind"),
        Index("recordings_call", "call"),
        Index("recordings_offered_at", "offered_at"),
        Index("recordings_due", "offered_at", postgresql_where=text("state = 'expected'")),
        Index("recordings_to_remove", "offer", postgresql_where=text("deleted_path <> ''")),
        Index(
            "recordings_to_analyse",
            "filed_at",
            postgresql_where=text("analysis = '' AND kind = 'talk' AND path <> ''"),
        ),
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
    kind: Mapped[str] = mapped_column(server_default="talk")
    """talk; message: what a caller left on voicemail, under the call's id with "-m1" in the place of an offer's number;
    consult: first agent and receiver while the caller was on hold, named by the receiver's offer with "k" before its
    number, `agent` is the receiver then, and the caller is not in it; word: what a caller said after the survey, as a message with
    "-m2"."""
    recorded_s: Mapped[float | None]
    """How long the file should be, where that is not the talk's length: who is on hold by page is in no file."""
    first: Mapped[str] = mapped_column(server_default="")
    """Of a consult: the first agent."""
    spans: Mapped[list[Any]] = mapped_column(JSONB(), server_default=text("'[]'"))
    """Stretches in which caller and agent were not alone with each other: {kind, from_s, to_s, lasted_s}."""
    deleted_at: Mapped[datetime | None]
    """When the sound was deleted; the row stays."""
    deleted_by: Mapped[str] = mapped_column(server_default="")
    """The account; "keep_days": by its age."""
    deleted_why: Mapped[str] = mapped_column(server_default="")
    deleted_path: Mapped[str] = mapped_column(server_default="")
    """The file of a deleted one, until it is removed."""
    held_at: Mapped[datetime | None]
    """Since when it is held: neither age nor a command deletes it."""
    held_by: Mapped[str] = mapped_column(server_default="")
    held_why: Mapped[str] = mapped_column(server_default="")
    analysis: Mapped[str] = mapped_column(server_default="")
    """Empty: a talk is to be analysed yet; done; before: filed before there were such checks."""


class LegQualityRow(Table):
    """How well one leg's line carried speech: one row for the caller's side of a talk, one for the agent's."""

    __tablename__ = "leg_quality"
    __table_args__ = (
        CheckConstraint("side IN ('caller', 'agent')", name="leg_quality_side"),
        Index("leg_quality_offer", "offer", postgresql_where=text("offer <> ''")),
        Index("leg_quality_measured_at", "measured_at"),
        Index("leg_quality_party", "party", "measured_at"),
    )

    call: Mapped[str] = mapped_column(primary_key=True)
    offer: Mapped[str] = mapped_column(primary_key=True)
    """Empty: the caller talked with no agent; menu and queue."""
    side: Mapped[str] = mapped_column(primary_key=True)
    party: Mapped[str]
    """trunk NAME, agent 1001, other"""
    agent: Mapped[str] = mapped_column(server_default="")
    """The leg's agent, on both sides."""
    measured_at: Mapped[datetime]
    seconds: Mapped[float]
    """Measured for so long."""
    codec: Mapped[str] = mapped_column(server_default="")
    packets: Mapped[int]
    """Received from the party."""
    lost: Mapped[int]
    """Of those that the party sent."""
    loss_percent: Mapped[float]
    jitter_ms: Mapped[float]
    sent: Mapped[int]
    sent_lost: Mapped[int | None]
    """As the party reports it (RTCP), as all of `sent_…`; empty: it sent no report."""
    sent_loss_percent: Mapped[float | None]
    sent_jitter_ms: Mapped[float | None]
    round_trip_ms: Mapped[float | None]
    mos: Mapped[float]
    """Estimated, of what came from the party: acd/voice_quality.py."""
    sent_mos: Mapped[float | None]
    one_way: Mapped[bool] = mapped_column(server_default=text("false"))
    """Nothing was heard from the party, for `unheard_s`."""
    unheard_s: Mapped[float] = mapped_column(server_default="0")
    problems: Mapped[list[Any]] = mapped_column(JSONB(), server_default=text("'[]'"))
    """What was wrong: codes of acd/engine/line_verdict.py; empty: a good line."""


class SpoolRow(Table):
    """How far a spool has come into these tables: moved in the same transaction as its rows."""

    __tablename__ = "spools"

    spool: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger)
    """The last line that is in."""
    begun_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    shipped_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    checked_line: Mapped[int | None] = mapped_column(BigInteger)
    """The line whose checksum is kept: `line`, or an earlier one when a daemon of a former version has shipped since."""
    checksum: Mapped[int | None] = mapped_column(BigInteger)
    """CRC-32 of that line as it stands in the journal."""
    writer: Mapped[str] = mapped_column(server_default="")
    """The process that ships it, by a random word of its own."""
    seen_at: Mapped[datetime | None]
    """When that process said last that it is there."""
    parent: Mapped[str] = mapped_column(server_default="")
    """The name under which this journal was kept before; empty: this is its first."""
    from_line: Mapped[int | None] = mapped_column(BigInteger)
    """Its first line under this name."""
    why: Mapped[str] = mapped_column(server_default="")
    """Why it has this name and not its former one: a code of acd/words/journal.py."""


class DeadLetterRow(Table):
    """A log row that PostgreSQL would not take, put aside with the reason so that the rest could go on."""

    __tablename__ = "dead_letters"

    spool: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    idx: Mapped[int] = mapped_column(primary_key=True)
    """-1: the whole line, or that it is missing; below: further lines of the same number."""
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    reason: Mapped[str]
    body: Mapped[str]
    told_at: Mapped[datetime | None]
    """When the row was told."""
