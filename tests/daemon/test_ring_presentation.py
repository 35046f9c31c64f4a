"""What an agent's telephone shows and says of a call that is handed over, from the rows of its log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acd.config import Config, check
from acd.daemon.ring_presentation import present
from acd.engine.commands import Consult, Kind, Log, Offer
from acd.store.context_card import Card, fold

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONFIG: Config = check(
    {
        "queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}}},
        "agents": {"1001": {}, "1002": {}, "1003": {"whisper": "always"}, "1004": {"whisper": "never"}},
    }
)
OFFER = Offer("1002", "c1-1", "c1-1-2", "billing", "13812341111")
CONSULT = Consult("c1-1", "1001", "c1-1-1", "1002", "c1-1-2", "billing", "13812341111")


def card(*rows: Log) -> Card:
    told: Card | None = None
    for second, row in enumerate((Log(Kind.ARRIVED, "c1-1", detail={"caller": "13812341111"}), *rows)):
        told = fold(told, NOW + timedelta(seconds=second), row)
    assert told is not None
    return told


def asked(state: str = "asked", number: int = 1, reason: str = "technical support", **detail: Any) -> Log:
    said = {"state": state, "number": number, "kind": "agent", "to": "1002", "reason": reason, "how": "page", **detail}
    return Log(Kind.TRANSFER, "c1-1", "1001", "c1-1-1", "billing", said)


def verified(level: str) -> Log:
    return Log(Kind.CARD, "c1-1", "1001", detail={"by": "1001", "what": "verified", "level": level, "how": "order"})


FROM_1001 = ("number-1", "number-0", "number-0", "number-1")


def test_a_call_that_was_not_handed_over_shows_its_queue_and_number_and_no_more():
    shown = present(OFFER, CONFIG, card(), has_page=False)
    assert (shown.label, shown.whisper, shown.announce, shown.contact) == ("Billing 138****1111", (), "", "c1-1")
    assert present(OFFER, CONFIG, None, has_page=False).label == "Billing 138****1111"


def test_who_takes_over_hears_from_whom_why_and_whether_the_caller_is_verified():
    shown = present(OFFER, CONFIG, card(verified("full"), asked()), has_page=False)
    assert shown.whisper == ("whisper-transfer-from", *FROM_1001, "reason-technical-support", "whisper-verified")
    assert (shown.label, shown.announce) == ("Billing 138****1111", "to-1002-zh")


@pytest.mark.parametrize("level", ["none", "number", ""])
def test_who_was_not_asked_anything_is_not_verified(level: str):
    rows = (verified(level), asked()) if level else (asked(),)
    assert present(OFFER, CONFIG, card(*rows), has_page=False).whisper[-1] == "whisper-not-verified"


def test_in_a_consult_the_receiver_hears_so_and_the_caller_keeps_his_music():
    shown = present(CONSULT, CONFIG, card(asked(warm=True)), has_page=False)
    assert shown.whisper[:2] == ("whisper-consult-from", "number-1")
    assert shown.announce == ""


def test_a_reason_that_the_telephone_could_not_ask_for_is_not_said():
    shown = present(OFFER, CONFIG, card(asked(reason="by telephone", how="telephone")), has_page=False)
    assert shown.whisper == ("whisper-transfer-from", *FROM_1001, "whisper-not-verified")


@pytest.mark.parametrize(
    ("agent", "has_page", "said"),
    [
        ("1002", True, False), ("1002", False, True), ("1003", True, True), ("1003", False, True),
        ("1004", False, False), ("1099", False, False),
    ],
)  # fmt: skip
def test_the_whisper_is_for_whom_wants_it_or_has_no_page_open(agent: str, has_page: bool, said: bool):
    offer = Offer(agent, "c1-1", "c1-1-2", "billing", "13812341111")
    shown = present(offer, CONFIG, card(asked()), has_page=has_page)
    assert bool(shown.whisper) is said
    assert shown.announce == f"to-{agent}-zh"  # the caller is told all the same


@pytest.mark.parametrize(
    ("of_all", "of_queue", "said"),
    [({}, {}, False), ({"queue_name": True}, {}, True), ({}, {"whisper": True}, True), ({"queue_name": True}, {"whisper": False}, False)],
)  # fmt: skip
def test_the_queues_name_is_whispered_where_a_switch_says_so(
    of_all: dict[str, Any], of_queue: dict[str, Any], said: bool
):
    queues = {"billing": {"label": {"zh": "账单", "en": "Billing"}, **of_queue}}
    config = check({"queues": queues, "whisper": of_all, "agents": {"1002": {}, "1003": {"whisper": "never"}}})
    name = ("whisper-billing",) if said else ()
    for told in (None, card()):
        assert present(OFFER, config, told, has_page=False).whisper == name
        assert present(OFFER, config, told, has_page=True).whisper == ()  # the page shows it
        assert present(replace(OFFER, agent="1003"), config, told, has_page=False).whisper == ()
        assert present(CONSULT, config, told, has_page=False).whisper == ()
    # Of a transfer it is said who transfers; the queue is no news then.
    assert present(OFFER, config, card(asked()), has_page=False).whisper[0] == "whisper-transfer-from"


def test_when_agents_are_whispered_to_is_said_for_all_and_an_agents_own_word_goes_before():
    config = check({"queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}}}, "whisper": {"when": "never"}, "agents": {"1002": {}, "1003": {"whisper": "always"}}})  # fmt: skip
    assert present(OFFER, config, card(asked()), has_page=False).whisper == ()
    assert present(replace(OFFER, agent="1003"), config, card(asked()), has_page=True).whisper != ()


def test_a_consult_that_goes_on_as_a_cold_transfer_is_told_to_both():
    shown = present(OFFER, CONFIG, card(asked(warm=True), asked("sent on", warm=True)), has_page=False)
    assert shown.whisper[:2] == ("whisper-transfer-from", "number-1")
    assert shown.announce == "to-1002-zh"


@pytest.mark.parametrize("state", ["completed", "failed", "taken back", "declined", "caller left"])
def test_a_transfer_that_is_over_is_none_any_more(state: str):
    shown = present(OFFER, CONFIG, card(asked(), asked(state)), has_page=False)
    assert (shown.whisper, shown.announce) == ((), "")


def test_of_several_transfers_the_latest_counts_and_an_english_caller_is_told_in_english():
    queued = Log(Kind.QUEUED, "c1-1", queue="billing", detail={"language": "en", "skills": {"en": 1}})
    shown = present(
        OFFER, CONFIG, card(queued, asked(), asked("completed"), asked(number=2, reason="refund")), has_page=False
    )
    assert "reason-refund" in shown.whisper
    assert shown.announce == "to-1002-en"


def test_a_caller_whose_line_dropped_comes_under_his_first_calls_contact():
    former = card()
    rows = (Log(Kind.QUEUED, "c2-1", queue="billing", detail={"continues": "c1-1"}),)
    told: Card | None = None
    for row in rows:
        told = fold(told, NOW, row, {"c1-1": former}.get)
    shown = present(Offer("1002", "c2-1", "c2-1-1", "billing", "13812341111"), CONFIG, told, has_page=False)
    assert shown.contact == "c1-1"


def test_nobody_hears_verified_of_a_caller_who_shows_the_number_of_a_dropped_line():
    former = card(verified("full"))
    told: Card | None = None
    for row in (Log(Kind.QUEUED, "c2-1", queue="billing", detail={"continues": "c1-1"}), asked()):
        told = fold(told, NOW + timedelta(seconds=60), replace(row, call="c2-1"), {"c1-1": former}.get)
    assert told is not None
    assert told["verified"]["before"]["level"] == "full"
    for offer in (Offer("1002", "c2-1", "c2-1-2", "billing", "13812341111"), replace(CONSULT, call="c2-1")):
        assert present(offer, CONFIG, told, has_page=False).whisper[-1] == "whisper-not-verified"


def test_a_telephone_answers_by_itself_by_the_agents_switch_else_the_teams_and_never_in_a_consult():
    config = check(
        {
            "queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}}},
            "teams": {
                "night": {"label": {"zh": "夜", "en": "Night"}, "auto_answer": True, "why": "headsets all night"}
            },
            "agents": {
                "1001": {"team": "night"},
                "1002": {"team": "night", "auto_answer": False},
                "1003": {"auto_answer": True},
                "1004": {},
            },
        }
    )
    told = {agent: present(replace(OFFER, agent=agent), config, None, False).auto_answer for agent in config.agents}
    assert told == {"1001": True, "1002": False, "1003": True, "1004": False}
    assert present(replace(OFFER, agent="1003"), config, card(), False).auto_answer
    assert not present(replace(CONSULT, agent="1003"), config, None, False).auto_answer
