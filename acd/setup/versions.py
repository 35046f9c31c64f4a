"""Which versions run: written down when the hotline starts, so that a later checkout can tell what is different."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from acd.files import write_private
from acd.setup.installation import Installation

ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = ("acd", "agi_scripts", "asterisk_conf", "ivr", "recordings")
_STARTED, _LEADING = "started.json", "leading.json"


def own_version() -> str:
    """The version of this checkout, as pyproject.toml has it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def own_commit(root: Path = ROOT) -> str:
    """The first twelve digits of this checkout's commit; "" where there is no history (an image, an archive)."""
    try:
        git = root / ".git"
        if git.is_file():  # A worktree names the folder of its history.
            git = root / git.read_text().partition(":")[2].strip()
        head = (git / "HEAD").read_text().strip()
        if head.startswith("ref: "):
            common = git / (git / "commondir").read_text().strip() if (git / "commondir").exists() else git
            head = _commit_of(common, head.removeprefix("ref: "))
    except OSError:
        return ""
    return head[:12]


def _commit_of(git: Path, ref: str) -> str:
    if (git / ref).exists():
        return (git / ref).read_text().strip()
    rows = (line.split() for line in (git / "packed-refs").read_text().splitlines())
    return next((row[0] for row in rows if row[1:] == [ref]), "")


def own_files(root: Path = ROOT) -> str:
    """Twelve digits that are others as soon as one program or template of this checkout is another, with a history or without."""
    told = hashlib.sha256()
    for folder in _PROGRAMS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".py", ".conf", ".toml") and "node_modules" not in file.parts:
                told.update(f"{file.relative_to(root)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return told.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Started:
    """What was started: by the supervisor, with Asterisk; and since a drain by the daemon that leads."""

    version: str = ""
    commit: str = ""
    asterisk: str = ""
    """Of the Asterisk that runs; "" in what a daemon writes."""
    tables: str = ""
    """The version of the tables that the program needs, as "0006"."""
    files: str = ""
    """See `own_files`; "" of a version that did not write it down."""

    @classmethod
    def by_us(cls, tables: str, asterisk: str = "") -> "Started":
        return cls(own_version(), own_commit(), asterisk, tables, own_files())

    def keep(self, installation: Installation, *, daemon: bool = False) -> None:
        """Writes the file of the start, or the leading daemon's. Raises OSError."""
        write_private(installation.run / (_LEADING if daemon else _STARTED), json.dumps(asdict(self)))

    @classmethod
    def now(cls, installation: Installation) -> "Started":
        """What runs: the daemon that leads, or what was started where none has written itself down yet; with the Asterisk of the start."""
        started, daemon = cls.running(installation), cls.running(installation, daemon=True)
        return replace(daemon if daemon.version else started, asterisk=started.asterisk)

    @classmethod
    def running(cls, installation: Installation, *, daemon: bool = False) -> "Started":
        """What was last started here; empty where nothing was, or by a version that did not write it down."""
        try:
            said = json.loads((installation.run / (_LEADING if daemon else _STARTED)).read_text())
            return cls(**{field.name: str(said.get(field.name, "")) for field in fields(cls)})
        except (OSError, ValueError, AttributeError):
            return cls()
