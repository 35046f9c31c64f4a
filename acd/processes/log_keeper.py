"""What all processes write, read from pipes, masked, and kept in bounded files (log_files.py).

Two threads of the supervisor's. One reads and never waits for the disk, so that no process waits for its log: Asterisk's own logger
thread would hold up a `logger reload`, the daemon's event loop the calls. The other masks and writes. What the disk does not take
waits in memory, `HELD_BYTES` of each log; what is more is lost, and how many lines that were is written once the disk takes them
again.

Asterisk writes its own logs into two FIFOs. They are opened for reading and writing here before Asterisk starts: opening one without a
reader would hold up its start. Where no supervisor keeps the processes, a keeper runs beside Asterisk (beside_asterisk.py).
"""

import contextlib
import fcntl
import io
import json
import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from acd.number_masks import masked_asterisk, masked_lines
from acd.processes.log_files import PRIVATE, BoundedFile, Bounds, make, utc_now
from acd.processes.log_pipes import ASTERISK_LOGS, PIPE_BYTES, fifo, named_pipe

log = structlog.get_logger(__name__)

HELD_BYTES = 8_000_000
"""Of each log in memory while the disk does not take it."""
READ_BYTES = 65536
LONGEST_LINE = 65536
"""A longer one is cut into such pieces."""
TEND_EVERY_S = 60.0
AGAIN_S = 1.0
"""Between two attempts to write what the disk has refused."""
TELL_EVERY_S = 5.0
"""Between two lines that tell how many were lost."""


@dataclass(slots=True)
class _Log:
    """One log: its file, and the lines that wait for it."""

    file: "BoundedFile | OwnOutput"
    mask: Callable[[bytes], bytes]
    told: Callable[[str], bytes]
    """A sentence as a line of this log."""
    waiting: deque[bytes] = field(default_factory=deque)
    held: int = 0
    lost: int = 0
    """Lines since the last that was written."""
    trouble: str = ""
    again_at: float = 0.0
    """When a disk that has refused is asked again, in monotonic seconds."""
    tell_at: float = 0.0
    """When lost lines may be told again, likewise."""


@dataclass(slots=True)
class _Source:
    """Where lines of a log come from."""

    log: _Log
    ends: bool = True
    """Whether it ends with a process; Asterisk's FIFOs never do."""
    path: Path | None = None
    """Of a pipe that has a name, and loses it with its process."""
    rest: bytes = b""
    """The beginning of a line whose end has not come yet."""


