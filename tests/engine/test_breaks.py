"""Breaks: granted within limits, in turn, by leave; begun after the call; overdue; and work without a rest."""

from datetime import timedelta
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import (
    AgentLoggedOut,
    AgentNotReady,
    AgentReady,
    CallerHungUp,
    CallQueued,
    ConfigChanged,
    OfferFailed,
    TimePassed,
)
from acd.engine.model import AgentProfile, BreakRules, Queue, Rules
from acd.engine.supervision.break_rules import BreakKind, BreakLimit, BreakPlan
from acd.engine.supervision.events import BreakAsked, BreakDeclined, BreakGranted, BreakWithdrawn, QueueLeft
from tests.engine.support.floor import Floor, Ring

QUEUES = [Queue("billing", (("billing", 1),), wrap_up=timedelta(0)), Queue("orders", (("orders", 1),))]
PROFILES = [
    AgentProfile("amy", "Amy", (("billing", 5),), team="east"),
    AgentProfile("bob", "Bob", (("billing", 5),), team="east"),
    AgentProfile("cas", "Cas", (("billing", 5), ("orders", 5)), team="west"),
]
KINDS = (
    BreakKind("break", timedelta(minutes=10)),
    BreakKind("meal", timedelta(minutes=40)),
    BreakKind("walk", leave=True),
)


def a_floor(*limits: BreakLimit, plans: tuple[BreakPlan, ...] = (), **more: Any) -> Floor:
    """At 9:00 local time; amy, bob and cas are ready."""
    floor = Floor(QUEUES, PROFILES, Rules(breaks=BreakRules(KINDS, limits, plans, **more)))
    floor.staff()
    return floor


