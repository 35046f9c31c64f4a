"""Asterisk and the stories as users of their own: who may read and write what, tried as each of them."""

import asyncio
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from acd.files import write_private
from acd.pbx.conf.render import render
from acd.pbx.install.runtime import Pbx, ensure_pbx
from acd.setup.installation import Installation
from acd.setup.users import (
    NotInTheirGroup,
    NotReachable,
    NotUsers,
    Part,
    ProcessUser,
    check_reach,
    process_users,
    share,
    share_one,
)
from tests.pbx.support.rendered_conf import settings_in
from tests.support.waiting import eventually_blocking

pytestmark = pytest.mark.slow

DAEMON = ProcessUser(61001, 61001, (61012, 61013))
USERS_TEXT = "asterisk=61002:61012 stories=61003:61013"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the three users")

PRIVATE = (
    *(
        "secrets.json",
        "operator.token",
        "accounts.json",
        "audit.log",
        "epoch",
        "dead-letters.jsonl",
        "run/prepared.json",
    ),
    *("journal/000000000001.log", "log/daemon.log", "config/000001.toml", "config/000001.json"),
    *("recordings/2026/11/29/c1.wav", "run/asterisk/etc/secrets.json", "run/leader.json"),
)
READ = {
    **dict.fromkeys(PRIVATE, ""),
    **dict.fromkeys(("run/asterisk/etc/pjsip.conf", "run/asterisk/etc/asterisk.conf", "run/agi/hotline"), "asterisk"),
    "run/log-bounds.json": "asterisk",
    **dict.fromkeys(
        ("run/asterisk/log/messages.log", "run/asterisk/var/astdb.sqlite3", "recordings/live/o1.wav"), "asterisk"
    ),
    **dict.fromkeys(
        ("run/stories.json", "stories.token", "config/000001.menu.toml", "sounds/zh/welcome.wav"), "asterisk stories"
    ),
}
"""File to those who may read it, beside the daemon."""
WRITTEN = {
    **dict.fromkeys(
        (*READ, "run/x", "x", "journal/x", "config/x", "run/agi/x", "run/asterisk/etc/x", "recordings/x"), ""
    ),
    **dict.fromkeys(
        ("run/asterisk/log/messages.log", "run/asterisk/var/astdb.sqlite3", "recordings/live/o1.wav"), "asterisk"
    ),
    **dict.fromkeys(
        ("run/asterisk/log/new", "run/asterisk/control/new", "recordings/live/new", "run/asterisk.pid"), "asterisk"
    ),
}
"""File to those who may write it, or make it where it is not there, beside the daemon."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that other users can come to; pytest's own is its user's alone."""
    made = Path(tempfile.mkdtemp(prefix="sx-users-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def run_as(user: ProcessUser, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, user=user.uid, group=user.gid, extra_groups=user.groups, umask=user.umask, cwd="/", capture_output=True,
        text=True, check=False, timeout=30, env={"PATH": os.environ["PATH"], **more},
    )  # fmt: skip


def everything(folder: Path) -> Installation:
    """A state folder with each file that there may be, all of the daemon's user, as umask 0077 leaves them."""
    installation = Installation.at(folder / "state")
    for name in {*READ, *(name for name in WRITTEN if name.endswith(".pid"))}:
        file = installation.state / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text("what stands there")
        file.chmod(0o700 if "agi" in name else 0o600)
    (installation.run / "asterisk" / "control").mkdir()
    for path in [installation.state, *installation.state.rglob("*")]:
        os.chown(path, DAEMON.uid, DAEMON.gid)
        if path.is_dir():
            path.chmod(0o700)
    return installation


@needs_root
def test_a_file_that_the_daemon_makes_anew_is_opened_alone(folder: Path):
    installation = everything(folder)
    users = shared_by_the_daemon(installation)
    for name, mode in (("run/log-bounds.json", 0o640), ("run/prepared.json", 0o600)):
        file = installation.state / name
        file.unlink()
        write_private(file, "anew", durable=False)
        share_one(file, process_users(USERS_TEXT))
        assert file.stat().st_mode & 0o777 == mode
    assert (installation.state / "run/log-bounds.json").stat().st_gid == users["asterisk"].gid


def shared_by_the_daemon(installation: Installation) -> dict[str, ProcessUser]:
    """As the daemon's user shares it; this process becomes itself again."""
    users = process_users(USERS_TEXT)
    former = os.getgroups()
    os.setgroups([DAEMON.gid, *DAEMON.groups])
    os.setegid(DAEMON.gid)
    os.seteuid(DAEMON.uid)
    try:
        share(installation, users, installation.recordings)
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(former)
    return {"daemon": DAEMON, "asterisk": users["asterisk"], "stories": users["stories"]}


@needs_root
def test_each_user_reads_and_writes_what_the_table_says_and_nothing_else(folder: Path):
    installation = everything(folder)
    users = shared_by_the_daemon(installation)
    wrong = []
    for table, words in ((READ, 'cat "$1"'), (WRITTEN, ': >> "$1"')):
        for name, allowed in table.items():
            there = (installation.state / name).exists()
            for who, user in users.items():
                done = run_as(user, "/bin/sh", "-c", words, "sh", str(installation.state / name))
                if not there:
                    (installation.state / name).unlink(missing_ok=True)
                may = who == "daemon" or who in allowed.split()
                if (done.returncode == 0) != may:
                    wrong.append(f"{who}: {words} {name}: {done.stderr.strip() or 'it could'}")
    assert wrong == []
    for name in (".", "run", "config", "recordings", "run/asterisk", "run/asterisk/log"):
        listed = {
            who for who, user in users.items() if run_as(user, "ls", str(installation.state / name)).returncode == 0
        }
        assert listed == {"daemon", *(["asterisk"] if name.startswith("run/asterisk") else [])}, name


@needs_root
def test_what_asterisk_makes_the_daemon_reads_and_takes_away(folder: Path):
    installation = everything(folder)
    users = shared_by_the_daemon(installation)
    sound = installation.recordings / "live" / "o2.wav"
    assert run_as(users["asterisk"], "/bin/sh", "-c", 'echo sound > "$1"', "sh", str(sound)).returncode == 0
    assert run_as(users["daemon"], "cat", str(sound)).stdout == "sound\n"
    filed = installation.recordings / "2026" / "11" / "29" / "o2.wav"
    assert run_as(users["daemon"], "mv", str(sound), str(filed)).returncode == 0
    assert run_as(users["asterisk"], "cat", str(filed)).returncode != 0
    book = installation.run / "asterisk" / "log" / "cel-custom"
    assert run_as(users["asterisk"], "mkdir", str(book)).returncode == 0
    assert run_as(users["asterisk"], "/bin/sh", "-c", 'echo row > "$1"/gone.txt', "sh", str(book)).returncode == 0
    assert run_as(users["daemon"], "cat", str(book / "gone.txt")).stdout == "row\n"


@needs_root
def test_sharing_again_changes_nothing_and_shares_what_was_made_anew(folder: Path):
    installation = everything(folder)
    shared_by_the_daemon(installation)

    def modes() -> dict[str, tuple[int, int]]:
        paths = [installation.state, *installation.state.rglob("*")]
        return {str(path): (stat.S_IMODE(path.lstat().st_mode), path.lstat().st_gid) for path in paths}

    before = modes()
    shared_by_the_daemon(installation)
    assert modes() == before
    file = installation.run / "asterisk" / "etc" / "pjsip.conf"
    file.unlink()
    file.write_text("anew")
    file.chmod(0o600)
    os.chown(file, DAEMON.uid, DAEMON.gid)
    shadow = Path("/etc/shadow")
    (installation.recordings / "live" / "link").symlink_to(shadow)
    was = shadow.stat()
    shared_by_the_daemon(installation)
    assert modes() == {**before, str(installation.recordings / "live" / "link"): (0o777, os.getegid())}
    token = installation.state / "operator.token"
    os.link(token, installation.recordings / "live" / "linked")
    shared_by_the_daemon(installation)
    assert stat.S_IMODE(token.stat().st_mode) == 0o600, "a second name of a private file opened it"
    assert (shadow.stat().st_mode, shadow.stat().st_gid) == (was.st_mode, was.st_gid)


@needs_root
@pytest.mark.asterisk
async def test_a_real_asterisk_of_its_own_user_starts_and_is_asked_by_the_daemons(folder: Path):
    pbx = await asyncio.to_thread(ensure_pbx)
    installation = Installation.at(folder / "state")
    moved = pbx_for_everybody(pbx, folder)
    settings = settings_in(
        folder, run_folder=installation.run / "asterisk", moddir=moved.moddir, datadir=moved.datadir, control_mode="0660",
        recordings_folder=installation.recordings, trunks=(), guests=(),
    )  # fmt: skip
    render(settings)
    for path in [installation.state, *installation.state.rglob("*")]:
        os.chown(path, DAEMON.uid, DAEMON.gid)
    (folder / "moh").chmod(0o755)
    users = shared_by_the_daemon(installation)
    user, argv = users["asterisk"], [*moved.asterisk, "-C", str(settings.main_file)]
    with subprocess.Popen(
        [*argv, "-f"], user=user.uid, group=user.gid, extra_groups=user.groups, umask=user.umask, cwd="/",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"], "HOME": "/"},
    ) as asterisk:  # fmt: skip
        try:

            def answered(who: str) -> bool:
                return "System uptime" in run_as(users[who], *argv, "-rx", "core show uptime", HOME="/").stdout

            eventually_blocking(lambda: answered("daemon"), "an answer to the daemon's user", 40)
            assert not answered("stories")
            status = Path(f"/proc/{asterisk.pid}/status").read_text()
            assert f"Uid:\t{user.uid}\t{user.uid}" in status
            log = installation.run / "asterisk" / "log" / "messages.log"
            assert log.stat().st_uid == user.uid
            assert run_as(users["daemon"], "cat", str(log)).returncode == 0
        finally:
            asterisk.kill()
            with suppress(subprocess.TimeoutExpired):
                print((asterisk.communicate(timeout=5)[0] or b"").decode()[-2000:])


def pbx_for_everybody(pbx: Pbx, folder: Path) -> Pbx:
    """The same Asterisk where every user can come to: below a home folder of root's nobody else can."""
    if pbx.folder is None:
        return pbx
    copied = folder / "pbx"
    subprocess.run(["cp", "-al", str(pbx.folder), str(copied)], check=True)

    def moved(text: str) -> str:
        return text.replace(str(pbx.folder), str(copied))

    argv = [moved(word) for word in pbx.asterisk]
    return Pbx(pbx.version, pbx.origin, argv, Path(moved(str(pbx.moddir))), Path(moved(str(pbx.datadir))), copied)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("asterisk=nobody-of-this-name stories=1:1", "there is no user nobody-of-this-name"),
        ("asterisk=1:1", "not both"),
        ("asterisk=1:1 stories=2:2 daemon=3:3", "other processes"),
        ("asterisk= stories=2:2", "not both"),
        ("asterisk=1:1 stories=1:1", "must be three"),
        ("asterisk=1:1 stories=2:1", "groups of their own"),
        (f"asterisk={os.getuid()}:5 stories=2:2", "must be three"),
        ("everybody", "not both"),
    ],
)
def test_users_that_can_t_be_are_refused_with_the_reason(text: str, why: str):
    with pytest.raises(NotUsers) as refused:
        process_users(text)
    assert why in str(refused.value) and "docs/systemd.md" in str(refused.value)


