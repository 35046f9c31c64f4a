"""Whether the engine and Asterisk still agree on who is here and with whom; mended where they do not.

An event can be lost without the link being lost: a message that did not parse, a bug of ours or of Asterisk's. The engine
would then keep a caller who has gone, or never offer one who waits. So the list of channels, which the watch over Asterisk
asks for every ten seconds anyway, is held against the floor: every third time, and once more at the next when something
differs. What differs in both is no race. Then nothing is patched by hand: the link is taken as lost and Asterisk is asked
anew, the same way as after a reconnection, and an alarm names what was wrong.

What even that does not mend is said once and left alone: asking every minute would hold up a whole floor for one odd call.
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
"""Of the lists that come every ten seconds, each third is compared."""
LOOKS_BACK_S = 90.0
"""Who hung up since then is looked up in Asterisk's book: longer than from the last look that was well to the mending."""


class CallsWatch:
    def __init__(self, pbx: Pbx, snapshot: Callable[[], Mapping[str, Any]], tell: Callable[[Event], None]) -> None:
        self._pbx, self._snapshot, self._tell = pbx, snapshot, tell
        self._lists = 0
        self._before: frozenset[Difference] = frozenset()
        self._tried: frozenset[Difference] = frozenset()
        self._resyncs = -1
        self.mended = 0
        """Differences that stood, since the start; each was mended, or is said to be beyond it."""

    async def heard(self, rows: Sequence[Message]) -> None:
        """A list of all channels has come."""
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
        self._before = now - self._tried  # what even asking anew has not mended is looked at no more often for it
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
