"""Why this agent? One call's decisions in order; in full, with the whole list of agents at each choice.

The short answer comes from the call's own log. The whole lists are worked out again from the journal in a process of its
own, one at a time: the loop that calls wait for does not do it, nor does a thread beside it.
"""

import asyncio
import sys
from datetime import datetime
from typing import Any

import structlog
from aiohttp import web

from acd import own_process
from acd.engine.commands import Kind, Log
from acd.explain import NOTES, Replayed, from_json, told
from acd.identifiers import CALL_ID
from acd.store.queries.calls import Happening
from acd.web.api.calls import Call, Line, from_store, line, opened_call, shown_call, without_others
from acd.web.server.api_model import ApiModel
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route, Strict
from acd.words import deed, word

log = structlog.get_logger(__name__)

WITHIN_S = 60.0
TURN: web.AppKey[asyncio.Semaphore] = web.AppKey("explain", asyncio.Semaphore)


class FullQuery(Strict):
    """How much to tell."""

    full: bool = False
    """Also the whole list of agents at each choice."""


class AppliedRow(ApiModel):
    """A row of the queue's policy that was in force."""

    row: int
    why: str
    zh: str
    en: str


class Considered(ApiModel):
    """One agent at one choice."""

    agent: str
    verdict: str
    state: str
    detail: dict[str, Any]
    """`skills`, `in_state_s`, where they tell something `queues`, `reason`, `preferred_skills`."""
    zh: str
    """The verdict in Chinese; `verdict` is the English."""


class Rival(ApiModel):
    """Another caller who competed for the agent."""

    call: str
    place: datetime
    """Since when the caller counts as waiting."""
    turn: datetime
    """The same, earlier by what the priority is worth: the earlier turn is served first."""
    priority: int


class Whole(ApiModel):
    """What was required at one choice, and every agent and caller that was considered."""

    required: list[dict[str, Any]]
    """Alternatives, each {"queue", "skills"}."""
    prefers: dict[str, int]
    agents: list[Considered]
    """Every agent, the chosen one first."""
    callers: list[Rival]


class Choice(ApiModel):
    """Why this agent was chosen."""

    rule: str
    rule_zh: str
    strategy: str
    strategy_zh: str
    waited_s: float | None
    runners_up: list[str]
    """Who would have been next, at most five."""
    passed_over: dict[str, int]
    """Reason to how many agents."""
    passed_over_zh: dict[str, int]
    rows: list[AppliedRow]
    outcome: str | None
    """null: it rings still."""
    whole: Whole | None
    """null where it was not asked for, or can't be worked out again; `note` says why."""


class Step(Line):
    """One row of the log that decided something, or shows what became of a decision."""

    choice: Choice | None


class Note(ApiModel):
    """A remark in both languages."""

    zh: str
    en: str


class Explanation(ApiModel):
    """A call and the decisions about it, in order."""

    call: Call
    steps: list[Step]
    full: bool
    note: Note | None
    """Why it is not whole."""


async def explain(asked: Asked) -> Explanation:
    """The decisions from the call's log. `full` replays the journal for the list of agents at each choice; it can take a minute."""
    store, call = asked.context.store, asked.word("call")
    async with from_store(asked.context):
        row = await opened_call(asked, call)
        rows = [(each.at, _as_log(each)) for each in await store.timeline(call)]
    full: bool = asked.query.full
    found = await _replay(asked, call) if full else Replayed()
    steps = []
    for step in told(rows, found.decisions):
        happening = Happening(
            step["at"], step["kind"], call, step["agent"], step["offer"], step["queue"], step["detail"]
        )
        words = line(asked.context, happening, in_full=False)
        choice = None if step["choice"] is None else _seen(asked, _choice(step["choice"]))
        if not asked.scope.whole:
            words = words.model_copy(update={"detail": without_others(words.detail)})
        if words.en:
            steps.append(Step(**words.model_dump(), choice=choice))
    note = Note(**NOTES[found.note]) if found.note else None
    return Explanation(call=shown_call(asked.context, row, in_full=False), steps=steps, full=full, note=note)


def _seen(asked: Asked, choice: Choice) -> Choice:
    """For supervisors without agents and callers of other teams, and without counts of them."""
    scope, whole = asked.scope, choice.whole
    if scope.whole:
        return choice
    if whole is not None:
        theirs = [one for one in whole.agents if scope.has_agent(one.agent)]
        whole = whole.model_copy(update={"agents": theirs, "callers": []})
    next_ones = [agent for agent in choice.runners_up if scope.has_agent(agent)]
    none: dict[str, Any] = {"passed_over": {}, "passed_over_zh": {}}
    return choice.model_copy(update={"runners_up": next_ones, "whole": whole, **none})


def _as_log(row: Happening) -> Log:
    return Log(Kind(row.kind), row.call, row.agent, row.offer, row.queue, row.detail)


def _choice(choice: dict[str, Any]) -> Choice:
    passed_over: dict[str, int] = choice["passed_over"]
    whole = choice["whole"]
    return Choice(
        rule=choice["rule"],
        rule_zh=word("rule", choice["rule"], "zh"),
        strategy=choice["strategy"],
        strategy_zh=word("strategy", choice["strategy"], "zh"),
        waited_s=choice["waited_s"],
        runners_up=choice["runners_up"],
        passed_over=passed_over,
        passed_over_zh={word("verdict", reason, "zh"): n for reason, n in passed_over.items()},
        rows=[
            AppliedRow(row=row["row"], why=row.get("why", ""), zh=deed(row["detail"], "zh"), en=deed(row["detail"]))
            for row in choice["rows"]
        ],
        outcome=choice["outcome"],
        whole=None
        if whole is None
        else Whole(
            required=whole["required"],
            prefers=whole["prefers"],
            agents=[Considered(**one, zh=word("verdict", one["verdict"], "zh")) for one in whole["agents"]],
            callers=[Rival(**one) for one in whole["callers"]],
        ),
    )


async def _replay(asked: Asked, call: str) -> Replayed:
    """Worked out again by a process of its own. Raises Problem (503) when that fails or takes too long."""
    journal = asked.context.state_folder / "journal"
    async with asked.request.app[TURN]:
        try:
            ended = await own_process.run(sys.executable, "-m", "acd.explain", str(journal), call, within_s=WITHIN_S)
        except TimeoutError:
            raise Problem(
                503, "too-long", "The journal of that time is too long to be replayed now. Ask without `full`."
            ) from None
    if ended.status != 0:
        log.error(
            "a replay of the journal failed", call=call, complaint=ended.complaint.decode(errors="replace")[-2000:]
        )
        raise Problem(503, "no-replay", "The journal could not be replayed; the log says why. Ask without `full`.")
    return from_json(ended.said, call)


ROUTES = [
    Route(
        "GET",
        f"/api/calls/{{call:{CALL_ID}}}/explain",
        explain,
        "calls-see",
        "Why this agent: every decision about one call, in order",
        answer=Explanation,
        query=FullQuery,
        refusals={404: "unknown-call", 503: "store-away, too-long, no-replay"},
    ),
]
