"""What the process is told: `run/speech.json`, written at each start of the hotline and at each reload."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from acd.config import Config
from acd.files import write_private

FILE = "speech.json"
Engine = Literal["whisper", "command", "http"]


@dataclass(frozen=True, slots=True)
class SpeechProcess:
    """Settings of the process."""

    port: int
    """On 127.0.0.1."""
    engine: Engine
    command: tuple[str, ...] = ()
    address: str = ""
    sessions: int = 4
    seconds: float = 8.0
    within_s: float = 4.0
    memory_mb: int = 1500

    @classmethod
    def of(cls, config: Config, port: int) -> "SpeechProcess | None":
        """As configured; None where nothing recognises speech."""
        table = config.speech
        if table.engine == "off" or not port:
            return None
        command = tuple(map(str, table.command))
        return cls(
            port, table.engine, command, table.address, table.sessions, table.seconds, table.within_s, table.memory_mb
        )

    @classmethod
    def read(cls, file: Path) -> "SpeechProcess":
        """Raises OSError, ValueError, TypeError."""
        said = json.loads(file.read_text(encoding="utf-8"))
        return cls(**{**said, "command": tuple(said["command"])})

    def keep(self, run: Path) -> None:
        """Writes the file into this folder. Raises OSError."""
        write_private(run / FILE, json.dumps(asdict(self), ensure_ascii=False, indent=1))


def labels_of(config: Config) -> dict[str, dict[str, str]]:
    """Queue to its name in each language, by which callers may ask for it."""
    return {name: {"zh": queue.label.zh, "en": queue.label.en} for name, queue in config.queues.items()}
