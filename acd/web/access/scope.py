"""Of which part of the hotline a permission holds: all of it; the agents, queues and calls of a supervisor's teams; the calls of the
brands that an account or token is limited to; or what is both.

What lies outside is answered as what does not exist, and stands in no list, no stream and no count. Agents are not bounded here:
they see their own calls alone (call_access.py).

A call is of the brand whose number was dialled. A call of no brand is in no limited part. Of the queues, a limited part has those of
its brands and those of no brand, which are open to all; of these it sees its own calls alone, and opens and closes none. Of the agents
it has those whom its brands name; a brand that names none is served by all whom no brand keeps to itself, and these are seen.
Of the customers it has those of its brands; it changes those that no other brand has.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from acd.config import Config
from acd.config.brands import brand_of_queue
from acd.store.queries.part import Part, TeamsPart
from acd.web.access.accounts import Account
from acd.web.access.auth import Who
from acd.web.access.roles import ROLES, Permission

_CALLS_OF_AN_AGENT = ("call", "to_class", "consults", "to_explain")


@dataclass(frozen=True, slots=True)
class OfTeams:
    """Of some teams, as the configuration in force has them."""

    teams: tuple[str, ...]
    """Sorted."""
    agents: frozenset[str]
    queues: frozenset[str]


@dataclass(frozen=True, slots=True)
class OfBrands:
    """Of some brands, as the configuration in force has them."""

    brands: tuple[str, ...]
    """Sorted."""
    agents: frozenset[str]
    queues: frozenset[str]
    """Theirs alone."""
    shared_queues: frozenset[str]
    """Of no brand."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the hotline. What is in it must be of the teams and of the brands, where each bounds it."""

    of_teams: OfTeams | None = None
    of_brands: OfBrands | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return self.of_teams is None and self.of_brands is None

    @property
    def teams(self) -> tuple[str, ...] | None:
        """Sorted. None: teams do not bound it."""
        return None if self.of_teams is None else self.of_teams.teams

    @property
    def brands(self) -> tuple[str, ...] | None:
        """Sorted. None: brands do not bound it."""
        return None if self.of_brands is None else self.of_brands.brands

    @property
    def part(self) -> Part | None:
        """The same for the store's questions; None: the whole."""
        if self.whole:
            return None
        teams = None if self.of_teams is None else TeamsPart(self.of_teams.agents, self.of_teams.queues)
        return Part(teams, None if self.of_brands is None else frozenset(self.of_brands.brands))

    def has_agent(self, agent: str) -> bool:
        """Whether this agent belongs to it."""
        return self.has_leg_of(agent) and (self.of_brands is None or agent in self.of_brands.agents)

    def has_leg_of(self, agent: str) -> bool:
        """Whether what this agent does in a call that is seen is seen, too. Of a brand's call that is all."""
        return self.of_teams is None or agent in self.of_teams.agents

    def has_queue(self, queue: str | None) -> bool:
        """Whether this queue belongs to it, be it that others use it, too."""
        if self.of_teams is not None and queue not in self.of_teams.queues:
            return False
        return self.of_brands is None or queue in self.of_brands.queues or queue in self.of_brands.shared_queues

    def has_queue_alone(self, queue: str) -> bool:
        """Whether it belongs to it, and no other brand's calls stand in it."""
        return self.has_queue(queue) and (self.of_brands is None or queue in self.of_brands.queues)

    def has_brand(self, brand: str) -> bool:
        """Whether calls of this brand belong to it; empty: of no brand."""
        return self.of_brands is None or brand in self.of_brands.brands

    def has_customer(self, brands: Collection[str]) -> bool:
        """Whether the record of a customer of these brands is seen. A customer of no brand is in no limited part. Teams bound no records."""
        return self.of_brands is None or any(brand in self.of_brands.brands for brand in brands)

    def has_customer_alone(self, brands: Collection[str]) -> bool:
        """Whether the record is seen, and no other brand has it: then it may be changed."""
        return self.of_brands is None or (bool(brands) and all(brand in self.of_brands.brands for brand in brands))

    def seen_agent(self, row: dict[str, Any], calls: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """A row of the snapshot of an agent who belongs to it, without calls, queues and names of other brands. `calls`: all that are
        in progress."""
        if self.whole:
            return row
        row = {
            **row,
            **{name: [one for one in row[name] if self.has_queue(one)] for name in ("serves",) if name in row},
        }
        if self.of_brands is None:
            return row
        named = {row[name] for name in _CALLS_OF_AN_AGENT} - {None}
        theirs = (
            {call["call"] for call in calls if call["call"] in named and self.has_brand(call.get("brand", ""))}
            if named
            else ()
        )
        hidden: dict[str, Any] = {name: None for name in _CALLS_OF_AN_AGENT if row[name] not in theirs}
        if row["call"] not in theirs:
            hidden["offer"] = None
        names = {name: [one for one in row.get(name, ()) if self.has_brand(one)] for name in ("brands", "kept_by")}
        left = row.get("queues_left")
        if left:
            hidden["queues_left"] = {queue: why for queue, why in left.items() if self.has_queue(queue)}
        return {**row, **hidden, **names, "queues": [one for one in row["queues"] if self.has_queue(one)]}

    def holds_call(self, row: Mapping[str, Any]) -> bool:
        """Whether a live call, a row of the snapshot, is of these brands and the affair of these teams: the agent who has it is one of
        theirs, or the supervisor who took it over leads one of them, or nobody has it yet and it stands in one of their queues."""
        if not self.has_brand(row.get("brand", "")):
            return False
        teams = self.of_teams
        if teams is None:
            return True
        if any(each["took_over"] and set(each["teams"]) & set(teams.teams) for each in row.get("listeners", ())):
            return True
        if row["agent"] and row["stage"] != "offered":
            return row["agent"] in teams.agents
        return row["queue"] in teams.queues or bool(row["agent"] and row["agent"] in teams.agents)

    def sees_call(self, row: Mapping[str, Any]) -> bool:
        """As `holds_call`; a call about which one of their agents is consulted, or that one of them is to get, is seen too."""
        if self.of_teams is None or not self.has_brand(row.get("brand", "")):
            return self.holds_call(row)
        transfer = row.get("transfer") or {}
        theirs = self.of_teams.agents
        return self.holds_call(row) or transfer.get("receiver") in theirs or transfer.get("first") in theirs

    def sees_past_call(self, served: Collection[str], queue: str, brand: str) -> bool:
        """Whether a call is seen: it is of these brands, and one of these teams' agents talked in it (`served`: all who did), or nobody
        did and it stood in one of their queues."""
        teams = self.of_teams
        if teams is None or not self.has_brand(brand):
            return self.has_brand(brand)
        return any(agent in teams.agents for agent in served) or (not served and queue in teams.queues)

    def sees_card(self, card: Mapping[str, Any]) -> bool:
        """As `sees_past_call`, by the legs of a context card."""
        asked, served = card["asked"] or {}, [str(leg["agent"]) for leg in card["legs"]]
        return self.sees_past_call(served, str(asked.get("queue", "")), card["brand"])


WHOLE = Scope()


def scope_of(who: Who, need: Permission, find: Callable[[str], Account | None], config: Config) -> Scope:
    """Where `who` has this permission. A role that has it for the whole hotline counts more than one that has it for teams; the
    brands that an account is limited to bound it by either.

    `find`: the account of a name as it is now.
    """
    reaches = {ROLES[role].reach for role in who.roles if role in ROLES and need in ROLES[role].may}
    by_teams = "teams" in reaches and "all" not in reaches
    account = find(who.name) if by_teams else None
    teams = (account.teams if account is not None else frozenset()) if by_teams else None
    return scope_within(teams, who.brands or None, config)


def scope_within(teams: Collection[str] | None, brands: Collection[str] | None, config: Config) -> Scope:
    """The part of these teams and brands, as the configuration in force has them; None: not bounded by them. Empty where it has none
    of those that are named."""
    return Scope(
        None if teams is None else _of_teams(teams, config), None if brands is None else _of_brands(brands, config)
    )


def _of_teams(teams: Collection[str], config: Config) -> OfTeams:
    known = sorted(team for team in teams if team in config.teams)
    agents = frozenset(agent for agent, profile in config.agents.items() if profile.team in known)
    queues = frozenset(queue for team in known for queue in config.teams[team].queues if queue in config.queues)
    return OfTeams(tuple(known), agents, queues)


def _of_brands(brands: Collection[str], config: Config) -> OfBrands:
    known = sorted(brand for brand in brands if brand in config.brands)
    kept = {agent for brand in config.brands.values() if brand.own for agent in brand.agents}
    unkept = frozenset(config.agents) - kept
    agents = frozenset[str]().union(*(config.brands[brand].agents or unkept for brand in known))
    owners = {queue: brand_of_queue(config.brands, queue) for queue in config.queues}
    return OfBrands(
        tuple(known),
        agents & frozenset(config.agents),
        frozenset(queue for queue, owner in owners.items() if owner in known),
        frozenset(queue for queue, owner in owners.items() if not owner) if known else frozenset(),
    )
