"""A mask over a call's recording: who may, when it ends, and where it lies in each leg's file."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from acd.engine.acd import Acd
from acd.engine.commands import Kind, MaskRecording
from acd.engine.events import (
    BridgeEnded,
    CallArrived,
    CallBridged,
    CallerHungUp,
    PbxFound,
    PbxLost,
    RecordingDeclined,
)
from acd.engine.listening.events import ListenerJoined
from acd.engine.masking.events import MaskAsked, MaskFailed
from acd.engine.pbx_report import FoundCall
from acd.engine.transfer_events import CallRetrieved, HoldAsked, RetrieveAsked, ThreeWayAsked, TransferCompleted
from acd.store.journal.legs import leg_ended_by
from tests.engine.support.floor import Floor
from tests.engine.test_consults import consulting, tell
from tests.engine.test_listening import listening
from tests.engine.test_transfers import cold, desks

ON, OFF = MaskAsked("c1", "amy", True), MaskAsked("c1", "amy", False)
UNMASK = MaskRecording("c1", masked=False)
THERE = FoundCall("c1", "talking", agent="amy", offer="c1-1")


def mask(for_s: float = 120.0, recorded: bool = True) -> MaskRecording:
    return MaskRecording("c1", masked=True, recorded=recorded, for_s=for_s)


def masked(after_s: float = 0.0, **rules: Any) -> Floor:
    """Amy talks with c1 for a minute; then the recording is masked, for so long by now."""
    floor = desks(**rules)
    assert tell(floor, ON) == [mask(rules["mask_limit"].total_seconds() if rules else 120.0)]
    floor.wait(seconds=after_s)
    return floor


def told(floor: Floor) -> list[dict[str, Any]]:
    return [dict(row.detail) for row in floor.rows(Kind.MASK)]


def spans(floor: Floor, kind: Kind = Kind.TALK_ENDED) -> list[list[tuple[float, float]]]:
    """Of each leg that has ended: where it is masked."""
    rows = [row.detail.get("spans", ()) for row in floor.rows(kind)]
    return [[(each["from_s"], each["to_s"]) for each in row if each["kind"] == "masked"] for row in rows]


def is_masked(floor: Floor) -> bool:
    return "masked_since" in floor.about_call("c1")


def _asked_off(floor: Floor) -> list[Any]:
    return tell(floor, OFF)


def _limit(floor: Floor) -> list[Any]:
    before = len(floor.commands)
    floor.wait(seconds=120)
    return [each for each in floor.commands[before:] if isinstance(each, MaskRecording)]


def _refused(floor: Floor) -> list[Any]:
    return tell(floor, MaskFailed("c1", "no-recorder"))


def _call_over(floor: Floor) -> list[Any]:
    return tell(floor, CallerHungUp("c1"))


@pytest.mark.parametrize(
    ("event", "deeds", "row", "lies"),
    [
        (_asked_off, [UNMASK], {"state": "ended", "why": "asked", "by": "amy", "masked_s": 5.0}, [(60.0, 65.0)]),
        (_limit, [UNMASK], {"state": "ended", "why": "limit", "masked_s": 120.0}, [(60.0, 180.0)]),
        (_refused, [UNMASK], {"state": "failed", "why": "no-recorder", "masked_s": 5.0}, []),
        (_call_over, [], {"state": "ended", "why": "call over", "masked_s": 5.0}, [(60.0, 65.0)]),
    ],
)
def test_a_mask_ends_when_asked_by_its_limit_when_asterisk_refuses_and_with_the_call(
    event: Callable[[Floor], list[Any]], deeds: list[Any], row: dict[str, Any], lies: list[tuple[float, float]]
):
    floor = masked(0 if event is _limit else 5)
    assert is_masked(floor)
    assert event(floor) == deeds
    assert told(floor) == [{"state": "began", "by": "amy", "limit_s": 120.0}, row]
    if event is not _call_over:
        assert not is_masked(floor)
        floor.wait(seconds=130)
        tell(floor, CallerHungUp("c1"))
    assert spans(floor) == [lies]
    assert len(told(floor)) == 2


def test_what_asterisk_refuses_is_shown_until_the_next_try():
    floor = masked()
    tell(floor, MaskFailed("c1", "no-recorder"))
    assert floor.about_call("c1")["mask_failed"] == "no-recorder"
    tell(floor, ON)
    assert "mask_failed" not in floor.about_call("c1")


@pytest.mark.parametrize(
    ("before", "event", "code"),
    [
        ([], OFF, "not-masked"),
        ([ON], ON, "masked-already"),
        ([], MaskAsked("c1", "bob", True), "not-yours"),
        ([], MaskAsked("c9", "amy", True), "no-such-call"),
        ([CallArrived("c2", "13800002222")], MaskAsked("c2", "", True), "not-talking"),
        ([PbxLost("gone")], ON, "no-link"),
        ([RecordingDeclined("c1")], ON, "not-recorded"),
    ],
)
def test_what_can_not_be_masked_is_refused_and_changes_nothing(before: list[Any], event: MaskAsked, code: str):
    floor = desks()
    tell(floor, *before)
    rows = len(told(floor))
    refused = floor.acd.refusal(event)
    assert refused is not None and refused.code == code
    assert [each for each in tell(floor, event) if isinstance(each, MaskRecording)] == []
    assert (len(told(floor)), floor.rows(Kind.IGNORED)[-1].detail["event"]) == (rows, "MaskAsked")


def test_a_supervisor_who_asks_is_named_in_the_rows():
    floor = desks()
    tell(floor, MaskAsked("c1", "amy", True, by="li"), MaskAsked("c1", "amy", False, by="wang"))
    assert [row["by"] for row in told(floor)] == ["li", "wang"]
    assert [row.agent for row in floor.rows(Kind.MASK)] == ["amy", "amy"]


def test_the_next_leg_of_a_masked_call_begins_masked_and_its_agent_may_end_it():
    floor = masked(10)
    tell(floor, cold("agent", "tom"))
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "transfer"))
    floor.answers("tom", "c1")
    assert is_masked(floor)
    floor.wait(seconds=7)
    assert tell(floor, MaskAsked("c1", "tom", False)) == [UNMASK]
    floor.wait(seconds=20)
    tell(floor, CallerHungUp("c1"))
    assert spans(floor) == [[(60.0, 70.0)], [(0.0, 7.0)]]


def test_a_consult_under_a_mask_is_masked_and_so_is_the_leg_after_it():
    floor = masked(5)
    consulting(floor, after_s=20)
    assert tell(floor, OFF) == [UNMASK]
    floor.wait(seconds=4)
    assert tell(floor, ON) == [mask()]
    floor.wait(seconds=6)
    tell(floor, TransferCompleted("c1"), CallBridged("tom", "c1", "c1-2"))
    tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))
    floor.wait(seconds=8)
    tell(floor, CallerHungUp("c1"))
    assert spans(floor, Kind.CONSULT_ENDED) == [[(0.0, 20.0), (24.0, 30.0)]]
    assert spans(floor) == [[(60.0, 65.0), (65.0, 65.0)], [(0.0, 8.0)]]
    consult = floor.rows(Kind.CONSULT_ENDED)[0]
    due = leg_ended_by(floor.now, consult)
    assert due is not None and [each["kind"] for each in due.spans] == ["masked", "masked"]


def test_what_three_say_under_a_mask_is_masked_in_the_first_agents_leg():
    floor = consulting(desks())
    tell(floor, ThreeWayAsked("c1"), CallRetrieved("c1", "amy"))
    floor.wait(seconds=10)
    tell(floor, ON)
    floor.wait(seconds=5)
    tell(floor, OFF)
    floor.wait(seconds=5)
    tell(floor, CallerHungUp("c1"))
    assert spans(floor) == [[(70.0, 75.0)]]
    assert spans(floor, Kind.CONSULT_ENDED) == [[]]


def test_a_hold_by_page_under_a_mask_is_not_in_the_file_and_not_in_the_span():
    floor = masked(5)
    tell(floor, HoldAsked("c1", "amy"))
    floor.wait(seconds=30)
    tell(floor, RetrieveAsked("c1", "amy"), CallRetrieved("c1", "amy"))
    floor.wait(seconds=4)
    tell(floor, OFF, CallerHungUp("c1"))
    assert spans(floor) == [[(60.0, 69.0)]]


def test_an_agent_who_leaves_the_caller_to_a_supervisor_ends_the_mask():
    floor, _ = listening("barge")
    tell(floor, ListenerJoined("ls-0123456789abcdef"), ON)
    floor.wait(seconds=5)
    assert UNMASK in tell(floor, BridgeEnded("amy", "c1", "c1-1", "agent"))
    assert told(floor)[-1] == {"state": "ended", "why": "agent left", "masked_s": 5.0}


def test_when_the_link_is_back_asterisk_is_told_again_for_what_is_left_of_the_time():
    floor = masked(20)
    tell(floor, PbxLost("gone"))
    floor.wait(seconds=10)
    assert mask(90.0) in tell(floor, PbxFound((THERE,)))
    tell(floor, PbxLost("gone"))
    floor.wait(seconds=100)
    assert is_masked(floor), "nobody could be told"
    assert UNMASK in tell(floor, PbxFound((THERE,)))
    assert told(floor)[-1] == {"state": "ended", "why": "limit", "masked_s": 130.0}


@pytest.mark.parametrize("consult", [False, True])
def test_an_engine_that_is_restored_goes_on_with_the_mask(consult: bool):
    floor = masked(5)
    if consult:
        consulting(floor)
        tell(floor, OFF, ON)
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    again = Acd.restore(kept)
    assert json.loads(json.dumps(again.checkpoint())) == kept
    floor.acd = again
    assert is_masked(floor)
    floor.wait(seconds=5)
    tell(floor, OFF, CallerHungUp("c1"))
    assert spans(floor) == [[(60.0, 65.0), (65.0, 65.0)] if consult else [(60.0, 70.0)]]


def test_the_limit_is_the_configurations():
    floor = masked(mask_limit=timedelta(seconds=30))
    floor.wait(seconds=31)
    assert [row["state"] for row in told(floor)] == ["began", "ended"]
