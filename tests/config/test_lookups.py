"""[lookups.NAME] and [identity]: what is refused, and in which words."""

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from acd.config import check
from acd.config.checks import warnings
from acd.lookups import example
from acd.setup.unused_lookups import unused_lookups
from acd.words.commands.lookup import chinese

ROOT = Path(__file__).parents[2]
EXAMPLE = tomllib.loads((ROOT / "docs" / "sanxiang.example.toml").read_text("utf-8"))
HTTP = {"kind": "http", "address_file": "/etc/sanxiang/x.address"}
TABLE = {"kind": "postgresql", "table": "shop.orders", "by": {"caller": "phone"}}


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("orders", {"kind": "http", "by": {"caller": "a"}}, "a look-up by http needs `address_file`"),
        ("orders", {**HTTP, "address_file": "x", "by": {"caller": "a"}}, "is no whole path"),
        ("orders", {**HTTP, "by": {"caller": "a b"}}, "'a b' is no name of a parameter"),
        ("orders", {**HTTP, "by": {"caller": "a"}, "table": "x"}, "`table` and `newest` are for postgresql"),
        ("orders", {**TABLE, "by": {"caller": "a b"}}, "'a b' is no name of a column"),
        ("orders", {**TABLE, "fields": {"status": "state; DROP"}}, "'state; DROP' is no name of a column"),
        ("orders", {**TABLE, "table": "x;drop"}, "'x;drop' is no name of a table"),
        ("orders", {**TABLE, "newest": "at desc"}, "'at desc' is no name of a table or column"),
        ("orders", {**TABLE, "table": ""}, "needs `table`"),
        ("orders", {**TABLE, "records": "a.b"}, "`records` and `caller_as` are for http"),
        ("orders", {**TABLE, "by": {}}, "is empty"),
        ("orders", {**TABLE, "by": {"Caller!": "a"}}, "lower-case letters and _"),
        ("orders", {**TABLE, "limit_s": 99}, "It must be at most 20"),
        ("orders", {**TABLE, "limit_s": 0.1}, "It must be at least 0.5"),
        ("orders", {**TABLE, "needs": "full"}, "it can't need that itself"),
        ("orders", {**TABLE, "statuses": {"40": "On The Way"}}, "lower-case letters"),
        ("tickets", {**TABLE}, "callers are found by ticket here"),
        ("balances", {**HTTP, "by": {"order": "a"}}, "callers are found by caller here"),
        ("orders", {**TABLE, "kind": "ldap"}, "http"),
        ("orders", {**TABLE, "adress_file": "/x"}, "adress_file"),
    ],
)
def test_a_look_up_that_can_not_be(name: str, table: dict[str, Any], said: str):
    with pytest.raises(Exception, match=r"lookups\.") as refused:
        check({**EXAMPLE, "lookups": {name: table}})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"how": "nix"}, "there is no way 'nix' of verifying"),
        ({"app_how": "nix"}, "there is no way 'nix' of verifying"),
        ({"business": {"gift": "full"}}, "there is no reason 'gift'"),
        ({"business": {"refund": "none"}}, "identity.business.refund"),
        ({"digits": 2}, "identity.digits"),
        ({"tries_per_call": 0}, "identity.tries_per_call"),
        ({"secret_file": "secret"}, "is no whole path"),
    ],
)
def test_an_identity_that_can_not_be(table: dict[str, Any], said: str):
    with pytest.raises(Exception, match="identity") as refused:
        check({**EXAMPLE, "identity": table})
    assert said in str(refused.value)


def test_the_examples_part_is_taken_as_it_is_printed():
    config = check({**EXAMPLE, **tomllib.loads(example.CONFIGURATION)})
    assert {name: each.needed(name) for name, each in config.lookups.items()} == {
        "orders": "none", "deliveries": "none", "balances": "full", "tickets": "none",
    }  # fmt: skip


def test_what_the_first_caller_would_miss_is_told(tmp_path: Path):
    file = tmp_path / "orders.address"
    gone = check({**EXAMPLE, "lookups": {"orders": {**HTTP, "address_file": str(file), "by": {"order": "no"}}}})
    told = " ".join(warnings(gone))
    assert f"there is no file {file}" in told
    assert "nobody is verified by keys" in told
    file.write_text("https://crm.example.com/\n")
    file.chmod(0o644)
    assert "chmod 600 it" in " ".join(warnings(gone))
    file.chmod(0o600)
    assert "chmod 600 it" not in " ".join(warnings(gone))


@pytest.mark.parametrize(
    ("place", "tables"),
    [
        ("lookups.orders.address_file", {"lookups": {"orders": {**HTTP, "address_file": "FILE", "by": {"caller": "a"}}}}),
        ("identity.secret_file", {"identity": {"secret_file": "FILE"}}),
        ("customers.http.token_file", {"customers": {"http": {"url": "https://crm.example.com/", "token_file": "FILE"}}}),
        ("customers.http.ca_file", {"customers": {"http": {"url": "https://crm.example.com/", "ca_file": "FILE"}}}),
        (
            "customers.view.url_file",
            {"customers": {"view": {"url_file": "FILE", "table": "crm.people", "number": "tel", "columns": {"id": "no"}}}},
        ),
    ],
)  # fmt: skip
def test_a_file_of_the_companys_systems_that_can_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, tables: dict[str, Any]
):
    file = tmp_path / "secret"
    config = check(json.loads(json.dumps({**EXAMPLE, **tables}, default=str).replace("FILE", str(file))))

    def told() -> list[str]:
        return [each for each in warnings(config) if each.startswith(f"{place}: ")]

    assert len(told()) == 1 and f"there is no file {file}." in told()[0]
    assert str(file) in chinese(told()[0]) and "there is" not in chinese(told()[0])
    file.write_text("word\n")
    file.chmod(0o600)
    assert told() == []
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may read every file
    assert len(told()) == 1 and f"{file} can't be read." in told()[0]
    file.unlink()
    file.mkdir()
    assert f"there is no file {file}." in told()[0]


def test_a_look_up_that_nothing_uses_is_told(tmp_path: Path):
    own, menu = tmp_path / "own", tmp_path / "menu.toml"
    names = ("orders", "warranty", "coupons", "parcels", "points")
    tables = {name: {**TABLE, "by": {"caller": "phone", "order": "o", "ticket": "t"}} for name in names}
    own.mkdir()
    hotline = {**EXAMPLE["hotline"], "menu": str(menu)}
    text = (ROOT / "ivr" / "menus" / "hotline.toml").read_text("utf-8")
    menu.write_text(text, encoding="utf-8")
    data = {**EXAMPLE, "lookups": tables, "identity": {"lookup": "points"}, "hotline": hotline}

    def told(**changes: Any) -> list[str]:
        sentences = list(unused_lookups(check({**data, **changes})))
        assert all("用到它" in chinese(each) for each in sentences)
        return [each.partition(":")[0].removeprefix("lookups.") for each in sentences]

    assert told() == ["warranty", "coupons", "parcels"]  # the packaged menu asks for orders
    assert told(identity={"against": "customer"}) == ["warranty", "coupons", "parcels", "points"]
    (own / "parcel.py").write_text("answer = yield from look_up(call, 'parcels', \"caller\")\n")
    assert told(hotline={**hotline, "stories": str(own)}) == ["warranty", "coupons"]
    menu.write_text(text.replace('lookup = "deliveries"', 'lookup = "warranty"'), encoding="utf-8")
    assert told() == ["coupons", "parcels"]
    menu.write_text("[menus", encoding="utf-8")
    assert told() == []  # told as a mistake by the check of the menus
