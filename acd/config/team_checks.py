"""The [teams] table looked at as a whole: names that lead nowhere, teams without agents, places that nobody may be handed over to."""

from collections.abc import Collection, Iterator

from acd.config.messages import near
from acd.config.schema import Config
from acd.config.teams import Place, Team


def team_mistakes(config: Config) -> Iterator[str]:
    """A sentence for every team and place that there is not."""
    for agent, profile in config.agents.items():
        named, known = profile.team, ", ".join(config.teams)
        if named is None or named in config.teams:
            continue
        if config.teams:
            yield f"agents.{agent}.team: there is no team {named!r}{near(named, config.teams)}. Teams: {known}."
        else:
            yield f"agents.{agent}.team: there is no team {named!r}. There is none: add it under [teams], or take the key away."
    for name, team in config.teams.items():
        for queue in team.queues:
            if queue not in config.queues:
                queues = ", ".join(config.queues)
                yield f"teams.{name}.queues: there is no queue {queue!r}{near(queue, config.queues)}. Queues: {queues}."
        yield from _places(config, name, team)


def _places(config: Config, name: str, team: Team) -> Iterator[str]:
    known: dict[Place, Collection[str]] = {
        "agent": config.agents,
        "queue": config.queues,
        "skill": {skill for agent in config.agents.values() for skill in agent.skills},
        "number": config.transfers.numbers,
        "team": config.teams,
    }
    for place, to in team.places():
        if to in known[place] or (place == "skill" and not config.agents):
            continue
        at, guess = f"teams.{name}.hand_over_to", near(to, known[place])
        if place == "agent":
            yield f"{at}: there is no agent {to!r}{guess}. Name another, or take it out."
        elif place == "queue":
            yield f"{at}: there is no queue {to!r}{guess}. Name another, or take it out."
        elif place == "team":
            yield f"{at}: there is no team {to!r}{guess}. Name another, or take it out."
        elif place == "number":
            yield f"{at}: there is no number {to!r}{guess}. Add it under [transfers.numbers], or take it out."
        else:
            yield f"{at}: no agent has the skill {to!r}{guess}. Give it to an agent, or take it out."


def team_warnings(config: Config) -> Iterator[str]:
    """A sentence for a team that nobody belongs to, and for agents who belong to none where there are teams."""
    if not config.agents:
        return
    in_teams = {profile.team for profile in config.agents.values()}
    for name in config.teams:
        if name not in in_teams:
            yield f'teams.{name}: no agent names it. Write team = "{name}" for its agents, or take the team away.'
    without = [agent for agent, profile in config.agents.items() if profile.team is None]
    if config.teams and without:
        some = ", ".join(without[:8]) + (f" and {len(without) - 8} more" if len(without) > 8 else "")
        yield f"agents: {some} in no team, so no supervisor sees them; operators and QA do. Give each a `team`, if that is not meant."
