"""Where one installation keeps its things, and the secrets it makes for itself.

<state>/            default ~/.local/state/sanxiang/default; one folder per installation, 0700
    config/         the versions of the configuration that were in force (0600): versions.py
    epoch           how often a daemon has started here
    dead-letters.jsonl  events that the engine could not handle, whole (0600)
    drained         queues that `drain --hotline` closed; the next daemon opens them
    secrets.json    agents' SIP passwords and PINs, the AMI's password (0600)
    operator.token  the command line's key to the API (0600)
    accounts.json   who may log in to the page (0600)
    journal/        the spool of the call log; `id` is its name in PostgreSQL, `ancestors` the names that it had before
    recordings/     sound and manifests
    self-calls.json what the hotline has found by calling itself
    log/            daemon.log, stories.log, asterisk.log, messages of Asterisk
    trunk-names.json  the last good addresses of the trunks' names
    run/            what is made anew at each start: Asterisk's configuration, story settings, pid files
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acd.errors import SanxiangError
from acd.files import made_secret, write_private


class StateFolderUnusable(SanxiangError):
    """{folder}: {why}. The state folder must be writable: give another one with --state, or mend its owner and rights."""


def default_state() -> Path:
    """The state folder when no `--state` is given: SANXIANG_STATE, as the systemd unit sets it, else below the user's own."""
    if state := os.environ.get("SANXIANG_STATE"):
        return Path(state)
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "sanxiang" / "default"


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
    def supervisor_pid(self) -> Path:
        return self.run / "supervisor.pid"

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
        """The secrets, with a password and a PIN made for each agent who has none yet."""
        kept = self.secrets()
        kept["ami"] = kept["ami"] or secrets.token_urlsafe(24)
        for agent in agents:
            if agent not in kept["agents"]:
                kept["agents"][agent] = {
                    "password": secrets.token_urlsafe(12),
                    "pin": f"{secrets.randbelow(10**6):06d}",
                }
        write_private(self.state / "secrets.json", json.dumps(kept, indent=1))
        return kept
