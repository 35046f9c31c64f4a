"""`sanxiang account import|export` and `sanxiang agent import|export`: people by lists, as spreadsheets save them. All or nothing."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.accounts import _audited
from acd.cli.agents import CHANGED_WITHIN_S
from acd.cli.common import State, counted, installation_at, installation_to_write, say
from acd.cli.times import config_of
from acd.config.messages import near
from acd.csv_lists import BadList, Column, Row, by_line, read_list, written_list
from acd.errors import SanxiangError
from acd.files import give_to_folders_owner
from acd.identifiers import EXTENSION, is_extension, is_name
from acd.processes import api_client
from acd.setup.installation import Installation

MOST = 500
ACCOUNTS = (
    Column("account", ("账号",), needed=True),
    Column("roles", ("role", "角色"), needed=True),
    Column("teams", ("team", "团队")),
    Column("brands", ("brand", "品牌")),
)
AGENTS = (
    Column("agent", ("extension", "工号", "分机号"), needed=True),
    Column("name", ("姓名",)),
    Column("skills", ("skill", "技能")),
    Column("team", ("团队",)),
)
_BETWEEN = re.compile(r"[\s,;|/、，；]+")
ListFile = Annotated[
    Path, typer.Argument(metavar="FILE.csv", help="The list, its first line the headings.", show_default=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be added, and what is wrong.")]
SecretsFile = Annotated[
    Path | None,
    typer.Option(
        "--passwords", help="A new file for the passwords; else FILE-passwords.csv beside the list.", show_default=False
    ),
]
ExportFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE.csv]", help="A new file; else the screen.", show_default=False)
]


class NoSecretsFile(SanxiangError):
    """The file {file} for the passwords can't be made ({why}), so nothing was changed. Name another with --passwords."""


class NotExported(SanxiangError):
    """{file} can't be written ({why}). Name another."""


