"""The command line's client of a running daemon: its API on loopback, with the operator's token."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import aiohttp

from acd.errors import SanxiangError
from acd.setup.installation import Installation


class NotRunning(SanxiangError):
    """No daemon answers for {state}. Start one with `./sanxiang up` or `./sanxiang demo`, or name its --state."""


class Refused(SanxiangError):
    """{why}"""


def path(*words: str) -> str:
    """The words as a path of the API, each quoted: a typed "/" or ".." does not change the path."""
    return "/".join(["", *(quote(word, safe="") for word in words)])


def ask(
    installation: Installation, method: str, path: str, body: Any = None, within_s: float = 15.0, **query: Any
) -> Any:
    """The daemon's answer as JSON. `within_s`: seconds to wait for it; `query`: without empty values.

    Raises NotRunning, or Refused with the daemon's own sentence.
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
    except (OSError, aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
        raise NotRunning(state=installation.state) from error
    if answer.status >= 400 and path != "/health":
        raise Refused(why=said.get("detail") or said.get("title") or f"The daemon answered {answer.status}.")
    return said
