"""[alarms]: what can't be is told with its place and remedy; what is given comes out as limits."""

from pathlib import Path
from typing import Any

import pytest

from acd import config as configuration
from acd.config import BadConfiguration, warnings
from acd.daemon.watchdogs.thresholds import limits_of

QUEUES = {
    "orders": {"label": {"zh": "订单", "en": "Orders"}},
    "billing": {"label": {"zh": "账单", "en": "Billing"}},
}


def checked(**alarms: Any) -> configuration.Config:
    return configuration.check(
        {
            "hotline": {"name": "Test", "numbers": {"95001": "zh"}},
            "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
            "queues": QUEUES,
            "alarms": alarms,
        }
    )


WEBHOOK = {"url": "https://pager.example.com/x", "secret_file": "/etc/sanxiang/hook"}
MAIL = {"host": "mail.example.com", "sender": "hotline@example.com", "to": ["night@example.com"]}
ROW = {"figure": "waiting", "warning": 5, "critical": 10, "why": "more is a queue around the block"}
SHARE = {"figure": "service-level", "warning": 0.8, "critical": 0.5, "why": "the contract"}

BAD: list[tuple[dict[str, Any], str]] = [
    ({"command": ["page"]}, "whole path"),
    ({"command": ["/usr/bin/page", "a\nb"]}, "alarms.command"),
    ({"command_within_s": 0}, "alarms.command_within_s"),
    ({"repeat_after_min": 0}, "alarms.repeat_after_min"),
    ({"least": "fatal"}, "alarms.least"),
    ({"webhook": WEBHOOK | {"url": "http://pager.example.com/x"}}, "in clear"),
    ({"webhook": WEBHOOK | {"url": "https://user:secret@pager.example.com/"}}, "a name or a password"),
    ({"webhook": WEBHOOK | {"url": "ftp://pager.example.com/"}}, "no address of the web"),
    ({"webhook": WEBHOOK | {"url": "file:///etc/passwd"}}, "no address of the web"),
    ({"webhook": WEBHOOK | {"url": "https://"}}, "no address of the web"),
    ({"webhook": WEBHOOK | {"url": "https://[::1/"}}, "no address"),
    ({"webhook": WEBHOOK | {"url": "https://pager.example.com:99999/"}}, "no address"),
    ({"webhook": WEBHOOK | {"url": "https://pager.example.com/\r\nX: y"}}, "alarms.webhook.url"),
    ({"webhook": {"url": "https://pager.example.com/"}}, "secret_file"),
    ({"webhook": WEBHOOK | {"secret_file": "hook"}}, "alarms.webhook.secret_file: hook is no whole path"),
    ({"webhook": WEBHOOK | {"secret_file": "../hook"}}, "is no whole path. Write it from / on"),
    ({"webhook": WEBHOOK | {"secret_file": "/etc/x\nhook"}}, "a control character"),
    (
        {"mail": MAIL | {"username": "u", "password_file": "mail.password"}},
        "alarms.mail.password_file: mail.password is no whole path",
    ),
    ({"mail": MAIL | {"to": []}}, "alarms.mail.to"),
    ({"mail": MAIL | {"to": ["night@example.com\r\nBcc: x@example.com"]}}, "alarms.mail.to"),
    ({"mail": MAIL | {"sender": "nobody"}}, "one e-mail address"),
    ({"mail": MAIL | {"host": "mail example"}}, "alarms.mail.host"),
    ({"mail": MAIL | {"username": "hotline"}}, "belong together"),
    ({"mail": MAIL | {"password_file": "/etc/x"}}, "belong together"),
    ({"mail": MAIL | {"security": "none"}}, "in clear"),
    ({"thresholds": [{"figure": "waiting", "why": "x"}]}, "needs `warning`"),
    ({"thresholds": [ROW | {"critical": 5}]}, "must lie above"),
    ({"thresholds": [ROW | {"critical": 3}]}, "must lie above"),
    ({"thresholds": [SHARE | {"critical": 0.9}]}, "must lie below"),
    ({"thresholds": [SHARE | {"warning": 80}]}, "between 0 and 1"),
    ({"thresholds": [ROW | {"warning": 0}]}, "always 0 or more"),
    ({"thresholds": [{"figure": "staffed", "critical": 0, "why": "x"}]}, "never below 0"),
    ({"thresholds": [ROW | {"back": 5}]}, "never end"),
    ({"thresholds": [SHARE | {"back": 0.3}]}, "never end"),
    ({"thresholds": [ROW | {"warning": "nan"}]}, "alarms.thresholds"),
    ({"thresholds": [ROW | {"why": ""}]}, "why"),
    ({"thresholds": [ROW | {"figure": "mood"}]}, "figure"),
    ({"thresholds": [ROW | {"queues": ["nowhere"]}]}, "there is no queue 'nowhere'"),
    ({"thresholds": [ROW | {"queues": ["orders", "orders"]}]}, "stands twice"),
    ({"thresholds": [ROW, ROW]}, "row 1 has limits for waiting of all queues already"),
    ({"thresholds": [ROW | {"queues": ["orders"]}, ROW | {"queues": ["orders"]}]}, "of queue orders already"),
    ({"threshold": []}, "alarms.threshold"),
    (
        {"thresholds": [{"figure": "lag-s", "warning": 1, "why": "x", "queues": ["orders"]}]},
        "of the hotline and not of a queue",
    ),
    ({"thresholds": [{"figure": "certificate-days", "warning": 5, "critical": 9, "why": "x"}]}, "must lie below"),
]


