"""What callers say of the service: CSAT, NPS, solved at first contact; in all, by queue and by agent. docs/definitions.md#survey

A survey is counted in the span in which its caller was asked, with all its answers, whenever these came: else the response rate could be
above 1. It is credited to each agent who talked with the caller in that call, and to each queue of these talks; in all it counts once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BindParameter, DateTime, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.store.queries.kpi import share

By = Literal["queue", "agent"]
AGAIN_WITHIN = timedelta(days=7)
"""A second contact on the matter within this, and the first did not solve it."""
SATISFIED, PROMOTER, DETRACTOR = 4, 9, 6
"""From this mark up a caller counts as satisfied, as a promoter; up to this one as a detractor."""


@dataclass(frozen=True, slots=True)
class SurveyFigures:
    """The counts of one queue, of one agent or of all, and what follows from them; a figure is None when its divisor is 0."""

    who: str = ""
    """A queue or an agent; empty: all."""
    asked: int = 0
    answered: int = 0
    """Who answered one question at least."""
    answered_last: int = 0
    """Of the answered: the agent was the last one of the call, or the queue the last one."""
    marks: int = 0
    """Who gave a mark, 1 to 5."""
    satisfied: int = 0
    """Of them, 4 or 5."""
    low: int = 0
    callbacks: int = 0
    """Who wanted to be called back by a supervisor."""
    recommends: int = 0
    """Who said whether they would recommend us, 0 to 9."""
    promoters: int = 0
    """Of them, 9."""
    detractors: int = 0
    """Of them, 0 to 6."""
    solved_answers: int = 0
    solved: int = 0
    words: int = 0
    """Who said something, which was recorded."""
    first_contacts: int = 0
    """Contacts whose matter had no earlier one, and whose seven days are over."""
    first_solved: int = 0
    """Of them: without a second one."""
    first_open: int = 0
    """First contacts whose seven days are not over: it can't be told yet."""

    @property
    def response_rate(self) -> float | None:
        """Answered / asked."""
        return share(self.answered, self.asked)

    @property
    def csat(self) -> float | None:
        """Marks of 4 and 5 / marks."""
        return share(self.satisfied, self.marks)

    @property
    def nps(self) -> float | None:
        """(Promoters - detractors) / who said so; from -1 to 1."""
        return share(self.promoters - self.detractors, self.recommends)

    @property
    def solved_rate(self) -> float | None:
        """Who said "solved" / who said either."""
        return share(self.solved, self.solved_answers)

    @property
    def fcr(self) -> float | None:
        """First contacts without a second one on the matter within seven days / first contacts whose seven days are over."""
        return share(self.first_solved, self.first_contacts)


_SEEN = """(CAST(:brands AS text[]) IS NULL OR calls.brand = ANY(:brands))
    AND (CAST(:agents AS text[]) IS NULL OR EXISTS (
        SELECT FROM offers WHERE offers.call = calls.call AND connected_at IS NOT NULL AND offers.agent = ANY(:agents)))"""

# Answers: of surveys whose caller was asked in the span. `whose`: every queue, or every agent, of a talk in that call, once each.
_ANSWERS = """
    SELECT {who} AS who, count(*) AS asked, count(surveys.answered_at) AS answered,
           count(surveys.answered_at) FILTER (WHERE {last}) AS answered_last,
           count(satisfied) AS marks, count(*) FILTER (WHERE satisfied >= :satisfied) AS satisfied,
           count(*) FILTER (WHERE low) AS low, count(*) FILTER (WHERE callback) AS callbacks,
           count(recommend) AS recommends, count(*) FILTER (WHERE recommend >= :promoter) AS promoters,
           count(*) FILTER (WHERE recommend <= :detractor) AS detractors,
           count(solved) AS solved_answers, count(*) FILTER (WHERE solved) AS solved, count(word_s) AS words
    FROM surveys JOIN calls USING (call) {whose}
    WHERE surveys.asked_at >= :since AND surveys.asked_at < :until AND {seen}
    GROUP BY 1
"""

