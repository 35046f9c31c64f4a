"""The story server: stories over AGI on a loopback TCP port. `python -m ivr.server <stories.json>`; SIGTERM stops it.

SIGUSR1 makes it leave: another server, started with the word `beside` after the file, listens on the same port by now; this
one takes no caller any more and ends with the last it has.

A connection costs a thread only after it has sent a whole AGI environment; until then one loop reads them all, so that
idle, slow and garbage connections do no harm. A session that ends early, for whatever reason, is closed at once: the
dialplan finds NEXT unset and goes on.
"""

import contextlib
import resource
import select
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path
from time import monotonic
from types import FrameType

from ivr.agi import serve
from ivr.agi_protocol import Forged, Wire, split_environment
from ivr.backend import Backend
from ivr.log import log, log_once
from ivr.menu_file import MenuError
from ivr.prompts import Sounds, check
from ivr.settings import Settings, SettingsError, read_settings
from ivr.speech.hearing import Hearing
from ivr.stories import STORIES, check_menus

MOST_SESSIONS = 1000
MOST_OPENING = 256
"""Connections that have not yet sent their environment; the oldest makes room for a new one."""
OPENING_S = 5.0
STOP, LEAVE = b"x", b"l"
BESIDE = "beside"
PING = "ping"
"""No story: the daemon asks whether somebody is awake here, and takes the closing for an answer."""
STACK = 512 * 1024


class Opening:
    """A connection that is still sending its environment."""

    __slots__ = ("connection", "data", "since")

    def __init__(self, connection: socket.socket):
        self.connection, self.data, self.since = connection, b"", monotonic()


