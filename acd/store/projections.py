"""Log rows into tables: what the calls, offers, agents' times, queues and recordings look like after them.

A batch of rows is folded in memory first (`Fold.take`, pure) and then written with one statement per table
(`Fold.write`), so that the cost of a row is some microseconds here and a few more in PostgreSQL. Whoever writes a fold
has made sure that none of its rows was written before.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Kind, Log, Outcome
from acd.store.agent_states import AgentStates
from acd.store.legs import consult_of, kind_of, message_of
from acd.store.tables import AgentRow, CallRow, OfferRow, OperatorDeedRow, QueueRow, RecordingRow
from acd.store.upsert import FILL, FIRST, FIRST_SAID, FIRST_WORD, KEEP, LATEST, NEW, WORD, Upsert

_CALLS = Upsert(
    CallRow,
    {
        "caller": "CASE WHEN excluded.caller IN ('', 'unknown') THEN calls.caller ELSE excluded.caller END",
        "dialled": WORD,
        "language": WORD,
        "menu_path": WORD,
        "queue": WORD,
        "arrived_at": FIRST,
        "asked_at": FIRST,
        "answered_at": FIRST,
        "ended_at": FILL,
        "agent": WORD,
        "offers": LATEST,
        "wait_s": FILL,
        "talk_s": FILL,
        "ending": FILL,
        "asked_for_person": FILL,
        "within_target": FILL,
        "short": FILL,
        # What was so when he asked for a person; the first asking decides.
        "asked_queue": FIRST_WORD,
        "skills": "CASE WHEN calls.asked_queue = '' THEN excluded.skills ELSE calls.skills END",
        "priority": "CASE WHEN calls.asked_queue = '' THEN excluded.priority ELSE calls.priority END",
        "returned_s": FIRST_SAID,
        "position": FIRST_SAID,
        "median_s": FIRST_SAID,
        "p90_s": FIRST_SAID,
        "kept_for": WORD,
        "kept_why": WORD,
        "policy": "calls.policy || excluded.policy",
        "called_back": "calls.called_back OR excluded.called_back",
        "callback_state": WORD,
        "callback_at": FIRST,
        "callback_attempts": LATEST,
        "sent_to": WORD,
    },
)
_OFFERS = Upsert(
    OfferRow,
    {
        "call": WORD,
        "agent": WORD,
        "queue": WORD,
        "number": LATEST,
        "offered_at": FIRST,
        "ringing_at": FIRST,
        "answered_at": FIRST,
        "connected_at": FIRST,
        "ended_at": LATEST,
        "outcome": FILL,
        "cause": FILL,
        "crossed": "offers.crossed OR excluded.crossed",
        "ring_s": FILL,
        "rings": FILL,
        "wait_s": FILL,
        "talk_s": FILL,
        "ended_by": FILL,
        "explanation": "CASE WHEN excluded.explanation = '{{}}' THEN offers.explanation ELSE excluded.explanation END",
        # The first time that it was over is the one that counts.
        "closed_at": FIRST_SAID,
        "rang": "CASE WHEN offers.closed_at IS NULL THEN excluded.rang ELSE offers.rang END",
        "closed_answered": "CASE WHEN offers.closed_at IS NOT NULL THEN offers.closed_answered"
        " ELSE excluded.closed_answered OR (excluded.closed_at IS NOT NULL AND offers.answered_at IS NOT NULL) END",
        "closed_rings": FIRST_SAID,
        "talk_ended_at": LATEST,
    },
)
_PHONES = Upsert(AgentRow, {"reachable": NEW})
_DEEDS = Upsert(
    OperatorDeedRow, {"at": KEEP, "by": KEEP, "did": KEEP, "call": KEEP, "agent": KEEP, "queue": KEEP, "detail": KEEP}
)
_QUEUES = Upsert(QueueRow, {"first_at": FIRST, "last_at": LATEST})
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
        "path": WORD,
        "seconds": FILL,
        "talk_s": FILL,
        "talk_ended_at": FILL,
        "sha256": WORD,
        "reason": "CASE WHEN excluded.filed_at IS NULL THEN recordings.reason ELSE excluded.reason END",
        "silent": "CASE WHEN excluded.filed_at IS NULL THEN recordings.silent ELSE excluded.silent END",
        "filed_at": FILL,
        "kind": "CASE WHEN excluded.kind = 'talk' THEN recordings.kind ELSE excluded.kind END",
    },
)
_CLOSE_LEGS = text(
    # A call that is over has no live leg, also when its end came without the end of the talk (Asterisk was killed).
    "UPDATE offers SET talk_s = GREATEST(0, EXTRACT(EPOCH FROM calls.ended_at - connected_at)),"
    " ended_at = COALESCE(offers.ended_at, calls.ended_at), ended_by = COALESCE(ended_by, 'lost')"
    " FROM calls WHERE calls.call = offers.call AND calls.ended_at IS NOT NULL AND offers.call = ANY(:calls)"
    " AND connected_at IS NOT NULL AND offers.talk_s IS NULL"
).bindparams(bindparam("calls", type_=ARRAY(Text())))

Place = tuple[str, int, int]
"""Spool, line and index: what names a row of the log for ever."""

_OF_NO_CALL = (Kind.IGNORED, Kind.ALARM, Kind.CROSSED, Kind.RECORDED)
"""Rows that may name a call which never was, or was over long ago: they make no row of calls."""

_CALL_WORDS = (
    "dialled", "language", "menu_path", "queue", "agent", "asked_queue", "kept_for", "kept_why", "callback_state", "sent_to",
)  # fmt: skip
NOWHERE: Place = ("", 0, 0)

_CLEAN = {0: "�"} | dict.fromkeys(range(0xD800, 0xE000), "�")


def clean(value: Any) -> Any:
    """The same value with what PostgreSQL's text cannot hold (NUL, half a surrogate pair) replaced."""
    if isinstance(value, str):
        return value.translate(_CLEAN) if not value.isprintable() else value
    if isinstance(value, dict):
        return {clean(str(key)): clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    return value


class Fold:
    """What a run of log rows changes, table by table."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, Any]] = {}
        self._offers: dict[str, dict[str, Any]] = {}
        self._recordings: dict[str, dict[str, Any]] = {}
        self._queues: dict[str, dict[str, Any]] = {}
        self._deeds: list[dict[str, Any]] = []
        self._agents = AgentStates()
        self._phones: dict[str, bool] = {}
        self._ended: list[str] = []
        self._place = NOWHERE

    # -- taking rows in, in the order of the log -----------------------------------------------------------------

    def take(self, at: datetime, log: Log, place: Place = NOWHERE) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        self._place = place
        call = self._call(at, log) if log.call and log.kind not in _OF_NO_CALL else {}
        if log.queue:
            queue = self._queues.setdefault(log.queue, {"queue": log.queue, "first_at": at, "last_at": at})
            queue["last_at"] = max(queue["last_at"], at)
        take = _TAKERS.get(log.kind)
        if take is not None:
            take(self, at, log, call)

    def _call(self, at: datetime, log: Log) -> dict[str, Any]:
        call = self._calls.get(log.call)
        if call is None:
            # A call that was adopted after a restart has no row of its arrival: its first row stands for it.
            call = self._calls[log.call] = {"call": log.call, "arrived_at": at, "offers": 0}
            call |= {"caller": "unknown"} | dict.fromkeys(_CALL_WORDS, "")
            call |= {"skills": {}, "priority": 0, "policy": [], "called_back": False, "callback_attempts": 0}
        if log.queue:
            call["queue"] = log.queue
        return call

    def _offer(self, at: datetime, log: Log) -> dict[str, Any]:
        offer = self._offers.get(log.offer)
        if offer is None:
            offer = self._offers[log.offer] = {
                "offer": log.offer,
                "offered_at": at,
                "number": 0,
                "explanation": {},
                "crossed": False,
                "rang": False,
                "closed_answered": False,
            }
            offer |= {"call": log.call, "agent": log.agent, "queue": log.queue}
        return offer

    def _recording(self, at: datetime, log: Log) -> dict[str, Any]:
        recording = self._recordings.get(log.offer)
        if recording is None:
            recording = self._recordings[log.offer] = {"offer": log.offer, "offered_at": at, "state": "expected"}
            recording |= {"call": log.call, "agent": log.agent, "queue": log.queue}
            recording |= {"path": "", "sha256": "", "reason": "", "silent": "", "kind": kind_of(log.offer)}
        return recording

    def _arrived(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["caller"] = str(log.detail.get("caller") or "unknown")
        call["dialled"] = str(log.detail.get("dialled") or "")

    def _menu(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["menu_path"] = str(log.detail.get("path") or "")

    def _queued(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        # A call that is put back, or adopted, waited before this row: the engine says since when.
        waited = _number(log.detail.get("waited_s")) or 0.0
        asked = at - timedelta(seconds=waited)
        call["asked_at"] = min(call.get("asked_at") or asked, asked)
        call["language"] = str(log.detail.get("language") or call["language"])
        if call["asked_queue"]:
            return
        call["asked_queue"] = log.queue
        call["skills"] = dict(log.detail.get("skills") or {})
        call["priority"] = _whole(log.detail.get("priority")) or 0
        call["position"] = _whole(log.detail.get("position"))
        for name in ("returned_s", "median_s", "p90_s"):
            call[name] = _number(log.detail.get(name))

    def _kept(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["kept_for"] = log.agent or str(log.detail.get("agent") or "")
        call["kept_why"] = str(log.detail.get("why") or "")

    def _overflow(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        said = {name: log.detail[name] for name in ("row", "do", "why", "when", "waited_s") if name in log.detail}
        call["policy"].append(said | {"at": at.isoformat()})

    def _callback(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        state = str(log.detail["state"])
        call["callback_state"] = state
        if state == "accepted":
            call.setdefault("callback_at", at)
        call["callback_attempts"] = max(call["callback_attempts"], _whole(log.detail.get("attempt")) or 0)

    def _sent_on(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["sent_to"] = str(log.detail.get("number") or "")

    def _message(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        """Expected from now on; complete when it is filed under the same name."""
        name = log.offer or message_of(log.call)
        recording = self._recording(at, replace(log, offer=name))
        recording["kind"] = "message"
        recording["talk_s"] = _number(log.detail.get("seconds"))
        recording["talk_ended_at"] = at

    def _operator(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        spool, line, idx = self._place
        deed = {"spool": spool, "line": line, "idx": idx, "at": at, "by": str(log.detail.get("by") or "")}
        deed["did"] = "configuration" if log.kind is Kind.CONFIGURATION else str(log.detail["did"])
        deed |= {"call": log.call, "agent": log.agent, "queue": log.queue}
        deed["detail"] = {name: said for name, said in log.detail.items() if name not in ("by", "did")}
        self._deeds.append(deed)

    def _offered(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        offer = self._offer(at, log)
        number = _whole(log.detail.get("number")) or 0
        offer["number"] = number
        offer["explanation"] = {key: each for key, each in log.detail.items() if key != "number"}
        call["offers"] = max(call.get("offers", 0), number)
        self._recording(at, log)

    def _ringing(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        self._offer(at, log).setdefault("ringing_at", at)

    def _answered(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        offer = self._offer(at, log)
        offer.setdefault("answered_at", at)
        self._rang(offer, log)

    def _connected(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        offer = self._offer(at, log)
        offer.setdefault("connected_at", at)
        offer["wait_s"] = _number(log.detail.get("wait_s"))
        offer["outcome"] = Outcome.ANSWERED.value
        call.setdefault("answered_at", at)
        # Whoever was found by resync asked before his row was written; the engine says how long he waited.
        asked = at - timedelta(seconds=offer["wait_s"] or 0.0)
        call["asked_at"] = min(call.get("asked_at") or asked, asked)
        call["agent"] = log.agent
        # An offer that was given up may be found talking after all: its recording is owed again.
        recording = self._recording(at, log)
        if recording["state"] == "none":
            recording["state"] = "expected"

    def _crossed(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        self._offer(at, log)["crossed"] = True

    def _offer_ended(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        offer = self._offer(at, log)
        offer["outcome"] = str(log.detail["outcome"])
        offer["cause"] = _whole(log.detail.get("cause"))
        offer["ended_at"] = at
        self._rang(offer, log)
        if "closed_at" not in offer:
            offer["closed_at"] = at
            offer["closed_rings"] = _whole(log.detail.get("rings")) or 0
            offer["closed_answered"] = "answered_at" in offer
            offer["rang"] = offer["closed_rings"] > 0 and offer["outcome"] != Outcome.CALLER_LEFT
        if offer["outcome"] != Outcome.ANSWERED:
            recording = self._recording(at, log)
            if recording["state"] == "expected":
                recording["state"] = "none"

    def _talk_ended(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        offer = self._offer(at, log)
        offer["talk_s"] = _number(log.detail["talk_s"])
        offer["ended_by"] = str(log.detail.get("by") or "")
        offer["ended_at"] = offer["talk_ended_at"] = at
        self._agents.talk_ended(log)
        recording = self._recording(at, log)
        recording["talk_s"] = offer["talk_s"]
        recording["talk_ended_at"] = at

    def _consult_ended(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        """The consult's own leg: whether the house keeps one is known when it is filed. The receiver's leg is not owed
        until he is connected with the caller."""
        if not log.offer:
            return
        own = self._recording(at, log)
        if own["state"] == "expected" and "connected_at" not in self._offers.get(log.offer, {}):
            own["state"] = "none"
        consult = self._recording(at, replace(log, offer=consult_of(log.offer)))
        consult |= {"talk_s": _number(log.detail.get("consult_s")), "talk_ended_at": at}
        if consult["state"] == "expected":
            consult["state"] = "none"

    def _ended_call(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["ended_at"] = at
        call["ending"] = str(log.detail["ending"])
        for name in ("wait_s", "talk_s"):
            call[name] = _number(log.detail.get(name))
        for name in ("asked_for_person", "within_target", "short"):
            said = log.detail.get(name)
            call[name] = None if said is None else bool(said)
        call["called_back"] = bool(log.detail.get("callback"))
        self._ended.append(log.call)

    def _agent_state(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        self._agents.take(at, log)

    def _phone(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        self._phones[log.agent] = bool(log.detail["reachable"])

    def _recorded(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        recording = self._recording(at, log)
        # A moment's bridge has nothing to record: no file, and none is missed.
        whole = "complete" if log.detail.get("path") else "none"
        recording["state"] = whole if log.detail["complete"] else "incomplete"
        recording["seconds"] = _number(log.detail.get("seconds"))
        recording["filed_at"] = at
        for name in ("path", "sha256", "reason", "silent"):
            recording[name] = str(log.detail.get(name) or "")

    @staticmethod
    def _rang(offer: dict[str, Any], log: Log) -> None:
        if log.detail.get("ring_s") is not None:
            offer["ring_s"] = _number(log.detail["ring_s"])
        if log.detail.get("rings") is not None:
            offer["rings"] = _whole(log.detail["rings"])

    # -- writing -------------------------------------------------------------------------------------------------

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        await _CALLS.run(connection, self._calls.values())
        await _OFFERS.run(connection, self._offers.values())
        await _RECORDINGS.run(connection, self._recordings.values())
        await _QUEUES.run(connection, self._queues.values())
        await _DEEDS.run(connection, self._deeds)
        if self._ended:
            await connection.execute(_CLOSE_LEGS, {"calls": self._ended})
        if self._phones:
            await _PHONES.run(connection, [{"agent": agent, "reachable": said} for agent, said in self._phones.items()])
        await self._agents.write(connection)


_TAKERS = {
    Kind.ARRIVED: Fold._arrived,
    Kind.MENU: Fold._menu,
    Kind.QUEUED: Fold._queued,
    Kind.OFFERED: Fold._offered,
    Kind.RINGING: Fold._ringing,
    Kind.ANSWERED: Fold._answered,
    Kind.CONNECTED: Fold._connected,
    Kind.CROSSED: Fold._crossed,
    Kind.OFFER_ENDED: Fold._offer_ended,
    Kind.TALK_ENDED: Fold._talk_ended,
    Kind.CONSULT_ENDED: Fold._consult_ended,
    Kind.ENDED: Fold._ended_call,
    Kind.AGENT_STATE: Fold._agent_state,
    Kind.PHONE: Fold._phone,
    Kind.RECORDED: Fold._recorded,
    Kind.KEPT: Fold._kept,
    Kind.OVERFLOW: Fold._overflow,
    Kind.CALLBACK: Fold._callback,
    Kind.SENT_ON: Fold._sent_on,
    Kind.MESSAGE: Fold._message,
    Kind.OPERATOR: Fold._operator,
    Kind.CONFIGURATION: Fold._operator,
}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
