"""The Chinese of a finished English sentence, as it is about to be shown.

Looked up when it is shown and not where it is made: many sentences come from errors, from the configuration's checks and from the
daemon, through the API. A sentence without Chinese stays English. Imported only where Chinese is spoken.
"""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from string import Formatter
from typing import Any

from acd.words.commands import (
    config,
    customers,
    demo,
    doctor,
    errors,
    faults,
    keeping,
    lookups,
    menus,
    progress,
    prompts,
    refusals,
    reports,
    reviews,
    screen,
    speech,
    supervision,
    versions,
    whys,
)
from acd.words.commands import help as helps

TABLES: tuple[Mapping[str, str], ...] = (
    helps.TEXTS,
    screen.TEXTS,
    speech.TEXTS,
    supervision.TEXTS,
    reviews.TEXTS,
    doctor.TEXTS,
    config.TEXTS,
    errors.TEXTS,
    refusals.TEXTS,
    keeping.TEXTS,
    versions.TEXTS,
    reports.TEXTS,
    progress.TEXTS,
    whys.TEXTS,
    demo.TEXTS,
    customers.TEXTS,
    faults.TEXTS,
    lookups.TEXTS,
    menus.TEXTS,
    prompts.TEXTS,
)
_PLACE = re.compile(
    r"(?:warning|sanxiang|error|[^\s:]*[./][^\s:]*(?::\d+)?|[\w.-]+(?: \((?:row|entry) \d+\))?(?:\.[\w.-]+)*|[\w.-]+, (?:key [0-9A-D*#]|failure)): ",
    re.I,
)
"""What stands before a sentence and is kept: a file with its line, a key of the configuration, a command's name."""
_FILE_AND_LINE = re.compile(r"[^\s:]*/[^\s:]*:\d+: ")
_CELL = re.compile(r"line (\d+), ([\w.]+): ")
"""Of a list: what is told behind it is known by itself, as records are told of by the API, too."""
_FIXED = {"warning: ": "警告："}
DEPTH = 6
"""Of sentences in sentences."""
SHORT, MOST_WORDS = 8, 3
"""A template with fewer letters than SHORT, as "over {}", is no frame for a whole sentence that nobody has translated."""


LONGEST, MOST_ENDS = 2000, 12
"""Characters of a text, and ends of sentences in it, that are looked at: a message is no book."""
_FOLLOWS = r"((?: \(did you mean .*?\)| Did you mean .*?\?|; prefers .*?)?)"


class _Filled(Formatter):
    """{0} as it was, {0:t} in Chinese."""

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def format_field(self, value: Any, format_spec: str) -> str:
        text = str(value)
        if format_spec != "t" or not text:
            return text
        # What follows a word, as a guess does, begins with the blank that parts the two in English.
        follows = _known(text, self._depth, lines=True) if text[0] == " " else None
        return follows or _chinese(text, self._depth) or text


class Template:
    """A sentence with holes, none of which reaches over a line's end."""

    def __init__(self, english: str, chinese: str) -> None:
        self.english, self.chinese = english, chinese
        self.parts = english.split("{}")
        self.longest = max(self.parts, key=len)
        self.literal = sum(map(len, self.parts))
        self.is_line = english != english.strip()
        """Whether it begins or ends with blanks, as a whole line of the screen does."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        written = re.escape(self.parts[0])
        for before, part in pairwise(self.parts):
            # Of two holes side by side the second is what may follow a word: a guess, a remark.
            beside = before == "" and written != ""
            written += (_FOLLOWS if beside else "(.*?)") + re.escape(part)
        return re.compile(written)

    def filled(self, text: str, depth: int) -> str | None:
        """The Chinese, where the text is this sentence."""
        if not text.startswith(self.parts[0]) or not text.endswith(self.parts[-1]) or self.longest not in text:
            return None
        found = self.pattern.fullmatch(text)
        if found is None or (self.literal < SHORT and any(len(hole.split()) > MOST_WORDS for hole in found.groups())):
            return None
        return _Filled(depth - 1).format(self.chinese, *found.groups())


@lru_cache(1)
def _tables() -> tuple[dict[str, str], list[Template]]:
    exact: dict[str, str] = {}
    templates: list[Template] = []
    for table in TABLES:
        for english, chinese in table.items():
            if "{}" in english:
                templates.append(Template(english, chinese))
            else:
                exact[english] = chinese
    # Where two fit, the one of which more is written down.
    return exact, sorted(templates, key=lambda each: -each.literal)


def chinese(text: str) -> str:
    """The text in Chinese, line by line where it has several; unchanged, or in part, where no Chinese is known."""
    if (whole := _known(text, DEPTH, lines=True)) is not None:
        return whole
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    bare = line.strip()
    return line.replace(bare, _chinese(bare, DEPTH) or bare, 1) if bare else line


def _chinese(text: str, depth: int) -> str | None:
    """None where it is not known."""
    # A file with its line is never a part of the sentence, whatever template a hole of which would take it in.
    place = _FILE_AND_LINE.match(text) if depth >= 0 and len(text) <= LONGEST else None
    if place and (rest := _chinese(text[place.end() :], depth - 1)) is not None:
        return place[0] + rest
    cell = _CELL.match(text) if depth >= 0 and len(text) <= LONGEST else None
    if cell and (rest := _chinese(text[cell.end() :], depth - 1)) is not None:
        return f"第 {cell[1]} 行，{cell[2]}：{rest}"
    if (found := _known(text, depth)) is not None:
        return found
    if depth < 0 or len(text) > LONGEST:
        return None
    if text.endswith(".") and (found := _known(text[:-1], depth)) is not None:
        return f"{found}。"
    if (place := _PLACE.match(text)) and (rest := _chinese(text[place.end() :], depth - 1)) is not None:
        return _FIXED.get(place[0], place[0]) + rest
    return _several(text, depth)


def _known(text: str, depth: int, *, lines: bool = False) -> str | None:
    """Of a sentence that stands in a table, as it is or as a template; `lines`: of what is a whole line of the screen alone."""
    exact, templates = _tables()
    if text in exact:
        return exact[text]
    if depth < 0 or not text or len(text) > LONGEST:
        return None
    for template in templates:
        if template.is_line == lines and (found := template.filled(text, depth)) is not None:
            return found
    return None


def _several(text: str, depth: int) -> str | None:
    """Sentences that were put one behind the other, each of which is known."""
    ends = [0, *(found.end() for found in re.finditer(r"(?<=[.:;…?])\s+", text)), len(text)]
    if not 2 < len(ends) <= MOST_ENDS:
        return None
    said: dict[int, str] = {len(text): ""}  # what stands from there to the end
    for begin in reversed(ends[:-1]):
        for end in reversed([each for each in ends if each > begin and each in said]):
            if (first := _sentence(text[begin:end].rstrip(), depth - 1)) is not None:
                said[begin] = first + said[end]
                break
    return said.get(0)


def _sentence(text: str, depth: int) -> str | None:
    if (found := _known(text, depth)) is not None:
        return found if found.endswith(("。", "：", "？", ":", "?", "]")) else f"{found}。"
    return f"{found}。" if text.endswith(".") and (found := _known(text[:-1], depth)) is not None else None
