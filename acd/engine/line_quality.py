"""Events about lines: kept in the log, shown with the call, counted by trunk and agent, and alarmed about. They decide nothing."""

from dataclasses import asdict
from typing import Any

from acd.engine.commands import Kind
from acd.engine.entities import Offered
from acd.engine.line_events import LegMeasured, LineChanged
from acd.engine.line_verdict import LEAST_S, Verdict, verdict
from acd.engine.state import State

COUNTED = ("trunk ", "agent ")
"""Parties that are counted and alarmed about begin so."""


def measured(s: State, event: LegMeasured) -> None:
    """LegMeasured: the leg's row of the log; an alarm when too many of the party's latest legs were bad."""
    found = verdict(event.figures, s.rules.line)
    s.log(Kind.LEG_QUALITY, event.call, event.agent, event.offer, detail=_detail(event, found))
    if event.figures.seconds < LEAST_S or not event.party.startswith(COUNTED):
        return
    was = s.line_history.is_alarmed(event.party)
    said = s.line_history.add(event.party, event.figures, found, s.rules.line)
    if was and not s.line_history.is_alarmed(event.party):
        s.log(Kind.ALARM_CLEARED, event.call, detail={"name": "bad line", "subject": event.party, "by": ""})
    if said:
        agent = event.agent if event.side == "agent" else ""
        why = f"{said}. Look at that line: docs/line-quality.md says where"
        detail = {"name": "bad line", "detail": why, "subject": event.party}
        s.log(Kind.ALARM, event.call, agent, detail=detail)


def changed(s: State, event: LineChanged) -> None:
    """LineChanged: one row, and the agent's page shows it. Ignored of a talk that is over."""
    offer = _talk(s, event.call, event.offer)
    if offer is None:
        s.ignore(event, "no such offer goes on")
        return
    if event.problems:
        offer.line[event.side] = list(event.problems)
    elif offer.line.pop(event.side, None) is None:
        return
    found = verdict(event.figures, s.rules.line)
    detail = _detail(event, found) | {"problems": list(event.problems)}
    s.log(Kind.LINE, event.call, event.agent, event.offer, detail=detail)


def _talk(s: State, call: str, name: str) -> Offered | None:
    known = s.calls.get(call)
    if known is None:
        return None
    offers = (known.offer, known.consult)
    return next((offer for offer in offers if offer is not None and name in (offer.offer, offer.also)), None)


def _detail(event: LegMeasured | LineChanged, found: Verdict) -> dict[str, Any]:
    figures = {
        name: round(value, 1) if isinstance(value, float) else value for name, value in asdict(event.figures).items()
    }
    judged = asdict(found) | {"problems": list(found.problems)}
    return {"side": event.side, "party": event.party, **figures, **judged}
