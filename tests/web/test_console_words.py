"""No code of the interface is shown as it is: each that the page can meet has a word in Chinese and in English.

The codes are those of the engine's types and of the interface's models, and every refusal that a route can make; the words are those of
the page's TypeScript.
"""

import ast
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest

from acd.config.analysis import FindingKind
from acd.engine.agent_states import PHONE_GONE, PHONE_REFUSES, PHONE_TEST
from acd.engine.commands import Ending, Outcome
from acd.engine.line_verdict import PROBLEMS
from acd.engine.model import BY_TELEPHONE, IDENTITIES, Stage, Strategy, Work
from acd.engine.offers import choice_log
from acd.engine.routing.telephones import HABITS
from acd.web.access.accounts import ROLES
from acd.web.access.second_factors import FACTOR_REFUSALS
from acd.web.api import cards, kpi, lines, recordings, reports
from acd.web.api.callbacks import told
from acd.words import lookups, masking, promises
from acd.words.analysis import NAMES
from acd.words.terms import PHONE_TESTS, REFUSALS, TRANSFER_STATES, UNREACHED
from tests.web.support.page_words import WORDS, page_words

ACD = Path(__file__).parents[2] / "acd"
STATES = [*get_args(Work), "logged out", "not ready", "unreachable"]
RULES = [
    *choice_log.CHOSEN_BY.values(),
    *choice_log.KNOWS.values(),
    choice_log.CONSULTED,
    choice_log.NEXT_IN_LINE,
    choice_log.ASKED_AGAIN,
    choice_log.FOUND_TALKING,
]
NOT_OF_A_TARGET = {
    "no-such-call", "not-yours", "not-talking", "oneself", "no-reason", "unknown-reason", "under-way", "no-consult", "not-held",
    "held-already", "no-link", "held-by-telephone", "no-caller", "masked-already", "not-masked", "not-recorded",
}  # fmt: skip
"""Refusals of a transfer, or of a hold, that a target in the list can't have; the list of targets leaves out the agent who asks."""
LISTENING = set(page_words("en")["listening"]["refused"])
"""Refusals of listening to a call: likewise."""
TABLES: dict[str, Iterable[str]] = {
    "state": STATES,
    "desk.nothing": STATES,
    "stage": get_args(Stage),
    "ending": list(Ending),
    "outcome": list(Outcome),
    "rule": RULES,
    "strategy": get_args(Strategy),
    "ownReason": [str(Outcome.RING_NO_ANSWER), PHONE_REFUSES, PHONE_TEST, PHONE_GONE],
    "habit": HABITS,
    "desk.habit": HABITS,
    "phoneTest": PHONE_TESTS,
    "identity": {code.partition("-")[0] for code in IDENTITIES},
    "light": get_args(kpi.Light),
    "verdict": get_args(recordings.Verdict),
    "line.problem": [*PROBLEMS, *(code for code in get_args(lines.Problems) if code)],
    "desk.level": ["none", "number", "full"],
    "desk.what": [code for code in get_args(cards.What) if code in ("note", "promise", "disposition")],
    "desk.lookup": lookups.LOOKUPS,
    "desk.lookupState": lookups.STATES,
    "desk.lookupWhy": lookups.WHY,
    "desk.transferState": TRANSFER_STATES,
    "desk.reason": [BY_TELEPHONE],
    "desk.cant": [*(set(REFUSALS) - NOT_OF_A_TARGET - LISTENING - {"calls-out-full", "own-number"}), "no answer", "hung up", "nobody is staffed"],
    "callbacks.states": get_args(told.State),
    "callbacks.sources": promises.SOURCES,
    "callbacks.outcomes": promises.OUTCOMES,
    "reports.mail": get_args(reports.OneMadeReport.model_fields["mail"].annotation),
    "reports.every": get_args(reports.ConfiguredReport.model_fields["every"].annotation),
    "desk.maskWhy": masking.FAILED,
    "history.spanKind": ["hold", "consult", "three-way", "supervisor", "masked"],
    "silent": ["caller", "agent", "first agent", "receiver", "both"],
    "role": [*ROLES, "agent"],
}  # fmt: skip
"""Table of the page's words to the codes that it is asked for."""
FOR_PROGRAMS = {
    "beyond-the-end": "a part of a file that no player of the page asks for",
    "cross-site": "the server's own sentence is for whoever keeps the hotline",
    "not-asked": "webhooks of surveys and look-ups",
    "not-set-up": "webhooks of surveys and look-ups",
    "not-signed": "webhooks of surveys and look-ups",
    "seen-before": "webhooks of surveys and look-ups",
}
"""Refusals that no page can meet, and why."""


