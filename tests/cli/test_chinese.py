"""The command line speaks Chinese: every command's help and every sentence of ours, with nothing left out."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from acd.cli import language
from acd.store.schema_steps import steps_since
from acd.words import alarm_remedies, alarm_remedies_zh
from acd.words.commands.lookup import TABLES, Template, chinese
from tests.cli import sentences
from tests.cli.command_line import typed
from tests.daemon.configuration.test_config_reload import FIRST

ROOT = Path(__file__).parents[2]
NAMES = [
    "help",
    "screen",
    "speech",
    "supervision",
    "doctor",
    "config",
    "errors",
    "refusals",
    "keeping",
    "versions",
    "reports",
    "reviews",
    "progress",
    "whys",
    "demo",
    "customers",
    "faults",
    "lookups",
    "menus",
    "prompts",
]
KNOWN = {english for table in TABLES for english in table}
HAN = re.compile(r"[\u4e00-\u9fff]")
MISSING = 0
"""Sentences without Chinese. This number may only fall: whoever adds a sentence adds its Chinese in acd/words/commands/."""


def known(text: str) -> bool:
    return text in KNOWN or text.strip() in KNOWN


def squeezed(text: Any) -> str:
    return " ".join(str(text).split())


def all_help() -> set[str]:
    """Every text that some --help shows."""
    texts: set[str] = set()
    from acd.cli.app import app

    for command in language.every_command(sentences.root(app)):
        texts |= {squeezed(text) for text in (command.help, command.short_help, command.epilog) if text}
        texts |= {squeezed(param.help) for param in command.params if getattr(param, "help", None)}
    return texts


def test_every_commands_help_has_its_chinese():
    texts = all_help()
    assert len(texts) > 180
    assert sorted(text for text in texts if not known(text)) == []


@pytest.mark.slow
def test_every_sentence_has_its_chinese():
    found = {
        *sentences.shown(*sentences.SCREEN),
        *sentences.refused(*sentences.CONFIG),
        *sentences.raised(*sentences.ERRORS),
        *sentences.declined(*sentences.DECLINES),
        *sentences.progressed(*sentences.STEPS),
        *sentences.inserted(*sentences.WHYS),
    }
    assert len(found) > 560, "the sentences are found at all"
    without = sorted(f"{file}: {text}" for file, text in found if not known(text))
    assert len(without) <= MISSING, "\n".join(without)
    assert len(without) == MISSING, f"fewer than MISSING says: set it to {len(without)}"


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_a_chinese_sentence_fills_the_holes_of_the_english_one(table: dict[str, str]):
    for english, said in table.items():
        holes = {int(number) for number in re.findall(r"\{(\d+)(?::t)?\}", said)}
        assert holes == set(range(english.count("{}"))), (english, said)
        assert "{}" not in said, english


def test_the_words_are_chinese_and_those_of_the_glossary():
    glossary = {"坐席": "座席", "客服": "座席", "分机号码": "分机号", "呼入": "来电", "排队机": "队列"}
    for table in TABLES:
        for english, said in table.items():
            for wrong, right in glossary.items():
                assert wrong not in said, f"{english}: {right}"
            assert not re.search(r"[\u4e00-\u9fff][.!]", said), f"{english}: a Chinese sentence ends in 。"


def test_each_template_is_found_as_itself_and_not_as_another():
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    for table in TABLES:
        for english, said in table.items():
            count = english.count("{}")
            if not count or "{}{}" in english or english.startswith("{}: {}") or len(english.replace("{}", "")) < 12:
                continue
            made = english
            for word in words[:count]:
                made = made.replace("{}", word, 1)
            expected = re.sub(r"\{(\d)(?::t)?\}", lambda hole: words[int(hole[1])], said)
            expected = expected.replace("{{", "{").replace("}}", "}")  # written twice, they are themselves
            assert chinese(made) in (expected, *(_others(english, words))), english


def _others(english: str, words: list[str]) -> list[str]:
    """The same sentence in another table."""
    found = [table[english] for table in TABLES if english in table]
    return [re.sub(r"\{(\d)(?::t)?\}", lambda hole: words[int(hole[1])], said) for said in found]


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("There is no account x.", "没有账号 x。"),
        ("/etc/sanxiang.toml:12: queues.orders.ring_s: is missing. Add it.", "/etc/sanxiang.toml:12: queues.orders.ring_s: 缺失。请添加。"),
        ('queues.orders.overflow (row 2).to: "x" is no whole path. Write it from / on.', 'queues.orders.overflow (row 2).to: "x" 不是完整路径。请从 / 开始写。'),
        ("agents.1001.skills.orders: 12 is out of range. It must be at least 1 and at most 9.", "agents.1001.skills.orders: 12 超出范围。应在 1 与 9 之间。"),
        ("  queue orders: ring_s 20 -> 25.  [at a start]", "  队列 orders：ring_s 由 20 改为 25。[启动时生效]"),
        ("  agent 1005: taken away (name Eve, skills orders 5).", "  座席 1005：已去掉（name Eve, skills orders 5）。"),
        ("sip: port 5060 -> nothing.", "sip：port 由 5060 改为 无。"),
        ("Invalid value for '--interval': '7' is not one of 15, 30, 60.", "'--interval' 的值不对：'7' 不在 15, 30, 60 之列。"),
        ("process 7 was killed; calls go on, and what falls now is not started again. Still there: Asterisk（进程 8）", "进程 7 被强制终止；通话不受影响，但此后退出的进程不会重启。仍在运行：Asterisk（进程 8）"),
        ("2 callers waits, and no agent who takes its calls is logged in", "2 位客户在等待，但没有可接听该队列的座席签入"),
        ("asterisk was killed at 2026-11-29 02:10:00 (UTC), 3 times in 15 minutes, and is started again", "Asterisk 于 2026-11-29 02:10:00（UTC）被强制终止（15 分钟内 3 次），已重新启动"),
        ("line 12 is of /s/journal/0001.jsonl damaged, and passed over; all others count", "/s/journal/0001.jsonl 中第 12 行已损坏，已跳过；其余各行有效"),
        ("mail.example.com:25 can't be reached (Connection refused)", "mail.example.com 的端口 25 连不上（连接被拒绝）"),
        ("22.9.0 (fetched on 2026-11-01), older than 22.10.1, which closed 20 security advisories", "22.9.0（2026-11-01 自动获取），低于修复了 20 个安全公告的 22.10.1"),
        ("Capacity: 3 calls of 40, 37 more are taken; RTP 6 of 99 pairs of ports; CPU 12% of 2 cores busy", "容量：3 通来电，上限 40，还可接 37 通；RTP 端口已用 6/99 对；CPU（2 核）占用 12%"),
        ("Asterisk 22.10.1 (fetched 2026-11-01, 28 days ago): /c/asterisk", "Asterisk 22.10.1（2026-11-01 获取，28 天前）：/c/asterisk"),
        ("Tables: none -> 0007, made by the new daemon when it first reaches PostgreSQL, while calls go on.", "数据表：无 -> 0007，由新的守护进程首次连上 PostgreSQL 时升级，通话不受影响。"),
        ("Agent 1002 can't have this call of no brand: brand acme keeps its calls and agents to itself.", "Agent 1002 不能接这通来电（不属任何品牌）：品牌 acme 的来电与座席不与其他品牌共用。"),
        ("a sentence that nobody has translated, over all", "a sentence that nobody has translated, over all"),
        ("over a sentence that nobody has translated", "over a sentence that nobody has translated"),
        ("", ""),
        (
            "warning: /e/menu/repairs.toml:5: menus.repairs, key 1: no agent can take after-sales in zh (nobody has repair 3).",
            "警告：/e/menu/repairs.toml:5: menus.repairs, key 1: 没有座席能以 zh 接听 after-sales（无人具备 repair 3）。",
        ),
        (
            "/e/menu/main.toml:9: menus.main.keys[3]: 'que' is not known here. Known: end, key.",
            "/e/menu/main.toml:9: menus.main.keys[3]：此处没有 'que'。可用：end, key。",
        ),
        (
            "/e/main.toml:7: is not TOML: “ is a full-width mark (at line 7, column 11). Write \" in its place.",
            '/e/main.toml:7: 不是 TOML：“ 是全角符号 (at line 7, column 11)。请改写为 "。',
        ),
        ("1 customer would be added, 0 changed, 2 as before", "将新增 1 位客户，修改 0 位，2 位不变"),
        (
            "line 5, numbers: '1' is no whole telephone number. Write all its digits, with the country code, as +8613800001111.",
            "第 5 行，numbers：'1' 不是完整的电话号码。请写全所有数字并带国家代码，例如 +8613800001111。",
        ),
        (
            "/e/s.toml:22: hotline.hours: '周一 08:00-20:00' is not a span of days and hours. Write it as \"mon-fri 08:00-20:00\", or \"hol 10:00-16:00\" for holidays.",
            "/e/s.toml:22: hotline.hours: '周一 08:00-20:00' 不是星期和时间范围。请写作 \"mon-fri 08:00-20:00\"，法定节假日写作 \"hol 10:00-16:00\"。",
        ),
        (
            "Callers are told that the hotline is closed until 2026-11-30 14:00 (Asia/Shanghai).",
            "客户将听到：整条热线暂停服务，直至 2026-11-30 14:00（Asia/Shanghai）。",
        ),
    ],
)  # fmt: skip
def test_a_finished_sentence_is_found_with_what_stands_in_it(english: str, said: str):
    assert chinese(english) == said


def test_every_remedy_for_an_alarm_has_its_chinese():
    assert set(alarm_remedies_zh.REMEDIES) == set(alarm_remedies.REMEDIES)
    for code, english in alarm_remedies.REMEDIES.items():
        said = alarm_remedies.remedy(code, "zh")
        assert alarm_remedies.remedy(code) == english
        assert HAN.search(said) or said == english == "./sanxiang doctor --call"
        # What is to be typed or looked at is the same; words in capitals and examples stand for the operator's own.
        typed_words = set(re.findall(r"`(\./sanxiang [a-z -]+[a-z])", english))
        assert typed_words <= set(re.findall(r"`(\./sanxiang [a-z -]+[a-z])", said)), code
    assert HAN.search(alarm_remedies.remedy("of-a-kind-to-come", "zh"))


def test_every_step_of_the_tables_that_upgrade_names_has_its_chinese():
    steps = steps_since("")
    assert len(steps) >= 7
    assert [said for _, said in steps if not known(said)] == []


@pytest.mark.parametrize("nasty", ["{0}", "{}", "{0:t}", "%s", "\\1", "(.*)", "{"])
def test_whatever_is_typed_stands_in_the_sentence_as_it_was_typed(nasty: str):
    assert chinese(f"There is no account {nasty}.") == f"没有账号 {nasty}。"


def test_a_long_text_takes_no_time():
    text = "a. " * 3000 + "There is no call x"
    assert chinese(text) == text


# -- which language it is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "SANXIANG_LANGUAGE": "en"}, "en"),
        ({"LANG": "de_DE.UTF-8", "SANXIANG_LANGUAGE": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "SANXIANG_LANGUAGE": ""}, "zh"),
        ({"SANXIANG_LANGUAGE": "klingon"}, "en"),
    ],
)
def test_the_environment_chooses(environ: dict[str, str], spoken: str):
    assert language.of_surroundings(environ) == spoken


@pytest.mark.parametrize(
    ("words", "rest", "asked"),
    [
        (["status", "--language", "zh"], ["status"], "zh"),
        (["--language=zh", "call", "show", "c1"], ["call", "show", "c1"], "zh"),
        (["status"], ["status"], None),
        (["status", "--language"], ["status"], ""),
        (["x", "--", "--language", "zh"], ["x", "--", "--language", "zh"], None),
    ],
)
def test_the_option_stands_anywhere(words: list[str], rest: list[str], asked: str | None):
    assert language.taken_out(words) == (rest, asked)


@pytest.mark.parametrize(
    "words", [["--language", "fr", "status"], ["status", "--language=fr"], ["status", "--language"]]
)
def test_a_language_that_there_is_not_is_refused(words: list[str]):
    said = typed(*words)
    assert said.status == 2 and "--language" in said.screen


# -- as it is seen -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "status", "agent add", "call transfer", "backup make", "account token"])
def test_a_commands_help_is_chinese_from_its_usage_to_its_last_option(words: str):
    """A sample: that every text of every command has its Chinese is tried above."""
    said = typed(*words.split(), "--help", "--language", "zh")
    assert said.status == 0, said
    assert "用法：" in said.screen and "选项" in said.screen
    for english in ("Usage", "Options", "Arguments", "Show this message", "[required]", "[default"):
        assert english not in said.screen, said.screen
    sentences_left = re.findall(r"[A-Z][a-z]+ [a-z]+ [a-z]+", said.screen)
    assert sentences_left == [], said.screen


@pytest.mark.parametrize("spoken", ["en", "zh"])
@pytest.mark.parametrize(
    ("words", "table"), [("report", "[reports]"), ("call priority", "[routing]"), ("alarms", "[alarms]")]
)
def test_a_table_of_the_configuration_that_a_help_names_is_shown(words: str, table: str, spoken: str):
    assert table in typed(*words.split(), "--help", "--language", spoken).screen


def test_the_next_command_is_english_again():
    assert "用法：" in typed("--help", "--language", "zh").screen
    said = typed("--help").screen
    assert "Usage:" in said and "Options" in said and not HAN.search(said)


@pytest.mark.slow
def test_errors_and_wrong_usage_are_chinese(tmp_path: Path):
    for words, part in (
        (["call", "show"], "缺少参数"),
        (["call", "shwo", "c1"], "没有命令"),
        (["status", "--wach"], "没有选项"),
        (["kpi", "--interval", "7"], "的值不对"),
        (["agent", "add", "1001", "--skill", "orders:12"], "超出范围"),
    ):
        said = typed(*words, "--language", "zh")
        assert said.status == 2 and part in "".join(said.screen.replace("│", "").split()), (words, said.screen)
    run = seen("status", "--state", str(tmp_path / "none"), LANG="zh_CN.UTF-8")
    assert run.returncode == 1 and "从未启动过热线" in run.stderr, run


def seen(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The program as it is started."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "SANXIANG_LANGUAGE"))
    }
    return subprocess.run(
        [sys.executable, "-m", "acd.cli", *words],
        cwd=ROOT,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_config_check_says_each_mistake_in_chinese_with_its_line(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(FIRST + '\n[sip]\nport = "x"\nprot = 5\n', "utf-8")
    from acd.config import BadConfiguration, load

    with pytest.raises(BadConfiguration) as bad:
        load(file)
    lines = chinese(str(bad.value)).splitlines()
    assert len(lines) == 3 and all(HAN.search(line) for line in lines), lines
    assert all(line.startswith(f"{file}:") for line in lines[:-1])


def test_json_is_english_in_every_language(tmp_path: Path):
    none, state = str(tmp_path / "none.toml"), str(tmp_path / "none")
    for words in (
        ["config", "check", "--config", none, "--json"],
        ["doctor", "--config", none, "--state", state, "--json"],
        ["version", "--json"],
    ):
        said = typed(*words, "--language", "zh")
        json.loads(said.screen)
        assert not HAN.search(said.screen), said.screen


def test_columns_stand_below_each_other_though_a_chinese_character_takes_two(capsys: pytest.CaptureFixture[str]):
    from acd.cli.common import padded, show_table

    language.choose("zh")
    try:
        show_table(
            [{"name": "订单", "open": "closed"}, {"name": "after-sales", "open": "open"}],
            {"name": "QUEUE", "open": "OPEN"},
        )
    finally:
        language.choose("en")
    heading, first, second = capsys.readouterr().out.splitlines()
    columns = {
        cell_len(line[: line.index(word)]) for line, word in ((heading, "接入"), (first, "暂停接入"), (second, "开放"))
    }
    assert len(columns) == 1, (heading, first, second)
    assert cell_len(padded("中继", 10)) == cell_len(padded("pbx", 10)) == 10


@pytest.mark.slow
def test_english_does_not_read_the_chinese_tables():
    run = subprocess.run(
        [sys.executable, "-c", "import sys; from acd.cli.app import main; sys.argv[1:] = ['version']\ntry: main()\nexcept SystemExit: pass\n"
         "print([each for each in sys.modules if each.startswith('acd.words.commands')])"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.splitlines()[-1] == "[]"


def test_a_template_with_little_of_its_own_is_no_frame_for_a_whole_sentence():
    short = Template("over {}", "经由 {0}")
    assert short.filled("over carrier", 3) == "经由 carrier"
    assert short.filled("over the hills and far away", 3) is None
