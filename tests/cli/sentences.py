"""Every sentence that our sources can put on an operator's screen, as the tables of Chinese know it: with {} for each hole."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

ROOT = Path(__file__).parents[2]
SCREEN = (
    "acd/cli/*.py",
    "acd/cli/callbacks/*.py",
    "acd/cli/retention/*.py",
    "acd/cli/reviews/*.py",
    "acd/config/diff.py",
    "acd/setup/network_findings.py",
    "acd/setup/upgrade_notes.py",
    "acd/processes/up.py",
    "acd/speech/findings.py",
)
CONFIG = (
    "acd/config/*.py", "acd/config/callbacks/*.py", "acd/config/hours/*.py", "acd/config/recordings/*.py", "acd/config/reviews/*.py", "acd/setup/codecs.py", "acd/setup/database.py", "acd/setup/brand_prompts.py", "acd/pbx/conf/certificates.py",
    "ivr/prompts.py", "ivr/menu_file.py", "ivr/menus/inspect.py", "ivr/menus/source.py", "ivr/menus/toml_text.py", "ivr/own_stories/__init__.py", "acd/voices/findings.py", "acd/voices/importing.py", "acd/customers/fields.py", "acd/setup/prompt_check.py",
)  # fmt: skip
ERRORS = ("acd/**/*.py", "ivr/*.py", "recordings/*.py")
STEPS = (
    "acd/cli/*.py",
    "acd/setup/*.py",
    "acd/pbx/install/*.py",
    "acd/web/server/page_build.py",
    "acd/backup/*.py",
    "acd/demo/run.py",
)
WHYS = (
    "acd/backup/*.py", "acd/config/*.py", "acd/daemon/notices/*.py", "acd/daemon/reports/*.py", "acd/demo/*.py", "acd/pbx/install/*.py",
    "acd/setup/*.py", "acd/simulation/floor_file.py", "acd/store/embedded.py", "acd/store/fitness.py", "acd/store/set_aside.py",
    "acd/web/access/second_factors.py", "ivr/voice.py",
)  # fmt: skip
DECLINES = ("acd/web/**/*.py", "acd/daemon/**/*.py", "acd/context_card/*.py", "acd/engine/**/*.py")
PRINTS = {
    "say",
    "echo",
    "BadParameter",
    "Finding",
    "Difference",
    "NetworkFinding",
    "SpeechFinding",
    "confirm",
    "prompt",
    "Refused",
    "append",
    "Problem",
    "_notice",
    "Note",
    "_way",
    "fault",
}
"""Functions whose text arguments come onto the screen."""
HEARD = {"Welcome to {}.", '  "menu:{}" -> "{}" [label="{}"];', '  "{}" [shape={}];', "  start -->|{}| {}"}
"""Said to callers, who choose their language themselves; and lines of a drawing."""
REFUSES = {"ValueError"}


def template(node: ast.expr) -> str | None:
    """The text with {} for each hole; None where it is none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join("{}" if isinstance(part, ast.FormattedValue) else str(part.value) for part in parts)  # type: ignore[attr-defined]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = template(left), template(right)
            return None if one is None or other is None else one + other
    return None


def texts(node: ast.expr) -> Iterator[str]:
    """Those of an expression: of both branches of a condition, too."""
    if (text := template(node)) is not None:
        yield text
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from texts(each)


def is_prose(text: str) -> bool:
    """Whether a person reads it: words, and not the layout of a line alone."""
    return re.search(r"[A-Za-z]{2,}.*[A-Za-z]{2,}", text.replace("{}", "")) is not None and " " in text.strip()


def shown(*patterns: str) -> Iterator[tuple[str, str]]:
    """File and text of whatever a function that prints is given."""
    for file in files(*patterns):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in PRINTS:
                for each in [*node.args, *(word.value for word in node.keywords)]:
                    yield from ((_where(file), text) for text in texts(each) if is_prose(text))
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                named = {_name(target) for target in (node.targets if isinstance(node, ast.Assign) else [node.target])}
                if named & {
                    "remedy",
                    "remedy_",
                    "fix",
                    "said",
                    "why",
                    "found",
                    "when",
                    "way",
                    "hint",
                    "told",
                    "trouble",
                }:
                    yield from ((_where(file), text) for text in texts(node.value) if is_prose(text))
                if named and all(name.isupper() and not name.startswith("_") for name in named):
                    yield from ((_where(file), text) for text in _table(node.value))


