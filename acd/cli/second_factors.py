"""`sanxiang account totp …` and `… passkeys`: the second factors of an account, also when its owner has lost the telephone.

They work on the state folder, whether or not the hotline runs.
"""

import sys
from typing import Annotated, Literal

import typer

from acd.cli.accounts import Account
from acd.cli.accounts import _audited as audited
from acd.cli.common import AsJson, State, counted, installation_at, print_json, say, show_table
from acd.cli.language import in_language
from acd.cli.times import clock_of
from acd.setup.installation import Installation

Action = Literal["show", "on", "off", "codes"]


def account_totp(
    account: Account,
    action: Annotated[
        Action,
        typer.Argument(
            help="show: what there is. on: set up an authenticator app. off: the telephone is lost. codes: ten other recovery codes."
        ),
    ] = "show",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """An account's authenticator app and recovery codes; a change ends its sessions at once."""
    from acd.web.access.accounts import Accounts
    from acd.web.access.second_factors import SecondFactors

    house = installation_at(state)
    accounts, factors = Accounts(house.state), SecondFactors(house.state)
    found = accounts.existing(account)
    if action == "show":
        has = factors.of(found)
        clock = clock_of(house)
        since = has.totp_since
        keys, codes_left = counted(len(has.passkeys), "passkey"), counted(has.recovery_codes, "recovery code")
        if since is None:
            say(f"{account} has no authenticator app, {keys}, {codes_left}")
        else:
            day = clock.minute(since.isoformat())
            say(f"{account} has an authenticator app since {day} ({clock.name}), {keys}, {codes_left}")
        return
    if action == "on":
        codes = _set_up(house, account)
        say(f"{account} is asked for a code of the app from now on")
    elif action == "off":
        factors.end_totp(found, first=audited(house, "second factor off", account=account))
        codes = []
        say(f"{account} has no authenticator app now")
    else:
        codes = factors.new_recovery_codes(found, first=audited(house, "recovery codes made", account=account))
    accounts.end_sessions(account)
    if codes:
        say("Recovery codes, each good for one log-in in the place of the app; they are not shown again:\n")
        typer.echo("\n".join(codes))


def account_passkeys(
    account: Account,
    remove: Annotated[
        str, typer.Option(help="Remove the passkey of this name or number; all removes each.", show_default=False)
    ] = "",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """The passkeys of an account, or one less; passkeys are added on the page, by their owner."""
    from acd.web.access.accounts import Accounts, BadAccount
    from acd.web.access.second_factors import SecondFactors

    house = installation_at(state)
    accounts, factors = Accounts(house.state), SecondFactors(house.state)
    found = accounts.existing(account)
    keys = factors.of(found).passkeys
    if remove:
        gone = [key for number, key in enumerate(keys, 1) if remove in ("all", key.name, str(number))]
        if not gone:
            raise BadAccount(
                problem=f"{account} has no passkey {remove}. `sanxiang account passkeys {account}` shows them."
            )
        for key in gone:
            noted = audited(house, "passkey removed", account=account, passkey=key.name)
            factors.remove_passkey(found, key.id, first=noted)
        accounts.end_sessions(account)
        say(f"{account} can no longer log in with {', '.join(key.name for key in gone)}")
        return
    moments = [(key.made_at.isoformat(), key.used_at.isoformat() if key.used_at else None) for key in keys]
    rows = [(number, key.name, *at) for number, (key, at) in enumerate(zip(keys, moments, strict=True), 1)]
    if as_json:
        print_json([dict(zip(("number", "name", "made_at", "used_at"), row, strict=True)) for row in rows])
        return
    clock = clock_of(house)
    shown = [
        {"number": number, "name": name, "made_at": clock.minute(made), "used_at": clock.minute(used)}
        for number, name, made, used in rows
    ]
    headings = {"made_at": clock.heading("ADDED"), "used_at": "LAST USE"}
    show_table(shown, {"number": "NO.", "name": "NAME", **headings})


def _set_up(house: Installation, account: str) -> list[str]:
    """Shows a new secret, and asks for a code of the app that has it. The recovery codes, where there were none. Raises BadFactor."""
    from acd.web.access import totp
    from acd.web.access.accounts import Accounts
    from acd.web.access.second_factors import SecondFactors

    secret = totp.new_secret()
    address = totp.address(secret, account, "Sanxiang")
    if sys.stdout.isatty():
        totp.draw(address, sys.stdout)
    say(f"Scan this with the app, or type the key into it: {secret}")
    typer.echo(address)
    code = str(typer.prompt(in_language("Code that the app shows"))) if sys.stdin.isatty() else sys.stdin.readline()
    first = audited(house, "second factor on", account=account)
    return SecondFactors(house.state).set_totp(Accounts(house.state).existing(account), secret, code, first=first)
