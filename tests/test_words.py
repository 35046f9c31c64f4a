"""The log in words, in both languages, for every kind that there is."""

import pytest

from acd.engine.commands import Kind, Outcome
from acd.words import masked, sentence

DETAILS: dict[Kind, dict[str, object]] = {
    Kind.ARRIVED: {"caller": "13812341111", "dialled": "95001"},
    Kind.MENU: {"path": "zh/1"},
    Kind.OFFERED: {"rule": "longest idle", "waited_s": 1.25},
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


def test_a_number_is_never_shown_whole():
    assert "13812341111" not in sentence(Kind.ARRIVED, "", "", DETAILS[Kind.ARRIVED])


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812341111", "138****1111"), ("95001", "***01"), ("unknown", "unknown"), ("+8613812341111", "+86****1111")],
)
def test_masking(number: str, shown: str):
    assert masked(number) == shown
