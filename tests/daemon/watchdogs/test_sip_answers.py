"""Whether SIP answers: not before it has, not for one lost look, and an alarm where it never does."""

from acd.daemon.watchdogs.sip_answers import MISSES, SILENT_S, SipAnswers
from acd.engine.events import AlarmRaised, Event


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_sip_that_never_answers_is_down_from_the_start_and_an_alarm_once():
    clock, told = Clock(), list[Event]()
    sip = SipAnswers(told.append, clock)
    for _ in range(60):
        sip.looked("SIP gives no answer on port 5060")
        clock.now += 2
    assert not sip.up
    [alarm] = told
    assert isinstance(alarm, AlarmRaised) and alarm.name == "SIP does not answer" and "port 5060" in alarm.detail


def test_sip_that_comes_up_in_time_is_no_alarm_and_one_lost_look_changes_nothing():
    clock, told = Clock(), list[Event]()
    sip = SipAnswers(told.append, clock)
    verdicts = []
    for why in ("no answer", "", *["no answer"] * MISSES):
        sip.looked(why)
        verdicts.append(sip.up)
        clock.now = SILENT_S - 1
    assert verdicts == [False, True, *[True] * (MISSES - 1), False]
    clock.now += 10 * SILENT_S
    sip.looked("no answer")  # the watch over Asterisk acts on this
    sip.looked("")
    assert sip.up and told == []
