"""The prompts that stories of the house's own name in their text, so that a slip in a name is told before a caller hears nothing."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ivr.menus.toml_text import ENCODING
from ivr.own_stories import stories_in

_SAYS = {"say": None, "ask": 1}
"""What plays prompts, and how many of its arguments are prompts; None: all that are texts."""


def prompts_named(folder: Path | None) -> Iterator[tuple[Path, int, str]]:
    """File, line and name of each prompt that a story names as it stands; what it puts together while it runs is not seen. Files that
    can't be read are passed over: `story_mistakes` tells of them."""
    for name in stories_in(folder):
        assert folder is not None
        file = folder / f"{name}.py"
        with suppress(OSError, ValueError, SyntaxError, RecursionError):
            for node in ast.walk(ast.parse(file.read_text(encoding=ENCODING))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SAYS:
                    for each in node.args[: _SAYS[node.func.id]]:
                        if isinstance(each, ast.Constant) and isinstance(each.value, str):
                            yield file, each.lineno, each.value
