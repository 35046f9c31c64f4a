"""Brands that stand in files of their own: `[brands.acme] file = "brands/acme.toml"`.

The path begins at the folder of the operator's file, as `agents.toml` does, and nowhere else: so the two are moved and copied
together, and the daemon finds it in whatever folder it was started. Such a file has the keys of [brands.acme] at its top.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from ivr.menus.toml_text import fault_in, toml_data

_TABLE = "brands"


def files_of(text: str, file: Path | str) -> dict[str, Path]:
    """Brand to the whole path of its own file; without those whose `file` can't be one. Empty for a text that is not TOML."""
    try:
        tables = toml_data(text).get(_TABLE, {})
    except tomllib.TOMLDecodeError:
        return {}
    if not isinstance(tables, dict):
        return {}
    return {
        name: Path(file).absolute().parent / table["file"]
        for name, table in tables.items()
        if isinstance(table, dict) and "file" in table and not _problem(table["file"])
    }


def take_in(data: dict[str, Any], texts: Mapping[str, str], file: Path | str) -> list[str]:
    """Puts the tables of the brands' own files into `data`, the operator's file. A sentence for each mistake.

    `texts`: brand to the text of its file."""
    tables = data.get(_TABLE)
    mistakes: list[str] = []
    if not isinstance(tables, dict):
        return mistakes  # the check of the whole says what it must be
    for name, table in list(tables.items()):
        if not isinstance(table, dict) or "file" not in table:
            continue
        place = f"brands.{name}"
        if problem := _problem(table["file"]):
            mistakes.append(f"{place}.file: {problem}")
            continue
        if more := sorted(set(table) - {"file"}):
            mistakes.append(
                f"{place}: {', '.join(more)} stands beside `file`. Put it into {table['file']}, or take `file` away."
            )
            continue
        try:
            own = toml_data(texts.get(name, ""))
        except tomllib.TOMLDecodeError as error:
            mistakes.append(f"{place}: {fault_in(texts.get(name, ''), error, 'Mend that line.')}")
            continue
        if "file" in own:
            mistakes.append(f"{place}.file: names a further file, in a brand's own. Take it away.")
            continue
        tables[name] = {**own, "file": str(Path(file).absolute().parent / table["file"])}
    return mistakes


def places(text: str, texts: Mapping[str, str], file: Path | str) -> dict[str, tuple[str, str]]:
    """`brands.NAME` to path and text of the brand's own file: where its mistakes and values stand."""
    return {f"brands.{name}": (str(path), texts.get(name, "")) for name, path in files_of(text, file).items()}


def _problem(given: object) -> str:
    """Why this can't be the path of a brand's file; empty: it can."""
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        return f'{given!r} is no path. Write it from the folder of this file on, as "brands/acme.toml".'
    path = PurePosixPath(given)
    if path.is_absolute() or ".." in path.parts:
        return (
            f"{given!r} leaves the folder of this file. Brands' files lie in it, or below: write the path from there on, as "
            '"brands/acme.toml".'
        )
    return ""
