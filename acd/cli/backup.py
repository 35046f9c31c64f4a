"""`sanxiang backup`, `restore` and `purge`."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from acd.cli.common import DEFAULT_CONFIG, AsJson, State, installation_at, padded, print_json, say
from acd.cli.language import in_language
from acd.setup.installation import Installation, default_state

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help="A file that holds the key (16 bytes or more); the key itself is never typed. Without it nothing is encrypted.",
        show_default=False,
    ),
]
RecordingsKept = Annotated[
    Literal["copy", "manifest"],
    typer.Option(
        help="copy: the sound too. manifest: what there is, with its sums, for sound that is kept in another way."
    ),
]


class _FileOrVerb(TyperGroup):
    """`backup FILE` makes one; `backup verify FILE` and `backup list FILE` are commands of their own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["make", *args]
        return list(super().parse_args(ctx, args))


backup_app = typer.Typer(
    cls=_FileOrVerb,
    no_args_is_help=True,
    help="Back up the hotline while calls go on: `backup FILE` or `backup FOLDER`; its options: `backup make --help`.",
)


@backup_app.command("make")
def backup_make(
    target: Annotated[Path, typer.Argument(help="The new file; in a folder it gets the hotline's name and the time.")],
    recordings: RecordingsKept = "copy",
    key_file: KeyFile = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Back up database, state, configuration, prompts and recordings. Exit status 3: made, but something was left out."""
    from acd.backup.make import Wanted, make

    installation = installation_at(state)
    # Calls go first: the back-up takes what they leave of CPU and disk.
    os.nice(10)
    with _ended_in_order(), _progress("Back-up") as told:
        made = make(installation, Wanted(target.absolute(), recordings, key_file, replace), told)
    if as_json:
        said = {"file": str(made.file), "files": made.totals.files, "bytes": made.totals.bytes}
        print_json({**said, "left_out": made.left_out})
    else:
        say(f"{made.file}: {made.totals.files} files, {_mb(made.totals.bytes)}")
        if recordings == "manifest":
            say("The sound of the recordings is not in it: keep a copy of their folder.")
        if key_file is None:
            say("It is not encrypted and holds passwords, callers' numbers and talks: only its owner may read it.")
    for each in made.left_out:
        say(f"warning: {each}", err=True)
    raise typer.Exit(3 if made.left_out else 0)


@backup_app.command("verify")
def backup_verify(file: Path, key_file: KeyFile = None, as_json: AsJson = False) -> None:
    """Read a back-up to its end and check every byte against its sums. Writes nothing."""
    from acd.backup.archive import Archive

    with _progress("Every sum") as told, contextlib.closing(Archive(file, key_file)) as archive:
        told(str(file))
        totals = archive.verify()
    if as_json:
        said = {**_said(archive.manifest), "left_out": [*archive.manifest.left_out, *archive.left_out]}
        print_json({"ok": True, "files": totals.files, "bytes": totals.bytes, **said})
    else:
        say(f"{file}: whole. {totals.files} files, {_mb(totals.bytes)}, of {archive.manifest.made_at}.")
        for each in (*archive.manifest.left_out, *archive.left_out):
            say(f"When it was backed up: {each}.")


@backup_app.command("list")
def backup_list(file: Path, key_file: KeyFile = None, as_json: AsJson = False) -> None:
    """What a back-up says of itself: when, which hotline, which version, what it holds. Checks no sums."""
    from acd.backup.archive import Archive

    with contextlib.closing(Archive(file, key_file)) as archive:
        archive.look_for_left_out()
        said = _said(archive.manifest)
        said["left_out"] += archive.left_out
    if as_json:
        print_json(said)
        return
    for name, value in said.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        say(f"{padded(in_language(name.replace('_', ' ')), 14)} {shown or '-'}")


def restore(
    file: Annotated[Path, typer.Argument(help="A back-up of this version or an older one.")],
    config: Annotated[
        Path,
        typer.Option("--config", help="Where the configuration goes; when it is there already, it is used as it is."),
    ] = DEFAULT_CONFIG,
    recordings: Annotated[
        Path | None,
        typer.Option(
            "--recordings", help="Another folder for the recordings than the configuration's.", show_default=False
        ),
    ] = None,
    key_file: KeyFile = None,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Put a back-up into an empty machine: state folder, database and recordings folder must be empty."""
    from acd.backup.restore import Wanted
    from acd.backup.restore import restore as put_back
    from acd.processes.takeover import check_nothing_runs

    # It makes the folder itself, when all else is well.
    installation = Installation((state or default_state()).resolve())
    check_nothing_runs(installation)
    with _ended_in_order(), _progress("Restore") as told:
        done = put_back(installation, Wanted(file, config, recordings, key_file), told)
    if as_json:
        figures = {
            "rows": done.rows,
            "files": done.files,
            "recordings": done.recordings,
            "missing_sound": done.missing_sound,
        }
        print_json({**figures, "moved": done.moved, "backup": {**_said(done.manifest), "left_out": done.left_out}})
        return
    say(f"{done.manifest.hotline} as it was at {done.manifest.made_at}: {done.rows} rows, {done.files} files.")
    for each in done.moved:
        say(f"  {each}")
    if done.kept_configuration:
        say(f"{done.config_file} was there and is used; the back-up's lies in the state folder's config/.")
    if done.missing_sound:
        say(f"The sound of {done.missing_sound} talks is not there: put the copy of the recordings into their folder.")
    for each in done.left_out:
        say(f"When it was backed up: {each}.")
    say(
        f"Next: `sanxiang config check --config {done.config_file}`, then `sanxiang up` with the same --config and --state."
    )


def purge(
    recordings: Annotated[bool, typer.Option("--recordings", help="The recordings, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes-remove-everything", help="Do not ask for the hotline's name.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Take this installation off the machine: says what would go, and removes it when the hotline's name is typed."""
    from acd.backup import purge as purging
    from acd.processes.takeover import check_nothing_runs

    installation = installation_at(state)
    plan = purging.plan(installation, recordings=recordings)
    check_nothing_runs(installation)
    for place, size in plan.sizes():
        say(f"{'remove' if yes else 'would remove'}  {_mb(size):>10}  {place}")
    for place in plan.leave:
        say(f"leave  {place}")
    if plan.database:
        say(f"leave  the database {plan.database}: `dropdb` removes it")
    if not yes and not (sys.stdin.isatty() and _named(plan.hotline)):
        say("Nothing was removed. `--yes-remove-everything` removes it without asking.")
        return
    check_nothing_runs(installation)  # Somebody may have started it while the name was typed.
    purging.purge(installation, plan)
    say(f"{plan.hotline} is removed from this machine.")


def _named(hotline: str) -> bool:
    """Whether the operator types the hotline's name."""
    return (
        str(typer.prompt(in_language(f"Type the hotline's name, {hotline}, to remove all this"), default="")) == hotline
    )


def _said(manifest: Any) -> dict[str, Any]:
    return {
        "hotline": manifest.hotline,
        "made_at": manifest.made_at,
        "time_zone": manifest.zone,
        "version": manifest.program,
        "tables": manifest.schema,
        "recordings": manifest.recordings,
        "configuration": [each.was for each in manifest.configuration],
        "left_out": list(manifest.left_out),
    }


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Any]:
    """One line on a terminal: what is being done."""
    from acd.progress import Steps

    with Steps(total=1).step(what) as progress:
        yield lambda said: progress(said)


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does: nothing half written stays."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
