"""TOML as operators write it: the mark of a Windows editor is read over, and a full-width mark is named."""

import tomllib
from pathlib import Path

import pytest

from acd.config import BadConfiguration, load
from ivr.menu_file import MenuError, read_menus
from ivr.menus.source import text_of
from ivr.menus.toml_text import fault_in, toml_data
from ivr.prompts import own_texts
from ivr.settings import MENU

EXAMPLE = Path(__file__).parents[2] / "docs" / "sanxiang.example.toml"

MARK = "\ufeff"


@pytest.mark.parametrize(
    ("text", "sign", "plain"),
    [
        ("a = “1”", "“", '"'),
        ("[[keys]]\nkey ＝ 1", "＝", "="),
        ('k = [ { key = "1"， queue = "orders" } ]', "，", ","),
        ('k = { key： "1" }', "：", ":"),
        ("k ＝ ［1］", "＝", "="),
        ("a = 1\u3000\nb\u3000= 2", "a blank", "a blank"),
        ("［menus］", "［", "["),
        ("k = ‘x’", "‘", "'"),
    ],
)
def test_a_full_width_mark_is_named_with_the_plain_one(text: str, sign: str, plain: str):
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        toml_data(text)
    said = fault_in(text, caught.value, "Mend that line.")
    assert said.startswith(f"is not TOML: {sign} is a full-width mark (at line ")
    assert said.endswith(f"Write {plain} in its place.")


@pytest.mark.parametrize("text", ["a = ", 'a = "查询，订单', "a = 1\na = 2", "= ", '"“" = 1\nb'])
def test_what_is_wrong_without_one_is_told_as_before(text: str):
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        toml_data(text)
    assert fault_in(text, caught.value, "Mend that line.") == f"is not TOML: {caught.value}. Mend that line."


def test_a_byte_order_mark_is_read_over_in_every_file_of_the_operators(tmp_path: Path):
    (tmp_path / "zh.toml").write_text(MARK + '[prompts]\nour-address = "深圳"\n', "utf-8")
    assert own_texts(tmp_path / "zh.toml") == {"our-address": "深圳"}
    folder = tmp_path / "menus"
    folder.mkdir()
    (folder / "hotline.toml").write_text(MARK + MENU.read_text("utf-8"), "utf-8")
    (folder / "more.toml").write_text(
        MARK + 'play = "menu-main"\nkeys = [{ key = "1", queue = "orders" }]\nfailure = { queue = "general" }\n',
        "utf-8",
    )
    assert "more" in read_menus(folder).menus
    assert MARK not in text_of(folder)
    file = tmp_path / "sanxiang.toml"
    file.write_text(MARK + EXAMPLE.read_text("utf-8"), "utf-8")
    (tmp_path / "agents.toml").write_text(MARK + '[agents.1010]\nname = "王芳"\nskills = { orders = 5 }\n', "utf-8")
    try:
        config = load(file)
    except BadConfiguration as error:  # the example names a password file that is not here
        assert all("password_file" in one for one in error.mistakes), error.mistakes
    else:
        assert "1010" in config.agents


def test_a_file_of_a_folder_that_says_again_which_menu_it_is(tmp_path: Path):
    (tmp_path / "hotline.toml").write_text(MENU.read_text("utf-8"), "utf-8")
    (tmp_path / "more.toml").write_text('[menus.more]\nplay = "menu-main"\n', "utf-8")
    with pytest.raises(MenuError) as caught:
        read_menus(tmp_path)
    assert caught.value.faults == [
        f"{tmp_path / 'more.toml'}:1: this file is the menu more already. Take the line [menus.more] away."
    ]
