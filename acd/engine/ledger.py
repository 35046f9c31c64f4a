"""Why this agent got this call: what the offer's row in the call log keeps of the choice.

Counts come from the line, which keeps them; nobody is looked at but the winner and up to five runners-up.
"""

from typing import Any

from acd.engine.agents import Agent
from acd.engine.calls import Call
from acd.engine.state import State

RUNNERS_UP = 5

LONGEST_IDLE = "longest idle of the able"
NEXT_IN_LINE = "first in line when the agent came free"
ASKED_AGAIN = "nobody else is able and free: asked again"
FOUND_TALKING = "found talking: connected while nothing could be heard of it"


def explanation(s: State, call: Call, winner: Agent, rule: str) -> dict[str, Any]:
    """The detail of an OFFERED row. Made before anything has changed: the winner still counts as idle."""
    line = call.line
    counts = line.counts
    passed_over: dict[str, int] = {}
    runners_up: list[str] = []
    others = counts["idle"] - 1
    if others > 0:
        missed = len(call.missed)
        for agent in line.longest_idle(RUNNERS_UP + 1 + missed):
            if agent is winner or len(runners_up) == RUNNERS_UP:
                continue
            if agent.agent not in call.missed:
                runners_up.append(agent.agent)
        before = [s.agents[name] for name in call.missed if name != winner.agent and name in s.agents]
        asked_before = sum(1 for agent in before if agent.state == "idle" and line in agent.lines)
        if asked_before:
            passed_over["did not take this call before"] = asked_before
        if others > asked_before:
            passed_over["idle for less long"] = others - asked_before
    for state, count in counts.items():
        if count and state != "idle":
            passed_over[state] = count
    lacking = len(s.agents) - line.able
    if lacking:
        passed_over["lacks a skill"] = lacking
    return {
        "number": call.offers + 1,
        "waited_s": max(0.0, (s.now - call.place).total_seconds()),
        "rule": rule,
        "runners_up": runners_up,
        "passed_over": passed_over,
    }
