"""What a list of calls tells beside the calls' own rows: who talked, what they wrote, what was transferred, what was recorded."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import and_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.queries.part import Part, recordings_of
from acd.store.tables import OfferRow, RecordingRow, TransferRow


@dataclass(slots=True)
class CallFacts:
    """Of one call."""

    agents: list[str] = field(default_factory=list)
    """Who talked with the caller, in order, each once."""
    transfers: list[tuple[str, str]] = field(default_factory=list)
    """Kind and target of each completed transfer, in order."""
    reasons: list[str] = field(default_factory=list)
    """Of these transfers, each once."""
    matter: str = ""
    disposition: str = ""
    """The code that was given last."""
    disposition_text: str = ""
    promise: str = ""
    """What was promised last; empty: nothing."""
    promise_due_at: str = ""
    """ISO time; empty: none was told."""
    recordings: list[tuple[str, str]] = field(default_factory=list)
    """Offer and kind of each recording that has sound, in order."""


_WRITTEN = text(
    """
    SELECT call, COALESCE(body->>'matter', ''), entry->>'what', COALESCE(entry->>'code', ''), COALESCE(entry->>'text', ''),
           COALESCE(entry->>'due_at', '')
    FROM cards LEFT JOIN LATERAL jsonb_array_elements(body->'entries') WITH ORDINALITY AS entries(entry, number)
         ON entry->>'what' IN ('disposition', 'promise')
    WHERE call = ANY(:calls) ORDER BY call, number
    """
)


async def of_calls(
    connection: AsyncConnection, calls: Collection[str], part: Part | None = None, *, recordings: bool = True
) -> dict[str, CallFacts]:
    """Call to what is told of it, for each of these calls. `recordings`: with those of this part, else with none."""
    found = {call: CallFacts() for call in calls}
    if not found:
        return found
    talks = (
        select(OfferRow.call, OfferRow.agent)
        .where(OfferRow.call.in_(calls), OfferRow.connected_at.is_not(None), OfferRow.agent != "")
        .order_by(OfferRow.call, OfferRow.connected_at)
    )
    for call, agent in await connection.execute(talks):
        if agent not in found[call].agents:
            found[call].agents.append(agent)
    transfers = (
        select(TransferRow.call, TransferRow.kind, TransferRow.to, TransferRow.reason)
        .where(TransferRow.call.in_(calls), TransferRow.completed_at.is_not(None))
        .order_by(TransferRow.call, TransferRow.number)
    )
    for call, kind, to, reason in await connection.execute(transfers):
        found[call].transfers.append((kind, to))
        if reason and reason not in found[call].reasons:
            found[call].reasons.append(reason)
    for call, matter, what, code, said, due_at in await connection.execute(_WRITTEN, {"calls": list(calls)}):
        facts = found[call]
        facts.matter = matter
        if what == "disposition":
            facts.disposition, facts.disposition_text = code, said
        elif what == "promise":
            facts.promise, facts.promise_due_at = said, due_at
    if recordings:
        await _add_recordings(connection, found, part)
    return found


async def _add_recordings(connection: AsyncConnection, found: dict[str, CallFacts], part: Part | None) -> None:
    query = (
        select(RecordingRow.call, RecordingRow.offer, RecordingRow.kind)
        .where(
            RecordingRow.call.in_(list(found)),
            or_(RecordingRow.state == "complete", RecordingRow.state == "incomplete"),
            and_(RecordingRow.seconds > 0, RecordingRow.deleted_at.is_(None)),
        )
        .order_by(RecordingRow.call, RecordingRow.offered_at, RecordingRow.offer)
    )
    if part is not None:
        query = query.where(recordings_of(part))
    for call, offer, kind in await connection.execute(query):
        found[call].recordings.append((offer, kind))
