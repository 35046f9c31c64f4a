"""The line of the file at which a place such as `queues.orders.overflow (row 2).do` stands."""

import re

_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""\s*([\w-]+|"[^"]*"|'[^']*')((?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_ENDS = ("", ".", " ", ",")
"""What may follow a name in a place."""
_ROW = re.compile(r" \(rows? (\d+)")


def line_of(text: str, place: str) -> int:
    """The line, from 1, that comes closest to the place; 0 where nothing of it stands in the text.

    A reader of lines, not of TOML: what it can't tell, as a table over several lines, it places at the table's head.
    """
    row = _ROW.search(place)
    wanted = re.sub(r" \([^)]*\)", "", place)
    best, found, table = 0, 0, list[str]()
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if header := _HEADER.match(line):
            path = table = _names(header[1])
        elif key := _KEY.match(line):
            path = table + _names(key[1] + key[2])
        else:
            continue
        written = ".".join(path)  # names may hold blanks and dots
        if len(written) > best and wanted.startswith(written) and wanted[len(written) :][:1] in _ENDS:
            best, found = len(written), number
    if found and row and _KEY.match(lines[found - 1]):
        rows = [number for number, line in enumerate(lines[found:], found + 1) if line.lstrip().startswith("{")]
        at = int(row[1]) - 1
        if "{" not in lines[found - 1] and at < len(rows):
            return rows[at]
    return found


def _names(path: str) -> list[str]:
    return [name.strip().strip("\"'") for name in path.split(".")]
