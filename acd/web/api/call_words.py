"""The rows of a call's log as people read them: people, queues, reasons and dispositions by their names, instants on the hotline's clock."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from acd.config import Config
from acd.engine.commands import Kind
from acd.store.queries.calls import Happening
from acd.web.server.labels import agent_label, brand_label, queue_label
from acd.web.server.log_labels import labelled
from acd.words import sentence

_AGENTS = ("by", "first", "receiver", "complaint_owner")
_WAITS_AGAIN = (Kind.TALK_ENDED, Kind.RETURNED, Kind.QUEUED)


def with_waits(rows: Iterable[Happening]) -> Iterator[Happening]:
    """The rows, those of a caller who had talked or waited before with `again_s`: how long they waited this time, in seconds."""
    asked, waits_since = False, None
    for row in rows:
        if row.kind == Kind.CONNECTED and waits_since is not None:
            again_s = max(0.0, (row.at - waits_since).total_seconds())
            row = replace(row, detail={**row.detail, "again_s": round(again_s, 1)})
        elif row.kind in _WAITS_AGAIN and asked:
            waits_since = row.at
        asked = asked or row.kind == Kind.QUEUED
        yield row


def told(config: Config, row: Happening, language: str) -> str:
    """The row as a sentence in that language. `row`: its numbers as they may be shown."""
    kind = Kind(row.kind)
    labels = labelled(config, kind, row.detail, language)
    detail = {name: _named(config, name, value, row, language) for name, value in labels.items()}
    return sentence(kind, agent_label(config, row.agent), queue_label(config, row.queue, language), detail, language)


def _named(config: Config, name: str, value: Any, row: Happening, language: str) -> Any:
    """One value of a row's detail with the name of the person or brand that it stands for."""
    if not isinstance(value, str) or not value:
        return value
    if name in _AGENTS or (name == "to" and row.kind == Kind.TRANSFER and row.detail.get("kind") == "agent"):
        return agent_label(config, value)
    if name == "brand":
        return brand_label(config, value, language)
    if name == "queue":
        return queue_label(config, value, language)
    return value
