"""What leaves the hotline: refused numbers, limits of calls out, hours of callbacks. The commands are counted as Asterisk would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.calls_out import CallsOut, no_callback
from acd.engine.acd import Acd
from acd.engine.callback_events import CallbackAccepted, CallbackAnswered, CallbackAsked, CallbackFailed, SelfCallAsked
from acd.engine.commands import CallBack, CallSelf, Consult, Kind, Log, SendTo
from acd.engine.events import CallArrived, CallerHungUp, CallQueued, ConfigChanged, Event, PbxFound, PbxLost
from acd.engine.model import Overflow, Queue, Rules
from acd.engine.pbx_report import MissedHangup
from acd.engine.routing.calls_out import up
from acd.engine.transfer_events import TransferRequested
from tests.engine.support.floor import Deed, Dial, Floor, Sent
from tests.support.examples import examples

ROW = Overflow("offer-callback", "promised", after=timedelta(seconds=10), within=timedelta(hours=1))
AWAY = Overflow("number", "the head office", after=timedelta(seconds=5), number="02166668888")
WALL = CallsOut(own=("95001",), numbers=("02166668888", "10086"))


class CountedFloor(Floor):
    """It notes when Asterisk was told to call whom outside."""

    def __init__(self, *what: Any) -> None:
        super().__init__(*what)
        self.out: list[tuple[datetime, CallBack | SendTo | Consult]] = []

    def tell(self, *events: Event) -> list[Deed]:
        before = len(self.commands)
        deeds = super().tell(*events)
        for command in self.commands[before:]:
            if isinstance(command, CallBack) or (isinstance(command, SendTo | Consult) and command.number):
                self.out.append((self.now, command))
        return deeds


def floor_of(wall: CallsOut = WALL, row: Overflow = ROW, **rules: Any) -> CountedFloor:
    """Amy talks to c0."""
    queue = Queue("billing", wrap_up=timedelta(0), overflow=(row,))
    floor = CountedFloor([queue], {"amy": ()}, Rules(calls_out=wall, transfer_numbers=("10086",), **rules))
    floor.staff("amy")
    floor.tell(CallQueued("c0", "billing"))
    floor.answers("amy", "c0")
    return floor


def waits(floor: Floor, call: str, caller: str) -> None:
    floor.tell(CallArrived(call, caller, "95001"), CallQueued(call, "billing"))


def takes(floor: Floor, call: str, caller: str, number: str = "") -> None:
    waits(floor, call, caller)
    floor.tell(CallbackAccepted(call, number or caller), CallerHungUp(call))


def states(floor: Floor, call: str) -> list[tuple[str, str]]:
    return [(row.detail["state"], row.detail.get("reason", "")) for row in floor.rows(Kind.CALLBACK, call=call)]


def alarms(floor: Floor) -> list[str]:
    return [row.detail["name"] for row in floor.rows(Kind.ALARM)]


def test_a_number_that_may_not_be_called_is_refused_with_an_alarm_and_the_caller_waits_on():
    for number in ("110", "+86110", "95001", "10086", "16812345", "+881612345678", "+447911123456", "0755119"):
        floor = floor_of()
        waits(floor, "c1", "13800001111")
        assert floor.tell(CallbackAccepted("c1", number)) == [Sent("c1", "no callback")], number
        assert states(floor, "c1") == [("refused", no_callback(WALL, number))]
        assert alarms(floor) == ["call out refused"]
        floor.tell(CallerHungUp("c1"))
        assert floor.talk("amy", "c0", 5) == []
        assert floor.rows(Kind.ENDED, call="c1")[0].detail["ending"] == "abandoned in queue"


def test_a_number_that_was_only_keyed_is_noted_and_alarmed_too():
    floor = floor_of()
    waits(floor, "c1", "13800001111")
    assert floor.acd.refusal(CallbackAsked("c1", "13900002222")) is None
    refused = floor.acd.refusal(CallbackAsked("c1", "0110"))
    assert refused is not None and refused.code == "emergency"
    floor.tell(CallbackAsked("c1", "0110"), CallbackAsked("c1", "13900002222"), CallbackAsked("c9", "110"))
    assert states(floor, "c1") == [("refused", "emergency")]
    assert alarms(floor) == ["call out refused"]


def test_alarms_of_one_kind_come_once_in_ten_minutes_and_say_how_often():
    floor = floor_of()
    waits(floor, "c1", "13800001111")
    for _ in range(20):
        floor.tell(CallbackAsked("c1", "110"))
    assert len(floor.rows(Kind.ALARM)) == 1
    floor.wait(seconds=601)
    floor.tell(CallbackAsked("c1", "110"))
    assert "19 times more" in floor.rows(Kind.ALARM)[1].detail["detail"]
    assert len(floor.rows(Kind.CALLBACK)) == 21, "each one is in the call's story"


def test_the_number_is_dialled_as_people_here_dial_it_whatever_was_keyed():
    floor = floor_of()
    takes(floor, "c1", "unknown", "008613900002222")
    assert floor.talk("amy", "c0", 5) == [Dial("c1", "+8613900002222", "amy")]


def test_one_number_has_one_open_callback_and_so_has_one_caller():
    floor = floor_of()
    takes(floor, "c1", "13800001111")
    takes(floor, "c2", "13800002222", "+8613800001111")
    assert states(floor, "c2") == [("refused", "callback-open")]
    takes(floor, "c3", "8613800001111", "13900003333")
    assert states(floor, "c3") == [("refused", "callback-open")], "the caller has one"
    assert alarms(floor) == ["limit of calls out"]
    floor.talk("amy", "c0", 5)
    floor.tell(CallbackAnswered("c1"))
    takes(floor, "c4", "13800004444", "13800001111")
    assert states(floor, "c4") == [("accepted", "")], "that one is fulfilled"


def test_who_has_an_open_callback_and_calls_again_is_offered_no_second():
    floor = floor_of()
    takes(floor, "c1", "13800001111")
    waits(floor, "c2", "+8613800001111")
    assert floor.wait(seconds=10) == []
    assert states(floor, "c2") == [("not offered", "callback-open")]
    waits(floor, "c3", "13800003333")
    assert floor.wait(seconds=10) == [Sent("c3", "callback")]


def test_a_queue_has_so_many_virtual_callers_and_offers_no_more():
    floor = floor_of(replace(WALL, waiting_per_queue=2))
    for call in (1, 2):
        takes(floor, f"c{call}", f"1380000111{call}")
    waits(floor, "c3", "13800001113")
    assert floor.wait(seconds=10) == []
    assert states(floor, "c3") == [("not offered", "queue-full")]
    assert alarms(floor) == ["limit of calls out"]
    assert floor.tell(CallbackAccepted("c3", "13800001113")) == [Sent("c3", "no callback")], "nor is one taken"


def dialled_at(floor: CountedFloor) -> list[tuple[float, str]]:
    """Every call out that Asterisk was told to make: when, in seconds, and where."""
    return [(at.timestamp(), command.number) for at, command in floor.out]


def test_more_than_so_many_an_hour_wait_for_the_next():
    floor = floor_of(replace(WALL, per_hour=2), callback_attempts=1)
    for call in (1, 2, 3):
        takes(floor, f"c{call}", f"1380000111{call}")
    floor.talk("amy", "c0", 5)
    for call in (1, 2):
        floor.tell(CallbackFailed(f"c{call}", "busy"))
    assert floor.state("amy") == "idle"
    assert states(floor, "c3") == [("accepted", ""), ("held back", "per-hour")]
    assert alarms(floor) == ["limit of calls out"]
    assert floor.wait(seconds=3594) == []
    assert floor.wait(seconds=60) == [Dial("c3", "+8613800001113", "amy")]


def test_more_than_so_many_at_a_time_wait_until_one_has_ended():
    rules = Rules(calls_out=replace(WALL, at_a_time=1))
    floor = CountedFloor([Queue("billing", wrap_up=timedelta(0))], {"amy": (), "bob": ()}, rules)
    floor.staff("amy", "bob")
    for talk, agent in (("a", "amy"), ("b", "bob")):
        floor.tell(CallQueued(talk, "billing"))
        floor.answers(agent, talk)
    for call in (1, 2):
        takes(floor, f"c{call}", f"1380000111{call}")
    assert floor.talk("amy", "a", 5) == [Dial("c1", "+8613800001111", "amy")]
    assert floor.talk("bob", "b", 5) == []
    assert states(floor, "c2")[-1] == ("held back", "at-a-time")
    floor.wait(seconds=20)
    assert len(states(floor, "c2")) == 2, "said once"
    floor.tell(CallbackFailed("c1", "busy"))
    floor.wait(seconds=5)
    assert [number for _, number in dialled_at(floor)] == ["+8613800001111", "+8613800001112"]


def test_a_held_callback_keeps_nobody_else_waiting():
    floor = floor_of(replace(WALL, hours=((0, 6, 0, 1),)))
    takes(floor, "c1", "13800001111")
    waits(floor, "c2", "13800002222")
    floor.wait(seconds=3)
    rung = floor.talk("amy", "c0", 5)
    assert [type(each).__name__ for each in rung] == ["Ring"], "the caller on the line, not the one of the night"


def test_one_number_is_called_so_often_a_day_and_no_oftener():
    floor = floor_of(replace(WALL, per_number=2), callback_attempts=9, callback_pause=timedelta(seconds=1))
    takes(floor, "c1", "13800001111")
    floor.talk("amy", "c0", 5)
    for _ in range(2):
        floor.tell(CallbackFailed("c1", "busy"))
        floor.wait(seconds=2)
    assert len(dialled_at(floor)) == 2
    assert states(floor, "c1")[-1] == ("held back", "per-number")


def test_a_row_that_sends_to_a_number_is_passed_over_where_no_call_may_leave():
    floor = floor_of(replace(WALL, per_day=1), AWAY)
    waits(floor, "c1", "13800001111")
    waits(floor, "c2", "13800002222")
    assert floor.wait(seconds=5) == [Sent("c1", "number", "02166668888")]
    assert floor.about_call("c2")["stage"] == "waiting"
    refused = [row.detail["refused"] for row in floor.rows(Kind.OVERFLOW, call="c2")]
    assert refused == ["per-day"]
    assert alarms(floor) == ["limit of calls out"]
    other = floor_of(replace(WALL, numbers=()), AWAY)
    waits(other, "c1", "13800001111")
    assert other.wait(seconds=5) == [], "nor to a number that the wall does not have, whatever the row says"
    assert alarms(other) == ["call out refused"]


def test_a_transfer_to_a_number_asks_the_wall_too():
    asked = TransferRequested("c0", "amy", "number", "10086", "by telephone")
    floor = floor_of(replace(WALL, numbers=()))
    refused = floor.acd.refusal(asked)
    assert refused is not None and refused.code == "not-allowed"
    floor.tell(asked)
    assert (dialled_at(floor), alarms(floor)) == ([], ["call out refused"])
    floor = floor_of(replace(WALL, per_day=1))
    assert floor.acd.refusal(asked) is None
    floor.tell(asked)
    assert [number for _, number in dialled_at(floor)] == ["10086"]
    floor.wait(seconds=3)
    waits(floor, "c1", "13800001111")
    floor.answers("amy", "c1")
    again = replace(asked, call="c1", warm=True)
    refused = floor.acd.refusal(again)
    assert refused is not None and (refused.code, refused.words) == ("calls-out-full", {"limit": "per-day"})


NIGHT = datetime(2026, 11, 28, 18, 11, tzinfo=UTC)
"""02:11 on a Sunday in China."""
HOURS = replace(WALL, hours=((0, 4, 480, 1200), (5, 6, 540, 1080)))


def test_a_callback_of_the_night_waits_for_the_morning():
    floor = floor_of(HOURS, utc_offset=timedelta(hours=8))
    floor.now = NIGHT
    takes(floor, "c1", "13800001111")
    waits(floor, "c2", "13800002222")
    assert floor.acd.callback_from("c2", floor.now) == datetime(2026, 11, 29, 1, 0, tzinfo=UTC), "today from 9"
    floor.tell(CallerHungUp("c2"))
    assert floor.talk("amy", "c0", 5) == []
    held = floor.rows(Kind.CALLBACK, call="c1")[-1].detail
    assert (held["state"], held["reason"], held["until"]) == ("held back", "hours", "2026-11-29T01:00:00+00:00")
    assert alarms(floor) == []
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.now = datetime(2026, 11, 29, 0, 59, 59, tzinfo=UTC)
    assert floor.wait(seconds=0) == []
    assert floor.wait(seconds=1) == [Dial("c1", "+8613800001111", "amy")]
    assert floor.acd.callback_from("c1", floor.now) is None


def test_new_hours_hold_for_who_waits_for_the_morning():
    floor = floor_of(HOURS, utc_offset=timedelta(hours=8))
    floor.now = NIGHT
    takes(floor, "c1", "13800001111")
    floor.talk("amy", "c0", 5)
    rules = replace(floor.rules, calls_out=WALL)
    assert floor.tell(ConfigChanged(tuple(floor.queues), tuple(floor.profiles), rules, 2)) == [
        Dial("c1", "+8613800001111", "amy")
    ]


def test_a_number_that_is_forbidden_since_is_given_up():
    floor = floor_of()
    takes(floor, "c1", "13800001111")
    rules = replace(floor.rules, calls_out=replace(WALL, never=("138",)))
    floor.tell(ConfigChanged(tuple(floor.queues), tuple(floor.profiles), rules, 2))
    assert floor.talk("amy", "c0", 5) == []
    assert states(floor, "c1")[-1] == ("given up", "never-dial")
    assert (alarms(floor), floor.state("amy")) == (["call out refused"], "idle")


def test_a_refused_number_that_was_accepted_while_nobody_listened_is_not_dialled_either():
    floor = floor_of()
    waits(floor, "c1", "13800001111")
    floor.tell(PbxLost("restart"))
    gone = MissedHangup("c1", 16, "13800001111", "95001", callback="110")
    floor.tell(PbxFound((), gone=(gone,)))
    assert states(floor, "c1") == [("refused", "emergency")]
    assert dialled_at(floor) == []


def test_the_count_survives_a_restart_and_is_that_of_any_24_hours():
    floor = floor_of(replace(WALL, per_day=1), callback_attempts=1)
    takes(floor, "c1", "13800001111")
    floor.talk("amy", "c0", 5)
    floor.tell(CallbackFailed("c1", "busy"))
    floor.acd = Acd.restore(floor.acd.checkpoint())
    floor.tell(CallQueued("c9", "billing"))
    floor.answers("amy", "c9")
    takes(floor, "c2", "13800002222")
    assert floor.talk("amy", "c9", 5) == []
    assert states(floor, "c2")[-1] == ("held back", "per-day")
    floor.wait(seconds=86400)
    assert [number for _, number in dialled_at(floor)] == ["+8613800001111", "+8613800002222"]


NUMBERS = [
    "13800001111",
    "+8613800001111",
    "13800002222",
    "02166667777",
    "110",
    "0755119",
    "95001",
    "+447911123456",
    "",
    "unknown",
]
STEPS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9), st.integers(0, 9)), min_size=10, max_size=60)


def play(floor: Floor, steps: list[tuple[int, int, int]], wall: CallsOut) -> int:
    """Anything that callers, customers, agents, time and restarts may do; returned: the most calls out that were up at once."""
    made, most = 0, 0
    for what, a, b in steps:
        calls = [call.call for call in floor.acd._state.calls.values()]
        one = calls[a % len(calls)] if calls else "none"
        agent = ("amy", "bob")[b % 2]
        talk = [call for call in floor.acd._state.calls.values() if call.stage == "talking" and call.offer is not None]
        todo: list[Event] = []
        if what <= 3:
            made += 1
            todo = [CallArrived(f"n{made}", NUMBERS[a], "95001"), CallQueued(f"n{made}", "billing")]
            if what:
                todo += [CallbackAccepted(f"n{made}", NUMBERS[b])] * what + [CallerHungUp(f"n{made}")]
        elif what == 4:
            todo = [CallbackAccepted(one, NUMBERS[b]), CallerHungUp(one)]
        elif what == 5:
            todo = [CallbackFailed(one, "busy")]
        elif what == 6:
            dialling = [call.call for call in floor.acd._state.calls.values() if call.dialling]
            todo += map(CallbackAnswered, dialling[:1])
        elif what == 7:
            todo = [CallerHungUp(one)]
        elif what == 8:
            floor.wait(seconds=(1, 6, 46, 301, 3600)[b % 5])
        elif what == 9 and talk:
            todo = [TransferRequested(talk[a % len(talk)].call, "", "number", "10086", "by telephone", warm=b % 2 == 0)]
        elif what == 10:
            floor.staff(agent)
        elif what == 11:
            floor.acd = Acd.restore(floor.acd.checkpoint())
        elif what == 12:
            todo = [PbxLost("cut"), PbxFound((), restarted=b % 2 == 0)]
        floor.tell(*todo)
        for each in list(floor.acd._state.calls.values()):
            if each.offer is not None and each.offer.bridged_at is None and not each.offer.reserved and b % 3 == 0:
                floor.answers(each.offer.agent.agent, each.call)
        most = max(most, up(floor.acd._state))
    return most


@given(STEPS, st.integers(1, 3), st.integers(1, 4), st.integers(1, 6), st.integers(1, 3))
@settings(
    max_examples=examples(400),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_no_sequence_of_events_makes_more_calls_out_than_the_limits(
    steps: list[tuple[int, int, int]], at_a_time: int, per_hour: int, per_day: int, per_number: int
):
    wall = replace(WALL, at_a_time=at_a_time, per_hour=per_hour, per_day=per_day, per_number=per_number)
    queue = Queue("billing", wrap_up=timedelta(0), overflow=(ROW, replace(AWAY, after=timedelta(seconds=40))))
    rules = Rules(calls_out=wall, transfer_numbers=("10086",), callback_pause=timedelta(seconds=2), callback_attempts=3)
    floor = CountedFloor([queue], {"amy": (), "bob": ()}, rules)
    floor.staff("amy", "bob")
    most = play(floor, steps, wall)
    legs = dialled_at(floor)
    assert most <= at_a_time
    for start, _ in legs:
        assert sum(start <= at < start + 3600 for at, _ in legs) <= per_hour
        assert sum(start <= at < start + 86400 for at, _ in legs) <= per_day
    back = [(at, command.number) for at, command in floor.out if isinstance(command, CallBack)]
    for at, number in back:
        assert no_callback(wall, number) == ""
        assert sum(number == other and at <= then < at + timedelta(days=1) for then, other in back) <= per_number
    assert {number for _, number in legs} - {number for _, number in back} <= set(wall.numbers)
    open_ones = [call.callback for call in floor.acd._state.calls.values() if call.callback and not call.called_back]
    assert len(open_ones) == len(set(open_ones))


def test_rules_of_a_version_without_the_wall_are_replayed_without_it():
    floor = Floor([Queue("billing")], {"amy": ()}, Rules())
    floor.staff("amy")
    takes(floor, "c1", "13800001111", "110")
    assert floor.rows(Kind.ALARM) == []
    assert isinstance(floor.rows(Kind.CALLBACK)[0], Log)


def test_the_hotlines_call_to_itself_counts_among_the_calls_out_and_is_no_call_of_a_queue():
    floor = floor_of(replace(WALL, per_hour=2, at_a_time=1))
    before = floor.acd.snapshot(floor.now)
    assert _asked_itself(floor) == [CallSelf("95001")]
    assert up(floor.acd._state) == 1
    assert _asked_itself(floor) == []  # It counts as up: at_a_time is 1.
    assert floor.acd.snapshot(floor.now)["calls"] == before["calls"]
    assert floor.acd.snapshot(floor.now)["counts"] == before["counts"]
    floor.wait(seconds=80)
    assert _asked_itself(floor) == [CallSelf("95001")]
    floor.wait(seconds=80)
    assert _asked_itself(floor) == []  # Two within the hour, and no more may be.
    alarms = [row.detail["detail"] for row in floor.rows(Kind.ALARM)]
    assert len(alarms) == 2 and "at_a_time" in alarms[0] and "per_hour" in alarms[1]
    again = Acd.restore(floor.acd.checkpoint())
    assert again._state.legs_out.at == floor.acd._state.legs_out.at
    assert again._state.legs_out.own_until == floor.acd._state.legs_out.own_until


def test_the_hotline_is_let_call_no_number_but_its_own():
    floor = floor_of()
    for number in ("02166668888", "10086", "110", "", "13900009999", "+8695001"):
        assert _asked_itself(floor, number) == [], number
    assert up(floor.acd._state) == 0 and not floor.acd._state.legs_out.at


def _asked_itself(floor: CountedFloor, number: str = "95001") -> list[CallSelf]:
    before = len(floor.commands)
    floor.tell(SelfCallAsked(number))
    return [command for command in floor.commands[before:] if isinstance(command, CallSelf)]
