"""A report as a workbook: a sheet for each section with charts beside its figures, one for its days, and one with the definitions.

Durations are durations (days, as a spreadsheet keeps them), shares are shares, and days are dates, so that all can be reckoned with.
Each heading leads to its definition in the last sheet. Text is written as text: nothing in a name becomes a formula or a link.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from acd.reports.contents import Language, Report, Row, Section
from acd.reports.figures import Figure, Value
from acd.words.reports import FIGURES, WORDS, said

DAY_S = 86400
ROW_HIGH = 20
"""Pixels."""
MOST_BARS = 40
"""Names in a chart; a chart of more can't be read."""
_FORMATS = {"count": "#,##0", "share": "0.0%", "seconds": "[m]:ss.0", "time": "[h]:mm:ss"}
_MARKS: dict[str, dict[str, Any]] = {
    "few": {"font_color": "#707070", "italic": True},
    "missed": {"font_color": "#A3161C"},
    "total": {"bold": True, "top": 1},
    "head": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "font_color": "#0B57B0"},
    "title": {"bold": True, "font_size": 16},
    "wrap": {"text_wrap": True, "valign": "top"},
}
_BLUE, _GREY = "#0B57B0", "#9AA5B1"


def as_xlsx(report: Report, language: Language) -> bytes:
    """The workbook."""
    import xlsxwriter  # type: ignore[import-untyped]  # Here, so that the daemon's start does not wait for it.

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": f"{report.hotline}: {WORDS['report'][language]} {report.span}"})
        _Writer(book, report, language).write()
    return out.getvalue()


