"""What the translator makes of calls at the door: the carrier's verdict, refused calls, and numbers that point to a mistake."""

from typing import Any

import pytest

from acd.engine.events import AlarmRaised, CallArrived
from acd.engine.model import IDENTITIES
from acd.pbx.events.call_events import identity_of
from acd.pbx.events.translator import Translator

IDENTITY = {
    "TN-Validation-Passed/A": "passed-a",
    "tn-validation-passed/": "passed",
    "TN-Validation-Passed-B/": "passed-b",
    "TN-Validation-Passed-B/C": "passed-c",
    "TN-Validation-Failed/": "failed",
    "No-TN-Validation/C": "unchecked-c",
    "/B": "attested-b",
    "/": "",
    "": "",
    "x/": "",
    "Trust-Me/A": "attested-a",
    "/AB": "",
    "TN-Validation-Passed/Q": "",
    "passed-a": "",
}


@pytest.mark.parametrize("said", IDENTITY)
def test_a_verdict_is_one_of_the_engines_or_none(said: str):
    assert identity_of(said) == IDENTITY[said]
    assert identity_of(said) in IDENTITIES | {""}


def arrives(translator: Translator, count: int, at: float, **fields: str) -> list[Any]:
    message = {
        "Event": "UserEvent", "UserEvent": "CallArrived", "Uniqueid": f"1.{count}", "Channel": f"PJSIP/trunk-{count}",
        "Call": f"c{count}", "Caller": "13800001111", "Dialled": "95001", "Trunk": "carrier", "Timestamp": f"{at:.6f}",
    }  # fmt: skip
    return translator.feed(message | fields)


def test_an_unknown_number_is_an_alarm_once_an_hour_for_each_trunk_and_number():
    translator = Translator()
    first, alarm = arrives(translator, 1, 1000.0, Unlisted="4001112222")
    assert isinstance(first, CallArrived) and isinstance(alarm, AlarmRaised)
    assert (alarm.name, alarm.call) == ("unknown number called", "c1") and "4001112222" in alarm.detail
    assert len(arrives(translator, 2, 1001.0, Unlisted="4001112222")) == 1
    assert len(arrives(translator, 3, 1002.0, Unlisted="4001113333")) == 2
    assert len(arrives(translator, 4, 1003.0, Unlisted="4001112222", Trunk="second")) == 2
    assert len(arrives(translator, 5, 4599.0, Unlisted="4001112222")) == 1
    assert len(arrives(translator, 6, 4700.0, Unlisted="4001112222")) == 2
    assert len(arrives(translator, 7, 900.0, Unlisted="4001112222")) == 2  # a clock that was set back
    assert len(arrives(translator, 8, 5000.0)) == 1
    for odd in ("none of it", "1;2", "x" * 30, "1" * 21):
        assert len(arrives(translator, 9, 9000.0, Unlisted=odd, Call=f"c9{len(odd)}", Uniqueid=f"9.{len(odd)}")) == 1


def test_what_is_remembered_of_alarms_is_bounded():
    translator = Translator()
    for count in range(1, 700):
        assert len(arrives(translator, count, 1000.0, Unlisted=str(4000000000 + count))) == 2
    assert len(translator.book.alarmed) == 500


def test_refused_calls_are_counted_and_no_events():
    translator = Translator()
    message = {"Event": "UserEvent", "UserEvent": "CallRefused", "Uniqueid": "1.1", "Channel": "PJSIP/x"}
    assert translator.feed(message | {"Trunk": "carrier", "Why": "house"}) == []
    assert translator.feed(message | {"Trunk": "Odd Name", "Why": "number"}) == []
    assert translator.book.refused == {("carrier", "house"): 1, ("", "number"): 1}
    translator.feed(message | {"Trunk": "carrier", "Why": "because"})
    translator.feed(message | {"Trunk": "carrier"})
    assert translator.ignored == 2 and translator.book.refused.total() == 2
