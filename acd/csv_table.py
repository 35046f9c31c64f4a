"""Rows as CSV that a spreadsheet opens rightly: with a byte order mark, and with no cell that it would reckon."""

import csv as csv_module
import io
from collections.abc import Iterable, Mapping
from typing import Any

_BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The table with its head, UTF-8."""
    out = io.StringIO()
    writer = csv_module.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row[column]) for column in columns])
    return (_BOM + out.getvalue()).encode()


def cell(value: object) -> str:
    """The value as text; text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return str(value)
