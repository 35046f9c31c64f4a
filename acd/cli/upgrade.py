"""`sanxiang upgrade`: what it takes to put this checkout in the place of the version that runs. It changes nothing."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from acd.cli.common import AsJson, State, installation_at, padded, print_json, say
from acd.cli.language import in_language
from acd.config import load
from acd.errors import SanxiangError
from acd.processes import parts
from acd.setup.database import url_in_use
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan
from acd.setup.upgrade_notes import Note, Way, dearest, notes
from acd.setup.versions import Started
from acd.store import schema
from acd.store.errors import SchemaTooNew
from acd.store.store import Store

WHAT_TO_TYPE: dict[Way, tuple[str, ...]] = {
    "none": ("Nothing: this is what runs.",),
    "drain": ("./sanxiang drain              (of this checkout; calls go on)",),
    "reload": (
        "./sanxiang drain              (of this checkout; calls go on)",
        "sanxiang config reload        (calls go on; an edited configuration comes into force with it)",
    ),
    "start": (
        "sanxiang drain --hotline      (serves the callers who are here, takes no new ones, then stops)",
        "./sanxiang up                 (of this checkout; under systemd: systemctl start sanxiang)",
    ),
    "refused": ("Nothing yet: mend what is named above while the version that runs is there, then ask again.",),
}


class NothingStarted(SanxiangError):
    """{state}: no hotline was started there yet, so there is nothing to upgrade. `sanxiang up` starts one."""


def upgrade(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Tell what it takes to put this checkout in the place of what runs: nothing, `drain`, or a start. Changes nothing."""
    installation = installation_at(state)
    found = looked_up(installation)
    if as_json:
        print_json(found)
    else:
        _show(found)
    raise typer.Exit(1 if found["way"] == "refused" else 0)


def looked_up(installation: Installation) -> dict[str, Any]:
    """ "runs" (bool); "from" and "to" (version, commit, asterisk, tables); "notes" (code, way, said); "way"; "steps" (lines to type); "tables"
    (from, to, steps, back: whether the version that runs can go on with the tables of this one). Raises NothingStarted, StateNotReadable."""
    try:
        plan = StartPlan.of(installation)
    except PermissionError as error:
        raise installation.not_readable(error) from None
    except OSError:
        raise NothingStarted(state=installation.state) from None
    ours = Started.by_us(schema.HEAD)
    was = Started.now(installation)
    found = notes(installation, plan, ours)
    tables, table_notes = _tables(plan, was)
    found += table_notes
    runs = bool(parts.supervisor(installation) or parts.daemon_lives(installation))
    # A hotline that does not run takes all of this when it starts.
    way = dearest(found)
    if not runs and way != "refused":
        way = "none"
    steps = WHAT_TO_TYPE[way] if runs or way == "refused" else ("./sanxiang up",)
    return {
        "runs": runs,
        "from": asdict(was),
        "to": asdict(ours),
        "notes": [asdict(note) for note in found],
        "way": way,
        "steps": list(steps),
        "tables": tables,
    }


def _tables(plan: StartPlan, was: Started) -> tuple[dict[str, Any], list[Note]]:
    """What this checkout does to the tables, and whether the version before goes on with them."""
    from acd.store.schema_steps import serves_from, steps_since

    try:
        present, refused = asyncio.run(_present(plan))
    except SanxiangError as error:
        said = f"The tables can't be looked at: {error}"
        return {"from": None, "to": schema.HEAD, "steps": [], "back": None}, [Note("tables", "none", said)]
    steps = [f"{version}: {said}" for version, said in steps_since(present)]
    back = bool(was.tables) and serves_from(schema.HEAD) <= was.tables
    found = {"from": present, "to": schema.HEAD, "steps": steps, "back": back}
    if present == schema.HEAD:
        return found, []
    if refused:
        return found, [Note("tables", "refused", f"Tables: {refused}")]
    if present > schema.HEAD:
        said = f"The tables ({present}) are newer than this version ({schema.HEAD}), and serve it as well."
        return found, [Note("tables", "none", said)]
    said = f"Tables: {present or 'none'} -> {schema.HEAD}, made by the new daemon when it first reaches PostgreSQL, while calls go on."
    return found, [Note("tables", "drain", said)]


async def _present(plan: StartPlan) -> tuple[str, str]:
    """The version of the tables, and why this checkout can't go on with them; "" where it can, or brings them to its own version."""
    store = await Store.open(url_in_use(load(Path(plan.config_file)), plan))
    try:
        present = await store.table_version()
        try:
            if present > schema.HEAD:
                await store.check_schema()
        except SchemaTooNew as error:
            return present, str(error)
        return present, ""
    finally:
        await store.close()


def _show(found: dict[str, Any]) -> None:
    away = "" if found["runs"] else "  " + in_language("(does not run)")
    say(f"{padded(in_language('From:'), 5)} {_named(found['from'])}{away}")
    say(f"{padded(in_language('To:'), 5)} {_named(found['to'])}")
    for note in found["notes"]:
        say(f"  - {in_language(note['said'])}")
    for step in found["tables"]["steps"]:
        say(f"      {step}")
    if found["tables"]["steps"]:
        say("  - " + in_language(BACK[found["tables"]["back"]]))
        say("Before it: sanxiang backup FILE   (calls go on)")
    say("To type:")
    for step in found["steps"]:
        say(f"  {step}")


BACK = {
    True: "Going back: the version of now goes on with the new tables; `sanxiang drain` from its checkout.",
    False: "Going back: the version of now does not take the new tables. It needs the back-up made before (docs/backup.md).",
    None: "",
}


def _named(version: dict[str, str]) -> str:
    said = "Sanxiang " + (version["version"] or in_language("of an unknown version"))
    said += f" ({version['commit']})" if version["commit"] else ""
    said += f", Asterisk {version['asterisk']}" if version["asterisk"] else ""
    return said + (", " + in_language(f"tables {version['tables']}") if version["tables"] else "")
