"""Small private files: replaced whole or not at all, on the disk before the caller goes on, readable by their owner."""

import errno
import os
import secrets
from pathlib import Path

from acd.errors import SanxiangError


class BadSecret(SanxiangError):
    """{file} does not hold a secret: it must be one word of ASCII. Move the file away; a new one is made at the next start."""


def write_private(file: Path, text: str | bytes, *, durable: bool = True, for_folders_owner: bool = False) -> None:
    """Replaces `file` with `text`, in UTF-8, mode 0600 from the first byte on; `for_folders_owner`: see `give_to_folders_owner`.

    A reader, and a crash at any moment, finds the former text or the new one, never a part. When it returns, text and
    name are on the disk, unless `durable` is false: for files that are made anew at each start. Raises OSError,
    UnicodeEncodeError; nothing is left beside the file then.
    """
    beside = _written_beside(file, text, durable=durable, for_folders_owner=for_folders_owner)
    try:
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(file.parent)


def made_secret(file: Path) -> str:
    """The secret in `file`; 256 random bits, as 43 characters, are put there when it is missing or empty.

    Of several processes that find it missing at once all get the same. The folder is made when it is missing. Raises BadSecret,
    OSError.
    """
    while not (secret := _secret_in(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = _written_beside(file, secrets.token_urlsafe(32) + "\n", durable=True)
        try:
            os.link(beside, file)  # unlike a rename, it never takes the place of another process's secret
        except FileExistsError:
            if not _secret_in(file):
                beside.replace(file)  # an empty file: the rest of a crash
        except OSError:
            beside.replace(file)  # a file system without hard links
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(file.parent)
    return secret


def sync_folder(folder: Path) -> None:
    """Puts the folder's entries on the disk, so that a file that was just renamed or linked keeps its name in a crash.

    Raises OSError, but where the file system has no such order and does it by itself.
    """
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(opened)


def give_to_folders_owner(opened: int, folder: Path) -> None:
    """What root makes in somebody else's folder is theirs, so that their own processes can read it. Raises OSError."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(opened, owner.st_uid, owner.st_gid)


def _written_beside(file: Path, text: str | bytes, *, durable: bool, for_folders_owner: bool = False) -> Path:
    """A new file in the same folder, 0600, with the whole text. Raises OSError, UnicodeEncodeError, leaving nothing."""
    data = memoryview(text.encode("utf-8") if isinstance(text, str) else text)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            if for_folders_owner:
                give_to_folders_owner(opened, file.parent)
            while data:
                data = data[os.write(opened, data) :]
            if durable:
                os.fsync(opened)
        finally:
            os.close(opened)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return beside


def _secret_in(file: Path) -> str:
    """Empty where there is no file, or nothing in it."""
    try:
        secret = file.read_bytes().strip()
    except FileNotFoundError:
        return ""
    if not all(0x21 <= byte <= 0x7E for byte in secret):
        raise BadSecret(file=file)
    return secret.decode("ascii")
