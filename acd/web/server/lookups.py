"""What a client names: an agent, a queue. A name that nobody has is refused with those that are near it."""

import difflib
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from acd.identifiers import NAME, whole
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked

QueueName = Annotated[str, Field(pattern=whole(NAME))]
Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
"""Text of a person: no control character of any kind, and no line break by another name."""
MOST_WEIGHED = 100
"""difflib takes some 20 µs a name, in the daemon's event loop."""
ALIKE_WITHIN = 3
"""Characters by which the lengths of two names that resemble each other may differ."""
IN_PATH = NAME
"""A queue in a path."""


def agent_row(asked: Asked, agent: str) -> dict[str, Any]:
    """The agent's row of the snapshot. Raises Problem (404), for an agent of another team or brand as for one that there is not."""
    found = asked.context.snapshot()
    rows: dict[str, dict[str, Any]] = {
        str(row["agent"]): row for row in found["agents"] if asked.scope.has_agent(row["agent"])
    }
    if agent not in rows:
        near = near_names(agent, rows)
        detail = f"There is no agent {agent}.{_did_you_mean(near)} `sanxiang agent list` shows those there are."
        raise Problem(404, "unknown-agent", detail, field="agent", allowed=near or None)
    return asked.scope.seen_agent(rows[agent], found["calls"])


def queue_row(asked: Asked, queue: str, *, status: int = 404, field: str = "queue") -> dict[str, Any]:
    """The queue's row of the snapshot, where it is seen. Raises Problem: 404 when the path names it, else what `status` says."""
    rows: dict[str, dict[str, Any]] = {
        str(row["name"]): row for row in asked.context.snapshot()["queues"] if asked.scope.has_queue(row["name"])
    }
    if queue not in rows:
        near = near_names(queue, rows)
        words = _did_you_mean(near) or f" There are: {', '.join(sorted(rows)[:20]) or 'none'}."
        raise Problem(status, "unknown-queue", f"There is no queue {queue}.{words}", field=field, allowed=near or None)
    return rows[queue]


def refuse_shared(asked: Asked, queue: str) -> None:
    """Raises Problem: 404 for a queue that is not seen; 403 for who is limited to brands, where calls of other brands stand in it, too."""
    queue_row(asked, queue)
    if not asked.scope.has_queue_alone(queue):
        detail = (
            f"Calls of other brands stand in {queue}, too. Somebody who is not limited to brands can open or close it."
        )
        raise Problem(403, "shared-queue", detail)


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """At most three known names that resemble this one, the nearest first.

    Of very many names only those are weighed that are about as long, and of these the ones that begin as this one does.
    """
    close = [each for each in known if abs(len(each) - len(name)) <= ALIKE_WITHIN]
    close.sort(key=lambda each: abs(len(each) - len(name)))
    for begin in range(1, len(name)):
        if len(close) <= MOST_WEIGHED:
            break
        close = [each for each in close if each[:begin] == name[:begin]] or close[:MOST_WEIGHED]
    return difflib.get_close_matches(name, close[:MOST_WEIGHED], n=3, cutoff=0.5)


def _did_you_mean(near: list[str]) -> str:
    return f" Did you mean {' or '.join(near)}?" if near else ""
