"""A fetched package is unpacked for every user of the hotline to run, whatever this process's umask, and with no bit that systemd refuses."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from acd.pbx.install.fetch import unpack


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    """A package with a set-user program, a set-group one, a file, a folder and a link."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("no dpkg-deb")
    tree = tmp_path / "tree"
    for folder in ("DEBIAN", "usr/bin", "usr/lib/shared"):
        (tree / folder).mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: tried\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: for a test\n"
    )
    for name, mode in (("usr/bin/becomes-root", 0o4755), ("usr/bin/reads-shadow", 0o2755), ("usr/lib/library", 0o644)):
        (tree / name).write_text(name)
        (tree / name).chmod(mode)
    (tree / "usr" / "lib" / "shared").chmod(0o2775)
    (tree / "usr" / "lib" / "link").symlink_to("library")
    made = tmp_path / "tried.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(tree), str(made)], check=True, capture_output=True)
    return made


def test_programs_can_be_run_by_all_and_become_nobody(deb: Path, tmp_path: Path):
    folder, former = tmp_path / "unpacked", os.umask(0o077)
    folder.mkdir()
    try:
        unpack(deb, folder)
    finally:
        os.umask(former)
    found = {
        path.relative_to(folder).as_posix(): path.stat().st_mode & 0o7777
        for path in folder.rglob("*")
        if not path.is_symlink()
    }
    assert found == {
        **dict.fromkeys(("usr", "usr/bin", "usr/lib", "usr/lib/shared"), 0o755),
        **dict.fromkeys(("usr/bin/becomes-root", "usr/bin/reads-shadow"), 0o755),
        "usr/lib/library": 0o644,
    }
    assert (folder / "usr" / "lib" / "link").read_text() == "usr/lib/library"


@pytest.mark.parametrize("left", [0, 100, 400])
def test_a_package_that_was_cut_short_is_an_error(deb: Path, tmp_path: Path, left: int):
    deb.write_bytes(deb.read_bytes()[:left])
    (tmp_path / "unpacked").mkdir()
    with pytest.raises(subprocess.CalledProcessError):
        unpack(deb, tmp_path / "unpacked")
