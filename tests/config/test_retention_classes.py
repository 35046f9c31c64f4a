"""Mistakes in classes of retention are told all at once, each at its line."""

from pathlib import Path

import pytest

from acd.config import BadConfiguration, load

FILE = """[queues.orders]
label = { zh = "a", en = "a" }
[recordings]
keep_days = 30
[recordings.retention.complaint]
queues = ["order"]
[recordings.retention."Bad Name"]
days = 3
[recordings.retention.general]
queues = ["other"]
[recordings.retention."a.b"]
days = -1
[recordings.retention.warranty]
reasons = ["refunds"]
[recordings.retention.Complaint]
dayz = 3
[recordings.retention.complaints]
days = 5
queues = ["nobody"]
"""


def test_every_mistake_in_the_classes_is_told_at_once_with_its_line(tmp_path: Path):
    file = tmp_path / "sanxiang.toml"
    file.write_text(FILE, encoding="utf-8")
    with pytest.raises(BadConfiguration) as refused:
        load(file)
    told = [line.removeprefix(f"{file}:") for line in str(refused.value).splitlines()]
    for begin in (
        "6: recordings.retention.complaint.queues: there is no 'order'",
        "7: recordings.retention.Bad Name: 'Bad Name' is not written as expected",
        "9: recordings.retention.general: no class can be called so",
        "10: recordings.retention.general.queues: there is no 'other'",
        "11: recordings.retention.a.b: 'a.b' is not written as expected",
        "12: recordings.retention.a.b.days: -1 is out of range",
        "13: recordings.retention.warranty.days: it is missing",
        "14: recordings.retention.warranty.reasons: there is no 'refunds'",
        "15: recordings.retention.Complaint: 'Complaint' is not written as expected",
        "16: recordings.retention.Complaint.dayz: unknown key",
        "19: recordings.retention.complaints.queues: there is no 'nobody'",
    ):
        assert [line for line in told if line.startswith(begin)], (begin, told)
    assert len(told) == 12, "and the remedy at the end"
