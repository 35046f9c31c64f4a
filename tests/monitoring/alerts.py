"""For each alert: made-up series by which it fires, and others, near them, by which it does not. Values are those of promtool's tests,
a sample a minute: `0+1x30` is 0, 1, 2 … for half an hour."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Series = dict[str, str]


@dataclass(frozen=True, slots=True)
class Fires:
    bad: Series
    good: Series
    labels: dict[str, str] = field(default_factory=dict)
    """Of the alert, beside its name and severity."""


def today(within: int, ended: int, parts: tuple[str, str] = ("within_target", "ended_asked")) -> Series:
    """So many of so many each minute, for half an hour."""
    return {
        f'sanxiang_today{{queue="orders",what="{parts[0]}"}}': f"0+{within}x60",
        f'sanxiang_today{{queue="orders",what="{parts[1]}"}}': f"0+{ended}x60",
    }


def gone(queue: int, ringing: int, ended: int) -> Series:
    return {
        'sanxiang_today{queue="orders",what="abandoned_queue"}': f"0+{queue}x60",
        'sanxiang_today{queue="orders",what="abandoned_ringing"}': f"0+{ringing}x60",
        'sanxiang_today{queue="orders",what="ended_asked"}': f"0+{ended}x60",
    }


REFUSED = ("house", "trunk", "ports", "files", "calls", "menus")


def refused(**growing: str) -> Series:
    return {f"sanxiang_calls_refused_{why}": growing.get(why, "0x60") for why in REFUSED}


def one(name: str, bad: str, good: str, **labels: str) -> Fires:
    """An alert on one series."""
    of = ",".join(f'{key}="{value}"' for key, value in labels.items())
    series = f"{name}{{{of}}}" if of else name
    return Fires({series: bad}, {series: good}, dict(labels))


def waiting(waits: int, staffed: int) -> Series:
    return {
        'sanxiang_queue_waiting{queue="orders"}': f"{waits}x60",
        'sanxiang_queue_staffed{queue="orders"}': f"{staffed}x60",
    }


ORDERS = {"queue": "orders"}
ALERTS: dict[str, Fires] = {
    "SanxiangAway": one("up", "0x60", "1x60", job="sanxiang"),
    "SanxiangAsteriskAway": one("sanxiang_pbx_up", "0x60", "1x60"),
    "SanxiangCriticalAlarm": Fires(
        {'sanxiang_alarm{kind="calls-refused",severity="critical"}': "1x60"},
        {'sanxiang_alarm{kind="calls-refused",severity="warning"}': "1x60"},
        {"kind": "calls-refused"},
    ),
    "SanxiangWarningAlarm": Fires(
        {'sanxiang_alarm{kind="bad-line",severity="warning"}': "1x60"},
        {'sanxiang_alarm{kind="bad-line",severity="warning"}': "0x50 1x10"},
        {"kind": "bad-line"},
    ),
    "SanxiangNobodyStaffed": Fires(waiting(2, 0), {**waiting(2, 1)}, ORDERS),
    "SanxiangLongestWait": one("sanxiang_queue_longest_wait_seconds", "150x60", "110x60", queue="orders"),
    "SanxiangServiceLevelLow": Fires(today(8, 10), today(10, 10), ORDERS),
    "SanxiangThreeRingRateLow": Fires(
        today(9, 10, ("offers_in_time", "offers_rang")), today(10, 10, ("offers_in_time", "offers_rang")), ORDERS
    ),
    "SanxiangAbandonedHigh": Fires(gone(1, 1, 10), gone(0, 1, 11), ORDERS),
    "SanxiangCapacityNearlyUsed": Fires(
        {"sanxiang_calls_left": "5x60", "sanxiang_calls_limit": "100x60"},
        {"sanxiang_calls_left": "50x60", "sanxiang_calls_limit": "100x60"},
    ),
    "SanxiangCallsRefused": Fires(refused(house="0x55 1+1x4"), refused()),
    "SanxiangTrunkDown": one("sanxiang_trunk_up", "0x60", "1x60", trunk="carrier"),
    "SanxiangTrunkRefuses": one("sanxiang_trunk_refuses", "403x60", "0x60", trunk="carrier"),
    "SanxiangLineQualityLow": one("sanxiang_trunk_mos", "3.1x60", "4.2x60", trunk="carrier"),
    "SanxiangSelfCallFailing": one("sanxiang_self_calls_failing", "1x60", "0x60"),
    "SanxiangRowsBehind": one("sanxiang_rows_behind", "5000x60", "12x60"),
    "SanxiangRowsSetAside": one("sanxiang_rows_set_aside", "1x60", "0x60"),
    "SanxiangTwoWriters": one("sanxiang_journal_notice", "1x60", "0x60", code="second-writer"),
    "SanxiangDaemonRestarts": one("sanxiang_daemon_epoch", "0x50 1+1x10", "0x50 1x10"),
    "SanxiangEventsUnhandled": one("sanxiang_dead_letters", "0x50 1x10", "3x60"),
    "SanxiangLag": Fires(
        {"sanxiang_pbx_lag_seconds": "5x60", "sanxiang_loop_lag_seconds": "0x60"},
        {"sanxiang_pbx_lag_seconds": "0.1x60", "sanxiang_loop_lag_seconds": "0.2x60"},
    ),
    "SanxiangCpuBusy": one("sanxiang_cpu_busy_ratio", "0.95x60", "0.4x60"),
    "SanxiangAlarmsNotTold": Fires(
        {"sanxiang_alarm_notices_left_out": "0x50 1x10", "sanxiang_alarm_notices_waiting": "0x60"},
        {"sanxiang_alarm_notices_left_out": "7x60", "sanxiang_alarm_notices_waiting": "2x60"},
    ),
    "SanxiangForgedEvents": one("sanxiang_pbx_messages_forged", "0x55 5x5", "5x60"),
    "SanxiangAnswersFail": Fires(
        {'sanxiang_requests_total{route="/api/calls",status="500"}': "0+3x60"},
        {
            'sanxiang_requests_total{route="/health",status="503"}': "0+3x60",
            'sanxiang_requests_total{route="/api/calls",status="200"}': "0+3x60",
        },
    ),
}
AT = "60m"


def as_promtool_test(rules_file: str, alerts: Iterable[str] | Mapping[str, Fires] = ()) -> dict[str, object]:
    """The file for `promtool test rules`: two tests for each of these alerts, of all where none is named; or with other series. Each has `up`, but for the one whose matter it is."""
    tests: list[dict[str, object]] = []
    for name in alerts or ALERTS:
        fires = alerts[name] if isinstance(alerts, Mapping) else ALERTS[name]
        for series, expected in ((fires.bad, True), (fires.good, False)):
            given = (
                series if any(each.startswith("up{") for each in series) else {'up{job="sanxiang"}': "1x60", **series}
            )
            tests.append(
                {
                    "name": f"{name} {'fires' if expected else 'does not fire'}",
                    "interval": "1m",
                    "input_series": [{"series": each, "values": values} for each, values in given.items()],
                    "promql_expr_test": [
                        {
                            "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                            "eval_time": AT,
                            "exp_samples": [{"labels": "{}", "value": int(expected)}],
                        },
                        *(
                            {
                                "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing",{key}="{value}"}})',
                                "eval_time": AT,
                                "exp_samples": [{"labels": "{}", "value": 1}],
                            }
                            for key, value in (fires.labels.items() if expected else ())
                        ),
                    ],
                }
            )
    return {"rule_files": [rules_file], "evaluation_interval": "1m", "tests": tests}
