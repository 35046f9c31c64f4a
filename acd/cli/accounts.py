"""`sanxiang account …`: who may log in to the page, and the keys of other people's programs."""

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli import completion
from acd.cli.common import AsJson, State, installation_at, installation_to_write, print_json, say, show_table
from acd.cli.language import in_language
from acd.cli.times import HotlineClock, clock_of, config_of
from acd.config.messages import near
from acd.setup.installation import Installation

account_app = typer.Typer(help="Who may log in to the page.", no_args_is_help=True)
token_app = typer.Typer(help="Keys of other people's programs: a CRM, Prometheus …", no_args_is_help=True)
account_app.add_typer(token_app, name="token")
ROLES_SAID = "supervisor, qa, operator, administrator, wall"
"""Written out: the table of roles takes time to load, and this is read with every command."""
TeamOption = Annotated[
    list[str] | None, typer.Option("--team", help="A team that a supervisor leads; once for each.", show_default=False)
]
BrandsOption = Annotated[
    str | None,
    typer.Option("--brands", help="Limited to these brands, as acme,bolt; `all`: to none.", show_default=False),
]
ALL_BRANDS = "all"
PasswordFile = Annotated[
    Path | None, typer.Option("--file", help="A file that holds the password in its first line.", show_default=False)
]
Account = Annotated[str, typer.Argument(autocompletion=completion.accounts, show_default=False)]
Token = Annotated[str, typer.Argument(autocompletion=completion.tokens, show_default=False)]
MakePassword = Annotated[bool, typer.Option("--make", help="Make a password and show it, this once.")]


