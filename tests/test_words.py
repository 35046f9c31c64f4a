"""The log in words, in both languages, for every kind that there is."""

from typing import get_args

import pytest

from acd.engine import ledger
from acd.engine.commands import Ending, Kind, Outcome
from acd.engine.explanation import CHOSEN, TAKES_NO_CALLS_OF_IT
from acd.engine.model import Deed, Strategy, When, Work
from acd.words import deed, masked, sentence, word

DETAILS: dict[Kind, dict[str, object]] = {
    Kind.ARRIVED: {"caller": "13812341111", "dialled": "95001"},
    Kind.MENU: {"path": "zh/1"},
    Kind.QUEUED: {"returned_s": 75.0, "priority": 2, "position": 3, "median_s": 40.0, "p90_s": 95.0},
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
    Kind.TALK_ENDED: {"talk_s": 12.0, "by": "lost"},
    Kind.ENDED: {"ending": "answered"},
    Kind.AGENT_STATE: {"state": "not ready", "reason": "meal"},
    Kind.PHONE: {"reachable": False},
    Kind.RECORDED: {"seconds": 3.0, "complete": False, "reason": "disk full", "path": "x.wav"},
    Kind.ALARM: {"name": "disk", "detail": "nearly full"},
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


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.ANSWERED])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_outcome_has_words(outcome: Outcome, language: str):
    assert sentence(Kind.OFFER_ENDED, "1001", "", {"outcome": outcome}, language)


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
@pytest.mark.parametrize("did", ["priority", "moved", "withdrawn", "queue closed", "queue opened", "agent moved"])
def test_every_deed_of_an_operator_names_him(did: str, language: str):
    said = sentence(Kind.OPERATOR, "1001", "billing", {"did": did, "by": "xiaoli", "was": [], "now": ["vip"]}, language)
    assert said.startswith("xiaoli ")


def test_a_row_that_lowers_and_one_that_adds_say_what_is_asked_now():
    asked = [{"queue": "billing", "skills": {"billing": 2}}, {"queue": "sales", "skills": {}}]
    assert "billing 2" in deed({"do": "lower-skill", "required": asked})
    assert "sales" in deed({"do": "add-queue", "required": asked}, "zh")


def test_every_word_of_the_engine_has_a_chinese_one():
    states = [*get_args(Work), "logged out", "not ready", "unreachable"]
    verdicts = [*(ledger.BY_MEASURE.values()), ledger.LESS_PREFERRED, ledger.MORE_QUEUES, ledger.DID_NOT_TAKE]
    verdicts += [ledger.PAUSED, ledger.UNKNOWN_TO_CALLER, ledger.LACKS_SKILL, CHOSEN, TAKES_NO_CALLS_OF_IT]
    rules = [*(ledger.CHOSEN_BY.values()), *(ledger.KNOWS.values()), ledger.NEXT_IN_LINE, ledger.ASKED_AGAIN]
    for table, keys in (
        ("ending", list(Ending)),
        ("outcome", list(Outcome)),
        ("state", states),
        ("verdict", verdicts),
        ("rule", [*rules, ledger.FOUND_TALKING]),
        ("strategy", get_args(Strategy)),
        ("kept", list(ledger.KNOWS)),
        ("when", get_args(When)),
    ):
        for key in keys:
            assert word(table, key, "zh") != key
            assert word(table, key, "en") == key


@pytest.mark.parametrize("kind", [Kind.ARRIVED, Kind.CALLBACK, Kind.SENT_ON])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_number_is_never_shown_whole(kind: Kind, language: str):
    assert "13812341111" not in sentence(kind, "", "", DETAILS[kind], language)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812341111", "138****1111"), ("95001", "***01"), ("unknown", "unknown"), ("+8613812341111", "+86****1111")],
)
def test_masking(number: str, shown: str):
    assert masked(number) == shown
