"""Private files: written whole or not at all, 0600, on the disk before the caller goes on."""

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from acd.files import BadSecret, made_secret, sync_folder, write_private

LONG = "一二三\n" * 200_000


def rights(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.fixture
def wide_umask() -> Iterator[None]:
    former = os.umask(0)
    yield
    os.umask(former)


class Disk:
    """Notes what is asked of the disk, in order; fails at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.fails = ""
        self.why = errno.ENOSPC
        self._real = {name: getattr(os, name) for name in ("write", "fsync", "replace", "link", "close")}
        for name in self._real:
            monkeypatch.setattr(os, name, self._noted(name))

    def _noted(self, name: str):
        def call(*args, **named):
            kind = name
            if name in ("fsync", "close"):
                kind = f"{name} {'folder' if stat.S_ISDIR(os.fstat(args[0]).st_mode) else 'file'}"
            self.asked.append(kind)
            if kind == self.fails:
                raise OSError(self.why, os.strerror(self.why))
            if name == "write":
                return self._real["write"](args[0], args[1][:4096])  # a disk takes what it likes
            return self._real[name](*args, **named)

        return call


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.mark.usefixtures("wide_umask")
@pytest.mark.parametrize("former", [None, "before"])
@pytest.mark.parametrize("text", ["", "x", "密码\r\n", LONG])
def test_a_file_is_written_and_only_its_owner_reads_it(tmp_path: Path, former: str | None, text: str):
    file = tmp_path / "secrets.json"
    if former is not None:
        file.write_text(former)
        file.chmod(0o644)
    write_private(file, text)
    assert (file.read_bytes(), rights(file)) == (text.encode(), 0o600)
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.usefixtures("wide_umask")
def test_nobody_else_may_read_it_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []
    real = os.write

    def write(file: int, data: bytes) -> int:
        seen.append(stat.S_IMODE(os.fstat(file).st_mode))
        return real(file, data)

    monkeypatch.setattr(os, "write", write)
    write_private(tmp_path / "file", "secret")
    assert seen == [0o600]


def test_it_is_on_the_disk_and_so_is_its_name(tmp_path: Path, disk: Disk):
    write_private(tmp_path / "file", "x")
    assert disk.asked == ["write", "fsync file", "close file", "replace", "fsync folder", "close folder"]


def test_what_need_not_outlive_a_crash_is_not_waited_for(tmp_path: Path, disk: Disk):
    write_private(tmp_path / "file", "x", durable=False)
    assert not [each for each in disk.asked if each.startswith("fsync")]
    assert (tmp_path / "file").read_text() == "x"


def test_a_long_text_is_written_to_its_end(tmp_path: Path, disk: Disk):
    write_private(tmp_path / "file", LONG)
    assert (tmp_path / "file").read_text() == LONG
    assert disk.asked.count("write") > 100


@pytest.mark.parametrize("fails", ["write", "fsync file", "replace"])
@pytest.mark.parametrize("why", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_disk_that_fails_leaves_the_former_text_and_nothing_else(tmp_path: Path, disk: Disk, fails: str, why: int):
    file = tmp_path / "file"
    file.write_text("before")
    disk.fails, disk.why = fails, why
    with pytest.raises(OSError, match=os.strerror(why)) as caught:
        write_private(file, "after")
    assert caught.value.errno == why
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_a_text_that_is_no_utf_8_leaves_the_former_text(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_private(file, "after \ud800")
    assert (file.read_text(), list(tmp_path.iterdir())) == ("before", [file])


@pytest.mark.parametrize("folder", ["missing", "file/beside"])
def test_a_folder_that_is_none_is_said(tmp_path: Path, folder: str):
    (tmp_path / "file").write_text("x")
    with pytest.raises((FileNotFoundError, NotADirectoryError)):
        write_private(tmp_path / folder / "name", "x")


def test_readers_find_one_text_or_the_other_and_never_a_part(tmp_path: Path):
    file = tmp_path / "file"
    texts = ("a" * 100_000, "b" * 200_000)
    write_private(file, texts[0])
    done = threading.Event()
    found: set[str] = set()

    def read() -> None:
        while not done.is_set():
            found.add(file.read_text())

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(60):
            write_private(file, texts[number % 2], durable=False)
        done.set()
        for reader in readers:
            reader.result()
    assert found <= set(texts)


def test_a_process_that_is_killed_while_it_writes_leaves_the_former_text(tmp_path: Path):
    file = tmp_path / "file"
    file.write_text("before")
    program = """
import os, signal, sys
from pathlib import Path
from acd.files import write_private
real = os.write
def write(file, data):
    real(file, data[:3])
    os.kill(os.getpid(), signal.SIGKILL)
os.write = write
write_private(Path(sys.argv[1]), "after")
"""
    ended = subprocess.run([sys.executable, "-c", program, str(file)], cwd=Path(__file__).parents[1], check=False)
    assert (ended.returncode, file.read_text()) == (-9, "before")


def test_a_folder_that_can_not_be_synced_is_said(tmp_path: Path, disk: Disk):
    disk.fails, disk.why = "fsync folder", errno.EIO
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sync_folder(tmp_path)
    assert disk.asked[-1] == "close folder"


def test_a_file_system_that_needs_no_sync_of_folders_will_do(tmp_path: Path, disk: Disk):
    disk.fails, disk.why = "fsync folder", errno.EINVAL
    write_private(tmp_path / "file", "x")
    assert (tmp_path / "file").read_text() == "x"
    assert disk.asked[-1] == "close folder"


@pytest.mark.parametrize("missing", ["folder", "file", "text"])
def test_a_secret_is_made_once(tmp_path: Path, missing: str):
    file = tmp_path / "state" / "operator.token"
    if missing != "folder":
        file.parent.mkdir()
    if missing == "text":
        file.write_text(" \n")
    secret = made_secret(file)
    assert len(secret) == 43
    assert (made_secret(file), file.read_text(), rights(file)) == (secret, secret + "\n", 0o600)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("why", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_secret_is_made_where_there_are_no_hard_links(tmp_path: Path, disk: Disk, why: int):
    disk.fails, disk.why = "link", why
    file = tmp_path / "token"
    assert made_secret(file) == made_secret(file) == file.read_text().strip()
    assert list(tmp_path.iterdir()) == [file]


def test_a_secret_of_the_operators_own_is_kept(tmp_path: Path):
    file = tmp_path / "operator.token"
    file.write_text("  of-my-own\r\n")
    assert (made_secret(file), file.read_text()) == ("of-my-own", "  of-my-own\n")


@pytest.mark.parametrize("text", ["密码", "two words", "two\nlines", "a\x00b", "a\tb", "\ufeffabc"])
def test_a_file_that_is_no_secret_is_said_and_left_alone(tmp_path: Path, text: str):
    file = tmp_path / "operator.token"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadSecret, match=r"operator\.token does not hold a secret"):
        made_secret(file)
    assert file.read_text(encoding="utf-8") == text


def test_all_who_make_a_secret_at_once_get_the_same(tmp_path: Path):
    for number in range(20):
        file = tmp_path / str(number) / "token"
        ready = threading.Barrier(4)

        def make(file: Path = file, ready: threading.Barrier = ready) -> str:
            ready.wait()
            return made_secret(file)

        with ThreadPoolExecutor(4) as pool:
            made = {each.result() for each in [pool.submit(make) for _ in range(4)]}
        assert made == {file.read_text().strip()}
        assert list(file.parent.iterdir()) == [file]
