"""The operator's menu files beside the copies of them that a version of the configuration keeps."""

import re
from pathlib import Path

from acd.config import Config
from ivr.menus.source import parts_of


def as_the_operator_has_it(mistake: str, config: Config, with_its_menu: Config) -> str:
    """The mistake with the operator's own menu file, or file of the folder, in the place of the version's copy, which is what was read."""
    for name in ("", *config.brands):
        own = config.brands[name].menu if name else config.hotline.menu
        copy = with_its_menu.brands[name].menu if name else with_its_menu.hotline.menu
        if own is not None and copy is not None and own != copy:
            within = str(own).replace("\\", r"\\") + r"/\1"
            mistake = re.sub(rf"{re.escape(str(copy))} \(([^()]+)\)", within, mistake)
            mistake = mistake.replace(str(copy), str(own))
    return mistake


def menu_files(path: Path, old: str, new: str) -> list[tuple[Path, str, str]]:
    """The operator's menu file, or the files of the folder: path, text in force, text of the version; empty: there is none."""
    was, now = parts_of(old), parts_of(new)
    if was is None or now is None:
        return [(path, old, new)] if was is None and now is None and not path.is_dir() else []
    return [(path / name, was.get(name, ""), now.get(name, "")) for name in sorted({*was, *now})]
