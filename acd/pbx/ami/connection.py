"""The connection to Asterisk's manager interface (AMI): panoramisk behind one class; no other module may import it.

From panoramisk 1.4 come the grammar of messages (`Message.from_line`), actions with their ids, and which of several
answers belong to one action (`Action`, `AMIProtocol.handle_message`). What is done here, and why:

* Framing works on bytes: panoramisk decodes each TCP segment by itself and loses a character that is split over two.
* panoramisk's `Manager` is not used. It sends unanswered actions again after a reconnection (an old offer would ring later),
  never notices a half-open link, tries a wrong password for ever and in silence, and can't be closed while it reconnects.
* Every action has a deadline of 3 s and is refused at once while there is no link.
* CR, LF and NUL in a value are refused: they would be a second action.
* An event is believed only when `SystemName: <our secret>` stands right after `Privilege:` and `Timestamp:`. Text that a
  caller controls can carry line breaks, which Asterisk prints raw, but the caller can't know the secret. It is stripped
  here, also from the Uniqueid and Linkedid that it prefixes: no log and no table ever holds it.
* A callback that raises costs one log line; the rest of the buffer is read all the same.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog
from panoramisk.actions import Action as PanoramiskAction
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message as PanoramiskMessage

from acd.errors import SanxiangError
from acd.pbx.ami.asterisk_clock import AsteriskClock

log = structlog.get_logger(__name__)

DEADLINE_S = 3.0
"""An action that is not answered by then has failed for us."""
QUIET_S = 2.0
"""After so long without a byte from Asterisk a Ping is sent."""
REFUSED = "login refused"
"""What `on_down` hears when Asterisk does not take the password."""
REFUSED_RETRY_S = 30.0
"""A refused password is tried again this slowly."""
BACKOFF_S = (0.1, 2.0)
"""Pause before the next attempt to connect: the first, and the longest; it doubles between them."""
SLEPT_S = 8.0
"""So long without a byte on a link that gets a Ping every other second means that this process did not run."""
LONGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes. What is longer is dropped and counted; Asterisk's own messages have a few kB."""

_ONE_READ = 64 * 1024
"""Bytes. A read that brings less has emptied the socket: asyncio reads four times as much at once."""
_END = b"\r\n\r\n"
_MAY_REPEAT = {"chanvariable", "variable"}
_ILLEGAL = ("\r", "\n", "\0")

Message = dict[str, str]
"""Header to value, as Asterisk spells the header."""
Fields = Mapping[str, str | Sequence[str]]
"""Header to value, or to the values of a header that stands there several times."""


class AmiDown(SanxiangError):
    """There is no link to Asterisk at the moment; {action} was not sent."""


class AmiSilent(SanxiangError):
    """Asterisk did not answer {action} in time. It may have been carried out: look before trying again."""


class AmiRefused(SanxiangError):
    """Asterisk refused {action}: {why}"""


class IllegalCharacter(SanxiangError):
    """{field} holds a line break or NUL, which would be a second line to Asterisk. Nothing was sent."""


