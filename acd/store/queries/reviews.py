"""Talks graded by people: which there are, weeks that were drawn, reviews given, appeals. All on the caller's connection.

A review that was given is never changed here: `give` writes into one that is open, and nothing else writes into any.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, exists, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from acd.store.queries.part import Part, recordings_of
from acd.store.review_tables import ReviewAppealRow, ReviewFormRow, ReviewRow, ReviewWeekRow
from acd.store.tables import CallRow, RecordingRow

Kind = Literal["first", "second", "appeal"]
MOST = 500
"""Rows of one answer."""
_LOCK = 0x52455657
"""Of whoever draws a week or assigns an appeal; by PostgreSQL's advisory locks."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class RecordedTalk:
    """One agent's talk with one caller, of which a recording was filed."""

    offer: str
    """Its id, and its recording's."""
    call: str
    agent: str
    queue: str
    at: datetime
    """When the call was offered to the agent: by it the talk belongs to its week and shift."""
    brand: str = ""
    """Of the call; empty: no brand's."""


@dataclass(frozen=True, slots=True)
class DrawnWeek:
    """As in `review_tables.ReviewWeekRow`."""

    week: str
    drawn_at: datetime
    drawn_by: str
    seed: str
    share: float
    shifts: list[str]
    timezone: str
    talks: int
    taken: int
    population: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """A talk that a grader is to grade."""

    talk: RecordedTalk
    number: int
    kind: Kind
    grader: str


@dataclass(frozen=True, slots=True)
class Review:
    """As in `review_tables.ReviewRow`, and what the recording tells."""

    offer: str
    number: int
    kind: Kind
    call: str
    agent: str
    queue: str
    week: str
    form: str
    version: int
    grader: str
    assigned_at: datetime
    given_at: datetime | None
    score: float | None
    answers: dict[str, Any] | None
    fatal: list[str]
    comment: str
    comments: list[dict[str, Any]]
    talked_at: datetime | None
    seconds: float | None
    """Of the recording."""
    has_sound: bool
    """False: it was deleted since."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """As in `review_tables.ReviewAppealRow`."""

    offer: str
    agent: str
    appealed_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a grader gives."""

    at: datetime
    score: float | None
    answers: Mapping[str, Any]
    fatal: Sequence[str]
    comment: str
    comments: Sequence[Mapping[str, Any]]


async def recorded_talks(connection: AsyncConnection, since: datetime, until: datetime) -> list[RecordedTalk]:
    """Talks that were offered in this span and have been filed with sound, by their ids; those whose sound was deleted since, too, so that
    a week stays the same."""
    columns = [getattr(RecordingRow, name) for name in ("offer", "call", "agent", "queue", "offered_at")]
    query = (
        select(*columns, func.coalesce(CallRow.brand, "").label("brand"))
        .outerjoin(CallRow, CallRow.call == RecordingRow.call)
        .where(
            RecordingRow.kind == "talk",
            RecordingRow.sha256 != "",
            RecordingRow.offered_at >= since,
            RecordingRow.offered_at < until,
        )
        .order_by(RecordingRow.offer)
    )
    rows = (await connection.execute(query)).all()
    return [RecordedTalk(row.offer, row.call, row.agent, row.queue, row.offered_at, row.brand) for row in rows]


async def in_turn(connection: AsyncConnection) -> None:
    """Waits until nobody else draws or assigns; holds until this transaction is over."""
    await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def week(connection: AsyncConnection, named: str) -> DrawnWeek | None:
    """The week as it was drawn; None: it was not."""
    columns = [getattr(ReviewWeekRow, name) for name in DrawnWeek.__dataclass_fields__]
    row = (await connection.execute(select(*columns).where(ReviewWeekRow.week == named))).first()
    return None if row is None else DrawnWeek(*row)


async def form(connection: AsyncConnection, name: str, version: int) -> dict[str, Any] | None:
    """The form of this version as it was used; None: it was not."""
    query = select(ReviewFormRow.body).where(ReviewFormRow.form == name, ReviewFormRow.version == version)
    found: dict[str, Any] | None = await connection.scalar(query)
    return found


