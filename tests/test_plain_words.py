"""What people read names the party (caller, agent, receiver, customer, operator), or says "they": never "he" or "she"."""

import ast
import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from acd.cli.app import app, built_for
from acd.engine.commands import Kind, Outcome
from acd.web.server import openapi
from acd.web.server.app import ROUTES
from acd.words import deed, policy_row, sentence, terms, transfers_en
from tests.test_words import DETAILS

ROOT = Path(__file__).parents[1]
CONSOLE = ROOT / "acd" / "web" / "console" / "src"
GENDERED = re.compile(r"\b(he|his|him|himself|she|her|hers|herself)\b", re.IGNORECASE)
STORED = frozenset(terms.SHOWN_EN)
"""Sentences of the engine that stand in the call log of every installation: keys of the tables of words, never shown."""


def gendered(text: str) -> list[str]:
    """The lines with such a word, without the stored sentences that are keys in them."""
    for stored in sorted(STORED, key=len, reverse=True):
        text = text.replace(f"'{stored}':", "").replace(f'"{stored}":', "")
    return [line.strip() for line in text.splitlines() if GENDERED.search(line)]


def files(*patterns: str) -> list[Path]:
    found = [file for pattern in patterns for file in sorted(ROOT.glob(pattern)) if "node_modules" not in file.parts]
    assert found, patterns
    return found


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("text", ["What he must know", "by his number", "Retrieve HIM there.", "mutes himself", "hers"])
def test_such_a_word_is_found(text: str):
    assert gendered(f"here\n{text}\nthere") == [text]


def test_a_part_of_another_word_is_none():
    assert gendered("The other caller is there; this theme") == []


@pytest.mark.parametrize("file", [*CONSOLE.rglob("*.ts"), *CONSOLE.rglob("*.vue")], ids=lambda file: file.name)
def test_the_page(file: Path):
    assert gendered(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", files("README.md", "docs/**/*.md", "docs/*.toml", "ivr/menus/*.toml"), ids=named)
def test_what_an_operator_reads(file: Path):
    assert gendered(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("file", files("ivr/prompts/*.toml"), ids=named)
def test_what_a_caller_hears(file: Path):
    tomllib.loads(file.read_text(encoding="utf-8"))
    assert gendered(file.read_text(encoding="utf-8")) == []


def test_the_interface_as_its_document_says():
    document = json.dumps(json.loads(openapi.draw(ROUTES)), indent=1)
    assert '"description"' in document
    assert gendered(document) == []


def _commands(part: Typer, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of this part and of all commands below it."""
    yield words
    for command in part.registered_commands:
        assert command.callback is not None
        yield (*words, command.name or command.callback.__name__.replace("_", "-"))
    for group in part.registered_groups:
        assert group.typer_instance is not None
        below = _commands(group.typer_instance, (*words, group.name) if group.name else words)
        yield from below if group.name else (found for found in below if found != words)


COMMANDS = list(_commands(app))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_help_of_every_command(words: tuple[str, ...]):
    said = CliRunner().invoke(built_for(words), [*words, "--help"])
    assert said.exit_code == 0 and "Usage" in said.output
    assert gendered(said.output) == []


def test_the_help_was_asked_of_all_commands():
    assert len(COMMANDS) > 40 and ("agent", "move") in COMMANDS and ("account", "token", "add") in COMMANDS


def _sentences(file: Path) -> Iterator[str]:
    """The string literals that can come before a person: all but the docstrings, and those of errors, which are messages."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("Error" in ast.unparse(base) for base in node.bases):
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


MESSAGES = files(
    *(
        f"acd/{part}/**/*.py"
        for part in ("backup", "config", "cli", "web", "setup", "processes", "demo", "context_card", "store")
    ),
    *("acd/explain.py", "acd/errors.py", "ivr/**/*.py", "recordings/**/*.py"),
)


@pytest.mark.parametrize("file", MESSAGES, ids=named)
def test_messages_and_problem_details(file: Path):
    assert [said for said in _sentences(file) if gendered(said)] == []


@pytest.mark.parametrize("file", files("acd/engine/**/*.py"), ids=named)
def test_what_the_engine_says_is_plain_or_shown_in_other_words(file: Path):
    said = {said for said in _sentences(file) if GENDERED.search(said)}
    assert said <= STORED, "a new sentence is written plainly; an old one that is stored gets other words in SHOWN_EN"


def _shown() -> Iterator[str]:
    """Everything that the tables of English words and the sentences of the log show."""
    yield from terms.SHOWN_EN.values()
    for table in (terms.OUTCOMES_EN, terms.ENDED_BY_EN, terms.WHEN_EN, terms.REFUSALS_EN):
        yield from table.values()
    states = {
        Kind.CALLBACK: ("accepted", "calling", "answered", "failed", "given up"),
        Kind.TRANSFER: tuple(terms.TRANSFER_STATES),
        Kind.HOLD: ("held", "retrieved", "reminder", "too long"),
    }
    for kind, detail in ((kind, DETAILS.get(kind, {})) for kind in Kind):
        yield sentence(kind, "1001", "billing", detail)
        for state in states.get(kind, ()):
            for warm, back in itertools.product((False, True), ("first agent", "queue")):
                yield sentence(kind, "1001", "billing", {**detail, "state": state, "warm": warm, "returned_to": back})
    yield sentence(Kind.QUEUED, "", "billing", {**DETAILS[Kind.QUEUED], "continues": "c1-1"})
    yield sentence(Kind.OPERATOR, "1001", "billing", {"did": "agent moved", "was": [], "now": []})
    for stored in STORED:
        yield sentence(Kind.OFFERED, "1001", "billing", {"rule": stored, "waited_s": 1.0})
        yield sentence(Kind.RETURNED, "", "billing", {"reason": stored})
        yield sentence(Kind.IGNORED, "", "", {"event": "AgentReady", "why": stored})
        yield sentence(Kind.TRANSFER, "1001", "", {"state": "failed", "to": "1002", "why": stored})
    for outcome in Outcome:
        yield sentence(Kind.OFFER_ENDED, "1001", "", {"outcome": outcome})
    for what in ("note", "matter", "verified", "promise", "disposition", "name", "value"):
        for level in ("none", "number", "full"):
            yield transfers_en.card("1001", "", {"what": what, "text": "x", "level": level})
    for do in ("lower-skill", "add-queue", "raise-priority", "move", "offer-callback", "voicemail", "number"):
        yield deed({"do": do, "skills": {}, "queues": [], "queue": "sales", "priority": 1, "number": "95000"})
        for when in ("waited", "unstaffed", "longer-than", "wait-over"):
            yield policy_row({"do": do, "when": when, "queue": "sales", "number": "95000"})


def test_the_words_of_the_log_and_of_the_policy():
    said = list(_shown())
    assert len(said) > 200
    assert [each for each in said if GENDERED.search(each)] == []
