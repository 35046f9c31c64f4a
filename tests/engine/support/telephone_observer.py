"""The book of telephones that refuse or are gone: who is out by it, and that no count goes its own way."""

from collections import Counter
from datetime import datetime, timedelta

from acd.engine.acd import Acd
from acd.engine.commands import Command, Kind, Log
from acd.engine.entities import Agent
from acd.engine.events import AgentReady, AgentsChanged, ConfigChanged, Event, PhoneChanged

DEAD_AFTER = timedelta(seconds=10)


class TelephoneObserver:
    def __init__(self, acd: Acd) -> None:
        self.acd = acd
        self.in_a_row: Counter[str] = Counter()
        """Per agent, the count after the event before."""
        self.gone: dict[str, datetime] = {}
        """Since when a telephone is not seen."""

    def read(self, event: Event, commands: list[Command]) -> None:
        agents, rules = self.acd._state.agents, self.acd._state.rules
        if isinstance(event, PhoneChanged) and event.reachable:
            self.gone.pop(event.agent, None)
        elif isinstance(event, PhoneChanged) and event.agent in agents:
            self.gone.setdefault(event.agent, self.acd._state.now)
        if isinstance(event, AgentsChanged | ConfigChanged):
            self.gone = {name: at for name, at in self.gone.items() if name in agents}
        rows = [row for row in commands if isinstance(row, Log)]
        ends = Counter(row.agent for row in rows if row.kind is Kind.OFFER_ENDED)
        served = {
            row.agent
            for row in rows
            if row.kind is Kind.TALK_ENDED
            and row.detail["by"] != "lost"
            and row.detail["talk_s"] >= rules.well_after.total_seconds()
        }
        out = {row.agent for row in rows if row.kind is Kind.ALARM and row.detail["name"] == "telephone refuses"}
        ignored = any(row.kind is Kind.IGNORED for row in rows)
        for name, agent in agents.items():
            before, now = self.in_a_row[name], agent.refusals
            assert now <= before + ends[name], f"{name}: {now} refusals after {before}, by {event}"
            assert not (rules.refusals and agent.ready and now >= rules.refusals), (
                f"{name} is ready after {now} refusals"
            )
            assert name not in out or (now >= rules.refusals > 0 and not agent.ready), f"{name} is set not ready"
            if name in served or (isinstance(event, AgentReady) and event.agent == name and not ignored):
                assert now <= ends[name], f"{name}: {now} refusals, and the telephone takes calls"
        self.in_a_row = Counter({name: agent.refusals for name, agent in agents.items()})

    def is_out(self, agent: Agent) -> bool:
        """Whether the telephone takes the agent, who does no work, out of the staff."""
        since = self.gone.get(agent.agent)
        dead = since is not None and self.acd._state.now - since >= DEAD_AFTER
        refuses = agent.logged_in and not agent.ready and agent.reason == "phone-refuses"
        return dead or (refuses and agent.test != "under way")

    def compare(self) -> None:
        """At the end of the day nothing rings for a test for ever."""
        for agent in self.acd._state.agents.values():
            assert (agent.test == "under way") == (("test", agent.agent) in self.acd._state.deadlines)
