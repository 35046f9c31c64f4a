"""A caller who does not want to be recorded, and what follows by the configuration; a caller whose callback is noted already."""

from typing import Any

import pytest

from ivr.callback_offer import callback_offer
from ivr.hotline import DECLINED, hotline
from ivr.menu_file import read_menus
from ivr.prompts import prompt_names
from ivr.settings import MENU
from ivr.step import Call, Done, GoToQueue, TurnAway
from ivr.waiting_room import waiting_room
from tests.ivr.support.conversation import Conversation

MENUS = read_menus(MENU, ("orders", "after-sales", "complaints", "general"), prompt_names())
NUMBERS = {"95001": "zh", "95002": "en", "95000": "ask"}


def call(dialled: str, keys: dict[str, str], may_decline: str = "go-on-unrecorded") -> Conversation:
    return Conversation(hotline(Call("c1", dialled), MENUS, NUMBERS, ("zh", "en"), may_decline=may_decline), keys)


@pytest.mark.parametrize(("dialled", "language"), [("95001", "zh"), ("95002", "en")])
def test_who_presses_8_at_the_notice_is_told_that_nothing_is_recorded_and_goes_on(dialled: str, language: str):
    talk = call(dialled, {f"{language}/recording-decline": "8", f"{language}/menu-main": "1"})
    assert talk.spoken[:4] == [
        f"{language}/{name}" for name in ("recording-notice", "recording-decline", "recording-off", "welcome")
    ]
    assert talk.variables["UNRECORDED"] == "1"
    assert isinstance(talk.ending, GoToQueue) and talk.ending.queue == "orders"


@pytest.mark.parametrize("key", [".", "1", "0", "#"])
def test_who_presses_nothing_or_another_key_is_recorded(key: str):
    talk = call("95001", {"zh/recording-decline": key, "zh/menu-main": "1"})
    assert "UNRECORDED" not in talk.variables
    assert "zh/recording-off" not in talk.spoken


def test_who_is_asked_for_the_language_may_decline_in_either():
    talk = call("95000", {"en/recording-decline": "8", "zh/choose-language": "1", "zh/menu-main": "1"})
    assert talk.spoken[:5] == [
        *(
            "zh/recording-notice",
            "zh/recording-decline",
            "en/recording-notice",
            "en/recording-decline",
            "en/recording-off",
        ),
    ]
    assert talk.variables["UNRECORDED"] == "1" and talk.variables["LANG"] == "zh"


def test_where_only_a_message_is_taken_the_caller_leaves_one():
    talk = call("95001", {"zh/recording-decline": "8"}, "message-only")
    assert talk.spoken[-1] == "zh/recording-message-only"
    assert talk.ending == GoToQueue("general", wish="message")
    assert (talk.variables["WISH"], talk.variables["UNRECORDED"], talk.variables["LANG"]) == ("message", "1", "zh")


def test_where_another_way_is_named_the_caller_is_let_go():
    talk = call("95002", {"en/recording-decline": "8"}, "other-channel-goodbye")
    assert talk.spoken[-1] == "en/recording-other-channel"
    assert talk.ending == TurnAway("recording declined")


def test_nobody_is_asked_where_it_is_not_configured():
    talk = call("95001", {"zh/menu-main": "1"}, "")
    assert talk.spoken[:2] == ["zh/recording-notice", "zh/welcome"]


def test_every_configured_way_has_its_prompt():
    from acd.config.recordings.table import Recordings

    [literal] = [Recordings.model_fields["may_decline"].annotation]
    assert {*DECLINED} == {*literal.__args__} - {""}  # type: ignore[union-attr]
    assert {*DECLINED.values(), "recording-decline"} <= set(prompt_names())


def test_who_asks_for_a_second_callback_hears_that_one_is_noted():
    here: dict[str, Any] = {"position": 2, "median_s": 60, "p90_s": 90, "callback": False, "callback_noted": True}
    talk = Conversation(
        waiting_room(Call("c1", language="zh")), {"zh/please-wait": "1"}, {("call", "c1"): [here] * 40}, "zh"
    )
    assert "zh/callback-already" in talk.spoken and "zh/callback-not-now" not in talk.spoken
    assert "WISH" not in talk.variables


def test_the_offer_says_that_a_callback_is_noted_and_what_is_promised_to_the_queue():
    noted = {("callback", "c1"): {"possible": False, "why": "callback-open"}}
    talk = Conversation(callback_offer(Call("c1", language="en")), {}, noted, "en")
    assert (talk.spoken, talk.ending) == (["en/callback-already"], Done())
    offered = {("callback", "c1"): {"possible": True, "within_s": 86400}}
    talk = Conversation(callback_offer(Call("c1", language="en")), {}, offered, "en")
    assert (
        talk.spoken[:3] == ["en/callback-within", "en/number-24", "en/callback-hours"]
        or "en/callback-hours" in talk.spoken
    )
