"""Where restored files go: first beside their places, then all at once into them; and taken away again when anything fails.

The configuration names files by their paths. Those that lay in its folder lie in the new one's folder again; those from elsewhere
go into `restored/` there, for a back-up must not say where on a machine something is written. The paths in the configuration follow.
"""

import contextlib
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote_plus

from acd.backup.errors import NotEmpty, NotRestored, PathNotWritten
from acd.backup.manifest import ConfigurationFile


class Staging:
    """A folder beside the place of what it holds: what is moved out of it needs no second copy."""

    def __init__(self, place: Path) -> None:
        """Makes `place` when it is not there. Raises NotRestored."""
        self.place, self._made = place, [each for each in (place, *place.parents) if not each.exists()]
        self._moved: list[Path] = []
        self.folder = place / f".restoring-{secrets.token_hex(4)}"
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700)
        except OSError as error:
            self._take_away()
            raise NotRestored(place=place, why=error.strerror) from None

    def move(self, inside: Path, to: Path) -> None:
        """Puts a file or folder of the staging into its place. Raises NotRestored; never over what is there."""
        try:
            self._made += [each for each in to.parents if not each.exists()]
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.path.lexists(to):
                raise NotRestored(place=to, why="something is there already")
            inside.rename(to)
        except OSError as error:
            raise NotRestored(place=to, why=error.strerror) from None
        self._moved.append(to)

    def close(self, *, keep: bool) -> None:
        """The staging goes; unless `keep`, all that was moved out of it and every folder that was made goes too."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if not keep:
            self._take_away()

    def _take_away(self) -> None:
        for each in reversed(self._moved):
            shutil.rmtree(each) if each.is_dir() else each.unlink(missing_ok=True)
        # The deepest first; one in which something else was put meanwhile stays.
        for each in sorted(self._made, key=lambda folder: len(folder.parts), reverse=True):
            with contextlib.suppress(OSError):
                each.rmdir()


class Unpacker:
    """Writes the files of a back-up below folders: as `Archive.walk` hands them on."""

    def __init__(self, place_of: Callable[[str], Path | None]) -> None:
        """`place_of`: where the file of this name goes; None: it is left out."""
        self._place_of, self._file, self._at, self._mtime = place_of, -1, Path(), 0

    def take(self, name: str, mtime: int) -> Callable[[bytes], object] | None:
        """Raises NotRestored."""
        self.close()
        place = self._place_of(name)
        if place is None:
            return None
        self._at, self._mtime = place, mtime
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(place, flags, 0o600)
        except OSError as error:
            raise NotRestored(place=place.parent, why=error.strerror) from None
        return self._write

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise NotRestored(place=self._at.parent, why=error.strerror) from None

    def close(self) -> None:
        if self._file < 0:
            return
        try:
            with contextlib.suppress(OverflowError):  # a time that no file system has
                os.utime(self._file, (self._mtime, self._mtime))
        except OSError as error:
            raise NotRestored(place=self._at.parent, why=error.strerror) from None
        finally:
            os.close(self._file)
            self._file = -1


@contextlib.contextmanager
def private() -> Iterator[None]:
    """Whatever folder this process makes meanwhile is its user's alone, those on the way to it too."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def check_empty(folder: Path, what: str, remedy: str) -> None:
    """Silent when no file lies below the folder, or it is not there. Raises NotEmpty."""
    if folder.is_symlink() and not folder.exists():
        raise NotEmpty(place=f"{what} {folder}", what="it is a link that leads nowhere", remedy=remedy)
    for at, folders, files in os.walk(folder):
        odd = files or [each for each in folders if Path(at, each).is_symlink()]
        if odd:
            raise NotEmpty(place=f"{what} {folder}", what=f"{Path(at, odd[0])} is in it", remedy=remedy)


def remove_empty_folders(folder: Path) -> None:
    """Folders without a file, which an earlier start has made."""
    for at, _, _ in os.walk(folder, topdown=False):
        if Path(at) != folder:
            with contextlib.suppress(OSError):
                Path(at).rmdir()


def new_places(files: list[ConfigurationFile], config_file: Path) -> dict[int, Path]:
    """Number to where it goes, for a configuration that is put back as `config_file`."""
    places: dict[int, Path] = {}
    first = next((each for each in files if each.number == 0), None)
    was = PurePosixPath(first.was).parent if first else PurePosixPath("/")
    for each in files:
        path = PurePosixPath(each.was)
        if each.number == 0:
            places[0] = config_file
        elif path.is_relative_to(was) and path != was and len(was.parts) > 1:
            places[each.number] = config_file.parent / path.relative_to(was)
        else:
            places[each.number] = config_file.parent / "restored" / str(each.number) / path.name
    return places


def with_path(text: str, written: str, new: Path) -> str:
    """The configuration with this path in the place of the one that stands in it. Raises PathNotWritten."""
    if '"' in str(new) or "\\" in str(new) or not str(new).isprintable():
        raise PathNotWritten(path=written, new=new)
    made = text
    for mark in ('"', "'"):
        made = made.replace(f"{mark}{written}{mark}", f'"{new}"')
    if made == text:
        raise PathNotWritten(path=written, new=new)
    return made


def with_path_in_url(text: str, written: str, new: Path) -> str:
    """The configuration with this file in the place of the one that the database's URL names in its query. Raises PathNotWritten."""
    where = re.compile(r"(?<=[?&])(sslrootcert|sslcert|sslkey)=([^&\"'\s]*)")

    def other(found: re.Match[str]) -> str:
        return f"{found[1]}={quote(str(new), safe='/')}" if unquote_plus(found[2]) == written else found[0]

    made = where.sub(other, text)
    if made == text or not str(new).isprintable():
        raise PathNotWritten(path=written, new=new)
    return made


def with_recordings_folder(text: str, folder: Path) -> str:
    """The configuration with this folder for recordings. Raises PathNotWritten."""
    was = _table(text).get("folder")
    if was is not None:
        made = with_path(text, str(was), folder)
    elif re.search(r"^\s*\[recordings\]\s*(#.*)?$", text, re.M):
        made = re.sub(
            r"^(\s*\[recordings\]\s*(?:#.*)?)$",
            lambda head: f'{head[1]}\nfolder = "{folder}"',
            text,
            count=1,
            flags=re.M,
        )
    else:
        made = f'{text.rstrip()}\n\n[recordings]\nfolder = "{folder}"\n'
    if _table(made).get("folder") != str(folder):
        raise PathNotWritten(path="recordings.folder", new=folder)
    return made


def _table(text: str) -> dict[str, Any]:
    try:
        found = tomllib.loads(text).get("recordings", {})
    except tomllib.TOMLDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
