"""The stories' settings: one JSON file that the daemon writes for this installation (0600), read at start."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MENU = Path(__file__).parent / "menus" / "hotline.toml"


class SettingsError(Exception):
    """The settings file cannot be used; the message names file, field and remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    backend: str
    token_file: Path
    sounds: Path
    menu: Path
    languages: tuple[str, ...]
    numbers: dict[str, str]
    """Dialled number to "zh", "en" or "ask"."""
    agi_port: int
    queues: tuple[str, ...] | None = None
    """The configured queues, where the file names them: then a menu that leads elsewhere is refused."""


def read_settings(path: Path) -> Settings:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: cannot be read ({error}). The daemon writes it at its start.") from None
    if not isinstance(data, dict):
        raise SettingsError(f"{path}: must be a JSON object.")
    missing = [name for name in ("backend", "token_file", "sounds", "agi_port") if name not in data]
    if missing:
        raise SettingsError(f"{path}: {', '.join(missing)} missing. The daemon writes the file at its start.")
    return Settings(
        backend=str(data["backend"]),
        token_file=Path(data["token_file"]),
        sounds=Path(data["sounds"]),
        menu=Path(data.get("menu") or MENU),
        languages=tuple(data.get("languages", ())),
        numbers={str(number): str(language) for number, language in data.get("numbers", {}).items()},
        agi_port=int(data["agi_port"]),
        queues=tuple(data["queues"]) if "queues" in data else None,
    )
