"""What `doctor` says of the process that recognises speech. Nothing of it is bad for a call: callers have keys."""

import http.client
import json
from dataclasses import dataclass

from acd.config import Config

WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class SpeechFinding:
    """One finding."""

    ok: bool
    found: str
    remedy: str = ""


def speech_finding(config: Config, port: int) -> SpeechFinding | None:
    """How the recogniser does, asked at this port of loopback (0: the hotline was started without one); None where none is configured."""
    if config.speech.engine == "off":
        return None
    if not port:
        return SpeechFinding(
            False,
            "is configured, and the hotline was started without it",
            "It comes with the next start; callers use keys.",
        )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    try:
        connection.request("GET", "/health")
        told = json.loads(connection.getresponse().read(10_000))
        state, why = str(told["state"]), str(told["why"])
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException) as error:
        found = f"its process does not answer ({type(error).__name__}); callers use keys"
        return SpeechFinding(
            False,
            found,
            "Look into log/speech.log of the state folder: the supervisor starts a process that has ended again.",
        )
    finally:
        connection.close()
    if state == "ready":
        return SpeechFinding(True, f"callers may speak ({config.speech.engine})")
    if state == "starting" and not why:
        return SpeechFinding(True, "the recogniser is being fetched or started; callers use keys until then")
    return SpeechFinding(
        False,
        f"the recogniser does not serve: {why}",
        "Look into log/speech.log of the state folder; callers use keys meanwhile.",
    )
