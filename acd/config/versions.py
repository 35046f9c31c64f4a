"""The configurations that were in force: `<state>/config/`, numbered, with the operator and the time of each.

000007.toml         the operator's file as it was
000007.agents.toml  the agents beside it, where there were any
000007.menu.toml    the operator's own menu, where there is one
000007.json         who, when, how, and the sum of the three; written last: without it the version was never in force

What runs is the last of them, never the file that somebody is editing just now: a daemon that starts again at night
starts with what it had. Nothing secret stands in them (passwords lie in files of their own); all are 0600.
"""

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from acd.config.errors import BadConfiguration
from acd.config.loading import parsed
from acd.config.schema import Config
from acd.errors import SanxiangError
from acd.files import write_private

How = Literal["up", "reload", "back", "agent added", "agent removed", "agent changed"]
KEPT = 1000
"""Versions; the oldest are let go. At ten changes a day that is a season."""
_META = re.compile(r"\d{6}\.json")


class NoSuchVersion(SanxiangError):
    """There is no version {number} of the configuration. `./sanxiang config history` shows those there are."""


class NothingBefore(SanxiangError):
    """There is no version before this one to go back to. `./sanxiang config history` shows those there are."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A configuration as it was written."""

    config: str
    agents: str = ""
    menu: str = ""
    """Of the operator's own menu; empty: the packaged one."""

    @classmethod
    def read(cls, file: Path) -> "Texts":
        """The file, `agents.toml` beside it, and the menu that it names. Raises BadConfiguration."""
        beside = file.parent / "agents.toml"
        config = _text(file, file, "Name the file with --config.")
        agents = _text(file, beside, "Mend its rights.") if beside.exists() else ""
        try:
            menu = tomllib.loads(config).get("hotline", {}).get("menu")
        except (tomllib.TOMLDecodeError, AttributeError):
            menu = None  # the check of the text tells it
        own = _text(file, Path(menu), "hotline.menu names it: mend the path, or take the key away.") if menu else ""
        return cls(config, agents, own)

    def checked(self, file: Path | str) -> Config:
        """Raises BadConfiguration."""
        return parsed(self.config, self.agents, file)

    @property
    def sum(self) -> str:
        """SHA-256 over all three."""
        return hashlib.sha256("\0".join((self.config, self.agents, self.menu)).encode()).hexdigest()


def _text(config: Path, file: Path, remedy: str) -> str:
    which = "" if file == config else f"{file} "  # the operator's own file is named before each mistake anyway
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadConfiguration(config, [f"{which}can't be read: {error.strerror}. {remedy}"]) from None
    except UnicodeDecodeError as error:
        raise BadConfiguration(config, [f"{which}is not UTF-8 (byte {error.start}). Save it as UTF-8."]) from None


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    at: str
    """ISO 8601, UTC."""
    by: str
    how: How
    sha: str
    file: str
    """The operator's file."""
    like: int = 0
    """Went back to this version; 0: it is new."""


def _read(file: Path) -> Version:
    return Version(**json.loads(file.read_text(encoding="utf-8")))


class Versions:
    def __init__(self, folder: Path, *, made: bool = True) -> None:
        """`made`: the folder is made when it is not there; not for who only reads."""
        if made:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder

    def all(self) -> list[Version]:
        """The oldest first."""
        return [_read(file) for file in self._files()]

    def _files(self) -> list[Path]:
        return sorted(file for file in self.folder.glob("*.json") if _META.fullmatch(file.name))

    def latest(self) -> Version | None:
        """What is in force, or was when the daemon last ran; None before the first start."""
        files = self._files()
        return _read(files[-1]) if files else None

    def of(self, number: int) -> Version:
        """Raises NoSuchVersion."""
        file = self._file(number, "json")
        if not file.exists():
            raise NoSuchVersion(number=number)
        return _read(file)

    def before(self, version: Version) -> Version:
        """Where `back` leads: what was in force before this content. Raises NothingBefore."""
        number = version.like or version.number
        for older in map(_read, reversed(self._files())):
            if older.number < number and older.sha != version.sha:
                return older
        raise NothingBefore

    def texts(self, number: int) -> Texts:
        def text(kind: str) -> str:
            file = self._file(number, kind)
            return file.read_text(encoding="utf-8") if file.exists() else ""

        return Texts(text("toml"), text("agents.toml"), text("menu.toml"))

    def with_menu(self, config: Config, number: int) -> Config:
        """The configuration with its menu as it was then, whatever has become of the operator's file."""
        menu = self._file(number, "menu.toml")
        if not menu.exists():
            return config
        return config.model_copy(update={"hotline": config.hotline.model_copy(update={"menu": menu})})

    def staged(self, texts: Texts) -> int:
        """Puts the texts where the next version will be and says its number; it is none until `take`."""
        latest = self.latest()
        number = latest.number + 1 if latest else 1
        for kind, text in (("toml", texts.config), ("agents.toml", texts.agents), ("menu.toml", texts.menu)):
            file = self._file(number, kind)
            if text:
                write_private(file, text)
            else:
                file.unlink(missing_ok=True)
        return number

    def take(self, texts: Texts, file: Path | str, by: str, how: How, like: int = 0) -> Version:
        """From now on this is the latest. One that says the same as the latest is none of its own."""
        latest = self.latest()
        if latest and latest.sha == texts.sum:
            return latest
        number = self.staged(texts)
        version = Version(number, datetime.now(UTC).isoformat(), by, how, texts.sum, str(file), like)
        write_private(self._file(number, "json"), json.dumps(asdict(version), ensure_ascii=False))
        for old in self._files()[:-KEPT]:
            for rest in self.folder.glob(f"{old.stem}.*"):
                rest.unlink(missing_ok=True)
        return version

    def _file(self, number: int, kind: str) -> Path:
        return self.folder / f"{number:06d}.{kind}"
