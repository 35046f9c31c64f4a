"""A report as CSV, as a workbook and as a page, read back: the numbers are the report's, and a name is text wherever it stands."""

import csv
import io
import zipfile
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from acd.reports.as_csv import as_csv
from acd.reports.as_page import as_page
from acd.reports.as_xlsx import as_xlsx
from acd.reports.contents import Language
from acd.reports.files import files
from acd.words.reports import FIGURES, WORDS
from tests.reports.sample import HOSTILE, report

BOTH = pytest.mark.parametrize("language", ["en", "zh"])


def read_csv(data: bytes) -> tuple[list[str], list[dict[str, str]]]:
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes UTF-8 for another code without it"
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    rows = list(reader)
    return list(reader.fieldnames or ()), rows


# -- CSV --------------------------------------------------------------------------------------------------------------------


@BOTH
def test_csv_holds_the_span_and_then_each_day_with_shares_and_seconds_as_numbers(language: Language):
    made = report()
    heads, rows = read_csv(as_csv(made, made.sections[0], language))
    share = FIGURES["connect_rate"].label[language]
    assert share in heads and len(rows) == 3 + 7 * 3
    whole = rows[0]
    assert (whole[heads[0]], whole[heads[1]], whole[heads[2]]) == ("2026-11-23", "2026-11-29", "orders")
    assert float(whole[share]) == 0.9
    talk = next(head for head in heads if head.startswith(FIGURES["talk_s"].label[language]))
    assert float(whole[talk]) == 63000.0
    assert rows[2][heads[2]] == "" and int(rows[2][FIGURES["calls"].label[language]]) == 707
    assert {row[heads[0]] for row in rows[3:]} == {f"2026-11-{day}" for day in range(23, 30)}


def test_a_name_that_would_be_a_formula_is_text_in_csv():
    made = report()
    heads, rows = read_csv(as_csv(made, made.sections[0], "en"))
    assert rows[1][heads[3]] == f"'{HOSTILE}"


def test_a_figure_without_a_value_is_an_empty_cell_and_a_single_day_is_not_told_twice():
    made = report(days=1)
    heads, rows = read_csv(as_csv(made, made.sections[0], "en"))
    assert len(rows) == 3
    assert rows[1][FIGURES["asa_s"].label["en"] + " (s)"] == ""  # one call, and nobody answered it
    assert len(heads) == len(set(heads))


# -- workbook ---------------------------------------------------------------------------------------------------------------


def table(sheet: Any, first: str) -> tuple[int, dict[str, int]]:
    """The row of the headings, and heading to column."""
    for line in sheet.iter_rows():
        if line[0].value == first:
            return line[0].row, {cell.value: cell.column for cell in line if cell.value}
    raise AssertionError(f"{sheet.title}: no heading {first}")


@BOTH
def test_a_workbook_keeps_durations_shares_and_days_as_such_with_charts_beside_them(language: Language):
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report(), language)))
    word = {code: both[language] for code, both in WORDS.items()}
    assert len(book.sheetnames) == 5 and book.sheetnames[0] == word["queues"]
    sheet = book[word["queues"]]
    assert len(sheet._charts) == 2
    line, columns = table(sheet, word["code"])
    label = {name: words.label[language] for name, words in FIGURES.items()}
    talk = sheet.cell(line + 1, columns[label["talk_s"]])
    assert talk.number_format == "[h]:mm:ss" and talk.value == timedelta(seconds=63000)
    share = sheet.cell(line + 1, columns[label["connect_rate"]])
    assert (share.value, share.number_format) == (0.9, "0.0%")
    assert sheet.cell(line + 3, columns[label["calls"]]).value == 707
    days = book[f"{word['queues']} · {word['by-day']}"[:31]]
    line, columns = table(days, word["day"])
    assert days.cell(line + 1, 1).value.date() == date(2026, 11, 23) and days.cell(line + 1, 1).is_date
    assert days.max_row == line + 7 + 7 * 2


@BOTH
def test_each_heading_leads_to_its_definition_in_the_same_workbook(language: Language):
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(report(), language)))
    sheet, meanings = book[WORDS["queues"][language]], book[WORDS["definitions"][language]]
    line, columns = table(sheet, WORDS["code"][language])
    for name in ("calls", "connect_rate", "aht_s", "wrap_up_s"):
        link = sheet.cell(line, columns[FIGURES[name].label[language]]).hyperlink
        page, _, cell = link.location.rpartition("!")
        assert page.strip("'") == meanings.title
        row = meanings[cell].row
        assert [meanings.cell(row, column).value for column in (1, 2, 3)] == [
            FIGURES[name].label[language], FIGURES[name].definition[language], f"#{FIGURES[name].anchor}",
        ]  # fmt: skip


def test_in_a_workbook_nothing_is_a_formula_or_a_link_outside():
    data = as_xlsx(report(), "en")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert any(cell.value == HOSTILE for cell in cells)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            assert b'TargetMode="External"' not in parts.read(name), name
            assert "vba" not in name.lower()


def test_a_workbook_of_one_day_has_no_sheet_of_days_and_an_empty_one_opens():
    made = report(days=1)
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(made, "en")))
    assert len(book.sheetnames) == 3


# -- page -------------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What stands in a page: tags, attributes, text; and that every tag is closed."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", list[str]()
        self.feed(data.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@BOTH
def test_a_page_stands_alone_and_each_heading_leads_to_its_definition(language: Language):
    page = Page(as_page(report(), language))
    names = {name for name, _ in page.tags}
    assert "script" not in names and "link" not in names and "img" not in names
    for _, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "href") or (value or "").startswith("#"), (name, value)
    goals = {attributes["id"] for _, attributes in page.tags if attributes.get("id")}
    links = {str(attributes["href"])[1:] for name, attributes in page.tags if name == "a"}
    assert links <= goals and {f"figure-{name}" for name in ("calls", "aht_s", "occupancy")} <= links
    assert FIGURES["aht_s"].definition[language] in page.text
    assert dict(page.tags)["html"]["lang"] == ("zh-CN" if language == "zh" else "en")


def test_a_page_shows_names_as_text_and_marks_what_says_little_or_misses_its_target():
    page = Page(as_page(report(), "en"))
    assert HOSTILE in page.text and "三响 <热线>" in page.text and "1002 Tom <b>" in page.text
    css = [attributes.get("class") for name, attributes in page.tags if name == "td"]
    assert "few" in css
    assert sum(name == "svg" for name, _ in page.tags) == 4
    assert all(attributes.get("aria-label") for name, attributes in page.tags if name == "svg")


def test_a_page_of_one_day_has_no_table_of_days():
    page = Page(as_page(report(days=1), "en"))
    assert WORDS["by-day"]["en"] not in page.text


# -- names of files ---------------------------------------------------------------------------------------------------------


def test_files_are_named_by_report_and_span_and_csv_is_one_for_each_section():
    made = files(report(), ["csv", "xlsx", "page"], "en", "weekly")
    stem = "weekly-2026-11-23_2026-11-29"
    assert [one.name for one in made] == [f"{stem}-queues.csv", f"{stem}-agents.csv", f"{stem}.xlsx", f"{stem}.html"]
    assert [one.name for one in files(report(days=1), ["xlsx"], "en", "daily")] == ["daily-2026-11-29.xlsx"]
