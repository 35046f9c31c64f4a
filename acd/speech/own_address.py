"""A recogniser of the operator's own, asked over HTTP: the sound as a WAV file in the body, the rest in the address, a JSON object back."""

import http.client
import json
import time
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from acd.speech.recogniser import MOST_BYTES, NoAnswer, Said, State, said_in
from ivr.voice import wav_header


class OwnAddress:
    """As `Program`, for an address. Nothing is started, so it is always ready."""

    state: State = "ready"
    why = ""
    starts = 0

    def __init__(self, address: str) -> None:
        self._address = address

    def start(self) -> None:
        """Nothing is to be started."""

    def stop(self) -> None:
        """Nor ended."""

    def ask(self, sound: bytes, language: str, kind: str, hints: Sequence[str], within_s: float) -> Said:
        """What was said. Raises NoAnswer."""
        parts, end = urlsplit(self._address), time.monotonic() + within_s
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kinds[parts.scheme](parts.hostname or "", parts.port, timeout=within_s)
        query = urlencode({"language": language, "kind": kind, "hints": "\n".join(hints)})
        path = f"{parts.path or '/'}?{parts.query + '&' if parts.query else ''}{query}"
        try:
            connection.request("POST", path, wav_header(len(sound) // 2) + sound, {"Content-Type": "audio/wav"})
            answer = connection.getresponse()
            body = b""
            while len(body) <= MOST_BYTES:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError("its time is over")
                if connection.sock is not None:
                    connection.sock.settimeout(left)
                if not (some := answer.read1(16384)):
                    break
                body += some
            if answer.status != 200 or len(body) > MOST_BYTES:
                raise NoAnswer(
                    what=f"answered with status {answer.status}" if answer.status != 200 else "answered too much"
                )
            return said_in(json.loads(body))
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NoAnswer(what=f"can't be asked ({type(error).__name__})") from None
        finally:
            connection.close()
