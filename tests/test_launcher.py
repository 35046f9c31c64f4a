"""The launcher, run as a user runs it: what it says when something is missing, and that nothing is fetched twice."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_INDEX": "1", "PIP_RETRIES": "0"}
"""No index answers there: a start that fetched anything would fail."""


def run(
    *words: str, launcher: Path = ROOT / "sanxiang", cwd: Path = ROOT, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(launcher), *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"), **env},
        check=False,
        timeout=250,
    )


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def own_cache() -> dict[str, str]:
    return {"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]} if "XDG_CACHE_HOME" in os.environ else {}


@pytest.mark.slow
def test_what_was_fetched_once_is_not_fetched_again():
    first = run("--help", env=own_cache())  # makes the environment where this machine has only that of the tests
    assert first.returncode == 0, first.stderr
    again = run("--help", env=own_cache() | NOWHERE)
    assert again.returncode == 0, again.stderr
    assert "demo" in again.stdout
    assert "fetched" not in again.stderr


@pytest.mark.slow
def test_an_interrupted_environment_is_made_anew_from_what_was_fetched(tmp_path: Path):
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sanxiang"
    run("--help", env=own_cache())
    cache = tmp_path / "sanxiang"
    cache.mkdir()
    (cache / "packages").symlink_to(home / "packages")
    half = run("--help", env={"XDG_CACHE_HOME": str(tmp_path), **NOWHERE})
    assert half.returncode == 0, half.stderr
    assert "nothing to fetch" in half.stderr
    (made,) = [path for path in cache.iterdir() if path.name.startswith("env-") and path.is_dir()]
    (made / ".ready").unlink()
    again = run("--help", env={"XDG_CACHE_HOME": str(tmp_path), **NOWHERE})
    assert again.returncode == 0, again.stderr
    assert (made / ".ready").exists()


def test_it_works_from_anywhere_and_through_a_link(tmp_path: Path):
    link = tmp_path / "hotline"
    link.symlink_to(ROOT / "sanxiang")
    said = run("config", "check", "--config", "no-such.toml", launcher=link, cwd=tmp_path, env=own_cache())
    assert said.returncode == 1
    assert "no-such.toml: can't be read" in said.stderr
    assert "Traceback" not in said.stderr


def test_it_runs_its_own_checkout_also_where_another_lies(tmp_path: Path):
    (tmp_path / "acd" / "cli").mkdir(parents=True)
    (tmp_path / "acd" / "cli" / "__main__.py").write_text("print('another checkout')\n")
    said = subprocess.run([ROOT / "sanxiang", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("Sanxiang "), said


def test_what_was_compiled_is_kept_in_the_cache_since_the_checkout_may_be_read_only():
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sanxiang"
    compiled = cache / "bytecode" / str(ROOT).lstrip("/") / "acd" / "cli"
    for file in compiled.glob("version.*"):
        file.unlink()
    assert run("--version", env=own_cache()).returncode == 0
    assert [file.suffix for file in compiled.glob("version.*")] == [".pyc"]


def test_no_python_that_is_new_enough_is_said_with_what_to_type(tmp_path: Path):
    shims = tmp_path / "bin"
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        program(shims, name, "exit 1")
    old = program(tmp_path, "python3.9", "exit 1")
    said = run("--help", env={"SANXIANG_PYTHON": str(old), **own_cache()})
    assert said.returncode == 1
    assert "is not a Python 3.11 or newer" in said.stderr


def test_a_python_without_venv_gets_the_one_line_to_type(tmp_path: Path):
    shims = tmp_path / "bin"
    program(shims, "id", "echo 1000")  # not root, so nothing may be installed
    lame = program(
        tmp_path, "python3", f'case "$*" in *ensurepip*) exit 1 ;; esac\nexec {sys.executable} "$@"'
    )  # fmt: skip
    # Its real name is asked for by the launcher, so the wrapper has to answer with its own.
    lame.write_text(
        lame.read_text().replace(
            "exec ", f'case "$*" in *sys.version_info*) echo "3.11.0-test {lame}"; exit 0 ;; esac\nexec '
        )
    )
    said = run(
        "--help",
        env={
            "SANXIANG_PYTHON": str(lame),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "PATH": f"{shims}:{os.environ['PATH']}",
        },
    )
    assert said.returncode == 1
    assert "sudo apt-get install python3-venv" in said.stderr


@pytest.mark.parametrize("folder", ["relative/cache", ""])
def test_a_cache_folder_that_wont_do_is_said(folder: str):
    said = run("--help", env={"XDG_CACHE_HOME": folder, "HOME": ""})
    assert said.returncode == 1
    assert "XDG_CACHE_HOME" in said.stderr


def test_usage_is_told_with_status_2():
    assert run("demo", "--calls", "many", env=own_cache()).returncode == 2
    assert run("no-such-command", env=own_cache()).returncode == 2


def test_the_checkout_names_no_host_of_a_registry():
    hosts = re.compile(rb"deb\.debian\.org|pypi\.org|pythonhosted|registry\.npmjs|archive\.ubuntu")
    passed_over = {".git", "node_modules", "dist", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    files = [
        file
        for file in ROOT.rglob("*")
        if file.is_file() and not passed_over & set(file.relative_to(ROOT).parts) and file != Path(__file__)
    ]
    assert len(files) > 200
    assert [str(file) for file in files if hosts.search(file.read_bytes())] == []
