"""`sanxiang config …`: check, compare, reload and roll back the operator's file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    ConfigFile,
    State,
    counted,
    installation_at,
    print_json,
    say,
    show_table,
)
from acd.cli.times import clock_of
from acd.config import BadConfiguration, Config, load, warnings
from acd.config.diff import Difference, differences
from acd.config.versions import Texts, Version, Versions
from acd.errors import SanxiangError
from acd.processes import api_client
from acd.setup.installation import Installation

config_app = typer.Typer(help="The operator's file: check, diff, reload, history, back.", no_args_is_help=True)


class NeverStarted(SanxiangError):
    """No configuration was ever in force for {state}. Start the hotline with `./sanxiang up`, or name its --state."""


class NoSuchBrand(SanxiangError):
    """The configuration has no brand {brand}. {there}"""


@config_app.command("check")
def config_check(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Every mistake in the configuration, its menu and its prompts, with the remedy. Changes nothing."""
    from acd.setup.pbx_settings import open_secrets
    from acd.setup.prepare import check_prompts_and_menu
    from acd.setup.unused_lookups import unused_lookups

    try:
        checked = load(config, check_prompts_and_menu)
    except BadConfiguration as bad:
        if not as_json:
            raise
        print_json({"ok": False, "file": bad.file, "mistakes": bad.mistakes, "warnings": []})
        raise typer.Exit(1) from None
    said = [*warnings(checked), *open_secrets(checked), *unused_lookups(checked)]
    if as_json:
        print_json({"ok": True, "file": str(config), "mistakes": [], "warnings": said})
        return
    there = {"queue": len(checked.queues), "agent": len(checked.agents), "trunk": len(checked.trunks)}
    there |= {"brand": len(checked.brands)} if checked.brands else {}
    say(f"{config}: well. {', '.join(counted(count, what) for what, count in there.items())}.")
    _warn(said)


