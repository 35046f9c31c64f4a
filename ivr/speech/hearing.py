"""Sound to text: asks the process beside the daemon (acd/speech), within a limit. Whoever gets no answer goes on with keys.

What was said stands in memory and in one request on loopback, and nowhere else: it is neither logged nor kept.
"""

import http.client
import json
from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic
from typing import Protocol
from urllib.parse import urlencode

from ivr.backend import Circuit
from ivr.log import log
from ivr.settings import SpeechSettings
from ivr.step import Hear, Heard, Outcome

MOST_ANSWER = 16 * 1024
MOST_TEXT = 500
"""Letters of what was said; the rest is not looked at."""
MOST_HINTS = 60


class Ear(Protocol):
    """What is needed of a telephone line."""

    def listen(self, first_s: float, most_s: float) -> tuple[Outcome, str, bytes]:
        """How it ended, the key that ended it, and what was said: 16 bit, little-endian, 8 kHz. May raise what a line raises."""


class Hearing:
    """Shared by all sessions of a story server."""

    def __init__(self, settings: SpeechSettings, clock: Callable[[], float] = monotonic) -> None:
        self.settings = settings
        self._slots = BoundedSemaphore(settings.sessions)
        self._circuit = Circuit(clock)

    def takes(self, hear: Hear) -> bool:
        """Whether this kind of thing may be said now; asked before the caller is told so. While the recogniser does not answer, nobody is,
        but one caller every five seconds."""
        return (hear.kind == "choice" or self.settings.numbers) and self._circuit.may_ask()

    def listen(self, ear: Ear, hear: Hear, language: str, first_s: float) -> tuple[str, Heard | None] | None:
        """The key that was pressed, or what was said; neither after silence. None: nobody can listen now, and keys must do."""
        if not self._slots.acquire(blocking=False):
            return None
        try:
            outcome, key, sound = ear.listen(first_s, self.settings.seconds)
            if outcome == "failed":
                return None
            if outcome != "speech":
                return key, None
            heard = self._recognised(sound, hear, language)
        finally:
            self._slots.release()
        return None if heard is None else ("", heard)

    def _recognised(self, sound: bytes, hear: Hear, language: str) -> Heard | None:
        """What was said; empty where it was no speech; None where there is no answer."""
        why = ""
        try:
            heard: Heard | None = self._ask(sound, hear, language)
        except (OSError, ValueError, http.client.HTTPException) as error:
            heard, why = None, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if self._circuit.answered(heard is not None):
            log(
                "Speech is recognised again."
                if heard is not None
                else f"Speech is not recognised ({why}); callers use keys."
            )
        return heard

    def _ask(self, sound: bytes, hear: Hear, language: str) -> Heard:
        host, _, port = self.settings.address.rpartition(":")
        asked = urlencode({"language": language, "kind": hear.kind, "hints": "\n".join(hear.hints[:MOST_HINTS])})
        end = monotonic() + self.settings.within_s
        connection = http.client.HTTPConnection(host, int(port), timeout=self.settings.within_s)
        try:
            connection.request("POST", f"/recognise?{asked}", sound, {"Content-Type": "application/octet-stream"})
            if connection.sock is not None:
                connection.sock.settimeout(max(0.05, end - monotonic()))
            answer = connection.getresponse()
            body = answer.read(MOST_ANSWER + 1)
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        if len(body) > MOST_ANSWER:
            raise ValueError("an answer that is too long")
        told = json.loads(body)
        text = told.get("text") if isinstance(told, dict) else None
        if not isinstance(text, str):
            raise ValueError("an answer without a text")
        confidence = told.get("confidence", 1.0)
        return Heard(text[:MOST_TEXT], float(confidence) if isinstance(confidence, int | float) else 1.0)
