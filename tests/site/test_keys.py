"""Every key of the configuration that a document names is one."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from acd.config.schema import Config, Trunk
from tests.site.documents import DOCS, ROOT, codes

PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
    if "decisions" not in page.parts and page.name != "CHANGELOG.md"
]
"""Decisions and the changelog tell of what was so at their time."""
TABLES = frozenset(Config.model_fields)
NOT_KEYS = re.compile(
    r"\.(py|toml|md|conf|json|jsonl|log|wav|lock|html|nft|token|key|pem|tar|backup|service|new|txt|yml|csv|pid|sock|password|lua|ts|vue|c)$|\.example\.(com|net|org)$"
)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models in a field's type: `Tls | None`, `dict[str, Queue]`, `list[Row]`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from models(inner)


def holds_names(kind: Any) -> bool:
    """Whether the operator chooses the keys below: a table of queues, agents, trunks, numbers."""
    return get_origin(kind) is dict or any(holds_names(inner) for inner in get_args(kind))


def is_key(path: list[str], model: type[BaseModel] = Config) -> bool:
    """Whether the configuration has this place; where the operator chooses the name, any name."""
    first, rest = path[0], path[1:]
    field = model.model_fields.get(first)
    if field is None:
        aliases = {one.alias: name for name, one in model.model_fields.items() if one.alias}
        if first not in aliases:
            return False
        field = model.model_fields[aliases[first]]
    if holds_names(field.annotation) and rest:
        rest = rest[1:]
    if not rest:
        return True
    inner = list(models(field.annotation))
    return not inner or any(is_key(rest, one) for one in inner)


def named_keys(text: str) -> Iterator[str]:
    """What looks like a key in backticks: `sip.rtp_start`, `[sip.tls]`."""
    for code in codes(text):
        word = code.split(" = ")[0].strip("[]")
        if re.fullmatch(r"[a-z_]+(\.[\w*-]+)+", word) and word.split(".")[0] in TABLES and not NOT_KEYS.search(word):
            yield word


def wrong_in(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Keys of a block of TOML that are none. A block may also be the inside of a trunk's table."""
    for key, value in table.items():
        here = [*path, key]
        if not is_key(here) and not (not path and key in Trunk.model_fields):
            yield ".".join(here)
        elif isinstance(value, dict) and here[0] in TABLES:
            yield from wrong_in(value, tuple(here))


@each_page
def test_every_key_that_is_named_is_one(page: Any):
    assert [word for word in named_keys(page.read_text("utf-8")) if not is_key(word.split("."))] == []


@each_page
def test_every_block_of_a_configuration_has_keys_that_exist(page: Any):
    for block in re.findall(r"^ *```toml\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S):
        table = tomllib.loads(block)
        if TABLES & table.keys() or table.keys() <= Trunk.model_fields.keys():
            assert list(wrong_in(table)) == []


@pytest.mark.parametrize(
    ("key", "there"),
    [
        ("sip.rtp_start", True),
        ("sip.rtp_begin", False),
        ("sip.tls.port", True),
        ("sip.tls.portt", False),
        ("queues.orders.wrap_up_s", True),
        ("queues.orders.wrapup", False),
        ("hotline.numbers", True),
        ("alarms.webhook.secret_file", True),
        ("alarms.webhook.secret", False),
        ("transfers.reasons", True),
    ],
)
def test_a_key_that_is_none_is_noticed(key: str, there: bool):
    assert is_key(key.split(".")) == there
    assert list(named_keys(f"Set `{key}` to nothing.")) == [key]
