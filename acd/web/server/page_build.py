"""Builds the page from acd/web/console into the cache folder; what is built already, or fetched already, is kept.

Node is the machine's own where Vite accepts it, else the one that comes as a Python package. npm's packages are fetched
once for each package-lock.json; the page is built once for each state of its sources. What only the checks of the page
need (devDependencies) is not fetched here: tests/console_checks.py does that.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from acd.cache import cache_folder
from acd.errors import SanxiangError
from acd.progress import Progress, Silent

CONSOLE = Path(__file__).resolve().parents[1] / "console"
ROOT = Path(__file__).resolve().parents[3]
SOURCES = (
    *("index.html", "api.html"),
    *("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "src", "public"),
)
NODE_FLOOR = (20, 19)
"""Vite 8 asks for Node 20.19 or newer."""


class PageNotBuilt(SanxiangError):
    """The page could not be built: {step} failed. Its last words: {said} The whole output is in {log}. Start again once
    the npm registry can be reached; what was fetched is kept."""


class NoNode(SanxiangError):
    """The page needs Node 20.19 or newer to be built; there is none here, and none could be fetched ({said}). Install
    nodejs, or put a newer one into PATH."""


def build_page(progress: Progress | None = None) -> Path:
    """The folder with the built page. Raises PageNotBuilt, NoNode."""
    progress = progress or Silent()
    built = cache_folder() / f"page-{_hash(_files())}"
    if (built / "index.html").is_file():
        return built
    with page_workshop(progress) as shop:
        if (built / "index.html").is_file():
            return built  # somebody else was quicker
        progress("building")
        _npm(shop, "the build", "run", "build")
        half = built.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(shop / "dist", half)
        half.replace(built)
    return built


@contextmanager
def page_workshop(progress: Progress, check_sources: Sequence[str] = ()) -> Iterator[Path]:
    """A folder with the page's sources as they are now, and npm's packages; one user at a time.

    `check_sources`: files and folders that only checks need. With them it is a folder of its own, which also holds
    devDependencies. Raises PageNotBuilt, NoNode.
    """
    use, packages = ("checks", "--include=dev") if check_sources else ("workshop", "--omit=dev")
    shop = cache_folder() / f"page-{use}-{_hash([CONSOLE / 'package-lock.json'])}"
    shop.mkdir(parents=True, exist_ok=True)
    with (shop / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in (*SOURCES, *check_sources):
            _copy(CONSOLE / name, shop / name)
        if not (shop / "node_modules" / ".whole").exists():
            began = time.monotonic()
            progress("fetching npm's packages")
            _npm(shop, "fetching npm's packages", "ci", packages, "--no-audit", "--no-fund", "--ignore-scripts")
            (shop / "node_modules" / ".whole").touch()
            progress.downloaded(time.monotonic() - began)
        yield shop


def _copy(source: Path, goal: Path) -> None:
    if goal.is_dir():
        shutil.rmtree(goal)
    if source.is_dir():
        shutil.copytree(source, goal)
    elif source.exists():
        shutil.copy2(source, goal)


def _files() -> list[Path]:
    found: list[Path] = []
    for name in SOURCES:
        path = CONSOLE / name
        found += sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return [path for path in found if path.is_file()]


def _hash(files: list[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.relative_to(CONSOLE)}\0".encode() + file.read_bytes())
    return whole.hexdigest()[:12]


def _npm(shop: Path, step: str, *words: str) -> None:
    run = run_npm(shop, *words)
    if run.returncode != 0:
        raise PageNotBuilt(step=step, said=" ".join(run.stdout.split())[-400:], log=shop / "npm.log")


def run_npm(shop: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """npm with these arguments in a workshop; its output, both streams as one, also stands in npm.log there."""
    environment = {**os.environ, "PATH": f"{_node_folder()}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    run = subprocess.run(
        ["npm", *words],
        cwd=shop,
        env={**environment, "npm_config_cache": str(cache_folder() / "npm"), "npm_config_update_notifier": "false"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (shop / "npm.log").write_text(run.stdout, encoding="utf-8")
    return run


def _node_folder() -> Path:
    """Where node and npm lie: the machine's when new enough, else those of the Python package, fetched now."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= NODE_FLOOR:
        return Path(node).parent
    lock = ROOT / "requirements-node.lock"
    folder = cache_folder() / f"node-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not (folder / ".whole").exists():
        run = subprocess.run(
            [sys.executable, "-m", "venv", "--system-site-packages", str(folder)], capture_output=True, check=False
        )
        if run.returncode == 0:
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
            run = subprocess.run(pip, capture_output=True, check=False)
        if run.returncode != 0:
            raise NoNode(said=" ".join(run.stderr.decode("utf-8", "replace").split())[-300:])
        (folder / ".whole").touch()
    return folder / "bin"


def _version(node: str) -> tuple[int, int]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
