"""What each agent's page shows: state, call or ringing offer, card, consult, transfers without a reason.

Nothing is kept here but what the engine forgets: which call an agent had last, so that its note can still be written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from acd.config import BY_TELEPHONE, Config
from acd.engine.commands import Command, Kind, Log
from acd.engine.model import has_skills
from acd.web.live.listeners import seen_by_agent
from acd.web.live.transfer_summary import with_transfer_lines
from acd.web.server.caller_numbers import shown_caller
from acd.web.server.context import WebContext

LAST_CALL_KEPT = timedelta(minutes=10)
"""After its end a call is shown on its agent's desk for so long: time for a note that the next caller has interrupted."""
OWN_CALLS_KEPT = timedelta(hours=16)
"""A day's work: so long an agent may open the card of an own call again."""
OWN_CALLS = 300


@dataclass(frozen=True, slots=True)
class Last:
    """The talk that an agent had last."""

    call: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class DeskCalls:
    """Calls that an agent has had, each with the time of the talk."""

    agent: str
    calls: tuple[tuple[str, datetime], ...]


class Desks:
    """What each agent's page shows: built from the engine's state and the context cards."""

    def __init__(self, context: WebContext) -> None:
        self._context = context
        self._last: dict[str, Last | None] = {}
        self._had: dict[str, dict[str, datetime]] = {}
        """Agent to the calls of the latest hours and when they were: their cards may be opened again."""
        self._began = context.now()

    def heard(self, at: datetime, commands: list[Command]) -> None:
        """To be called after each event, with what came of it."""
        for row in commands:
            if not isinstance(row, Log) or not row.agent:
                continue
            if row.kind is Kind.TALK_ENDED:
                self._last[row.agent] = Last(row.call, at)
                self.had(DeskCalls(row.agent, ((row.call, at),)))
            elif row.kind is Kind.AGENT_STATE and row.detail["state"] == "logged out":
                self._last[row.agent] = None

    def has(self, agent: str, call: str) -> bool:
        """Whether the agent may see this call: it rings there, or the agent has it, is consulted about it, or had it today."""
        found = self._context.at_desk(agent)
        if found is None:
            return False
        row, last = found["agent"], self._last_of(agent)
        if call in (row["call"], row["consults"], row["to_explain"]) or (last is not None and last.call == call):
            return True
        had = self._had.get(agent, {}).get(call)
        return had is not None and self._context.now() - had < OWN_CALLS_KEPT

    def had(self, calls: DeskCalls) -> None:
        """The agent may see these for as long as OWN_CALLS_KEPT after the talk; of many the latest OWN_CALLS."""
        kept = self._had.setdefault(calls.agent, {})
        kept |= dict(calls.calls)
        for gone in sorted(kept, key=lambda call: kept[call])[:-OWN_CALLS]:
            del kept[gone]

    def look(self, agent: str) -> dict[str, Any] | None:
        """The page's contents as GET /api/desk gives them; None: there is no such agent."""
        found = self._context.at_desk(agent)
        if found is None:
            return None
        row, calls = found["agent"], {one["call"]: self._in_full(one) for one in found["calls"]}
        has, consults = row["call"], row["consults"]
        rings = row["work"] in ("reserved", "ringing")
        call = None if rings or has == consults else self._call(agent, calls.get(has))
        offer = self._offer(row, calls.get(consults or has or "")) if rings else None
        consult = self._consult(agent, calls.get(consults or (has if call else None) or ""), bool(consults))
        last = self._last_of(agent)
        about = next((one["call"] for one in (call, consult, offer) if one), last.call if last else None)
        return {
            "at": self._context.now().isoformat(),
            "pbx": found["pbx"],
            "agent": row,
            "call": call,
            "offer": offer,
            "card": self._card(about),
            "brand": self._brand(calls.get(consults or has or "")),
            "consult": consult,
            "wrap_up": self._wrap_up(row, last),
            "messages": found["messages"],
            "own_queues": self._own_queues(row),
            "explain": self._unexplained(agent, row["to_explain"]),
            **choices(self._context.config),
        }

    def _in_full(self, row: Mapping[str, Any]) -> dict[str, Any]:
        supervised = seen_by_agent(self._context.config, row)
        known = {name: value for name, value in row.items() if name != "listeners"}
        shown = shown_caller(self._context.config, row["caller"], in_full=True)
        return {**known, "caller": shown, **({"supervised": supervised} if supervised else {})}

    def _last_of(self, agent: str) -> Last | None:
        now = self._context.now()
        if agent in self._last or now - self._began >= LAST_CALL_KEPT:
            last = self._last.get(agent)
        else:
            talk = self._context.cards.last_talk(agent)  # It ended before this daemon began.
            last = Last(*talk) if talk else None
        return last if last is not None and now - last.ended_at < LAST_CALL_KEPT else None

    def _call(self, agent: str, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The agent's call; None from the moment of its transfer on."""
        return None if row is None or row["agent"] != agent else {**row, **self._labels(row["queue"])}

    def _offer(self, agent: Mapping[str, Any], row: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if row is None:
            return None
        transfer = row["transfer"]
        handed = None
        if transfer and transfer["first"] != agent["agent"]:
            said = {name: transfer[name] for name in ("reason", "note", "warm")}
            handed = {"agent": transfer["first"], "name": self._name(transfer["first"]), **said}
        consulted = agent["consults"] == row["call"]
        return {
            "call": row["call"],
            "offer": agent["offer"],
            "kind": "consult" if consulted else "call",
            "state": agent["work"],
            "since": agent["state_since"],
            "caller": row["caller"],
            "queue": row["queue"],
            **self._labels(row["queue"]),
            "from": handed,
        }

    def _consult(self, agent: str, row: Mapping[str, Any] | None, receives: bool) -> dict[str, Any] | None:
        transfer = row["transfer"] if row else None
        if row is None or not transfer or not transfer["warm"]:
            return None
        receiver = transfer["receiver"] or (agent if receives else "")
        return {
            "call": row["call"],
            "role": "receiver" if receives else "first",
            "first": transfer["first"],
            "first_name": self._name(transfer["first"]),
            "receiver": receiver,
            "receiver_name": self._name(receiver),
            **{name: transfer[name] for name in ("kind", "to", "state", "reason", "note", "since")},
        }

    def _card(self, call: str | None) -> dict[str, Any] | None:
        found = self._context.cards.get(call) if call else None
        return None if found is None else with_transfer_lines(found, self._context.config)

    def _wrap_up(self, agent: Mapping[str, Any], last: Last | None) -> dict[str, Any] | None:
        if agent["work"] != "wrap-up":
            return None
        call, ends_at = last.call if last else None, agent["wrap_up_ends_at"]
        return {
            "call": call,
            "since": agent["state_since"],
            "ends_at": ends_at,
            "extensions": agent["wrap_up_extensions"],
        }

    def _unexplained(self, agent: str, call: str | None) -> list[dict[str, Any]]:
        """The agent's latest transfer by telephone, while it has no reason."""
        card = self._context.cards.get(call) if call else None
        mine = (
            [one for one in card["transfers"] if one["from"] == agent and one["reason"] == BY_TELEPHONE] if card else []
        )
        return [{"call": call, **{name: one[name] for name in ("number", "to", "receiver", "at")}} for one in mine[-1:]]

    def _own_queues(self, agent: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The queues whose calls the agent takes by configuration and skills, each with the reason for which they have left it."""
        left = agent.get("queues_left", {})
        return [
            {"queue": name, **self._labels(name), "left": left.get(name, "")}
            for name, queue in self._context.config.queues.items()
            if name in left
            or ((not agent["queues"] or name in agent["queues"]) and has_skills(agent["skills"], queue.skills.items()))
        ]

    def _labels(self, queue: str | None) -> dict[str, str]:
        configured = self._context.config.queues.get(queue or "")
        return {
            "zh": configured.label.zh if configured else queue or "",
            "en": configured.label.en if configured else queue or "",
        }

    def _brand(self, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The brand of the call at this desk, with what the agent says first; None: it has none."""
        name = row.get("brand", "") if row else ""
        if not name:
            return None
        brand = self._context.config.brands.get(name)
        if brand is None:  # it has been taken out of the configuration since the call came
            return {"name": name, "zh": name, "en": name, "greeting": {}}
        said = brand.greeting
        greeting = {} if said is None else {"zh": said.zh, "en": said.en}
        return {"name": name, "zh": brand.name.zh, "en": brand.name.en, "greeting": greeting}

    def _name(self, agent: str) -> str:
        configured = self._context.config.agents.get(agent)
        return configured.name if configured else ""


def choices(config: Config) -> dict[str, Any]:
    """What an agent may choose from, as the configuration in force says."""
    transfers = config.transfers
    return {
        "rules": {
            "hold_reminder_s": transfers.hold_reminder_s,
            "hold_limit_s": transfers.hold_limit_s,
            "ring_s": config.rings.ring_s,
            "rings": config.rings.rings,
        },
        "break_kinds": break_kinds(config),
        "not_ready_reasons": [
            {"reason": label.en, "zh": label.zh, "en": label.en} for label in config.not_ready_reasons.values()
        ],
        "reasons": reasons(config),
        "dispositions": [
            {"code": code, "zh": label.zh, "en": label.en} for code, label in transfers.dispositions.items()
        ],
        "links": [{"zh": link.zh, "en": link.en, "url": link.url} for link in config.desk.links],
        "verify": [{"how": how, "zh": label.zh, "en": label.en} for how, label in transfers.verify.items()],
    }


def break_kinds(config: Config) -> list[dict[str, Any]]:
    """Breaks that an agent may ask for."""
    labels = {label.en: label for label in config.not_ready_reasons.values()}
    return [
        {"reason": name, "zh": labels[name].zh, "en": name, "minutes": kind.minutes, "leave": kind.leave}
        for name, kind in config.breaks.kinds.items()
        if name in labels
    ]


def reasons(config: Config) -> list[dict[str, Any]]:
    """Why a caller may be handed over; `amount`: how much money it is about decides who may receive it."""
    by_amount = {row.reason for row in config.transfers.escalation if row.over}
    return [
        {"reason": label.en, "zh": label.zh, "en": label.en, "key": str(key), "amount": label.en in by_amount}
        for key, label in config.transfers.reasons.items()
    ]
