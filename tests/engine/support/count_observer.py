"""The day's figures, counted anew from the rows of the call log: the engine's own must be the same."""

from typing import Any

from acd.engine.acd import Acd
from acd.engine.commands import Ending, Kind, Log, Outcome
from acd.engine.events import AgentLoggedOut, AgentNotReady, AgentReady, Event
from acd.engine.service_level import ENDINGS


class CountObserver:
    def __init__(self, acd: Acd) -> None:
        self.acd = acd
        self.counted: dict[str, dict[str, float]] = {}
        self.arrived: set[str] = set()
        self.up: set[str] = set()
        self.over: set[str] = set()
        """Offers that were over once; one that was taken up again is not counted twice."""
        self.ready: set[str] = set()
        self.rang: dict[str, str] = {}
        """Offers that were counted as ringing, and their queues."""
        self.stepped_out: dict[str, str] = {}
        """Agent, and the offer that he let ring out, until he says something."""

    def _add(self, queue: str, name: str, by: float = 1) -> None:
        for where in {"", queue}:
            figures = self.counted.setdefault(where, {})
            figures[name] = figures.get(name, 0) + by

    def read(self, event: Event, commands: list[Any]) -> None:
        ignored = any(isinstance(row, Log) and row.kind is Kind.IGNORED for row in commands[:1])
        if isinstance(event, AgentReady | AgentNotReady | AgentLoggedOut) and not ignored:
            self.stepped_out.pop(event.agent, None)
            (self.ready.add if isinstance(event, AgentReady) else self.ready.discard)(event.agent)
        for row in commands:
            if isinstance(row, Log):
                self._read_row(row)

    def _read_row(self, row: Log) -> None:
        detail = row.detail
        match row.kind:
            case Kind.ARRIVED if row.call not in self.arrived:
                self.arrived.add(row.call)
                self._add("", "arrived")
            case Kind.QUEUED:
                self._add(row.queue, "asked")
            case Kind.ENDED:
                self._add(row.queue, ENDINGS[Ending(detail["ending"])])
                self._add(row.queue, "ended")
                self._add(row.queue, "ended_asked", detail["asked_for_person"])
                self._add(row.queue, "within_target", detail["within_target"])
                self._add(row.queue, "short", detail["short"])
                if detail["ending"] == Ending.ANSWERED:
                    self._add(row.queue, "called_back", detail["callback"])
                    self._add(row.queue, "wait_s", 0 if detail["callback"] else detail["wait_s"])
            case Kind.TALK_ENDED:
                for name in ("talk_s", "hold_s", "consult_s"):
                    self._add(row.queue, name, detail.get(name, 0.0))
            case Kind.AGENT_STATE:
                if detail["was"] == "wrap-up":
                    self._add("", "wrap_up_s", detail["lasted_s"])
                if detail["state"] == "logged out":
                    self.stepped_out.pop(row.agent, None)
                    self.ready.discard(row.agent)
            case Kind.ANSWERED:
                self.up.add(row.offer)
            case Kind.OFFER_ENDED:
                self._offer_ended(row)
            case Kind.CROSSED:
                if row.offer in self.rang:
                    self._add(self.rang.pop(row.offer), "offers_rang", -1)
                if self.stepped_out.get(row.agent) == row.offer:
                    del self.stepped_out[row.agent]
                    self.ready.add(row.agent)

    def _offer_ended(self, row: Log) -> None:
        if row.detail["rings"] and row.detail["outcome"] != Outcome.CALLER_LEFT and row.offer not in self.over:
            self._add(row.queue, "offers_rang")
            self.rang[row.offer] = row.queue
            in_time = row.offer in self.up and row.detail["rings"] <= self.acd._state.rules.rings
            self._add(row.queue, "offers_in_time", in_time)
        self.over.add(row.offer)
        if row.detail["outcome"] == Outcome.RING_NO_ANSWER and row.agent in self.ready:
            self.ready.discard(row.agent)
            self.stepped_out[row.agent] = row.offer

    def compare(self) -> None:
        counts = self.acd._state.counts
        shown = counts.snapshot(self.acd._state.now)
        for queue, counted in self.counted.items():
            figures = shown["queues"].get(queue) if queue else shown["total"]
            assert figures is not None, f"{queue} has rows and no figures"
            for name, value in counted.items():
                assert abs(figures[name] - value) < 1e-6, (
                    f"{queue or 'all'}: {name} is {figures[name]}, the log says {value}"
                )
        for queue, figures in {"": shown["total"], **shown["queues"]}.items():
            for name in ("asked", "ended", *ENDINGS.values(), "short", "within_target"):
                assert not figures[name] or name in self.counted[queue], f"{queue or 'all'}: {name} from nowhere"
