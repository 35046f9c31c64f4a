"""Recorded streams of real calls through the translator: the same events as live, and never an exception."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.engine import commands
from acd.engine.events import (
    AgentAnswered,
    AgentDialled,
    AgentRinging,
    BridgeEnded,
    CallBridged,
    CallerHungUp,
    CallQueued,
    Event,
    OfferFailed,
)
from acd.engine.pbx_report import FoundCall
from acd.pbx.channels import Progress
from acd.pbx.events import (
    agent_events,
    call_events,
    consult_events,
    destination_events,
    listening_events,
    phone_events,
    survey_events,
)
from acd.pbx.events.call_events import parse_skills
from acd.pbx.events.translator import READERS, USER_EVENTS, Translator
from acd.pbx.expected_moves import expect
from tests.pbx.record_streams import stream_of
from tests.pbx.support.scenarios import as_told
from tests.pbx.support.transfer_scenarios import ALL
from tests.support.examples import examples

AGENTS = ("1001", "1002", "1003")


Line = dict[str, Any]
"""A message of Asterisk's, or a deed of ours."""


def stream(name: str) -> list[Line]:
    return [json.loads(line) for line in stream_of(name).read_text(encoding="utf-8").splitlines()]


def feed(translator: Translator, line: Line) -> list[Event]:
    if "Deed" not in line:
        return translator.feed(line)
    command = getattr(commands, line["Deed"])(**{key: value for key, value in line.items() if key != "Deed"})
    expect(translator.book, command)
    return []


def told(lines: list[Line]) -> list[Event]:
    translator = Translator(AGENTS)
    return as_told([event for line in lines for event in feed(translator, line)])


@pytest.mark.parametrize("name", ALL)
def test_a_recorded_call_gives_exactly_these_events(name: str):
    assert ALL[name].fits(told(stream(name)))


WHISPERED = [
    "gives_up_during_the_whisper",
    "agent_gone_during_the_whisper",
    "whispered_to_in_a_consult_and_joined_at_once",
]


@pytest.mark.parametrize("name", WHISPERED)
def test_what_the_channels_of_a_whisper_do_is_nobodys_news(name: str):
    lines = stream(name)
    halves = {line["Uniqueid"] for line in lines if line.get("Channel", "").startswith("Local/s@whispered-")}
    kinds = {line["Event"] for line in lines if {line.get("Uniqueid"), line.get("DestUniqueid")} & halves}
    assert len(halves) >= 2 and kinds >= {"Newchannel", "Newstate", "DialBegin", "DialEnd", "Hangup"}
    translator = Translator(AGENTS)
    for line in lines:
        feed(translator, line)
        assert not any(translator.book.is_gone(half) for half in halves)
    assert translator.ignored == 0


@pytest.mark.parametrize("name", [name for name in ALL if name != "feature_codes"])
def test_every_message_twice_changes_nothing(name: str):
    assert ALL[name].fits(told([message for message in stream(name) for _ in range(2)]))


@pytest.mark.parametrize("name", [name for name in ALL if name != "feature_codes"])
def test_a_whole_stream_again_changes_nothing_once_the_call_is_over(name: str):
    assert ALL[name].fits(told([*stream(name), *stream(name)]))


@pytest.mark.parametrize("name", ALL)
def test_any_order_with_repetitions_and_holes_never_raises_and_no_step_is_told_twice(name: str):
    messages = stream(name)
    for seed in range(examples(300)):
        chance = random.Random(seed)
        shuffled = chance.choices(messages, k=len(messages)) + chance.sample(messages, len(messages) // 2)
        translator = Translator(AGENTS)
        events = [event for message in shuffled for event in feed(translator, message)]
        steps = (
            AgentDialled,
            AgentRinging,
            AgentAnswered,
            CallBridged,
            BridgeEnded,
            CallerHungUp,
            OfferFailed,
            CallQueued,
        )
        once = [event for event in events if isinstance(event, steps)]
        assert len(once) == len(set(once)), (seed, once)


@given(st.dictionaries(st.sampled_from(sorted({key for name in ALL for m in stream(name) for key in m})), st.text()))
@settings(max_examples=examples(2000), deadline=None)
def test_no_message_raises(message: dict[str, str]):
    translator = Translator(["1001"])
    leg = translator.book.add_caller("c1", "1.0", "PJSIP/trunk-00000001")
    leg.offer = "c1-1"
    translator.book.add_agent(leg, "1001", "1.1", "PJSIP/1001-00000002", "c1-1").progress = Progress.BRIDGED
    for kind in ("UserEvent", "DialBegin", "DialState", "Newstate", "BridgeEnter", "BridgeLeave", "Hangup"):
        for uniqueid in ("1.0", "1.1", message.get("Uniqueid", "")):
            translator.feed({**message, "Event": kind, "Uniqueid": uniqueid, "DestUniqueid": "1.1"})


def test_a_user_event_from_another_channel_is_not_the_callers():
    translator = Translator()
    translator.book.add_caller("c1", "1.0", "PJSIP/trunk-00000001")
    from_elsewhere = {"Event": "UserEvent", "UserEvent": "CallQueued", "Call": "c1", "Queue": "billing"}
    assert translator.feed({**from_elsewhere, "Uniqueid": "9.9", "Channel": "PJSIP/trunk-00000009"}) == []
    assert translator.ignored == 1
    assert translator.feed({**from_elsewhere, "Uniqueid": "1.0", "Channel": "PJSIP/trunk-00000001"}) == [
        CallQueued("c1", "billing")
    ]


def test_a_feature_code_counts_for_the_phone_that_dialled_it_only():
    translator = Translator(["1001", "1002"])
    message = {"Event": "UserEvent", "UserEvent": "AgentReady", "Agent": "1002", "Channel": "PJSIP/1001-0000000a"}
    assert translator.feed(message) == []


def test_a_phones_state_is_told_when_it_changes_and_only_for_agents():
    translator = Translator(["1001"])

    def device(name: str, state: str) -> list[object]:
        return list(translator.feed({"Event": "DeviceStateChange", "Device": name, "State": state}))

    assert [str(device("PJSIP/1001", state)) for state in ("NOT_INUSE", "RINGING", "UNAVAILABLE", "UNAVAILABLE")] == [
        "[PhoneChanged(agent='1001', reachable=True)]",
        "[]",
        "[PhoneChanged(agent='1001', reachable=False)]",
        "[]",
    ]
    assert device("PJSIP/trunk-carrier", "UNAVAILABLE") == device("PJSIP/1009", "NOT_INUSE") == []


def test_every_kind_of_message_has_one_reader():
    parts = (
        call_events, consult_events, phone_events, destination_events, agent_events, survey_events, listening_events,
    )  # fmt: skip
    assert len(READERS) == sum(len(getattr(part, "READERS", ())) for part in parts)
    assert len(USER_EVENTS) == sum(len(part.USER_EVENTS) for part in parts)


def test_skills_are_read_and_what_is_none_is_left_out():
    assert parse_skills("orders:2,en:1") == (("en", 1), ("orders", 2))
    assert parse_skills("orders:22,:1,en,EN:1,zh:3, a b:1") == (("zh", 3),)
    assert FoundCall("c", "waiting", skills=parse_skills("")).skills == ()
