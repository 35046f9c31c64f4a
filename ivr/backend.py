"""Asks the daemon over loopback HTTP. A caller waits at most two seconds for an answer, and a menu goes on without one.

After five failures in a row nobody waits any more (the circuit is open); every five seconds one look-up tries again.
"""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ivr.log import log
from ivr.step import LookUp

BUDGET_S = 2.0
FAILURES = 5
PROBE_S = 5.0
MOST_ANSWER = 64 * 1024
POSTED = {
    "login": "agent",
    "lookup": "lookup",
    "lookup-answer": "ticket",
    "told": "call",
    "identity": "call",
    "survey": "call",
    "fault": "call",
}
"""Look-ups that are POSTed, and what their key is called in the body."""


class Circuit:
    """Closed: ask. Open after five failures in a row: don't. Every five seconds one may ask (half open)."""

    def __init__(self, clock: Callable[[], float] = monotonic):
        self.clock = clock
        self.failures = 0
        self._probe_at = 0.0
        self._lock = Lock()

    def may_ask(self) -> bool:
        with self._lock:
            if self.failures < FAILURES:
                return True
            if self.clock() < self._probe_at:
                return False
            self._probe_at = self.clock() + PROBE_S
            return True

    def answered(self, well: bool) -> bool:
        """Notes an outcome; True when this one opened or closed the circuit."""
        with self._lock:
            before = self.failures >= FAILURES
            self.failures = 0 if well else self.failures + 1
            after = self.failures >= FAILURES
            if after and not before:
                self._probe_at = self.clock() + PROBE_S
            return before != after


class Backend:
    """The daemon as a story sees it: `look_up(step)` answers a dict or None, and never raises."""

    def __init__(self, address: str, token_file: Path, clock: Callable[[], float] = monotonic):
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.token_file = token_file
        self.circuit = Circuit(clock)

    def look_up(self, step: LookUp) -> dict[str, Any] | None:
        if not self.circuit.may_ask():
            return None
        try:
            status, answer = self.ask(step)
            well = status < 500
        except (OSError, ValueError, RecursionError) as error:  # the last: JSON nested without end
            status, answer, well = 0, {}, False
            why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        else:
            why = f"status {status}"
        if self.circuit.answered(well):
            log("The daemon answers again." if well else f"The daemon does not answer ({why}); callers no longer wait.")
        if status == 200:
            return answer
        # A call that the daemon does not know (yet) is an answer without content; a silent daemon is none.
        return {} if status == 404 else None

    def ask(self, step: LookUp) -> tuple[int, dict[str, Any]]:
        """Status and answer. The budget covers the whole exchange, so a daemon that drips is given up too."""
        end = monotonic() + min(step.within_s, BUDGET_S)
        body = b""
        if step.what in POSTED:
            # What is keyed rides in the body: an address stands in logs, here and there.
            method, path = "POST", f"/ivr/{step.what}"
            body = json.dumps({POSTED[step.what]: step.key, **step.parameters}).encode()
        else:
            query = f"?{urlencode(step.parameters)}" if step.parameters else ""
            method, path = "GET", f"/ivr/{step.what}/{quote(step.key, safe='')}{query}"
        token = self.token_file.read_text(encoding="ascii").strip()
        head = (
            f"{method} {path} HTTP/1.0\r\nHost: {self.host}:{self.port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        data = b""
        with socket.create_connection((self.host, self.port), timeout=left(end)) as connection:
            connection.sendall(head.encode("ascii") + body)
            while len(data) <= MOST_ANSWER:
                connection.settimeout(left(end))
                some = connection.recv(16384)
                if not some:
                    break
                data += some
            else:
                raise ValueError(f"an answer of more than {MOST_ANSWER} bytes")
        top, _, content = data.partition(b"\r\n\r\n")
        words = top.split(None, 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/"):
            raise ValueError("an answer that is not HTTP")
        status = int(words[1])
        if status != 200:
            return status, {}
        answer = json.loads(content)
        if not isinstance(answer, dict):
            raise ValueError("an answer that is not an object")
        return status, answer


def left(end: float) -> float:
    """Seconds to the end; TimeoutError when there are none."""
    seconds = end - monotonic()
    if seconds <= 0:
        raise TimeoutError("its time is over")
    return seconds
