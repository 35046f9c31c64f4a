"""From the operator's file to what comes into force at a start: what was checked, and nothing else."""

import json
from pathlib import Path

import pytest

from acd.config import BadConfiguration
from acd.config.versions import Texts, Versions
from acd.pbx.install.runtime import Pbx
from acd.setup.installation import Installation
from acd.setup.prepare import RecordingsNotWritable, check_prompts_and_menu, decide
from ivr.settings import MENU

FILE = """
[sip]
port = 0
[web]
port = 0
[queues.orders]
label = { zh = "订单查询", en = "Orders" }
[queues.after-sales]
label = { zh = "售后", en = "After-sales" }
[queues.complaints]
label = { zh = "投诉", en = "Complaints" }
[queues.general]
label = { zh = "人工", en = "General" }
"""


def started(installation: Installation, texts: Texts, file: Path) -> None:
    pbx = Pbx("22.10.1", "operator", ["/usr/sbin/asterisk"], Path("/modules"), Path("/data"))
    decide(installation, texts, file, "postgresql://", pbx, installation.state / "sounds", None)


def test_who_edits_the_file_while_the_house_starts_changes_nothing_of_what_comes_into_force(tmp_path: Path):
    menu = tmp_path / "menu.toml"
    menu.write_text(MENU.read_text("utf-8"), "utf-8")
    file = tmp_path / "sanxiang.toml"
    file.write_text(f'[hotline]\nmenu = "{menu}"\n{FILE}', "utf-8")
    texts = Texts.read(file)
    file.write_text("[queues", "utf-8")
    menu.write_text("[menus", "utf-8")
    (tmp_path / "agents.toml").write_text("[agents", "utf-8")
    # The menu is judged by what was read as well, not by what stands in its file by now.
    config = texts.checked(file)
    assert check_prompts_and_menu(config, menu=texts.menu) == []
    assert check_prompts_and_menu(config) != []
    installation = Installation.at(tmp_path / "state")
    started(installation, texts, file)
    versions = Versions(installation.versions)
    assert versions.texts(1) == texts
    stories = json.loads((installation.run / "stories.json").read_text("utf-8"))
    assert Path(stories["menu"]).read_text("utf-8") == texts.menu
    assert stories["queues"] == ["orders", "after-sales", "complaints", "general"]


def test_what_is_no_good_is_never_written_down(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    installation = Installation.at(tmp_path / "state")
    with pytest.raises(BadConfiguration, match=r"sip\.port"):
        started(installation, Texts(FILE.replace("port = 0", "port = 99999", 1)), file)
    assert Versions(installation.versions).latest() is None
    assert not (installation.run / "prepared.json").exists()


@pytest.mark.parametrize("folder", ["/proc/self/fdinfo", "/proc/self/fdinfo/recordings", "file", "file/recordings"])
def test_a_folder_for_recordings_that_can_not_be_written_is_said_before_anything_starts(tmp_path: Path, folder: str):
    """As with ProtectSystem=strict: not even root makes a file in the first two."""
    (tmp_path / "file").write_text("", "utf-8")
    file = tmp_path / "sanxiang.toml"
    file.write_text(f'[recordings]\nfolder = "{tmp_path / folder}"\n{FILE}', "utf-8")
    installation = Installation.at(tmp_path / "state")
    with pytest.raises(RecordingsNotWritable, match=r"recordings\.folder: \S+ can't be written \(.+ReadWritePaths"):
        started(installation, Texts.read(file), file)
    assert Versions(installation.versions).latest() is None
