"""Where Asterisk comes from: the operator's own when it is new enough, else Debian's, fetched into the cache folder.

A fetched Asterisk is never installed. It is started through the loader that was fetched with it
(`…/ld-linux-x86-64.so.2 --library-path … asterisk`), so that it uses its own C library and modules and not those of this
machine; it runs without root. The same holds for the tools of demo and tests: SIPp (callers), baresip (agents' phones),
espeak-ng (the voice of the prompts).

`find_pbx` only looks; `ensure_pbx` fetches what is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from acd.errors import SanxiangError
from acd.pbx.install import fetch
from acd.progress import Progress, Silent

FLOOR = (22, 10, 1)
"""The oldest Asterisk that is taken: 22.10.1 closed 20 security advisories."""

ASTERISK_VARIABLE = "SANXIANG_ASTERISK"
"""The environment variable with the operator's Asterisk binary where it is not in PATH; `none`: do not use it."""

TOOLS = ("sipp", "baresip", "espeak-ng")

NEEDED_MODULES = ("chan_pjsip.so", "app_mixmonitor.so", "res_agi.so", "app_dial.so", "res_musiconhold.so")
"""Some of the modules without which no call can be made; Debian and others put them into separate packages."""

_RELEASE = "forky"
_TOOL_PACKAGES = ("sip-tester", "espeak-ng", "baresip-core")
_PBX_PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav", *_TOOL_PACKAGES)
PBX_SET = fetch.Packages("pbx", _RELEASE, _PBX_PACKAGES, size_mb=420)
TOOL_SET = fetch.Packages("tools", _RELEASE, _TOOL_PACKAGES, size_mb=180)

_INSTEAD = "Install Asterisk 22.10.1 or newer yourself and put it into PATH (or its path into SANXIANG_ASTERISK)."
_INSTEAD_TOOL = "Install {tool} yourself, so that it is in PATH."


class NoPbx(SanxiangError):
    """There is no Asterisk here yet. `./sanxiang demo` or `./sanxiang up` fetches one, or install 22.10.1 or newer."""


class NoTool(SanxiangError):
    """The tool {tool} is not here yet. `./sanxiang demo` fetches it, or install it so that it is in PATH."""


class BrokenPbx(SanxiangError):
    """The Asterisk that was fetched into {folder} does not start: {why} Delete that folder and start again."""


class AsteriskTooOld(UserWarning):
    """Shown loudly, and by `doctor`: an Asterisk below the floor. The operator's own is passed over, and one is fetched; a fetched one
    is renewed, and used as it is where that can't be done now."""


@dataclass(frozen=True)
class Verdict:
    """Whether the operator's own Asterisk is used."""

    binary: str
    version: str
    """As `asterisk -V` prints it."""
    taken: bool
    why: str
    """One sentence for the operator, whether it is used or not."""
    moddir: Path = Path()
    datadir: Path = Path()


@dataclass(frozen=True)
class Pbx:
    """An Asterisk that can be started, and the tools beside it."""

    version: str
    """`22.10.1`"""
    origin: Literal["operator", "fetched"]
    asterisk: list[str]
    """The beginning of its command line; the arguments (`-C … -f`) follow it."""
    moddir: Path
    datadir: Path
    folder: Path | None = None
    """The folder of a fetched one."""
    tools: dict[str, list[str]] = field(default_factory=dict)
    """Tool to the beginning of its command line."""
    tool_folder: Path | None = None
    """The folder of packages with the tools, where they were fetched."""

    def tool(self, name: str) -> list[str]:
        """The beginning of the command line of sipp, baresip or espeak-ng. Raises NoTool."""
        if name not in self.tools:
            raise NoTool(tool=name)
        return list(self.tools[name])

    @property
    def baresip_modules(self) -> Path:
        """baresip's `module_path`, which it does not find by itself."""
        return (self.tool_folder or Path("/")) / "usr/lib/baresip/modules"

    @property
    def music(self) -> Path:
        """A folder with music on hold that came with Asterisk; may be missing on an operator's machine."""
        return self.datadir / "moh"


