"""Breaks, as the state has them after an event: each fits its agent, and nobody waits for a break that could be granted."""

from acd.engine.agent_states import PHONE_TEST
from acd.engine.state import State
from acd.engine.supervision.break_rules import is_within
from acd.engine.supervision.breaks import away, counts, local


def look_at_breaks(state: State) -> None:
    rules = state.rules.breaks
    if rules is None:
        assert not state.supervision.breaks, "breaks without rules"
        return
    for agent in state.agents.values():
        known = state.supervision.breaks.get(agent.agent)
        on_break = agent.state == "not ready" and rules.kind(agent.state_reason) is not None
        if on_break:
            assert known is not None and known.state == "on" and known.reason == agent.state_reason
        elif agent.state_reason != PHONE_TEST:
            assert known is None or known.state != "on", f"{agent.agent} is {agent.state} and on a break"
        if known is not None and known.state == "granted":
            assert agent.logged_in and not agent.ready and agent.reason == known.reason
        if known is not None and known.state == "on":
            assert known.overdue or ("break", agent.agent) in state.deadlines
    here = local(state)
    for known in state.supervision.waiting():
        agent = state.agents[known.agent]
        kind = rules.kind(known.reason)
        assert kind is not None and agent.logged_in
        limits = [
            one for one in rules.limits if is_within(one.begin_min, one.end_min, here) and counts(state, one, agent)
        ]
        full = any(away(state, one, agent.agent) >= one.at_once for one in limits)
        assert kind.leave or full or rules.plans_of(agent.team, known.reason), f"{known} waits for nothing"
        assert known.waits and ("breaks", "") in state.deadlines
