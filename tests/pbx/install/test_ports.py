"""Ports are held from choosing to using: many processes choose at once, and no two choose the same."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from acd.pbx.install import ports
from acd.pbx.install.ports import NoFreePorts, free_port, free_rtp_range, given_back
from acd.store.embedded import EmbeddedPostgres

CHOOSER = """
import sys
from acd.pbx.install.ports import free_port, free_rtp_range
sys.stdin.readline()  # all begin at once
for address in ("127.0.0.1", "127.0.0.2", "0.0.0.0"):
    for _ in range(25):
        first = free_port("tcp", address)
        print(first, first)
        first = free_port("udp", address, count=2)
        print(first, first + 1)
    print(*free_rtp_range(address, 400))
    print(*free_rtp_range(address, 40))
print("done", flush=True)
sys.stdin.readline()  # holds them until the test has looked
"""


class Chooser:
    """A process of its own that chooses ports and holds them until `end`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHOOSER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def chosen(self) -> list[tuple[int, int]]:
        """First and last of each choice."""
        assert self.process.stdout is not None
        found = []
        while (line := self.process.stdout.readline()) != "done\n":
            assert line, "the process ended before it had chosen"
            first, last = map(int, line.split())
            found.append((first, last))
        return found

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_processes_that_choose_at_once_never_choose_the_same_port():
    choosers = [Chooser() for _ in range(6)]
    try:
        for each in choosers:
            each.tell()
        taken = [port for each in choosers for first, last in each.chosen() for port in range(first, last + 1)]
        assert len(taken) == 6 * 3 * (25 + 25 * 2 + 400 + 40)
        assert sorted(set(taken)) == sorted(taken)
        free = [free_port("udp") for _ in range(50)]
        assert not set(free) & set(taken), "nobody is using them yet, but they are held"
    finally:
        for each in choosers:
            each.end()


def test_what_a_process_held_is_free_when_it_has_been_killed(monkeypatch: pytest.MonkeyPatch):
    chooser = Chooser()
    chooser.tell()
    port = chooser.chosen()[0][0]
    monkeypatch.setattr(ports, "SINGLE_PORTS", range(port, port + 1))
    with pytest.raises(NoFreePorts, match=r"no run of 1 free ports on 127\.0\.0\.1"):
        free_port("udp")
    chooser.end()
    assert free_port("udp") == port


def test_one_process_never_chooses_the_same_port_twice_until_it_gives_it_back(monkeypatch: pytest.MonkeyPatch):
    with given_back():
        first = free_port("udp", count=3)
    monkeypatch.setattr(ports, "SINGLE_PORTS", range(first, first + 3))
    with given_back():
        assert {free_port("tcp"), free_port("udp"), free_port("tcp", "127.0.0.2")} == {first, first + 1, first + 2}
        with pytest.raises(NoFreePorts):
            free_port("tcp")
    assert free_port("udp", count=3) == first


@pytest.mark.parametrize("way", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_that_another_program_has_is_not_chosen_nor_a_run_with_it(
    monkeypatch: pytest.MonkeyPatch, way: socket.SocketKind
):
    with given_back():
        first = free_port("udp", count=4)
    with socket.socket(socket.AF_INET, way) as other:
        other.bind(("127.0.0.1", first + 3))
        if way == socket.SOCK_STREAM:
            other.listen()
        monkeypatch.setattr(ports, "SINGLE_PORTS", range(first, first + 4))
        monkeypatch.setattr(ports, "RTP_PORTS", range(first, first + 4))
        with pytest.raises(NoFreePorts):
            free_port("udp", count=4)
        with pytest.raises(NoFreePorts):
            free_rtp_range("127.0.0.1", 4)  # also one that is neither at an end nor in the middle
        assert free_port("udp", count=3) == first


@pytest.mark.parametrize("bad", ["folder", "link", "pipe", "no"])
def test_ports_are_still_found_where_none_can_be_held(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bad: str):
    place = tmp_path / "ports"
    if bad == "folder":
        place.mkdir()
    elif bad == "link":
        place.symlink_to(tmp_path / "elsewhere")
    elif bad == "pipe":
        os.mkfifo(place)
    else:
        place = tmp_path / "nothing" / "ports"
    monkeypatch.setattr(ports, "LOCK_FILE", str(place))
    ports._lock_file.cache_clear()
    try:
        assert ports._lock_file() is None
        assert free_port("udp") != free_port("udp")
        assert not (tmp_path / "elsewhere").exists()
    finally:
        ports._lock_file.cache_clear()


def test_the_embedded_postgresqls_port_is_held_until_it_listens(tmp_path: Path):
    made = [EmbeddedPostgres(tmp_path / str(n)) for n in range(300)]
    held: list[socket.socket] = []
    try:
        for each in made:
            each.folder.mkdir()
            held.append(each._port())
        taken = {bound.getsockname()[1] for bound in held}
        assert len(taken) == 300
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            assert other.getsockname()[1] not in taken
    finally:
        for bound in held:
            bound.close()
