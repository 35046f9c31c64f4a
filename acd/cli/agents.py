"""`sanxiang agent …`: list, show, add and control agents. Most commands take several agents."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import AsJson, Language, State, installation_at, known_day, print_json, say, show_table
from acd.cli.completion import AgentId, agents, queues
from acd.cli.language import colon_of, current, in_brackets, in_language
from acd.cli.times import clock_of
from acd.identifiers import is_extension, is_name
from acd.processes import api_client
from acd.words import word

agent_app = typer.Typer(help="Agents: list, show, add, edit, remove, ready, not-ready, move …", no_args_is_help=True)
CHANGED_WITHIN_S = 60.0
"""Asterisk reads its files anew meanwhile."""
Agents = Annotated[
    list[str],
    typer.Argument(metavar="AGENT…", help="One or more extensions.", show_default=False, autocompletion=agents),
]


@agent_app.command("list")
def agent_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every agent: state, since when, phone, call and skills."""
    installation = installation_at(state)
    rows = api_client.ask(installation, "GET", "/api/state")["agents"]
    if as_json:
        print_json(rows)
        return
    clock = clock_of(installation)
    for agent in rows:
        agent["state_since"] = clock.at(agent["state_since"])
        agent["phone"] = _phone(agent, current())
        if current() == "zh":
            agent["state"] = word("state", agent["state"], "zh")
        agent["skills"] = " ".join(f"{skill}:{level}" for skill, level in dict(agent["skills"]).items())
    columns = {"agent": "AGENT", "name": "NAME", "state": "STATE", "reason": "REASON"}
    columns |= {"state_since": clock.heading("SINCE"), "phone": "PHONE", "call": "CALL", "skills": "SKILLS"}
    show_table(rows, columns)


def _phone(agent: dict[str, Any], language: Literal["zh", "en"] = "en") -> str:
    """Whether the telephone is there, and what it does by itself."""
    there = in_language(
        "outside number" if agent.get("outside") else "reachable" if agent["reachable"] else "not reachable"
    )
    habits = [f"{word('habit', habit, language)} (x{times})" for habit, times in agent.get("habits", {}).items()]
    return "; ".join([there, *habits])


