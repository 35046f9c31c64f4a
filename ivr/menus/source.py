"""A menu file, or a folder with one file a menu, as data; and the file and line at which each value of it stands.

In a folder `hotline.toml` has what is there once (start, notice, languages, …), and every other file `NAME.toml` is the menu NAME: what
would stand under [menus.NAME]. A folder is kept as one text, the *bundle*: a first line that names the files and their lengths, then
the files. So a version of the menus is one file, whatever the operator edits meanwhile.
"""

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.menus.toml_text import ENCODING, fault_in, toml_data

HEAD = "hotline.toml"
MARK = "#:menus "
MOST_FILES = 200
MOST_LETTERS = 1_000_000
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,39}")
_TOML_LINE = re.compile(r"\(at line (\d+)")


class SourceError(Exception):
    """The text of the menus cannot be had; the message holds file, why and remedy."""


def text_of(path: Path) -> str:
    """The text of a menu file; of a folder its bundle. Raises SourceError."""
    return bundle(path) if path.is_dir() else _text(path)


def bundle(folder: Path) -> str:
    """All menus of a folder as one text. Raises SourceError."""
    files = sorted(file for file in folder.glob("*.toml") if not file.name.startswith("."))
    if not any(file.name == HEAD for file in files):
        raise SourceError(
            f"{folder}: has no {HEAD}. It must say start, notice, languages, closed and unstaffed; each other file is a menu."
        )
    if len(files) > MOST_FILES:
        raise SourceError(
            f"{folder}: has {len(files)} menus; at most {MOST_FILES} are read. Move those away that no key leads to."
        )
    texts = {file.name: _text(file) for file in files}
    if (letters := sum(map(len, texts.values()))) > MOST_LETTERS:
        raise SourceError(f"{folder}: has {letters} letters; at most {MOST_LETTERS} are read.")
    return joined(texts)


def joined(texts: dict[str, str]) -> str:
    """The bundle of these files: name to text."""
    return MARK + json.dumps({name: len(text) for name, text in texts.items()}) + "\n" + "".join(texts.values())


def parts_of(text: str) -> dict[str, str] | None:
    """The files in a bundle, name to text; None for a text that is none."""
    if not text.startswith(MARK):
        return None
    head, _, rest = text.partition("\n")
    try:
        lengths = json.loads(head.removeprefix(MARK))
        parts: dict[str, str] = {}
        for name, length in lengths.items():
            parts[str(name)], rest = rest[: int(length)], rest[int(length) :]
    except (ValueError, TypeError, AttributeError):
        return None
    return parts


def _text(file: Path) -> str:
    try:
        text = file.read_text(encoding=ENCODING)
    except OSError as error:
        raise SourceError(f"{file}: cannot be read ({error.strerror}). Mend its path or its rights.") from None
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{file}: cannot be read (byte {error.start} is not UTF-8). Save it as text in UTF-8."
        ) from None
    if len(text) > MOST_LETTERS:
        raise SourceError(f"{file}: has {len(text)} letters; at most {MOST_LETTERS} are read.")
    return text


