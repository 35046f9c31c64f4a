"""`sanxiang recording findings` and `try-rules`: what the automatic checks found in a call, and what other thresholds would find."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from acd.cli.common import AsJson, State, counted, installation_at, print_json, say, show_table
from acd.cli.completion import CallId
from acd.cli.ids import NoSuchCall, known_call
from acd.cli.language import current, in_language
from acd.cli.recordings import of_store
from acd.config import load
from acd.processes.api_client import Refused
from acd.store.queries import analysis
from acd.store.store import Store
from acd.words import analysis as words


def recording_findings(call: CallId, state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """What the automatic checks found in the talks of a call: where, and by which rule."""
    from acd.web.api.findings import CallFindings, of_talks

    known_call(call)

    async def found(store: Store) -> CallFindings:
        async with store.transaction() as connection:
            talks = await analysis.of_call(connection, call)
        if not talks and await store.call(call) is None:
            raise NoSuchCall(call=call)
        return of_talks(talks)

    said = of_store(installation_at(state), found).model_dump(mode="json")
    if as_json:
        print_json(said)
        return
    language = current()
    if not said["talks"]:
        say("No talk of this call is filed.")
    for talk in said["talks"]:
        state_words = words.STATES[talk["state"]][0 if language == "en" else 1]
        why = f" ({talk['why']})" if talk["why"] else ""
        typer.echo(f"{talk['offer']}  {talk['agent']}  {state_words}{why}")
        for one in talk["findings"]:
            at = "     –" if one["from_s"] is None else f"{one['from_s']:6.1f}"
            typer.echo(f"  {at} s  {one[f'name_{language}']}: {one[language]}")


def recording_try_rules(
    file: Annotated[Path, typer.Argument(help="A configuration with the thresholds to try.", show_default=False)],
    days: Annotated[int, typer.Option(min=1, max=35, help="So many days back.")] = 7,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Try the thresholds of a configuration on past talks: how many findings there would be, beside those there are. Nothing is stored."""
    from recordings.analysis.worker import tried

    try:
        file.read_bytes()
    except OSError as error:
        raise Refused(
            why=f"The configuration {file} can't be read ({error.strerror}). Name one with the thresholds to try."
        ) from None
    wanted, since = load(file), datetime.now(UTC) - timedelta(days=days)
    talks, was, would = of_store(installation_at(state), lambda store: tried(store, wanted, since))
    if as_json:
        print_json({"talks": talks, "now": dict(was), "tried": dict(would)})
        return
    say(f"{counted(talks, 'talk')} looked at, nothing stored.")
    rows = [
        {"finding": words.name(kind, current()), "now": str(was[kind]), "tried": str(would[kind])}
        for kind in words.NAMES
        if was[kind] or would[kind]
    ]
    if rows:
        show_table(rows, {"finding": in_language("FINDING"), "now": in_language("NOW"), "tried": in_language("TRIED")})
