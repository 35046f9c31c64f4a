"""Every expression of docs/monitoring, and what each asks for."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import yaml

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"
RULES, DASHBOARD, SCRAPE = (
    FOLDER / name for name in ("sanxiang-rules.yml", "grafana-dashboard.json", "prometheus.yml")
)
OF_THE_SERVER = {"instance", "job"}
"""Labels that Prometheus puts on each series when it reads it."""
Asked = tuple[str, frozenset[str], tuple[tuple[str, str], ...]]
"""A metric, the labels that are asked for, and those that must have one value."""


def rules() -> list[dict[str, Any]]:
    """All rules, in their order."""
    return [rule for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]


def of_dashboard() -> Iterator[str]:
    """The expressions of the panels, of the annotations and of the variables."""
    board = json.loads(DASHBOARD.read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"].replace("$instance", ".*")
    for note in board["annotations"]["list"]:
        yield note["expr"].replace("$instance", ".*")
    for variable in board["templating"]["list"]:
        if found := re.fullmatch(r"label_values\((\w+), \w+\)", str(variable.get("definition", ""))):
            yield found[1]


def of_rules() -> Iterator[str]:
    """The expressions of all rules."""
    yield from (rule["expr"] for rule in rules())


def asked(expression: str) -> list[Asked]:
    """What the expression asks for. Raises ValueError for one that is no PromQL."""
    found: list[Asked] = []
    _walk(promql_parser.parse(expression), found)
    return found


def _walk(node: Any, found: list[Asked]) -> None:
    kind = type(node).__name__
    if kind == "VectorSelector":
        _selector(node, found)
    elif kind == "MatrixSelector":
        _selector(node.vector_selector, found)
    elif kind == "BinaryExpr":
        _walk(node.lhs, found)
        _walk(node.rhs, found)
    elif kind == "Call":
        for argument in node.args:
            _walk(argument, found)
    elif kind not in ("NumberLiteral", "StringLiteral"):  # AggregateExpr, ParenExpr, UnaryExpr, SubqueryExpr
        _walk(node.expr, found)


def _selector(node: Any, found: list[Asked]) -> None:
    labels = [(each.name, each.op, each.value) for each in node.matchers.matchers]
    equal = tuple((name, value) for name, op, value in labels if str(op).rpartition(".")[2] == "Equal")
    found.append((node.name, frozenset(name for name, _, _ in labels), equal))
