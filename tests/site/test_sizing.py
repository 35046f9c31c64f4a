"""The figures of docs/sizing.md are those of the code and of docs/figures.md."""

import re

from acd.config.capacity import Capacity
from acd.config.recordings.table import Recordings
from acd.config.schema import CallLog
from tests.site.documents import rows, text

PAGE = text("sizing.md")


def test_the_calls_at_a_time_are_those_of_the_limits():
    table = rows(re.findall(r"<!-- sizing: begin -->(.*?)<!-- sizing: end -->", PAGE, re.S)[0])
    assert len(table) >= 5
    for between, ports, agents, calls in table:
        first, last = map(int, re.findall(r"\d{4,5}", between)[:2])
        assert last - first + 1 == int(ports)
        assert Capacity(int(ports), int(agents)).calls == int(calls), between


def test_defaults_are_those_of_the_configuration():
    assert f"`log.keep_days` ({CallLog().keep_days}) days" in PAGE
    assert f"`log.files_mb` ({CallLog().files_mb}) MB" in PAGE
    assert f"`recordings.min_free_mb` ({Recordings().min_free_mb}) MB" in PAGE


def test_measured_figures_are_those_of_the_benches():
    figures, faults = text("figures.md"), text("faults.md")
    assert "ours **16/s**" in figures and "| 16 ([day]" in PAGE
    for value in ("36 ms", "19 ms", "2.8 ms", "37,723"):
        assert value in PAGE and re.search(rf"{re.escape(value)}|{value.split()[0]} ms", figures), value
    assert "half a second late" in faults


def test_the_room_of_recordings_is_reckoned_right():
    a_second = 2 * 8000 * 2
    assert f"{a_second // 1000} kB for each second" in PAGE
    assert f"{a_second * 180 / 1e6:.1f} MB" in PAGE
    assert f"{a_second * 180 * 1000 * 365 / 1e12:.1f} TB" in PAGE
