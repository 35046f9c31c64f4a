"""Log rows into tables: what the calls, offers, agents' times, queues and recordings look like after them.

A batch of rows is folded in memory first (`Fold.take`, pure) and then written with one statement per table
(`Fold.write`), so that the cost of a row is some microseconds here and a few more in PostgreSQL. Whoever writes a fold
has made sure that none of its rows was written before.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from acd.engine.commands import Kind, Log, Outcome
from acd.store.tables import AgentRow, AgentTimeRow, CallRow, OfferRow, QueueRow, RecordingRow
from acd.store.upsert import FILL, FIRST, KEEP, LATEST, NEW, WORD, Upsert

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
    },
)
_AGENT_STATES = Upsert(AgentRow, {"state": NEW, "reason": NEW, "state_since": NEW})
_PHONES = Upsert(AgentRow, {"reachable": NEW})
_AGENT_TIME = Upsert(AgentTimeRow, {"to_at": NEW, "state": NEW, "reason": NEW})
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
    },
)
_OPEN_STRETCHES = text(
    "SELECT agent, from_at, state, reason FROM agent_time WHERE to_at IS NULL AND agent = ANY(:agents)"
).bindparams(bindparam("agents", type_=ARRAY(Text())))
_CLOSE_LEGS = text(
    # A call that is over has no live leg, also when its end came without the end of the talk (Asterisk was killed).
    "UPDATE offers SET talk_s = GREATEST(0, EXTRACT(EPOCH FROM calls.ended_at - connected_at)),"
    " ended_at = COALESCE(offers.ended_at, calls.ended_at), ended_by = COALESCE(ended_by, 'lost')"
    " FROM calls WHERE calls.call = offers.call AND calls.ended_at IS NOT NULL AND offers.call = ANY(:calls)"
    " AND connected_at IS NOT NULL AND offers.talk_s IS NULL"
).bindparams(bindparam("calls", type_=ARRAY(Text())))

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
        self._states: dict[str, list[tuple[datetime, str, str]]] = {}
        self._phones: dict[str, bool] = {}
        self._ended: list[str] = []

    # -- taking rows in, in the order of the log -----------------------------------------------------------------

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        call = self._call(at, log) if log.call else {}
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
            call |= {"caller": "unknown"} | dict.fromkeys(("dialled", "language", "menu_path", "queue", "agent"), "")
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
            }
            offer |= {"call": log.call, "agent": log.agent, "queue": log.queue}
        return offer

    def _recording(self, at: datetime, log: Log) -> dict[str, Any]:
        recording = self._recordings.get(log.offer)
        if recording is None:
            recording = self._recordings[log.offer] = {"offer": log.offer, "offered_at": at, "state": "expected"}
            recording |= {"call": log.call, "agent": log.agent, "queue": log.queue}
            recording |= {"path": "", "sha256": "", "reason": "", "silent": ""}
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
        if offer["outcome"] != Outcome.ANSWERED:
            recording = self._recording(at, log)
            if recording["state"] == "expected":
                recording["state"] = "none"

    def _talk_ended(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        offer = self._offer(at, log)
        offer["talk_s"] = _number(log.detail["talk_s"])
        offer["ended_by"] = str(log.detail.get("by") or "")
        offer["ended_at"] = at
        recording = self._recording(at, log)
        recording["talk_s"] = offer["talk_s"]
        recording["talk_ended_at"] = at

    def _ended_call(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["ended_at"] = at
        call["ending"] = str(log.detail["ending"])
        for name in ("wait_s", "talk_s"):
            call[name] = _number(log.detail.get(name))
        for name in ("asked_for_person", "within_target", "short"):
            said = log.detail.get(name)
            call[name] = None if said is None else bool(said)
        self._ended.append(log.call)

    def _agent_state(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        said = (at, str(log.detail["state"]), str(log.detail.get("reason") or ""))
        self._states.setdefault(log.agent, []).append(said)

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
        if self._ended:
            await connection.execute(_CLOSE_LEGS, {"calls": self._ended})
        if self._phones:
            await _PHONES.run(connection, [{"agent": agent, "reachable": said} for agent, said in self._phones.items()])
        if self._states:
            await self._write_states(connection)

    async def _write_states(self, connection: AsyncConnection) -> None:
        open_rows = await connection.execute(_OPEN_STRETCHES, {"agents": list(self._states)})
        before = {agent: (from_at, state, reason) for agent, from_at, state, reason in open_rows}
        stretches: dict[tuple[str, datetime], dict[str, Any]] = {}
        now: list[dict[str, Any]] = []
        for agent, changes in self._states.items():
            run = [before[agent]] if agent in before else []
            for at, state, reason in changes:
                # The clock may have been set back: time that tiles does not run backwards.
                run.append((max(at, run[-1][0]) if run else at, state, reason))
            for index, (from_at, state, reason) in enumerate(run):
                to_at = run[index + 1][0] if index + 1 < len(run) else None
                # Of two states in the same instant the later one stays: the first lasted no time.
                stretches[agent, from_at] = {
                    "agent": agent,
                    "from_at": from_at,
                    "to_at": to_at,
                    "state": state,
                    "reason": reason,
                }
            since, state, reason = run[-1]
            now.append({"agent": agent, "state": state, "reason": reason, "state_since": since})
        await _AGENT_TIME.run(connection, stretches.values())
        await _AGENT_STATES.run(connection, now)


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
    Kind.ENDED: Fold._ended_call,
    Kind.AGENT_STATE: Fold._agent_state,
    Kind.PHONE: Fold._phone,
    Kind.RECORDED: Fold._recorded,
}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
