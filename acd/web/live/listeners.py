"""What an agent's page says of supervisors who listen, by [supervision] agents_see."""

from collections.abc import Mapping
from typing import Any

from acd.config import Config

_SILENT = ("listen",)


def seen_by_agent(config: Config, row: Mapping[str, Any]) -> list[dict[str, str]]:
    """account and mode of each supervisor whom the agent of this call may know of. `row`: the call's, of the snapshot."""
    policy = config.supervision.agents_see
    if policy == "never":
        return []
    return [
        {"account": each["account"], "mode": each["mode"]}
        for each in row.get("listeners", ())
        if each["state"] != "ringing" and (policy == "listen" or each["mode"] not in _SILENT)
    ]
