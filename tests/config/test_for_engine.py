"""What the operator writes is what the engine gets."""

from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

import pytest

from acd import calls_out
from acd.config import check, for_engine
from acd.engine.model import Escalation, LineRules, Overflow, Rules, SurveyPlan, Team

LABEL = {"zh": "x", "en": "x"}
BREAKS: dict[str, Any] = {"kinds": {"meal": {"minutes": 40}}}
WRITTEN: dict[str, Any] = {
    "trunks": {"carrier": {"addresses": ["192.0.2.1"]}},
    "rings": {"ring_s": 4, "rings": 2},
    "target": {"answer_within_s": 20},
    "priorities": {"13800001111": 10},
    "transfers": {
        "reasons": {3: {"zh": "退款", "en": "refund", "queue": "orders"}, 4: {"zh": "账单", "en": "billing"}},
        "numbers": {"10086": LABEL | {"tier": 2}},
        "extensions": {"2001": {"queue": "orders"}, "2002": {"skill": "zh"}},
        "escalation": [{"reason": "refund", "over": 500, "tier": 2, "why": "a"}, {"reason": "billing", "tier": 3, "why": "b"}],
        "hold_reminder_s": 20, "hold_limit_s": 60, "dropped_within_min": 5,
    },
    "recordings": {"mask_limit_s": 90},
    "quality": {
        "mos": 3.1, "loss_percent": 2, "jitter_ms": 40, "round_trip_ms": 250, "unheard_s": 7, "bad_legs": 3, "of_legs": 9,
    },
    "routing": {
        "priority_s": 20, "emergency_s": 600, "return_within_min": 3, "same_agent": "first", "same_agent_within_h": 2,
        "same_agent_hold_s": 7, "spare_versatile": True, "expected_handling_s": 90, "callback_attempts": 3,
        "callback_pause_min": 1, "phone_refusals": 5, "log_out_unreachable_min": 7,
    },
    "queues": {
        "orders": {
            "label": LABEL, "skills": {"orders": 3}, "prefers": {"orders": 5}, "priority": 7, "emergency": True,
            "strategy": "best-skilled", "wrap_up_s": 12, "target": {"answer_within_s": 9},
            "overflow": [
                {"after_s": 30, "do": "lower-skill", "skill": "orders", "to": 2, "why": "a"},
                {"after_s": 40, "do": "add-queue", "queue": "general", "why": "b"},
                {"after_s": 50, "do": "raise-priority", "by": 5, "why": "c"},
                {"when": "longer-than", "calls": 9, "do": "offer-callback", "within_h": 3, "why": "d"},
                {"when": "wait-over", "wait_s": 300, "do": "number", "number": "10086", "why": "e"},
                {"when": "unstaffed", "do": "voicemail", "why": "f"},
                {"after_s": 600, "do": "move", "queue": "general", "why": "g"},
            ],
        },
        "general": {"label": LABEL},
    },
    "agents": {"1001": {"auto_answer": True, "name": "One", "skills": {"orders": 5}, "queues": ["orders"]}, "1002": {"skills": {"zh": 1}, "tier": 3, "outside": "13800001111", "team": "sales"}},
    "teams": {"sales": {"label": LABEL, "wrap_up_s": 5, "forced_disposition": True, "hand_over_to": ["queue:orders"], "why": "h"}},
}  # fmt: skip


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_every_field_of_a_queue_reaches_the_engine():
    orders, general = for_engine.queues(check(WRITTEN))
    assert (orders.skills, orders.prefers) == ((("orders", 3),), (("orders", 5),))
    assert (orders.priority, orders.emergency, orders.strategy) == (7, True, "best-skilled")
    assert (orders.wrap_up, orders.answer_within) == (s(12), s(9))
    assert orders.overflow == (
        Overflow("lower-skill", "a", after=s(30), skill="orders", to=2),
        Overflow("add-queue", "b", after=s(40), queue="general"),
        Overflow("raise-priority", "c", after=s(50), by=5),
        Overflow("offer-callback", "d", "longer-than", calls=9, within=s(3 * 3600)),
        Overflow("number", "e", "wait-over", wait=s(300), number="10086"),
        Overflow("voicemail", "f", "unstaffed"),
        Overflow("move", "g", after=s(600), queue="general"),
    )
    assert (general.overflow, general.answer_within, general.emergency) == ((), None, False)


SURVEY: dict[str, Any] = {
    "on": True, "questions": ["word", "solved"], "sample": 0.5, "every_days": 7, "languages": ["zh"], "low": 3, "low_queue": "general",
    "when_left": "webhook", "link_hours": 24, "call_after_min": 20, "call_retry_min": [60], "webhook": {"url": "https://messages.example.com/", "secret_file": "/etc/secret"},
    "queues": {"orders": {"on": False}},
}  # fmt: skip