async def keep_form(connection: AsyncConnection, name: str, version: int, body: dict[str, Any]) -> bool:
    """Keeps the form for the reviews that are given by it. False: there is another of this name and version."""
    new = insert(ReviewFormRow).values(form=name, version=version, body=body)
    await connection.execute(new.on_conflict_do_nothing())
    return await form(connection, name, version) == body


async def save_week(
    connection: AsyncConnection, drawn: DrawnWeek, form_name: str, version: int, assigned: Sequence[Assigned]
) -> None:
    """The week and who grades what."""
    await connection.execute(insert(ReviewWeekRow).values(**asdict(drawn)))
    for begin in range(0, len(assigned), _AT_ONCE):
        rows = [_row(one, drawn.week, form_name, version, drawn.drawn_at) for one in assigned[begin : begin + _AT_ONCE]]
        await connection.execute(insert(ReviewRow).values(rows))


async def assign(connection: AsyncConnection, one: Assigned, of: Review, at: datetime) -> None:
    """One more review of a talk, by the form of this one."""
    await connection.execute(insert(ReviewRow).values(_row(one, of.week, of.form, of.version, at)))


def _row(one: Assigned, named: str, form_name: str, version: int, at: datetime) -> dict[str, Any]:
    of_talk = {name: getattr(one.talk, name) for name in ("offer", "call", "agent", "queue")}
    by = {"number": one.number, "kind": one.kind, "grader": one.grader}
    return {**of_talk, **by, "week": named, "form": form_name, "version": version, "assigned_at": at}


def _reviews() -> Select[Any]:
    own = [name for name in Review.__dataclass_fields__ if hasattr(ReviewRow, name)]
    return select(
        *(getattr(ReviewRow, name) for name in own),
        RecordingRow.offered_at,
        RecordingRow.seconds,
        func.coalesce(RecordingRow.path, "") != "",
    ).outerjoin(RecordingRow, RecordingRow.offer == ReviewRow.offer)


def _seen(part: Part | None) -> ColumnElement[bool]:
    """The talk is of this part; None: of the whole."""
    if part is None:
        return true()
    talk = aliased(ReviewRow)
    seen = select(talk.offer).join(RecordingRow, RecordingRow.offer == talk.offer).where(recordings_of(part))
    return ReviewRow.offer.in_(seen)


async def one(connection: AsyncConnection, offer: str, number: int, part: Part | None = None) -> Review | None:
    """This review; None: there is none in this part."""
    query = _reviews().where(ReviewRow.offer == offer, ReviewRow.number == number, _seen(part))
    row = (await connection.execute(query)).first()
    return None if row is None else Review(*row)


async def of_talk(connection: AsyncConnection, offer: str) -> list[Review]:
    """Every review of the talk in order, open ones too."""
    query = _reviews().where(ReviewRow.offer == offer).order_by(ReviewRow.number)
    return [Review(*row) for row in await connection.execute(query)]


async def open_of(
    connection: AsyncConnection, grader: str, part: Part | None = None, limit: int = MOST
) -> list[Review]:
    """What the grader is to grade of this part, the longest assigned first; without talks whose sound was deleted."""
    query = (
        _reviews()
        .where(ReviewRow.grader == grader, ReviewRow.given_at.is_(None), RecordingRow.path != "", _seen(part))
        .order_by(ReviewRow.assigned_at, ReviewRow.offer, ReviewRow.number)
    )
    return [Review(*row) for row in await connection.execute(query.limit(limit))]


async def given_by(
    connection: AsyncConnection, grader: str, part: Part | None = None, limit: int = MOST
) -> list[Review]:
    """What the grader has given of this part, the latest first."""
    query = _reviews().where(ReviewRow.grader == grader, ReviewRow.given_at.is_not(None), _seen(part))
    return [Review(*row) for row in await connection.execute(query.order_by(ReviewRow.given_at.desc()).limit(limit))]


