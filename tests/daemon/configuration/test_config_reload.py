"""One configuration in the place of another: whole or not at all, written down, and put back. Asterisk's part is played by
a program that writes down what it is told, or that fails; the real one is in tests/calls/test_reload.py."""

import asyncio
import errno
import json
import shutil
import stat
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from acd.config import BadConfiguration, NeedsStart, for_engine
from acd.config.versions import NoSuchVersion, NothingBefore, Texts, Version, Versions
from acd.daemon.configuration import operators_files
from acd.daemon.configuration.config_reload import AsteriskNotTold, ConfigReloader, NotWritten
from acd.daemon.configuration.operators_files import FileNotWritten
from acd.files import write_private
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import PbxSettings, Secrets
from acd.pbx.install.runtime import ensure_pbx
from acd.setup.installation import Installation
from acd.setup.pbx_settings import pbx_settings
from acd.setup.prepare import prompt_faults, write_story_files
from acd.setup.spoken_names import speak_labels
from acd.setup.start_plan import StartPlan
from ivr.menu_file import read_menus
from ivr.prompts import judge
from ivr.settings import MENU
from tests.support.audio import tone
from tests.support.prompts import whole_prompts

FIRST = """
[queues.orders]
label = { zh = "订单查询", en = "Orders" }
skills = { orders = 1 }

[queues.after-sales]
label = { zh = "售后", en = "After-sales" }

[queues.complaints]
label = { zh = "投诉", en = "Complaints" }

[queues.general]
label = { zh = "人工", en = "General" }

[agents.1001]
skills = { orders = 5, en = 5 }
"""
SECOND = FIRST.replace("orders = 5", "orders = 4")


