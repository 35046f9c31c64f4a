"""A hotline with brands is backed up and put back elsewhere: their files, menus and prompts, with the paths in them."""

import asyncio
import os
from pathlib import Path

from acd.config import load
from acd.config.versions import Texts
from acd.setup.prepare import check_prompts_and_menu
from acd.store.embedded import EmbeddedPostgres
from ivr.settings import MENU
from tests.backup.support.hotline import Hotline, new_database
from tests.support.audio import tone

MORE = '[brands.acme]\nfile = "brands/acme.toml"\n'
ACME = (
    'name = { zh = "极光", en = "Acme" }\nnumbers = { 95100 = "zh" }\nmenu = "{0}/menu.toml"\nprompts = "{0}/prompts"\n'
)


async def test_the_brands_files_are_put_back_and_their_paths_follow(server: EmbeddedPostgres, tmp_path: Path):
    url = await new_database(server, f"brands{os.getpid()}")
    hotline = Hotline(tmp_path / "machine", url, more=MORE)
    folder = hotline.etc / "brands"
    folder.mkdir(parents=True)
    tone(folder / "prompts" / "zh" / "welcome.wav", 500, 0.1)
    menu = MENU.read_text("utf-8")
    (folder / "menu.toml").write_text(menu, "utf-8")
    (folder / "acme.toml").write_text(ACME.replace("{0}", str(folder)), "utf-8")
    hotline.install()
    in_force = Texts.read(hotline.config_file)
    # Somebody is editing just now: what is in force is backed up, and not that.
    (folder / "acme.toml").write_text("half an ed", "utf-8")
    (folder / "menu.toml").unlink()
    await hotline.serve(1)
    made = await asyncio.to_thread(hotline.back_up, tmp_path / "a")
    assert made.left_out == []
    hotline.lose()
    hotline.url = await new_database(server, url.rpartition("/")[2])

    place = tmp_path / "elsewhere" / "hotline.toml"
    done = await asyncio.to_thread(hotline.restore, made.file, config_file=place)
    brand = load(place).brands["acme"]
    there = place.parent / "brands"
    assert (brand.file, brand.menu, brand.prompts) == (there / "acme.toml", there / "menu.toml", there / "prompts")
    assert (there / "menu.toml").read_text("utf-8") == menu
    assert 'file = "brands/acme.toml"' in place.read_text("utf-8")
    assert check_prompts_and_menu(load(place)) == []
    assert [each for each in done.moved if each.startswith("brands.acme.menu: ")]
    assert dict(Texts.read(place).brands)["acme"] == dict(in_force.brands)["acme"].replace(str(folder), str(there))
