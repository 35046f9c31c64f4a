"""What the story server asks on loopback. `POST /recognise?language=zh&kind=choice&hints=…` with the sound as its body, 16 bit samples at 8 kHz;
`GET /health` for `doctor`.

More requests than sessions, a body that is too long, and a recogniser that is not there are refused at once: the caller has keys.
"""

import json
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from acd.speech.recogniser import RATE, NoAnswer, Said, State
from acd.speech.settings import SpeechProcess

LANGUAGES = ("zh", "en")
MOST_ADDRESS = 32 * 1024
READS_WITHIN_S = 5.0
MOST_HINTS = 60


class Recogniser(Protocol):
    state: State
    why: str
    starts: int

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def ask(self, sound: bytes, language: str, kind: str, hints: Sequence[str], within_s: float) -> Said: ...


class Gateway(ThreadingHTTPServer):
    """Serves until `shutdown`."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, settings: SpeechProcess, recogniser: Recogniser) -> None:
        """Raises OSError where the port is taken."""
        self.settings, self.recogniser = settings, recogniser
        self.slots = threading.BoundedSemaphore(settings.sessions)
        self.most_bytes = round((settings.seconds + 1) * RATE) * 2
        self._said = ""
        super().__init__(("127.0.0.1", settings.port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Within bounds: connections beyond them are closed unread."""
        if threading.active_count() > 8 * self.settings.sessions + 16:
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off is nothing to tell."""

    def told(self, why: str) -> None:
        """One line when the recogniser begins to fail, and one when it answers again."""
        if why and not self._said:
            say(f"speech is not recognised: {why} Callers use keys meanwhile.")
        elif not why and self._said:
            say("speech is recognised again.")
        self._said = why


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Gateway
    timeout = READS_WITHIN_S
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        """Health."""
        recogniser = self.server.recogniser
        self._answer(200, {"state": recogniser.state, "why": recogniser.why, "starts": recogniser.starts})

    def do_POST(self) -> None:
        """Recognises."""
        parts = urlsplit(self.path)
        length = self.headers.get("Content-Length", "")
        if parts.path != "/recognise" or len(self.path) > MOST_ADDRESS or not length.isdecimal() or len(length) > 9:
            return self._answer(400, {"error": "POST /recognise with a length"})
        if not 0 < int(length) <= self.server.most_bytes:
            return self._answer(413, {"error": f"a sound has 1 to {self.server.most_bytes} bytes"})
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        language, kind = asked.get("language", ""), asked.get("kind", "choice")
        if language not in LANGUAGES or kind not in ("choice", "number"):
            return self._answer(400, {"error": "language is zh or en, kind is choice or number"})
        if not self.server.slots.acquire(blocking=False):
            return self._answer(503, {"error": "as many are listened to as are allowed"})
        try:
            sound = self.rfile.read(int(length))
            hints = [each for each in asked.get("hints", "").split("\n") if each][:MOST_HINTS]
            found = self.server.recogniser.ask(sound, language, kind, hints, self.server.settings.within_s)
        except NoAnswer as error:
            self.server.told(str(error))
            return self._answer(503, {"error": str(error)})
        finally:
            self.server.slots.release()
        self.server.told("")
        return self._answer(200, {"text": found.text, "confidence": found.confidence})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing of a request is logged."""


def say(sentence: str) -> None:
    """A line of log/speech.log."""
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {sentence}\n")
    sys.stderr.flush()
