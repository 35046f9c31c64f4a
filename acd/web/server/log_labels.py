"""A row of the call log with the labels that the configuration gives to its codes, and its moments by the hotline's clock.

The log keeps codes and UTC. Who reads it is told 退款 or "Refund", and the time that the customer was promised. What the configuration no
longer names is shown by its code.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from acd.config import Config
from acd.engine.commands import Kind
from acd.words.menus import language_name

MOMENTS = ("due_at", "until", "begins")
"""Keys of a detail whose values are moments, as ISO text with a zone."""


def labelled(config: Config, kind: Kind, detail: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The detail of a row, for a sentence in this language. What people wrote stays as it is."""
    found = {**detail, **local_moments(detail, config.hotline.timezone)}
    for key, label in _labels(config, kind, detail, language).items():
        value = found.get(key)
        if isinstance(value, str):
            found[key] = label(value)
        elif isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            found[key] = [label(each) for each in value]
    if isinstance(found.get("required"), list):
        queue = _named(config.queues, language)
        found["required"] = [
            {**each, "queue": queue(str(each["queue"]))} if isinstance(each, Mapping) and "queue" in each else each
            for each in found["required"]
        ]
    return found


def local_moments(detail: Mapping[str, Any], timezone: str) -> dict[str, str]:
    """The moments of a detail by the clock of that zone, `2026-11-30 01:26`; what is no moment is left out."""
    zone, found = ZoneInfo(timezone), dict[str, str]()
    for key in MOMENTS:
        try:
            moment = datetime.fromisoformat(detail.get(key) or "")
        except (TypeError, ValueError):
            continue
        if moment.tzinfo is not None:
            found[key] = f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
    return found


def _labels(config: Config, kind: Kind, detail: Mapping[str, Any], language: str) -> Mapping[str, Callable[[str], str]]:
    """Key of the detail to what makes a label of its code."""
    queue = _named(config.queues, language)
    match kind:
        case Kind.TRANSFER:
            target = {"queue": queue, "skill": lambda skill: skill_name(config, skill, language)}.get(
                str(detail.get("kind"))
            )
            reason = _label_of(config.transfers.named(), language)
            return {"reason": reason, **({"to": target} if target else {})}
        case Kind.CARD:
            return {
                "code": _label_of(config.transfers.dispositions, language),
                "how": _label_of(config.transfers.verify, language),
            }
        case Kind.AGENT_STATE:
            return {"reason": _label_of({each.en: each for each in config.not_ready_reasons.values()}, language)}
        case Kind.OPERATOR:
            return {"was": queue, "now": queue} if detail.get("did") in ("moved", "agent moved") else {}
        case Kind.OVERFLOW:
            return {"queue": queue}
        case Kind.CUSTOMER | Kind.QUEUED:
            classes = {name: each.label for name, each in config.classes.items() if each.label is not None}
            return {"class": _label_of(classes, language), "moved_from": queue}
        case _:
            return {}


def skill_name(config: Config, skill: str, language: str) -> str:
    """A skill by the label of the queue that is called alike, or as the language that it is; else its own name."""
    queue = _named(config.queues, language)(skill)
    return language_name(skill, language) if queue == skill else queue


def _named(queues: Mapping[str, Any], language: str) -> Callable[[str], str]:
    return lambda name: getattr(queues[name].label, language) if name in queues else name


def _label_of(table: Mapping[str, Any], language: str) -> Callable[[str], str]:
    return lambda code: getattr(table[code], language) if code in table else code
