"""Many callers in one story server, as Asterisk would hold them: every command is answered, without Asterisk and without sound."""

import asyncio
import re
from dataclasses import dataclass, field
from time import monotonic

VARIABLE = re.compile(r'"([0-9a-f]{16})\|')
SET = re.compile(r'SET VARIABLE "(\w+)" "(.*)"')
ENVIRONMENT = (
    "agi_network: yes\nagi_network_script: hotline\nagi_request: agi://127.0.0.1/hotline\nagi_channel: PJSIP/trunk-{0}\n"
    "agi_callerid: 000\nagi_calleridname: unknown\nagi_threadid: 1\n\n"
)


@dataclass
class Callers:
    """`count` callers of the hotline who all hear the menu before the first of them presses `key`."""

    port: int
    count: int
    key: str = "1"
    menu: str = "menu-main"
    dialled: str = "95001"

    queues: list[str] = field(default_factory=list)
    """Where each ended: the value of QUEUE, "" for none."""
    after_key_s: list[float] = field(default_factory=list)
    """From each caller's key to the next command of the server, in seconds."""
    commands: int = 0

    _listening: int = 0
    _all_listen: asyncio.Event = field(default_factory=asyncio.Event)
    _opening: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(50))
    """Asterisk writes its environment as soon as it is connected: no more than these are between the two."""

    async def call(self) -> None:
        """All of them, to their end. Raises TimeoutError where they are not served within a minute."""
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for number in range(self.count):
                group.create_task(self._one(number))

    async def all_listen(self) -> None:
        """Returns when every caller hears the menu. Raises TimeoutError where one does not within a minute."""
        await asyncio.wait_for(self._all_listen.wait(), 60)

    async def _one(self, number: int) -> None:
        async with self._opening:
            reads, writes = await asyncio.open_connection("127.0.0.1", self.port)
            writes.write(ENVIRONMENT.format(number).encode())
        values: dict[str, str] = {}
        pressed, waits_since = False, 0.0
        while command := (await reads.readline()).decode():
            self.commands += 1
            if waits_since:
                self.after_key_s.append(monotonic() - waits_since)
                waits_since = 0.0
            answer = "200 result=0 endpos=8000"
            if command.startswith("GET FULL VARIABLE"):
                word = VARIABLE.findall(command)[0]
                values_asked = ["" for _ in range(command.count("${"))]
                values_asked[:3] = [f"c{number}", self.dialled, "zh"]
                answer = f"200 result=1 ({word}|{'|'.join(values_asked)})"
            elif change := SET.match(command):
                values[change[1]] = change[2]
                answer = "200 result=1"
            elif command.startswith("STREAM FILE") and self.menu in command and not pressed:
                pressed = True
                self._listening += 1
                if self._listening == self.count:
                    self._all_listen.set()
                await self._all_listen.wait()
                answer = f"200 result={ord(self.key)} endpos=400"
                waits_since = monotonic()
            writes.write(f"{answer}\n".encode())
        self.queues.append(values.get("QUEUE", ""))
        writes.close()
