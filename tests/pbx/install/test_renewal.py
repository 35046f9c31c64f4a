"""A fetched Asterisk is renewed beside the one that runs, and the former one goes only when nothing runs from it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from acd.pbx.install import fetch, runtime
from acd.progress import Silent

pytestmark = pytest.mark.slow

APT_GET = """#!/usr/bin/env python3
# The part of apt-get that is used: the list of packages, what would be installed, and the download.
import json, os, pathlib, re, shutil, sys
mirror = json.loads(pathlib.Path(os.environ["MIRROR_OF_THE_TEST"]).read_text())
conf = pathlib.Path(sys.argv[sys.argv.index("-c") + 1]).read_text()
if "update" in sys.argv:
    lists = pathlib.Path(re.search(r'Dir::State "(.+?)"', conf)[1]) / "lists"
    (lists / "mirror_Packages").touch()
elif "--simulate" in sys.argv:
    if mirror.get("fails"):
        sys.exit("E: Unable to locate package asterisk")
    for name, version in mirror["packages"].items():
        print(f"Inst {name} ({version} Debian:testing [amd64])")
else:
    if mirror.get("breaks"):
        sys.exit("E: Failed to fetch")
    archives = pathlib.Path(re.search(r'Dir::Cache "(.+?)"', conf)[1]) / "archives"
    for name, version in mirror["packages"].items():
        shutil.copy(mirror["deb"], archives / f"{name}_{version.replace(':', '%3a')}_amd64.deb")
