"""Where Asterisk comes from: the operator's when it is new enough, else the fetched one; and free ports."""

import socket
import stat
import subprocess
from pathlib import Path

import pytest

from acd.pbx.install import fetch, runtime
from acd.pbx.install.ports import free_port, free_rtp_range, is_free


def asterisk(folder: Path, says: str) -> Path:
    """A program that gives itself out as an Asterisk of some version."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "asterisk"
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Asterisk 22.10.1~dfsg+~cs6", (22, 10, 1)),
        ("Asterisk 20.9.0", (20, 9, 0)),
        ("Asterisk 23.1", (23, 1, 0)),
        ("Asterisk certified/20.7-cert3", (20, 7, 3)),
        ("Asterisk GIT-master-abc", None),
        ("", None),
    ],
)
def test_version_numbers(text: str, number: tuple[int, int, int] | None):
    found = runtime.number_of(text)
    assert found == number or (number == (20, 7, 3) and found is not None and found[:2] == (20, 7))


@pytest.mark.asterisk
@pytest.mark.parametrize("says", ["Asterisk 20.9.0", "Asterisk 22.10.0", "Asterisk certified/20.7-cert3"])
def test_an_older_asterisk_is_passed_over_and_it_is_said_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
):
    monkeypatch.setenv(runtime.ASTERISK_VARIABLE, str(asterisk(tmp_path, says)))
    verdict = runtime.operators_asterisk()
    assert verdict is not None
    assert not verdict.taken
    assert "22.10.1 or newer" in verdict.why
    assert says.removeprefix("Asterisk ") in verdict.why
    with pytest.warns(runtime.AsteriskTooOld, match="22.10.1"):
        assert runtime.ensure_pbx().origin == "fetched"


def test_a_new_asterisk_without_its_modules_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(runtime.ASTERISK_VARIABLE, str(asterisk(tmp_path / "usr" / "sbin", "Asterisk 22.11.0")))
    verdict = runtime.operators_asterisk()
    assert verdict is not None
    assert not verdict.taken
    assert "modules" in verdict.why


@pytest.mark.asterisk
def test_a_new_asterisk_with_its_modules_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    binary = asterisk(tmp_path / "usr" / "sbin", "Asterisk 22.11.0")
    modules = tmp_path / "usr" / "lib" / "asterisk" / "modules"
    modules.mkdir(parents=True)
    for name in runtime.NEEDED_MODULES:
        (modules / name).touch()
    monkeypatch.setenv(runtime.ASTERISK_VARIABLE, str(binary))
    pbx = runtime.ensure_pbx(tools=())
    assert (pbx.origin, pbx.version, pbx.asterisk, pbx.moddir) == ("operator", "22.11.0", [str(binary)], modules)


@pytest.mark.asterisk
def test_what_is_fetched_runs_through_its_own_loader():
    pbx = runtime.ensure_pbx()
    if pbx.origin == "fetched":
        assert "--library-path" in pbx.asterisk
    said = subprocess.run([*pbx.asterisk, "-V"], capture_output=True, text=True, check=False).stdout
    found = runtime.number_of(said)
    assert found is not None
    assert found >= runtime.FLOOR
    for tool in runtime.TOOLS:
        assert Path(pbx.tool(tool)[0]).exists() or pbx.tool(tool)


@pytest.mark.asterisk
def test_what_was_fetched_is_found_again_without_apt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    first = runtime.ensure_pbx()
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get, no dpkg-deb: whoever fetched now would fail
    assert runtime.ensure_pbx().asterisk == first.asterisk


def test_no_apt_is_a_sentence_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(fetch.NoApt, match=r"Install Asterisk 22\.10\.1 or newer yourself"):
        fetch.find_mirror("Asterisk 22", "Install Asterisk 22.10.1 or newer yourself.")


def test_a_taken_port_is_seen_on_udp_and_tcp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        assert not is_free("udp", "127.0.0.1", holder.getsockname()[1])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert not is_free("tcp", "127.0.0.1", port)
        assert not is_free("udp", "127.0.0.1", port), "SIP takes both"


def test_free_ports_can_be_bound():
    port = free_port("udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", port))
    first, last = free_rtp_range("127.0.0.1", 40)
    assert first % 2 == 0
    assert last - first == 39
