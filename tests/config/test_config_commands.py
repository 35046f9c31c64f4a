"""`sanxiang config check|diff|history` by themselves: they read files and need no house that runs."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from acd.cli.app import built
from acd.config.versions import Texts, Versions
from acd.errors import SanxiangError
from acd.setup.installation import Installation
from tests.daemon.configuration.test_config_reload import FIRST, SECOND

THIN = (
    FIRST
    + '[agents.1002]\nskills = { en = 1 }\n[queues.both]\nlabel = { zh = "x", en = "x" }\nskills = { orders = 1, fr = 1 }\n[agents.1003]\nskills = { fr = 1 }\n'
)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(built("config"), ["config", *map(str, words)])


def written(folder: Path, text: str) -> Path:
    file = folder / "sanxiang.toml"
    file.write_text(text, encoding="utf-8")
    return file


def stood(folder: Path, text: str) -> tuple[Path, Path]:
    """The state folder and the file of a house where this text was in force."""
    file = written(folder, text)
    state = Installation.at(folder / "state")
    Versions(state.versions).take(Texts.read(file), file, "up", "up")
    return state.state, file


def test_check_says_what_is_well_and_warns_of_what_is_thin(tmp_path: Path):
    said = run("check", "--config", written(tmp_path, FIRST))
    assert said.exit_code == 0
    assert said.output.endswith("well. 4 queues, 1 agent, 0 trunks.\n")
    said = run("check", "--config", written(tmp_path, THIN))
    assert said.exit_code == 0
    assert "warning: queues.both: is without agents: each of its skills is there" in said.output
    told = json.loads(run("check", "--json", "--config", written(tmp_path, THIN)).output)
    assert (told["ok"], len(told["warnings"])) == (True, 1)


def test_check_in_json_holds_every_mistake(tmp_path: Path):
    said = run(
        "check", "--json", "--config", written(tmp_path, FIRST.replace("orders = 5", "orders = 50") + "[nonsense]\n")
    )
    assert said.exit_code == 1
    told = json.loads(said.output)
    assert (told["ok"], len(told["mistakes"])) == (False, 2)


def test_diff_marks_what_only_a_start_takes(tmp_path: Path):
    state, file = stood(tmp_path, FIRST)
    assert "no difference" in run("diff", "--state", state).output
    file.write_text(SECOND + "[sip]\nport = 5070\n", encoding="utf-8")
    said = run("diff", "--state", state).output
    assert "  agent 1001, skills: orders 5 -> 4.\n" in said
    assert "  sip: port 5060 -> 5070.  [at a start]\n" in said
    assert "`reload` will refuse the whole" in said
    rows = json.loads(run("diff", "--json", "--state", state).output)["differences"]
    assert [(row["place"], row["at_a_start"]) for row in rows] == [
        ("sip.port", True),
        ("agents.1001.skills.orders", False),
    ]
    assert file.read_text(encoding="utf-8").endswith("port = 5070\n")


def test_diff_tells_what_changes_in_handing_over(tmp_path: Path):
    rows = (
        '[transfers]\nescalation = [{ reason = "refund", over = 500, tier = 2, why = "the first line stops there" }]\n'
    )
    state, file = stood(tmp_path, FIRST + rows)
    rows = rows.replace("500", "300").replace("escalation", "hold_reminder_s = 30\nescalation")
    reasons = '[transfers.reasons]\n1 = { zh = "技术支持", en = "technical support" }\n2 = { zh = "退款", en = "refund", queue = "after-sales" }\n'
    more = '[transfers.extensions]\n2001 = { queue = "orders" }\n[agents.1002]\ntier = 2\n'
    text = FIRST.replace("[agents.1001]", "[agents.1001]\ntier = 3") + rows + reasons + more
    file.write_text(text, encoding="utf-8")
    said = run("diff", "--state", state).output
    for line in (
        "transfers: hold_reminder_s 45 -> 30.",
        "transfers, escalation: row 1 taken away (refund over 500: tier 2; the first line stops there).",
        "transfers, escalation: row 1 new (refund over 300: tier 2; the first line stops there).",
        "transfers, reasons: 2 zh 退款, en refund -> zh 退款, en refund, queue after-sales.",
        "transfers, reasons: 9 taken away (was zh 其他事项, en other matter).",
        "transfers, extensions: 2001 new (queue orders).",
        "agent 1001: tier 1 -> 3.",
        "agent 1002: new (tier 2).",
    ):
        assert f"  {line}\n" in said, said
    assert "at a start" not in said


def test_history_shows_the_latest_first(tmp_path: Path):
    state, file = stood(tmp_path, FIRST)
    file.write_text(SECOND, encoding="utf-8")
    versions = Versions(Installation.at(state).versions)
    versions.take(Texts.read(file), file, "zhang", "reload")
    versions.take(Texts(FIRST), file, "li", "back", like=1)
    rows = json.loads(run("history", "--json", "--state", state).output)
    assert [(row["version"], row["by"], row["how"], row["in_force"]) for row in rows] == [
        (3, "li", "back to 1", True),
        (2, "zhang", "reload", False),
        (1, "up", "up", False),
    ]
    assert Path(rows[1]["file"]).read_text(encoding="utf-8") == SECOND
    assert "back to 1" in run("history", "--state", state).output


def test_a_house_that_never_stood_and_one_that_does_not_run_are_said_so(tmp_path: Path):
    for words in (("diff",), ("history",), ("reload",), ("back",), ("show",)):
        failed = run(*words, "--state", tmp_path / "new").exception
        assert isinstance(failed, SanxiangError)
        assert "no hotline was ever started in this folder" in str(failed)
    Installation.at(tmp_path / "new")
    for words in (("diff",), ("history",), ("show",)):
        failed = run(*words, "--state", tmp_path / "new").exception
        assert isinstance(failed, SanxiangError)
        assert "No configuration was ever in force" in str(failed)
    for words in (("reload",), ("back",)):
        failed = run(*words, "--state", tmp_path / "new").exception
        assert isinstance(failed, SanxiangError)
        assert "No hotline runs for" in str(failed)
