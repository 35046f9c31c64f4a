"""Where one installation keeps its things, and the secrets it makes for itself.

<state>/            default ~/.local/state/sanxiang/default; one folder per installation, 0700
    config/         the versions of the configuration that were in force (0600): versions.py
    epoch           how often a daemon has started here
    dead-letters.jsonl  events that the engine could not handle, whole (0600)
    drained         queues that `drain --hotline` closed; the next daemon opens them
    secrets.json    agents' SIP passwords and PINs, the AMI's password (0600)
    operator.token  the command line's key to the API (0600)
    accounts.json   who may log in to the page (0600)
    second_factors.json  authenticator apps, recovery codes as hashes, passkeys (0600)
    oidc_people.json  who has come by the identity provider, with their groups (0600)
    sessions.json   who is logged in to the page, by the hash of the session's id (0600)
    pins.key        makes the marks by which a session knows that its agent's PIN is another (0600)
    browsers.key    signs the cookies of browsers in which somebody has logged in (0600)
    journal/        the spool of the call log; `id` is its name in PostgreSQL, `ancestors` the names that it had before
    recordings/     sound and manifests
    recording-chain/ what was filed, night by night: recordings/chain.py; recording-chain.key signs it (0600)
    reports.json    which reports were made; reports/ has those that have no folder of their own (0600)
    self-calls.json what the hotline has found by calling itself
    log/            daemon.log, stories.log, asterisk.log, messages of Asterisk
    trunk-names.json  the last good addresses of the trunks' names
    run/            what is made anew at each start: Asterisk's configuration, story settings, pid files
"""

import difflib
import fcntl
import itertools
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from acd.errors import SanxiangError
from acd.files import made_secret, write_private
from acd.identifiers import made_password
from acd.setup.own_user import owner_of, typed_for, typed_for_service

FORGOTTEN_AFTER = timedelta(days=7)
"""After which the secrets of an agent who was taken out of the file are forgotten. So long a mistake in the file costs no telephone
its password; `agent remove` forgets at once."""


class NoSecrets(SanxiangError):
    """Agent {agent} has no password and PIN here. `sanxiang agent list` shows the agents."""


class StateFolderUnusable(SanxiangError):
    """{folder}: {why}. The state folder must be writable: give another one with --state, or mend its owner and rights."""


def default_state() -> Path:
    """The state folder when no `--state` is given: SANXIANG_STATE, as the systemd unit sets it, else below the user's own."""
    if state := os.environ.get("SANXIANG_STATE"):
        return Path(state)
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "sanxiang" / "default"


class NoInstallation(SanxiangError):
    """{state}: no hotline was ever started in this folder, and nothing was made there.{near} Name its folder with --state, or
    start one with `./sanxiang up`."""


class StateNotReadable(SanxiangError):
    """{file} can't be read ({why}): the hotline's files are {user}'s alone. Type the command as that user, with the hotline's folders:
    `{typed} …`."""


