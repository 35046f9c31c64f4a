"""The configuration's queues, agents and rules as the engine's nouns, and who could serve a queue without the engine."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from acd.config import Config
from acd.engine.model import AgentProfile, Queue, Rules, Skills


def skills(levels: Mapping[str, int]) -> Skills:
    return tuple(sorted(levels.items()))


def queues(config: Config) -> list[Queue]:
    return [
        Queue(name, skills(queue.skills), queue.priority, timedelta(seconds=queue.wrap_up_s))
        for name, queue in config.queues.items()
    ]


def agents(config: Config) -> tuple[AgentProfile, ...]:
    return tuple(AgentProfile(agent, profile.name, skills(profile.skills)) for agent, profile in config.agents.items())


def rules(config: Config) -> Rules:
    return Rules(
        ring=timedelta(seconds=config.rings.ring_s),
        rings=config.rings.rings,
        answer_within=timedelta(seconds=config.target.answer_within_s),
        utc_offset=_utc_offset(config.hotline.timezone),
        priorities=dict(config.priorities),
    )


def _utc_offset(timezone: str) -> timedelta:
    return datetime.now(ZoneInfo(timezone)).utcoffset() or timedelta(0)


def ready_agents(config: Config, snapshot: Mapping[str, Any]) -> dict[str, list[str]]:
    """Queue to the agents who are logged in, ready and reachable and have its skills: the fallback's list.

    Those who talk are among them: app_queue sees for itself that a telephone is in use.
    """
    willing = [row for row in snapshot["agents"] if row["logged_in"] and row["ready"] and row["reachable"]]
    return {
        name: [
            row["agent"]
            for row in willing
            if all(dict(row["skills"]).get(skill, 0) >= level for skill, level in queue.skills.items())
        ]
        for name, queue in config.queues.items()
    }
