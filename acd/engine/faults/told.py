"""Faults as JSON-able data, for page, API and report."""

from dataclasses import asdict
from typing import Any

from acd.engine.faults.state import Fault
from acd.engine.state import State


def faults(s: State) -> list[dict[str, Any]]:
    """All that the engine knows, the open ones first, each the latest first."""
    known = sorted(s.faults.all.values(), key=lambda fault: (not fault.is_open, -int(fault.fault)))
    return [row(s, fault) for fault in known]


def row(s: State, fault: Fault) -> dict[str, Any]:
    """One fault; times aware, ISO 8601. `here`: callers who are in it just now."""
    scope, plan = asdict(fault.scope), asdict(fault.plan)
    news = [each.news for each in fault.registered.values()]
    waiting = [call for call in s.story_calls.open.values() if call.subject == fault.fault]
    return {
        "fault": fault.fault,
        "open": fault.is_open,
        "class": fault.fault_class,
        **asdict(fault.words),
        **{name: list(value) if isinstance(value, tuple) else value for name, value in scope.items()},
        "plan": {name: list(value) if isinstance(value, tuple) else value for name, value in plan.items()},
        "note": fault.note,
        "declared_at": fault.declared_at.isoformat(),
        "declared_by": fault.declared_by,
        "expected": None if fault.expected is None else fault.expected.isoformat(),
        "alarm": fault.alarm,
        "detected": None if fault.detected is None else fault.detected.isoformat(),
        "cleared_at": None if fault.cleared_at is None else fault.cleared_at.isoformat(),
        "cleared_by": fault.cleared_by,
        "quietly": fault.quietly,
        "news_zh": fault.news_zh,
        "news_en": fault.news_en,
        **asdict(fault.counts),
        "here": sum(fault.fault in call.faults and call.asked_at is None for call in s.calls.values()),
        "registered": len(news),
        "told": news.count("told"),
        "not_reached": news.count("not reached"),
        "refused": news.count("refused"),
        "to_tell": news.count("waiting"),
        "calling": sum(call.state != "waiting" for call in waiting),
        "held": sorted({call.held for call in waiting if call.held}),
    }


def callers(s: State, fault: str) -> list[dict[str, Any]]:
    """Who is registered, in their order: number, language, at, news, why, tries, told_at. Empty for a fault that is none."""
    known = s.faults.all.get(fault)
    if known is None:
        return []
    return [
        {
            "number": each.number,
            "language": each.language,
            "at": each.at.isoformat(),
            "news": each.news,
            "why": each.why,
            "tries": each.tries,
            "told_at": None if each.told_at is None else each.told_at.isoformat(),
        }
        for each in known.registered.values()
    ]
