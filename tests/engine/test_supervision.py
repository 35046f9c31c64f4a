"""Messages to agents, raised hands, and queues that an agent leaves for a while."""

from datetime import timedelta
from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import AgentLoggedOut, AgentReady, CallerHungUp, CallQueued
from acd.engine.model import AgentProfile, Queue, Rules
from acd.engine.operator_events import AgentMoved
from acd.engine.supervision.book import ENDED_KEPT, MOST_MESSAGES
from acd.engine.supervision.events import (
    AgentsMessaged,
    HelpAsked,
    HelpEnded,
    MessageSeen,
    MessageWithdrawn,
    QueueJoined,
    QueueLeft,
)
from tests.engine.support.floor import Floor, Ring

QUEUES = [Queue("billing", wrap_up=timedelta(0)), Queue("orders", wrap_up=timedelta(0))]
PROFILES = [AgentProfile("amy", "Amy", team="east"), AgentProfile("bob", "Bob", team="west")]


def a_floor() -> Floor:
    return Floor(QUEUES, PROFILES, Rules())


def read(floor: Floor, agent: str) -> list[dict[str, Any]]:
    desk = floor.acd.at_desk(agent, floor.now)
    return desk["messages"] if desk else []


def message(floor: Floor, name: str = "m1", minutes: int = 30, **to: tuple[str, ...]) -> AgentsMessaged:
    return AgentsMessaged(name, "The invoices are wrong.", floor.now + timedelta(minutes=minutes), "sue", **to)


def why_ignored(floor: Floor) -> str:
    return str(floor.rows(Kind.IGNORED)[-1].detail["why"])


def test_a_message_to_a_team_is_shown_to_it_alone_and_to_who_logs_in_later_until_its_end():
    floor = a_floor()
    floor.tell(message(floor, teams=("east",)))
    floor.tell(AgentReady("amy"))
    assert [one["text"] for one in read(floor, "amy")] == ["The invoices are wrong."] and read(floor, "bob") == []
    floor.wait(seconds=1800)
    assert read(floor, "amy") == []
    assert floor.rows(Kind.AGENT_MESSAGE)[-1].detail["state"] == "ended"


def test_who_has_acknowledged_is_known_and_once_only():
    floor = a_floor()
    floor.staff()
    floor.tell(message(floor), MessageSeen("m1", "amy"))
    floor.tell(MessageSeen("m1", "amy"))
    assert why_ignored(floor) == "the message is over, or acknowledged"
    told = floor.acd.agent_messages()[0]
    assert [(row["agent"], row["seen_at"] is not None) for row in told["to"]] == [("amy", True), ("bob", False)]
    floor.tell(message(floor, "m2", agents=("amy",)), MessageSeen("m2", "bob"))
    assert why_ignored(floor) == "no such message for this agent"


def test_a_message_is_withdrawn_and_messages_have_a_bound():
    floor = a_floor()
    for number in range(MOST_MESSAGES):
        floor.tell(message(floor, f"m{number}"))
    assert floor.acd.refusal(message(floor, "one more")) is not None
    floor.tell(message(floor, "one more"))
    assert why_ignored(floor) == "too-many-messages"
    for number in range(MOST_MESSAGES):
        floor.tell(MessageWithdrawn(f"m{number}", "sue"))
    assert read(floor, "amy") == [] and len(floor.acd.agent_messages()) == ENDED_KEPT


def test_a_raised_hand_is_down_when_the_call_is_over():
    floor = a_floor()
    floor.staff("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(HelpAsked("amy", "angry caller"))
    assert floor.about_agent("amy")["hand"]["note"] == "angry caller"
    floor.tell(CallerHungUp("c1"))
    assert "hand" not in floor.about_agent("amy")
    assert floor.rows(Kind.HELP)[-1].detail["how"] == "call over"


def test_a_supervisor_lowers_the_hand():
    floor = a_floor()
    floor.staff("amy")
    floor.tell(HelpAsked("amy"), HelpAsked("amy"), HelpEnded("amy", "sue"))
    assert "hand" not in floor.about_agent("amy") and floor.rows(Kind.HELP)[-1].detail["by"] == "sue"


def test_an_agent_who_has_left_a_queue_gets_calls_of_the_others_alone():
    floor = a_floor()
    floor.staff("amy")
    floor.tell(QueueLeft("amy", "billing", "training"))
    assert floor.about_agent("amy")["queues_left"] == {"billing": "training"}
    assert floor.tell(CallQueued("c1", "billing")) == []
    assert floor.tell(CallQueued("c2", "orders")) == [Ring("amy", "c2")]
    floor.talk("amy", "c2")
    assert floor.tell(QueueJoined("amy", "billing")) == [Ring("amy", "c1")]


def test_a_talk_of_the_queue_goes_on_and_a_move_keeps_what_was_left():
    floor = a_floor()
    floor.staff("amy")
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(QueueLeft("amy", "billing", "training"), AgentMoved("amy", ("billing", "orders"), "sue"))
    assert floor.state("amy") == "talking"
    floor.tell(CallerHungUp("c1"))
    assert floor.tell(CallQueued("c2", "billing")) == []


def test_logging_out_ends_it_and_a_queue_without_its_last_agent_is_unstaffed():
    floor = a_floor()
    floor.staff("amy")
    floor.tell(QueueLeft("amy", "billing", "training"))
    staffed = {row["name"]: row["staffed"] for row in floor.acd.snapshot(floor.now)["queues"]}
    assert staffed == {"billing": 0, "orders": 1}
    floor.tell(AgentLoggedOut("amy"), AgentReady("amy"))
    assert "queues_left" not in floor.about_agent("amy")
    assert floor.tell(CallQueued("c1", "billing")) == [Ring("amy", "c1")]


def test_what_can_not_be_left_is_refused_with_a_reason():
    floor = a_floor()
    assert floor.acd.refusal(QueueLeft("amy", "billing", "training")).code == "not-logged-in"  # type: ignore[union-attr]
    floor.staff("amy")
    assert floor.acd.refusal(QueueLeft("amy", "nowhere", "training")).code == "unknown-queue"  # type: ignore[union-attr]
    assert floor.acd.refusal(QueueJoined("amy", "billing")).code == "not-left"  # type: ignore[union-attr]


def test_a_restart_from_a_checkpoint_knows_all_of_it():
    floor = a_floor()
    floor.staff()
    floor.tell(message(floor), MessageSeen("m1", "bob"), HelpAsked("bob", "x"), QueueLeft("amy", "billing", "training"))
    second = Acd.restore(floor.acd.checkpoint())
    assert second.snapshot(floor.now) == floor.acd.snapshot(floor.now)
    assert second.agent_messages() == floor.acd.agent_messages()
    assert second.handle(CallQueued("c1", "billing"), floor.now) == floor.acd.handle(
        CallQueued("c1", "billing"), floor.now
    )
    assert second.checkpoint() == floor.acd.checkpoint()