class LogKeeper:
    """Keeps any number of logs from the first that is opened until `close`."""

    def __init__(self, bounds: Bounds | None = None, bounds_file: Path | None = None, mode: int = PRIVATE) -> None:
        """`bounds_file`: JSON with other bounds, which the daemon writes at a reload. `mode`: of Asterisk's own logs."""
        self.bounds = bounds or Bounds()
        self._bounds_file, self._mode = bounds_file, mode
        self._logs: dict[Path, _Log] = {}
        self._lock = threading.Condition()
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._open = 0
        """Pipes of processes whose end has not been seen; FIFOs have none."""
        self._no_more = False
        """Nothing more is to be read, but what is there."""
        self._last_round = False
        self._ended = False
        self._threads: list[threading.Thread] = []

    # -- what is kept ---------------------------------------------------------------------------------------------

    def opened(self, file: Path, pipes: Path | None = None) -> int:
        """A pipe's end for a process that is to write this log; to be closed once the process has it. Raises OSError.

        A file that can't be opened is logged: its lines wait in memory. `pipes`: the folder for a pipe that `found` finds again;
        its writer is its reader too, and never waits.
        """
        _made(file)
        ours, theirs, path = named_pipe(pipes, file.stem) if pipes else (*os.pipe(), None)
        with contextlib.suppress(OSError):
            fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        with self._lock:
            self._open += 1
        self._read_from(ours, _Source(self._log_of(file), path=path))
        return theirs

    def found(self, pipes: Path, logs: Path) -> None:
        """Reads on from pipes of processes that have outlived a supervisor; names of pipes whose process has ended are removed."""
        for path in sorted(pipes.glob("*.pipe")):
            try:
                ours = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError as error:
                log.error("a log can't be read on from its pipe", pipe=str(path), why=str(error))
                continue
            with self._lock:
                self._open += 1
            self._read_from(ours, _Source(self._log_of(logs / f"{path.name.partition('.')[0]}.log"), path=path))

    def fifos(self, folder: Path) -> None:
        """Asterisk's logs in this folder, to be opened before Asterisk starts. What can't be made is logged: Asterisk then makes a
        file there, which nobody masks."""
        for name in ASTERISK_LOGS:
            pipe = folder / f"{name}.pipe"
            try:
                target = self._log_of(folder / f"{name}.log", asterisk=True)
                self._read_from(fifo(pipe), _Source(target, ends=False))
            except OSError as error:
                log.error("Asterisk's log can't be read from a pipe", pipe=str(pipe), why=str(error))

    def shown(self, pipe: Path) -> None:
        """What a program writes into this FIFO goes, masked, to our own standard output: for an engine of containers, which bounds it.
        A FIFO that can't be made is logged."""
        try:
            output = OwnOutput()
            with self._lock:
                target = self._logs[output.file] = _Log(output, masked_asterisk, _told_as_we_do)
            self._read_from(fifo(pipe), _Source(target, ends=False))
        except OSError as error:
            log.error("what Asterisk says at its start can't be read from a pipe", pipe=str(pipe), why=str(error))

    def stream(self, file: Path) -> io.TextIOBase:
        """For lines of this very process. A file that can't be opened is logged, as in `opened`."""
        _made(file)
        with self._lock:
            self._start()
        return _Stream(self, self._log_of(file))

    def close(self, within_s: float = 3.0) -> None:
        """Reads what ended processes have left, writes all, and ends; waits for a process that still writes, or for the disk, so long at
        most."""
        if self._ended:
            return
        end = time.monotonic() + within_s
        while self._threads and self._open and time.monotonic() < end:
            time.sleep(0.01)
        self._no_more = True
        os.write(self._wake_write, b".")
        for thread in self._threads[:1]:
            thread.join()
        with self._lock:
            self._last_round = True
            self._lock.notify_all()
        for thread in self._threads[1:]:
            thread.join(max(0.1, end - time.monotonic()))
        self._ended = True
        for key in [*self._selector.get_map().values()]:
            os.close(key.fd)
        self._selector.close()
        os.close(self._wake_write)

    # -- reading --------------------------------------------------------------------------------------------------

    def _read_from(self, opened: int, source: _Source) -> None:
        os.set_blocking(opened, False)
        with self._lock:
            self._selector.register(opened, selectors.EVENT_READ, source)
            self._start()
        os.write(self._wake_write, b".")

    def _start(self) -> None:
        for work in (self._read, self._write) if not self._threads else ():
            self._threads.append(threading.Thread(target=work, name=f"logs: {work.__name__}", daemon=True))
            self._threads[-1].start()

    def _log_of(self, file: Path, *, asterisk: bool = False) -> _Log:
        with self._lock:
            if file not in self._logs:
                mask, told = (masked_asterisk, _told_as_asterisk) if asterisk else (masked_lines, _told_as_we_do)
                self._logs[file] = _Log(BoundedFile(file, mode=self._mode if asterisk else PRIVATE), mask, told)
            return self._logs[file]

    def _read(self) -> None:
        while not self._no_more:
            for key, _ in self._selector.select():
                self._read_some(key.fd, key.data)
        for key in [*self._selector.get_map().values()]:
            while self._read_some(key.fd, key.data):
                pass

    def _read_some(self, opened: int, source: _Source | None) -> bool:
        """Whether there was something, and may be more."""
        try:
            piece = os.read(opened, READ_BYTES)
        except BlockingIOError:
            return False
        except OSError:
            piece = b""
        if source is None:
            return bool(piece)
        self._take(source, piece)
        if not piece:
            with self._lock:
                self._selector.unregister(opened)
                self._open -= source.ends
            os.close(opened)
            if source.path is not None:
                with contextlib.suppress(OSError):
                    source.path.unlink()
        return bool(piece)

    def _take(self, source: _Source, piece: bytes) -> None:
        """The whole lines of what has come; at the end of the source also a last one without a line break."""
        text = source.rest + piece
        cut = text.rfind(b"\n") + 1
        if text and (not piece or (not cut and len(text) > LONGEST_LINE)):
            text, cut = text + b"\n", len(text) + 1
        source.rest = text[cut:]
        if cut:
            self.put(source.log, text[:cut])

    def put(self, target: _Log, lines: bytes) -> None:
        """Lines to be written in their turn; counted as lost where too many wait."""
        if self._ended:
            with contextlib.suppress(OSError):
                target.file.write(target.mask(lines), self.bounds)
            return
        with self._lock:
            if target.held + len(lines) > HELD_BYTES:
                target.lost += lines.count(b"\n")
                return
            target.waiting.append(lines)
            target.held += len(lines)
            self._lock.notify_all()

    # -- writing --------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        tend_at = 0.0
        while True:
            with self._lock:
                ready = any(each.waiting and time.monotonic() >= each.again_at for each in self._logs.values())
                if not ready and not self._last_round:
                    self._lock.wait(AGAIN_S)
                logs, last = list(self._logs.values()), self._last_round
            if time.monotonic() >= tend_at:
                self._read_bounds()
                tend_at = time.monotonic() + TEND_EVERY_S
                for each in logs:
                    with contextlib.suppress(OSError):
                        each.file.tend(self.bounds)
            for each in logs:
                with contextlib.suppress(Exception):  # Told already; whatever it is, the other logs go on.
                    self._write_out(each)
            if last:
                break
        for each in self._logs.values():
            each.file.close()

    def _write_out(self, target: _Log) -> None:
        """What waits for this log, until the disk takes no more."""
        while target.waiting and (time.monotonic() >= target.again_at or self._last_round):
            try:
                if target.lost and time.monotonic() >= target.tell_at:
                    self._tell_lost(target)
                lines = target.mask(target.waiting[0])
                done = target.file.write(lines, self.bounds)
            except Exception as error:
                target.again_at = time.monotonic() + AGAIN_S
                if str(error) != target.trouble:
                    target.trouble = str(error)
                    log.error(
                        "a log can't be written; its newest lines wait in memory",
                        file=str(target.file.file),
                        why=str(error),
                    )
                return
            with self._lock:
                taken = target.waiting.popleft()
                target.held -= len(taken)
                if done < len(lines):  # The rest is masked already; masking it again changes nothing.
                    target.waiting.appendleft(lines[done:])
                    target.held += len(lines) - done
                    target.trouble, target.again_at = "the disk takes no more", time.monotonic() + AGAIN_S
                    return
            target.trouble = ""
        if target.lost:
            with contextlib.suppress(OSError):
                self._tell_lost(target)

    def _tell_lost(self, target: _Log) -> None:
        with self._lock:
            lost, target.lost = target.lost, 0
        target.tell_at = time.monotonic() + TELL_EVERY_S
        why = target.trouble or "they came faster than they could be written"
        try:
            target.file.write(target.told(f"{lost} lines of this log were lost: {why}"), self.bounds)
        except OSError:
            with self._lock:
                target.lost += lost
            raise

    def _read_bounds(self) -> None:
        if self._bounds_file is None:
            return
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads(self._bounds_file.read_text())
            self.bounds = Bounds(int(said["most_bytes"]), int(said["days"]))


