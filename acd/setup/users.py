"""Users of their own for Asterisk and the story server, and which process may read and write what.

Asterisk's parsers are the part that the internet feeds. Where it runs as the daemon's user, a fault in them opens the accounts,
the journal and every recording. With users of their own that is shut by the kernel: the state folder can be passed through
and not listed, and only what stands in `SHARED` is open to a group. All files still belong to the daemon's user, who must
be in both groups. `SANXIANG_USERS` names the users, as the systemd unit and compose set it; without it everything runs as one user.
"""

import errno
import os
import pwd
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acd.errors import SanxiangError
from acd.setup.installation import Installation

USERS_VARIABLE = "SANXIANG_USERS"
"""`asterisk=NAME stories=NAME`; in the place of a name also UID:GID."""

Part = Literal["asterisk", "stories"]


class NotUsers(SanxiangError):
    """SANXIANG_USERS is {text!r}: {why}. Write `asterisk=NAME stories=NAME`, with two users of the system, or leave it out.
    docs/systemd.md says how they are made."""


class NotInTheirGroup(SanxiangError):
    """This user is not in the group {gid} of {part}'s user, so it can't share a file with it. Type as root:
    usermod -aG {gid} {user}; then start again."""


class NotReachable(SanxiangError):
    """{part}'s user can't come to {path}: {folder} is closed to others. What is there is no secret; open it to them with
    chmod -R go+rX {folder}"""


@dataclass(frozen=True, slots=True)
class ProcessUser:
    """As whom a process runs."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    """Beside `gid`."""
    umask: int = 0o077


@dataclass(frozen=True, slots=True)
class Share:
    """Paths below the state folder, whose group may use them, and the modes of folders and files there; None: as they are."""

    paths: str
    group: Part | None
    folder: int | None = None
    file: int | None = None


SHARED = (
    # To be passed through, and not listed.
    *(Share(path, None, 0o711) for path in (".", "run", "config", "recordings")),
    Share("run/asterisk", "asterisk", 0o750),
    Share("run/asterisk/etc", "asterisk", 0o750),
    Share("run/asterisk/etc/*.conf", "asterisk", None, 0o640),
    # Asterisk writes here, and the daemon reads and cleans up: what Asterisk makes is its group's. No bit gives the group to whatever
    # is made in a folder: systemd (RestrictSUIDSGID) lets nobody set it. What we make there for Asterisk is given the group by hand.
    *(Share(f"run/asterisk/{name}", "asterisk", 0o770) for name in ("log", "var", "spool", "control")),
    *(Share(f"run/asterisk/{name}/*", "asterisk", 0o770, 0o660) for name in ("log", "var", "spool")),
    Share("run/asterisk.pid", "asterisk", None, 0o660),
    Share("recordings/live", "asterisk", 0o770),
    Share("recordings/live/*", "asterisk", None, 0o660),
    Share("recordings/self-call", "asterisk", 0o770),
    Share("recordings/self-call/*", "asterisk", None, 0o660),
    # How much of its logs is kept, for the keeper beside an Asterisk in a container.
    Share("run/log-bounds.json", "asterisk", None, 0o640),
    Share("run/agi", "asterisk", 0o750),
    Share("run/agi/*", "asterisk", None, 0o750),
    # Asterisk runs the stories itself when their server is away, and is in their group for that.
    Share("run/stories.json", "stories", None, 0o640),
    Share("stories.token", "stories", None, 0o640),
    Share("config/*.menu.toml", "stories", None, 0o640),
    Share("sounds", None, 0o755),
    Share("sounds/**/*", None, 0o755, 0o644),
)
"""All that is open to others than the daemon's user. What is not here is 0600 or 0700, and the daemon's alone."""


def process_users(text: str) -> dict[Part, ProcessUser]:
    """As whom Asterisk and the story server run; empty for an empty text. Raises NotUsers."""
    if not text.strip():
        return {}
    named = dict(word.partition("=")[::2] for word in text.split())
    if set(named) != {"asterisk", "stories"} or not all(named.values()):
        raise NotUsers(text=text, why="it names other processes than asterisk and stories, or not both")
    (asterisk, pbx), (stories, ivr) = _ids(text, named["asterisk"]), _ids(text, named["stories"])
    if len({asterisk, stories, os.getuid()}) < 3 or len({pbx, ivr}) < 2:
        raise NotUsers(text=text, why="they, and the user of the daemon, must be three, with groups of their own")
    return {"asterisk": ProcessUser(asterisk, pbx, (ivr,), 0o007), "stories": ProcessUser(stories, ivr)}


def _ids(text: str, name: str) -> tuple[int, int]:
    if match := re.fullmatch(r"(\d+):(\d+)", name):
        return int(match[1]), int(match[2])
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise NotUsers(text=text, why=f"there is no user {name}") from None
    return found.pw_uid, found.pw_gid


def check_reach(users: dict[Part, ProcessUser], programs: dict[Part, list[Path]]) -> None:
    """Whether each user may pass the folders above what it is to run, as they are now. Raises NotReachable."""
    for part, user in users.items():
        for path in programs[part]:
            for folder in reversed(path.parents):
                try:
                    about = folder.stat()
                except FileNotFoundError:  # a list of folders, as of libraries
                    break
                allowed = about.st_mode & (0o010 if about.st_gid in (user.gid, *user.groups) else 0o001)
                if not allowed:
                    raise NotReachable(part=part, path=path, folder=folder)


def share(installation: Installation, users: dict[Part, ProcessUser], recordings: Path) -> None:
    """Opens what stands in `SHARED` to the users' groups; nothing when `users` is empty. Files of other owners stay as they are.

    To be called again whenever files were made anew. Raises NotInTheirGroup, OSError.
    """
    for part, user in users.items():
        if os.geteuid() != 0 and user.gid not in (os.getegid(), *os.getgroups()):
            raise NotInTheirGroup(part=part, gid=user.gid, user=os.geteuid())
    for row in SHARED if users else ():
        for path in _found(installation.state, row.paths, recordings):
            _opened(path, row, users)


def share_one(file: Path, users: dict[Part, ProcessUser]) -> None:
    """Opens this file of `run/`, which was made anew, to the group that SHARED names for it. Raises OSError."""
    for row in SHARED if users else ():
        if row.paths == f"run/{file.name}":
            _opened(file, row, users)


def _found(state: Path, paths: str, recordings: Path) -> Iterator[Path]:
    if paths == ".":
        yield state
    elif paths.startswith("recordings"):
        below = paths.removeprefix("recordings").lstrip("/")
        yield from recordings.glob(below) if below else [recordings]
    else:
        yield from state.glob(paths)


def _opened(path: Path, row: Share, users: dict[Part, ProcessUser]) -> None:
    """By the open file, never by its name: in folders that Asterisk may write, a name may become a link at any moment. A file
    with a second name may be one of ours that was linked there."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.EACCES):
            return  # Gone meanwhile, a link, a socket, or Asterisk's own.
        raise
    try:
        about = os.fstat(file)
        folder, plain = stat.S_ISDIR(about.st_mode), stat.S_ISREG(about.st_mode) and about.st_nlink == 1
        mode = row.folder if folder else row.file if plain else None
        if mode is None or about.st_uid != os.geteuid():
            return
        if row.group is not None and about.st_gid != users[row.group].gid:
            os.fchown(file, -1, users[row.group].gid)
        if stat.S_IMODE(os.fstat(file).st_mode) != mode:
            os.fchmod(file, mode)
    finally:
        os.close(file)