async def open_counts(connection: AsyncConnection) -> dict[str, int]:
    """Grader to how many reviews are open."""
    query = select(ReviewRow.grader, func.count()).where(ReviewRow.given_at.is_(None)).group_by(ReviewRow.grader)
    return {str(row[0]): int(row[1]) for row in await connection.execute(query)}


async def give(connection: AsyncConnection, offer: str, number: int, given: Given) -> bool:
    """Gives an open review. False: it was given already, or there is none."""
    values = {name: getattr(given, name) for name in ("score", "comment")}
    values |= {"given_at": given.at, "answers": dict(given.answers), "fatal": list(given.fatal)}
    done = await connection.execute(
        update(ReviewRow)
        .where(ReviewRow.offer == offer, ReviewRow.number == number, ReviewRow.given_at.is_(None))
        .values(**values, comments=[dict(each) for each in given.comments])
    )
    return done.rowcount == 1


async def scored_talks(
    connection: AsyncConnection,
    since: datetime,
    until: datetime,
    *,
    agent: str = "",
    part: Part | None = None,
    blind: str = "",
    limit: int = MOST,
) -> list[str]:
    """Talks whose first score was given in this span, the latest first. `part`: only talks of this part; `blind`: without those that this
    grader is to grade yet."""
    query = (
        select(ReviewRow.offer)
        .where(ReviewRow.kind == "first", ReviewRow.given_at >= since, ReviewRow.given_at < until, _seen(part))
        .order_by(ReviewRow.given_at.desc(), ReviewRow.offer)
    )
    if agent:
        query = query.where(ReviewRow.agent == agent)
    if blind:
        own = aliased(ReviewRow)
        query = query.where(~exists().where(own.offer == ReviewRow.offer, own.grader == blind, own.given_at.is_(None)))
    return list(await connection.scalars(query.limit(limit)))


async def of_talks(connection: AsyncConnection, offers: Sequence[str]) -> dict[str, list[Review]]:
    """Talk to its reviews that were given, in order."""
    found: dict[str, list[Review]] = {offer: [] for offer in offers}
    query = _reviews().where(ReviewRow.offer.in_(offers), ReviewRow.given_at.is_not(None)).order_by(ReviewRow.number)
    for row in await connection.execute(query):
        review = Review(*row)
        found[review.offer].append(review)
    return found


async def appeals(connection: AsyncConnection, offers: Iterable[str]) -> dict[str, Appeal]:
    """Talk to the appeal that there is."""
    columns = [getattr(ReviewAppealRow, name) for name in Appeal.__dataclass_fields__]
    rows = await connection.execute(select(*columns).where(ReviewAppealRow.offer.in_([*offers])))
    return {row.offer: Appeal(*row) for row in rows}


async def appeal(connection: AsyncConnection, wanted: Appeal) -> bool:
    """Writes the appeal down. False: there is one of this talk already."""
    new = insert(ReviewAppealRow).values(**asdict(wanted)).on_conflict_do_nothing()
    return (await connection.execute(new)).rowcount == 1


async def graded_twice(
    connection: AsyncConnection, since: datetime, until: datetime, part: Part | None = None
) -> list[tuple[Review, Review]]:
    """The two reviews of each talk of this part that was graded twice, whose second was given in this span."""
    query = select(ReviewRow.offer).where(
        ReviewRow.kind == "second", ReviewRow.given_at >= since, ReviewRow.given_at < until, _seen(part)
    )
    offers = list(await connection.scalars(query.order_by(ReviewRow.offer)))
    found: list[tuple[Review, Review]] = []
    for begin in range(0, len(offers), _AT_ONCE):
        for given in (await of_talks(connection, offers[begin : begin + _AT_ONCE])).values():
            by_kind = {each.kind: each for each in given}
            if "first" in by_kind and "second" in by_kind:
                found.append((by_kind["first"], by_kind["second"]))
    return found
