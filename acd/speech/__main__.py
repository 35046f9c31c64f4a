"""The process: `python -m acd.speech RUN/speech.json`. SIGTERM ends it."""

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from acd.speech.gateway import Gateway, Recogniser, say
from acd.speech.own_address import OwnAddress
from acd.speech.recogniser import Program
from acd.speech.settings import SpeechProcess
from acd.voices.dialogue import WORKERS
from acd.voices.environment import ensure_recogniser


def recogniser_of(settings: SpeechProcess) -> Recogniser:
    """What recognises, by the configuration; not started yet."""
    if settings.engine == "http":
        return OwnAddress(settings.address)
    argv = packaged if settings.engine == "whisper" else lambda: settings.command
    return Program(argv, memory_mb=settings.memory_mb)


def packaged() -> Sequence[str]:
    """Ours: fetched now where it is not there (0.5 GB). Raises ExtraNotToBeHad, WrongBytes."""
    parts = ensure_recogniser()
    return (str(parts.python), "-P", str(WORKERS / "recogniser.py"), str(parts.model))


def main(arguments: list[str]) -> int:
    """The program; answers the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m acd.speech RUN/speech.json\n")
        return 2
    try:
        settings = SpeechProcess.read(Path(arguments[0]))
        recogniser = recogniser_of(settings)
        gateway = Gateway(settings, recogniser)
    except (OSError, ValueError, TypeError, KeyError) as error:
        say(f"speech can't be recognised: {error}. Callers use keys.")
        return 1
    recogniser.start()

    def stop(number: int, frame: object) -> None:
        threading.Thread(target=gateway.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    say(f"speech is asked for on 127.0.0.1:{settings.port} ({settings.engine}).")
    gateway.serve_forever(poll_interval=0.2)
    recogniser.stop()
    gateway.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
