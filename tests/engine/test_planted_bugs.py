"""A test of the tests: bugs are planted in the engine, one at a time, and the whole stories must find each of them.

A bug is a small thing that somebody might do: a comparison the wrong way round, a deadline that is not set, a line that
is not left. None of them raises by itself; it is the observer's books that complain.
"""

import random
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from acd.engine import acd, caller_history, entities, matching, model, service_level
from acd.engine.calls import agent_events, callbacks, caller_events, offer_events
from acd.engine.commands import Kind, Outcome
from acd.engine.offers import choice_log, offer_lifecycle
from acd.engine.recovery import checkpoint
from acd.engine.routing import agent_affinity, agents, policy, queueing, router
from tests.engine import test_whole_stories as stories

pytestmark = pytest.mark.slow

EXAMPLES = 600
"""Stories after which a bug that was not found counts as one that never is."""


class Planter:
    """Puts one function in the place of another, wherever the engine has it in hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def instead_of(self, function: Callable[..., Any], planted: Callable[..., Any]) -> None:
        for name, module in list(sys.modules.items()):
            if name.startswith("acd.engine."):
                for there, value in list(vars(module).items()):
                    if value is function:
                        self.monkeypatch.setattr(module, there, planted)
        for event, handler in acd.HANDLERS.items():
            if handler is function:
                self.monkeypatch.setitem(acd.HANDLERS, event, planted)
        settlers = tuple(planted if settle is function else settle for settle in acd.SETTLERS)
        self.monkeypatch.setattr(acd, "SETTLERS", settlers)

    def method(self, of: type, name: str, planted: Any) -> None:
        self.monkeypatch.setattr(of, name, planted)


BUGS: list[Any] = []


def bug(found_by: Callable[..., None] = stories.test_every_call_ends_in_exactly_one_way) -> Callable[..., Any]:
    def note(plant: Callable[[Planter], None]) -> Callable[[Planter], None]:
        BUGS.append(pytest.param(plant, found_by, id=plant.__name__.replace("_", "-")))
        return plant

    return note


@bug()
def priority_moves_back_in_the_line(planter: Planter) -> None:
    assign_line = queueing.assign_line

    def planted(s, call):
        assign_line(s, call)
        call.turned_at = call.place + (call.place - call.turn)

    planter.instead_of(assign_line, planted)


@bug()
def the_last_in_line_goes_first(planter: Planter) -> None:
    def call_for(agent):
        firsts = [line.first_caller(agent) for line in agent.lines if line.callers]
        firsts = [first for first in firsts if first is not None]
        return max(firsts).call if firsts else None

    planter.method(router.Router, "call_for", staticmethod(call_for))


@bug()
def a_phone_may_ring_for_ever(planter: Planter) -> None:
    arm = offer_lifecycle.arm
    planter.instead_of(arm, lambda s, offer: arm(s, offer) if offer.ringing_at is None else None)


@bug()
def who_missed_it_is_asked_first(planter: Planter) -> None:
    def agent_for(call):
        idle = [entry.agent for entry in call.line.idle if entry.agent.agent not in call.paused]
        before = [agent for agent in idle if agent.agent in call.missed]
        return (before or idle or [None])[0]

    planter.method(router.Router, "agent_for", staticmethod(agent_for))


@bug()
def rows_are_forgotten_by_who_is_put_back(planter: Planter) -> None:
    put_back = queueing.put_back

    def planted(s, call, *rest):
        call.rows.clear()
        put_back(s, call, *rest)

    planter.instead_of(put_back, planted)


@bug()
def all_rows_of_waiting_apply_at_the_first(planter: Planter) -> None:
    def planted(s, call):
        if call.stage == "waiting" and s.pbx:
            for number, row in enumerate(s.queue(call.queue).overflow):
                if row.when == "waited" and number not in call.rows and not policy.apply_row(s, call, number):
                    return

    planter.instead_of(policy.apply_waited_rows, planted)


@bug()
def rows_are_looked_at_by_nobody_after_an_offer(planter: Planter) -> None:
    arm_policy = queueing.arm_policy
    planter.instead_of(arm_policy, lambda s, call: arm_policy(s, call) if not call.offers else None)


@bug()
def rows_apply_while_asterisk_is_away(planter: Planter) -> None:
    apply_waited_rows = policy.apply_waited_rows

    def planted(s, call):
        there, s.pbx = s.pbx, True
        apply_waited_rows(s, call)
        s.pbx = there

    planter.instead_of(apply_waited_rows, planted)


@bug()
def who_has_hung_up_is_sent_to_voicemail(planter: Planter) -> None:
    planter.monkeypatch.setattr(policy, "DESTINATIONS", ())


@bug()
def a_reload_forgets_what_was_done(planter: Planter) -> None:
    planter.instead_of(queueing.carry_policy, lambda call, before, now: queueing.begin_policy(call))


@bug()
def a_kept_call_is_never_released(planter: Planter) -> None:
    planter.instead_of(agent_affinity.end_reservation, lambda s, call: None)


@bug()
def who_served_anybody_knows_everybody(planter: Planter) -> None:
    def who_served(self, caller, now, within):
        served = list(self._served.values())
        return served[-1] if served and now - served[-1].at <= within else None

    planter.method(caller_history.CallerHistory, "who_served", who_served)


@bug()
def an_offered_call_stays_in_line(planter: Planter) -> None:
    planter.monkeypatch.setattr(offer_lifecycle, "leave_line", lambda s, call: None)


@bug()
def a_reserved_agent_is_rung(planter: Planter) -> None:
    call_back = offer_lifecycle._call_back

    def planted(s, offer):
        call_back(s, offer)
        offer_lifecycle.ring(s, offer)

    planter.instead_of(call_back, planted)


@bug()
def a_customer_is_called_back_for_ever(planter: Planter) -> None:
    not_reached = callbacks.not_reached

    def planted(s, call, *rest):
        call.attempts = 0
        not_reached(s, call, *rest)

    planter.instead_of(not_reached, planted)


@bug()
def who_is_called_back_has_lost_his_place(planter: Planter) -> None:
    on_the_line = callbacks.on_the_line

    def planted(s, call, *trunk):
        call.placed_at = s.now
        on_the_line(s, call, *trunk)

    planter.instead_of(on_the_line, planted)


@bug()
def who_is_put_back_has_lost_his_place(planter: Planter) -> None:
    put_back = queueing.put_back

    def planted(s, call, *rest):
        call.placed_at = s.now
        put_back(s, call, *rest)

    planter.instead_of(put_back, planted)


@bug()
def a_place_given_up_is_taken_again_and_again(planter: Planter) -> None:
    def take_place(self, caller, queue, now, within):
        left = self._left.get(caller)
        return left if left is not None and left.queue == queue and now - left.at <= within else None

    planter.method(caller_history.CallerHistory, "take_place", take_place)


@bug()
def who_comes_back_from_lunch_keeps_his_rank(planter: Planter) -> None:
    restate = agents.restate
    planter.instead_of(restate, lambda s, agent, keep_place=False: restate(s, agent, keep_place=True))


@bug()
def a_pause_is_not_heeded_while_the_phone_rings(planter: Planter) -> None:
    not_ready = agent_events.not_ready

    def planted(s, event):
        agent = s.agents.get(event.agent)
        if agent is None or agent.work != "ringing":
            not_ready(s, event)

    planter.instead_of(not_ready, planted)


@bug()
def an_agent_gets_calls_of_queues_that_he_does_not_take(planter: Planter) -> None:
    planter.instead_of(model.takes, lambda agent, queue: True)


@bug()
def the_preferred_are_asked_last(planter: Planter) -> None:
    def suit(self, agent):
        preferred, breadth, levels = agent.lines[self]
        measure = self.measure(agent, -levels)
        return (-preferred, breadth, measure, agent.rank)

    planter.method(entities.Line, "suit", suit)


@bug()
def who_comes_free_gets_nobody(planter: Planter) -> None:
    def planted(s):
        freed, s.followups.freed_agents = s.followups.freed_agents, []
        for agent in freed:
            if agent.state == "idle" and not agent.listed:
                s.router.list_idle(agent)
        return []

    planter.instead_of(matching.serve_freed, planted)


@bug()
def a_phone_that_is_up_is_taken_back(planter: Planter) -> None:
    overdue = offer_lifecycle.overdue

    def planted(s, offer):
        if offer.answered_at is not None:
            offer_lifecycle.failed(s, offer, Outcome.LOST, still_rings=True)
            offer.call.up = ""
        else:
            overdue(s, offer)

    planter.instead_of(overdue, planted)


@bug()
def a_wrap_up_never_ends(planter: Planter) -> None:
    begin_wrap_up = agents.begin_wrap_up

    def planted(s, agent, queue, call, brand):
        begin_wrap_up(s, agent, queue, call, brand)
        s.deadlines.clear(("wrap-up", agent.agent))

    planter.instead_of(begin_wrap_up, planted)


@bug()
def offers_that_rang_out_are_not_counted(planter: Planter) -> None:
    rang = service_level.ServiceLevel.rang
    planter.method(
        service_level.ServiceLevel,
        "rang",
        lambda self, queue, brand, in_time: in_time and rang(self, queue, brand, in_time=in_time),
    )


@bug()
def the_log_passes_over_who_lacks_a_skill(planter: Planter) -> None:
    choice_detail = choice_log.choice_detail

    def planted(s, call, winner, rule):
        row = choice_detail(s, call, winner, rule)
        row["passed_over"].pop(choice_log.LACKS_SKILL, None)
        return row

    planter.instead_of(choice_detail, planted)


@bug(stories.test_a_checkpoint_and_the_events_since_give_the_same_floor)
def a_checkpoint_forgets_what_waiting_has_added(planter: Planter) -> None:
    planter.monkeypatch.setattr(
        checkpoint, "CALL_FIELDS", tuple(name for name in checkpoint.CALL_FIELDS if name != "raised")
    )


@bug(stories.test_a_checkpoint_and_the_events_since_give_the_same_floor)
def a_checkpoint_forgets_who_was_doubted(planter: Planter) -> None:
    planter.monkeypatch.setattr(
        checkpoint, "AGENT_FIELDS", tuple(name for name in checkpoint.AGENT_FIELDS if name != "doubted")
    )


@bug(stories.test_telling_everything_twice_changes_nothing)
def a_phone_that_rings_twice_has_more_time(planter: Planter) -> None:
    ringing = offer_events.ringing

    def planted(s, event):
        agent = s.agents.get(event.agent)
        if agent is not None and agent.offer is not None and agent.offer.offer == event.offer:
            agent.offer.ringing_at = None
        ringing(s, event)

    planter.instead_of(ringing, planted)


@bug(stories.test_telling_everything_twice_changes_nothing)
def a_menus_step_counts_twice(planter: Planter) -> None:
    def planted(s, event):
        call = s.calls.get(event.call)
        if call is not None and call.stage == "menu":
            call.path = event.path
            s.log(Kind.MENU, event.call, detail={"path": event.path})

    planter.instead_of(caller_events.menu_chosen, planted)


@bug()
def a_call_is_kept_for_longer_than_was_said(planter: Planter) -> None:
    keep = agent_affinity.keep

    def planted(s, call):
        keep(s, call)
        if call.kept_for:
            s.deadlines.set(("keep", call.call), s.now + s.rules.same_agent_hold + timedelta(seconds=20))

    planter.instead_of(keep, planted)


def told_by_seeds(found_by: Callable[..., None], moves: int, stories_told: int) -> None:
    """Stories from seeds, and not from Hypothesis: what that draws depends on which modules are loaded."""
    tell = found_by.hypothesis.inner_test  # type: ignore[attr-defined]
    drawn = tell.__code__.co_argcount
    for seed in range(stories_told):
        chance = random.Random(seed)
        story = [chance.randrange(moves * 1_000_000) for _ in range(chance.randrange(8, 50))]
        number = chance.randrange(1_000_000) if seed % 8 else 0
        tell(*(story, number, chance.randrange(200))[:drawn])


@pytest.mark.parametrize(("plant", "found_by"), BUGS)
def test_a_planted_bug_is_found(plant, found_by, monkeypatch):
    plant(Planter(monkeypatch))
    with pytest.raises(AssertionError):
        told_by_seeds(found_by, stories.MOVES, EXAMPLES)
