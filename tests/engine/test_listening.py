"""Supervisors who listen: where their channel belongs after each event, who may not, and what is left when it is over."""

import json

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import AttachListener, EndListener, HangUp, Kind, RingListener
from acd.engine.events import (
    AgentLoggedOut,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    PbxFound,
    PbxLost,
)
from acd.engine.listening.events import (
    ListenAsked,
    ListenEnded,
    ListenerAnswered,
    ListenerGone,
    ListenerJoined,
    ListenerLeft,
    ListenMode,
    ListenSwitched,
)
from acd.engine.pbx_report import FoundCall, FoundListener
from acd.engine.transfer_events import CallRetrieved, HoldAsked, RetrieveAsked, ThreeWayAsked, TransferCompleted
from acd.store.journal.legs import leg_ended_by
from tests.engine.support.floor import Floor
from tests.engine.test_consults import consulting, tell
from tests.engine.test_transfers import cold, desks

BOSS = "ls-0123456789abcdef"
CALLERS = AttachListener(BOSS, "c1", "caller")
BRIDGE = AttachListener(BOSS, "c1", "bridge", "", "c1-1")


def listening(mode: ListenMode = "listen", floor: Floor | None = None) -> tuple[Floor, list[object]]:
    """Amy talks with c1, and a supervisor has answered tom's telephone; what was wished for then."""
    floor = floor or desks()
    floor.tell(AgentLoggedOut("tom"))
    assert tell(floor, ListenAsked(BOSS, "c1", "li", "tom", mode)) == [
        RingListener(BOSS, "c1", "tom", "13800001111", "amy")
    ]
    return floor, tell(floor, ListenerAnswered(BOSS))


def told(floor: Floor) -> list[str]:
    return [row.detail["state"] for row in floor.rows(Kind.LISTENING)]


def test_listening_is_on_the_callers_channel_and_whispering_on_the_agents():
    floor, first = listening()
    assert first == [CALLERS]
    assert tell(floor, ListenSwitched(BOSS, "whisper", "li")) == [AttachListener(BOSS, "c1", "agent", "amy", "c1-1")]
    assert tell(floor, ListenSwitched(BOSS, "barge", "li")) == [BRIDGE]
    floor.wait(seconds=3)
    tell(floor, ListenEnded(BOSS, "li"))
    assert told(floor) == ["asked", "began", "switched", "switched", "ended"]
    assert floor.rows(Kind.LISTENING)[-1].detail["listened_s"] == 3.0
    assert floor.about_call("c1").get("listeners") is None


def test_a_whisper_follows_the_caller_to_the_next_agent():
    floor, _ = listening("whisper")
    handed = tell(floor, cold("agent", "bob"))
    assert handed[-1] == CALLERS
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "transfer"))
    floor.answers("bob", "c1")
    assert floor.commands[-1] == AttachListener(BOSS, "c1", "agent", "bob", "c1-2")


def test_who_has_joined_waits_while_the_caller_is_on_hold_and_is_back_with_the_talk():
    floor, first = listening("barge")
    assert first == [BRIDGE]
    tell(floor, ListenerJoined(BOSS))
    floor.wait(seconds=10)
    assert tell(floor, HoldAsked("c1", "amy"))[-1] == CALLERS
    tell(floor, ListenerLeft(BOSS))
    tell(floor, RetrieveAsked("c1", "amy"))
    assert tell(floor, CallRetrieved("c1", "amy")) == [BRIDGE]
    tell(floor, ListenerJoined(BOSS))
    floor.wait(seconds=5)
    tell(floor, CallerHungUp("c1"))
    ended = floor.rows(Kind.TALK_ENDED)[0].detail
    spans = [(span["kind"], span["lasted_s"], span.get("by")) for span in ended["spans"]]
    assert [span for span in spans if span[0] == "supervisor"] == [
        ("supervisor", 10.0, "li"),
        ("supervisor", 5.0, "li"),
    ]


def test_nobody_hears_a_caller_who_shows_who_they_are():
    floor, _ = listening()
    assert tell(floor, HoldAsked("c1", "amy", verify=True))[-1] == AttachListener(BOSS, "c1", "")
    tell(floor, RetrieveAsked("c1", "amy"))
    assert tell(floor, CallRetrieved("c1", "amy")) == [CALLERS]


