"""`sanxiang prompt …`: what callers and agents hear: listed, made, taken from people, listened to, checked."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from acd.cli.common import (
    DEFAULT_CONFIG,
    AsJson,
    State,
    counted,
    installation_at,
    installation_to_write,
    print_json,
    say,
    show_table,
)
from acd.config import Config, load
from acd.config.versions import Versions
from acd.csv_table import csv
from acd.errors import SanxiangError
from acd.progress import Steps
from acd.setup.installation import Installation
from acd.setup.prompt_list import Prompt, prompt_list
from acd.setup.voice_maker import VoiceState, alone, make_missing
from acd.voices import importing
from acd.voices.sound import NotASound, measured, read
from ivr.prompts import NAME, TextsError, languages
from ivr.voice import VoiceError

prompt_app = typer.Typer(
    help="What callers and agents hear: list, make, import, play, script, check.", no_args_is_help=True
)
Spoken = Annotated[Literal["zh", "en"] | None, typer.Option("--spoken", help="Only this language.", show_default=False)]
Their = Annotated[Path | None, typer.Option("--config", help="This file, in place of what is in force.")]


class NoSuchPrompt(SanxiangError):
    """There is no prompt {name}. `sanxiang prompt list` shows those there are."""


class NotAPromptsName(SanxiangError):
    """{name} is no name of a prompt. Write at most 60 lower-case letters, digits and dashes, as our-address."""


class NoFolderOfPrompts(SanxiangError):
    """The configuration names no folder for recordings. Write `prompts = "/etc/sanxiang/prompts"` under [hotline] and make the folder."""


class NothingToTake(SanxiangError):
    """{folder} has no recordings: they are expected as <language>/<name>.wav (or mp3, ogg, flac), the language zh or en."""


class TextsWrong(SanxiangError):
    """{why}"""


class CantWrite(SanxiangError):
    """{file} can't be written ({why}). Name another file."""


class NotYetMade(SanxiangError):
    """{file} is not there yet. `sanxiang prompt make` makes it, and so does a start."""


@prompt_app.command("list")
def prompt_list_(
    spoken: Spoken = None, config: Their = None, state: State = None, as_json: AsJson = False,  # type: ignore[assignment]
) -> None:  # fmt: skip
    """Every prompt with its text and who speaks it: a recording, the better voice, espeak-ng, or nobody yet."""
    installation, checked = _of(state, config)
    rows = [_row(each) for each in _prompts(checked, installation, spoken)]
    if as_json:
        print_json({"voice": _state_of(installation), "prompts": rows})
        return
    columns = {"language": "LANGUAGE", "name": "NAME", "source": "SPOKEN BY", "seconds": "SECONDS", "text": "TEXT"}
    show_table(rows, columns)
    _tell_state(installation)


@prompt_app.command("make")
def prompt_make(config: Their = None, state: State = None) -> None:  # type: ignore[assignment]
    """Have the better voice speak now what it has not spoken yet, and put it in place; calls go on."""
    installation, checked = _of(state, config, made=True)
    with Steps(total=1).step("The better voice") as progress, alone():
        try:
            done = make_missing(
                checked, installation.state / "sounds", progress=progress, told=lambda now: now.keep(installation)
            )
        except (TextsError, VoiceError) as error:
            raise TextsWrong(why=error) from None
    _tell_state(installation)
    raise typer.Exit(1 if done.state == "failed" else 0)


