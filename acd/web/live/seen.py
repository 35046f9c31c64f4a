"""The floor as an account sees it that is bounded by teams or brands: their queues, agents and calls, with counts of these alone.

What stands outside is left out whole. A row that is theirs names no agent of another team who only rings for it; an agent whom several
brands share is seen in each state, without the call where it is another brand's. Trunks, self-calls and alarms about the hotline
itself are the operators'.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from acd.engine.service_level import counted
from acd.web.access.scope import Scope


def seen(found: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """What `look` has found, as far as it belongs to this part. The same where that is the whole."""
    if scope.whole:
        return found
    calls = [seen_call(row, scope) for row in found["calls"] if scope.sees_call(row)]
    if scope.brands is not None:
        _number_anew(calls)
    return {
        **found,
        "queues": [_queue(row, calls, scope) for row in found["queues"] if scope.has_queue(row["name"])],
        "agents": [scope.seen_agent(row, found["calls"]) for row in found["agents"] if scope.has_agent(row["agent"])],
        "calls": calls,
        "counts": _counts(found["counts"], scope),
        "lines": {name: row for name, row in found["lines"].items() if _is_agents(name, scope)},
        "trunks": [],
        "self_calls": [],
        "alarms": alarms(found["alarms"], scope),
    }


_ON_A_WALL = ("call", "brand", "queue", "stage", "asked_at", "waiting_since", "in_time", "waited_s", "priority")


def seen_by_wall(found: dict[str, Any]) -> dict[str, Any]:
    """What a screen on a wall shows of it, which everybody in the room may read: no caller, no agent, no alarm."""
    calls = [{name: row[name] for name in _ON_A_WALL if name in row} for row in found["calls"]]
    return {**found, "agents": [], "calls": calls, "lines": {}, "trunks": [], "self_calls": [], "alarms": []}


def seen_call(row: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """A live call that is seen, without the names of agents of other teams for whom it rings or is kept."""
    row = dict(row)
    if scope.teams is None:
        return row
    if row["stage"] == "offered" and not scope.has_leg_of(row["agent"] or ""):
        row |= {"agent": None, "offer": None}
    if row["kept_for"] and not scope.has_leg_of(row["kept_for"]):
        row["kept_for"] = None
    return row


def alarms(rows: Iterable[dict[str, Any]], scope: Scope) -> list[dict[str, Any]]:
    """Those about an agent of theirs, or about one of their queues and no agent. Of brands: about one of their calls; about no call,
    and an agent of theirs or a queue that is theirs alone."""
    return [row for row in rows if scope.whole or _is_theirs(row, scope)]


def _is_theirs(alarm: Mapping[str, Any], scope: Scope) -> bool:
    if scope.brands is not None and alarm["call"]:
        if not alarm["brand"] or not scope.has_brand(alarm["brand"]):
            return False
        if scope.teams is None:
            return True
    if alarm["agent"]:
        return scope.has_agent(alarm["agent"])
    return bool(alarm["queue"]) and scope.has_queue_alone(alarm["queue"])


def _queue(row: dict[str, Any], calls: Iterable[Mapping[str, Any]], scope: Scope) -> dict[str, Any]:
    """A queue of no brand holds calls of all: who waits is counted anew, from the calls that are seen."""
    if scope.brands is None:
        return row
    waits = [call["waited_s"] for call in calls if call["queue"] == row["name"] and call["stage"] == "waiting"]
    return {**row, "waiting": len(waits), "longest_wait_s": max(waits, default=0.0)}


def _number_anew(calls: list[dict[str, Any]]) -> None:
    """The positions among the calls that are seen: the engine's count those of other brands."""
    ahead: dict[str, int] = {}
    for row in sorted((row for row in calls if row["position"] is not None), key=lambda row: int(row["position"])):
        row["position"] = row["position_in_queue"] = ahead[row["queue"]] = ahead.get(row["queue"], 0) + 1


def _counts(counts: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Today's: of the queues of these teams, of the calls of these brands; the total is theirs."""
    recent = [row for row in counts.get("recent", ()) if _counts_for(row, scope)]
    if scope.brands is None:
        queues = {name: row for name, row in counts["queues"].items() if scope.has_queue(name)}
        return {"day": counts["day"], "total": counted(queues.values()), "queues": queues, "recent": recent}
    brands = {name: row for name, row in counts.get("brands", {}).items() if scope.has_brand(name)}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in counts["queues"] if scope.has_queue(name)}
    for brand in brands.values():
        for name, row in brand["queues"].items():
            if scope.teams is None or scope.has_queue(name):
                rows.setdefault(name, []).append(row)
    queues = {name: counted(found) for name, found in rows.items()}
    if scope.teams is None:
        total = counted([brand["total"] for brand in brands.values()])
        return {
            "day": counts["day"],
            "total": total,
            "queues": queues,
            "recent": recent,
            **({"brands": brands} if brands else {}),
        }
    return {"day": counts["day"], "total": counted(queues.values()), "queues": queues, "recent": recent}


def _counts_for(row: Mapping[str, Any], scope: Scope) -> bool:
    if scope.teams is not None and not scope.has_queue(row["queue"]):
        return False
    return scope.brands is None or (bool(row["brand"]) and scope.has_brand(row["brand"]))


def _is_agents(line: str, scope: Scope) -> bool:
    """Whether a key of `lines` names an agent of theirs."""
    kind, _, name = line.partition(" ")
    return kind == "agent" and scope.has_agent(name)
