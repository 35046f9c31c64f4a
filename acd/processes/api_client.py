"""The command line's client of a running daemon: its API on loopback, with the operator's token."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import aiohttp

from acd.errors import SanxiangError
from acd.processes import parts
from acd.setup.installation import Installation


class NotRunning(SanxiangError):
    """No hotline runs for {state}. Start it with `./sanxiang up`, or name the state folder of the one that is meant with
    --state."""


class SupervisorEnded(NotRunning):
    """The hotline of {state} has ended without having been stopped (its supervisor was process {pid}), and its calls with it.
    Start it again: `./sanxiang up` (a unit of systemd does so by itself)."""


class DaemonAway(NotRunning):
    """The daemon of {state} does not answer. Calls go on in Asterisk meanwhile, and {who}. Try again in a moment;
    `./sanxiang doctor` says more."""


def not_running(installation: Installation) -> NotRunning:
    """Why nobody answers for this installation, as the error to raise."""
    state = installation.state
    if pid := parts.supervisor(installation):
        return DaemonAway(state=state, who=f"the supervisor (process {pid}) starts a daemon that ended")
    if pid := parts.dead_supervisor(installation):
        return SupervisorEnded(state=state, pid=pid)
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
    words = {k: str(v) for k, v in query.items() if v}
    return asyncio.run(_ask(installation, method, path, body, words, within_s))


async def _ask(
    installation: Installation, method: str, path: str, body: Any, query: dict[str, str], within_s: float
) -> Any:
    try:
        base = json.loads(installation.address_file.read_text())["url"]
        headers = {"Authorization": f"Bearer {installation.token_file.read_text().strip()}", "User-Agent": "sanxiang"}
        timeout = aiohttp.ClientTimeout(total=within_s)
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            session.request(method, base + path, json=body, params=query) as answer,
        ):
            said = await answer.json(content_type=None)
    except PermissionError as error:
        raise installation.not_readable(error) from None
    except (OSError, aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
        raise not_running(installation) from error
    if answer.status >= 400 and path != "/health":
        raise Refused(why=said.get("detail") or said.get("title") or f"The daemon answered {answer.status}.")
    return said
