"""The operator's files, rewritten by us: sanxiang.toml, agents.toml, the menu. All of them, or none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from acd.errors import SanxiangError
from acd.files import write_private
from ivr.menus.toml_text import ENCODING

log = structlog.get_logger(__name__)


class FileNotWritten(SanxiangError):
    """{file} can't be written ({why}), so nothing was changed. Give the daemon's user the right to write it and its folder
    (under systemd the folder must stand in `ReadWritePaths=` of the unit), then try again."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A file of the operator's that gets another text. An empty text: there is no file."""

    file: Path
    old: str
    new: str


@asynccontextmanager
async def rewritten(files: list[Rewrite]) -> AsyncIterator[None]:
    """These files have their new text inside, and keep it when nothing was raised there; else the old one.

    They are written first: one that can't be written is found before anything is in force. Raises FileNotWritten.
    """
    done: list[Rewrite] = []
    try:
        for each in files:
            writing = asyncio.ensure_future(asyncio.to_thread(_write, each.file, each.new))
            try:
                await asyncio.shield(writing)
            except OSError as error:
                raise FileNotWritten(file=each.file, why=error.strerror) from error
            except asyncio.CancelledError:  # whoever asked has gone, and the thread writes on
                await asyncio.wait({writing})
                done.append(each)
                raise
            done.append(each)
        yield
    except BaseException:
        for each in reversed(done):
            try:
                _write(each.file, each.old)
            except OSError as error:
                log.error(
                    "a file could not be put back; it holds what is not in force", file=str(each.file), why=str(error)
                )
        raise


def text_of(file: Path) -> str:
    """Empty when there is no such file. Raises FileNotWritten."""
    try:
        return file.read_text(encoding=ENCODING) if file.exists() else ""
    except OSError as error:
        raise FileNotWritten(file=file, why=error.strerror) from error
    except UnicodeDecodeError as error:
        raise FileNotWritten(file=file, why=f"it is not UTF-8 (byte {error.start})") from error


def _write(file: Path, text: str) -> None:
    if text:
        _rewrite(file, text)
    else:
        file.unlink(missing_ok=True)


def _rewrite(file: Path, text: str) -> None:
    """Replaces the file in one step and keeps its mode."""
    rights = file.stat().st_mode & 0o777 if file.exists() else 0o600
    write_private(file, text)
    file.chmod(rights)
