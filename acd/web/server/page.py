"""The built pages, console and API description, and what they are made of. Scripts and sounds come from this address
alone (see `app.py`, headers)."""

import asyncio
import mimetypes
import secrets
from pathlib import Path

from aiohttp import web
from pydantic import ConfigDict, Field

from acd.web.server.problems import Problem
from acd.web.server.routes import ANYONE, Asked, Route, Strict

NONCE = "CSP_NONCE"
"""Stands in each page's HTML where its script needs this answer's own number: the styles that the player and Redoc add
are allowed by it."""

_NOT_BUILT = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>Sanxiang</title>
<h1>三响 Sanxiang</h1><p>页面尚未构建；接口可用：<a href="/health">/health</a></p>
<p>The page has not been built; the interface works: <a href="/health">/health</a></p></html>"""


class PageQuery(Strict):
    """Why the page is opened."""

    link: str = ""
    """`spent` after a one-time link that no longer holds."""
    log_in: str = Field(default="", alias="log-in")
    """`code` after one that holds, where a second factor is asked for."""


class LedBackQuery(Strict):
    """What the identity provider puts there is read by the page itself; of what else there is, providers differ."""

    model_config = ConfigDict(extra="ignore", frozen=True)


async def index(asked: Asked) -> web.StreamResponse:
    """The page itself; it asks for log-in where there is no session."""
    return await _built(asked, "index.html")


async def api(asked: Asked) -> web.StreamResponse:
    """A page for people; programs read /api/openapi.json, which it shows."""
    return await _built(asked, "api.html")


async def _built(asked: Asked, name: str) -> web.StreamResponse:
    """The page of this name with a nonce of its own, or that none has been built."""
    folder, nonce = asked.context.page_folder, secrets.token_urlsafe(16)
    text = _NOT_BUILT
    if folder is not None:
        text = await asyncio.to_thread((folder / name).read_text, encoding="utf-8")
    headers = {"Cache-Control": "no-store", "X-Nonce": nonce}
    return web.Response(text=text.replace(NONCE, nonce), content_type="text/html", headers=headers)


async def asset(asked: Asked) -> web.StreamResponse:
    """A file of the build; its name carries a hash of what is in it, so it may be kept for ever."""
    folder, name = asked.context.page_folder, asked.word("name")
    file = None if folder is None else folder / "assets" / name
    if file is None or not await asyncio.to_thread(_plain_file, file):
        raise Problem(404, "not-found", "There is nothing at this address.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Content-Type": kind}
    return web.FileResponse(file, headers=headers)


def _plain_file(file: Path) -> bool:
    return file.is_file() and not file.is_symlink()


ROUTES = [
    Route("GET", "/", index, ANYONE, "The page", query=PageQuery, content="text/html", free=True),
    Route(
        "GET",
        "/log-in/oidc",
        index,
        ANYONE,
        "The page, as the identity provider leads back to it",
        query=LedBackQuery,
        content="text/html",
        free=True,
    ),
    Route("GET", "/api", api, "api-document", "The API's description as a page", content="text/html"),
    Route(
        "GET",
        "/assets/{name:[A-Za-z0-9_-][A-Za-z0-9._-]*}",
        asset,
        ANYONE,
        "What the page is made of",
        content="*/*",
        refusals={404: "not-found"},
        free=True,
    ),
]
