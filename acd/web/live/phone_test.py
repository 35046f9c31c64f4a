"""When a telephone can be rung for a test."""

from collections.abc import Mapping
from typing import Any

from acd.web.server.problems import Problem


def refuse_test(agent: Mapping[str, Any]) -> None:
    """Raises Problem (409) for an agent, a row of the snapshot, whose telephone can't be rung for a test now."""
    if agent["outside"]:
        detail = f"Agent {agent['agent']} is rung at a number outside, and has no telephone here to test."
        raise Problem(409, "phone-outside", detail)
    if agent["work"] != "idle" or agent["phone_test"] == "under way":
        raise Problem(409, "phone-in-use", f"The telephone of agent {agent['agent']} is in use. Try again afterwards.")
