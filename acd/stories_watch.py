"""Whether the story server serves: asked once a second, over AGI itself.

A connection alone proves nothing: the kernel accepts for a server that is frozen. So a request for the story `ping` is
sent, and an answer of any kind, the server's closing too, counts as life.
"""

import asyncio

import structlog

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 2.0
STUCK_AFTER = 3
"""Silent looks in a row after which callers inside a story are taken out of it: with the pause between, under 10 s."""


class StoriesWatch:
    def __init__(self, port: int) -> None:
        self._port = port
        self._silent = 0
        self.up = False
        self.stuck = False
        """Set once when the server accepts and is silent: whoever is inside a story hangs there."""

    async def look(self) -> bool:
        """Whether the server answers now."""
        was, self.up = self.up, await self._answers()
        if was != self.up:
            log.info("stories are served" if self.up else "stories are not served: Asterisk executes them")
        return self.up

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    writer.write(f"agi_network: yes\nagi_request: agi://127.0.0.1:{self._port}/ping\n\n".encode())
                    await reader.read(1)
                finally:
                    writer.close()
        except TimeoutError:
            self._silent += 1
            self.stuck = self.stuck or self._silent == STUCK_AFTER
            return False
        except OSError:
            # Killed: Asterisk sees the closed connection itself and goes on in the dialplan.
            self._silent = 0
            return False
        self._silent = 0
        return True