@account_app.command("add")
def account_add(
    account: str,
    role: Annotated[list[str], typer.Option(help=f"{ROLES_SAID}; once for each")],
    team: TeamOption = None,
    brands: BrandsOption = None,
    file: PasswordFile = None,
    make: MakePassword = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add an account for the page. The password is asked for, or read from standard input or a file, or made."""
    from acd.web.access.accounts import Accounts

    house = installation_to_write(state)
    password = _password(file, make=make)
    teams, limits = _known_teams(house, team or []), _known_brands(house, brands) or []
    about = {"teams": teams, "brands": limits}
    noted = _audited(house, "account added", account=account, roles=sorted(role), **_given(about))
    made = Accounts(house.state).add(account, role, password, teams=teams, brands=limits, first=noted)
    _say_roles(account, role, teams, limits)
    _show_made(made if make else "")


@account_app.command("password")
def account_password(
    account: Account,
    file: PasswordFile = None,
    make: MakePassword = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Give an account another password; its sessions end at once. Asked for, or read from standard input or a file, or made."""
    from acd.web.access.accounts import Accounts

    house = installation_at(state)
    password = _password(file, make=make)
    made = Accounts(house.state).set_password(
        account, password, first=_audited(house, "account password", account=account)
    )
    say(f"{account} has another password")
    _show_made(made if make else "")


account_app.command("set-password", hidden=True)(account_password)


@account_app.command("roles")
def account_roles(
    account: Account,
    role: Annotated[list[str], typer.Argument(metavar="ROLE…", help=f"One or more: {ROLES_SAID}.", show_default=False)],
    team: TeamOption = None,
    brands: BrandsOption = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Give an account these roles and no others; its sessions end at once. With --team these teams and no others, too; with --brands
    these brands."""
    from acd.web.access.accounts import Accounts

    house = installation_at(state)
    teams = None if team is None else _known_teams(house, team)
    limits = _known_brands(house, brands)
    about = {**_given({"teams": teams}), **({} if limits is None else {"brands": limits})}
    noted = _audited(house, "account roles", account=account, roles=sorted(role), **about)
    accounts = Accounts(house.state)
    accounts.set_roles(account, role, teams, limits, first=noted)
    _say_roles(account, sorted(set(role)), teams or [], sorted(accounts.existing(account).brands))


@account_app.command("list")
def account_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The accounts that may log in, with roles, teams, brands and last log-in."""
    from acd.web.access.accounts import Accounts

    house = installation_at(state)
    accounts, clock = Accounts(house.state), clock_of(house)
    found = [(one, _iso(accounts.last_log_in(one.name))) for one in accounts.all()]
    if as_json:
        print_json(
            [
                {
                    "account": one.name,
                    "roles": sorted(one.roles),
                    "teams": sorted(one.teams),
                    "brands": sorted(one.brands),
                    "last_log_in": last,
                }
                for one, last in found
            ]
        )
        return
    shown = [
        {
            "account": one.name,
            "roles": " ".join(sorted(one.roles)),
            "teams": " ".join(sorted(one.teams)),
            "brands": " ".join(sorted(one.brands)),
            "last_log_in": clock.minute(last),
        }
        for one, last in found
    ]
    named = {name: name.upper() for name in ("teams", "brands") if any(row[name] for row in shown)}
    show_table(shown, {"account": "ACCOUNT", "roles": "ROLES", **named, "last_log_in": clock.heading("LAST LOG-IN")})


@account_app.command("remove")
def account_remove(account: Account, state: State = None) -> None:  # type: ignore[assignment]
    """Remove an account; its sessions end at once."""
    from acd.web.access.accounts import Accounts

    house = installation_at(state)
    Accounts(house.state).remove(account, first=_audited(house, "account removed", account=account))
    say(f"{account} is removed")


@token_app.command("add")
def token_add(
    name: str,
    role: Annotated[
        str,
        typer.Option(
            help="crm: reads the cards of calls; metrics: reads /metrics; read: reads what an operator sees; full: may do "
            "whatever an operator may"
        ),
    ] = "crm",
    until: Annotated[
        str, typer.Option(help="The last day on which it works, as 2027-03-31, by the hotline's clock.")
    ] = "",
    days: Annotated[int, typer.Option(min=0, max=3660, help="Works for so many days from now. 0: no end.")] = 0,
    brands: BrandsOption = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Make a key for another program; it is shown this once."""
    from acd.web.access.tokens import SAID, Tokens

    house = installation_to_write(state)
    clock = clock_of(house)
    end, limits = _end(until, days, clock), _known_brands(house, brands) or []
    noted = _audited(house, "token added", token=name, role=role, until=_iso(end), **_given({"brands": limits}))
    token = Tokens(house.state).add(name, role, end, brands=limits, first=noted)
    say(f"{name} has the role {role} ({SAID[role]}), with this header; it is not shown again:\n")
    typer.echo(f"Authorization: Bearer {token}")
    if end is not None:
        say(f"\nIt works until {clock.minute(_iso(end))} ({clock.name}).")
    if limits:
        say(f"\nIt is limited to the brands {', '.join(limits)}.")


@token_app.command("rotate")
def token_rotate(
    name: Token,
    keep_hours: Annotated[
        float, typer.Option(min=0, max=720, help="The former key works for so many hours still.")
    ] = 0.0,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Make the key anew, with the same role and end; it is shown this once. The former one works no more."""
    from acd.web.access.tokens import Tokens

    house = installation_at(state)
    noted = _audited(house, "token rotated", token=name, keep_hours=keep_hours)
    token = Tokens(house.state).rotate(name, timedelta(hours=keep_hours), first=noted)
    say(f"{name} has a new key, with this header; it is not shown again:\n")
    typer.echo(f"Authorization: Bearer {token}")
    kept = f"for {keep_hours:g} hours still" if keep_hours else "no more"
    say(f"\nThe former one works {kept}.")


@token_app.command("list")
def token_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The programs that have a key: role, since when, until when, last use."""
    from acd.web.access.tokens import Tokens

    house = installation_at(state)
    found, clock = Tokens(house.state).all(), clock_of(house)
    moments = ("made_at", "until", "used_at")
    rows: list[dict[str, Any]] = [
        {"name": one.name, "role": one.role, "brands": sorted(one.brands), **{at: getattr(one, at) for at in moments}}
        for one in found
    ]
    if as_json:
        print_json([{**row, **{at: _iso(row[at]) for at in moments}} for row in rows])
        return
    now = datetime.now(UTC)
    for row in rows:
        over = row["until"] is not None and row["until"] <= now
        row |= {at: clock.minute(_iso(row[at])) for at in moments}
        row["until"] = f"{row['until']} (over)" if over else row["until"]
        row["brands"] = " ".join(row["brands"])
    headings = {"made_at": clock.heading("MADE"), "until": "UNTIL", "used_at": "LAST USE"}
    brands = {"brands": "BRANDS"} if any(row["brands"] for row in rows) else {}
    show_table(rows, {"name": "NAME", "role": "ROLE", **brands, **headings})


@token_app.command("remove")
def token_remove(name: Token, state: State = None) -> None:  # type: ignore[assignment]
    """Remove a key; it is refused from then on."""
    from acd.web.access.tokens import Tokens

    house = installation_at(state)
    Tokens(house.state).remove(name, first=_audited(house, "token removed", token=name))
    say(f"{name} has no key now")


def _known_teams(house: Installation, teams: list[str]) -> list[str]:
    """Sorted. Raises BadAccount for one that the configuration in force does not have."""
    from acd.web.access.accounts import BadAccount

    config = config_of(house)
    for team in teams:
        if config is not None and team not in config.teams:
            known = ", ".join(config.teams) or "none; add them under [teams], then `sanxiang config reload`"
            raise BadAccount(problem=f"There is no team {team}{near(team, config.teams)}. Teams: {known}.")
    return sorted(set(teams))


def _known_brands(house: Installation, brands: str | None) -> list[str] | None:
    """Sorted; none for `all`; None where nothing is said. Raises BadAccount for one that the configuration in force does not have."""
    from acd.web.access.accounts import BadAccount

    if brands is None:
        return None
    named = sorted({word for word in brands.replace(",", " ").split() if word})
    if named == [ALL_BRANDS]:
        return []
    if not named:
        raise BadAccount(problem="--brands names none. Write them as acme,bolt, or `all` to take the limit away.")
    config = config_of(house)
    for brand in named:
        if config is not None and brand not in config.brands:
            known = ", ".join(config.brands) or "none; add them under [brands], then `sanxiang config reload`"
            raise BadAccount(problem=f"There is no brand {brand}{near(brand, config.brands)}. Brands: {known}.")
    return named


def _given(about: Mapping[str, list[str] | None]) -> dict[str, list[str]]:
    """What is not empty."""
    return {name: names for name, names in about.items() if names}


def _say_roles(account: str, roles: list[str], teams: list[str], brands: list[str]) -> None:
    may, led = " and ".join(roles), " and ".join(teams)
    if len(teams) > 1:
        say(f"{account} may log in as {may}, for the teams {led}")
    elif teams:
        say(f"{account} may log in as {may}, for the team {led}")
    else:
        say(f"{account} may log in as {may}")
    if brands:
        say(f"It is limited to the brands {', '.join(brands)}.")


def _password(file: Path | None, *, make: bool) -> str | None:
    """As it was typed twice at a terminal, else the first line of the file or of standard input; None: one is to be made.

    It is never an argument: every user of the machine can read those. Raises BadAccount when there is none.
    """
    from acd.web.access.accounts import BadAccount

    if make:
        if file is not None:
            raise typer.BadParameter("--make and --file are two ways. Take one.")
        return None
    if file is not None:
        try:
            first = file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except OSError as error:
            raise BadAccount(
                problem=f"{file} can't be read ({error.strerror}). Name a file with the password."
            ) from None
        except UnicodeDecodeError:
            raise BadAccount(problem=f"{file} is not UTF-8. Write the password into it as plain text.") from None
        if not first:
            raise BadAccount(problem=f"The first line of {file} is empty. Write the password there.")
        return first
    if sys.stdin.isatty():
        return str(
            typer.prompt(in_language("Password (at least 12 characters)"), hide_input=True, confirmation_prompt=True)
        )
    if password := sys.stdin.readline().rstrip("\r\n"):
        return password
    raise BadAccount(
        problem="No password came on standard input. Write it there as one line, name a --file, type it at a terminal, or let "
        "one be made with --make."
    )


def _show_made(password: str) -> None:
    if password:
        say(f"Its password, which is not shown again: {password}")


def _audited(house: Installation, action: str, **about: object) -> Callable[[], None]:
    """Writes the line of this action into the audit log, when it is called. Raises NotNoted."""
    from acd.web.access.audit import Audit

    audit = Audit(house.state / "audit.log", lambda: datetime.now(UTC))
    try:
        user = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # this user has no name
        user = str(os.getuid())
    return lambda: audit.note_now("command line", action, user=user, **about)


def _end(until: str, days: int, clock: HotlineClock) -> datetime | None:
    """When a key ends. Raises BadToken."""
    from acd.web.access.tokens import BadToken

    if until and days:
        raise typer.BadParameter("--until and --days are two ways. Take one.")
    if days:
        return datetime.now(UTC) + timedelta(days=days)
    if not until:
        return None
    try:
        over = datetime.strptime(until, "%Y-%m-%d") + timedelta(days=1)
        return over.replace(tzinfo=clock.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadToken(problem=f"--until {until}: this is no day. Write it as 2027-03-31.") from None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
