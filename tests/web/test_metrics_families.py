"""What docs/monitoring asks for is there before anything has happened: a family of /metrics without a sample has its labels all the same,
and no alert or panel needs a sample of another family."""

import re

from acd.web.server.health import METRICS
from tests.monitoring.expressions import OF_THE_SERVER, asked, of_dashboard, of_rules, rules
from tests.web.support.web_server import RunningServer

OF_THE_DAEMON = re.compile(
    r"sanxiang_(calls_refused_|pbx_(lag|messages)|loop_|cpu_|rtp_|daemon_|alarm_notices|self_calls|dead_|calls_(left|limit))"
)
"""Figures of the daemon's own, without labels: tests/calls/test_night.py has them all."""


async def test_an_empty_family_has_the_labels_that_rules_and_dashboard_ask_for(house: RunningServer):
    labels: dict[str, set[str]] = {}
    samples: dict[str, int] = {}
    for family in house.app[METRICS].registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        samples[name] = len(family.samples)
        declared = {label for sample in family.samples for label in sample.labels}
        labels[name] = declared | set(getattr(family, "_labelnames", ()) or ())
    labels["sanxiang_requests_total"] |= set(house.app[METRICS].requests._labelnames)
    assert not samples["sanxiang_alarm"] and not samples["sanxiang_trunk_mos"], "there are empty ones to look at"
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    looked_at = 0
    for expression in (*of_rules(), *of_dashboard()):
        for metric, wanted, _ in asked(expression):
            if metric in recorded | {"up"} or OF_THE_DAEMON.match(metric):
                continue
            assert metric in labels, f"{metric} is in no family: {expression}"
            assert wanted - OF_THE_SERVER <= labels[metric], f"{metric} has {labels[metric]}: {expression}"
            looked_at += 1
    assert looked_at > 30