@prompt_app.command("import")
def prompt_import(
    source: Annotated[
        Path, typer.Argument(help="A recording, or a studio's folder with <language>/<name>.wav (mp3, ogg, flac).")
    ],
    name: Annotated[str, typer.Argument(help="The prompt that it says; with a folder, the files' names.")] = "",
    spoken: Annotated[Literal["zh", "en"], typer.Option("--spoken", help="The language that is spoken.")] = "zh",
    anyway: Annotated[bool, typer.Option("--anyway", help="Take it even if it is clipped, or far too soft.")] = False,
    config: Their = None,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Take recordings of people: checked, converted, levelled; they win over every voice."""
    _, checked = _of(state, config)
    folder = checked.hotline.prompts
    if folder is None:
        raise NoFolderOfPrompts
    known = {(each.language, each.name): each.text for each in prompt_list(checked, Path("/nonexistent"))}
    given = importing.recordings_in(source, languages()) if source.is_dir() else [(spoken, name or source.stem, source)]
    if not given:
        raise NothingToTake(folder=source)
    taken: list[importing.Taken] = []
    refused = [
        f"{file} was not looked at: it lies in no language's folder. Put it into zh/ or en/."
        for file in (importing.left_out(source, languages()) if source.is_dir() else ())
    ]
    for spoken_in, named, file in given:
        if not NAME.fullmatch(named):
            raise NotAPromptsName(name=repr(named))
        try:
            taken.append(
                importing.take(file, folder, spoken_in, named, anyway=anyway, text=known.get((spoken_in, named), ""))
            )
        except (NotASound, importing.NotTaken) as error:
            refused.append(str(error))
    if as_json:
        rows = [
            {"language": each.language, "name": each.name, "file": str(each.file), "done": each.done} for each in taken
        ]
        print_json({"taken": rows, "refused": refused})
    else:
        for each in taken:
            say(f"{each.file}")
            for sentence in (*each.done, *each.faults):
                say(f"  {sentence}")
            if (each.language, each.name) not in known:
                say("  No prompt of ours has this name; a menu may name it once both languages have it.")
        for sentence in refused:
            say(sentence)
        if taken:
            say("`sanxiang config reload` lets callers hear it.")
    raise typer.Exit(1 if refused else 0)


@prompt_app.command("play")
def prompt_play(
    name: Annotated[str, typer.Argument(help="Of the prompt; `all`: every one, one after the other.")],
    to: Annotated[str, typer.Option("--to", help="Write the sound to this file; - is the standard output.")] = "",
    spoken: Annotated[Literal["zh", "en"], typer.Option("--spoken", help="The language that is spoken.")] = "zh",
    config: Their = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Where a prompt's sound lies, or the sound itself: `prompt play welcome --to - | aplay`."""
    installation, checked = _of(state, config)
    found = [each for each in _prompts(checked, installation, spoken) if name in (each.name, "all")]
    if not found:
        raise NoSuchPrompt(name=repr(name))
    there = [each for each in found if each.file.exists()]
    if not there:
        raise NotYetMade(file=found[0].file)
    if not to:
        for each in there:
            typer.echo(str(each.file))
        return
    from ivr.voice import joined_wav

    sound = joined_wav([each.file for each in there])
    if to == "-":
        sys.stdout.buffer.write(sound)
    else:
        _written(Path(to), sound)


def _written(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CantWrite(file=file, why=error.strerror) from None


@prompt_app.command("script")
def prompt_script(
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the list to this file, for a spreadsheet.")
    ] = None,
    spoken: Spoken = None,
    config: Their = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """What a speaker is to read in a studio: file, text, and how it is used. `prompt import FOLDER` takes the recordings."""
    installation, checked = _of(state, config)
    rows = [
        {
            "file": f"{each.language}/{each.name}.wav",
            "language": each.language,
            "text": each.text,
            "use": _use(each),
            "recorded": "yes" if each.own else "",
        }
        for each in _prompts(checked, installation, spoken)
        if each.text
    ]
    columns = ["file", "language", "text", "use", "recorded"]
    if csv_file is not None:
        _written(csv_file, csv(columns, rows))
        say(f"{counted(len(rows), 'text')} in {csv_file}.")
        return
    show_table(rows, {"file": "FILE", "text": "TEXT", "use": "USE", "recorded": "RECORDED"})


@prompt_app.command("check")
def prompt_check(
    back: Annotated[
        bool, typer.Option("--read-back", help="Have a recogniser read them back (fetches 0.2 GB once; minutes).")
    ] = False,
    write: Annotated[
        Path | None, typer.Option("--write", help="With --read-back: write the table into this page.")
    ] = None,
    spoken: Spoken = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="This prompt alone; may be given again.")] = None,
    config: Their = None,
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """What is wrong with the sounds: missing, format, level, clipping, silence; with --read-back, what is not understood."""
    from acd.setup.prompt_check import file_faults, read_all_back, voices_page

    installation, checked = _of(state, config)
    found = [each for each in _prompts(checked, installation, spoken) if not only or each.name in only]
    faults = [*file_faults(found, installation.state / "sounds")]
    heard = []
    if back:
        with Steps(total=1).step("Read back") as progress:
            heard = read_all_back(found, progress)
        faults += [f"{each.place}: {each.sentence}" for each in heard if each.sentence]
        if write is not None:
            write.write_text(voices_page(write.read_text("utf-8"), heard), "utf-8")
    if as_json:
        print_json({"checked": len(found), "faults": faults, "heard": [each.as_row() for each in heard]})
    else:
        for each in faults:
            say(each)
        by = Counter(each.source for each in found)
        say(f"{counted(len(found), 'prompt')}: {', '.join(f'{source} {many}' for source, many in by.most_common())}.")
        if not faults:
            say("All is well.")
    raise typer.Exit(1 if faults else 0)


# --- inside ---


def _of(state: Path | None, config: Path | None, *, made: bool = False) -> tuple[Installation, Config]:
    """The installation, and the configuration: that of `--config`, else what is in force, else the operator's file."""
    installation = installation_to_write(state) if config is not None or made else installation_at(state)
    if config is None:
        versions = Versions(installation.versions, made=False)
        latest = versions.latest()
        if latest is not None:
            return installation, versions.texts(latest.number).checked(latest.file)
    return installation, load(config or DEFAULT_CONFIG)


def _prompts(config: Config, installation: Installation, language: str | None) -> list[Prompt]:
    try:
        return [
            each for each in prompt_list(config, installation.state / "sounds") if language in (None, each.language)
        ]
    except TextsError as error:
        raise TextsWrong(why=error) from None


def _row(each: Prompt) -> dict[str, Any]:
    try:
        seconds = f"{measured(*_sound(each.file)).seconds:.1f}" if each.file.exists() else ""
    except NotASound:
        seconds = ""
    return {
        "language": each.language,
        "name": each.name,
        "kind": each.kind,
        "source": each.source,
        "seconds": seconds,
        "text": each.text,
        "file": str(each.file),
    }


def _sound(file: Path) -> tuple[Any, int]:
    given = read(file)
    return given.samples, given.rate


def _use(each: Prompt) -> str:
    if each.kind == "number":
        return "part of a number: with an even voice, as in the middle of a sentence"
    if each.name.startswith(("whisper-", "reason-")):
        return "to an agent who picks up: short"
    return {"sentence": "optional: else it is joined from its parts", "name": "from the configuration"}.get(
        each.kind, ""
    )


def _state_of(installation: Installation) -> dict[str, Any] | None:
    found = VoiceState.of(installation)
    return None if found is None else {"state": found.state, "left": found.left, "why": found.why, "at": found.at}


def _tell_state(installation: Installation) -> None:
    if found := VoiceState.of(installation):
        say(found.sentence)
