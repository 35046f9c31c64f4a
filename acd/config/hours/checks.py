"""Hours and numbers looked at as a whole: lines that are none, holidays that nobody knows, numbers that lead nowhere."""

from collections.abc import Iterator, Mapping

from acd.config.hours.calendar import holiday_mistakes
from acd.config.messages import near
from acd.config.numbers import NumberTable
from acd.config.opening_hours import hours_problem
from acd.config.schema import Config


def hours_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything in hours, holidays and the tables of numbers that can't be."""
    yield from line_mistakes("hotline.hours", config.hotline.hours)
    for name, queue in config.queues.items():
        yield from line_mistakes(f"queues.{name}.hours", queue.hours or [])
    yield from _numbers(config, "hotline", config.hotline.number_tables)
    for name, brand in config.brands.items():
        yield from line_mistakes(f"brands.{name}.hours", brand.hours or [])
        yield from _numbers(config, f"brands.{name}", brand.number_tables)
    yield from holiday_mistakes(config.holidays)


def line_mistakes(place: str, lines: list[str]) -> Iterator[str]:
    """A sentence for each line that is not opening hours."""
    for line in lines:
        if problem := hours_problem(line):
            yield f'{place}: {line!r} {problem}. Write it as "mon-fri 08:00-20:00", or "hol 10:00-16:00" for holidays.'


def _numbers(config: Config, part: str, tables: Mapping[str, NumberTable]) -> Iterator[str]:
    for number, table in tables.items():
        place = f"{part}.numbers.{number}"
        yield from line_mistakes(f"{place}.hours", table.hours or [])
        if table.queue is not None and table.queue not in config.queues:
            known = ", ".join(config.queues)
            yield f"{place}.queue: there is no queue {table.queue!r}{near(table.queue, config.queues)}. Queues: {known}."
