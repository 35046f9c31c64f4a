"""The Dockerfiles, without Docker: what each stage copies of the checkout is laid into an empty folder, and what it runs
there is run, as far as that needs no network.

A stage sees only what was copied, so a module that moved, or that now needs another one, fails here and not when somebody
builds the image.
"""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.waiting import eventually_blocking

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docker"
DOCKERFILES = sorted(file.name for file in FOLDER.glob("*.Dockerfile"))
CHECKOUT = "/opt/sanxiang"
_PYTHON = re.compile(r"(?:^|[\s&|;])(?:\S*/)?python3? -c '([^']*)'")
_MODULE = re.compile(r"(?:^|[\s&|;\[\"])(?:\S*/)?python3?\"?,? \"?-m\"?,? \"?(?!pip|venv)([\w.]+)")


@dataclass
class Stage:
    """One FROM of a Dockerfile and what follows it."""

    name: str
    copies: list[tuple[list[str], str]] = field(default_factory=list)
    """Of the checkout: sources, and where they go."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Of other stages: which, and where it goes."""
    commands: list[str] = field(default_factory=list)
    """RUN and CMD."""

    @property
    def inline(self) -> list[str]:
        """Programs given by `python -c`."""
        return [found.replace("\\\n", "") for text in self.commands for found in _PYTHON.findall(text)]

    @property
    def modules(self) -> list[str]:
        """Run by `python -m`."""
        return [found for text in self.commands for found in _MODULE.findall(text)]


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    found: list[Stage] = []
    folder = "/"
    for instruction in re.split(r"(?<!\\)\n", lines):
        word, _, rest = instruction.partition(" ")
        match word:
            case "FROM":
                found.append(Stage(rest.partition(" AS ")[2]))
                folder = "/"
            case "WORKDIR":
                folder = rest
            case "RUN" | "CMD":
                found[-1].commands.append(rest)
            case "COPY":
                *words, goal = rest.split()
                place = goal if goal.startswith("/") else f"{folder}/{goal}"
                if words[0].startswith("--from="):
                    found[-1].taken.append((words[0].removeprefix("--from="), place))
                else:
                    found[-1].copies.append((words, place))
    return found


def sent(text: str, source: str) -> bool:
    """Whether the .dockerignore lets this path of the checkout, or a folder above it, into the build."""
    above = {source, *map(str, Path(source).parents)}
    return any(line.startswith("!") and line[1:] in above for line in text.splitlines())


def laid_out(stage: Stage, root: Path) -> Path:
    """The checkout's folder as this stage sees it."""
    for sources, goal in stage.copies:
        place = root / goal.lstrip("/")
        many = goal.endswith("/") or len(sources) > 1
        for source in sources:
            path = ROOT / source
            if path.is_dir():
                skipped = shutil.ignore_patterns("node_modules", "dist", "__pycache__")
                shutil.copytree(path, place, dirs_exist_ok=True, ignore=skipped)
            else:
                target = place / path.name if many or goal.endswith("/.") else place
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
    return root / CHECKOUT.lstrip("/")


def run(folder: Path, program: str, *arguments: str) -> str:
    """What the program says when it fails; empty when it does not. It sees this folder and Python's packages."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""


def imports_of(program: str) -> str:
    """The program's import statements alone, those inside functions too."""
    found = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(map(ast.unparse, found))


def faults(text: str, root: Path, only: str | None = None) -> Iterator[str]:
    """What would fail in a build or at the start of a container; `only`: in the stage of this name."""
    for number, stage in enumerate(stages(text)):
        if only is not None and stage.name != only:
            continue
        where = stage.name or "the last stage"
        missing = [source for sources, _ in stage.copies for source in sources if not (ROOT / source).exists()]
        if missing:
            yield from (f"{where}: COPY {source}: is not in the checkout" for source in missing)
            continue
        folder = laid_out(stage, root / str(number))
        folder.mkdir(parents=True, exist_ok=True)
        for program in stage.inline:
            if said := run(folder, imports_of(program)):
                yield f"{where}: {said.strip().splitlines()[-1]}"
        for module in stage.modules:
            # Not run: it would start a daemon. Everything that it imports is imported, also what it imports in a function.
            look = (
                "import ast, runpy, sys\n"
                "found = runpy.run_module(sys.argv[1], run_name='not __main__')\n"
                "for node in ast.walk(ast.parse(open(found['__file__']).read())):\n"
                "    if isinstance(node, ast.Import | ast.ImportFrom):\n"
                "        exec(ast.unparse(node), {'__package__': found['__package__']})\n"
            )
            if said := run(folder, look, module):
                yield f"{where}: -m {module}: {said.strip().splitlines()[-1]}"


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_each_stage_runs_finds_what_it_imports_in_what_was_copied(name: str, tmp_path: Path):
    assert list(faults((FOLDER / name).read_text("utf-8"), tmp_path)) == []


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_is_copied_is_sent_to_the_build(name: str):
    ignored = (FOLDER / f"{name}.dockerignore").read_text("utf-8")
    copied = {
        each for stage in stages((FOLDER / name).read_text("utf-8")) for words, _ in stage.copies for each in words
    }
    assert copied
    assert [source for source in sorted(copied) if not sent(ignored, source)] == []
    kept = {line[1:] for line in ignored.splitlines() if line.startswith("!")}
    assert [
        each for each in kept if not any(source == each or source.startswith(f"{each}/") for source in copied)
    ] == []


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_is_taken_of_another_stage_is_made_there(name: str):
    made = stages((FOLDER / name).read_text("utf-8"))
    for stage in made:
        for source, _ in stage.taken:
            assert source in {other.name for other in made[: made.index(stage)]}


