"""A part of the hotline as a condition of the store's questions: the agents and queues of some teams, the calls of some brands, or
both at once."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from acd.store.tables import CallRow, LegQualityRow, OfferRow, RecordingRow


@dataclass(frozen=True, slots=True)
class TeamsPart:
    """Agents and queues of some teams."""

    agents: frozenset[str]
    queues: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """What is seen; None: that does not bound it."""

    teams: TeamsPart | None = None
    brands: frozenset[str] | None = None
    """Only calls of these brands, and what belongs to them. A call of no brand is in no such part."""


def calls_of(part: Part) -> ColumnElement[bool]:
    """Of these teams: calls in which one of their agents has talked, and calls in which nobody has, in one of their queues."""
    found: ColumnElement[bool] = true()
    if part.teams is not None:
        talked = select(OfferRow.offer).where(OfferRow.call == CallRow.call, OfferRow.connected_at.is_not(None))
        found = or_(
            talked.where(OfferRow.agent.in_(part.teams.agents)).exists(),
            and_(CallRow.queue.in_(part.teams.queues), ~talked.exists()),
        )
    return found if part.brands is None else and_(found, CallRow.brand.in_(part.brands))


def recordings_of(part: Part) -> ColumnElement[bool]:
    """Of these teams: recordings of their agents' talks and consults, and messages left in one of their queues."""
    found: ColumnElement[bool] = true()
    if part.teams is not None:
        found = or_(
            RecordingRow.agent.in_(part.teams.agents),
            RecordingRow.first.in_(part.teams.agents),
            and_(RecordingRow.agent == "", RecordingRow.queue.in_(part.teams.queues)),
        )
    return and_(found, _of_brands(part, RecordingRow.call))


def lines_of(part: Part) -> ColumnElement[bool]:
    """Of these teams: both sides of their agents' legs."""
    found = true() if part.teams is None else LegQualityRow.agent.in_(part.teams.agents)
    return and_(found, _of_brands(part, LegQualityRow.call))


def _of_brands(part: Part, call: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    if part.brands is None:
        return true()
    its_call = aliased(CallRow)  # The question may have joined `calls` already.
    return select(its_call.call).where(its_call.call == call, its_call.brand.in_(part.brands)).exists()
