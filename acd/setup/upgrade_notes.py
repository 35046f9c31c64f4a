"""What it takes to put this checkout in the place of the version that runs: looked up, not remembered.

What Asterisk was started with lies below the state folder, and what this checkout would write can be rendered. So each file is compared, and
of each difference it is known whether Asterisk reads it again while calls go on. The same for the tables, the configuration in
force, and the Asterisk itself.

The ways, from the cheapest to the dearest: nothing to do; `sanxiang drain` (daemon and stories; no call is touched); a reload after it (Asterisk
reads some files again; no call is touched); a start, which ends calls, so that the callers are served first. `refused`: this checkout does
not take what is in force.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acd.config import BadConfiguration, Config
from acd.config.versions import Texts, Versions
from acd.errors import SanxiangError
from acd.pbx.conf.render import reloads, rendered
from acd.pbx.conf.settings import Secrets
from acd.pbx.install.runtime import find_pbx, use
from acd.setup.installation import Installation
from acd.setup.pbx_settings import pbx_settings
from acd.setup.start_plan import StartPlan
from acd.setup.versions import Started

Way = Literal["none", "drain", "reload", "start", "refused"]
WAYS: tuple[Way, ...] = ("none", "drain", "reload", "start", "refused")
_SECTION = re.compile(r"^\[([^\]]+)\](.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is different."""

    code: str
    """`version`, `asterisk`, `files-read-again`, `files-read-at-a-start`, `dialplan`, `configuration`, `tables`."""
    way: Way
    """What this alone takes."""
    said: str
    """A sentence for the operator."""


def dearest(notes: list[Note]) -> Way:
    """The way that serves for all of them."""
    return max((note.way for note in notes), key=WAYS.index, default="none")


def notes(installation: Installation, plan: StartPlan, ours: Started) -> list[Note]:
    """What is different between what runs in this state folder and this checkout (`ours`), but the tables. Empty: nothing is. Raises
    OSError where the state folder can't be read, StateNotReadable."""
    running = Started.now(installation)
    found = programs(running, ours)
    try:
        config = _in_force(installation, plan)
        use(config.pbx.asterisk)
        found += _files(installation, plan, config)
    except BadConfiguration as bad:
        what = " ".join(bad.mistakes)
        found.append(Note("configuration", "refused", f"This version does not take the configuration in force: {what}"))
    except SanxiangError as error:
        found.append(
            Note("configuration", "refused", f"Asterisk's files can't be made of the configuration in force: {error}")
        )
    return found + _asterisk(plan, running)


def _in_force(installation: Installation, plan: StartPlan) -> Config:
    versions = Versions(installation.versions, made=False)
    latest = versions.latest()
    file = Path(plan.config_file)
    return (versions.texts(latest.number) if latest else Texts.read(file)).checked(file)


def programs(running: Started, ours: Started) -> list[Note]:
    """What is different between the programs that run and `ours`. Empty: nothing is, or it was not written down."""
    if not running.version:
        said = "The version that runs has not written down which one it is: it is older than 0.1.0 of this command."
        return [Note("version", "drain", said)]
    if (running.version, running.commit) != (ours.version, ours.commit):
        return [Note("version", "drain", f"Daemon and stories: {_named(running)} runs, this is {_named(ours)}.")]
    if running.files and running.files != ours.files:
        said = f"Daemon and stories: {_named(ours)} runs, and its files have been changed since they were started."
        return [Note("version", "drain", said)]
    return []


def _named(version: Started) -> str:
    return f"{version.version} ({version.commit})" if version.commit else version.version


def _asterisk(plan: StartPlan, running: Started) -> list[Note]:
    try:
        pbx = find_pbx()
    except SanxiangError as error:
        return [Note("asterisk", "start", f"Asterisk: {error}")]
    if running.asterisk and pbx.version != running.asterisk:
        return [Note("asterisk", "start", f"Asterisk: {running.asterisk} runs, the next start uses {pbx.version}.")]
    if pbx.asterisk != plan.asterisk:
        return [Note("asterisk", "start", f"Asterisk: the next start uses another one, {pbx.asterisk[-1]}.")]
    return []


def _files(installation: Installation, plan: StartPlan, config: Config) -> list[Note]:
    """Asterisk's files as they are, against those that this checkout makes of the configuration in force."""
    settings = pbx_settings(installation, config, plan, Secrets.of(installation.run / "asterisk"))
    was = {file.name: file.read_text("utf-8", "replace") for file in settings.etc.glob("*.conf")}
    return compared(was, rendered(settings))


def compared(was: dict[str, str], will_be: dict[str, str]) -> list[Note]:
    """The notes about files, by name and text: those that Asterisk reads again, the dialplan, and those that it reads at its start."""
    different = sorted(name for name in {*was, *will_be} if was.get(name) != will_be.get(name))
    dialplan = [name for name in different if name.startswith("extensions")]
    again = [name for name in different if name not in dialplan and reloads([name]) and name != "modules.conf"]
    if "pjsip.conf" in again and _transports(was["pjsip.conf"]) != _transports(will_be["pjsip.conf"]):
        again.remove("pjsip.conf")
    if dialplan and only_adds(was, will_be, dialplan):
        again, dialplan = sorted([*again, *dialplan]), []
    at_a_start = [name for name in different if name not in again and name not in dialplan]
    found = []
    if again:
        found.append(Note("files-read-again", "reload", f"Asterisk reads again while calls go on: {', '.join(again)}."))
    if dialplan:
        said = (
            f"The dialplan has other lines ({', '.join(dialplan)}). Asterisk knows a caller's place in it by a number, so a caller who is in "
            "one of these contexts at a reload would go on at another line than meant."
        )
        found.append(Note("dialplan", "start", said))
    if at_a_start:
        found.append(
            Note("files-read-at-a-start", "start", f"Asterisk reads only when it starts: {', '.join(at_a_start)}.")
        )
    return found


def only_adds(was: dict[str, str], will_be: dict[str, str], names: list[str]) -> bool:
    """Whether these files of the dialplan have new contexts and globals at most, and every context that was there is as it was: a caller in
    one of them goes on at the same line."""
    for name in names:
        old, new = _sections(was.get(name, "")), _sections(will_be.get(name, ""))
        if any(new.get(context) != lines for context, lines in old.items() if context != "globals"):
            return False
    return True


def _sections(text: str) -> dict[str, list[str]]:
    """Section to its lines that say something; what stands before the first is under ""."""
    found: dict[str, list[str]] = {}
    current = found.setdefault("", [])
    for line in text.splitlines():
        if opened := _SECTION.match(line):
            current = found.setdefault(opened[1], [])
        elif line.strip() and not line.lstrip().startswith(";"):
            current.append(line.strip())
    return found


def _transports(text: str) -> dict[str, list[str]]:
    return {name: lines for name, lines in _sections(text).items() if "type = transport" in lines}
