"""What belongs to an installation, and where each part of it lies."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.backup.errors import NothingToBackUp
from acd.backup.manifest import ConfigurationFile, Recordings
from acd.config import Config
from acd.config.types import Part
from acd.config.versions import Texts, Version, Versions
from acd.setup.database import NoDatabase, database_url
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan

OURS = {
    **dict.fromkeys(("journal", "config", "epoch", "secrets.json", "operator.token", "stories.token"), True),
    **dict.fromkeys(("accounts.json", "log_in_tokens.json", "tokens.json", "audit.log", "drafts.json"), True),
    **dict.fromkeys(("last_log_ins.json", "token_uses.json", "browsers.key", "pins.key"), True),
    **dict.fromkeys(("dead-letters.jsonl", "drained", "self-calls.json", "trunk-names.json", "external-address"), True),
    **dict.fromkeys(("sanxiang.toml", "agents.toml"), True),
    **dict.fromkeys(
        (
            "run",
            "log",
            "sounds",
            "accounts.lock",
            "secrets.lock",
            "sessions.json",
            "actors",
            "postgresql",
            "recordings",
        ),
        False,
    ),
}
"""What lies in a state folder, and whether a back-up takes it from there. Of the rest, run/, sounds/ and locks are made anew at each
start, log/ is no part of what was decided, nobody stays logged in (sessions.json), postgresql/ is dumped, recordings/ are a part of their
own. A name that is not here (of a later version) is backed up, and is not removed by `purge`."""

_BESIDE = re.compile(r"\..*|.*\.new|lock")
"""Files that are being written beside the one they will replace, and locks."""
_NO_FILES = {"pbx.asterisk", "recordings.folder"}
"""Paths in the configuration that are none of its files."""
BEING_WRITTEN = ("live", "self-call")
"""Folders below that of the recordings in which Asterisk writes; what the hotline says when it calls itself is not kept."""
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Hotline:
    """An installation as the configuration in force has it."""

    installation: Installation
    version: Version
    texts: Texts
    config: Config

    @classmethod
    def of(cls, installation: Installation) -> "Hotline":
        """Makes no folder. Raises NothingToBackUp, BadConfiguration."""
        versions = Versions(installation.versions) if installation.versions.is_dir() else None
        version = versions.latest() if versions else None
        if versions is None or version is None:
            raise NothingToBackUp(state=installation.state)
        texts = versions.texts(version.number)
        return cls(installation, version, texts, texts.checked(version.file))

    @property
    def recordings(self) -> Path:
        return self.config.recordings.folder or self.installation.recordings

    def database_url(self) -> str:
        """With its password; of a demo the embedded PostgreSQL's. Raises NoDatabase, SecretUnreadable."""
        if self.config.database.url:
            return database_url(self.config)
        try:
            return StartPlan.of(self.installation).database_url
        except FileNotFoundError:
            raise NoDatabase from None


def state_files(installation: Installation) -> Iterator[tuple[str, Path]]:
    """Each file's name below the state folder: the journal first, from its oldest segment on."""
    folders = [installation.journal]
    folders += [
        each
        for each in sorted(installation.state.iterdir())
        if each.name != "journal" and OURS.get(each.name, True) and not _BESIDE.fullmatch(each.name)
    ]
    for each in folders:
        if each.is_dir() and not each.is_symlink():
            for file in files_below(each):
                yield file.relative_to(installation.state).as_posix(), file
        elif each.is_file() and not each.is_symlink():
            yield each.name, each


def links_in(installation: Installation) -> list[str]:
    """A sentence for each link that stands where a file is to be backed up: where it leads is not ours to judge."""
    kept = [each for each in installation.state.iterdir() if OURS.get(each.name, True)]
    return [f"{each} is a link and was left out" for each in sorted(kept) if each.is_symlink()]


def recording_files(root: Path, what: Recordings) -> Iterator[tuple[str, Path]]:
    """Sound and manifests, or the manifests alone. Live ones first: one that is filed meanwhile is met again in its day's folder.
    Manifests before sound: what a manifest names is then there."""
    if what == "copy":
        yield from ((f"live/{file.name}", file) for file in files_below(root / "live"))
    for year in years(root):
        for manifests in (True, False) if what == "copy" else (True,):
            for file in files_below(year):
                if (file.suffix == ".json") == manifests:
                    yield file.relative_to(root).as_posix(), file


def years(root: Path) -> list[Path]:
    """The folders with filed recordings, the oldest first."""
    return [each for each in _entries(root) if _YEAR.fullmatch(each.name) and each.is_dir() and not each.is_symlink()]


def files_below(folder: Path) -> Iterator[Path]:
    """Files in the order of their names, those of a folder before those of its folders; no links, nothing half written."""
    folders: list[Path] = []
    for each in _entries(folder):
        if each.is_symlink() or _BESIDE.fullmatch(each.name) or each.suffix == ".filing":
            continue
        if each.is_dir():
            folders.append(each)
        elif each.is_file():
            yield each
    for below in folders:
        yield from files_below(below)


def configuration_files(hotline: Hotline) -> tuple[list[ConfigurationFile], list[str]]:
    """What makes up the configuration in force, and a sentence for each file that it names and that can't be read."""
    file = Path(hotline.version.file).absolute()
    found, faults = [ConfigurationFile(0, "", str(file))], []
    if hotline.texts.agents:
        found.append(ConfigurationFile(1, "", str(file.parent / "agents.toml")))
    for field, path in paths_of(hotline.config):
        absolute = Path(os.path.normpath(path.absolute()))
        if any(each.was == str(absolute) for each in found):
            continue
        if fault := _unreadable(absolute, in_force=bool(field == "hotline.menu" and hotline.texts.menu)):
            faults.append(f"{field}: {absolute} {fault} and was left out")
            continue
        found.append(ConfigurationFile(len(found) + 10, field, str(absolute), str(path), absolute.is_dir()))
    return found, faults


def paths_of(config: Part, place: str = "") -> Iterator[tuple[str, Path]]:
    """Each file or folder that the configuration names, with its key: those of later keys, too."""
    for name in type(config).model_fields:
        yield from _paths_in(getattr(config, name), f"{place}{name}")


def _paths_in(value: object, place: str) -> Iterator[tuple[str, Path]]:
    if isinstance(value, Path):
        if place not in _NO_FILES:
            yield place, value
    elif isinstance(value, Part):
        yield from paths_of(value, f"{place}.")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _paths_in(each, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value, 1):
            yield from _paths_in(each, f"{place}.{number}")


def _unreadable(path: Path, *, in_force: bool) -> str:
    """Why it can't be backed up; empty when it can. `in_force`: its text lies in the state folder."""
    if in_force:
        return ""
    try:
        if path.is_dir():
            os.scandir(path).close()
        elif not path.is_file():
            return "is no file" if path.exists() else "is not there"
        else:
            os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return f"can't be read ({error.strerror})"
    return ""


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