def account_import(
    file: ListFile,
    dry_run: DryRun = False,
    passwords: SecretsFile = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add the accounts of a list: columns account, roles, teams for supervisors, and brands to which an account is limited. All of them or none; passwords are made."""
    from acd.web.access.accounts import Accounts, NewAccount

    house = installation_to_write(state)
    accounts = Accounts(house.state)
    rows, mistakes = read_list(file, ACCOUNTS, MOST)
    new: list[NewAccount] = []
    config = config_of(house)
    teams, brands = (None, None) if config is None else (config.teams, config.brands)
    for row in rows:
        found = (
            _roles(row, mistakes),
            _teams(row, teams, mistakes),
            _brands(row, brands, mistakes),
        )
        if found[2] and "administrator" in found[0]:
            mistakes.append(
                f"line {row.line}, brands: an administrator can't be limited to brands. Leave the cell empty."
            )
        _check_account(row, accounts.names(), new, mistakes)
        new.append(NewAccount(row.cells["account"], *found))
    if mistakes:
        raise BadList(file, by_line(mistakes))
    if dry_run:
        say(f"{counted(len(new), 'account')} would be added: {', '.join(one.name for one in new)}")
        return
    with _Secrets(file, passwords) as secrets:
        noted = _audited(
            house,
            "accounts imported",
            accounts=[one.name for one in new],
            roles={one.name: list(one.roles) for one in new},
            brands={one.name: list(one.brands) for one in new if one.brands},
        )
        made = accounts.add_all(new, first=noted)
        secrets.write(("account", "password"), [{"account": name, "password": word} for name, word in made.items()])
    say(f"{counted(len(new), 'account')} added. Their passwords are in {secrets.file}: give them out, then delete it.")


def account_export(file: ExportFile = None, state: State = None) -> None:  # type: ignore[assignment]
    """Write the accounts as a list with account, roles, teams and brands; no passwords."""
    from acd.web.access.accounts import Accounts

    rows = [
        {
            "account": one.name,
            "roles": " ".join(sorted(one.roles)),
            "teams": " ".join(sorted(one.teams)),
            "brands": " ".join(sorted(one.brands)),
        }
        for one in Accounts(installation_at(state).state).all()
    ]
    _export(file, ("account", "roles", "teams", "brands"), rows)


def agent_import(
    file: ListFile,
    dry_run: DryRun = False,
    passwords: SecretsFile = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add the agents of a list: columns agent, name, skills (as orders:5 after-sales:3), team. All of them or none, in one change."""
    house = installation_at(state)
    rows, mistakes = read_list(file, AGENTS, MOST)
    known = {str(row["agent"]) for row in api_client.ask(house, "GET", "/api/agents")["agents"]}
    wanted = [_agent(row, mistakes) for row in rows]
    for row in rows:
        _once(row, "agent", known, rows, mistakes)
    if mistakes:
        raise BadList(file, by_line(mistakes))
    _ask_import(house, file, rows, {"agents": wanted, "dry_run": True})
    if dry_run:
        say(f"{counted(len(wanted), 'agent')} would be added: {', '.join(one['agent'] for one in wanted)}")
        return
    with _Secrets(file, passwords) as secrets:
        made = _ask_import(house, file, rows, {"agents": wanted})["agents"]
        secrets.write(("agent", "password", "pin"), made)
    say(
        f"{counted(len(made), 'agent')} added. Passwords and PINs are in {secrets.file}: give them out, then delete it."
    )


def agent_export(file: ExportFile = None, state: State = None) -> None:  # type: ignore[assignment]
    """Write the agents as a list with extension, name, skills and team; no passwords."""
    rows = [
        {
            "agent": str(one["agent"]),
            "name": str(one["name"]),
            "skills": " ".join(f"{skill}:{level}" for skill, level in dict(one["skills"]).items()),
            "team": str(one.get("team", "")),
        }
        for one in api_client.ask(installation_at(state), "GET", "/api/agents")["agents"]
    ]
    _export(file, ("agent", "name", "skills", "team"), rows)


def _roles(row: Row, mistakes: list[str]) -> tuple[str, ...]:
    from acd.web.access.accounts import ROLES
    from acd.web.access.roles import ROLES as TABLE

    named = {word: code for code in ROLES for word in (code, TABLE[code].words.zh, TABLE[code].words.en.lower())}
    words = [word for word in _BETWEEN.split(row.cells["roles"]) if word]
    if not words:
        mistakes.append(f"line {row.line}, roles: it is empty. Write one or more of: {', '.join(ROLES)}.")
    for word in words:
        if word.lower() not in named:
            mistakes.append(
                f"line {row.line}, roles: there is no role {word!r}{near(word.lower(), ROLES)}. Roles: {', '.join(ROLES)}."
            )
    return tuple(sorted({named[word.lower()] for word in words if word.lower() in named}))


def _words(row: Row, column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in _BETWEEN.split(row.cells.get(column, "")) if word))


def _teams(row: Row, teams: Mapping[str, Any] | None, mistakes: list[str]) -> tuple[str, ...]:
    """`teams`: of the configuration in force; None: there is none yet, and only the form of a name is looked at."""
    words = _words(row, "teams")
    for word in words:
        if teams is None and not is_name(word):
            mistakes.append(
                f"line {row.line}, teams: {word!r} can't be a team. Use its name in the configuration, as after-sales."
            )
        if teams is not None and word not in teams:
            known = ", ".join(teams) or "none; add them under [teams]"
            mistakes.append(f"line {row.line}, teams: there is no team {word!r}{near(word, teams)}. Teams: {known}.")
    return words


def _brands(row: Row, brands: Mapping[str, Any] | None, mistakes: list[str]) -> tuple[str, ...]:
    """As `_teams`, for the brands that an account is limited to."""
    words = _words(row, "brands")
    for word in words:
        if brands is None and not is_name(word):
            mistakes.append(
                f"line {row.line}, brands: {word!r} can't be a brand. Use its name in the configuration, as acme."
            )
        if brands is not None and word not in brands:
            known = ", ".join(brands) or "none; add them under [brands]"
            mistakes.append(
                f"line {row.line}, brands: there is no brand {word!r}{near(word, brands)}. Brands: {known}."
            )
    return words


def _check_account(row: Row, known: Sequence[str], before: Sequence[Any], mistakes: list[str]) -> None:
    from acd.web.access.accounts import BadAccount, check_name

    name = row.cells["account"]
    if not name and any(one.startswith(f"line {row.line}, account:") for one in mistakes):
        return
    try:
        check_name(name)
    except BadAccount as error:
        mistakes.append(f"line {row.line}, account: {error}")
    if name in known:
        mistakes.append(f"line {row.line}, account: {name} is already there. Take the line out.")
    elif any(one.name == name for one in before):
        mistakes.append(f"line {row.line}, account: {name} stands twice. Keep one.")


