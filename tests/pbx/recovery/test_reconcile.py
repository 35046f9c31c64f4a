"""The engine's floor against a list of channels: what differs, what is none of our business, and when it is mended."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from acd.daemon.watchdogs.call_drift import EVERY, CallsWatch
from acd.engine.events import AlarmRaised, Event
from acd.pbx.ami.connection import Message
from acd.pbx.channel_book import ChannelBook
from acd.pbx.link import Pbx
from acd.pbx.recovery.reconcile import (
    ANOTHER_TALKS,
    NO_BRIDGE,
    NO_CHANNEL,
    NOT_HELD,
    NOT_KNOWN,
    NOT_RINGING,
    RINGS,
    WAITS,
    Difference,
    differences,
    seen_calls,
)


def caller(number: int, bridge: str = "", context: str = "waiting") -> Message:
    return {
        "Channel": f"PJSIP/carrier-{number:08x}",
        "Uniqueid": f"1.{number}",
        "Linkedid": f"1.{number}",
        "Context": context,
        "BridgeId": bridge,
    }


def phone(agent: str, number: int, bridge: str = "") -> Message:
    return {
        "Channel": f"PJSIP/{agent}-{number:08x}",
        "Uniqueid": f"2.{number}",
        "Linkedid": f"1.{number}",
        "Context": "from-agents",
        "BridgeId": bridge,
    }


def call(number: int, stage: str, agent: str | None = None, **more: Any) -> dict[str, Any]:
    offer = f"c{number}-1" if agent else None
    return {"call": f"c{number}", "stage": stage, "agent": agent, "offer": offer, "virtual": False, **more}


CALLS = {f"1.{number}": f"c{number}" for number in range(1, 10)}


def found(calls: list[dict[str, Any]], rows: list[Message]) -> list[Difference]:
    return sorted(differences(calls, seen_calls(rows, CALLS)))


def test_a_floor_in_step_has_no_differences():
    calls = [call(1, "menu"), call(2, "waiting"), call(3, "offered", "1001"), call(4, "talking", "1002")]
    calls += [call(5, "after"), call(6, "waiting", virtual=True), call(7, "elsewhere")]
    rows = [caller(1, context="menu"), caller(2), caller(3), phone("1001", 3), caller(4, "b"), phone("1002", 4, "b")]
    assert found(calls, [*rows, caller(5), caller(7)]) == []


def test_a_call_without_channel_and_a_channel_without_call():
    assert found([call(1, "waiting")], [caller(2)]) == [Difference("c1", NO_CHANNEL), Difference("c2", NOT_KNOWN)]


def test_who_talks_here_and_there():
    assert found([call(1, "talking", "1001")], [caller(1)]) == [Difference("c1", NO_BRIDGE, "1001", "c1-1")]
    talks = [caller(1, "b"), phone("1002", 1, "b")]
    assert found([call(1, "talking", "1001")], talks) == [Difference("c1", ANOTHER_TALKS, "1002", "c1-1")]
    assert found([call(1, "waiting")], talks) == [Difference("c1", ANOTHER_TALKS, "1002")]


def test_a_caller_who_talks_with_no_agents_telephone_is_let_talk():
    assert found([call(1, "talking", "1001")], [caller(1, "b")]) == []


def test_a_consult_and_a_hold_are_no_differences_but_a_caller_who_is_back_is_one():
    held = call(1, "talking", "1001") | {"held": "consult", "held_by": "page"}
    consult = [phone("1001", 1, "k"), phone("1002", 1, "k")]
    assert found([held], [caller(1, context="hold"), *consult]) == []
    assert found([held], [caller(1, context="join"), *consult]) == []
    assert found([held], [caller(1), *consult]) == [Difference("c1", NO_BRIDGE, "1001", "c1-1")]
    back = [caller(1, "b", context="join"), phone("1001", 1, "b")]
    assert found([held], back) == [Difference("c1", NOT_HELD, "1001", "c1-1")]
    three = [caller(1, "b", context="conference"), phone("1001", 1, "b"), phone("1002", 1, "b")]
    assert found([held], three) == []
    assert found([call(1, "talking", "1001") | {"held": "three-way", "held_by": None}], three) == []
    # On hold here, and the engine has not heard of it.
    assert found([call(1, "talking", "1001")], [caller(1, context="hold")]) == [
        Difference("c1", NO_BRIDGE, "1001", "c1-1")
    ]


def test_who_waits_and_is_thought_to_be_in_the_menu():
    assert found([call(1, "menu")], [caller(1)]) == [Difference("c1", WAITS)]


def test_what_rings_here_and_there():
    assert found([call(1, "offered", "1001")], [caller(1)]) == [Difference("c1", NOT_RINGING, "1001", "c1-1")]
    assert found([call(1, "waiting")], [caller(1), phone("1001", 1)]) == [Difference("c1", RINGS, "1001")]


class Link:
    """What the watch needs of the link."""

    synced = True
    resyncs = 1
    ami = None

    def __init__(self) -> None:
        self.book = ChannelBook()
        self.asked_anew: list[str] = []

    def look_anew(self, reason: str, back_s: float) -> None:
        self.asked_anew.append(reason)
        self.resyncs += 1


class Watched:
    def __init__(self) -> None:
        self.link, self.told = Link(), list[Event]()
        self.calls: list[dict[str, Any]] = []
        self.watch = CallsWatch(cast(Pbx, self.link), self._snapshot, self.told.append)

    def _snapshot(self) -> Mapping[str, Any]:
        return {"calls": self.calls}

    async def lists(self, number: int, rows: Sequence[Message] = ()) -> None:
        for row in rows:
            if row["Uniqueid"] not in self.link.book.callers:
                self.link.book.add_caller(CALLS[row["Uniqueid"]], row["Uniqueid"], row["Channel"])
        for _ in range(number):
            await self.watch.heard(rows)


async def test_what_stands_in_two_looks_is_mended_once_and_named():
    house = Watched()
    house.calls = [call(1, "waiting")]
    await house.lists(EVERY)
    assert house.told == []
    await house.lists(1)
    (alarm,) = house.told
    assert isinstance(alarm, AlarmRaised)
    assert (alarm.name, alarm.detail, alarm.call) == ("out of step", "c1 has no channel", "c1")
    assert house.link.asked_anew == ["out of step: c1 has no channel"]
    assert house.watch.mended == 1
    # Beyond mending: it is not said again, and the floor is not held up for it again.
    await house.lists(4 * EVERY)
    assert len(house.link.asked_anew) == 1
    # Another trouble is.
    house.calls = [call(1, "waiting"), call(2, "waiting")]
    await house.lists(2 * EVERY)
    assert house.link.asked_anew[1:] == ["out of step: c2 has no channel"]


async def test_a_race_is_left_alone():
    house = Watched()
    house.calls = [call(1, "waiting")]
    await house.lists(EVERY)
    house.calls = []
    await house.lists(3 * EVERY)
    house.calls = [call(1, "waiting"), call(3, "offered", "1001")]
    await house.lists(EVERY, [caller(1), caller(3)])
    house.calls = [call(1, "waiting"), call(3, "offered", "1001", offer="c3-2")]
    await house.lists(1, [caller(1), caller(3)])
    assert house.told == []


async def test_after_a_resync_the_looks_begin_anew():
    house = Watched()
    house.calls = [call(1, "waiting")]
    await house.lists(EVERY)
    house.link.resyncs += 1
    await house.lists(1)
    assert house.told == []
