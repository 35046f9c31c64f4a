"""Opening a recording, and answering with a part of it. Paths come from the store, never from a client; even so nothing
is opened but a plain file under the root, and no link is followed on the way (each folder is opened from the last one).
"""

import asyncio
import hashlib
import os
import re
import stat
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from aiohttp import web

from acd.web.server.problems import Problem

_CHUNK = 256 * 1024


class NotUnderRoot(Exception):
    """The path leads out of the recordings folder, through a link, or to what is no plain file."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open recording: handle, size in bytes, time of change."""

    handle: int
    size: int
    modified: float
    mark: tuple[int, int, int]
    """Device, inode and time of change in ns: another mark, another content."""

    @property
    def etag(self) -> str:
        """Changes with the content."""
        return f'"{hashlib.sha256(repr((self.mark, self.size)).encode()).hexdigest()[:32]}"'


@contextmanager
def opened_under(root: Path, path: str) -> Iterator[Opened]:
    """The plain file `path` under `root`. Raises FileNotFoundError, NotUnderRoot."""
    parts = path.split("/")
    if not path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise NotUnderRoot(path)
    with _closing(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as handles:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            for part in parts[:-1]:
                handles.append(os.open(part, flags | os.O_DIRECTORY, dir_fd=handles[-1]))
            # Not blocking: a pipe in the file's place would hold us for ever.
            handles.append(os.open(parts[-1], flags | os.O_NONBLOCK, dir_fd=handles[-1]))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise NotUnderRoot(path) from error
        found = os.fstat(handles[-1])
        if not stat.S_ISREG(found.st_mode):
            raise NotUnderRoot(path)
        mark = (found.st_dev, found.st_ino, found.st_ctime_ns)
        yield Opened(handles[-1], found.st_size, found.st_mtime, mark)


@contextmanager
def _closing(first: int) -> Iterator[list[int]]:
    handles = [first]
    try:
        yield handles
    finally:
        for handle in handles:
            os.close(handle)


class Checksums:
    """SHA-256 of files, reckoned again only when the file was changed."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[tuple[int, int, int], int], str] = OrderedDict()

    def of(self, file: Opened) -> str:
        """Blocks while it reads: use a thread."""
        key = (file.mark, file.size)
        if (known := self._known.get(key)) is not None:
            return known
        digest, at = hashlib.sha256(), 0
        while chunk := os.pread(file.handle, _CHUNK, at):
            digest.update(chunk)
            at += len(chunk)
        self._known[key] = digest.hexdigest()
        while len(self._known) > 10_000:
            self._known.popitem(last=False)
        return self._known[key]


def asked_range(request: web.Request, file: Opened) -> tuple[int, int] | None:
    """First byte and the one after the last that are asked for; None: the whole file.

    Several ranges at once are answered with the whole file (RFC 9110 14.2 allows it). Raises Problem: 416 beyond the end.
    """
    header = request.headers.get("Range", "")
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.replace(" ", ""))
    if not found or found[0] == "bytes=-" or not _still_the_same(request, file):
        return None
    first, last = found[1], found[2]
    if not first:
        begin, end = max(file.size - int(last), 0), file.size
    else:
        begin, end = int(first), min(int(last) + 1, file.size) if last else file.size
        if last and int(last) < int(first):
            return None  # Not a range at all, says RFC 9110: ignored.
    if begin >= file.size or begin >= end:
        detail = f"The recording has {file.size} bytes; the range begins beyond its end. Ask for less."
        headers = {"Content-Range": f"bytes */{file.size}", "Accept-Ranges": "bytes"}
        raise Problem(416, "beyond-the-end", detail, field="Range", headers=headers)
    return begin, end


def _still_the_same(request: web.Request, file: Opened) -> bool:
    """Whether If-Range (when sent) names the file as it is now."""
    condition = request.headers.get("If-Range")
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == file.etag
    try:
        return parsedate_to_datetime(condition).timestamp() == int(file.modified)
    except (TypeError, ValueError):
        return False


async def send(
    request: web.Request, file: Opened, part: tuple[int, int] | None, headers: dict[str, str]
) -> web.StreamResponse:
    """Answers with the whole file or a part of it; to HEAD with the headers alone."""
    begin, end = part or (0, file.size)
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    response.content_length = end - begin
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = file.etag
    response.headers["Last-Modified"] = formatdate(file.modified, usegmt=True)
    if part:
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{file.size}"
    await response.prepare(request)
    if request.method != "HEAD":
        while begin < end:
            chunk = await asyncio.to_thread(os.pread, file.handle, min(_CHUNK, end - begin), begin)
            if not chunk:
                # Cut while we read: the length was promised, so the reader must see a broken answer, not a short one.
                raise ConnectionResetError("the recording became shorter while it was sent")
            await response.write(chunk)
            begin += len(chunk)
    await response.write_eof()
    return response
