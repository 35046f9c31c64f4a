"""Codes of the log and the card as the configuration in force names them, and the codes that somebody's words mean."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from acd.config import Config
from acd.words.terms import TRANSFER_REASONS

Language = Literal["zh", "en"]
MOST_MEANT = 50
"""Agents, reasons or dispositions that one search may mean."""


def queue_label(config: Config, queue: str, language: str) -> str:
    """The queue's label; one that is configured no more as it is."""
    return _label(config.queues[queue].label, language) if queue in config.queues else queue


def brand_label(config: Config, brand: str, language: str) -> str:
    """The brand's name; one that is configured no more as it is."""
    return _label(config.brands[brand].name, language) if brand in config.brands else brand


def agent_label(config: Config, agent: str) -> str:
    """The extension and the name: "1002 Li Na"; one who is configured no more by the extension alone."""
    name = config.agents[agent].name if agent in config.agents else ""
    return f"{agent} {name}" if name and name != agent else agent


def reason_label(config: Config, reason: str, language: str) -> str:
    """Of a transfer."""
    known = config.transfers.named().get(reason)
    if known is not None:
        return _label(known, language)
    return TRANSFER_REASONS.get(reason, reason) if language == "zh" else reason


def disposition_label(config: Config, code: str, language: str) -> str:
    """What an agent classed a call as; a code that is configured no more as it is."""
    known = config.transfers.dispositions.get(code)
    return code if known is None else _label(known, language)


def target_label(config: Config, kind: str, to: str, language: str) -> str:
    """To what a transfer went, without its kind; a number stays as it is."""
    if kind == "queue":
        return queue_label(config, to, language)
    return agent_label(config, to) if kind == "agent" else to


def agents_meant(config: Config, typed: str, seen: Iterable[str]) -> list[str]:
    """Those of these agents whose name holds what was typed."""
    wanted = typed.casefold()
    found = (agent for agent in seen if agent in config.agents and wanted in config.agents[agent].name.casefold())
    return sorted(found)[:MOST_MEANT]


def reasons_meant(config: Config, typed: str) -> list[str]:
    """Reasons of transfers whose label in either language holds it."""
    return _meant(typed, {code: (code, label.zh, label.en) for code, label in config.transfers.named().items()})


def dispositions_meant(config: Config, typed: str) -> list[str]:
    """Codes of dispositions whose label in either language holds it."""
    return _meant(typed, {code: (code, label.zh, label.en) for code, label in config.transfers.dispositions.items()})


def _meant(typed: str, named: Mapping[str, Collection[str]]) -> list[str]:
    wanted = typed.casefold()
    return [code for code, words in named.items() if any(wanted in word.casefold() for word in words)][:MOST_MEANT]


def _label(label: Any, language: str) -> str:
    return str(label.zh if language == "zh" else label.en)
