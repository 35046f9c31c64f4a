"""The log in words, in both languages, for every kind that there is."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from acd.config import Transfers
from acd.engine.commands import Ending, Kind, Outcome
from acd.engine.line_verdict import PROBLEMS
from acd.engine.listening.events import ListenMode
from acd.engine.model import Deed, Strategy, When, Work
from acd.engine.offers import choice_log
from acd.engine.offers.explanation import CHOSEN, TAKES_NO_CALLS_OF_IT
from acd.engine.routing import telephones
from acd.words import deed, masked, problem, sentence, word
from acd.words.terms import HABITS_EN, REFUSALS_EN, SHOWN_EN, TRANSFER_REASONS, TRANSFER_STATES, UNREACHED

LINE: dict[str, object] = {
    "side": "caller",
    "party": "trunk carrier",
    "loss_percent": 5.2,
    "sent_loss_percent": 15.1,
    "jitter_ms": 41.0,
    "sent_jitter_ms": 33.0,
    "round_trip_ms": 401.2,
    "unheard_s": 12.0,
    "mos": 3.1,
    "sent_mos": 2.2,
}
DETAILS: dict[Kind, dict[str, object]] = {
    Kind.ARRIVED: {"caller": "13812341111", "dialled": "95001"},
    Kind.MENU: {"path": "zh/1"},
    Kind.QUEUED: {"returned_s": 75.0, "priority": 2, "position": 3, "median_s": 40.0, "p90_s": 95.0},
    Kind.BREAK: {"state": "asked", "reason": "meal", "waits": "full"},
    Kind.AGENT_MESSAGE: {"state": "sent", "by": "sue", "text": "The invoices are late.", "teams": ["orders"]},
    Kind.MISSED_CALLER: {"state": "called back", "by": "sue"},
    Kind.HELP: {"state": "asked", "note": "angry caller"},
    Kind.AGENT_QUEUE: {"state": "left", "reason": "training", "by": "sue"},
    Kind.KEPT: {"why": "last agent", "for_s": 10.0},
    Kind.OVERFLOW: {
        "row": 2,
        "when": "waited",
        "do": "lower-skill",
        "why": "better a junior than music",
        "waited_s": 31.0,
        "required": [{"queue": "billing", "skills": {"billing": 3}}],
    },
    Kind.CALLBACK: {"state": "calling", "number": "13812341111", "attempt": 1},
    Kind.SENT_ON: {"number": "13812341111"},
    Kind.MESSAGE: {"seconds": 12.0, "path": "x.wav"},
    Kind.OPERATOR: {"did": "priority", "by": "operator", "was": 0, "now": 5},
    Kind.CONFIGURATION: {"version": 7, "by": "operator", "queues": 3, "agents": 60},
    Kind.OFFERED: {"rule": "longest idle", "waited_s": 1.25, "rows": [1, 3]},
    Kind.ANSWERED: {"rings": 2, "ring_s": 6.0},
    Kind.CONNECTED: {"wait_s": 7.0},
    Kind.OFFER_ENDED: {"outcome": Outcome.RING_NO_ANSWER},
    Kind.RETURNED: {"reason": "ring no answer"},
    Kind.TALK_ENDED: {"talk_s": 12.0, "by": "lost", "hold_s": 31.0, "consult_s": 20.0},
    Kind.TRANSFER: {
        "state": "asked",
        "kind": "agent",
        "to": "1002",
        "reason": "refund",
        "note": "two parcels",
        "amount": 60,
    },
    Kind.HOLD: {"state": "held", "how": "page", "held_s": 0.0},
    Kind.MUTED: {"muted": True},
    Kind.MASK: {"state": "ended", "why": "limit", "masked_s": 120.0},
    Kind.LISTENING: {"state": "began", "account": "li", "telephone": "1006", "mode": "whisper", "listened_s": 0.0},
    Kind.CONSULT_ENDED: {"first": "1001", "consult_s": 8.0},
    Kind.LOOKED_UP: {
        "lookup": "orders",
        "by": "caller",
        "state": "found",
        "took_s": 0.3,
        "answer": {"order": "202611290315", "status": "shipped"},
    },
    Kind.ANSWER_TOLD: {"service": "order"},
    Kind.SURVEY: {
        "state": "answered",
        "way": "webhook",
        "satisfied": 2,
        "solved": "no",
        "recommend": 0,
        "callback": True,
    },
    Kind.CARD: {"by": "1001", "what": "note", "text": "wants a refund"},
    Kind.ENDED: {"ending": "answered"},
    Kind.AGENT_STATE: {"state": "not ready", "reason": "meal"},
    Kind.PHONE: {"reachable": False},
    Kind.RECORDED: {"seconds": 3.0, "complete": False, "reason": "disk full", "path": "x.wav"},
    Kind.LINE: {
        **LINE,
        "problems": ["one-way", "loss", "sent-loss", "jitter", "sent-jitter", "delay", "mos", "sent-mos"],
    },
    Kind.LEG_QUALITY: {**LINE, "problems": ["loss", "delay"]},
    Kind.ALARM: {"name": "disk", "detail": "nearly full"},
    Kind.ALARM_SEEN: {"name": "trunk-no-answer", "subject": "carrier", "by": "xiaoli"},
    Kind.ALARM_CLEARED: {"name": "trunk-no-answer", "subject": "carrier", "by": ""},
    Kind.PBX: {"state": "lost"},
    Kind.IGNORED: {"event": "AgentAnswered", "why": "no such offer"},
}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_words(kind: Kind, language: str):
    said = sentence(kind, "1001", "billing", DETAILS.get(kind, {}), language)
    assert said
    assert "?" not in said
    assert "None" not in said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_step_of_listening_has_words_of_its_own(language: str):
    row = {
        "account": "li",
        "telephone": "1006",
        "mode": "listen",
        "listened_s": 65.0,
        "joined_s": 5.0,
        "talk_s": 90.0,
        "why": "hung up",
    }
    states = ("asked", "began", "joined", "left", "took over", "leg over", "failed", "ended")
    said = [sentence(Kind.LISTENING, "1001", "", {**row, "state": state}, language) for state in states]
    assert len(set(said)) == len(states) and all("li" in each for each in said)
    modes = {
        sentence(Kind.LISTENING, "1001", "", {**row, "state": "switched", "mode": mode}, language)
        for mode in get_args(ListenMode)
    }
    assert len(modes) == 4


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.ANSWERED])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_outcome_has_words(outcome: Outcome, language: str):
    assert sentence(Kind.OFFER_ENDED, "1001", "", {"outcome": outcome}, language)


@pytest.mark.parametrize("side", ["caller", "agent"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_problem_of_a_line_has_words_of_its_own_and_names_the_party(side: str, language: str):
    said = {problem(name, {**LINE, "side": side}, language) for name in PROBLEMS}
    party = {"caller": "客户", "agent": "座席"}[side] if language == "zh" else side
    assert len(said) == len(PROBLEMS)
    assert not said & set(PROBLEMS)
    assert all(party in each for each in said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_line_that_is_good_again_says_so_and_a_good_leg_names_no_problem(language: str):
    again = sentence(Kind.LINE, "1001", "", {**LINE, "problems": []}, language)
    assert ("恢复正常" if language == "zh" else "good again") in again
    good = sentence(
        Kind.LEG_QUALITY, "1001", "", {**LINE, "problems": [], "sent_mos": None, "round_trip_ms": None}, language
    )
    assert "3.1" in good and ("不佳" if language == "zh" else "Bad") not in good


@pytest.mark.parametrize("do", get_args(Deed))
def test_every_deed_of_a_policy_has_words_of_its_own_in_each_language(do: str):
    detail = {
        "do": do,
        "skills": {"billing": 2},
        "queues": ["sales"],
        "queue": "sales",
        "priority": 3,
        "number": "95000",
    }
    english, chinese = deed(detail), deed(detail, "zh")
    assert english != do
    assert chinese not in (english, do)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("state", ["accepted", "calling", "answered", "failed", "given up"])
def test_every_state_of_a_callback_has_words(state: str, language: str):
    detail = {"state": state, "number": "13812341111", "attempt": 2, "reason": "busy"}
    assert sentence(Kind.CALLBACK, "1001", "billing", detail, language) not in (
        "",
        f"callback {state}",
        f"回电 {state}",
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "did", ["priority", "moved", "withdrawn", "hung up", "queue closed", "queue opened", "agent moved"]
)
def test_every_deed_of_an_operator_names_the_operator(did: str, language: str):
    said = sentence(Kind.OPERATOR, "1001", "billing", {"did": did, "by": "xiaoli", "was": [], "now": ["vip"]}, language)
    assert said.startswith("xiaoli ")


def test_a_row_that_lowers_and_one_that_adds_say_what_is_asked_now():
    asked = [{"queue": "billing", "skills": {"billing": 2}}, {"queue": "sales", "skills": {}}]
    assert "billing 2" in deed({"do": "lower-skill", "required": asked})
    assert "sales" in deed({"do": "add-queue", "required": asked}, "zh")


def test_every_word_of_the_engine_has_a_chinese_one():
    states = [*get_args(Work), "logged out", "not ready", "unreachable"]
    verdicts = [
        *(choice_log.BY_MEASURE.values()),
        choice_log.LESS_PREFERRED,
        choice_log.MORE_QUEUES,
        choice_log.DID_NOT_TAKE,
    ]
    verdicts += [choice_log.PAUSED, choice_log.UNKNOWN_TO_CALLER, choice_log.LACKS_SKILL, CHOSEN, TAKES_NO_CALLS_OF_IT]
    rules = [
        choice_log.CONSULTED,
        *(choice_log.CHOSEN_BY.values()),
        *(choice_log.KNOWS.values()),
        choice_log.NEXT_IN_LINE,
        choice_log.ASKED_AGAIN,
    ]
    for table, keys in (
        ("ending", list(Ending)),
        ("outcome", list(Outcome)),
        ("state", states),
        ("verdict", verdicts),
        ("rule", [*rules, choice_log.FOUND_TALKING]),
        ("strategy", get_args(Strategy)),
        ("kept", list(choice_log.KNOWS)),
        ("when", get_args(When)),
        ("transfer", TRANSFER_STATES),
        ("reason", TRANSFER_REASONS),
        ("refusal", REFUSALS_EN),
    ):
        for key in keys:
            assert word(table, key, "zh") != key
            assert word(table, key, "en") == (REFUSALS_EN[key] if table == "refusal" else SHOWN_EN.get(key, key))


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        (Kind.OFFERED, {"rule": choice_log.KNOWS["transfer"], "waited_s": 1.0}, "(transfer to this agent)"),
        (
            Kind.RETURNED,
            {"reason": "his agent left while he was on hold"},
            "the agent left while the caller was on hold",
        ),
        (Kind.IGNORED, {"event": "AgentReady", "why": "he is ready"}, "ignored AgentReady: the agent is already ready"),
        (
            Kind.TRANSFER,
            {"state": "failed", "why": "the telephone has sent him where nobody of this house is"},
            "(the agent's phone sent the caller outside this hotline)",
        ),
    ],
)
def test_a_stored_sentence_is_shown_in_plain_words(kind: Kind, detail: dict[str, object], said: str):
    assert said in sentence(kind, "1001", "billing", detail)


def handed_over(state: str, language: str, **detail: object) -> str:
    told = {"state": state, "kind": "agent", "to": "1002", "receiver": "1002", "reason": "refund", **detail}
    return sentence(Kind.TRANSFER, "1001", "billing", told, language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_state_of_a_transfer_has_a_sentence_of_its_own(language: str):
    said = [handed_over(state, language) for state in TRANSFER_STATES]
    assert len(set(said)) == len(TRANSFER_STATES)
    for state, words in zip(TRANSFER_STATES, said, strict=True):
        assert f": {state}" not in words and f":{state}" not in words
        assert "1002" in words or state == "explained"


def test_a_transfer_says_who_what_and_why():
    assert handed_over("asked", "en", amount=60, note="two parcels") == (
        "transfer started by agent 1001 to agent 1002, reason: refund, amount 60; two parcels"
    )
    assert handed_over("asked", "zh", warm=True) == "座席 1001 发起咨询转接，目标：座席 1002，原因：退款"
    assert handed_over("failed", "en", why="ring no answer", returned_to="first agent") == (
        "the transfer to agent 1002 failed (did not answer); the caller is back with agent 1001"
    )
    assert handed_over("refused", "zh", why="tier").endswith("（此类事项需由更高级别的座席处理）")
    assert handed_over("asked", "en", kind="queue", to="orders", by="xiaoli").startswith(
        "transfer started by agent 1001 to queue orders (requested by xiaoli)"
    )
    assert handed_over("refused", "en", why="Agent 1002 (tier 1) may not …", code="tier").endswith(
        "(needs an agent of a higher tier)"
    )
    for why, said in UNREACHED.items():
        assert handed_over("failed", "zh", why=why, returned_to="queue").endswith(f"（{said}）；来电回到队首")
    assert "13812341111" not in handed_over("completed", "zh", kind="number", to="13812341111", receiver="")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("state", ["held", "retrieved", "reminder", "too long"])
def test_every_state_of_a_hold_has_words(state: str, language: str):
    said = sentence(Kind.HOLD, "1001", "", {"state": state, "held_s": 75.0, "how": "telephone"}, language)
    assert said not in (f"hold: {state}", f"保持：{state}")
    assert state == "held" or "1:15" in said


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("what", ["note", "matter", "verified", "promise", "disposition", "name", "value"])
def test_whatever_stands_on_the_card_is_told_in_one_line(what: str, language: str):
    detail = {"by": "1001", "what": what, "text": "first\nsecond " + "x" * 2000, "level": "full", "code": "refund"}
    said = sentence(Kind.CARD, "1001", "", detail, language)
    assert said.startswith("1001") and what not in (said.rpartition(": ")[2], said.rpartition(":")[2])
    assert "\n" not in said and len(said) < 200


def test_the_built_in_reasons_are_called_alike_everywhere():
    assert {name: reason.zh for name, reason in Transfers().named().items()} == TRANSFER_REASONS


def test_a_talk_that_was_handed_over_says_so_and_what_its_holds_were():
    detail = {"talk_s": 12.0, "by": "transfer", "hold_s": 31.0, "consult_s": 20.0}
    assert sentence(Kind.TALK_ENDED, "1001", "", detail) == (
        "conversation with agent 1001 ends after 12.0 s (and 0:31 on hold, 0:20 during a consult), by the transfer"
    )
    assert sentence(Kind.TALK_ENDED, "1001", "", detail, "zh").endswith("后结束，已转接")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_caller_whose_line_dropped_continues_the_former_call(language: str):
    assert "c17-1" in sentence(Kind.QUEUED, "", "billing", {"continues": "c17-1"}, language)


@pytest.mark.parametrize("kind", [Kind.ARRIVED, Kind.CALLBACK, Kind.SENT_ON])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_number_is_never_shown_whole(kind: Kind, language: str):
    assert "13812341111" not in sentence(kind, "", "", DETAILS[kind], language)


def test_a_withheld_number_is_not_even_shown_masked():
    detail = {"caller": "+8613812341111", "dialled": "95001", "withheld": True, "written": "13812341111"}
    for language, words in (("en", "withheld dials 95001"), ("zh", "隐藏号码的客户 拨打 95001")):
        assert sentence(Kind.ARRIVED, "", "", detail, language) == words


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812341111", "138****1111"), ("95001", "***01"), ("unknown", "unknown"), ("+8613812341111", "+86****1111")],
)
def test_masking(number: str, shown: str):
    assert masked(number) == shown


def test_every_habit_of_a_telephone_has_its_words_in_log_and_page():
    page = Path(__file__).parents[1] / "acd" / "web" / "console" / "src" / "words"
    for habit in telephones.HABITS:
        assert word("habit", habit, "zh") != habit
        assert habit in HABITS_EN
        for file in ("en", "zh", "desk-en", "desk-zh"):
            table = (page / f"{file}.ts").read_text("utf-8").partition("  habit: {")[2].partition("\n  }")[0]
            assert re.search(rf"^    '?{habit}'?:", table, re.M), f"{file}.ts has no word for {habit}"


@pytest.mark.parametrize(
    ("kind", "detail", "en", "zh"),
    [
        (Kind.PHONE, {"reachable": False}, "agent 1003's phone is not reachable", "座席 1003 话机不可达"),
        (
            Kind.PHONE,
            {"reachable": True, "habit": "forwards", "times": 1},
            "agent 1003's phone forwards calls elsewhere; the forwarding was not followed",
            "座席 1003 话机设置了呼叫转移，未予执行",
        ),
        (Kind.PHONE, {"reachable": True, "habit": "", "was": "forwards"}, "agent 1003's phone takes calls again", "座席 1003 话机恢复接听来电"),
        (Kind.PHONE, {"reachable": True, "test": "answered"}, "agent 1003's phone has passed the test: it was answered", "座席 1003 话机测试通过：已接听"),
        (
            Kind.ALARM,
            {"name": "telephone two-places", "detail": "x", "habit": "two-places", "times": 12, "places": ["10.0.0.5", "10.0.0.9"]},
            "ALARM agent 1003's phone is registered from two places in turn (10.0.0.5, 10.0.0.9), 12 times",
            "告警 座席 1003 话机有两部，轮流注册（10.0.0.5、10.0.0.9），12 次",
        ),
        (
            Kind.ALARM,
            {"name": "telephone refuses", "detail": "x", "habit": "do-not-disturb", "times": 3},
            "ALARM agent 1003's phone refuses calls without ringing (do not disturb, or in use), 3 times; the agent is set not ready",
            "告警 座席 1003 话机不振铃即拒绝来电（免打扰或占用中），3 次；座席已转为示忙",
        ),
        (Kind.ALARM, {"name": "disk full", "detail": "x"}, "ALARM disk full: x", "告警 disk full：x"),
        (Kind.AGENT_STATE, {"state": "not ready", "reason": "phone-refuses"}, "agent 1003 is not ready (the telephone refuses calls)", "座席 1003 示忙（话机拒绝来电）"),
    ],
)  # fmt: skip
def test_what_a_telephone_does_is_said_in_both_languages(kind: Kind, detail: dict[str, Any], en: str, zh: str):
    assert sentence(kind, "1003", "", detail) == en
    assert sentence(kind, "1003", "", detail, "zh") == zh


@pytest.mark.parametrize("state", ["to be called", "declined", "not reached", "refused", "withdrawn"])
def test_what_came_of_a_call_back_for_the_survey_has_words_of_its_own(state: str):
    detail = {"state": state, "way": "call", "why": "busy"}
    english, chinese = (sentence(Kind.SURVEY, "1001", "billing", detail, language) for language in ("en", "zh"))
    assert "survey" in english and "满意度调查" in chinese
    told = {"state": "refused", "story": "survey_call", "subject": "c1-1-1", "number": "+8613900001111", "attempt": 1}
    assert "the survey about call c1-1-1" in sentence(Kind.STORY_CALL, "", "", told, "en")
    assert "满意度调查" in sentence(Kind.STORY_CALL, "", "", told, "zh")
