"""What happened while nothing could be heard, written down afterwards from Asterisk's own book and variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.engine.commands import Kind
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, PbxFound, PbxLost
from acd.engine.pbx_report import FoundCall, MissedHangup, Place, Talk
from tests.engine.support.configurations import AGENTS
from tests.engine.support.floor import Floor, Ring, billing_floor
from tests.engine.support.generator import EventGenerator
from tests.engine.test_whole_stories import HOUSES, STORY, cases, everybody_leaves, observed_floor


def one(floor: Floor, kind: Kind, call: str) -> dict[str, object]:
    (row,) = floor.rows(kind, call=call)
    return dict(row.detail)


def deaf(floor: Floor, seconds: float) -> None:
    floor.tell(PbxLost("link cut"))
    floor.wait(seconds=seconds)


def test_a_talk_that_began_meanwhile_has_begun_when_it_did():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    deaf(floor, 10)
    talk = Talk("amy", "c1-1", began_s=8)
    floor.tell(PbxFound((FoundCall("c1", "talking", queue="billing", agent="amy", offer="c1-1", talk=talk),)))
    assert one(floor, Kind.CONNECTED, "c1")["wait_s"] == pytest.approx(2)
    assert one(floor, Kind.ANSWERED, "c1")["ring_s"] == pytest.approx(2)


def test_a_talk_that_began_and_ended_meanwhile_is_written_down_with_its_length():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    deaf(floor, 20)
    gone = MissedHangup("c1", 4, queue="billing", waiting_for_s=20, talk=Talk("amy", "c1-1", began_s=15, ended_s=5))
    floor.tell(PbxFound((), gone=(gone,)))
    assert one(floor, Kind.TALK_ENDED, "c1") == {"talk_s": pytest.approx(10), "by": "agent"}
    assert one(floor, Kind.ENDED, "c1")["ending"] == "answered"
    assert one(floor, Kind.ENDED, "c1")["wait_s"] == pytest.approx(5)


def test_who_hung_up_in_a_talk_ended_it_then_and_not_when_it_was_found_out():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    deaf(floor, 60)
    gone = MissedHangup("c1", 50, queue="billing", waiting_for_s=60, talk=Talk("amy", "c1-1", began_s=60))
    floor.tell(PbxFound((), gone=(gone,)))
    assert one(floor, Kind.TALK_ENDED, "c1") == {"talk_s": pytest.approx(10), "by": "caller"}


def test_who_came_and_went_meanwhile_has_his_rows():
    floor = billing_floor()
    deaf(floor, 60)
    alone = Talk("bob", "c2-f1", began_s=30, ended_s=10)
    found = PbxFound(
        (),
        gone=(
            MissedHangup("c1", 40, caller="13800001111", dialled="95001"),
            MissedHangup("c2", 9, queue="billing", waiting_for_s=45, talk=alone),
            MissedHangup("c3", 8, queue="billing", waiting_for_s=20),
            MissedHangup("c4", 7, served=True),
        ),
    )
    floor.tell(found)
    assert [one(floor, Kind.ENDED, call)["ending"] for call in ("c1", "c2", "c3", "c4")] == [
        *("abandoned in IVR", "answered", "abandoned in queue", "served by menu"),
    ]
    assert one(floor, Kind.ARRIVED, "c1") == {"caller": "13800001111", "dialled": "95001"}
    (offered,) = floor.rows(Kind.OFFERED, call="c2")
    assert (offered.agent, offered.offer) == ("bob", "c2-f1")
    assert one(floor, Kind.ENDED, "c3")["wait_s"] == pytest.approx(12)


def test_whose_end_was_heard_has_no_second_one():
    floor = billing_floor()
    floor.tell(CallArrived("c1", "13800001111"))
    floor.tell(CallerHungUp("c1"))
    deaf(floor, 5)
    floor.tell(PbxFound((), gone=(MissedHangup("c1", 6),)))
    assert one(floor, Kind.ENDED, "c1")["ending"] == "abandoned in IVR"


def test_who_is_in_the_goodbye_has_been_served_by_the_talk_before_it():
    floor = billing_floor()
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    deaf(floor, 20)
    talk = Talk("amy", "c1-1", began_s=15, ended_s=5)
    floor.tell(PbxFound((FoundCall("c1", "after", queue="billing", waiting_for_s=20, talk=talk),)))
    assert one(floor, Kind.TALK_ENDED, "c1") == {"talk_s": pytest.approx(10), "by": "agent"}
    floor.tell(CallerHungUp("c1"))
    assert one(floor, Kind.ENDED, "c1")["ending"] == "answered"


def test_the_agent_of_such_a_talk_is_free_again_for_the_next_in_line():
    floor = billing_floor("amy", wrap_up_s=0)
    floor.tell(CallQueued("c1", "billing"))
    floor.rings("amy", "c1")
    floor.tell(CallQueued("c2", "billing"))
    deaf(floor, 20)
    gone = MissedHangup("c1", 4, queue="billing", waiting_for_s=20, talk=Talk("amy", "c1-1", began_s=15, ended_s=5))
    there = FoundCall("c2", "waiting", queue="billing", waiting_for_s=20)
    assert floor.tell(PbxFound((there,), gone=(gone,))) == [Ring("amy", "c2")]


UNHEARD = st.lists(
    st.tuples(
        st.integers(0, 12),  # which call: one of the floor's, or one that nobody knows
        st.booleans(),  # gone, or in the goodbye
        st.sampled_from(["", "its own", "f1", "1", "9"]),  # what talk its line tells of
        st.sampled_from([*AGENTS, "7777"]),
        st.floats(0, 60),
        st.floats(0, 60),
    ),
    max_size=6,
)


@given(STORY, UNHEARD, STORY, HOUSES)
@cases(600)
def test_whatever_happened_unheard_the_floor_stays_in_order(before, unheard, after, number):
    floor, books = observed_floor(number)
    world = EventGenerator(floor)
    for step in before:
        world.step(step)
    floor.tell(PbxLost("deaf"))
    floor.wait(seconds=60)
    there = {row["call"]: row for row in floor.acd.snapshot(floor.now)["calls"]}
    gone: dict[str, MissedHangup] = {}
    found: dict[str, FoundCall] = {}
    for index, has_gone, how, agent, began_s, ended_s in unheard:
        call = [*there][index] if index < len(there) else f"u{index}"
        offer = (there.get(call) or {"offer": None})["offer"] if how == "its own" else f"{call}-{how}"
        talk = Talk(agent, offer, max(began_s, ended_s), min(began_s, ended_s)) if how and offer else None
        asked_s = 0.0 if talk is None and index % 2 else 60.0
        if has_gone:
            gone[call] = MissedHangup(call, min(began_s, ended_s), queue="orders", waiting_for_s=asked_s, talk=talk)
        else:
            found[call] = FoundCall(call, "after", queue="orders", waiting_for_s=asked_s, talk=talk)
    for call, row in there.items():
        if call not in gone and call not in found:
            place: Place = "menu" if row["asked_at"] is None else "waiting"
            found[call] = FoundCall(call, place, queue=row["queue"], waiting_for_s=row["waited_s"])
    floor.tell(PbxFound(tuple(found.values()), gone=tuple(gone.values())))
    on_the_line = {name for name, call in floor.acd._state.calls.items() if not call.virtual}
    assert not (set(gone) - set(found)) & on_the_line
    for step in after:
        world.step(step)
    everybody_leaves(floor)
    books.close(floor.now)
    assert books.arrived == books.ended
