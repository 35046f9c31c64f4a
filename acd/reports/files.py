"""A report as files: in which formats, under which names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from acd.reports.as_csv import as_csv
from acd.reports.as_page import as_page
from acd.reports.as_xlsx import as_xlsx
from acd.reports.contents import Language, Report

Format = Literal["csv", "xlsx", "page"]
CONTENT: Mapping[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "page": "text/html",
}
"""Format to the type of its content."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: str
    data: bytes


def files(report: Report, formats: Sequence[Format], language: Language, stem: str) -> list[File]:
    """The report in these formats. CSV is a file for each section; the others hold all of them. `stem`: how the names begin."""
    stem = f"{stem}-{report.span.first}" + ("" if report.span.days == 1 else f"_{report.span.last}")
    found: list[File] = []
    for form in formats:
        if form == "csv":
            found += [
                File(f"{stem}-{section.by}.csv", CONTENT[form], as_csv(report, section, language))
                for section in report.sections
            ]
        elif form == "xlsx":
            found.append(File(f"{stem}.xlsx", CONTENT[form], as_xlsx(report, language)))
        else:
            found.append(File(f"{stem}.html", CONTENT[form], as_page(report, language)))
    return found
