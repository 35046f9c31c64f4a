"""Several hotlines in one engine: which brand a call is of, which agents may serve it, and what stays its own on the way."""

import json
from datetime import timedelta

import pytest

from acd.calls_out import CallsOut
from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted
from acd.engine.commands import CallBack, Kind
from acd.engine.events import AgentReady, BridgeEnded, CallArrived, CallerHungUp, CallQueued, ConfigChanged
from acd.engine.model import AgentProfile, Brand, Overflow, Queue, Rules
from acd.engine.operator_events import CallMoved
from acd.engine.transfer_events import TransferRequested
from acd.store.journal.codec import event_form, event_from, to_json
from tests.engine.support.floor import Dial, Floor, Ring, Sent

ACME, BOLT = "95100", "95200"


def brands(*, own: bool = True) -> tuple[Brand, ...]:
    return (
        Brand("acme", (ACME,), own, answer_within=timedelta(seconds=5)),
        Brand("bolt", (BOLT,)),
    )


def two_brands(*, own: bool = True, **rules: object) -> Floor:
    """Brand acme has its queue and amy; bob and cat serve whoever else calls. `own`: acme keeps to itself."""
    return Floor(
        [
            Queue("acme-sales", (("sales", 1),), wrap_up=timedelta(0), brand="acme"),
            Queue("bolt-sales", (("sales", 1),), wrap_up=timedelta(0), brand="bolt"),
            Queue("general", wrap_up=timedelta(0)),
        ],
        [
            AgentProfile("amy", "Amy", (("sales", 5),), kept_by=("acme",) if own else ()),
            AgentProfile("bob", "Bob", (("sales", 5),)),
            AgentProfile("cat", "Cat", (("sales", 5),)),
        ],
        Rules(brands=brands(own=own), transfer_reasons={"1": "refund"}, **rules),  # type: ignore[arg-type]
    )


def arrives(floor: Floor, call: str, number: str, queue: str, caller: str = "13800001111") -> list[object]:
    return list(floor.tell(CallArrived(call, caller, number), CallQueued(call, queue)))


def test_a_call_is_of_the_brand_whose_number_was_dialled():
    floor = two_brands()
    for call, number in (("c1", ACME), ("c2", BOLT), ("c3", "95000")):
        floor.tell(CallArrived(call, "13800001111", number))
    assert [floor.about_call(call).get("brand", "") for call in ("c1", "c2", "c3")] == ["acme", "bolt", ""]
    assert [row.detail.get("brand") for row in floor.rows(Kind.ARRIVED)] == ["acme", "bolt", None]


def test_a_brand_that_keeps_to_itself_is_served_by_its_own_agents_and_by_nobody_else():
    floor = two_brands()
    floor.staff("bob", "cat")
    assert arrives(floor, "c1", ACME, "acme-sales") == []
    assert floor.wait(seconds=60) == [], "bob and cat are idle and able, and not acme's"
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]
    assert floor.rows(Kind.OFFERED)[-1].detail["passed_over"] == {"of another brand": 2}


def test_an_agent_whom_a_brand_keeps_takes_no_call_of_another():
    floor = two_brands()
    floor.staff("amy")
    for call, number, queue in (("c1", BOLT, "bolt-sales"), ("c2", "95000", "general"), ("c3", BOLT, "acme-sales")):
        assert arrives(floor, call, number, queue) == [], queue
    assert floor.tell(AgentReady("bob")) == [Ring("bob", "c1")]


def test_agents_are_shared_where_no_brand_keeps_them():
    floor = two_brands(own=False)
    floor.staff("bob")
    assert arrives(floor, "c1", ACME, "acme-sales") == [Ring("bob", "c1")]


def test_the_staff_of_a_queue_is_that_of_its_brand():
    floor = two_brands()
    floor.staff("amy", "bob")
    staffed = {row["name"]: (row.get("brand", ""), row["staffed"]) for row in floor.acd.snapshot(floor.now)["queues"]}
    assert staffed == {"acme-sales": ("acme", 1), "bolt-sales": ("bolt", 1), "general": ("", 1)}


def talking(agent: str, number: str, queue: str) -> Floor:
    floor = two_brands()
    floor.staff("amy", "bob", "cat")
    arrives(floor, "c1", number, queue)
    floor.answers(agent, "c1")
    floor.wait(seconds=30)
    return floor


def refusal(floor: Floor, event: TransferRequested) -> str:
    refused = floor.acd.refusal(event)
    return refused.code if refused else ""


