"""Chinese texts have full-width punctuation: `python -m tests.full_width` names each mark that is not, `--write` mends it.

A mark is `, ; : ! ?` or a bracket that touches a Chinese character; of two brackets that belong together both are. What stands in
backquotes is typed by somebody and stays as it is, and so do patterns and words of programs.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUFFIXES = {".py", ".ts", ".toml", ".md", ".json", ".yml", ".html"}
LEFT_OUT = (
    "tests/",
    "acd/context_card/guard.py",
    "ivr/prompts.py",
    "ivr/spoken/",
    "acd/voices/",
    "docs/voices.md",
    "docs/decisions/",
    "docs/trunks/",
    "CHANGELOG.md",
)
"""Tests hold texts of callers and of files; the guard holds patterns; what is spoken, and heard again, is no text; carriers' own words are quoted."""
HAN = r"\u3400-\u9fff"
FULL = dict(zip(",;:!?()", "\uff0c\uff1b\uff1a\uff01\uff1f\uff08\uff09", strict=True))
CLOSE = r"\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff08\uff09\u201c\u201d\u300a\u300b\u2026"
"""Full-width marks, which count as Chinese characters do."""
_BESIDE = re.compile(f"(?<=[{HAN}{CLOSE}])[,;:!?]|[,;:!?](?=[{HAN}\u201c\uff08\u300a])")
_BETWEEN = re.compile(
    "[,;:](?=\ue000)|(?<=[\ue001\"'])[,;](?=\\S)|(?<=[\ue001\"'])[?!](?=\uff09|[\"']?$)|(?<=\ue001):(?=[\"']?$)|[,;](?=[\"'#]\\S)"
)
"""A mark beside a value or something quoted, in a text that is Chinese."""
_BRACKETS = re.compile(r"\(([^()\n]*)\)")
_AROUND_VALUES, _NEVER = re.compile("(^|[\ue001\"' ])\\((\ue000[^()]*)\\)"), re.compile(r"(?!)()()")
_TYPED = re.compile(r"`[^`\n]*`|\$\{[^}]*\}|\{\{[^{}]*\}\}|https?://\S+|\]\([^)]*\)")
"""What stays as it is: commands, expressions of a page, addresses, links."""
_IN_TEXT = re.compile(rf"{_TYPED.pattern}|\{{[^{{}}\n]*\}}")
"""The same in a text with holes for values."""
_SENTENCE = re.compile(r"(\{[^{}:\n]*\}):(?=\{[^{}\n]*:t\})")
"""A colon between two holes of which the second is a sentence."""
_QUOTED = re.compile(r"""(?<=')(?:[^'\\\n]|\\.)*(?=')|(?<=")(?:[^"\\\n]|\\.)*(?=")|(?<=`)[^`\n]*(?=`)""")


@dataclass(frozen=True, slots=True)
class Found:
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def mended(text: str, *, holes: bool = True, quoted: bool = True, chinese: bool = False) -> str:
    """The text with full-width marks where they touch Chinese. A text without any Chinese stays as it is.

    `holes`: `{…}` stands for a value; `quoted`: Chinese in an English sentence is a quotation; `chinese`: the text is a part of a Chinese
    one, whatever stands in it.
    """
    if not re.search(f"[{HAN}]", text) and not (chinese and "{" in text):
        return text
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    work = (_IN_TEXT if holes else _TYPED).sub(keep, _SENTENCE.sub("\\1\uff1a", text) if holes else text)
    if quoted and len(re.findall("[A-Za-z]", work)) > 4 * len(re.findall(f"[{HAN}]", work)):
        return text
    for _ in range(4):  # a mark beside one that was just mended, and brackets in brackets
        work = _BESIDE.sub(lambda found: FULL[found[0]], work)
        if holes:
            work = _BETWEEN.sub(lambda found: FULL[found[0]], work)
        work = (_AROUND_VALUES if chinese else _NEVER).sub("\\1\uff08\\2\uff09", _BRACKETS.sub(_bracket, work))
    work = re.sub("(?<=[\uff0c\uff1b\uff1a\uff01\uff1f\uff09]) (?=[^\\s|])", "", work)  # its blank is in the mark
    work = re.sub("(?<=[^\\s|]) (?=\uff08)", "", work)
    return re.sub("\ue000(\\d+)\ue001", lambda found: kept[int(found[1])], work)


def _bracket(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    chinese = f"[{HAN}{CLOSE}\ue001]"
    if re.search(f"[{HAN}]", found[1]) or re.match(chinese, before) or re.match(f"[{HAN}{CLOSE}]", after):
        return f"\uff08{found[1]}\uff09"
    return found[0]


def mended_file(file: Path) -> str:
    """The file's text, mended: Python's strings, what is quoted in a page's words and in TOML, and else whole lines."""
    source = file.read_text("utf-8")
    if file.suffix == ".py":
        name = str(file.relative_to(ROOT))
        return _mended_python(source, quoted=not name.startswith("acd/words"), chinese=name.endswith("zh.py"))
    quoted = file.suffix in (".ts", ".toml")
    return "".join(_mended_line(line, quoted) for line in source.splitlines(keepends=True))


def _mended_line(line: str, quoted: bool) -> str:
    if quoted and _QUOTED.search(line):
        return _QUOTED.sub(lambda found: mended(found[0]), line)
    return mended(line, holes=False)


def _mended_python(source: str, **how: bool) -> str:
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    places = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            assert node.end_lineno is not None and node.end_col_offset is not None
            places.add((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
    for first, begin, last, end in sorted(places, reverse=True):
        for number in range(first - 1, last):
            line = lines[number]
            start, stop = begin if number == first - 1 else 0, end if number == last - 1 else len(line)
            lines[number] = line[:start] + mended(line[start:stop].decode(), **how).encode() + line[stop:]
    return b"".join(lines).decode()


def files() -> Iterator[Path]:
    """The sources and documents that people read in Chinese."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        if not name.startswith(LEFT_OUT) and Path(name).suffix in SUFFIXES and (ROOT / name).is_file():
            yield ROOT / name


def found() -> list[Found]:
    """Every line that has a half-width mark beside Chinese."""
    wrong = []
    for file in files():
        text = file.read_text("utf-8")
        if not re.search(f"[{HAN}]", text) or (better := mended_file(file)) == text:
            continue
        for number, (is_, should) in enumerate(zip(text.splitlines(), better.splitlines(), strict=True), 1):
            if is_ != should:
                wrong.append(Found(str(file.relative_to(ROOT)), number, is_.strip()))
    return wrong


def main(words: list[str]) -> int:
    """Status 0: nothing is wrong."""
    if words == ["--write"]:
        for file in files():
            text = file.read_text("utf-8")
            if (better := mended_file(file) if re.search(f"[{HAN}]", text) else text) != text:
                file.write_text(better, "utf-8")
        return 0
    wrong = found()
    print("\n".join(map(str, wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
