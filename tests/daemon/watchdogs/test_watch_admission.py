"""Refused calls are told by two alarms, whatever their number."""

from collections import Counter

from acd.config.capacity import Capacity
from acd.daemon.figures import arrival_figures
from acd.daemon.watchdogs.admission import QUIET_S, AdmissionWatch
from acd.engine.events import AlarmRaised, Event
from acd.pbx.channel_book import ChannelBook
from acd.pbx.events.arrivals import SHORT_OF, WHY
from acd.words.refused_calls import REASONS, why_not_taken, with_remedy


def test_a_flood_is_told_at_its_begin_and_when_it_is_over_and_then_again():
    refused, told = Counter[tuple[str, str]](), list[Event]()
    watch = AdmissionWatch(refused, told.append)
    watch.look(0.0)
    assert told == []
    refused["carrier", "house"] += 3
    watch.look(1.0)
    assert told == [AlarmRaised("calls refused", "3 refused over trunk carrier: the hotline was full (limits.calls)")]
    for second in range(2, 30):  # never so long without one that it would be over
        refused["carrier", "house" if second % 2 else "number"] += 1000 if second % 9 == 0 else 0
        refused["second", "trunk"] += second == 20
        watch.look(float(second))
    assert len(told) == 1
    watch.look(27.0 + QUIET_S)
    assert told[1:] == [
        AlarmRaised(
            "calls taken again",
            "after 27 s; 2003 refused over trunk carrier: the hotline was full (limits.calls); 1000 refused over trunk carrier: too many calls from "
            "one number at once (hotline.calls_per_number); 1 refused over trunk second: the trunk was full (trunks.second.calls)",
        )
    ]
    watch.look(100.0)
    refused["", "unknown"] += 1
    watch.look(101.0)
    assert told[2:] == [
        AlarmRaised(
            "calls refused", "1 refused: too many calls without a number at once (trunks.NAME.calls_without_number)"
        )
    ]


def test_a_daemon_that_starts_in_a_flood_tells_what_it_has_seen_itself():
    refused, told = Counter({("carrier", "house"): 500}), list[Event]()
    watch = AdmissionWatch(refused, told.append)
    watch.look(0.0)
    refused["carrier", "house"] += 1
    watch.look(1.0)
    assert [event.detail for event in told if isinstance(event, AlarmRaised)] == [
        "1 refused over trunk carrier: the hotline was full (limits.calls)"
    ]


def test_the_figures_add_up_the_trunks():
    book = ChannelBook()
    book.refused.update(
        {("a", "house"): 2, ("b", "house"): 3, ("a", "unknown"): 1, ("", "ports"): 4, ("a", "key"): 4, ("b", "key"): 1}
    )
    figures = {name: value for name, (_, value) in arrival_figures(book, Capacity(1000, 10)).items()}
    assert figures == {
        "calls_refused_house": 5, "calls_refused_trunk": 0, "calls_refused_number": 0, "calls_refused_unknown": 1,
        "calls_refused_menus": 0, "calls_refused_key": 5,
        "calls_refused_ports": 4, "calls_refused_files": 0, "calls_refused_calls": 0,
        "calls_limit": 430,
    }  # fmt: skip


def test_alarm_and_figures_say_the_same_of_every_reason():
    assert set(REASONS) == {*WHY, *SHORT_OF}
    figures = arrival_figures(ChannelBook(), Capacity(1000, 10))
    for code in REASONS:
        assert figures[f"calls_refused_{code}"][0] == f"Calls not taken: {why_not_taken(code)}"
        said = with_remedy(code, "carrier")
        assert said.startswith(f"{why_not_taken(code)} (") and "{" not in said and "NAME" not in said
        assert "{" not in with_remedy(code)


def test_the_house_takes_no_more_calls_than_find_ports_for_agent_and_consult():
    for ports in (9, 40, 100, 1000, 20_000):
        for agents in (0, 1, 10, 200, 1000):
            house = Capacity(ports, agents)
            assert house.calls >= 1
            if house.pairs >= 6:
                assert house.ports_needed <= ports, (ports, agents)
                assert Capacity(ports, agents, house.calls + 1).ports_needed > ports - 6, (
                    ports,
                    agents,
                )  # and few less
            assert house.last_wall > house.calls
    assert Capacity(1000, 10, 7).calls == 7
