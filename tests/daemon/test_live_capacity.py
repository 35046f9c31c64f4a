"""How many more calls are taken: by real sockets, by the kernel's counts, and by the calls that there are."""

import socket
from pathlib import Path
from typing import Any

from acd.config.capacity import Capacity
from acd.daemon.live_capacity import LiveCapacity
from acd.pbx.install.ports import free_rtp_range

STAT = "cpu  {user} 0 {system} {idle} {waits} 0 0 0 0 0\ncpu0 1 2 3 4\n"


def counted(calls: list[dict[str, Any]], ports: range = range(0), proc: Path = Path("/proc")) -> LiveCapacity:
    return LiveCapacity(lambda: calls, lambda: Capacity(100, 4), ports, proc)


async def test_what_is_left_is_the_limit_less_the_calls_with_a_line():
    row = counted([{}, {}, {"virtual": True}]).row()
    assert (row["calls"], row["calls_limit"], row["rtp_pairs"]) == (2, Capacity(100, 4).calls, 50)
    assert row["calls_left"] == row["calls_limit"] - 2


async def test_pairs_of_open_ports_are_counted_by_their_first_and_leave_fewer_calls():
    first, last = free_rtp_range("127.0.0.1", 20)
    capacity = LiveCapacity(list, lambda: Capacity(20, 0), range(first, last + 1))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sound,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reports,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six,
    ):
        sound.bind(("127.0.0.1", first))
        reports.bind(("127.0.0.1", first + 1))
        six.bind(("::1", first + 2))
        await capacity.look()
        assert capacity.row()["rtp_pairs_used"] == 2
        assert capacity.row()["calls_left"] == min(capacity.row()["calls_limit"], 10 - 2 - Capacity(20, 0).spare)
    await capacity.look()
    assert capacity.row()["rtp_pairs_used"] == 0


async def test_ports_that_others_hold_leave_no_call_and_never_less():
    first, last = free_rtp_range("127.0.0.1", 6)
    capacity = LiveCapacity(list, lambda: Capacity(6, 0), range(first, last + 1))
    lines = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    try:
        for number, line in enumerate(lines):
            line.bind(("127.0.0.1", first + 2 * number))
        await capacity.look()
        assert capacity.row()["calls_left"] == 0
    finally:
        for line in lines:
            line.close()


async def test_the_cpu_is_what_was_not_idle_since_the_last_look(tmp_path: Path):
    stat = tmp_path / "stat"
    stat.write_text(STAT.format(user=100, system=100, idle=700, waits=100))
    capacity = counted([], proc=tmp_path)
    assert capacity.row()["cpu_busy"] is None
    stat.write_text(STAT.format(user=160, system=110, idle=720, waits=110))
    await capacity.look()
    assert capacity.row()["cpu_busy"] == 0.7, "70 of 100 ticks; waiting for a disk is idle"
    await capacity.look()
    assert capacity.row()["cpu_busy"] == 0.7, "no tick since: what was known stays"


async def test_a_kernel_that_tells_nothing_leaves_the_calls(tmp_path: Path):
    capacity = counted([{}], proc=tmp_path)
    await capacity.look()
    assert (capacity.row()["cpu_busy"], capacity.row()["rtp_pairs_used"], capacity.row()["calls"]) == (None, 0, 1)
    assert capacity.figures()["cpu_busy_ratio"][1] == 0.0