@dataclass(slots=True)
class Source:
    """The menus as data, with the place of each value."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """What keeps a file from being read at all."""
    _parts: list[tuple[str, str, dict[str, int]]] = field(default_factory=list)
    """(beginning of the place, file, place in the file to line)"""

    def where(self, place: str) -> str:
        """File and line of a place such as `menus.main.keys[3].queue`, or of what is nearest above it; the file alone where nothing
        of it is written."""
        for prefix, file, lines in reversed(self._parts):
            if prefix and place != prefix and not place.startswith((f"{prefix}.", f"{prefix}[")):
                continue
            inside = place[len(prefix) :].lstrip(".") if prefix else place
            line = _nearest(lines, inside)
            if line or prefix:
                return f"{file}:{line or 1}"
        return self.file

    def of_finding(self, finding: str) -> str:
        """File and line of a sentence that begins with its place, as "menus.main, key 1: …"."""
        place, _, key = finding.partition(": ")[0].partition(", key ")
        rows = self._rows(place) if key else []
        number = next((n for n, row in enumerate(rows, 1) if isinstance(row, dict) and str(row.get("key")) == key), 0)
        return self.where(f"{place}.keys[{number}]" if number else place)

    def _rows(self, place: str) -> list[Any]:
        menus = self.data.get("menus")
        menu = menus.get(place.removeprefix("menus.")) if isinstance(menus, dict) else None
        rows = menu.get("keys") if isinstance(menu, dict) else None
        return rows if isinstance(rows, list) else []

    def add(self, prefix: str, file: str, text: str) -> dict[str, Any]:
        """Reads one file of it."""
        try:
            data = toml_data(text)
        except tomllib.TOMLDecodeError as error:
            found = _TOML_LINE.search(str(error))
            # The end of a document is behind its last line.
            line = int(found[1]) if found else max(1, text.count("\n") + (not text.endswith("\n")))
            self.faults.append(
                f"{file}:{line}: {fault_in(text, error, 'Mend that place; a name may stand only once.')}"
            )
            return {}
        except RecursionError:
            self.faults.append(f"{file}:1: is nested too deeply. A menu has tables in tables, and no more.")
            return {}
        self._parts.append((prefix, file, lines_of(text)))
        return data


def read_source(path: Path, text: str | None = None) -> Source:
    """The data of a menu file or folder. `text`: where it has been read already. Raises SourceError where there is nothing to read."""
    text = text_of(path) if text is None else text
    source = Source(str(path))
    parts = parts_of(text)
    if parts is None:
        source.data = source.add("", str(path), text)
        return source
    folder = path.suffix != ".toml"  # else the one file in which a version is kept

    def named(name: str) -> str:
        return str(path / name) if folder else f"{path} ({name})"

    source.file = named(HEAD)
    source.data = source.add("", named(HEAD), parts.pop(HEAD, ""))
    menus = source.data.setdefault("menus", {})
    for name, written in parts.items():
        menu, file = name.removesuffix(".toml"), named(name)
        data = source.add(f"menus.{menu}", file, written)
        if "menus" in data:
            line = source.where(f"menus.{menu}.menus")
            source.faults.append(f"{line}: this file is the menu {menu} already. Take the line [menus.{menu}] away.")
        elif not _NAME.fullmatch(menu):
            source.faults.append(
                f"{file}:1: a menu's file is named after the menu: letters, digits, - and _ (as after-sales.toml)."
            )
        elif not isinstance(menus, dict) or menu in menus:
            source.faults.append(f"{file}:1: the menu {menu!r} stands in {HEAD} too. Keep one of the two.")
        else:
            menus[menu] = data
    return source


def _nearest(lines: dict[str, int], place: str) -> int:
    while place:
        if place in lines:
            return lines[place]
        cut = max(place.rfind("."), place.rfind("["))
        place = place[:cut] if cut > 0 else ""
    return 0


def lines_of(text: str) -> dict[str, int]:
    """Place to line (from 1) of every table, key and entry of a list in a text that is TOML: `menus.main.keys[2].queue`."""
    return _Lines(text).found


class _Lines:
    """Walks over TOML that tomllib has read without complaint, and notes where things begin."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1
        self.found: dict[str, int] = {}
        self.tables: dict[str, int] = {}
        table = ""
        while self._space(over_lines=True):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _space(self, *, over_lines: bool) -> bool:
        """Past blanks and comments; whether anything follows."""
        while self.at < len(self.text):
            letter = self.text[self.at]
            if letter == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif letter in " \t\r" or (letter == "\n" and over_lines):
                self._step()
            else:
                return True
        return False

    def _step(self, letters: int = 1) -> None:
        self.line += self.text.count("\n", self.at, self.at + letters)
        self.at += letters

    def _note(self, place: str) -> None:
        self.found.setdefault(place, self.line)

    def _header(self) -> str:
        several = self.text.startswith("[[", self.at)
        self._step(2 if several else 1)
        self._space(over_lines=False)
        table = self._key()
        if several:
            number = self.tables[table] = self.tables.get(table, 0) + 1
            self._note(table)
            table = f"{table}[{number}]"
        self._note(table)
        end = self.text.find("]", self.at)
        self.at = end + (2 if several else 1) if end >= 0 else len(self.text)
        return table

    def _key(self) -> str:
        names: list[str] = []
        while self._space(over_lines=False):
            letter = self.text[self.at]
            if letter in "\"'":
                names.append(self._string())
            elif letter == ".":
                self._step()
            else:
                found = re.compile(r"[A-Za-z0-9_-]+").match(self.text, self.at)
                if not found:
                    break
                names.append(found[0])
                self._step(len(found[0]))
        return ".".join(names)

    def _string(self) -> str:
        quote = self.text[self.at]
        long = self.text.startswith(quote * 3, self.at)
        mark = quote * 3 if long else quote
        start = self.at + len(mark)
        end = start
        while end < len(self.text) and not self.text.startswith(mark, end):
            end += 2 if self.text[end] == "\\" and quote == '"' else 1
        text = self.text[start:end]
        end += len(mark)
        while long and self.text.startswith(quote, end):
            end += 1
        self._step(end - self.at)
        return text

    def _pair(self, table: str) -> None:
        begun, line = self.at, self.line
        key = self._key()
        place = f"{table}.{key}" if table else key
        self.found.setdefault(place, line)
        self._space(over_lines=False)
        if self.at < len(self.text) and self.text[self.at] == "=":
            self._step()
            self._value(place)
        if self.at == begun:
            self._step()  # Nothing that is known here: tomllib has read it, so this is not reached.

    def _value(self, place: str) -> None:
        if not self._space(over_lines=False):
            return
        letter = self.text[self.at]
        if letter in "[{":
            self._step()
            number = 0
            while self._space(over_lines=True) and self.text[self.at] not in "]}":
                if self.text[self.at] == ",":
                    self._step()
                elif letter == "{":
                    self._pair(place)
                else:
                    number += 1
                    self._note(f"{place}[{number}]")
                    self._value(f"{place}[{number}]")
            self._step()
        elif letter in "\"'":
            self._string()
        else:
            found = re.compile(r"[^,\]}\n#]+").match(self.text, self.at)
            self._step(len(found[0]) if found else 1)
