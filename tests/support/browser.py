"""A browser for the tests of the pages: the machine's own Chromium, else one fetched into the cache folder.

Chromium starts itself again through /proc/self/exe, so it cannot run under a foreign loader as Asterisk does. What is
fetched is therefore the Chromium of the machine's *own* Debian release, run with the machine's C library and with
LD_LIBRARY_PATH for the rest; and a small font with Chinese, which a server has none of.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acd.errors import SanxiangError
from acd.pbx.install import fetch
from acd.progress import Progress, Silent

NAMES = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
_PACKAGES = ("chromium-headless-shell", "fonts-wqy-microhei", "libatomic1")
_INSTEAD = "Install chromium or Google Chrome yourself, so that it is in PATH."


class NoBrowser(SanxiangError):
    """The pages are tested in a browser, and there is none here; one can be fetched by itself only on Debian. Install
    chromium or Google Chrome, so that it is in PATH."""


@dataclass(frozen=True)
class Browser:
    """A Chromium that can be started, for Playwright: `chromium.launch(**browser.launch())`."""

    path: str
    env: dict[str, str] = field(default_factory=dict)
    """To be added to the environment."""
    driver_env: dict[str, str] = field(default_factory=dict)
    """To be added to Playwright's own: its node wants a libatomic that a bare machine has not."""

    def ready(self) -> Browser:
        """Itself, once this process's environment is such that Playwright can start its driver."""
        os.environ.update(self.driver_env)
        return self

    def launch(self) -> dict[str, Any]:
        """Arguments for Playwright's `chromium.launch`: headless, with a microphone that beeps and asks nobody."""
        arguments = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses its sandbox to root.
        return {"executable_path": self.path, "args": arguments, "env": {**os.environ, **self.env}, "headless": True}


def ensure_browser(progress: Progress | None = None) -> Browser:
    """A browser; fetched now when this machine has none."""
    for name in NAMES:
        if path := shutil.which(name):
            return Browser(path)
    release = fetch.own_release()
    if not release:
        raise NoBrowser
    wanted = fetch.Packages("browser", release, _PACKAGES, size_mb=420, without=("libc6", "libc-bin"))
    if not wanted.ready:
        mirror = fetch.find_mirror("a browser for the tests", _INSTEAD)
        fetch.ensure(wanted, mirror, "a browser for the tests", progress or Silent(), finish=_write_fonts_conf)
    return _in_folder(wanted.folder)


def _write_fonts_conf(folder: Path) -> None:
    """A fontconfig file that knows the fetched fonts. Its folders are relative to it, for the folder is still to be renamed."""
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        '<dir prefix="relative">usr/share/fonts</dir>\n<dir>/usr/share/fonts</dir>\n'
        '<cachedir prefix="xdg">fontconfig</cachedir>\n</fontconfig>\n'
    )


def _in_folder(folder: Path) -> Browser:
    libraries = [
        *folder.glob("usr/lib/*-linux-gnu*"),
        *folder.glob("usr/lib/*-linux-gnu*/pulseaudio"),
        *folder.glob("lib/*-linux-gnu*"),
        folder / "usr/lib/chromium",
    ]
    program = next(folder.glob("usr/lib/chromium/*headless*shell"), None) or folder / "usr/bin/chromium-headless-shell"
    env = {
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        # Chromium reads data files of its libraries (mime types, locales) through these.
        "XDG_DATA_DIRS": f"{folder}/usr/share:/usr/share",
    }
    atomic = next(folder.glob("usr/lib/*-linux-gnu*/libatomic.so.1"), None)
    return Browser(str(program), env, _with_libraries(atomic.parent / "only-atomic") if atomic else {})


def _with_libraries(folder: Path) -> dict[str, str]:
    """An environment in which libatomic is found in this folder; nothing else of the fetched ones lies there."""
    folder.mkdir(exist_ok=True)
    link = folder / "libatomic.so.1"
    if not link.exists():
        link.symlink_to(folder.parent / "libatomic.so.1")
    before = os.environ.get("LD_LIBRARY_PATH", "")
    return {"LD_LIBRARY_PATH": f"{before}:{folder}" if before and str(folder) not in before else str(folder)}
