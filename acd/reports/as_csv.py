"""One section as CSV: the rows over the whole span, then those of each day. UTF-8 with a byte order mark, so that Excel reads it.

Shares are between 0 and 1 and times are in seconds, as in the API: a spreadsheet reckons with them. Names that would be formulas
are neutralised (acd/csv_table.py).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from acd import csv_table
from acd.reports.contents import Language, Report, Row, Section
from acd.words.reports import FIGURES, WORDS


def as_csv(report: Report, section: Section, language: Language) -> bytes:
    """The table with its head."""
    columns = [WORDS[code][language] for code in ("from", "to", "code")]
    columns += [WORDS["queue" if section.by == "queues" else "agent"][language]]
    columns += [FIGURES[figure.name].label[language] + _unit(figure.kind, language) for figure in section.figures]
    rows = (dict(zip(columns, line, strict=True)) for line in _lines(report, section, language))
    return csv_table.csv(columns, rows)


def _lines(report: Report, section: Section, language: Language) -> Iterator[list[Any]]:
    first, last = report.span.first, report.span.last
    for row in (*section.rows, section.total):
        yield _line(first, last, section, row, language)
    if report.span.days > 1:
        by_day: dict[date, list[Row]] = {}
        for day, row in section.rows_by_day:
            by_day.setdefault(day, []).append(row)
        for day, total in section.days:
            for row in (*by_day.get(day, ()), total):
                yield _line(day, day, section, row, language)


def _line(first: date, last: date, section: Section, row: Row, language: Language) -> list[Any]:
    values = (row.values[figure.name] for figure in section.figures)
    return [first.isoformat(), last.isoformat(), row.name, row.label[language], *(_value(each) for each in values)]


def _value(value: float | int | None) -> float | int | None:
    return round(value, 6) if isinstance(value, float) else value


def _unit(kind: str, language: Language) -> str:
    if kind not in ("seconds", "time"):
        return ""
    return "（秒）" if language == "zh" else " (s)"
