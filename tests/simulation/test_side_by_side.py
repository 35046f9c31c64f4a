"""The same day under app_queue's rules and ours: the same callers, and each rule of app_queue as its books say."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from acd.engine.commands import Kind, Log, Offer
from acd.engine.events import AgentReady, CallBridged, CallerHungUp, CallQueued, Event, TimePassed
from acd.engine.model import Queue
from acd.simulation.world import World
from tests.bench.app_queue import AppQueue, Strategy
from tests.bench.rules import DAYS, RULES, plan

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUEUES = [Queue(name, wrap_up=timedelta(seconds=20)) for name in ("orders", "repairs")]


class Peer:
    """app_queue, a clock that only the test moves, and the offers it made."""

    def __init__(self, members: dict[str, dict[str, int]], strategy: Strategy = "rrmemory", **more: Any) -> None:
        self.engine = AppQueue(QUEUES, members, strategy, **more)
        self.at = 0.0
        for agent in members:
            self.tell(0, AgentReady(agent))

    def tell(self, at: float, event: Event) -> list[tuple[str, str]]:
        """Agent and call of each ring up to and with this second."""
        rings = []
        until = NINE + timedelta(seconds=at)
        while (due := self.engine.next_deadline) is not None and due < until:
            rings += self._rings(TimePassed(), due)
        return rings + self._rings(event, until)

    def _rings(self, event: Event, when: datetime) -> list[tuple[str, str]]:
        return [(each.agent, each.call) for each in self.engine.handle(event, when) if isinstance(each, Offer)]

    def talks(self, at: float, agent: str, call: str) -> list[tuple[str, str]]:
        return self.tell(at, CallBridged(agent, call, f"{call}-1"))


def test_a_caller_looks_again_every_second_at_his_own_phase():
    peer = Peer({"amy": {"orders": 0}})
    assert peer.tell(1.0, CallQueued("c1", "orders")) == [("amy", "c1")]
    peer.talks(1.0, "amy", "c1")
    assert peer.tell(10.3, CallQueued("c2", "orders")) == []
    peer.tell(30.0, CallerHungUp("c1"))  # her wrap-up is over at 50.0
    assert peer.tell(50.29, TimePassed()) == []
    assert peer.tell(50.31, TimePassed()) == [("amy", "c2")]


def test_after_a_ring_in_vain_the_caller_waits_retry_seconds():
    peer = Peer({"amy": {"orders": 0}, "bob": {"orders": 1}})
    assert peer.tell(0.5, CallQueued("c1", "orders")) == [("amy", "c1")]
    assert peer.tell(20.4, TimePassed()) == []  # it rang out at 15.5
    assert peer.tell(20.6, TimePassed()) == [("amy", "c1")]  # the lowest penalty again, whoever missed it


def test_autopause_asks_somebody_else():
    peer = Peer({"amy": {"orders": 0}, "bob": {"orders": 1}}, autopause=True)
    assert peer.tell(0.5, CallQueued("c1", "orders")) == [("amy", "c1")]
    assert peer.tell(20.6, TimePassed()) == [("bob", "c1")]


def test_no_order_among_queues():
    peer = Peer({"amy": {"orders": 0, "repairs": 0}})
    peer.tell(1, CallQueued("c1", "orders"))
    peer.talks(1, "amy", "c1")
    peer.tell(5.9, CallQueued("first", "orders"))
    peer.tell(30.2, CallQueued("second", "repairs"))
    peer.tell(40, CallerHungUp("c1"))
    assert peer.tell(61, TimePassed())[0] == ("amy", "second")  # he looked at 60.2, the first comer at 60.9


def test_weight_sends_a_shared_member_to_the_heavier_queue():
    peer = Peer({"amy": {"orders": 0, "repairs": 0}}, weights={"orders": 5})
    peer.tell(1, CallQueued("c1", "orders"))
    peer.talks(1, "amy", "c1")
    peer.tell(5.9, CallQueued("first", "orders"))
    peer.tell(30.2, CallQueued("second", "repairs"))
    peer.tell(40, CallerHungUp("c1"))
    assert peer.tell(61, TimePassed())[0] == ("amy", "first")


def test_strategies_ask_whom_they_say():
    members = {"amy": {"orders": 0}, "bob": {"orders": 0}, "cyd": {"orders": 1}}
    for strategy, third in (("rrmemory", "amy"), ("leastrecent", "bob"), ("fewestcalls", "amy")):
        peer = Peer(members, strategy)  # type: ignore[arg-type]
        assert peer.tell(1, CallQueued("c1", "orders")) == [("amy", "c1")]
        peer.talks(1, "amy", "c1")
        assert peer.tell(2, CallQueued("c2", "orders")) == [("bob", "c2")]
        peer.talks(2, "bob", "c2")
        peer.tell(3, CallerHungUp("c2"))
        peer.tell(9, CallerHungUp("c1"))
        assert peer.tell(60, CallQueued("c3", "orders")) == [(third, "c3")], strategy
        peer.talks(60, third, "c3")
        other = "bob" if third == "amy" else "amy"
        assert peer.tell(61, CallQueued("c4", "orders")) == [(other, "c4")]
        peer.talks(61, other, "c4")
        assert peer.tell(62, CallQueued("c5", "orders")) == [("cyd", "c5")]  # a higher penalty when nobody else is free


def keep(log: list[Log]) -> Callable[[datetime, Log], None]:
    return lambda _, row: log.append(row)


def test_all_rules_meet_the_same_callers_and_lose_none():
    came: set[tuple[str, ...]] = set()
    for name, (make, _) in RULES.items():
        log: list[Log] = []
        world = World(make(), plan(1, DAYS["heavy"] / 8), "1", keep(log))
        world.run()
        asked = [row.call for row in log if row.kind is Kind.QUEUED]
        ended = Counter(row.call for row in log if row.kind is Kind.ENDED)
        assert sorted(ended) == sorted(asked) and set(ended.values()) == {1}, name
        assert not world.visits
        came.add(tuple(asked))
    assert len(came) == 1 and len(came.pop()) > 800
    assert all(to in RULES for _, to in RULES.values() if to)
