"""Lists of people as spreadsheets save them: read row by row with every mistake told by line and column, and written again.

Excel writes UTF-8 with a byte order mark, UTF-16 ("Unicode text"), or the Chinese code page, with commas, semicolons or tabs, and
`="0010"` to keep a zero. All of these are read. A cell that a spreadsheet would reckon is refused: nobody is called "=1+1".
"""

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acd.config.messages import near
from acd.errors import SanxiangError

MOST_BYTES = 2_000_000
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .ods begin, and .xls."""
_DELIMITERS = (",", ";", "\t")
_RECKONED = ("=", "+", "-", "@")
_NUMBERS = re.compile(r"\+[0-9][-0-9 +()./,;|、，；]*")
"""Telephone numbers of which the first has a plus: a spreadsheet shows them as text."""


class BadList(SanxiangError):
    """{file}: {count}, so nothing was changed.{mistakes}"""

    def __init__(self, file: Path, mistakes: Sequence[str]) -> None:
        count = "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(file=file, count=count, mistakes="".join(f"\n  {one}" for one in mistakes))
        self.mistakes = list(mistakes)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a list may have."""

    name: str
    also: tuple[str, ...] = ()
    """Other headings by which it is known."""
    needed: bool = False
    numbers: bool = False
    """Holds telephone numbers, which may begin with a plus."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, its cells by the columns' names; what is left out is empty."""

    line: int
    cells: Mapping[str, str]


def read_list(
    file: Path, columns: Sequence[Column], most: int, most_bytes: int = MOST_BYTES
) -> tuple[list[Row], list[str]]:
    """(the rows, the mistakes in their form). A row has cells for the headings of the list alone. Raises BadList where it is no list at all: not to be read, too long, headings unknown."""
    try:
        if file.stat().st_size > most_bytes:
            raise BadList(file, [f"it is larger than {most_bytes // 1_000_000} MB. Split it."])
        data = file.read_bytes()
    except OSError as error:
        raise BadList(file, [f"it can't be read ({error.strerror}). Name the list."]) from None
    return parsed_list(data, file, columns, most)


def parsed_list(data: bytes, file: Path, columns: Sequence[Column], most: int) -> tuple[list[Row], list[str]]:
    """As `read_list`, of what stands in the file; `file` names it in messages."""
    text = _text(file, data)
    numbers = frozenset(column.name for column in columns if column.numbers)
    lines = text.split("\n", 1)
    first = 1
    if lines[0].strip().lower().startswith("sep="):
        text, first = lines[1] if len(lines) > 1 else "", 2
    delimiter = _delimiter(text.lstrip("\n").split("\n", 1)[0], columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    mistakes: list[str] = []
    try:
        head = next((cells for cells in reader if any(cell.strip() for cell in cells)), [])
        names = _names(file, head, columns, max(reader.line_num, 1) + first - 1)
        while (cells := next(reader, None)) is not None:
            line = reader.line_num + first - 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= most:
                raise BadList(file, [f"line {line}: a list has {most} rows at most. Split it."])
            rows.append(Row(line, _cells(names, cells, line, mistakes, numbers)))
    except csv.Error as error:
        raise BadList(file, [f"line {reader.line_num + first - 1}: this is no CSV ({error}). Save it anew."]) from None
    if not rows:
        raise BadList(file, ["there is nobody in it. Write a row for each, under the headings."])
    return rows, mistakes


def _text(file: Path, data: bytes) -> str:
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    if data[:4] in _WORKBOOKS:
        raise BadList(file, ["it is a workbook of a spreadsheet. Save it as CSV UTF-8."])
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise BadList(file, ["it is neither UTF-8, UTF-16 nor GB 18030. Save it as CSV UTF-8."])


def _known(heading: str, columns: Sequence[Column]) -> str | None:
    plain = heading.strip().strip('"').lower()
    return next((column.name for column in columns if plain in (column.name, *column.also)), None)


def _delimiter(head: str, columns: Sequence[Column]) -> str:
    """The one by which most headings are known."""
    return max(_DELIMITERS, key=lambda sign: sum(_known(cell, columns) is not None for cell in head.split(sign)))


def _names(file: Path, head: Sequence[str], columns: Sequence[Column], line: int) -> list[str]:
    all_of_them = ", ".join(column.name for column in columns)
    while head and not head[-1].strip():  # a spreadsheet writes columns that were used once, and are empty now
        head = head[:-1]
    names = [_known(cell, columns) for cell in head]
    if head and not any(names):
        raise BadList(
            file,
            [
                f"line {line}: none of its cells is a heading that is known. Write the headings into the first line ({all_of_them}); "
                "where it looks garbled, save the list as CSV UTF-8."
            ],
        )
    mistakes = [
        f"line {line}: there is no column {cell.strip()!r}{near(cell.strip().lower(), [column.name for column in columns])}. "
        f"Columns: {all_of_them}."
        for cell, name in zip(head, names, strict=True)
        if name is None
    ]
    known = [name for name in names if name is not None]
    mistakes += [
        f"line {line}: the column {name} stands twice. Keep one."
        for name in sorted({n for n in known if known.count(n) > 1})
    ]
    missing = [column.name for column in columns if column.needed and column.name not in known]
    if missing:
        mistakes.append(
            f"line {line}: the column {' and '.join(missing)} is missing. The first line holds the headings: {all_of_them}."
        )
    if mistakes:
        raise BadList(file, mistakes)
    return known


def _cells(
    names: Sequence[str], cells: Sequence[str], line: int, mistakes: list[str], numbers: Collection[str]
) -> dict[str, str]:
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        mistakes.append(
            f"line {line}: it has {len(cells)} cells, and there are {len(names)} headings. Put quotes around a cell with commas."
        )
    found = {}
    for name, cell in zip(names, cells, strict=False):
        plain = _plain(cell.strip())
        if plain.startswith(_RECKONED) and not (name in numbers and _NUMBERS.fullmatch(plain)):
            mistakes.append(
                f"line {line}, {name}: it begins with {plain[0]!r}, which a spreadsheet would reckon. Write plain text."
            )
        elif not plain.isprintable():
            mistakes.append(
                f"line {line}, {name}: it holds a line break or another control character. Write it in one line."
            )
        else:
            found[name] = plain
    return {name: found.get(name, "") for name in names}


def _plain(cell: str) -> str:
    """Without what a spreadsheet, or our own export, puts around text to keep it text."""
    if len(cell) > 3 and cell.startswith('="') and cell.endswith('"') and '"' not in cell[2:-1]:
        return cell[2:-1]
    return cell[1:] if cell.startswith("'") else cell


def written_list(names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """The list as text that a spreadsheet opens rightly: a byte order mark, and an apostrophe before what it would reckon."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([f"'{row[name]}" if row[name].startswith((*_RECKONED, "'")) else row[name] for name in names])
    return "\ufeff" + out.getvalue()


def by_line(mistakes: Sequence[str]) -> list[str]:
    """The sentences in the order of the lines that they name."""
    return sorted(mistakes, key=lambda one: int(found[1]) if (found := re.match(r"line ([0-9]+)", one)) else 0)