def test_every_rule_that_can_be_written_reaches_the_engine():
    """None is left at the engine's own default: a field that is forgotten here would be a setting without effect."""
    brands = {"acme": {"name": LABEL, "numbers": {"95100": "zh"}}}
    rules = for_engine.rules(
        check({**WRITTEN, "brands": brands, "classes": {"gold": {"priority": 3}}, "survey": SURVEY, "breaks": BREAKS})
    )
    plain = Rules()
    fixed = {"dialled_within", "sign_within", "bridged_within", "well_after", "short_abandon", "callback_within"}
    fixed |= {"dead_after", "outside_sign_within", "accept_within"}
    same = {field.name for field in fields(Rules) if getattr(rules, field.name) == getattr(plain, field.name)}
    assert is_dataclass(plain)
    assert same == fixed
    assert (rules.transfer_reasons, rules.transfer_numbers) == ({"3": "refund", "4": "billing"}, ("10086",))
    assert rules.transfer_number_tiers == {"10086": 2}
    assert rules.extensions == {"2001": "queue:orders", "2002": "skill:zh"}
    assert rules.escalations == (Escalation("refund", 2, 500), Escalation("billing", 3))
    plan, *_, whole = rules.surveys
    assert (plan.queue, plan.questions, plan.low_queue) == ("orders", (), "general")
    assert whole == SurveyPlan(
        questions=("solved", "word"), sample=0.5, every=timedelta(days=7), languages=("zh",), low=3, low_queue="general",
        when_left="webhook", answer_within=timedelta(hours=24), call_after=timedelta(minutes=20), call_pauses_s=(3600.0,),
    )  # fmt: skip
    assert (rules.refusals, rules.log_out_unreachable) == (5, s(7 * 60))
    assert rules.line == LineRules(3.1, 2.0, 40.0, 250.0, 7.0, 3, 9)
    assert (rules.hold_reminder, rules.hold_limit, rules.dropped_within) == (s(20), s(60), s(300))
    assert rules.mask_limit == s(90)
    assert rules.teams == (Team("sales", s(5), True, ("queue:orders",)),)
    assert [agent.team for agent in for_engine.agents(check(WRITTEN))] == ["", "sales"]
    assert [agent.tier for agent in for_engine.agents(check(WRITTEN))] == [1, 3]
    assert [agent.outside for agent in for_engine.agents(check(WRITTEN))] == ["", "13800001111"]

    assert (rules.ring, rules.rings, rules.answer_within) == (s(4), 2, s(20))
    assert (rules.priority_worth, rules.emergency_worth, rules.return_within) == (s(20), s(600), s(180))
    assert (rules.same_agent, rules.same_agent_within, rules.same_agent_hold) == ("first", s(7200), s(7))
    assert (rules.callback_attempts, rules.callback_pause, rules.expected_handling) == (3, s(60), s(90))


def test_a_matter_goes_to_its_place_first_and_to_those_who_may_decide_it():
    config = check(WRITTEN)
    assert config.proposed_targets("refund", 500) == [("queue", "orders")]
    assert config.proposed_targets("refund", 500.01) == [("queue", "orders"), ("agent", "1002")]
    assert config.proposed_targets("refund") == [("queue", "orders"), ("agent", "1002")]  # the amount is not known
    assert config.proposed_targets("billing") == [("agent", "1002")]
    assert config.proposed_targets("unheard of") == []
    assert list(config.transfers.named()) == ["refund", "billing", "by telephone"]
    few = check({"queues": {"a": {"label": LABEL}}, "transfers": {"dispositions": {"solved": LABEL}}})
    assert list(few.transfers.dispositions) == ["solved", "line dropped"]


def test_a_configuration_is_told_whole_with_its_version_and_who_took_it():
    config = check(WRITTEN)
    told = for_engine.config_changed(config, 7, "zhang")
    assert (told.version, told.by) == (7, "zhang")
    assert (list(told.queues), told.agents, told.rules) == (
        for_engine.queues(config),
        for_engine.agents(config),
        for_engine.rules(config),
    )
    assert told.agents[0].queues == ("orders",)


def test_a_queues_own_target_stands_before_the_houses():
    config = check(WRITTEN)
    assert config.target_of("orders").answer_within_s == 9
    assert config.target_of("general") == config.target_of("gone") == config.target
    assert config.target_of("orders").within_share == config.target.within_share


