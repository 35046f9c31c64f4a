"""`agents.toml` beside the operator's configuration: the agents who were added by command or API."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acd.config import Config, check, load
from acd.installation import write_private


def with_agent(config_file: Path, agent: str, name: str, skills: Mapping[str, int]) -> Config:
    """The configuration with one agent more, written to `agents.toml`.

    Raises ValueError when he is there already, BadConfiguration when name, number or skills won't do; then nothing is
    written.
    """
    before = load(config_file)
    if agent in before.agents:
        raise ValueError(f"There is an agent {agent} already. Choose another extension.")
    file = config_file.parent / "agents.toml"
    added: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("agents", {}) if file.exists() else {}
    added[agent] = {"name": name, "skills": dict(skills)}
    whole = tomllib.loads(config_file.read_text(encoding="utf-8"))
    whole["agents"] = {**whole.get("agents", {}), **added}
    config = check(whole, file)
    write_private(file, _toml(added))
    return config


def _toml(agents: Mapping[str, Mapping[str, Any]]) -> str:
    lines = ["# Written by `./sanxiang agent add`. Agents may be moved into the configuration beside it.", ""]
    for agent, profile in sorted(agents.items()):
        skills = ", ".join(f"{skill} = {level}" for skill, level in profile.get("skills", {}).items())
        # A JSON string is a TOML basic string.
        lines += [
            f"[agents.{agent}]",
            f"name = {json.dumps(profile.get('name', ''), ensure_ascii=False)}",
            f"skills = {{ {skills} }}" if skills else "skills = {}",
            "",
        ]
    return "\n".join(lines)