def number_of(text: str) -> tuple[int, int, int] | None:
    """(22, 10, 1) from what `asterisk -V` prints; None where there is no release number in it (a build from git)."""
    match = re.search(r"(\d+)\.(\d+)(?:[.-]cert(?=\d))?(?:[.-](?:cert)?(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def use(asterisk: Path | None) -> None:
    """Takes the Asterisk that the configuration names before the environment's, from now on in this process; None: it names none."""
    if asterisk is not None:
        os.environ[ASTERISK_VARIABLE] = str(asterisk)


def operators_asterisk(named: str = "") -> Verdict | None:
    """Whether this machine's own Asterisk is used, and why; None where there is none. Nothing of it is changed. `named`: the one
    that the configuration names, in place of the environment's."""
    named = named or os.environ.get(ASTERISK_VARIABLE, "")
    if named == "none":
        return None
    binary = shutil.which(named or "asterisk", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin")
    if binary is None:
        return Verdict(named, "", False, f"SANXIANG_ASTERISK={named} is not a program.") if named else None
    try:
        run = subprocess.run([binary, "-V"], capture_output=True, text=True, timeout=20, check=False)
        said = (run.stdout + run.stderr).strip().splitlines()
    except (OSError, subprocess.TimeoutExpired) as error:
        return Verdict(binary, "", False, f"{binary} could not be run: {error}.")
    version = said[0].removeprefix("Asterisk ").strip() if said else ""
    number = number_of(version)
    floor = ".".join(map(str, FLOOR))
    if number is None:
        return Verdict(binary, version, False, f"{binary} calls itself {version!r}, which is not a release number.")
    if number < FLOOR or "cert" in version:
        why = (
            f"{binary} is Asterisk {version}, and Sanxiang needs {floor} or newer: that release closed 20 security "
            f"advisories, and everything here was measured on it. Upgrade it, or let Sanxiang use its own beside it."
        )
        return Verdict(binary, version, False, why)
    moddir, datadir = _folders_of(binary)
    missing = [name for name in NEEDED_MODULES if moddir is None or not (moddir / name).is_file()]
    if moddir is None or missing:
        where = f"in {moddir}" if moddir else "anywhere"
        why = f"{binary} is Asterisk {version}, but its modules {', '.join(missing)} were not found {where}. Install them."
        return Verdict(binary, version, False, why)
    return Verdict(binary, version, True, f"{binary} is Asterisk {version}.", moddir, datadir)


def _folders_of(binary: str) -> tuple[Path | None, Path]:
    """The module and data folders of an installed Asterisk: as its own asterisk.conf says, else where they usually lie."""
    said: dict[str, str] = {}
    prefix = Path(binary).resolve().parent.parent
    for conf in (Path("/etc/asterisk/asterisk.conf"), prefix / "etc/asterisk/asterisk.conf"):
        try:
            text = conf.read_text(errors="replace")
        except OSError:
            continue  # Missing, or readable only for the operator's asterisk user: look in the usual places.
        for line in text.splitlines():
            if match := re.match(r"\s*(astmoddir|astdatadir)\s*=>?\s*([^;]+)", line):
                said.setdefault(match[1], match[2].strip())
    usual = [prefix / "lib/asterisk/modules", prefix / "lib64/asterisk/modules", *prefix.glob("lib/*/asterisk/modules")]
    modules = [Path(said["astmoddir"])] if "astmoddir" in said else []
    moddir = next((folder for folder in [*modules, *usual] if folder.is_dir()), None)
    data = [Path(said["astdatadir"])] if "astdatadir" in said else []
    usual_data = [prefix / "share/asterisk", Path("/usr/share/asterisk"), Path("/var/lib/asterisk")]
    datadir = next((folder for folder in [*data, *usual_data] if folder.is_dir()), usual_data[0])
    return moddir, datadir


def find_pbx(tools: Sequence[str] = ()) -> Pbx:
    """The Asterisk that `ensure_pbx` would use, with these tools; nothing is fetched. Raises NoPbx, NoTool, BrokenPbx."""
    pbx = _from_operator() or (_from_folder(PBX_SET.folder) if PBX_SET.ready else None)
    if pbx is None:
        raise NoPbx
    for name in tools:
        pbx.tool(name)
    return pbx


def ensure_pbx(progress: Progress | None = None, tools: Sequence[str] = TOOLS) -> Pbx:
    """An Asterisk that can be started, with these tools; what is missing is fetched.

    Raises BrokenPbx, and what fetch.find_mirror and fetch.ensure raise.
    """
    progress = progress or Silent()
    pbx = _from_operator()
    if pbx is None:
        if not PBX_SET.ready:
            _fetch(PBX_SET, "Asterisk 22", _INSTEAD, progress)
        pbx = _from_folder(PBX_SET.folder)
        if below_floor(pbx.version):
            pbx = _renewed(pbx, progress)
    if missing := [name for name in tools if name not in pbx.tools]:
        _fetch(TOOL_SET, " and ".join(missing), _INSTEAD_TOOL.format(tool=" and ".join(missing)), progress)
        fetched = _tools_of(TOOL_SET.folder)
        more = {name: fetched[name] for name in missing}
        pbx = replace(pbx, tools={**pbx.tools, **more}, tool_folder=TOOL_SET.folder)
    return pbx


def below_floor(version: str) -> bool:
    """Whether this Asterisk ("22.10.1") is older than the oldest that is taken."""
    return (number_of(version) or FLOOR) < FLOOR


def renew(progress: Progress | None = None, *, only_look: bool = False) -> fetch.Renewal:
    """Fetches a newer Asterisk beside the one that was fetched before, where the mirror has another version of it or of one of its
    libraries. It comes into use at the next start; what runs is not touched. `only_look`: nothing is fetched.

    Raises NoPbx where none was fetched, and what fetch.find_mirror and fetch.renew raise; then the former one stays in use.
    """
    if not PBX_SET.ready:
        raise NoPbx
    mirror = fetch.find_mirror("a newer Asterisk", _INSTEAD)
    return fetch.renew(PBX_SET, mirror, "Asterisk 22", progress or Silent(), _link_sounds, only_look=only_look)


def _renewed(pbx: Pbx, progress: Progress) -> Pbx:
    """A fetched Asterisk below the floor, renewed. Where that can't be done, or the mirror has none that is new enough, the hotline starts
    with the old one, and a warning says so: callers come first."""
    floor = ".".join(map(str, FLOOR))
    why = "the mirror has no newer one"
    try:
        if renew(progress).changed:
            pbx = _from_folder(PBX_SET.folder)
    except SanxiangError as error:
        why = str(error)
    if below_floor(pbx.version):
        warnings.warn(
            AsteriskTooOld(
                f"The Asterisk that was fetched is {pbx.version}, and {floor} closed 20 security advisories. It is used all the same, because "
                f"it could not be renewed: {why} Type `sanxiang asterisk renew` when that is mended, then start again."
            ),
            stacklevel=3,
        )
    return pbx


def _fetch(wanted: fetch.Packages, what: str, instead: str, progress: Progress) -> None:
    fetch.ensure(wanted, fetch.find_mirror(what, instead), what, progress, finish=_link_sounds)


def _link_sounds(folder: Path) -> None:
    """Makes the link `sounds/en` that the package's install script would have made."""
    sounds = folder / "usr/share/asterisk/sounds"
    voice = next(sounds.glob("en_*"), None)
    if voice and not (sounds / "en").is_symlink():
        (sounds / "en").symlink_to(voice.name)


def _from_operator() -> Pbx | None:
    verdict = operators_asterisk()
    if verdict is None:
        return None
    if not verdict.taken:
        warnings.warn(AsteriskTooOld(verdict.why), stacklevel=3)
        return None
    tools = {name: [path] for name in TOOLS if (path := shutil.which(name))}
    fetched = TOOL_SET.folder if TOOL_SET.ready else PBX_SET.folder if PBX_SET.ready else None
    if fetched:
        # What is missing in PATH may have been fetched; baresip and its modules stay together.
        tools = {**_tools_of(fetched), **{name: argv for name, argv in tools.items() if name != "baresip"}}
    number = number_of(verdict.version) or FLOOR
    return Pbx(
        version=".".join(map(str, number)),
        origin="operator",
        asterisk=[verdict.binary],
        moddir=verdict.moddir,
        datadir=verdict.datadir,
        tools=tools,
        tool_folder=fetched,
    )


def _from_folder(folder: Path) -> Pbx:
    asterisk = [*loader(folder), str(folder / "usr/sbin/asterisk")]
    return Pbx(
        version=_version(tuple(asterisk), folder),
        origin="fetched",
        asterisk=asterisk,
        moddir=_libraries(folder) / "asterisk/modules",
        datadir=folder / "usr/share/asterisk",
        folder=folder,
        tools=_tools_of(folder),
        tool_folder=folder,
    )


@lru_cache
def _version(asterisk: tuple[str, ...], folder: Path) -> str:
    run = subprocess.run([*asterisk, "-V"], capture_output=True, text=True, check=False)
    number = number_of(run.stdout)
    if run.returncode != 0 or number is None:
        raise BrokenPbx(folder=folder, why=(run.stderr or run.stdout or "it says nothing").strip())
    return ".".join(map(str, number))


def loader(folder: Path) -> list[str]:
    """The arguments before a program of a fetched folder: its loader and its library path. Raises BrokenPbx."""
    programs = sorted([*folder.glob("usr/lib64/ld-linux*.so.*"), *folder.glob("usr/lib/ld-linux*.so.*")])
    if not programs:
        raise BrokenPbx(folder=folder, why="its loader is missing.")
    libraries = _libraries(folder)
    return [str(programs[0]), "--library-path", f"{libraries}:{libraries}/pulseaudio"]


def _libraries(folder: Path) -> Path:
    found = sorted(folder.glob("usr/lib/*-linux-gnu*"))
    if not found:
        raise BrokenPbx(folder=folder, why="its libraries are missing.")
    return found[0]


def _tools_of(folder: Path) -> dict[str, list[str]]:
    start = loader(folder)
    found = {name: [*start, str(folder / "usr/bin" / name)] for name in TOOLS if (folder / "usr/bin" / name).is_file()}
    if "espeak-ng" in found:
        found["espeak-ng"].append(f"--path={_libraries(folder)}")
    return found
