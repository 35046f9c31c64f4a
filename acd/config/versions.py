"""The configurations that were in force: `<state>/config/`, numbered, with the operator and the time of each.

000007.toml         the operator's file as it was
000007.agents.toml  the agents beside it, where there were any
000007.menu.toml    the operator's own menu, where there is one
000007.acme.brand.toml, 000007.acme.menu.toml   a brand's own file, and its own menu
000007.json         who, when, how, and the sum of them all; written last: without it the version was never in force

What runs is the last of them, never the file that somebody is editing just now: a daemon that starts again at night
starts with what it had. Nothing secret stands in them (passwords lie in files of their own); all are 0600.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

from acd.config.brand_files import files_of
from acd.config.brands import Brand
from acd.config.errors import BadConfiguration
from acd.config.loading import MEND_BRAND, MEND_IT, NAME_IT, merged, parsed
from acd.config.schema import Config, Hotline
from acd.errors import SanxiangError
from acd.files import write_private
from ivr.menus.source import SourceError, bundle, parts_of

T = TypeVar("T", Hotline, Brand)
How = Literal["up", "reload", "back", "agent added", "agent removed", "agent changed", "menus"]
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
    """Of the operator's own menu, or of the folder with one file a menu (ivr.menus.source); empty: the packaged one."""
    brands: tuple[tuple[str, str], ...] = ()
    """Brand and the text of its own file, of those that have one; sorted."""
    brand_menus: tuple[tuple[str, str], ...] = ()
    """The same of the brands' own menus."""

    @classmethod
    def read(cls, file: Path) -> "Texts":
        """The file, `agents.toml` beside it, the brands' files, and the menus that they name. Raises BadConfiguration."""
        beside = file.parent / "agents.toml"
        config = _text(file, file, NAME_IT)
        agents = _text(file, beside, MEND_IT) if beside.exists() else ""
        try:
            menu = tomllib.loads(config).get("hotline", {}).get("menu")
        except (tomllib.TOMLDecodeError, AttributeError):
            menu = None  # the check of the text tells it
        own = (
            _menu_text(file, Path(menu), "hotline.menu names it: mend the path, or take the key away.") if menu else ""
        )
        brands = {
            name: _text(file, path, MEND_BRAND, f"brands.{name}.file: ")
            for name, path in files_of(config, file).items()
        }
        menus = {
            name: _menu_text(file, path, "Mend the path, or take the key away.", f"brands.{name}.menu: ")
            for name, path in _brand_menus(config, brands, file)
        }
        return cls(config, agents, own, tuple(sorted(brands.items())), tuple(sorted(menus.items())))

    def checked(self, file: Path | str) -> Config:
        """Raises BadConfiguration."""
        return parsed(self.config, self.agents, file, brands=dict(self.brands))

    @property
    def sum(self) -> str:
        """SHA-256 over all of them."""
        kinds = (("brand", self.brands), ("menu", self.brand_menus))
        of_brands = (word for kind, texts in kinds for each in texts for word in (kind, *each))
        return hashlib.sha256("\0".join((self.config, self.agents, self.menu, *of_brands)).encode()).hexdigest()


def _brand_menus(config: str, brands: Mapping[str, str], file: Path) -> Iterator[tuple[str, Path]]:
    """Each brand that names a menu of its own, and which; nothing of texts that the check will refuse."""
    try:
        tables = merged(config, "", file, brands).get("brands", {})
    except BadConfiguration:
        return
    for name, table in tables.items() if isinstance(tables, dict) else ():
        menu = table.get("menu") if isinstance(table, dict) else None
        if isinstance(menu, str) and menu.startswith("/") and menu.isprintable():
            yield str(name), Path(menu)


def files_of_menus(text: str) -> dict[str, str] | None:
    """The files of a folder of menus, name to text, where the text is that of a folder; None for a single file's."""
    return parts_of(text)


def _menu_text(config: Path, path: Path, remedy: str, place: str = "") -> str:
    """The text of a menu file; of a folder with one file a menu, all of them as one."""
    if not path.is_dir():
        return _text(config, path, remedy, place)
    try:
        return bundle(path)
    except SourceError as error:
        raise BadConfiguration(config, [f"{place}{error}"]) from None


def _text(config: Path, file: Path, remedy: str, place: str = "") -> str:
    which = "" if file == config else f"{place}{file} "  # the operator's own file is named before each mistake anyway
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

        return Texts(
            text("toml"),
            text("agents.toml"),
            text("menu.toml"),
            self._of_brands(number, "brand"),
            self._of_brands(number, "menu"),
        )

    def _of_brands(self, number: int, kind: str) -> tuple[tuple[str, str], ...]:
        """Brand and text, of each file such as 000007.acme.brand.toml."""
        files = self.folder.glob(f"{number:06d}.*.{kind}.toml")
        return tuple(sorted((file.name.split(".")[1], file.read_text(encoding="utf-8")) for file in files))

    def with_menu(self, config: Config, number: int) -> Config:
        """The configuration with its menu as it was then, whatever has become of the operator's file."""
        if config.brands:
            brands = {name: self._with_menu(each, number, f"{name}.menu.toml") for name, each in config.brands.items()}
            config = config.model_copy(update={"brands": brands})
        return config.model_copy(update={"hotline": self._with_menu(config.hotline, number, "menu.toml")})

    def _with_menu(self, part: T, number: int, kind: str) -> T:
        menu = self._file(number, kind)
        return part.model_copy(update={"menu": menu}) if menu.exists() else part

    def staged(self, texts: Texts) -> int:
        """Puts the texts where the next version will be and says its number; it is none until `take`."""
        latest = self.latest()
        number = latest.number + 1 if latest else 1
        of_brands = [(f"{name}.brand.toml", text) for name, text in texts.brands]
        of_brands += [(f"{name}.menu.toml", text) for name, text in texts.brand_menus]
        for kind in ("brand", "menu"):
            for left in self.folder.glob(f"{number:06d}.*.{kind}.toml"):  # of one that was staged and refused
                left.unlink()
        whole = (("toml", texts.config), ("agents.toml", texts.agents), ("menu.toml", texts.menu), *of_brands)
        for kind, text in whole:
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