@dataclass
class House:
    """An installation as `up` leaves it, without its processes."""

    folder: Path
    asterisk_answers: bool = True
    heard: list[PbxSettings] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.file = self.folder / "sanxiang.toml"
        self.file.write_text(FIRST, encoding="utf-8")
        self.installation = Installation.at(self.folder / "state")
        self.told = self.folder / "told"
        self.asterisk = self.folder / "asterisk"
        self.asterisk.write_text(
            f'#!/bin/sh\necho "$4" >> {self.told}\ngrep -qxF "$4" {self.folder}/refuses && {{ rm {self.folder}/refuses; exit 1; }}\n'
            f'cp "$(dirname "$2")"/*.conf {self.folder}/taken/\nexit $(cat {self.folder}/status)\n',
            encoding="utf-8",
        )
        self.taken = self.folder / "taken"
        self.taken.mkdir()
        self.asterisk.chmod(0o700)
        self.asterisk_is(up=True)
        sounds = self.installation.state / "sounds"
        tone(sounds / "music" / "hold.wav", 440, 0.1)
        whole_prompts(sounds)
        self.plan = StartPlan(
            config_file=str(self.file), database_url="postgresql://", asterisk=[str(self.asterisk)],
            moddir="/modules", datadir="/data", sounds=str(sounds), page="", bind="127.0.0.1", sip_port=5060,
            ami_port=5038, agi_port=4573, rtp_start=10000, rtp_end=10400, web_host="127.0.0.1", web_port=8080,
            recordings=str(self.installation.recordings), guests={},
        )  # fmt: skip
        self.live = ConfigReloader(self.installation, self.plan)
        self.live.when_changed = self.heard.append
        render(pbx_settings(self.installation, self.live.config, self.plan, Secrets.made_anew()))
        write_story_files(self.installation, self.live.config, self.plan)

    def asterisk_is(self, *, up: bool) -> None:
        (self.folder / "status").write_text("0" if up else "1")

    def edits(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def asterisk_heard(self) -> list[str]:
        """What was to be read anew; where telephones are registered, which is asked when agents come and go, is left out."""
        words = self.told.read_text().splitlines() if self.told.exists() else []
        self.told.unlink(missing_ok=True)
        return [word for word in words if word != "database show registrar/contact"]

    def rendered(self, name: str) -> str:
        return (self.installation.run / "asterisk" / "etc" / name).read_text(encoding="utf-8")

    def untouched(self) -> bool:
        """Version 1 is in force, for everybody."""
        skills = self.live.config.agents["1001"].skills["orders"]
        return (self.live.version.number, skills, self.heard, len(self.live.history())) == (1, 5, [], 1)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_reload_puts_the_file_into_force_and_writes_it_down_for_its_owner_only(house: House):
    house.edits(SECOND)
    planned = await house.live.reload("zhang", dry_run=True)
    assert (planned.taken, planned.differences) == (False, ["agent 1001, skills: orders 5 -> 4."])
    assert house.untouched()
    done = await house.live.reload("zhang")
    assert (done.taken, done.version.number, done.version.by) == (True, 2, "zhang")
    assert house.live.config.agents["1001"].skills["orders"] == 4
    assert len(house.heard) == 1
    kept = sorted(house.installation.versions.iterdir())
    assert [file.name for file in kept] == ["000001.json", "000001.toml", "000002.json", "000002.toml"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
    assert stat.S_IMODE(house.installation.versions.stat().st_mode) == 0o700
    assert house.asterisk_heard() == []  # nothing of it is Asterisk's
    again = await house.live.reload("zhang")
    assert (again.taken, again.version.number) == (False, 2)


@pytest.mark.parametrize(
    ("edit", "error", "said"),
    [
        ("[queues", BadConfiguration, "is not TOML"),
        (
            SECOND.replace("orders = 4", "orders = 40"),
            BadConfiguration,
            r"agents\.1001\.skills\.orders: 40 is out of range",
        ),
        (
            SECOND + "[sip]\nport = 5070\n[web]\nport = 8888\n",
            NeedsStart,
            r"sip\.port: .*\n.*web\.port: .* at a start only",
        ),
        (SECOND + '[hotline]\ntimezone = "Asia/Tokyo"\n', NeedsStart, r"hotline\.timezone"),
        (SECOND + '[hotline]\nmenu = "/none/menu.toml"\n', BadConfiguration, r"/none/menu\.toml can't be read"),
        (SECOND.replace("complaints]", "grievances]"), BadConfiguration, r"names the queue 'complaints', which is not"),
        (
            SECOND + '[trunks.a]\nhost = "a.example"\nusername = "x"\npassword_file = "/none"\n',
            BadConfiguration,
            r"trunks\.a\.password_file: /none can't be read",
        ),
    ],
)
async def test_a_file_with_a_mistake_is_refused_whole(house: House, edit: str, error: type[Exception], said: str):
    house.edits(edit)
    for dry_run in (True, False):
        with pytest.raises(error, match=f"(?s){said}"):
            await house.live.reload("zhang", dry_run=dry_run)
    assert house.untouched()
    assert house.asterisk_heard() == []


@pytest.mark.asterisk  # espeak-ng, which speaks the agent's name, comes with it
async def test_what_asterisk_can_not_be_told_is_not_in_force_and_its_files_are_as_before(house: House):
    before = house.rendered("pjsip.conf")
    house.edits(SECOND + "[agents.1002]\n")
    house.asterisk_is(up=False)
    with pytest.raises(AsteriskNotTold, match="stays in force"):
        await house.live.reload("zhang")
    assert house.untouched()
    assert house.rendered("pjsip.conf") == before
    # Who is new was asked for in vain; once to take back what it might have taken.
    assert house.asterisk_heard() == ["module reload res_pjsip.so"]
    house.edits(SECOND + 'name = "Li"\n')
    with pytest.raises(AsteriskNotTold, match="stays in force"):
        await house.live.reload("zhang")
    assert house.untouched()
    assert house.rendered("pjsip.conf") == before
    # Once to take it, and once to take back what it might have taken.
    assert house.asterisk_heard() == [MUSIC] * 2
    house.edits(SECOND + "[agents.1002]\n")
    house.asterisk_is(up=True)
    assert (await house.live.reload("zhang")).taken
    assert "[1002]" in house.rendered("pjsip.conf")


THIRD = SECOND + '[agents.1002]\n[queues.sales]\nlabel = { zh = "x", en = "Sales" }\n'
MUSIC = "module reload res_musiconhold.so"
WORDS = ["module reload app_queue.so", "module reload res_pjsip.so", MUSIC, "dialplan reload"]


def as_before(house: House, before: dict[str, str]) -> bool:
    """Asterisk's files, and what it was last told to read, are those of the configuration in force."""
    on_disk = {name: house.rendered(name) for name in before}
    return on_disk == before == {name: (house.taken / name).read_text("utf-8") for name in before}


@pytest.mark.parametrize("refused", WORDS)
async def test_asterisk_that_took_half_of_a_refused_configuration_is_told_the_one_in_force_again(
    house: House, refused: str
):
    before = {
        name: house.rendered(name) for name in ("queues.conf", "pjsip.conf", "musiconhold.conf", "extensions.conf")
    }
    house.edits(THIRD)
    (house.folder / "refuses").write_text(refused + "\n")
    with pytest.raises(AsteriskNotTold):
        await house.live.reload("zhang")
    assert house.asterisk_heard() == [*WORDS[: WORDS.index(refused) + 1], *WORDS]
    assert as_before(house, before)
    assert house.untouched()


async def test_what_can_not_be_written_is_not_in_force_and_asterisk_is_told_the_one_before_again(house: House):
    before = {
        name: house.rendered(name) for name in ("queues.conf", "pjsip.conf", "musiconhold.conf", "extensions.conf")
    }
    house.edits(THIRD)
    programs = house.installation.run / "agi"
    programs.rename(programs.with_name("away"))
    programs.write_text("in the way")
    with pytest.raises(NotWritten, match="stays in force"):
        await house.live.reload("zhang")
    assert house.asterisk_heard() == WORDS * 2
    assert as_before(house, before)
    assert house.untouched()
    programs.unlink()
    assert (await house.live.reload("zhang")).taken


async def test_a_version_that_can_not_be_written_down_is_taken_back_from_asterisk(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> Version:
        raise OSError(28, "No space left on device")

    before = {
        name: house.rendered(name) for name in ("queues.conf", "pjsip.conf", "musiconhold.conf", "extensions.conf")
    }
    stories = (house.installation.run / "stories.json").read_text("utf-8")
    house.edits(THIRD)
    with monkeypatch.context() as disk:
        disk.setattr(house.live.versions, "take", full)
        with pytest.raises(NotWritten, match="No space left"):
            await house.live.reload("zhang")
    assert house.asterisk_heard() == WORDS * 2
    assert as_before(house, before)
    assert (house.installation.run / "stories.json").read_text("utf-8") == stories
    assert house.untouched()
    assert (await house.live.reload("zhang")).taken


async def test_who_asked_and_has_gone_leaves_nothing_half_done(house: House):
    before = {
        name: house.rendered(name) for name in ("queues.conf", "pjsip.conf", "musiconhold.conf", "extensions.conf")
    }
    house.edits(THIRD)
    asked = asyncio.create_task(house.live.reload("zhang"))
    while not house.told.exists():
        await asyncio.sleep(0.001)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert house.asterisk_heard()[-len(WORDS) :] == WORDS
    assert as_before(house, before)
    assert house.untouched()


@pytest.mark.asterisk
async def test_names_are_spoken_as_they_come_into_force_and_as_before_when_they_do_not(house: House):
    espeak = ensure_pbx().tool("espeak-ng")
    sounds = house.installation.state / "sounds"
    assert speak_labels(espeak, house.live.config, sounds) == []
    before = {file: file.read_bytes() for file in sounds.glob("??/*.wav")}
    assert sounds / "zh" / "agent-1001.wav" in before
    house.edits(THIRD.replace("订单查询", "票务查询"))
    (house.folder / "refuses").write_text("dialplan reload\n")
    with pytest.raises(AsteriskNotTold):
        await house.live.reload("zhang")
    assert {file: file.read_bytes() for file in before} == before
    assert (await house.live.reload("zhang")).taken
    changed = {file.name for file in before if file.read_bytes() != before[file]}
    assert changed == {"queue-orders.wav", "agent-1001.wav"}
    for agent, name in (("1002", ""), ("1003", "王芳")):
        if name:
            await house.live.add_agent(agent, name, {"en": 3})
        assert [judge(sounds / language / f"agent-{agent}.wav")[0] for language in ("zh", "en")] == ["", ""]


async def test_asterisk_hears_of_what_concerns_it_and_of_no_more(house: House):
    house.edits(SECOND + '[queues.sales]\nlabel = { zh = "x", en = "Sales" }\n')
    await house.live.reload("zhang")
    # Its callers may be told its name.
    assert house.asterisk_heard() == ["module reload app_queue.so", MUSIC, "dialplan reload"]
    house.edits(house.file.read_text("utf-8") + "[hotline.numbers]\n95009 = 'zh'\n")
    await house.live.reload("zhang")
    assert house.asterisk_heard() == ["dialplan reload"]
    assert "READY_sales = ${READY_sales}" in house.rendered("extensions.conf")


async def test_what_is_said_of_handing_over_comes_into_force_while_the_house_runs(house: House):
    more = '[transfers]\nhold_limit_s = 90\n[transfers.extensions]\n2001 = { queue = "orders" }\n'
    house.edits(FIRST.replace("[agents.1001]", "[agents.1001]\ntier = 2") + more)
    said = (await house.live.reload("zhang")).differences
    assert said == [
        "transfers, extensions: 2001 new (queue orders).",
        "transfers: hold_limit_s 120 -> 90.",
        "agent 1001: tier 1 -> 2.",
    ]
    assert house.asterisk_heard() == ["dialplan reload"]  # agents can dial it from now on
    told = for_engine.config_changed(house.live.config, house.live.version.number, "zhang")
    assert (told.rules.extensions, told.rules.hold_limit) == ({"2001": "queue:orders"}, timedelta(seconds=90))
    assert [agent.tier for agent in told.agents] == [2]
    house.edits(house.file.read_text("utf-8").replace("hold_limit_s = 90", 'consult_recording = "off"'))
    await house.live.reload("zhang")
    assert house.asterisk_heard() == []
    assert [settings.record_consults for settings in house.heard] == [True, False]


async def test_back_is_the_version_before_and_back_again_the_one_before_that(house: House):
    third = SECOND.replace("orders = 4", "orders = 3")
    for text in (SECOND, third):
        house.edits(text)
        await house.live.reload("zhang")
    assert (await house.live.back("li")).differences == ["agent 1001, skills: orders 3 -> 4."]
    assert house.file.read_text(encoding="utf-8") == SECOND
    assert (await house.live.back("li")).version.like == 1
    assert house.file.read_text(encoding="utf-8") == FIRST
    with pytest.raises(NothingBefore):
        await house.live.back("li")
    with pytest.raises(NoSuchVersion, match="no version 77"):
        await house.live.back("li", 77)
    assert (await house.live.back("li", 3)).taken
    assert house.live.config.agents["1001"].skills["orders"] == 3
    assert [(v["number"], v["how"], v["like"]) for v in house.live.history()] == [
        (6, "back", 3), (5, "back", 1), (4, "back", 2), (3, "reload", 0), (2, "reload", 0), (1, "up", 0),
    ]  # fmt: skip


async def test_back_leaves_a_file_that_was_edited_meanwhile_and_says_so(house: House):
    house.edits(SECOND)
    await house.live.reload("zhang")
    house.edits(SECOND + "# half a thought\n")
    done = await house.live.back("li")
    assert f"{house.file} was edited meanwhile and is left as it is" in done.note
    assert house.file.read_text(encoding="utf-8").endswith("# half a thought\n")
    assert house.live.config.agents["1001"].skills["orders"] == 5


async def test_an_agent_is_added_to_what_is_in_force_not_to_what_is_being_edited(house: House):
    house.edits("[queues")  # somebody is at it
    made = await house.live.add_agent("1002", "王芳", {"en": 3})
    assert set(made) == {"agent", "password", "pin"}
    # His colleagues may dial him, and callers be told his name.
    assert house.asterisk_heard() == ["module reload res_pjsip.so", MUSIC, "dialplan reload"]
    assert list(house.live.config.agents) == ["1001", "1002"]
    assert tomllib.loads((house.folder / "agents.toml").read_text("utf-8"))["agents"]["1002"]["name"] == "王芳"
    for agent, skills, said in (
        ("1002", {}, "There is an agent 1002 already"),
        ("1", {}, "two to six digits"),
        ("1003", {"orders": 12}, "out of range"),
    ):
        with pytest.raises(ValueError, match=said):
            await house.live.add_agent(agent, "", skills)
    house.edits(FIRST)
    assert (await house.live.back("li")).taken
    assert not (house.folder / "agents.toml").exists()
    assert list(house.live.config.agents) == ["1001"]


def no_folder(house: House) -> None:
    (house.folder / "etc").rename(house.folder / "away")


def folder_where_nothing_is_made(house: House) -> None:
    """As with ProtectSystem=strict, for root as well."""
    no_folder(house)
    (house.folder / "etc").symlink_to("/proc/self/fdinfo")


def folder_in_its_place(house: House) -> None:
    (house.folder / "etc" / "agents.toml").mkdir()


def not_text(house: House) -> None:
    (house.folder / "etc" / "agents.toml").write_bytes(b"\xff")


def within_etc(tmp_path: Path) -> House:
    """A house whose configuration lies in a folder of its own, which may go wrong."""
    house = House(tmp_path)
    (tmp_path / "etc").mkdir()
    house.file = house.file.rename(tmp_path / "etc" / "sanxiang.toml")
    house.live.file = house.file
    return house


@pytest.mark.parametrize("fault", [no_folder, folder_where_nothing_is_made, folder_in_its_place, not_text])
async def test_an_agent_who_can_not_be_written_down_is_not_in_force(tmp_path: Path, fault: Callable[[House], None]):
    house = within_etc(tmp_path)
    before = house.rendered("pjsip.conf")
    fault(house)
    with pytest.raises(
        FileNotWritten, match=r"etc/agents\.toml can't be written \(.+\), so nothing was changed.*ReadWritePaths"
    ):
        await house.live.add_agent("1002", "王芳", {"en": 3})
    assert house.untouched()
    assert house.asterisk_heard() == []
    assert house.rendered("pjsip.conf") == before
    assert "1002" not in house.installation.secrets()["agents"]


async def test_an_agent_of_whom_asterisk_can_not_be_told_is_not_in_the_file_either(tmp_path: Path):
    house = within_etc(tmp_path)
    await house.live.add_agent("1002", "王芳", {"en": 3})
    beside = house.file.parent / "agents.toml"
    text = beside.read_text("utf-8")
    house.asterisk_is(up=False)
    with pytest.raises(AsteriskNotTold):
        await house.live.add_agent("1003", "", {"en": 3})
    assert beside.read_text("utf-8") == text
    beside.unlink()  # nor is there a file where there was none
    with pytest.raises(AsteriskNotTold):
        await house.live.add_agent("1003", "", {"en": 3})
    assert not beside.exists()
    assert list(house.live.config.agents) == ["1001", "1002"]


@pytest.mark.parametrize("unwritable", ["sanxiang.toml", "agents.toml"])
async def test_back_to_a_version_whose_files_can_not_be_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unwritable: str
):
    house = within_etc(tmp_path)
    await house.live.add_agent("1002", "", {"orders": 3})
    house.edits(SECOND)
    await house.live.reload("zhang")
    await house.live.add_agent("1003", "", {"orders": 3})
    etc = {file.name: file.read_text("utf-8") for file in house.file.parent.iterdir()}
    heard = len(house.heard)

    def read_only(file: Path, text: str) -> None:
        if file.name == unwritable:
            raise OSError(errno.EROFS, "Read-only file system")
        write_private(file, text)

    with monkeypatch.context() as disk:
        disk.setattr(operators_files, "write_private", read_only)
        with pytest.raises(FileNotWritten, match=rf"etc/{unwritable} can't be written \(Read-only file system\)"):
            await house.live.back("li", 2)
    assert (house.live.version.number, len(house.heard)) == (4, heard)
    assert list(house.live.config.agents) == ["1001", "1002", "1003"]
    assert {file.name: file.read_text("utf-8") for file in house.file.parent.iterdir()} == etc
    assert (await house.live.back("li", 2)).note == ""
    assert list(house.live.config.agents) == ["1001", "1002"]
    assert house.file.read_text("utf-8") == FIRST
    assert "1003" not in (house.file.parent / "agents.toml").read_text("utf-8")


@pytest.mark.parametrize("fault", [folder_in_its_place, not_text])
async def test_back_with_a_file_that_can_not_be_read_changes_nothing(tmp_path: Path, fault: Callable[[House], None]):
    house = within_etc(tmp_path)
    house.edits(SECOND)
    await house.live.reload("zhang")
    fault(house)
    with pytest.raises(FileNotWritten):
        await house.live.back("li")
    assert house.live.version.number == 2


async def test_the_menu_in_force_is_the_one_that_was_taken_whatever_stands_in_its_file(house: House):
    menu = house.folder / "menu.toml"
    text = MENU.read_text(encoding="utf-8")
    menu.write_text(text, encoding="utf-8")
    house.edits(f'[hotline]\nmenu = "{menu}"\n' + FIRST)
    await house.live.reload("zhang")
    stories = house.installation.run / "stories.json"
    assert "000002.menu.toml" in stories.read_text(encoding="utf-8")
    menu.write_text(text.replace("tries = 3", "tries = 2"), encoding="utf-8")
    assert (await house.live.reload("zhang")).differences == [
        "menu: its text is another; calls that arrive from then on hear it."
    ]
    await house.live.back("li")
    assert menu.read_text(encoding="utf-8") == text
    assert house.live.versions.texts(4).menu == text
    assert "000004.menu.toml" in stories.read_text(encoding="utf-8")


async def test_a_folder_of_menus_is_taken_refused_and_put_back_as_one(house: House):
    folder = house.folder / "menus"
    folder.mkdir()
    sub = 'play = "menu-main"\nkeys = [ { key = "1", queue = "orders" } ]\nfailure = { queue = "orders" }\n'
    head = MENU.read_text("utf-8").replace('queue = "after-sales", ', 'menu = "sub", ')
    for queue in ("complaints", "general"):
        head = head.replace(f'"{queue}"', '"orders"')
    (folder / "hotline.toml").write_text(head, "utf-8")
    (folder / "sub.toml").write_text(sub, "utf-8")
    house.edits(f'[hotline]\nmenu = "{folder}"\n' + FIRST)
    await house.live.reload("zhang")
    in_force = house.installation.versions / "000002.menu.toml"
    stories = house.installation.run / "stories.json"
    assert str(in_force) in stories.read_text("utf-8")
    assert list(read_menus(in_force).menus) == ["main", "sub"]

    (folder / "sub.toml").write_text(sub.replace('"1"', '"11"'), "utf-8")
    with pytest.raises(
        BadConfiguration, match=r"menus/sub\.toml:2: menus\.sub\.keys\[1\]: key = '11' is no key of a telephone"
    ):
        await house.live.reload("zhang")
    assert (house.live.version.number, str(in_force) in stories.read_text("utf-8")) == (2, True)

    (folder / "sub.toml").write_text(sub.replace('"1"', '"5"'), "utf-8")
    (folder / "more.toml").write_text(sub, "utf-8")
    assert (await house.live.reload("zhang")).differences == [
        "menu: its text is another; calls that arrive from then on hear it."
    ]
    await house.live.back("li")
    assert {file.name: file.read_text("utf-8") for file in folder.iterdir()} == {"hotline.toml": head, "sub.toml": sub}
    assert list(read_menus(house.installation.versions / "000004.menu.toml").menus) == ["main", "sub"]


ACME = 'name = {{ zh = "极光", en = "Acme" }}\nnumbers = {{ 95100 = "zh" }}\nmenu = "{menu}"\nhours = ["{hours}"]\n'


async def test_a_brand_with_its_file_and_menu_comes_goes_and_comes_back_whole(house: House):
    menu, file = house.folder / "acme-menu.toml", house.folder / "acme.toml"
    menu.write_text(MENU.read_text("utf-8"), "utf-8")
    first = ACME.format(menu=menu, hours="mon-fri 08:00-20:00")
    file.write_text(first, "utf-8")
    house.edits(FIRST + '[hotline.numbers]\n95001 = "zh"\n[brands.acme]\nfile = "acme.toml"\n')
    assert "brand acme: new" in "".join((await house.live.reload("zhang")).differences)
    stories = house.installation.run / "stories.json"
    heard = json.loads(stories.read_text("utf-8"))["brands"]["acme"]
    assert (heard["numbers"], Path(heard["menu"]).name) == (["95100"], "000002.acme.menu.toml")
    sounds = Path(house.plan.sounds) / "brands" / "acme"
    assert heard["sounds"] == str(sounds) and (sounds / "music" / "hold.wav").exists()
    assert f"exten => 95100,1,Set(__SOUNDS={sounds})" in house.rendered("extensions_arrival.conf")

    # A brand's file alone was edited: that is another configuration, refused whole or taken whole.
    file.write_text(first.replace("20:00", "08:00"), "utf-8")
    with pytest.raises(BadConfiguration, match=rf"{file}:4: brands.acme.hours: .* begins when it ends"):
        await house.live.reload("zhang")
    assert house.live.config.hours_of("acme") == ["mon-fri 08:00-20:00"]
    file.write_text(first.replace("20:00", "22:00"), "utf-8")
    menu.write_text(menu.read_text("utf-8").replace("tries = 3", "tries = 2"), "utf-8")
    assert (await house.live.reload("zhang")).differences == [
        "brand acme: hours mon-fri 08:00-20:00 -> mon-fri 08:00-22:00.",
        "brand acme, menu: its text is another; calls that arrive from then on hear it.",
    ]
    await house.live.back("li")
    assert file.read_text("utf-8") == first and "tries = 3" in menu.read_text("utf-8")

    # Without the brand, and then back to it: its file is there again.
    house.edits(FIRST)
    await house.live.reload("zhang")
    assert "brands" not in json.loads(stories.read_text("utf-8"))
    file.unlink()
    await house.live.back("li")
    assert file.read_text("utf-8") == first
    assert house.live.config.brands["acme"].numbers == {"95100": "zh"}


def test_a_daemon_begins_with_what_was_in_force_and_a_first_one_with_the_file(house: House):
    house.edits("[queues")
    assert ConfigReloader(house.installation, house.plan).config == house.live.config


def test_a_version_is_there_once_it_is_whole(tmp_path: Path):
    versions = Versions(tmp_path / "config")
    versions.staged(Texts("a"))
    assert versions.latest() is None
    first = versions.take(Texts("b", agents="c"), "f", "up", "up")
    assert (first.number, versions.texts(1)) == (1, Texts("b", "c"))
    assert versions.take(Texts("b", agents="c"), "f", "up", "up") == first
    assert versions.staged(Texts("d")) == 2
    assert versions.latest() == first


@pytest.mark.asterisk
async def test_prompts_that_are_gone_are_back_after_a_reload_of_the_same_file(house: House):
    """No start is needed: `doctor` says so to whoever has lost them by night."""
    ensure_pbx()
    sounds = house.installation.state / "sounds"
    shutil.rmtree(sounds / "zh")
    assert prompt_faults(sounds)
    change = await house.live.reload("a test")
    assert not change.taken
    assert prompt_faults(sounds) == []
