"""The documents as tests read them: tables, code, sections."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def text(name: str) -> str:
    """Of a page below docs/."""
    return (DOCS / name).read_text("utf-8")


def rows(part: str) -> list[list[str]]:
    """The rows of all tables in this text, without heads and lines: the words of each cell."""
    found: list[list[str]] = []
    lines = part.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("|") or re.fullmatch(r"[|\s:-]+", line):
            continue
        if number + 1 < len(lines) and re.fullmatch(r"[|\s:-]+", lines[number + 1]) and "-" in lines[number + 1]:
            continue  # the head
        found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))])
    return found


def codes(part: str) -> list[str]:
    """What stands in backticks, in order; blocks of code are left out."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", part, flags=re.M | re.S))


def section(part: str, heading: str) -> str:
    """What stands below the heading until the next one of its level or above."""
    level = heading.split(" ")[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", part, re.M | re.S)
    assert found is not None, f"there is no {heading!r}"
    return found[1]
