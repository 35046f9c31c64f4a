"""As whom, and with which folders, a command is to be typed: for whoever may not read a hotline's files.

`sudo -u USER` alone would look into that user's own folders, of which a service's user has none: state and cache are those that the
service's unit names (docs/systemd.md).
"""

import os
import pwd
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIT = Path("/etc/systemd/system/sanxiang.service")
COMMAND = Path("/usr/local/bin/sanxiang")
"""The command that docs/systemd.md has the operator make: it is the right user, with the right folders, by itself."""
_TAKEN = ("XDG_CACHE_HOME", "SANXIANG_STATE", "SANXIANG_USERS")


def owner_of(folder: Path) -> str:
    """The name of who owns the folder, or the nearest one above it that can be seen."""
    for each in (folder, *folder.parents):
        try:
            return pwd.getpwuid(each.stat().st_uid).pw_name
        except (OSError, KeyError):
            continue
    return "root"


def typed_for(state: Path) -> str:
    """What to type in the place of `./sanxiang`, to be the user of the hotline in this state folder, with its folders."""
    user = owner_of(state)
    if f"SANXIANG_STATE={state}" in _words(_text(COMMAND)):
        return "sudo sanxiang"
    named = service_environment()
    if named.get("SANXIANG_STATE") != str(state):
        named = {"SANXIANG_STATE": str(state)}
    words = ["sudo", "-u", user, "env", *(f"{name}={value}" for name, value in named.items()), str(ROOT / "sanxiang")]
    return shlex.join(words)


def typed_for_service(state: Path) -> str:
    """What to type in the place of `./sanxiang` for the hotline of this machine's service; empty where there is none, or `state` is its."""
    folder = service_environment().get("SANXIANG_STATE", "")
    if not folder or Path(folder) == state:
        return ""
    try:
        return typed_for(Path(folder)) if Path(folder).is_dir() else ""
    except OSError:
        return ""


def service_environment() -> dict[str, str]:
    """The folders and users that the unit of this machine's service names; empty where there is none."""
    found: dict[str, str] = {}
    for line in _text(UNIT).splitlines():
        if line.startswith("Environment="):
            for word in _words(line.removeprefix("Environment=")):
                name, _, value = word.partition("=")
                if name in _TAKEN:
                    found[name] = value
    return found


def _words(text: str) -> list[str]:
    """The words of a line of a unit or of a shell; none where a quote is left open."""
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return []


def _text(file: Path) -> str:
    """Empty where the file is not there, or may not be read or run."""
    try:
        return file.read_text("utf-8") if os.access(file, os.R_OK) else ""
    except (OSError, UnicodeDecodeError):
        return ""
