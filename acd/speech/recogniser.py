"""A program that turns sound into text: a JSON line asks, a JSON line answers. Ours is acd/voices/workers/recogniser.py; an operator may
name another (docs/speech.md).

One thing is asked at a time. An answer that is late ends the program, since it would be taken for the next one's; it is started again, after
the pauses by which the supervisor starts its own. What it writes to standard error is thrown away: it might be what a caller has said.
"""

import base64
import ctypes
import json
import os
import resource
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from acd.errors import SanxiangError
from acd.voices.environment import environment_of_a_worker

BACK_OFF_S = (0.1, 0.3, 1.0, 3.0)
"""Pause before the n-th start in a row, as of acd/processes/child.py."""
STEADY_S = 30.0
"""After so long a program counts as well again."""
LOADS_WITHIN_S = 60.0
"""A first answer may take so long: the model is loaded meanwhile, and nobody waits for it."""
MOST_BYTES = 64 * 1024
"""Of one answer."""
NICE = 5
RATE = 8000

_LIBC, _PR_SET_PDEATHSIG = ctypes.CDLL(None), 1

State = Literal["starting", "ready", "failed"]


class NoAnswer(SanxiangError):
    """The recogniser {what}."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a recogniser has heard."""

    text: str
    """Empty: no speech."""
    confidence: float
    """0 to 1, by its own measure."""


class Program:
    """Keeps one program running in a thread of its own, and asks it."""

    def __init__(self, argv: Callable[[], Sequence[str]], *, memory_mb: int) -> None:
        """`argv`: makes what is needed, if anything, and says what to run; may take long, and may raise SanxiangError."""
        self._argv, self._memory = argv, memory_mb * 1_000_000
        self._process: subprocess.Popen[bytes] | None = None
        self._alone = threading.Lock()
        self._stopping = threading.Event()
        self._gone = threading.Event()
        self.state: State = "starting"
        self.why = ""
        """Of a failure."""
        self.starts = 0
        self._thread = threading.Thread(target=self._keep, name="recogniser", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the program."""
        self._stopping.set()
        self._gone.set()
        self._kill()

    def ask(self, sound: bytes, language: str, kind: str, hints: Sequence[str], within_s: float) -> Said:
        """What was said. Raises NoAnswer; the whole, with waiting for others, takes no longer than `within_s`."""
        end = time.monotonic() + within_s
        if self.state != "ready":
            raise NoAnswer(what=f"is not there ({self.why or 'it is being started'})")
        if not self._alone.acquire(timeout=within_s):
            raise NoAnswer(what="is busy with others")
        try:
            encoded = base64.b64encode(sound).decode("ascii")
            line = {"sound": encoded, "rate": RATE, "language": language, "kind": kind, "hints": list(hints)}
            return said_in(self._exchange(line, end))
        finally:
            self._alone.release()

    def _exchange(self, asked: dict[str, Any], end: float) -> Any:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise NoAnswer(what="has ended")
        try:
            process.stdin.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
            process.stdin.flush()
            line, opened = b"", process.stdout.fileno()
            answered = select.poll()
            answered.register(opened, select.POLLIN)
            while not line.endswith(b"\n"):
                left = end - time.monotonic()
                if left <= 0 or not answered.poll(left * 1000):
                    self._kill()
                    raise NoAnswer(what="did not answer in time, and is started again")
                piece = os.read(opened, 65536)
                if not piece or len(line) > MOST_BYTES:
                    self._kill()
                    raise NoAnswer(what="has ended" if not piece else "answered too much")
                line += piece
            return json.loads(line)
        except (OSError, ValueError) as error:
            self._kill()
            raise NoAnswer(what=f"failed ({type(error).__name__})") from None

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()

    def _keep(self) -> None:
        """Starts the program, and again whenever it has ended."""
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._run_once()
                self.why = "it has ended" if not self.why else self.why
            except (SanxiangError, OSError) as error:
                self.why = str(error)
            self.state = "starting" if failures == 0 else "failed"
            failures = 0 if time.monotonic() - began > STEADY_S else failures + 1
            # What can't be fetched is tried again after a while, and not every three seconds.
            pause = BACK_OFF_S[min(max(failures, 1), len(BACK_OFF_S)) - 1] if self._process is not None else 60.0
            self._stopping.wait(pause)

    def _run_once(self) -> None:
        """From its start to its end."""
        self._process = None
        argv = list(self._argv())
        process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment_of_a_worker(), start_new_session=True, preexec_fn=partial(_bounded, self._memory),
        )  # fmt: skip
        self._process = process
        self.starts += 1
        try:
            if self._stopping.is_set():
                return
            # Half a second of silence: what answers it has loaded its model.
            silence = base64.b64encode(bytes(RATE)).decode("ascii")
            with self._alone:
                said_in(self._exchange({"sound": silence, "rate": RATE, "language": "zh", "kind": "choice", "hints": []},
                                       time.monotonic() + LOADS_WITHIN_S))  # fmt: skip
            self.state, self.why = "ready", ""
            process.wait()
        finally:
            if self.state == "ready":
                self.state = "starting"
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()


def said_in(answer: object) -> Said:
    """The answer of a recogniser, checked. Raises NoAnswer."""
    text = answer.get("text") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(text, str):
        error = answer.get("error") if isinstance(answer, dict) else None
        kind = str(error).partition(":")[0][:40] if error else "its answer has no text"
        raise NoAnswer(what=f"could not ({kind})")
    confidence = answer.get("confidence", 1.0)
    return Said(text[:500], float(confidence) if isinstance(confidence, int | float) else 1.0)


def _bounded(memory: int) -> None:
    """In the child: calls go before it, for the processor and for memory; and it ends with this process, however that ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 - between fork and exec
        file.write("800")
