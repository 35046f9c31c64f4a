"""Recorded streams of agents who hand over with their telephones, through the translator: the same events as live, whatever
comes twice, late or never; and what others could write into a message counts for nothing."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.engine.events import AgentDialled, AgentRinging, BridgeEnded, CallBridged, CallerHungUp, Event
from acd.engine.transfer_events import (
    AttendedTransferred,
    CallHeld,
    ConsultDialled,
    RetrieveAsked,
    ThreeWayAsked,
    TransferCoded,
    TransferDialled,
    TransferKeyed,
    TransferTakenBack,
)
from acd.pbx.channels import Progress
from acd.pbx.events.phone_events import USER_EVENTS
from acd.pbx.events.translator import Translator
from tests.pbx.events.test_streams import AGENTS, Line, feed, stream, told
from tests.pbx.support.phone_transfer_scenarios import BY_PHONE
from tests.support.examples import examples

KEYED = ("hands_over_by_code", "keys_what_is_nothing_and_has_him_back", "is_refused_what_he_keyed_and_has_him_back")
"""A key that is told twice may have been pressed twice."""
REFERRED = [name for name in BY_PHONE if name not in KEYED]
ONCE = (TransferDialled, AttendedTransferred, AgentDialled, AgentRinging, CallBridged, BridgeEnded, CallerHungUp)


@pytest.mark.parametrize("name", BY_PHONE)
def test_a_recorded_call_gives_exactly_these_events(name: str):
    assert BY_PHONE[name].fits(told(stream(name)))


@pytest.mark.parametrize("name", REFERRED)
def test_every_message_twice_changes_nothing(name: str):
    assert BY_PHONE[name].fits(told([message for message in stream(name) for _ in range(2)]))


@pytest.mark.parametrize("name", REFERRED)
def test_a_whole_stream_again_changes_nothing_once_the_call_is_over(name: str):
    lines = stream(name)
    assert BY_PHONE[name].fits(told([*lines, *(line for line in lines if "Deed" not in line)]))


@pytest.mark.parametrize("name", BY_PHONE)
def test_any_order_with_repetitions_and_holes_never_raises_and_no_step_is_told_twice(name: str):
    messages = stream(name)
    for seed in range(examples(150)):
        chance = random.Random(seed)
        shuffled = chance.choices(messages, k=len(messages)) + chance.sample(messages, len(messages) // 2)
        translator = Translator(AGENTS)
        events = [event for message in shuffled for event in feed(translator, message)]
        once = [event for event in events if isinstance(event, ONCE)]
        assert len(once) == len(set(once)), (seed, once)


def _named(line: Line) -> str:
    return str(line.get("UserEvent") or line.get("Event") or "")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_that_he_was_sent_on_is_told_before_the_talks_end_in_whatever_order_asterisk_tells_it(order: tuple[int, ...]):
    lines = stream("sent_on_by_the_transfer_key")
    begins = next(n for n, line in enumerate(lines) if _named(line) == "BlindTransfer")
    window = lines[begins + 1 : begins + 6]
    agents = [line for line in window if line.get("Uniqueid") == lines[begins]["TransfererUniqueid"]]
    callers_leave, dialled = (
        next(line for line in window if _named(line) == name and line not in agents)
        for name in ("BridgeLeave", "TransferDialled")
    )
    groups: list[list[Line]] = [[callers_leave], [dialled], agents]
    mixed = [line for n in order for line in groups[n]]
    rest = [line for line in lines[begins + 1 :] if line not in mixed]
    assert BY_PHONE["sent_on_by_the_transfer_key"].fits(told([*lines[: begins + 1], *mixed, *rest]))


def test_a_caller_who_hangs_up_in_that_instant_has_had_his_talk_ended_first():
    lines = stream("sent_on_by_the_transfer_key")
    begins = next(n for n, line in enumerate(lines) if _named(line) == "BlindTransfer")
    agent = next(line for line in lines[begins:] if _named(line) == "Hangup")
    gone = {**agent, "Uniqueid": lines[begins]["TransfereeUniqueid"], "Channel": lines[begins]["TransfereeChannel"]}
    events = told([*lines[: begins + 1], agent, gone])
    assert [type(event) for event in events[-2:]] == [BridgeEnded, CallerHungUp]


# --- what is not believed ---


def _talking() -> Translator:
    """Agent 1001 talks with the caller of c1; 1002 with that of c2."""
    translator = Translator(["1001", "1002"])
    for number, agent in ((1, "1001"), (2, "1002")):
        leg = translator.book.add_caller(f"c{number}", f"{number}.0", f"PJSIP/trunk-carrier-0000000{number}")
        phone = translator.book.add_agent(leg, agent, f"{number}.1", f"PJSIP/{agent}-0000001{number}", f"c{number}-1")
        phone.progress = Progress.BRIDGED
        leg.bridge = phone.bridge = f"b{number}"
    return translator


def _says(name: str, **more: str) -> Line:
    own = {"Channel": "PJSIP/1001-00000011", "Uniqueid": "1.1", "Agent": "1001", "Call": "c1"}
    return {"Event": "UserEvent", "UserEvent": name, **own, **more}


NO_DIGITS: list[tuple[Line, list[Event]]] = [
    (
        _says("TransferDialled", Digits=digits, Uniqueid="1.0", Channel="PJSIP/trunk-carrier-00000001"),
        [TransferDialled("c1", "1001", "")],
    )
    for digits in ("", "*3", "1002*33", "1002;x", "sip:1002", "1002\n", "9" * 21, "１００２")
]
SAID: list[tuple[Line, list[Event]]] = [
    (_says("TransferKeyed"), [TransferKeyed("c1", "1001")]),
    (_says("TakeBackKeyed"), [TransferTakenBack("c1", "1001")]),
    (_says("ThreeWayKeyed"), [ThreeWayAsked("c1", "1001")]),
    (_says("RetrieveAsked"), [RetrieveAsked("c1", "1001")]),
    (_says("TransferCoded", Digits="1002", Reason="3", Warm="1"), [TransferCoded("c1", "1001", "1002", "3", True)]),
    # The call is that of his channel, whatever the message says.
    (_says("TransferKeyed", Call="c2"), [TransferKeyed("c1", "1001")]),
    (
        _says("ConsultDialled", Digits="1002*3", Uniqueid="9.9", Channel="PJSIP/1001-000000aa"),
        [CallHeld("c1", "1001"), ConsultDialled("1001", "1002*3")],
    ),
    (
        _says("TransferDialled", Digits="2001*3", Uniqueid="1.0", Channel="PJSIP/trunk-carrier-00000001"),
        [TransferDialled("c1", "1001", "2001*3")],
    ),
    *NO_DIGITS,
]


@pytest.mark.parametrize(("message", "events"), SAID)
def test_what_a_telephone_says(message: Line, events: list[Event]):
    assert _talking().feed(message) == events


UNBELIEVED: list[Line] = [
    *(_says(name, Agent="1002") for name in sorted(USER_EVENTS.keys() - {"TransferDialled"})),
    *(
        _says(name, Agent="1009", Channel="PJSIP/1009-00000011")
        for name in sorted(USER_EVENTS.keys() - {"TransferDialled"})
    ),
    *(_says(name, Channel="PJSIP/trunk-carrier-00000001") for name in sorted(USER_EVENTS.keys() - {"TransferDialled"})),
    *(_says(name, Channel="Local/1001@x-00000011") for name in sorted(USER_EVENTS.keys() - {"TransferDialled"})),
    # In no call of ours: his own, or one that has ended.
    *(_says(name, Uniqueid="7.7") for name in sorted(USER_EVENTS.keys() - {"TransferDialled", "ConsultDialled"})),
    *(
        _says("ConsultDialled", Digits=digits, Uniqueid="9.9")
        for digits in ("", "x", "1002*", "1002*0", "9" * 21, "+1002")
    ),
    *(_says("TransferCoded", Digits=digits, Reason="3", Warm="0") for digits in ("", "1002*3", "x", "9" * 21)),
    *(_says("TransferCoded", Digits="1002", Reason=key, Warm="0") for key in ("", "0", "33", "refund")),
    _says("TransferDialled", Digits="1002", Uniqueid="2.0"),  # of c1, by the caller of c2
    _says("TransferDialled", Digits="1002", Uniqueid="1.0", Agent="x"),
    _says("TransferDialled", Digits="1002", Uniqueid="9.9", Call="c9"),
]


@pytest.mark.parametrize("message", UNBELIEVED)
def test_what_a_telephone_can_not_have_said_counts_for_nothing(message: Line):
    translator = _talking()
    assert translator.feed(message) == []
    assert translator.ignored == 1
    assert not translator.book.second_lines


def test_a_refer_that_asterisk_refused_changes_nothing():
    translator = _talking()
    blind = {
        "Event": "BlindTransfer",
        "TransfererUniqueid": "1.1",
        "TransfereeUniqueid": "1.0",
        "Result": "Not Permitted",
    }
    both = {"Event": "AttendedTransfer", "OrigTransfererUniqueid": "1.1", "SecondTransfererUniqueid": "9.9"}
    assert translator.feed(blind) == translator.feed({**both, "Result": "Fail"}) == []
    assert translator.feed({"Event": "Hangup", "Uniqueid": "1.1", "Channel": "PJSIP/1001-00000011", "Cause": "16"}) == [
        BridgeEnded("1001", "c1", "c1-1", "agent")
    ]


FIELDS = sorted({key for name in BY_PHONE for line in stream(name) for key in line if "Deed" not in line})


@given(st.dictionaries(st.sampled_from(FIELDS), st.text()))
@settings(max_examples=examples(1000), deadline=None)
def test_no_message_raises(message: dict[str, str]):
    translator = _talking()
    for kind in ("BlindTransfer", "AttendedTransfer", "BridgeEnter", "UserEvent", "Hangup"):
        for word in sorted(USER_EVENTS):
            translator.feed({**message, "Event": kind, "UserEvent": word})
            translator.feed(
                {**message, "Event": kind, "UserEvent": word, "Uniqueid": "1.1", "TransfererUniqueid": "1.1"}
            )
