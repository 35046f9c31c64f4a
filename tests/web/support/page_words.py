"""The words of the page as a table: read from its TypeScript, which is nested objects of strings and nothing else."""

import re
from typing import Any

from acd.web.server.page_build import CONSOLE

WORDS = CONSOLE / "src" / "words"
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`)
    |(?P<spread>\.\.\.[\w.]+)
    |(?P<name>[\w.]+)
    |(?P<mark>[{}:,])""",
    re.X | re.S,
)
_IMPORT = re.compile(r"^import (\w+)(?:, \{ (\w+) \})? from '\./([\w-]+)'", re.M)
_BODY = re.compile(r"(?:^export default|^const zh: typeof en =|^const en =) (\{.*?^\})", re.M | re.S)


def page_words(language: str, file: str = "") -> dict[str, Any]:
    """Nested tables of one language, "zh" or "en": `page_words("zh")["state"]["idle"]`. `file`: one of the folder's, without its end.

    Raises AssertionError: a key stands twice in one table, as after a merge that has kept both lines.
    """
    source = (WORDS / f"{file or language}.ts").read_text("utf-8")
    parts: dict[str, Any] = {}
    for name, beside, other in _IMPORT.findall(source):
        parts[name] = page_words(language, other)
        if beside:
            text = (WORDS / f"{other}.ts").read_text("utf-8")
            [body] = re.findall(rf"^export const {beside}\b[^=]*= (\{{.*?^\}})", text, re.M | re.S)
            parts[beside] = _object(_tokens(body), parts)
    [body] = _BODY.findall(source)
    return _object(_tokens(body), parts)


def _tokens(body: str) -> Any:
    return iter([found for found in _TOKEN.finditer(body) if found.lastgroup])


def _object(tokens: Any, parts: dict[str, Any], *, opened: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {}
    own, key = set[str](), ""
    if not opened:
        assert next(tokens)["mark"] == "{"
    for token in tokens:
        if token["spread"]:
            found |= _at(parts, token["spread"].removeprefix("..."))
        elif token["mark"] == "{":
            found[key], key = _object(tokens, parts, opened=True), ""
        elif token["mark"] == ",":
            if key:  # a shorthand: the part of that name
                found[key], key = _at(parts, key), ""
        elif token["mark"] == "}":
            if key:
                found[key] = _at(parts, key)
            return found
        elif token["mark"] == ":":
            value = next(tokens)
            if value["mark"] == "{":
                found[key] = _object(tokens, parts, opened=True)
            else:
                found[key] = value["text"][1:-1] if value["text"] else _at(parts, value["name"])
            key = ""
        else:
            key = token["name"] or token["text"][1:-1]
            assert key not in own, f"{key} stands twice"
            own.add(key)
    raise AssertionError("an object of the words is not closed")


def _at(parts: dict[str, Any], path: str) -> Any:
    found: Any = parts
    for step in path.split("."):
        found = found[step]
    return found
