"""Why this agent got this call: what the offer's row in the call log (OFFERED) keeps of the choice.

Counts come from the line, which keeps them; no agent is looked at but the winner and up to five runners-up. The texts are
stored with the rows and are keys of the dictionaries in acd/words: a changed one no longer fits the rows of before.
"""

from bisect import bisect_left
from math import inf
from typing import Any

from acd.engine.brands import may_serve
from acd.engine.entities import Agent, Call
from acd.engine.model import Strategy
from acd.engine.routing.queueing import since
from acd.engine.state import State
from acd.engine.strategies import STRATEGIES

RUNNERS_UP = 5

CHOSEN_BY: dict[Strategy, str] = {name: rule.chosen for name, rule in STRATEGIES.items()}
NEXT_IN_LINE = "first in line when the agent came free"
ASKED_AGAIN = "nobody else is able and free: asked again"
CONSULTED = "is consulted by the agent who has the caller"
FOUND_TALKING = "found talking: connected while nothing could be heard of it"
KNOWS = {
    "asked for": "owns the matter: asked first",
    "last agent": "served this caller last: asked first",
    "first owner": "served this caller first: asked first",
    "line dropped": "had this caller when the line dropped: asked first",
    "transfer": "the caller is handed over to him",
    "handed back": "the transfer came to nothing: gets his caller back",
}

LESS_PREFERRED = "less preferred skill"
MORE_QUEUES = "serves more queues"
BY_MEASURE: dict[Strategy, str] = {name: rule.passed_over for name, rule in STRATEGIES.items()}
LESS_LONG = BY_MEASURE["longest-idle"]
DID_NOT_TAKE = "did not take this call before"
PAUSED = "paused after sending it away"
UNKNOWN_TO_CALLER = "does not know the caller"
LACKS_SKILL = "lacks a skill"
OTHER_BRAND = "of another brand"


def choice_detail(s: State, call: Call, winner: Agent, rule: str) -> dict[str, Any]:
    """The detail of an OFFERED row: number, waited_s, rule, runners_up, passed_over, rows, strategy. To be made before the
    offer changes anything: the winner still counts as idle."""
    line = call.line
    passed_over: dict[str, int] = {}
    runners_up: list[str] = []
    others = line.counts["idle"] - (line in winner.lines)
    if others > 0:
        missed = call.missed
        for entry in line.idle[: RUNNERS_UP + 1 + len(missed)]:
            agent = entry.agent
            if agent is not winner and len(runners_up) < RUNNERS_UP and agent.agent not in missed:
                runners_up.append(agent.agent)
        before = [s.agents[name] for name in missed if name != winner.agent and name in s.agents]
        asked_before = [agent for agent in before if agent.state == "idle" and line in agent.lines]
        if asked_before:
            passed_over[DID_NOT_TAKE] = len(asked_before)
        if others > len(asked_before):
            _count_the_idle(call, winner, rule, [winner, *asked_before], passed_over)
    for state, count in line.counts.items():
        if count and state != "idle":
            passed_over[state] = count
    lacking = len(s.agents) - line.able - (line not in winner.lines)
    if any(brand.own for brand in s.rules.brands):
        barred = sum(1 for agent in s.agents.values() if not may_serve(agent.kept_by, line.ask.keeper))
        lacking -= barred
        if barred:
            passed_over[OTHER_BRAND] = barred
    if lacking > 0:
        passed_over[LACKS_SKILL] = lacking
    return {
        "number": call.offers + 1,
        "waited_s": since(call.waits_since, s.now),
        "rule": rule,
        "runners_up": runners_up,
        "passed_over": passed_over,
        "rows": [number + 1 for number in call.rows],
        "strategy": line.ask.strategy,
    }


def _count_the_idle(call: Call, winner: Agent, rule: str, left_out: list[Agent], passed_over: dict[str, int]) -> None:
    """Add the idle who were passed over, by the first criterion by which they suit less well than the winner."""
    line = call.line
    if rule in KNOWS.values():
        passed_over[UNKNOWN_TO_CALLER] = line.counts["idle"] - sum(1 for agent in left_out if line in agent.lines)
        return
    preferred, breadth, measure, _ = line.suit(winner)
    bounds = [
        (BY_MEASURE["longest-idle"], (preferred, breadth, measure, inf)),
        (BY_MEASURE[line.ask.strategy], (preferred, breadth, inf)),
        (MORE_QUEUES, (preferred, inf)),
        (LESS_PREFERRED, (inf,)),
    ]
    began, told = 0, 0
    counted = [line.suit(agent) for agent in left_out if agent.listed]
    for reason, bound in bounds:
        ended = bisect_left(line.idle, bound)
        count = ended - began - sum(1 for suit in counted if _place(line.idle, suit, began, ended))
        if count > 0:
            passed_over[reason] = passed_over.get(reason, 0) + count
            told += count
        began = max(began, ended)
    just_free = line.counts["idle"] - len(left_out) - told
    if just_free > 0:  # became idle in this event and are not listed yet
        passed_over[LESS_LONG] = passed_over.get(LESS_LONG, 0) + just_free


def _place(idle: list[Any], suit: tuple[Any, ...], began: int, ended: int) -> bool:
    return began <= bisect_left(idle, suit) < ended
