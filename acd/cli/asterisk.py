"""`sanxiang asterisk`: which Asterisk is used here, and a newer one beside it."""

import warnings
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, print_json, say
from acd.errors import SanxiangError
from acd.pbx.install import fetch, runtime
from acd.progress import Steps
from acd.setup.installation import Installation, default_state
from acd.setup.versions import Started

asterisk_app = typer.Typer(help="The Asterisk that is used, and its renewal.", no_args_is_help=True)
LISTED = 12
"""So many changed packages are named; of the others only the number."""
NEXT_START = (
    "It comes into use at the next start: `sanxiang drain --hotline` serves the callers first, then `sanxiang up` "
    "(under systemd: `systemctl start sanxiang`)."
)


class NotFetched(SanxiangError):
    """The Asterisk that is used is your own ({binary}). Renew it as you have installed it, then start the hotline again."""


def known(installation: Installation) -> dict[str, Any]:
    """What `asterisk show` says: "version", "origin", "folder", "fetched_at" (ISO, UTC), "age_days", "floor", "below_floor", "running" (the
    version with which the hotline was started; "" where none runs). Raises NoPbx, BrokenPbx."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pbx = runtime.find_pbx()
    at = fetched_at(pbx)
    return {
        "version": pbx.version,
        "origin": pbx.origin,
        "folder": str(pbx.folder or pbx.asterisk[0]),
        "fetched_at": at.isoformat() if at else None,
        "age_days": (datetime.now(UTC) - at).days if at else None,
        "floor": ".".join(map(str, runtime.FLOOR)),
        "below_floor": runtime.below_floor(pbx.version),
        "running": Started.running(installation).asterisk,
    }


def fetched_at(pbx: runtime.Pbx) -> datetime | None:
    """When this Asterisk was fetched; None for the operator's own."""
    return datetime.fromtimestamp((pbx.folder / fetch.READY).stat().st_mtime, UTC) if pbx.folder else None


@asterisk_app.command()
def show(state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """Show the version that a start would use, since when it is here, and the one that runs."""
    # Before the first start there is an Asterisk to tell of; a folder that is named and is not there is a mistake.
    found = known(Installation.existing(state) if state else Installation(default_state().resolve()))
    if as_json:
        print_json(found)
        return
    since = f"fetched {found['fetched_at'][:10]}, {found['age_days']} days ago" if found["fetched_at"] else ""
    say(f"Asterisk {found['version']} ({since or found['origin']}): {found['folder']}")
    if found["below_floor"]:
        say(f"It is older than {found['floor']}, which closed 20 security advisories: sanxiang asterisk renew")
    if found["running"] and found["running"] != found["version"]:
        say(f"Asterisk {found['running']} runs. {NEXT_START}")


@asterisk_app.command()
def renew(
    only_look: Annotated[
        bool, typer.Option("--look", help="Only tell what is newer; fetch nothing. Status 3 when there is something.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch a newer Asterisk beside the one in use; calls go on, and the next start uses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pbx = runtime.find_pbx()
    if pbx.origin == "operator":
        raise NotFetched(binary=pbx.asterisk[0])
    with Steps(total=1).step("A look at the mirror" if only_look else "A newer Asterisk") as progress:
        renewal = runtime.renew(progress, only_look=only_look)
    removed = [] if only_look else fetch.remove_former(runtime.PBX_SET)
    if as_json:
        print_json(
            {"folder": str(renewal.folder), "changed": renewal.changed, "removed": [str(each) for each in removed]}
        )
    else:
        _say(renewal, only_look)
    raise typer.Exit(3 if only_look and renewal.changed else 0)


def _say(renewal: fetch.Renewal, only_look: bool) -> None:
    changed = renewal.changed
    if not changed:
        say("What is here is the newest: nothing was fetched.")
        return
    # Asterisk's own first: the rest are the libraries that it brings.
    names = sorted(changed, key=lambda name: (not name.startswith("asterisk"), name))
    for name in names[:LISTED]:
        was, now = changed[name]
        say(f"  {name:32} {was or '-'} -> {now or '-'}")
    if len(names) > LISTED:
        say(f"  and {len(names) - LISTED} more")
    say("Fetch it with: sanxiang asterisk renew" if only_look else f"Fetched into {renewal.folder}. {NEXT_START}")
