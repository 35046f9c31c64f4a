"""The site: every document is in it once, every link in it leads somewhere, and nothing of it comes from another host."""

import os
import re
import shutil
from pathlib import Path

import pytest

from acd.site import build
from acd.site.build import SiteNotBuilt
from acd.site.pages import LAST, ROOT, SECTIONS, documents, sections

FOLDER = "docs"
"""Of documents that a test invents."""


def test_every_document_stands_in_one_section():
    placed = [page for _, pages in sections() for page in pages]
    assert sorted(placed) == documents()


def test_the_book_begins_with_the_readme_and_the_pages_stand_as_the_table_says():
    found = dict(sections())
    assert next(iter(found)) == SECTIONS[0][0] and found[SECTIONS[0][0]][0] == "README.md"
    connect = found["Connect"]
    assert connect[0] == "docs/trunks/README.md" and connect.index("docs/trunks/kamailio.md") < connect.index(
        "docs/softphones.md"
    )


def test_a_page_that_the_table_does_not_know_stands_under_further_pages(tmp_path: Path):
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    for name in ("README.md", "docs/install.md", f"{FOLDER}/new-thing.md", f"{FOLDER}/decisions/0001-first.md"):
        (tmp_path / name).write_text("# A page\n", "utf-8")
    found = dict(sections(tmp_path))
    assert found[LAST] == [f"{FOLDER}/new-thing.md"]
    assert found["Develop"] == [f"{FOLDER}/decisions/0001-first.md"]


def test_every_document_is_a_page_with_its_heading(built_site: Path):
    for document in documents():
        place = Path(document)
        page = built_site / place.parent / ("index.html" if place.name == "README.md" else f"{place.stem}.html")
        heading = re.search(r"^# +(.+)$", (ROOT / document).read_text("utf-8"), re.M)
        assert heading is not None
        assert "<h1" in page.read_text("utf-8"), document


def test_nothing_of_a_page_comes_from_another_host(built_site: Path):
    """Links may lead elsewhere; scripts, styles, pictures and fonts may not."""
    for page in built_site.rglob("*.html"):
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|source|video|audio)\b[^>]*?\ssrc=[\"']?([^\"'\s>]+)", text)
        loaded += re.findall(r"<link\b(?![^>]*rel=[\"']?(?:canonical|next|prev))[^>]*?\shref=[\"']?([^\"'\s>]+)", text)
        assert loaded
        foreign = [one for one in loaded if re.match(r"(?:https?:)?//", one)]
        assert foreign == [], page
    for style in built_site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8")), style


def test_mkdocs_had_nothing_to_say(built_site: Path):
    said = (built_site.parent / "mkdocs.log").read_text("utf-8").splitlines()
    assert [line for line in said if not re.match(r"INFO +-", line)] == []


def test_pages_that_a_forge_links_by_anchor_have_these_anchors(built_site: Path):
    """Headings with marks, backticks and Chinese: the rules of both differ most there."""
    assert 'id="trunk-not-registered-trunk-not-registered"' in (built_site / "docs" / "runbook.html").read_text("utf-8")
    assert 'id="putting-a-state-folder-or-a-database-back"' in (built_site / "docs" / "database.html").read_text(
        "utf-8"
    )
    assert 'id="上班--小休--下班"' in (built_site / "docs" / "cards" / "agent.zh.html").read_text("utf-8")


@pytest.mark.site
@pytest.mark.parametrize("link", ["gone.md", "other.md#gone", "#gone", f"/{FOLDER}/other.md"])
def test_a_dead_link_is_no_site(link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tools = build.ensure_site_tools()
    monkeypatch.setattr(build, "ensure_site_tools", lambda progress=None: tools)
    monkeypatch.setattr(build, "cache_folder", lambda: tmp_path)
    root = tmp_path / "checkout"
    (root / "docs").mkdir(parents=True)
    (root / "docs" / "other.md").write_text("# Other\n", "utf-8")
    for target, whole in (("other.md#other", True), (link, False)):
        (root / "docs" / "page.md").write_text(f"# Page\n\n[there]({target})\n", "utf-8")
        shutil.copyfile(root / "docs" / "other.md", root / "README.md")
        if whole:
            assert (build.build_site(root) / "docs" / "page.html").is_file()
        else:
            with pytest.raises(SiteNotBuilt, match=r"gone|/docs/other"):
                build.build_site(root)


@pytest.mark.site
def test_former_sites_are_removed_after_a_week_and_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tools = build.ensure_site_tools()
    monkeypatch.setattr(build, "ensure_site_tools", lambda progress=None: tools)
    monkeypatch.setattr(build, "cache_folder", lambda: tmp_path)
    old, young, other = tmp_path / "site-old", tmp_path / "site-young", tmp_path / "page-old"
    for folder in (old, young, other):
        (folder / "html").mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (1, 1))
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "README.md").write_text("# Home\n", "utf-8")
    built = build.build_site(root)
    assert (built.is_dir(), old.exists(), young.exists(), other.exists()) == (True, False, True, True)


@pytest.mark.site
@pytest.mark.slow
def test_tools_that_can_not_be_had_are_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The package index has another file than the lock says, or none: neither is used, and the environment counts as not made."""
    (tmp_path / build.LOCK).write_text(f"mkdocs==1.6.1 --hash=sha256:{'0' * 64}\n", "utf-8")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "cache_folder", lambda: tmp_path)
    with pytest.raises(build.SiteToolsMissing, match=r"docs/README\.md"):
        build.ensure_site_tools()
    assert not list(tmp_path.glob("docs-*/.whole"))
