"""What the documents name is there: links, files, commands, options, environment variables; and they stay short."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from acd.cli.app import app

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda document: document.relative_to(ROOT).as_posix()
)
OURS = ("acd", "agi_scripts", "asterisk_conf", "docker", "docs", "ivr", "recordings", "tests")
LONGEST = {"README.md": 150, "ARCHITECTURE.md": 120, "CONTRIBUTING.md": 70}
"""Lines."""
HOSTS = {"127.0.0.1", "localhost", "github.com"}
"""Whose addresses may stand in a document, beside those that are reserved for examples."""
CITES = (".py", ".ts", ".vue", ".conf", ".toml", ".service", ".yml")


def files_that_cite() -> list[Path]:
    """Ours that may speak of a document; folders of fetched or built files are not entered."""
    found = [file for file in ROOT.iterdir() if file.suffix in CITES]
    for top in OURS:
        for folder, inside, names in os.walk(ROOT / top):
            inside[:] = [name for name in inside if name not in ("node_modules", "dist", "__pycache__")]
            found += [Path(folder, name) for name in names if name.endswith(CITES)]
    return [file for file in found if file != Path(__file__)]


CITING = files_that_cite()

CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^ *```\w*\n(.*?)^ *```", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|(?<=[\s;&(]))(?:\./)?sanxiang((?: +[^\s`|;&#()]+)+)")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.relative_to(ROOT).as_posix())


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return BLOCK.sub("", text)


def slugs(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.+)$", prose(document.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(document: Path) -> Iterator[str]:
    for found in LINK.finditer(prose(document.read_text("utf-8"))):
        target = found[1] or found[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in slugs(file)):
            yield target


def named_files(text: str) -> Iterator[str]:
    """What looks like a file or folder of this repository among the words in backticks."""
    for found in CODE.finditer(prose(text)):
        for word in found[1].split():
            name = re.sub(r"::.*$", "", word).rstrip(".,;:")
            top = name.removeprefix("./").split("/")[0]
            if ("/" in name and top in OURS) or re.fullmatch(r"[A-Z]+\.md|requirements[\w.-]*", name):
                yield name


def is_there(name: str) -> bool:
    """Whether this file, folder or pattern is in the repository; names that a person is to fill in are not looked at."""
    if re.search(r"…|NAME|[<>]", name):
        return True
    return any(ROOT.glob(name.rstrip("/"))) if "*" in name else (ROOT / name).exists()


def missing_modules(text: str) -> list[str]:
    """Modules of ours that are to be run with `python -m`, and are not there."""
    named = re.findall(r"-m ((?:acd|ivr|recordings|tests)(?:\.\w+)*)", text)
    places = ((name, ROOT.joinpath(*name.split("."))) for name in named)
    return [name for name, at in places if not (at.with_suffix(".py").exists() or (at / "__main__.py").exists())]


def launched() -> set[str]:
    """The commands that the launcher hands to the tests instead of the command line."""
    found = re.search(
        r'^ +([a-z |]+)\)\n +exec "\$env/bin/python" -P -m tests\.run', (ROOT / "sanxiang").read_text(), re.M
    )
    assert found is not None, "the launcher starts no tests"
    return set(found[1].split(" | "))


def wrong_commands(text: str) -> Iterator[str]:
    """Commands and options that `--help` does not know."""
    spans = [found[1] for found in CODE.finditer(prose(text))] + [
        line for block in BLOCK.findall(text) for line in block.splitlines()
    ]
    for span in spans:
        for found in COMMAND.finditer(span):
            if wrong := wrong_in(found[1].split()):
                yield f"sanxiang{found[1]}: {wrong}"


@cache
def whole_command_line() -> Any:
    """With all commands; built once, which takes twenty milliseconds."""
    return typer.main.get_command(app)


def wrong_in(words: list[str]) -> str:
    """What is wrong with this command line; empty when nothing is."""
    if words[0] in launched() or words[0].startswith("-"):
        return ""
    command = whole_command_line()
    for index, word in enumerate(words):
        if hasattr(command, "commands") and not (command.invoke_without_command and word.startswith("-")):
            names = word.split("\\|") if "\\" in word else [word]
            if missing := [name for name in names if name not in command.commands]:
                return f"there is no {missing[0]}" if re.fullmatch(r"[a-z-]+", missing[0]) else ""
            command = command.commands[names[-1]]
            continue
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        if unknown := [each for each in words[index:] if each.startswith("--") and each.split("=")[0] not in options]:
            return f"there is no {unknown[0]}"
        break
    return ""


@each_document
def test_every_link_leads_somewhere(document: Path):
    assert not list(dead_links(document))


@each_document
def test_every_file_that_is_named_is_there(document: Path):
    text = document.read_text("utf-8")
    assert not [name for name in named_files(text) if not is_there(name)]
    assert not missing_modules(text)


@each_document
def test_every_command_and_option_that_is_named_is_one(document: Path):
    assert not list(wrong_commands(document.read_text("utf-8")))


@each_document
def test_no_document_names_a_machine(document: Path):
    text = document.read_text("utf-8")
    assert not re.findall(r"(?<![\w.~])/(?:home|root|work|Users|mnt|private)/\S*", text)
    hosts = {host.split(":")[0] for host in re.findall(r"https?://([\w.:-]+)", text)}
    assert not {host for host in hosts - HOSTS if not re.search(r"(^|\.)example(\.(net|com|org))?$", host)}


def test_the_first_pages_stay_short():
    """Tables that are made from data are not counted."""
    for name, most in LONGEST.items():
        written = re.sub(
            r"<!-- [\w ]+: begin -->.*?<!-- [\w ]+: end -->", "", (ROOT / name).read_text("utf-8"), flags=re.S
        )
        assert len(written.splitlines()) <= most, name


def test_the_readme_opens_with_the_two_commands_and_shows_the_page():
    text = (ROOT / "README.md").read_text("utf-8")
    block = BLOCK.search(text)
    assert block is not None
    assert [line.split("#")[0].strip() for line in block[1].splitlines()] == ["./sanxiang demo", "./sanxiang test"]
    picture = text.index("](docs/page.png)")
    assert block.end() < picture < text.index("\n## ")


def test_every_environment_variable_is_documented_and_read():
    code = [file for file in CITING if file.suffix in (".py", ".yml")] + [ROOT / "sanxiang"]
    read = {name for file in code for name in re.findall(r"SANXIANG_[A-Z_]+", file.read_text("utf-8"))}
    told = {name for each in DOCUMENTS for name in re.findall(r"SANXIANG_[A-Z_]+", each.read_text("utf-8"))}
    assert read == told


def test_what_the_code_says_of_documents_is_true():
    wrong = []
    for file in CITING:
        for path, anchor in re.findall(r"(docs/[\w./-]+?\.md)(?:#([\w-]+))?", file.read_text("utf-8")):
            target = ROOT / path
            if not target.exists() or (anchor and anchor not in slugs(target)):
                wrong.append(f"{file.relative_to(ROOT)}: {path}#{anchor}")
    assert not wrong


def test_every_decision_is_in_the_index_dated_and_whole():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    pages = sorted(folder.glob("0*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == sorted(set(numbers)) and numbers[0] == 1
    for page in pages:
        text = page.read_text("utf-8")
        assert re.match(rf"# {int(page.name[:4])}\. .+\n\n\d{{4}}-\d\d-\d\d · (in force|replaced by)", text), page.name
        parts = ["## Context", "## Decision", "Alternatives considered:", "## Consequences"]
        assert [text.count(part) for part in parts] == [1, 1, 1, 1], page.name
        assert index.count(f"({page.name})") == 1 and text.split("\n")[0].split(". ", 1)[1] in index


def test_the_hooks_fetch_nothing_and_run_what_there_is():
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    entries = re.findall(r"entry: \./sanxiang (\w+)", text)
    assert entries and len(entries) == text.count("entry:") and set(entries) <= launched()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`./sanxiang kpi --waits`, `sanxiang agent list\\|show`, `./sanxiang test tests/engine`", 0),
        ("`./sanxiang fly`", 1),
        ("`sanxiang agent fly 1001`", 1),
        ("`./sanxiang bench faults --readme`", 1),
        ("```\n./sanxiang config chekc\n```\n", 1),
    ],
)
def test_a_command_that_is_none_is_noticed(text: str, wrong: int):
    assert len(list(wrong_commands(text))) == wrong


def test_a_dead_link_and_a_file_that_is_gone_are_noticed(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](#three) [c](gone.md) [d](https://example.net) `acd/engine/gone.py`\n")
    assert list(dead_links(page)) == ["#three", "gone.md"]
    assert [name for name in named_files(page.read_text()) if not is_there(name)] == ["acd/engine/gone.py"]
    assert missing_modules("`$PY -m tests.gone`, `python -m acd.daemon`, `-m tests.console_checks`") == ["tests.gone"]
