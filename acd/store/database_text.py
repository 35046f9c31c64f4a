"""What PostgreSQL can hold of a text: what the journal keeps is compared with it, and written to it, in this form."""

from typing import Any

MOST_OF_A_BODY = 64_000
"""Characters of a row that are kept when it is put aside; the journal has the rest."""
_CLEAN = {0: "�"} | dict.fromkeys(range(0xD800, 0xE000), "�")


def clean(value: Any) -> Any:
    """The same value with what PostgreSQL's text cannot hold (NUL, half a surrogate pair) replaced."""
    if isinstance(value, str):
        return value.translate(_CLEAN) if not value.isprintable() else value
    if isinstance(value, dict):
        return {clean(str(key)): clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    return value
