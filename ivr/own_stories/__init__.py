"""Stories of the house's own: a Python file each in the operator's folder (`hotline.stories`), to which a key of a menu leads.

Each call runs its story in a process of its own (child.py), which says what is to be played and asked; the session does it. So a story that
raises, loops, sleeps, prints without end or takes all memory costs its own process and nobody else's call: its caller goes on to the
person whom the menu names beside it. How one is written: docs/own-stories.md.
"""

import ast
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, Literal

from ivr.log import log, log_once
from ivr.step import Collect, Play, Say, Step

STEP_WITHIN_S = 4.0
"""From what the caller has answered to what is to be played next; the caller hears nothing meanwhile."""
MOST_STEPS = 200
MOST_LINE = 16_384
MOST_AT_ONCE = 50
"""Own stories at a time in one server."""
MOST_FILE = 256_000
CHILD = Path(__file__).parent / "child.py"
End = Literal["served", "person", "back"]
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_PROMPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_running = BoundedSemaphore(MOST_AT_ONCE)


def stories_in(folder: Path | None) -> list[str]:
    """The names of the stories in this folder, sorted; none where there is none."""
    if folder is None or not folder.is_dir():
        return []
    return sorted(file.stem for file in folder.glob("*.py") if _NAME.fullmatch(file.stem))


def story_mistakes(folder: Path | None) -> Iterator[str]:
    """A sentence for each file in the folder that can't be a story, with its line."""
    if folder is None:
        return
    if not folder.is_dir():
        yield f"hotline.stories: {folder} is not a folder. Make it, or take the key away."
        return
    for file in sorted(folder.glob("*.py")):
        if not _NAME.fullmatch(file.stem):
            yield f"hotline.stories: {file}: a story's name has lower-case letters, digits and dashes, a letter first."
            continue
        try:
            text = file.read_text(encoding="utf-8-sig")
            if len(text) > MOST_FILE:
                yield f"hotline.stories: {file}: has {len(text)} letters; at most {MOST_FILE} are read."
                continue
            tree = ast.parse(text)
        except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
            yield f"hotline.stories: {file}: can't be read ({error}). It must be Python in UTF-8."
        except SyntaxError as error:
            yield f"hotline.stories: {file}:{error.lineno or 1}: {error.msg}. Mend that line."
        else:
            if not any(isinstance(node, ast.FunctionDef) and node.name == "story" for node in tree.body):
                yield f"hotline.stories: {file}:1: has no function `story`. It must begin with `def story(call):`."


class Broken(Exception):
    """The story can't go on; the message says why, without what a caller has keyed."""


def play_own_story(file: Path, about: Mapping[str, Any], do: Callable[[Step], Any], call: str = "") -> End:
    """Runs the story for one call; how it ended, "person" where it broke. `about`: what it may know. `do`: performs a step of a session.

    Raises what `do` raises, as when the caller hangs up; the process is ended then too.
    """
    if not _running.acquire(blocking=False):
        log_once(f"More than {MOST_AT_ONCE} own stories at once; further callers go on to a person.")
        return "person"
    try:
        child = _Child(file)
    except OSError as error:
        log(f"The story {file.stem} can't begin: {error.strerror}. Its caller goes on to a person.", call)
        _running.release()
        return "person"
    try:
        answer: Any = dict(about)
        for _ in range(MOST_STEPS):
            said = child.ask(answer)
            if said.get("do") == "end":
                return _end(said)
            answer = do(_step(said))
        raise Broken(f"it has taken {MOST_STEPS} steps")
    except Broken as error:
        log(f"The story {file.stem} broke off: {error}. Its caller goes on to a person.", call)
        return "person"
    finally:
        child.close()
        _running.release()


class _Child:
    """The process of one story: a line of JSON in, a line of JSON out."""

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(CHILD), str(file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True,
            cwd=file.parent if file.parent.is_dir() else "/", env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )  # fmt: skip
        self._rest = b""
        self._readable = select.poll()
        assert self._process.stdout
        self._readable.register(self._process.stdout, select.POLLIN)

    def ask(self, answer: Any) -> dict[str, Any]:
        """What the story wants next. Raises Broken."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(answer).encode() + b"\n")
        except OSError:
            raise Broken("its process has ended") from None
        until = monotonic() + STEP_WITHIN_S
        while b"\n" not in self._rest:
            left = until - monotonic()
            if left <= 0 or not self._readable.poll(left * 1000):
                raise Broken(f"it has said nothing for {STEP_WITHIN_S:g} s")
            some = os.read(self._process.stdout.fileno(), MOST_LINE)
            if not some:
                raise Broken("its process has ended")
            self._rest += some
            if len(self._rest) > MOST_LINE:
                raise Broken(f"it has said more than {MOST_LINE} bytes at once")
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Broken("it has said what is no step")
        return said

    def close(self) -> None:
        """Ends the process, and those that it has begun."""
        with suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()


def _end(said: dict[str, Any]) -> End:
    end = said.get("end")
    if said.get("why"):
        raise Broken(str(said["why"])[:200])
    if end not in ("served", "person", "back"):
        raise Broken('it has ended with another word than "served", "person" or "back"')
    found: End = end
    return found


def _step(said: dict[str, Any]) -> Step:
    """The step that the story wants. Raises Broken."""
    what = said.get("do")
    if what == "digits":
        digits = str(said.get("digits", ""))
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 32):
            raise Broken("it wants to say digits that are none")
        return Say(digits)
    prompts = said.get("prompts")
    if not isinstance(prompts, list) or not 0 < len(prompts) <= 50:
        raise Broken("it has named no prompts, or more than 50")
    named = tuple(_prompt(each) for each in prompts)
    if what == "say":
        return Play(named)
    if what == "ask":
        digits, wait_s, end = said.get("digits", 1), said.get("wait_s", 5), said.get("end", "")
        if type(digits) is not int or not 1 <= digits <= 32:
            raise Broken("it asks for fewer than 1 digit, or more than 32")
        if isinstance(wait_s, bool) or not isinstance(wait_s, int | float) or not 1 <= wait_s <= 60:
            raise Broken("it waits shorter than 1 s, or longer than 60 s")
        if end not in ("", "#", "*"):
            raise Broken("its end key is neither # nor *")
        return Collect(named, digits=digits, first_s=float(wait_s), end=str(end))
    raise Broken("it wants something that no story may")


def _prompt(name: Any) -> str | int:
    if type(name) is int and 0 <= name <= 9999:
        return name
    if isinstance(name, str) and _PROMPT.fullmatch(name):
        return name
    raise Broken("it has named a prompt that can't be one")
