"""`agents.toml` beside the operator's configuration: the agents who were added by command or API."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any


def with_agent(text: str, agent: str, name: str, skills: Mapping[str, int]) -> str:
    """The file's text with one more agent. Raises ValueError when the agent is there already, or the text is not TOML.

    Name, extension and skills are not checked here; the check of the whole configuration does that.
    """
    try:
        agents: dict[str, Any] = tomllib.loads(text).get("agents", {})
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"agents.toml is not TOML: {error}. Mend that line first.") from None
    if agent in agents:
        raise ValueError(f"There is an agent {agent} already. Choose another extension.")
    return _toml({**agents, agent: {"name": name, "skills": dict(skills)}})


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
