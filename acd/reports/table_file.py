"""A list as a file, row by row: CSV, or a workbook whose durations and instants are such and can be reckoned with.

Rows go to the disk as they come, so a list of any length takes the memory of some rows. Text is written as text: nothing in a name
becomes a formula or a link.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

from acd import csv_table

Format = Literal["csv", "xlsx"]
Kind = Literal["text", "count", "seconds", "share", "moment"]
"""seconds: a duration; share: from 0 to 1; moment: an instant, written on the hotline's clock."""
Value = str | int | float | datetime | None
CONTENT: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS = 50_000
"""Of one file."""
DAY_S = 86400
_LONGEST_TEXT = 32_000
"""Characters; a workbook's cell holds some more."""
_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {},
    "count": {"num_format": "#,##0"},
    "seconds": {"num_format": "[h]:mm:ss"},
    "share": {"num_format": "0.0%"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"},
}
_WIDTHS: dict[Kind, int] = {"text": 18, "count": 10, "seconds": 10, "share": 10, "moment": 20}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file."""

    label: str
    kind: Kind = "text"
    width: int = 0
    """In characters, of a workbook; 0: that of its kind."""


class TableFile:
    """Takes rows, then gives the whole file. To be used in a thread: it writes to the disk."""

    def __init__(self, form: Format, title: str, columns: Sequence[Column], zone: tzinfo) -> None:
        self._columns, self._zone = columns, zone
        self.rows = 0
        self._table: _Csv | _Workbook = (_Csv if form == "csv" else _Workbook)(title, columns)

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        """Each row has a value for each column."""
        for row in rows:
            self.rows += 1
            self._table.write([self._local(value) for value in row])

    def end(self) -> bytes:
        """The file."""
        return self._table.end()

    def _local(self, value: Value) -> Value:
        return value.astimezone(self._zone).replace(tzinfo=None) if isinstance(value, datetime) else value


class _Csv:
    def __init__(self, title: str, columns: Sequence[Column]) -> None:
        self._out = io.StringIO()
        self._writer = csv.writer(self._out, lineterminator="\r\n")
        self._writer.writerow([each.label for each in columns])

    def write(self, row: list[Value]) -> None:
        self._writer.writerow([_as_text(value) for value in row])

    def end(self) -> bytes:
        return f"\ufeff{self._out.getvalue()}".encode()


def _as_text(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return csv_table.cell(value)


class _Workbook:
    def __init__(self, title: str, columns: Sequence[Column]) -> None:
        import xlsxwriter  # type: ignore[import-untyped]  # Here, so that the daemon's start does not wait for it.

        self._out, self._line, self._columns = io.BytesIO(), 0, columns
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._out, options | {"strings_to_numbers": False})
        self._book.set_properties({"title": title})
        self._formats = {kind: self._book.add_format(how) for kind, how in _FORMATS.items()}
        self._sheet = self._book.add_worksheet(_sheet_name(title))
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, column.width or _WIDTHS[column.kind])
        self._sheet.freeze_panes(1, 0)
        head = self._book.add_format({"bold": True, "bottom": 1})
        for number, column in enumerate(columns):
            self._sheet.write_string(0, number, column.label, head)

    def write(self, row: list[Value]) -> None:
        self._line += 1
        for number, (column, value) in enumerate(zip(self._columns, row, strict=True)):
            how = self._formats[column.kind]
            if isinstance(value, datetime):
                self._sheet.write_datetime(self._line, number, value, how)
            elif isinstance(value, str):
                self._sheet.write_string(self._line, number, value[:_LONGEST_TEXT], how)
            elif value is not None:
                self._sheet.write_number(self._line, number, value / DAY_S if column.kind == "seconds" else value, how)

    def end(self) -> bytes:
        self._sheet.autofilter(0, 0, self._line, len(self._columns) - 1)
        self._book.close()
        return self._out.getvalue()


def _sheet_name(title: str) -> str:
    """The title as a workbook may name a sheet: without its special characters, 31 characters at most."""
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)[:31].strip() or "1"