"""


@pytest.fixture
def wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> fetch.Packages:
    """A set of packages in a cache of its own, on a mirror that the test changes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache" / "sanxiang").mkdir(parents=True)
    content = tmp_path / "content"
    (content / "DEBIAN").mkdir(parents=True)
    (content / "DEBIAN/control").write_text(
        "Package: asterisk\nVersion: 1\nArchitecture: amd64\nMaintainer: nobody <n@example.com>\nDescription: a test\n"
    )
    (content / "usr").mkdir()
    (content / "usr/file").write_text("content")
    subprocess.run(["dpkg-deb", "-b", str(content), str(tmp_path / "a.deb")], check=True, capture_output=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "apt-get").write_text(APT_GET)
    (programs / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("MIRROR_OF_THE_TEST", str(tmp_path / "mirror.json"))
    return fetch.Packages("pbx", "forky", ("asterisk",), size_mb=1)


MIRROR = fetch.Mirror("http://mirror.invalid/", Path("/usr/share/keyrings/debian-archive-keyring.gpg"), "bookworm")
FIRST = {"asterisk": "1:22.10.1-1", "libssl3": "3.5.0-1"}
NEWER = {"asterisk": "1:22.10.2-1", "libssl3": "3.5.0-1", "libnew1": "1.0"}


def offers(tmp_path: Path, packages: dict[str, str], **trouble: bool) -> None:
    """From now on the mirror has these."""
    said = {"packages": packages, "deb": str(tmp_path / "a.deb"), **trouble}
    (tmp_path / "mirror.json").write_text(json.dumps(said))


def renewed(wanted: fetch.Packages, *, only_look: bool = False) -> fetch.Renewal:
    return fetch.renew(wanted, MIRROR, "Asterisk 22", Silent(), only_look=only_look)


@pytest.fixture
def fetched(wanted: fetch.Packages, tmp_path: Path) -> Path:
    offers(tmp_path, FIRST)
    return fetch.ensure(wanted, MIRROR, "Asterisk 22", Silent())


def test_nothing_is_fetched_where_nothing_is_newer(wanted: fetch.Packages, fetched: Path):
    renewal = renewed(wanted)
    assert (renewal.folder, renewal.changed) == (fetched, {})
    assert wanted.folders == [fetched]


def test_a_look_fetches_nothing_and_tells_each_package(wanted: fetch.Packages, fetched: Path, tmp_path: Path):
    offers(tmp_path, NEWER)
    renewal = renewed(wanted, only_look=True)
    assert renewal.changed == {"asterisk": ("1:22.10.1-1", "1:22.10.2-1"), "libnew1": ("", "1.0")}
    assert wanted.folders == [fetched]
    assert not list(fetched.parent.glob("*.apt")), "nothing of the look is left"


def test_a_library_alone_is_reason_enough(wanted: fetch.Packages, fetched: Path, tmp_path: Path):
    offers(tmp_path, {**FIRST, "libssl3": "3.5.0-2"})
    assert renewed(wanted).changed == {"libssl3": ("3.5.0-1", "3.5.0-2")}


def test_each_renewal_stands_beside_those_before_it_and_the_newest_is_used(
    wanted: fetch.Packages, fetched: Path, tmp_path: Path
):
    made = [fetched]
    for number in (2, 3):
        offers(tmp_path, {"asterisk": f"1:22.10.{number}-1"})
        made.append(renewed(wanted).folder)
        assert wanted.folder == made[-1]
        assert fetch.versions(wanted.folder) == {"asterisk": f"1:22.10.{number}-1"}
    assert wanted.folders == made
    assert all((folder / "usr/file").read_text() == "content" for folder in made)
    assert fetch.ensure(wanted, MIRROR, "Asterisk 22", Silent()) == made[-1]


def test_the_tenth_stands_behind_the_ninth(wanted: fetch.Packages):
    folders = [wanted.first_folder, *(Path(f"{wanted.first_folder}-{number}") for number in range(2, 12))]
    for folder in folders:
        folder.mkdir()
        (folder / fetch.READY).write_text("{}")
    assert wanted.folders == folders


@pytest.mark.parametrize("trouble", ["fails", "breaks"])
def test_a_mirror_that_fails_leaves_the_former_one_in_use(
    wanted: fetch.Packages, fetched: Path, tmp_path: Path, trouble: str
):
    offers(tmp_path, NEWER, **{trouble: True})
    with pytest.raises(fetch.FetchFailed, match="goes on where it stopped"):
        renewed(wanted)
    assert wanted.folder == fetched
    offers(tmp_path, NEWER)
    assert renewed(wanted).folder != fetched


def test_a_former_one_goes_when_nothing_runs_from_it(wanted: fetch.Packages, fetched: Path, tmp_path: Path):
    offers(tmp_path, NEWER)
    newest = renewed(wanted).folder
    program = ["sh", "-c", "echo begun; read line", f"{fetched}/usr/lib64/ld-linux.so"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as runs:
        assert runs.stdout
        runs.stdout.readline()  # the kernel shows the command line some microseconds after Popen is back
        assert fetch.remove_former(wanted) == []
        assert fetched.is_dir()
        assert runs.stdin
        runs.stdin.close()
    assert fetch.remove_former(wanted) == [fetched]
    assert not fetched.exists()
    assert wanted.folders == [newest]


def test_an_interrupted_one_is_not_taken(wanted: fetch.Packages, fetched: Path):
    (fetched.parent / f"{fetched.name}-2").mkdir()
    (fetched.parent / f"{fetched.name}-notes").mkdir()
    assert wanted.folder == fetched


def of_version(version: str) -> runtime.Pbx:
    return runtime.Pbx(version, "fetched", ["asterisk"], Path("/m"), Path("/d"))


@pytest.mark.parametrize(
    ("version", "below"),
    [("22.10.0", True), ("22.9.5", True), ("20.99.1", True), ("22.10.1", False), ("23.0.0", False)],
)
def test_the_floor(version: str, below: bool):
    assert runtime.below_floor(version) is below


def test_below_the_floor_it_is_renewed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime, "renew", lambda progress: fetch.Renewal(Path("/new"), {"asterisk": ("1", "2")}))
    monkeypatch.setattr(runtime, "_from_folder", lambda folder: of_version("22.10.2"))
    assert runtime._renewed(of_version("22.9.0"), Silent()).version == "22.10.2"


def test_below_the_floor_and_without_a_mirror_it_is_used_and_said_loudly(monkeypatch: pytest.MonkeyPatch):
    def no_mirror(progress: object) -> fetch.Renewal:
        raise fetch.NoMirror(found="it has no sources at all", wanted="a newer Asterisk", instead="")

    monkeypatch.setattr(runtime, "renew", no_mirror)
    with pytest.warns(runtime.AsteriskTooOld, match=r"is 22\.9\.0.*no sources.*sanxiang asterisk renew"):
        assert runtime._renewed(of_version("22.9.0"), Silent()).version == "22.9.0"


def test_below_the_floor_and_no_newer_one_there_is_said_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runtime, "renew", lambda progress: fetch.Renewal(Path("/same"), {}))
    with pytest.warns(runtime.AsteriskTooOld, match="the mirror has no newer one"):
        runtime._renewed(of_version("22.9.0"), Silent())