@agent_app.command("add")
def agent_add(
    agent: str,
    name: Annotated[str, typer.Option(help="Name or staff number.")] = "",
    skill: Annotated[list[str] | None, typer.Option(help="skill:level, once for each.")] = None,
    team: Annotated[str, typer.Option(help="A team of the configuration.")] = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add an agent; prints the new SIP password and PIN."""
    body: dict[str, Any] = {"agent": _known(agent), "name": name, "skills": dict(_skill(text) for text in skill or [])}
    if team:
        added = {"agents": [{**body, "team": team}]}
        made = api_client.ask(installation_at(state), "POST", "/api/agents/import", added, CHANGED_WITHIN_S)["agents"]
        print_json({**made[0], "name": name})
        return
    print_json(api_client.ask(installation_at(state), "POST", "/api/agents", body))


def _skill(text: str) -> tuple[str, int]:
    skill, _, level = text.partition(":")
    if not level.isdecimal() or not is_name(skill):
        raise typer.BadParameter(f"{text!r}: write skill and level, as billing:5")
    if not 1 <= int(level) <= 9:
        raise typer.BadParameter(f"skill {skill}: level {level} is out of range, 1 to 9")
    return skill, int(level)


@agent_app.command("edit")
def agent_edit(
    agent: AgentId,
    name: Annotated[str | None, typer.Option(help="Name or staff number.", show_default=False)] = None,
    skill: Annotated[
        list[str] | None, typer.Option(help="skill:level, once for each: all that the agent has.", show_default=False)
    ] = None,
    team: Annotated[
        str | None, typer.Option(help='A team of the configuration; "" for none.', show_default=False)
    ] = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Give an agent whom `agent add` has added another name, other skills or another team."""
    body: dict[str, Any] = {} if name is None else {"name": name}
    if skill is not None:
        body["skills"] = dict(_skill(text) for text in skill)
    if team is not None:
        body["team"] = team
    if not body:
        raise typer.BadParameter(
            f"say what becomes another: `sanxiang agent edit {agent} --name NAME --skill SKILL:LEVEL`"
        )
    _change(agent, "edit", state, body)
    say(f"{agent}: changed")


@agent_app.command("remove")
def agent_remove(agent: Agents, state: State = None) -> None:  # type: ignore[assignment]
    """Remove agents: telephone, PIN and page session work no more. A talk goes on; the agent is logged out after it."""
    for each in [_known(each) for each in agent]:
        _change(each, "remove", state)
        say(f"{each}: removed")


@agent_app.command("new-pin")
def agent_new_pin(agent: AgentId, state: State = None) -> None:  # type: ignore[assignment]
    """Give an agent a new PIN; it is shown this once. The agent's page session ends."""
    print_json({"agent": agent, "pin": _change(agent, "new-pin", state)["pin"]})


@agent_app.command("new-password")
def agent_new_password(agent: AgentId, state: State = None) -> None:  # type: ignore[assignment]
    """Give an agent's telephone a new password; it is shown this once. The telephone is not registered until it has that."""
    print_json({"agent": agent, "password": _change(agent, "new-password", state)["password"]})


def _change(agent: str, change: str, state: Path | None, body: Any = None) -> Any:
    """What the daemon answers; its note goes to the terminal."""
    path = api_client.path("api", "agents", _known(agent), change)
    said = api_client.ask(installation_at(state), "POST", path, body, CHANGED_WITHIN_S)
    if said["note"]:
        say(said["note"], err=True)
    return said


@agent_app.command("credentials")
def agent_credentials(agent: AgentId, state: State = None) -> None:  # type: ignore[assignment]
    """SIP password and PIN of an agent, from the installation's own secrets."""
    secrets = installation_at(state).secrets()["agents"]
    kept = {known: row for known, row in secrets.items() if "left_at" not in row}
    if agent not in kept:
        raise api_client.Refused(why=f"There is no agent {agent} here. Known: {', '.join(sorted(kept)) or 'none yet'}.")
    print_json({"agent": agent, **kept[agent]})


def _known(agent: str) -> str:
    if not is_extension(agent):
        raise api_client.Refused(
            why=f"{agent!r} can't be an extension: two to six digits, as 1001. `sanxiang agent list` shows all."
        )
    return agent


def _press(action: str, agents: list[str], state: Path | None, body: Any = None) -> None:
    """The button for each; the first refusal ends it, and those before it are pressed."""
    for agent in [_known(agent) for agent in agents]:
        api_client.ask(installation_at(state), "POST", api_client.path("api", "agents", agent, action), body or {})
        say(f"{agent}: {action}")


def _press_all(action: str, state: Path | None, body: Any = None) -> None:
    agents = api_client.ask(installation_at(state), "POST", f"/api/agents/all/{action}", body or {})["agents"]
    for agent in agents:
        say(f"{agent}: {action}")
    if not agents:
        say(f"{action}: there is nobody to tell")


@agent_app.command("show")
def agent_show(
    agent: AgentId,
    day: Annotated[str, typer.Option(help="2026-11-22; today when left out.")] = "",
    stretches: Annotated[bool, typer.Option("--stretches", help="Each stretch of the day in order.")] = False,
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """One agent: skills, queues, state, and the time in each state on one day."""
    installation = installation_at(state)
    said = api_client.ask(installation, "GET", api_client.path("api", "agents", _known(agent)), day=known_day(day))
    if as_json:
        print_json(said)
        return
    row, clock = said["agent"], clock_of(installation)
    reason = in_brackets(row["reason"], language) if row["reason"] else ""
    say(f"{row['agent']} {row['name']}{colon_of(language)}{word('state', row['state'], language)}{reason}")
    say(f"  since   {clock.at(row['state_since'])} ({clock.name})")
    say(f"  phone   {_phone(row, language)}")
    say(f"  skills  {', '.join(f'{skill} {level}' for skill, level in said['skills'].items()) or '-'}")
    say(f"  queues  {', '.join(said['queues']) or 'all queues that match their skills'}\n")
    rows = said["stretches"] if stretches else said["times"]
    for one in rows:
        one["state"] = word("state", one["state"], language)
        one["minutes"] = f"{one['seconds'] / 60:.1f}"
        one["from"] = clock.at(one.get("from_at"))
    columns = {"state": "STATE", "reason": "REASON", "minutes": "MINUTES"}
    show_table(rows, {"from": clock.heading("FROM"), **columns} if stretches else {**columns, "times": "TIMES"})


@agent_app.command("ready")
def agent_ready(agent: Agents, state: State = None) -> None:  # type: ignore[assignment]
    """Set agents ready; logs in those who are not."""
    _press("ready", agent, state)


@agent_app.command("not-ready")
def agent_not_ready(
    agent: Annotated[
        list[str] | None, typer.Argument(metavar="AGENT…", show_default=False, autocompletion=agents)
    ] = None,
    reason: Annotated[str, typer.Argument(help="As in the configuration: break, meal …", show_default=False)] = "",
    everybody: Annotated[bool, typer.Option("--all", help="All who are ready, in place of AGENT.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Set agents not ready, with a reason; during a call it begins after wrap-up."""
    agents = _either(agent, everybody, f"not-ready {'AGENT' if not agent else agent[0]} REASON")
    if everybody:
        _press_all("not-ready", state, {"reason": reason})
    else:
        _press("not-ready", agents, state, {"reason": reason})


@agent_app.command("log-in")
def agent_log_in(agent: Agents, state: State = None) -> None:  # type: ignore[assignment]
    """Log agents in; they are not ready until set ready."""
    _press("log-in", agent, state)


@agent_app.command("log-out")
def agent_log_out(
    agent: Annotated[
        list[str] | None, typer.Argument(metavar="AGENT…", show_default=False, autocompletion=agents)
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="All who are logged in, as at the end of the day.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Log agents out; during a call it happens after wrap-up."""
    agents = _either(agent, everybody, "log-out AGENT")
    if everybody:
        _press_all("log-out", state)
    else:
        _press("log-out", agents, state)


def _either(agents: list[str] | None, everybody: bool, usage: str) -> list[str]:
    if bool(agents) == everybody:
        raise typer.BadParameter(f"name the agents or say --all, one of the two: `sanxiang agent {usage}`")
    return agents or []


@agent_app.command("test-phone")
def agent_test_phone(agent: Agents, state: State = None) -> None:  # type: ignore[assignment]
    """Ring agents' telephones for a test; an answer brings back an agent whom the telephone had set not ready."""
    _press("test-phone", agent, state)


@agent_app.command("end-wrap-up")
def agent_end_wrap_up(agent: Agents, state: State = None) -> None:  # type: ignore[assignment]
    """End the wrap-up of agents."""
    rows = api_client.ask(installation_at(state), "GET", "/api/state")["agents"]
    states = {row["agent"]: row["state"] for row in rows}
    for each in agent:
        if states.get(each, "wrap-up") != "wrap-up":
            why = f"Agent {each} is not in wrap-up ({word('state', states[each], 'en')}): there is nothing to end."
            raise api_client.Refused(why=why)
    _press("end-wrap-up", agent, state)


@agent_app.command("move")
def agent_move(
    agent: Annotated[str, typer.Argument(metavar="AGENT", show_default=False, autocompletion=agents)],
    queue: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUEUE…",
            help="None: all queues that match the agent's skills.",
            show_default=False,
            autocompletion=queues,
        ),
    ] = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Set the queues whose calls the agent takes, until the configuration changes the agent's queues."""
    path = api_client.path("api", "agents", _known(agent), "queues")
    said = api_client.ask(installation_at(state), "POST", path, {"queues": queue or []})
    say(f"{agent}: takes calls of {', '.join(queue or []) or 'all queues that match their skills'}")
    if said["note"]:
        say(said["note"], err=True)