@pytest.mark.parametrize(("alarms", "said"), BAD, ids=[said for _, said in BAD])
def test_what_can_not_be_is_told_with_its_place(alarms: dict[str, Any], said: str):
    with pytest.raises(BadConfiguration) as refused:
        checked(**alarms)
    [mistake] = refused.value.mistakes
    assert "alarms" in mistake.partition(": ")[0] and said in mistake
    assert "secret@" not in mistake


@pytest.mark.parametrize(
    "alarms",
    [
        {"webhook": WEBHOOK | {"url": "http://127.0.0.1:9000/x"}},
        {"webhook": WEBHOOK | {"url": "http://[::1]:9000/x?y=1"}},
        {"mail": MAIL | {"security": "none", "host": "127.0.0.1"}},
        {"mail": MAIL | {"security": "none", "host": "localhost"}},
        {"thresholds": [ROW, ROW | {"queues": ["orders"]}, SHARE]},
    ],
)
def test_what_can_be_is_taken(alarms: dict[str, Any]):
    assert checked(**alarms).alarms


def test_a_file_that_is_not_there_is_a_warning(tmp_path: Path):
    there = tmp_path / "secret"
    there.write_text("x")
    missing = checked(
        command=["/nowhere/page"], webhook=WEBHOOK, mail=MAIL | {"username": "u", "password_file": "/nowhere/p"}
    )
    told = [line for line in warnings(missing) if line.startswith("alarms.")]
    assert [line.partition(": ")[0] for line in told] == [
        "alarms.command",
        "alarms.webhook.secret_file",
        "alarms.mail.password_file",
    ]
    fine = checked(command=[str(there)], webhook=WEBHOOK | {"secret_file": str(there)})
    assert not [line for line in warnings(fine) if line.startswith("alarms.")]


def test_a_row_that_names_a_queue_goes_before_the_row_for_all():
    own = ROW | {"warning": 50, "critical": 60, "queues": ["billing"], "why": "they wait for the bank", "for_s": 5}
    found = {(limit.queue, limit.figure): limit for limit in limits_of(checked(thresholds=[ROW, own, SHARE]))}
    assert found["orders", "waiting"].warning == 5 and found["billing", "waiting"].warning == 50
    assert found["billing", "waiting"].why == "they wait for the bank"
    assert set(found) == {(queue, figure) for queue in QUEUES for figure in ("waiting", "service-level")}


def test_differences_are_told_by_row():
    told = configuration_differences(checked(), checked(thresholds=[ROW], repeat_after_min=5))
    assert any("row 1 new (waiting: warning from 5, critical from 10" in line for line in told)
    assert any("repeat_after_min 60 -> 5" in line for line in told)


def configuration_differences(was: configuration.Config, will_be: configuration.Config) -> list[str]:
    from acd.config.diff import differences

    return [difference.said for difference in differences(was, will_be)]
