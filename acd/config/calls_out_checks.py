"""The table [calls_out] looked at with the rest: entries that open what no setting opens, limits that can't be reached."""

from collections.abc import Iterator

from acd.calls_out import problem
from acd.config.hours.checks import line_mistakes
from acd.config.schema import Config
from acd.telephone_numbers import is_country


def calls_out_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything in [calls_out] that can't be."""
    table = config.calls_out
    if not is_country(config.hotline.country):
        return  # That is said already, and nothing can be judged without it.
    rules = config.calls_out_rules()
    for number, entry in enumerate(table.allow, 1):
        place = f"calls_out.allow (entry {number})"
        if wrong := problem(entry, rules):
            yield f"{place}: {entry[:40]!r} {wrong}."
        elif entry in table.allow[: number - 1]:
            yield f"{place}: {entry[:40]!r} stands twice. Keep one."
    if not table.kinds and not table.allow and _offers(config):
        yield (
            "calls_out.kinds: is empty and calls_out.allow too, so nobody could be called back, and a queue offers callbacks. "
            "Allow some numbers, or take the row with offer-callback away."
        )
    yield from line_mistakes("calls_out.hours", table.hours or [])
    if table.per_hour > table.per_day:
        yield (
            f"calls_out.per_hour: {table.per_hour} can never be reached, for calls_out.per_day is {table.per_day}. Lower it, or "
            "raise the other."
        )
    if table.per_number > table.per_day:
        yield (
            f"calls_out.per_number: {table.per_number} can never be reached, for calls_out.per_day is {table.per_day}. Lower it, "
            "or raise the other."
        )


def _offers(config: Config) -> bool:
    return any(row.do == "offer-callback" for queue in config.queues.values() for row in queue.overflow)
