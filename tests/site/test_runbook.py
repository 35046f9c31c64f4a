"""The run book has an entry for each alarm, and each entry says what to do."""

import re

import pytest

from acd.alarms.kinds import ENDED_BY_ALARM, KINDS, code
from acd.words.alarm_titles import TITLES, title
from acd.words.alarms import ALARMS
from tests.site.documents import ROOT, text

PAGE = text("runbook.md")
HEADINGS = {found[2]: found[1] for found in re.finditer(r"^### (.+) \(`([^`]+)`\)$", PAGE, re.M)}
"""Code to the title that stands before it."""
ENTRIES = {
    found[1]: found[2].strip() for found in re.finditer(r"^### [^\n]+ \(`([^`]+)`\)\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
}
TITLE_OF = {code(name): name for name in TITLES}
GUIDES = [each for each in (ROOT / "docs").rglob("*.md") if "decisions" not in each.parts and each.name != "api.md"]


def raised() -> set[str]:
    """The codes of all alarms: of the table, of those that have words, and of what the code raises by its name."""
    sources = [file.read_text("utf-8") for top in ("acd", "recordings") for file in (ROOT / top).rglob("*.py")]
    literal = {name for source in sources for name in re.findall(r'AlarmRaised\(\s*"([^"{]+)"', source)}
    return {code(name) for name in {*KINDS, *ALARMS, *literal} - ENDED_BY_ALARM.keys()}


def test_every_alarm_has_its_entry_and_every_entry_its_alarm():
    assert len(raised()) > 40
    assert sorted(ENTRIES) == sorted(raised())
    assert len(re.findall(r"^### ", PAGE, re.M)) == len(ENTRIES), "an entry stands there twice"


def test_an_entry_begins_with_the_title_that_the_page_shows():
    assert {kind: title(TITLE_OF[kind]) for kind in ENTRIES} == HEADINGS


def test_guides_call_an_alarm_by_its_title_and_put_its_code_after_it():
    """The name of the call log, `trunk no answer`, is seen by nobody; a code alone is for machines."""
    wrong, right = [], 0
    for file in GUIDES:
        words = file.read_text("utf-8")
        for kind, name in TITLE_OF.items():
            if name != kind and f"`{name}`" in words:
                wrong.append((file.name, name))
            for found in re.finditer(rf'(“|")([^“”"\n]+)(?:”（|" \(|", )`{re.escape(kind)}`', words):
                shown = title(name, "zh" if found[1] == "“" else "en")
                right += found[2] == shown
                wrong += [] if found[2] == shown else [(file.name, found[0])]
    assert wrong == [] and right > 60


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_an_entry_says_what_it_means_and_what_to_type_or_when_it_ends(kind: str):
    entry = ENTRIES[kind]
    assert len(entry) > 60
    # A command, a key, a page to read; or that it ends by itself.
    assert re.search(r"`|\]\(|by itself|[Ee]nds ", entry), kind


def test_an_alarm_that_only_an_operator_ends_is_said_to_be_cleared():
    for name, kind in KINDS.items():
        if kind.ends == "operator" and name != "recording altered":
            assert re.search(r"[Cc]lear the alarm", ENTRIES[code(name)]), name
        if kind.ends == "watched":
            assert "Clear the alarm" not in ENTRIES[code(name)], name


def test_nothing_that_cuts_calls_is_advised_without_saying_so():
    """`down` stands only where the entry says what becomes of calls."""
    for kind, entry in ENTRIES.items():
        if re.search(r"`(?:\./)?sanxiang down`", entry):
            assert re.search(r"calls|talks|callers", entry), kind
