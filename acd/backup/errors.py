"""What can go wrong with a back-up. An error's docstring is its message."""

from acd.errors import SanxiangError


class BackupExists(SanxiangError):
    """{file} is there already and is not written over. Name another file, or add --replace."""


class NotWritten(SanxiangError):
    """{file} can't be written: {why}. Nothing of it is left; what was there before is untouched."""


class DiskNearlyFull(SanxiangError):
    """{folder} would have less than {least_mb} MB left, which calls and their recordings need; the back-up was given up and removed.
    Write it to another disk, or leave the sound out with --recordings manifest."""


class InsideState(SanxiangError):
    """{file} would lie in {folder}, which is what is being backed up: a fault of that disk would take both. Name another folder."""


class NothingToBackUp(SanxiangError):
    """{state} is no hotline's state folder: no configuration was ever in force there. Name the right one with --state."""


class Unreadable(SanxiangError):
    """{file} can't be read: {why}. The back-up would lack it, so none was made. Mend the file or its rights, then start again."""


class NotABackup(SanxiangError):
    """{file} is no back-up of ours: {why}. Name a file that `sanxiang backup` has made."""


class Damaged(SanxiangError):
    """{file} is damaged: {why}. Nothing was restored from it; use another back-up."""


class NeedsKey(SanxiangError):
    """{file} is encrypted. Name the file that holds its key with --key-file."""


class WrongKey(SanxiangError):
    """{file} was not encrypted with the key in {key_file} (or its first bytes are damaged). Name the right one with --key-file."""


class BadKey(SanxiangError):
    """{key_file}: {why}. A key is 16 to 4096 bytes; `head -c 32 /dev/urandom | base64 > FILE` makes one. Keep it apart from the back-ups."""


class FromNewerVersion(SanxiangError):
    """{file} was made by a newer version ({theirs}; this is {ours}). Restore it with that version or a newer one."""


class NotEmpty(SanxiangError):
    """{place} is not empty ({what}). A back-up is restored into an empty machine only: {remedy}."""


class NotRestored(SanxiangError):
    """{place} can't be written: {why}. Nothing was restored; mend it, then start again."""


class PathNotWritten(SanxiangError):
    """The path {path} in the back-up's configuration can't be changed into {new}. Write a configuration of your own for this machine,
    and name its file with --config: it is used as it is."""


class OtherFolder(SanxiangError):
    """{config} is there already and is used as it is, but it names another folder for recordings than {folder}. Write
    `folder` under [recordings] in it, and leave --recordings out."""


class NoSuchDatabase(SanxiangError):
    """The configuration names no database (`url` under [database]). Write a configuration that names an empty one, and name its file with
    --config: it is used as it is."""


class StillRunning(SanxiangError):
    """A hotline runs on {state} (process {pid}). Stop it with `sanxiang down` first."""


class NotOurs(SanxiangError):
    """{folder} does not look like a hotline's state folder (it has no journal and no run folder): nothing was removed. Name the right one
    with --state."""


class NotRemoved(SanxiangError):
    """{place} can't be removed: {why}. Mend it, then start `sanxiang purge` again."""
