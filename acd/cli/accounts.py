"""`sanxiang account …`: who may log in to the page, and the keys of other people's programs."""

import sys
from typing import Annotated

import typer

from acd.cli.common import AsJson, State, installation_at, installation_to_write, print_json, show_table

account_app = typer.Typer(help="Who may log in to the page.", no_args_is_help=True)
token_app = typer.Typer(help="Keys of other people's programs, as a CRM that reads cards.", no_args_is_help=True)
account_app.add_typer(token_app, name="token")


@account_app.command("add")
def account_add(
    account: str,
    role: Annotated[list[str], typer.Option(help="operator or qa; once for each")],
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add an account for the page. The password is asked for, or read from standard input."""
    from acd.web.access.accounts import Accounts

    Accounts(installation_to_write(state).state).add(account, role, _password())
    typer.echo(f"{account} may log in as {' and '.join(role)}")


@account_app.command("set-password")
def account_set_password(account: str, state: State = None) -> None:  # type: ignore[assignment]
    """Give an account another password; its sessions end at once. It is asked for, or read from standard input."""
    from acd.web.access.accounts import Accounts

    Accounts(installation_at(state).state).set_password(account, _password())
    typer.echo(f"{account} has another password")


@account_app.command("list")
def account_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The accounts that may log in, with their roles."""
    from acd.web.access.accounts import Accounts

    accounts = Accounts(installation_at(state).state)
    found = [account for name in accounts.names() if (account := accounts.get(name)) is not None]
    rows = [{"account": account.name, "roles": sorted(account.roles)} for account in found]
    if as_json:
        print_json(rows)
    else:
        show_table(
            [{**row, "roles": ", ".join(row["roles"])} for row in rows], {"account": "ACCOUNT", "roles": "ROLES"}
        )


@account_app.command("remove")
def account_remove(account: str, state: State = None) -> None:  # type: ignore[assignment]
    """Remove an account; its sessions end at once."""
    from acd.web.access.accounts import Accounts

    Accounts(installation_at(state).state).remove(account)
    typer.echo(f"{account} is removed")


def _password() -> str:
    """As it was typed twice at a terminal, else the first line of standard input. Raises BadAccount when there is none.

    It is never an argument: every user of the machine can read those.
    """
    if sys.stdin.isatty():
        return str(typer.prompt("Password (at least 12 characters)", hide_input=True, confirmation_prompt=True))
    if password := sys.stdin.readline().rstrip("\r\n"):
        return password
    from acd.web.access.accounts import BadAccount

    raise BadAccount(
        problem="No password came on standard input. Write it there as one line, or type it at a terminal."
    )


@token_app.command("add")
def token_add(
    name: str,
    role: Annotated[str, typer.Option(help="crm: reads the cards of calls, and nothing else")] = "crm",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Make a key for another program; it is shown this once."""
    from acd.web.access.tokens import Tokens

    token = Tokens(installation_to_write(state).state).add(name, role)
    typer.echo(f"{name} has the role {role}, with this header; it is not shown again:\n")
    typer.echo(f"Authorization: Bearer {token}")


@token_app.command("list")
def token_list(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The programs that have a key."""
    from acd.web.access.tokens import Tokens

    rows = [{"name": name, "role": role} for name, role in sorted(Tokens(installation_at(state).state).names().items())]
    if as_json:
        print_json(rows)
    else:
        show_table(rows, {"name": "NAME", "role": "ROLE"})


@token_app.command("remove")
def token_remove(name: str, state: State = None) -> None:  # type: ignore[assignment]
    """Remove a key; it is refused from then on."""
    from acd.web.access.tokens import Tokens

    Tokens(installation_at(state).state).remove(name)
    typer.echo(f"{name} has no key now")
