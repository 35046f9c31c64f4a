"""Which document stands in which section of the site.

A document that no row names stands in the last section, so that a new page can be found before anybody has sorted it in. A row with a
star may name pages that are not there.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Start here", ("README.md", "docs/README.md", "docs/glossary.md", "CHANGELOG.md")),
    (
        "Install",
        ("docs/install.md", "docs/systemd.md", "docs/docker.md", "docs/operating.md", "docs/sizing.md", "docs/upgrading*.md", "docs/database.md", "docs/brands*.md", "docs/customers.md", "docs/voices.md", "docs/speech.md"),
    ),
    (
        "Connect",
        (
            *("docs/trunks/README.md", "docs/trunks/registered.md", "docs/trunks/by-address.md", "docs/trunks/*.md"),
            *("docs/telephones.md", "docs/softphones.md", "docs/network.md", "docs/self-call.md", "docs/line-quality.md"),
        ),
    ),
    (
        "Run",
        (
            *("docs/menus.md", "docs/hours.md", "docs/own-stories.md", "docs/fault-mode.md"),
            *("docs/commands.md", "docs/reading-back.md", "docs/analysis.md", "docs/reviews.md", "docs/routing.md", "docs/runbook.md", "docs/alarms.md", "docs/logs.md", "docs/backup.md", "docs/faults.md", "docs/floods.md"),
            *("docs/reports*.md", "docs/night-drill*.md", "docs/monitoring/*.md", "docs/definitions.md", "docs/figures.md"),
        ),
    ),
    ("Protect", ("docs/access.md", "docs/hardening.md", "docs/personal-data.md", "docs/roles*.md", "docs/sign-in*.md")),
    ("Integrate", ("docs/api.md", "docs/webhooks.md")),
    (
        "Cards",
        (
            *("docs/cards/README.md", "docs/cards/agent.zh.md", "docs/cards/agent.en.md"),
            *("docs/cards/supervisor.zh.md", "docs/cards/supervisor.en.md", "docs/cards/qa.zh.md", "docs/cards/qa.en.md"),
        ),
    ),
    (
        "Develop",
        ("CONTRIBUTING.md", "ARCHITECTURE.md", "docs/contributing/*.md", "docs/findings.md", "docs/decisions/*.md"),
    ),
)  # fmt: skip
"""Title of a section to its documents in order. A pattern with a star takes whatever no row has taken before it."""

LAST = "Further pages"


def documents(root: Path = ROOT) -> list[str]:
    """Every document of the checkout, as `docs/install.md`, sorted."""
    found = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    return sorted(document.relative_to(root).as_posix() for document in found)


def sections(root: Path = ROOT) -> list[tuple[str, list[str]]]:
    """Each section with those of its documents that are there; every document stands in one of them, once."""
    left = dict.fromkeys(documents(root))
    found: list[tuple[str, list[str]]] = []
    for title, patterns in SECTIONS:
        pages: list[str] = []
        for pattern in patterns:
            pages += [left_one for left_one in left if _fits(left_one, pattern) and left_one not in pages]
        for page in pages:
            del left[page]
        if pages:
            found.append((title, pages))
    return [*found, (LAST, list(left))] if left else found


def _fits(document: str, pattern: str) -> bool:
    """Whether the pattern means this document; a star stands for one name in the folder."""
    path, form = Path(document), Path(pattern)
    return path.parent == form.parent and path.match(form.name)
