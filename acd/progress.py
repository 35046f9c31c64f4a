"""One line a step: what is being done, how far it is, how long it took.

    steps = Steps(total=3)
    with steps.step("Asterisk 22") as progress:
        pbx = ensure_pbx(progress)

prints `[1/3] Asterisk 22 … fetching 205 packages: 61 % … 7 s` while it runs on a terminal, and one closing line
everywhere: `[1/3] Asterisk 22 … 12 s (of it 9 s download)`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

_in_language: Callable[[str], str] = str
"""What is shown, in the language of the person before the screen."""


def spoken(in_language: Callable[[str], str]) -> None:
    """Every step's words go through this from now on; they are English before that."""
    global _in_language
    _in_language = in_language


class Progress(Protocol):
    """Told how far something is. Called often; must not block."""

    def __call__(self, what: str, done: float = 0, of: float = 0) -> None: ...

    def downloaded(self, seconds: float) -> None:
        """So much of the time went into a download, which depends on the line and not on us."""


class Silent:
    """Progress for those who show nothing."""

    def __call__(self, what: str, done: float = 0, of: float = 0) -> None:
        pass

    def downloaded(self, seconds: float) -> None:
        pass


class Step:
    """The line of one step; a Progress."""

    def __init__(self, head: str, stream: TextIO) -> None:
        self._head = head
        self._stream = stream
        self._terminal = stream.isatty()
        self._began = time.monotonic()
        self._shown = 0.0
        self._download_s = 0.0
        self._what = ""

    def __call__(self, what: str, done: float = 0, of: float = 0) -> None:
        now = time.monotonic()
        if not self._terminal or (what == self._what and now - self._shown < 0.1):
            return
        self._what, self._shown = what, now
        share = f" {min(done / of, 1.0):4.0%}" if of else ""
        self._stream.write(f"\r\x1b[K{self._head} … {_in_language(what)}{share} … {now - self._began:.0f} s")
        self._stream.flush()

    def downloaded(self, seconds: float) -> None:
        self._download_s += seconds

    def close(self, outcome: str) -> None:
        took = time.monotonic() - self._began
        download = _in_language(f" (of it {self._download_s:.0f} s download)") if self._download_s >= 0.5 else ""
        clear = "\r\x1b[K" if self._terminal else ""
        self._stream.write(f"{clear}{self._head} … {outcome}{took:.0f} s{download}\n")
        self._stream.flush()


class Steps:
    """The numbered steps of one command."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._number = 0
        self.download_s = 0.0
        """Seconds that all steps so far spent downloading."""

    @contextmanager
    def step(self, what: str) -> Iterator[Progress]:
        self._number += 1
        step = Step(f"[{self._number}/{self._total}] {_in_language(what)}", self._stream)
        try:
            yield step
        except BaseException:
            step.close(_in_language("failed after "))
            raise
        finally:
            self.download_s += step._download_s
        step.close("")
