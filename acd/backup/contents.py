"""What belongs to an installation, and where each part of it lies."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from acd.backup.errors import NothingToBackUp
from acd.backup.manifest import ConfigurationFile, Recordings
from acd.config import Config
from acd.config.database import read
from acd.config.types import Part
from acd.config.versions import Texts, Version, Versions
from acd.setup.database import NoDatabase, database_url
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan

OURS = {
    **dict.fromkeys(("journal", "config", "epoch", "secrets.json", "operator.token", "stories.token"), True),
    **dict.fromkeys(("accounts.json", "log_in_tokens.json", "tokens.json", "audit", "audit.log", "drafts.json"), True),
    **dict.fromkeys(("last_log_ins.json", "token_uses.json", "browsers.key", "pins.key"), True),
    **dict.fromkeys(("dead-letters.jsonl", "drained", "self-calls.json", "trunk-names.json", "external-address"), True),
    **dict.fromkeys(("sanxiang.toml", "agents.toml", "second_factors.json", "oidc_people.json"), True),
    **dict.fromkeys(("reports", "reports.json", "recording-chain", "recording-chain.key"), True),
    **dict.fromkeys(
        (
            "alarm-notices.json",
            "identity-tries.json",
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
start, log/ is no part of what was decided, nobody stays logged in (sessions.json), alarms
on their way outside are the old machine's (alarm-notices.json), wrong entries are those of one day (identity-tries.json), postgresql/ is dumped, recordings/ are a part of their
own. A name that is not here (of a later version) is backed up, and is not removed by `purge`."""

OF_A_BRAND = re.compile(r"brands\.([^.]+)\.file")
"""The key that names a brand's own file."""
_BESIDE = re.compile(r"\..*|.*\.new|lock")
"""Files that are being written beside the one they will replace, and locks."""
_NO_FILES = {"pbx.asterisk", "recordings.folder"}
"""Paths in the configuration that are none of its files."""
OF_URL = "database.url?"
"""The field of a file that `database.url` names begins so."""
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
    told = set[Path]()
    folders = [installation.journal]
    folders += [
        each
        for each in sorted(installation.state.iterdir())
        if each.name != "journal" and OURS.get(each.name, True) and not _BESIDE.fullmatch(each.name)
    ]
    for each in folders:
        if each.is_dir() and not each.is_symlink():
            for file in files_below(each):
                told.add(file)
                yield file.relative_to(installation.state).as_posix(), file
        elif each.is_file() and not each.is_symlink():
            yield each.name, each
    # The audit log may have turned to a new file meanwhile: its lines are then in a segment that is younger than the list of them.
    for file in files_below(installation.state / "audit"):
        if file not in told:
            yield file.relative_to(installation.state).as_posix(), file


def links_in(installation: Installation) -> list[str]:
    """A sentence for each link that stands where a file is to be backed up: where it leads is not ours to judge."""
    kept = [each for each in installation.state.iterdir() if OURS.get(each.name, True)]
    return [f"{each} is a link and was left out" for each in sorted(kept) if each.is_symlink()]


Unlisted = Callable[[OSError], object]
"""Told of a folder or an entry that can't be looked at, which is then left out."""


def recording_files(root: Path, what: Recordings, unlisted: Unlisted) -> Iterator[tuple[str, Path]]:
    """Sound and manifests, or the manifests alone. Live ones first: one that is filed meanwhile is met again in its day's folder.
    Manifests before sound: what a manifest names is then there."""
    if what == "copy":
        yield from ((f"live/{file.name}", file) for file in files_below(root / "live", unlisted))
    for year in years(root, unlisted):
        for manifests in (True, False) if what == "copy" else (True,):
            # What can't be looked at is told at the first walk.
            for file in files_below(year, unlisted if manifests else _said_already):
                if (file.suffix == ".json") == manifests:
                    yield file.relative_to(root).as_posix(), file


def years(root: Path, unlisted: Unlisted | None = None) -> list[Path]:
    """The folders with filed recordings, the oldest first."""
    named = [each for each in _entries(root, unlisted) if _YEAR.fullmatch(each.name)]
    return [each for each in named if _is(Path.is_dir, each, unlisted) and not each.is_symlink()]


def files_below(folder: Path, unlisted: Unlisted | None = None) -> Iterator[Path]:
    """Files in the order of their names, those of a folder before those of its folders; no links, nothing half written. Raises OSError
    for what can't be looked at, where nobody is to be told of it."""
    folders: list[Path] = []
    for each in _entries(folder, unlisted):
        if each.is_symlink() or _BESIDE.fullmatch(each.name) or each.suffix == ".filing":
            continue
        if _is(Path.is_dir, each, unlisted):
            folders.append(each)
        elif _is(Path.is_file, each, unlisted):
            yield each
    for below in folders:
        yield from files_below(below, unlisted)


def configuration_files(hotline: Hotline) -> tuple[list[ConfigurationFile], list[str]]:
    """What makes up the configuration in force, and a sentence for each file that it names and that can't be read."""
    file = Path(hotline.version.file).absolute()
    found, faults = [ConfigurationFile(0, "", str(file))], []
    if hotline.texts.agents:
        found.append(ConfigurationFile(1, "", str(file.parent / "agents.toml")))
    for field, path in [*paths_of(hotline.config), *_files_of_database(hotline.config)]:
        absolute = Path(os.path.normpath(path.absolute()))
        if any(each.was == str(absolute) for each in found):
            continue
        if fault := _unreadable(absolute, in_force=bool(text_in_force(hotline.texts, field))):
            faults.append(f"{field}: {absolute} {fault} and was left out")
            continue
        # A brand's file is named from the folder of the configuration on, and goes with it: its path stays as it is written.
        written = "" if OF_A_BRAND.fullmatch(field) else str(path)
        found.append(ConfigurationFile(len(found) + 10, field, str(absolute), written, absolute.is_dir()))
    return found, faults


def text_in_force(texts: Texts, field: str) -> str:
    """What the file named by this key said when it was put in force; empty for other files than menus and brands' own."""
    if field == "hotline.menu":
        return texts.menu
    found = re.fullmatch(r"brands\.([^.]+)\.(file|menu)", field)
    return dict(texts.brands if found[2] == "file" else texts.brand_menus).get(found[1], "") if found else ""


def paths_of(config: Part, place: str = "") -> Iterator[tuple[str, Path]]:
    """Each file or folder that the configuration names, with its key: those of later keys, too."""
    for name in type(config).model_fields:
        yield from _paths_in(getattr(config, name), f"{place}{name}")


def _files_of_database(config: Config) -> Iterator[tuple[str, Path]]:
    """The certificates that `database.url` names: as keys of its query."""
    if config.database.url:
        yield from ((f"{OF_URL}{word}", path) for word, path in read(config.database.url).files)


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


def _entries(folder: Path, unlisted: Unlisted | None) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        if unlisted is None:
            raise
        unlisted(error)
        return []


def _is(kind: Callable[[Path], bool], path: Path, unlisted: Unlisted | None) -> bool:
    try:
        return kind(path)
    except OSError as error:
        if unlisted is None:
            raise
        unlisted(error)
        return False


def _said_already(_: OSError) -> None:
    pass
