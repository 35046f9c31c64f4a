"""The menus on the page: shown, tried, published, taken back; edited by somebody else meanwhile."""

from pathlib import Path

import pytest

from acd.config import BadConfiguration
from acd.daemon.configuration.config_reload import EditedMeanwhile
from acd.daemon.configuration.menu_desk import MenuDesk, NoOwnMenu
from ivr.settings import MENU
from tests.daemon.configuration.test_config_reload import FIRST, House, within_etc

SUB = 'play = "menu-main"\nkeys = [ { key = "1", queue = "orders" } ]\nfailure = { queue = "orders" }\n'


def head() -> str:
    text = MENU.read_text("utf-8").replace('queue = "after-sales", ', 'menu = "sub", ')
    for queue in ("complaints", "general"):
        text = text.replace(f'"{queue}"', '"orders"')
    return text


@pytest.fixture
async def own(tmp_path: Path) -> tuple[House, MenuDesk, Path]:
    """A house with a folder of menus in force."""
    house = within_etc(tmp_path)
    folder = house.folder / "menus"
    folder.mkdir()
    (folder / "hotline.toml").write_text(head(), "utf-8")
    (folder / "sub.toml").write_text(SUB, "utf-8")
    house.edits(f'[hotline]\nmenu = "{folder}"\n' + FIRST)
    await house.live.reload("zhang")
    return house, MenuDesk(house.live), folder


Own = tuple[House, MenuDesk, Path]


async def test_what_is_in_force_is_shown(own: Own):
    _, desk, folder = own
    told = desk.told("")
    assert (told["own"], told["file"], set(told["files"])) == (True, str(folder), {"hotline.toml", "sub.toml"})
    assert "2  menu sub" in told["tree"]
    assert [menu["name"] for menu in told["menus"]] == ["main", "sub"]
    with pytest.raises(KeyError):
        desk.told("acme")


async def test_a_change_is_tried_before_it_is_in_force(own: Own):
    house, desk, folder = own
    changed = {"sub.toml": SUB.replace('"1"', '"5"')}
    tried = await desk.tried("", changed, "en", "25", "", "")
    assert (tried["faults"], tried["goal"], tried["trail"]) == ([], "queue orders", "en main:2 sub:5")
    assert "> 5" in tried["heard"]
    wrong = await desk.tried("", {"sub.toml": SUB.replace('"orders"', '"ordres"')}, "en", "2", "", "")
    assert wrong["faults"][0].startswith(f"{folder}/sub.toml:2: menus.sub.keys[1].queue: names the queue 'ordres'")
    assert house.live.version.number == 2


async def test_a_change_is_published_written_and_taken_back(own: Own):
    house, desk, folder = own
    new = SUB.replace('"1"', '"5"')
    change = await desk.publish("", {"sub.toml": new}, "li")
    assert (change.taken, house.live.version.by, house.live.version.how) == (True, "li", "menus")
    assert (folder / "sub.toml").read_text("utf-8") == new
    await house.live.back("li")
    assert (folder / "sub.toml").read_text("utf-8") == SUB


@pytest.mark.parametrize(
    "files", [{"sub.toml": "play = 1"}, {"sub.toml": ""}, {"../x.toml": SUB}, {"a.txt": SUB}, {"hotline.toml": ""}]
)
async def test_what_can_not_be_is_refused_and_changes_nothing(own: Own, files: dict[str, str]):
    house, desk, folder = own
    with pytest.raises(BadConfiguration):
        await desk.publish("", files, "li")
    assert house.live.version.number == 2
    assert {file.name: file.read_text("utf-8") for file in folder.iterdir()} == {
        "hotline.toml": head(),
        "sub.toml": SUB,
    }


async def test_what_somebody_is_editing_is_not_written_over(own: Own):
    house, desk, folder = own
    (folder / "sub.toml").write_text(SUB + "# half a change", "utf-8")
    with pytest.raises(EditedMeanwhile, match=r"sub\.toml says something else than what is in force"):
        await desk.publish("", {"sub.toml": SUB.replace('"1"', '"5"')}, "li")
    assert house.live.version.number == 2


async def test_the_packaged_menu_is_not_changed(tmp_path: Path):
    house = within_etc(tmp_path)
    desk = MenuDesk(house.live)
    assert desk.told("")["own"] is False
    with pytest.raises(NoOwnMenu):
        await desk.publish("", {"hotline.toml": "x"}, "li")


async def test_the_drawing_is_chinese_on_a_chinese_page(own: Own):
    _, desk, _ = own
    told = desk.told("", "zh")
    assert "2  菜单 sub" in told["tree"] and "队列 orders" in told["menus"][0]["keys"][0]["goal"]
    assert "menu sub" not in told["tree"] and "紧急" not in told["tree"], "no queue is for emergencies"


async def test_a_call_that_is_typed_says_the_operators_own_words(own: Own):
    house, _, folder = own
    prompts = house.folder / "prompts"
    (prompts / "zh").mkdir(parents=True)
    (prompts / "en").mkdir()
    (prompts / "en.toml").write_text('[prompts]\nwelcome = "Good day at our shop."\n', "utf-8")
    house.edits(f'[hotline]\nmenu = "{folder}"\nprompts = "{prompts}"\n' + FIRST)
    await house.live.reload("zhang")
    heard = (await MenuDesk(house.live).tried("", {}, "en", "1", "", ""))["heard"]
    assert "[en] Good day at our shop." in heard
    assert not [line for line in heard if "(" in line]


async def test_a_file_that_begins_with_a_byte_order_mark_is_published_like_any_other(own: Own):
    _, desk, folder = own
    (folder / "sub.toml").write_text("\ufeff" + SUB, "utf-8")
    new = SUB.replace('"1"', '"5"')
    assert (await desk.publish("", {"sub.toml": new}, "li")).taken
    assert (folder / "sub.toml").read_text("utf-8") == new