class Server:
    """`start()` binds, `run()` serves until `stop()`; `stop` may be called from a signal handler."""

    def __init__(self, settings: Settings, source: Path | None = None, *, beside: bool = False):
        """`source`: the file that the settings come from; when it changes, sessions that begin from then on follow it.
        `beside`: another story server may listen on the port."""
        self.settings, self.beside = settings, beside
        self._source = source
        self._seen: tuple[int, int] | None = None
        """Inode and time of `source` when it was read last."""
        self.sounds = Sounds(settings.sounds)
        self.backend = Backend(settings.backend, settings.token_file)
        self.hearing = hearing_of(settings)
        self.port = settings.agi_port
        self.openings: dict[socket.socket, Opening] = {}
        self.sessions: set[socket.socket] = set()
        self.refused = 0
        """Sessions refused as forged, or for want of room; counted, said once each kind."""
        self._lock = threading.Lock()
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.most_openings = max(16, min(MOST_OPENING, soft // 4))
        self.most_sessions = max(16, min(MOST_SESSIONS, soft // 2 if soft > 0 else MOST_SESSIONS))

    def start(self) -> None:
        if not self.beside:
            # The story server of another installation would share the port in silence.
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", self.port))
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A new version listens beside the old one for the moment of an upgrade.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(1024)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self._selector.register(self.listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def run(self) -> None:
        """Serves until stopped."""
        running, leaving = True, False
        while running and not (leaving and not self.openings and not self.sessions):
            for key, _ in self._selector.select(timeout=1.0 if self.openings or leaving else None):
                source = key.fileobj
                if source is self._woken:
                    running = self._woken.recv(1) == LEAVE
                    if running and not leaving:
                        leaving = True
                        self.take_nobody_new()
                elif source is self.listener:
                    self.accept()
                elif isinstance(source, socket.socket):
                    self.read(source)
            late = monotonic() - OPENING_S
            while self.openings and (oldest := next(iter(self.openings.values()))).since < late:
                self.drop(oldest.connection)
        self.close()

    def stop(self) -> None:
        """`run` returns soon. For a signal handler too."""
        with contextlib.suppress(OSError):
            self._wake.send(STOP)

    def leave(self) -> None:
        """`run` returns when the last story that has begun is over. For a signal handler too."""
        with contextlib.suppress(OSError):
            self._wake.send(LEAVE)

    def take_nobody_new(self) -> None:
        """Takes those whom the kernel has accepted for us already, and closes the door."""
        waiting = select.poll()
        waiting.register(self.listener, select.POLLIN)
        while waiting.poll(0):
            self.accept()
        self._selector.unregister(self.listener)
        self.listener.close()

    def close(self) -> None:
        """Lets go of every caller at once: the dialplan has its own way for each."""
        if self.listener.fileno() >= 0:
            self._selector.unregister(self.listener)
            self.listener.close()
        for connection in list(self.openings):
            self.drop(connection)
        with self._lock:
            for connection in self.sessions:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        end = monotonic() + 3
        for thread in threading.enumerate():
            if thread.name.startswith("story "):
                thread.join(max(0.0, end - monotonic()))

    def accept(self) -> None:
        """Takes one connection."""
        try:
            connection, _ = self.listener.accept()
        except OSError as error:
            if self.openings:
                self.drop(next(iter(self.openings)))  # out of descriptors: the oldest stranger goes
            log_once(f"A connection could not be taken ({error.strerror}).")
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.openings) >= self.most_openings:
            self.read(
                next(iter(self.openings))
            )  # Its environment may have come in this very moment: then it is a caller.
        if len(self.openings) >= self.most_openings:
            self.drop(next(iter(self.openings)))
        self.openings[connection] = Opening(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def read(self, connection: socket.socket) -> None:
        opening = self.openings.get(connection)
        if opening is None:
            return
        try:
            some = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            some = b""
        opening.data += some
        try:
            split = split_environment(opening.data)
        except Forged as error:
            self.refused += 1
            log_once(f"A session is refused: {error}.")
            self.drop(connection)
            return
        if split:
            self.begin(connection, *split)
        elif not some:
            self.drop(connection)

    def follow(self) -> None:
        """Takes the settings anew when their file has changed; one that won't do is told, and changes nothing."""
        if self._source is None:
            return
        try:
            status = self._source.stat()
            if self._seen == (status.st_ino, status.st_mtime_ns):
                return
            self._seen = (status.st_ino, status.st_mtime_ns)
            settings = read_settings(self._source)
            check_menus(settings)
        except (OSError, SettingsError, MenuError) as error:
            log_once(f"The new settings are not taken: {error}")
            return
        if settings != self.settings:
            log("The settings have changed: stories that begin from now on follow them.")
            if settings.speech != self.settings.speech:
                self.hearing = hearing_of(settings)
        self.settings = settings

    def begin(self, connection: socket.socket, environment: dict[str, str], begun: bytes) -> None:
        name = environment.get("agi_network_script", "")
        if name == PING:
            self.drop(connection)  # Being let go is the answer.
            return
        if name not in STORIES:
            log_once(f"There is no story {name[:40]!r}; there are {', '.join(STORIES)}. The session is closed.")
            self.drop(connection)
            return
        self.follow()
        with self._lock:
            full = len(self.sessions) >= self.most_sessions
            if not full:
                self.sessions.add(connection)
        if full:
            self.refused += 1
            log_once(f"More than {self.most_sessions} sessions at once; the rest go on in the dialplan.")
            self.drop(connection)
            return
        del self.openings[connection]
        self._selector.unregister(connection)
        thread = threading.Thread(
            target=self.session, args=(connection, name, begun, self.settings), name=f"story {name}", daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:  # the machine gives no more threads: this caller goes on in the dialplan
            log_once(f"A story could not begin: {error}.")
            self.sessions.discard(connection)
            connection.close()

    def session(self, connection: socket.socket, name: str, begun: bytes, settings: Settings) -> None:
        """One story with the settings of its beginning, whatever comes into force meanwhile."""
        try:
            wire = Wire(connection.fileno(), connection.fileno(), begun)
            serve(name, wire, settings, self.sounds, self.backend.look_up, self.hearing)
        finally:
            with self._lock:
                self.sessions.discard(connection)
            connection.close()

    def drop(self, connection: socket.socket) -> None:
        """Closes a connection whose story has not begun."""
        self.openings.pop(connection, None)
        self._selector.unregister(connection)
        connection.close()


def hearing_of(settings: Settings) -> Hearing | None:
    """What recognises callers' speech; None: nothing does."""
    return Hearing(settings.speech) if settings.speech else None


def main(arguments: list[str]) -> int:
    """The program; answers the exit status."""
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], [BESIDE]):
        sys.stderr.write("usage: python -m ivr.server <stories.json> [beside]\n")
        return 2
    try:
        settings = read_settings(Path(arguments[0]))
        check_menus(settings)
    except (SettingsError, MenuError) as error:
        log(f"The story server cannot start: {error}")
        return 1
    for fault in check(settings.sounds):
        log_once(f"{fault} The stories go on without it.")
    server = Server(settings, Path(arguments[0]), beside=bool(arguments[1:]))
    try:
        server.start()
    except OSError as error:
        log(
            f"The story server cannot listen on 127.0.0.1:{settings.agi_port}: {error.strerror}. Choose another agi_port."
        )
        return 1

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    def leave(number: int, frame: FrameType | None) -> None:
        server.leave()

    signal.signal(signal.SIGUSR1, leave)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.stack_size(STACK)
    log(f"The stories are served on 127.0.0.1:{server.port}.")
    server.run()
    log("The story server has stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
