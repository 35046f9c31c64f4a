"""What the operator writes is what the engine gets, and who would be rung without the engine."""

from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

from acd import floor
from acd.config import Config, check
from acd.engine.model import Overflow, Rules

LABEL = {"zh": "x", "en": "x"}
WRITTEN: dict[str, Any] = {
    "trunks": {"carrier": {"addresses": ["192.0.2.1"]}},
    "rings": {"ring_s": 4, "rings": 2},
    "target": {"answer_within_s": 20},
    "priorities": {"13800001111": 10},
    "routing": {
        "priority_s": 20, "emergency_s": 600, "return_within_min": 3, "same_agent": "first", "same_agent_within_h": 2,
        "same_agent_hold_s": 7, "spare_versatile": True, "expected_handling_s": 90, "callback_attempts": 3,
        "callback_pause_min": 1,
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
    "agents": {"1001": {"name": "One", "skills": {"orders": 5}, "queues": ["orders"]}, "1002": {"skills": {"zh": 1}}},
}  # fmt: skip


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_every_field_of_a_queue_reaches_the_engine():
    orders, general = floor.queues(check(WRITTEN))
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


def test_every_rule_that_can_be_written_reaches_the_engine():
    """None is left at the engine's own default: a field that is forgotten here would be a setting without effect."""
    rules = floor.rules(check(WRITTEN))
    plain = Rules()
    fixed = {"dialled_within", "sign_within", "bridged_within", "well_after", "short_abandon", "callback_within"}
    same = {field.name for field in fields(Rules) if getattr(rules, field.name) == getattr(plain, field.name)}
    assert is_dataclass(plain)
    assert same == fixed
    assert (rules.ring, rules.rings, rules.answer_within) == (s(4), 2, s(20))
    assert (rules.priority_worth, rules.emergency_worth, rules.return_within) == (s(20), s(600), s(180))
    assert (rules.same_agent, rules.same_agent_within, rules.same_agent_hold) == ("first", s(7200), s(7))
    assert (rules.callback_attempts, rules.callback_pause, rules.expected_handling) == (3, s(60), s(90))


def test_a_configuration_is_told_whole_with_its_version_and_who_took_it():
    config = check(WRITTEN)
    told = floor.config_changed(config, 7, "zhang")
    assert (told.version, told.by) == (7, "zhang")
    assert (list(told.queues), told.agents, told.rules) == (
        floor.queues(config),
        floor.agents(config),
        floor.rules(config),
    )
    assert told.agents[0].queues == ("orders",)


def test_a_queues_own_target_stands_before_the_houses():
    config = check(WRITTEN)
    assert config.target_of("orders").answer_within_s == 9
    assert config.target_of("general") == config.target_of("gone") == config.target
    assert config.target_of("orders").within_share == config.target.within_share


def row(agent: str, skills: dict[str, int], **other: Any) -> dict[str, Any]:
    return {
        "agent": agent,
        "skills": skills,
        "logged_in": True,
        "ready": True,
        "reachable": True,
        "queues": [],
        **other,
    }


def test_the_fallback_rings_who_is_ready_has_the_skills_and_takes_the_queues_calls():
    config: Config = check(WRITTEN)
    rows = [
        row("1001", {"orders": 5}, queues=["orders"]),
        row("1002", {"orders": 2}),
        row("1003", {"orders": 5}, ready=False),
        row("1004", {"orders": 5}, reachable=False),
        row("1005", {"orders": 5}, logged_in=False),
        row("1006", {"orders": 3}),
    ]
    assert floor.ready_agents(config, {"agents": rows}) == {"orders": ["1001", "1006"], "general": ["1002", "1006"]}


def test_what_may_be_dialled():
    config = check({**WRITTEN, "hotline": {"numbers": {"95000": "zh"}}})
    assert config.may_dial("10086")
    assert not config.may_dial("95000")
    assert not config.may_dial("16899")
