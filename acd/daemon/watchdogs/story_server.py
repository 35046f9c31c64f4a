"""Whether the story server serves: asked once a second, over AGI itself.

A connection alone proves nothing: the kernel accepts for a server that is frozen. So a request for the story `ping` is
sent, and an answer of any kind, the server's closing too, counts as life.
"""

import asyncio

import structlog

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 2.0
SILENT_LOOKS = 2
"""So many in a row and the server counts as frozen; callers are then taken out of its stories within some 5 s."""


class StoriesWatch:
    def __init__(self, port: int) -> None:
        self._port = port
        self._silent = 0
        self.up = False

    async def look(self) -> bool:
        """Whether the server serves. One silent look alone changes nothing: the machine may be busy."""
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
        """False when nobody listens; TimeoutError when somebody does and is silent."""
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
