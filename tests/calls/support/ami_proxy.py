"""What stands between daemon and Asterisk's AMI, and understands what it carries: messages, not bytes."""

import asyncio
import random
import re
from collections.abc import Callable

from tests.support.tcp_proxy import TcpProxy
from tests.support.waiting import eventually

_ACTION_ID = re.compile(rb"\r\nActionID: (\w+)")
_END = b"\r\n\r\n"
Verdict = float | None
"""Seconds by which a message comes late; None: it is lost."""


class AmiProxy(TcpProxy):
    """Besides resets and silence: single messages cut off, lost, or late."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.cut_before: Callable[[bytes], bool] | None = None
        """The link is reset in the place of the first message from Asterisk for which this holds; then it is forgotten."""
        self.cuts = 0
        self.chance: random.Random | None = None
        """Set: of ten answers to Redirect one is lost and one comes 4 s late; of ten Redirects one is lost."""
        self.lost = self.late = 0
        self._watched: set[bytes] = set()

    async def has_cut(self, times: int) -> None:
        await eventually(lambda: self.cuts >= times, "the cut")

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            own = self._goes_to_target(sink)
            judge = self._of_an_action if own else self._of_an_answer
            rest = b""
            while data := await source.read(65536):
                if self._silent.is_set():
                    continue
                if self.chance is None and self.cut_before is None and not rest:
                    sink.write(data)
                else:
                    *whole, rest = (rest + data).split(_END)
                    for message in whole:
                        self._pass(message + _END, judge, sink, own)
                    if self.chance is None and self.cut_before is None:
                        sink.write(rest)
                        rest = b""
                await sink.drain()
            sink.write(rest)
            sink.close()
        except OSError:
            sink.transport.abort()

    def _pass(self, message: bytes, judge: Callable[[bytes], Verdict], sink: asyncio.StreamWriter, own: bool) -> None:
        if not own and self.cut_before is not None and self.cut_before(message):
            self.cut_before = None
            self.cuts += 1
            self.reset()
            raise ConnectionResetError("cut by the test")
        verdict = judge(message)
        if verdict is None:
            self.lost += 1
        elif verdict:
            self.late += 1
            asyncio.get_running_loop().call_later(verdict, sink.write, message)
        else:
            sink.write(message)

    def _of_an_action(self, message: bytes) -> Verdict:
        if self.chance is None or b"Action: Redirect\r\n" not in message:
            return 0.0
        if self.chance.random() < 0.1:
            return None
        if found := _ACTION_ID.search(message):
            self._watched.add(found[1])
        return 0.0

    def _of_an_answer(self, message: bytes) -> Verdict:
        found = _ACTION_ID.search(message) if self.chance is not None else None
        if self.chance is None or found is None or found[1] not in self._watched:
            return 0.0
        self._watched.discard(found[1])
        lot = self.chance.random()
        return None if lot < 0.1 else 4.0 if lot < 0.2 else 0.0
