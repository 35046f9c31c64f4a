"""[brands]: in the operator's file or in files of their own; what is wrong with them, where it stands, and what is kept of them."""

import json
from pathlib import Path

import pytest

from acd.config import BadConfiguration, Config, check, load, warnings
from acd.config.diff import differences
from acd.config.for_engine import agents, queues, rules
from acd.config.versions import Texts, Versions
from acd.engine.model import Brand
from acd.setup.prepare import check_prompts_and_menu
from tests.cli.command_line import typed
from tests.support.menu_texts import small_menu

MAIN = """
[hotline]
hours = ["mon-fri 08:00-20:00"]
[trunks.carrier]
addresses = ["192.0.2.10"]
caller_number = "4006009500"
[queues.general]
label = { zh = "人工", en = "General" }
[queues.acme-sales]
label = { zh = "极光", en = "Acme" }
target = { within_share = 0.99 }
[agents.1001]
[agents.1002]
[brands.acme]
file = "brands/acme.toml"
[brands.bolt]
name = { zh = "飞驰", en = "Bolt" }
numbers = { 95200 = "en" }
"""
ACME = """
name = { zh = "极光", en = "Acme" }
hours = ["sat-sun 10:00-16:00"]
queues = ["acme-sales"]
agents = ["1001"]
own = true
greeting = { zh = "您好,极光客服。", en = "Acme, good day." }
caller_number = { carrier = "4006009511" }

[numbers]
95100 = "ask"
95101 = "zh"

[target]
answer_within_s = 5
"""


def written(folder: Path, main: str = MAIN, acme: str = ACME) -> Path:
    (folder / "brands").mkdir(exist_ok=True)
    (folder / "brands" / "acme.toml").write_text(acme, "utf-8")
    file = folder / "sanxiang.toml"
    file.write_text(main, "utf-8")
    return file


def refused(folder: Path, main: str = MAIN, acme: str = ACME) -> list[str]:
    """Each mistake with file and line, as it is shown."""
    with pytest.raises(BadConfiguration) as bad:
        load(written(folder, main, acme), check_prompts_and_menu)
    return str(bad.value).splitlines()[:-1]


def test_a_brand_in_a_file_of_its_own_is_as_one_in_the_operators_file(tmp_path: Path):
    config = load(written(tmp_path))
    acme = config.brands["acme"]
    assert acme.file == tmp_path / "brands" / "acme.toml"
    inline = ACME.replace("[numbers]\n", "[brands.acme.numbers]\n").replace("[target]\n", "[brands.acme.target]\n")
    same = load(
        written(
            tmp_path,
            MAIN.replace('file = "brands/acme.toml"', inline.partition("[brands")[0])
            + "[brands"
            + inline.partition("[brands")[2],
        )
    )
    assert same.brands["acme"] == acme.model_copy(update={"file": None})


def test_what_a_brand_does_not_say_is_the_hotlines(tmp_path: Path):
    config = load(written(tmp_path))
    assert config.numbers == {"95100": "ask", "95101": "zh", "95200": "en"}, (
        "the numbers by default are for one hotline"
    )
    assert config.hours_of("acme") == ["sat-sun 10:00-16:00"]
    assert config.hours_of("bolt") == config.hours_of("") == ["mon-fri 08:00-20:00"]
    assert (config.target_of("acme-sales").answer_within_s, config.target_of("acme-sales").within_share) == (5, 0.99)
    assert (config.target_of_brand("acme").answer_within_s, config.target_of_brand("acme").within_share) == (5, 0.90)
    assert config.target_of("general") == config.target
    assert config.brands["acme"].welcomes("en") == "Welcome to Acme."
    assert config.brands["bolt"].welcomes("zh") == "您好，欢迎致电飞驰。"


def test_the_engine_is_told_whose_what_is(tmp_path: Path):
    config = load(written(tmp_path))
    told = rules(config).brands
    assert [(brand.name, brand.numbers, brand.own) for brand in told] == [
        ("acme", ("95100", "95101"), True),
        ("bolt", ("95200",), False),
    ]
    assert told[0].callback_hours == ((5, 6, 600, 960),)
    assert told[1] == Brand("bolt", ("95200",))
    assert [(queue.name, queue.brand) for queue in queues(config)] == [("general", ""), ("acme-sales", "acme")]
    assert [(agent.agent, agent.kept_by) for agent in agents(config)] == [("1001", ("acme",)), ("1002", ())]


def test_without_brands_nothing_is_told_of_them():
    config = check({"queues": {"general": {"label": {"zh": "x", "en": "x"}}}})
    assert rules(config).brands == ()
    assert config.numbers == config.hotline.numbers == {"95000": "ask", "95001": "zh", "95002": "en"}