def test_a_caller_is_not_handed_over_out_of_a_brand_that_keeps_to_itself():
    floor = talking("amy", ACME, "acme-sales")
    for kind, to in (("agent", "bob"), ("queue", "general"), ("queue", "bolt-sales")):
        asked = TransferRequested("c1", "amy", kind, to, "refund")  # type: ignore[arg-type]
        assert refusal(floor, asked) == "other-brand", to
    # A skill has no brand: it means the brand's own agents who have it, and amy is the only one.
    assert floor.tell(TransferRequested("c1", "amy", "skill", "sales", "refund")) == [Sent("c1", "waiting")]
    rung = [deed for deed in floor.wait(seconds=30) if isinstance(deed, Ring)]
    assert {deed.agent for deed in rung} == {"amy"}, "nobody else is asked"


def test_a_caller_is_not_handed_over_into_a_brand_that_keeps_to_itself():
    floor = talking("bob", BOLT, "bolt-sales")
    for kind, to in (("agent", "amy"), ("queue", "acme-sales")):
        asked = TransferRequested("c1", "bob", kind, to, "refund")  # type: ignore[arg-type]
        assert refusal(floor, asked) == "other-brand", to
    assert refusal(floor, TransferRequested("c1", "bob", "agent", "cat", "refund")) == ""


def test_the_brand_stays_through_a_transfer():
    floor = talking("bob", BOLT, "bolt-sales")
    assert floor.tell(TransferRequested("c1", "bob", "queue", "general", "refund")) == [Ring("cat", "c1")]
    floor.tell(BridgeEnded("bob", "c1", "c1-1", "transfer"))
    floor.answers("cat", "c1")
    floor.wait(seconds=30)
    assert floor.about_call("c1")["brand"] == "bolt"
    floor.tell(CallerHungUp("c1"))
    assert [row.detail["brand"] for row in floor.rows(Kind.TALK_ENDED)] == ["bolt", "bolt"]


def test_an_operator_who_moves_a_call_does_not_take_it_out_of_its_brand():
    floor = two_brands()
    floor.staff("bob")
    arrives(floor, "c1", ACME, "acme-sales")
    assert floor.tell(CallMoved("c1", "general", "li")) == [], "bob stays out of acme's calls"
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]


def test_the_agent_who_served_a_caller_last_is_asked_first_only_within_the_brand():
    floor = two_brands(same_agent="last")
    floor.staff("bob")
    arrives(floor, "c1", BOLT, "bolt-sales")
    floor.talk("bob", "c1")
    floor.staff("amy")
    assert arrives(floor, "c2", ACME, "acme-sales") == [Ring("amy", "c2")]


def test_the_service_level_of_a_brand_is_held_against_its_own_target():
    floor = two_brands()
    for call, number, queue, agent in (("c1", ACME, "acme-sales", "amy"), ("c2", BOLT, "bolt-sales", "bob")):
        arrives(floor, call, number, queue, "1380000222" + call[-1])
        floor.wait(seconds=10)
        floor.tell(AgentReady(agent))
        floor.talk(agent, call)
    within = {row.call: row.detail["within_target"] for row in floor.rows(Kind.ENDED)}
    assert within == {"c1": False, "c2": True}, "10 s: acme promises 5, all others 15"


OFFER = Overflow("offer-callback", "promised", after=timedelta(seconds=10), within=timedelta(hours=1))
AFTERNOON = ((0, 6, 15 * 60, 18 * 60),)


def waits_for_callback(brand_hours: tuple[tuple[int, int, int, int], ...] | None) -> Floor:
    """09:00: a customer of acme has taken a callback. The hotline calls back at any time of the day."""
    floor = Floor(
        [Queue("acme-sales", wrap_up=timedelta(0), overflow=(OFFER,), brand="acme")],
        [AgentProfile("amy", kept_by=("acme",))],
        Rules(
            brands=(Brand("acme", (ACME,), own=True, callback_hours=brand_hours),),
            calls_out=CallsOut(kinds=("mobile",), hours=()),
        ),
    )
    arrives(floor, "c1", ACME, "acme-sales", "+8613800001111")
    floor.wait(seconds=10)
    floor.tell(CallbackAccepted("c1", "+8613800001111"), CallerHungUp("c1"))
    return floor


def test_a_callback_goes_out_with_the_number_that_was_dialled_and_keeps_its_brand():
    floor = waits_for_callback(None)
    assert floor.tell(AgentReady("amy")) == [Dial("c1", "+8613800001111", "amy")]
    assert floor.about_call("c1")["brand"] == "acme"
    assert [command.dialled for command in floor.commands if isinstance(command, CallBack)] == [ACME]