def test_the_stages_are_read_as_they_are_written():
    """The tests above would pass for a Dockerfile in which they found nothing."""
    daemon = {stage.name: stage for stage in stages((FOLDER / "daemon.Dockerfile").read_text("utf-8"))}
    assert [len(daemon[name].inline) for name in ("environment", "page", "")] == [0, 1, 0]
    assert "from acd.web.server.page_build import build_page" in daemon["page"].inline[0]
    assert daemon[""].modules == ["acd.cli", "acd.daemon"]
    assert "acd/errors.py" in [source for sources, _ in daemon["page"].copies for source in sources]
    stories = stages((FOLDER / "stories.Dockerfile").read_text("utf-8"))[-1]
    assert stories.modules == ["ivr.server"]
    assert stories.copies == [(["ivr"], "/opt/sanxiang/ivr")]


@pytest.mark.parametrize(
    ("stage", "old", "new", "said"),
    [
        ("page", " acd/cache.py", "", "No module named 'acd.cache'"),
        ("page", " acd/progress.py", "", "No module named 'acd.progress'"),
        ("page", "acd/errors.py", "acd/installation.py", "COPY acd/installation.py: is not in the checkout"),
        ("page", "page_build import build_page", "page_build import built_page", "cannot import name 'built_page'"),
        ("", "COPY recordings /opt/sanxiang/recordings\n", "", "No module named 'recordings'"),
        ("", '"acd.daemon", ', '"acd.main", ', "No module named acd.main"),
    ],
)
def test_a_file_that_is_left_out_and_a_module_that_has_moved_are_noticed(
    tmp_path: Path, stage: str, old: str, new: str, said: str
):
    text = (FOLDER / "daemon.Dockerfile").read_text("utf-8")
    assert old in text
    assert said in next(faults(text.replace(old, new), tmp_path, stage))


def test_the_stories_that_asterisk_runs_itself_find_what_they_import(tmp_path: Path):
    """Asterisk executes agi_scripts/*.py of its own image when the story server is away."""
    stage = stages((FOLDER / "asterisk.Dockerfile").read_text("utf-8"))[-1]
    folder = laid_out(stage, tmp_path)
    scripts = sorted((folder / "agi_scripts").glob("*.py"))
    assert scripts
    for script in scripts:
        said = run(
            folder, "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])", str(script), "/none"
        )
        # All is imported, and only then are the settings looked for.
        assert re.search(r"The story \w+ cannot begin: /none: cannot be read", said), f"{script.name}: {said}"


def test_the_health_checks_and_commands_of_compose_name_programs_that_the_images_have():
    """`sanxiang` is a script that the daemon's image makes itself."""
    text = (FOLDER / "compose.yml").read_text("utf-8")
    commands = re.findall(r"(?:command|test): \[(.*)\]", text)
    words = {line.removeprefix("CMD, ").split(",")[0] for line in commands}
    assert words == {"sanxiang", "asterisk", "pg_isready"}
    assert "/usr/local/bin/sanxiang" in (FOLDER / "daemon.Dockerfile").read_text("utf-8")


