"""The agents whom the dialplan rings while no daemon answers: told to Asterisk in advance, as they change."""

from collections.abc import Mapping
from typing import Any

from acd.config import Config
from acd.config.brands import brand_of_queue
from acd.engine.brands import may_serve
from acd.engine.model import has_skills


def ready_agents(config: Config, snapshot: Mapping[str, Any]) -> dict[str, list[str]]:
    """Queue to the agents who are logged in, ready and reachable, take its calls and have its skills.

    Agents in a call are among them: app_queue sees for itself that their telephone is in use. Agents on an outside number are
    not: the plain queue asks for no key, and would connect a caller with a mailbox.
    """
    willing = [
        row
        for row in snapshot["agents"]
        if row["logged_in"] and row["ready"] and row["reachable"] and not row.get("outside")
    ]
    return {
        name: [
            row["agent"]
            for row in willing
            if (not row.get("queues") or name in row["queues"])
            and has_skills(row["skills"], queue.skills.items())
            and may_serve(row.get("kept_by", ()), _keeper(config, name))
        ]
        for name, queue in config.queues.items()
    }


def _keeper(config: Config, queue: str) -> str:
    """The brand that keeps this queue's calls to its own agents; empty: none."""
    brand = brand_of_queue(config.brands, queue)
    return brand if brand and config.brands[brand].own else ""
