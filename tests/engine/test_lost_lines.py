"""A caller's line that nobody has hung up: neither a good talk nor a caller who gave up."""

import pytest

from acd.engine.commands import Ending, Kind
from acd.engine.events import (
    LINE_LOST,
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    CallQueued,
)
from acd.words import sentence
from tests.engine.support.floor import Floor, billing_floor

CAUSES = sorted(LINE_LOST)


def in_talk(floor: Floor, seconds: float = 60) -> None:
    floor.tell(CallArrived("c1", "13800001111", "95001"), CallQueued("c1", "billing"))
    what = ("amy", "c1", "c1-1")
    floor.tell(AgentDialled(*what), AgentRinging(*what), AgentAnswered(*what), CallBridged(*what))
    floor.wait(seconds=seconds)


def ending(floor: Floor) -> str:
    return str(floor.rows(Kind.ENDED)[-1].detail["ending"])


@pytest.mark.parametrize("cause", CAUSES)
def test_a_talk_whose_line_is_cut_is_lost_and_the_agent_wraps_up(cause: int):
    floor = billing_floor()
    in_talk(floor)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "line lost"), CallerHungUp("c1", cause))
    assert ending(floor) == Ending.LOST
    assert floor.rows(Kind.TALK_ENDED)[0].detail["by"] == "line lost"
    assert floor.state("amy") == "wrap-up"


@pytest.mark.parametrize("cause", CAUSES)
def test_the_hangup_alone_tells_it_too(cause: int):
    floor = billing_floor()
    in_talk(floor)
    floor.tell(CallerHungUp("c1", cause))
    assert ending(floor) == Ending.LOST
    assert floor.rows(Kind.TALK_ENDED)[0].detail["by"] == "line lost"


@pytest.mark.parametrize("cause", [0, 16, 17, 19, 21, 31, 127])
def test_a_caller_who_hangs_up_has_ended_the_talk(cause: int):
    floor = billing_floor()
    in_talk(floor)
    floor.tell(CallerHungUp("c1", cause))
    assert ending(floor) == Ending.ANSWERED
    assert floor.rows(Kind.TALK_ENDED)[0].detail["by"] == "caller"


@pytest.mark.parametrize("cause", CAUSES)
def test_who_waits_or_is_rung_for_or_is_in_the_menu_and_is_cut_has_not_given_up(cause: int):
    for steps in range(4):
        floor = billing_floor()
        events = (
            CallArrived("c1", "13800001111", "95001"),
            CallQueued("c1", "billing"),
            AgentDialled("amy", "c1", "c1-1"),
            AgentRinging("amy", "c1", "c1-1"),
        )
        floor.tell(*events[: steps + 1])
        floor.wait(seconds=0.5)
        floor.tell(CallerHungUp("c1", cause))
        assert ending(floor) == Ending.LOST, steps
        assert floor.state("amy") == "idle"


def test_an_agent_who_hung_up_first_has_ended_the_talk_whatever_becomes_of_the_line():
    floor = billing_floor()
    in_talk(floor)
    floor.tell(BridgeEnded("amy", "c1", "c1-1", "agent"), CallerHungUp("c1", 44))
    assert ending(floor) == Ending.ANSWERED


def test_the_reason_is_a_sentence_in_both_languages():
    detail = {"talk_s": 12.0, "by": "line lost", "hold_s": 0.0, "consult_s": 0.0}
    assert "loss of the caller's line" in sentence(Kind.TALK_ENDED, "1001", "orders", detail)
    assert "客户线路中断" in sentence(Kind.TALK_ENDED, "1001", "orders", detail, "zh")