@dataclass(frozen=True, slots=True)
class Installation:
    state: Path

    @classmethod
    def at(cls, state: Path) -> "Installation":
        """The installation in this folder, made when it is not there. Raises StateFolderUnusable."""
        house = cls(state.resolve())
        try:
            for folder in (house.state, house.run, house.log, house.journal, house.recordings):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StateFolderUnusable(folder=error.filename, why=error.strerror) from error
        return house

    @classmethod
    def existing(cls, state: Path) -> "Installation":
        """The installation in this folder; nothing is made. Raises NoInstallation, with the nearest one that there is, and
        StateNotReadable."""
        house = cls(state.resolve())
        try:
            if not house.is_there:
                near, service = _near(house.state), typed_for_service(house.state)
                words = f" Did you mean {near}?" if near else ""
                words = f" The service of this machine has its own: type `{service} …`." if service else words
                raise NoInstallation(state=house.state, near=words)
        except PermissionError as error:
            raise house.not_readable(error) from None
        return house

    @property
    def is_there(self) -> bool:
        """Whether a hotline was ever started here. Raises PermissionError."""
        return self.run.is_dir()

    def not_readable(self, error: OSError) -> StateNotReadable:
        """The error of one who may not read a file of this installation, with the user who may."""
        return StateNotReadable(
            file=error.filename or self.state,
            why=error.strerror,
            user=owner_of(self.state),
            typed=typed_for(self.state),
        )

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def versions(self) -> Path:
        return self.state / "config"

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def log_bounds(self) -> Path:
        """How much of each log is kept, for the supervisor, as the daemon writes it at a reload."""
        return self.run / "log-bounds.json"

    @property
    def journal(self) -> Path:
        return self.state / "journal"

    @property
    def recordings(self) -> Path:
        return self.state / "recordings"

    @property
    def token_file(self) -> Path:
        return self.state / "operator.token"

    @property
    def ivr_token_file(self) -> Path:
        return self.state / "stories.token"

    @property
    def trunk_names(self) -> Path:
        """The last good addresses of the trunks' names; written by the daemon."""
        return self.state / "trunk-names.json"

    @property
    def journal_lock(self) -> Path:
        """Held by the daemon that leads; its process id stands in it."""
        return self.journal / "lock"

    @property
    def supervisor_pid(self) -> Path:
        return self.run / "supervisor.pid"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor as long as it runs."""
        return self.run / "supervisor.lock"

    @property
    def address_file(self) -> Path:
        """Where the API listens, as JSON; written by the daemon once it does."""
        return self.run / "address.json"

    @property
    def drained_file(self) -> Path:
        return self.state / "drained"

    def drained(self) -> list[str]:
        """Queues that a drain of the house has closed and that are to be open again; asked once."""
        try:
            queues = self.drained_file.read_text().split()
        except OSError:
            return []
        self.drained_file.unlink()
        return queues

    def token(self) -> str:
        """The operator's token, made at the first call."""
        return made_secret(self.token_file)

    def next_epoch(self) -> int:
        """One more than at the last start; kept on disk before it is used."""
        file = self.state / "epoch"
        epoch = int(file.read_text()) + 1 if file.exists() else 1
        write_private(file, str(epoch))
        return epoch

    def secrets(self) -> dict[str, Any]:
        file = self.state / "secrets.json"
        kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {"ami": "", "agents": {}}
        return kept

    def with_secrets_for(self, agents: list[str]) -> dict[str, Any]:
        """The secrets, with a password and a PIN made for each agent who has none yet.

        Those of an agent who is in no configuration for `FORGOTTEN_AFTER` are forgotten, so that whoever gets the extension
        later gets new ones; before that an agent who comes back keeps them.
        """
        now = datetime.now(UTC)
        with self._secrets_changing() as kept:
            kept["ami"] = kept["ami"] or secrets.token_urlsafe(24)
            for agent in agents:
                kept["agents"].setdefault(agent, {"password": made_password(), "pin": _pin()}).pop("left_at", None)
            for agent in kept["agents"].keys() - set(agents):
                left_at = kept["agents"][agent].setdefault("left_at", now.isoformat())
                if now - datetime.fromisoformat(left_at) > FORGOTTEN_AFTER:
                    del kept["agents"][agent]
        return kept

    def new_secret_for(self, agent: str, kind: Literal["pin", "password"]) -> str:
        """The agent's new PIN or password of the telephone; the former one is void. Raises NoSecrets."""
        with self._secrets_changing() as kept:
            if agent not in kept["agents"]:
                raise NoSecrets(agent=agent)
            made = _pin() if kind == "pin" else made_password()
            kept["agents"][agent][kind] = made
        return made

    def forget_secrets_of(self, agent: str) -> None:
        """Whoever gets this extension gets a new password and PIN."""
        with self._secrets_changing() as kept:
            kept["agents"].pop(agent, None)

    @contextmanager
    def _secrets_changing(self) -> Iterator[dict[str, Any]]:
        """The secrets, to be changed in place; written whole when the block ends well. Two processes take turns."""
        with os.fdopen(os.open(self.state / "secrets.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self.secrets()
            yield kept
            write_private(self.state / "secrets.json", json.dumps(kept, indent=1))


def _pin() -> str:
    return f"{secrets.randbelow(10**6):06d}"


_LOOKED_AT = 1000
"""Folders at most among which a near name is looked for."""


def _near(state: Path) -> Path | None:
    """The installation that was probably meant by this folder, which is none."""
    default = default_state().resolve()
    beside = [state.parent, default, *_entries(state)]
    # Of the path the first folder that is not there is taken to be mistyped: its likes beside it, and the rest below them.
    missing = next((folder for folder in (*reversed(state.parents), state) if not folder.exists()), state)
    rest = state.relative_to(missing)
    names = {each.name: each / rest for each in _entries(missing.parent)}
    likes = [names[name] for name in difflib.get_close_matches(missing.name, names, n=3)]
    return next((folder for folder in (*likes, *beside) if folder != state and _is_installation(folder)), None)


def _is_installation(folder: Path) -> bool:
    try:
        return (folder / "run").is_dir() and (folder / "journal").is_dir()
    except OSError:
        return False


def _entries(folder: Path) -> list[Path]:
    try:
        return list(itertools.islice(folder.iterdir(), _LOOKED_AT))
    except OSError:
        return []
