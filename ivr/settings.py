"""The stories' settings: one JSON file that the daemon writes for this installation (0600), read at start."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.waiting_room import Waiting

MENU = Path(__file__).parent / "menus" / "hotline.toml"


class SettingsError(Exception):
    """The settings file cannot be used; the message names file, field and remedy."""


@dataclass(frozen=True, slots=True)
class Brand:
    """What callers of one brand hear."""

    name: str
    menu: Path
    sounds: Path


@dataclass(frozen=True, slots=True)
class Straight:
    """Where a dialled number leads without the first menu: at once to a queue, or to another menu; empty: as any number."""

    queue: str = ""
    menu: str = ""


NOWHERE = Straight()


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """Of stories.json, `speech`."""

    address: str
    """Of the process, as "127.0.0.1:41234"."""
    sessions: int = 4
    """Callers who are listened to at once; for more there are keys."""
    seconds: float = 8.0
    """Of one thing said; the rest is cut off."""
    within_s: float = 4.0
    """For an answer of the recogniser."""
    numbers: bool = True
    """Order and ticket numbers may be said."""
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    """Queue to its name in each language."""


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
    doubled_s: float = 0.0
    """The same key again within so long is the same press (AgiLine.doubled_s)."""
    brands: dict[str, Brand] = field(default_factory=dict)
    """Dialled number to its brand; a number that is missing has none, and its callers hear `menu` and `sounds`."""
    straight: dict[str, Straight] = field(default_factory=dict)
    """Dialled number to where it leads; one that is missing leads to the first menu."""
    waiting: Waiting = field(default_factory=Waiting)
    emergency: dict[str, str] = field(default_factory=dict)
    """Brand ("" for no brand) to its emergency queue."""
    stories: str = ""
    """The folder of the house's own stories; empty: it has none."""
    may_decline: str = ""
    """What follows for a caller who does not want to be recorded: a key of hotline.DECLINED; empty: that is not asked."""
    speech: SpeechSettings | None = None
    """None: nobody recognises speech, and there are keys alone."""


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
        doubled_s=float(data.get("doubled_s", 0)),
        brands={
            str(number): Brand(str(name), Path(brand["menu"]), Path(brand["sounds"]))
            for name, brand in data.get("brands", {}).items()
            for number in brand["numbers"]
        },
        straight={
            str(number): Straight(str(leads.get("queue", "")), str(leads.get("menu", "")))
            for number, leads in data.get("straight", {}).items()
        },
        stories=str(data.get("stories", "")),
        may_decline=str(data.get("may_decline", "")),
        waiting=_waiting(data.get("waiting", {})),
        speech=_speech(data.get("speech")),
        emergency={str(brand): str(queue) for brand, queue in data.get("emergency", {}).items()},
    )


def _waiting(data: dict[str, Any]) -> Waiting:
    house = Waiting()
    return Waiting(
        keys=tuple(str(wish) for wish in data.get("keys", house.keys)),
        say_wait=bool(data.get("say_wait", house.say_wait)),
        comfort=tuple(str(prompt) for prompt in data.get("comfort", house.comfort)),
        comfort_s=float(data.get("comfort_s", house.comfort_s)),
    )


def _speech(data: dict[str, Any] | None) -> SpeechSettings | None:
    if not data:
        return None
    labels = {
        str(queue): {str(code): str(name) for code, name in each.items()}
        for queue, each in data.get("labels", {}).items()
    }
    return SpeechSettings(
        str(data["address"]),
        int(data["sessions"]),
        float(data["seconds"]),
        float(data["within_s"]),
        bool(data["numbers"]),
        labels,
    )