class Ami:
    """One connection, made again whenever it is lost.

    `on_message` gets every believed event as a plain dict, in order; `on_up` is called once logged in, `on_down` with
    the reason when the link is lost or the password is refused. `on_slept` is called with the seconds for which this process
    did not run (it or its machine was stopped), before the messages that have piled up are read. All are plain functions and
    must not block.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        system_name: str,
        on_message: Callable[[Message], None],
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        on_slept: Callable[[float], None] = lambda seconds: None,
        refused_retry_s: float = REFUSED_RETRY_S,
    ) -> None:
        self.host, self.port = host, port
        self.user, self._secret, self.system_name = user, secret, system_name
        self.on_message, self.on_up, self.on_down = on_message, on_up, on_down
        self.on_slept = on_slept
        self.up = False
        self.lag_s = 0.0
        """How old the newest event was when it came, by Asterisk's own time stamp."""
        self.forged = self.malformed = self.oversized = 0
        """Numbers of messages dropped: without our secret; not parsed or with a header twice; too long."""
        self.clock = AsteriskClock()
        self._refused_retry_s = refused_retry_s
        self._protocol: _Protocol | None = None
        self._task: asyncio.Task[None] | None = None
        self._said = ""

    def start(self) -> None:
        """Begins to connect; returns at once."""
        self._task = asyncio.get_running_loop().create_task(self._keep_up(), name="AMI link")

    async def stop(self) -> None:
        """Closes the link and stops trying. No callback is called any more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._drop("stopped")

    def abort(self, reason: str) -> None:
        """Gives this connection up; the next one is tried at once."""
        if self._protocol is not None:
            self._protocol.abort(reason)

    # --- acting ---

    async def act(self, action: str, deadline_s: float = DEADLINE_S, **fields: str) -> Message:
        """The answer to one action. Raises AmiDown, AmiSilent, AmiRefused, IllegalCharacter."""
        answer = await self.send([(action, fields)], deadline_s)[0]
        return answer[0]

    async def ask(self, action: str, deadline_s: float = DEADLINE_S, **fields: str) -> list[Message]:
        """The rows of a list action, without its first and last message. Raises as `act`."""
        answer = await self.send([(action, fields)], deadline_s)[0]
        return answer[1:-1]

    def send(
        self, actions: Iterable[tuple[str, Fields]], deadline_s: float = DEADLINE_S
    ) -> list[Awaitable[list[Message]]]:
        """Writes all of them in one go, in order; one awaitable of the answers for each.

        Raises AmiDown or IllegalCharacter before anything is written.
        """
        actions = list(actions)
        for name, fields in actions:
            refuse_illegal({"Action": name, **fields})
        protocol = self._protocol
        if not self.up or protocol is None:
            raise AmiDown(action=", ".join(name for name, _ in actions))
        return protocol.write(actions, deadline_s)

    # --- the link ---

    async def _keep_up(self) -> None:
        delay = BACKOFF_S[0]
        while True:
            try:
                refused = await self._one_link()
            except OSError as error:
                refused = False
                self._say(f"Asterisk's AMI at {self.host}:{self.port} can't be reached: {error.strerror or error}")
            else:
                delay = BACKOFF_S[0] if self._said == "" else delay
            pause = self._refused_retry_s if refused else delay * random.uniform(0.75, 1.25)
            await asyncio.sleep(pause)
            delay = min(delay * 2, BACKOFF_S[1])

    async def _one_link(self) -> bool:
        """Connects, logs in, watches until the link is gone. True when the password was refused."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(DEADLINE_S):
            _, protocol = await loop.create_connection(lambda: _Protocol(self), self.host, self.port)
        self._protocol = protocol
        try:
            login = {"Username": self.user, "Secret": self._secret, "Events": "on"}
            answer = await protocol.write([("Login", login)], DEADLINE_S)[0]
        except AmiRefused as refusal:
            self._drop(REFUSED)
            why = refusal.fields["why"]
            if self._say(f"Asterisk refused the AMI login of {self.user!r}: {why}. Trying every 30 s."):
                self._call(self.on_down, REFUSED)
            return True
        except (AmiSilent, AmiDown):
            self._drop("no answer to the login")
            self._say("Asterisk's AMI does not answer the login.")
            return False
        assert answer
        self._said = ""
        self.up = True
        self._call(self.on_up)
        reason = await self._watch(protocol)
        was_up, self.up = self.up, False
        self._drop(reason)
        if was_up:
            log.warning("the link to Asterisk is lost", why=reason)
            self._call(self.on_down, reason)
        return False

    async def _watch(self, protocol: _Protocol) -> str:
        """Returns, with the reason, once the link is gone or Asterisk has given no sign of life."""
        while not protocol.gone.is_set():
            try:
                async with asyncio.timeout(QUIET_S / 4):
                    await protocol.gone.wait()
            except TimeoutError:
                pass
            if protocol.gone.is_set() or time.monotonic() - protocol.heard_at < QUIET_S:
                continue
            try:
                await protocol.write([("Ping", {})], DEADLINE_S)[0]
            except (AmiSilent, AmiDown):
                if not protocol.gone.is_set():
                    return "no sign of life"
        return protocol.why_gone

    def _drop(self, reason: str) -> None:
        self.up = False
        if self._protocol is not None:
            self._protocol.abort(reason)
            self._protocol = None

    def _say(self, sentence: str) -> bool:
        """Logs a trouble once while it lasts. Whether it was news."""
        if sentence == self._said:
            return False
        self._said = sentence
        log.warning(sentence)
        return True

    def _call(self, callback: Callable[..., None], *args: Any) -> None:
        try:
            callback(*args)
        except Exception:
            said = [each.get("Event", "") if isinstance(each, dict) else type(each).__name__ for each in args]
            log.exception("a callback of the AMI link failed", arguments=said)

    def slept(self, seconds: float) -> None:
        """This process did not run for so long (called by the protocol)."""
        self._call(self.on_slept, seconds)

    def received(self, frame: bytes) -> PanoramiskMessage | None:
        """One whole message, checked and without the secret; None when it is not to be believed."""
        head, _, _ = frame.partition(b":")
        if head == b"Event" and b"\r\nActionID: " not in frame:
            if frame.startswith(b"Event: FullyBooted\r\n"):
                return None  # It carries no mark, so it says nothing: CoreStatus is asked instead.
            lines = frame.split(b"\r\n", 4)
            mark = b"SystemName: " + self.system_name.encode()
            if not (
                len(lines) > 3
                and lines[1].startswith(b"Privilege: ")
                and lines[2].startswith(b"Timestamp: ")
                and lines[3] == mark
            ):
                self.forged += 1
                log.warning("an event without Asterisk's mark was dropped", dropped=self.forged)
                return None
        text = frame.decode("utf-8", "replace").replace(self.system_name + "-", "")
        message = PanoramiskMessage.from_line(text)
        if message is None:
            self.malformed += 1
        elif any(isinstance(value, list) and name.lower() not in _MAY_REPEAT for name, value in message.items()):
            self.malformed += 1
            log.warning("a message with a header twice was dropped", dropped=self.malformed)
            return None
        return message

    def deliver(self, message: Message) -> None:
        """Hands a believed event on (called by the protocol)."""
        age_s = self.clock.age_s(message)
        if age_s is not None:
            self.lag_s = age_s
        self._call(self.on_message, message)


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol, with our framing and without its Manager."""

    def __init__(self, ami: Ami) -> None:
        self.ami = ami
        self.gone = asyncio.Event()
        self.why_gone = ""
        self.heard_at = time.monotonic()
        ami.clock.emptied(self.heard_at)
        self._buffer = bytearray()
        self._searched = 0
        self._banner = True
        self._skipping = False

    def write(self, actions: Iterable[tuple[str, Fields]], deadline_s: float) -> list[Awaitable[list[Message]]]:
        if self.gone.is_set():
            raise AmiDown(action="an action")
        made = []
        for name, fields in actions:
            # Ids are random: rows of a list are told by them, and nobody outside can guess one.
            action = PanoramiskAction({"Action": name, "ActionID": secrets.token_hex(12), **fields})
            self.responses[action.id] = action
            made.append(action)
        self.transport.write("".join(str(action) for action in made).encode("utf-8"))
        return [asyncio.ensure_future(self._answer(action, deadline_s)) for action in made]

    async def _answer(self, action: Any, deadline_s: float) -> list[Message]:
        name = action["Action"]
        try:
            async with asyncio.timeout(deadline_s):
                answer = await action.future
        except TimeoutError:
            raise AmiSilent(action=name) from None
        finally:
            self.responses.pop(action.id, None)
        if answer is None:
            raise AmiDown(action=name)
        rows = [_plain(row) for row in (answer if isinstance(answer, list) else [answer])]
        if rows[0].get("Response") not in ("Success", "Pong", "Goodbye", None):
            raise AmiRefused(action=name, why=rows[0].get("Message", "no reason given"))
        return rows

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        slept_s, self.heard_at = now - self.heard_at, now
        if slept_s > SLEPT_S and self.ami.up:
            self.ami.slept(slept_s)
        buffer = self._buffer
        buffer += data
        if self._banner:
            end = buffer.find(b"\r\n")
            if end < 0:
                return
            self.version = bytes(buffer[:end]).decode("ascii", "replace").partition("/")[2]
            del buffer[: end + 2]
            self._banner = False
        start = 0
        while (end := buffer.find(_END, max(start, self._searched))) >= 0:
            frame = bytes(buffer[start:end])
            start = end + len(_END)
            self._searched = start
            if self._skipping:
                self._skipping = False
            elif frame.strip():
                self._frame(frame.lstrip(b"\r\n"))
        del buffer[:start]
        self._searched = max(0, len(buffer) - len(_END) + 1)
        if len(buffer) > LONGEST_MESSAGE:
            if not self._skipping:
                self.ami.oversized += 1
                log.warning("a message that is too long was dropped", longest=LONGEST_MESSAGE)
            self._skipping = True
            del buffer[: -len(_END)]
            self._searched = 0
        if len(data) < _ONE_READ:
            self.ami.clock.emptied(now)

    def _frame(self, frame: bytes) -> None:
        try:
            message = self.ami.received(frame)
            if message is None:
                return
            self.ami.clock.told(message)
            if message.id in self.responses:
                self.handle_message(message)
            elif "event" in message and "actionid" not in message:
                self.ami.deliver(_plain(message))
        except Exception:
            log.exception("a message from Asterisk could not be read")

    def connection_lost(self, exc: Exception | None) -> None:
        self.why_gone = self.why_gone or (f"{exc}" if exc else "closed by Asterisk")
        self.closed = True
        self.gone.set()
        for action in list(self.responses.values()):
            if not action.future.done():
                action.future.set_result(None)

    def abort(self, reason: str) -> None:
        self.why_gone = self.why_gone or reason
        self.transport.abort()


def _plain(message: Any) -> Message:
    return {
        name: value if isinstance(value, str) else "\n".join(value)
        for name, value in message.items()
        if name != "SystemName"
    }


def refuse_illegal(fields: Fields) -> None:
    """Raises IllegalCharacter for a name or value that would break its line."""
    for name, value in fields.items():
        text = name + (value if isinstance(value, str) else "".join(value))
        if any(character in text for character in _ILLEGAL):
            raise IllegalCharacter(field=name if name.isprintable() else "a header")
