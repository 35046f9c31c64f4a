"""The command line's client of a running daemon: its API on loopback, with the operator's token.

By the standard library's client: aiohttp, which the daemon needs, would take a third of what a command costs.
"""

import json
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from acd.errors import SanxiangError
from acd.processes import parts
from acd.setup.installation import Installation


class NotRunning(SanxiangError):
    """No hotline runs for {state}. Start it with `./sanxiang up`, or name the state folder of the one that is meant with
    --state."""


class SupervisorEnded(NotRunning):
    """The hotline of {state} has ended without having been stopped (its supervisor was process {pid}), and its calls with it.
    Start it again: `./sanxiang up` (a unit of systemd does so by itself)."""


class SupervisorAway(NotRunning):
    """The supervisor of {state} (process {pid}) has ended, and the daemon does not answer. Calls go on in Asterisk meanwhile.
    `./sanxiang up` takes over what runs, and touches no call (a unit of systemd does so by itself)."""


class DaemonAway(NotRunning):
    """The daemon of {state} does not answer. Calls go on in Asterisk meanwhile, and {who}. Try again in a moment;
    `./sanxiang doctor` says more."""


def not_running(installation: Installation) -> NotRunning:
    """Why nobody answers for this installation, as the error to raise."""
    state = installation.state
    if pid := parts.supervisor(installation):
        return DaemonAway(state=state, who=f"the supervisor (process {pid}) starts a daemon that ended")
    if pid := parts.dead_supervisor(installation):
        kind = SupervisorAway if parts.running(installation)["asterisk"] else SupervisorEnded
        return kind(state=state, pid=pid)
    if parts.daemon_lives(installation):
        return DaemonAway(state=state, who="its process is there")
    return NotRunning(state=state)


class Refused(SanxiangError):
    """{why}"""


def path(*words: str) -> str:
    """The words as a path of the API, each quoted: a typed "/" or ".." does not change the path."""
    return "/".join(["", *(quote(word, safe="") for word in words)])


def ask(
    installation: Installation, method: str, path: str, body: Any = None, within_s: float = 15.0, **query: Any
) -> Any:
    """The daemon's answer as JSON. `within_s`: seconds to wait for it; `query`: without empty values.

    Raises NotRunning, StateNotReadable, or Refused with the daemon's own sentence.
    """
    status, _, data = _ask(installation, method, path, body, query, within_s)
    try:
        said = json.loads(data) if data else None
    except ValueError as error:
        raise not_running(installation) from error
    if status >= 400 and path != "/health":
        raise _refused(status, said)
    return said


def fetch(installation: Installation, path: str, within_s: float = 120.0, **query: Any) -> tuple[str, bytes]:
    """A file: its name as the daemon gives it, and its bytes. `query`: without empty values. Raises as `ask`."""
    status, name, data = _ask(installation, "GET", path, None, query, within_s)
    if status != 200:
        try:
            raise _refused(status, json.loads(data))
        except ValueError as error:
            raise not_running(installation) from error
    return name or "file", data


def _refused(status: int, said: Any) -> Refused:
    told = said if isinstance(said, dict) else {}
    return Refused(why=told.get("detail") or told.get("title") or f"The daemon answered {status}.")


def _ask(
    installation: Installation, method: str, path: str, body: Any, query: dict[str, Any], within_s: float
) -> tuple[int, str, bytes]:
    """HTTP status, the file's name where the answer is one, and the answer's bytes."""
    until = time.monotonic() + within_s
    try:
        at = urlsplit(json.loads(installation.address_file.read_text())["url"])
        headers = {"Authorization": f"Bearer {installation.token_file.read_text().strip()}", "User-Agent": "sanxiang"}
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        words = urlencode({name: str(value) for name, value in query.items() if value})
        connection = HTTPConnection(at.hostname or "", at.port, timeout=within_s)
        try:
            connection.request(method, quote(path, safe="/%") + (f"?{words}" if words else ""), sent, headers)
            answer = connection.getresponse()
            return answer.status, answer.msg.get_filename() or "", _read(connection, answer, until)
        finally:
            connection.close()
    except PermissionError as error:
        raise installation.not_readable(error) from None
    except (OSError, HTTPException, ValueError) as error:
        raise not_running(installation) from error


def _read(connection: HTTPConnection, answer: HTTPResponse, until: float) -> bytes:
    """All of the answer. TimeoutError when it has not come by `until`, a time of the monotonic clock; IncompleteRead when it breaks off."""
    parts = []
    while not answer.isclosed():
        if connection.sock is not None:  # None where the server closes after the answer: then the last timeout holds
            connection.sock.settimeout(max(0.001, until - time.monotonic()))
        elif time.monotonic() > until:
            raise TimeoutError
        parts.append(answer.read1(1 << 20))
        if not parts[-1]:
            break
    if answer.length:
        raise IncompleteRead(b"".join(parts), answer.length)
    return b"".join(parts)
