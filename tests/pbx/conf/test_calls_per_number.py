"""The calls of one number are counted together, whatever the carriers' writing. The dialplan counts each writing for itself."""

from collections.abc import Sequence

import pytest

from acd.pbx.events.translator import Translator
from acd.telephone_numbers import Numbering

NUMBERING = Numbering.of("CN", ["0000000001"])


def with_calls(*writings: str) -> Translator:
    """The callers who are on the line, in the order of their arrival, as c1, c2, …"""
    translator = Translator((), NUMBERING)
    for number, writing in enumerate(writings, 1):
        told = {"UserEvent": "CallArrived", "Call": f"c{number}", "Caller": writing, "Dialled": "95001"}
        tell(translator, number, **told)
    return translator


def tell(translator: Translator, number: int, **headers: str) -> None:
    channel = {"Uniqueid": f"1795311726.{number}", "Channel": f"PJSIP/trunk-carrier-0000000{number}"}
    translator.feed({"Event": "UserEvent", **channel, **headers})


@pytest.mark.parametrize(
    ("writings", "limit", "turned_away"),
    [
        (["13800001111", "+8613800001111", "8613800001111"], 2, "c3"),
        (["13800001111", "+8613800001111", "8613800001111"], 3, ""),
        (["13800001111", "+8613800001111"], 0, ""),
        (["13800001111", "13800001111", "13800001111"], 2, ""),  # The dialplan itself has turned the third away.
        (["13800001111", "13900001111", "13700001111"], 1, ""),
        (["0000000001", "0000000001", "anonymous", "unknown"], 1, ""),
        (["013800001111", "008613800001111"], 1, "c2"),
    ],
)
def test_the_one_too_many_is_turned_away(writings: Sequence[str], limit: int, turned_away: str):
    book = with_calls(*writings).book
    last = f"c{len(writings)}"
    assert book.too_many(last, limit) == (last == turned_away)


def test_who_hears_why_they_are_let_go_and_who_has_hung_up_are_not_counted():
    translator = with_calls("13800001111", "+8613800001111", "8613800001111")
    book = translator.book
    tell(translator, 2, UserEvent="CallTurnedAway", Call="c2", Reason="too many calls of one number")
    assert not book.too_many("c3", 2) and book.too_many("c3", 1)
    translator.feed(
        {"Event": "Hangup", "Uniqueid": "1795311726.1", "Channel": "PJSIP/trunk-carrier-00000001", "Cause": "16"}
    )
    assert not book.too_many("c3", 1)
    assert not book.too_many("c9", 1)
