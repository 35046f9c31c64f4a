"""The OpenAPI document at its address. It is drawn when somebody first asks: nobody may, and a start would take a quarter of a second longer."""

import asyncio

from aiohttp import web

from acd.web.server.routes import Asked, Route


class ApiDocument:
    """The document of these routes, as JSON."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes, self._text = routes, ""
        self._drawing = asyncio.Lock()

    async def text(self) -> str:
        """Draws it once, in a thread."""
        async with self._drawing:
            if not self._text:
                from acd.web.server.openapi import draw

                self._text = await asyncio.to_thread(draw, self._routes)
        return self._text


DOCUMENT: web.AppKey[ApiDocument] = web.AppKey("api document", ApiDocument)


async def document(asked: Asked) -> web.StreamResponse:
    """This document, drawn from the routes and models."""
    return web.Response(text=await asked.request.app[DOCUMENT].text(), content_type="application/json")


ROUTES = [Route("GET", "/api/openapi.json", document, "api-document", "This document")]