@pytest.mark.parametrize(
    ("acme", "line", "said"),
    [
        (ACME.replace("hours", "hourz"), "3", "brands.acme.hourz: unknown key (did you mean"),
        (ACME.replace("10:00-16:00", "16:00-16:00"), "3", "brands.acme.hours: 'sat-sun 16:00-16:00' begins when"),
        (ACME.replace("acme-sales", "acme-sale"), "4", "brands.acme.queues: there is no queue 'acme-sale'"),
        (ACME.replace('"1001"', '"1009"'), "5", "brands.acme.agents: there is no agent 1009"),
        (ACME.replace("carrier =", "carier ="), "8", "brands.acme.caller_number.carier: there is no trunk 'carier'"),
        (ACME.replace('95101 = "zh"', '95101 = "fr"'), "12", "brands.acme.numbers.95101: 'fr' is not one of"),
        (ACME.replace("[target]", "[target"), "", "brands.acme: is not TOML"),
        (ACME.replace("answer_within_s = 5", "answer_within_s = 0"), "15", "brands.acme.target.answer_within_s: 0"),
        (ACME.replace('agents = ["1001"]', 'agents = ["1001", "1001"]'), "5", "brands.acme.agents: 1001 stands twice"),
        (ACME.replace("own = true", 'own = "maybe"'), "6", "brands.acme.own"),
        (ACME.replace("您好,极光客服。", "您好\\n再见"), "7", "brands.acme.greeting.zh"),
        (ACME + 'file = "x.toml"\n', "", "brands.acme.target.file: unknown key"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_brands_file_is_told_with_that_file_and_line(tmp_path: Path, acme: str, line: str, said: str):
    found = [each for each in refused(tmp_path, acme=acme) if said in each]
    assert len(found) == 1, refused(tmp_path, acme=acme)
    file = tmp_path / "brands" / "acme.toml"
    assert found[0].startswith(f"{file}:{line}: " if line else str(file))


@pytest.mark.parametrize(
    ("main", "said"),
    [
        (MAIN.replace("brands/acme.toml", "/etc/acme.toml"), "brands.acme.file: '/etc/acme.toml' leaves the folder"),
        (MAIN.replace("brands/acme.toml", "../acme.toml"), "brands.acme.file: '../acme.toml' leaves the folder"),
        (MAIN.replace('"brands/acme.toml"', "5"), "brands.acme.file: 5 is no path"),
        (MAIN.replace('"brands/acme.toml"', '""'), "brands.acme.file: '' is no path"),
        (MAIN.replace("acme.toml", "acne.toml"), "acne.toml can't be read: No such file"),
        (MAIN.replace('acme.toml"', 'acme.toml"\nown = true'), "brands.acme: own stands beside `file`"),
        (MAIN.replace("95200", "95100"), "brands.bolt.numbers.95100: is also brands.acme.numbers.95100"),
        (MAIN.replace("95200 =", '"+8695101" ='), "brands.bolt.numbers.+8695101: is also brands.acme.numbers"),
        (MAIN + '[hotline.numbers]\n95101 = "zh"\n', "brands.acme.numbers.95101: is also hotline.numbers.95101"),
        (MAIN + 'queues = ["acme-sales"]\n', "brands.bolt.queues: 'acme-sales' belongs to brand acme already"),
        (MAIN + 'agents = ["1001"]\n', "1001 can't be kept by this brand (own = true) and stand among the agents of bolt"),
        (MAIN + "own = true\n", "brands.bolt.own: its calls go to its own agents alone, and it has none"),
        (MAIN + "own = true\n", "brands.bolt.own: its calls wait in its own queues alone, and it has none"),
        (MAIN + 'numbers = "x"\n', "is not TOML"),
        (MAIN.replace("[brands.bolt]", "[brands.Bolt]"), "lower-case letters, digits and dashes"),
        (MAIN.replace('numbers = { 95200 = "en" }', "numbers = {}"), "brands.bolt.numbers: is empty"),
        (MAIN.replace('"4006009500"\n', '"4006009500"\nnumber_in = "pai"\n'), "shows its number in another header"),
        (MAIN.replace('[queues.acme-sales]\n', '[queues.acme-sales]\noverflow = [{ after_s = 9, do = "add-queue", queue = "general", why = "x" }]\n'),
         "queues.acme-sales.overflow (row 1): leads to general, and brand acme keeps"),
        (MAIN.replace('[queues.general]\n', '[queues.general]\noverflow = [{ after_s = 9, do = "move", queue = "acme-sales", why = "x" }]\n'),
         "queues.general.overflow (row 1): leads to acme-sales, and brand acme keeps"),
        (MAIN.replace("[queues.acme-sales]\n", "[queues.acme-sales]\nskills = { sales = 1 }\n").replace("[agents.1002]\n", "[agents.1002]\nskills = { sales = 3 }\n"),
         "brands.acme.agents: none of them can take calls of acme-sales"),
    ],
)  # fmt: skip
def test_what_two_brands_can_not_have_and_what_leads_nowhere(tmp_path: Path, main: str, said: str):
    assert [each for each in refused(tmp_path, main) if said in each], refused(tmp_path, main)


def menus(folder: Path, acme: str, bolt: str) -> list[str]:
    """What is wrong where the two brands' menus lead to these queues."""
    for name, queue in (("acme", acme), ("bolt", bolt)):
        (folder / f"{name}-menu.toml").write_text(small_menu("1", queue, f'{{ queue = "{queue}" }}'))
    main = MAIN + f'menu = "{folder}/bolt-menu.toml"\n'
    file = written(folder, main, f'menu = "{folder}/acme-menu.toml"\n' + ACME)
    return check_prompts_and_menu(load(file))


def test_a_menu_leads_to_queues_in_which_its_callers_may_stand(tmp_path: Path):
    assert menus(tmp_path, "acme-sales", "general") == []
    (kept,) = menus(tmp_path, "general", "general")
    assert "leads callers of brand acme to general, which is not brand acme's" in kept
    (strange,) = menus(tmp_path, "acme-sales", "acme-sales")
    assert "leads callers of brand bolt to acme-sales, which belongs to brand acme" in strange
    nowhere = menus(tmp_path, "acme-sales", "nowhere")
    assert all(each.startswith("brands.bolt.menu: ") and "which is not configured" in each for each in nowhere)
    assert len(nowhere) == 2, "the key and the failure"


def test_a_queue_whose_agents_are_all_kept_by_a_brand_is_warned_of(tmp_path: Path):
    main = MAIN.replace("[queues.general]\n", "[queues.general]\nskills = { sales = 1 }\n")
    config = load(written(tmp_path, main.replace("[agents.1001]\n", "[agents.1001]\nskills = { sales = 3 }\n")))
    assert any(
        "queues.general: is without agents: each who could take its calls (1001)" in said for said in warnings(config)
    )


def test_all_files_are_one_version_and_come_back_together(tmp_path: Path):
    menus(tmp_path, "acme-sales", "general")
    file = tmp_path / "sanxiang.toml"
    versions = Versions(tmp_path / "versions")
    texts = Texts.read(file)
    first = versions.take(texts, file, "up", "up")
    assert versions.texts(first.number) == texts
    assert dict(texts.brands)["acme"].endswith(ACME) and set(dict(texts.brand_menus)) == {"acme", "bolt"}
    (tmp_path / "brands" / "acme.toml").write_text(ACME.replace("16:00", "18:00"))
    second = versions.take(Texts.read(file), file, "li", "reload")
    assert second.number == first.number + 1, "a brand's file that says something else is another configuration"
    was, will_be = (versions.texts(each.number).checked(file) for each in (first, second))
    assert [each.place for each in differences(was, will_be)] == ["brands.acme.menu", "brands.acme.hours"]
    kept = versions.with_menu(was, first.number)
    (tmp_path / "bolt-menu.toml").unlink()
    assert kept.brands["bolt"].menu is not None and "general" in kept.brands["bolt"].menu.read_text()


def test_what_was_staged_and_refused_leaves_no_brand_behind(tmp_path: Path):
    versions = Versions(tmp_path)
    versions.staged(Texts("a", brands=(("acme", "x"), ("bolt", "y"))))
    taken = versions.take(Texts("a", brands=(("bolt", "y"),)), "f", "up", "up")
    assert versions.texts(taken.number).brands == (("bolt", "y"),)


def test_texts_without_brands_have_the_sum_that_they_had():
    assert Texts("a", "b", "c").sum == Texts("a", "b", "c", (), ()).sum
    known = {
        Texts("a", "b", "c").sum,
        Texts("a", "b", "c", (("x", "y"),)).sum,
        Texts("a", "b", "c", (), (("x", "y"),)).sum,
    }
    assert len(known) == 3


def test_show_says_the_file_and_line_of_each_value_of_a_brand(tmp_path: Path):
    file = written(tmp_path)
    said = typed("config", "show", "--config", str(file), "--brand", "acme", "--json")
    assert said.status == 0, said
    found = {row["place"]: (row["value"], row["from"]) for row in json.loads(said.screen)}
    acme = tmp_path / "brands" / "acme.toml"
    assert found["brands.acme.own"] == (True, f"{acme}:6")
    assert found["brands.acme.target.answer_within_s"] == (5.0, f"{acme}:15")
    assert found["brands.acme.menu"] == (None, "default")
    assert found["brands.acme.file"] == (str(acme), f"{file}:15")
    assert found["queues.acme-sales.target.within_share"][1] == f"{file}:11"
    assert {place.split(".")[1] for place in found} == {"acme", "acme-sales", "1001"}
    strange = typed("config", "show", "--config", str(file), "--brand", "acne")
    assert strange.status != 0 and "no brand acne. There are: acme, bolt." in strange.screen


def test_a_whole_configuration_is_checked_with_its_brands(tmp_path: Path):
    said = typed(
        "config", "check", "--config", str(menus(tmp_path, "acme-sales", "general") or tmp_path / "sanxiang.toml")
    )
    assert "2 brands." in said.screen, said
    assert isinstance(load(tmp_path / "sanxiang.toml"), Config)
