"""`sanxiang trunk …`: how each trunk is."""

from typing import Annotated, Any

import typer

from acd.cli import completion
from acd.cli.common import AsJson, Language, State, installation_at, padded, print_json, say, show_table
from acd.cli.language import current, in_language
from acd.cli.times import HotlineClock, clock_of
from acd.config.messages import near
from acd.processes import api_client
from acd.words.trunks import why_refused

trunk_app = typer.Typer(help="Trunks: list, status.", no_args_is_help=True)
REMEDIES = {
    "not-registered": "Ask the carrier; look at host, username, auth_user and password_file. It is tried on and on.",
    "no-registrar": "Look at host, its port, outbound_proxy and transport, at the firewall and the route to it. It is tried on and on.",
    "no-answer": "Ask the carrier, look at the firewall; for one that never answers OPTIONS set qualify_s = 0.",
    "unresolved": "`getent hosts NAME` shows what this machine's name server says; mend the name. An IMS domain is in none: add outbound_proxy.",
    "closed": "Look into run/asterisk/log/messages.log in the state folder; `config check`, then `config reload`.",
}
"""State of a trunk, or "no-registrar", to what to do."""


@trunk_app.command("list")
def trunk_list(language: Language = "en", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every trunk with its state, and the calls out since the daemon began. Exit status 3 when one is not well."""
    installation = installation_at(state)
    trunks = api_client.ask(installation, "GET", "/api/state")["trunks"]
    if as_json:
        print_json(trunks)
    elif not trunks:
        say("No trunk is configured: add one under [trunks], see docs/trunks/.")
    else:
        show_trunks(trunks, clock_of(installation), language)
    raise typer.Exit(0 if all(row["well"] for row in trunks) else 3)


@trunk_app.command("status")
def trunk_status(
    trunk: Annotated[
        str, typer.Argument(help="One trunk; all when left out.", show_default=False, autocompletion=completion.trunks)
    ] = "",
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """How a trunk is, since when, and what to do when it is not well. Exit status 3 when one is not well."""
    installation = installation_at(state)
    found = api_client.ask(installation, "GET", "/api/state")["trunks"]
    rows = [row for row in found if trunk in ("", row["name"])]
    if trunk and not rows:
        names = [row["name"] for row in found]
        raise api_client.Refused(
            why=f"There is no trunk {trunk}{near(trunk, names)}. `sanxiang trunk list` shows them."
        )
    clock = clock_of(installation)
    if as_json:
        print_json(rows)
    elif not rows:
        say("No trunk is configured: add one under [trunks], see docs/trunks/.")
    else:
        for row in rows:
            _show_one(row, clock, language)
    raise typer.Exit(0 if all(row["well"] for row in rows) else 3)


def _show_one(row: dict[str, Any], clock: HotlineClock, language: str) -> None:
    since = in_language(f", since {clock.at(row['since'])} ({clock.name})") if row["since"] else ""
    how = padded(in_language("ok" if row["well"] and not row["refused"] else "BAD"), 4)
    say(f"{how} {row['name']}: {row['said'][language]}{since}")
    say(f"     calls out since the daemon began: {row['carried']} carried, {row['failed']} not carried")
    if row["refused"]:
        say(f"     the latest was refused with SIP {row['refused']}: {why_refused(row['refused'], language)}")
    if not row["well"] and (remedy := remedy_of(row)):
        say(f"     -> {in_language(remedy)}")


def remedy_of(row: dict[str, Any]) -> str:
    """What to do about a trunk that is not well, or has refused our latest call out."""
    if row["well"]:
        return why_refused(row["refused"], current())
    if row["unresolved"]:  # what is to be mended first
        return REMEDIES["unresolved"]
    state = "no-registrar" if row["state"] == "not-registered" and row["registrar"] == 0 else row["state"]
    return REMEDIES.get(state, "")


def show_trunks(trunks: list[dict[str, Any]], clock: HotlineClock, language: str = "en") -> None:
    """Prints the trunks as a table."""
    rows = [{**row, "said": row["said"][language], "since": clock.at(row["since"])} for row in trunks]
    columns = {
        "name": "TRUNK",
        "said": "STATE",
        "since": clock.heading("SINCE"),
        "carried": "CALLS OUT",
        "failed": "NOT CARRIED",
    }
    show_table(rows, columns)
    for row in rows:
        if row["refused"]:
            say(f"{row['name']}: SIP {row['refused']}: {why_refused(row['refused'], language)}")
