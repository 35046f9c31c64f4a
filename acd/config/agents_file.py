"""`agents.toml` beside the operator's configuration: the agents who were added by command or API."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_RELOAD = "`sanxiang config reload`"


def with_agent(text: str, agent: str, name: str, skills: Mapping[str, int]) -> str:
    """The file's text with one more agent. Raises ValueError when the agent is there already, or the text is not TOML.

    Name, extension and skills are not checked here; the check of the whole configuration does that.
    """
    agents = _agents(text)
    if agent in agents:
        raise ValueError(f"There is an agent {agent} already. Choose another extension.")
    return _toml({**agents, agent: {"name": name, "skills": dict(skills)}})


def without_agent(text: str, agent: str, file: Path) -> str:
    """The file's text without this agent. Raises ValueError when the agent is not in it. `file`: the operator's own."""
    agents = _agents(text)
    if agent not in agents:
        raise ValueError(f"Agent {agent} stands in {file}, which is yours alone: take it out there, then {_RELOAD}.")
    del agents[agent]
    return _toml(agents) if agents else ""


def with_profile(text: str, agent: str, file: Path, name: str | None, skills: Mapping[str, int] | None) -> str:
    """The file's text with another name or other skills of this agent; None: as before. Raises ValueError as `without_agent`."""
    agents = _agents(text)
    if agent not in agents:
        raise ValueError(f"Agent {agent} stands in {file}, which is yours alone: change it there, then {_RELOAD}.")
    changed = {} if name is None else {"name": name}
    return _toml(
        {**agents, agent: {**agents[agent], **changed, **({} if skills is None else {"skills": dict(skills)})}}
    )


def _agents(text: str) -> dict[str, Any]:
    try:
        agents: dict[str, Any] = tomllib.loads(text).get("agents", {})
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
