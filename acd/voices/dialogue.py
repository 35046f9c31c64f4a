"""A worker's process as the rest of Sanxiang sees it: one JSON line asks, one answers, within a bound; it ends with us."""

import json
import os
import select
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from acd.errors import SanxiangError
from acd.voices.environment import RecogniserParts, VoiceParts, environment_of_a_worker

WORKERS = Path(__file__).parent / "workers"
ANSWERS_WITHIN_S = 180.0
"""Of one text. A minute of speech takes a minute on one core that is free, and this one may not be."""
MOST_BYTES = 1_000_000
"""Of one answer."""
NICE = 15
FIRST_TO_GO = "800"
"""Where memory is short the kernel ends this process before any that serves a call."""


class WorkerFailed(SanxiangError):
    """The {name} {what}. Its last words: {said}"""


class CantBeSpoken(SanxiangError):
    """{text} can't be spoken: {why}."""


class Worker:
    """One process. Started by `with`; asked one thing at a time."""

    def __init__(self, name: str, argv: list[str]) -> None:
        self._name, self._argv = name, argv

    @classmethod
    def speaker(cls, parts: VoiceParts) -> Self:
        """Speaks; see workers/speaker.py for what is asked and answered."""
        return cls(
            "speaker", [str(parts.python), "-P", str(WORKERS / "speaker.py"), str(parts.model), str(parts.voices)]
        )

    @classmethod
    def recogniser(cls, parts: RecogniserParts) -> Self:
        """Hears; see workers/recogniser.py."""
        return cls("recogniser", [str(parts.python), "-P", str(WORKERS / "recogniser.py"), str(parts.model)])

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._argv,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment_of_a_worker(),
        )  # fmt: skip
        with suppress(OSError):  # calls go before it, for the processor and for memory
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
            Path(f"/proc/{self._process.pid}/oom_score_adj").write_text(FIRST_TO_GO)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, **asked: str | list[str]) -> dict[str, Any]:
        """Its answer. Raises CantBeSpoken where it says so, WorkerFailed where it is silent or has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._failed("has ended") from None
        answer: dict[str, Any] = json.loads(self._line())
        if why := answer.get("error"):
            raise CantBeSpoken(text=repr(asked.get("text") or asked.get("file")), why=why)
        return answer

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        line, opened = b"", self._process.stdout.fileno()
        answered = select.poll()
        answered.register(opened, select.POLLIN)
        while not line.endswith(b"\n"):
            if not answered.poll(ANSWERS_WITHIN_S * 1000):
                raise self._failed(f"did not answer within {ANSWERS_WITHIN_S:.0f} s")
            piece = os.read(opened, 65536)
            if not piece or len(line) > MOST_BYTES:
                raise self._failed("has ended")
            line += piece
        return line

    def _failed(self, what: str) -> WorkerFailed:
        self._process.kill()
        _, said = self._process.communicate()
        return WorkerFailed(
            name=self._name, what=what, said=" ".join(said.decode("utf-8", "replace").split())[-300:] or "none."
        )
