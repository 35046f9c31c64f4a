"""The agents' PINs of the installation: whether one is right, and whether it has changed."""

import hashlib
import hmac
from collections.abc import Callable, Container
from typing import Any, Literal

from acd.files import made_secret
from acd.setup.installation import Installation

_NO_PIN = "0" * 6
"""Compared with when there is no such agent, so that the answer takes the same time."""


class AgentPins:
    """Checks PINs; reads the secrets again when their file has changed."""

    def __init__(self, installation: Installation, agents: Callable[[], Container[str]]) -> None:
        """`agents`: those of the configuration in force; any other has no PIN."""
        self._installation, self._agents = installation, agents
        # The same after a restart: sessions are held against the mark.
        self._key = made_secret(installation.state / "pins.key").encode()
        self._read_at: tuple[int, int, int] | None = None
        self._known: dict[str, dict[str, Any]] = {}

    def check(self, agent: str, pin: str) -> Literal["ok", "wrong", "unknown"]:
        """Whether this is the agent's PIN; "unknown": there is no such agent."""
        kept = self._pin(agent)
        same = hmac.compare_digest((kept or _NO_PIN).encode(), pin.encode())
        if kept is None:
            return "unknown"
        return "ok" if same else "wrong"

    def mark(self, agent: str) -> str | None:
        """A text that changes with the agent's PIN and does not reveal it; None: there is no such agent."""
        kept = self._pin(agent)
        return None if kept is None else hashlib.blake2b(kept.encode(), key=self._key, digest_size=16).hexdigest()

    def _pin(self, agent: str) -> str | None:
        try:
            stat = (self._installation.state / "secrets.json").stat()
        except FileNotFoundError:
            return None
        read_at = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        if read_at != self._read_at:
            self._known, self._read_at = self._installation.secrets()["agents"], read_at
        kept = self._known.get(agent)
        return str(kept["pin"]) if kept and agent in self._agents() else None
