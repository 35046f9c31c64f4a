"""Makes the site: copies the documents into the cache folder, and lets MkDocs build them there.

A site is made once for each state of the documents. A dead link, an anchor that is not there or any other warning of MkDocs fails the build.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from acd.cache import cache_folder
from acd.errors import SanxiangError
from acd.progress import Progress, Silent
from acd.site.pages import ROOT, documents, sections

LOCK = "requirements-docs.lock"
SETTINGS = Path(__file__).parent / "mkdocs.yml"
THEME = Path(__file__).parent / "theme"
KEPT_S = 7 * 86400
"""A site that nobody has built for so long is removed when another one is built."""
_LINK = re.compile(r"\]\(([^)\s#]+)")


class SiteToolsMissing(SanxiangError):
    """The packages that make the site could not be installed ({said}). Start again once the Python package index can be
    reached; what was fetched is kept. The documents can be read without a site: begin with docs/README.md."""


class SiteNotBuilt(SanxiangError):
    """The site could not be built: {said} The whole output is in {log}."""


def build_site(root: Path = ROOT, progress: Progress | None = None) -> Path:
    """The folder with the built site of these documents; `index.html` is its first page. Raises SiteNotBuilt, SiteToolsMissing."""
    progress = progress or Silent()
    home = cache_folder() / f"site-{_state(root)}"
    built = home / "html"
    if (built / "index.html").is_file():
        return built
    tools = ensure_site_tools(progress)
    with _alone(home):
        if (built / "index.html").is_file():
            return built  # somebody else was quicker
        progress("building")
        _stage(root, home / "source")
        (home / "mkdocs.yml").write_text(_settings(root, home), encoding="utf-8")
        _run_mkdocs(tools, home)
        (home / "html.half").replace(built)
    _forget_former_sites(home)
    return built


def ensure_site_tools(progress: Progress | None = None) -> Path:
    """The Python that has MkDocs; its environment is made now where there is none. Raises SiteToolsMissing."""
    progress = progress or Silent()
    lock = ROOT / LOCK
    version = ".".join(map(str, sys.version_info[:3]))
    folder = cache_folder() / f"docs-{version}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if (folder / ".whole").is_file():
        return python
    with _alone(folder):
        if (folder / ".whole").is_file():
            return python
        began = time.monotonic()
        progress("fetching what makes the site")
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--require-hashes"]
        for words in ([sys.executable, "-m", "venv", str(folder)], [*pip, "-r", str(lock)]):
            run = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if run.returncode != 0:
                raise SiteToolsMissing(said=" ".join(run.stderr.split())[-300:])
        (folder / ".whole").touch()
        progress.downloaded(time.monotonic() - began)
    return python


def _forget_former_sites(home: Path) -> None:
    """Removes sites of other states of the documents that were built more than a week ago."""
    for former in home.parent.glob("site-*"):
        with suppress(OSError):
            if former != home and former.is_dir() and time.time() - former.stat().st_mtime > KEPT_S:
                shutil.rmtree(former)
                (former.parent / f"{former.name}.lock").unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time for this folder."""
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(exist_ok=True)
        yield


def _files(root: Path) -> Iterator[Path]:
    """Every file of the site: the documents, what lies beside them, and what they link to elsewhere in the checkout."""
    found = {root / document for document in documents(root)}
    found |= {file for file in (root / "docs").rglob("*") if file.is_file()}
    for document in documents(root):
        for link in _LINK.findall((root / document).read_text("utf-8")):
            target = ((root / document).parent / link).resolve()
            if target.is_file() and target.is_relative_to(root):
                found.add(target)
    yield from sorted(found)


def _state(root: Path) -> str:
    """A name for these documents, these settings and these tools."""
    whole = hashlib.sha256()
    tools = [SETTINGS, *sorted(THEME.rglob("*.html")), *sorted(Path(__file__).parent.glob("*.py")), ROOT / LOCK]
    for file in [*_files(root), *tools]:
        name = file.relative_to(root if file.is_relative_to(root) else ROOT)
        whole.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()[:12]


def _stage(root: Path, source: Path) -> None:
    """Copies the files to where they stand in the checkout, so that links between them lead where they lead there."""
    shutil.rmtree(source, ignore_errors=True)
    for file in _files(root):
        copy = source / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _settings(root: Path, home: Path) -> str:
    """The settings with what only this build knows. JSON is YAML too."""
    nav = [{title: pages} for title, pages in sections(root)]
    places = {"docs_dir": str(home / "source"), "site_dir": str(home / "html.half"), "nav": nav}
    text = SETTINGS.read_text("utf-8").replace(
        "  name: material\n", f"  name: material\n  custom_dir: {json.dumps(str(THEME))}\n"
    )
    return text + "".join(f"{key}: {json.dumps(value)}\n" for key, value in places.items())


def _run_mkdocs(python: Path, home: Path) -> None:
    run = subprocess.run(
        [str(python), "-m", "mkdocs", "build", "--strict", "--clean", "--config-file", str(home / "mkdocs.yml")],
        cwd=home,
        env={**os.environ, "NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log = home / "mkdocs.log"
    log.write_text(run.stdout, encoding="utf-8")
    if run.returncode != 0:
        wrong = [line for line in run.stdout.splitlines() if line.startswith(("WARNING", "ERROR", "Aborted", "Error"))]
        raise SiteNotBuilt(said=" ".join(wrong or run.stdout.splitlines()[-5:])[-2000:], log=log)
