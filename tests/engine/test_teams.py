"""The switches of teams: wrap-up of its own length, a disposition that must be given, and where its agents may hand callers over to."""

from datetime import timedelta
from typing import Any

import pytest

from acd.engine.acd import Acd
from acd.engine.calls.code_answers import answer
from acd.engine.events import AgentLoggedOut, AgentReady, CallerHungUp, CallQueued, ConfigChanged, WrapUpEnded
from acd.engine.model import AgentProfile, Queue, Rules, Team
from acd.engine.transfer_events import CardWritten, TransferDialled, TransferRequested
from tests.engine.support.floor import Floor

BILLING, REFUNDS = (("billing", 1),), (("refunds", 1),)


def floor_of(**switches: Any) -> Floor:
    """amy is of the team sales, with these switches; bob of support, without any; cat of no team, for refunds."""
    queues = [Queue("billing", BILLING, wrap_up=timedelta(seconds=30)), Queue("refunds", REFUNDS)]
    profiles = [
        AgentProfile("amy", "Amy", BILLING, team="sales"),
        AgentProfile("bob", "Bob", BILLING, team="support"),
        AgentProfile("cat", "Cat", REFUNDS),
    ]
    floor = Floor(
        queues, profiles, Rules(transfer_reasons={"1": "refund"}, teams=(Team("sales", **switches), Team("support")))
    )
    floor.staff()
    return floor


def to_class(floor: Floor, agent: str) -> str | None:
    found: str | None = floor.about_agent(agent)["to_class"]
    return found


def disposition(by: str = "amy", call: str = "c1") -> CardWritten:
    return CardWritten(call, by, "disposition", {"code": "solved", "text": ""})


def after_a_talk(floor: Floor) -> Floor:
    floor.tell(CallQueued("c1", "billing"))
    floor.talk("amy", "c1")
    return floor


@pytest.mark.parametrize(
    ("own", "lasts"), [(None, 30), (timedelta(seconds=5), 5), (timedelta(seconds=90), 90), (timedelta(0), 0)]
)
def test_wrap_up_is_as_long_as_the_team_says_else_as_the_queue(own: timedelta | None, lasts: int):
    floor = after_a_talk(floor_of(wrap_up=own))
    if lasts:
        floor.wait(seconds=lasts - 0.1)
        assert floor.state("amy") == "wrap-up"
        floor.wait(seconds=0.2)
    assert floor.state("amy") == "idle"


def test_another_teams_wrap_up_is_the_queues():
    floor = floor_of(wrap_up=timedelta(seconds=90))
    floor.tell(CallQueued("c0", "billing"), CallQueued("c1", "billing"))
    floor.talk("bob", "c1")
    floor.wait(seconds=30)
    assert floor.state("bob") == "idle"


def test_wrap_up_lasts_until_the_disposition_is_given():
    floor = after_a_talk(floor_of(forced_disposition=True))
    assert to_class(floor, "amy") == "c1"
    floor.wait(seconds=3600)
    assert floor.state("amy") == "wrap-up"
    floor.tell(WrapUpEnded("amy"))
    assert floor.state("amy") == "wrap-up", "the own button ends it without a disposition"
    for event in (WrapUpEnded("amy"), AgentReady("amy")):
        assert answer(event, floor.acd.handle(event, floor.now)) == "refused", (
            "who dials the code hears that nothing was done"
        )
    assert floor.state("amy") == "wrap-up"
    floor.tell(disposition())
    assert (floor.state("amy"), to_class(floor, "amy")) == ("idle", None)


def test_a_disposition_within_the_time_leaves_the_rest_of_it():
    floor = after_a_talk(floor_of(forced_disposition=True))
    floor.wait(seconds=10)
    floor.tell(disposition())
    assert floor.state("amy") == "wrap-up"
    floor.wait(seconds=20)
    assert floor.state("amy") == "idle"


def test_a_disposition_given_while_they_talk_counts():
    floor = floor_of(forced_disposition=True)
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.wait(seconds=60)
    floor.tell(disposition(), CallerHungUp("c1"))
    assert to_class(floor, "amy") is None
    floor.wait(seconds=30)
    assert floor.state("amy") == "idle"


@pytest.mark.parametrize(
    "event", [disposition(by="bob"), disposition(call="c9"), CardWritten("c1", "amy", "note", {"text": "x"})]
)
def test_what_is_no_disposition_of_this_agent_and_call_ends_nothing(event: CardWritten):
    floor = after_a_talk(floor_of(forced_disposition=True))
    floor.wait(seconds=60)
    floor.tell(event)
    assert floor.state("amy") == "wrap-up"


def test_a_supervisor_ends_it_and_so_does_the_end_of_the_shift():
    floor = after_a_talk(floor_of(forced_disposition=True))
    floor.wait(seconds=60)
    floor.tell(WrapUpEnded("amy", "chen"))
    assert floor.state("amy") == "idle"
    floor = after_a_talk(floor_of(forced_disposition=True))
    floor.tell(AgentLoggedOut("amy"))
    assert floor.state("amy") == "logged out"


def test_it_survives_a_restart_and_ends_when_the_team_asks_for_it_no_more():
    floor = after_a_talk(floor_of(forced_disposition=True))
    floor.wait(seconds=60)
    kept = floor.acd.checkpoint()
    floor.acd = Acd.restore(kept)
    assert (floor.state("amy"), to_class(floor, "amy")) == ("wrap-up", "c1")
    rules = Rules(transfer_reasons=floor.rules.transfer_reasons, teams=(Team("sales"), Team("support")))
    floor.tell(ConfigChanged(tuple(floor.queues), tuple(floor.profiles), rules))
    assert floor.state("amy") == "idle"


@pytest.mark.parametrize(
    ("places", "allowed"),
    [
        (None, {"agent:bob", "queue:refunds", "skill:refunds"}),
        ((), set()),
        (("queue:refunds",), {"queue:refunds"}),
        (("agent:bob",), {"agent:bob"}),
        (("team:support",), {"agent:bob"}),
        (("skill:refunds", "team:sales"), {"skill:refunds"}),
    ],
)
def test_a_caller_is_handed_over_where_the_team_may(places: tuple[str, ...] | None, allowed: set[str]):
    floor = floor_of(hand_over_to=places)
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    found = set()
    for target in ("agent:bob", "queue:refunds", "skill:refunds"):
        kind, _, to = target.partition(":")
        refusal = floor.acd.refusal(TransferRequested("c1", "amy", kind, to, "refund"))  # type: ignore[arg-type]
        if refusal is None:
            found.add(target)
        else:
            assert (refusal.code, refusal.words["team"]) == ("not-for-team", "sales")
            assert f"may not transfer to {kind} {to}. They may to: " in refusal.sentence
    assert found == allowed


def test_the_list_holds_for_the_telephones_own_keys_and_for_no_other_team():
    floor = floor_of(hand_over_to=("queue:refunds",))
    floor.tell(CallQueued("c1", "billing"))
    floor.answers("amy", "c1")
    floor.tell(TransferDialled("c1", "amy", "bob"))
    assert floor.state("bob") == "idle", "the telephone's own transfer went past the list"
    floor = floor_of(hand_over_to=())
    floor.tell(CallQueued("c0", "billing"), CallQueued("c1", "billing"))
    floor.answers("bob", "c1")
    assert floor.acd.refusal(TransferRequested("c1", "bob", "queue", "refunds", "refund")) is None
