"""docs/monitoring: the rules and the dashboard ask for what there is, and each alert fires on its fault and not beside it."""

import inspect
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from acd.alarms.kinds import KINDS, code
from acd.daemon.background_work import BackgroundWork
from acd.daemon.figures import pbx_figures
from acd.daemon.live_capacity import LiveCapacity
from acd.daemon.notices.sending import Notices
from acd.engine.service_level import Counts
from acd.errors import SanxiangError
from acd.pbx.events.arrivals import SHORT_OF, WHY
from tests.monitoring.alerts import ALERTS, REFUSED, Fires, as_promtool_test
from tests.monitoring.expressions import FOLDER, RULES, SCRAPE, asked, of_dashboard, of_rules, rules
from tests.support.promtool import ensure_promtool

SEVERITIES = {"warning", "critical"}


def documented() -> set[str]:
    page = (FOLDER.parent / "definitions.md").read_text("utf-8")
    return set(re.findall(r"^\| `(sanxiang_\w+)`", page, re.M))


@pytest.mark.parametrize("expression", [*of_rules(), *of_dashboard()])
def test_what_is_asked_for_is_a_documented_figure(expression: str):
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for metric, _, equal in asked(expression):
        assert metric in documented() | recorded | {"up"}, metric
        for label, value in equal:
            if label == "what" and metric == "sanxiang_today":
                assert value in Counts().figures(), f"{value} is no figure of a day"


def test_the_alarms_that_are_named_are_kinds_of_alarms():
    kinds = {code(name) for name in KINDS}
    named = set(re.findall(r'kind="([a-z-]+)"', RULES.read_text("utf-8")))
    assert named <= kinds
    assert {fires.labels["kind"] for fires in ALERTS.values() if "kind" in fires.labels} <= kinds


def test_each_alert_says_in_both_languages_what_is_wrong_and_what_to_type():
    for rule in rules():
        if "alert" in rule:
            assert rule["labels"]["severity"] in SEVERITIES
            assert set(rule["annotations"]) == {"summary", "summary_zh", "remedy"}, rule["alert"]
            assert re.search("[\u4e00-\u9fff]", rule["annotations"]["summary_zh"]), rule["alert"]


def test_no_remedy_of_an_alert_ends_calls():
    for rule in rules():
        remedy = rule.get("annotations", {}).get("remedy", "")
        assert not re.search(r"sanxiang (down|up)\b|restart|kill", remedy), remedy


def test_every_alert_has_its_series():
    assert {rule["alert"] for rule in rules() if "alert" in rule} == set(ALERTS)


def test_figures_that_are_counted_are_there_to_be_asked_for():
    source = "".join(
        inspect.getsource(each) for each in (BackgroundWork.figures, pbx_figures, Notices.figures, LiveCapacity.figures)
    )
    counted = {f"sanxiang_{name}" for name in re.findall(r'^ +"(\w+)": \("', source, re.M)}
    counted |= {f"sanxiang_calls_refused_{why}" for why in (*WHY, *SHORT_OF)}
    assert counted <= documented()


def test_the_scrape_example_is_of_the_usual_port_and_takes_the_rules():
    example = yaml.safe_load(SCRAPE.read_text("utf-8"))
    [job] = example["scrape_configs"]
    assert job["job_name"] == "sanxiang" and example["rule_files"] == [RULES.name]
    assert 'job="sanxiang"' in RULES.read_text("utf-8")
    assert job["static_configs"][0]["targets"] == ["127.0.0.1:8080"]
    assert "credentials_file" in job["authorization"], "no token stands in the file"


@pytest.fixture(scope="module")
def promtool() -> list[str]:
    try:
        return ensure_promtool()
    except SanxiangError as why:
        pytest.skip(f"promtool can't be had here: {why}")


@pytest.mark.slow
def test_prometheus_takes_rules_and_scrape_example(promtool: list[str]):
    for words in (("check", "rules", str(RULES)), ("check", "config", "--syntax-only", str(SCRAPE))):
        done = subprocess.run([*promtool, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([*promtool, "check", "rules", str(RULES)], capture_output=True, text=True, check=False)
    assert f"{len(rules())} rules found" in done.stdout


@pytest.mark.slow
def test_each_alert_fires_on_its_fault_and_not_beside_it(promtool: list[str], tmp_path: Path):
    file = tmp_path / "alerts.yml"
    file.write_text(json.dumps(as_promtool_test(str(RULES))), "utf-8")
    done = subprocess.run([*promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_an_alert_that_does_not_fire_is_noticed(promtool: list[str], tmp_path: Path):
    whole = as_promtool_test(str(tmp_path / "rules.yml"), ["SanxiangAsteriskAway"])
    (tmp_path / "rules.yml").write_text(
        RULES.read_text("utf-8").replace("sanxiang_pbx_up == 0", "sanxiang_pbx_up == 7")
    )
    (tmp_path / "alerts.yml").write_text(json.dumps(whole), "utf-8")
    done = subprocess.run(
        [*promtool, "test", "rules", str(tmp_path / "alerts.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0 and "SanxiangAsteriskAway" in done.stdout + done.stderr


@pytest.mark.slow
def test_an_alert_on_several_figures_fires_though_only_one_of_them_is_there(promtool: list[str], tmp_path: Path):
    """A sum with a figure that has no sample is nothing at all, and nothing is no alert."""
    alone = {
        "SanxiangCallsRefused": [{f"sanxiang_calls_refused_{why}": "0x55 1+1x4"} for why in REFUSED],
        "SanxiangLag": [{"sanxiang_pbx_lag_seconds": "5x60"}, {"sanxiang_loop_lag_seconds": "5x60"}],
        "SanxiangAlarmsNotTold": [{"sanxiang_alarm_notices_waiting": "25x60"}],
    }
    tests = []
    for name, each in alone.items():
        for series in each:
            whole = as_promtool_test(str(RULES), {name: Fires(series, {})})
            tests += [test for test in whole["tests"] if "does not" not in test["name"]]  # type: ignore[attr-defined]
    file = tmp_path / "alone.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": tests}), "utf-8")
    done = subprocess.run([*promtool, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
