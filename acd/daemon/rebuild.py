"""The engine as it was when the previous daemon stopped: the journal's newest checkpoint, and the events after it.

Nothing in the journal keeps the daemon from starting. A checkpoint of another version, or one that can't be restored, is left
out: Asterisk is asked for the calls in any case, and what a channel does not carry (the day's counts, missed offers) begins anew.
An event that can't be replayed is left out.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog

from acd.engine.acd import Acd
from acd.engine.commands import Command
from acd.engine.outline import outline
from acd.engine.recovery.checkpoint import CheckpointOfAnotherFormat
from acd.store.journal.journal import Journal

log = structlog.get_logger(__name__)

ALARMS = "alarms"
"""Where the book of alarms lies in a checkpoint, beside the engine's own fields."""


class Beside(Protocol):
    """What else lies in the checkpoint and follows from the rows: the book of alarms."""

    def restore(self, kept: Mapping[str, Any] | None) -> None: ...
    def replayed(self, at: datetime, commands: list[Command]) -> None: ...


def rebuilt(
    journal: Journal,
    anew: Callable[[], Acd],
    number_of: Callable[[str], str] = lambda number: number,
    alarms: Beside | None = None,
) -> Acd:
    """The rebuilt engine. `anew` makes an engine without calls, by the configuration in force. Raises nothing of the journal's.

    `number_of`: a caller's canonical number, or "unknown". Former versions kept numbers as carriers wrote them: their events are
    replayed as they were, or another agent could come out of them, and afterwards the callers get their canonical numbers.
    """
    state, events = journal.last()
    if alarms is not None:
        alarms.restore((state or {}).get(ALARMS))
    try:
        engine = anew() if state is None else Acd.restore(state)
    except CheckpointOfAnotherFormat as why:
        log.warning("the journal is of another version; Asterisk is asked for the calls", why=str(why))
        return anew()
    except Exception:
        log.exception("the checkpoint of the journal can't be restored; Asterisk is asked for the calls")
        return anew()
    for at, event in events:
        try:
            commands = engine.handle(event, at)
        except Exception:
            log.exception("the engine could not replay an event of the journal; it is left out", failed=outline(event))
            continue
        if alarms is not None:
            alarms.replayed(at, commands)
    if events:
        log.info("rebuilt from the journal", events=len(events))
    engine.rename_callers(number_of)
    return engine
