"""Which queues each agent serves, by skills and by what an operator has set."""

from collections.abc import Mapping
from typing import Any

from acd.config import Config


class Serving:
    """Works it out once for each set of skills and queues of a configuration: a floor of a thousand agents is looked at five times a second."""

    def __init__(self) -> None:
        self._config: Config | None = None
        self._known: dict[tuple[tuple[tuple[str, int], ...], tuple[str, ...]], list[str]] = {}

    def queues(self, config: Config, agent: Mapping[str, Any]) -> list[str]:
        """The queues whose required skills the agent reaches, of those the agent takes; in the order of the configuration."""
        if config is not self._config:
            self._config, self._known = config, {}
        key = tuple(sorted(agent["skills"].items())), tuple(agent.get("queues") or ())
        found = self._known.get(key)
        if found is None:
            levels, only = agent["skills"], key[1]
            found = self._known[key] = [
                name
                for name, queue in config.queues.items()
                if (not only or name in only)
                and all(levels.get(skill, 0) >= level for skill, level in queue.skills.items())
            ]
        return found


SERVING = Serving()
