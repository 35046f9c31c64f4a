"""A supervisor that was killed is told by the daemon, which goes on without it."""

from acd.daemon.watchdogs.supervisor import GONE, SupervisorWatch
from acd.engine.alarm_events import AlarmCleared
from acd.engine.events import AlarmRaised, Event


def told_of(looks: list[int]) -> list[str]:
    """What is told when the looks find these dead supervisors; 0: one is there."""
    told: list[Event] = []
    rest = iter(looks)
    watch = SupervisorWatch(lambda: next(rest), told.append)
    for _ in looks:
        watch.look()
    assert all(isinstance(event, AlarmRaised | AlarmCleared) and event.name == GONE for event in told)
    return [type(event).__name__ for event in told]


def test_one_that_stays_away_is_told_once_and_its_successor_ends_the_alarm():
    assert told_of([0, 77, 77, 77, 77, 0, 0]) == ["AlarmRaised", "AlarmCleared"]
    assert told_of([77, 77, 0, 78, 78]) == ["AlarmRaised", "AlarmCleared", "AlarmRaised"]


def test_one_whom_systemd_has_started_again_before_the_second_look_is_not_told():
    assert told_of([0, 77, 0, 78, 0, 0]) == []
    assert told_of([77, 78, 79, 0]) == [], "three that fell at once, and one that stays"


def test_the_alarm_says_what_to_type_and_that_calls_go_on():
    told: list[Event] = []
    watch = SupervisorWatch(lambda: 4711, told.append)
    watch.look()
    watch.look()
    [alarm] = told
    assert isinstance(alarm, AlarmRaised)
    assert "process 4711 was killed. Calls go on" in alarm.detail and "./sanxiang up" in alarm.detail
