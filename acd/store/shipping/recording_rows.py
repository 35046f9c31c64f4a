"""Log rows into recordings: what is owed from the offer on, and the manifest's verdict."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Kind, Log, Outcome
from acd.store.journal.legs import consult_of, kind_of, message_of, word_of
from acd.store.shipping.upsert import FILL, KEEP, WORD, Upsert
from acd.store.tables import RecordingRow

_RECORDINGS = Upsert(
    RecordingRow,
    {
        "call": WORD,
        "agent": WORD,
        "queue": WORD,
        "offered_at": KEEP,
        # A verdict stays: what the log tells of the offer after it tells nothing new of the file.
        "state": "CASE WHEN recordings.state IN ('complete', 'incomplete') AND excluded.state IN ('expected', 'none')"
        " THEN recordings.state ELSE excluded.state END",
        # Of a deleted one there is no file any more, whatever is told again.
        "path": "CASE WHEN recordings.deleted_at IS NULL THEN COALESCE(NULLIF(excluded.path, ''), recordings.path) ELSE '' END",
        "seconds": FILL,
        "talk_s": FILL,
        "talk_ended_at": FILL,
        "sha256": WORD,
        "reason": "CASE WHEN excluded.filed_at IS NULL THEN recordings.reason ELSE excluded.reason END",
        "silent": "CASE WHEN excluded.filed_at IS NULL THEN recordings.silent ELSE excluded.silent END",
        "filed_at": FILL,
        "recorded_s": FILL,
        "first": WORD,
        "spans": "CASE WHEN excluded.spans = '[]' THEN recordings.spans ELSE excluded.spans END",
        "kind": "CASE WHEN excluded.kind = 'talk' THEN recordings.kind ELSE excluded.kind END",
    },
)
_NOT_OWED = text(
    # An agent who was consulted and did not get the caller has no leg.
    "UPDATE recordings SET state = 'none' FROM offers WHERE offers.offer = recordings.offer"
    " AND offers.offer = ANY(:offers) AND offers.connected_at IS NULL AND recordings.state = 'expected'"
).bindparams(bindparam("offers", type_=ARRAY(Text())))


class RecordingRows:
    """What a run of log rows says of recordings."""

    def __init__(self) -> None:
        self._recordings: dict[str, dict[str, Any]] = {}
        self._consulted: list[str] = []
        """Offers in whose name there was a consult."""

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        take = _TAKERS.get(log.kind)
        if take is not None:
            take(self, at, log)

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction, after the offers."""
        await _RECORDINGS.run(connection, self._recordings.values())
        if self._consulted:
            await connection.execute(_NOT_OWED, {"offers": self._consulted})

    def _recording(self, at: datetime, log: Log) -> dict[str, Any]:
        recording = self._recordings.get(log.offer)
        if recording is None:
            recording = self._recordings[log.offer] = {"offer": log.offer, "offered_at": at, "state": "expected"}
            recording |= {"call": log.call, "agent": log.agent, "queue": log.queue}
            recording |= {"path": "", "sha256": "", "reason": "", "silent": "", "kind": kind_of(log.offer)}
            recording |= {"first": "", "spans": []}
        return recording

    def _offered(self, at: datetime, log: Log) -> None:
        self._recording(at, log)

    def _connected(self, at: datetime, log: Log) -> None:
        # An offer that was given up may be found talking after all: its recording is owed again.
        recording = self._recording(at, log)
        if recording["state"] == "none":
            recording["state"] = "expected"

    def _offer_ended(self, at: datetime, log: Log) -> None:
        if log.detail["outcome"] != Outcome.ANSWERED:
            recording = self._recording(at, log)
            if recording["state"] == "expected":
                recording["state"] = "none"

    def _talk_ended(self, at: datetime, log: Log) -> None:
        recording = self._recording(at, log)
        recording["talk_s"] = _number(log.detail["talk_s"])
        recording["talk_ended_at"] = at
        recording["recorded_s"] = _number(log.detail.get("recorded_s"))
        recording["spans"] = list(log.detail.get("spans") or ())

    def _leg_over(self, at: datetime, log: Log) -> None:
        """A caller whom a supervisor has taken over is gone: the leg's recording ends only now."""
        if log.detail["state"] == "leg over":
            self._talk_ended(at, log)

    def _consult_ended(self, at: datetime, log: Log) -> None:
        """The consult's own leg: whether consults are recorded is known when it is filed."""
        if not log.offer:
            return  # A number that is consulted has none.
        self._consulted.append(log.offer)
        consult = self._recording(at, replace(log, offer=consult_of(log.offer)))
        consult |= {"talk_s": _number(log.detail.get("consult_s")), "talk_ended_at": at}
        consult["first"] = str(log.detail.get("first") or "")
        consult["recorded_s"] = _number(log.detail.get("recorded_s"))
        consult["spans"] = list(log.detail.get("spans") or ())
        if consult["state"] == "expected":
            consult["state"] = "none"

    def _message(self, at: datetime, log: Log) -> None:
        """Expected from now on; complete when it is filed under the same name."""
        name = log.offer or message_of(log.call)
        recording = self._recording(at, replace(log, offer=name))
        recording["kind"] = "message"
        recording["talk_s"] = _number(log.detail.get("seconds"))
        recording["talk_ended_at"] = at

    def _word(self, at: datetime, log: Log) -> None:
        """What a caller said after the survey: as a message, by a name of its own."""
        if log.detail["state"] != "word":
            return
        recording = self._recording(at, replace(log, offer=word_of(log.call), agent=""))
        recording["kind"] = "word"
        recording["talk_s"] = _number(log.detail.get("seconds"))
        recording["talk_ended_at"] = at

    def _recorded(self, at: datetime, log: Log) -> None:
        recording = self._recording(at, log)
        # A moment's bridge has nothing to record: no file, and none is missed.
        whole = "complete" if log.detail.get("path") else "none"
        recording["state"] = whole if log.detail["complete"] else "incomplete"
        recording["seconds"] = _number(log.detail.get("seconds"))
        recording["filed_at"] = at
        for name in ("path", "sha256", "reason", "silent"):
            recording[name] = str(log.detail.get(name) or "")


_TAKERS = {
    Kind.OFFERED: RecordingRows._offered,
    Kind.CONNECTED: RecordingRows._connected,
    Kind.OFFER_ENDED: RecordingRows._offer_ended,
    Kind.TALK_ENDED: RecordingRows._talk_ended,
    Kind.CONSULT_ENDED: RecordingRows._consult_ended,
    Kind.LISTENING: RecordingRows._leg_over,
    Kind.MESSAGE: RecordingRows._message,
    Kind.SURVEY: RecordingRows._word,
    Kind.RECORDED: RecordingRows._recorded,
}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
