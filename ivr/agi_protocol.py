"""The line protocol under AGI: lines in, lines out, each with a deadline, and the environment Asterisk opens with.

The environment holds text that a caller chose (names, numbers), which may hold line breaks and so whole forged lines.
Only what stands before any of it is believed, a doubled key is a forgery, and `agi.py` opens with a question whose
answer nobody can know beforehand.
"""

import os
import re
import select
from time import monotonic

MOST_ENVIRONMENT = 64 * 1024
MOST_LINE = 16 * 1024
LINE = re.compile(r"(agi_[a-z0-9_]{1,40}): ?(.*)")


class HungUp(Exception):
    """The caller is gone, or was taken elsewhere: the story is over. Not an error."""


class LineError(Exception):
    """Asterisk could not do one thing; the call goes on."""


class Unheard(Exception):
    """Asterisk did not answer a command in time. The session is given up, and the dialplan goes on."""


class Forged(Exception):
    """The session's opening is not what Asterisk writes. The session is refused."""


class Wire:
    """A pair of file descriptors as pyst2's AGI wants them: text lines, `write`, `flush`; every wait has an end."""

    def __init__(self, reads: int, writes: int, begun: bytes = b""):
        self.reads, self.writes = reads, writes
        self.buffer = begun
        self.deadline = monotonic() + 5
        self._readable = select.poll()
        self._readable.register(reads, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(writes, select.POLLOUT)

    def readline(self) -> str:
        """One line without its end. HungUp at the end of the stream, Unheard at the deadline."""
        while True:
            at = self.buffer.find(b"\n")
            if at >= 0:
                line, self.buffer = self.buffer[:at], self.buffer[at + 1 :]
                return line.decode("utf-8", "replace").rstrip("\r")
            if len(self.buffer) > MOST_LINE:
                raise Forged(f"a line of more than {MOST_LINE} bytes")
            self.buffer += self.read_some()

    def read_some(self) -> bytes:
        """What has come; nothing when there was a false alarm."""
        left = self.deadline - monotonic()
        if left <= 0 or not self._readable.poll(left * 1000):
            raise Unheard
        try:
            some = os.read(self.reads, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise HungUp from error
        if not some:
            raise HungUp  # the end of the stream
        return some

    def write(self, text: str) -> None:
        data = text.encode("utf-8")
        while data:
            try:
                data = data[os.write(self.writes, data) :]
            except BlockingIOError:
                left = self.deadline - monotonic()
                if left <= 0 or not self._writable.poll(left * 1000):
                    raise Unheard from None
            except OSError as error:
                raise HungUp from error

    def flush(self) -> None:
        """Nothing is held back; pyst2 asks for it."""

    def read_environment(self) -> dict[str, str]:
        """The environment, when Asterisk started us as a program; the server reads its own without a thread."""
        while (split := split_environment(self.buffer)) is None:
            self.buffer += self.read_some()
        environment, self.buffer = split
        return environment


def split_environment(data: bytes) -> tuple[dict[str, str], bytes] | None:
    """(environment, bytes after it), or None while the empty line has not come. Forged when it is not one."""
    head, end, rest = data.partition(b"\n\n")
    if not end:
        if len(data) > MOST_ENVIRONMENT:
            raise Forged(f"more than {MOST_ENVIRONMENT} bytes without an end")
        if data and not b"agi_network: ".startswith(data[:13]) and not data.startswith(b"agi_"):
            raise Forged("it does not begin as AGI does")
        return None
    environment: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\n"):
        match = LINE.fullmatch(line.rstrip("\r"))
        if not match:
            raise Forged("a line that is none of Asterisk's")
        if match[1] in environment:
            raise Forged(f"{match[1]} stands twice")
        environment[match[1]] = match[2]
    return environment, rest
