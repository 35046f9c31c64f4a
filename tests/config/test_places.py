"""Places that can't be, and secrets that everybody may read: told by `config check` with what to write."""

from pathlib import Path
from typing import Any

import pytest

from acd.config import BadConfiguration, check
from acd.setup.pbx_settings import open_secrets

QUEUE = {"queues": {"orders": {"label": {"zh": "a", "en": "a"}}}}


@pytest.mark.parametrize(
    ("values", "mistake"),
    [
        ({"agents": {"95001": {}}}, "agents.95001: is also a number of the hotline (hotline.numbers)"),
        (
            {"hotline": {"numbers": {"4001": "zh"}}, "agents": {"4001": {}}},
            "agents.4001: is also a number of the hotline",
        ),
        ({"recordings": {"folder": "recordings"}}, "recordings.folder: recordings is no whole path"),
        ({"recordings": {"folder": "../srv"}}, "recordings.folder: ../srv is no whole path"),
        ({"database": {"url": "postgresql://sanxiang@db.example.com"}}, "database.url: names no database"),
        ({"database": {"url": "postgresql://db.example.com/?sslmode=require"}}, "database.url: names no database"),
    ],
)
def test_a_place_that_can_not_be_is_refused(values: dict[str, Any], mistake: str):
    with pytest.raises(BadConfiguration) as refused:
        check({**QUEUE, **values})
    assert mistake in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///sanxiang?host=/run/postgresql",
        "postgresql://u@[::1]:5432/sanxiang",
        "postgresql://u@db.example.com/?dbname=sanxiang",
    ],
)
def test_an_address_with_a_database_is_taken(url: str):
    check({**QUEUE, "database": {"url": url}})


@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_a_password_that_everybody_may_read_is_warned_of(tmp_path: Path, mode: int, told: bool):
    secret = tmp_path / "password"
    secret.write_text("x")
    secret.chmod(mode)
    files = {"url": "postgresql://u@h/n", "password_file": str(secret)}
    said = open_secrets(check({**QUEUE, "database": files}))
    assert [f"chmod o-rwx {secret}" in each for each in said] == ([True] if told else [])
