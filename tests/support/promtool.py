"""`promtool`: the machine's own, else Debian's, fetched into the cache folder as Asterisk is."""

from __future__ import annotations

import shutil

from acd.pbx.install import fetch
from acd.progress import Silent

_PACKAGES = fetch.Packages("promtool", "forky", ("promtool",), size_mb=150)
_INSTEAD = "Install promtool (Debian: the package promtool or prometheus) yourself, so that it is in PATH."


def ensure_promtool() -> list[str]:
    """The beginning of its command line. Raises what fetch.find_mirror and fetch.ensure raise."""
    if path := shutil.which("promtool"):
        return [path]
    folder = fetch.ensure(_PACKAGES, fetch.find_mirror("promtool", _INSTEAD), "promtool", Silent())
    loader, *_ = sorted(each for each in folder.glob("**/ld-linux*.so.*") if each.is_file())
    libraries = {each.parent for each in folder.glob("**/lib*.so.*") if each.parent.name.endswith("-linux-gnu")}
    return [str(loader), "--library-path", ":".join(map(str, sorted(libraries))), str(folder / "usr/bin/promtool")]