def the_break(floor: Floor, agent: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = floor.about_agent(agent).get("break")
    return found


def states(floor: Floor, agent: str) -> list[str]:
    return [row.detail["state"] for row in floor.rows(Kind.BREAK, agent=agent)]


ONE_AWAY = BreakLimit(1, team="east")


def test_a_break_with_room_is_granted_at_once_and_ends_when_the_agent_is_ready():
    floor = a_floor(ONE_AWAY)
    floor.tell(BreakAsked("amy", "break"))
    assert floor.about_agent("amy")["reason"] == "break" and floor.state("amy") == "not ready"
    floor.wait(seconds=300)
    floor.tell(AgentReady("amy"))
    assert states(floor, "amy") == ["asked", "granted", "began", "ended"]
    assert floor.rows(Kind.BREAK, agent="amy")[-1].detail["lasted_s"] == 300
    assert the_break(floor, "amy") is None


def test_a_break_without_room_waits_with_its_place_and_is_granted_when_another_ends():
    floor = a_floor(ONE_AWAY)
    floor.tell(BreakAsked("amy", "break"), BreakAsked("bob", "meal"))
    waits = the_break(floor, "bob")
    assert waits and (waits["state"], waits["waits"], waits["place"]) == ("asked", "full", 1)
    assert floor.state("bob") == "idle"
    floor.tell(BreakAsked("cas", "break"))
    assert floor.state("cas") == "not ready", "the limit is for another team"
    floor.tell(AgentReady("amy"))
    assert floor.state("bob") == "not ready" and states(floor, "bob") == ["asked", "granted", "began"]


def test_of_several_who_wait_the_first_who_asked_goes_first():
    floor = a_floor(BreakLimit(1))
    floor.tell(BreakAsked("amy", "break"), BreakAsked("cas", "break"), BreakAsked("bob", "break"))
    assert [(the_break(floor, name) or {}).get("place") for name in ("cas", "bob")] == [1, 2]
    floor.tell(AgentLoggedOut("amy"))
    assert (floor.state("cas"), floor.state("bob")) == ("not ready", "idle")


def test_a_granted_break_begins_after_the_call_and_wins_over_a_missed_call():
    floor = a_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.tell(BreakAsked("amy", "meal"))
    granted = the_break(floor, "amy")
    assert floor.state("amy") == "ringing" and granted and granted["state"] == "granted"
    offer = floor.offer("c1")
    floor.tell(OfferFailed("amy", "c1", offer, "ring no answer"))
    assert floor.about_agent("amy")["reason"] == "meal"
    assert states(floor, "amy") == ["asked", "granted", "began"]


def test_the_next_state_chosen_in_a_call_is_cancelled_by_ready():
    floor = a_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(BreakAsked("amy", "break"), AgentReady("amy"))
    assert states(floor, "amy") == ["asked", "granted", "withdrawn"]
    floor.tell(CallerHungUp("c1"))
    assert floor.state("amy") == "idle"


def test_a_kind_that_needs_leave_waits_for_a_supervisor_who_grants_or_declines():
    floor = a_floor()
    floor.tell(BreakAsked("amy", "walk"), BreakAsked("bob", "walk"))
    assert (the_break(floor, "amy") or {})["waits"] == "leave"
    floor.tell(BreakGranted("amy", "sue"), BreakDeclined("bob", "sue", "too many callers"))
    assert floor.state("amy") == "not ready" and floor.state("bob") == "idle"
    assert states(floor, "bob") == ["asked", "declined"] and the_break(floor, "bob") is None
    assert floor.rows(Kind.BREAK, agent="amy")[1].detail["by"] == "sue"


def test_a_supervisor_withdraws_a_granted_break_and_the_agent_goes_on():
    floor = a_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(BreakAsked("amy", "break"), BreakWithdrawn("amy", "sue"), CallerHungUp("c1"))
    assert floor.state("amy") == "idle" and states(floor, "amy")[-1] == "withdrawn"
    floor.tell(BreakGranted("amy", "sue"))
    assert floor.rows(Kind.IGNORED)[-1].detail["why"] == "no-break-open"


def test_a_planned_break_waits_for_its_time_without_anybody_asking_again():
    floor = a_floor(plans=(BreakPlan("east", "meal", 11 * 60, 13 * 60, timedelta(minutes=60)),))
    floor.tell(BreakAsked("amy", "meal"))
    assert (the_break(floor, "amy") or {})["waits"] == "later"
    floor.wait(seconds=2 * 3600 - 60)
    assert floor.state("amy") == "idle"
    floor.wait(seconds=60)
    taken = the_break(floor, "amy") or {}
    assert floor.state("amy") == "not ready" and taken["ends_at"] == "2026-03-02T12:00:00+00:00"


def test_a_limit_holds_in_its_span_of_the_day_and_for_those_who_serve_the_queue():
    floor = a_floor(BreakLimit(0, queue="orders", begin_min=9 * 60, end_min=9 * 60 + 30))
    floor.tell(BreakAsked("amy", "break"), BreakAsked("cas", "break"))
    assert (floor.state("amy"), floor.state("cas")) == ("not ready", "idle")
    floor.wait(seconds=1800)
    assert floor.state("cas") == "not ready"


def test_an_unasked_break_is_a_break_and_without_room_one_without_leave():
    floor = a_floor(ONE_AWAY)
    floor.tell(AgentNotReady("amy", "break"), AgentNotReady("bob", "break"))
    assert (the_break(floor, "amy") or {})["leave"] is True
    assert floor.state("bob") == "not ready" and (the_break(floor, "bob") or {})["leave"] is False
    floor.tell(AgentNotReady("bob", "meeting"))
    assert the_break(floor, "bob") is None, "a meeting is no break"


def test_an_overdue_break_is_shown_and_counted():
    floor = a_floor()
    floor.tell(BreakAsked("amy", "break"))
    floor.wait(seconds=600)
    assert (the_break(floor, "amy") or {})["overdue"] is True
    floor.wait(seconds=90)
    floor.tell(AgentReady("amy"))
    assert states(floor, "amy")[-2:] == ["overdue", "ended"]
    assert floor.rows(Kind.BREAK, agent="amy")[-1].detail["over_s"] == 90


def test_two_hours_of_work_without_a_rest_are_told_and_a_short_break_is_no_rest():
    floor = a_floor(longest_work=timedelta(hours=2), rest=timedelta(minutes=5))
    floor.wait(seconds=3600)
    floor.tell(AgentNotReady("amy", "break"))
    floor.wait(seconds=60)
    floor.tell(AgentReady("amy"))
    floor.tell(AgentNotReady("bob", "break"))
    floor.wait(seconds=600)
    floor.tell(AgentReady("bob"))
    floor.wait(seconds=3600)
    assert floor.about_agent("amy")["worked_long"] and "worked_long" not in floor.about_agent("bob")
    assert states(floor, "amy")[-1] == "due"
    floor.tell(AgentNotReady("amy", "break"))
    assert "worked_since" not in floor.about_agent("amy")
    floor.wait(seconds=300)
    floor.tell(AgentReady("amy"))
    assert "worked_long" not in floor.about_agent("amy")


def test_a_restart_from_a_checkpoint_knows_the_breaks_and_their_deadlines():
    floor = a_floor(ONE_AWAY, plans=(BreakPlan("west", "meal", 600, 700),))
    floor.tell(BreakAsked("amy", "break"), BreakAsked("bob", "break"), BreakAsked("cas", "meal"))
    second = Acd.restore(floor.acd.checkpoint())
    assert second.snapshot(floor.now) == floor.acd.snapshot(floor.now)
    assert second.next_deadline == floor.acd.next_deadline
    at = floor.now
    for hours in range(1, 4):
        later = at + timedelta(hours=hours)
        assert second.handle(TimePassed(), later) == floor.acd.handle(TimePassed(), later)
    assert second.checkpoint() == floor.acd.checkpoint()


def test_a_checkpoint_of_a_version_without_breaks_is_read():
    floor = a_floor()
    kept = floor.acd.checkpoint()
    del kept["supervision"], kept["rules"]["breaks"]
    for agent in kept["agents"]:
        del agent["queues_left"]
    second = Acd.restore(kept)
    second.handle(AgentNotReady("amy", "break"), floor.now)
    assert "break" not in second.snapshot(floor.now)["agents"][0]


def test_a_configuration_without_breaks_ends_them_and_leaves_the_agents_as_they_are():
    floor = a_floor(ONE_AWAY)
    floor.tell(BreakAsked("amy", "break"), BreakAsked("bob", "break"))
    floor.tell(ConfigChanged(tuple(QUEUES), tuple(PROFILES), Rules()))
    assert the_break(floor, "amy") is None and the_break(floor, "bob") is None
    assert (floor.state("amy"), floor.state("bob")) == ("not ready", "idle")
    floor.tell(BreakAsked("bob", "break"))
    assert floor.rows(Kind.IGNORED)[-1].detail["why"] == "no-breaks"


def test_a_test_call_during_a_break_does_not_end_it():
    from acd.engine.events import PhoneTestAsked, PhoneTested

    floor = a_floor()
    floor.tell(BreakAsked("amy", "break"), PhoneTestAsked("amy"))
    assert (the_break(floor, "amy") or {})["state"] == "on"
    floor.tell(PhoneTested("amy", "busy"))
    assert states(floor, "amy") == ["asked", "granted", "began"]


def test_whoever_gets_ready_in_a_test_call_gives_up_the_break_that_was_granted_in_it():
    from acd.engine.events import PhoneTestAsked, PhoneTested

    floor = a_floor()
    floor.tell(PhoneTestAsked("amy"), BreakAsked("amy", "break"))
    assert (the_break(floor, "amy") or {})["state"] == "granted"
    floor.tell(AgentReady("amy"))
    assert the_break(floor, "amy") is None and states(floor, "amy")[-1] == "withdrawn"
    floor.tell(PhoneTested("amy", "busy"))
    assert floor.state("amy") == "idle"


def test_who_leaves_a_queue_is_no_more_held_up_by_its_limit_and_frees_a_place():
    floor = a_floor(BreakLimit(1, queue="billing"))
    floor.tell(BreakAsked("amy", "break"), BreakAsked("cas", "break"), BreakAsked("bob", "break"))
    assert [floor.state(agent) for agent in ("amy", "cas", "bob")] == ["not ready", "idle", "idle"]
    floor.tell(QueueLeft("cas", "billing", "training"))
    assert floor.state("cas") == "not ready", "the limit counts them no more"
    floor.tell(QueueLeft("amy", "billing", "training"))
    assert floor.state("bob") == "not ready", "amy's place is free"


def test_a_supervisor_grants_beyond_the_limit_during_a_ring():
    floor = a_floor(BreakLimit(0))
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]
    floor.tell(BreakAsked("amy", "break"), BreakGranted("amy", "sue"))
    assert floor.state("amy") == "ringing"
    floor.talk("amy", "c1")
    assert floor.state("amy") == "not ready"
