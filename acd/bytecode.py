"""Compiled modules are kept whole or not at all.

Before 3.12.8 and 3.13.1 (gh-126606) Python does not notice that a full disk or a quota has cut a `.pyc`: each later start that needs the module
then ends with `EOFError: marshal data too short`, also when there is room again.
"""

import importlib._bootstrap_external as files
from contextlib import suppress
from pathlib import Path

_WRITER = "_write_atomic"


def keep_whole() -> None:
    """From now on a compiled module that was not written in full is removed; the next process compiles it again."""
    written = getattr(files, _WRITER, None)
    if written is None:
        return

    def whole(path: str, data: bytes, mode: int = 0o666) -> None:
        written(path, data, mode)
        with suppress(OSError):
            if Path(path).stat().st_size != len(data):
                Path(path).unlink()

    setattr(files, _WRITER, whole)
