"""Puts a back-up into an empty machine: whole, or not at all.

Every sum is checked before anything is written. Then the files are unpacked beside their places, the rows go into the database in one
transaction, the files are moved into their places, and the transaction is committed last: whatever fails before that leaves the
machine as it was. The journal gets another identity, so that no line of the old one, which may have gone on after the back-up, is ever
taken for one of this one.
"""

import asyncio
import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from acd.backup import contents, database, placing
from acd.backup.archive import Archive, Entry
from acd.backup.errors import Damaged, NoSuchDatabase, NotEmpty, OtherFolder
from acd.backup.manifest import ConfigurationFile, Manifest
from acd.backup.placing import Staging, Unpacker
from acd.config import Config, load
from acd.config.database import with_password
from acd.config.loading import parsed
from acd.files import write_private
from acd.setup.database import database_url
from acd.setup.installation import Installation
from acd.store.journal import journal_identity

_ANOTHER_STATE = "name another folder with --state, or take this hotline away first with `sanxiang purge`"
_ANOTHER_FOLDER = "name another folder with --recordings, or move the files away"
_RECORDING = re.compile(r"(live|[0-9]{4})/")
_SMALL = 4 << 20
"""Bytes of a configuration at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator has asked for."""

    file: Path
    config_file: Path
    """Put back under this name; or, when it is there already, used as it is."""
    recordings: Path | None = None
    """Where they go; None: as the configuration says."""
    key_file: Path | None = None


@dataclass(slots=True)
class Restored:
    manifest: Manifest
    config_file: Path
    kept_configuration: bool
    """The operator's own configuration was there and is used; the back-up's lies in the state folder's `config/`."""
    rows: int = 0
    files: int = 0
    recordings: int = 0
    """Sounds and manifests that were put back."""
    moved: list[str] = field(default_factory=list)
    """A sentence for each path in the configuration that is another now."""
    left_out: list[str] = field(default_factory=list)
    """A sentence for each thing that could not be read when it was backed up."""
    missing_sound: int = 0
    """Legs whose sound, by their manifest, should lie in the recordings folder and does not: a back-up of manifests alone."""


def restore(installation: Installation, wanted: Wanted, told: Callable[[str], None] = lambda _: None) -> Restored:
    """Raises NotABackup, NeedsKey, WrongKey, BadKey, Damaged, FromNewerVersion, NotEmpty, NotRestored, NoSuchDatabase, PathNotWritten,
    OtherFolder, DatabaseAway, BadConfiguration, SecretUnreadable."""
    with contextlib.closing(Archive(wanted.file, wanted.key_file)) as archive, placing.private():
        database.check_version(archive)
        placing.check_empty(installation.state, "The state folder", _ANOTHER_STATE)
        told("every sum is checked")
        work = _Restore(installation, wanted, archive, told)
        work.check()
        return work.run()