def test_in_a_consult_a_listener_stays_with_the_caller_and_a_whisper_with_the_agent():
    floor, _ = listening("whisper")
    assert not [one for one in tell(floor, HoldAsked("c1", "amy")) if isinstance(one, AttachListener)]
    assert tell(floor, ListenSwitched(BOSS, "listen")) == [CALLERS]


def test_who_takes_over_keeps_the_caller_and_the_recording_ends_with_them():
    floor, _ = listening("take-over")
    floor.wait(seconds=5)
    assert tell(floor, ListenerJoined(BOSS)) == [HangUp("c1", "amy", "c1-1")]
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "transfer"))
    assert (floor.about_call("c1")["stage"], floor.state("amy")) == ("elsewhere", "idle")
    ended = floor.rows(Kind.TALK_ENDED)[0]
    assert (ended.detail["by"], ended.detail["goes_on"]) == ("supervisor", True)
    assert leg_ended_by(floor.now, ended) is None
    floor.wait(seconds=30)
    tell(floor, CallerHungUp("c1"))
    over = next(row for row in floor.rows(Kind.LISTENING) if row.detail["state"] == "leg over")
    leg = leg_ended_by(floor.now, over)
    assert leg is not None and (leg.offer, leg.agent, leg.expected_s) == ("c1-1", "amy", 95.0)
    assert floor.rows(Kind.ENDED)[0].detail["ending"] == "answered"


def test_an_agent_who_hangs_up_leaves_the_caller_to_the_supervisor_in_the_talk():
    floor, _ = listening("barge")
    tell(floor, ListenerJoined(BOSS))
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert floor.about_call("c1")["listeners"][0]["took_over"]
    tell(floor, ListenerGone(BOSS))
    assert floor.about_call("c1")["stage"] == "after"


def test_the_end_of_the_call_ends_a_listener_also_while_the_telephone_rings():
    floor = desks()
    floor.tell(AgentLoggedOut("tom"))
    tell(floor, ListenAsked(BOSS, "c1", "li", "tom"))
    assert tell(floor, CallerHungUp("c1"))[-1] == EndListener(BOSS)
    assert told(floor) == ["asked", "failed"]
    assert tell(floor, ListenerAnswered(BOSS)) == [EndListener(BOSS)]


@pytest.mark.parametrize("why", ["busy", "rejected", "no answer", "unreachable", "failed"])
def test_a_telephone_that_does_not_answer_is_told(why):
    floor = desks()
    floor.tell(AgentLoggedOut("tom"))
    tell(floor, ListenAsked(BOSS, "c1", "li", "tom"))
    tell(floor, ListenerGone(BOSS, why))
    assert floor.rows(Kind.LISTENING)[-1].detail["why"] == why


def test_a_telephone_of_whom_nothing_is_told_is_given_up():
    floor = desks()
    floor.tell(AgentLoggedOut("tom"))
    tell(floor, ListenAsked(BOSS, "c1", "li", "tom"))
    floor.wait(seconds=45)
    assert floor.rows(Kind.LISTENING)[-1].detail["why"] == "no answer"


def test_what_is_refused():
    floor, _ = listening()
    second = "ls-ffffffffffffffff"
    cases = {
        "no-such-call": ListenAsked(second, "c9", "wang", "tim"),
        "no-such-telephone": ListenAsked(second, "c1", "wang", "1090"),
        "talks-there": ListenAsked(second, "c1", "wang", "amy"),
        "listens-there": ListenAsked(second, "c1", "wang", "tom"),
        "telephone-ready": ListenAsked(second, "c1", "wang", "tim"),
    }
    for code, event in cases.items():
        refused = floor.acd.refusal(event)
        assert refused is not None and refused.code == code
    for number, telephone in enumerate(("bob", "tim")):
        floor.tell(AgentLoggedOut(telephone))
        floor.tell(ListenAsked(f"ls-{number:016}", "c1", "wang", telephone))
    assert len(floor.about_call("c1")["listeners"]) == 3
    refused = floor.acd.refusal(ListenSwitched("ls-9999999999999999", "barge"))
    assert refused is not None and refused.code == "not-listening"