class OwnOutput:
    """Standard output in a log file's place. It never waits: what its reader does not take, waits as for a disk."""

    file = Path("standard output")

    def __init__(self) -> None:
        self._opened = os.dup(1)
        os.set_blocking(self._opened, False)

    def write(self, lines: bytes, bounds: Bounds) -> int:
        """How many bytes were taken. Raises OSError when none was."""
        done = 0
        try:
            while done < len(lines):
                done += os.write(self._opened, lines[done:])
        except OSError:
            if not done:
                raise
        return done

    def tend(self, bounds: Bounds) -> None:
        """Whoever reads it bounds it."""

    def close(self) -> None:
        """No more is written."""
        os.close(self._opened)


class _Stream(io.TextIOBase):
    """A text stream into a log, for this process's own logging; never waits for the disk."""

    def __init__(self, keeper: LogKeeper, target: _Log) -> None:
        self._keeper, self._target = keeper, target
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        whole, found, rest = (self._rest + text).rpartition("\n")
        self._rest = rest
        if found:
            self._keeper.put(self._target, (whole + found).encode("utf-8", "backslashreplace"))
        return len(text)


def _made(file: Path) -> None:
    try:
        make(file)
    except OSError as error:
        log.error("a log can't be opened; its newest lines wait in memory", file=str(file), why=str(error))


def _told_as_we_do(sentence: str) -> bytes:
    line = {"event": sentence, "level": "warning", "logger": __name__, "timestamp": utc_now().isoformat()}
    return json.dumps(line).encode() + b"\n"


def _told_as_asterisk(sentence: str) -> bytes:
    now = utc_now().astimezone()
    return f"[{now:%Y-%m-%d %H:%M:%S}.{now.microsecond // 1000:03d}] WARNING[0] log_keeper.py: {sentence}\n".encode()