class _Restore:
    def __init__(
        self, installation: Installation, wanted: Wanted, archive: Archive, told: Callable[[str], None]
    ) -> None:
        self._installation, self._archive, self._told = installation, archive, told
        self._said = archive.manifest
        self._config_file = wanted.config_file.absolute()
        self._kept = os.path.lexists(self._config_file)
        self._files = {each.number: each for each in self._said.configuration}
        self._places = {} if self._kept else placing.new_places(self._said.configuration, self._config_file)
        self._folder = wanted.recordings.absolute() if wanted.recordings else None
        self._small: dict[int, bytes] = {}
        """Number of a configuration file to its text, of those that are needed before anything is written."""
        self._texts: dict[int, str] = {}
        """Number to text of the configuration, and of the brands' own files, as they are put back."""
        self.done = Restored(self._said, self._config_file, self._kept)

    def check(self) -> None:
        """Reads all of the back-up, and keeps the configuration. Raises Damaged."""
        wanted = {each.number for each in self._said.configuration if _is_needed_first(each)} | {0, 1}

        def take(entry: Entry) -> Callable[[bytes], object] | None:
            number = self._number_of(entry.name)
            if number not in wanted or entry.size > _SMALL:
                return None
            self._small[number] = b""
            return lambda data: self._small.update({number: self._small[number] + data})

        self._archive.walk(take)
        self.done.left_out = [*self._said.left_out, *self._archive.left_out]

    def run(self) -> Restored:
        with tempfile.TemporaryDirectory() as certificates:
            return self._run(Path(certificates))

    # -- inside --------------------------------------------------------------------------------------------------

    def _run(self, certificates: Path) -> Restored:
        """`certificates`: an empty folder, for those with which the database is reached before the files are in their places."""
        config, url = self._own_configuration() if self._kept else self._restored_configuration(certificates)
        root = config.recordings.folder or self._installation.recordings
        self._check_places(root)
        asyncio.run(database.check_empty(url))
        placing.remove_empty_folders(self._installation.state)
        if self._said.recordings == "copy":
            placing.remove_empty_folders(root)
        stagings: list[Staging] = []
        well = False
        try:
            for place in (self._installation.state, root, *(() if self._kept else (self._config_file.parent,))):
                stagings.append(Staging(place))
            self._fill(stagings, url)
            well = True
            Installation.at(self._installation.state)  # the folders of which a back-up holds nothing
        finally:
            for each in reversed(stagings):
                each.close(keep=well)
        self.done.missing_sound = missing_sound(root) if self._said.recordings == "manifest" else 0
        return self.done

    # -- the configuration ---------------------------------------------------------------------------------------

    def _own_configuration(self) -> tuple[Config, str]:
        """The operator's own, which was there before; and the database's address."""
        config = load(self._config_file)
        if self._folder and (config.recordings.folder or self._installation.recordings).absolute() != self._folder:
            raise OtherFolder(config=self._config_file, folder=self._folder)
        if not config.database.url:
            raise NoSuchDatabase
        return config, database_url(config)

    def _restored_configuration(self, certificates: Path) -> tuple[Config, str]:
        """The back-up's, with the paths of now; and the database's address."""
        try:
            text, agents = (self._small.get(number, b"").decode() for number in (0, 1))
            brands = {
                found[1]: (number, self._small.get(number, b"").decode())
                for number, each in self._files.items()
                if (found := contents.OF_A_BRAND.fullmatch(each.field))
            }
        except UnicodeDecodeError:
            raise Damaged(file=self._archive.path, why="the configuration in it is no text") from None
        for each in self._files.values():
            new = self._places[each.number]
            if each.written and Path(each.was) != new:
                change = placing.with_path_in_url if each.field.startswith(contents.OF_URL) else placing.with_path
                brand = each.field.split(".")[1] if each.field.startswith("brands.") else ""
                if brand in brands:
                    number, own = brands[brand]
                    brands[brand] = (number, change(own, each.written, new))
                else:
                    text = change(text, each.written, new)
                self.done.moved.append(f"{each.field}: {each.written} is {new} now")
        if self._folder:
            text = placing.with_recordings_folder(text, self._folder)
        self._texts = {0: text, **dict(brands.values())}
        config = parsed(text, agents, self._config_file, brands={name: own for name, (_, own) in brands.items()})
        if not config.database.url:
            raise NoSuchDatabase
        password = next(
            (self._small.get(number) for number, each in self._files.items() if each.field == "database.password_file"),
            None,
        )
        if password is None:
            return config, self._with_certificates(database_url(config), certificates)
        url = with_password(config.database.url, password.decode("utf-8", "replace").strip())
        return config, self._with_certificates(url, certificates)

    def _with_certificates(self, url: str, folder: Path) -> str:
        """The address with the back-up's certificates as they lie in `folder`, where they are put."""
        for number, each in self._files.items():
            if each.field.startswith(contents.OF_URL) and number in self._small:
                file = folder / str(number)
                write_private(file, self._small[number].decode("utf-8", "replace"))
                url = placing.with_path_in_url(url, str(self._places[number]), file)
        return url

    # -- the files -----------------------------------------------------------------------------------------------

    def _check_places(self, root: Path) -> None:
        """Raises NotEmpty."""
        if self._said.recordings == "copy":
            placing.check_empty(root, "The recordings folder", _ANOTHER_FOLDER)
        for each in self._places.values():
            if os.path.lexists(each):
                what, remedy = "it would be overwritten", "move it away, or name another place with --config"
                raise NotEmpty(place=str(each), what=what, remedy=remedy)

    def _fill(self, stagings: list[Staging], url: str) -> None:
        state, sound = stagings[:2]
        configuration = None if self._kept else stagings[2]
        self._told("the files are unpacked")
        unpacker = Unpacker(lambda name: self._place_of(name, state, sound, configuration))
        self._archive.walk(lambda entry: unpacker.take(entry.name, entry.mtime))
        unpacker.close()
        journal = state.folder / "state" / "journal"
        before = journal_identity.known_in(journal)
        renewed = journal_identity.renew(journal) if journal.is_dir() else None
        names = (before.spool, renewed.spool) if before and renewed else None
        self._told("the rows go into the database")

        def move() -> None:
            os.sync()
            self._move(state, sound, configuration)

        folder = state.folder / "database"
        self.done.rows = asyncio.run(database.load(url, self._archive, folder, names, before_commit=move))

    def _place_of(self, name: str, state: Staging, sound: Staging, configuration: Staging | None) -> Path | None:
        part, _, rest = name.partition("/")
        if part == "configuration":
            number = self._number_of(name)
            if number not in self._files:
                raise Damaged(file=self._archive.path, why=f"{name[:200]!r} in it is no name that a back-up has")
            return None if configuration is None else configuration.folder / rest
        if part == "state" and not contents.OURS.get(rest.partition("/")[0], True):
            raise Damaged(file=self._archive.path, why=f"{name[:200]!r} in it is no name that a back-up has")
        if part == "recordings" and not _RECORDING.match(rest):
            raise Damaged(file=self._archive.path, why=f"{name[:200]!r} in it is no name that a back-up has")
        if part == "recordings":
            self.done.recordings += 1
        self.done.files += part != "database"
        return (sound if part == "recordings" else state).folder / name

    def _move(self, state: Staging, sound: Staging, configuration: Staging | None) -> None:
        for child in _children(state.folder / "state"):
            state.move(child, state.place / child.name)
        if self._said.recordings == "copy":
            for child in _children(sound.folder / "recordings"):
                sound.move(child, sound.place / child.name)
        else:
            # Sound that was kept elsewhere may lie there already, with its manifests.
            for file in contents.files_below(sound.folder / "recordings"):
                place = sound.place / file.relative_to(sound.folder / "recordings")
                if not os.path.lexists(place):
                    sound.move(file, place)
        if configuration is None:
            return
        for number, place in self._places.items():
            inside = configuration.folder / str(number)
            if not self._files[number].folder:
                inside = next(iter(_children(inside)), inside)
            if number in self._texts:
                write_private(inside, self._texts[number])
            if inside.exists():  # a file that was removed while the back-up was made
                configuration.move(inside, place)

    def _number_of(self, name: str) -> int:
        """Of a configuration file; -1 for another."""
        found = re.match(r"configuration/([0-9]{1,6})/", name)
        return int(found[1]) if found else -1


def _is_needed_first(each: ConfigurationFile) -> bool:
    """Whether the database is reached with what stands in this file, or it is a brand's own configuration."""
    of_database = each.field == "database.password_file" or each.field.startswith(contents.OF_URL)
    return of_database or contents.OF_A_BRAND.fullmatch(each.field) is not None


def missing_sound(root: Path) -> int:
    """Legs whose sound, by their manifest, should lie below `root` and does not."""
    missing = 0
    for year in contents.years(root):
        for file in contents.files_below(year):
            if file.suffix != ".json":
                continue
            try:
                legs = json.loads(file.read_text("utf-8"))["legs"]
                missing += sum(1 for leg in legs if leg["file"] and not (root / leg["file"]).is_file())
            except (ValueError, KeyError, TypeError, OSError):
                missing += 1
    return missing


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
