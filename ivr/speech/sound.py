"""A caller's sound out of Asterisk, by its application AudioSocket, and where speech begins and ends in it.

AudioSocket connects to a port of ours on loopback and sends what it hears in messages: a kind, a length in two bytes, the content. The port is
open for this one caller and this one listening, and only a connection that begins with the id we have made up is believed. A key comes as a
message too, and ends the listening. Sound is held in memory, bounded, and goes with the object.
"""

import select
import socket
import struct
import uuid
from array import array
from collections import deque
from operator import mul
from time import monotonic
from types import TracebackType
from typing import Literal, Self

from ivr.step import Outcome

RATE = 8000
SAMPLE_BYTES = 2
"""16 bit, little-endian, one channel: what AudioSocket sends."""
FRAME = RATE // 50
"""Samples of 20 ms, of which a level is taken."""
END, ID, KEY, SOUND, ERROR = 0x00, 0x01, 0x03, 0x10, 0xFF
CONNECTS_WITHIN_S = 1.0
QUIET_S = 0.8
"""So long a pause ends what is said."""
BEFORE_S = 0.3
"""Of sound kept before the moment at which speech is noticed: a soft consonant begins it."""
BEGINS_FRAMES, AMONG_FRAMES = 4, 6
"""So many loud frames among so many make a beginning: a click is none."""
LEAST_LEVEL, OVER_FLOOR = 250.0, 3.0
"""A frame is loud above this (of 32767), and so many times above the quietest of the last FLOOR_S."""
FLOOR_S = 1.5


class Endpoint:
    """Finds the beginning and the end of speech, frame by frame. No clock: time is what has been heard."""

    def __init__(self, first_s: float, most_s: float) -> None:
        """`first_s`: silence after which nothing is expected any more. `most_s`: what is said is cut off then."""
        self.first, self.most = round(first_s * 50), round(most_s * 50)
        self.heard = 0
        """Frames so far."""
        self.over: Literal["", "speech", "silence"] = ""
        self._levels: deque[float] = deque(maxlen=round(FLOOR_S * 50))
        self._loud: deque[bool] = deque(maxlen=AMONG_FRAMES)
        self._before: deque[bytes] = deque(maxlen=round(BEFORE_S * 50))
        self._kept: list[bytes] = []
        self._quiet = 0

    @property
    def speaks(self) -> bool:
        """Whether speech has begun."""
        return bool(self._kept)

    @property
    def sound(self) -> bytes:
        """What was said, with a little before and behind it; empty where nothing was."""
        return b"".join(self._kept)

    def feed(self, frame: bytes) -> None:
        """The next 20 ms; `over` says afterwards whether it is enough."""
        if self.over:
            return
        self.heard += 1
        loud = self._is_loud(frame)
        self._loud.append(loud)
        if self._kept:
            self._kept.append(frame)
            self._quiet = 0 if loud else self._quiet + 1
            if self._quiet >= QUIET_S * 50 or len(self._kept) >= self.most:
                self.over = "speech"
            return
        self._before.append(frame)
        if sum(self._loud) >= BEGINS_FRAMES:
            self._kept = list(self._before)
        elif self.heard >= self.first:
            self.over = "silence"

    def _is_loud(self, frame: bytes) -> bool:
        samples = array("h", frame)
        level = float((sum(map(mul, samples, samples)) / max(1, len(samples))) ** 0.5)
        self._levels.append(level)
        floor = min(self._levels) if len(self._levels) >= 25 else 0.0
        return level > max(LEAST_LEVEL, OVER_FLOOR * floor)


class Listening:
    """One caller's sound, for as long as a `with` lasts."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self.endpoint = Endpoint(first_s, most_s)
        self.id = str(uuid.uuid4())
        self.key = ""
        self._until = monotonic() + first_s + most_s + CONNECTS_WITHIN_S + 1.0
        self._data = b""
        self._rest = b""

    def __enter__(self) -> Self:
        """Raises OSError."""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4)
        self.port: int = self._listener.getsockname()[1]
        self._connection: socket.socket | None = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for each in (self._connection, self._listener):
            if each is not None:
                each.close()

    def run(self, answer: int) -> Outcome:
        """Hears until speech is over, a key comes, or nothing does. `answer`: the descriptor on which Asterisk says that the application has
        ended; it is not read."""
        connects_until = monotonic() + CONNECTS_WITHIN_S
        while (now := monotonic()) < self._until:
            if self._connection is None and now > connects_until:
                return "failed"
            source = (self._connection or self._listener).fileno()
            either = select.poll()
            either.register(source, select.POLLIN)
            either.register(answer, select.POLLIN)
            ready = {descriptor for descriptor, _ in either.poll(200)}
            if source in ready:
                if self._connection is None:
                    self._accept()
                elif (over := self._read(self._connection)) is not None:
                    return over
            elif answer in ready:
                return "key" if self.key else "failed"
        return "speech" if self.endpoint.speaks else "failed"

    def finish(self) -> None:
        """Tells Asterisk that this is over; the application ends then."""
        if self._connection is not None:
            try:
                self._connection.settimeout(0.5)
                self._connection.sendall(struct.pack("!BH", END, 0))
                self._connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def _accept(self) -> None:
        """Takes a connection, if it is that of our caller."""
        connection, _ = self._listener.accept()
        connection.settimeout(0.5)
        try:
            head = _exactly(connection, 19)
        except OSError:
            head = b""
        if head != struct.pack("!BH", ID, 16) + uuid.UUID(self.id).bytes:
            connection.close()
            return
        self._connection = connection

    def _read(self, connection: socket.socket) -> Outcome | None:
        try:
            some = connection.recv(8192)
        except OSError:
            some = b""
        if not some:
            return "failed"
        self._data += some
        while len(self._data) >= 3:
            kind, length = struct.unpack("!BH", self._data[:3])
            if len(self._data) < 3 + length:
                break
            content, self._data = self._data[3 : 3 + length], self._data[3 + length :]
            if (over := self._message(kind, content)) is not None:
                return over
        return None

    def _message(self, kind: int, content: bytes) -> Outcome | None:
        if kind == KEY:
            self.key = content[:1].decode("ascii", "replace")
            return "key"
        if kind in (END, ERROR):
            return "failed"
        if kind == SOUND:
            self._rest += content
            size = FRAME * SAMPLE_BYTES
            while len(self._rest) >= size:
                self.endpoint.feed(self._rest[:size])
                self._rest = self._rest[size:]
                if self.endpoint.over:
                    return self.endpoint.over
        return None


def _exactly(connection: socket.socket, count: int) -> bytes:
    """Raises OSError where fewer come."""
    data = b""
    while len(data) < count:
        some = connection.recv(count - len(data))
        if not some:
            raise OSError("the connection has ended")
        data += some
    return data
