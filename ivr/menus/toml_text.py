"""TOML as operators write it: with the byte order mark of a Windows editor, and told in words when a full-width mark stands in it."""

import re
import tomllib
from typing import Any

ENCODING = "utf-8-sig"
"""Of every file that an operator edits: UTF-8, with or without a byte order mark."""
_PLAIN = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "＂": '"', "＇": "'", "＝": "=", "，": ",", "、": ",", "．": ".", "。": ".",
    "：": ":", "［": "[", "］": "]", "【": "[", "】": "]", "｛": "{", "｝": "}", "＃": "#", "\u3000": "a blank", "\u00a0": "a blank",
}  # fmt: skip
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def toml_data(text: str) -> dict[str, Any]:
    """The data of a TOML text, a byte order mark left out. Raises tomllib.TOMLDecodeError, RecursionError; `fault_in` tells the former."""
    return tomllib.loads(text.removeprefix("\ufeff"))


def fault_in(text: str, error: tomllib.TOMLDecodeError, remedy: str) -> str:
    """Why this text is no TOML, with the line, and the remedy: a full-width mark is named, with the plain one in its place."""
    told = str(error)
    if (sign := _sign_at(text.removeprefix("\ufeff"), told)) is not None:
        place = _PLACE.search(told)
        where = f" {place[0]}" if place else ""
        shown = "a blank" if sign.isspace() else sign
        return f"is not TOML: {shown} is a full-width mark{where}. Write {_PLAIN[sign]} in its place."
    return f"is not TOML: {told}. {remedy}"


def _sign_at(text: str, told: str) -> str | None:
    """The full-width mark at which the reader stopped."""
    found = _PLACE.search(told)
    if found is None:
        return None
    lines = text.split("\n")
    line, column = int(found[1]), int(found[2])
    if not 0 < line <= len(lines):
        return None
    # The reader stops at the mark, or one before it where a string has ended with it.
    return next((sign for sign in lines[line - 1][max(0, column - 1) : column + 1] if sign in _PLAIN), None)
