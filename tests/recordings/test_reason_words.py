"""Why a recording is not complete is told in Chinese, too: every reason that the filing can write."""

import ast
from pathlib import Path

import pytest

from acd.words.recording_reasons import in_chinese

RECORDINGS = Path(__file__).parents[2] / "recordings"


def written() -> set[str]:
    """The reasons in the sources of the filing, with a figure or a speaker in the place of each value."""
    found = set[str]()
    for file in ("leg.py", "wav.py", "checks.py"):
        for node in ast.walk(ast.parse((RECORDINGS / file).read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name in ("fault", "length_fault") and file != "leg.py":
                found |= {_text(each.value) for each in ast.walk(node) if isinstance(each, ast.Return)}
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "append"
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "reasons"
            ):
                found.add(_text(node.args[0]))
    return {each for each in found if each}


def _text(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    values = {
        "name": "first agent",
        "shorter": "caller",
        "side.fault": "the file is cut short",
        "of_what": "talk and hold",
    }
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else values.get(ast.unparse(part.value), "3.2")  # type: ignore[attr-defined]
        for part in node.values
    )


def test_every_reason_that_the_filing_writes_is_told_in_chinese():
    reasons = written()
    assert len(reasons) >= 12, reasons
    told = {reason: in_chinese(reason) for reason in reasons}
    assert {
        reason: chinese for reason, chinese in told.items() if set(chinese) & set("abcdefghijklmnopqrstuvwxyz")
    } == {reason: chinese for reason, chinese in told.items() if "Asterisk" in chinese}


@pytest.mark.parametrize(
    ("reasons", "chinese"),
    [
        ("disk full; 3.2 s of sound for 10.0 s of talk", "磁盘已满；声音 3.2 秒，通话 10.0 秒"),
        ("the receiver's side is missing", "接收座席一侧缺失"),
        ("caller's side: the header is damaged", "客户一侧：文件头损坏"),
        ("the message: the file is cut short", "留言：文件不完整"),
        ("never heard of", "never heard of"),
        ("", ""),
    ],
)
def test_reasons_are_told_one_behind_the_other(reasons: str, chinese: str):
    assert in_chinese(reasons) == chinese