def _agent(row: Row, mistakes: list[str]) -> dict[str, Any]:
    """The body for one agent; what is wrong with it is added to `mistakes`."""
    cells = row.cells
    if not is_extension(cells["agent"]):
        mistakes.append(
            f"line {row.line}, agent: {cells['agent']!r} can't be an extension: two to six digits, as 1001."
        )
    if len(cells.get("name", "")) > 80:
        mistakes.append(f"line {row.line}, name: it has more than 80 characters. Shorten it.")
    skills = {}
    for word in [word for word in _BETWEEN.split(cells.get("skills", "")) if word]:
        skill, _, level = word.replace("：", ":").partition(":")
        if not is_name(skill) or not (level.isascii() and level.isdecimal() and 1 <= int(level) <= 9):
            mistakes.append(f"line {row.line}, skills: {word!r}: write skill and level, 1 to 9, as orders:5.")
        elif skill in skills:
            mistakes.append(f"line {row.line}, skills: {skill} stands twice. Keep one.")
        else:
            skills[skill] = int(level)
    team = cells.get("team", "")
    if team and not is_name(team):
        mistakes.append(
            f"line {row.line}, team: {team!r} can't be a team. Use its name in the configuration, as after-sales."
        )
    return {
        "agent": cells["agent"],
        "name": cells.get("name", ""),
        "skills": skills,
        **({"team": team} if team else {}),
    }


def _once(row: Row, column: str, known: set[str], rows: Sequence[Row], mistakes: list[str]) -> None:
    name = row.cells[column]
    if name in known:
        mistakes.append(f"line {row.line}, {column}: {name} is already there. Take the line out.")
    elif name and (first := next(one for one in rows if one.cells[column] == name)) is not row:
        mistakes.append(f"line {row.line}, {column}: {name} stands in line {first.line} already. Keep one.")


def _ask_import(house: Installation, file: Path, rows: Sequence[Row], body: dict[str, Any]) -> Any:
    """The daemon's answer; what it finds wrong with the whole configuration is told with the list's lines."""
    lines = {row.cells["agent"]: row.line for row in rows}
    try:
        return api_client.ask(house, "POST", "/api/agents/import", body, CHANGED_WITHIN_S)
    except api_client.Refused as refused:
        said = re.split(rf" (?=agents\.{EXTENSION}\b)", str(refused))
        told = [
            f"line {lines[found[1]]}, {one}"
            if (found := re.match(rf"agents\.({EXTENSION})\b", one)) and found[1] in lines
            else one
            for one in said
        ]
        raise BadList(file, told) from None


class _Secrets:
    """A private file for what is made: it is there, empty, before anything is changed, and taken away again when that fails."""

    def __init__(self, beside: Path, named: Path | None) -> None:
        self.file = (named or beside.with_name(f"{beside.stem}-passwords.csv")).absolute()
        self._opened = -1

    def __enter__(self) -> "_Secrets":
        try:
            self._opened = os.open(
                self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            give_to_folders_owner(self._opened, self.file.parent)
        except OSError as error:
            raise NoSecretsFile(file=self.file, why=error.strerror) from None
        return self

    def write(self, names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
        """A disk that is full is no reason to lose what was made: then it goes to the screen."""
        text = written_list(names, rows)
        try:
            data = memoryview(text.encode())
            while data:
                data = data[os.write(self._opened, data) :]
            os.fsync(self._opened)
        except OSError as error:
            say(f"{self.file} could not be written ({error.strerror}). This is shown once:", err=True)
            typer.echo(text, err=True)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        os.close(self._opened)
        if error is not None:
            self.file.unlink(missing_ok=True)


def _export(file: Path | None, names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    text = written_list(names, rows)
    if file is None:
        typer.echo(text.removeprefix("\ufeff"), nl=False)
        return
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as opened:
            opened.write(text.encode())
    except OSError as error:
        raise NotExported(file=file, why=error.strerror) from None
    say(f"{file}: {counted(len(rows), 'row')}")