@pytest.mark.parametrize("by_leaving", [True, False])
def test_in_a_talk_of_three_that_is_handed_over_each_leg_has_the_part_in_which_the_supervisor_was_in_it(by_leaving):
    floor = consulting(desks())
    tell(floor, ThreeWayAsked("c1"), CallRetrieved("c1", "amy"))
    floor.tell(AgentLoggedOut("bob"))
    tell(floor, ListenAsked(BOSS, "c1", "li", "bob", "barge"), ListenerAnswered(BOSS), ListenerJoined(BOSS))
    floor.wait(seconds=10)
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent") if by_leaving else TransferCompleted("c1"))
    # Asterisk tells in this order: the supervisor's channel has left the conference, the first agent's has ended.
    tell(floor, ListenerLeft(BOSS), CallBridged("tom", "c1", "c1-2"))
    if not by_leaving:
        tell(floor, BridgeEnded("amy", "c1", "c1-1", "transfer"))
    tell(floor, ListenerJoined(BOSS))
    floor.wait(seconds=7)
    tell(floor, CallerHungUp("c1"))
    found = {
        row.agent: [(span["kind"], span["lasted_s"]) for span in row.detail["spans"]]
        for row in floor.rows(Kind.TALK_ENDED)
    }
    assert found == {
        "amy": [("consult", 25.0), ("three-way", 10.0), ("supervisor", 10.0)],
        "tom": [("supervisor", 7.0)],
    }


def test_a_supervisor_in_the_talk_is_noted_once_in_a_leg_that_is_handed_over_though_its_end_is_told_late():
    floor, _ = listening("barge")
    tell(floor, ListenerJoined(BOSS))
    floor.wait(seconds=10)
    tell(floor, cold("agent", "bob"), ListenerLeft(BOSS))
    floor.answers("bob", "c1")
    tell(floor, ListenerJoined(BOSS))
    floor.wait(seconds=1)
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "transfer"))
    floor.wait(seconds=6)
    tell(floor, CallerHungUp("c1"))
    found = {row.agent: [span["lasted_s"] for span in row.detail["spans"]] for row in floor.rows(Kind.TALK_ENDED)}
    assert found == {"amy": [10.0], "bob": [7.0]}


def test_who_is_limited_to_teams_hears_a_call_no_longer_that_goes_to_another():
    floor = desks()
    floor.tell(AgentLoggedOut("tom"))
    tell(floor, ListenAsked(BOSS, "c1", "li", "tom", "listen", ("north",)))
    assert floor.rows(Kind.LISTENING)[-1].detail["why"] == "other team"  # amy is of no team


def test_after_a_restart_listeners_are_put_where_they_belong_and_lost_ones_are_over():
    floor, _ = listening("whisper")
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    assert Acd.restore(kept).checkpoint() == floor.acd.checkpoint()
    del kept["listeners"]
    assert Acd.restore(kept).checkpoint()["listeners"] == {"open": [], "verifying": []}  # of an earlier version
    talk = FoundCall("c1", "talking", agent="amy", offer="c1-1")
    tell(floor, PbxLost("restart"))
    wishes = tell(floor, PbxFound((talk,), listeners=(FoundListener(BOSS, up=True), FoundListener("ls-" + "a" * 16))))
    assert EndListener("ls-" + "a" * 16) in wishes
    assert wishes[-1] == AttachListener(BOSS, "c1", "agent", "amy", "c1-1")
    tell(floor, PbxLost("restart"))
    tell(floor, PbxFound((talk,)))
    assert floor.rows(Kind.LISTENING)[-1].detail["why"] == "lost"


def test_after_a_restart_whoever_is_in_the_bridge_is_not_moved():
    floor, _ = listening("barge")
    tell(floor, ListenerJoined(BOSS))
    tell(floor, PbxLost("restart"))
    talk = FoundCall("c1", "talking", agent="amy", offer="c1-1")
    wishes = tell(floor, PbxFound((talk,), listeners=(FoundListener(BOSS, up=True, bridged=True),)))
    assert not [one for one in wishes if isinstance(one, AttachListener)]
