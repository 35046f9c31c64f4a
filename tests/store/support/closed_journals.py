"""Journals that a test opens by the dozen, closed behind it: each holds two descriptors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from acd.store.journal.journal import Journal


@contextmanager
def closed_journals(monkeypatch: pytest.MonkeyPatch, module: dict[str, Any]) -> Iterator[None]:
    """Every Journal that the test module with these globals makes meanwhile is closed at the end."""
    made: list[Journal] = []

    class Closed(Journal):
        def __init__(self, folder: Path) -> None:
            super().__init__(folder)
            made.append(self)

    monkeypatch.setitem(module, "Journal", Closed)
    yield
    for journal in made:
        journal.close()
