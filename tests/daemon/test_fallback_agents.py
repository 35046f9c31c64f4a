"""Which agents the dialplan rings while no daemon answers."""

from typing import Any

from acd.config import check
from acd.daemon.fallback_agents import ready_agents

LABEL = {"zh": "x", "en": "x"}


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


def test_the_fallback_rings_agents_who_are_ready_and_take_the_queues_calls():
    config = check({"queues": {"orders": {"label": LABEL, "skills": {"orders": 3}}, "general": {"label": LABEL}}})
    rows = [
        row("1001", {"orders": 5}, queues=["orders"]),
        row("1002", {"orders": 2}),
        row("1003", {"orders": 5}, ready=False),
        row("1004", {"orders": 5}, reachable=False),
        row("1005", {"orders": 5}, logged_in=False),
        row("1006", {"orders": 3}),
    ]
    assert ready_agents(config, {"agents": rows}) == {
        "orders": ["1001", "1006"],
        "general": ["1002", "1006"],
    }
