"""Compares the engine's calls with Asterisk's channels, and has a resync done where they differ.

An event can be lost while the link is up: a message that did not parse, a bug here or in Asterisk. The engine would then keep a
caller who has hung up, or never offer a caller who waits. So every third list of channels, which the watch over Asterisk asks for
every ten seconds anyway, is compared with the engine's calls, and the next list too when something differs. A difference in both
is no race. Nothing is corrected one by one: the link is treated as lost and a resync is done, as after a reconnection, and an
alarm names the differences.

A difference that a resync does not remove is reported once and then ignored: a resync every minute would delay all calls because
of one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from acd.engine.events import AlarmRaised, Event
from acd.pbx.ami.connection import AmiDown, AmiRefused, AmiSilent, Message
from acd.pbx.link import Pbx
from acd.pbx.recovery.reconcile import Difference, differences, seen_calls
from acd.pbx.recovery.resync import calls_on

log = structlog.get_logger(__name__)

EVERY = 3
"""Every third of the lists that come every ten seconds is compared."""
LOOKS_BACK_S = 90.0
"""Hang-ups of so many seconds are looked up at the resync: more than passes from the last good comparison to the resync."""


class CallsWatch:
    """Compares each list of channels that it is given."""

    def __init__(self, pbx: Pbx, snapshot: Callable[[], Mapping[str, Any]], tell: Callable[[Event], None]) -> None:
        self._pbx, self._snapshot, self._tell = pbx, snapshot, tell
        self._lists = 0
        self._before: frozenset[Difference] = frozenset()
        self._tried: frozenset[Difference] = frozenset()
        self._resyncs = -1
        self.mended = 0
        """Differences for which a resync was asked, since the start."""

    async def heard(self, rows: Sequence[Message]) -> None:
        """A list of all channels has come: the rows of CoreShowChannels. Raises nothing."""
        try:
            await self._compare(rows)
        except (AmiDown, AmiRefused, AmiSilent):
            pass  # The link itself tells of this.
        except Exception:
            log.exception("the floor could not be compared with Asterisk's channels")

    async def _compare(self, rows: Sequence[Message]) -> None:
        self._lists += 1
        if not self._pbx.synced or (self._lists % EVERY and not self._before):
            return
        resyncs = self._pbx.resyncs
        if resyncs != self._resyncs:
            self._before, self._resyncs = frozenset(), resyncs
        calls = self._snapshot()["calls"]
        now = differences(calls, seen_calls(rows, await calls_on(self._pbx.ami, self._pbx.book, rows)))
        self._tried &= now
        standing = (now & self._before) - self._tried
        self._before = now - self._tried  # A difference that a resync has not removed does not cause more comparisons.
        if standing and resyncs == self._pbx.resyncs:
            self._mend(standing)

    def _mend(self, standing: frozenset[Difference]) -> None:
        said = "; ".join(map(str, sorted(standing)[:5])) + ("; …" if len(standing) > 5 else "")
        log.warning("out of step with Asterisk; it is asked anew", differences=said, number=len(standing))
        self.mended += len(standing)
        self._tried |= standing
        self._before = frozenset()
        self._tell(AlarmRaised("out of step", said, min(standing).call))
        self._pbx.look_anew(f"out of step: {said}", LOOKS_BACK_S)