def test_without_users_nothing_is_shared(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    share(installation, process_users(""), installation.recordings)
    assert stat.S_IMODE(installation.state.stat().st_mode) == 0o700


@needs_root
def test_a_folder_that_one_of_the_users_can_not_pass_is_named(folder: Path):
    """As the cache under a umask of 077: Asterisk and Python lie in it."""
    cache = folder / "cache"
    program = cache / "pbx" / "asterisk"
    program.parent.mkdir(parents=True)
    users = process_users(USERS_TEXT)
    everywhere: dict[Part, list[Path]] = {
        "asterisk": [program, Path("/usr/bin:/a list/of folders")],
        "stories": [program],
    }
    check_reach(users, everywhere)
    for mode, group, part in ((0o700, os.getgid(), "asterisk"), (0o710, 61012, "stories"), (0o701, 61013, "asterisk")):
        if os.geteuid() == 0:
            os.chown(cache, -1, group)
        elif group != os.getgid():
            continue
        cache.chmod(mode)
        with pytest.raises(NotReachable, match=f"{part}'s user can't come to .*chmod -R go\\+rX {cache}"):
            check_reach(users, everywhere)
    cache.chmod(0o755)
    check_reach(users, everywhere)


def test_who_is_not_in_their_group_is_told_what_to_type(folder: Path):
    installation = everything(folder)
    os.setegid(DAEMON.gid)
    os.seteuid(DAEMON.uid)
    try:
        with pytest.raises(NotInTheirGroup, match="usermod -aG 61012"):
            share(installation, process_users("asterisk=61002:61012 stories=61003:61013"), installation.recordings)
    finally:
        os.seteuid(0)
        os.setegid(0)
