"""Commands of the documents that harm nothing are run, each as it stands."""

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.command_line import commands, typed
from tests.daemon.configuration.test_config_reload import FIRST
from tests.site.documents import DOCS, ROOT

PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
LINE = re.compile(r"(?:^|(?<=[\s`]))(?:\./)?sanxiang ((?:config check|config show|version|simulate (?=\w))[^`#\n|]*)")


def harmless() -> list[str]:
    found = {line.strip() for page in PAGES for line in LINE.findall(page.read_text("utf-8"))}
    return sorted(line for line in found if not re.search(r"\\|[A-Z]{4}|none\.toml|mine\.toml|none|--brand", line))


def test_there_are_such_commands():
    assert {"config check", "version"} <= set(harmless())
    assert any(line.startswith("simulate") for line in harmless())


@pytest.mark.slow
@pytest.mark.parametrize("line", harmless())
def test_a_harmless_command_does_what_it_says(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "sanxiang.toml"
    file.write_text(FIRST, "utf-8")
    monkeypatch.setenv("SANXIANG_STATE", str(tmp_path / "none"))
    monkeypatch.chdir(ROOT)
    words = shlex.split(line)
    if words[0] == "config" and "--config" not in words:
        words += ["--config", str(file)]
    if "--config" in words:
        words[words.index("--config") + 1] = str(file)
    if "--runs" in words:
        words[words.index("--runs") + 1] = "1"
    said = typed(*words)
    assert said.status == 0, said


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]):
    said = typed(*words, "--help")
    assert said.status == 0 and "Usage:" in said.screen
