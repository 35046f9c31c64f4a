"""`sanxiang call …`: calls of any day, control of waiting calls, and transfers on behalf of an agent."""

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from acd.cli.card_view import card_lines, target_rows
from acd.cli.common import AsJson, Language, State, installation_at, known_day, print_json, say, show_table
from acd.cli.completion import CallId, QueueName, queues, targets
from acd.cli.ids import known_call
from acd.cli.language import colon_of, current, in_language
from acd.cli.queues import known_queue
from acd.cli.times import clock_of
from acd.processes import api_client
from acd.words import masked, word

Telephone = Annotated[
    str, typer.Option(help="The extension whose telephone rings; else the one in [supervision.telephones].")
]
KINDS = ("agent", "queue", "skill", "number")
call_app = typer.Typer(help="Calls: list, show, card, transfer, hold, move …", no_args_is_help=True)


@call_app.command("list")
def call_list(
    day: Annotated[str, typer.Option(help="2026-11-22; today when left out.")] = "",
    search: str = "",
    queue: Annotated[str, typer.Option(autocompletion=queues)] = "",
    brand: Annotated[str, typer.Option(help="Only calls to the numbers of this brand.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Calls of a day, the latest first."""
    installation = installation_at(state)
    day = known_day(day)
    said = api_client.ask(
        installation, "GET", "/api/calls", day=day, search=search, queue=queue, brand=brand, limit=limit
    )
    calls = said["calls"] if isinstance(said, dict) else said
    if as_json:
        print_json(calls)
        return
    if not calls:
        say("No call is like that.")
        return
    clock = clock_of(installation)
    for call in calls:
        call["caller"] = masked(str(call["caller"]))
        call["arrived_at"] = clock.at(call["arrived_at"])
        call["ending"] = word("ending", call["ending"], current()) if call["ending"] else "in progress"
        call["transferred"] = ", ".join(call.get("transferred_to") or ())
        for name in ("wait_s", "talk_s"):
            call[name] = None if call.get(name) is None else f"{call[name]:.1f}"
    columns = {"call": "CALL", "arrived_at": clock.heading("ARRIVED"), "caller": "CALLER"}
    if any(call.get("customer_name") for call in calls):
        columns["customer_name"] = "NAME"
    columns |= {"queue": "QUEUE", "agent": "AGENT", "wait_s": "WAIT s", "talk_s": "TALK s", "ending": "ENDING"}
    columns |= {"transferred": "TRANSFERRED TO"} if any(call["transferred"] for call in calls) else {}
    show_table(calls, columns)


@call_app.command("show")
def call_show(call: CallId, state: State = None, as_json: AsJson = False, language: Language = "en") -> None:  # type: ignore[assignment]
    """One call from dialling to filing, a sentence for each event."""
    installation = installation_at(state)
    said = api_client.ask(installation, "GET", api_client.path("api", "calls", known_call(call)))
    if as_json:
        print_json(said)
        return
    clock = clock_of(installation)
    say(f"Call {call} (times: {clock.name})")
    for row in said["timeline"]:
        if text := row[language]:
            typer.echo(f"{clock.at(row['at'], millis=True)}  {text}")


@call_app.command("priority")
def call_priority(call: CallId, priority: int, state: State = None) -> None:  # type: ignore[assignment]
    """Set the priority of a waiting call; each point counts like the seconds of waiting set in [routing]."""
    _do(call, "priority", {"priority": priority}, state)
    say(f"{call}: priority {priority}")


@call_app.command("move")
def call_move(call: CallId, queue: QueueName, state: State = None) -> None:  # type: ignore[assignment]
    """Move a waiting call to another queue; it keeps its place."""
    _do(call, "move", {"queue": known_queue(queue)}, state)
    say(f"{call}: moved to {queue}")


@call_app.command("withdraw")
def call_withdraw(
    call: CallId,
    reason: Annotated[str, typer.Option(help="Why; it is saved to the log.")],
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Take a waiting call out of its queue: the caller hears an announcement, and the call ends."""
    _do(call, "withdraw", {"reason": reason}, state)
    say(f"{call}: withdrawn")


@call_app.command("hang-up")
def call_hang_up(
    call: CallId,
    reason: Annotated[str, typer.Option(help="Why; it is saved to the log.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask back.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """End a talk: the caller hears that the call is ended, and is hung up; the agent wraps up. Asks back."""
    known_call(call)
    installation_at(state)
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked back: say --yes", param_hint="--yes")
    if not yes and not typer.confirm(in_language(f"End the talk of call {call}? The caller is cut off.")):
        say("Nothing was done.")
        raise typer.Exit(1)
    _do(call, "hang-up", {"reason": reason}, state)
    say(f"{call}: hung up")


@call_app.command("listen")
def call_listen(call: CallId, telephone: Telephone = "", state: State = None) -> None:  # type: ignore[assignment]
    """Listen to a talk on a telephone: it rings; nobody hears you. Ends with the call, or when you hang up."""
    _listen(call, "listen", telephone, state)


@call_app.command("whisper")
def call_whisper(call: CallId, telephone: Telephone = "", state: State = None) -> None:  # type: ignore[assignment]
    """Listen to a talk, and be heard by the agent alone."""
    _listen(call, "whisper", telephone, state)


@call_app.command("barge")
def call_barge(call: CallId, telephone: Telephone = "", state: State = None) -> None:  # type: ignore[assignment]
    """Join a talk: caller and agent hear you, and the recording holds it."""
    _listen(call, "barge", telephone, state)


@call_app.command("take-over")
def call_take_over(call: CallId, telephone: Telephone = "", state: State = None) -> None:  # type: ignore[assignment]
    """Join a talk, and let the agent go: the caller stays with you."""
    _listen(call, "take-over", telephone, state)


@call_app.command("leave")
def call_leave(call: CallId, state: State = None) -> None:  # type: ignore[assignment]
    """End all listening to a call, whoever listens. A caller who was taken over goes on to the survey."""
    said = _do(call, "leave", {}, state)
    say(f"{call}: {said['left']} left")


def _listen(call: str, what: str, telephone: str, state: Path | None) -> None:
    said = _do(call, what, {"telephone": telephone} if telephone else {}, state)
    if said["state"] == "ringing":
        say(f"{call}: telephone {said['telephone']} rings")
    else:
        say(f"{call}: telephone {said['telephone']} is switched")


@call_app.command("transfer")
def call_transfer(
    call: CallId,
    to: Annotated[
        str, typer.Option(help="agent:1002, queue:billing, skill:refund or number:4006009500", autocompletion=targets)
    ],
    reason: Annotated[str, typer.Option(help="One of the configured reasons, its Chinese name or its key.")],
    note: Annotated[str, typer.Option(help="For the receiver, in one line.")] = "",
    warm: Annotated[bool, typer.Option("--warm", help="The agent speaks with the receiver first.")] = False,
    amount: Annotated[float, typer.Option(min=0, help="What the matter is about, in money.")] = 0.0,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Transfer a caller on behalf of the agent who has the call. `sanxiang call targets` shows the possible targets."""
    target = dict([_target(to)])
    body = {"to": target, "reason": reason, "note": note, "warm": warm, "amount": amount}
    said = _do(call, "transfer", body, state)
    if as_json:
        print_json(said)
        return
    way = "is consulted" if warm else "is to get the caller"
    say(f"{call}: transfer {said['number']}, {to} {way}, for: {said.get('reason') or reason}")


def _target(text: str) -> tuple[str, str]:
    kind, _, to = text.partition(":")
    if kind not in KINDS or not to:
        near = f"agent:{text}" if text.isdigit() else ""
        near = near or next((f"{name}:{to or '…'}" for name in difflib.get_close_matches(kind, KINDS, n=1)), "")
        hint = f" Did you mean {near}?" if near else ""
        raise api_client.Refused(
            why=f"{text!r} is no target. Write agent:1002, queue:billing, skill:refund or number:4006009500.{hint}"
        )
    return kind, to


@dataclass(frozen=True, slots=True)
class Action:
    """A command without options: what is asked of the API for the call, and what is printed when it was done."""

    verb: str
    path: str
    """Below /api/calls/<call>/."""
    summary: str
    """Shown by `--help`."""
    done: str


ACTIONS = (
    Action(
        "complete",
        "transfer/complete",
        "Complete the transfer: the receiver of the consult gets the caller.",
        "the receiver has the caller",
    ),
    Action(
        "take-back",
        "transfer/take-back",
        "End the consult: the first agent continues with the caller.",
        "taken back",
    ),
    Action("three-way", "transfer/three-way", "Connect caller, first agent and receiver in one call.", "three-way"),
    Action("hold", "hold", "Put the caller on hold, with music.", "on hold"),
    Action("retrieve", "retrieve", "Take the caller off hold.", "retrieved"),
)


def _add_command(action: Action) -> None:
    @call_app.command(action.verb, help=action.summary)
    def run(call: CallId, state: State = None) -> None:  # type: ignore[assignment]
        _do(call, action.path, {}, state)
        say(f"{call}: {action.done}")


for each in ACTIONS:
    _add_command(each)


@call_app.command("card")
def call_card(call: CallId, language: Language = "en", state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The context card: caller, what was asked for, what is verified, notes, promises and transfers."""
    installation = installation_at(state)
    card = api_client.ask(installation, "GET", api_client.path("api", "calls", known_call(call), "card"))
    if as_json:
        print_json(card)
    else:
        clock = clock_of(installation)
        typer.echo(f"{'时间' if language == 'zh' else 'times'}{colon_of(language)}{clock.name}")
        for line in card_lines(card, clock, language):
            typer.echo(line)


@call_app.command("targets")
def call_targets(
    call: CallId,
    reason: Annotated[str, typer.Option(help="What is proposed depends on it.")] = "",
    amount: Annotated[float, typer.Option(min=0, help="In money.")] = 0.0,
    language: Language = "en",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """The targets a caller can be transferred to now: proposed first, then by who is free."""
    path = api_client.path("api", "calls", known_call(call), "targets")
    said = api_client.ask(installation_at(state), "GET", path, reason=reason, amount=amount)
    if as_json:
        print_json(said)
        return
    columns = {"to": "TO", "what": "NAME", "state": "STATE", "proposed": "PROPOSED", "why": "NOT NOW"}
    show_table(list(target_rows(said, language)), columns)
    reasons = ", ".join(f"{row['key']} {row[language]}" for row in said["reasons"])
    typer.echo(f"\n{'原因' if language == 'zh' else 'reasons'}{colon_of(language)}{reasons}")


def _do(call: str, what: str, body: dict[str, Any], state: Path | None) -> Any:
    path = api_client.path("api", "calls", known_call(call), *what.split("/"))
    return api_client.ask(installation_at(state), "POST", path, body)
