"""`sanxiang fault …`: something is broken, callers are told at once, and called once it is mended."""

from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, installation_at, print_json, say, show_table
from acd.cli.completion import queues
from acd.cli.times import HotlineClock, clock_of
from acd.errors import SanxiangError
from acd.faults.report import report_of
from acd.processes import api_client
from acd.setup.installation import Installation

fault_app = typer.Typer(help="Faults: declare, list, show, change, clear, report.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(min=1, help="The fault's number, as `sanxiang fault list` shows it.")]
English = Annotated[str, typer.Option("--text-en", help="The same in English.")]
Other = Annotated[str, typer.Option("--other-channel", help="Where else callers can look or ask, in Chinese.")]
OtherEnglish = Annotated[str, typer.Option("--other-channel-en", help="The same in English.")]
Area = Annotated[list[str] | None, typer.Option("--area", help="Customers of this area; once for each.")]
UnknownArea = Annotated[bool, typer.Option("--unknown-area", help="Also callers whose area nobody knows.")]
OurNumber = Annotated[list[str] | None, typer.Option("--number", help="Callers of this number of ours; once for each.")]
Brand = Annotated[str, typer.Option("--brand", help="Callers of this brand alone.")]
Queue = Annotated[
    list[str] | None,
    typer.Option("--queue", help="Callers who are about to wait there; once for each.", autocompletion=queues),
]
Key = Annotated[list[str] | None, typer.Option("--key", help="Callers at this key of the menu, as 2 or 2/1.")]
Everybody = Annotated[bool, typer.Option("--everybody", help="Every caller.")]
Expected = Annotated[str, typer.Option("--expected", "--until", help="When it should be mended, as 2026-11-29T18:00.")]
Note = Annotated[str, typer.Option("--note", help="For the record; callers do not hear it.")]


class NoSuchTime(SanxiangError):
    """--expected {written}: that is no time. Write it as 2026-11-29T18:00, by the hotline's clock."""


@fault_app.command("declare")
def declare(
    text: Annotated[str, typer.Argument(help="What callers hear, in Chinese.")] = "",
    text_en: English = "",
    area: Area = None,
    unknown_area: UnknownArea = False,
    fault_class: Annotated[str, typer.Option("--class", help="A class of [faults.classes].")] = "",
    queue: Queue = None,
    number: OurNumber = None,
    key: Key = None,
    brand: Brand = "",
    everybody: Everybody = False,
    other_channel: Other = "",
    other_channel_en: OtherEnglish = "",
    expected: Expected = "",
    alarm: Annotated[int, typer.Option("--alarm", min=0, help="The open alarm that has shown it.")] = 0,
    note: Note = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Tell callers of a fault from now on, in both languages; they may ask to be called once it is mended."""
    installation = installation_at(state)
    body = {
        "zh": text, "en": text_en, "other_zh": other_channel, "other_en": other_channel_en, "areas": area or [],
        "unknown_area": unknown_area, "fault_class": fault_class, "queues": queue or [], "numbers": number or [], "keys": key or [],
        "brand": brand, "everybody": everybody, "expected": _instant(installation, expected), "alarm": alarm, "note": note,
    }  # fmt: skip
    told = api_client.ask(installation, "POST", "/api/faults", body, within_s=60.0)
    for warning in told["warnings"]:
        say(warning)
    say(f"Fault {told['fault']} is declared: callers hear it now.")


@fault_app.command("change")
def change(
    fault: Number,
    text: Annotated[str | None, typer.Option("--text", help="What callers hear, in Chinese.")] = None,
    text_en: Annotated[str | None, typer.Option("--text-en", help="The same in English.")] = None,
    other_channel: Annotated[
        str | None, typer.Option("--other-channel", help="Where else callers can look or ask, in Chinese.")
    ] = None,
    other_channel_en: Annotated[str | None, typer.Option("--other-channel-en", help="The same in English.")] = None,
    area: Area = None,
    queue: Queue = None,
    number: OurNumber = None,
    key: Key = None,
    everybody: Everybody = False,
    expected: Expected = "",
    note: Note = "",
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Say anew what callers hear, whom it concerns, when it should be mended; the rest stays."""
    installation = installation_at(state)
    row = api_client.ask(installation, "GET", _path(fault))
    fields = (
        "zh",
        "en",
        "other_zh",
        "other_en",
        "areas",
        "unknown_area",
        "queues",
        "numbers",
        "keys",
        "brand",
        "expected",
    )
    body: dict[str, Any] = {name: row[name] for name in (*fields, "note")}
    named: dict[str, Any] = {"zh": text, "en": text_en, "other_zh": other_channel, "other_en": other_channel_en}
    named |= {"areas": area, "queues": queue, "numbers": number, "keys": key, "note": note or None}
    body |= {name: value for name, value in named.items() if value is not None}
    body["expected"] = _instant(installation, expected) if expected else body["expected"]
    body["everybody"] = everybody or not (
        row["areas"] or row["queues"] or row["numbers"] or row["keys"] or row["brand"]
    )
    told = api_client.ask(installation, "POST", _path(fault, "change"), body, within_s=60.0)
    for warning in told["warnings"]:
        say(warning)
    say(f"Fault {fault} is changed: callers hear it so now.")


@fault_app.command("clear")
def clear(
    fault: Number,
    text: Annotated[str, typer.Option("--text", help="The news in Chinese, in place of the usual sentence.")] = "",
    text_en: English = "",
    quietly: Annotated[bool, typer.Option("--quietly", help="Call nobody: it was declared by mistake.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """It is mended: callers hear of it no more, and everybody registered is called with the news, within the hours of callbacks."""
    installation = installation_at(state)
    row = api_client.ask(installation, "GET", _path(fault))
    if not yes and row["open"]:
        calls = 0 if quietly else row["registered"]
        words = f"Fault {fault}: {row['zh'] or row['en']} Numbers that will be called: {calls}. Clear it?"
        typer.confirm(words, default=False, abort=True)
    body = {"zh": text, "en": text_en, "quietly": quietly}
    told = api_client.ask(installation, "POST", _path(fault, "clear"), body, within_s=60.0)
    for warning in told["warnings"]:
        say(warning)
    say(f"Fault {fault} is cleared. Numbers that are called now: {told['to_tell']}")


@fault_app.command("list")
def list_(
    over: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Open faults with their counts, and open alarms that a fault would explain."""
    installation = installation_at(state)
    found = api_client.ask(installation, "GET", "/api/faults", all="true" if over else "")
    if as_json:
        print_json(found)
        return
    clock = clock_of(installation)
    columns = {
        "fault": "NO",
        "words": "FAULT",
        "since": clock.heading("SINCE"),
        "concerned": "CALLS",
        "deflected": "DEFLECTED",
    }
    columns |= {"gone_on": "WENT ON", "registered": "REGISTERED", "told": "TOLD", "ended": "OVER"}
    rows = [
        {
            **row,
            "words": row["zh"] or row["en"],
            "since": clock.minute(row["declared_at"]),
            "ended": clock.minute(row["cleared_at"]),
        }
        for row in found["faults"]
    ]
    if rows:
        show_table(rows, columns)
    else:
        say("No fault is open.")
    for each in found["suggestions"]:
        say(f"Alarm {each['number']} may be a fault: {each['alarm']}")


@fault_app.command("show")
def show(fault: Number, state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """One fault: what callers hear, whom it concerns, how many heard, registered and were told."""
    installation = installation_at(state)
    row = api_client.ask(installation, "GET", _path(fault))
    if as_json:
        print_json(row)
    else:
        _show(row, clock_of(installation))


@fault_app.command("report")
def report(fault: Number, state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """The record of a fault: its times, calls deflected and gone on, and each registered number with what came of it."""
    installation = installation_at(state)
    row = api_client.ask(installation, "GET", _path(fault))
    callers = api_client.ask(installation, "GET", _path(fault, "callers"))["callers"]
    if as_json:
        print_json(report_of(row, callers))
        return
    clock = clock_of(installation)
    _show(row, clock)
    rows = [{**each, "since": clock.minute(each["at"]), "told": clock.minute(each["told_at"])} for each in callers]
    columns = {
        "number": "NUMBER",
        "since": clock.heading("SINCE"),
        "news": "NEWS",
        "tries": "TRIES",
        "told": "TOLD",
        "why": "WHY",
    }
    if rows:
        show_table(rows, columns)


def _show(row: dict[str, Any], clock: HotlineClock) -> None:
    found = report_of(row, [])
    whom = [*row["areas"], *row["queues"], *row["numbers"], *row["keys"], *([row["brand"]] if row["brand"] else [])]
    lines = (
        ("Chinese", row["zh"]), ("English", row["en"]), ("Other channel", row["other_zh"]), ("Other channel in English", row["other_en"]),
        ("Class", row["class"]), ("Concerns", ", ".join(whom)), ("Shown by alarm", row["alarm"]),
        ("Detected", clock.minute(row["detected"])), ("Declared", f"{clock.minute(row['declared_at'])} {row['declared_by']}"),
        ("Expected", clock.minute(row["expected"])), ("Cleared", f"{clock.minute(row['cleared_at'])} {row['cleared_by']}".strip()),
        ("Minutes until declared", found["until_declared_m"]), ("Minutes until mended", found["until_mended_m"]),
        ("Calls concerned", row["concerned"]), ("Deflected", row["deflected"]), ("Left before its end", row["left"]),
        ("Went on to a person", row["gone_on"]), ("Registered", row["registered"]), ("Told", row["told"]),
        ("Not reached", row["not_reached"]), ("May not be called", row["refused"]), ("Still to be told", row["to_tell"]), ("Note", row["note"]),
    )  # fmt: skip
    rows = [{"what": what, "value": str(value)} for what, value in lines if value not in (None, "")]
    show_table(rows, {"what": "WHAT", "value": "VALUE"})


def _path(fault: int, *more: str) -> str:
    return api_client.path("api", "faults", str(fault), *more)


def _instant(installation: Installation, written: str) -> str | None:
    if not written:
        return None
    try:
        return clock_of(installation).instant(written).isoformat()
    except ValueError:
        raise NoSuchTime(written=repr(written)) from None
