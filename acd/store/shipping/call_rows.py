"""Log rows into calls: each caller's visit as it went."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from acd.engine.commands import Kind, Log
from acd.store.shipping.upsert import FILL, FIRST, FIRST_SAID, FIRST_WORD, LATEST, WORD, Upsert
from acd.store.tables import CallRow

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
        # What was so when the caller asked for a person; the first asking decides.
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
        "written": WORD,
        "withheld": "calls.withheld OR excluded.withheld",
        "brand": WORD,
        "customer": WORD,
        "customer_name": WORD,
        "customer_class": WORD,
    },
)
_OF_NO_CALL = (
    Kind.IGNORED,
    Kind.ALARM,
    Kind.ALARM_CLEARED,
    Kind.CROSSED,
    Kind.RECORDED,
    Kind.CARD,
    Kind.TRANSFER,
    Kind.PROMISE,
    Kind.HELP,
    Kind.MISSED_CALLER,
)
"""Rows that may name a call which never was, or was over long ago: they make no row of calls."""

_CALL_WORDS = (
    "dialled", "language", "menu_path", "queue", "agent", "asked_queue", "kept_for", "kept_why", "callback_state", "sent_to", "written",
    "brand", "customer", "customer_name", "customer_class",
)  # fmt: skip


class CallRows:
    """What a run of log rows says of calls."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str, Any]] = {}

    def take(self, at: datetime, log: Log) -> None:
        """ValueError, TypeError or KeyError when the row's detail is not what its kind promises."""
        if not log.call or log.kind in _OF_NO_CALL:
            return
        call = self._call(at, log)
        take = _TAKERS.get(log.kind)
        if take is not None:
            take(self, at, log, call)

    async def write(self, connection: AsyncConnection) -> None:
        """All of it, inside the caller's transaction."""
        await _CALLS.run(connection, self._calls.values())

    def _call(self, at: datetime, log: Log) -> dict[str, Any]:
        call = self._calls.get(log.call)
        if call is None:
            # A call that was adopted after a restart has no row of its arrival: its first row stands for it.
            call = self._calls[log.call] = {"call": log.call, "arrived_at": at, "offers": 0}
            call |= {"caller": "unknown"} | dict.fromkeys(_CALL_WORDS, "")
            call |= {
                "skills": {},
                "priority": 0,
                "policy": [],
                "called_back": False,
                "callback_attempts": 0,
                "withheld": False,
            }
        if log.queue:
            call["queue"] = log.queue
        return call

    def _arrived(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["caller"] = str(log.detail.get("caller") or "unknown")
        call["dialled"] = str(log.detail.get("dialled") or "")
        call["written"] = str(log.detail.get("written") or "")
        call["withheld"] = bool(log.detail.get("withheld"))
        call["brand"] = str(log.detail.get("brand") or "")

    def _customer(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["customer"] = str(log.detail.get("customer") or "")
        call["customer_name"] = str(log.detail.get("name") or "")
        call["customer_class"] = str(log.detail.get("class") or "")

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

    def _offered(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["offers"] = max(call.get("offers", 0), _whole(log.detail.get("number")) or 0)

    def _connected(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call.setdefault("answered_at", at)
        # A caller found by resync asked before this row was written; the engine says how long the wait was.
        asked = at - timedelta(seconds=_number(log.detail.get("wait_s")) or 0.0)
        call["asked_at"] = min(call.get("asked_at") or asked, asked)
        call["agent"] = log.agent

    def _ended(self, at: datetime, log: Log, call: dict[str, Any]) -> None:
        call["ended_at"] = at
        call["ending"] = str(log.detail["ending"])
        for name in ("wait_s", "talk_s"):
            call[name] = _number(log.detail.get(name))
        for name in ("asked_for_person", "within_target", "short"):
            said = log.detail.get(name)
            call[name] = None if said is None else bool(said)
        call["called_back"] = bool(log.detail.get("callback"))


_TAKERS = {
    Kind.ARRIVED: CallRows._arrived,
    Kind.CUSTOMER: CallRows._customer,
    Kind.MENU: CallRows._menu,
    Kind.QUEUED: CallRows._queued,
    Kind.KEPT: CallRows._kept,
    Kind.OVERFLOW: CallRows._overflow,
    Kind.CALLBACK: CallRows._callback,
    Kind.SENT_ON: CallRows._sent_on,
    Kind.OFFERED: CallRows._offered,
    Kind.CONNECTED: CallRows._connected,
    Kind.ENDED: CallRows._ended,
}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
