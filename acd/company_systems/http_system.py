"""A system that is asked over HTTP: one GET, JSON back.

Where it goes stands in the configuration or in a private file; of a call only a number goes into the query. No redirect is followed,
no proxy of the environment asked, no cookie kept, nothing unpacked; of the answer at most MOST_BYTES are read. The time limit is the
gate's.
"""

import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from acd.company_systems.failure import SystemFailed

MOST_BYTES = 64 * 1024
NOBODY = (204, 404)
"""Statuses that say that there is no such record."""
CONNECTIONS = 20
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "sanxiang"}


class HttpSystem:
    """Asks over kept connections."""

    def __init__(self, ca_file: Path | None = None) -> None:
        """`ca_file`: the authorities that are believed; None: those of this machine."""
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    async def json(
        self, url: str, query: Mapping[str, str], headers: Mapping[str, str], *, empty_is_nobody: bool = False
    ) -> Any:
        """The answer's JSON; None: there is no such record. Raises SystemFailed, for an empty answer and `null` too unless
        `empty_is_nobody`."""
        try:
            session = self._session = self._session or self._new_session()
            async with session.get(
                url, params=query, headers=_HEADERS | dict(headers), allow_redirects=False
            ) as answer:
                if answer.status in NOBODY:
                    return None
                if answer.status != 200:
                    raise SystemFailed("refused", f"it answered with status {answer.status}")
                body = await _bounded(answer)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            # The error's own text may hold the address with the caller's number in it.
            raise SystemFailed("away", f"it can't be reached ({type(error).__name__})") from None
        if empty_is_nobody and not body.strip():
            return None
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise SystemFailed("bad-answer", "it is no JSON") from None
        if answer is None and not empty_is_nobody:
            raise SystemFailed("bad-answer", "it is null")
        return answer

    async def close(self) -> None:
        """Ends the connections."""
        if self._session is not None:
            await self._session.close()

    def _new_session(self) -> aiohttp.ClientSession:
        context = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, ssl=context),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=8190,
        )


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise SystemFailed("bad-answer", "it is compressed, which was not asked for")
    body = b""
    async for piece in answer.content.iter_chunked(16384):
        body += piece
        if len(body) > MOST_BYTES:
            raise SystemFailed("too-long", f"it is longer than {MOST_BYTES // 1024} kB")
    return body


def at_path(value: Any, path: str) -> Any:
    """What stands at this path ("data.items") of parsed JSON; None: nothing."""
    for word in path.split(".") if path else ():
        value = value.get(word) if isinstance(value, Mapping) else None
    return value
