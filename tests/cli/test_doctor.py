"""`sanxiang doctor` by itself: whose a port is, what has ended, what is full. It never advises what would cut a call.

With the real Asterisk and PostgreSQL: tests/calls/test_doctor.py.
"""

import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from acd.pbx.install.ports import free_port
from acd.processes import parts
from acd.processes.up import claimed
from acd.setup import own_user
from acd.setup.installation import Installation, NoInstallation
from acd.setup.own_user import ROOT
from tests.cli.command_line import typed

BINDS = (
    "import socket,sys,time; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('127.0.0.1', int(sys.argv[1])));"
    "print('bound', flush=True); sys.stdin.read()"
)
QUEUE = '[queues.orders]\nlabel = { zh = "a", en = "a" }\n'
CUTS = ("stop him", "stop asterisk", "kill", "sanxiang down", "restart asterisk")
"""Advice that would end calls."""


@contextmanager
def holding(port: int, *words: str) -> Iterator[int]:
    """A process that has this UDP port open and these words in its command line."""
    with subprocess.Popen(
        [sys.executable, "-c", BINDS, str(port), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"bound\n"
        yield process.pid
        process.stdin.close()


def sip_on(port: int) -> str:
    return f'[sip]\nbind = "127.0.0.1"\nport = {port}\nrtp_start = 40000\nrtp_end = 40100\n'


def examined(folder: Path, text: str, state: Path) -> dict[str, dict[str, object]]:
    file = folder / "sanxiang.toml"
    file.write_text(text + QUEUE)
    said = typed("doctor", "--json", "--config", str(file), "--state", str(state))
    found = {row["what"]: row for row in json.loads(said.screen)}
    for row in found.values():
        assert not any(word in str(row["remedy"]).lower() for word in CUTS), row
    return found


def test_a_port_that_this_hotlines_own_asterisk_holds_is_well(tmp_path: Path):
    installation, port = Installation.at(tmp_path / "state"), free_port("udp")
    with holding(port, str(installation.run / "asterisk" / "etc" / "asterisk.conf")) as pid:
        (installation.run / "asterisk.pid").write_text(str(pid))
        found = examined(tmp_path, sip_on(port), installation.state)["sip.port"]
    assert (found["ok"], found["found"]) == (True, f"{port}, held by this hotline (asterisk, process {pid})")


def test_a_stranger_is_named_and_an_old_pid_file_makes_nobody_ours(tmp_path: Path):
    installation, port = Installation.at(tmp_path / "state"), free_port("udp")
    with holding(port) as pid:
        (installation.run / "asterisk.pid").write_text(str(pid))
        found = examined(tmp_path, sip_on(port), installation.state)["sip.port"]
    assert not found["ok"]
    assert f"(process {pid})" in str(found["found"])


def test_another_hotline_is_not_to_be_stopped(tmp_path: Path):
    installation, other = Installation.at(tmp_path / "state"), Installation.at(tmp_path / "other")
    port = free_port("udp")
    with holding(port, "-C", str(other.run / "asterisk" / "etc" / "asterisk.conf")):
        found = examined(tmp_path, sip_on(port), installation.state)["sip.port"]
    assert not found["ok"]
    assert f"of the hotline in {other.state}" in str(found["found"])
    assert "To stop it would cut its calls" in str(found["remedy"])


def test_an_address_that_is_not_here_is_told_and_no_port_of_it(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    found = examined(tmp_path, '[sip]\nbind = "192.0.2.77"\nport = 5060\nrtp_start = 40000\nrtp_end = 40100\n', state)
    assert "192.0.2.77 is no address of this machine" in str(found["sip.bind"]["found"])
    assert "ip address" in str(found["sip.bind"]["remedy"])
    assert "sip.port" not in found


def test_a_free_port_is_free(tmp_path: Path):
    state, port = Installation.at(tmp_path / "state").state, free_port("udp")
    found = examined(tmp_path, sip_on(port), state)["sip.port"]
    assert (found["ok"], found["found"]) == (True, f"{port} is free")


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def test_after_a_supervisor_that_was_killed_the_remedy_is_up(tmp_path: Path):
    installation, pid = Installation.at(tmp_path / "state"), ended_process()
    installation.supervisor_pid.write_text(str(pid))
    installation.supervisor_lock.touch()
    installation.address_file.write_text('{"url": "http://127.0.0.1:9"}')
    installation.token()
    found = examined(tmp_path, "", installation.state)["daemon"]
    assert not found["ok"]
    assert f"(its supervisor was process {pid})" in str(found["found"])
    assert str(found["remedy"]).startswith("./sanxiang up")
    said = typed("status", "--state", str(installation.state))
    assert (said.status, "Start it again: `./sanxiang up`" in said.screen) == (1, True), said
    said = typed("down", "--state", str(installation.state))
    assert (said.status, "has ended already" in said.screen) == (1, True), said


def test_while_the_supervisor_lives_nobody_is_told_to_start_or_stop_anything(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    installation.token()
    with claimed(installation):
        assert parts.supervisor(installation) == os.getpid()
        found = examined(tmp_path, "", installation.state)["daemon"]
        said = typed("status", "--state", str(installation.state))
    assert not found["ok"]
    assert f"the supervisor (process {os.getpid()}) starts one that has ended again, and calls go on" in str(
        found["found"]
    )
    assert "sanxiang up" not in str(found["remedy"]) + said.screen
    assert "Calls go on in Asterisk" in said.screen
    assert parts.supervisor(installation) == 0


def test_a_process_that_has_the_number_of_a_dead_supervisor_is_none(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    installation.supervisor_lock.touch()
    installation.supervisor_pid.write_text(str(os.getpid()))
    assert parts.supervisor(installation) == 0
    assert parts.dead_supervisor(installation) == os.getpid()


def test_a_stopped_hotline_is_no_fault(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    found = examined(tmp_path, "", state)["daemon"]
    assert (found["ok"], found["found"]) == (True, "not running")
    assert "No hotline runs for" in typed("status", "--state", str(state)).screen


def test_a_disk_with_too_little_room_says_how_much_is_wanted(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    found = examined(tmp_path, "[recordings]\nmin_free_mb = 999999999\n", state)["recordings"]
    assert not found["ok"]
    assert "min_free_mb is 999,999,999" in str(found["found"])


def test_a_recordings_folder_that_is_not_there_is_told(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    found = examined(tmp_path, f'[recordings]\nfolder = "{tmp_path}/none"\n', state)["recordings"]
    assert (found["ok"], found["found"]) == (False, f"{tmp_path}/none: No such file or directory")


def test_a_database_that_does_not_answer_is_no_reason_to_stop_anything(tmp_path: Path):
    state = Installation.at(tmp_path / "state").state
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://sanxiang@127.0.0.1:{nobody.getsockname()[1]}/sanxiang"
        found = examined(tmp_path, f'[database]\nurl = "{url}"\n', state)["database"]
    assert not found["ok"]
    assert "Calls go on" in str(found["found"])


@pytest.mark.slow
def test_a_file_that_may_not_be_read_names_who_may(tmp_path: Path):
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    installation = Installation.at(tmp_path / "state")
    installation.token()
    for folder in (*reversed(tmp_path.parents[:-2]), tmp_path):
        folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "acd.cli", "status", "--state", str(installation.state)],
        capture_output=True, text=True, user=65534, group=65534, extra_groups=[], cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    if "No module named" in done.stderr or "Permission denied: " in done.stderr:
        pytest.skip("this environment is closed to other users")
    assert done.returncode == 1
    assert "the hotline's files are root's alone" in done.stderr, done.stderr
    assert f"`sudo -u root env SANXIANG_STATE={installation.state} {ROOT / 'sanxiang'} …`" in done.stderr, done.stderr


def test_where_a_service_runs_it_its_own_folders_are_typed_or_the_command_that_knows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The unit and the command as docs/systemd.md has them."""
    docs = ROOT / "docs"
    monkeypatch.setattr(own_user, "UNIT", docs / "sanxiang.service")
    monkeypatch.setattr(own_user, "COMMAND", tmp_path / "sanxiang")
    service = Path("/var/lib/sanxiang/hotline")
    typed = own_user.typed_for(service)
    assert typed.startswith("sudo -u ") and typed.endswith(str(ROOT / "sanxiang"))
    for part in ("XDG_CACHE_HOME=/var/cache/sanxiang", f"SANXIANG_STATE={service}"):
        assert f" {part} " in typed
    assert " 'SANXIANG_USERS=asterisk=sanxiang-asterisk stories=sanxiang-stories' " in typed
    assert f"env SANXIANG_STATE={tmp_path} " in own_user.typed_for(tmp_path), (
        "another hotline has not the service's cache"
    )
    said = (docs / "systemd.md").read_text("utf-8")
    script = re.search(r"/usr/local/bin/sanxiang <<'END'\n(.*?)\n    END", said, re.S)
    assert script is not None
    (tmp_path / "sanxiang").write_text(textwrap.dedent(script[1]))
    assert own_user.typed_for(service) == "sudo sanxiang"
    # Typed as root without it, a command would look at a folder of root's own, where nothing runs.
    unit = (docs / "sanxiang.service").read_text("utf-8").replace(str(service), str(tmp_path / "hotline"))
    (tmp_path / "unit").write_text(unit)
    monkeypatch.setattr(own_user, "UNIT", tmp_path / "unit")
    assert own_user.typed_for_service(tmp_path / "root") == "", "the service was never started"
    (tmp_path / "hotline").mkdir()
    with pytest.raises(
        NoInstallation, match=f"service of this machine has its own: type `sudo -u .* SANXIANG_STATE={tmp_path}/hotline"
    ):
        Installation.existing(tmp_path / "root")
    assert own_user.typed_for_service(tmp_path / "hotline") == ""
    assert own_user.typed_for(tmp_path) != "sudo sanxiang"


ELSEWHERE = "203.0.113.77"
"""An address of no machine (RFC 5737)."""


def test_the_other_ports_are_looked_at_when_sips_address_is_not_this_machines(tmp_path: Path):
    installation, sip, web = Installation.at(tmp_path / "state"), free_port("udp"), free_port("tcp")
    with socket.create_server(("127.0.0.1", web)):
        text = sip_on(sip).replace("127.0.0.1", ELSEWHERE) + f"[web]\nport = {web}\n[ports]\nami = {free_port('tcp')}\n"
        found = examined(tmp_path, text, installation.state)
    assert not found["sip.bind"]["ok"] and f"{ELSEWHERE} is no address of this machine" in str(
        found["sip.bind"]["found"]
    )
    assert "sip.port" not in found, "nothing can be said of a port on an address that is not here"
    assert not found["web.port"]["ok"] and "is taken by" in str(found["web.port"]["found"])
    assert found["ports.ami"]["ok"]


def test_a_port_is_looked_at_on_the_address_that_is_this_machines(tmp_path: Path):
    installation, port = Installation.at(tmp_path / "state"), free_port("udp")
    with holding(port):
        text = sip_on(port).replace("[sip]", '[sip]\nbind_also = "2001:db8::77"')
        found = examined(tmp_path, text, installation.state)
    assert not found["sip.bind_also"]["ok"] and not found["sip.port"]["ok"]


def test_the_pages_address_is_looked_at_like_sips(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    text = f'[web]\nhost = "{ELSEWHERE}"\nport = {free_port("tcp")}\nbehind_tls = true\n' + sip_on(free_port("udp"))
    found = examined(tmp_path, text, installation.state)
    assert not found["web.host"]["ok"] and "web.port" not in found
    assert found["sip.port"]["ok"]