def words_at(language: str, path: str) -> dict[str, Any]:
    found: Any = page_words(language)
    for step in path.split("."):
        found = found[step]
    return dict(found)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_code_has_a_word(table: str, language: str):
    codes = {str(code) for code in TABLES[table]}
    assert codes, "a table without codes proves nothing"
    assert sorted(codes - set(words_at(language, table))) == []


def refusals() -> set[str]:
    """Every code that a route can refuse with: Problem(409, "code", …) and whatever is called so."""
    found = set[str]()
    for file in (ACD / "web").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and len(node.args) >= 2:
                status, code = (each.value if isinstance(each, ast.Constant) else None for each in node.args[:2])
                if isinstance(status, int) and 400 <= status < 600 and isinstance(code, str):
                    found.add(code)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_refusal_has_words_with_a_remedy(language: str):
    codes = refusals()
    assert len(codes) > 100 and {"unknown-call", "audit-away", "callback-open"} <= codes
    words = words_at(language, "problem")
    missing = (
        (codes | set(FACTOR_REFUSALS) | set(REFUSALS) - {"calls-out-full", "no-caller"})
        - set(words)
        - set(FOR_PROGRAMS)
    )
    assert sorted(missing) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_a_transfer_came_to_nothing_is_told_in_words(language: str):
    """What the log names as the reason, be it an offer's outcome, a refusal or what happened to the receiver."""
    known = set(words_at(language, "desk.cant")) | set(words_at(language, "outcome"))
    told_by_the_log = {code for code in UNREACHED if " " in code}
    assert sorted(told_by_the_log - known - {"not allowed"}) == []


@pytest.mark.parametrize(("language", "place"), [("en", 0), ("zh", 1)])
def test_a_finding_is_called_in_the_filter_as_beside_the_player(language: str, place: int):
    words = words_at(language, "history.finding")
    assert {kind: words[kind] for kind in get_args(FindingKind)} == {
        kind: names[place] for kind, names in NAMES.items()
    }
    filters = (WORDS.parent / "calls" / "filters.ts").read_text("utf-8")
    [listed] = re.findall(r"export const FINDINGS = \[(.*?)\]", filters, re.S)
    assert re.findall(r"'([\w-]+)'", listed) == list(get_args(FindingKind))


def test_both_languages_have_the_same_keys():
    chinese, english = ({path for path, _ in _flat(page_words(language))} for language in ("zh", "en"))
    assert (sorted(chinese - english), sorted(english - chinese)) == ([], [])


OLD = re.compile("响铃|派单|商谈|位次|接手|谢绝|来电者|能处理者|班组长|沟通|略去")
"""Words that the glossary does without: they once stood beside the right ones, on one screen."""
ARCHAIC = re.compile(
    r"in the house|hand(ed)? over|asked first|nobody able|nobody fits|go on waiting|word for the", re.I
)


def test_chinese_sentences_hold_to_the_glossary():
    assert [(path, text) for path, text in _flat(page_words("zh")) if OLD.search(text)] == []


def test_what_is_told_beside_the_page_holds_to_the_same_words():
    """Prompts, the timeline, the choice explained, the command line."""
    files = [ACD.parent / "ivr" / "prompts" / "zh.toml", ACD / "explain.py", *(ACD / "words").rglob("*.py")]
    assert len(files) > 30
    assert [(file.name, found[0]) for file in files if (found := OLD.search(file.read_text("utf-8")))] == []


def test_english_sentences_are_those_of_the_field():
    assert [(path, text) for path, text in _flat(page_words("en")) if ARCHAIC.search(text)] == []
    prompts = tomllib.loads((ACD.parent / "ivr" / "prompts" / "en.toml").read_text("utf-8"))
    assert [(path, text) for path, text in _flat(prompts) if ARCHAIC.search(text)] == []


def _flat(words: dict[str, Any], path: str = "") -> Iterable[tuple[str, str]]:
    for key, value in words.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", str(value)
