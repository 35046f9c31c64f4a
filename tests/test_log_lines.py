"""docs/logs.md explains lines that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def explained() -> list[str]:
    page = (ROOT / "docs" / "logs.md").read_text("utf-8").partition("## What the lines mean")[2]
    return [line for row in re.findall(r"^\| (`[^|]+`) \| ", page, re.M) for line in re.findall(r"`([^`]+)`", row)]


def test_every_line_that_is_explained_is_one_that_is_written():
    source = "\n".join(
        file.read_text("utf-8") for folder in ("acd", "recordings") for file in (ROOT / folder).rglob("*.py")
    )
    lines = explained()
    assert len(lines) > 20
    assert [line for line in lines if line not in source] == []
