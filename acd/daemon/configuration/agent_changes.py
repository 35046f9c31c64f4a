"""An agent is removed, gets another name, other skills, a new PIN or a new password of the telephone, while calls go on."""

import asyncio
from collections.abc import Mapping
from typing import Any

from acd.config.agents_file import with_agents, with_profile, without_agent
from acd.daemon.configuration.config_reload import ConfigReloader
from acd.setup.installation import Installation


class AgentChanges:
    """Changes of one agent. Each raises ValueError with a sentence about its values, or a SanxiangError when it can't be done."""

    def __init__(self, installation: Installation, live: ConfigReloader) -> None:
        self._installation, self._live = installation, live

    async def remove(self, agent: str, by: str) -> None:
        """The agent is in no configuration, and neither telephone, PIN nor page session of theirs works any more. A talk goes on;
        the engine forgets the agent after it."""
        await self._live.change_agents(lambda text: without_agent(text, agent, self._live.file), by, "agent removed")
        await asyncio.to_thread(self._installation.forget_secrets_of, agent)

    async def add_all(
        self, profiles: Mapping[str, Mapping[str, Any]], by: str, *, dry_run: bool = False
    ) -> Mapping[str, Mapping[str, str]]:
        """All of these agents or none, in one change of the configuration: extension to password and PIN."""

        def added(text: str) -> str:
            if taken := sorted(profiles.keys() & self._live.config.agents.keys()):
                raise ValueError(" ".join(f"agents.{agent}: is there already." for agent in taken))
            return with_agents(text, profiles)

        if dry_run:
            await self._live.check_agents(added)
            return {}
        await self._live.change_agents(added, by, "agent added")
        made = self._installation.secrets()["agents"]
        return {agent: {word: made[agent][word] for word in ("password", "pin")} for agent in profiles}

    async def edit(
        self, agent: str, name: str | None, skills: Mapping[str, int] | None, by: str, team: str | None = None
    ) -> None:
        """The agent has this name, these skills and this team ("": none) from now on; None: as before."""
        await self._live.change_agents(
            lambda text: with_profile(text, agent, self._live.file, name, skills, team), by, "agent changed"
        )

    async def new_pin(self, agent: str) -> str:
        """The new PIN. The former one and the sessions that began with it are void at once."""
        return await asyncio.to_thread(self._installation.new_secret_for, agent, "pin")

    async def new_password(self, agent: str) -> str:
        """The new password of the telephone. Asterisk takes no other, and has forgotten where the telephone was registered."""
        made = await asyncio.to_thread(self._installation.new_secret_for, agent, "password")
        await self._live.place_anew(agent)
        return made