@config_app.command("diff")
def config_diff(
    config: Annotated[Path | None, typer.Option("--config", help="Another file than the one in force.")] = None,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """What `reload` would change, a sentence each. Changes nothing; the hotline need not run."""
    installation = installation_at(state)
    versions = Versions(installation.versions, made=False)
    version = _latest(versions, installation)
    file = config or Path(version.file)
    was, new = versions.texts(version.number), Texts.read(file)
    checked = new.checked(file)
    had = dict(was.brand_menus)
    others = [name for name, text in new.brand_menus if name in had and had[name] != text]
    found = differences(was.checked(version.file), checked, other_menu=was.menu != new.menu, other_menus_of=others)
    if as_json:
        rows = [{"place": each.place, "said": each.said, "at_a_start": each.at_a_start} for each in found]
        print_json({"version": version.number, "file": str(file), "differences": rows, "warnings": warnings(checked)})
        return
    clock = clock_of(installation)
    since = f"{clock.at(version.at)} {clock.name}"
    say(f"Version {version.number} (in force since {since}) against {file}:")
    for each in found:
        say(f"  {each.said}{_start(each)}")
    if not found:
        say("  no difference.")
    if any(each.at_a_start for each in found):
        say("`reload` will refuse the whole: what is marked is taken at a start only (`./sanxiang down`, `up`).")
    _warn(warnings(checked))


@config_app.command("reload")
def config_reload(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Put the file into force while calls go on: whole, or not at all."""
    said = api_client.ask(installation_at(state), "POST", "/api/config/reload", {"dry_run": dry_run})
    if as_json:
        print_json(said)
        return
    if said["taken"]:
        say(f"Version {said['version']} is in force:")
    elif dry_run:
        say("It would be taken, and change this:" if said["differences"] else "It would change nothing.")
    else:
        say(f"The file says what is in force already (version {said['version']}).")
    _tell(said)


@config_app.command("back")
def config_back(
    version: Annotated[int, typer.Argument(help="A number of `history`; the version before when left out.")] = 0,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Put the version before into force again, and the operator's file back to it."""
    said = api_client.ask(installation_at(state), "POST", "/api/config/back", {"version": version})
    if as_json:
        print_json(said)
        return
    if said["taken"]:
        say(f"Back: version {said['version']} is in force.")
    else:
        say("That is in force already.")
    _tell(said)


@config_app.command("history")
def config_history(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Every configuration that was in force, the latest first: who, when, how."""
    installation = installation_at(state)
    versions = Versions(installation.versions, made=False)
    latest = _latest(versions, installation)
    rows: list[dict[str, Any]] = [
        {
            "version": version.number,
            "at": version.at,
            "by": version.by,
            "how": f"back to {version.like}" if version.like else version.how,
            "in_force": version.number == latest.number,
            "file": str(versions.folder / f"{version.number:06d}.toml"),
        }
        for version in reversed(versions.all())
    ]
    if as_json:
        print_json(rows)
        return
    clock = clock_of(installation)
    for row in rows:
        row["how"] = "at a start" if row["how"] == "up" else row["how"]
        row["at"], row["in_force"] = clock.at(row["at"]), "in force" if row["in_force"] else ""
    columns = {
        "version": "VERSION",
        "at": clock.heading("SINCE"),
        "by": "BY",
        "how": "HOW",
        "in_force": "",
        "file": "KEPT IN",
    }
    show_table(rows, columns)


@config_app.command("show")
def config_show(
    config: Annotated[Path | None, typer.Option("--config", help="This file, in place of what is in force.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Only what the file says, without the defaults.")] = False,
    brand: Annotated[
        str, typer.Option("--brand", help="Only what is this brand's: its table, its queues, its agents.")
    ] = "",
    part: Annotated[str, typer.Argument(help="Only values below this, as queues.orders.", show_default=False)] = "",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """What is in force: every value with where it comes from, file and line or default. Never a password."""
    from acd.config.origins import DEFAULT, values

    if config is not None:
        texts, file, about = Texts.read(config), config, f"{config}, which need not be in force"
    else:
        installation = installation_at(state)
        versions = Versions(installation.versions, made=False)
        version = _latest(versions, installation)
        clock = clock_of(installation)
        texts, file = versions.texts(version.number), Path(version.file)
        about = f"Version {version.number}, in force since {clock.at(version.at)} ({clock.name})"
    checked = texts.checked(file)
    below = _of_brand(checked, brand) if brand else [""]
    found = [
        value
        for value in values(checked, texts.config, texts.agents, file, dict(texts.brands))
        if not (changed and value.origin == DEFAULT)
        and f"{value.place}.".startswith(f"{part}." if part else "")
        and any(f"{value.place}.".startswith(begin) for begin in below)
    ]
    if as_json:
        print_json([{"place": each.place, "value": each.value, "from": each.origin} for each in found])
        return
    say(f"# {about}. Lines are those of the file as it was then.")
    for each in found:
        say(each.written)
    if not found:
        say(f"# nothing stands below {part or 'it'}: `sanxiang config show` shows all.")


def _of_brand(config: Config, brand: str) -> list[str]:
    """Beginnings of the places that are this brand's. Raises NoSuchBrand."""
    if brand not in config.brands:
        there = f"There are: {', '.join(config.brands)}." if config.brands else "There is none: see [brands]."
        raise NoSuchBrand(brand=brand, there=there)
    own = config.brands[brand]
    tables = {"queues": own.queues, "agents": own.agents}
    return [f"brands.{brand}.", *(f"{table}.{name}." for table, names in tables.items() for name in names)]


def _latest(versions: Versions, installation: Installation) -> Version:
    latest = versions.latest()
    if latest is None:
        raise NeverStarted(state=installation.state)
    return latest


def _tell(said: dict[str, Any]) -> None:
    for each in said["differences"]:
        say(f"  {each}")
    _warn(said["warnings"])
    if said["note"]:
        say(said["note"])


def _warn(sentences: list[str]) -> None:
    for each in sentences:
        say(f"warning: {each}")


def _start(difference: Difference) -> str:
    return "  [at a start]" if difference.at_a_start else ""
