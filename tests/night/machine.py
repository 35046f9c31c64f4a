"""Faults of the machine, of files, of processes and of what the configuration names. Each is made for real, and mended afterwards."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from acd.cli import disk_probe
from acd.pbx.install.ports import free_port
from acd.processes.up import claimed
from acd.store.journal import spool
from acd.web.access.tokens import Tokens
from tests.night.fault import Fault, NotHere
from tests.night.hotline import Hotline, moved_away
from tests.support import certificates
from tests.support.stalling_disk import NoDiskThatStalls, StallingDisk
from tests.support.waiting import eventually

STRANGER = 65534
LISTENS = (
    "import socket,sys; s=socket.socket(socket.AF_INET, getattr(socket, sys.argv[1])); s.bind(('127.0.0.1', int(sys.argv[2])));"
    "sys.argv[1] == 'SOCK_STREAM' and s.listen(); print('bound', flush=True); sys.stdin.read()"
)


# --- disks and folders ---


@asynccontextmanager
async def _on_a_disk(hotline: Hotline, options: str) -> AsyncIterator[Path]:
    """The state folder on a small disk of its own."""
    state = hotline.installation.state
    aside = state.with_name("state.aside")
    shutil.copytree(state, aside, symlinks=True)
    if os.geteuid() != 0:
        raise NotHere("to mount a disk takes root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(state)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        raise NotHere(f"no disk can be mounted here ({mounted.stderr.strip()})")
    try:
        shutil.copytree(aside, state, symlinks=True, dirs_exist_ok=True)
        yield state
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True)
        shutil.rmtree(aside)


@asynccontextmanager
async def full_disk(hotline: Hotline) -> AsyncIterator[None]:
    async with _on_a_disk(hotline, "size=16m,mode=0700") as state:
        with contextlib.suppress(OSError), (state / "log" / "filling").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65536))
        yield


@asynccontextmanager
async def filling_logs(hotline: Hotline) -> AsyncIterator[None]:
    async with _on_a_disk(hotline, "size=64m,mode=0700") as state:
        (state / "log" / "other-program.log").write_bytes(bytes(40_000_000))
        yield


@asynccontextmanager
async def read_only_disk(hotline: Hotline) -> AsyncIterator[None]:
    async with _on_a_disk(hotline, "size=1g,mode=0700") as state:
        subprocess.run(["mount", "-o", "remount,ro", str(state)], check=True)
        yield


@asynccontextmanager
async def hanging_disk(hotline: Hotline) -> AsyncIterator[None]:
    """Frozen, as a share whose server is away; `doctor` waits half a second for it instead of four."""
    state, usual = hotline.installation.state, disk_probe.WITHIN_S
    room = hotline.folder / "stalls"
    room.mkdir()
    try:
        async with StallingDisk.made(room) as disk:
            shutil.copytree(state, disk.folder / "state", symlinks=True)
            with moved_away(state):
                state.symlink_to(disk.folder / "state")
                try:
                    async with disk.stalled():
                        disk_probe.WITHIN_S = 0.5
                        yield
                finally:
                    disk_probe.WITHIN_S = usual
                    state.unlink()
    except NoDiskThatStalls as why:
        raise NotHere(str(why)) from None
    finally:
        shutil.rmtree(room, ignore_errors=True)


@asynccontextmanager
async def files_of_root(hotline: Hotline) -> AsyncIterator[None]:
    """Somebody has run a command as root: the journal and the logs belong to another user than the folder."""
    if os.geteuid() != 0:
        raise NotHere("to give files away takes root")
    foreign = (hotline.installation.log, hotline.installation.journal)
    for each in foreign:
        os.chown(each, STRANGER, STRANGER)
    yield
    for each in foreign:
        os.chown(each, os.geteuid(), os.getegid())


@asynccontextmanager
async def no_journal_folder(hotline: Hotline) -> AsyncIterator[None]:
    with moved_away(hotline.installation.journal):
        yield


@asynccontextmanager
async def no_recordings_folder(hotline: Hotline) -> AsyncIterator[None]:
    with moved_away(hotline.installation.recordings):
        yield


@asynccontextmanager
async def no_recordings_disk(hotline: Hotline) -> AsyncIterator[None]:
    with hotline.configured(more=f'[recordings]\nfolder = "{hotline.folder}/share/recordings"\n'):
        text = hotline.config_file.read_text("utf-8")
        hotline.config_file.write_text(text.replace("[recordings]\nmin_free_mb = 1\n", "", 1), "utf-8")
        yield


@asynccontextmanager
async def full_recordings_disk(hotline: Hotline) -> AsyncIterator[None]:
    with hotline.configured(min_free_mb=999_999_999):
        yield


@asynccontextmanager
async def no_prompts(hotline: Hotline) -> AsyncIterator[None]:
    with moved_away(hotline.installation.state / "sounds" / "zh"):
        yield


@asynccontextmanager
async def damaged_journal(hotline: Hotline) -> AsyncIterator[None]:
    await hotline.with_other_journal()
    [*_, newest] = spool.segments(hotline.installation.journal)
    lines = newest.read_bytes().splitlines(keepends=True)
    broken = bytearray(lines[3])
    broken[len(broken) // 2] ^= 0x40
    newest.write_bytes(b"".join([*lines[:3], bytes(broken), *lines[4:]]))
    yield
    _no_journal(hotline)


def _no_journal(hotline: Hotline) -> None:
    for each in hotline.installation.journal.iterdir():
        each.unlink()


# --- the clock ---


@asynccontextmanager
async def clock_set_back(hotline: Hotline) -> AsyncIterator[None]:
    """While it was stopped: the journal was written later than now."""
    await hotline.with_other_journal()
    later = time.time() + 7200
    for each in spool.segments(hotline.installation.journal):
        os.utime(each, (later, later))
    yield
    _no_journal(hotline)


# --- the configuration and what it names ---


@asynccontextmanager
async def unreadable_configuration(hotline: Hotline) -> AsyncIterator[None]:
    hotline.config_file.write_bytes(b'[hotline]\nname = "\xb6\xa9\xb5\xa5"\n')
    yield
    hotline.write()


@asynccontextmanager
async def folder_for_configuration(hotline: Hotline) -> AsyncIterator[None]:
    hotline.config_file.unlink()
    hotline.config_file.mkdir()
    yield
    hotline.write()


@asynccontextmanager
async def no_configuration(hotline: Hotline) -> AsyncIterator[None]:
    hotline.config_file.unlink()
    yield
    hotline.write()


@asynccontextmanager
async def mistyped_configuration(hotline: Hotline) -> AsyncIterator[None]:
    with hotline.configured(more="[trunks.carrier]\nadresses = ['192.0.2.1']\n"):
        yield


@asynccontextmanager
async def no_trunk_password(hotline: Hotline) -> AsyncIterator[None]:
    account = f'host = "192.0.2.1"\nusername = "acc"\npassword_file = "{hotline.folder}/trunk.password"\n'
    with hotline.configured(more=f"[trunks.carrier]\n{account}"):
        yield


@asynccontextmanager
async def _certificate(hotline: Hotline, files: certificates.Files) -> AsyncIterator[None]:
    tls = f'[sip.tls]\ncertificate = "{files.certificate}"\nkey = "{files.key}"\nport = {free_port("tcp")}\n'
    with hotline.configured(more=tls):
        yield


@asynccontextmanager
async def ended_certificate(hotline: Hotline) -> AsyncIterator[None]:
    files = certificates.ended(certificates.made(hotline.folder / "tls", "ended"))
    async with _certificate(hotline, files):
        yield


@asynccontextmanager
async def certificate_ends_soon(hotline: Hotline) -> AsyncIterator[None]:
    async with _certificate(hotline, certificates.made(hotline.folder / "tls", "soon", days=3)):
        yield


@asynccontextmanager
async def other_key(hotline: Hotline) -> AsyncIterator[None]:
    first, other = (certificates.made(hotline.folder / "tls", name) for name in ("first", "other"))
    async with _certificate(hotline, certificates.Files(first.certificate, other.key)):
        yield


@asynccontextmanager
async def dead_webhook(hotline: Hotline) -> AsyncIterator[None]:
    secret = hotline.folder / "webhook.secret"
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        hook = f'[alarms.webhook]\nurl = "http://127.0.0.1:{nobody.getsockname()[1]}/page"\nsecret_file = "{secret}"\n'
        with hotline.configured(more=hook):
            yield


@asynccontextmanager
async def no_alarm_command(hotline: Hotline) -> AsyncIterator[None]:
    with hotline.configured(more=f'[alarms]\ncommand = ["{hotline.folder}/page-night-shift"]\n'):
        yield


@asynccontextmanager
async def ended_token(hotline: Hotline) -> AsyncIterator[None]:
    then = datetime.now(UTC) - timedelta(days=30)
    Tokens(hotline.installation.state, lambda: then).add("prometheus", "metrics", then + timedelta(days=10))
    yield
    Tokens(hotline.installation.state).remove("prometheus")


@asynccontextmanager
async def no_name_server(hotline: Hotline) -> AsyncIterator[None]:
    """Everything that `doctor` does happens where no network is but loopback. The configuration names two names."""
    trunks = '[trunks.carrier]\naddresses = ["192.0.2.1"]\noutbound = "sip.carrier.example"\n[trunks.backup]\naddresses = ["192.0.2.2"]\noutbound = "sip.backup.example"\n'
    alone = ("unshare", "--net")
    try:
        done = subprocess.run([*alone, "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotHere("there is no unshare") from None
    if done.returncode:
        raise NotHere(f"a network of its own can't be had here ({done.stderr.strip()})")
    with hotline.configured(more=trunks):
        hotline.within = alone
        yield
        hotline.within = ()


# --- ports, processes ---


@asynccontextmanager
async def _held(kind: str, port: int) -> AsyncIterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", LISTENS, kind, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdin is not None
    with process:
        assert process.stdout.readline() == b"bound\n"
        yield
        process.stdin.close()


@asynccontextmanager
async def sip_port_taken(hotline: Hotline) -> AsyncIterator[None]:
    port = free_port("udp")
    async with _held("SOCK_DGRAM", port):
        with hotline.configured(sip_port=port):
            yield


@asynccontextmanager
async def web_port_taken(hotline: Hotline) -> AsyncIterator[None]:
    port = free_port("tcp")
    async with _held("SOCK_STREAM", port):
        with hotline.configured(web_port=port):
            yield


@asynccontextmanager
async def other_address(hotline: Hotline) -> AsyncIterator[None]:
    """The machine has got another address than the configuration has."""
    hotline.config_file.write_text(
        hotline.config_file.read_text("utf-8").replace('bind = "127.0.0.1"', 'bind = "192.0.2.77"'), "utf-8"
    )
    yield
    hotline.write()


@asynccontextmanager
async def dead_supervisor(hotline: Hotline) -> AsyncIterator[None]:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    installation = hotline.installation
    installation.supervisor_pid.write_text(str(ended.pid))
    installation.supervisor_lock.touch()
    installation.address_file.write_text('{"url": "http://127.0.0.1:9"}')
    yield
    installation.supervisor_pid.unlink()
    installation.address_file.unlink()


@asynccontextmanager
async def daemon_away(hotline: Hotline) -> AsyncIterator[None]:
    hotline.installation.address_file.write_text('{"url": "http://127.0.0.1:9"}')
    with claimed(hotline.installation):
        yield
    hotline.installation.address_file.unlink()


_KEEPS = """
import asyncio, sys
from pathlib import Path
from acd.processes import logs
from acd.processes.log_keeper import LogKeeper
from acd.processes.supervisor import Child, Supervisor

