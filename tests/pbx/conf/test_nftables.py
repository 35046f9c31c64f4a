"""docs/nftables/sanxiang.nft is what the kernel's firewall understands, and drops a stranger who is too fast and nobody else."""

import ast
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.errors import SanxiangError
from acd.pbx.install import fetch
from acd.pbx.install.runtime import loader
from acd.progress import Silent

pytestmark = pytest.mark.slow

RULES = Path(__file__).parents[3] / "docs" / "nftables" / "sanxiang.nft"
CARRIER, STRANGER, HOTLINE = "192.0.2.10", "203.0.113.9", "10.99.0.1"
SEND = """
import socket, sys, time
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind((sys.argv[1], 0))
for number in range(int(sys.argv[2])):
    line.sendto(b"OPTIONS", (sys.argv[3], 5060))
"""
COUNT = """
import socket, sys
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
line.bind((sys.argv[1], 5060))
print("open", flush=True)
sys.stdin.readline()
line.setblocking(False)
heard = {}
try:
    while True:
        source = line.recvfrom(100)[1][0]
        heard[source] = heard.get(source, 0) + 1
except BlockingIOError:
    print(heard)
"""


@pytest.fixture(scope="module")
def nft() -> list[str]:
    if path := shutil.which("nft", path=os.environ.get("PATH", "") + ":/usr/sbin"):
        return [path]
    try:
        packages = fetch.Packages("nft", "forky", ("nftables",), 30)
        folder = fetch.ensure(packages, fetch.find_mirror("nft", "Install nftables."), "nft", Silent())
    except SanxiangError as why:
        pytest.skip(f"nft can't be had here: {why}")
    return [*loader(folder), str(folder / "usr/sbin/nft")]


@pytest.fixture
def two_machines() -> Iterator[tuple[list[str], list[str]]]:
    """Words before a command: in the hotline's network, and in that of all others, who have addresses of a carrier and a stranger."""
    names = [f"sx-{who}-{os.getpid()}" for who in ("hotline", "others")]
    ends = [f"sx{end}{os.getpid() % 100000}" for end in "ab"]
    made = [
        *(["ip", "netns", "add", name] for name in names),
        ["ip", "link", "add", ends[0], "netns", names[0], "type", "veth", "peer", "name", ends[1], "netns", names[1]],
        ["ip", "-n", names[0], "addr", "add", f"{HOTLINE}/24", "dev", ends[0]],
        *(["ip", "-n", names[1], "addr", "add", f"{address}/32", "dev", ends[1]] for address in (CARRIER, STRANGER)),
        *(["ip", "-n", name, "link", "set", end, "up"] for name, end in zip(names, ends, strict=True)),
        ["ip", "-n", names[0], "route", "add", "default", "dev", ends[0]],
        ["ip", "-n", names[1], "route", "add", "10.99.0.0/24", "dev", ends[1]],
    ]
    try:
        for words in made:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"no networks of our own can be made here: {done.stderr.strip()}")
        first, second = (["ip", "netns", "exec", name] for name in names)
        yield first, second
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def test_the_firewall_understands_it(nft: list[str]):
    done = subprocess.run([*nft, "-c", "-f", str(RULES)], capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr:
        pytest.skip("only root may ask the firewall")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("ip"), reason="no ip command")
def test_a_stranger_who_is_too_fast_is_dropped_and_the_carrier_is_not(
    nft: list[str], two_machines: tuple[list[str], list[str]]
):
    hotline, others = two_machines
    done = subprocess.run([*hotline, *nft, "-f", str(RULES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    python = "/usr/bin/env"
    with subprocess.Popen(
        [*hotline, python, "python3", "-c", COUNT, HOTLINE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as counting:
        assert counting.stdout and counting.stdin
        assert counting.stdout.readline() == "open\n"
        for source in (STRANGER, CARRIER):
            subprocess.run([*others, python, "python3", "-c", SEND, source, "2000", HOTLINE], check=True)
        heard = ast.literal_eval(counting.communicate("\n", timeout=30)[0])
    assert heard[CARRIER] == 2000, "a carrier's packets were dropped"
    # A burst of 60, and 20 a second for as long as it takes to send 2,000.
    assert 60 <= heard[STRANGER] <= 200, heard