class _Writer:
    def __init__(self, book: Any, report: Report, language: Language) -> None:
        self.book, self.report, self.language = book, report, language
        self._formats: dict[tuple[str, str], Any] = {}
        self._definitions = WORDS["definitions"][language][:31]
        self._rows_of_definitions: dict[str, int] = {}

    def word(self, code: str) -> str:
        return WORDS[code][self.language]

    def form(self, kind: str, mark: str = "") -> Any:
        """The format of a cell. `mark`: "few", "missed", "total", "head", or nothing."""
        if (kind, mark) not in self._formats:
            how: dict[str, Any] = {"num_format": _FORMATS[kind]} if kind in _FORMATS else {}
            if kind == "day":
                how = {"num_format": "yyyy-mm-dd", "align": "left"}
            how |= _MARKS.get(mark, {})
            self._formats[kind, mark] = self.book.add_format(how)
        return self._formats[kind, mark]

    def write(self) -> None:
        number = 2
        for section in self.report.sections:
            for figure in section.figures:
                if figure.name not in self._rows_of_definitions:
                    self._rows_of_definitions[figure.name] = number
                    number += 1
        for section in self.report.sections:
            self._section(section)
            if self.report.span.days > 1:
                self._days(section)
        self._write_definitions()

    # --- a section: title, notes, table, charts beside ---

    def _section(self, section: Section) -> None:
        sheet = self.book.add_worksheet(self.word(section.by)[:31])
        top = self._top(sheet, section)
        if section.rows:
            # Above the table, where they are seen beside it whatever its length.
            top += self._charts(sheet, section, top)
        self._heads(sheet, top, section, [self.word("code"), self.word("queue" if section.by == "queues" else "agent")])
        for line, row in enumerate((*section.rows, section.total), top + 1):
            mark = "total" if not row.name else ""
            sheet.write_string(line, 0, row.name, self.form("text", mark))
            sheet.write_string(line, 1, row.label[self.language], self.form("text", mark))
            self._values(sheet, line, 2, section.figures, row, mark)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 22)
        sheet.set_column(2, 1 + len(section.figures), 12)
        self._printed(sheet)

    def _top(self, sheet: Any, section: Section) -> int:
        """Title and notes; the row in which the table begins."""
        report, zone = self.report, self.report.zone
        sheet.write_string(0, 0, f"{report.hotline} · {self.word(section.by)}", self.form("text", "title"))
        first, last = report.span.first, report.span.last
        lines = [said("span", self.language, first=first, last=last, zone=zone)]
        lines += [said("made", self.language, at=f"{report.made_at:%Y-%m-%d %H:%M} ({zone})")]
        if report.queues:
            named = ", ".join(label[self.language] for label in report.queues)
            lines += [said("only", self.language, queues=named)]
        if not report.whole:
            lines += [self.word("goes-on")]
        for number, line in enumerate(lines, 1):
            sheet.write_string(number, 0, line)
        number = len(lines) + 1
        sheet.write_string(number, 0, self.word("few-note"), self.form("text", "few"))
        sheet.write_string(number + 1, 0, self.word("missed"), self.form("text", "missed"))
        return number + 3

    def _heads(self, sheet: Any, line: int, section: Section, first: Sequence[str]) -> None:
        """Headings; those of figures lead to their definitions."""
        head = self.form("text", "head")
        for column, text in enumerate(first):
            sheet.write_string(line, column, text, head)
        for column, figure in enumerate(section.figures, len(first)):
            words = FIGURES[figure.name]
            place = f"internal:'{self._definitions}'!A{self._rows_of_definitions[figure.name]}"
            sheet.write_url(
                line, column, place, head, words.label[self.language], words.definition[self.language][:255]
            )
        sheet.set_row(line, 32)

    def _values(self, sheet: Any, line: int, column: int, figures: Sequence[Figure], row: Row, mark: str) -> None:
        for number, figure in enumerate(figures, column):
            name, value = figure.name, row.values[figure.name]
            how = mark or ("few" if name in row.few else "missed" if name in row.missed else "")
            if value is None:
                sheet.write_blank(line, number, None, self.form(figure.kind, how))
            else:
                sheet.write_number(line, number, _stored(figure.kind, value), self.form(figure.kind, how))

    def _charts(self, sheet: Any, section: Section, line: int) -> int:
        """A bar for each name, and columns by day. How many rows of the sheet they take; the table begins below."""
        bars = min(len(section.rows), MOST_BARS)
        high = max(260, 60 + 24 * bars)
        taken = high // ROW_HIGH + 2
        top = line + taken
        figure, title = ("within_15_s", "level-by-name") if section.by == "queues" else ("talks", "talks-by-name")
        column = 2 + [each.name for each in section.figures].index(figure)
        chart = self.book.add_chart({"type": "bar"})
        name = sheet.get_name()
        series = {
            "name": FIGURES[figure].label[self.language],
            "categories": [name, top + 1, 1, top + bars, 1],
            "values": [name, top + 1, column, top + bars, column],
            "fill": {"color": _BLUE},
            "data_labels": {"value": True},
        }
        chart.add_series(series)
        chart.set_title({"name": self.word(title), "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        share = section.by == "queues"
        chart.set_x_axis({"min": 0, "max": 1, "num_format": "0%"} if share else {"min": 0})
        chart.set_size({"width": 560, "height": high})
        sheet.insert_chart(line, 0, chart)
        if self.report.span.days > 1:
            sheet.insert_chart(line, 6, self._by_day_chart(section))
        return taken

    # --- its days ---

    def _days_name(self, section: Section) -> str:
        return f"{self.word(section.by)} · {self.word('by-day')}"[:31]

    def _days(self, section: Section) -> None:
        sheet = self.book.add_worksheet(self._days_name(section))
        noun = self.word("queue" if section.by == "queues" else "agent")
        self._heads(sheet, 0, section, [self.word("day"), self.word("code"), noun])
        lines: list[tuple[date, Row]] = [*section.days, *section.rows_by_day]
        for line, (day, row) in enumerate(lines, 1):
            sheet.write_datetime(line, 0, _moment(day), self.form("day"))
            sheet.write_string(line, 1, row.name)
            sheet.write_string(line, 2, row.label[self.language])
            self._values(sheet, line, 3, section.figures, row, "")
        sheet.set_column(0, 1, 12)
        sheet.set_column(2, 2, 22)
        sheet.set_column(3, 2 + len(section.figures), 12)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, len(lines), 2 + len(section.figures))
        self._printed(sheet)

    def _by_day_chart(self, section: Section) -> Any:
        """Columns by day, from the sheet of days; the totals stand first in it."""
        name, last = self._days_name(section), len(section.days)
        chart = self.book.add_chart({"type": "column"})
        names = [each.name for each in section.figures]
        chosen = ("calls", "answered") if section.by == "queues" else ("talks",)
        for number, figure in enumerate(chosen):
            column = 3 + names.index(figure)
            chart.add_series(
                {
                    "name": FIGURES[figure].label[self.language],
                    "categories": [name, 1, 0, last, 0],
                    "values": [name, 1, column, last, column],
                    "fill": {"color": _GREY if number == 0 and len(chosen) > 1 else _BLUE},
                    "overlap": 100 if len(chosen) > 1 else 0,
                }
            )
        title = "answered-by-day" if section.by == "queues" else "talks-by-day"
        chart.set_title({"name": self.word(title), "name_font": {"size": 12}})
        chart.set_legend({"position": "bottom"} if len(chosen) > 1 else {"none": True})
        chart.set_x_axis({"date_axis": True, "num_format": "mm-dd"})
        chart.set_size({"width": 560, "height": 260})
        return chart

    # --- what each figure means ---

    def _write_definitions(self) -> None:
        sheet = self.book.add_worksheet(self._definitions)
        head = self.form("text", "head")
        sheet.write_string(0, 0, self.word("figure"), head)
        sheet.write_string(0, 1, self.word("definition"), head)
        sheet.write_string(0, 2, self.word("more"), head)
        for name, line in self._rows_of_definitions.items():
            words = FIGURES[name]
            sheet.write_string(line - 1, 0, words.label[self.language], self.form("text", "wrap"))
            sheet.write_string(line - 1, 1, words.definition[self.language], self.form("text", "wrap"))
            sheet.write_string(line - 1, 2, f"#{words.anchor}", self.form("text", "wrap"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
        sheet.set_column(2, 2, 34)
        self._printed(sheet)

    @staticmethod
    def _printed(sheet: Any) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)


def _stored(kind: str, value: Value) -> float:
    assert value is not None
    return value / DAY_S if kind in ("seconds", "time") else value


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