async def keep(log):
    keeper = LogKeeper()
    logs.set_up(stream=keeper.stream(log / "supervisor.log"))
    child = Child("daemon", ["sleep", "60"], log / "daemon.log")
    await Supervisor([child], keeper).run()

asyncio.run(keep(Path(sys.argv[1])))
"""


@asynccontextmanager
async def child_killed(hotline: Hotline) -> AsyncIterator[None]:
    """A real supervisor, and a child of it that is killed as the kernel does it for want of memory."""
    log, pid_file = hotline.installation.log, hotline.installation.run / "daemon.pid"
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _KEEPS, str(log)), env={**os.environ, "PYTHONPATH": str(root)}
    )
    try:
        await eventually(lambda: pid_file.exists() and pid_file.read_text(), "the child")
        os.kill(int(pid_file.read_text()), 9)
        said = log / "supervisor.log"
        await eventually(
            lambda: said.exists() and "ended and is started again" in said.read_text(), "its end in the log"
        )
        yield
    finally:
        process.kill()
        await process.wait()
        (log / "supervisor.log").unlink(missing_ok=True)
        pid_file.unlink(missing_ok=True)


ROWS = (
    Fault("the state folder's disk is full", "state folder", "MB free", ("du -xsh",), full_disk, ("rm ", "journal")),
    Fault("logs of another program fill the disk", "state folder", "only ", ("du -xsh", "calls go on"), filling_logs),
    Fault("the state folder's disk is read-only", "state folder", "its disk is read-only", ("dmesg", "remount,rw"), read_only_disk),
    Fault("the state folder's disk hangs", "state folder", "its disk does not answer", ("dmesg", "Calls go on"), hanging_disk),
    Fault("journal and logs belong to another user", "state folder", "the hotline can't write there", ("chown -R",), files_of_root),
    Fault("the journal's folder is gone", "state folder", "journal is gone", ("back-up", "mkdir"), no_journal_folder),
    Fault("the recordings' folder is gone", "recordings", "recordings is gone", ("mkdir -p",), no_recordings_folder),
    Fault("the recordings' disk is not mounted", "recordings", "share/recordings", ("mkdir -p", "mount its disk"), no_recordings_disk),
    Fault("the recordings' disk is full", "recordings", "min_free_mb is 999,999,999", ("Move old recordings away",), full_recordings_disk),
    Fault("prompt files are gone", "prompts", "is missing", ("config reload",), no_prompts, ("Edit ",)),
    Fault("a line of the journal is damaged", "journal", "damaged, and passed over", ("smartctl", "set-aside list"), damaged_journal),
    Fault("the clock was set back while it was stopped", "clock", "set back by 2", ("timedatectl set-ntp true",), clock_set_back),
    Fault("the configuration is not UTF-8", "configuration", "is not UTF-8", ("Edit ", "config check"), unreadable_configuration),
    Fault("a folder stands in the configuration's place", "configuration", "can't be read", ("config check",), folder_for_configuration),
    Fault("the configuration is gone", "configuration", "is not there", ("sanxiang.example.toml",), no_configuration),
    Fault("a key of the configuration is mistyped", "configuration", "adresses", ("config check",), mistyped_configuration),
    Fault("the file with a trunk's password is gone", "configuration", "trunk.password can't be read", ("Edit ",), no_trunk_password),
    Fault("the certificate has ended", "sip.tls", "ended on 2024", ("Renew the certificate", "no restart"), ended_certificate),
    Fault("the certificate ends in three days", "sip.tls", "2 days", ("Renew the certificate",), certificate_ends_soon),
    Fault("the key is another certificate's", "configuration", "sip.tls", ("Edit ",), other_key),
    Fault("the webhook of alarms is dead", "alarms.webhook", "can't be reached", ("alarms test", "alarms.webhook.url"), dead_webhook),
    Fault("the program of alarms is gone", "alarms.command", "page-night-shift is not there", ("Put the program there",), no_alarm_command),
    Fault("the monitor's token has ended", "token prometheus", "has ended on", ("account token add prometheus --role metrics",), ended_token),
    Fault("another program has taken the SIP port", "sip.port", "is taken by python", ("Stop python", "another port"), sip_port_taken),
    Fault("another program has taken the page's port", "web.port", "is taken by python", ("another port",), web_port_taken),
    Fault("the machine's address is another one", "sip.bind", "192.0.2.77 is no address of this machine", ("ip address",), other_address),
    Fault("the supervisor was killed, and all with it", "daemon", "the hotline has ended", ("./sanxiang up",), dead_supervisor),
    Fault("the daemon is away, its supervisor is there", "daemon", "does not answer", ("daemon.log",), daemon_away, ("sanxiang up",)),
    Fault("a child was killed for want of memory", "memory", "daemon was killed at", ("out of memory", "free -m"), child_killed),
    Fault("no name server answers", "name server", "sip.backup.example, sip.carrier.example", ("resolv.conf", "resolvectl"), no_name_server),
)  # fmt: skip
