"""Whether the story server answers: asked once a second, over AGI.

A connection alone proves nothing: the kernel accepts connections for a frozen server. So a request for the story `ping` is
sent; any answer counts, also that the server closes the connection.
"""

import asyncio

import structlog

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 2.0
SILENT_LOOKS = 2
"""After so many in a row the server counts as frozen; callers are redirected out of its stories within some 5 s."""


class StoriesWatch:
    """Looks at the story server on this port of loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._silent = 0
        self.up = False

    async def look(self) -> bool:
        """Whether the server answers. One look without an answer changes nothing: the machine may be busy."""
        was = self.up
        try:
            self.up = await self._answers()
            self._silent = 0
        except TimeoutError:
            self._silent += 1
            self.up = self.up and self._silent < SILENT_LOOKS
        if was != self.up:
            log.info("stories are served" if self.up else "stories are not served: Asterisk executes them")
        return self.up

    async def _answers(self) -> bool:
        """False when the port is closed. Raises TimeoutError when it is open and there is no answer."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                return False
            try:
                writer.write(b"agi_network: yes\nagi_network_script: ping\n\n")
                await reader.read(1)
            except OSError:
                return False
            finally:
                writer.close()
        return True