def _table(node: ast.expr) -> Iterator[str]:
    """Of a constant: its sentence, or those of its values."""
    values = node.values if isinstance(node, ast.Dict) else [node]
    for value in values:
        for each in value.elts if isinstance(value, ast.Tuple) else [value]:
            yield from (text for text in texts(each) if is_prose(text))


def refused(*patterns: str) -> Iterator[tuple[str, str]]:
    """File and text of each mistake: raised as ValueError, yielded, returned or gathered in a list."""
    for file in files(*patterns):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            found: list[ast.expr] = []
            if isinstance(node, ast.Call) and (
                _name(node.func) in REFUSES | PRINTS - {"Difference"} or _name(node.func).startswith("Bad")
            ):
                found = [*node.args, *(word.value for word in node.keywords)]
            elif isinstance(node, ast.Yield | ast.Return) and node.value is not None:
                found = [node.value, *(node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [])]
            elif isinstance(node, ast.ListComp):
                found = [node.elt]
            for each in found:
                told = (place_off(text) for text in texts(each))
                yield from ((_where(file), text) for text in told if is_prose(text) and text not in HEARD)


def raised(*patterns: str) -> Iterator[tuple[str, str]]:
    """File and docstring of each error that a user can mend."""
    for file in files(*patterns):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(
                "Error" in ast.unparse(base) or base_is_ours(base) for base in node.bases
            ):
                text = " ".join(inspect.cleandoc(ast.get_docstring(node) or "").split())
                if is_prose(text):
                    yield _where(file), re.sub(r"\{\w+(?:![rsa])?(?::[^}]*)?\}", "{}", text)


def inserted(*patterns: str) -> Iterator[tuple[str, str]]:
    """File and text of what an error that is raised puts into its sentence."""
    for file in files(*patterns):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                for each in [*node.exc.args, *(word.value for word in node.exc.keywords)]:
                    yield from ((_where(file), text) for text in texts(each) if is_prose(text))


def progressed(*patterns: str) -> Iterator[tuple[str, str]]:
    """File and text of each long step, and of what it is doing."""
    for file in files(*patterns):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("step", "progress", "_progress", "told", "_told"):
                yield from ((_where(file), text) for each in node.args[:1] for text in texts(each) if is_prose(text))


def declined(*patterns: str) -> Iterator[tuple[str, str]]:
    """File and sentence of each refusal of the daemon."""
    for file in files(*patterns):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in ("Problem", "Refusal", "BadAccount", "BadToken"):
                for each in [*node.args, *(word.value for word in node.keywords)]:
                    told = (text for text in texts(each) if is_prose(text) and re.match(r"[A-Z{]", text))
                    yield from ((_where(file), text) for text in told)


def base_is_ours(base: ast.expr) -> bool:
    return ast.unparse(base) in OURS


OURS = {"Refused", "NotRunning", "SecretUnreadable", "BadConfiguration", "StoreError", "BadAccount", "BadToken"}


def place_off(text: str) -> str:
    """Without the key of the configuration, or the file with its line, before it: these are kept as they are."""
    return re.sub(r"^(?:hotline\.stories: )?(?:\{\}(?:\.[\w.]+|:(?:\d+|\{\}))*|[\w.{}]+): ", "", text)


def files(*patterns: str) -> list[Path]:
    return sorted({file for pattern in patterns for file in ROOT.glob(pattern) if "node_modules" not in file.parts})


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _where(file: Path) -> str:
    return str(file.relative_to(ROOT))


def root(app: Any) -> Any:
    """All commands, as the reader of the command line has them."""
    return typer.main.get_command(app)