OWN, NEVER = ("95000", "+4006009500"), ("00", "168", "+86160", "86168")
NUMBERS = {
    "10086": True, "13812341111": True, "+8613812341111": True, "123": True, "1" * 15: True,
    "95000": False, "+95000": False, "4006009500": False, "+4006009500": False, "+864006009500": False, "8695000": False,
    "16888": False, "+16888": False, "8616012345": False, "+8616012345": False, "+8616888888": False, "0044123": False,
    "+0044123": False, "12": False, "1" * 16: False, "": False, "+": False, "12a4": False, "+12+34": False,
    "unknown": False, "123\n": False, "110": False, "+86110": False, "0755119": False, "12590123": False,
    "+881612345678": False, "+447911123456": False,
}  # fmt: skip
"""Numbers that the operator names, as for a transfer: what of them may be dialled."""


@pytest.mark.parametrize("number", NUMBERS)
def test_one_rule_says_what_the_configuration_may_name(number: str):
    config = check(
        {**WRITTEN, "hotline": {"numbers": dict.fromkeys(OWN, "zh")}, "routing": {"never_dial": list(NEVER)}}
    )
    assert config.may_dial(number) is (config.dial_problem(number) == "") is NUMBERS[number]
    assert (calls_out.forbidden(config.calls_out_rules(), number) == "") is NUMBERS[number]


def test_the_wall_is_told_whole():
    table = {
        "kinds": ["mobile"], "allow": ["+85291234567"], "hours": ["mon-fri 09:00-18:00"], "at_a_time": 3, "per_hour": 4,
        "per_day": 5, "per_number": 2, "waiting_per_queue": 7,
    }  # fmt: skip
    queues = {
        **WRITTEN["queues"], "far": {"label": LABEL, "overflow": [{"after_s": 9, "do": "number", "number": "02166668888", "why": "w"}]},
    }  # fmt: skip
    config = check({**WRITTEN, "queues": queues, "routing": {"never_dial": ["168"]}, "calls_out": table})
    assert for_engine.rules(config).calls_out == calls_out.CallsOut(
        "CN", ("mobile",), ("+85291234567",), ("168",), tuple(config.hotline.numbers), ("10086", "02166668888", "13800001111"), 3, 4, 5, 2, 7,
        ((0, 4, 540, 1080),),
    )  # fmt: skip


def test_callbacks_are_made_within_the_hotlines_hours_unless_it_says_otherwise():
    hotline = {"hours": ["mon-fri 08:00-20:00"]}
    assert check({**WRITTEN, "hotline": hotline}).calls_out_rules().hours == ((0, 4, 480, 1200),)
    always = check({**WRITTEN, "hotline": hotline, "calls_out": {"hours": []}})
    assert always.calls_out_rules().hours == ()


def test_a_customer_who_is_asked_for_a_key_has_more_time_to_answer():
    plain, asked = (for_engine.rules(check({**WRITTEN, "calls_out": {"ask_key": each}})) for each in (False, True))
    assert asked.callback_within - plain.callback_within == for_engine.KEY_WITHIN


WAYS = ["13800001111", "013800001111", "8613800001111", "+8613800001111", "008613800001111"]


@pytest.mark.parametrize("written", WAYS)
def test_a_priority_is_the_persons_in_whatever_writing(written: str):
    config = check({**WRITTEN, "priorities": {written: 10}})
    assert for_engine.rules(config).priorities == {"+8613800001111": 10}


def test_a_number_is_read_by_the_hotlines_country():
    config = check(
        {**WRITTEN, "hotline": {"country": "DE", "numbers": {"95000": "zh"}}, "priorities": {"030901820": 3}}
    )
    assert for_engine.rules(config).priorities == {"+4930901820": 3}


def test_who_is_nobody():
    trunks = {
        "a": {"host": "sip.example.net", "username": "4006009500", "password_file": "/x"},
        "b": {"addresses": ["192.0.2.1"]},
    }
    hotline = {"numbers": {"95000": "zh"}, "stand_ins": ["0755 1234 5678"]}
    numbering = check({**WRITTEN, "hotline": hotline, "trunks": trunks}).numbering
    nobody = [
        "075512345678",
        "+8675512345678",
        "95000",
        "+8695000",
        "4006009500",
        "+864006009500",
        "0000",
        "anonymous",
        "",
    ]
    assert {numbering.caller(each) for each in nobody} == {"unknown"}
    assert numbering.caller("075512345679") == "+8675512345679"


def test_what_may_be_dialled():
    config = check({**WRITTEN, "hotline": {"numbers": {"95000": "zh"}}})
    assert config.may_dial("10086")
    assert not config.may_dial("95000")
    assert not config.may_dial("16899")