# Contacts: calls that ended in the span and whose caller, who is known by the number, an agent served; not a supervisor's callback
# after a survey. The matter: the disposition, where both calls have one; else the queue that was asked for. A call that goes on with one
# whose line had dropped (cards.contact) is the same contact. `before`, `after`: another contact on the matter within seven days.
_CONTACTS = """
    WITH ended AS (
        SELECT calls.call, caller, calls.brand, arrived_at, ended_at, asked_queue FROM calls
        WHERE ended_at >= :since AND ended_at < :until AND ending = 'answered' AND caller ~ '^[+]?[0-9]+$'
              AND calls.call NOT LIKE 's%' AND {seen}
    ), firsts AS (
        SELECT ended.*, {again_after} AS again FROM ended
        WHERE NOT {again_before}
    )
    SELECT {who} AS who,
           count(*) FILTER (WHERE ended_at + :within <= :now) AS first_contacts,
           count(*) FILTER (WHERE ended_at + :within <= :now AND NOT again) AS first_solved,
           count(*) FILTER (WHERE ended_at + :within > :now) AS first_open
    FROM firsts {whose}
    GROUP BY 1
"""
_AGAIN = """EXISTS (
        SELECT FROM calls AS other
        WHERE other.caller = ended.caller AND other.call <> ended.call AND other.brand = ended.brand
              AND other.asked_for_person AND other.call NOT LIKE 's%' AND {span}
              AND (SELECT contact FROM cards WHERE cards.call = other.call)
                  IS DISTINCT FROM (SELECT contact FROM cards WHERE cards.call = ended.call)
              AND COALESCE({code_of_other} = {code}, other.asked_queue = ended.asked_queue))"""
_CODE = """(SELECT entry->>'code' FROM cards, jsonb_array_elements(body->'entries') AS entry
            WHERE cards.call = {of}.call AND entry->>'what' = 'disposition' ORDER BY entry->>'at' DESC LIMIT 1)"""
_AFTER = "other.arrived_at >= ended.ended_at AND other.arrived_at < ended.ended_at + :within"
_BEFORE = "other.ended_at <= ended.arrived_at AND other.ended_at > ended.arrived_at - :within"

_BINDS: list[BindParameter[Any]] = [
    *(bindparam(name, type_=ARRAY(Text())) for name in ("brands", "agents")),
    *(bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "until")),
]


def _whose(by: By, of: str) -> str:
    return f"""JOIN (SELECT DISTINCT call, {by} AS whose FROM offers WHERE connected_at IS NOT NULL AND {by} <> '') AS talks
               ON talks.call = {of}.call"""


def _again(span: str) -> str:
    codes = {"code": _CODE.format(of="ended"), "code_of_other": _CODE.format(of="other")}
    return _AGAIN.format(span=span, **codes)


def _questions(by: By | None) -> tuple[TextClause, TextClause]:
    who = "whose" if by else "''"
    last = f"surveys.{by} = whose" if by else "true"
    answers = _ANSWERS.format(who=who, last=last, whose=_whose(by, "surveys") if by else "", seen=_SEEN)
    contacts = _CONTACTS.format(
        who=who,
        whose=_whose(by, "firsts") if by else "",
        seen=_SEEN,
        again_after=_again(_AFTER),
        again_before=_again(_BEFORE),
    )
    return text(answers).bindparams(*_BINDS), text(contacts).bindparams(
        *_BINDS, bindparam("now", type_=DateTime(timezone=True))
    )


_ASKED: Mapping[By | None, tuple[TextClause, TextClause]] = {
    None: _questions(None), "queue": _questions("queue"), "agent": _questions("agent"),
}  # fmt: skip
_COUNTS = [each.name for each in fields(SurveyFigures) if each.name != "who"]


async def figures(
    connection: AsyncConnection,
    since: datetime,
    until: datetime,
    now: datetime,
    by: By | None = None,
    brands: Collection[str] | None = None,
    agents: Collection[str] | None = None,
) -> dict[str, SurveyFigures]:
    """Queue, or agent, to its figures; `by` None: "" to those of all. `brands`: of their calls alone. `agents`: of calls in which one of
    them talked alone. `now`: seven days before it the first contacts are over."""
    found: dict[str, dict[str, Any]] = {}
    seen = {"brands": None if brands is None else list(brands), "agents": None if agents is None else list(agents)}
    span = {"since": since, "until": until, **seen}
    answers, contacts = _ASKED[by]
    marks = {"satisfied": SATISFIED, "promoter": PROMOTER, "detractor": DETRACTOR}
    for question, more in ((answers, marks), (contacts, {"now": now, "within": AGAIN_WITHIN})):
        for row in await connection.execute(question, {**span, **more}):
            named = row._asdict()
            found.setdefault(str(named.pop("who")), {}).update(named)
    made = {
        who: SurveyFigures(who, **{name: int(counts.get(name, 0)) for name in _COUNTS}) for who, counts in found.items()
    }
    return made if by else {"": made.get("", SurveyFigures())}