FAKE_ASTERISK = """#!/bin/sh
trap 'echo told >> "$TOLD"; exit 0' TERM
log=$(dirname "$(dirname "$2")")/log
echo "said at the start to 13800005051"
echo "[2026-11-29 03:00:00.000] NOTICE[1] res_pjsip: from '<sip:13800005051@x>' failed" > "$log/messages.pipe"
umask > "$TOLD.umask"
while :; do sleep 0.05; done
"""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """docker/asterisk.sh with a program in Asterisk's place, and its run folder."""
    run_folder, programs = tmp_path / "run", tmp_path / "bin"
    for folder in (run_folder / "asterisk" / "control", run_folder / "asterisk" / "log", programs):
        folder.mkdir(parents=True)
    (programs / "asterisk").write_text(FAKE_ASTERISK)
    (programs / "asterisk").chmod(0o755)
    # A request that an Asterisk of before has left: this number may be another process by now.
    (run_folder / "asterisk" / "control" / "end-asterisk").write_text("1")
    path = f"{programs}:{Path(sys.executable).parent}:/usr/bin:/bin"
    env = {"PATH": path, "TOLD": str(tmp_path / "told"), "PYTHONDONTWRITEBYTECODE": "1"}
    output = (tmp_path / "output").open("wb")
    with (
        output,
        subprocess.Popen(["/bin/sh", str(FOLDER / "asterisk.sh"), str(run_folder)], env=env, stdout=output) as script,
    ):
        eventually_blocking(lambda: (tmp_path / "told.umask").exists(), "the start")
        yield script, run_folder
        script.kill()
        for pid in [(run_folder / "asterisk.pid").read_text(), *children_of(script.pid)]:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def children_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def keeper_of(script: subprocess.Popen[bytes]) -> int:
    """The keeper of the logs beside Asterisk; 0: there is none."""
    for pid in children_of(script.pid):
        with suppress(OSError):
            if b"acd.processes.beside_asterisk\0keep" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    return 0


def test_the_start_of_asterisk_leaves_its_number_and_tells_it_to_stop(
    started: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
):
    script, run_folder = started
    number = int((run_folder / "asterisk.pid").read_text())
    assert number != script.pid and Path(f"/proc/{number}").exists()
    assert (tmp_path / "told.umask").read_text().strip() == "0007"
    assert not (run_folder / "asterisk" / "control" / "end-asterisk").exists()
    script.terminate()
    script.wait(20)
    assert (tmp_path / "told").read_text() == "told\n"
    assert not Path(f"/proc/{number}").exists()


def test_the_start_of_asterisk_ends_it_at_the_daemons_request_alone(
    started: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
):
    script, run_folder = started
    number = (run_folder / "asterisk.pid").read_text().strip()
    request = run_folder / "asterisk" / "control" / "end-asterisk"
    for wrong in ("1", "", f"{number}0", "everybody", "-1"):
        request.write_text(wrong)
    eventually_blocking(lambda: keeper_of(script), "the keeper of its logs")
    assert script.poll() is None and Path(f"/proc/{number}").exists()
    request.write_text(number)
    assert script.wait(20) == 128 + 9
    assert not (tmp_path / "told").exists()


def test_numbers_are_masked_beside_asterisk_and_the_keeper_that_falls_is_started_again(
    started: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
):
    script, run_folder = started
    folder = run_folder / "asterisk" / "log"
    messages, output = folder / "messages.log", tmp_path / "output"
    eventually_blocking(lambda: messages.exists() and b"138****5051" in messages.read_bytes(), "the masked line")
    eventually_blocking(lambda: b"said at the start to 138****5051" in output.read_bytes(), "its output")
    assert messages.stat().st_mode & 0o777 == 0o640, "the daemon is in its group"
    (first,) = [each for each in [keeper_of(script)] if each]
    os.kill(first, signal.SIGKILL)
    with (folder / "messages.pipe").open("wb", buffering=0) as pipe:  # nobody but Asterisk holds it meanwhile
        pipe.write(b"[2026-11-29 03:00:01.000] NOTICE[1] x: from 13900006162\n")
    eventually_blocking(lambda: b"139****6162" in messages.read_bytes(), "what was written while there was no keeper")
    assert keeper_of(script) not in (0, first) and script.poll() is None
    script.terminate()
    script.wait(20)
    assert not keeper_of(script) and (tmp_path / "told").read_text() == "told\n"
    for file in (messages, output):
        assert b"13800005051" not in file.read_bytes() and b"13900006162" not in file.read_bytes()


def test_the_keeper_beside_asterisk_finds_what_it_imports_in_its_image(tmp_path: Path):
    """It is named in docker/asterisk.sh, and not in the Dockerfile. What it needs of the registry stands in the image's own lock."""
    stage = stages((FOLDER / "asterisk.Dockerfile").read_text("utf-8"))[-1]
    folder = laid_out(stage, tmp_path)
    assert "acd.processes.beside_asterisk" in (folder / "docker" / "asterisk.sh").read_text("utf-8")
    assert run(folder, "import acd.processes.beside_asterisk") == ""
    wanted = re.search(r"\^\(([\w|]+)\)==", (FOLDER / "asterisk.Dockerfile").read_text("utf-8"))
    assert wanted is not None
    imported = {name.partition(".")[0] for file in folder.glob("acd/**/*.py") for name in imported_by(file)}
    assert imported - sys.stdlib_module_names - {"acd"} == {"structlog"} <= set(wanted[1].split("|"))


def imported_by(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
