"""What people did to calls lately, so that who acts on the same call a moment later is told who was first.

In memory: after a restart the engine still refuses what can't be, without the name.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from acd.web.server.problems import Problem

MOST = 2_000
"""Calls that are remembered; of more the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Act:
    """The latest act on a call."""

    by: str
    what: str
    """The event's name, as CallMoved."""
    at: datetime
    now: str
    """What it is now: the priority, the queue; empty: nothing to name."""


class Acts:
    """The latest act on each of the latest calls."""

    def __init__(self) -> None:
        self._acts: OrderedDict[str, Act] = OrderedDict()

    def note(self, call: str, act: Act) -> None:
        """The latest act on this call from now on."""
        self._acts[call] = act
        self._acts.move_to_end(call)
        while len(self._acts) > MOST:
            self._acts.popitem(last=False)

    def latest(self, call: str) -> Act | None:
        """None: nobody did anything to it lately."""
        return self._acts.get(call)

    def refusal(self, call: str, code: str, sentence: str, *, field: str = "") -> Problem:
        """The refusal (409) with who was first, where somebody was."""
        act = self.latest(call)
        if act is None:
            return Problem(409, code, sentence, field=field or None)
        said = _SAID[act.what].format(by=act.by, now=act.now)
        return Problem(
            409,
            "acted-on",
            f"{sentence} {said} at {act.at:%H:%M:%S} UTC. Look at the call again.",
            field=field or None,
            by=act.by,
            at=act.at,
            words={"by": act.by, "what": act.what, "now": act.now},
        )


_SAID = {
    "CallPrioritised": "{by} set its priority to {now}",
    "CallMoved": "{by} moved it to {now}",
    "CallWithdrawn": "{by} took it out of the queue",
    "TalkCut": "{by} ended its talk",
}
ACTS: web.AppKey[Acts] = web.AppKey("acts on calls", Acts)
