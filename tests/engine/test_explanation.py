"""The whole of a decision: every agent, and why not he."""

import json

from acd.engine.acd import Acd
from acd.engine.commands import Kind
from acd.engine.events import AgentNotReady, CallQueued, OfferFailed, PhoneChanged
from acd.engine.model import AgentProfile, Queue
from tests.engine.support.floor import Floor


def floor_of_many() -> Floor:
    queues = [Queue("billing", (("billing", 3),), prefers=(("calm", 5),)), Queue("orders")]
    able = (("billing", 5),)
    profiles = [
        AgentProfile("amy", skills=(*able, ("calm", 9))),
        AgentProfile("bob", skills=able),
        AgentProfile("cat", skills=able),
        AgentProfile("dan", skills=(("billing", 1),)),
        AgentProfile("eve", skills=able, queues=("orders",)),
        AgentProfile("fay", skills=able),
        AgentProfile("gus", skills=able),
        AgentProfile("hal", skills=able),
    ]
    floor = Floor(queues, profiles)
    floor.staff("bob", "amy", "cat", "dan", "eve", "fay", "gus")
    floor.tell(AgentNotReady("fay", "meal"), PhoneChanged("gus", False))
    return floor


def test_every_agent_has_his_verdict():
    floor = floor_of_many()
    floor.acd.explain("c1")
    floor.tell(CallQueued("c0", "orders"), CallQueued("c1", "billing"))
    floor.tell(OfferFailed("amy", "c1", "c1-1", "rejected"))
    first, second = floor.acd.decisions
    assert (first["agent"], first["rule"], first["offer"]) == ("amy", "longest idle of the able", "c1-1")
    verdicts = {one["agent"]: one["verdict"] for one in first["agents"]}
    assert first["agents"][0]["agent"] == "amy"
    assert verdicts == {
        "amy": "chosen", "bob": "ringing", "cat": "less preferred skill", "dan": "lacks a skill",
        "eve": "takes no calls of this queue", "fay": "not ready", "gus": "unreachable", "hal": "logged out",
    }  # fmt: skip
    assert first["required"] == [{"queue": "billing", "skills": {"billing": 3}}]
    assert first["prefers"] == {"calm": 5}
    fay = next(one for one in first["agents"] if one["agent"] == "fay")
    assert fay["detail"]["reason"] == "meal"
    verdicts = {one["agent"]: one["verdict"] for one in second["agents"]}
    assert (second["agent"], verdicts["amy"]) == ("cat", "paused after sending it away")
    assert json.loads(json.dumps(floor.acd.decisions)) == floor.acd.decisions


def test_who_came_free_was_shared_with_the_others_who_waited():
    floor = Floor([Queue("billing"), Queue("orders")], {"amy": ()})
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    for call, queue in (("c1", "orders"), ("c2", "billing"), ("c3", "orders")):
        floor.wait(seconds=1)
        floor.tell(CallQueued(call, queue))
    floor.acd.explain("c1")
    floor.talk("amy", "c0", 1)
    floor.wait(seconds=30)
    (decision,) = floor.acd.decisions
    assert [caller["call"] for caller in decision["callers"]] == ["c2", "c3"]
    assert decision["rule"] == "first in line when the agent came free"


def test_the_log_keeps_the_sum_of_what_the_explanation_lists():
    floor = floor_of_many()
    floor.acd.explain("c1")
    floor.tell(CallQueued("c1", "billing"))
    (decision,) = floor.acd.decisions
    kept = floor.rows(Kind.OFFERED, call="c1")[0].detail["passed_over"]
    listed: dict[str, int] = {}
    for one in decision["agents"][1:]:
        listed[one["verdict"]] = listed.get(one["verdict"], 0) + 1
    listed["lacks a skill"] += listed.pop("takes no calls of this queue")
    assert kept == listed


def test_a_replay_from_a_checkpoint_explains_the_same():
    floor = floor_of_many()
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    again = Acd.restore(kept)
    for acd in (floor.acd, again):
        acd.explain("c1")
        acd.handle(CallQueued("c1", "billing"), floor.now)
    assert again.decisions == floor.acd.decisions
