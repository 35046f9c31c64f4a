"""`sanxiang explain CALL`: why this agent, decision by decision; from the journal alone while no daemon runs."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, Language, State, console, installation_at, print_json, show_table
from acd.cli.completion import CallId
from acd.cli.ids import known_call
from acd.cli.language import colon_of, in_brackets, in_language
from acd.cli.times import clock_of
from acd.config.errors import BadConfiguration
from acd.config.versions import Versions
from acd.processes import api_client
from acd.setup.installation import Installation
from acd.telephone_numbers import Numbering
from acd.words import deed, sentence, word

REPLAY_WITHIN_S = 75.0


def explain(
    call: CallId,
    full: Annotated[
        bool, typer.Option("--full", help="Every agent considered at each choice, with the reason.")
    ] = False,
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Why this agent? Every decision about a call: rule, policy rows, runners-up, and which agents were passed over and why."""
    installation, path = installation_at(state), api_client.path("api", "calls", known_call(call), "explain")
    try:
        query = {"full": "true"} if full else {}
        said = api_client.ask(installation, "GET", path, within_s=REPLAY_WITHIN_S, **query)
    except api_client.NotRunning:
        said = _from_journal(installation, call, full)
    if as_json:
        print_json(said)
        return
    clock = clock_of(installation)
    console.print(in_language(f"Call {call} (times: {clock.name})"), style="bold")
    for step in said["steps"]:
        console.print(f"{clock.at(step['at'], millis=True)}  {step[language]}", markup=False, soft_wrap=True)
        if step["choice"]:
            _show_choice(step["choice"], language)
    if said["note"]:
        console.print(f"\n{said['note'][language]}", soft_wrap=True)


_LABELS = {
    "en": {
        "strategy": "routing strategy",
        "row": "overflow rule",
        "why": "why",
        "next": "runners-up",
        "over": "passed over",
    },
    "zh": {"strategy": "分配策略", "row": "溢出规则", "why": "原因", "next": "候补", "over": "未选中"},
}


def _show_choice(choice: dict[str, Any], language: str) -> None:
    """The reasons under an offer's line."""
    labels, colon = _LABELS[language], colon_of(language)
    lines = []
    if choice["strategy"]:
        lines.append((labels["strategy"], word("strategy", choice["strategy"], language)))
    for row in choice["rows"]:
        lines.append(
            (
                f"{labels['row']} {row['row']}",
                f"{row[language]}{in_brackets(labels['why'] + colon + row['why'], language)}",
            )
        )
    if choice["runners_up"]:
        lines.append((labels["next"], ", ".join(choice["runners_up"])))
    if choice["passed_over"]:
        counts = (f"{word('verdict', reason, language)} {n}" for reason, n in choice["passed_over"].items())
        lines.append((labels["over"], ", ".join(counts)))
    for label, text in lines:
        console.print(f"{'':25}{label}{colon}{text}", markup=False, soft_wrap=True)
    if choice["whole"]:
        agents = choice["whole"]["agents"]
        for one in agents:
            one["verdict"] = word("verdict", one["verdict"], language)
            one["state"] = word("state", one["state"], language)
            one["for"] = f"{one['detail']['in_state_s']:.0f} s"
            one["skills"] = " ".join(f"{skill}:{level}" for skill, level in one["detail"]["skills"].items())
            one["queues"] = " ".join(one["detail"].get("queues", ())) or "all"
        console.print()
        columns = {"agent": "AGENT", "verdict": "VERDICT", "state": "STATE", "for": "FOR", "skills": "SKILLS"}
        show_table(agents, {**columns, "queues": "QUEUES"})
        if choice["whole"]["callers"]:
            console.print()
            show_table(choice["whole"]["callers"], {"call": "OTHER CALLERS", "place": "SINCE", "priority": "PRIORITY"})
        console.print()


def _from_journal(installation: Installation, call: str, full: bool) -> dict[str, Any]:
    """The same answer without daemon and database, as far back as the journal goes. Raises Refused."""
    from acd.explain import NOTES, replay, told
    from acd.web.server.caller_numbers import shown_detail

    journal = installation.journal
    found = replay(journal, call)
    if not found.rows:
        why = f"No daemon answers, and the journal in {journal} does not name call {call}. Start the hotline and ask again."
        raise api_client.Refused(why=why)
    numbering = _numbering(installation)
    rows = [(at, replace(row, detail=shown_detail(numbering, row.detail, in_full=False))) for at, row in found.rows]
    steps = _in_words(told(rows, found.decisions if full else ()))
    return {"steps": steps, "full": full, "note": NOTES.get(found.note) if full else None}


def _numbering(installation: Installation) -> Numbering:
    """How the hotline read numbers when its daemon last ran; as at home where that can't be told any more."""
    versions = Versions(installation.versions, made=False)
    try:
        latest = versions.latest()
        return versions.texts(latest.number).checked(latest.file).numbering if latest else Numbering()
    except (BadConfiguration, OSError, ValueError):
        return Numbering()  # Of another version of this program, or damaged: no reason to explain nothing.


def _in_words(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for step in steps:
        step["at"] = step["at"].isoformat()
        for language in ("en", "zh"):
            step[language] = sentence(step["kind"], step["agent"], step["queue"], step["detail"], language)
        for row in step["choice"]["rows"] if step["choice"] else ():
            row.update({language: deed(row["detail"], language) for language in ("en", "zh")})
    return [step for step in steps if step["en"]]