def test_a_brand_calls_its_customers_back_within_its_own_hours():
    floor = waits_for_callback(AFTERNOON)
    assert floor.tell(AgentReady("amy")) == []
    assert floor.story("c1")[-1] == "callback held back"
    floor.wait(seconds=6 * 3600 - 30)
    assert floor.wait(seconds=60) == [Dial("c1", "+8613800001111", "amy")]


def test_a_checkpoint_keeps_brands_calls_and_who_is_kept():
    floor = two_brands()
    floor.staff("bob")
    arrives(floor, "c1", ACME, "acme-sales")
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    floor.acd = Acd.restore(kept)
    assert json.loads(json.dumps(floor.acd.checkpoint())) == kept
    assert floor.about_call("c1")["brand"] == "acme"
    assert floor.tell(AgentReady("amy")) == [Ring("amy", "c1")]
    arrives(floor, "c2", ACME, "acme-sales", "13800002222")
    assert floor.about_call("c2")["brand"] == "acme", "the numbers of the brands are in the checkpoint"


def test_a_checkpoint_of_a_former_version_knows_no_brands():
    floor = two_brands(own=False)
    floor.staff("bob")
    arrives(floor, "c1", ACME, "acme-sales")
    kept = json.loads(json.dumps(floor.acd.checkpoint()))
    del kept["rules"]["brands"]
    for row in kept["queues"]:
        del row["brand"]
    for row in kept["agents"]:
        del row["kept_by"]
    for row in kept["calls"]:
        del row["brand"]
    again = Acd.restore(kept)
    assert [row.get("brand", "") for row in again.snapshot(floor.now)["calls"]] == [""]


def test_a_reload_tells_the_brands_by_the_journal_and_a_call_keeps_the_one_that_it_came_for():
    floor = two_brands()
    arrives(floor, "c1", ACME, "acme-sales")
    rules = Rules(brands=(Brand("bolt", (ACME, BOLT)),), transfer_reasons={"1": "refund"})
    profiles = tuple(AgentProfile(each.agent, each.name, each.skills) for each in floor.profiles)
    event = ConfigChanged(tuple(floor.queues), profiles, rules, 2, "li")
    assert event_from(json.loads(to_json(event_form(event)))) == event
    floor.tell(event)
    assert floor.about_call("c1")["brand"] == "acme"
    assert floor.tell(AgentReady("bob")) == [Ring("bob", "c1")], "nobody is kept any more"
    floor.tell(CallArrived("c2", "13800002222", ACME))
    assert floor.about_call("c2")["brand"] == "bolt"


@pytest.mark.parametrize(("number", "goes_on"), [(ACME, True), (BOLT, False), ("95000", False)])
def test_what_was_said_to_one_brand_before_the_line_dropped_is_not_carried_over_to_another(number: str, goes_on: bool):
    floor = two_brands(own=False, dropped_within=timedelta(minutes=10))
    floor.staff("amy")
    arrives(floor, "c1", ACME, "general")
    floor.answers("amy", "c1")
    floor.wait(seconds=20)
    floor.tell(CallerHungUp("c1", 41))
    floor.acd = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))
    arrives(floor, "c2", number, "general")
    assert ("continues" in floor.rows(Kind.QUEUED, call="c2")[0].detail) is goes_on


def test_todays_counts_of_each_brand_are_apart_and_those_of_no_brand_are_in_the_total_alone():
    floor = two_brands(own=False)
    floor.staff("amy")
    for call, number in (("c1", ACME), ("c2", BOLT), ("c3", "95000"), ("c4", ACME)):
        arrives(floor, call, number, "general")
        floor.talk("amy", call, seconds=20)
    floor.tell(CallArrived("c5", "13800001111", ACME))
    counts = floor.acd.snapshot(floor.now)["counts"]
    assert (counts["total"]["answered"], counts["total"]["arrived"]) == (4, 5)
    assert set(counts["brands"]) == {"acme", "bolt"}
    acme = counts["brands"]["acme"]
    assert (acme["total"]["answered"], acme["total"]["arrived"], acme["total"]["asked"]) == (2, 3, 2)
    assert acme["queues"]["general"]["answered"] == 2 and set(acme["queues"]) == {"general"}
    assert acme["total"]["talk_s"] == counts["total"]["talk_s"] / 2
    again = Acd.restore(json.loads(json.dumps(floor.acd.checkpoint())))
    assert again.snapshot(floor.now)["counts"] == counts
