"""Fetches Debian packages into a private folder of the user's cache, without root and without changing the system.

apt follows the dependencies, downloads and **checks the signatures**. It gets a state of its own with an empty status file
("nothing is installed"), so it fetches everything that a program needs, down to the C library. dpkg-deb then unpacks each package
into one folder. No script of a package is run. The programs are started through the folder's own loader (see `runtime`).

The mirror and the keyring are those of this machine's own apt, so the code contains no address.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from acd.cache import cache_folder
from acd.errors import SanxiangError
from acd.progress import Progress

MIRROR_VARIABLE = "SANXIANG_DEBIAN_MIRROR"
READY = ".ready"
"""Written last into a fetched folder: JSON, package to version. A folder without it was interrupted."""


class NoApt(SanxiangError):
    """This machine has no apt, so {wanted} cannot be fetched here. {instead}"""


class NoMirror(SanxiangError):
    """This machine's apt names no Debian mirror ({found}), so {wanted} cannot be fetched. {instead} Or put the address of a
    Debian mirror into the environment variable SANXIANG_DEBIAN_MIRROR and start again."""


class NoKeyring(SanxiangError):
    """Debian's signing keys are not on this machine, so what a mirror sends cannot be checked and nothing was fetched.
    Type: sudo apt-get install debian-archive-keyring"""


class FetchFailed(SanxiangError):
    """{wanted} could not be fetched from Debian {release} at {mirror}: {why} What was fetched is kept; the same command
    goes on where it stopped. The whole output of apt is in {log}"""


class NoSpace(SanxiangError):
    """There is too little room in {folder}: {free_mb} MB free, {needed_mb} MB needed. Free some, or set XDG_CACHE_HOME to
    a folder on another disk."""


@dataclass(frozen=True)
class Mirror:
    """The Debian mirror of this machine's own apt."""

    url: str
    keyring: Path
    release: str
    """Codename of this machine's own release when it is a Debian, else empty."""


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Holds the cache's lock of that name; a second process waits until the first has released it."""
    with (cache_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def own_release() -> str:
    """Codename of this machine's Debian (`bookworm`); "" on another system."""
    values: dict[str, str] = {}
    for file in ("/etc/os-release", "/usr/lib/os-release"):
        if Path(file).is_file():
            for line in Path(file).read_text().splitlines():
                key, _, value = line.partition("=")
                values.setdefault(key, value.strip("\"'"))
    return values.get("VERSION_CODENAME", "") if values.get("ID") == "debian" else ""


def find_mirror(wanted: str, instead: str) -> Mirror:
    """The Debian mirror and keyring of this machine's apt, or the mirror of SANXIANG_DEBIAN_MIRROR.

    `wanted` and `instead` go into the message: what is to be fetched, and what the user may do instead. Raises NoApt, NoMirror,
    NoKeyring.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb") or not shutil.which("tar"):
        raise NoApt(wanted=wanted, instead=instead)
    targets = _index_targets()
    ours = [target for target in targets if _is_debian(target)]
    url = os.environ.get(MIRROR_VARIABLE, "").strip()
    if not url and not ours:
        others = sorted({target.get("Origin") or "an unknown one" for target in targets})
        found = "its sources are of " + ", ".join(others) if others else "it has no sources at all"
        raise NoMirror(wanted=wanted, found=found, instead=instead)
    if not url:
        url = ours[0].get("Repo-URI") or ours[0]["Site"]
    return Mirror(url.rstrip("/") + "/", _keyring(ours), own_release())


def _index_targets() -> list[dict[str, str]]:
    """What this machine's apt would download: one dictionary for each list of packages."""
    run = subprocess.run(
        ["apt-get", "indextargets", "Created-By: Packages"],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    blocks = run.stdout.strip().split("\n\n")
    return [dict(line.split(": ", 1) for line in block.splitlines() if ": " in line) for block in blocks if block]


def _is_debian(target: dict[str, str]) -> bool:
    # Before the first `apt-get update` nobody has told apt the origin yet. The main archive is then the one whose
    # suite is this machine's own release; the security archive is called `<release>-security` and holds no forky.
    if target.get("Component") != "main" or "security" in target.get("Release", ""):
        return False
    if target.get("Origin"):
        return target["Origin"] == "Debian" and "ecurity" not in target.get("Label", "")
    return bool(own_release()) and target.get("Release") in (
        own_release(),
        "stable",
        "testing",
        "unstable",
        "oldstable",
    )


def _keyring(targets: Sequence[dict[str, str]]) -> Path:
    named = [Path(target["Signed-By"]) for target in targets if target.get("Signed-By", "").startswith("/")]
    usual = [Path("/usr/share/keyrings/debian-archive-keyring" + ending) for ending in (".pgp", ".gpg")]
    for candidate in [*usual, *named]:
        if candidate.is_file():
            return candidate
    raise NoKeyring


@dataclass(frozen=True)
class Packages:
    """A set of Debian packages that is unpacked into one folder."""

    name: str
    release: str
    packages: tuple[str, ...]
    size_mb: int
    """Megabytes unpacked, roughly; twice that must be free."""
    without: tuple[str, ...] = ()
    """Packages that are not unpacked: the programs are to use this machine's own."""

    @property
    def first_folder(self) -> Path:
        """The folder of this set as it is fetched first; another list of packages has another folder."""
        arch = os.uname().machine
        key = hashlib.sha256("\n".join((*self.packages, *self.without)).encode()).hexdigest()[:8]
        return cache_folder() / f"{self.name}-{self.release}-{arch}-{key}"

    @property
    def folders(self) -> list[Path]:
        """The folders in which this set was fetched as a whole, the oldest first: each renewal has one of its own beside those before
        it (`…-2`), because programs of the former may run."""
        first = self.first_folder
        numbered = {1: first}
        for folder in first.parent.glob(f"{first.name}-*"):
            if (number := folder.name.removeprefix(f"{first.name}-")).isdecimal():
                numbered[int(number)] = folder
        return [numbered[number] for number in sorted(numbered) if (numbered[number] / READY).is_file()]

    @property
    def folder(self) -> Path:
        """The newest folder of this set; where there is none yet, the one into which it is fetched first."""
        return next(reversed(self.folders), self.first_folder)

    @property
    def ready(self) -> bool:
        """Whether the set was fetched as a whole."""
        return (self.folder / READY).is_file()


def versions(folder: Path) -> dict[str, str]:
    """Package to version, of a fetched folder. Raises OSError where there is none."""
    found: dict[str, str] = json.loads((folder / READY).read_text())
    return found


def ensure(
    wanted: Packages,
    mirror: Mirror,
    what: str,
    progress: Progress,
    finish: Callable[[Path], None] = lambda folder: None,
) -> Path:
    """The folder with the set unpacked; fetched now when it is not there yet.

    `finish` does what a package's install script would have done, before the folder counts as complete. Safe to call from
    several processes at once, and after a kill in the middle. Raises NoSpace, FetchFailed.
    """
    with locked(wanted.first_folder.name):
        if not wanted.ready:
            _fetch(wanted, wanted.first_folder, mirror, what, progress, finish)
    return wanted.folder


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a look at the mirror has found for a set that was fetched before."""

    folder: Path
    """The newest folder; the new one when something was fetched."""
    changed: dict[str, tuple[str, str]]
    """Package to its version in the former folder and on the mirror, "" for none; only those that differ."""


def renew(
    wanted: Packages,
    mirror: Mirror,
    what: str,
    progress: Progress,
    finish: Callable[[Path], None] = lambda folder: None,
    *,
    only_look: bool = False,
) -> Renewal:
    """Fetches the set again, into a folder of its own beside the former one, where the mirror has another version of any of its
    packages. Programs that run from the former folder are not touched. `only_look`: nothing is fetched.

    Raises NoSpace, FetchFailed; then the former folder is still the newest.
    """
    with locked(wanted.first_folder.name):
        former = wanted.folder
        number = former.name.removeprefix(wanted.first_folder.name).removeprefix("-") or "1"
        final = former.with_name(f"{wanted.first_folder.name}-{int(number) + 1}")
        # With the folder of the fetch that may follow: its list of packages serves for both.
        apt = _Apt(_apt_folder(final), wanted, mirror, what)
        progress("asking for the list of packages")
        apt.run("update", progress=None)
        had, there = versions(former), apt.candidates(wanted.packages)
        names = sorted({*had, *there})
        changed = {name: (had.get(name, ""), there.get(name, "")) for name in names if had.get(name) != there.get(name)}
        if not changed or only_look:
            shutil.rmtree(apt.folder, ignore_errors=True)
            apt.log.unlink(missing_ok=True)
            return Renewal(former, changed)
        _fetch(wanted, final, mirror, what, progress, finish)
        return Renewal(final, changed)


def remove_former(wanted: Packages) -> list[Path]:
    """Removes the folders that a renewal has replaced and from which no program runs; those that it has removed come out."""
    removed = []
    for folder in wanted.folders[:-1]:
        if not _runs_from(folder):
            # First what makes it count as whole: half removed it would be taken for a good one.
            (folder / READY).unlink()
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _runs_from(folder: Path) -> bool:
    """Whether a process of this machine was started from this folder: its loader and its libraries stand in the command line."""
    wanted = f"{folder}/".encode()
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if wanted in file.read_bytes():
                return True
    return False


def _apt_folder(final: Path) -> Path:
    return final.with_name(final.name + ".apt")


def _fetch(
    wanted: Packages, final: Path, mirror: Mirror, what: str, progress: Progress, finish: Callable[[Path], None]
) -> None:
    part = final.with_name(final.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    # A folder without READY was interrupted: it is neither used nor completed.
    shutil.rmtree(final, ignore_errors=True)
    free_mb = shutil.disk_usage(final.parent).free // 1_000_000
    if free_mb < 2 * wanted.size_mb:
        raise NoSpace(folder=final.parent, free_mb=free_mb, needed_mb=2 * wanted.size_mb)
    # apt's own folder stays until the end: an interrupted download goes on where it stopped.
    apt = _Apt(_apt_folder(final), wanted, mirror, what)
    began = time.monotonic()
    progress("asking for the list of packages")
    apt.run("update", progress=None)
    apt.run("install", *wanted.packages, progress=progress)
    progress.downloaded(time.monotonic() - began)
    debs = sorted((apt.folder / "cache/archives").glob("*.deb"))
    skipped = tuple(f"{name}_" for name in wanted.without)
    part.mkdir()
    done = 0
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda deb: unpack(deb, part), [deb for deb in debs if not deb.name.startswith(skipped)]):
            done += 1
            progress(f"unpacking {len(debs)} packages", done, len(debs))
    finish(part)
    table = dict(deb.name.removesuffix(".deb").split("_")[:2] for deb in debs)
    (part / READY).write_text(json.dumps({name: ver.replace("%3a", ":") for name, ver in table.items()}, indent=1))
    part.rename(final)
    shutil.rmtree(apt.folder, ignore_errors=True)
    apt.log.unlink(missing_ok=True)


def unpack(deb: Path, folder: Path) -> None:
    """Unpacks one package into the folder, for everybody to read and without set-user and set-group bits: under systemd nobody may set
    them (RestrictSUIDSGID), and nothing here needs them. Raises CalledProcessError."""
    contents = ["dpkg-deb", "--fsys-tarfile", str(deb)]
    tar = ["tar", "-x", "--no-same-permissions", "--no-same-owner", "--warning=no-timestamp", "-C", str(folder)]
    with subprocess.Popen(contents, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as package:
        subprocess.run(tar, stdin=package.stdout, check=True, capture_output=True, umask=0o022)
        if package.wait():
            raise subprocess.CalledProcessError(package.returncode, contents)


class _Apt:
    """apt with a state of its own: it believes that nothing is installed and knows one mirror and one release."""

    def __init__(self, folder: Path, wanted: Packages, mirror: Mirror, what: str) -> None:
        self.folder = folder
        self.log = folder.with_name(folder.name + ".log")
        self._wanted, self._mirror, self._what = wanted, mirror, what
        for sub in ("state/lists/partial", "cache/archives/partial", "sources.list.d", "none"):
            (folder / sub).mkdir(parents=True, exist_ok=True)
        (folder / "status").write_text("")
        (folder / "sources.list.d/debian.sources").write_text(
            f"Types: deb\nURIs: {mirror.url}\nSuites: {wanted.release}\nComponents: main\nSigned-By: {mirror.keyring}\n"
        )
        self._config = folder / "apt.conf"
        self._config.write_text(
            # Read after the machine's own configuration, whose proxies stay and whose hooks, pins and leniencies go.
            "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
            "#clear DPkg::Pre-Install-Pkgs;\n#clear DPkg::Pre-Invoke;\n#clear DPkg::Post-Invoke;\n"
            "#clear Acquire::IndexTargets::deb::DEP-11;\n#clear Acquire::IndexTargets::deb::CNF;\n"
            f'Dir::State "{folder}/state";\nDir::State::status "{folder}/status";\nDir::Cache "{folder}/cache";\n'
            f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{folder}/sources.list.d";\n'
            f'Dir::Etc::preferences "/dev/null";\nDir::Etc::preferencesparts "{folder}/none";\n'
            'APT::Default-Release "";\nAPT::Install-Recommends "false";\nAPT::Get::AllowUnauthenticated "false";\n'
            'Acquire::AllowInsecureRepositories "false";\nAcquire::Languages "none";\nAcquire::Retries "3";\n'
            # A mirror that stands still on purpose (a snapshot) serves an older, still signed, list.
            'Acquire::Check-Valid-Until "false";\n'
            # Only root may become apt's sandbox user, and that user could not write into our folder.
            'APT::Sandbox::User "";\n'
        )

    def run(self, verb: str, *names: str, progress: Progress | None) -> None:
        """Runs `apt-get update`, or downloads what `install` would; raises FetchFailed with apt's own reason."""
        arguments = ["apt-get", "-c", str(self._config), "-y", "-q", verb]
        if verb == "install":
            arguments += ["--download-only", "--no-remove", *names]
        read_end, write_end = os.pipe()
        try:
            with self.log.open("a+b") as log:
                process = subprocess.Popen(
                    [*arguments, "-o", f"APT::Status-Fd={write_end}"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(write_end,),
                    env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
                )
                os.close(write_end)
                write_end = -1
                try:
                    self._follow(read_end, progress)
                finally:
                    status = self._end(process)
        finally:
            os.close(read_end)
            if write_end >= 0:
                os.close(write_end)
        if status != 0 or (verb == "update" and not self._lists()):
            self._fail()

    def candidates(self, names: Sequence[str]) -> dict[str, str]:
        """Package to version of all that `install` would fetch, after `update`. Raises FetchFailed."""
        run = subprocess.run(
            ["apt-get", "-c", str(self._config), "-y", "-q", "--simulate", "install", *names],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
        # Inst asterisk (1:22.10.1~dfsg+~cs6-1 Debian:testing [amd64]) []
        found = dict(re.findall(r"^Inst (\S+) \((\S+) ", run.stdout, re.MULTILINE))
        if run.returncode != 0 or not found:
            self.log.write_text(run.stdout + run.stderr)
            self._fail()
        return {name.partition(":")[0]: version for name, version in found.items()}

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> int:
        """The exit status of apt; an apt that we leave behind (Ctrl-C) is ended first."""
        try:
            return process.wait(timeout=30)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.terminate()
            return process.wait()

    def _follow(self, read_end: int, progress: Progress | None) -> None:
        with os.fdopen(os.dup(read_end), "r", errors="replace") as lines:
            for line in lines:
                # dlstatus:12:43.5:Retrieving file 90 of 205 (7s remaining)
                if progress and (match := re.match(r"dlstatus:\d+:([\d.]+):(?:.*file (\d+) of (\d+))?", line)):
                    files = f"{match[3]} packages" if match[3] else "packages"
                    progress(f"fetching {files}", float(match[1]), 100)

    def _lists(self) -> bool:
        # `apt-get update` ends with 0 even when every source failed.
        return any((self.folder / "state/lists").glob("*Packages*"))

    def _fail(self) -> None:
        text = self.log.read_text(errors="replace")
        errors = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("E:")]
        warnings = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(("W:", "Err:"))]
        why = (errors or warnings or ["apt said nothing."])[-1] if errors else (warnings or ["apt said nothing."])[0]
        raise FetchFailed(
            wanted=self._what,
            release=self._wanted.release,
            mirror=self._mirror.url,
            why=why.rstrip(".") + ".",
            log=self.log,
        )
