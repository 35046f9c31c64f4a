"""`agents.toml` beside the operator's configuration: the agents who were added by command or API."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ivr.menus.toml_text import toml_data

_RELOAD = "`sanxiang config reload`"


def with_agent(text: str, agent: str, name: str, skills: Mapping[str, int]) -> str:
    """The file's text with one more agent. Raises ValueError when the agent is there already, or the text is not TOML.

    Name, extension and skills are not checked here; the check of the whole configuration does that.
    """
    agents = _agents(text)
    if agent in agents:
        raise ValueError(f"There is an agent {agent} already. Choose another extension.")
    return _toml({**agents, agent: {"name": name, "skills": dict(skills)}})


def with_agents(text: str, profiles: Mapping[str, Mapping[str, Any]]) -> str:
    """The file's text with these agents more: extension to name, skills and team. Raises ValueError as `with_agent`."""
    agents = _agents(text)
    if taken := sorted(profiles.keys() & agents.keys()):
        raise ValueError(f"There are agents {', '.join(taken)} already. Choose other extensions.")
    return _toml({**agents, **profiles})


def without_agent(text: str, agent: str, file: Path) -> str:
    """The file's text without this agent. Raises ValueError when the agent is not in it. `file`: the operator's own."""
    agents = _agents(text)
    if agent not in agents:
        raise ValueError(f"Agent {agent} stands in {file}, which is yours alone: take it out there, then {_RELOAD}.")
    del agents[agent]
    return _toml(agents) if agents else ""


def with_profile(
    text: str,
    agent: str,
    file: Path,
    name: str | None,
    skills: Mapping[str, int] | None,
    team: str | None = None,
) -> str:
    """The file's text with another name, other skills, another team ("": none) of this agent; None: as before. Raises ValueError as
    `without_agent`."""
    agents = _agents(text)
    if agent not in agents:
        raise ValueError(f"Agent {agent} stands in {file}, which is yours alone: change it there, then {_RELOAD}.")
    profile = dict(agents[agent])
    if name is not None:
        profile["name"] = name
    if skills is not None:
        profile["skills"] = dict(skills)
    if team is not None:
        profile["team"] = team
    if not profile.get("team"):
        profile.pop("team", None)
    return _toml({**agents, agent: profile})


def _agents(text: str) -> dict[str, Any]:
    try:
        agents: dict[str, Any] = toml_data(text).get("agents", {})
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"agents.toml is not TOML: {error}. Mend that line first.") from None
    return agents


def _toml(agents: Mapping[str, Mapping[str, Any]]) -> str:
    lines = ["# Written by `./sanxiang agent add`. Agents may be moved into the configuration beside it.", ""]
    for agent, profile in sorted(agents.items()):
        # A JSON string is a TOML basic string, and a quoted key.
        lines.append(f"[agents.{json.dumps(agent)}]")
        for field, value in profile.items():
            if isinstance(value, Mapping):
                inner = ", ".join(f"{json.dumps(skill)} = {json.dumps(level)}" for skill, level in value.items())
                lines.append(f"{field} = {{ {inner} }}" if inner else f"{field} = {{}}")
            else:
                lines.append(f"{field} = {json.dumps(value, ensure_ascii=False)}")
        lines.append("")
    return "\n".join(lines)
