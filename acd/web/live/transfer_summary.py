"""The card as it is shown: the caller's number in the national writing, and one line for each transfer, in both languages.

Each transfer has its own line as `zh` and `en`; the card's `lines` are those that were completed."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from acd.config import Config, Label, Reason
from acd.context_card.transfer_summary import line, lines
from acd.web.server.caller_numbers import e164_of, shown_caller

LANGUAGES = ("zh", "en")


def class_label(config: Config, name: str) -> dict[str, str]:
    """A class of customers as it is shown; its own name where the configuration has no label for it."""
    known = config.classes.get(name)
    label = known.label if known is not None else None
    return {"zh": name, "en": name} if label is None else {"zh": label.zh, "en": label.en}


def with_transfer_lines(card: dict[str, Any], config: Config) -> dict[str, Any]:
    """The card, and as `lines` its completed transfers: "14:30 to technical support, 1234, can't log in to the app"."""
    zone = ZoneInfo(config.hotline.timezone)
    card = card | {
        "caller": shown_caller(config, card["caller"], withheld=card["withheld"], in_full=True),
        "number": e164_of(config, card["caller"], withheld=card["withheld"]),
        "nuisance": config.nuisance_why(card["caller"]),
    }
    if card["customer"] is not None:
        label = class_label(config, card["customer"]["customer_class"])
        card["customer"] = card["customer"] | {"class_label": label}
    if not card["transfers"]:
        return {**card, "lines": {"zh": [], "en": []}}
    queues = {name: queue.label for name, queue in config.queues.items()}
    labels: Mapping[str, Mapping[str, Label | Reason]] = {
        "queue": queues,
        "skill": queues,  # Where a skill has the name of a queue, that is what people call it.
        "number": config.transfers.numbers,
        "reason": config.transfers.named(),
    }

    def named(what: str, which: str, language: str) -> str:
        if what == "agent":
            known = config.agents.get(which)
            return known.name if known else ""
        label = labels[what].get(which)
        return "" if label is None else label.zh if language == "zh" else label.en

    spoken = {language: lines(card, language, zone, named) for language in LANGUAGES}
    transfers = [
        {**one, **{language: line(card, one, language, zone, named) for language in LANGUAGES}}
        for one in card["transfers"]
    ]
    return {**card, "transfers": transfers, "lines": spoken}
